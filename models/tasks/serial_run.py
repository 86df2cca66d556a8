"""Serials of one item that came together: looked up at once, judged one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from models.database.unit import Unit
from models.serials.judging import DraftRow, Judge, Judged, clean, look_up
from models.station.lines import Change
from models.station.state import State, is_announced
from models.tasks.entries import Entries
from models.tasks.facts import ItemFacts, item_facts
from models.tasks.verdict import CONFIRMABLE, Outcome, Scan, Verdict


class SerialRun:
    """Serials of the present item."""

    def __init__(self, unit: Unit, state: State, entries: Entries, texts: Sequence[str]) -> None:
        """Look all of them up."""
        entries.write()  # so that the look-up sees the lines before
        self._unit, self._state, self._entries = unit, state, entries
        self.item, self.cleaned = _cleaned(state, texts)
        """The item, and what each text is as a serial of it."""
        self._known = look_up(self.item.id, self.cleaned, state.draft_id)
        self._announced = is_announced(state, [one.key for one in self.cleaned if one.key])
        self._judge = Judge(self.item, state.looks, self.cleaned, self._known)

    def drafted(self, one: Judged) -> DraftRow | None:
        """The draft's line of a serial."""
        return self._known.drafted.get(one.key) if one.key else None

    def say(self, one: Judged) -> Judged:
        """Whether a serial can be taken."""
        return self._judge.say(one, self._announced)

    def note(self, one: Judged, number: int, position: int) -> None:
        """Let those that follow know a serial that has a line of the draft now."""
        self._judge.note(one, good=one.good)
        if one.key:
            self._known.drafted[one.key] = DraftRow(
                *(number, position, one.serial_number, one.key, "good" if one.good else "problem"),
                *(one.reason, one.message, one.serial_id, self.item.id, self._unit.at),
            )

    def take(self, scan: Scan, text: str, one: Judged, *, confirmed: bool = False) -> Verdict:
        """Make a serial a line of the draft, unless it is one.

        Args:
            one: of `cleaned`.
            confirmed: whether somebody has seen that it looks odd and wants it.
        """
        there = self.drafted(one)
        if there is not None and there.state == "good":
            return self._duplicate(scan, one, there)
        judged = self.say(one)
        if there is not None:
            return self._again(scan, judged, there, confirmed=confirmed)
        if confirmed and judged.is_warning:
            judged = one
        return self._new(scan, text, judged)

    def _duplicate(self, scan: Scan, one: Judged, there: DraftRow) -> Verdict:
        self._state.nothing_to_undo = True
        when = f"{there.at.astimezone():%H:%M}"
        message = f"{there.serial_number} was scanned already, line {there.position}, {when}."
        return Verdict(Outcome.DUPLICATE, scan.text, one.serial_number, message, "", there.number, there.position)

    def _again(self, scan: Scan, judged: Judged, there: DraftRow, *, confirmed: bool) -> Verdict:
        """A problem's serial once more: what was a warning is confirmed; what stood in the way may be gone."""
        state = self._state
        kept = judged.is_warning and (confirmed or there.reason in CONFIRMABLE)
        if kept:
            judged = judged._replace(reason="", message="", serial_id=None)
        if judged.good or (judged.reason, judged.message) != (there.reason, there.message):
            self._entries.change(changed(there.number, judged, self.item.id))
            self._known.drafted[judged.key] = there._replace(
                state="good" if judged.good else "problem",
                reason=judged.reason,
                message=judged.message,
                serial_id=judged.serial_id,
            )
        said = (there.number, there.position, judged.serial_id)
        if not judged.good:
            state.nothing_to_undo = True
            subject = judged.serial_number
            return Verdict(Outcome.PROBLEM, scan.text, subject, judged.message, judged.reason, *said)
        self._judge.note(judged._replace(key=""), good=True)
        state.kept = there.number
        state.problems -= 1
        state.good[self.item.id] += 1
        message = f"Kept: {there.reason.replace('_', ' ')} was confirmed." if kept else "What stood in the way is gone."
        return Verdict(Outcome.OK, scan.text, judged.serial_number, message, "", *said)

    def _new(self, scan: Scan, text: str, judged: Judged) -> Verdict:
        state, shown = self._state, judged.serial_number or text
        if not judged.key and (before := self._entries.waits(scan.text, "")) is not None:
            state.nothing_to_undo = True
            return Verdict(
                Outcome.PROBLEM, scan.text, shown, before.message, before.reason, before.number, before.position
            )
        number = self._entries.add(
            "serial",
            "good" if judged.good else "problem",
            scan,
            item_id=self.item.id,
            serial_number=judged.serial_number if judged.key else "",
            key=judged.key or None,
            near=judged.near if judged.key else None,
            reason=judged.reason,
            message=judged.message,
            serial_id=judged.serial_id,
        )
        position = state.last_position
        self.note(judged, number, position)
        if judged.good:
            state.good[self.item.id] += 1
            return Verdict(Outcome.OK, scan.text, judged.serial_number, "", "", number, position)
        state.problems += 1
        said = (judged.message, judged.reason, number, position, judged.serial_id)
        return Verdict(Outcome.PROBLEM, scan.text, shown, *said)


def changed(number: int, judged: Judged, item_id: int, state: str = "") -> Change:
    """What becomes of a line whose serial is judged so now.

    Args:
        state: another one than good or problem.
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


def _cleaned(state: State, texts: Sequence[str]) -> tuple[ItemFacts, list[Judged]]:
    """The present item, and texts as its serials.

    What is known of the item is as old as its scan; it is read anew before a rule refuses anything, since whoever is
    told of the rule may have changed it.
    """
    item = state.item
    assert item is not None
    cleaned = [clean(item, text) for text in texts]
    if not item.track_serials or (item.rule is not None and not all(one.good for one in cleaned)):
        item = state.item = item_facts(item.id)
        cleaned = [clean(item, text) for text in texts]
    return item, cleaned
