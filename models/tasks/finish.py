"""DONE: what is asked first, and the receipt that the good lines of a draft become."""

from __future__ import annotations

from collections import Counter

from models.barcodes.commands import CommandCode
from models.describe import clock_time
from models.operations.receive import ReceiptLine, receive_in
from models.schema import Draft, DraftLine
from models.tasks import amend, drafts, lines
from models.tasks.facts import item_facts
from models.tasks.judge import existing, say_existing
from models.tasks.sitting import Sitting
from models.tasks.state import State
from models.tasks.verdict import Outcome, Verdict

NAMES = 3
"""How many serials a question names."""


def finish(sitting: Sitting, scan: str = "") -> Verdict:
    """Receive the good lines with one receipt, in the sitting's transaction.

    Where something is open (problems, missing units, serials that somebody else received since they were scanned),
    it is named, and the same once more goes on with the rest.

    Returns:
        A verdict that is DONE, or ASK, or a PROBLEM that keeps it from being done.
    """
    state, code = sitting.state, CommandCode.DONE
    if state.draft_id is None or not state.good.total():
        waiting = f" {_problems(state.problems)} waiting." if state.problems else ""
        return Verdict(Outcome.TELL, scan, "Nothing to receive", f"No serial was taken yet.{waiting}", command=code)
    good = [line for page in lines.pages(state.draft_id) for line in page]
    first_place = _first_place(state)
    if first_place is None and any(line.location_id is None for line in good):
        return Verdict(Outcome.PROBLEM, scan, "Where?", "Scan the place first, then DONE.", "no_place", command=code)
    taken = _received_meanwhile(sitting, good)
    open_points = taken + _open_points(state)
    if open_points and (taken or state.asked != code):
        state.asked = code
        rest = state.good.total()
        what = f"DONE once more receives the {'other ' if taken or state.problems else ''}{rest:,}."
        outcome = Outcome.PROBLEM if taken else Outcome.ASK
        subject = "Changed since" if taken else "DONE?"
        return Verdict(outcome, scan, subject, " ".join([*open_points, what]), "open", command=code)
    return _receive(sitting, scan, good, first_place)


def _receive(sitting: Sitting, scan: str, good: list[lines.Line], first_place: int | None) -> Verdict:
    state, unit = sitting.state, sitting.unit
    assert state.draft_id is not None
    receipt: list[ReceiptLine] = []
    for line in good:
        place, item_id = line.location_id or first_place, line.item_id
        assert place is not None
        assert item_id is not None
        raw = line.scan if line.scan.strip() != line.serial_number else None
        other = line.user_id != unit.actor.user_id
        note = f"scanned by {line.login} at {clock_time(line.at)}" if other else ""
        key = lines.key_of(line)
        receipt.append(ReceiptLine(item_id, line.serial_number, key, place, raw, note))
    draft = Draft.get_by_id(state.draft_id)
    people = drafts.people_text(drafts.people_of(state.draft_id))
    note = ". ".join(filter(None, (draft.note, people)))
    adds = {item_id: state.adds_quantity.get(item_id, True) for item_id in state.good}
    received = receive_in(unit, receipt, adds, note)
    DraftLine.delete().where((DraftLine.draft == draft.id) & (DraftLine.state == "good")).execute()
    DraftLine.update(state="out", reason="left_out").where(
        (DraftLine.draft == draft.id) & (DraftLine.state == "problem")
    ).execute()
    Draft.update(state="done", session=None, document=received.document_id, seen_at=unit.at).where(
        Draft.id == draft.id
    ).execute()
    units = f" {received.units:,} added to the quantity." if received.units else " No quantity changed."
    left = f" {_problems(state.problems)} left out." if state.problems else ""
    serials = f"{received.serials:,} serial{'s' if received.serials != 1 else ''}"
    message = f"{serials} received.{units}{left}"
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


def _received_meanwhile(sitting: Sitting, good: list[lines.Line]) -> list[str]:
    """Move lines whose serial the item has by now to the problems, and name them; `good` loses them."""
    state = sitting.state
    assert state.draft_id is not None
    by_item: dict[int, list[lines.Line]] = {}
    for line in good:
        if line.item_id is not None:
            by_item.setdefault(line.item_id, []).append(line)
    told: list[str] = []
    for item_id, own in by_item.items():
        there = existing(item_id, [lines.key_of(line) for line in own])
        if not there:
            continue
        item = item_facts(item_id)
        gone = {line: None for line in own if lines.key_of(line) in there}
        judged = say_existing(item, [lines.as_judged(line) for line in gone], there)
        for line, one in zip(gone, judged, strict=True):
            lines.set_state(
                state.draft_id, line.number, "problem", reason=one.reason, message=one.message, serial=one.serial_id
            )
            told.append(one.message)
        good[:] = [line for line in good if line not in gone]
        state.good[item_id] -= len(gone)
        state.problems += len(gone)
    more = [f"And {len(told) - NAMES:,} more."] if len(told) > NAMES else []
    return told[:NAMES] + more


def _open_points(state: State) -> list[str]:
    """What a person should know before a receipt is written."""
    assert state.draft_id is not None
    points: list[str] = []
    if state.problems:
        points.append(f"{_problems(state.problems)} waiting and will be left out.")
    totals: Counter[str] = Counter()
    for item_id, expected in state.expected.items():
        if expected is None:
            continue
        totals["expected"] += expected
        totals["good"] += state.good[item_id]
        if state.announced[item_id]:
            points += _by_name("missing", amend.missing(state.draft_id, item_id))
            points += _by_name("not announced", amend.unannounced(state.draft_id, item_id))
    if totals["good"] != totals["expected"]:
        few = totals["good"] < totals["expected"]
        difference = abs(totals["expected"] - totals["good"])
        named = f"{difference:,} {'missing' if few else 'too many'}"
        points.append(f"{totals['good']:,} of {totals['expected']:,}: {named}.")
    return points


def _by_name(what: str, serials: list[str]) -> list[str]:
    if not serials:
        return []
    more = f" and {len(serials) - NAMES:,} more" if len(serials) > NAMES else ""
    return [f"{what.capitalize()}: {', '.join(serials[:NAMES])}{more}."]


def _problems(count: int) -> str:
    return f"{count:,} problem{'s' if count != 1 else ''}"
