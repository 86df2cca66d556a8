"""Routes: the addresses of screens and dialogs that other rooms open, as in `await context.open(SerialRecord(7))`.

A route says what to open and what type of result comes back; only `tui.navigation` knows which screen shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Route(Generic[Result]):
    """Base of all routes; `Result` is what the screen returns when it is left.

    A route without fields of its own needs no decorator: it inherits everything.
    """


@dataclass(frozen=True, slots=True)
class RecordRoute(Route[None]):
    """Base of the routes to one record."""

    id: int


class Items(Route[None]):
    """The list of items."""


class LeaveProgram(Route[str]):
    """The question whether to leave the program; returns `LEAVE` if so."""


LEAVE: Final = "leave"
"""Result of `LeaveProgram`."""


class NewItem(Route[int]):
    """The dialog for a new item; returns its id."""


class ItemRecord(RecordRoute):
    """The form of an item."""


@dataclass(frozen=True, slots=True)
class StockHistory(Route[None]):
    """The changes of an item's quantities."""

    item_id: int
    place_id: int | None = None
    """Only changes at this location; None for all."""


class SerialRecord(RecordRoute):
    """The record of one serial in full."""


class Documents(Route[None]):
    """The list of documents."""


class DocumentRecord(RecordRoute):
    """A document with its serials."""


class Customers(Route[None]):
    """The list of customers."""


class CustomerRecord(RecordRoute):
    """A customer with its serials and documents."""


class Places(Route[None]):
    """The list of locations."""


class PlaceRecord(RecordRoute):
    """The stock of a location."""


class NewLocation(Route[str]):
    """The dialog for a new location; returns its code."""


class Statuses(Route[None]):
    """The list of statuses."""


@dataclass(frozen=True, slots=True)
class Station(Route[str]):
    """The station; returns the message to show after it is left."""

    draft_id: int | None = None
    """The draft that is continued there; None for none."""


class Drafts(Route[None]):
    """The list of open drafts."""


class People(Route[None]):
    """The list of people."""


class PersonRecord(RecordRoute):
    """A person with roles and permissions."""


@dataclass(frozen=True, slots=True)
class Import(Route[int]):
    """Import from a file; returns the id of the last imported serial, if there is one."""

    sku: str | None = None
    """SKU of all rows; None if each row names its own."""


@dataclass(frozen=True, slots=True)
class Find(Route[None]):
    """Find: anything, everywhere."""

    text: str = ""
    """The text to look for first; empty for none."""


@dataclass(frozen=True, slots=True)
class ExportList(Route[str]):
    """The dialog that exports a list to a file; returns the message about it."""

    source: object
    """The `models.paging.RowSource` of the list, or the id of a serial, whose history is exported."""
    marked: tuple[str, ...] = ()
    """Keys of the rows to export; empty for all."""
    document: str = ""
    """The number of the document whose serials they are, which can be printed too; empty for none."""


@dataclass(frozen=True, slots=True)
class ChooseOrder(Route[str]):
    """The dialog for the column that orders a list; returns its code."""

    orders: tuple[tuple[str, str], ...]
    """Codes and headings of the columns."""
    code: str
    """Code of the present one."""
    descending: bool = False
    """Whether the present order is turned round."""


class ScannerCheck(Route[None]):
    """The scanner check: what scanner and terminal really send."""
