"""Preparation before Textual is imported, since it reads its settings from the environment once, on import."""

from __future__ import annotations

import codecs
import os
import sys
from typing import Final, TextIO

_SETTINGS: Final = {
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}
"""On every terminal: one byte per key, barcode separators as control characters, mouse positions in cells."""

_DEFAULTS: Final = {"TEXTUAL_ANIMATIONS": "none"}
"""Turns off what costs bytes on a slow link, unless the user has set it."""

_FIXED_SIZES: Final = ("COLUMNS", "LINES")
"""Variables that, if exported by a shell, would hide every change of the terminal's size."""


def prepare_environment() -> str | None:
    """Set Textual's environment and check the terminal. Call it before anything imports Textual.

    Returns:
        Why the app cannot start here and what to do about it, in one or two sentences; None if it can.
    """
    os.environ.update(_SETTINGS)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    for name in _FIXED_SIZES:
        os.environ.pop(name, None)
    return _terminal_problem()


def _terminal_problem() -> str | None:
    streams = {"input": sys.__stdin__, "output": sys.__stdout__, "error output": sys.__stderr__}
    for name, stream in streams.items():
        if stream is None or stream.closed or not stream.isatty():
            return f"Serialdock needs a terminal, and its {name} is not one. Start it without a pipe or a redirection."
    if os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        return "The kind of terminal is not known. Set it, for example: export TERM=xterm-256color"
    for stream in streams.values():
        if stream is not None and not _is_utf8(stream):
            return (
                f"The terminal session is set to {stream.encoding}, and lines and letters would come out wrong. "
                "Set it to UTF-8, for example: export LC_ALL=C.UTF-8"
            )
    return None


def _is_utf8(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding).name == "utf-8"
