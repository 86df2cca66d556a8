"""Command barcodes: codes that tell the scan line what to do, so that nobody walks to the keyboard.

They are capitals without Y, Z, A, Q, W and M where that can be helped: those letters stand elsewhere on German and
French keyboards, and a scanner types like a keyboard.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from models.text import COMMAND_PREFIX

PREFIX: Final = COMMAND_PREFIX
"""What every command barcode begins with."""


class CommandCode(StrEnum):
    """A command, as it stands behind `PREFIX` in its barcode."""

    DONE = "DONE"
    """Write what was scanned."""
    UNDO = "UNDO"
    """Take the last scan out."""
    CANCEL = "CANCEL"
    """Throw the whole draft away; asks for the same scan again."""
    NEXT = "NEXT"
    """Go on to the next: the item and its expected number are settled, another place or item follows."""
    HELP = "HELP"
    """Say what can be scanned now."""

    @property
    def barcode(self) -> str:
        """What is printed."""
        return PREFIX + self.value


def is_command(text: str) -> bool:
    """Whether a scan claims to be a command, known or not."""
    return text.upper().startswith(PREFIX)
