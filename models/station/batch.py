"""A batch: the scans of one transaction. Each becomes a draft line with a verdict; also UNDO, corrections and DONE.

Scans that arrive together are judged together, in a constant number of SQL statements. The task's `Work` judges the
serials; places, items, commands, problems and the end of the draft are handled here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from models.barcodes import Settings
from models.barcodes.reading import CommandCode
from models.database.unit import Unit
from models.errors import BadValue, NotFound
from models.items.rules import item_facts, place_facts
from models.ledger import clock_time
from models.permissions import Actor
from models.schema import Draft, DraftLine
from models.serials.judging import CONFIRMABLE, Drafted, Judged, Outcome, Reason, Scan, Verdict, not_tracked
from models.serials.moves import transfer_in
from models.station import drafts, expected, lines
from models.station.expected import CHOOSE_ITEM
from models.station.lines import Change, Entries, Line
from models.station.move import Moving
from models.station.receive import Receiving
from models.station.scan import Meaning, understand
from models.station.state import DraftState, enter_item, looks_of
from models.station.task import RECEIVE, TRANSFER, First, Task, chosen_by
from models.station.work import Finish, GoodLine, Judging, Work
from models.text import LONGEST, clean_serial

NAMES: Final = 3
"""Maximum number of serials named in one message."""

MOST_NOTED: Final = 20
"""Maximum number of left-out problems named in the note of a document."""

MOST_NAMED: Final = 1_000
"""Missing or unannounced serials are counted up to this number; beyond it the message says "at least"."""

WORKS: Final[Mapping[str, Work]] = {
    RECEIVE.code: Receiving(),
    TRANSFER.code: Moving(TRANSFER.verb, transfer_in),
}
"""The `Work` of each task, by task code."""

_FINISHING: Final = (CommandCode.DONE, CommandCode.CANCEL)

_UNKNOWN_COMMAND: Final = "unknown_command"
"""Reason code from `models.barcodes`. No unit was scanned, so this problem makes no draft line."""


def next_scan(task: Task, state: DraftState) -> str:
    """The prompt for the next scan."""
    there = {First.PLACE: state.place, First.ITEM: state.item}
    missing = next((first for first in task.first if there.get(first, first) is None), None)
    if missing is not None:
        return task.words.prompt(missing)
    awaited = state.expected.get(state.item.id) if state.item is not None else None
    if awaited is not None and state.item is not None and state.good[state.item.id] >= awaited:
        return "scan DONE, or another item"
    return "scan a serial, or DONE" if state.good.total() else "scan a serial"


class Batch:
    """Handles the scans of one transaction, on a copy of the station's state."""

    def __init__(
        self, unit: Unit, task: Task, state: DraftState, start: Callable[[], int], settings: Settings | None = None
    ) -> None:
        """Start a batch.

        Args:
            task: the task of the draft.
            state: changed in place; the caller passes a copy.
            start: creates the draft at its first line and returns its id.
            settings: barcode settings; None means the defaults.
        """
        self.unit = unit
        self.task = task
        self._work = WORKS[task.code]
        self.state = state
        self.settings = settings
        self.entries = Entries(unit, state, start)

    def judge(self, scans: Sequence[Scan]) -> list[Verdict]:
        """Judge scans in order, stopping before a command that ends the draft or chooses a task (see `stands_alone`).

        Returns:
            One verdict per scan; fewer verdicts than scans mean that such a command comes next.
        """
        verdicts: list[Verdict] = []
        together: list[tuple[Scan, str]] = []

        def judge_together() -> None:
            verdicts.extend(self._serials(together))
            together.clear()

        # A run of plain serials is looked up together. A place, item or command ends the run, since it changes the
        # context of the serials after it.
        self.entries.expect(scan.text for scan in scans)
        for scan, meaning in zip(scans, understand([scan.text for scan in scans], self.settings), strict=True):
            if self._is_only_serial(meaning):
                together.append((scan, meaning.serials[0]))
                continue
            judge_together()
            if stands_alone(meaning):
                break
            verdicts.append(self._one(scan, meaning))
        judge_together()
        self.entries.write()
        return verdicts

    def take(self, serials: Sequence[str]) -> list[Verdict]:
        """Take serials of the current item as typed, without reading them as barcodes.

        Warnings count as confirmed, since the preview of a range or list has already shown them.

        Raises:
            BadValue: no item is chosen.
        """
        if self.state.item is None:
            raise BadValue(CHOOSE_ITEM, field="item")
        self.entries.expect(serials)
        verdicts = self._serials([(Scan(text, "range"), text) for text in serials], confirmed=True)
        self.entries.write()
        return verdicts

    # ----- one scan, by kind

    def _one(self, scan: Scan, meaning: Meaning) -> Verdict:  # noqa: PLR0911 - one for each kind of scan
        """Handle a scan that is not a single serial of the current item."""
        if meaning.refusal is not None:
            return self._refused(scan, meaning.refusal.reason, meaning.refusal.message)
        assert meaning.reading is not None
        if meaning.reading.command is not None:
            return self._command(scan, meaning.reading.command)
        if meaning.place_id is not None and (self.state.place is None or meaning.item_id is None):
            return self._place(scan, meaning.place_id)
        if meaning.item_id is not None and meaning.serials and First.ITEM not in self.task.first:
            return self._of_item(scan, meaning)
        if meaning.item_id is not None:
            return self._item(scan, meaning)
        if meaning.product and meaning.is_strict:
            why = f"No item has the product code {meaning.product}. Give it to its item, or take the unit's plain code."
            return self._stranger(scan, Reason.UNKNOWN_PRODUCT, why, meaning)
        if meaning.serials:  # several serials, or a manufacturer part number that no item here has
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
            return self.undo(scan.text)
        self.state.asked = ""
        if command is CommandCode.NEXT:
            left = self.state.item
            self.state.begin_scan()
            self.state.item, self.state.left = None, left.id if left else None
            self.state.nothing_to_undo = left is None
            said = f"{left.sku}: {self._progress(left.id)}. " if left else ""
            return Verdict(Outcome.SET, scan.text, "NEXT", f"{said}Scan the next item or place.", command=command)
        words = self.task.words
        message = (
            f"Scan {words.steps}. DONE {words.verb}s them, UNDO takes the last one out, NEXT goes on to another item, "
            f"CANCEL throws all away. Now: {next_scan(self.task, self.state)}."
        )
        return Verdict(Outcome.TELL, scan.text, "HELP", message, command=command)

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
        """Switch to an item and report it; take the serials in its code and those that waited for this item."""
        state, before = self.state, self.state.item
        assert meaning.item_id is not None
        item = item_facts(meaning.item_id)
        if not item.track_serials:
            return self._stranger(scan, Reason.NOT_TRACKED, not_tracked(item.sku), meaning)
        state.begin_scan()
        if before is not None and before.id == item.id:
            state.item = item  # reloaded: its rule may have changed since it was scanned
            if meaning.serials:
                return self._several(scan, meaning)
            state.nothing_to_undo = True
            now = next_scan(self.task, state)
            return Verdict(Outcome.SET, scan.text, before.sku, f"This is the item already: {now}.")
        self.entries.settle(scan.text)
        self.entries.write()
        enter_item(state, item)
        number = self.entries.add("item", "good", scan, item_id=item.id, location_id=None)
        waited = self._take_waiting()
        switched = f"The item is now {item.sku}; before it was {before.sku}." if before else ""
        if not meaning.serials:
            message = " ".join(filter(None, (switched or item.name, waited)))
            return Verdict(Outcome.SET, scan.text, item.sku, message, number=number)
        verdict = self._several(scan, meaning)
        state.nothing_to_undo = False
        said = " ".join(filter(None, (verdict.message, switched or f"Item {item.sku}.", waited)))
        return verdict._replace(message=said)

    def _of_item(self, scan: Scan, meaning: Meaning) -> Verdict:
        """Take the serials of a code that also names their item; the current item stays."""
        state = self.state
        item, looks = state.item, state.looks
        assert meaning.item_id is not None
        enter_item(state, item_facts(meaning.item_id))
        verdict = self._several(scan, meaning)
        state.item, state.looks = item, looks
        return verdict

    def _stranger(self, scan: Scan, reason: Reason, message: str, meaning: Meaning) -> Verdict:
        """Record a problem for a code of another item that the station cannot switch to."""
        verdict = self._problem(scan, reason, message, serials=meaning.serials, is_other=True)
        still = f" The item is still {self.state.item.sku}." if self.state.item else ""
        return verdict._replace(message=f"{verdict.message}{still}")

    def _problem(
        self, scan: Scan, reason: str, message: str, *, serials: Sequence[str] = (), is_other: bool = False
    ) -> Verdict:
        """Add a scan to the problems list; the same scan stands there only once.

        Args:
            is_other: the scan is not a serial of the current item.
        """
        state = self.state
        state.begin_scan()
        subject = serials[0] if serials else scan.text.strip() or scan.text
        serial = "".join(serials[:1])
        there = self.entries.waits(scan.text, serial)
        if there is not None and there.reason == reason:
            state.nothing_to_undo = True
            return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason, there.number, there.position)
        if there is not None:  # the same scan has another problem now
            self.entries.settle(scan.text)
        item_id = state.item.id if state.item and not is_other else None
        said = {"reason": reason, "message": message, "serial_number": serial}
        number = self.entries.add("serial", "problem", scan, item_id=item_id, **said)
        state.problems += 1
        return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason, number, state.last_position)

    # ----- serials

    def _is_only_serial(self, meaning: Meaning) -> bool:
        """Whether a scan is a single serial of the current item, which can be judged together with its neighbours."""
        if len(meaning.serials) != 1 or meaning.place_id is not None:
            return False
        if meaning.item_id is None:
            return not meaning.is_strict
        return self.state.item is not None and self.state.item.id == meaning.item_id

    def _judging(self, texts: Sequence[str]) -> Judging:
        self.entries.write()  # the lookup reads earlier lines from the database
        return self._work.judge(self.state, texts)

    def _serials(self, wanted: Sequence[tuple[Scan, str]], *, confirmed: bool = False) -> list[Verdict]:
        """Look up serials together, then judge them in order.

        Args:
            wanted: each scan with a serial text in it; one scan may hold several.
            confirmed: warnings count as confirmed.
        """
        verdicts: list[Verdict] = []
        if not wanted:
            return verdicts
        judging = self._judging([text for _, text in wanted])
        before, last = 0, None
        for (scan, text), one in zip(wanted, judging.cleaned, strict=True):
            if scan is not last:
                before, last = self.state.last_number, scan
            self.state.begin_scan()
            verdict = self._serial(judging, scan, text, one, confirmed=confirmed)
            # An earlier problem of the same code is resolved; lines of this scan itself (after `before`) stay.
            if verdict.outcome is Outcome.OK and scan.text.strip() != text:
                self.entries.settle(scan.text, before)
            verdicts.append(verdict)
        return verdicts

    def _several(self, scan: Scan, meaning: Meaning) -> Verdict:
        """Judge all serials in one code; returns the verdict of the first that is not OK, else that of the last."""
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

    def _serial(self, judging: Judging, scan: Scan, text: str, one: Judged, *, confirmed: bool) -> Verdict:
        """Add a serial to the draft, or update its existing line.

        Args:
            one: an entry of `judging.cleaned`.
            confirmed: the person has already accepted the warnings.
        """
        there = judging.drafted(one)
        if there is not None and there.state == "good":
            return self._duplicate(scan, one, there)
        judged = judging.say(one)
        if judged.reason == Reason.NO_ITEM:
            return self._problem(scan, Reason.NO_ITEM, judged.message, serials=[text], is_other=True)
        if there is not None:
            return self._again(judging, scan, judged, there, confirmed=confirmed)
        if confirmed and judged.is_warning:
            judged = one
        return self._new(judging, scan, text, judged)

    def _duplicate(self, scan: Scan, one: Judged, there: Drafted) -> Verdict:
        self.state.nothing_to_undo = True
        when = f"{there.at.astimezone():%H:%M}"
        message = f"{there.serial_number} was scanned already, line {there.position}, {when}."
        return Verdict(Outcome.DUPLICATE, scan.text, one.serial_number, message, "", there.number, there.position)

    def _again(self, judging: Judging, scan: Scan, judged: Judged, there: Drafted, *, confirmed: bool) -> Verdict:
        """A problem serial scanned again: this confirms a warning; the cause of another problem may be gone by now."""
        state, item_id = self.state, self._item_of(judged)
        kept = judged.is_warning and (confirmed or there.reason in CONFIRMABLE)
        if kept:
            judged = judged._replace(reason="", message="", serial_id=None)
        if judged.good or (judged.reason, judged.message) != (there.reason, there.message):
            self.entries.change(_changed(there.number, judged, item_id))
            judging.note(judged, self._row(judged, there.number, there.position)._replace(at=there.at))
        said = (there.number, there.position, judged.serial_id)
        if not judged.good:
            state.nothing_to_undo = True
            subject = judged.serial_number
            return Verdict(Outcome.PROBLEM, scan.text, subject, judged.message, judged.reason, *said)
        assert item_id is not None
        state.kept = there.number
        state.problems -= 1
        state.good[item_id] += 1
        message = f"Kept: {there.reason.replace('_', ' ')} was confirmed." if kept else "What stood in the way is gone."
        return Verdict(Outcome.OK, scan.text, judged.serial_number, message, "", *said)

    def _new(self, judging: Judging, scan: Scan, text: str, judged: Judged) -> Verdict:
        state, shown, item_id = self.state, judged.serial_number or text, self._item_of(judged)
        if not judged.key and (before := self.entries.waits(scan.text, "")) is not None:
            state.nothing_to_undo = True
            return Verdict(
                Outcome.PROBLEM, scan.text, shown, before.message, before.reason, before.number, before.position
            )
        number = self.entries.add(
            "serial",
            "good" if judged.good else "problem",
            scan,
            item_id=item_id,
            serial_number=judged.serial_number if judged.key else "",
            key=judged.key or None,
            near=judged.near if judged.key else None,
            reason=judged.reason,
            message=judged.message,
            serial_id=judged.serial_id,
        )
        position = state.last_position
        judging.note(judged, self._row(judged, number, position))
        if judged.good:
            assert item_id is not None
            state.good[item_id] += 1
            return Verdict(Outcome.OK, scan.text, judged.serial_number, judged.message, "", number, position)
        state.problems += 1
        said = (judged.message, judged.reason, number, position, judged.serial_id)
        return Verdict(Outcome.PROBLEM, scan.text, shown, *said)

    def _item_of(self, judged: Judged) -> int | None:
        """The item of a serial's line: its own, else the current one."""
        if judged.item_id is not None:
            return judged.item_id
        return self.state.item.id if self.state.item is not None else None

    def _row(self, judged: Judged, number: int, position: int) -> Drafted:
        """A judged serial as a draft line of this transaction."""
        return Drafted(
            *(number, position, judged.serial_number, judged.key, "good" if judged.good else "problem"),
            *(judged.reason, judged.message, judged.serial_id, self._item_of(judged), self.unit.at),
        )

    # ----- serials that came before their item

    def _take_waiting(self) -> str:
        """Take the serials that were scanned before the current item. Returns a sentence with their number, or ''."""
        state, entries = self.state, self.entries
        if state.draft_id is None or not state.problems:
            return ""
        entries.forget()
        waiting = [line for line in lines.problems(state.draft_id) if line.reason == Reason.NO_ITEM]
        if not waiting:
            return ""
        judging = self._judging([line.serial_number for line in waiting])
        good = 0
        for line, one in zip(waiting, judging.cleaned, strict=True):
            item_id = self._item_of(one)
            if judging.drafted(one) is not None:
                entries.change(_changed(line.number, one._replace(reason="twice"), item_id, "out"))
                state.problems -= 1
                continue
            judged = judging.say(one)
            if judged.reason == Reason.NO_ITEM:
                continue
            entries.change(_changed(line.number, judged, item_id))
            judging.note(judged, self._row(judged, line.number, line.position))
            if judged.good:
                assert item_id is not None
                state.problems -= 1
                state.good[item_id] += 1
                good += 1
        return f"{good} that waited for it {'is' if good == 1 else 'are'} taken." if good else ""

    def _give_back(self, taken_back: DraftLine, before: DraftLine | None) -> str:
        """Undo of an item scan: serials that had waited for it wait again. Returns a sentence with their number.

        Args:
            taken_back: the line of the item scan that is undone.
            before: the line of the item scan before it.
        """
        state, item_id = self.state, taken_back.item_id
        assert state.draft_id is not None
        assert item_id is not None
        if before is not None and before.item_id == item_id:
            return ""
        # Candidates: the item's lines that were scanned before the item itself, after the previous item scan.
        first = before.number if before is not None else 0
        found = lines.between(state.draft_id, item_id, first, taken_back.number)
        if not found:
            return ""
        state.item = None
        judging = self._judging([self._as_scanned(line) for line in found])
        waiting = 0
        for line, one in zip(found, judging.cleaned, strict=True):
            judged = judging.say(one)
            if judged.reason != Reason.NO_ITEM:
                continue
            told = (judged.reason, judged.message)
            self.entries.change(Change(line.number, "problem", None, judged.serial_number, None, None, *told))
            waiting += 1
            if line.state == "good":
                state.good[item_id] -= 1
                state.problems += 1
        self.entries.forget()
        if not waiting:
            return ""
        return f"{waiting} wait{'s' if waiting == 1 else ''} for {'its' if waiting == 1 else 'their'} item again."

    def _as_scanned(self, line: Line) -> str:
        """A line's serial as scanned; an item's rule may have shortened the stored text."""
        (meaning,) = understand([line.scan], self.settings)
        return meaning.serials[0] if len(meaning.serials) == 1 else line.shown

    # ----- undo and corrections

    def undo(self, scan: str = "") -> Verdict:  # noqa: PLR0911 - one for each kind of scan
        """Take out everything the last scan added: its serials, or the change of place or item."""
        state = self.state
        state.asked = ""
        self.entries.forget()
        if state.nothing_to_undo:
            state.nothing_to_undo = False
            message = "The last scan added nothing, so nothing was taken out. UNDO again takes out the one before it."
            return _undone(scan, "Nothing to undo", message)
        if state.left is not None:
            enter_item(state, item_facts(state.left))
            state.left = None
            return self._item_now(scan, "NEXT was taken back.")
        if state.kept:
            return self.take_out(state.kept)._replace(scan=scan, command=CommandCode.UNDO)
        added = lines.of_last_scan(state.draft_id) if state.draft_id is not None else []
        if not added or state.draft_id is None:
            return _undone(scan, "Nothing to undo", "Nothing was scanned yet.")
        serials = [one.number for one in added if one.kind == "serial"]
        first = added[-1]
        verdict = self._take_out(serials)._replace(scan=scan, command=CommandCode.UNDO) if serials else None
        if first.kind == "serial":
            assert verdict is not None
            return verdict
        lines.set_state(state.draft_id, first.number, "out", reason="undone")
        before = lines.last_line(state.draft_id, kind=first.kind)
        if first.kind == "place":
            state.place = place_facts(before.location_id) if before and before.location_id else None
            now = state.place.code if state.place else "none"
            return _undone(scan, f"Place: {now}", "The change of place was taken back.")
        waiting = self._give_back(first, before)
        if before and before.item_id and not waiting:
            enter_item(state, item_facts(before.item_id))
        else:
            state.item = None
        if verdict is None:
            return self._item_now(scan, f"The change of item was taken back. {waiting}".strip())
        now = f"The item is {state.item.sku} again." if state.item else "No item is chosen now."
        return verdict._replace(message=f"{verdict.message} {now} {waiting}".strip())

    def take_out(self, number: int) -> Verdict:
        """Take one serial line out; the serial can be scanned again.

        Raises:
            NotFound: no such line, or it was already taken out.
        """
        return self._take_out([self._line(number).number])

    def correct(self, number: int, text: str) -> Verdict:
        """Replace the serial of a line with a typed one, for the same item and place; it is not read as a barcode.

        Raises:
            NotFound: no such line, or it was already taken out.
            BadValue: the text cannot be a serial.
        """
        line, serial = self._line(number), clean_serial(text)
        self._take_out([number])
        state = self.state
        place, item, looks = state.place, state.item, state.looks
        state.place = place_facts(line.location_id) if line.location_id is not None else None
        if line.item_id is not None and (item is None or item.id != line.item_id):
            enter_item(state, item_facts(line.item_id))
        is_other = state.item is not item
        self.entries.expect([serial])
        (verdict,) = self._serials([(Scan(serial, "typed"), serial)])
        self.entries.write()
        state.place = place
        if is_other:
            state.item, state.looks = item, looks
        return verdict

    def _line(self, number: int) -> Line:
        draft_id = self.state.draft_id
        line = lines.line(draft_id, number) if draft_id is not None else None
        if line is None or line.state == "out":
            raise NotFound(f"Line {number} is out already. Look at the list again.", number=number)
        return line

    def _take_out(self, numbers: Sequence[int]) -> Verdict:
        """Take serial lines out; the verdict names the first of them."""
        state = self.state
        assert state.draft_id is not None
        state.begin_scan()
        found = lines.these(state.draft_id, numbers)
        for line in found:
            self.entries.change(lines.taken_out(line))
            if line.state == "problem":
                state.problems -= 1
            elif line.item_id is not None:
                state.good[line.item_id] -= 1
        self.entries.forget()
        # The learned shape contained the serials taken out, so it is learned again.
        if state.item is not None and any(line.state == "good" and line.item_id == state.item.id for line in found):
            state.looks = looks_of(state.item, state.draft_id)
        line = found[0]
        message = "It was taken out and can be scanned again."
        if len(found) > 1:
            message = f"{len(found)} serials were taken out and can be scanned again."
        return Verdict(Outcome.OUT, line.scan, line.shown, message, "", line.number, line.position)

    def _item_now(self, scan: str, message: str) -> Verdict:
        return _undone(scan, f"Item: {self.state.item.sku if self.state.item else 'none'}", message)

    def _progress(self, item_id: int) -> str:
        good, awaited = self.state.good[item_id], self.state.expected.get(item_id)
        return f"{good:,} of {awaited:,}" if awaited else f"{good:,} scanned"

    # ----- the end

    def done(self, scan: str = "", prepared: Prepared | None = None) -> Verdict:
        """Write the document of the good lines, in this transaction.

        Open points (problems, missing units, serials that somebody else changed since the scan) are named first; a
        second DONE continues without them.

        Args:
            prepared: what `prepare` returned for this draft on this connection; None prepares within the transaction.

        Returns:
            A verdict DONE; ASK before the second DONE; PROBLEM if the draft cannot be finished as it is; TELL if there
            are no good lines.
        """
        state, code, words = self.state, CommandCode.DONE, self.task.words
        if state.draft_id is None or not state.good.total():
            waiting = f" {_problems(state.problems)} waiting." if state.problems else ""
            subject, message = f"Nothing to {words.verb}", f"No serial was taken yet.{waiting}"
            return Verdict(Outcome.TELL, scan, subject, message, command=code)
        ready = prepared.ready if prepared else ready_lines(state.draft_id, self.unit.actor)
        if ready is None:
            message = f"{words.prompt(First.PLACE).capitalize()} first, then DONE."
            return Verdict(Outcome.PROBLEM, scan, "Where?", message, "no_place", command=code)
        since, ready = self._changed_since(ready)
        if since and not ready:
            message = " ".join([*since, f"Nothing else is left to {words.verb}."])
            return Verdict(Outcome.PROBLEM, scan, "Changed since", message, "open", command=code)
        open_points = since + self._open_points()
        if open_points and (since or state.asked != code):
            state.begin_scan()
            state.asked = code
            other = "other " if since or state.problems else ""
            what = f"DONE once more {words.verb}s the {other}{state.good.total():,}."
            outcome = Outcome.PROBLEM if since else Outcome.ASK
            subject = "Changed since" if since else "DONE?"
            return Verdict(outcome, scan, subject, " ".join([*open_points, what]), "open", command=code)
        # Lines that changed since are no longer in `ready`, so what was prepared no longer matches.
        return self._finish(scan, prepared.finish if prepared and not since else self._work.prepare(ready, ahead=False))

    def cancel(self, scan: str = "") -> Verdict:
        """Discard the draft at the second CANCEL.

        Returns:
            A verdict OUT; ASK at the first CANCEL; TELL if there is no draft.
        """
        state, code, noun = self.state, CommandCode.CANCEL, self.task.words.noun
        if state.draft_id is None:
            return Verdict(Outcome.TELL, scan, "Nothing to cancel", "Nothing was scanned yet.", command=code)
        if state.asked != code:
            state.asked = code
            scanned = f"{state.good.total() + state.problems:,} scanned"
            message = f"CANCEL once more throws the whole {noun} away, {scanned}."
            return Verdict(Outcome.ASK, scan, "CANCEL?", message, command=code)
        drafts.discard_in(self.unit, state.draft_id)
        return Verdict(Outcome.OUT, scan, "Cancelled", f"The {noun} was thrown away.", command=code)

    def _finish(self, scan: str, finish: Finish) -> Verdict:
        state, unit = self.state, self.unit
        assert state.draft_id is not None
        draft = Draft.get_by_id(state.draft_id)
        people = drafts.people_text(drafts.people_of(state.draft_id))
        left = lines.problems(state.draft_id, MOST_NOTED) if state.problems else []
        left_out = f"left out: {_names(left, state.problems, MOST_NOTED)}" if left else ""
        note = ". ".join(filter(None, (draft.note, people, left_out)))
        finished = finish(unit, state, note)
        DraftLine.delete().where((DraftLine.draft == draft.id) & (DraftLine.state == "good")).execute()
        DraftLine.update(state="out", reason="left_out").where(
            (DraftLine.draft == draft.id) & (DraftLine.state == "problem")
        ).execute()
        Draft.update(state="done", session=None, document=finished.document_id, seen_at=unit.at).where(
            Draft.id == draft.id
        ).execute()
        named = f" {_problems(state.problems)} left out: {_names(left, state.problems)}." if left else ""
        message = f"{finished.message}{named}"
        return Verdict(Outcome.DONE, scan, finished.document, message, command=CommandCode.DONE)

    def _changed_since(self, ready: list[GoodLine]) -> tuple[list[str], list[GoodLine]]:
        """Turn lines that can no longer be carried out into problems. Returns their messages and the other lines."""
        gone = self._work.no_longer(self.state, ready)
        for one, judged in gone:
            self.entries.change(_changed(one.number, judged, one.item_id))
            self.state.good[one.item_id] -= 1
            self.state.problems += 1
        self.entries.forget()
        numbers = {one.number for one, _ in gone}
        left = [one for one in ready if one.number not in numbers] if gone else ready
        told = list(dict.fromkeys(judged.message for _, judged in gone))
        more = [f"And {len(told) - NAMES:,} more."] if len(told) > NAMES else []
        return [*told[:NAMES], *more], left

    def _open_points(self) -> list[str]:
        """Sentences about problems and quantity differences, shown before the document is written."""
        state = self.state
        assert state.draft_id is not None
        points: list[str] = []
        if state.problems:
            named = _names(lines.problems(state.draft_id, NAMES), state.problems)
            points.append(f"{_problems(state.problems)} waiting and will be left out: {named}.")
        totals: Counter[str] = Counter()
        for item_id, awaited in state.expected.items():
            if awaited is None:
                continue
            totals["expected"] += awaited
            totals["good"] += state.good[item_id]
            if state.announced[item_id]:
                points += _by_name("missing", expected.missing(state.draft_id, item_id, MOST_NAMED))
                points += _by_name("not announced", expected.unannounced(state.draft_id, item_id, MOST_NAMED))
        if totals["good"] != totals["expected"]:
            few = totals["good"] < totals["expected"]
            difference = abs(totals["expected"] - totals["good"])
            named = f"{difference:,} {'missing' if few else 'too many'}"
            points.append(f"{totals['good']:,} of {totals['expected']:,}: {named}.")
        return points


class Prepared(NamedTuple):
    """The good lines and the prepared write of a draft, made before the transaction.

    Safe, because only the station that has the draft open can change it.
    """

    ready: list[GoodLine]
    finish: Finish


def prepare(task: Task, state: DraftState, actor: Actor) -> Prepared | None:
    """Do the slow part of DONE before the transaction, while other writers need not wait.

    Returns:
        None if there are no good lines, or a serial has no place.
    """
    if state.draft_id is None or not state.good.total():
        return None
    ready = ready_lines(state.draft_id, actor)
    return None if ready is None else Prepared(ready, WORKS[task.code].prepare(ready, ahead=True))


def ready_lines(draft_id: int, actor: Actor) -> list[GoodLine] | None:
    """The good lines of a draft; None if a serial has no place and no place was scanned after it either."""
    first_place, ready = _first_place(draft_id), list[GoodLine]()
    for page in lines.pages(draft_id):
        for line in page:
            place, item_id = line.location_id or first_place, line.item_id
            if place is None:
                return None
            assert item_id is not None
            raw = line.scan if line.scan.strip() != line.serial_number else None
            note = f"scanned by {line.login} at {clock_time(line.at)}" if line.user_id != actor.user_id else ""
            serial = (line.serial_number, lines.key_of(line))
            ready.append(GoodLine(line.number, item_id, *serial, place, raw, note, line.serial_id, line.message))
    return ready


def stands_alone(meaning: Meaning) -> bool:
    """Whether a scan is a command that ends the draft or chooses a task; each of these has a transaction of its own."""
    command = meaning.reading.command if meaning.reading is not None else None
    return command is not None and (command in _FINISHING or chosen_by(command) is not None)


def _first_place(draft_id: int) -> int | None:
    """The first place of the draft: the place of serials scanned before any place."""
    first = (
        DraftLine.select(DraftLine.location_id)
        .where((DraftLine.draft == draft_id) & (DraftLine.kind == "place") & (DraftLine.state == "good"))
        .order_by(DraftLine.number)
        .first()
    )
    return first.location_id if first else None


def _changed(number: int, judged: Judged, item_id: int | None, state: str = "") -> Change:
    """The update of a line after its serial was judged again.

    Args:
        state: overrides good or problem.
    """
    return Change(
        number,
        state or ("good" if judged.good else "problem"),
        item_id,
        judged.serial_number if judged.key else "",
        judged.key or None,
        judged.near if judged.key else None,
        judged.reason,
        judged.message,
        judged.serial_id,
    )


def _undone(scan: str, subject: str, message: str) -> Verdict:
    return Verdict(Outcome.OUT, scan, subject, message, command=CommandCode.UNDO)


def _by_name(what: str, serials: list[str]) -> list[str]:
    if not serials:
        return []
    least = "at least " if len(serials) == MOST_NAMED else ""
    more = f" and {least}{len(serials) - NAMES:,} more" if len(serials) > NAMES else ""
    return [f"{what.capitalize()}: {', '.join(serials[:NAMES])}{more}."]


def _names(left: list[Line], count: int, most: int = NAMES) -> str:
    """The first lines by serial, and how many more there are."""
    more = f" and {count - most:,} more" if count > most else ""
    return f"{', '.join(line.shown.strip()[:LONGEST] for line in left[:most])}{more}"


def _problems(count: int) -> str:
    return f"{count:,} problem{'s' if count != 1 else ''}"
