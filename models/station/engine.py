"""Receive at a station: scan the place, the item, its serials, DONE. Each scan is a line of a draft before it is told.

Scans that have arrived together are judged together, in one transaction and a constant number of statements; nothing
of a draft is stock before DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from models import ledger_bulk
from models.barcodes import Settings
from models.barcodes.reading import CommandCode
from models.database.bulk import blocks
from models.database.unit import Unit, write
from models.errors import BadValue, Refusal
from models.items.rules import item_facts
from models.ledger import clock_time
from models.permissions import Actor, Permission, require
from models.schema import Draft, DraftLine
from models.serials.judging import Outcome, Reason, Scan, Verdict, broken_rule, existing, not_tracked, say_existing
from models.serials.receive import TO_DO, ReceiptLine, make_ready, receive_in
from models.station import batch, drafts, lines
from models.station.batch import Sitting, changed
from models.station.drafts import new_session
from models.station.scan import understand
from models.station.state import State, View, load
from models.text import LONGEST

NAMES = 3
"""How many serials a question names."""

MOST_NOTED = 20
"""How many that were left out the note of a receipt names."""

MOST_NAMED = 1_000
"""How many it counts."""


class Prepared(NamedTuple):
    """A long draft that was read and laid out before the transaction, since only its station can change it."""

    good: list[lines.Line]
    receipt: list[ReceiptLine]
    totals: ledger_bulk.Totals | None
    """None where the receipt is too short to be laid out."""


def prepare(state: State, actor: Actor) -> Prepared | None:
    """Do what can be done of DONE before others have to wait for it.

    Returns:
        None where there is nothing to receive, or a serial has no place.
    """
    if state.draft_id is None or not state.good.total():
        return None
    good = [line for page in lines.pages(state.draft_id) for line in page]
    first_place = _first_place(state)
    if first_place is None and any(line.location_id is None for line in good):
        return None
    receipt = _receipt(good, first_place, actor)
    return Prepared(good, receipt, make_ready(receipt))


def finish(sitting: Sitting, scan: str = "", prepared: Prepared | None = None) -> Verdict:
    """Receive the good lines with one receipt, in the sitting's transaction.

    Where something is open (problems, missing units, serials that somebody else received since they were scanned),
    it is named, and the same once more goes on with the rest.

    Args:
        prepared: of this draft, on this connection.

    Returns:
        A verdict that is DONE, or ASK, or a PROBLEM that keeps it from being done.
    """
    state, code = sitting.state, CommandCode.DONE
    if state.draft_id is None or not state.good.total():
        waiting = f" {_problems(state.problems)} waiting." if state.problems else ""
        return Verdict(Outcome.TELL, scan, "Nothing to receive", f"No serial was taken yet.{waiting}", command=code)
    good = list(prepared.good) if prepared else [line for page in lines.pages(state.draft_id) for line in page]
    first_place = _first_place(state)
    if first_place is None and any(line.location_id is None for line in good):
        return Verdict(Outcome.PROBLEM, scan, "Where?", "Scan the place first, then DONE.", "no_place", command=code)
    since = _changed_since(sitting, good)
    if since and not good:
        message = " ".join([*since, "Nothing else is left to receive."])
        return Verdict(Outcome.PROBLEM, scan, "Changed since", message, "open", command=code)
    open_points = since + _open_points(state)
    if open_points and (since or state.asked != code):
        state.begin_scan()
        state.asked = code
        rest = state.good.total()
        what = f"DONE once more receives the {'other ' if since or state.problems else ''}{rest:,}."
        outcome = Outcome.PROBLEM if since else Outcome.ASK
        subject = "Changed since" if since else "DONE?"
        return Verdict(outcome, scan, subject, " ".join([*open_points, what]), "open", command=code)
    if prepared is None or since:
        prepared = Prepared(good, _receipt(good, first_place, sitting.unit.actor), None)
    return _receive(sitting, scan, prepared)


def cancel(sitting: Sitting, scan: str = "") -> Verdict:
    """Throw the draft away, the second time that this is asked for.

    Returns:
        A verdict that is OUT, or ASK, or TELL where there is nothing.
    """
    state, code = sitting.state, CommandCode.CANCEL
    if state.draft_id is None:
        return Verdict(Outcome.TELL, scan, "Nothing to cancel", "Nothing was scanned yet.", command=code)
    if state.asked != code:
        state.asked = code
        scanned = f"{state.good.total() + state.problems:,} scanned"
        message = f"CANCEL once more throws the whole receipt away, {scanned}."
        return Verdict(Outcome.ASK, scan, "CANCEL?", message, command=code)
    drafts.discard_in(sitting.unit, state.draft_id)
    return Verdict(Outcome.OUT, scan, "Cancelled", "The receipt was thrown away.", command=code)


def _receipt(good: list[lines.Line], first_place: int | None, actor: Actor) -> list[ReceiptLine]:
    """What the lines are on the receipt."""
    receipt: list[ReceiptLine] = []
    for line in good:
        place, item_id = line.location_id or first_place, line.item_id
        assert place is not None
        assert item_id is not None
        raw = line.scan if line.scan.strip() != line.serial_number else None
        other = line.user_id != actor.user_id
        note = f"scanned by {line.login} at {clock_time(line.at)}" if other else ""
        receipt.append(ReceiptLine(item_id, line.serial_number, lines.key_of(line), place, raw, note))
    return receipt


def _receive(sitting: Sitting, scan: str, prepared: Prepared) -> Verdict:
    state, unit = sitting.state, sitting.unit
    assert state.draft_id is not None
    draft = Draft.get_by_id(state.draft_id)
    people = drafts.people_text(drafts.people_of(state.draft_id))
    left = lines.problems(state.draft_id, MOST_NOTED) if state.problems else []
    left_out = f"left out: {_names(left, state.problems, MOST_NOTED)}" if left else ""
    note = ". ".join(filter(None, (draft.note, people, left_out)))
    adds = {item_id: state.adds_quantity.get(item_id, True) for item_id in state.good}
    received = receive_in(unit, prepared.receipt, adds, note, prepared.totals, checked=True)
    DraftLine.delete().where((DraftLine.draft == draft.id) & (DraftLine.state == "good")).execute()
    DraftLine.update(state="out", reason="left_out").where(
        (DraftLine.draft == draft.id) & (DraftLine.state == "problem")
    ).execute()
    Draft.update(state="done", session=None, document=received.document_id, seen_at=unit.at).where(
        Draft.id == draft.id
    ).execute()
    units = f" {received.units:,} added to the quantity." if received.units else " No quantity changed."
    named = f" {_problems(state.problems)} left out: {_names(left, state.problems)}." if left else ""
    serials = f"{received.serials:,} serial{'s' if received.serials != 1 else ''}"
    message = f"{serials} received.{units}{named}"
    return Verdict(Outcome.DONE, scan, received.document, message, command=CommandCode.DONE)


def _first_place(state: State) -> int | None:
    """Where serials go that came before any place: the first place of the draft."""
    first = (
        DraftLine.select(DraftLine.location_id)
        .where((DraftLine.draft == state.draft_id) & (DraftLine.kind == "place") & (DraftLine.state == "good"))
        .order_by(DraftLine.number)
        .first()
    )
    return first.location_id if first else None


def _changed_since(sitting: Sitting, good: list[lines.Line]) -> list[str]:
    """Move lines that cannot be received any more to the problems, and name them; `good` loses them.

    Their item may have stopped to track serials or have another rule for them, or somebody else received them since
    they were scanned.
    """
    state, told = sitting.state, []
    for item_id, own in _by_item(good).items():
        item = item_facts(item_id)
        if not item.track_serials:
            judged = [
                lines.as_judged(line)._replace(reason=Reason.NOT_TRACKED, message=not_tracked(item)) for line in own
            ]
            told.append(not_tracked(item))
            gone = own
        else:
            there = existing(item_id, [lines.key_of(line) for line in own])
            gone = [line for line in own if there and lines.key_of(line) in there]
            judged = say_existing(item, [lines.as_judged(line) for line in gone], there)
            for line in own if item.rule is not None else ():
                if lines.key_of(line) not in there and (wrong := broken_rule(item, line.serial_number)):
                    gone.append(line)
                    judged.append(lines.as_judged(line)._replace(reason=Reason.RULE, message=wrong))
            if not gone:
                continue
            told += [one.message for one in judged]
        for line, one in zip(gone, judged, strict=True):
            sitting.entries.change(changed(line.number, one, item_id))
        state.good[item_id] -= len(gone)
        state.problems += len(gone)
        numbers = {line.number for line in gone}
        good[:] = [line for line in good if line.number not in numbers]
    sitting.entries.forget()
    more = [f"And {len(told) - NAMES:,} more."] if len(told) > NAMES else []
    return told[:NAMES] + more


def _by_item(good: list[lines.Line]) -> dict[int, list[lines.Line]]:
    by_item: dict[int, list[lines.Line]] = {}
    for line in good:
        if line.item_id is not None:
            by_item.setdefault(line.item_id, []).append(line)
    return by_item


def _open_points(state: State) -> list[str]:
    """What a person should know before a receipt is written."""
    assert state.draft_id is not None
    points: list[str] = []
    if state.problems:
        named = _names(lines.problems(state.draft_id, NAMES), state.problems)
        points.append(f"{_problems(state.problems)} waiting and will be left out: {named}.")
    totals: Counter[str] = Counter()
    for item_id, expected in state.expected.items():
        if expected is None:
            continue
        totals["expected"] += expected
        totals["good"] += state.good[item_id]
        if state.announced[item_id]:
            points += _by_name("missing", batch.missing(state.draft_id, item_id, MOST_NAMED))
            points += _by_name("not announced", batch.unannounced(state.draft_id, item_id, MOST_NAMED))
    if totals["good"] != totals["expected"]:
        few = totals["good"] < totals["expected"]
        difference = abs(totals["expected"] - totals["good"])
        named = f"{difference:,} {'missing' if few else 'too many'}"
        points.append(f"{totals['good']:,} of {totals['expected']:,}: {named}.")
    return points


def _by_name(what: str, serials: list[str]) -> list[str]:
    if not serials:
        return []
    least = "at least " if len(serials) == MOST_NAMED else ""
    more = f" and {least}{len(serials) - NAMES:,} more" if len(serials) > NAMES else ""
    return [f"{what.capitalize()}: {', '.join(serials[:NAMES])}{more}."]


def _names(left: list[lines.Line], count: int, most: int = NAMES) -> str:
    """The first of the lines by name, and how many more there are."""
    more = f" and {count - most:,} more" if count > most else ""
    return f"{', '.join(line.shown.strip()[:LONGEST] for line in left[:most])}{more}"


def _problems(count: int) -> str:
    return f"{count:,} problem{'s' if count != 1 else ''}"


T = TypeVar("T")

STEP: Final = 2_500
"""Serials of a range or list between two reports."""

MOST: Final = 500
"""Scans that are judged in one transaction, so that others do not wait long."""

Tell = Callable[[Verdict], None]


class Receive:
    """One receipt being scanned at one station.

    All of it talks to the database and runs in one thread; `view` may be read anywhere.
    """

    def __init__(self, session: str | None = None, settings: Settings | None = None) -> None:
        """Make an empty one; its draft begins with the first scan.

        Args:
            session: what tells this station from others; None makes one up.
            settings: how scans are understood here; None is the ordinary way.
        """
        self._settings = settings
        self.session: Final = session or new_session()
        self._state = State()
        self.view: View = self._state.view
        """What a screen shows; a new one after each change."""

    def continue_draft(self, actor: Actor, draft_id: int) -> drafts.DraftRow:
        """Open a draft that was left, whoever had it.

        Raises:
            NotPermitted, NotFound
            BadValue: another one was begun here; whoever scanned it must know that it is left.
        """
        if self._state.draft_id not in (None, draft_id):
            place = f" at {self.view.place.code}" if self.view.place else ""
            message = f"Another receipt was begun at this station, {self.view.total:,} scanned{place}."
            raise BadValue(f"{message} Finish it or leave it, then continue this one.", field="draft")
        row = drafts.take_over(actor, draft_id, self.session)
        self._set(load(draft_id))
        return row

    def leave(self, actor: Actor) -> None:
        """Leave the draft open for anybody."""
        if self._state.draft_id is not None:
            drafts.let_go(actor, self._state.draft_id, self.session)
        self._set(State())

    def scan(self, actor: Actor, scans: Sequence[Scan], tell: Tell) -> None:
        """Judge scans in their order.

        Args:
            tell: is given the verdict of each, in that order, as soon as its line is in the database. When this
                function raises, those that were not told left nothing behind, and UNDO takes out nothing for them.

        Raises:
            NotPermitted
            Changed: another station has the draft now.
            peewee.PeeweeException: trouble with the database.
        """
        rest = list(scans)
        while rest:
            part = rest[:MOST]
            try:
                verdicts = self._work(actor, lambda sitting, part=part: sitting.judge(part))  # type: ignore[misc]
            except Refusal:
                self.pass_over()
                raise
            for verdict in verdicts:
                tell(verdict)
            del rest[: len(verdicts)]
            if rest and len(verdicts) < len(part):  # a command that finishes stands next
                tell(self._command(actor, rest.pop(0).text))

    def pass_over(self) -> None:
        """Note that a scan came that could not be taken, so that UNDO does not take out the one before it."""
        state = self._state.copy()
        state.begin_scan()
        state.nothing_to_undo = True
        self._set(state)

    def take_many(self, actor: Actor, serials: Sequence[str], progress: Callable[[int, int], None]) -> Counter[Outcome]:
        """Take a range or a list of serials of the present item as they are, all or none.

        Args:
            serials: as typed; nothing is read as a barcode.
            progress: is told how many are done and how many there are, and may raise to stop.

        Returns:
            How many had which outcome; problems wait in their lane.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen.
            Cancelled: from `progress`; nothing was taken.
        """

        def work(sitting: Sitting) -> Counter[Outcome]:
            outcomes: Counter[Outcome] = Counter()
            for number, part in enumerate(blocks(serials, STEP)):
                progress(number * STEP, len(serials))
                outcomes.update(verdict.outcome for verdict in sitting.take(part))
            return outcomes

        return self._work(actor, work)

    def undo(self, actor: Actor) -> Verdict:
        """Take the last scan out; it can be scanned again.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, batch.undo)

    def take_out(self, actor: Actor, number: int) -> Verdict:
        """Take any line out; it can be scanned again.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, lambda sitting: batch.take_out(sitting, number))

    def correct(self, actor: Actor, number: int, text: str) -> Verdict:
        """Put a typed serial in place of a line's, of the same item and at the same place; judged like a scan.

        Raises:
            NotPermitted, Changed
            NotFound: the line is out already.
            BadValue: it cannot be a serial; the line stays as it was.
        """
        return self._work(actor, lambda sitting: batch.correct(sitting, number, text))

    def expect(self, actor: Actor, units: int | None) -> None:
        """Say how many units of the present item shall come; None takes that back.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or no whole number above zero.
        """
        self._work(actor, lambda sitting: batch.expect(sitting, units))

    def announce(self, actor: Actor, serials: Sequence[str]) -> int:
        """Give the list of serials that shall come of the present item, in place of an earlier list.

        Args:
            serials: the lines of the list; blank ones do not count, and without any the list is taken away again,
                together with the expected number.

        Returns:
            How many are on it.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or a line cannot be a serial; says which.
        """
        return self._work(actor, lambda sitting: batch.announce(sitting, serials))

    def add_to_quantity(self, actor: Actor, adds: bool) -> None:
        """Say whether the present item's quantity goes up: for a delivery yes, for units on hand already no.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen.
        """
        self._work(actor, lambda sitting: batch.add_to_quantity(sitting, adds))

    def done(self, actor: Actor) -> Verdict:
        """Receive all good lines with one receipt; asks for a second time where something is open.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.DONE.barcode)

    def cancel(self, actor: Actor) -> Verdict:
        """Throw the draft away; asks for a second time.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.CANCEL.barcode)

    def _command(self, actor: Actor, scan: str) -> Verdict:
        (meaning,) = understand([scan], self._settings)
        is_cancel = meaning.reading is not None and meaning.reading.command is CommandCode.CANCEL
        if is_cancel:
            verdict = self._work(actor, lambda sitting: cancel(sitting, scan))
        else:
            prepared = prepare(self._state, actor)
            verdict = self._work(actor, lambda sitting: finish(sitting, scan, prepared))
        if verdict.outcome in (Outcome.DONE, Outcome.OUT):
            self._set(State())
        return verdict

    def _work(self, actor: Actor, act: Callable[[Sitting], T]) -> T:
        """Do something with the draft in one transaction; what is kept in memory changes only when it is saved."""
        state = self._state

        def work(unit: Unit) -> T:
            nonlocal state
            state = self._state.copy()
            require(actor, Permission.MANAGE_SERIALS, TO_DO)
            before = (state.place, state.item)
            if state.draft_id is not None:
                drafts.claim(unit, state.draft_id, self.session)
            sitting = Sitting(unit, state, lambda: drafts.start(unit, drafts.RECEIVE, self.session).id, self._settings)
            result = act(sitting)
            if state.draft_id is not None and (state.place, state.item) != before:
                Draft.update(
                    location=state.place.id if state.place else None, item=state.item.id if state.item else None
                ).where(Draft.id == state.draft_id).execute()
            return result

        result = write(actor, work)
        self._set(state)
        return result

    def _set(self, state: State) -> None:
        self._state = state
        self.view = state.view
