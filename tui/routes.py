"""Routes: the addresses of screens and dialogs that other rooms open, as in `await context.open(SerialRecord(7))`.

A route says what to open and what type of result comes back; only `tui.navigation` knows which screen shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Route(Generic[Result]):
    """Base of all routes; `Result` is what the screen returns when it is left."""


@dataclass(frozen=True, slots=True)
class Items(Route[None]):
    """The list of items."""


@dataclass(frozen=True, slots=True)
class NewItem(Route[int]):
    """The dialog for a new item; returns its id."""


@dataclass(frozen=True, slots=True)
class ItemRecord(Route[None]):
    """The form of an item."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SerialRecord(Route[None]):
    """The record of one serial in full."""

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
    """The dialog for a new location; returns its code."""


@dataclass(frozen=True, slots=True)
class Station(Route[str]):
    """The station; returns the message to show after it is left."""


@dataclass(frozen=True, slots=True)
class Import(Route[int]):
    """Import from a file; returns the id of the last imported serial, if there is one."""

    sku: str | None = None
    """SKU of all rows; None if each row names its own."""


@dataclass(frozen=True, slots=True)
class ScannerCheck(Route[None]):
    """The scanner check: what scanner and terminal really send."""
