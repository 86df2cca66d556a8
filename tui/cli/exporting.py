"""`serialdock export …`: lists and histories as CSV, XLSX, JSON lines or text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, Final

from models.customers import CUSTOMER_ORDERS, CustomerSource
from models.documents import documents_of
from models.errors import BadValue
from models.exporting import lists
from models.exporting.export import Make, StreamExport, chosen_format, export_file
from models.exporting.formats import ExportFormat
from models.exporting.lists import RowsToExport
from models.items.list import ITEM_ORDERS, ItemSource
from models.locations import PLACE_ORDERS, TREE, PlaceSource
from models.orders import NamedOrder, Sorting
from models.people import USER_ORDERS, UserSource
from models.station.drafts import DRAFT_ORDERS, DraftSource
from models.text import counted
from tui.cli import documents, serials
from tui.cli.output import MalformedError, OutputError, with_force
from tui.cli.parser import argument, command
from tui.cli.session import Session, sort_argument

STDOUT: Final = "-"

_TO: Final = (
    argument("--to", metavar="FILE", default=STDOUT, help="the file (else standard output)"),
    argument("--format", choices=tuple(ExportFormat), help="the format (else what the end of FILE says; csv)"),
    argument("--force", action="store_true", help="write over a file that is there"),
)

_ABOUT: Final = (
    "A file is there wholly or not at all. Cells that a spreadsheet would run get a ' in CSV.\n"
    "jsonl has codes and UTC, the other formats labels and local time."
)


@command(
    "export serials",
    summary="export serials; import takes the file again",
    arguments=(
        argument("--item", metavar="SKU", help="those of this item (else of all items)"),
        argument("--customer", metavar="NAME|CODE", help="those that a customer has now, of all items"),
        *serials.FILTERS,
        *_TO,
    ),
    examples=(
        "serialdock export serials --item DR-1800 --status in_stock --to serials.xlsx",
        "serialdock export serials --format jsonl | jq -r .serial_number",
    ),
    note=_ABOUT,
)
def export_serials(
    session: Session,
    *,
    item: str | None,
    customer: str | None,
    find: str,
    removed: bool,
    sort: Sorting | None,
    to: str,
    format: str | None,  # noqa: A002 - the option's name
    force: bool,
    **only: str | None,
) -> None:
    """Export serials; `only` is what each filter asks for."""
    make: Make  # makes the list where the database is connected
    if customer is None:
        make = partial(lists.every_serial, item, only, find=find, removed=removed, sorting=sort)
    elif item is not None or find or removed or sort or any(only.values()):
        raise MalformedError("--customer stands alone: it exports all serials that the customer has now.")
    else:
        make = partial(lists.serials_of_customer, customer)
    _export(session, make, to=to, form=format, force=force)


def _exports_list(noun: str, orders: Sequence[NamedOrder], listed: Callable[[Sorting | None], RowsToExport]) -> None:
    """Declare the command that exports a whole list.

    Args:
        noun: what its rows are, which ends the name of the command.
        orders: of the list.
        listed: makes the list in one of its orders, None for the usual one.
    """

    @command(
        f"export {noun}",
        summary=f"export the list of {noun}",
        arguments=(sort_argument(orders), *_TO),
        note=_ABOUT,
    )
    def export_list(
        session: Session,
        *,
        sort: Sorting | None,
        to: str,
        format: str | None,  # noqa: A002
        force: bool,
    ) -> None:
        """Export a whole list."""
        _export(session, partial(listed, sort), to=to, form=format, force=force)


_exports_list("items", ITEM_ORDERS, lambda sort: lists.items(ItemSource(sorting=sort)))
# Locations stand as a tree unless a column orders them; the other lists have their usual order.
_exports_list("locations", PLACE_ORDERS, lambda sort: lists.locations(PlaceSource(sorting=sort or TREE)))
_exports_list("customers", CUSTOMER_ORDERS, lambda sort: lists.customers(CustomerSource(sorting=sort)))
_exports_list("drafts", DRAFT_ORDERS, lambda sort: lists.drafts(DraftSource(sorting=sort)))
_exports_list("users", USER_ORDERS, lambda sort: lists.users(UserSource(sorting=sort)))


@command(
    "export documents",
    summary="export the list of documents",
    arguments=(*documents.FILTERS, *_TO),
    examples=("serialdock export documents --kind sale --since 2026-01-01 --to sales.csv",),
    note=_ABOUT,
)
def export_documents(
    session: Session,
    *,
    kind: str | None,
    since: str | None,
    sort: Sorting | None,
    to: str,
    format: str | None,  # noqa: A002
    force: bool,
) -> None:
    """Export documents."""
    _export(
        session,
        lambda: lists.documents(documents_of(kind, since, sort)),
        to=to,
        form=format,
        force=force,
    )


@command(
    "export document",
    summary="export the serials of a document",
    arguments=(documents.NUMBER, *_TO),
    examples=("serialdock export document S-000001 --to sold.csv",),
    note=_ABOUT,
)
def export_document(session: Session, *, number: str, to: str, format: str | None, force: bool) -> None:  # noqa: A002
    """Export the serials of a document as they are now."""
    _export(session, lambda: lists.serials_of_document(number), to=to, form=format, force=force)


@command(
    "export history",
    summary="export all events of a serial, or of a document's",
    arguments=(
        argument("serial", metavar="SERIAL", nargs="?", help="the serial number"),
        argument("--item", metavar="SKU", help="its item, where several have this serial"),
        argument("--document", metavar="NUMBER", help="instead of a serial: all serials of this document"),
        *_TO,
    ),
    examples=(
        "serialdock export history --item DR-1800 SN-0001 --to custody.xlsx",
        "serialdock export history --document R-000001 --format text",
    ),
    note=f"{_ABOUT}\n{serials.DASH}",
)
def export_history(
    session: Session,
    *,
    serial: str | None,
    item: str | None,
    document: str | None,
    to: str,
    format: str | None,  # noqa: A002
    force: bool,
) -> None:
    """Export the chain of custody of a serial, or of all serials of a document."""
    make: Make
    if serial is not None and document is None:
        make = partial(lists.history_of, serial, item)
    elif document is not None and serial is None and item is None:
        make = partial(lists.history_of_document, document)
    else:
        raise MalformedError("Name a serial, with --item where several items have it, or a document with --document.")
    _export(session, make, to=to, form=format, force=force)


def _export(session: Session, make: Make, *, to: str, form: str | None, force: bool) -> None:
    """Export to a file, and say so, or to standard output."""
    progress = _progress(session)
    if to == STDOUT:
        _to_stdout(session, make, form, progress)
        return
    chosen = chosen_format(to, ExportFormat(form) if form is not None else None)
    try:
        done = session.run(export_file, session.actor, make, to, chosen, force=force, progress=progress)
    except BadValue as refusal:
        raise with_force(refusal) from None
    data = {"file": done.path, "format": str(done.form), "rows": done.rows}
    session.out.one(data, [f"Written: {done.path}, {counted(done.rows, 'row')}."])


def _to_stdout(session: Session, make: Make, form: str | None, progress: Callable[[int, int], None]) -> None:
    # --json promises JSON on standard output.
    if session.out.json and form not in (None, ExportFormat.JSONL):
        raise MalformedError("With --json, standard output has JSON lines; another format needs --to FILE.")
    chosen = ExportFormat(form) if form is not None else ExportFormat.JSONL if session.out.json else ExportFormat.CSV
    # A terminal would act on the bytes of the ZIP file.
    if chosen is ExportFormat.XLSX and sys.stdout.isatty():
        raise MalformedError("A workbook is not written to a terminal. Name a file with --to.")
    stream: BinaryIO = sys.stdout.buffer
    try:
        session.run(StreamExport(stream, chosen), session.actor, make, progress=progress)
        stream.flush()
    except BrokenPipeError:  # an OSError too; `main` ends quietly for it
        raise
    except OSError as error:
        raise OutputError(f"The output cannot be written: {error.strerror}.") from error


def _progress(session: Session) -> Callable[[int, int], None]:
    show = session.out.progress()
    if show is None:
        return lambda done, total: None
    return lambda done, total: show("Exporting", done, max(total, 1))
