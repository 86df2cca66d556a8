"""Wait until an app has nothing left to do.

Textual's `Pilot.pause` looks every 20 ms whether the process used the processor. That takes five times as long as most
keys need, and on a busy machine it ends too early or too late. Here the event loop itself is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import textual.constants
import textual.screen
from textual.app import App
from textual.geometry import Size
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

_kinds: set[tuple[type[Screen[Any]], Size]] = set()
"""Screens by class and size of which one was drawn in this process."""

_draw_now = Screen._compositor_refresh

_asked: WeakSet[DatabaseThread] = WeakSet()
"""Database threads to which something was handed over since they were last waited for."""


def draw_when_idle() -> None:
    """Lay out screens when their app is idle, not sixty times a second, and draw what a test looks at.

    What a test only passes on its way is not drawn, but for the first screen of each class and size, and what is there
    at the end of the test; see `draw_now`. Tables read the rows that are in sight in any case.

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


def draw_now(app: App[Any]) -> None:
    """Draw the changes that were laid out: a test looks at them, or is at its end."""
    if _can_draw(app) and app.screen in _not_drawn:
        _not_drawn.discard(app.screen)
        _draw_now(app.screen)


async def drawn(app: App[Any]) -> None:
    """Wait until the event loop has nothing to run, and all changes of the screen are laid out."""
    async with _turn():
        await _nothing_to_run()
        while _draw(app) or _is_ready():
            await _nothing_to_run()


async def idle(app: App[Any]) -> None:
    """Wait for animations and the database thread too, and for what its results bring about.

    Laid out is what comes of it all: not what a screen shows while it still reads.
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


def _can_draw(app: App[Any]) -> bool:
    return app.is_running and app._exception is None and bool(app.screen_stack) and not app._batch_count


def _draw(app: App[Any]) -> bool:
    """Lay out or draw changes now, not with the next frame; False if there are none."""
    if not _can_draw(app):
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
    kind = (type(screen), screen.size)
    if app.is_headless and kind in _kinds:
        return _read_rows(screen)
    if screen not in _not_drawn:
        return False
    _kinds.add(kind)
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
