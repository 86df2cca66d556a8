"""The scanner check as an app of its own, without a database."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from textual.screen import Screen

from models.config import Config
from models.errors import Refusal
from tui.kit import help as kit_help
from tui.kit.app import TerminalApp, run_app
from tui.kit.bars import Offered
from tui.scanner_check.screen import ScanLog, ScannerCheckScreen
from tui.text import visible


class ScannerCheckApp(TerminalApp):
    """An app whose only screen is the scanner check."""

    def __init__(self, log: ScanLog | None, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            log: receives every complete scan; None for no log.
            config: the person's settings.
            **options: for Textual's App.
        """
        super().__init__(config, **options)
        self._scan_log = log

    def first_screen(self) -> ScannerCheckScreen:
        """The scanner check."""
        return ScannerCheckScreen(self._scan_log)

    def help_on(self, screen: Screen[Any]) -> kit_help.HelpDialog | None:
        """Make the help on a screen."""
        return kit_help.help_on(screen)

    def menu_of(self, screen: Screen[Any], more: Sequence[Offered]) -> kit_help.ActionsDialog | None:
        """Make the menu of a screen."""
        return kit_help.menu_of(screen, more)


def run(log: ScanLog | None, config: Config) -> NoReturn:
    """Open the scanner check; the process ends with it.

    Args:
        log: receives every complete scan; None for no log.
        config: the person's settings.

    Raises:
        SystemExit: with the exit code; 1 if scans are missing from the log.
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

    run_app(ScannerCheckApp(log, config), finish)
