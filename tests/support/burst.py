"""Many keys at once, as from a scanner or a slow link. Textual's pilot cannot do this: it waits after each key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import textual.message
from textual import events
from textual.app import App

from tests.support.limits import LIMIT
from tui.scanning import bursts
from tui.scanning.bursts import HAND_GAP
from tui.terminal.key_parser import KeyParser
from tui.terminal.keys_in_order import Keyboard, OrderedKeys

HAND = HAND_GAP + 0.01
"""Seconds from one key of a person to the next; what comes sooner is taken for a scanner's."""

AT_ONCE, NOT_YET = float("-inf"), float("inf")
"""For `SEEN_AFTER`: the screen that a scan opened always, or never, counts as seen before the next scan."""


async def burst(app: App[Any], *input_: str | events.Event) -> None:
    """Give an app input as one read from the terminal, and wait until the app has received it.

    Args:
        app: A running app.
        *input_: Text from the terminal, or single events.
    """
    read_at = hand_clock()  # like the driver: all keys of one read have one time, however slow the machine is
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


def queued(app: OrderedKeys[Any], text: str) -> None:
    """Put text into an app's key queue in this instant, before a short hold of its keys can run out."""
    for event in KeyParser().feed(text):
        app.keyboard.put(event)


def wait_long_for_screens() -> None:
    """Let the keys behind one that opens a screen wait as long as tests do: on a busy machine ten seconds are short."""
    Keyboard.hold.__wrapped__.__defaults__ = (LIMIT,)  # type: ignore[attr-defined]


_skipped = [0.0]
"""Seconds that nobody has waited."""


def hand_clock() -> float:
    """The time of keys: that of the machine, and the pauses between keys pressed by hand."""
    return time.monotonic() + _skipped[0]


def nobody_presses(seconds: float) -> None:
    """Let time pass on the clock of the keys."""
    _skipped[0] += seconds


def a_hand_pressed_at(moment: float) -> None:
    """Let the clock of the keys be no earlier than the next key of a person whose last one had this time."""
    nobody_presses(max(0.0, moment + HAND - hand_clock()))


def tell_the_time_of_keys() -> None:
    """Give the hand's clock to all that has a key's time, and to what is compared with it."""
    textual.message._time = SimpleNamespace(get_time=hand_clock)  # type: ignore[assignment]
    bursts.monotonic = hand_clock  # type: ignore[attr-defined]


@asynccontextmanager
async def by_hand() -> AsyncIterator[None]:
    """Let as much time pass behind one key as a person takes: on the clock of the keys, not of the machine.

    All of it passes behind the key. Counted from before it, a key that a busy machine makes late would be too near to
    the next one, and three of them a scan.
    """
    yield
    nobody_presses(HAND)


async def burst_to_the_end(app: OrderedKeys[Any], *input_: str | events.Event) -> None:
    """Give an app input as one read from the terminal, and wait until its effects are done."""
    await burst(app, *input_)
    async with asyncio.timeout(LIMIT):
        await app.keyboard.at_rest()
