"""Station work of Receive: scan the place, the item and its serials; DONE turns them into stock with one receipt."""

from __future__ import annotations

from collections.abc import Sequence

from models.database.unit import Unit
from models.items.rules import ItemFacts, item_facts
from models.serials.judging import (
    Drafted,
    Judge,
    Judged,
    Reason,
    broken_rule,
    clean,
    command_word,
    existing,
    look_up,
    not_tracked,
    plain,
    say_existing,
)
from models.serials.receive import ReceiptLine, receive_in, stage_ahead
from models.station.state import DraftState, announced_among
from models.station.work import Checked, Finish, Finished, GoodLine, Judging


class Receiving:
    """The `Work` of Receive."""

    def judge(self, state: DraftState, texts: Sequence[str], _: Sequence[ItemFacts | None] = ()) -> Judging:
        """Look up serials for the current item; without one, all wait for theirs. A code that names one is its scan."""
        return Arriving(state, texts) if state.item is not None else BeforeItem(texts)

    def check(self, state: DraftState, good: Sequence[GoodLine]) -> Checked:
        """Name serials whose item no longer tracks serials, already has them, or has a rule that they now break."""
        gone: list[tuple[GoodLine, Judged]] = []
        for item_id, own in _by_item(good).items():
            item = item_facts(item_id)
            if not item.track_serials:
                said = not_tracked(item.sku)
                gone += [
                    (one, plain(one.serial_number)._replace(reason=Reason.NOT_TRACKED, message=said)) for one in own
                ]
                continue
            there = existing(item_id, [one.key for one in own])
            known = [one for one in own if one.key in there] if there else []
            gone += zip(known, say_existing(item, [plain(one.serial_number) for one in known], there), strict=True)
            for one in own if item.rule is not None else ():
                if one.key not in there and (wrong := broken_rule(item, one.serial_number)):
                    gone.append((one, _refused(one, Reason.RULE, wrong)))
        return Checked(gone)

    def prepare(self, good: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Build the lines of the receipt; a long receipt is staged ahead, see `stage_ahead`."""
        receipt = [
            ReceiptLine(one.item_id, one.serial_number, one.key, _place(one), one.scan, one.note) for one in good
        ]
        totals = stage_ahead(receipt) if ahead else None

        def finish(unit: Unit, state: DraftState, note: str, _: Checked) -> Finished:
            adds = {item_id: state.adds_quantity.get(item_id, True) for item_id in state.good}
            received = receive_in(unit, receipt, adds, note, totals, checked=True)
            units = f"{received.units:,} added to the quantity." if received.units else "No quantity changed."
            serials = f"{received.serials:,} serial{'s' if received.serials != 1 else ''}"
            return Finished(received.document_id, received.document, f"{serials} received. {units}")

        return finish


class Arriving:
    """The `Judging` of serials to be received for the current item."""

    def __init__(self, state: DraftState, texts: Sequence[str]) -> None:
        """Look up all texts together."""
        item, self.cleaned = _cleaned(state, texts)
        self._known = look_up(item.id, self.cleaned, state.draft_id)
        self._announced = announced_among(state, [one.key for one in self.cleaned if one.key])
        self._judge = Judge(item, state.looks, self.cleaned, self._known)

    def drafted(self, one: Judged) -> Drafted | None:
        """The draft line of a serial."""
        return self._known.drafted.get(one.key) if one.key else None

    def say(self, one: Judged) -> Judged:
        """Judge whether the item can receive the serial."""
        return self._judge.say(one, self._announced)

    def note(self, one: Judged, row: Drafted) -> None:
        """Record that a serial now has a draft line; later serials are compared with it."""
        self._judge.note(one, good=one.good)
        if one.key:
            self._known.drafted[one.key] = row


class BeforeItem:
    """The `Judging` of serials scanned before their item: all of them wait."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.cleaned = [Judged(text, "", "") for text in texts]

    def drafted(self, _: Judged) -> Drafted | None:
        """None: without an item, an open problem is found by its scan text."""
        return None

    def say(self, one: Judged) -> Judged:
        """Refuse it until an item is scanned."""
        text = one.serial_number[:64]
        is_what = command_word(text) or f"{text} is no place and no item here."
        message = f"{is_what} If it is a serial, scan its item now; it waits for that."
        return one._replace(reason=Reason.NO_ITEM, message=message)

    def note(self, one: Judged, row: Drafted) -> None:
        """Nothing to record: serials without an item are not compared."""


def _cleaned(state: DraftState, texts: Sequence[str]) -> tuple[ItemFacts, list[Judged]]:
    """The current item, and the texts cleaned as its serials.

    The item was loaded when it was scanned. It is loaded again before a serial is refused, because the item's rule may
    have been changed in the meantime, for example after an earlier refusal.
    """
    item = state.item
    assert item is not None
    cleaned = [clean(item, text) for text in texts]
    if not item.track_serials or (item.rule is not None and not all(one.good for one in cleaned)):
        item = state.item = item_facts(item.id)
        cleaned = [clean(item, text) for text in texts]
    return item, cleaned


def _place(one: GoodLine) -> int:
    assert one.location_id is not None  # a receipt is not DONE without a place
    return one.location_id


def _refused(one: GoodLine, reason: Reason, message: str) -> Judged:
    return plain(one.serial_number)._replace(reason=reason, message=message)


def _by_item(good: Sequence[GoodLine]) -> dict[int, list[GoodLine]]:
    by_item: dict[int, list[GoodLine]] = {}
    for one in good:
        by_item.setdefault(one.item_id, []).append(one)
    return by_item
