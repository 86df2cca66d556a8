"""Open a file to import; of a workbook with several sheets the one that is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from models.errors import BadValue
from tui.context import Context
from tui.dialogs.choose import Choice, ChooseDialog
from tui.importing import ImportWork, Opened


async def open_file(
    context: Context,
    job: ImportWork,
    path: str,
    followed: Callable[[Coroutine[Any, Any, Opened]], Awaitable[Opened]],
    *,
    asks_sheet: bool,
) -> Opened | None:
    """Open a file; for workers.

    Args:
        context: the app.
        job: the import that it is for.
        path: the file.
        followed: waits for the work and shows how far it is.
        asks_sheet: ask even where a workbook has one sheet only.

    Returns:
        The file; None where no sheet was chosen.

    Raises:
        SerialdockError: it cannot be read.
    """
    opened: Opened | None = None
    sheets: Sequence[str]
    present: str | None = None
    try:
        opened = await followed(job.open(path, None))
        sheets, present = opened.table.sheets, opened.table.sheet
    except BadValue as refusal:  # its first sheet is empty, and others are not
        sheets = refusal.details.get("sheets", ())
        if not sheets:
            raise
    if len(sheets) > 1 or opened is None or (asks_sheet and sheets):
        question = "Which sheet?" if opened is not None else "First sheet has no rows. Which?"
        choices = [Choice(name, name) for name in sheets]
        chosen = await context.ask(ChooseDialog(question, choices, present=present))
        if chosen is None:
            return None
        if chosen != present:
            opened = await followed(job.open(path, chosen))
    return opened
