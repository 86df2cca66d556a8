"""An app under a lifeline; writes to a file when it has ended in order.

Usage: long_shift FILE [--restless] [--stuck]

While it can do nothing, since its terminal takes nothing more or a key never ends, there is a FILE.waits.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from typing import ClassVar, NoReturn

from tui.startup import prepare_environment

prepare_environment()

from rich.text import Text  # noqa: E402
from textual import events  # noqa: E402
from textual.app import ComposeResult  # noqa: E402
from textual.binding import Binding, BindingType  # noqa: E402
from textual.widgets import Input, Static  # noqa: E402

from tests.support.limits import LIMIT  # noqa: E402
from tui import lifeline as lifeline_limits  # noqa: E402
from tui.lifeline import Lifeline, crash_message, write_crash_report  # noqa: E402
from tui.terminal.driver import TerminalDriver  # noqa: E402
from tui.terminal.keys_in_order import OrderedKeys  # noqa: E402


class WaitingDriver(TerminalDriver):
    """Tells by a file while a drawing waits until the terminal takes an earlier one."""

    waits: Path

    def write(self, data: str) -> None:
        writer = self._writer_thread
        if writer is None or not writer._queue.full():
            super().write(data)
            return
        self.waits.touch()
        super().write(data)
        self.waits.unlink(missing_ok=True)


class LongShift(OrderedKeys[None], inherit_bindings=False):
    """Waits for a signal."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "#wall { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "quit", "End"),
        Binding("f9", "fail", "Fail"),
        Binding("f8", "fail", "Fail", priority=True),
        Binding("f7", "fail_later", "Fail in a worker"),
    ]

    def __init__(self, log: Path, *, is_restless: bool, is_stuck: bool) -> None:
        WaitingDriver.waits = log.with_name(f"{log.name}.waits")
        super().__init__(driver_class=WaitingDriver)
        self.log_path = log
        self.is_restless = is_restless
        self.is_stuck = is_stuck
        self.drawn = 0

    def compose(self) -> ComposeResult:
        yield Input(compact=True)
        yield Static("on duty", id="wall")

    def on_mount(self) -> None:
        self.log_path.write_text("ready")
        if self.is_restless:
            self.set_interval(0.01, self.draw)

    def draw(self) -> None:
        self.drawn += 1
        self.query_one("#wall", Static).update(Text(chr(65 + self.drawn % 26) * 4000))

    def on_key(self, event: events.Key) -> None:
        if self.is_stuck and event.key == "f6":
            WaitingDriver.waits.touch()
            time.sleep(60)

    def action_fail(self) -> None:
        raise ZeroDivisionError("a defect with \x1b[31mescapes in it")

    def action_fail_later(self) -> None:
        self.run_worker(self.fail_later())

    async def fail_later(self) -> None:
        await asyncio.sleep(0)
        self.action_fail()

    def on_unmount(self) -> None:
        self.log_path.write_text("ended in order")

    def _fatal_error(self) -> None:
        if not self._exit_renderables:
            self._exit_renderables.append(Text(crash_message(write_crash_report(self._exception))))
        assert isinstance(self._driver, TerminalDriver)
        self._driver.hold_input()
        self._close_messages_no_wait()


def main() -> NoReturn:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("log", type=Path)
    arguments.add_argument("--restless", action="store_true")
    arguments.add_argument("--stuck", action="store_true")
    options = arguments.parse_args()
    app = LongShift(options.log, is_restless=options.restless, is_stuck=options.stuck)
    if not options.stuck:  # on a busy machine an end in order takes longer than the program would wait
        lifeline_limits.HANG_UP_LIMIT = lifeline_limits.LIMIT = LIMIT  # type: ignore[misc]
    lifeline = Lifeline()
    with lifeline.guard(app):
        app.run()
    lifeline.leave(app.return_code or 0)


if __name__ == "__main__":
    main()
