"""Receive serials: serial rows, events, quantities and a receipt, all or none. `receive_list` judges a list first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from models import clock, ledger, ledger_bulk
from models.database import bulk
from models.database.unit import Unit, write
from models.documents import new_document
from models.errors import BadValue, Duplicate
from models.items.rules import item_facts
from models.locations import find_location, refuse_closed
from models.permissions import Actor, require
from models.schema import is_sqlite
from models.serials.drafted import elsewhere
from models.serials.judging import (
    Judged,
    Reason,
    judge,
    refuse_existing,
    refuse_twice,
    refuse_unfit,
    tracked_facts,
    tracked_item,
)
from models.serials.ranges import BLANKS, ListLine, list_lines, no_line
from models.text import clean_note, near_key, sort_key
from models.verbs import VERBS, DocumentKind, StatusCode

RECEIVE: Final = VERBS["receive"]

TO_DO = "receive serials"
"""The action, for the message of a missing permission."""

MANY: Final = 5_000
"""Receipts with at least this many serials are staged in a temporary table."""


class ReceiptLine(NamedTuple):
    """One serial to be received."""

    item_id: int
    serial_number: str
    """Clean, see `models.text.clean_serial`."""
    key: str
    """Folded key."""
    location_id: int
    scan: str | None = None
    """The barcode, if it contained more than the serial."""
    note: str = ""
    """Note for the history."""


@dataclass(frozen=True, slots=True)
class Received:
    """The result of a receipt."""

    document_id: int
    document: str
    """Document number."""
    serials: int
    units: int
    """Units added to the quantity on hand."""


def stage_ahead(lines: Sequence[ReceiptLine]) -> ledger_bulk.Totals | None:
    """Stage a long receipt in the temporary table for `receive_in`; None if it has fewer than `MANY` serials.

    Call it outside a transaction: most of the work is done here, and on SQLite other writers wait for a transaction. On
    PostgreSQL they do not, and `receive_in` stages, so that the session need not be the same before and in it.
    """
    return _staged(lines) if is_sqlite() and len(lines) >= MANY else None


def _staged(lines: Sequence[ReceiptLine]) -> ledger_bulk.Totals:
    status_id, today = ledger.status_ids()[StatusCode.IN_STOCK], clock.today()
    changes = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, today))
    ledger_bulk.begin(in_transaction=not is_sqlite())
    # Sorted as in `ledger_bulk.ORDER`; values in the order of `ledger_bulk.COLUMNS`.
    for part in bulk.blocks(sorted(lines, key=lambda line: (line.item_id, line.key))):
        ledger_bulk.add(
            [
                (line.item_id, line.serial_number, line.key, sort_key(line.key), status_id, line.location_id, None)
                + ("", None, None, today, "", changes, line.note, line.scan)
                for line in part
            ]
        )
    return ledger_bulk.totals()


def receive_serials(
    actor: Actor, lines: Sequence[ReceiptLine], *, adds_quantity: bool = True, note: str = ""
) -> Received:
    """Receive serials, all or none, In Stock, with one receipt.

    Args:
        adds_quantity: True for a delivery: the quantity at their places goes up by their number. False for units that
            are already on hand (to track stock that is there changes no quantity).
        note: note of the receipt.

    Raises:
        NotPermitted, NotFound, NotTracked
        BadValue: there are no lines, or a serial is a barcode of its item or breaks the item's rule.
        Duplicate: an item already has one of them (`details["serial_ids"]` are the existing ones), or one is repeated.
    """
    note = clean_note(note, "note of the receipt", field="note")
    totals = stage_ahead(lines)

    def work(unit: Unit) -> Received:
        require(actor, RECEIVE.permission, TO_DO)
        for item_id, own in _by_item(lines).items():
            item = tracked_facts(item_id)
            refuse_unfit(item, [line.serial_number for line in own])
        adds = dict.fromkeys({line.item_id for line in lines}, adds_quantity)
        return receive_in(unit, lines, adds, note, totals)

    return write(actor, work, durable=True)


def receive_in(
    unit: Unit,
    lines: Sequence[ReceiptLine],
    adds_quantity: Mapping[int, bool],
    note: str = "",
    totals: ledger_bulk.Totals | None = None,
    *,
    checked: bool = False,
) -> Received:
    """Receive serials in a transaction whose permission is checked; see `receive_serials`.

    Args:
        adds_quantity: by item id; True if missing.
        totals: what `stage_ahead` returned for these lines on this connection.
        checked: the caller has checked in this transaction that the serials can be received. If another writer
            receives one of them after that check, the unique constraint refuses it and `write` runs the unit again,
            which repeats the check.

    Raises:
        Duplicate, NotTracked, BadValue
        peewee.IntegrityError: `checked`, but an item already has one of them.
    """
    if not lines:
        raise BadValue("There is nothing to receive. Scan or type a serial first.")
    by_item = _by_item(lines)
    if not checked:
        for item_id, own in by_item.items():
            item = tracked_item(item_id)
            wanted = [Judged(line.serial_number, line.key, near_key(line.key)) for line in own]
            refuse_twice(wanted)
            refuse_existing(item, wanted)
    if len(lines) >= MANY and not is_sqlite():
        totals = _staged(lines)
    # After a reconnect the temporary table is gone: fall back to plain inserts.
    elif totals is not None and not ledger_bulk.is_there():
        totals = None
    places = {line.location_id for line in lines}
    refuse_closed(places)
    document = new_document(
        unit,
        DocumentKind.RECEIPT,
        serials=len(lines),
        to_location_id=places.pop() if len(places) == 1 else None,
        note=note,
    )
    adds = {item_id for item_id in by_item if adds_quantity.get(item_id, True)}
    if totals is not None:
        ledger_bulk.add_staged(unit, RECEIVE, document.id, totals, lambda done, total: None, adds_quantity=adds)
        ledger_bulk.end()  # a rollback restores the table for the next attempt
    units: Counter[tuple[int, int]] = Counter()
    for item_id, own in by_item.items():
        if item_id in adds:
            units.update((item_id, line.location_id) for line in own)
        if totals is not None:
            continue
        entries = [ledger.NewSerial(one.serial_number, one.location_id, note=one.note, scan=one.scan) for one in own]
        ledger.add(unit, item_id, entries, verb=RECEIVE, document_id=document.id, units=int(item_id in adds))
    ledger.add_stocks(unit, units, RECEIVE.kind, document_id=document.id)
    return Received(document.id, document.number, len(lines), sum(units.values()))


def _by_item(lines: Sequence[ReceiptLine]) -> dict[int, list[ReceiptLine]]:
    by_item: dict[int, list[ReceiptLine]] = {}
    for line in lines:
        by_item.setdefault(line.item_id, []).append(line)
    return by_item


OK: Final = "ok"
WARNING: Final = "warning"
REFUSED: Final = "refused"

DUPLICATES: Final = ("twice", Reason.EXISTS, Reason.SOLD, Reason.LOST)
"""Reasons that mean that the serial already exists or is repeated."""

TRIES: Final = 3
"""Maximum attempts at a list: it is judged again if somebody else received one of its serials in the meantime."""


class ListVerdict(NamedTuple):
    """The verdict on one serial of a list."""

    line: int
    """Line number in the list, from 1; blank lines count."""
    serial_number: str
    verdict: str
    """ok, warning (received anyway) or refused."""
    reason: str = ""
    """A `models.serials.judging.Reason`, or `twice`, or `range`, or the reason of its `ListLine`."""
    message: str = ""
    key: str = ""
    """Folded key; empty if it cannot be a serial."""


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """The result of `receive_list`."""

    serials: tuple[ListVerdict, ...]
    """One per non-blank line, in order."""
    sku: str
    location: str
    """Code of the place."""
    document: str | None = None
    """Number of the receipt; None if nothing was written."""
    units: int = 0
    """Units added to the quantity on hand."""
    mismatch: str = ""
    """A sentence with both numbers if another number was expected; else empty."""

    @property
    def good(self) -> list[ListVerdict]:
        """The serials that were or would be received."""
        return [one for one in self.serials if one.verdict != REFUSED]

    @property
    def refused(self) -> list[ListVerdict]:
        """The serials that were refused."""
        return [one for one in self.serials if one.verdict == REFUSED]

    @property
    def warned(self) -> list[ListVerdict]:
        """The good serials with a warning."""
        return [one for one in self.serials if one.verdict == WARNING]

    @property
    def code(self) -> str:
        """The error code of `problem`, as in `models.errors`."""
        refused = self.refused
        return "duplicate" if refused and refused[0].reason in DUPLICATES else "bad_value"

    @property
    def problem(self) -> str:
        """Why the whole list is refused unless errors are skipped; empty if nothing is wrong."""
        refused = self.refused
        more = f" {len(refused) - 1:,} more cannot be received." if len(refused) > 1 else ""
        why = f"{refused[0].message}{more}" if refused else self.mismatch
        return f"{why} Nothing was written." if why else ""


def receive_list(
    actor: Actor,
    item_id: int,
    texts: Sequence[str] | Sequence[ListLine],
    *,
    location: str,
    expected: int | None = None,
    adds_quantity: bool = True,
    skip_errors: bool = False,
    dry_run: bool = False,
    note: str = "",
) -> ReceiveReport:
    """Receive a list all or none, or with `skip_errors` all serials that can be received.

    Args:
        texts: one serial each, not read as barcodes; ranges are refused, blank lines ignored. Or the lines of a file,
            of which some may be refused already.
        location: code of their place.
        expected: the required number of good serials; None means any.
        adds_quantity: whether the quantity on hand goes up by their number.
        skip_errors: leave out serials that cannot be received; False writes nothing if there is one.
        dry_run: report only, write nothing.
        note: note of the receipt.

    Returns:
        A verdict for each serial. `document` is None if nothing was written: in a dry run, or because of `problem`.

    Raises:
        NotPermitted, NotFound, NotTracked
        BadValue: the list is empty.
        Duplicate: somebody else received serials of the list during each of `TRIES` attempts.
    """
    for _ in range(TRIES):
        require(actor, RECEIVE.permission, TO_DO)
        report, lines = _judged(actor, item_id, texts, location, expected)
        if dry_run or (report.problem and not skip_errors) or not lines:
            return report
        try:
            received = write(actor, _receiving(actor, lines, adds_quantity, note), durable=True)
        except Duplicate:  # somebody else just received one of them; the next attempt names it
            continue
        return replace(report, document=received.document, units=received.units)
    raise Duplicate("Others are receiving these serials at this moment. Look what is there, then run it again.")


def _receiving(
    actor: Actor, lines: Sequence[ReceiptLine], adds_quantity: bool, note: str
) -> Callable[[Unit], Received]:
    totals = stage_ahead(lines)

    def work(unit: Unit) -> Received:
        require(actor, RECEIVE.permission, TO_DO)
        return receive_in(unit, lines, {lines[0].item_id: adds_quantity}, note, totals)

    return work


def _lines(texts: Sequence[str] | Sequence[ListLine]) -> Sequence[ListLine]:
    lines = [one for one in texts if isinstance(one, ListLine)]
    return lines or list_lines(one for one in texts if isinstance(one, str))


def _judged(
    actor: Actor, item_id: int, texts: Sequence[str] | Sequence[ListLine], location: str, expected: int | None
) -> tuple[ReceiveReport, list[ReceiptLine]]:
    tracked = tracked_item(item_id)
    given = _lines(texts)
    if not given:
        raise BadValue("There is nothing to receive. Give at least one serial.")
    item, place = item_facts(tracked.id), find_location(location)
    refuse_closed([place.id])  # here too, so that a dry run says it
    verdicts: list[ListVerdict] = []
    first: dict[str, int] = {}
    judged = iter(elsewhere(judge(item, [one.text for one in given if not one.message]), item_id, actor.user_id))
    for entry in given:
        line, text = entry.line, entry.text
        if entry.message:
            verdicts.append(ListVerdict(line, text.strip(BLANKS), REFUSED, entry.reason, entry.message))
            continue
        one = next(judged)
        # Judged all the same, so that the verdicts stay in step with the lines.
        if wrong := no_line(text):
            verdicts.append(ListVerdict(line, text.strip(BLANKS), REFUSED, "range", wrong))
            continue
        if not one.key:  # not a serial: report the text as given, so that it can be found in the list
            verdicts.append(ListVerdict(line, text.strip(BLANKS), REFUSED, one.reason, one.message))
            continue
        earlier = first.setdefault(one.key, line)
        if earlier != line:
            message = f"{one.serial_number} is given twice, in line {earlier:,} and in line {line:,}."
            verdicts.append(ListVerdict(line, one.serial_number, REFUSED, "twice", message, one.key))
        elif one.is_warning:
            verdicts.append(ListVerdict(line, one.serial_number, WARNING, one.reason, one.sentence, one.key))
        elif one.good and entry.doubt is not None:
            verdicts.append(ListVerdict(line, one.serial_number, WARNING, *entry.doubt, one.key))
        else:
            verdict = OK if one.good else REFUSED
            verdicts.append(ListVerdict(line, one.serial_number, verdict, one.reason, one.message, one.key))
    good = [one for one in verdicts if one.verdict != REFUSED]
    mismatch = ""
    if expected is not None and expected != len(good):
        few = "few" if len(good) < expected else "many"
        mismatch = f"Too {few}: {len(good):,} can be received and {expected:,} are expected."
    report = ReceiveReport(tuple(verdicts), item.sku, place.code, mismatch=mismatch)
    return report, [ReceiptLine(item_id, one.serial_number, one.key, place.id) for one in good]
