"""A Textual driver that records the output of an app."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][0-9]+;[^\x07\x1b]*\x07)")


class RecordingDriver(HeadlessDriver):
    """Runs an app without a terminal; pass it as `driver_class`, and do not run the app `headless`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent: list[str] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)


class IdleRecordingDriver(RecordingDriver):
    """Records what an app shows when it is idle; see `draw_when_idle`."""


def data_sent_by(app: App[Any]) -> str:
    """The output of an app without escape sequences and line ends: only data."""
    driver = app._driver
    assert isinstance(driver, RecordingDriver)
    return _ESCAPE_SEQUENCE.sub("", "".join(driver.sent)).replace("\r\n", "").replace("\n", "")
