"""Scans of one station in one transaction: each becomes a line of the draft, with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final

from models.barcodes import Settings
from models.barcodes.commands import CommandCode
from models.errors import BadValue
from models.serial_text import serial_key
from models.tasks import amend, lines
from models.tasks.facts import ItemFacts, item_facts, place_facts
from models.tasks.judge import DraftRow, Judge, Judged, clean, judge, look_up
from models.tasks.lines import NewLine
from models.tasks.meaning import Meaning, understand
from models.tasks.state import State, enter_item, is_announced
from models.tasks.verdict import CONFIRMABLE, Outcome, Reason, Scan, Verdict
from models.unit import Unit

HELP: Final = (
    "Scan a place, an item, then its serials. DONE receives them, UNDO takes the last one out, NEXT goes on to "
    "another item, CANCEL throws all away."
)

_FINISHING: Final = (CommandCode.DONE, CommandCode.CANCEL)


class Sitting:
    """The scans of one transaction, on a copy of the station's state."""

    def __init__(self, unit: Unit, state: State, start: Callable[[], int], settings: Settings | None = None) -> None:
        """Begin.

        Args:
            start: makes the draft, at the first line, and gives its id.
            settings: how scans are understood here; None is the ordinary way.
        """
        self._settings = settings
        self.unit = unit
        self.state = state
        self._start = start
        self._new: list[NewLine] = []

    def judge(self, scans: Sequence[Scan]) -> list[Verdict]:
        """Judge scans in their order, up to a command that finishes the draft; that one has to come alone.

        Returns:
            A verdict for each; fewer than there are scans where such a command stands next.
        """
        verdicts: list[Verdict] = []
        meanings = understand([scan.text for scan in scans], self._settings)
        paired = list(zip(scans, meanings, strict=True))
        for alone, group in groupby(paired, key=lambda pair: not _is_only_serials(pair[1])):
            run = list(group)
            if not alone:
                verdicts += self._serials([(scan, text) for scan, meaning in run for text in meaning.serials])
                continue
            for scan, meaning in run:
                command = meaning.reading.command if meaning.reading else None
                if command in _FINISHING:
                    self._write()
                    return verdicts
                verdicts.append(self._one(scan, meaning))
        self._write()
        return verdicts

    def take(self, serials: Sequence[str]) -> list[Verdict]:
        """Take serials of the present item as they are, without reading them as barcodes.

        Whoever enters many at once has seen before which of them look odd; these are taken.

        Raises:
            BadValue: no item is chosen.
        """
        if self.state.item is None:
            raise BadValue("No item is chosen. Scan the item first.", field="item")
        verdicts = self._serials([(Scan(text, "range"), text) for text in serials], confirmed=True)
        self._write()
        return verdicts

    # ----- kinds of scans

    def _one(self, scan: Scan, meaning: Meaning) -> Verdict:  # noqa: PLR0911 - one for each kind of scan
        """A scan that is not just one serial."""
        if meaning.refusal is not None:
            return self._problem(scan, meaning.refusal.reason, meaning.refusal.message)
        assert meaning.reading is not None
        if meaning.reading.command is not None:
            return self._command(scan, meaning.reading.command)
        if meaning.place_id is not None and (self.state.place is None or meaning.item_id is None):
            return self._place(scan, meaning.place_id)
        if meaning.item_id is not None:
            return self._item(scan, meaning)
        if meaning.product and meaning.is_strict:
            why = f"No item has the product code {meaning.product}. Give it to its item, or take the unit's plain code."
            return self._problem(scan, Reason.UNKNOWN_PRODUCT, why, serials=meaning.serials)
        if meaning.serials:  # several, or with a maker's part number that is nobody's code here
            return self._several(scan, meaning)
        if "sscc" in meaning.reading.fields:
            return self._problem(scan, Reason.CARTON, "This is the code of a carton. Scan the units in it.")
        if meaning.product:
            why = f"No item has the code {meaning.product}. Add it to an item's barcodes, or scan the item's SKU."
            return self._problem(scan, Reason.UNKNOWN_PRODUCT, why)
        return self._problem(scan, Reason.NO_SERIAL, "This code has no serial number. Scan the unit's serial.")

    def _command(self, scan: Scan, command: CommandCode) -> Verdict:
        if command is CommandCode.UNDO:
            self._write()
            return amend.undo(self, scan.text)
        self.state.asked = ""
        if command is CommandCode.NEXT:
            left = self.state.item
            self.state.item = None
            said = f"{left.sku}: {self._progress(left)}. " if left else ""
            return Verdict(Outcome.SET, scan.text, "NEXT", f"{said}Scan the next item or place.", command=command)
        return Verdict(Outcome.TELL, scan.text, "HELP", f"{HELP} Now: {self.state.next}.", command=command)

    def _place(self, scan: Scan, place_id: int) -> Verdict:
        state, before = self.state, self.state.place
        place = place_facts(place_id)
        self._settle_asked()
        if before is not None and before.id == place.id:
            return Verdict(Outcome.SET, scan.text, place.code, "This is the place already.")
        state.place = place
        number = self._line("place", "good", scan, location_id=place.id)
        changed = f"The place is now {place.code}; before it was {before.code}." if before else place.name
        return Verdict(Outcome.SET, scan.text, place.code, changed, number=number)

    def _item(self, scan: Scan, meaning: Meaning) -> Verdict:
        """Go over to an item, aloud; take the serials that came with its code, and those that waited for it."""
        state, before = self.state, self.state.item
        assert meaning.item_id is not None
        self._settle_asked()
        if before is None or before.id != meaning.item_id:
            self._write()
            item = item_facts(meaning.item_id)
            if not item.track_serials:
                why = (
                    f"{item.sku} does not track serials. Check Track Serials in its Item Settings and save, then go on."
                )
                return self._problem(scan, Reason.NOT_TRACKED, why, serials=meaning.serials)
            enter_item(state, item)
            self._line("item", "good", scan, item_id=item.id)
            self._write()
            waited = self._take_waiting(item)
            switched = f"The item is now {item.sku}; before it was {before.sku}." if before else ""
            if not meaning.serials:
                message = " ".join(filter(None, (switched or item.name, waited)))
                return Verdict(Outcome.SET, scan.text, item.sku, message, number=state.last_number)
            verdict = self._several(scan, meaning)
            said = " ".join(filter(None, (verdict.message, switched or f"Item {item.sku}.", waited)))
            return verdict._replace(message=said)
        if meaning.serials:
            return self._several(scan, meaning)
        state.nothing_to_undo = True
        return Verdict(Outcome.SET, scan.text, before.sku, f"This is the item already: {state.next}.")

    def _problem(
        self, scan: Scan, reason: str, message: str, *, serials: Sequence[str] = (), item_id: int | None = None
    ) -> Verdict:
        """A scan that waits in the problems lane."""
        self._settle_asked()
        self.state.problems += 1
        number = self._line(
            "serial",
            "problem",
            scan,
            item_id=item_id,
            reason=reason,
            message=message,
            serial_number="".join(serials[:1]),
        )
        subject = serials[0] if serials else scan.text.strip() or scan.text
        position = self.state.last_position
        return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason, number, position)

    # ----- serials

    def _serials(self, wanted: Sequence[tuple[Scan, str]], *, confirmed: bool = False) -> list[Verdict]:
        """Judge serials of the present item together."""
        self._settle_asked()
        if self.state.item is None:
            return [self._without_item(scan, text) for scan, text in wanted]
        self._write()  # so that the look-up sees the lines before
        item = self.state.item
        cleaned = [clean(item, text) for _, text in wanted]
        known = look_up(item.id, cleaned, self.state.draft_id)
        announced = is_announced(self.state, [one.key for one in cleaned if one.key])
        by_one = Judge(item, self.state.looks, cleaned, known)
        verdicts: list[Verdict] = []
        for (scan, text), one in zip(wanted, cleaned, strict=True):
            there = known.drafted.get(one.key) if one.key else None
            judged = one if there is not None else by_one.say(one, announced)
            if confirmed and judged.is_warning:
                judged = one
            verdict = self._serial(scan, text, judged, there)
            verdicts.append(verdict)
            is_good = verdict.outcome is Outcome.OK
            if there is None:
                by_one.note(judged, good=is_good)
                if one.key:
                    known.drafted[one.key] = self._as_row(verdict, judged)
            elif is_good:  # confirmed
                by_one.note(judged._replace(key=""), good=True)
                known.drafted[one.key] = there._replace(state="good", reason="")
        return verdicts

    def _several(self, scan: Scan, meaning: Meaning) -> Verdict:
        """The serials of one code: the verdict is that of the first one in trouble, or of the last."""
        verdicts = self._serials([(scan, text) for text in meaning.serials])
        trouble = next((verdict for verdict in verdicts if verdict.outcome is not Outcome.OK), None)
        if len(verdicts) == 1 or trouble is None:
            several = f"{len(verdicts)} serials in one code." if len(verdicts) > 1 else verdicts[-1].message
            return verdicts[-1]._replace(message=several)
        good = sum(verdict.outcome is Outcome.OK for verdict in verdicts)
        return trouble._replace(message=f"{trouble.message} {good} of the {len(verdicts)} in this code were taken.")

    def _serial(self, scan: Scan, text: str, one: Judged, there: DraftRow | None) -> Verdict:
        state = self.state
        assert state.item is not None
        if there is not None and there.state == "good":
            state.nothing_to_undo = True
            when = f"{there.at.astimezone():%H:%M}"
            message = f"{there.serial_number} was scanned already, line {there.position}, {when}."
            return Verdict(Outcome.DUPLICATE, scan.text, one.serial_number, message, "", there.number, there.position)
        if there is not None and there.reason in CONFIRMABLE and there.item_id == state.item.id:
            self._write()
            assert state.draft_id is not None
            lines.set_state(state.draft_id, there.number, "good", reason="", message="")
            state.problems -= 1
            state.good[state.item.id] += 1
            message = f"Kept: {there.reason.replace('_', ' ')} was confirmed."
            return Verdict(Outcome.OK, scan.text, one.serial_number, message, "", there.number, there.position)
        if there is not None:
            state.nothing_to_undo = True
            return Verdict(
                Outcome.PROBLEM,
                scan.text,
                there.serial_number,
                there.message,
                there.reason,
                there.number,
                there.position,
                there.serial_id,
            )
        good = one.good
        number = self._line(
            "serial",
            "good" if good else "problem",
            scan,
            item_id=state.item.id,
            location_id=state.place.id if state.place else None,
            serial_number=one.serial_number if one.key else "",
            key=one.key or None,
            near=one.near or None,
            reason=one.reason,
            message=one.message,
            serial_id=one.serial_id,
        )
        position = state.last_position
        if good:
            state.good[state.item.id] += 1
            return Verdict(Outcome.OK, scan.text, one.serial_number, "", "", number, position)
        state.problems += 1
        shown = one.serial_number or text
        return Verdict(Outcome.PROBLEM, scan.text, shown, one.message, one.reason, number, position, one.serial_id)

    def _without_item(self, scan: Scan, text: str) -> Verdict:
        why = f"{text[:64]} is no place and no item here. If it is a serial, scan its item now; it waits for that."
        return self._problem(scan, Reason.NO_ITEM, why, serials=[text])

    def _take_waiting(self, item: ItemFacts) -> str:
        """Take the serials that came before their item; says how many."""
        state = self.state
        if state.draft_id is None or not state.problems:
            return ""
        waiting = [line for line in lines.problems(state.draft_id) if line.reason == Reason.NO_ITEM]
        if not waiting:
            return ""
        texts = [line.serial_number for line in waiting]
        announced = is_announced(state, [serial_key(text) for text in texts])
        good = 0
        for line, one in zip(waiting, judge(item, texts, announced=announced), strict=True):
            same = lines.same_serial(state.draft_id, item.id, one.key) if one.key else None
            columns = {"item": item.id, "serial_key": one.key or None, "near_key": one.near or None}
            if same is not None:
                lines.set_state(state.draft_id, line.number, "out", reason="twice", message="", **columns)
                state.problems -= 1
            elif one.good:
                lines.set_state(state.draft_id, line.number, "good", reason="", message="", **columns)
                state.problems -= 1
                state.good[item.id] += 1
                good += 1
            else:
                told = {"reason": one.reason, "message": one.message, "serial": one.serial_id}
                lines.set_state(state.draft_id, line.number, "problem", **told, **columns)
        return f"{good} that waited for it {'is' if good == 1 else 'are'} taken." if good else ""

    def _as_row(self, verdict: Verdict, one: Judged) -> DraftRow:
        """The line that was just made, as a look-up would give it."""
        assert self.state.item is not None
        state = "good" if verdict.outcome is Outcome.OK else "problem"
        said = (verdict.reason, verdict.message, verdict.serial_id)
        return DraftRow(
            verdict.number, verdict.position, one.serial_number, one.key, state, *said, self.state.item.id, self.unit.at
        )

    # ----- lines

    def draft_id(self) -> int:
        """The draft, made now where there is none."""
        if self.state.draft_id is None:
            self.state.draft_id = self._start()
        return self.state.draft_id

    def _line(self, kind: str, state: str, scan: Scan, **columns: Any) -> int:
        """Note a line; it is written with the others of this transaction."""
        self.state.last_number += 1
        if kind == "serial":
            self.state.last_position += 1
        position = self.state.last_position if kind == "serial" else None
        values = {"item_id": None, "location_id": None, **columns}
        self._new.append(NewLine(self.state.last_number, position, kind, state, scan.how, scan.text, **values))
        return self.state.last_number

    def _write(self) -> None:
        if self._new:
            lines.write_lines(self.unit, self.draft_id(), self._new)
            self._new.clear()

    def _settle_asked(self) -> None:
        self.state.asked = ""
        self.state.nothing_to_undo = False

    def _progress(self, item: ItemFacts) -> str:
        expected = self.state.expected.get(item.id)
        return f"{self.state.good[item.id]:,} of {expected:,}" if expected else f"{self.state.good[item.id]:,} scanned"


def _is_only_serials(meaning: Meaning) -> bool:
    """Whether a scan is just one serial, so that it can be judged together with its neighbours."""
    return len(meaning.serials) == 1 and meaning.item_id is None and meaning.place_id is None and not meaning.is_strict
