"""Many keys at once, as from a scanner or a slow link. Textual's pilot cannot do this: it waits after each key."""

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
"""For `SEEN_AFTER`: the screen that a scan opened always, or never, counts as seen before the next scan."""


async def burst(app: App[Any], *input_: str | events.Event) -> None:
    """Give an app input as one read from the terminal, and wait until the app has received it.

    Args:
        app: A running app.
        *input_: Text from the terminal, or single events.
    """
    read_at = monotonic()  # like the driver: all keys of one read have one time, however slow the machine is
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
    """Give an app input as one read from the terminal, and wait until its effects are done."""
    await burst(app, *input_)
    async with asyncio.timeout(LIMIT):
        await app.keyboard.at_rest()
