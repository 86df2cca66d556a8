"""Receive serials: rows, events, quantities and a receipt, all or nothing."""

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
from models.items.rules import facts_of
from models.locations import find_location
from models.permissions import Actor, require
from models.serials.judging import Judged, Reason, judge, refuse_existing, refuse_twice, refuse_unfit, tracked_item
from models.serials.ranges import BLANKS, no_line
from models.text import clean_note, near_key, sort_key
from models.verbs import VERBS, DocumentKind, StatusCode

RECEIVE: Final = VERBS["receive"]

TO_DO = "receive serials"
"""What the permission is asked for."""

MANY: Final = 5_000
"""Serials of one receipt from which on they are laid out before the write begins."""


class ReceiptLine(NamedTuple):
    """One serial to be received."""

    item_id: int
    serial_number: str
    """Clean, see `serial_text.clean_serial`."""
    key: str
    """Folded."""
    location_id: int
    scan: str | None = None
    """The barcode it came from, where that said more than the serial."""
    note: str = ""
    """For the history."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a receipt did."""

    document_id: int
    document: str
    """Its number."""
    serials: int
    units: int
    """By how many units the quantity on hand went up."""


def make_ready(lines: Sequence[ReceiptLine]) -> ledger_bulk.Totals | None:
    """Lay out very many serials for `receive_in` before the write begins; None where they are too few for that.

    Outside of a transaction: on SQLite others wait for a write, and most of the work of a long receipt is done here.
    """
    if len(lines) < MANY:
        return None
    status_id, today = ledger.status_ids()[StatusCode.IN_STOCK], clock.today()
    changes = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, today))
    ledger_bulk.begin()
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
        adds_quantity: True for a delivery: the quantity of their places goes up with them. False for units that are
            on hand already (seed: tracking existing stock changes no quantity).
        note: for the receipt.

    Raises:
        NotPermitted, NotFound, NotTracked
        BadValue: there is none, or one breaks the rule that somebody set for its item.
        Duplicate: an item has one of them by now, or it is given twice; `details["serial_ids"]` are those there.
    """
    note = clean_note(note, "note of the receipt", field="note")
    totals = make_ready(lines)

    def work(unit: Unit) -> Received:
        require(actor, RECEIVE.permission, TO_DO)
        for item_id, own in _by_item(lines).items():
            item = facts_of(tracked_item(item_id), sampled=False)
            refuse_unfit(item, [line.serial_number for line in own])
        adds = dict.fromkeys({line.item_id for line in lines}, adds_quantity)
        return receive_in(unit, lines, adds, note, totals)

    return write(actor, work)


def receive_in(
    unit: Unit,
    lines: Sequence[ReceiptLine],
    adds_quantity: Mapping[int, bool],
    note: str = "",
    totals: ledger_bulk.Totals | None = None,
    *,
    checked: bool = False,
) -> Received:
    """Receive serials in a unit whose actor may; see `receive_serials`.

    Args:
        adds_quantity: by item.
        totals: of these lines, where `make_ready` has laid them out on this connection.
        checked: whether the unit has looked already which of them can be received. What another one receives after
            that look is refused by the constraint, so that the unit is run again and looks once more.

    Raises:
        Duplicate, NotTracked, BadValue
        peewee.IntegrityError: an item has one of them by now, though it was `checked`.
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
    places = {line.location_id for line in lines}
    document = new_document(
        unit,
        DocumentKind.RECEIPT,
        serials=len(lines),
        to_location_id=places.pop() if len(places) == 1 else None,
        note=note,
    )
    if totals is not None and not ledger_bulk.is_there():
        totals = None
    if totals is not None:
        ledger_bulk.add_ready(unit, RECEIVE, document.id, totals, lambda done, total: None)
        ledger_bulk.end()  # is there again where the transaction is taken back
    units: Counter[tuple[int, ...]] = Counter()
    for item_id, own in by_item.items():
        if adds_quantity.get(item_id, True):
            units.update((item_id, line.location_id) for line in own)
        if totals is not None:
            continue
        entries = [
            ledger.NewSerial(line.serial_number, line.location_id, note=line.note, scan=line.scan) for line in own
        ]
        ledger.add(unit, item_id, entries, verb=RECEIVE, document_id=document.id)
    ledger.add_stocks(units)
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
"""Reasons that say that the serial is there already."""

TRIES: Final = 3
"""How often a list is judged anew because somebody else received a serial of it meanwhile."""


class Told(NamedTuple):
    """What is said of one serial of the list."""

    line: int
    """Where it stands in the list, from 1 on; blank lines count."""
    serial_number: str
    verdict: str
    """ok, warning (taken all the same) or refused."""
    reason: str = ""
    """A `models.serials.judging.Reason`, or `twice`, or `range`."""
    message: str = ""
    key: str = ""
    """Folded; empty where it cannot be a serial."""


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """What became of a list."""

    serials: tuple[Told, ...]
    """In the order of the list."""
    sku: str
    location: str
    """The code of the place."""
    document: str | None = None
    """The number of the receipt; None where nothing was written."""
    units: int = 0
    """By how much the quantity went up."""
    mismatch: str = ""
    """Where another number was expected: both, in a sentence."""

    @property
    def good(self) -> list[Told]:
        """Those that were, or would be, received."""
        return [told for told in self.serials if told.verdict != REFUSED]

    @property
    def refused(self) -> list[Told]:
        """Those that were not."""
        return [told for told in self.serials if told.verdict == REFUSED]

    @property
    def warned(self) -> list[Told]:
        """Those of the good ones about which something is to be said."""
        return [told for told in self.serials if told.verdict == WARNING]

    @property
    def code(self) -> str:
        """The stable name of `problem`, as the errors of `models.errors` have them."""
        refused = self.refused
        return "duplicate" if refused and refused[0].reason in DUPLICATES else "bad_value"

    @property
    def problem(self) -> str:
        """Why the whole list is refused unless errors are skipped; empty where nothing is wrong."""
        refused = self.refused
        more = f" {len(refused) - 1:,} more cannot be received." if len(refused) > 1 else ""
        why = f"{refused[0].message}{more}" if refused else self.mismatch
        return f"{why} Nothing was written." if why else ""


def receive_list(
    actor: Actor,
    item_id: int,
    texts: Sequence[str],
    *,
    location: str,
    expected: int | None = None,
    adds_quantity: bool = True,
    skip_errors: bool = False,
    dry_run: bool = False,
    note: str = "",
) -> ReceiveReport:
    """Receive a list, all or none, or all that can be with `skip_errors`.

    Args:
        texts: serials as they are, nothing is read as a barcode, and a range is refused; blank ones are left out.
        location: the code of their place.
        expected: how many there must be; None is any number.
        adds_quantity: whether the quantity goes up with them.
        skip_errors: leave out what cannot be received; otherwise one such serial keeps all from being written.
        dry_run: write nothing, only say what would happen.
        note: for the receipt.

    Returns:
        Each serial with its verdict. Its `document` is None where nothing was written: in a dry run, or because
        `problem` says something.

    Raises:
        NotPermitted, NotFound, NotTracked
        BadValue: the list is empty.
    """
    for _ in range(TRIES):
        require(actor, RECEIVE.permission, TO_DO)
        report, lines = _judged(item_id, texts, location, expected)
        if dry_run or (report.problem and not skip_errors) or not lines:
            return report
        try:
            received = write(actor, _receiving(actor, lines, adds_quantity, note))
        except Duplicate:  # somebody else was quicker with one of them; the next round names it
            continue
        return replace(report, document=received.document, units=received.units)
    raise Duplicate("Others are receiving these serials at this moment. Look what is there, then run it again.")


def _receiving(
    actor: Actor, lines: Sequence[ReceiptLine], adds_quantity: bool, note: str
) -> Callable[[Unit], Received]:
    totals = make_ready(lines)

    def work(unit: Unit) -> Received:
        require(actor, RECEIVE.permission, TO_DO)
        return receive_in(unit, lines, {lines[0].item_id: adds_quantity}, note, totals)

    return work


def _judged(
    item_id: int, texts: Sequence[str], location: str, expected: int | None
) -> tuple[ReceiveReport, list[ReceiptLine]]:
    tracked = tracked_item(item_id)
    given = [(line, text) for line, text in enumerate(texts, 1) if text.strip(BLANKS)]
    if not given:
        raise BadValue("There is nothing to receive. Give at least one serial.")
    item, place = facts_of(tracked), find_location(location)
    told: list[Told] = []
    first: dict[str, int] = {}
    for (line, text), one in zip(given, judge(item, [text for _, text in given]), strict=True):
        if wrong := no_line(text):
            told.append(Told(line, text.strip(BLANKS), REFUSED, "range", wrong))
            continue
        if not one.key:  # no serial: said as it came, so that nobody looks for another text
            told.append(Told(line, text.strip(BLANKS), REFUSED, one.reason, one.message))
            continue
        earlier = first.setdefault(one.key, line)
        if earlier != line:
            message = f"{one.serial_number} is given twice, in line {earlier:,} and in line {line:,}."
            told.append(Told(line, one.serial_number, REFUSED, "twice", message, one.key))
        elif one.is_warning:
            told.append(Told(line, one.serial_number, WARNING, one.reason, one.sentence, one.key))
        else:
            verdict = OK if one.good else REFUSED
            told.append(Told(line, one.serial_number, verdict, one.reason, one.message, one.key))
    good = [one for one in told if one.verdict != REFUSED]
    mismatch = ""
    if expected is not None and expected != len(good):
        few = "few" if len(good) < expected else "many"
        mismatch = f"Too {few}: {len(good):,} can be received and {expected:,} are expected."
    report = ReceiveReport(tuple(told), item.sku, place.code, mismatch=mismatch)
    return report, [ReceiptLine(item_id, one.serial_number, one.key, place.id) for one in good]
