"""The look of a serial's status in every list: mark, word and colour."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from rich.text import Text

from models.statuses import StatusLook
from tui.text import cell, clip
from tui.themes import status_style

MARK_ALONE: Final = 2
"""Width in cells up to which only the mark is shown."""


def status_look(status: StatusLook, theme: str) -> Style:
    """The style of a status in a theme, by name."""
    return status_style(theme, status.colour)


def status_cell(status: StatusLook, theme: str, width: int) -> Text:
    """A cell with mark, word and colour; the mark alone up to `MARK_ALONE` cells."""
    said = status.mark if width <= MARK_ALONE else f"{status.mark} {status.label}"
    return cell(clip(said, max(1, width)), status_look(status, theme))
