"""Look up at a station: each scan shows what it names and what can happen to it now; nothing is written."""

from __future__ import annotations

from typing import Final

from models.barcodes.reading import CommandCode, Settings
from models.clock import clock_time
from models.customers import customer
from models.documents import document
from models.errors import Refusal
from models.items.items import item_form
from models.ledger import whereabouts
from models.locations import StockSource, place
from models.permissions import Actor
from models.serials.drafted import draft_of
from models.serials.judging import Outcome, Scan, Verdict
from models.serials.possible import possible
from models.serials.record import serial_detail
from models.station.scan import find_scanned, understand

MOST_ITEMS: Final = 1_000
"""Items at a place that are counted."""

_HELP: Final = "Scan a serial, an item, a place, a customer or a document. The barcode of another task begins that one."


def look_up(actor: Actor, scan: Scan, settings: Settings | None = None) -> Verdict:
    """What a scan names, as it is now."""
    (meaning,) = understand([scan.text], settings)
    command = meaning.reading.command if meaning.reading is not None else None
    if command is not None:
        subject = "HELP" if command is CommandCode.HELP else "No draft here"
        return Verdict(Outcome.TELL, scan.text, subject, _HELP, command=command)
    try:
        return _found(actor, scan.text, settings)
    except Refusal as refusal:
        subject = scan.text.strip() or "Nothing readable"
        return Verdict(Outcome.PROBLEM, scan.text, subject, refusal.message, refusal.code)


def _found(actor: Actor, scan: str, settings: Settings | None) -> Verdict:
    found = find_scanned(scan, settings)
    if found.customer_id is not None:
        row = customer(found.customer_id)
        return Verdict(Outcome.FOUND, scan, row.name, f"Customer with {_count(row.serials, 'serial')}.")
    if found.document_id is not None:
        shown = document(found.document_id)
        message = f"{shown.kind.capitalize()} at {clock_time(shown.at)} with {_count(shown.serials, 'serial')}."
        return Verdict(Outcome.FOUND, scan, shown.number, message)
    if found.item_id is not None:
        item = item_form(found.item_id)
        return Verdict(Outcome.FOUND, scan, item.sku, f"{item.name}. {item.on_hand:,} on hand.")
    if found.place_id is not None:
        return _place(scan, found.place_id)
    if len(found.hits) > 1:
        items = " and ".join(hit.sku for hit in found.hits)
        message = f"{items} have it. Scan a code that names its item too, or look it up on its item."
        return Verdict(Outcome.FOUND, scan, found.serial, message)
    return _serial(actor, scan, found.hits[0].serial_id)


def _serial(actor: Actor, scan: str, serial_id: int) -> Verdict:
    """The head of a serial's record, and what can happen to it now."""
    record = serial_detail(serial_id)
    can = [verb.title.lower() for verb in possible(actor, serial_id)]
    now = f"Now: {', '.join(can)}." if can else "Nothing can happen to it now."
    # On a small screen the end is cut off.
    draft = draft_of(serial_id)
    elsewhere = f" It is in {draft.phrase(actor.user_id)}." if draft is not None else ""
    message = f"{record.sku}: {whereabouts([serial_id])[serial_id]}.{elsewhere} {now} {record.item_name}."
    return Verdict(Outcome.FOUND, scan, record.serial_number, message, serial_id=serial_id)


def _place(scan: str, location_id: int) -> Verdict:
    found, stock = place(location_id), StockSource(location_id).fetch(0, MOST_ITEMS)
    name = f"{found.name}. " if found.name else ""
    on_hand, serials = sum(row.on_hand for row in stock), sum(row.serials for row in stock)
    units, items = _count(on_hand, "unit"), _count(len(stock), "item")
    message = f"{name}{units} on hand of {items}, {serials:,} with a serial."
    return Verdict(Outcome.FOUND, scan, found.code, message)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
