"""`serialdock receive` and `serialdock drafts …`: receive a list of serials, and manage the drafts of stations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from models import clock
from models.errors import Refusal, UnstorableValue
from models.importing.lists import SerialList
from models.items.items import find_item
from models.orders import Sorting
from models.serials import ranges
from models.serials.ranges import ListLine
from models.serials.receive import RECEIVE, TO_DO, ListVerdict, ReceiveReport, receive_list
from models.station import drafts, waiting
from models.station.drafts import DRAFT_ORDERS, DraftRow, DraftSource
from models.station.left import WaitingScans
from models.station.lines import Line
from models.station.record import WholeDraft, whole_draft
from models.station.working import Working, working
from models.text import counted, fold
from tui.cli.lists import list_arguments, list_from
from tui.cli.output import GOOD, REFUSED, MalformedError, OutputColumn, facts, iso_time, local_time, table
from tui.cli.parser import ITEM, argument, command, number
from tui.cli.session import Session, sort_argument

DRAFT: Final = argument("id", metavar="ID", type=number, help="its number in drafts list")

MOST_SHOWN: Final = 20
"""Number of serials with a message that the text output lists; JSON lists all."""


@command(
    "receive",
    summary="receive serials of an item, all or none",
    arguments=(
        ITEM,
        argument("--location", metavar="CODE", required=True, help="their place"),
        *list_arguments(),
        argument("--range", metavar="A..B", dest="ranges_given", action="append", help="a range; again for more"),
        argument("--first", metavar="S", help="the first serial of --count"),
        argument("--count", metavar="N", type=number, help="how many, counted up from --first"),
        argument("--expected", metavar="N", type=number, help="refuse any other number"),
        argument("--no-quantity", action="store_true", help="the units are on hand already; no quantity changes"),
        argument("--skip-errors", action="store_true", help="leave out what cannot be received"),
        argument("--dry-run", action="store_true", help="write nothing, say what would happen"),
    ),
    examples=(
        "serialdock receive --item DR-1800 --location DOCK --range A0098..A0103",
        "serialdock receive --item DR-1800 --location DOCK --first A0098 --count 6 --no-quantity",
        "serialdock receive --item DR-1800 --location DOCK --from list.txt --expected 200 --json",
    ),
    note=(
        "The serials come from --from, from --range, or from --first and --count. A hyphen is never a range.\n"
        "Without --skip-errors one refused serial keeps all from being written."
    ),
)
def receive(
    session: Session,
    *,
    item: str,
    location: str,
    source: str | None,
    encoding: str | None,
    ranges_given: list[str] | None,
    first: str | None,
    count: int | None,
    expected: int | None,
    no_quantity: bool,
    skip_errors: bool,
    dry_run: bool,
) -> int:
    """Receive serials and print the result, in JSON with the verdict on each."""
    if expected is not None and expected < 1:
        raise MalformedError(f"--expected takes a number above zero, not {expected}.")
    given = _serials_given(session, source, encoding, ranges_given, first, count)
    found = session.find(RECEIVE.permission, TO_DO, find_item, item)
    if isinstance(given, SerialList):
        texts: Sequence[str] | Sequence[ListLine] = given.of_items(
            {fold(found.sku), fold(found.name)},
            lambda line: (
                f"{line.text} is of the item {line.sku} in the list, and {found.sku} is received. Receive the "
                "items one after the other."
            ),
        )
    else:
        texts = given
    report = session.run(
        receive_list,
        session.actor,
        found.id,
        texts,
        location=location,
        expected=expected,
        adds_quantity=not no_quantity,
        skip_errors=skip_errors,
        dry_run=dry_run,
    )
    out = session.out
    refused = bool(report.problem) and not (skip_errors and report.good)  # with nothing good, nothing was written
    data = _report_data(report, dry_run=dry_run, refused=refused)
    if not refused:
        out.one(
            data, _report_lines(report, dry_run=dry_run, adds_quantity=not no_quantity, numbered=source is not None)
        )
        return GOOD
    out.warn(report.problem)
    out.one(data, ())  # JSON has every verdict; for people they follow
    if not out.json and (len(report.refused) != 1 or report.warned):  # a single refusal is the problem already printed
        for line in _serial_lines(report, numbered=source is not None):
            out.warn(line)
    return REFUSED


def _serials_given(
    session: Session,
    source: str | None,
    encoding: str | None,
    ranges_given: list[str] | None,
    first: str | None,
    count: int | None,
) -> list[str] | SerialList:
    """Read the serials from the given source.

    Raises:
        MalformedError: no source is given, or several.
        BadValue: the source cannot be read.
    """
    if (first is None) != (count is None):
        raise MalformedError("--first and --count belong together. See serialdock receive --help.")
    given = [source is not None, bool(ranges_given), first is not None]
    if sum(given) != 1:
        raise MalformedError(
            "Name the serials in one way: --from FILE, --range A..B, or --first S --count N. "
            "See serialdock receive --help."
        )
    if source is not None:
        return list_from(session, source, encoding)
    if ranges_given:
        return ranges.parse("\n".join(ranges_given)).serials()
    assert first is not None
    assert count is not None
    return list(ranges.counted(first, count).serials())


def _report_data(report: ReceiveReport, *, dry_run: bool, refused: bool) -> dict[str, Any]:
    said = {"error": report.code, "message": report.problem} if refused else {}
    good = len(report.good)
    return {
        **said,
        "document": report.document,
        "item": report.sku,
        "location": report.location,
        "dry_run": dry_run,
        "good": good,
        "received": good if report.document else 0,
        "refused": len(report.refused),
        "units_added": report.units,
        "mismatch": report.mismatch or None,
        "serials": [_serial_data(told) for told in report.serials],
    }


def _serial_data(told: ListVerdict) -> dict[str, Any]:
    return {
        "line": told.line,
        "serial_number": told.serial_number,
        "verdict": told.verdict,
        "reason": told.reason or None,
        "message": told.message or None,
    }


def _report_lines(report: ReceiveReport, *, dry_run: bool, adds_quantity: bool, numbered: bool) -> Iterator[str]:
    serials = f"{counted(len(report.good), 'serial')} of {report.sku} at {report.location}"
    if dry_run:
        units = f"{len(report.good):,} would be added to the quantity" if adds_quantity else "no quantity would change"
        yield f"Would receive {serials}; {units}. Nothing was written."
    else:
        units = f"{report.units:,} added to the quantity" if report.units else "no quantity changed"
        yield f"Received {serials}, document {report.document}; {units}."
    if report.mismatch:
        yield report.mismatch
    yield from _serial_lines(report, numbered=numbered)


def _serial_lines(report: ReceiveReport, *, numbered: bool) -> Iterator[str]:
    """Messages about single serials, refused ones first, with line numbers if they came from a file."""
    said = [*report.refused, *report.warned]
    for told in said[:MOST_SHOWN]:
        where = f", line {told.line:,}" if numbered else ""
        yield f"{told.verdict}{where}: {told.message}"
    if len(said) > MOST_SHOWN:
        yield f"… and {len(said) - MOST_SHOWN:,} more; --json lists all."


MOST_NAMED: Final = 20
"""Number of missing or unannounced serials that the text output names; JSON has all."""


@command(
    "drafts list",
    summary="list what was scanned at stations and is not stock yet",
    arguments=(sort_argument(DRAFT_ORDERS),),
)
def list_drafts(session: Session, *, sort: Sorting | None) -> None:
    """Print the open drafts, last changed first, then the scans that wait on this machine and are in no draft."""
    rows = [look.row for page in session.ordered(DraftSource(sorting=sort)) for look in page]
    scans = session.look(waiting.waiting_scans)
    found = session.run(working, session.actor)
    listed = [
        ListedDraft(
            row,
            sum(len(one.records) for one in scans if one.draft_id == row.id),
            [one for one in found if one.draft_id == row.id and one.item_id is not None],
        )
        for row in rows
    ]
    listed_ids = {row.id for row in rows}
    in_no_draft = [one for one in scans if one.draft_id not in listed_ids]
    every: list[ListedDraft | WaitingScans] = [*listed, *in_no_draft]
    session.out.many([every], _listed_data, _LISTED_COLUMNS)


class ListedDraft(NamedTuple):
    """An open draft in the list of drafts."""

    row: DraftRow
    waiting: int
    """Number of its scans that wait on this machine."""
    items: Sequence[Working]
    """Scanned serials of each item."""


@command(
    "drafts replay",
    summary="save the scans that wait on this machine",
    note=(
        "They go into their open draft, even if that was handed on; into a new one if there is none; those of Add\n"
        "Serial are added. Scans of programs that still run are left to these."
    ),
)
def replay(session: Session) -> int:
    """Take in the scans that were left behind, and print what became of them."""
    done = session.run(waiting.take_up, session.actor)
    rows: list[Mapping[str, Any]] = []
    if done.taken:
        rows.append({**_EMPTY_ROW, "scans": done.taken, "good": done.taken, "message": "In the open draft now."})
    code = GOOD
    for left in done.left:
        try:
            settled = session.run(waiting.take_in, session.actor, left)
        except (Refusal, UnstorableValue) as refusal:  # the scans of others are taken in all the same
            code = REFUSED
            rows.append({**_waiting_data(left), "error": refusal.code, "message": refusal.message})
            continue
        not_taken = settled.problems if settled.draft is None else len(settled.messages)
        code = REFUSED if not_taken else code
        draft = settled.draft.id if settled.draft is not None else None
        said = " ".join(filter(None, (*settled.messages, settled.say_again))) or None
        counts = {"good": settled.good, "problems": settled.problems}
        rows.append({**_waiting_data(left), **counts, "draft": draft, "message": said})
    session.out.many([rows], _unchanged, _REPLAY_COLUMNS)
    return code


@command(
    "drafts discard-waiting",
    summary="throw these scans away",
)
def discard_waiting(session: Session) -> int:
    """Discard the scans that were left behind, and print them."""
    code = GOOD
    rows: list[Mapping[str, Any]] = []
    for left in session.look(waiting.left_scans):
        data = _waiting_data(left)
        try:
            session.run(waiting.discard, session.actor, left)
        except Refusal as refusal:
            code = REFUSED
            data = {**data, "error": refusal.code, "message": refusal.message}
        rows.append(data)
    session.out.many([rows], _unchanged, _REPLAY_COLUMNS)
    return code


@command(
    "drafts show",
    summary="show a draft with its lines",
    arguments=(DRAFT,),
)
def show_draft(session: Session, *, id: int) -> None:  # noqa: A002 - the name is part of the public command line
    """Print a draft with its lines."""
    found = session.look(whole_draft, id)
    row = found.row
    data = {
        **_draft_data(row),
        "people": [{"user": login, "at": iso_time(at)} for login, at in found.people],
        "items": [
            {
                "item": item.sku,
                "expected": item.expected,
                "adds_quantity": item.adds_quantity,
                "missing": item.missing,
                "not_announced": item.unannounced,
            }
            for item in found.items
        ],
        "lines": [_line_data(line) for line in found.lines],
        "answers": {str(first): shown for first, shown in found.row.answers.items()},
    }
    session.out.one(data, _draft_lines(found))


def _draft_lines(found: WholeDraft) -> list[str]:
    row = found.row
    lines = list(
        facts(
            (
                ("Draft", f"{row.id}, {row.task}"),
                ("Location", row.location),
                ("Item", row.sku),
                *((str(first).capitalize(), shown) for first, shown in row.answers.items()),
                ("Progress", row.progress),
                ("Problems", row.problems),
                ("In use", "yes" if row.is_in_use(clock.now()) else "no"),
                ("People", ", ".join(f"{login} since {local_time(at)}" for login, at in found.people)),
                ("Last scan", local_time(row.changed_at)),
            )
        )
    )
    for item in found.items:
        quantity = "adds to the quantity" if item.adds_quantity else "quantity stays"
        lines.append(f"{item.sku}: {item.expected or 'no number'} expected, {quantity}")
        lines += _by_name("missing", item.missing)
        lines += _by_name("not announced", item.unannounced)
    return [*lines, "", *table([found.lines], _LINE_COLUMNS)]


def _by_name(what: str, serials: Sequence[str]) -> list[str]:
    if not serials:
        return []
    more = f" and {len(serials) - MOST_NAMED:,} more" if len(serials) > MOST_NAMED else ""
    return [f"  {what}: {', '.join(serials[:MOST_NAMED])}{more}"]


@command(
    "drafts discard",
    summary="throw a draft away; nothing of it becomes stock",
    arguments=(DRAFT,),
)
def discard_draft(session: Session, *, id: int) -> None:  # noqa: A002
    """Discard a draft and print it."""
    row = session.run(drafts.discard, session.actor, id)
    scanned = counted(row.good + row.problems, "scanned serial")
    session.out.one({**_draft_data(row), "state": "discarded"}, [f"Discarded draft {row.id} with {scanned}."])


@command(
    "drafts take-over",
    summary="make a draft yours; its station is told at its next scan",
    arguments=(DRAFT,),
)
def take_over_draft(session: Session, *, id: int) -> None:  # noqa: A002
    """Take a draft over for the acting user, to be continued at a station."""
    before = session.run(drafts.claim_for, session.actor, id)
    row = session.run(drafts.find_draft, id)
    said = f"Draft {row.id} is {row.login}'s now. F7 on the list of items continues it."
    lost = f" {before.login}'s station will be told at its next scan." if before.is_in_use(clock.now()) else ""
    session.out.one(_draft_data(row), [said + lost])


@command(
    "drafts hand-over",
    summary="give a draft to another user",
    arguments=(
        DRAFT,
        argument("--to", metavar="NAME", required=True, help="the user"),
    ),
)
def hand_over_draft(session: Session, *, id: int, to: str) -> None:  # noqa: A002
    """Hand a draft over to another user."""
    session.run(drafts.hand_over, session.actor, id, to)
    row = session.run(drafts.find_draft, id)
    session.out.one(_draft_data(row), [f"Draft {row.id} is {row.login}'s now. F7 on the list of items continues it."])


def _unchanged(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row


# Every row has all keys, so that programs need not ask which of them are there.
_EMPTY_ROW: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("task", "location", "item", "user", "since", "scans", "good", "problems", "draft", "message")),
    "problems": 0,
}
"""A row of `drafts replay` with all keys and no values."""


def _waiting_data(left: WaitingScans) -> dict[str, Any]:
    first = left.records[0]
    return {
        **_EMPTY_ROW,
        "task": first.task,
        "location": first.place or None,
        "item": first.sku or None,
        "user": first.login,
        "since": iso_time(left.since),
        "scans": len(left.records),
        "good": 0,
        "draft": left.draft_id,
    }


def _listed_data(one: ListedDraft | WaitingScans) -> dict[str, Any]:
    """A draft; scans that are in no draft have the same keys, without an id."""
    if isinstance(one, ListedDraft):
        items = [{"item": each.sku, "good": each.good, "expected": each.expected or None} for each in one.items]
        return {**_draft_data(one.row), "waiting": one.waiting, "items": items}
    first, since = one.records[0], iso_time(one.since)
    return {
        "id": None,
        "task": first.task,
        "location": first.place or None,
        "item": first.sku or None,
        "good": 0,
        "problems": 0,
        "expected": None,
        "user": first.login,
        "started_by": first.login,
        "started_at": since,
        "changed_at": iso_time(one.records[-1].moment),
        "in_use": False,
        "waiting": len(one.records),
        "items": [],
    }


def _draft_data(row: DraftRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "task": row.task,
        "location": row.location or None,
        "item": row.sku or None,
        "good": row.good,
        "problems": row.problems,
        "expected": row.expected or None,
        "user": row.login,
        "started_by": row.started_by,
        "started_at": iso_time(row.started_at),
        "changed_at": iso_time(row.changed_at),
        "in_use": row.is_in_use(clock.now()),
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "line": line.position,
        "state": line.state,
        "serial_number": line.serial_number or None,
        "scan": line.scan,
        "how": line.how,
        "item": line.sku or None,
        "location": line.location or None,
        "at": iso_time(line.at),
        "user": line.login,
        "reason": line.reason or None,
        "message": line.message or None,
    }


def _of_draft(column: OutputColumn, one: ListedDraft | WaitingScans) -> object:
    """The value of a column of the list of drafts, also for scans that are in no draft."""
    if isinstance(one, ListedDraft):
        return column.shown(one.row)
    first = one.records[0]
    shown = {"Task": first.task, "Location": first.place, "Item": first.sku, "By": first.login}
    return {**shown, "Last scan": local_time(one.records[-1].moment), "Progress": "in no draft"}.get(column.heading, "")


def _count_waiting(one: ListedDraft | WaitingScans) -> int:
    return one.waiting if isinstance(one, ListedDraft) else len(one.records)


_DRAFT_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Id", lambda row: row.id, right=True),
    OutputColumn("Task", lambda row: row.task),
    OutputColumn("Location", lambda row: row.location),
    OutputColumn("Item", lambda row: row.sku),
    OutputColumn("Progress", lambda row: row.progress),
    OutputColumn("Problems", lambda row: row.problems, right=True),
    OutputColumn("By", lambda row: row.login),
    OutputColumn("Started by", lambda row: row.started_by),
    OutputColumn("Started", lambda row: local_time(row.started_at)),
    OutputColumn("Last scan", lambda row: local_time(row.changed_at)),
    OutputColumn("In use", lambda row: "yes" if row.is_in_use(clock.now()) else "no"),
)

_LISTED_COLUMNS: Sequence[OutputColumn] = (
    *(OutputColumn(one.heading, partial(_of_draft, one), one.right) for one in _DRAFT_COLUMNS),
    OutputColumn("Waiting", lambda row: _count_waiting(row) or "", right=True),
)

_REPLAY_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Task", lambda row: row["task"]),
    OutputColumn("Location", lambda row: row["location"]),
    OutputColumn("Item", lambda row: row["item"]),
    OutputColumn("By", lambda row: row["user"]),
    OutputColumn("Scans", lambda row: row["scans"], right=True),
    OutputColumn("Good", lambda row: row["good"], right=True),
    OutputColumn("Problems", lambda row: row["problems"], right=True),
    OutputColumn("Draft", lambda row: row["draft"], right=True),
    OutputColumn("Message", lambda row: row["message"]),
)

_LINE_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Line", lambda line: line.position, right=True),
    OutputColumn("State", lambda line: line.state),
    OutputColumn("Serial Number", lambda line: line.shown),
    OutputColumn("Item", lambda line: line.sku),
    OutputColumn("Location", lambda line: line.location),
    OutputColumn("When", lambda line: local_time(line.at)),
    OutputColumn("Who", lambda line: line.login),
    OutputColumn("Message", lambda line: line.message),
)
