"""Write the tables of the README and of docs/keys.md from the code.

    python docs/tables.py

A test fails where they differ from it.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from pathlib import Path

from tui.cli.main import all_commands
from tui.cli.parser import Command
from tui.keyboard.named import named_bindings
from tui.widgets.key_bar import key_name

FOLDER = Path(__file__).parent
README = FOLDER.parent / "README.md"
KEYS = FOLDER / "keys.md"

PLACES = {
    "Items": ("ItemsScreen",),
    "Item form": ("ItemScreen", "LocationField"),
    "Serials tab": ("SerialsList", "SerialsPane", "SerialsTable"),
    "Serial Detail": ("SerialScreen",),
    "Add Serial": ("AddSerialDialog", "LocationField"),
    "Station": ("StationScreen",),
    "Import": ("ImportScreen", "FilePane", "ColumnsPane", "PreviewPane", "SummaryPane"),
}
"""The columns of the README's keys table, and the classes whose keys work there."""

LEFT_OUT = ("escape", "home", "end", "ctrl+pagedown", "ctrl+pageup")
"""Second ways, which docs/keys.md has."""

EVERYWHERE = {"f1": "Help", "f3": "Back", "ctrl+g": "Menu"}


def keys_table() -> str:
    """Key × place, for the README."""
    cells: dict[str, dict[str, str]] = {key: dict.fromkeys(PLACES, what) for key, what in EVERYWHERE.items()}
    for name, binding in named_bindings():
        for place, classes in PLACES.items():
            if name in classes and binding.description and binding.key not in LEFT_OUT:
                here = cells.setdefault(binding.key, {})
                said = [here[place]] if place in here and binding.key not in EVERYWHERE else []
                here[place] = ", ".join(dict.fromkeys([*said, binding.description]))
    functions = sorted((key for key in cells if key[0] == "f" and key[1:].isdigit()), key=lambda key: int(key[1:]))
    order = [*functions, *(key for key in cells if key not in functions)]
    lines = [f"| | {' | '.join(PLACES)} |", f"|---|{'---|' * len(PLACES)}"]
    lines += [f"| {key_name(key)} | {' | '.join(cells[key].get(place, '') for place in PLACES)} |" for key in order]
    return "\n".join(lines)


def names_table() -> str:
    """Every key with the name by which the settings change it."""
    lines = ["| name | key | what it does |", "|---|---|---|"]
    rows = {binding.id: binding for _, binding in named_bindings()}
    for name, binding in sorted(rows.items(), key=lambda row: str(row[0])):
        keys = ", ".join(key_name(key) for key in binding.key.split(","))
        lines.append(f"| `{name}` | {keys} | {binding.tooltip or binding.description} |")
    return "\n".join(lines)


def usage(command: Command) -> str:
    """A command with its own arguments, on one line."""
    words = [f"serialdock {command.name}"]
    for found in command.arguments:
        name, options = found.names[0], found.options
        value = options.get("metavar", "")
        if not name.startswith("-"):
            word = f"{value}…" if options.get("nargs") == "+" else value
            words.append(f"[{word}]" if options.get("nargs") == "?" else word)
            continue
        if options.get("action") is BooleanOptionalAction:
            word = f"{name}|--no-{name.removeprefix('--')}"
        else:
            word = f"{name} {value}".rstrip() + ("…" if options.get("action") == "append" else "")
        words.append(word if options.get("required") else f"[{word}]")
    return " ".join(words)


def commands_table() -> str:
    """All commands with their arguments."""
    return "\n".join(["```text", "serialdock", *map(usage, all_commands()), "```"])


def put(text: str, name: str, table: str) -> str:
    """A text with a table between its two marks."""
    head, _, rest = text.partition(f"<!-- {name} -->\n")
    _, mark, tail = rest.partition(f"<!-- /{name} -->")
    return f"{head}<!-- {name} -->\n{table}\n{mark}{tail}"


def readme() -> str:
    """The README as it should be."""
    return put(put(README.read_text("utf-8"), "keys", keys_table()), "commands", commands_table())


def keys_page() -> str:
    """docs/keys.md as it should be."""
    return (
        "# Keys by name\n\nThe settings change a key by its name: `[keys]` in `config.toml` has lines such as "
        '`"item.save" = "f10,ctrl+y"`.\n'
        "Keys that scanners, terminals and multiplexers use are better left alone: Ctrl with "
        "A, B, C, D, H, I, J, M, P, Q, S, Z, [ or ].\n\n"
        f"{names_table()}\n"
    )


def main() -> None:
    """Write both files."""
    README.write_text(readme(), "utf-8")
    KEYS.write_text(keys_page(), "utf-8")


if __name__ == "__main__":
    main()
