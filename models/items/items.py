"""Items: list, find, create and save them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import peewee

from models import ledger
from models.database.bulk import placeholders
from models.database.unit import Unit, write
from models.errors import BadValue, Changed, Duplicate, NotFound
from models.items.rules import Rule, rule_of
from models.ledger import clock_time
from models.locations import find_location
from models.permissions import Actor, Permission, require
from models.schema import Item, ItemBarcode, Location, bound, is_sqlite
from models.text import LONGEST_CODE, clean_code, clean_line, fold, prefix_end, storable


class ItemRow(NamedTuple):
    """One row of the item list."""

    id: int
    sku: str
    name: str
    location: str
    """Code of the primary location."""
    track_serials: bool
    on_hand: int
    """Quantity on hand, all places together."""
    serials: int
    """Number of on-hand serials."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def without(self) -> int:
        """Units on hand without a serial; negative if there are more serials than units."""
        return self.on_hand - self.serials


class PlaceStock(NamedTuple):
    """The stock of an item at one place."""

    location: str
    location_name: str
    on_hand: int
    serials: int
    """Number of on-hand serials there."""
    primary: bool

    @property
    def without(self) -> int:
        """Units without a serial; negative if there are more serials than units."""
        return self.on_hand - self.serials


class ItemForm(NamedTuple):
    """All data of the item form."""

    id: int
    sku: str
    name: str
    location: str
    """Code of the primary location."""
    location_name: str
    track_serials: bool
    barcodes: tuple[str, ...]
    version: int
    changed_at: datetime
    changed_by: str
    places: tuple[PlaceStock, ...]
    """The primary location first, then every other place with units or on-hand serials."""
    serial_rule: Rule | None
    """Its serial rule; None if none was set."""
    records: int
    """Number of all serial records, including sold ones."""

    @property
    def on_hand(self) -> int:
        """Quantity on hand, all places together."""
        return sum(place.on_hand for place in self.places)

    @property
    def serials(self) -> int:
        """On-hand serials, all places together."""
        return sum(place.serials for place in self.places)

    @property
    def without(self) -> int:
        """Units on hand without a serial; negative if there are more serials than units."""
        return self.on_hand - self.serials


class ItemSource:
    """A `paging.RowSource` of `ItemRow`, ordered by SKU; used only in the database thread.

    Args:
        find: finds items whose SKU or barcode begins with it, or whose name contains it; empty finds all.
    """

    def __init__(self, find: str = "") -> None:
        self.find = storable(" ".join(find.split()))

    def count(self) -> int:
        """Count the items."""
        where, values = self._condition()
        return int(bound.execute_sql(f"SELECT count(*) FROM items i WHERE {where}", values).fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[ItemRow]:
        """Read a page of items."""
        where, values = self._condition()
        return self._rows(where, values, f"LIMIT {limit} OFFSET {offset}")

    def after(self, row: ItemRow | None, limit: int) -> Sequence[ItemRow]:
        """Read the items after a row (None: from the start), by key. For reading a whole list from start to end."""
        where, values = self._condition()
        if row is not None:
            where, values = f"{where} AND i.sku_key > {bound.param}", (*values, fold(row.sku))
        return self._rows(where, values, f"LIMIT {limit}")

    def index_of(self, key: str) -> int | None:
        """The position of an item in the list, or None."""
        where, values = self._condition()
        here = bound.execute_sql(
            f"SELECT i.sku_key FROM items i WHERE {where} AND i.id = {bound.param}", (*values, int(key))
        ).fetchone()
        if here is None:
            return None
        before = bound.execute_sql(
            f"SELECT count(*) FROM items i WHERE {where} AND i.sku_key < {bound.param}", (*values, here[0])
        )
        return int(before.fetchone()[0])

    def _rows(self, where: str, values: tuple[Any, ...], tail: str) -> list[ItemRow]:
        rows = bound.execute_sql(
            "SELECT i.id, i.sku, i.name, l.code, i.track_serials FROM items i "
            f"JOIN locations l ON l.id = i.primary_location_id WHERE {where} ORDER BY i.sku_key {tail}",
            values,
        ).fetchall()
        ids = [row[0] for row in rows]
        on_hand, serials = _units(ids), _serials(ids)
        return [
            ItemRow(number, sku, name, place, bool(tracked), on_hand.get(number, 0), serials.get(number, 0))
            for number, sku, name, place, tracked in rows
        ]

    def _condition(self) -> tuple[str, tuple[Any, ...]]:
        if not self.find:
            return "1 = 1", ()
        one, key, name = bound.param, fold(self.find), self.find.upper()
        function = "instr" if one == "?" else "strpos"
        # SKU and barcode are searched by prefix as key ranges, so that an index can be used.
        return (
            (
                f"((i.sku_key >= {one} AND i.sku_key < {one}) OR {function}(i.name_key, {one}) > 0 OR i.id IN "
                f"(SELECT b.item_id FROM item_barcodes b WHERE b.barcode >= {one} AND b.barcode < {one}))"
            ),
            (key, prefix_end(key), name, self.find, prefix_end(self.find)),
        )


def find_item(sku: str) -> Item:
    """The item with this SKU, in any case.

    Raises:
        NotFound
    """
    found = Item.get_or_none(Item.sku_key == fold(sku))
    if found is None:
        raise NotFound(f"There is no item {sku.strip()}.", field="sku", command="serialdock item list")
    return found


def barcodes_of(item_id: int) -> tuple[str, ...]:
    """The item's barcodes, sorted."""
    rows = ItemBarcode.select().where(ItemBarcode.item == item_id).order_by(ItemBarcode.barcode)
    return tuple(row.barcode for row in rows)


def item_form(item_id: int) -> ItemForm:
    """One item with its stock by place.

    Raises:
        NotFound
    """
    try:
        item = Item.get_by_id(item_id)
    except peewee.DoesNotExist:
        raise NotFound("The item is not there any more. Go back to the list.") from None
    return ItemForm(
        id=item.id,
        sku=item.sku,
        name=item.name,
        location=item.primary_location.code,
        location_name=item.primary_location.name,
        track_serials=item.track_serials,
        barcodes=barcodes_of(item.id),
        version=item.version,
        changed_at=item.changed_at,
        changed_by=item.changed_by.login,
        places=_places(item),
        serial_rule=rule_of(item.id),
        records=_records(item.id),
    )


def _places(item: Item) -> tuple[PlaceStock, ...]:
    one = bound.param
    rows = bound.execute_sql(
        "SELECT l.id, l.code, l.name, coalesce(q.on_hand, 0), coalesce(c.serials, 0) FROM locations l "
        f"LEFT JOIN stock q ON q.location_id = l.id AND q.item_id = {one} "
        "LEFT JOIN (SELECT location_id, sum(serials) AS serials FROM serial_counts "
        f"JOIN statuses t ON t.id = status_id WHERE item_id = {one} AND t.on_hand GROUP BY location_id) c "
        f"ON c.location_id = l.id WHERE q.on_hand > 0 OR c.serials > 0 OR l.id = {one} "
        f"ORDER BY CASE WHEN l.id = {one} THEN 0 ELSE 1 END, l.code",
        (item.id, item.id, item.primary_location_id, item.primary_location_id),
    )
    return tuple(
        PlaceStock(code, name, int(on_hand), int(serials), place_id == item.primary_location_id)
        for place_id, code, name, on_hand, serials in rows.fetchall()
    )


def _records(item_id: int) -> int:
    found = bound.execute_sql(
        f"SELECT coalesce(sum(serials), 0) FROM serial_counts WHERE item_id = {bound.param}", (item_id,)
    )
    return int(found.fetchone()[0])


def _units(ids: Sequence[int]) -> dict[int, int]:
    return _sums("SELECT item_id, sum(on_hand) FROM stock WHERE item_id IN ({}) GROUP BY item_id", ids)


def _serials(ids: Sequence[int]) -> dict[int, int]:
    return _sums(
        "SELECT c.item_id, sum(c.serials) FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
        "WHERE t.on_hand AND c.item_id IN ({}) GROUP BY c.item_id",
        ids,
    )


def _sums(sql: str, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    return {row[0]: int(row[1]) for row in bound.execute_sql(sql.format(placeholders(len(ids))), list(ids)).fetchall()}


MOST_ON_HAND = 1_000_000_000
"""Maximum quantity of one item at one place."""


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
    """Create an item.

    Args:
        location: code of its primary location; None means the first location of the database.
        on_hand: initial quantity at that location.

    Raises:
        NotPermitted: also if `track_serials` is set without its own permission.
        BadValue
        Duplicate: the SKU or a barcode is already used.
        NotFound: no such location.
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
    """Save changes of an item; None leaves a value unchanged. Stock and serials are not touched.

    Args:
        version: the version that the person saw; None overwrites any version.
        location: code of the primary location.
        barcodes: the complete new list of barcodes.

    Raises:
        NotPermitted: switching the tracking needs MANAGE_SERIALS, everything else EDIT_ITEMS.
        BadValue, NotFound
        Duplicate: a barcode belongs to another item.
        Changed: somebody saved the item in the meantime; `details["by"]` and `details["at"]` say who and when.
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
    # SQLite has no row locks and needs none: a unit holds the only write lock.
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
