"""Many keys at once, as a scanner or a slow link delivers them: the pilot waits after each key and hides this."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events
from textual.app import App

from tests.support.limits import LIMIT
from tui.terminal.key_parser import KeyParser
from tui.terminal.keys_in_order import OrderedKeys


async def burst(app: App[Any], *input_: str | events.Event) -> None:
    """Give an app what a terminal would send, all in one read, and wait until the app has taken it in.

    Args:
        app: A running app.
        *input_: What the terminal sends, or single events.
    """
    for piece in input_:
        for event in KeyParser().feed(piece) if isinstance(piece, str) else [piece]:
            app.post_message(event.set_sender(app))
    taken_in = asyncio.Event()
    app.call_later(taken_in.set)
    async with asyncio.timeout(LIMIT):
        await taken_in.wait()


async def burst_to_the_end(app: OrderedKeys[Any], *input_: str | events.Event) -> None:
    """Give an app what a terminal would send and wait until all of it, and what it set off, is done."""
    await burst(app, *input_)
    async with asyncio.timeout(LIMIT):
        await app.keyboard.at_rest()
