"""Wait until an app has nothing left to do.

Textual's `Pilot.pause` looks every 20 ms whether the process used the processor. That takes five times as long as most
keys need, and on a busy machine it ends too early or too late. Here the event loop itself is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import textual.constants
import textual.screen
from textual.app import App
from textual.screen import Screen

from tests.support.limits import LIMIT
from tests.support.recording import IdleRecordingDriver
from tui.kit.record_table import RecordTable
from tui.terminal.database_thread import DatabaseThread, DatabaseThreadClosedError

HELD_UP = 3.0
"""Longest wait in seconds for the database thread: some tests stop it on purpose."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""One wait at a time: of two, each would see the other as something to run, for ever."""

FRAME = 0.25
"""Seconds between two frames of an app that is not idle."""

_not_drawn: WeakSet[Screen[Any]] = WeakSet()
"""Screens with changes that wait for a test to look at them."""

_unread: WeakSet[Screen[Any]] = WeakSet()
"""Screens with tables that have not looked which rows are in sight."""

_is_passed = [False]
"""Whether the test only passes what is on the screen."""

_draw_now = Screen._compositor_refresh

_asked: WeakSet[DatabaseThread] = WeakSet()
"""Database threads to which something was handed over since they were last waited for."""


def draw_when_idle() -> None:
    """Lay out and draw screens when their app is idle, not sixty times a second: a fifth of a test's work.

    An app with a terminal, or with a driver that records every drawing, draws what it lays out, as always. What would
    move step by step is at its place at once.
    """

    def later(screen: Screen[Any]) -> None:
        waits = screen.app.is_headless or isinstance(screen.app._driver, IdleRecordingDriver)
        if waits and screen is screen.app.screen:
            screen._dirty_widgets.clear()  # the compositor knows their regions
            _not_drawn.add(screen)
            _unread.add(screen)
        else:
            _draw_now(screen)

    Screen._compositor_refresh = later  # type: ignore[method-assign]
    textual.screen.UPDATE_PERIOD = FRAME  # type: ignore[misc]
    textual.constants.TEXTUAL_ANIMATIONS = "none"  # type: ignore[misc]


def note_questions() -> None:
    """Note which database threads are asked, so that only these are waited for."""
    enqueue = DatabaseThread._enqueue

    def noted(thread: DatabaseThread, job: Any) -> Future[object]:
        _asked.add(thread)
        return enqueue(thread, job)

    DatabaseThread._enqueue = noted  # type: ignore[method-assign]


@contextmanager
def passing() -> Iterator[None]:
    """Lay out, but do not draw what a test only passes on its way: no line of it can be looked at.

    Tables still read the rows that are in sight.
    """
    before, _is_passed[0] = _is_passed[0], True
    try:
        yield
    finally:
        _is_passed[0] = before


async def drawn(app: App[Any]) -> None:
    """Wait until the event loop has nothing to run, and the screen shows every change."""
    async with _turn():
        await _nothing_to_run()
        while _draw(app) or _is_ready():
            await _nothing_to_run()


async def idle(app: App[Any]) -> None:
    """Wait for animations and the database thread too, and for what its results bring about.

    Drawn is what comes of it all: not what a screen shows while it still reads.
    """
    is_held_up = False
    async with _turn():
        while True:
            await _nothing_to_run()
            if not is_held_up and (thread := getattr(app, "db", None)) in _asked:
                is_held_up = not await _is_answered(thread)
            elif not _draw(app):
                if app.animator._complete_event.is_set():
                    return
                await app.animator.wait_until_complete()


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with asyncio.timeout(LIMIT), turn:
        yield


async def _is_answered(thread: DatabaseThread) -> bool:
    """Wait until all that was handed over to a database thread has come back; False if it is held up."""
    try:
        answer = asyncio.wrap_future(thread._hand_over(int))  # it comes back behind all that was handed over before
    except DatabaseThreadClosedError:
        _asked.discard(thread)
        return True
    _asked.discard(thread)
    try:
        async with asyncio.timeout(HELD_UP):
            await answer
    except TimeoutError:
        _asked.add(thread)
        return False
    return True


def _draw(app: App[Any]) -> bool:
    """Draw changes now, not with the next frame; False if there are none."""
    if not app.is_running or app._exception is not None or not app.screen_stack or app._batch_count:
        return False
    screen = app.screen
    if (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    ):
        screen._on_timer_update()
        return True
    if _is_passed[0] and app.is_headless:
        return _read_rows(screen)
    if screen not in _not_drawn:
        return False
    _not_drawn.discard(screen)
    _unread.discard(screen)
    _draw_now(screen)
    return True


def _read_rows(screen: Screen[Any]) -> bool:
    """Draw tables alone, which then read what is in sight; False if nothing has changed."""
    if screen not in _unread:
        return False
    _unread.discard(screen)
    for widget, (region, _) in screen._compositor.visible_widgets.items():
        if isinstance(widget, RecordTable):
            widget.render_lines(region.size.region)
    return True


async def _nothing_to_run() -> None:
    await asyncio.sleep(0)
    while _is_ready():  # noqa: ASYNC110 - no event says that nothing is left
        await asyncio.sleep(0)


def _is_ready() -> bool:
    """Whether anything but this task is to run in the event loop; what waits for a time does not count."""
    return bool(asyncio.get_running_loop()._ready)  # type: ignore[attr-defined]
