"""A Textual driver that keeps what an app sends to the terminal."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][0-9]+;[^\x07\x1b]*\x07)")


class RecordingDriver(HeadlessDriver):
    """Runs an app without a terminal; give it as `driver_class` and run the app without `headless`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent: list[str] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)


def data_sent_by(app: App[Any]) -> str:
    """What an app has sent to the terminal without Textual's own sequences: only data."""
    driver = app._driver
    assert isinstance(driver, RecordingDriver)
    return _ESCAPE_SEQUENCE.sub("", "".join(driver.sent)).replace("\r\n", "").replace("\n", "")
