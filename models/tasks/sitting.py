"""Scans of one station in one transaction: each becomes a line of the draft, with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from models.barcodes import Settings
from models.barcodes.commands import CommandCode
from models.database.unit import Unit
from models.errors import BadValue
from models.serials.judging import not_tracked
from models.station import task
from models.station.scan import Meaning, understand
from models.station.state import State, enter_item
from models.tasks.entries import Entries
from models.tasks.facts import ItemFacts, item_facts, place_facts
from models.tasks.serial_run import SerialRun
from models.tasks.verdict import Outcome, Reason, Scan, Verdict
from models.tasks.waiting import no_item, take_waiting

HELP: Final = (
    "Scan a place, an item, then its serials. DONE receives them, UNDO takes the last one out, NEXT goes on to "
    "another item, CANCEL throws all away."
)

_FINISHING: Final = (CommandCode.DONE, CommandCode.CANCEL)

_UNKNOWN_COMMAND: Final = "unknown_command"
"""The reason of `models.barcodes`; no unit was scanned, so that nothing has to wait for it."""


class Sitting:
    """The scans of one transaction, on a copy of the station's state."""

    def __init__(self, unit: Unit, state: State, start: Callable[[], int], settings: Settings | None = None) -> None:
        """Begin.

        Args:
            start: makes the draft, at the first line, and gives its id.
            settings: how scans are understood here; None is the ordinary way.
        """
        self.settings = settings
        self.unit = unit
        self.state = state
        self.entries = Entries(unit, state, start)

    def judge(self, scans: Sequence[Scan]) -> list[Verdict]:
        """Judge scans in their order, up to a command that finishes the draft; that one has to come alone.

        Returns:
            A verdict for each; fewer than there are scans where such a command stands next.
        """
        verdicts: list[Verdict] = []
        together: list[tuple[Scan, str]] = []

        def judge_together() -> None:
            verdicts.extend(self._serials(together))
            together.clear()

        self.entries.expect(scan.text for scan in scans)
        for scan, meaning in zip(scans, understand([scan.text for scan in scans], self.settings), strict=True):
            if self._is_only_serial(meaning):
                together.append((scan, meaning.serials[0]))
                continue
            judge_together()
            if meaning.reading is not None and meaning.reading.command in _FINISHING:
                break
            verdicts.append(self._one(scan, meaning))
        judge_together()
        self.entries.write()
        return verdicts

    def take(self, serials: Sequence[str]) -> list[Verdict]:
        """Take serials of the present item as they are, without reading them as barcodes.

        Whoever enters many at once has seen before which of them look odd; these are taken.

        Raises:
            BadValue: no item is chosen.
        """
        if self.state.item is None:
            raise BadValue("No item is chosen. Scan the item first.", field="item")
        self.entries.expect(serials)
        verdicts = self._serials([(Scan(text, "range"), text) for text in serials], confirmed=True)
        self.entries.write()
        return verdicts

    def take_corrected(self, text: str, item_id: int | None, location_id: int | None) -> Verdict:
        """Take a serial that somebody typed in place of another one's, of its item and at its place.

        Args:
            item_id: None is the present item.
            location_id: None where the other one was scanned before any place.
        """
        state = self.state
        place, item, looks = state.place, state.item, state.looks
        state.place = place_facts(location_id) if location_id is not None else None
        if item_id is not None and (item is None or item.id != item_id):
            enter_item(state, item_facts(item_id))
        is_other = state.item is not item
        self.entries.expect([text])
        (verdict,) = self._serials([(Scan(text, "typed"), text)])
        self.entries.write()
        state.place = place
        if is_other:
            state.item, state.looks = item, looks
        return verdict

    # ----- kinds of scans

    def _one(self, scan: Scan, meaning: Meaning) -> Verdict:  # noqa: PLR0911 - one for each kind of scan
        """A scan that is not just one serial of the present item."""
        if meaning.refusal is not None:
            return self._refused(scan, meaning.refusal.reason, meaning.refusal.message)
        assert meaning.reading is not None
        if meaning.reading.command is not None:
            return self._command(scan, meaning.reading.command)
        if meaning.place_id is not None and (self.state.place is None or meaning.item_id is None):
            return self._place(scan, meaning.place_id)
        if meaning.item_id is not None:
            return self._item(scan, meaning)
        if meaning.product and meaning.is_strict:
            why = f"No item has the product code {meaning.product}. Give it to its item, or take the unit's plain code."
            return self._stranger(scan, Reason.UNKNOWN_PRODUCT, why, meaning)
        if meaning.serials:  # several, or with a maker's part number that is nobody's code here
            return self._several(scan, meaning)
        if "sscc" in meaning.reading.fields:
            return self._problem(scan, Reason.CARTON, "This is the code of a carton. Scan the units in it.")
        if meaning.product:
            why = f"No item has the code {meaning.product}. Add it to an item's barcodes, or scan the item's SKU."
            return self._stranger(scan, Reason.UNKNOWN_PRODUCT, why, meaning)
        return self._problem(scan, Reason.NO_SERIAL, "This code has no serial number. Scan the unit's serial.")

    def _refused(self, scan: Scan, reason: str, message: str) -> Verdict:
        if reason != _UNKNOWN_COMMAND:
            return self._problem(scan, reason, message)
        self.state.begin_scan()
        self.state.nothing_to_undo = True
        return Verdict(Outcome.PROBLEM, scan.text, scan.text.strip() or scan.text, message, reason)

    def _command(self, scan: Scan, command: CommandCode) -> Verdict:
        if command is CommandCode.UNDO:
            return task.undo(self, scan.text)
        self.state.asked = ""
        if command is CommandCode.NEXT:
            left = self.state.item
            self.state.begin_scan()
            self.state.item, self.state.left = None, left.id if left else None
            self.state.nothing_to_undo = left is None
            said = f"{left.sku}: {self._progress(left)}. " if left else ""
            return Verdict(Outcome.SET, scan.text, "NEXT", f"{said}Scan the next item or place.", command=command)
        return Verdict(Outcome.TELL, scan.text, "HELP", f"{HELP} Now: {self.state.next}.", command=command)

    def _place(self, scan: Scan, place_id: int) -> Verdict:
        state, before = self.state, self.state.place
        place = place_facts(place_id)
        state.begin_scan()
        self.entries.settle(scan.text)
        if before is not None and before.id == place.id:
            state.nothing_to_undo = True
            return Verdict(Outcome.SET, scan.text, place.code, "This is the place already.")
        state.place = place
        number = self.entries.add("place", "good", scan, location_id=place.id)
        changed = f"The place is now {place.code}; before it was {before.code}." if before else place.name
        return Verdict(Outcome.SET, scan.text, place.code, changed, number=number)

    def _item(self, scan: Scan, meaning: Meaning) -> Verdict:
        """Go over to an item, aloud; take the serials that came with its code, and those that waited for it."""
        state, before = self.state, self.state.item
        assert meaning.item_id is not None
        item = item_facts(meaning.item_id)
        if not item.track_serials:
            return self._stranger(scan, Reason.NOT_TRACKED, not_tracked(item), meaning)
        state.begin_scan()
        if before is not None and before.id == item.id:
            state.item = item  # its rule may be another one since it was scanned
            if meaning.serials:
                return self._several(scan, meaning)
            state.nothing_to_undo = True
            return Verdict(Outcome.SET, scan.text, before.sku, f"This is the item already: {state.next}.")
        self.entries.settle(scan.text)
        self.entries.write()
        enter_item(state, item)
        number = self.entries.add("item", "good", scan, item_id=item.id, location_id=None)
        waited = take_waiting(self)
        switched = f"The item is now {item.sku}; before it was {before.sku}." if before else ""
        if not meaning.serials:
            message = " ".join(filter(None, (switched or item.name, waited)))
            return Verdict(Outcome.SET, scan.text, item.sku, message, number=number)
        verdict = self._several(scan, meaning)
        state.nothing_to_undo = False
        said = " ".join(filter(None, (verdict.message, switched or f"Item {item.sku}.", waited)))
        return verdict._replace(message=said)

    def _stranger(self, scan: Scan, reason: Reason, message: str, meaning: Meaning) -> Verdict:
        """A code of another item than the present one, to which the station cannot go over."""
        verdict = self._problem(scan, reason, message, serials=meaning.serials, is_other=True)
        still = f" The item is still {self.state.item.sku}." if self.state.item else ""
        return verdict._replace(message=f"{verdict.message}{still}")

    def _problem(
        self, scan: Scan, reason: str, message: str, *, serials: Sequence[str] = (), is_other: bool = False
    ) -> Verdict:
        """A scan that waits in the problems lane; the same one waits there once.

        Args:
            is_other: whether it is no serial of the present item.
        """
        state = self.state
        state.begin_scan()
        subject = serials[0] if serials else scan.text.strip() or scan.text
        serial = "".join(serials[:1])
        there = self.entries.waits(scan.text, serial)
        if there is not None and there.reason == reason:
            state.nothing_to_undo = True
            return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason, there.number, there.position)
        if there is not None:  # something else stands in its way now
            self.entries.settle(scan.text)
        item_id = state.item.id if state.item and not is_other else None
        said = {"reason": reason, "message": message, "serial_number": serial}
        number = self.entries.add("serial", "problem", scan, item_id=item_id, **said)
        state.problems += 1
        return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason, number, state.last_position)

    # ----- serials

    def _is_only_serial(self, meaning: Meaning) -> bool:
        """Whether a scan is just one serial of the present item, so that it is judged together with its neighbours."""
        if len(meaning.serials) != 1 or meaning.place_id is not None:
            return False
        if meaning.item_id is None:
            return not meaning.is_strict
        return self.state.item is not None and self.state.item.id == meaning.item_id

    def _serials(self, wanted: Sequence[tuple[Scan, str]], *, confirmed: bool = False) -> list[Verdict]:
        """Judge serials of the present item together."""
        verdicts: list[Verdict] = []
        if not wanted:
            return verdicts
        if self.state.item is None:
            return [self._problem(scan, Reason.NO_ITEM, no_item(text), serials=[text]) for scan, text in wanted]
        run = SerialRun(self.unit, self.state, self.entries, [text for _, text in wanted])
        before, last = 0, None
        for (scan, text), one in zip(wanted, run.cleaned, strict=True):
            if scan is not last:
                before, last = self.state.last_number, scan
            self.state.begin_scan()
            verdict = run.take(scan, text, one, confirmed=confirmed)
            if verdict.outcome is Outcome.OK and scan.text.strip() != text:
                self.entries.settle(scan.text, before)
            verdicts.append(verdict)
        return verdicts

    def _several(self, scan: Scan, meaning: Meaning) -> Verdict:
        """The serials of one code: the verdict is that of the first one in trouble, or of the last."""
        before = self.state.last_number
        verdicts = self._serials([(scan, text) for text in meaning.serials])
        if self.state.last_number > before:
            self.state.nothing_to_undo, self.state.kept = False, 0
        trouble = next((verdict for verdict in verdicts if verdict.outcome is not Outcome.OK), None)
        if len(verdicts) == 1 or trouble is None:
            several = f"{len(verdicts)} serials in one code." if len(verdicts) > 1 else verdicts[-1].message
            return verdicts[-1]._replace(message=several)
        good = sum(verdict.outcome is Outcome.OK for verdict in verdicts)
        return trouble._replace(message=f"{trouble.message} {good} of the {len(verdicts)} in this code were taken.")

    def _progress(self, item: ItemFacts) -> str:
        expected = self.state.expected.get(item.id)
        return f"{self.state.good[item.id]:,} of {expected:,}" if expected else f"{self.state.good[item.id]:,} scanned"
