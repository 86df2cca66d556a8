"""What a warranty is worth on a day: derived from its dates when looked at, never stored."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Warranty(StrEnum):
    """The warranty's state; the values are public."""

    NONE = "none"
    ACTIVE = "active"
    EXPIRED = "expired"
    VOID = "void"


LABELS = {
    Warranty.NONE: "no warranty",
    Warranty.ACTIVE: "under warranty",
    Warranty.EXPIRED: "expired",
    Warranty.VOID: "void",
}
"""What people read; the grid shows void as no warranty."""


def warranty_status(start: date | None, end: date | None, void: str | None, day: date) -> Warranty:
    """The state on a day; the end day still counts, and before its start there is none yet."""
    if end is None:
        return Warranty.NONE
    if void is not None:
        return Warranty.VOID
    if day > end:
        return Warranty.EXPIRED
    return Warranty.NONE if start is not None and day < start else Warranty.ACTIVE
