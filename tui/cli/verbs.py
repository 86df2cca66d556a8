"""The verbs of a serial's life: a command for each move, made from the table of verbs, and those that are no moves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from models.errors import BadValue, NotAllowed, NotFound, Refusal
from models.importing.lists import OTHER_ITEM, SerialList
from models.serials.corrections import CHANGE_ITEM, CORRECT, REMOVE, WARRANTY, correct_many
from models.serials.moves import Answers, Moved, on_the_way
from models.serials.perform import perform
from models.serials.ranges import ListLine
from models.serials.record import NamedText, find_many, items_named, serial_numbers
from models.serials.refused import MoveRefusal, RefusedSerial
from models.serials.void import VOID, void_document
from models.terms import term
from models.text import counted, fold
from models.verbs import MOVES, Ask, Need, Verb
from tui.cli.lists import corrections_from, list_arguments, list_from
from tui.cli.output import GOOD, REFUSED, MalformedError
from tui.cli.parser import Argument, argument, command
from tui.cli.session import Session

NO_ONE: Final = (MoveRefusal.NOT_FOUND, MoveRefusal.AMBIGUOUS)
"""Reasons that are error codes too: there is no such serial, or there are several."""

MOST_SHOWN: Final = 20
"""Number of refused serials that the text output names; JSON has all."""

_NUMBER: Final = re.compile(r"[A-Za-z]-[0-9]{6,}")
"""A document number."""

SERIALS: Final = (
    argument("--item", metavar="SKU", help="their item; not needed where their text is unique"),
    argument("serials", metavar="SERIAL", nargs="*", help="the serial numbers"),
    *list_arguments("one a line or sku,serial"),
)
SKIP: Final = argument("--skip-errors", action="store_true", help="leave out what is refused")
DRY: Final = argument("--dry-run", action="store_true", help="write nothing, say what would happen")
NOTE_TEXT: Final = "Without --skip-errors one refused serial refuses all. A serial that begins with - stands after --."


def _note(verb: Verb) -> Argument:
    if verb.needs_reason:
        return argument("--note", metavar="TEXT", required=True, help="the reason, for the history")
    return argument("--note", metavar="TEXT", default="", help="a note for the history")


class _Option(NamedTuple):
    """The option of a command for a question of its verb."""

    name: str
    takes: str
    """What it takes, as the help names it."""
    help: str
    example: str
    """What it takes in an example."""


_OPTIONS: Final[dict[Ask, _Option]] = {
    Ask.ITEM: _Option("--to-item", "SKU", "the other item", "DR-1801"),
    Ask.CUSTOMER: _Option("--customer", "NAME|CODE", "for whom; a new name makes a customer", "'Bergmann AG'"),
    Ask.REFERENCE: _Option("--reference", "TEXT", "somebody else's number for it, such as an order", "4711"),
    Ask.REPAIRER: _Option("--repairer", "TEXT", "who repairs them", "Bench"),
    Ask.RESULT: _Option("--result", "STATUS", "in_stock, returned, defective or sold", "in_stock"),
    Ask.STATUS: _Option("--status", "CODE", "an own status, or in_stock", "refurbished"),
    Ask.TRANSFER: _Option("--transfer", "NUMBER", "the transfer that arrives", "T-000001"),
    Ask.WARRANTY: _Option("--warranty", "TERM", "24m, 2y, 90d, START..END or none (else the item's term)", "24m"),
}
"""The option for each question of a verb; places and notes aside."""


def _option(verb: Verb, ask: Ask) -> _Option | None:
    """The option for a question of a verb; None if the note answers it."""
    if ask is not Ask.PLACE:
        return _OPTIONS.get(ask)
    if verb.destination:
        return _Option("--to", "CODE", "the destination", "DOCK")
    else_there = "" if verb.asks[ask] is Need.REQUIRED else " (else where they were)"
    return _Option("--location", "CODE", f"where they are now{else_there}", "DOCK")


def _asked(verb: Verb) -> Iterator[Argument]:
    """An option for each question of a verb."""
    for ask, need in verb.asks.items():
        if (option := _option(verb, ask)) is not None:
            name = {"dest": "place"} if ask is Ask.PLACE else {}
            yield argument(option.name, metavar=option.takes, required=need is Need.REQUIRED, help=option.help, **name)


_EXAMPLES: Final = {
    "sell": "--item DR-1800 SN-0001 SN-0002 --customer 'Bergmann AG' --warranty 24m",
    "return": "--item DR-1800 SN-0001 --location DOCK --note 'does not start'",
    "repaired": "--item DR-1800 SN-0001 --result in_stock --location DOCK",
    "transfer": "--from list.txt --to DOCK",
    "dispatch": "--from list.txt --to NORTH",
    "arrive": "--transfer T-000001 --all",
    "remove": "--item DR-1800 SN-0001 --note 'typed twice'",
}
"""Examples that show more than what a verb needs."""


def _example(verb: Verb) -> str:
    """An example of a verb's command: what it needs, unless there is a better one."""
    if verb.code in _EXAMPLES:
        return _EXAMPLES[verb.code]
    needed = (_option(verb, ask) for ask, need in verb.asks.items() if need is Need.REQUIRED)
    words = [f"{option.name} {option.example}" for option in needed if option is not None]
    return " ".join(("--item DR-1800 SN-0001", *words, *(["--note TEXT"] if verb.needs_reason else [])))


_MORE: Final = {"defect": "\nIts other name is serialdock defective."}
"""Further sentences of the help, where there are any."""

_ALL: Final = argument("--all", action="store_true", dest="every", help="everything that is still on its way on it")


class _Given(NamedTuple):
    """What every command on serials is given."""

    item: str | None
    serials: Sequence[str]
    source: str | None
    encoding: str | None
    note: str
    skip_errors: bool
    dry_run: bool


_GIVEN: Final = frozenset(_Given._fields)


def _sorted_given(given: Mapping[str, Any]) -> tuple[_Given, dict[str, Any]]:
    """What every command on serials is given, and what only this one is."""
    own = {name: value for name, value in given.items() if name not in _GIVEN}
    return _Given(*(given[name] for name in _Given._fields)), own


def _perform(session: Session, verb: Verb, answers: Answers, given: _Given, *, every: bool = False) -> int:
    """Carry out a verb on the named serials and print its result.

    Args:
        every: whether all that is on its way on a transfer is meant.
    """
    missing: list[RefusedSerial] = []
    if every:
        if given.serials or given.source is not None:
            raise MalformedError(f"--all stands instead of serials. See serialdock {verb.code} --help.")
        ids = session.find(verb.permission, verb.to_do, on_the_way, answers.transfer)
        if not ids:
            raise NotFound(f"Nothing is on its way on {answers.transfer}. Look at it with serialdock document show.")
    else:
        ids, missing = _find(session, verb, given)
    return _perform_on(session, verb, answers, ids, missing, given)


def _perform_on(
    session: Session,
    verb: Verb,
    answers: Answers,
    ids: Sequence[int],
    missing: Sequence[RefusedSerial],
    given: _Given,
) -> int:
    """Carry out a verb on these serials and print its result.

    Args:
        missing: those that were named, and are not there.
    """
    skip_errors, dry_run = given.skip_errors, given.dry_run
    act = partial(perform, session.actor, verb, ids, answers, skip_errors=skip_errors, dry_run=dry_run)
    return _tell(session, verb, act, ids, missing, skip_errors=skip_errors, dry_run=dry_run)


def _carry_out(verb: Verb) -> Callable[..., int]:
    """The function of a verb's command."""

    def carry_out(session: Session, **given: Any) -> int:
        """Carry out the verb and print its result."""
        shared, asked = _sorted_given(given)
        every, asked["item"] = asked.pop("every", False), asked.pop("to_item", None)
        answers = Answers(note=shared.note, **{name: value for name, value in asked.items() if value is not None})
        if Ask.TRANSFER in verb.asks and not (every or shared.serials or shared.source is not None):
            how = f"See serialdock {verb.code} --help."
            raise MalformedError(f"Name the serials that {verb.done}, or say --all. {how}")
        return _perform(session, verb, answers, shared, every=every)

    return carry_out


for _verb in (*MOVES.values(), REMOVE, CHANGE_ITEM):
    _every = (_ALL,) if Ask.TRANSFER in _verb.asks else ()
    command(
        _verb.code,
        summary=_verb.summary or _verb.to_do,
        arguments=(*SERIALS, *_asked(_verb), *_every, _note(_verb), SKIP, DRY),
        examples=(f"serialdock {_verb.code} {_example(_verb)}",),
        note=f"{NOTE_TEXT}{_MORE.get(_verb.code, '')}",
    )(_carry_out(_verb))


# ----- what is not made from the table


@command(
    "warranty",
    summary="set, extend, void or take away the warranty of serials",
    arguments=(
        *SERIALS,
        argument(
            "--set", metavar="TERM", dest="to", help="24m, 2y, 90d from its start, else from the sale; START..END"
        ),
        argument("--extend", metavar="TERM", help="how much longer it lasts than now: 12m, 1y, 90d"),
        argument("--void", metavar="REASON", help="why it is void"),
        argument("--none", action="store_true", help="take it away"),
        _note(WARRANTY),
        SKIP,
        DRY,
    ),
    examples=(
        "serialdock warranty --item DR-1800 SN-0001 --set 36m",
        "serialdock warranty --item DR-1800 SN-0001 --extend 12m",
    ),
    note=NOTE_TEXT,
)
def warranties(
    session: Session, *, to: str | None, extend: str | None, void: str | None, none: bool, **given: Any
) -> int:
    """Change warranties and print the result."""
    if sum((to is not None, extend is not None, void is not None, none)) != 1:
        raise MalformedError("Give one of --set, --extend, --void and --none. See serialdock warranty --help.")
    if extend is not None:
        to = f"+{term(extend.strip().removeprefix('+')).code}"
    shared, _ = _sorted_given(given)
    answers = Answers(warranty="none" if none else to or "", warranty_void=void or "", note=shared.note)
    return _perform(session, WARRANTY, answers, shared)


@command(
    "correct",
    summary="correct the text of serials; the old ones still find them",
    arguments=(
        argument("--item", metavar="SKU", help="their item; not needed where their text is unique"),
        argument("old", metavar="OLD", nargs="?", unless="--from", help="the text that it has"),
        argument("new", metavar="NEW", nargs="?", unless="--from", help="the text that it should have"),
        *list_arguments("old,new or sku,old,new"),
        _note(CORRECT),
        SKIP,
        DRY,
    ),
    examples=(
        "serialdock correct --item DR-1800 SN-00O1 SN-0001",
        "serialdock correct --item DR-1800 --from corrections.csv",
    ),
    note=f"In a list, serials may take over each other's texts. {NOTE_TEXT}",
)
def correct_serials(session: Session, *, old: str | None, new: str | None, **given: Any) -> int:
    """Correct texts and print the result."""
    shared = _Given(serials=() if old is None else [old], **given)
    if shared.source is None:
        return _correct_one(session, old or "", new or "", shared)  # the parser requires both
    if old is not None:
        raise MalformedError("Give OLD and NEW, or a list with --from: one of them. See serialdock correct --help.")
    listed = corrections_from(session, shared.source, shared.encoding)
    wanted = _of_list(session, listed.old, shared.item)
    found = session.find(CORRECT.permission, CORRECT.to_do, find_many, [one.named for one in wanted])
    missing: list[RefusedSerial] = []
    pairs: list[tuple[int, str]] = []
    for one, line, hit in zip(wanted, listed.new, found, strict=True):
        if line.message or hit.serial_id is None:
            why = (line.reason, line.message) if line.message else _why(one, hit.reason, hit.message)
            missing.append(RefusedSerial(None, one.text.strip(), *why))
        else:
            pairs.append((hit.serial_id, line.text))
            if line.doubt is not None:
                session.out.warn(line.doubt[1])
    ids, skip_errors, dry_run = [serial_id for serial_id, _ in pairs], shared.skip_errors, shared.dry_run
    act = partial(correct_many, session.actor, pairs, note=shared.note, skip_errors=skip_errors, dry_run=dry_run)
    return _tell(session, CORRECT, act, ids, missing, skip_errors=skip_errors, dry_run=dry_run)


def _correct_one(session: Session, old: str, new: str, given: _Given) -> int:
    """Correct one text and print the result."""
    ids, missing = _find(session, CORRECT, given)
    if missing:
        return _refuse(session, missing[0].reason, missing[0].message, missing)
    answers = Answers(new_serial=new, note=given.note)
    try:
        done = session.run(perform, session.actor, CORRECT, ids, answers, dry_run=given.dry_run)
    except Refusal as refusal:
        refused = refusal.details.get("refused")
        if refused is None:
            raise
        return _refuse(session, refusal.code, refusal.message, refused)
    said = [f"{old.strip()} would be {new.strip()}. Nothing was written."] if given.dry_run else done.said
    session.out.one(_data(None, 1, 0, ()), said)
    return GOOD


@command(
    "void",
    summary="void a document, or the last event of serials",
    arguments=(*SERIALS, _note(VOID), SKIP, DRY),
    examples=(
        "serialdock void S-000001 --note 'wrong customer'",
        "serialdock void --item DR-1800 SN-0001 --note 'wrong unit'",
    ),
    note=(
        "The number of a document stands alone; a serial that looks like one needs --item. Nothing is erased.\n"
        f"{NOTE_TEXT}"
    ),
)
def void(session: Session, **given: Any) -> int:
    """Void a document or events, and print the result."""
    shared, _ = _sorted_given(given)
    numbers = [text for text in shared.serials if _NUMBER.fullmatch(text.strip())]
    if shared.item is None and shared.source is None and numbers:
        if len(shared.serials) != 1:
            raise MalformedError("Name one document by its number, or serials with --item. See serialdock void --help.")
        skip_errors, dry_run = shared.skip_errors, shared.dry_run
        return void_one_document(session, shared.serials[0], note=shared.note, skip_errors=skip_errors, dry_run=dry_run)
    # Who may not void may still undo what they just did, so the permission is asked where the events are known.
    wanted = _wanted(session, shared)
    ids, missing = _sorted_out(wanted, session.look(find_many, [one.named for one in wanted]))
    return _perform_on(session, VOID, Answers(note=shared.note), ids, missing, shared)


def void_one_document(session: Session, number: str, *, note: str, skip_errors: bool, dry_run: bool) -> int:
    """Void a document and print the result."""
    act = partial(void_document, session.actor, number, note, skip_errors=skip_errors, dry_run=dry_run)
    return _tell(session, VOID, act, [], [], skip_errors=skip_errors, dry_run=dry_run)


# ----- the serials that are named


class _Wanted(NamedTuple):
    """A serial as the command names it."""

    text: str
    sku: str = ""
    line: ListLine | None = None
    """The line of a list that may be none."""

    @property
    def named(self) -> NamedText:
        """What is looked up: nothing if the line is of no item that there is."""
        if self.line is not None and self.line.reason == OTHER_ITEM:
            return NamedText("")
        return NamedText(self.text, self.sku)


def _find(session: Session, verb: Verb, given: _Given) -> tuple[list[int], list[RefusedSerial]]:
    """The ids of the named serials, and those that there are not, or of which there are several."""
    wanted = _wanted(session, given)
    return _sorted_out(wanted, session.find(verb.permission, verb.to_do, find_many, [one.named for one in wanted]))


def _sorted_out(wanted: Sequence[_Wanted], found: Sequence[Any]) -> tuple[list[int], list[RefusedSerial]]:
    missing = [
        RefusedSerial(None, one.text.strip(), *_why(one, each.reason, each.message))
        for one, each in zip(wanted, found, strict=True)
        if each.serial_id is None
    ]
    return list(dict.fromkeys(each.serial_id for each in found if each.serial_id is not None)), missing


def _why(one: _Wanted, reason: str, message: str) -> tuple[str, str]:
    """Why there is no such serial: what is wrong with its line, if anything is."""
    return (one.line.reason, one.line.message) if one.line is not None and one.line.message else (reason, message)


def _wanted(session: Session, given: _Given) -> list[_Wanted]:
    """The serials that a command names.

    Raises:
        MalformedError: it names none, or in two ways.
        BadValue: the file cannot be read.
    """
    item, source = given.item, given.source
    if bool(given.serials) == (source is not None):
        raise MalformedError("Name the serials, or a file with --from: one of them.")
    if source is None:
        return [_Wanted(text, item or "") for text in given.serials]
    return _of_list(session, list_from(session, source, given.encoding), item)


def _of_list(session: Session, listed: SerialList, item: str | None) -> list[_Wanted]:
    """The serials that a list names, all of the item of the command if it names one."""
    known = {fold(item)} if item is not None else session.look(items_named, sorted(listed.items))

    def strange(line: ListLine) -> str:
        if item is not None:
            return f"{line.text} is of the item {line.sku} in the list, and --item says {item}. Leave --item out."
        return f"{line.text} is of the item {line.sku} in the list, and there is no such item. Correct its SKU."

    lines = listed.of_items(known, strange)
    return [_Wanted(line.text, item or ("" if line.message else line.sku), line) for line in lines]


# ----- what is printed


def _tell(
    session: Session,
    verb: Verb,
    act: Callable[[], Moved],
    ids: Sequence[int],
    missing: Sequence[RefusedSerial],
    *,
    skip_errors: bool,
    dry_run: bool,
) -> int:
    """Carry out a verb, and print what it did or why it was refused."""
    if missing and not (skip_errors and ids):
        more = f" {len(missing) - 1:,} more cannot be found." if len(missing) > 1 else ""
        code = missing[0].reason if missing[0].reason in NO_ONE else BadValue.code
        return _refuse(session, code, f"{missing[0].message}{more}", missing)
    try:
        moved = session.run(act)
    except NotAllowed as refusal:
        refused = refusal.details.get("refused")
        if refused is None:
            raise
        return _refuse(session, refusal.code, f"{refusal.message} Nothing was written.", [*missing, *refused])
    refused = (*missing, *moved.refused)
    data = _data(moved.document, len(moved.serial_ids), moved.units, refused)
    session.out.one(data, _lines(session, verb, moved, refused, dry_run=dry_run))
    return GOOD


def _refuse(session: Session, code: str, message: str, refused: Sequence[RefusedSerial]) -> int:
    out = session.out
    out.warn(message)
    out.one({"error": code, "message": message, **_data(None, 0, 0, refused)}, ())
    if not out.json and len(refused) > 1:
        for line in _refused_lines(refused):
            out.warn(line)
    return REFUSED


def _data(document: str | None, moved: int, units: int, refused: Sequence[RefusedSerial]) -> dict[str, Any]:
    return {
        "document": document,
        "moved": moved,
        "units": units,
        "refused": [
            {"serial_number": one.serial_number, "reason": str(one.reason), "message": one.message} for one in refused
        ],
    }


def _lines(
    session: Session, verb: Verb, moved: Moved, refused: Sequence[RefusedSerial], *, dry_run: bool
) -> Iterator[str]:
    (named,) = session.run(serial_numbers, moved.serial_ids[:1])
    serials = named if len(moved.serial_ids) == 1 else counted(len(moved.serial_ids), "serial")
    units = f"the quantity changes by {counted(moved.units, 'unit')}" if moved.units else "no quantity changes"
    if dry_run:
        yield f"{serials}: would be {verb.done}; {units}. Nothing was written."
    else:
        document = f", document {moved.document}" if moved.document else ""
        yield f"{serials}: {verb.done}{document}; {units}."
    yield from moved.said
    if moved.without_quantity:
        yield f"The place of {moved.without_quantity:,} of them showed no quantity, so none was taken there."
    yield from _refused_lines(refused)


def _refused_lines(refused: Sequence[RefusedSerial]) -> Iterator[str]:
    for one in refused[:MOST_SHOWN]:
        yield f"refused: {one.message}"
    if len(refused) > MOST_SHOWN:
        yield f"… and {len(refused) - MOST_SHOWN:,} more; --json lists all."
