"""Looking what others have written: in tests of screens when the test says so, not several times a second."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.support.app import at_rest
from tests.support.idle import drawn
from tui.app import SerialdockApp
from tui.kit.watcher import Watcher


def look_when_asked() -> None:
    """Let no app look by itself: a test writes while an app runs, and says what the app shows meanwhile."""
    Watcher.begin = lambda _: None  # type: ignore[method-assign]


async def look(pilot: Pilot[Any]) -> None:
    """Look once, as an app does several times a second, and wait until the screen shows what was found."""
    app = pilot.app
    assert isinstance(app, SerialdockApp)
    await at_rest(pilot)
    app._watcher._not_before = 0.0
    app._watcher.look()
    await at_rest(pilot)
    await drawn(app)
