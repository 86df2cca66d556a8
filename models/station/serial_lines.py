"""What a serial becomes in a draft: a new line, the line that it has already, a problem that waits, or nothing again.

Serials that arrive together are looked up together, in a constant number of SQL statements; the task's `Work` judges
them in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from models.barcodes.reading import Settings
from models.database.unit import Unit
from models.errors import NotFound
from models.items.rules import ItemFacts, item_facts, place_facts
from models.schema import DraftLine
from models.serials.drafted import Others, also_elsewhere, in_other_drafts
from models.serials.judging import CONFIRMABLE, Drafted, Judged, Outcome, Reason, Scan, Verdict
from models.station import lines
from models.station.lines import Change, Entries, Line
from models.station.scan import understand
from models.station.state import DraftState, enter_item, looks_of
from models.station.work import Judging, Work
from models.text import clean_serial


class ScannedCode(NamedTuple):
    """A code with serials in it."""

    scan: Scan
    serials: Sequence[str]
    item: ItemFacts | None = None
    """The item that it names too, if that is not the current one."""


class SerialLines:
    """Makes lines of serials and changes them, on the state and with the buffer of a batch."""

    def __init__(
        self, unit: Unit, work: Work, state: DraftState, entries: Entries, settings: Settings | None = None
    ) -> None:
        """Start without serials.

        Args:
            work: judges serials as the task needs.
            state: changed in place, by the batch too.
            entries: the buffer of the batch.
            settings: barcode settings; None means the defaults.
        """
        self.unit, self.state, self.entries, self.settings = unit, state, entries, settings
        self._work = work
        self._others: Others = {}
        """Which of the serials that are judged now stand in other drafts."""

    def _judging(self, texts: Sequence[str], items: Sequence[ItemFacts | None] = ()) -> Judging:
        self.entries.write()  # the lookup reads earlier lines from the database
        return self._work.judge(self.state, texts, items)

    def take_each(self, codes: Sequence[ScannedCode], *, confirmed: bool = False) -> list[list[Verdict]]:
        """Look up the serials of codes together, then judge them in order.

        Args:
            confirmed: warnings count as confirmed.

        Returns:
            The verdicts of each code, one for each of its serials.
        """
        texts = [text for code in codes for text in code.serials]
        if not texts:
            return [[] for _ in codes]
        judging = self._judging(texts, [code.item for code in codes for _ in code.serials])
        self._others = {} if confirmed else self._in_other_drafts(judging)
        cleaned = iter(judging.cleaned)
        return [
            self._take_code(judging, code, list(islice(cleaned, len(code.serials))), confirmed=confirmed)
            for code in codes
        ]

    def _take_code(
        self, judging: Judging, code: ScannedCode, cleaned: Sequence[Judged], *, confirmed: bool
    ) -> list[Verdict]:
        state, scan, before = self.state, code.scan, self.state.last_number
        verdicts: list[Verdict] = []
        for text, one in zip(code.serials, cleaned, strict=True):
            state.begin_scan()
            verdict = self._serial(judging, scan, text, one, confirmed=confirmed)
            # An earlier problem of the same code is resolved; lines of this scan itself (after `before`) stay.
            if verdict.outcome is Outcome.OK and scan.text.strip() != text:
                self.entries.settle(scan.text, before)
            verdicts.append(verdict)
        if state.last_number > before:  # UNDO takes out all that the code has added
            state.nothing_to_undo, state.kept = False, 0
        return verdicts

    def take(self, codes: Sequence[ScannedCode]) -> list[Verdict]:
        """Take the serials of codes that came together; one verdict for each code."""
        return [_of_code(verdicts) for verdicts in self.take_each(codes)]

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
            return self.problem(scan, Reason.NO_ITEM, judged.message, serials=[text], is_other=True)
        warned = self._also_elsewhere(judged)
        if there is not None:
            kept = judged if judged.good else judged._replace(reason="", message="", serial_id=None)
            is_kept = warned.is_warning and (confirmed or there.reason in CONFIRMABLE)
            return self._again(judging, scan, kept if is_kept else warned, there, is_kept=is_kept)
        return self._new(judging, scan, text, one if confirmed and judged.is_warning else warned)

    def _duplicate(self, scan: Scan, one: Judged, there: Drafted) -> Verdict:
        self.state.nothing_to_undo = True
        when = f"{there.at.astimezone():%H:%M}"
        message = f"{there.serial_number} was scanned already, line {there.position}, {when}."
        return Verdict(Outcome.DUPLICATE, scan.text, one.serial_number, message, "", there.number, there.position)

    def _again(self, judging: Judging, scan: Scan, judged: Judged, there: Drafted, *, is_kept: bool) -> Verdict:
        """A problem serial scanned again: this confirms a warning; the cause of another problem may be gone by now."""
        state, item_id = self.state, self._item_of(judged)
        if judged.good or (judged.reason, judged.message) != (there.reason, there.message):
            place_id = state.place.id if state.place is not None else None  # where it goes now, not before
            self.entries.change(changed_line(there.number, judged, item_id)._replace(location_id=place_id))
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
        message = "What stood in the way is gone."
        if is_kept:
            message = f"Kept: {there.reason.replace('_', ' ')} was confirmed."
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

    def _in_other_drafts(self, judging: Judging) -> Others:
        return in_other_drafts(self.state.draft_id, [one.near for one in judging.cleaned if one.key])

    def _also_elsewhere(self, judged: Judged) -> Judged:
        return also_elsewhere(judged, self._item_of(judged), self._others, self.unit.actor.user_id)

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

    def problem(
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

    # ----- serials that came before their item

    def take_waiting(self) -> str:
        """Take the serials that were scanned before the current item. Returns a sentence with their number, or ''."""
        state, entries = self.state, self.entries
        if state.draft_id is None or not state.problems:
            return ""
        entries.forget()
        waiting = [line for line in lines.problems(state.draft_id) if line.reason == Reason.NO_ITEM]
        if not waiting:
            return ""
        present, good = state.place, 0
        for place_id in dict.fromkeys(line.location_id for line in waiting):
            state.place = place_facts(place_id) if place_id is not None else present
            good += self._take_those([line for line in waiting if line.location_id == place_id])
        state.place = present
        return f"{good} that waited for it {'is' if good == 1 else 'are'} taken." if good else ""

    def _take_those(self, waiting: Sequence[Line]) -> int:
        """Take serials that waited for the current item, all scanned at the current place. Returns their number."""
        state, entries, good = self.state, self.entries, 0
        judging = self._judging([line.serial_number for line in waiting])
        self._others = self._in_other_drafts(judging)
        for line, one in zip(waiting, judging.cleaned, strict=True):
            item_id = self._item_of(one)
            if judging.drafted(one) is not None:
                entries.change(changed_line(line.number, one._replace(reason="twice"), item_id, "out"))
                state.problems -= 1
                continue
            judged = judging.say(one)
            if judged.reason == Reason.NO_ITEM:
                continue
            judged = self._also_elsewhere(judged)
            entries.change(changed_line(line.number, judged, item_id))
            judging.note(judged, self._row(judged, line.number, line.position))
            if judged.good:
                assert item_id is not None
                state.problems -= 1
                state.good[item_id] += 1
                good += 1
        return good

    def give_back(self, taken_back: DraftLine, before: DraftLine | None) -> str:
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
        judging = self._judging(_as_scanned(found, self.settings))
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

    # ----- corrections

    def correct(self, number: int, text: str) -> Verdict:
        """Replace the serial of a line with a typed one, for the same item and place; it is not read as a barcode.

        Raises:
            NotFound: no such line, or it was already taken out.
            BadValue: the text cannot be a serial.
        """
        line, serial = self._line(number), clean_serial(text)
        self.take_out([number])
        state = self.state
        place, item, looks = state.place, state.item, state.looks
        state.place = place_facts(line.location_id) if line.location_id is not None else None
        if line.item_id is not None and (item is None or item.id != line.item_id):
            enter_item(state, item_facts(line.item_id))
        is_other = state.item is not item
        self.entries.expect([serial])
        (verdict,) = self.take([ScannedCode(Scan(serial, "typed"), [serial])])
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

    def take_out_line(self, number: int) -> Verdict:
        """Take one serial line out; the serial can be scanned again.

        Raises:
            NotFound: no such line, or it was already taken out.
        """
        return self.take_out([self._line(number).number])

    def take_out(self, numbers: Sequence[int]) -> Verdict:
        """Take serial lines out that are not yet; the verdict names the first of them."""
        state = self.state
        assert state.draft_id is not None
        state.begin_scan()
        self.entries.forget()
        first = self._line(min(numbers))
        found = lines.take_out(state.draft_id, numbers)
        for (name, item_id), count in found.items():
            if name == "problem":
                state.problems -= count
            elif item_id is not None:
                state.good[item_id] -= count
        # The learned shape contained the serials taken out, so it is learned again.
        if state.item is not None and found["good", state.item.id]:
            state.looks = looks_of(state.item, state.draft_id)
        shown, message = first.shown, "It was taken out and can be scanned again."
        if len(numbers) > 1:
            shown = f"{shown} and {len(numbers) - 1:,} more"
            message = f"{len(numbers):,} serials were taken out and can be scanned again."
        return Verdict(Outcome.OUT, first.scan, shown, message, "", first.number, first.position)


def _of_code(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a code: that of its first serial that is not OK, else that of the last."""
    if len(verdicts) == 1:
        return verdicts[0]
    trouble = next((verdict for verdict in verdicts if verdict.outcome is not Outcome.OK), None)
    if trouble is None:
        return verdicts[-1]._replace(message=f"{len(verdicts)} serials in one code.")
    good = sum(verdict.outcome is Outcome.OK for verdict in verdicts)
    return trouble._replace(message=f"{trouble.message} {good} of the {len(verdicts)} in this code were taken.")


def changed_line(number: int, judged: Judged, item_id: int | None, state: str = "") -> Change:
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


def _as_scanned(found: Sequence[Line], settings: Settings | None) -> list[str]:
    """The serials of lines as scanned; an item's rule may have shortened the stored texts."""
    meanings = understand([line.scan for line in found], settings)
    return [
        meaning.serials[0] if len(meaning.serials) == 1 else line.shown
        for line, meaning in zip(found, meanings, strict=True)
    ]
