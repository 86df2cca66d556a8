"""`serialdock document …`, `customer …` and `status …`: documents, customers and an administrator's own statuses."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from collections.abc import Iterator, Sequence
from typing import Any, Final

from models import customers as operations
from models import statuses
from models.customers import CustomerRow
from models.documents import (
    DOCUMENT_ORDERS,
    DocumentRow,
    NamedSerial,
    NamedSerials,
    document,
    documents_of,
    find_document,
)
from models.errors import BadValue
from models.exporting.paper import facts_of, paper, print_pdf, text_head, text_lines
from models.orders import Sorting
from models.statuses import StatusLook
from models.text import counted
from models.verbs import DocumentKind
from tui.cli.output import MalformedError, OutputColumn, data_of, facts, local_time, table, with_force
from tui.cli.parser import Argument, argument, command
from tui.cli.session import PAGE, Session, sort_argument
from tui.cli.verbs import DRY, SKIP, void_one_document

NUMBER: Final = argument("number", metavar="NUMBER", help="its number, such as S-000001")
REASON: Final = argument("--note", metavar="TEXT", required=True, help="the reason, for the history")


FILTERS: Final = (
    argument("--kind", metavar="KIND", help=f"only those of a kind: {', '.join(DocumentKind)}"),
    argument("--since", metavar="DATE", help="only those of this day and later, as 2026-03-02"),
    sort_argument(DOCUMENT_ORDERS),
)
"""Which documents are listed or exported, and in which order."""


@command(
    "document list",
    summary="list documents, newest first",
    arguments=FILTERS,
    examples=("serialdock document list --kind sale --since 2026-03-01",),
)
def list_documents(session: Session, *, kind: str | None, since: str | None, sort: Sorting | None) -> None:
    """Print documents."""
    source = session.run(documents_of, kind, since, sort)
    session.out.many(session.pages(source), _document_data, _DOCUMENT_COLUMNS)


@command(
    "document show",
    summary="show a document with its serials",
    arguments=(NUMBER,),
    examples=("serialdock document show S-000001 --json",),
)
def show_document(session: Session, *, number: str) -> None:
    """Print a document with its serials as they are now."""
    row = session.look(lambda: document(find_document(number).id))
    serials = session.look(_serials_of, row.id)
    data = {**_document_data(row), "serial_numbers": [_serial_data(one) for one in serials]}
    session.out.one(data, _document_lines(row, serials))


def _serials_of(document_id: int) -> list[NamedSerial]:
    source = NamedSerials(document_id)
    return [row for start in range(0, source.count(), PAGE) for row in source.fetch(start, PAGE)]


@command(
    "document print",
    summary="print a document with every serial, as text or PDF",
    arguments=(
        NUMBER,
        argument("--pdf", metavar="FILE", help="write a PDF to this file (else text to standard output)"),
        argument("--barcodes", action="store_true", help="in the PDF: a barcode for each serial and for the document"),
        argument("--font", metavar="FILE", default="", help="in the PDF: a TrueType font (else those of the system)"),
        argument("--force", action="store_true", help="write over a file that is there"),
    ),
    examples=("serialdock document print S-000001 --pdf sale.pdf --barcodes",),
    note="A page fits A4 and Letter. Print it at actual size, so that scanners read the bars.",
)
def print_document(session: Session, *, number: str, pdf: str | None, barcodes: bool, font: str, force: bool) -> None:
    """Print a document as text, or write it as a PDF and say what its fonts do not have."""
    if pdf is None:
        if barcodes or font or force:
            raise MalformedError("--barcodes, --font and --force need --pdf FILE.")
        _print_text(session, number)
        return
    show = session.out.progress()
    progress = (lambda done, total: show("Printing", done, max(total, 1))) if show else (lambda done, total: None)
    try:
        done = session.run(
            print_pdf, session.actor, number, pdf, barcodes=barcodes, font=font, force=force, progress=progress
        )
    except BadValue as refusal:
        raise with_force(refusal) from None
    for said in done.warnings:
        session.out.warn(said)
    data = {"file": done.path, "pages": done.pages, "serials": done.serials, "warnings": done.warnings}
    pages, serials = counted(done.pages, "page"), counted(done.serials, "serial")
    session.out.one(data, [f"Written: {done.path}, {pages} with {serials}."])


def _print_text(session: Session, number: str) -> None:
    of = session.look(paper, number)
    lines = [*text_head(of), *text_lines(session.look(_serials_of, of.row.id))]
    session.out.one({"number": of.row.number, "lines": lines}, lines)


@command(
    "document void",
    summary="void a document; its serials get back what they were",
    arguments=(
        NUMBER,
        argument("--note", metavar="TEXT", required=True, help="the reason, for the history"),
        SKIP,
        DRY,
    ),
    examples=("serialdock document void S-000001 --note 'wrong customer'",),
)
def void_document(session: Session, *, number: str, note: str, skip_errors: bool, dry_run: bool) -> int:
    """Void a document and print the result."""
    return void_one_document(session, number, note=note, skip_errors=skip_errors, dry_run=dry_run)


def _document_data(row: DocumentRow) -> dict[str, Any]:
    who = ("number", "kind", "at", "user", "login_user")
    about = ("from_location", "to_location", "customer", "serials", "reference", "repairer")
    return data_of(row, *who, *about, "source", "voided_by", "note")


def _serial_data(one: NamedSerial) -> dict[str, str]:
    return {
        "item": one.sku,
        "serial_number": one.serial_number,
        "status": one.status.code,
        "location": one.location,
    }


def _document_lines(row: DocumentRow, serials: Sequence[NamedSerial]) -> Iterator[str]:
    yield from facts(facts_of(row))
    yield ""
    yield counted(row.serials, "serial")
    yield from table([serials], _SERIAL_COLUMNS)


_DOCUMENT_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Number", lambda row: row.number),
    OutputColumn("What", lambda row: row.kind),
    OutputColumn("When", lambda row: local_time(row.at)),
    OutputColumn("Who", lambda row: row.user),
    OutputColumn("From", lambda row: row.from_location),
    OutputColumn("To", lambda row: row.to_location),
    OutputColumn("Customer", lambda row: row.customer),
    OutputColumn("Serials", lambda row: row.serials, right=True),
    OutputColumn("Reference", lambda row: row.reference),
    OutputColumn("Voided by", lambda row: row.voided_by),
    OutputColumn("Note", lambda row: row.note),
)

_SERIAL_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Item", lambda one: one.sku),
    OutputColumn("Serial Number", lambda one: one.serial_number),
    OutputColumn("Status", lambda one: f"{one.status.mark} {one.status.label}"),
    OutputColumn("Location", lambda one: one.location),
)


# ----- customers

CUSTOMER: Final = argument("customer", metavar="NAME|CODE", help="the customer")


def _about_customer(**options: Any) -> tuple[Argument, ...]:
    """The options that both a new customer and a changed one have."""
    return (
        argument("--reference", metavar="TEXT", help="the customer's number elsewhere", **options),
        argument("--notes", metavar="TEXT", help="what one should know", **options),
    )


@command(
    "customer add",
    summary="make a customer",
    arguments=(
        argument("name", metavar="NAME", help="the name, unique whatever the case"),
        argument("--code", metavar="CODE", default="", help="printed as a barcode; unique among all codes"),
        *_about_customer(default=""),
    ),
    examples=('serialdock customer add "Bergmann AG" --code K-1001',),
)
def add_customer(session: Session, *, name: str, code: str, reference: str, notes: str) -> None:
    """Make a customer and print it."""
    made = session.run(operations.add_customer, session.actor, name, code=code, reference=reference, notes=notes)
    _print_customer(session, made.id)


@command(
    "customer set",
    summary="change a customer; what is not named stays",
    arguments=(
        CUSTOMER,
        argument("--name", metavar="NAME", help="the new name"),
        argument("--code", metavar="CODE", help="the code; '' for none"),
        *_about_customer(),
    ),
    examples=("serialdock customer set K-1001 --reference 10001",),
)
def set_customer(session: Session, *, customer: str, **values: str | None) -> None:
    """Change a customer and print it."""
    changed = session.run(operations.set_customer, session.actor, customer, **values)
    _print_customer(session, changed.id)


@command("customer show", summary="show a customer", arguments=(CUSTOMER,))
def show_customer(session: Session, *, customer: str) -> None:
    """Print a customer."""
    found = session.look(operations.find_customer, customer)
    _print_customer(session, found.id)


@command("customer list", summary="list all customers", arguments=(sort_argument(operations.CUSTOMER_ORDERS),))
def list_customers(session: Session, *, sort: Sorting | None) -> None:
    """Print all customers."""
    all_of_them = [session.look(operations.list_customers)] if sort is None else None
    pages = all_of_them or session.ordered(operations.CustomerSource(sorting=sort))
    session.out.many(pages, _customer_data, _CUSTOMER_COLUMNS)


def _print_customer(session: Session, customer_id: int) -> None:
    row = session.run(operations.customer, customer_id)
    shown = ("Name", row.name), ("Code", row.code), ("Reference", row.reference), ("Notes", row.notes)
    session.out.one(_customer_data(row), facts((*shown, ("Serials", row.serials))))


def _customer_data(row: CustomerRow) -> dict[str, Any]:
    return data_of(row, "name", "code", "reference", "notes", "serials")


_CUSTOMER_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Name", lambda row: row.name),
    OutputColumn("Code", lambda row: row.code),
    OutputColumn("Serials", lambda row: row.serials, right=True),
    OutputColumn("Reference", lambda row: row.reference),
    OutputColumn("Notes", lambda row: row.notes),
)


# ----- statuses

STATUS: Final = argument("code", metavar="CODE", help="its code, such as refurbished")


def _look(*, required: bool) -> tuple[Argument, ...]:
    """The options that say what a status looks like."""
    return (
        argument("--colour", metavar="COLOUR", required=required, help=", ".join(statuses.COLOURS)),
        argument("--mark", metavar="CHAR", required=required, help="one character that tells it without colour"),
    )


@command(
    "status add",
    summary="make a status of your own",
    arguments=(
        STATUS,
        argument("label", metavar="LABEL", help="what people read"),
        *_look(required=True),
        argument("--available", action="store_true", help="units can be issued to a customer"),
        argument("--on-hand", action="store_true", help="units count as part of the quantity"),
    ),
    examples=("serialdock status add refurbished Refurbished --colour green --mark r --available --on-hand",),
)
def add_status(
    session: Session, *, code: str, label: str, colour: str, mark: str, available: bool, on_hand: bool
) -> None:
    """Make a status and print it."""
    made = session.run(
        statuses.add_status, session.actor, code, label, colour=colour, mark=mark, available=available, on_hand=on_hand
    )
    _print_status(session, made.code)


@command(
    "status set",
    summary="change a status of your own; what is not named stays",
    arguments=(
        STATUS,
        argument("--label", metavar="LABEL", help="what people read"),
        *_look(required=False),
        argument("--available", action=BooleanOptionalAction, help="whether units can be issued to a customer"),
        argument("--on-hand", action=BooleanOptionalAction, help="whether units count as part of the quantity"),
    ),
    examples=("serialdock status set refurbished --label 'As new'",),
    note="What it counts as cannot change once a serial has had it.",
)
def set_status(session: Session, *, code: str, **values: Any) -> None:
    """Change a status and print it."""
    _print_status(session, session.run(statuses.set_status, session.actor, code, **values).code)


@command("status list", summary="list all statuses")
def list_statuses(session: Session) -> None:
    """Print all statuses."""
    session.out.many([session.look(statuses.statuses)], _status_data, _STATUS_COLUMNS)


def _print_status(session: Session, code: str) -> None:
    look = next(look for look in session.run(statuses.statuses) if look.code == code)
    counts = f"{'' if look.available else 'not '}available, {'' if look.on_hand else 'not '}on hand"
    session.out.one(_status_data(look), [f"{look.code}: {look.mark} {look.label}, {look.colour}, {counts}."])


def _status_data(look: StatusLook) -> dict[str, Any]:
    return data_of(look, "code", "label", "colour", "mark", "available", "on_hand")


_STATUS_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Code", lambda look: look.code),
    OutputColumn("Label", lambda look: f"{look.mark} {look.label}"),
    OutputColumn("Colour", lambda look: look.colour),
    OutputColumn("Available", lambda look: "yes" if look.available else "no"),
    OutputColumn("On hand", lambda look: "yes" if look.on_hand else "no"),
)
