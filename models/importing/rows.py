"""Validating the rows of a file: items, locations, statuses, customers, dates and serial numbers.

`KnownRecords` caches the database records that the file names, `Learned` the usual shape of each item's serial numbers;
`Validator` judges each row with both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from models import clock, ledger
from models.customers import customers_by_key
from models.database import bulk
from models.errors import BadValue
from models.importing.cells import mangled
from models.importing.columns import Field
from models.importing.dates import DateColumn, FileDates
from models.importing.staging import ERROR, NEW
from models.items.rules import Looks, Rule, samples
from models.schema import Item, ItemBarcode, SerialRule, bound
from models.serials.judging import not_tracked, odd_shape, product_code, unfit
from models.statuses import stored_statuses
from models.text import (
    COMMAND_PREFIX,
    LONGEST,
    clean_line,
    clean_note,
    clean_serial,
    counted,
    fold,
    serial_key,
    sort_key,
    storable,
)
from models.verbs import STATUSES, VERBS, Need, StatusCode, customer_in

if TYPE_CHECKING:
    from models.importing.table import Row


_FORGET: Final = 10_000
"""Cache limit: items with known looks, and parsed dates. Beyond it, looks are read again from the database."""


class Learned:
    """Cache of what the serial numbers of each item in a file look like."""

    def __init__(self) -> None:
        self._looks: dict[int, Looks] = {}
        self.found_serials = False
        """Whether any of the items has serials in the database."""

    def learn(self, item_ids: Iterable[int]) -> None:
        """Sample the serials of items not known yet, in a few statements per block of rows."""
        wanted = set(item_ids)
        if len(self._looks) + len(wanted) > _FORGET:
            self._looks = {item_id: looks for item_id, looks in self._looks.items() if item_id in wanted}
        new = sorted(wanted - self._looks.keys())
        texts = samples(new)
        self.found_serials = self.found_serials or bool(texts)
        self._looks.update((item_id, Looks.of(texts.get(item_id, ()))) for item_id in new)

    def odd(self, item_id: int, sku: str, serial: str, *, has_rule: bool) -> str:
        """The warning for a valid serial of unusual shape; empty for a usual one, which is added to the samples.

        Args:
            item_id: an item given to `learn` before.
            sku: its SKU.
            serial: the cleaned serial number.
            has_rule: whether the item has a rule for its serials.
        """
        looks = self._looks[item_id]
        # The message gives no count: rows whose serial exists already would be counted twice.
        wrong = odd_shape(looks, serial, f"the others of {sku}")
        if wrong := wrong or ("" if has_rule else product_code(looks, serial)):
            return wrong
        looks.add(serial)
        return ""


IMPORT: Final = VERBS["import"]
"""The verb that creates imported serials."""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item named in a row."""

    id: int
    sku: str
    track_serials: bool
    location_id: int
    """Id of its primary location."""
    rule: Rule | None
    barcodes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """A status named in a row."""

    id: int
    code: str
    label: str
    can_be_imported: bool
    customer: Need
    """Whether a serial in it has a customer."""


class KnownRecords:
    """Cache of records named in rows; `learn` loads those that a block of rows names for the first time."""

    def __init__(self) -> None:
        """Load all statuses; they are few."""
        self.statuses: dict[str, KnownStatus] = {}
        """By folded code and by folded label."""
        for row in stored_statuses().values():
            known = KnownStatus(row.id, row.code, row.label, IMPORT.allows(None, row), customer_in(row.code))
            self.statuses[fold(row.code)] = self.statuses[fold(row.label)] = known
        self._items: dict[str, KnownItem | None] = {}
        self._places: dict[str, int | None] = {}
        self._customers: dict[str, tuple[str, int | None] | None] = {}
        """Name as stored and id by folded name; without an id a name that this file spelled so first."""
        self.learned = Learned()
        """Shapes of the items' serial numbers."""

    @property
    def labels(self) -> str:
        """All status labels, for messages."""
        return ", ".join(dict.fromkeys(status.label for status in self.statuses.values()))

    def status(self, text: str) -> KnownStatus | None:
        """The status with this code or label, ignoring case and whitespace."""
        return (
            self.statuses.get(text) or self.statuses.get(fold(text)) or self.statuses.get(fold(text.replace(" ", "_")))
        )

    def item(self, text: str) -> KnownItem | None:
        """The item with this SKU or barcode, if `learn` found it."""
        return self._items.get(text)

    def place(self, text: str) -> int | None:
        """The id of the location with this code, ignoring case."""
        return self._places.get(text)

    def customer(self, name: str) -> tuple[str, int | None]:
        """A customer's name as stored, or as the file spelled it first, and its id; None if there is none yet."""
        key = fold(name)
        known = self._customers.get(key) or (name, None)
        self._customers[key] = known
        return known

    def learn(self, items: Iterable[str], places: Iterable[str], customers: Iterable[str]) -> None:
        """Load records not cached yet, in a few statements whatever their number."""
        named = set(items)
        self._learn_items(sorted(named - self._items.keys()))
        known = (self._items[text] for text in named)
        self.learned.learn(item.id for item in known if item is not None and item.track_serials)
        self._learn_places(sorted(set(places) - self._places.keys()))
        new = sorted({fold(name) for name in set(customers)} - self._customers.keys())
        self._customers.update(dict.fromkeys(new))
        self._customers.update((key, (known.name, known.id)) for key, known in customers_by_key(new).items())

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


_PLAIN: Final = re.compile(rf"(?=.*[0-9A-Za-z])[!-~](?:[ -~]{{0,{LONGEST - 2}}}[!-~])?")
"""A text that `clean_serial` returns unchanged (except command barcodes); a fast path for most rows."""


class Validator:
    """Judges the rows of a file, one block at a time."""

    def __init__(
        self,
        mapping: Mapping[int, Field],
        *,
        item: str | None = None,
        location: str | None = None,
        width: int,
        dates: FileDates | None = None,
    ) -> None:
        """Prepare the validator.

        Args:
            mapping: field of each column.
            item: SKU for all rows; rows that name another item are refused.
            location: location code for rows without one; None means the item's primary location.
            width: number of columns in the header.
            dates: the readings of the date columns; None reads only dates that can be read in one way.
        """
        place = {name: column for column, name in mapping.items()}
        self._columns = tuple(place.get(name, -1) for name in Field)
        self._place = place
        self._item, self._location, self._width = item, location, width
        self._known = KnownRecords()
        file_dates = dates or FileDates.of(mapping)
        self._dates: dict[Field, tuple[DateColumn, dict[str, date]]] = {
            mapping[column]: (of_column, {}) for column, of_column in file_dates.columns.items()
        }
        self._changes: dict[date, str | None] = {}
        self._today = clock.today()

    @property
    def found_serials(self) -> bool:
        """Whether any item named in the rows has serials."""
        return self._known.learned.found_serials

    def judge(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """Judge rows; returns values for `staging.COLUMNS`, one tuple per row."""
        self._known.learn(
            self._named(rows, Field.ITEM, self._item),
            self._named(rows, Field.LOCATION, self._location),
            self._named(rows, Field.CUSTOMER, None),
        )
        for _, known in self._dates.values():
            if len(known) > _FORGET:
                known.clear()
        if len(self._changes) > _FORGET:
            self._changes.clear()
        return [self._row(row) for row in rows]

    def _named(self, rows: Sequence[Row], name: Field, otherwise: str | None) -> set[str]:
        column = self._place.get(name)
        named = {row.cells[column] for row in rows} - {""} if column is not None else set()
        return named | {otherwise} if otherwise else named

    def _row(self, row: Row) -> tuple[Any, ...]:
        cells = row.cells
        padded = (*cells, "")  # index -1 reads this one, for fields without a column
        wrong: list[str] = []
        if row.is_ragged:
            wrong.append(
                f"The row has {counted(len(cells), 'cell')} and the header {self._width}. "
                "Put cells with a delimiter in quotes."
            )
            padded = (*cells[: self._width], *[""] * (self._width - len(cells)), "")
        serial, item, place, status, notes, start, end, received, customer = (
            padded[column] for column in self._columns
        )
        text = self._serial(serial, wrong)
        known = self._known_item(item, wrong)
        location_id = self._location_id(place, known, wrong)
        state = self._status(status, wrong)
        buyer, customer_id = self._customer(customer, state, wrong)
        if notes:
            notes = self._note(notes, wrong)
        began, ends = self._date(start, Field.WARRANTY_START, wrong), self._date(end, Field.WARRANTY_END, wrong)
        if began and not ends and not (end and wrong):
            wrong.append("The warranty has a start and no end. Give the last day too.")
        if began and ends and ends < began:
            wrong.append(f"The warranty would end on {ends}, before it starts on {began}. Correct one of them.")
        came = self._date(received, Field.DATE_RECEIVED, wrong) or self._today
        if came > self._today:
            wrong.append(f"The date received {came} is still to come. Correct it.")
        if text and known is not None and (said := unfit(known, text)):
            wrong.append(said[1])
        if wrong or known is None or state is None:
            shown = text or serial
            return (
                *(row.number, ERROR, known.id if known else None, shown, None, None, state.id if state else None),
                *(location_id, customer_id, notes, None, None, None, buyer, None),
                *(" ".join(wrong), json.dumps(cells, ensure_ascii=False)),
            )
        key = serial_key(text) if " " in text else text.upper()
        return (
            *(row.number, NEW, known.id, text, key, sort_key(key), state.id, location_id, customer_id, notes),
            *(began and began.isoformat(), ends and ends.isoformat(), came.isoformat(), buyer),
            self._noted(notes, began, ends, came),
            self._known.learned.odd(known.id, known.sku, text, has_rule=known.rule is not None),
            json.dumps(cells, ensure_ascii=False),
        )

    # ----- cells

    def _serial(self, cell: str, wrong: list[str]) -> str:
        if broken := mangled(cell):
            wrong.append(broken)
            return ""
        if _PLAIN.fullmatch(cell) and not cell.upper().startswith(COMMAND_PREFIX):
            return cell
        try:
            return clean_serial(cell)
        except BadValue as refusal:
            wrong.append(refusal.message)
            return ""

    def _known_item(self, cell: str, wrong: list[str]) -> KnownItem | None:
        only = self._known.item(self._item) if self._item else None
        if not cell:
            if self._item is None:
                wrong.append("No item is named. Fill its cell.")
            elif only is None:
                wrong.append(f"There is no item {self._item}.")
            return self._tracked(only, wrong)
        if broken := mangled(cell):
            wrong.append(broken)
            return None
        known = self._known.item(cell)
        if known is None:
            wrong.append(f"There is no item {cell}. Correct it, or make the item first.")
        elif only is not None and known.id != only.id:
            wrong.append(f"The row is of {known.sku}, and this import of {only.sku}. Import it from the list of items.")
        return self._tracked(known, wrong)

    def _tracked(self, known: KnownItem | None, wrong: list[str]) -> KnownItem | None:
        if known is not None and not known.track_serials:
            wrong.append(not_tracked(known.sku))
        return known

    def _location_id(self, cell: str, known: KnownItem | None, wrong: list[str]) -> int | None:
        code = cell or self._location
        if not code:
            return known.location_id if known is not None else None
        found = self._known.place(code)
        if found is None:
            wrong.append(f"There is no location {code}. Correct it, or make the location first.")
        return found

    def _status(self, cell: str, wrong: list[str]) -> KnownStatus | None:
        found = self._known.status(cell or StatusCode.IN_STOCK)
        if found is None:
            wrong.append(f"There is no status {cell}. There are: {self._known.labels}.")
        elif not found.can_be_imported:
            first = STATUSES[StatusCode.IN_STOCK].label
            wrong.append(f"No serial is imported as {found.label}. Import it as {first}, then change it.")
        return found

    def _customer(self, cell: str, state: KnownStatus | None, wrong: list[str]) -> tuple[str, int | None]:
        if not cell:
            if state is not None and state.customer is Need.REQUIRED:
                wrong.append(f"It is {state.label}, and no customer is named. Fill the cell Customer.")
            return "", None
        try:
            name = clean_line(cell, "customer's name", field="customer")
        except BadValue as refusal:
            wrong.append(refusal.message)
            return "", None
        if state is not None and state.customer is Need.NO:
            sold = STATUSES[StatusCode.SOLD].label
            wrong.append(f"It is {state.label} and has a customer, {name}. Empty the cell, or give the status {sold}.")
        return self._known.customer(name)

    def _note(self, cell: str, wrong: list[str]) -> str:
        try:
            return clean_note(cell, "condition note", field="condition_notes")
        except BadValue as refusal:
            wrong.append(refusal.message)
            return ""

    def _date(self, cell: str, of: Field, wrong: list[str]) -> date | None:
        if not cell:
            return None
        column, known = self._dates[of]
        found = known.get(cell)
        if found is None:
            try:
                found = known[cell] = column.read(cell)
            except BadValue as refusal:
                wrong.append(f"The {of.label.lower()}: {refusal.message}")
        return found

    def _noted(self, notes: str, start: date | None, end: date | None, came: date) -> str | None:
        if notes or end:
            return ledger.changes_text(ledger.NOTHING_NOTED, (notes, start, end, None, came))
        if came not in self._changes:
            self._changes[came] = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, came))
        return self._changes[came]
