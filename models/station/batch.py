"""The engine of a station: scans become lines with verdicts; UNDO, problems, expected units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from models.barcodes import Settings
from models.barcodes.reading import CommandCode
from models.database import bulk
from models.database.unit import Unit
from models.errors import BadValue, NotFound
from models.items.rules import ItemFacts, item_facts, place_facts
from models.schema import DraftAnnounced, DraftItem, bound
from models.serials.judging import (
    CONFIRMABLE,
    DraftRow,
    Judge,
    Judged,
    Outcome,
    Reason,
    Scan,
    Verdict,
    clean,
    look_up,
    not_tracked,
)
from models.serials.ranges import BLANKS, no_line, refuse_more
from models.station import lines
from models.station.lines import Change, Entries, Line
from models.station.scan import Meaning, understand
from models.station.state import State, announced_among, enter_item, looks_of
from models.text import clean_serial

if TYPE_CHECKING:
    from models.schema import DraftLine


class SerialRun:
    """Serials of the present item."""

    def __init__(self, unit: Unit, state: State, entries: Entries, texts: Sequence[str]) -> None:
        """Look all of them up."""
        entries.write()  # so that the look-up sees the lines before
        self._unit, self._state, self._entries = unit, state, entries
        self.item, self.cleaned = _cleaned(state, texts)
        """The item, and what each text is as a serial of it."""
        self._known = look_up(self.item.id, self.cleaned, state.draft_id)
        self._announced = announced_among(state, [one.key for one in self.cleaned if one.key])
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


def no_item(text: str) -> str:
    """What is said of a serial that waits."""
    return f"{text[:64]} is no place and no item here. If it is a serial, scan its item now; it waits for that."


def take_waiting(sitting: Sitting) -> str:
    """Take the serials that came before the present item; says how many, empty where there are none."""
    state, entries = sitting.state, sitting.entries
    assert state.item is not None
    if state.draft_id is None or not state.problems:
        return ""
    entries.forget()
    waiting = [line for line in lines.problems(state.draft_id) if line.reason == Reason.NO_ITEM]
    if not waiting:
        return ""
    run = SerialRun(sitting.unit, state, entries, [line.serial_number for line in waiting])
    good = 0
    for line, one in zip(waiting, run.cleaned, strict=True):
        if run.drafted(one) is not None:
            entries.change(changed(line.number, one._replace(reason="twice"), run.item.id, "out"))
            state.problems -= 1
            continue
        judged = run.say(one)
        entries.change(changed(line.number, judged, run.item.id))
        run.note(judged, line.number, line.position)
        if judged.good:
            state.problems -= 1
            state.good[run.item.id] += 1
            good += 1
    return f"{good} that waited for it {'is' if good == 1 else 'are'} taken." if good else ""


def give_back(sitting: Sitting, taken_back: DraftLine, before: DraftLine | None) -> str:
    """Let the serials wait again that an item took whose scan is taken back; says how many.

    Args:
        taken_back: the line of the item.
        before: the line of the item before it.
    """
    state, entries = sitting.state, sitting.entries
    item_id = taken_back.item_id
    assert state.draft_id is not None
    assert item_id is not None
    if before is not None and before.item_id == item_id:
        return ""
    first = before.number if before is not None else 0
    found = lines.between(state.draft_id, item_id, first, taken_back.number)
    if not found:
        return ""
    for line in found:
        text = _as_scanned(line, sitting.settings)
        told = (Reason.NO_ITEM, no_item(text))
        entries.change(Change(line.number, "problem", None, text, None, None, *told))
        if line.state == "good":
            state.good[item_id] -= 1
            state.problems += 1
    entries.forget()
    return f"{len(found)} wait{'s' if len(found) == 1 else ''} for {'its' if len(found) == 1 else 'their'} item again."


def _as_scanned(line: Line, settings: Settings | None) -> str:
    """A line's serial as its scan has it; an item's rule may have made another text of it."""
    (meaning,) = understand([line.scan], settings)
    return meaning.serials[0] if len(meaning.serials) == 1 else line.shown


MOST_EXPECTED = 10_000_000
"""Units of one receipt."""

_MISSING: Final = (
    "FROM draft_announced a WHERE a.draft_id = ? AND a.item_id = ? "
    "AND NOT EXISTS (SELECT 1 FROM draft_lines l WHERE l.draft_id = a.draft_id AND l.item_id = a.item_id "
    "AND l.serial_key = a.serial_key AND l.kind = 'serial' AND l.state = 'good')"
)
_UNANNOUNCED: Final = (
    "FROM draft_lines l WHERE l.draft_id = ? AND l.item_id = ? "
    "AND l.kind = 'serial' AND l.state = 'good' AND NOT EXISTS (SELECT 1 FROM draft_announced a "
    "WHERE a.draft_id = l.draft_id AND a.item_id = l.item_id AND a.serial_key = l.serial_key)"
)


class Named(NamedTuple):
    """Serials of which there may be very many."""

    total: int
    """How many they are."""
    names: list[str]
    """The first of them."""


def undo(sitting: Sitting, scan: str = "") -> Verdict:  # noqa: PLR0911 - one for each kind of scan
    """Take out all that the last scan added: its serials, the change to a place or an item."""
    state = sitting.state
    state.asked = ""
    sitting.entries.forget()
    if state.nothing_to_undo:
        state.nothing_to_undo = False
        message = "The last scan added nothing, so nothing was taken out. UNDO again takes out the one before it."
        return _undone(scan, "Nothing to undo", message)
    if state.left is not None:
        enter_item(state, item_facts(state.left))
        state.left = None
        return _item_now(scan, state, "NEXT was taken back.")
    if state.kept:
        return take_out(sitting, state.kept)._replace(scan=scan, command=CommandCode.UNDO)
    added = lines.of_last_scan(state.draft_id) if state.draft_id is not None else []
    if not added or state.draft_id is None:
        return _undone(scan, "Nothing to undo", "Nothing was scanned yet.")
    serials = [one.number for one in added if one.kind == "serial"]
    first = added[-1]
    verdict = _take_out(sitting, serials)._replace(scan=scan, command=CommandCode.UNDO) if serials else None
    if first.kind == "serial":
        assert verdict is not None
        return verdict
    lines.set_state(state.draft_id, first.number, "out", reason="undone")
    before = lines.last_line(state.draft_id, kind=first.kind)
    if first.kind == "place":
        state.place = place_facts(before.location_id) if before and before.location_id else None
        now = state.place.code if state.place else "none"
        return _undone(scan, f"Place: {now}", "The change of place was taken back.")
    waiting = give_back(sitting, first, before)
    if before and before.item_id and not waiting:
        enter_item(state, item_facts(before.item_id))
    else:
        state.item = None
    if verdict is None:
        return _item_now(scan, state, f"The change of item was taken back. {waiting}".strip())
    now = f"The item is {state.item.sku} again." if state.item else "No item is chosen now."
    return verdict._replace(message=f"{verdict.message} {now} {waiting}".strip())


def take_out(sitting: Sitting, number: int) -> Verdict:
    """Take one serial's line out; the serial can be scanned again.

    Raises:
        NotFound: there is no such line, or it is out already.
    """
    line = _line(sitting, number)
    return _take_out(sitting, [line.number])


def correct(sitting: Sitting, number: int, text: str) -> Verdict:
    """Put a typed serial in place of a line's, of the same item and at the same place; nothing in it is read as a code.

    Raises:
        NotFound: there is no such line, or it is out already.
        BadValue: it cannot be a serial.
    """
    line, serial = _line(sitting, number), clean_serial(text)
    _take_out(sitting, [number])
    return sitting.take_corrected(serial, line.item_id, line.location_id)


def _line(sitting: Sitting, number: int) -> Line:
    draft_id = sitting.state.draft_id
    line = lines.line(draft_id, number) if draft_id is not None else None
    if line is None or line.state == "out":
        raise NotFound(f"Line {number} is out already. Look at the list again.", number=number)
    return line


def _take_out(sitting: Sitting, numbers: Sequence[int]) -> Verdict:
    """Take serials' lines out; the verdict names the first of them."""
    state = sitting.state
    assert state.draft_id is not None
    state.begin_scan()
    found = lines.these(state.draft_id, numbers)
    for line in found:
        sitting.entries.change(lines.taken_out(line))
        if line.state == "problem":
            state.problems -= 1
        elif line.item_id is not None:
            state.good[line.item_id] -= 1
    sitting.entries.forget()
    if state.item is not None and any(line.state == "good" and line.item_id == state.item.id for line in found):
        state.looks = looks_of(state.item, state.draft_id)
    line = found[0]
    message = "It was taken out and can be scanned again."
    if len(found) > 1:
        message = f"{len(found)} serials were taken out and can be scanned again."
    return Verdict(Outcome.OUT, line.scan, line.shown, message, "", line.number, line.position)


def _undone(scan: str, subject: str, message: str) -> Verdict:
    return Verdict(Outcome.OUT, scan, subject, message, command=CommandCode.UNDO)


def _item_now(scan: str, state: State, message: str) -> Verdict:
    return _undone(scan, f"Item: {state.item.sku if state.item else 'none'}", message)


def expect(sitting: Sitting, units: int | None) -> None:
    """Say how many units of the present item shall come.

    Raises:
        BadValue
    """
    check_expected(units)
    item = _item(sitting)
    sitting.state.expected[item.id] = units
    _store(sitting, item)


def check_expected(units: int | None) -> None:
    """Refuse a number of units that cannot be expected; None is fine.

    Raises:
        BadValue
    """
    if units is not None and not 1 <= units <= MOST_EXPECTED:
        raise BadValue(f"The expected number is 1 to {MOST_EXPECTED:,}, not {units:,}.", field="units")


def add_to_quantity(sitting: Sitting, adds: bool) -> None:
    """Say whether the present item's quantity goes up.

    Raises:
        BadValue
    """
    item = _item(sitting)
    sitting.state.adds_quantity[item.id] = adds
    _store(sitting, item)


def announce(sitting: Sitting, serials: Sequence[str]) -> int:
    """Give the list of serials that shall come of the present item; one without any takes the list away.

    Raises:
        BadValue: see `checked_list`.
    """
    item = _item(sitting)
    announced = checked_list(item, serials)
    if not announced and not sitting.state.announced[item.id]:
        return 0
    draft_id = sitting.entries.draft_id()
    DraftAnnounced.delete().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item.id)).execute()
    rows = [(draft_id, item.id, key, serial) for key, serial in announced.items()]
    bulk.insert("draft_announced", ("draft_id", "item_id", "serial_key", "serial_number"), rows)
    sitting.state.announced[item.id] = len(rows)
    sitting.state.expected[item.id] = len(rows) or None
    _store(sitting, item)
    return len(rows)


def checked_list(item: ItemFacts, texts: Sequence[str]) -> dict[str, str]:
    """The serials of an announced list, by folded key.

    Args:
        texts: the lines of the list; blank ones are left out, and a serial that is given twice counts once.

    Raises:
        BadValue: a line cannot be a serial of the item, or there are too many; says which line and how many more.
    """
    announced: dict[str, str] = {}
    wrong: list[tuple[int, str]] = []
    for number, text in enumerate(texts, 1):
        if not text.strip(BLANKS):
            continue
        if range_of := no_line(text):
            wrong.append((number, range_of))
            continue
        one = clean(item, text)
        if one.reason and one.reason != Reason.RULE:  # a rule may be wrong; whoever receives them will be told
            wrong.append((number, one.message))
        elif one.key:
            announced.setdefault(one.key, one.serial_number)
    if wrong:
        (number, message), rest = wrong[0], len(wrong) - 1
        more = f" and {rest:,} more" if rest else ""
        raise BadValue(f"Line {number:,}{more}: {message}", field="list")
    refuse_more(len(announced), f"The list has {len(announced):,} serials", field="list")
    return announced


def is_announced(draft_id: int, item_id: int) -> bool:
    """Whether a list of serials was announced for the item."""
    there = DraftAnnounced.select().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item_id))
    return bool(there.exists())


def missing(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Announced serials of an item that no good line has, by name; at most `limit`."""
    return _names(f"a.serial_number {_MISSING} ORDER BY a.serial_key LIMIT {limit}", draft_id, item_id)


def unannounced(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Good serials of an item that were not announced, by name; at most `limit`."""
    return _names(f"l.serial_number {_UNANNOUNCED} ORDER BY l.number LIMIT {limit}", draft_id, item_id)


def compare(draft_id: int, item_id: int, limit: int = 1_000) -> tuple[Named, Named]:
    """What is missing of an announced list, and what came that is not on it."""
    return (
        Named(_count(_MISSING, draft_id, item_id), missing(draft_id, item_id, limit)),
        Named(_count(_UNANNOUNCED, draft_id, item_id), unannounced(draft_id, item_id, limit)),
    )


def _names(select: str, draft_id: int, item_id: int) -> list[str]:
    rows = bound.execute_sql(f"SELECT {select}".replace("?", bound.param), (draft_id, item_id))
    return [row[0] for row in rows.fetchall()]


def _count(condition: str, draft_id: int, item_id: int) -> int:
    rows = bound.execute_sql(f"SELECT count(*) {condition}".replace("?", bound.param), (draft_id, item_id))
    return int(rows.fetchone()[0])


def _item(sitting: Sitting) -> ItemFacts:
    if sitting.state.item is None:
        raise BadValue("No item is chosen. Scan the item first.", field="item")
    sitting.state.asked = ""
    return sitting.state.item


def _store(sitting: Sitting, item: ItemFacts) -> None:
    draft_id, state = sitting.entries.draft_id(), sitting.state
    expected, adds = state.expected.get(item.id), state.adds_quantity.get(item.id, True)
    DraftItem.insert(draft=draft_id, item=item.id, expected=expected, adds_quantity=adds).on_conflict(
        conflict_target=[DraftItem.draft, DraftItem.item],
        update={DraftItem.expected: expected, DraftItem.adds_quantity: adds},
    ).execute()


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
            return undo(self, scan.text)
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
