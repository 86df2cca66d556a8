"""A scan field that writes what it hears to a file, one JSON list a line.

Usage: scan_station FILE [--no-mouse]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import ClassVar, NoReturn

from tui.startup import prepare_environment

prepare_environment()

from textual.app import ComposeResult  # noqa: E402
from textual.binding import Binding, BindingType  # noqa: E402
from textual.widgets import Button, Static  # noqa: E402

from tui.scanning.scan_field import ScanField  # noqa: E402
from tui.terminal.driver import TerminalDriver  # noqa: E402
from tui.terminal.keys_in_order import OrderedKeys  # noqa: E402
from tui.text import plain  # noqa: E402


class ScanStation(OrderedKeys[None], inherit_bindings=False):
    """Shows how many scans there were and the last one."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "end", "End"),
        Binding("ctrl+q", "heard('quit')", "Quit"),
        Binding("f6", "heard('new')", "New"),
        Binding("tab", "app.focus_next", "Next"),
    ]

    def __init__(self, log: Path) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.log_path = log
        self.count = 0

    def compose(self) -> ComposeResult:
        yield ScanField(id="serial")
        yield Static("0 scans", id="count")
        yield Button("Click me", compact=True)

    def hear(self, *what: str) -> None:
        with self.log_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def on_mount(self) -> None:
        self.query_one(ScanField).focus()
        self.hear("ready")

    def on_scan_field_scanned(self, message: ScanField.Scanned) -> None:
        self.count += 1
        self.hear("scanned", message.text, message.how)
        self.query_one("#count", Static).update(plain(f"{self.count} scans, last {message.text}"))

    def on_scan_field_refused(self, message: ScanField.Refused) -> None:
        self.hear("refused", message.text, message.reason)

    def on_button_pressed(self) -> None:
        self.hear("clicked")
        self.query_one(ScanField).focus()

    def action_heard(self, what: str) -> None:
        self.hear(what)

    def action_end(self) -> None:
        self.exit(return_code=7)


def main() -> NoReturn:
    if problem := prepare_environment():
        sys.exit(problem)
    app = ScanStation(Path(sys.argv[1]))
    app.run(mouse="--no-mouse" not in sys.argv)
    sys.exit(app.return_code)


if __name__ == "__main__":
    main()
