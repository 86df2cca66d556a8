"""The addresses of screens and dialogs that are opened from elsewhere: `await context.open(SerialRecord(7))`.

A route says what is opened and what comes back; `tui.navigation` alone knows which screen shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Route(Generic[Result]):
    """An address; `Result` is what its screen returns when the person leaves it."""


@dataclass(frozen=True, slots=True)
class Items(Route[None]):
    """The list of items."""


@dataclass(frozen=True, slots=True)
class NewItem(Route[int]):
    """The dialog that makes an item; returns its id."""


@dataclass(frozen=True, slots=True)
class ItemRecord(Route[None]):
    """The form of an item."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SerialRecord(Route[None]):
    """Serial Detail."""

    serial_id: int


@dataclass(frozen=True, slots=True)
class DocumentRecord(Route[None]):
    """A document with its serials."""

    document_id: int


@dataclass(frozen=True, slots=True)
class PlaceRecord(Route[None]):
    """The stock of a location."""

    place_id: int


@dataclass(frozen=True, slots=True)
class NewLocation(Route[str]):
    """The dialog that makes a location; returns its code."""


@dataclass(frozen=True, slots=True)
class Station(Route[str]):
    """Receiving by scanning; returns what to say when the person has left it."""


@dataclass(frozen=True, slots=True)
class Import(Route[int]):
    """Import from a file; returns the id of the last serial, where any was imported."""

    sku: str | None = None
    """The item of all rows; None where each row names its own."""


@dataclass(frozen=True, slots=True)
class ScannerCheck(Route[None]):
    """What the scanner and the terminal really send."""
