"""Serialdock on a database; SIGUSR1 makes it fail as a defect in a screen does.

Usage: station_with_defect DATABASE
"""

from __future__ import annotations

import signal
import sys
from typing import Any, NoReturn

from tui.startup import prepare_environment

prepare_environment()

from tui import app  # noqa: E402


class DefectiveApp(app.SerialdockApp):
    """Fails at a signal."""

    def run(self, *args: Any, **options: Any) -> Any:
        """Run with the signal."""
        signal.signal(signal.SIGUSR1, lambda *_: self._loop and self._loop.call_soon_threadsafe(self.call_later, fail))
        return super().run(*args, **options)


def fail() -> None:
    raise ZeroDivisionError("a defect")


def main() -> NoReturn:
    app.SerialdockApp = DefectiveApp  # type: ignore[misc]
    app.run(sys.argv[1])


if __name__ == "__main__":
    main()
