"""Make and change items; switch the tracking of serials on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import peewee

from models import ledger
from models.database.unit import Unit, write
from models.describe import clock_time
from models.errors import BadValue, Changed, Duplicate, NotFound
from models.items.items import barcodes_of
from models.lookups.locations import find_location
from models.permissions import Actor, Permission, require
from models.schema import Item, ItemBarcode, Location
from models.schema.base import is_sqlite
from models.words import LONGEST_CODE, clean_code, clean_line, fold

MOST_ON_HAND = 1_000_000_000
"""Units of one item at one place."""


def create_item(
    actor: Actor,
    sku: str,
    name: str,
    *,
    location: str | None = None,
    on_hand: int = 0,
    track_serials: bool = False,
    barcodes: Sequence[str] = (),
) -> Item:
    """Make an item.

    Args:
        location: the code of its primary location; None is the first one of the database.
        on_hand: units at that location now.

    Raises:
        NotPermitted: also for `track_serials` without its own permission.
        BadValue
        Duplicate: the SKU or a barcode is used.
        NotFound: the location.
    """
    sku = clean_line(sku, "SKU", longest=LONGEST_CODE, field="sku")
    name = clean_line(name, "item's name", field="name")
    codes = _clean_barcodes(barcodes)
    if not 0 <= on_hand <= MOST_ON_HAND:
        raise BadValue(f"The quantity on hand is 0 to {MOST_ON_HAND:,}, not {on_hand:,}.", field="on_hand")

    def work(unit: Unit) -> Item:
        require(actor, Permission.EDIT_ITEMS, "make items")
        if track_serials:
            require(actor, Permission.MANAGE_SERIALS, "track serials")
        if there := Item.get_or_none(Item.sku_key == fold(sku)):
            raise Duplicate(
                f"The SKU {there.sku} is used: {there.name}. Choose another.", field="sku", item_id=there.id
            )
        place = find_location(location) if location else Location.select().order_by(Location.id).get()
        item = Item.create(
            sku=sku,
            sku_key=fold(sku),
            name=name,
            name_key=name.upper(),
            primary_location=place.id,
            track_serials=track_serials,
            changed_at=unit.at,
            changed_by=actor.user_id,
        )
        _set_barcodes(item, codes)
        if on_hand:
            ledger.add_stock(item.id, place.id, on_hand)
        return item

    return write(actor, work)


def save_item(
    actor: Actor,
    item_id: int,
    *,
    version: int | None = None,
    name: str | None = None,
    location: str | None = None,
    barcodes: Sequence[str] | None = None,
    track_serials: bool | None = None,
) -> Item:
    """Save changes of an item; what is None stays. No stock and no serial is touched.

    Args:
        version: the version that the person looked at; None saves over any.
        location: the code of the primary location.
        barcodes: all barcodes the item shall have.

    Raises:
        NotPermitted: tracking needs its own permission, everything else that for items.
        BadValue, NotFound
        Duplicate: a barcode belongs to another item.
        Changed: somebody saved the item meanwhile; `details["by"]` and `details["at"]` say who and when.
    """
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_line(name, "item's name", field="name")
        values["name_key"] = values["name"].upper()
    codes = None if barcodes is None else _clean_barcodes(barcodes)

    def work(unit: Unit) -> Item:
        item = _lock_item(item_id)
        if location is not None:
            values["primary_location"] = find_location(location).id
        changed = {field: value for field, value in values.items() if _present(item, field) != value}
        new_codes = codes if codes is not None and set(codes) != set(barcodes_of(item_id)) else None
        if track_serials is not None and track_serials != item.track_serials:
            require(actor, Permission.MANAGE_SERIALS, "switch the tracking of serials")
            changed["track_serials"] = track_serials
        if changed.keys() - {"track_serials"} or new_codes is not None:
            require(actor, Permission.EDIT_ITEMS, "change items")
        if not changed and new_codes is None:
            return item
        if version is not None and version != item.version:
            raise Changed(
                f"{item.sku} was saved by {item.changed_by.login} at {clock_time(item.changed_at)} while you were "
                "editing it. Look at what changed, then save again.",
                by=item.changed_by.login,
                at=item.changed_at,
                version=item.version,
            )
        if new_codes is not None:
            _set_barcodes(item, new_codes)
        Item.update(version=Item.version + 1, changed_at=unit.at, changed_by=actor.user_id, **changed).where(
            Item.id == item_id
        ).execute()
        return Item.get_by_id(item_id)

    return write(actor, work)


def _lock_item(item_id: int) -> Item:
    query = Item.select().where(Item.id == item_id)
    try:
        return (query if is_sqlite() else query.for_update()).get()
    except peewee.DoesNotExist:
        raise NotFound("The item is not there any more. Go back to the list.") from None


def _present(item: Item, field: str) -> Any:
    return item.primary_location_id if field == "primary_location" else getattr(item, field)


def _clean_barcodes(barcodes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(clean_code(code, "barcode", field="barcodes") for code in barcodes if code.strip()))


def _set_barcodes(item: Item, codes: Sequence[str]) -> None:
    taken = ItemBarcode.get_or_none(ItemBarcode.barcode.in_(codes), ItemBarcode.item != item.id) if codes else None
    if taken is not None:
        raise Duplicate(
            f"The barcode {taken.barcode} belongs to {taken.item.sku}, {taken.item.name}. Take it away there first.",
            field="barcodes",
            item_id=taken.item_id,
        )
    ItemBarcode.delete().where(ItemBarcode.item == item.id).execute()
    for code in codes:
        ItemBarcode.create(barcode=code, item=item.id)
