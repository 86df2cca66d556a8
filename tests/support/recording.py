"""A Textual driver that keeps what an app sends to the terminal."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;:?<>=]*[ -/]*[@-~]|\][0-9]+;[^\x07\x1b]*\x07)")


class RecordingDriver(HeadlessDriver):
    """Runs an app without a terminal and keeps every piece of output in `app.sent`."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        assert isinstance(self._app, RecordingApp)
        self._app.sent.append(data)


class RecordingApp(App[Any]):
    """An app whose output to the terminal can be read in `sent`."""

    def __init__(self) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.sent: list[str] = []


def text_between_escapes(sent: list[str]) -> str:
    """What remains of a terminal's input when Textual's own sequences are taken out: only data."""
    return _ESCAPE_SEQUENCE.sub("", "".join(sent)).replace("\r\n", "").replace("\n", "")
