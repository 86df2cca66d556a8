"""What the item form asks before it saves or is left."""

from __future__ import annotations

from collections.abc import Sequence

from models.items.items import ItemForm
from tui.context import Context
from tui.dialogs.confirm import Answer, ConfirmDialog
from tui.dialogs.conflict import ConflictDialog, Difference, Side
from tui.widgets.item_values import LABELS, ItemValues


async def may_hide(context: Context, sku: str, records: int) -> bool:
    """Whether tracking of an item that has serials shall end.

    Args:
        context: the app.
        sku: the item's.
        records: how many serials are kept.
    """
    kept = "1 serial record is" if records == 1 else f"{records:,} serial records are"
    question = (
        f"{kept} kept and the Serials tab is hidden. Ticking Track Serials again brings everything back. "
        "Quantities stay as they are."
    )
    answers = [Answer("cancel", "Cancel", "f3"), Answer("save", "Save anyway", "f10")]
    return await context.ask(ConfirmDialog(f"{sku} without Track Serials", question, answers)) == "save"


async def leaving(context: Context, sku: str, changed: Sequence[str]) -> str | None:
    """What to do with changes that are not saved.

    Args:
        context: the app.
        sku: the item's.
        changed: the names of the changed fields.

    Returns:
        `save`, `discard`, or anything else to stay.
    """
    names = ", ".join(LABELS[field] for field in changed)
    answers = [Answer("stay", "Stay", "f3"), Answer("save", "Save", "f10"), Answer("discard", "Discard", "f8")]
    question = f"Not saved yet: {names}. Save before you leave?"
    return await context.ask(ConfirmDialog(f"Leave {sku}?", question, answers))


async def whose(
    context: Context, before: ItemForm, theirs: ItemForm, mine: ItemValues, changed: Sequence[str]
) -> Side | None:
    """Whose values shall stand where somebody else has saved the item meanwhile.

    Args:
        context: the app.
        before: the item as it was when it was typed on.
        theirs: as it is saved now.
        mine: what stands in the form.
        changed: the names of the fields that were typed into.
    """
    there = ItemValues.of(theirs)
    changed_there = there.changed_from(ItemValues.of(before))
    differences = [
        Difference(LABELS[field], there.shown(field), mine.shown(field), field in changed_there, field in changed)
        for field in LABELS
        if field in changed_there or field in changed
    ]
    moment = f"{theirs.changed_at.astimezone():%Y-%m-%d %H:%M}"
    return await context.ask(ConflictDialog(theirs.sku, theirs.changed_by, moment, differences))
