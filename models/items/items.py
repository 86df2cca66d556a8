"""Items: find, create and save them; one item with its stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import peewee

from models import ledger
from models.clock import clock_time
from models.codes import lock_codes, refuse_used
from models.database.unit import Unit, write
from models.errors import BadValue, Changed, Duplicate, NotFound
from models.items.rules import Rule, item_gone, rule_of
from models.locations import find_location, first_open_location, open_location
from models.permissions import Actor, Permission, may, require
from models.schema import Item, ItemBarcode, bound, is_sqlite, summed, whole_number
from models.terms import Term, TermUnit, term
from models.text import LONGEST_CODE, clean_code, clean_line, fold, search_key
from models.verbs import StatusCode

TO_MAKE: Final = "make items"
"""The action, for the message of a missing permission."""


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
    """Number of all serial records, including sold ones, without those that were removed."""
    removed: int
    """Number of removed records."""
    warranty_term: Term | None
    """The warranty that a sale gives."""

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
        raise item_gone() from None
    records, removed = _records(item.id)
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
        records=records,
        removed=removed,
        warranty_term=term_of(item),
    )


def _places(item: Item) -> tuple[PlaceStock, ...]:
    one = bound.param
    # A quantity of NULL is damage, which `whole_number` reports: neither taken for 0 nor left out.
    rows = bound.execute_sql(
        "SELECT l.id, l.code, l.name, CASE WHEN q.item_id IS NULL THEN 0 ELSE q.on_hand END, "
        "coalesce(c.serials, 0) FROM locations l "
        f"LEFT JOIN stock q ON q.location_id = l.id AND q.item_id = {one} "
        f"LEFT JOIN (SELECT location_id, {summed('serials')} AS serials FROM serial_counts "
        f"JOIN statuses t ON t.id = status_id WHERE item_id = {one} AND t.on_hand GROUP BY location_id) c "
        "ON c.location_id = l.id WHERE (q.item_id IS NOT NULL AND coalesce(q.on_hand, 1) > 0) OR c.serials > 0 "
        f"OR l.id = {one} "
        f"ORDER BY CASE WHEN l.id = {one} THEN 0 ELSE 1 END, l.code",
        (item.id, item.id, item.primary_location_id, item.primary_location_id),
    )
    return tuple(
        PlaceStock(
            code,
            name,
            whole_number(on_hand, "stock"),
            whole_number(serials, "serial_counts"),
            place_id == item.primary_location_id,
        )
        for place_id, code, name, on_hand, serials in rows.fetchall()
    )


def term_of(item: Item) -> Term | None:
    """The warranty that a sale of the item gives; None for none."""
    amount, unit = item.warranty_amount, item.warranty_unit
    return None if amount is None or unit is None else Term(amount, TermUnit(unit))


def _records(item_id: int) -> tuple[int, int]:
    """The number of serial records of an item: those that lists have, and those that were removed."""
    one = bound.param
    here, removed = bound.execute_sql(
        f"SELECT coalesce({summed(f'CASE WHEN t.code <> {one} THEN c.serials ELSE 0 END')}, 0), "
        f"coalesce({summed(f'CASE WHEN t.code = {one} THEN c.serials ELSE 0 END')}, 0) "
        f"FROM serial_counts c JOIN statuses t ON t.id = c.status_id WHERE c.item_id = {one}",
        (StatusCode.REMOVED, StatusCode.REMOVED, item_id),
    ).fetchone()
    return whole_number(here, "serial_counts"), whole_number(removed, "serial_counts")


MOST_ON_HAND = 1_000_000_000
"""Maximum quantity of one item at one place."""


def typed_on_hand(text: str) -> int:
    """The quantity on hand that a person typed; commas are ignored and an empty text is 0.

    Raises:
        BadValue: not a whole number, or more than 18 digits; `create_item` judges how large it is.
    """
    digits = text.strip().replace(",", "") or "0"
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # more digits fit in no column
        raise BadValue(f"On hand is a whole number, 0 or more, not {text.strip()}. Type its digits.", field="on_hand")
    return int(digits)


def create_item(
    actor: Actor,
    sku: str,
    name: str,
    *,
    location: str | None = None,
    on_hand: int = 0,
    track_serials: bool = False,
    barcodes: Sequence[str] = (),
    warranty_term: str = "",
) -> Item:
    """Create an item.

    Args:
        location: code of its primary location; None means the first open location of the database.
        on_hand: initial quantity at that location.
        warranty_term: the warranty that a sale gives, such as 24m; empty for none.

    Raises:
        NotPermitted: also if `track_serials` is set without its own permission.
        BadValue
        Duplicate: the SKU or a barcode is already used.
        NotFound: no such location.
        NotAllowed: the location is closed, or every location if none is given.
    """
    sku = clean_line(sku, "SKU", longest=LONGEST_CODE, field="sku")
    name = clean_line(name, "item's name", field="name")
    codes = _clean_barcodes(barcodes)
    warranty_given = _values(None, warranty_term)
    if not 0 <= on_hand <= MOST_ON_HAND:
        raise BadValue(f"The quantity on hand is 0 to {MOST_ON_HAND:,}, not {on_hand:,}.", field="on_hand")

    def work(unit: Unit) -> Item:
        require(actor, Permission.EDIT_ITEMS, TO_MAKE)
        if track_serials:
            require(actor, Permission.MANAGE_SERIALS, "track serials")
        if there := Item.get_or_none(Item.sku_key == fold(sku)):
            raise Duplicate(
                f"The SKU {there.sku} is used: {there.name}. Choose another.", field="sku", item_id=there.id
            )
        _refuse_barcode_as_sku(sku)
        refuse_used([sku], kind="item", field="sku")
        place = open_location(location) if location else first_open_location()
        item = Item.create(
            sku=sku,
            sku_key=fold(sku),
            name=name,
            name_key=search_key(name),
            primary_location=place.id,
            track_serials=track_serials,
            changed_at=unit.at,
            changed_by=actor.user_id,
            **warranty_given,
        )
        _set_barcodes(item, codes)
        if on_hand:
            ledger.add_stocks(unit, {(item.id, place.id): on_hand}, ledger.StockKind.CREATED)
        return item

    return write(actor, work, durable=on_hand > 0)


def save_item(
    actor: Actor,
    item_id: int,
    *,
    version: int | None = None,
    name: str | None = None,
    location: str | None = None,
    barcodes: Sequence[str] | None = None,
    track_serials: bool | None = None,
    warranty_term: str | None = None,
) -> Item:
    """Save changes of an item; None leaves a value unchanged. Stock and serials are not touched.

    Args:
        version: the version that the person saw; None overwrites any version.
        location: code of the primary location.
        barcodes: the complete new list of barcodes.
        warranty_term: the warranty that a sale gives, such as 24m; empty for none.

    Raises:
        NotPermitted: switching the tracking needs MANAGE_SERIALS, everything else EDIT_ITEMS.
        BadValue
        NotFound: no such location.
        NotAllowed: the location is closed.
        Duplicate: a barcode belongs to another item, or is a code of something else.
        Changed: somebody saved the item in the meantime; `details["by"]` and `details["at"]` say who and when.
    """
    values = _values(name, warranty_term)
    codes = None if barcodes is None else _clean_barcodes(barcodes)

    def work(unit: Unit) -> Item:
        # Before the item is looked at; the refusal names the permission that the change needs.
        if not may(actor, Permission.MANAGE_SERIALS) and not may(actor, Permission.EDIT_ITEMS):
            if track_serials is not None and not values and codes is None and location is None:
                require(actor, Permission.MANAGE_SERIALS, "switch the tracking of serials")
            require(actor, Permission.EDIT_ITEMS, "change items")
        item = _lock_item(item_id)
        if location is not None and find_location(location).id != item.primary_location_id:
            values["primary_location"] = open_location(location).id
        changed = {field: value for field, value in values.items() if _present(item, field) != value}
        new_codes = codes if codes is not None and set(codes) != set(barcodes_of(item_id)) else None
        if track_serials is not None and track_serials != item.track_serials:
            require(actor, Permission.MANAGE_SERIALS, "switch the tracking of serials")
            changed["track_serials"] = track_serials
        if changed.keys() - {"track_serials"} or new_codes is not None:
            require(actor, Permission.EDIT_ITEMS, "change items")
        if not changed and new_codes is None:
            return item  # nothing is written over, whatever somebody else has saved
        if version is not None and version != item.version:
            raise _saved_meanwhile(item)
        if new_codes is not None:
            _set_barcodes(item, new_codes)
        Item.update(version=Item.version + 1, changed_at=unit.at, changed_by=actor.user_id, **changed).where(
            Item.id == item_id
        ).execute()
        return Item.get_by_id(item_id)

    return write(actor, work)


def _values(name: str | None, warranty_term: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_line(name, "item's name", field="name")
        values["name_key"] = search_key(values["name"])
    if warranty_term is not None:
        given = term(warranty_term) if warranty_term.strip() else None
        values["warranty_amount"] = given.amount if given else None
        values["warranty_unit"] = str(given.unit) if given else None
    return values


def _saved_meanwhile(item: Item) -> Changed:
    return Changed(
        f"{item.sku} was saved by {item.changed_by.login} at {clock_time(item.changed_at)} while you were "
        "editing it. Look at what changed, then save again.",
        by=item.changed_by.login,
        at=item.changed_at,
        version=item.version,
    )


def _lock_item(item_id: int) -> Item:
    query = Item.select().where(Item.id == item_id)
    # SQLite has no row locks and needs none: a unit holds the only write lock.
    try:
        return (query if is_sqlite() else query.for_update()).get()
    except peewee.DoesNotExist:
        raise item_gone() from None


def _present(item: Item, field: str) -> Any:
    return item.primary_location_id if field == "primary_location" else getattr(item, field)


def _clean_barcodes(barcodes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(clean_code(code, "barcode", field="barcodes") for code in barcodes if code.strip()))


def _set_barcodes(item: Item, codes: Sequence[str]) -> None:
    # Without the lock of codes: who gives the same barcode meanwhile meets the primary key, and the unit runs again.
    taken = ItemBarcode.get_or_none(ItemBarcode.barcode.in_(codes), ItemBarcode.item != item.id) if codes else None
    if taken is not None:
        raise Duplicate(
            f"The barcode {taken.barcode} belongs to {taken.item.sku}, {taken.item.name}. Take it away there first.",
            field="barcodes",
            item_id=taken.item_id,
        )
    lock_codes()
    keys = {fold(code): code for code in codes}
    named = Item.get_or_none(Item.sku_key.in_(list(keys)), Item.id != item.id) if codes else None
    if named is not None:
        raise Duplicate(
            f"The barcode {keys[named.sku_key]} is the SKU of another item, {named.sku}, {named.name}: a scan of it "
            "would mean both. Choose another barcode.",
            field="barcodes",
            item_id=named.id,
        )
    refuse_used(codes, kind="barcode", field="barcodes", owner_id=item.id)
    ItemBarcode.delete().where(ItemBarcode.item == item.id).execute()
    if codes:
        ItemBarcode.insert_many([(code, item.id) for code in codes], [ItemBarcode.barcode, ItemBarcode.item]).execute()


def _refuse_barcode_as_sku(sku: str) -> None:
    lock_codes()
    coded = ItemBarcode.get_or_none(peewee.fn.upper(ItemBarcode.barcode) == fold(sku))
    if coded is not None:
        raise Duplicate(
            f"The SKU {sku} is a barcode of {coded.item.sku}, {coded.item.name}: a scan of it would mean both. "
            "Choose another SKU, or take the barcode away there.",
            field="sku",
            item_id=coded.item_id,
        )
