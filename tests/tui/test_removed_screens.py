"""Code that comes back while its screen is being removed: a timer, a worker, a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import WorkerFailed

from tests.support.limits import LIMIT
from tui.kit.app import TerminalApp
from tui.kit.page import is_shown


class App(TerminalApp):
    def first_screen(self) -> Screen[None]:
        return Screen()


class Part(Static):
    """Tells when it is gone, while its screen is not yet."""

    def __init__(self, gone: Callable[[], object]) -> None:
        super().__init__("part")
        self._gone = gone

    def on_unmount(self) -> None:
        self._gone()


class Closing(Screen[None]):
    """Looks for its part by a timer's way and in a worker, as soon as the part is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.is_gone = asyncio.Event()
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield Part(self._gone)

    def on_mount(self) -> None:
        self.run_worker(self._wait())

    def _gone(self) -> None:
        self.call_next(self.look)
        self.is_gone.set()

    async def _wait(self) -> None:
        await self.is_gone.wait()
        self.look()

    def look(self) -> None:
        """What a callback does that shows something."""
        self.said.append((self.is_attached, is_shown(self)))
        self.query_one(Part)


async def test_what_comes_back_while_its_screen_is_removed_ends_no_app() -> None:
    app = App()
    async with app.run_test() as pilot, asyncio.timeout(LIMIT):
        screen = Closing()
        await app.push_screen(screen)
        screen.look()
        assert screen.said == [(True, True)]
        screen.dismiss()
        while screen.is_attached:
            await pilot.pause()
        assert (True, False) in screen.said[1:], "nothing came back in the moment between part and screen"
        assert app.is_running
        assert app.return_code is None
    assert app._exception is None


async def test_a_part_that_is_missing_on_a_screen_that_stays_is_a_defect(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def lose_a_part() -> None:
        app = App()
        async with app.run_test() as pilot, asyncio.timeout(LIMIT):
            await app.push_screen(screen := Closing())
            await screen.query_one(Part).remove()
            await pilot.pause()

    with pytest.raises((NoMatches, WorkerFailed)):
        await lose_a_part()
