"""Open a dialog and wait for what it returns, without a key going astray on the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

if TYPE_CHECKING:
    from tui.app import SerialdockApp

Result = TypeVar("Result")


async def ask(context: SerialdockApp, dialog: Screen[Result]) -> Result | None:
    """Open a dialog and wait until it is closed; for workers.

    Keys that were typed before it is there wait for it. A worker that reads something first does so in a hold of its
    own and calls this right after it.

    Args:
        context: the app.
        dialog: the dialog, new.

    Returns:
        What the dialog returns; None where it was left.
    """
    answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

    def give(result: Result | None) -> None:
        if not answer.done():
            answer.set_result(result)

    with context.keyboard.hold():
        await context.push_screen(dialog, give)
    return await answer
