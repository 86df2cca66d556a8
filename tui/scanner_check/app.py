"""The scanner check alone: an app without a database."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from models.config import Config
from models.errors import Refusal
from tui.kit.app import TerminalApp, load_settings, run_app
from tui.scanner_check.screen import ScanLog, ScannerCheckScreen
from tui.text import visible


class ScannerCheckApp(TerminalApp):
    """Opens the scanner check and ends with it."""

    def __init__(self, log: ScanLog | None, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            log: takes every scan that the scan line took whole.
            config: what the person has set.
            **options: for Textual's App.
        """
        super().__init__(config, **options)
        self._scan_log = log

    def first_screen(self) -> ScannerCheckScreen:
        """The scanner check."""
        return ScannerCheckScreen(self._scan_log)


def run(log: ScanLog | None) -> NoReturn:
    """Open the scanner check and end the process when the person has left.

    Args:
        log: takes every scan.

    Raises:
        BadValue: something in the settings cannot be used.
        SystemExit: with the program's exit code.
    """

    def finish() -> int:
        if log is None or not log.missing:
            return 0
        try:
            log.flush()
        except OSError as error:
            print(f"serialdock: {visible(log.complaint(error))}", file=sys.stderr)
            return Refusal.exit_code
        return 0

    run_app(ScannerCheckApp(log, load_settings()), finish)
