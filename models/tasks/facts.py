"""What a task must know of an item to judge its serials; read once, when the item is scanned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models.barcodes.checks import GTIN_LENGTHS, digits_only
from models.database import bulk
from models.errors import NotFound
from models.items.rules import SAMPLE, Rule
from models.schema import Item, ItemBarcode, Location, SerialRule
from models.schema.base import bound, is_sqlite

_BOTH_ENDS: Final = SAMPLE // 2
_TOGETHER: Final = 250
"""Items whose samples are read at once; they are in memory together."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place that was scanned."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item that was scanned."""

    id: int
    sku: str
    name: str
    track_serials: bool
    location: str
    """The code of its primary location."""
    barcodes: frozenset[str]
    rule: Rule | None
    """What somebody has set; None where nobody has."""
    texts: tuple[str, ...] = ()
    """Some of its serials, from both ends of their order; all where there are few."""


def item_facts(item_id: int) -> ItemFacts:
    """Read what is needed of an item.

    Raises:
        NotFound
    """
    item = Item.get_or_none(Item.id == item_id)
    if item is None:
        raise NotFound("The item is not there any more. Scan another.")
    return ItemFacts(
        item.id,
        item.sku,
        item.name,
        item.track_serials,
        Location.get_by_id(item.primary_location_id).code,
        barcodes_of(item_id),
        rule_of(item_id),
        tuple(samples([item_id]).get(item_id, ())),
    )


def barcodes_of(item_id: int) -> frozenset[str]:
    """An item's own barcodes, as they were entered."""
    codes = ItemBarcode.select(ItemBarcode.barcode).where(ItemBarcode.item == item_id).tuples().execute()
    return frozenset(code for (code,) in codes)


def own_barcode(sku: str, barcodes: frozenset[str], serial: str) -> str:
    """What is said of a serial that is its item's own barcode, in any length of a GTIN; empty where it is not.

    Every way in asks here.

    Args:
        sku: of the item.
        barcodes: of the item.
        serial: clean.
    """
    is_own = serial in barcodes
    if not is_own and len(serial) in GTIN_LENGTHS and digits_only(serial):
        product = serial.zfill(14)
        is_own = any(len(code) in GTIN_LENGTHS and digits_only(code) and code.zfill(14) == product for code in barcodes)
    return f"{serial} is the barcode of {sku} itself. Scan or type the unit's serial." if is_own else ""


def place_facts(location_id: int) -> PlaceFacts:
    """Read what is needed of a place."""
    place = Location.get_by_id(location_id)
    return PlaceFacts(place.id, place.code, place.name)


def samples(item_ids: Iterable[int]) -> dict[int, list[str]]:
    """Some serials of each item, from both ends of their order; all where there are few, no entry where there is none.

    One statement for `_TOGETHER` items.
    """
    ends = " UNION ".join(
        f"SELECT * FROM (SELECT id, serial_number FROM serials WHERE item_id = i.id "
        f"ORDER BY sort_key{order}, id{order} LIMIT {_BOTH_ENDS}) AS {name}"
        for order, name in (("", "first"), (" DESC", "last"))
    )
    if is_sqlite():
        tables = f"items i CROSS JOIN serials s ON s.id IN (SELECT id FROM ({ends}))"
    else:
        tables = f"items i CROSS JOIN LATERAL ({ends}) AS s"
    found: dict[int, list[str]] = {}
    for part in bulk.blocks(item_ids, _TOGETHER):
        rows = bound.execute_sql(
            f"SELECT i.id, s.serial_number FROM {tables} WHERE i.id IN ({bulk.placeholders(len(part))})", part
        )
        for item_id, text in rows.fetchall():
            found.setdefault(item_id, []).append(text)
    return found


def rule_of(item_id: int) -> Rule | None:
    """What somebody has set for an item's serials; None where nobody has."""
    found = SerialRule.get_or_none(SerialRule.item == item_id)
    if found is None:
        return None
    return Rule(found.pattern, found.shortest, found.longest, found.characters, found.expects, found.strip)


def set_rule(item_id: int, rule: Rule | None) -> None:
    """Store an item's rule; None takes it away. Inside a transaction."""
    SerialRule.delete().where(SerialRule.item == item_id).execute()
    if rule is not None and rule != Rule():
        SerialRule.create(item=item_id, **rule._asdict())
