"""What a person may look at: the look-ups behind the permission to see.

A program that acts in somebody's name reads through here. Lists come page by page, each after the last row of the one
before, so that a list of any length needs the memory of one page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from models import locations, people
from models.items import items as item_lookups
from models.permissions import Actor, Permission, require
from models.serials import record
from models.serials.grid import Selection, SerialRow, SerialSource, column_with, filter_of
from models.station import drafts, expected, lines
from models.station.state import said_of


class DraftItem(NamedTuple):
    """What was said about an item of a draft."""

    sku: str
    expected: int | None
    adds_quantity: bool
    missing: tuple[str, ...]
    """Announced serials that have not come, by name."""
    unannounced: tuple[str, ...]
    """Serials that have come and were not announced, by name; empty where nothing was announced."""


class Draft(NamedTuple):
    """A whole draft."""

    row: drafts.DraftRow
    people: tuple[tuple[str, datetime], ...]
    """Who worked on it, from when."""
    items: tuple[DraftItem, ...]
    lines: tuple[lines.Line, ...]
    """Serials, in the order of the scans."""


PAGE: Final = 1_000
"""Rows of a list that are read at once."""


def item_rows(actor: Actor, after: item_lookups.ItemRow | None = None) -> Sequence[item_lookups.ItemRow]:
    """The items that follow one, by SKU; the first ones for None, an empty page at the end.

    Raises:
        NotPermitted
    """
    _may_see(actor, "items")
    return item_lookups.ItemSource().after(after, PAGE)


def item(actor: Actor, sku: str) -> item_lookups.ItemForm:
    """One item with its stock by place.

    Raises:
        NotPermitted, NotFound
    """
    _may_see(actor, "items")
    return item_lookups.item_form(item_lookups.find_item(sku).id)


def serial_list(actor: Actor, sku: str, only: Mapping[str, str | None], *, find: str = "") -> SerialSource:
    """The serials of an item, to be read with `serial_rows`.

    Args:
        only: the code of the value that a column must have, by the column's code; None is all.
        find: serials that begin with this, or contain it where none begins so.

    Raises:
        NotPermitted
        NotFound: the item, or one of the values.
    """
    _may_see(actor, "serials")
    item_id = item_lookups.find_item(sku).id
    columns = {column_with(code): value for code, value in only.items() if value is not None}
    values = {column: filter_of(column).find(value) for column, value in columns.items()}
    return SerialSource(Selection(item_id, values, find.strip()))


def serial_rows(actor: Actor, source: SerialSource, after: SerialRow | None = None) -> Sequence[SerialRow]:
    """The serials that follow one, by serial number; the first ones for None, an empty page at the end.

    Raises:
        NotPermitted
    """
    _may_see(actor, "serials")
    return source.after(after, PAGE)


def serial(actor: Actor, text: str, sku: str | None = None) -> record.SerialDetail:
    """The whole record of the serial with this text.

    Args:
        sku: its item; needed where several items carry the text.

    Raises:
        NotPermitted, NotFound, Ambiguous
    """
    _may_see(actor, "serials")
    return record.serial_detail(record.find_serial(text, sku))


def places(actor: Actor) -> list[locations.Place]:
    """All locations, each right after the one that it is in.

    Raises:
        NotPermitted
    """
    _may_see(actor, "locations")
    return locations.list_places()


def open_drafts(actor: Actor) -> list[drafts.DraftRow]:
    """What was scanned at stations and is not stock yet, the last changed first.

    Raises:
        NotPermitted
    """
    _may_see(actor, "drafts")
    return drafts.open_drafts()


def draft(actor: Actor, draft_id: int) -> Draft:
    """One open draft with everything in it.

    Raises:
        NotPermitted, NotFound
    """
    _may_see(actor, "drafts")
    row = drafts.find_draft(draft_id)
    items = [
        DraftItem(
            said.item.sku,
            said.expected,
            said.adds_quantity,
            tuple(expected.missing(draft_id, item_id, expected.MOST_EXPECTED)),
            tuple(expected.unannounced(draft_id, item_id, expected.MOST_EXPECTED))
            if expected.is_announced(draft_id, item_id)
            else (),
        )
        for item_id, said in said_of(draft_id).items()
    ]
    return Draft(row, tuple(drafts.people_of(draft_id)), tuple(items), tuple(lines.every(draft_id)))


def users(actor: Actor) -> list[people.UserRow]:
    """All users that were not removed, by name.

    Raises:
        NotPermitted
    """
    _may_see(actor, "users")
    return people.list_users()


def roles(actor: Actor) -> list[people.RoleRow]:
    """All roles, by name, with their permissions.

    Raises:
        NotPermitted
    """
    _may_see(actor, "roles")
    return people.list_roles()


def _may_see(actor: Actor, what: str) -> None:
    require(actor, Permission.VIEW, f"see {what}")
