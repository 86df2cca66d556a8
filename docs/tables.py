"""Write the tables of the pages keys, commands, verbs and station, and the manual page, from the code.

    python docs/tables.py

A test fails if a page differs from the code.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from collections.abc import Callable, Iterator
from pathlib import Path

from textual.binding import Binding

from models.barcodes.reading import PREFIX, CommandCode
from models.station.task import STATION_TASKS, Task
from models.verbs import ON_HAND, STATUSES, VERBS, BuiltInStatus, Need, Own, PlaceMeaning, StatusCode, StatusSet, Verb
from tui.cli.main import SUBJECTS, all_commands
from tui.cli.parser import ABOUT, CODES, COMMON, EXAMPLES, Command
from tui.keymap import PLACES, named_bindings
from tui.kit.bars import key_name

FOLDER = Path(__file__).parent
KEYS = FOLDER / "keys.md"
COMMANDS_PAGE = FOLDER / "commands.md"
VERBS_PAGE = FOLDER / "verbs.md"
STATION_PAGE = FOLDER / "station.md"
MANUAL = FOLDER / "serialdock.1"

LEFT_OUT = ("escape", "home", "end", "ctrl+pagedown", "ctrl+pageup")
"""Additional keys for an action, which only the list of names has."""

FIND = "f2"
"""The key of Find on every screen, and of the filter on a list, which the second time looks everywhere too."""

EVERYWHERE = {"f1": "Help", "f3": "Back", "ctrl+g": "Menu"}

ON_LISTS = (
    "Items",
    "Serials tab",
    "Serial Detail",
    "Customers",
    "Documents",
    "Locations",
    "Statuses",
    "Lines",
    "Drafts",
    "People",
)
"""Places with a list: `Frame` and `RecordTable` have its keys, and offer them where there is one."""

OF_LISTS = {
    "space": "Mark",
    "ctrl+e": "Mark to here",
    "ctrl+k": "Mark all",
    "ctrl+u": "Unmark all",
    "ctrl+o": "Order",
    "ctrl+r": "Reverse",
    "ctrl+w": "Export",
    "ctrl+y": "Copy",
}

UNNAMED = {
    "1 … 9": (("Serial Detail",), "What stands beside it"),
    "0": (("Serial Detail",), "Further verbs"),
    "< >": (ON_LISTS, "Order by the column beside"),
}
"""Keys without a name, which the settings cannot change: what they do and where."""


def keys_table() -> str:
    """Key × place; the order does not depend on the modules in which the classes are."""
    bindings: dict[str, list[Binding]] = {}
    for name, binding in named_bindings():
        bindings.setdefault(name, []).append(binding)
    cells: dict[str, dict[str, str]] = {key: dict.fromkeys(PLACES, what) for key, what in EVERYWHERE.items()}
    cells[FIND] = {place: "Find" for place in PLACES if place != "Add Serial"}  # a dialog
    for place, classes in PLACES.items():
        for binding in (binding for name in classes for binding in bindings[name]):
            if binding.description and binding.key not in LEFT_OUT:
                here = cells.setdefault(binding.key, {})
                said = [here[place]] if place in here and binding.key not in (*EVERYWHERE, FIND) else []
                here[place] = ", ".join(dict.fromkeys([*said, binding.description]))
    for key, what in OF_LISTS.items():
        cells.setdefault(key, {}).update(dict.fromkeys(ON_LISTS, what))
    functions = sorted((key for key in cells if key[0] == "f" and key[1:].isdigit()), key=lambda key: int(key[1:]))
    order = [*functions, *(key for key in cells if key not in functions)]
    lines = [f"| | {' | '.join(PLACES)} |", f"|---|{'---|' * len(PLACES)}"]
    lines += [f"| {key_name(key)} | {' | '.join(cells[key].get(place, '') for place in PLACES)} |" for key in order]
    lines += [
        f"| {key} | {' | '.join(what if place in where else '' for place in PLACES)} |"
        for key, (where, what) in UNNAMED.items()
    ]
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
            word = f"{value}…" if options.get("nargs") in ("+", "*") else value
            words.append(f"[{word}]" if options.get("nargs") in ("?", "*") else word)
            continue
        if options.get("action") is BooleanOptionalAction:
            word = f"{name}|--no-{name.removeprefix('--')}"
        else:
            word = f"{name} {value}".rstrip() + ("…" if options.get("action") == "append" else "")
        words.append(word if options.get("required") else f"[{word}]")
    return " ".join(words)


def commands_table() -> str:
    """All commands with their arguments, under the headings of the help."""
    lines: list[str] = []
    above = None
    for command in all_commands():
        heading = SUBJECTS[command.word].heading
        if heading != above:
            lines += ["", f"### {heading}", "", "| command | what it does |", "|---|---|"]
            above = heading
        escaped = usage(command).replace("|", "\\|")  # also between backticks a bar would end the cell
        lines.append(f"| `{escaped}` | {command.summary} |")
    return "\n".join([*lines, ""])


def put(text: str, name: str, table: str) -> str:
    """A text with a table between its two marks."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    head, found, rest = text.partition(opening)
    _, end, tail = rest.partition(closing)
    assert found, f"there is no {opening}"
    assert end, f"there is no {closing}"
    return f"{head}{opening}{table}\n{closing}{tail}"


def keys_page() -> str:
    """docs/keys.md as it should be."""
    return put(put(KEYS.read_text("utf-8"), "keys", keys_table()), "names", names_table())


def commands_page() -> str:
    """docs/commands.md as it should be."""
    return put(COMMANDS_PAGE.read_text("utf-8"), "commands", commands_table())


PLACE_WORDS = {
    PlaceMeaning.HERE: "where it is",
    PlaceMeaning.DESTINATION: "where it goes",
    PlaceMeaning.LAST: "where it was last",
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
    page = put(VERBS_PAGE.read_text("utf-8"), "statuses", statuses_table())
    return put(put(page, "verbs", verbs_table()), "next steps", next_steps_table())


def tasks_table() -> str:
    """The barcodes of the station's tasks."""

    def row(task: Task, code: CommandCode) -> tuple[str, ...]:
        words = dict.fromkeys(word.lower().replace("_", " ") for word in (code.name, code.value))
        return (f"`{code.barcode}`", " or ".join(words), task.words.title, task.words.steps)

    rows = [row(task, task.command) for task in STATION_TASKS if task.command is not None]
    return table(("barcode", "typed", "task", "what to do"), *rows)


def station_page() -> str:
    """docs/station.md as it should be."""
    return put(STATION_PAGE.read_text("utf-8"), "tasks", tasks_table())


def roff(text: str) -> str:
    """A text as roff prints it: backslashes and dashes as they are, and no line that is taken for a request."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").split("\n")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in lines)


def manual_of(command: Command) -> Iterator[str]:
    """The part of the manual page about one command."""
    yield f".SS {roff(command.name)}"
    yield roff(f"{command.summary[0].upper()}{command.summary[1:]}.")
    yield from (".PP", f"\\fB{roff(usage(command))}\\fR")
    if command.note:
        yield from (".PP", roff(command.note))
    for argument in command.arguments:
        if said := argument.options.get("help"):
            value = argument.options.get("metavar", "")
            named = f"\\fB{roff(', '.join(argument.names))}\\fR" if argument.names[0].startswith("-") else ""
            yield from (".TP", f"{named} {roff(value)}".strip(), roff(said))
    if command.examples:
        yield from (".PP", ".nf", *map(roff, command.examples), ".fi")


def manual_page() -> str:
    """docs/serialdock.1 as it should be: the manual page, which is installed with the program."""
    about, _, plain = ABOUT.partition("\n")
    lines = [
        '.\\" Written by docs/tables.py from the commands of the program.\n.TH SERIALDOCK 1 "" Serialdock\n.ad l',
        f".SH NAME\nserialdock \\- {roff(about[0].lower() + about[1:].rstrip('.'))}",
        ".SH SYNOPSIS\n.B serialdock\n[COMMAND ...] [\\-\\-database URL] [\\-\\-user NAME] [\\-\\-json]",
        f".SH DESCRIPTION\n{roff(plain.strip())}",
    ]
    above = None
    for command in all_commands():
        heading = SUBJECTS[command.word].heading
        if heading != above:
            lines.append(f".SH {roff(heading.upper())}")
            above = heading
        lines += manual_of(command)
    for text in (COMMON, CODES, EXAMPLES):
        heading, _, body = text.partition("\n")
        lines.append(f".SH {heading.partition(',')[0].upper()}\n.nf\n{roff(body.rstrip())}\n.fi")
    return "\n".join(lines) + "\n"


PAGES: dict[Path, Callable[[], str]] = {
    KEYS: keys_page,
    COMMANDS_PAGE: commands_page,
    VERBS_PAGE: verbs_page,
    STATION_PAGE: station_page,
    MANUAL: manual_page,
}
"""Each page with tables, and what it should be."""


def main() -> None:
    """Write the pages."""
    for path, page in PAGES.items():
        path.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
