"""`serialdock serial …`: add, list, show and transfer serials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from models.items.items import find_item
from models.orders import Sorting
from models.serials.add import ADD, add_serial
from models.serials.add import TO_DO as TO_ADD
from models.serials.columns import COLUMNS, SerialColumn
from models.serials.drafted import OtherDraft, draft_of, drafted_serials, said_of
from models.serials.grid import SerialRow, serials_of
from models.serials.moves import TRANSFER, transfer_serials
from models.serials.possible import possible
from models.serials.record import (
    Event,
    LinkedDocument,
    SerialDetail,
    find_on_item,
    find_serial,
    serial_detail,
    serial_numbers,
)
from models.statuses import StatusLook, statuses
from models.terms import WARRANTY_LABELS
from models.text import counted
from models.verbs import Verb
from tui.cli.output import OutputColumn, data_of, facts, iso_time, local_time, table
from tui.cli.parser import ITEM, Argument, argument, command
from tui.cli.session import Session, sort_argument

DASH: Final = "A serial that begins with - stands after --, behind all options."


@command(
    "serial add",
    summary="add a serial by hand, In Stock; no quantity changes",
    arguments=(
        ITEM,
        argument("serial", metavar="SERIAL", help="the serial number"),
        argument("--location", metavar="CODE", help="where it is (else the item's primary location)"),
        argument("--notes", metavar="TEXT", default="", help="its condition"),
    ),
    examples=(
        "serialdock serial add --item DR-1800 SN-0001",
        'serialdock serial add --item DR-1800 --notes "box open" SN-2',
    ),
    note=DASH,
)
def add(session: Session, *, item: str, serial: str, location: str | None, notes: str) -> None:
    """Add one serial and print it."""
    found = session.find(ADD.permission, TO_ADD, find_item, item)
    added = session.run(add_serial, session.actor, found.id, serial, location=location, notes=notes)
    detail = session.run(serial_detail, added.serial_ids[0])
    status = _status(detail.status)
    data = _detail_data(detail, session.run(possible, session.actor, detail.id), session.run(draft_of, detail.id))
    data["warnings"] = [{"reason": str(reason), "message": said} for reason, said in added.warnings]
    lines = [f"{detail.serial_number} is on {detail.sku} now: {status} at {detail.location}."]
    session.out.one(data, [*lines, *(f"warning: {said}" for _, said in added.warnings)])


def _filters() -> Iterator[Argument]:
    """An option for each column with a filter."""
    for column in COLUMNS:
        if column.filter is not None:
            yield argument(f"--{column.code.replace('_', '-')}", metavar="CODE", help=column.filter.help)


FILTERS: Final = (
    *_filters(),
    argument("--find", metavar="TEXT", default="", help="only those that begin with TEXT, or contain it"),
    argument("--removed", action="store_true", help="those too that were removed, as entered by mistake"),
    sort_argument(COLUMNS),
)
"""Which serials of an item are listed or exported, and in which order."""


@command(
    "serial list",
    summary="list the serials of an item, sold ones included",
    arguments=(ITEM, *FILTERS),
    examples=("serialdock serial list --item DR-1800 --json | jq -r .serial_number",),
)
def list_serials(
    session: Session, *, item: str, find: str, removed: bool = False, sort: Sorting | None = None, **only: str | None
) -> None:
    """Print the serials of an item, a page of them in memory at a time; `only` is what each filter asks for."""
    source = session.look(serials_of, item, only, find=find, removed=removed)
    # Without an order it is read by the keys of the rows, which needs no count before the first page.
    pages = session.pages(source) if sort is None else session.ordered(source.sorted_by(sort))
    session.out.many(pages, _row_data, _row_columns())


@command(
    "serial show",
    summary="show a serial, its warranty, history and documents",
    arguments=(
        argument("serial", metavar="SERIAL", help="the serial number"),
        argument("--item", metavar="SKU", help="its item, where several have this serial"),
    ),
    examples=("serialdock serial show SN-0001",),
    note=DASH,
)
def show(session: Session, *, serial: str, item: str | None) -> None:
    """Print the whole record of a serial."""
    detail = session.look(lambda: serial_detail(find_serial(serial, item)))
    looks = {look.code: look for look in session.run(statuses)}
    can = session.run(possible, session.actor, detail.id)
    draft = session.run(draft_of, detail.id)
    session.out.one(_detail_data(detail, can, draft), _detail_lines(detail, looks, draft))


@command(
    "serial transfer",
    summary="move serials to another place, all or none",
    arguments=(
        ITEM,
        argument("serials", metavar="SERIAL", nargs="+", help="the serial numbers"),
        argument("--to", metavar="CODE", required=True, help="the destination"),
        argument("--notes", metavar="TEXT", default="", help="why, for the history"),
    ),
    examples=("serialdock serial transfer --item DR-1800 SN-0001 SN-0002 --to DOCK-1",),
    # The older of two commands for one thing; both stay, since programs use them.
    note=(
        "serialdock transfer does the same with serials of several items, lists and --dry-run; its note is --note.\n"
        f"{DASH}"
    ),
)
def transfer(session: Session, *, item: str, serials: list[str], to: str, notes: str) -> None:
    """Transfer serials and print what moved."""
    found = session.find(TRANSFER.permission, TRANSFER.to_do, find_item, item)
    ids = list(dict.fromkeys(session.run(find_on_item, found.id, found.sku, serials)))  # a repeated one moves once
    drafted = session.run(drafted_serials, ids)  # said, not refused: the station judges them anew at DONE
    done = session.run(transfer_serials, session.actor, ids, to, notes=notes)
    lines = [
        f"Transferred {counted(done.serials, 'serial')} of {found.sku} to {done.location}, document {done.document}."
    ]
    if done.without_quantity:
        lines.append(f"No quantity moved for {done.without_quantity:,} of them: their old place showed none.")
    if drafted:
        lines.append(said_of(drafted, session.actor.user_id))
    data = {
        "document": done.document,
        "location": done.location,
        "serials": session.run(serial_numbers, ids),
        "units_moved": done.units,
        "without_quantity": done.without_quantity,
    }
    session.out.one(data, lines)


def _row_data(row: SerialRow) -> dict[str, Any]:
    return {column.code: column.data(row[column]) for column in COLUMNS}


def _row_columns() -> list[OutputColumn]:
    return [OutputColumn(column.label, partial(_in_words, column)) for column in COLUMNS]


def _in_words(column: SerialColumn[Any], row: SerialRow) -> str:
    return column.text(row[column])


def _detail_data(detail: SerialDetail, can: Sequence[Verb], draft: OtherDraft | None) -> dict[str, Any]:
    start, end = detail.warranty_start, detail.warranty_end
    return {
        "serial_number": detail.serial_number,
        "status": detail.status.code,
        "location": detail.location,
        "customer": detail.customer,
        "warranty_status": detail.warranty,
        "date_received": detail.date_received.isoformat(),
        "item": detail.sku,
        "condition_notes": detail.condition_notes,
        "warranty": {
            "status": detail.warranty,
            "start": start.isoformat() if start else None,
            "end": end.isoformat() if end else None,
            "void_reason": detail.warranty_void,
        },
        "events": [_event_data(event) for event in detail.events],
        "documents": [_document_data(document) for document in detail.documents],
        "can": [verb.code for verb in can],
        "earlier_texts": list(detail.earlier_texts),
        "earlier_items": list(detail.earlier_items),
        "draft": {"task": draft.task, "user": draft.login, "at": iso_time(draft.at)} if draft is not None else None,
    }


def _event_data(event: Event) -> dict[str, Any]:
    moved = (f"{end}_{what}" for what in ("status", "location", "customer") for end in ("from", "to"))
    who = ("number", "kind", "at", "user", "login_user", "document")
    return data_of(event, *who, *moved, "changes", "units", "voids", "reference", "note") | {
        "item": event.sku,
        "serial_number": event.serial_number,
    }


def _document_data(document: LinkedDocument) -> dict[str, Any]:
    who = ("number", "kind", "at", "user")
    return data_of(document, *who, "from_location", "to_location", "customer", "serials", "note")


def _detail_lines(detail: SerialDetail, looks: dict[str, StatusLook], draft: OtherDraft | None) -> Iterator[str]:
    place = f"{detail.location}, {detail.location_name}" if detail.location_name else detail.location
    yield from facts(
        (
            ("Serial Number", detail.serial_number),
            ("Item", f"{detail.sku}, {detail.item_name}" + ("" if detail.tracked else " (not tracked now)")),
            ("Status", _status(detail.status)),
            ("Location", place),
            ("Customer", detail.customer),
            ("Warranty", _warranty(detail)),
            ("Date Received", detail.date_received),
            ("Condition notes", detail.condition_notes),
            *((("Scanned", f"in {draft.phrase(None)}"),) if draft is not None else ()),
            *((("Earlier text", ", ".join(detail.earlier_texts)),) if detail.earlier_texts else ()),
            *((("Was on", ", ".join(detail.earlier_items)),) if detail.earlier_items else ()),
        )
    )
    yield ""
    yield "History"
    columns = (
        OutputColumn("#", lambda event: event.number, right=True),
        OutputColumn("When", lambda event: local_time(event.at)),
        OutputColumn("Who", _who),
        OutputColumn("What", lambda event: event.done),
        OutputColumn("Document", lambda event: event.document),
        OutputColumn("Details", partial(_details, looks=looks)),
    )
    yield from table([detail.events], columns)
    if detail.documents:
        yield ""
        yield "Documents"
        yield from table([detail.documents], _DOCUMENT_COLUMNS)


def _status(look: StatusLook) -> str:
    return f"{look.mark} {look.label}"


def _warranty(detail: SerialDetail) -> str:
    words = WARRANTY_LABELS[detail.warranty]
    if detail.warranty_end:
        start = f"{detail.warranty_start} " if detail.warranty_start else ""
        words += f", {start}to {detail.warranty_end}"
    if detail.days_left is not None:
        words += f" ({counted(detail.days_left, 'day')} left)"
    return f"{words}: {detail.warranty_void}" if detail.warranty_void else words


def _who(event: Event) -> str:
    return f"{event.user} (by {event.login_user})" if event.login_user else event.user


def _details(event: Event, looks: dict[str, StatusLook]) -> str:
    """The changes of an event in words: each as `before → after`, the note last."""
    parts: list[str] = [f"event {event.voids}"] if event.voids else []
    if event.from_status != event.to_status:
        parts.append(_arrow(event.from_status and looks[event.from_status].label, looks[event.to_status].label))
    if event.from_location != event.to_location:
        parts.append(_arrow(event.from_location, event.to_location))
    if event.from_customer != event.to_customer:
        parts.append(f"customer {_arrow(event.from_customer, event.to_customer)}")
    for what, old, new in (
        ("item", event.was_sku, event.sku),
        ("serial number", event.was_serial_number, event.serial_number),
    ):
        parts += [f"{what} {_arrow(old, new)}"] if old not in (None, new) else []
    for column, (before, after) in event.changes.items():
        parts.append(f"{column.replace('_', ' ')} {_arrow(before, after)}")
    parts += [f"reference {event.reference}"] if event.reference else []
    return "; ".join([*parts, event.note] if event.note else parts)


def _arrow(before: object, after: object) -> str:
    if before in (None, ""):
        return str(after)
    return f"{before} → {'–' if after in (None, '') else after}"


_DOCUMENT_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Number", lambda document: document.number),
    OutputColumn("What", lambda document: document.kind),
    OutputColumn("When", lambda document: local_time(document.at)),
    OutputColumn("Who", lambda document: document.user),
    OutputColumn("From", lambda document: document.from_location),
    OutputColumn("To", lambda document: document.to_location),
    OutputColumn("Customer", lambda document: document.customer),
    OutputColumn("Serials", lambda document: document.serials, right=True),
    OutputColumn("Note", lambda document: document.note),
)
