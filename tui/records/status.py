"""A status as every list of serials shows it: mark, word and colour."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from rich.text import Text

from models.statuses import StatusLook
from tui.text import cell, clip
from tui.themes import status_style

MARK_ALONE: Final = 2
"""Cells up to which a text has no room beside its mark."""


def status_look(status: StatusLook, theme: str) -> Style:
    """How it is written in a theme."""
    return status_style(theme, status.colour)


def status_cell(status: StatusLook, theme: str, width: int) -> Text:
    """Mark, word and colour; the mark alone where there is room for no more."""
    said = status.mark if width <= MARK_ALONE else f"{status.mark} {status.label}"
    return cell(clip(said, max(1, width)), status_look(status, theme))
