"""A batch: the scans of one transaction, on one draft; also UNDO.

Says what each scan is in the draft: a place, an item, an answer, a command or serials, and handles all but the serials,
which `SerialLines` takes, those that come together in one call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from models.barcodes.reading import CommandCode, Settings
from models.customers import customer
from models.database.unit import Unit
from models.errors import BadValue
from models.items.rules import item_facts, items_for_rules, place_facts
from models.locations import closed
from models.schema import DraftAnswer
from models.serials.judging import Outcome, Reason, Scan, Verdict, is_customer, not_tracked
from models.station import lines
from models.station.answers import (
    Given,
    answers_of,
    awaited,
    is_rather_serial,
    is_serial,
    last_answer,
    may_answer,
    named,
    no_answer,
    no_such,
    pending,
    take_back,
    typed_meaning,
    write_answer,
)
from models.station.ending import Ending, problems_are
from models.station.expected import CHOOSE_ITEM
from models.station.groups import Group
from models.station.lines import Entries, LastScan
from models.station.preparing import WORKS
from models.station.scan import Meaning, understand
from models.station.serial_lines import ScannedCode, SerialLines
from models.station.state import DraftState, enter_item
from models.station.task import Commit, First, Task, chosen_by

_FINISHING: Final = (CommandCode.DONE, CommandCode.CANCEL)

_NO_ITEM_BEFORE: Final = "no_item_before"
"""Reason code of an item's line: no item was current when it was scanned, at the beginning or after NEXT."""

_UNKNOWN_COMMAND: Final = "unknown_command"
"""Reason code from `models.barcodes`. No unit was scanned, so this problem makes no draft line."""


def next_scan(task: Task, state: DraftState) -> str:
    """The prompt for the next scan."""
    there = {First.PLACE: state.place, First.ITEM: state.item, **state.answers}
    missing = next((first for first in task.first if there.get(first) is None), None)
    if missing is not None:
        return task.words.prompt(missing)
    if task.commits is Commit.NEVER:
        return "scan a serial, an item or a place"
    if state.awaited and state.good.total() >= state.awaited:
        return "scan DONE"
    units = state.expected.get(state.item.id) if state.item is not None else None
    if units is not None and state.item is not None and state.good[state.item.id] >= units:
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
        self.state = state
        self.settings = settings
        self.entries = Entries(unit, state, start)
        self.serials = SerialLines(unit, WORKS[task.code], state, self.entries, settings)
        self.ending = Ending(unit, task, state, self.entries)

    def judge(self, scans: Sequence[Scan]) -> list[Verdict]:
        """Judge scans in order, stopping before a command that ends the draft or chooses a task (see `stands_alone`).

        Returns:
            One verdict per scan; fewer verdicts than scans mean that such a command comes next.
        """
        verdicts: list[Verdict] = []
        together: list[tuple[Scan, Meaning]] = []

        def judge_together() -> None:
            verdicts.extend(self.serials.take(self._codes(together)))
            together.clear()

        # A run of codes with serials is looked up together. A place, item or command ends the run, since it changes the
        # context of the serials after it.
        self.entries.expect(scan.text for scan in scans)
        customers = self.task.takes(First.CUSTOMER) or self._makes_serials
        understood = understand([scan.text for scan in scans], self.settings, customers=customers)
        for scan, read in zip(scans, understood, strict=True):
            meaning = typed_meaning(self.task, self.state.answers, read) if scan.how == "typed" else read
            if (first := may_answer(self.task, self.state.answers, scan, meaning)) is not None:
                judge_together()
                if (verdict := self._answer(first, scan, meaning)) is not None:
                    verdicts.append(verdict)
                    continue
            if self._has_only_serials(meaning) and not self._is_customer(scan, meaning):
                together.append((scan, meaning))
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
        codes = [ScannedCode(Scan(text, "range"), [text]) for text in serials]
        verdicts = self.serials.take_each(codes, confirmed=True)
        self.entries.write()
        return [verdict for (verdict,) in verdicts]

    def take_group(self, found: Group) -> Verdict:
        """Take serials that belong together, of any items; the current item stays. UNDO takes all of them out."""
        state, counts, before = self.state, Counter[Outcome](), self.state.last_number
        item, looks, state.item = state.item, state.looks, None
        scan = Scan(f"All of {found.name}", "range")
        self.entries.expect([scan.text])
        for item_id, serials in found.serials.items():
            if item_id is not None:
                enter_item(state, item_facts(item_id))
            (verdicts,) = self.serials.take_each([ScannedCode(scan, serials)])
            counts.update(verdict.outcome for verdict in verdicts)
            self.entries.write()
        state.item, state.looks = item, looks
        state.nothing_to_undo, state.kept = state.last_number == before, 0
        twice, problems = counts[Outcome.DUPLICATE], counts[Outcome.PROBLEM]
        there = f" {twice:,} {'was' if twice == 1 else 'were'} scanned already." if twice else ""
        waiting = f" {problems_are(problems)} waiting." if problems else ""
        outcome = Outcome.OK if counts[Outcome.OK] else Outcome.TELL
        message = f"{counts[Outcome.OK]:,} taken.{there}{waiting}"
        return Verdict(outcome, "", f"All of {found.name}", message, number=state.last_number)

    # ----- answers

    def _answer(self, first: First, scan: Scan, meaning: Meaning) -> Verdict | None:
        """Take a scan as an answer; None if it is none and goes on as a serial.

        A serial stays one where it is typed, has the name of a customer, or the same answer was given already.
        """
        text, typed = scan.text.strip(), scan.how == "typed"
        if is_rather_serial(first, scan, meaning):
            return None
        try:
            given = named(self.task, first, text)
        except BadValue as refusal:
            return self._no_answer(scan, first, refusal.message)
        if given is not None and given == self.state.answers.get(first) and is_serial(meaning):
            return None
        if given is not None:
            return self.answer(first, given, scan.text)
        is_asked = typed and first is pending(self.task, self.state.answers)
        return self._no_answer(scan, first, no_such(self.task, first, text)) if is_asked else None

    def _no_answer(self, scan: Scan, first: First, message: str) -> Verdict:
        self.state.begin_scan()
        self.state.nothing_to_undo = True
        # The station lists the customers then, so the bell would say too much.
        outcome = Outcome.TELL if first is First.CUSTOMER else Outcome.PROBLEM
        return Verdict(outcome, scan.text, scan.text.strip(), message, no_answer(first))

    def answer(self, first: First, given: Given, scan: str = "") -> Verdict:
        """Keep an answer to what the task asks; it holds for the whole draft."""
        state, before = self.state, self.state.answers.get(first)
        state.begin_scan()
        if before is not None and before.value == given.value:
            state.nothing_to_undo = True
            return Verdict(Outcome.SET, scan, given.shown, f"This is the {first} already.")
        awaits = awaited({first: given})
        if first is First.TRANSFER and not awaits:
            state.nothing_to_undo = True
            message = f"Nothing of {given.shown} is on its way: all of it has arrived. Choose another transfer."
            return Verdict(Outcome.PROBLEM, scan, given.shown, message, no_answer(first))
        state.last_number += 1
        write_answer(self.unit, self.entries.draft_id(), state.last_number, first, given, scan)
        state.answers[first] = given
        state.awaited = awaits or state.awaited
        message = f"The {first} of this {self.task.words.noun}."
        if before is not None:
            message = f"The {first} is now {given.shown}; before it was {before.shown}."
        return Verdict(Outcome.SET, scan, given.shown, message, number=state.last_number)

    # ----- one scan, by kind

    def _one(self, scan: Scan, meaning: Meaning) -> Verdict:  # noqa: PLR0911 - one for each kind of scan
        """Handle a scan that does not have only serials."""
        if meaning.refusal is not None:
            return self._refused(scan, meaning.refusal.reason, meaning.refusal.message)
        assert meaning.reading is not None
        if meaning.reading.command is not None:
            return self._command(scan, meaning.reading.command)
        if meaning.place_id is not None and (self.state.place is None or meaning.item_id is None):
            return self._place(scan, meaning.place_id)
        if meaning.item_id is not None:
            return self._item(scan, meaning)
        if self._is_customer(scan, meaning):
            name, title = customer(meaning.customer_id or 0).name, self.task.words.title
            return self.serials.problem(scan, Reason.CUSTOMER, is_customer(name, title))
        if meaning.product and meaning.is_strict:
            why = f"No item has the product code {meaning.product}. Give it to its item, or take the unit's plain code."
            return self._stranger(scan, Reason.UNKNOWN_PRODUCT, why, meaning)
        if "sscc" in meaning.reading.fields:
            return self.serials.problem(scan, Reason.CARTON, "This is the code of a carton. Scan the units in it.")
        if meaning.product:
            why = f"No item has the code {meaning.product}. Add it to an item's barcodes, or scan the item's SKU."
            return self._stranger(scan, Reason.UNKNOWN_PRODUCT, why, meaning)
        return self.serials.problem(scan, Reason.NO_SERIAL, "This code has no serial number. Scan the unit's serial.")

    def _refused(self, scan: Scan, reason: str, message: str) -> Verdict:
        if reason != _UNKNOWN_COMMAND:
            return self.serials.problem(scan, reason, message)
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
            f"{words.whole_steps}. DONE {words.does('them')}, UNDO takes the last one out, NEXT goes on to "
            f"another item, CANCEL throws all away. Now: {next_scan(self.task, self.state)}."
        )
        return Verdict(Outcome.TELL, scan.text, "HELP", message, command=command)

    def _place(self, scan: Scan, place_id: int) -> Verdict:
        state, before = self.state, self.state.place
        place = place_facts(place_id)
        state.begin_scan()
        if place.closed or not self.task.takes(First.PLACE):
            state.nothing_to_undo = True
            title = self.task.words.title
            told = (closed(place.code), "closed") if place.closed else (_no_place(place.code, title), "no_place")
            return Verdict(Outcome.PROBLEM, scan.text, place.code, *told)
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
            state.nothing_to_undo = True
            now = next_scan(self.task, state)
            return Verdict(Outcome.SET, scan.text, before.sku, f"This is the item already: {now}.")
        self.entries.settle(scan.text)
        self.entries.write()
        enter_item(state, item)
        reason = "" if before else _NO_ITEM_BEFORE
        number = self.entries.add("item", "good", scan, item_id=item.id, location_id=None, reason=reason)
        waited = self.serials.take_waiting()
        switched = f"The item is now {item.sku}; before it was {before.sku}." if before else ""
        if not meaning.serials:
            message = " ".join(filter(None, (switched or item.name, waited)))
            return Verdict(Outcome.SET, scan.text, item.sku, message, number=number)
        (verdict,) = self.serials.take([ScannedCode(scan, meaning.serials)])
        state.nothing_to_undo = False
        said = " ".join(filter(None, (verdict.message, switched or f"Item {item.sku}.", waited)))
        return verdict._replace(message=said)

    def _stranger(self, scan: Scan, reason: Reason, message: str, meaning: Meaning) -> Verdict:
        """Record a problem for a code of another item that the station cannot switch to."""
        verdict = self.serials.problem(scan, reason, message, serials=meaning.serials, is_other=True)
        still = f" The item is still {self.state.item.sku}." if self.state.item else ""
        return verdict._replace(message=f"{verdict.message}{still}")

    @property
    def _makes_serials(self) -> bool:
        """Whether any text becomes a serial, also one that was hardly meant as such."""
        return First.ITEM in self.task.first

    def _is_customer(self, scan: Scan, meaning: Meaning) -> bool:
        """Whether the code of a customer was scanned where it would become a serial; typed, it is one."""
        return self._makes_serials and meaning.customer_id is not None and scan.how != "typed"

    # ----- serials

    def _has_only_serials(self, meaning: Meaning) -> bool:
        """Whether a code has serials and changes nothing for those after it, so that it is judged with its neighbours.

        Where the task asks for the item first, a code that names another one changes the item.
        """
        if not meaning.serials or meaning.place_id is not None:
            return False
        if meaning.item_id is None:
            return not meaning.is_strict
        return First.ITEM not in self.task.first or self._is_current(meaning.item_id)

    def _is_current(self, item_id: int) -> bool:
        return self.state.item is not None and self.state.item.id == item_id

    def _codes(self, together: Sequence[tuple[Scan, Meaning]]) -> list[ScannedCode]:
        """Codes with serials, and the items that they name besides the current one."""
        others = {one.item_id for _, one in together if one.item_id is not None and not self._is_current(one.item_id)}
        items = items_for_rules(others)
        return [ScannedCode(scan, one.serials, items.get(one.item_id or 0)) for scan, one in together]

    # ----- undo

    def undo(self, scan: str = "") -> Verdict:
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
            return _now_again(scan, "item", state.item.sku if state.item else "", "NEXT")
        if state.kept:
            return self.serials.take_out_line(state.kept)._replace(scan=scan, command=CommandCode.UNDO)
        added = lines.last_scan(state.draft_id) if state.draft_id is not None else None
        answered = last_answer(state.draft_id) if state.draft_id is not None else None
        if answered is not None and (added is None or answered.number > added.last_number):
            return self._take_answer_back(answered, scan)
        if added is None:
            return _undone(scan, "Nothing to undo", "Nothing was scanned yet.")
        return self._undo(added, scan)

    def _undo(self, added: LastScan, scan: str) -> Verdict:
        """Take out what a scan added."""
        state, first, verdict = self.state, added.first, None
        if added.serials:
            verdict = self.serials.take_out(added.serials)._replace(scan=scan, command=CommandCode.UNDO)
            if first.kind == "serial":
                return verdict
        lines.set_state(first.draft_id, first.number, "out", reason="undone")
        before = lines.last_line(first.draft_id, kind=first.kind)
        if first.kind == "place":
            state.place = place_facts(before.location_id) if before and before.location_id else None
            return _now_again(scan, "place", state.place.code if state.place else "", "The change of place")
        waiting = self.serials.give_back(first, before)
        if before and before.item_id and not waiting and first.reason != _NO_ITEM_BEFORE:
            enter_item(state, item_facts(before.item_id))
        else:
            state.item = None
        if verdict is None:
            return _now_again(scan, "item", state.item.sku if state.item else "", "The change of item", waiting)
        now = f"The item is {state.item.sku} again." if state.item else "No item is chosen now."
        return verdict._replace(message=f"{verdict.message} {now} {waiting}".strip())

    def _take_answer_back(self, answered: DraftAnswer, scan: str) -> Verdict:
        state, first = self.state, First(answered.ask)
        take_back(answered.draft_id, answered.number)
        _, state.answers = answers_of(answered.draft_id)
        state.awaited = awaited(state.answers)
        before = state.answers.get(first)
        return _now_again(scan, str(first), before.shown if before else "", f"The {first}")

    def _progress(self, item_id: int) -> str:
        good, units = self.state.good[item_id], self.state.expected.get(item_id)
        return f"{good:,} of {units:,}" if units else f"{good:,} scanned"


def stands_alone(meaning: Meaning) -> bool:
    """Whether a scan is a command that ends the draft or chooses a task; each of these has a transaction of its own."""
    command = meaning.reading.command if meaning.reading is not None else None
    return command is not None and (command in _FINISHING or chosen_by(command) is not None)


def _no_place(code: str, title: str) -> str:
    return f"{code} is a place, and {title} asks for none. Scan serials."


def _undone(scan: str, subject: str, message: str) -> Verdict:
    return Verdict(Outcome.OUT, scan, subject, message, command=CommandCode.UNDO)


def _now_again(scan: str, kind: str, code: str, what: str, waiting: str = "") -> Verdict:
    """The verdict on UNDO of a change: what is current again, in words that cannot be taken for what went out."""
    subject = f"{kind} {code} again" if code else f"{kind.capitalize()}: none"
    message = f"{what} was taken back. {waiting}".strip()
    return Verdict(Outcome.SET, scan, subject, message, command=CommandCode.UNDO)
