"""What the database knows of the items, places, statuses and customers that rows name; looked up a block at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.database import bulk
from models.exchange.learned import Learned
from models.items.rules import Rule
from models.schema import Customer, Item, ItemBarcode, SerialRule, Status
from models.schema.base import bound
from models.words import fold, storable


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that a row names."""

    id: int
    sku: str
    track_serials: bool
    location_id: int
    """Its primary location."""
    rule: Rule | None
    barcodes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """A status that a row names."""

    id: int
    code: str
    label: str


class Known:
    """Answers from memory; `learn` asks the database for what a block of rows names for the first time."""

    def __init__(self) -> None:
        """Read the statuses; they are few."""
        self.statuses: dict[str, KnownStatus] = {}
        """By folded code and by folded label."""
        for row in Status.select().order_by(Status.id):
            known = KnownStatus(row.id, row.code, row.label)
            self.statuses[fold(row.code)] = self.statuses[fold(row.label)] = known
        self._items: dict[str, KnownItem | None] = {}
        self._places: dict[str, int | None] = {}
        self._customers: dict[str, int | None] = {}
        self.learned = Learned()
        """What serials of the items look like."""

    @property
    def labels(self) -> str:
        """The labels of the statuses, for a sentence."""
        return ", ".join(dict.fromkeys(status.label for status in self.statuses.values()))

    def status(self, text: str) -> KnownStatus | None:
        """The status with this code or label, whatever the case."""
        return (
            self.statuses.get(text) or self.statuses.get(fold(text)) or self.statuses.get(fold(text.replace(" ", "_")))
        )

    def item(self, text: str) -> KnownItem | None:
        """The item with this SKU or barcode, if `learn` found one."""
        return self._items.get(text)

    def place(self, text: str) -> int | None:
        """The id of the location with this code, whatever the case."""
        return self._places.get(text)

    def customer(self, text: str) -> int | None:
        """The id of the customer with this name; None where nobody made one yet."""
        return self._customers.get(text)

    def learn(self, items: Iterable[str], places: Iterable[str], customers: Iterable[str]) -> None:
        """Look up what is not known yet, in a few statements however many there are."""
        named = set(items)
        self._learn_items(sorted(named - self._items.keys()))
        known = (self._items[text] for text in named)
        self.learned.learn(item.id for item in known if item is not None and item.track_serials)
        self._learn_places(sorted(set(places) - self._places.keys()))
        new = sorted(set(customers) - self._customers.keys())
        ids: dict[str, int] = {}
        for part in bulk.blocks(new):
            ids.update(Customer.select(Customer.name, Customer.id).where(Customer.name.in_(part)).tuples().execute())
        self._customers.update((name, ids.get(name)) for name in new)

    def _learn_places(self, texts: Sequence[str]) -> None:
        ids: dict[str, int] = {}
        for part in bulk.blocks(sorted({storable(text).upper() for text in texts})):
            rows = bound.execute_sql(
                f"SELECT upper(code), id FROM locations WHERE upper(code) IN ({bulk.placeholders(len(part))})", part
            )
            ids.update(rows.fetchall())
        self._places.update((text, ids.get(storable(text).upper())) for text in texts)

    def _learn_items(self, texts: Sequence[str]) -> None:
        by_key: dict[str, Any] = {}
        by_code: dict[str, Any] = {}
        for part in bulk.blocks(texts):
            keys = sorted({fold(text) for text in part})
            by_key.update((row.sku_key, row) for row in Item.select().where(Item.sku_key.in_(keys)))
            codes = ItemBarcode.select(ItemBarcode, Item).join(Item).where(ItemBarcode.barcode.in_(part))
            by_code.update((row.barcode, row.item) for row in codes)
        found = {text: by_key.get(fold(text)) or by_code.get(text) for text in texts}
        known = self._facts({row.id: row for row in found.values() if row is not None})
        self._items.update((text, known[row.id] if row is not None else None) for text, row in found.items())

    def _facts(self, rows: dict[int, Any]) -> dict[int, KnownItem]:
        rules: dict[int, Rule] = {}
        barcodes: dict[int, set[str]] = {}
        for part in bulk.blocks(sorted(rows)):
            for rule in SerialRule.select().where(SerialRule.item.in_(part)):
                rules[rule.item_id] = Rule(
                    rule.pattern, rule.shortest, rule.longest, rule.characters, rule.expects, rule.strip
                )
            for code in ItemBarcode.select().where(ItemBarcode.item.in_(part)):
                barcodes.setdefault(code.item_id, set()).add(code.barcode)
        return {
            row.id: KnownItem(
                row.id,
                row.sku,
                row.track_serials,
                row.primary_location_id,
                rules.get(row.id),
                frozenset(barcodes.get(row.id, ())),
            )
            for row in rows.values()
        }
