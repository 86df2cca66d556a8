"""Receive a list of serials of one item at one place, as commands do: judged as at the station, written at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from models.database.unit import Unit, write
from models.errors import BadValue, Duplicate
from models.lookups.locations import find_location
from models.permissions import Actor, Permission, require
from models.serials.add import tracked_item
from models.serials.judging import judge
from models.serials.ranges import no_line
from models.serials.receive import TO_DO, ReceiptLine, Received, make_ready, receive_in
from models.tasks.facts import item_facts
from models.tasks.lists import BLANKS
from models.tasks.verdict import Reason

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
    """A `models.tasks.verdict.Reason`, or `twice`, or `range`."""
    message: str = ""
    key: str = ""
    """Folded; empty where it cannot be a serial."""


@dataclass(frozen=True, slots=True)
class Report:
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
) -> Report:
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
        require(actor, Permission.MANAGE_SERIALS, TO_DO)
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
        require(actor, Permission.MANAGE_SERIALS, TO_DO)
        return receive_in(unit, lines, {lines[0].item_id: adds_quantity}, note, totals)

    return work


def _judged(
    item_id: int, texts: Sequence[str], location: str, expected: int | None
) -> tuple[Report, list[ReceiptLine]]:
    tracked_item(item_id)
    given = [(line, text) for line, text in enumerate(texts, 1) if text.strip(BLANKS)]
    if not given:
        raise BadValue("There is nothing to receive. Give at least one serial.")
    item, place = item_facts(item_id), find_location(location)
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
    report = Report(tuple(told), item.sku, place.code, mismatch=mismatch)
    return report, [ReceiptLine(item_id, one.serial_number, one.key, place.id) for one in good]
