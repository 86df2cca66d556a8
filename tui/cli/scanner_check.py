"""`serialdock scanner-check`: what the scanner at this terminal really sends."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from tui.cli.command import MalformedError
from tui.cli.demo import require_terminal
from tui.cli.output import Output


def scanner_check(out: Output, *, url: str | None, user: str | None, log: str | None) -> int:
    """Open the scanner check.

    Args:
        out: JSON is refused, there is nothing to print.
        url: not used: no database is opened.
        user: not used.
        log: the file to which every scan is appended.

    Raises:
        SystemExit: the person has left.
        Refusal: the terminal is none or cannot be used, or the log cannot be written.
    """
    if out.json:
        raise MalformedError("scanner-check prints nothing. --log FILE writes JSON.")
    require_terminal()
    from tui.scan_log import ScanLog  # noqa: PLC0415 - Textual is for the app alone
    from tui.scanner_check_app import run  # noqa: PLC0415

    with ScanLog(Path(log)) if log is not None else nullcontext() as opened:
        run(opened)
