"""Many keys at once, as a scanner or a slow link delivers them: the pilot waits after each key and hides this."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from textual import events
from textual.app import App

from tests.support.limits import LIMIT
from tui.terminal.key_parser import KeyParser
from tui.terminal.keys_in_order import OrderedKeys

AT_ONCE, NOT_YET = float("-inf"), float("inf")
"""For `SEEN_AFTER`: what a scan opened counts as looked at when the next one comes, or does not."""


async def burst(app: App[Any], *input_: str | events.Event) -> None:
    """Give an app what a terminal would send, all in one read, and wait until the app has taken it in.

    Args:
        app: A running app.
        *input_: What the terminal sends, or single events.
    """
    read_at = monotonic()  # as the driver does: the keys of one read came together, however busy the machine is
    for piece in input_:
        if isinstance(piece, events.Event):
            app.post_message(piece.set_sender(app))
            continue
        for event in KeyParser().feed(piece):
            event.time = read_at
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
