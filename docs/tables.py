"""Write the tables of the README, of docs/keys.md and of docs/verbs.md from the code.

    python docs/tables.py

A test fails where they differ from it.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from pathlib import Path

from models.barcodes.reading import PREFIX
from models.verbs import ON_HAND, STATUSES, VERBS, BuiltInStatus, Need, Own, Place, StatusCode, StatusSet, Verb
from tui.cli.main import all_commands
from tui.cli.parser import Command
from tui.keyboard.named import named_bindings
from tui.widgets.key_bar import key_name

FOLDER = Path(__file__).parent
README = FOLDER.parent / "README.md"
KEYS = FOLDER / "keys.md"
VERBS_PAGE = FOLDER / "verbs.md"

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


PLACE_WORDS = {
    Place.HERE: "where it is",
    Place.DESTINATION: "where it goes",
    Place.LAST: "where it was last",
}

OWN_WORDS = {
    Own.NONE: "",
    Own.ON_HAND: "own on-hand statuses",
    Own.AVAILABLE: "own available statuses",
    Own.ANY: "own statuses",
}


def table(*rows: tuple[str, ...]) -> str:
    """A table; its first row is the heading."""
    head, *rest = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rest))


def statuses_table() -> str:
    """The built-in statuses."""

    def row(status: BuiltInStatus) -> tuple[str, ...]:
        counts = ("yes" if each else "no" for each in (status.available, status.on_hand))
        place, customer = PLACE_WORDS[status.place], str(status.customer)
        return (f"`{status.code}`", status.label, f"`{status.mark}`", status.colour, *counts, place, customer)

    heading = ("code", "label", "mark", "colour", "available", "on hand", "its location is", "customer")
    return table(heading, *map(row, STATUSES.values()))


def status_names(found: StatusSet) -> str:
    """Statuses in words, the on-hand ones together."""
    codes, names = set(found.codes), []
    if codes == set(StatusCode) and found.own is Own.ANY:
        return "any"
    if codes >= ON_HAND:
        names.append("on hand")
        codes -= ON_HAND
    names += [STATUSES[code].label for code in StatusCode if code in codes]
    own = "" if "on hand" in names and found.own is Own.ON_HAND else OWN_WORDS[found.own]
    return ", ".join(filter(None, (*names, own)))


def verbs_table() -> str:
    """All moves."""

    def row(verb: Verb) -> tuple[str, ...]:
        back = f"as before: {status_names(verb.as_before)}" if verb.as_before.codes else ""
        after = "the same" if verb.after is None else ", ".join(filter(None, (status_names(verb.after), back)))
        asks = ", ".join(f"**{ask}**" if need is Need.REQUIRED else ask for ask, need in verb.asks.items())
        document = f"{verb.document}, {verb.document.prefix}-" if verb.document else ""
        barcode = f"`{PREFIX}{verb.barcode}`" if verb.barcode else ""
        before = "–" if verb.creates else status_names(verb.before)
        names = (verb.title, f"`{verb.code}`", f"`{verb.kind}`")
        return (*names, before, after, asks, document, f"`{verb.permission}`", barcode)

    heading = ("verb", "code", "event", "from", "to", "asks", "document", "permission", "barcode")
    return table(heading, *map(row, VERBS.values()))


def next_steps_table() -> str:
    """What a refusal tells to do, for each verb by the status that stands in the way."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for verb in VERBS.values():
        steps: dict[str, list[str]] = {}
        for code in StatusCode:
            if code not in verb.before.codes:
                steps.setdefault(verb.next_step(code), []).append(STATUSES[code].label)
        for step, labels in steps.items():
            verbs.setdefault((", ".join(labels), step), []).append(verb.title)
    rows = sorted(((", ".join(titles), *said) for said, titles in verbs.items()), key=lambda row: row[0])
    return table(("verb", "a unit that is", "next step"), *rows)


def verbs_page() -> str:
    """docs/verbs.md as it should be."""
    return (
        "# Statuses and verbs\n\nThe rows of `models/verbs.py`, which every part of the program reads.\n\n"
        "## Statuses\n\n*Available* units may be issued to a customer; units *on hand* count against the quantity of "
        "their item at their location.\n\n"
        f"{statuses_table()}\n\n"
        "## Verbs\n\nWhat a verb asks in **bold** is required; every verb also takes a note. *On hand* includes an "
        "administrator's own on-hand statuses where a unit starts from there.\n"
        "Barcodes are reserved for the tasks of the station; it reads them as the tasks come.\n\n"
        f"{verbs_table()}\n\n"
        "## What stands in the way\n\nA refusal names the serial, its status, place and date, and the next step. For "
        "verbs that make a serial the status is that of the one that the item has already.\n\n"
        f"{next_steps_table()}\n"
    )


def main() -> None:
    """Write the files."""
    VERBS_PAGE.write_text(verbs_page(), "utf-8")
    README.write_text(readme(), "utf-8")
    KEYS.write_text(keys_page(), "utf-8")


if __name__ == "__main__":
    main()
