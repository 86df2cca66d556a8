"""Serials that came before their item: they wait among the problems until an item is scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.station import lines
from models.station.lines import Change, Line
from models.station.scan import understand
from models.tasks.serial_run import SerialRun, changed
from models.tasks.verdict import Reason

if TYPE_CHECKING:
    from models.barcodes import Settings
    from models.schema import DraftLine
    from models.tasks.sitting import Sitting


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
