"""Validating the rows of a file: items, locations, statuses, customers, dates and serial numbers.

`KnownRecords` caches the database records that the file names, `LearnedShapes` the usual shape of each item's serial
numbers; `Validator` judges each row with both.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from models import clock, ledger
from models.codes import owners
from models.customers import customers_by_key
from models.database import bulk
from models.errors import BadValue, NotAllowed
from models.importing import serial_cells
from models.importing.cell_values import literal, read_term, term_unit
from models.importing.cells import mangled
from models.importing.choices import NOTHING_CHOSEN, Choices
from models.importing.columns import Field, field_named
from models.importing.dates import DateColumn, FileDates
from models.importing.serial_cells import MADE_OF, ORDINARY, UNUSUAL, Doubt
from models.importing.staging import ERROR, NEW, NewRecord, Tally
from models.items.rules import Looks, Rule, samples
from models.locations import first_open_location
from models.schema import Item, ItemBarcode, SerialRule, bound
from models.serials.judging import Reason, not_tracked, odd_shape, product_code, unfit
from models.statuses import stored_statuses
from models.terms import TermUnit
from models.text import (
    LONGEST_CODE,
    clean_code,
    clean_line,
    clean_note,
    clean_serial,
    counted,
    fold,
    readable,
    serial_key,
    sort_key,
    storable,
)
from models.verbs import STATUSES, VERBS, Need, StatusCode, customer_in

if TYPE_CHECKING:
    from models.importing.number_formats import CellKind
    from models.importing.table import Row


_FORGET_UNKNOWN: Final = 50_000
"""Number of cached items and locations beyond which those that do not exist are looked up again."""

_LONGEST_COUNT: Final = 6
"""Digits of the largest count in a row of totals."""

_as_json: Final = json.JSONEncoder(ensure_ascii=False).encode

_FORGET: Final = 10_000
"""Cache limit: items with known looks, and parsed dates. Beyond it, looks are read again from the database."""


class LearnedShapes:
    """Cache of the shapes of the serial numbers of each item in a file."""

    def __init__(self) -> None:
        self._looks: dict[int, Looks] = {}
        self.found_serials = False
        """Whether any of the items has serials in the database."""

    def learn(self, item_ids: Iterable[int]) -> None:
        """Sample the serials of items not known yet, in a few statements per block of rows."""
        wanted = set(item_ids)
        if len(self._looks) + len(wanted) > _FORGET:
            # Items below 0 are made by this import: no database has their serials to be sampled again.
            self._looks = {item_id: looks for item_id, looks in self._looks.items() if item_id in wanted or item_id < 0}
        new = sorted(wanted - self._looks.keys())
        texts = samples(new)
        self.found_serials = self.found_serials or bool(texts)
        self._looks.update((item_id, Looks.of(texts.get(item_id, ()))) for item_id in new)

    def begin(self, item_id: int) -> None:
        """Add an item that has no serials yet."""
        self._looks.setdefault(item_id, Looks())

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
    """Whether a serial with this status has a customer."""


MAKES: Final[Mapping[str, Field]] = {"items": Field.ITEM, "locations": Field.LOCATION}
"""Fields whose records an import can make on request, by the words of `Choices.make`."""

MOST_NEW: Final = 10_000
"""Maximum records of a kind that an import makes, or that are listed as unknown: of more, the column is another one."""


def place_code(text: str) -> str:
    """The code of a location that is named by a text: as it is, or without blanks and accents.

    Raises:
        BadValue: no code can be made of it.
    """
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return clean_code("-".join(plain.split()), "location code", field="location")


class NewRecords:
    """The items and locations that the import makes; their ids are below 0, which no id of the database is."""

    def __init__(self, kinds: Set[str]) -> None:
        self._fields = {MAKES[kind] for kind in kinds}
        self._by_key: dict[tuple[Field, str], NewRecord] = {}
        self._counts = Counter[Field]()
        self._taken: dict[str, str] = {}
        """Owners of codes that are in use, such as "a barcode of the item LAMP-1", by folded code."""

    @property
    def all(self) -> list[NewRecord]:
        """In the order in which the rows named them."""
        return list(self._by_key.values())

    def makes(self, field: Field) -> bool:
        """Whether records of this field are made."""
        return field in self._fields

    def learn(self, texts: Iterable[str]) -> None:
        """Look up the owners of these codes among other kinds of records."""
        for part in bulk.blocks(sorted(texts), 250):
            self._taken.update((fold(owner.code), owner.words) for owner in owners(part))

    def item(self, text: str, location_id: int | None) -> NewRecord:
        """A new item; its primary location is the first that a row names.

        Raises:
            BadValue: it cannot be made.
        """
        sku = clean_line(text, "SKU", longest=LONGEST_CODE, field="item")
        return self._record(Field.ITEM, sku, sku, location_id)

    def place(self, text: str) -> NewRecord:
        """A new location.

        Raises:
            BadValue: it cannot be made.
        """
        code = place_code(text)
        return self._record(Field.LOCATION, code, "" if code == text else text, None)

    def _record(self, field: Field, code: str, name: str, location_id: int | None) -> NewRecord:
        key = field, fold(code)
        if (known := self._by_key.get(key)) is None:
            if key[1] in self._taken:
                raise BadValue(f"{code} is {self._taken[key[1]]} already.", field=field)
            if self._counts[field] == MOST_NEW:
                raise BadValue(
                    f"The file has more than {MOST_NEW:,} new {field}s. Is it the right column?", field=field
                )
            self._counts[field] += 1
            # Ids fall from -1, so that sorting by them downwards gives the order of the file.
            known = NewRecord(-len(self._by_key) - 1, field, code, name, None)
        if known.location_id is None and location_id is not None:
            known = known._replace(location_id=location_id)
        self._by_key[key] = known
        return known


class Missing:
    """Counts the distinct texts that name no record."""

    def __init__(self) -> None:
        self._counts: dict[Field, dict[str, list[Any]]] = {Field.ITEM: {}, Field.LOCATION: {}, Field.STATUS: {}}

    def note(self, field: Field, text: str, why_not: str) -> None:
        """Count a row that names an unknown record.

        Args:
            why_not: why it cannot be made, else empty.
        """
        counts = self._counts[field]
        if (known := counts.get(key := fold(text))) is not None:
            known[1] += 1
        elif len(counts) < MOST_NEW:
            counts[key] = [text, 1, why_not]

    @property
    def found(self) -> list[Tally]:
        """By field, the most frequent first."""
        return [
            Tally(field, text, rows, why_not)
            for field, counts in self._counts.items()
            for text, rows, why_not in sorted(counts.values(), key=lambda each: (-each[1], each[0]))
        ]


class KnownRecords:
    """Cache of records named in rows; `learn` loads those that a block of rows names for the first time."""

    def __init__(self, make: Set[str] = frozenset()) -> None:
        """Load all statuses; they are few.

        Args:
            make: kinds of records that are made where they are unknown, of `MAKES`.
        """
        self.new = NewRecords(make)
        self._first_place: int | None = None
        self.statuses: dict[str, KnownStatus] = {}
        """By folded code and by folded label."""
        for row in stored_statuses().values():
            known = KnownStatus(row.id, row.code, row.label, IMPORT.allows(None, row), customer_in(row.code))
            self.statuses[fold(row.code)] = self.statuses[fold(row.label)] = known
        self._items: dict[str, KnownItem | None] = {}
        self._places: dict[str, int | None] = {}
        self._customers: dict[str, tuple[str, int | None] | None] = {}
        """Name as stored and id by folded name; without an id a name that this file spelled so first."""
        self.shapes = LearnedShapes()
        """Shapes of the items' serial numbers."""

    @property
    def labels(self) -> str:
        """All status labels, for messages."""
        return ", ".join(dict.fromkeys(status.label for status in self.statuses.values()))

    def status(self, text: str) -> KnownStatus | None:
        """The status with this code or label, ignoring case and whitespace."""
        # Last: a code with blanks for its underscores, where the label has other words.
        return (
            self.statuses.get(text) or self.statuses.get(fold(text)) or self.statuses.get(fold(text.replace(" ", "_")))
        )

    def item(self, text: str) -> KnownItem | None:
        """The item with this SKU or barcode, if `learn` found it."""
        return self._items.get(text)

    def new_item(self, text: str, location_id: int | None, *, is_lost: bool) -> KnownItem:
        """An item that the import makes.

        Args:
            location_id: the location that the row names, which becomes its primary one.
            is_lost: whether the row names an unknown location, so that the next one gives it.

        Raises:
            BadValue: it cannot be made.
            NotAllowed: the row names no location, and every location is closed.
        """
        if location_id is None:
            # An item must have a primary location, and this row names none.
            if self._first_place is None:
                self._first_place = first_open_location().id
            location_id = self._first_place
        new = self.new.item(text, None if is_lost else location_id)
        known = KnownItem(new.id, new.code, True, new.location_id or location_id, None)
        self.shapes.begin(new.id)
        # A row whose location is unknown is refused, so the next row of this item may give the primary location.
        if not is_lost:
            self._items[text] = known
        return known

    def place(self, text: str) -> int | None:
        """The id of the location with this code, ignoring case, or with this name."""
        return self._places.get(text)

    def new_place(self, text: str) -> int:
        """The id of a location that the import makes.

        Raises:
            BadValue: it cannot be made.
        """
        found = self._places[text] = self.new.place(text).id
        return found

    def customer(self, name: str) -> tuple[str, int | None]:
        """A customer's name as stored, or as the file spelled it first, and its id; None if there is none yet."""
        key = fold(name)
        known = self._customers.get(key) or (name, None)
        self._customers[key] = known
        return known

    def learn(self, items: Iterable[str], places: Iterable[str], customers: Iterable[str]) -> None:
        """Load records not cached yet, in a few statements whatever their number."""
        if len(self._items) + len(self._places) > _FORGET_UNKNOWN:  # of a wrong column each row has another text
            self._items = {text: item for text, item in self._items.items() if item is not None}
            self._places = {text: place for text, place in self._places.items() if place is not None}
        named = set(items)
        self._learn_items(sorted(named - self._items.keys()))
        known = (self._items[text] for text in named)
        self.shapes.learn(item.id for item in known if item is not None and item.track_serials and item.id > 0)
        self._learn_places(sorted(set(places) - self._places.keys()))
        new = sorted({fold(name) for name in set(customers)} - self._customers.keys())
        self._customers.update(dict.fromkeys(new))
        self._customers.update((key, (known.name, known.id)) for key, known in customers_by_key(new).items())

    def _learn_places(self, texts: Sequence[str]) -> None:
        # A code is unique and so comes before a name; a name that several locations have names none of them.
        keys = {storable(text).upper(): text for text in texts}
        ids = self._place_ids("upper(code)", keys)
        self._places.update((text, ids.get(storable(text).upper())) for text in texts)
        if unknown := {storable(text): text for text in texts if self._places[text] is None}:
            named = self._place_ids("name", unknown)
            self._places.update((unknown[name], place) for name, place in named.items())
            others = {storable(text).upper(): text for name, text in unknown.items() if name not in named}
            named = self._place_ids("upper(name)", others)  # SQLite knows the capitals of ASCII only
            self._places.update((others[name], place) for name, place in named.items())
        # The code that a new location would get may be that of one that is there: "Shelf 1" is SHELF-1.
        if self.new.makes(Field.LOCATION) and (unknown := self._coded(text for text in unknown.values())):
            coded = self._place_ids("upper(code)", unknown)
            self._places.update((text, coded[key]) for key, text in unknown.items() if key in coded)
            self.new.learn(unknown.keys() - coded.keys())

    def _coded(self, texts: Iterable[str]) -> dict[str, str]:
        """The texts that name no place yet, by the codes of the places to be made."""
        coded: dict[str, str] = {}
        for text in texts:
            if self._places[text] is None:
                with suppress(BadValue):
                    coded[place_code(text).upper()] = text
        return coded

    @staticmethod
    def _place_ids(column: str, values: Iterable[str]) -> dict[str, int]:
        """Ids of the locations that have one of these values, where it is one location."""
        found: dict[str, int] = {}
        twice: set[str] = set()
        for part in bulk.blocks(sorted(values)):
            rows = bound.execute_sql(
                f"SELECT {column}, id FROM locations WHERE {column} IN ({bulk.placeholders(len(part))})", part
            )
            for value, place in rows.fetchall():
                twice |= {value} & found.keys()
                found[value] = place
        return {value: place for value, place in found.items() if value not in twice}

    def _learn_items(self, texts: Sequence[str]) -> None:
        by_key: dict[str, Any] = {}
        by_code: dict[str, Any] = {}
        for part in bulk.blocks(texts):
            keys = sorted({fold(text) for text in part})
            by_key.update((row.sku_key, row) for row in Item.select().where(Item.sku_key.in_(keys)))
            codes = ItemBarcode.select(ItemBarcode, Item).join(Item).where(ItemBarcode.barcode.in_(part))
            by_code.update((row.barcode, row.item) for row in codes)
        # SKUs and barcodes of several items are never the same; an item may have its own SKU as a barcode.
        found = {text: by_key.get(fold(text)) or by_code.get(text) for text in texts}
        known = self._facts({row.id: row for row in found.values() if row is not None})
        if self.new.makes(Field.ITEM):
            self.new.learn(text for text, row in found.items() if row is None)
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


SEVERAL: Final = "several"
SPLIT: Final = "split"
AS_ONE: Final = "as_one"
OTHER_ITEM: Final = "other_item"
MIXED_DATES: Final = "dates"
"""Kinds of `Tally` besides the fields of missing records and `Doubt.PLACEHOLDER`: rows with several serial numbers in
a cell that are refused, that are a row each, and that are taken as one; rows of another item than that of the import;
dates of a column that are not all in one order."""

NOTHING_MAPPED: Final[Mapping[Field, Mapping[str, str]]] = {}


class Validator:
    """Judges the rows of a file, one block at a time.

    A block, because its items, locations and customers are looked up together, in a few statements.
    """

    def __init__(
        self,
        mapping: Mapping[int, Field],
        *,
        header: Sequence[str],
        item: str | None = None,
        location: str | None = None,
        dates: FileDates | None = None,
        choices: Choices = NOTHING_CHOSEN,
        values: Mapping[Field, Mapping[str, str]] = NOTHING_MAPPED,
    ) -> None:
        """Prepare the validator.

        Args:
            mapping: field of each column.
            header: headings of the columns.
            item: SKU for all rows; rows that name another item are refused.
            location: location code for rows without one; None means the item's primary location.
            dates: the readings of the date columns; None reads only dates that can be read in one way.
            choices: what was chosen about the cells, and what is made where it is unknown.
            values: what stands for the texts of a field, by folded text.
        """
        place = {name: column for column, name in mapping.items()}
        self._of_fields: Callable[[tuple[str, ...]], tuple[str, ...]] = itemgetter(
            *(place.get(name, -1) for name in Field)
        )
        self._place = place
        self._serial_column = place[Field.SERIAL_NUMBER]
        self._header = header
        self._item, self._location, self._width = item, location, len(header)
        self._choices, self._values = choices, values
        self._known = KnownRecords(choices.make)
        file_dates = dates or FileDates.of(mapping)
        self._dates: dict[Field, tuple[DateColumn, dict[str, date]]] = {
            mapping[column]: (of_column, {}) for column, of_column in file_dates.columns.items()
        }
        self._changes: dict[date, str | None] = {}
        self._today = clock.today()
        term = place.get(Field.WARRANTY_TERM)
        self._term_unit = term_unit(header[term]) if term is not None else TermUnit.MONTHS
        self._missing = Missing()
        self._odd_rows = Counter[str]()
        self._mixed_key = -1
        self._key = 0
        """Key of the latest row."""

    @property
    def found_serials(self) -> bool:
        """Whether any item named in the rows has serials."""
        return self._known.shapes.found_serials

    @property
    def new(self) -> list[NewRecord]:
        """The records to be made."""
        return self._known.new.all

    @property
    def found(self) -> list[Tally]:
        """The missing records and the peculiarities of the rows."""
        # The unary + drops kinds that were counted with 0.
        return [*self._missing.found, *(Tally(kind, "", rows, "") for kind, rows in sorted((+self._odd_rows).items()))]

    @staticmethod
    def literal(rows: list[Row]) -> list[Row]:
        """Rows with the texts that stand in cells such as `="0012"`."""
        # One search in all texts of the block: a look at each cell would take longer than all other checks.
        if '="' in "\0".join(chain.from_iterable(row.cells for row in rows)):
            return [row._replace(cells=tuple(map(literal, row.cells))) for row in rows]
        return rows

    def split_cells(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows, if cells are to be split with one for each serial number of a cell that has several."""
        return self._one_row_each(rows) if self._choices.split else rows

    def _one_row_each(self, rows: Iterator[Row]) -> Iterator[Row]:
        column = self._serial_column
        for row in rows:
            text = row.cells[column]
            # Ragged rows are refused as they stand; a marked cell is one serial number, whatever it looks like.
            if ORDINARY.fullmatch(text) or row.is_ragged or serial_cells.unmarked(text) != text:
                yield row
                continue
            try:
                parts = serial_cells.serials_in(literal(text))
            except BadValue:  # said when the row is judged
                parts = [text]
            if len(parts) == 1:
                yield row
            else:
                self._odd_rows[SPLIT] += 1
                cells = row.cells
                yield from (row._replace(cells=(*cells[:column], part, *cells[column + 1 :])) for part in parts)

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
        if name in self._values:
            named = {self._meant(name, text) for text in named}
        return named | {otherwise} if otherwise else named

    def _meant(self, field: Field, text: str) -> str:
        """The name that a text of a field stands for."""
        return self._values[field].get(fold(text), text) if text else text

    def _row(self, row: Row) -> tuple[Any, ...]:
        wrong: list[str] = []
        serial, item, place, status, notes, start, end, received, customer, term = self._texts(row, wrong)
        # The number in the file where it is free: rows of one cell that was split share their number.
        self._key = key_of_row = max(self._key + 1, row.number)
        kind = row.kinds.get(self._serial_column) if row.kinds else None
        is_odd = kind in MADE_OF or not ORDINARY.fullmatch(serial) or UNUSUAL.fullmatch(serial)
        exact = serial_cells.unmarked(serial) if is_odd and kind not in MADE_OF else serial
        is_marked = exact != serial
        # A short number may be the count in a row of totals.
        may_be_count = len(serial) <= _LONGEST_COUNT and serial.isdecimal()
        if not is_marked and (is_odd or may_be_count) and (said := self._why_no_unit(serial, row)):
            return self._refused(row, [said], serial)
        text, doubt = self._read_serial(serial, exact, kind, wrong) if is_odd else (serial, None)
        # Before the item, as a new item gets it as primary location; its error is said after that of the item.
        location_id, lost = self._location_id(place)
        known = self._known_item(item, location_id, wrong, is_lost=bool(lost))
        if lost:
            wrong.append(lost)
        elif location_id is None and known is not None:
            location_id = known.location_id
        state = self._status(status, wrong)
        buyer, customer_id = self._customer(customer, state, wrong)
        notes = self._note(notes, wrong) if notes else notes
        came = self._date(received, Field.DATE_RECEIVED, wrong) or self._today
        began, ends = self._warranty(start, end, term, came, wrong)
        if text and known is not None and (odd := unfit(known, text)):
            wrong.append(odd[1])
        if wrong or known is None or state is None:
            return self._refused(row, wrong, text or serial, known, state, location_id, (customer_id, notes, buyer))
        key = serial_key(text) if " " in text else text.upper()
        code, warning = doubt or self._odd_shape(known, text)
        # In the order of `staging.COLUMNS`, as in `_refused`. A tuple: naming 20 values takes longer than most checks.
        return (
            *(key_of_row, row.number, NEW, known.id, text, key, sort_key(key), state.id, location_id, customer_id),
            *(notes, began and began.isoformat(), ends and ends.isoformat(), came.isoformat(), buyer),
            *(self._noted(notes, began, ends, came), warning, code, _as_json(row.cells)),
        )

    def _texts(self, row: Row, wrong: list[str]) -> Iterable[str]:
        """The text of each field, in their order; empty for fields without a column."""
        cells = row.cells
        padded = (*cells, "")  # index -1 reads this one, for fields without a column
        if row.is_ragged:
            wrong.append(
                f"The row has {counted(len(cells), 'cell')} and the header {self._width}. "
                "Put cells with a delimiter in quotes."
            )
            padded = (*cells[: self._width], *[""] * (self._width - len(cells)), "")
        if not self._values:
            return self._of_fields(padded)
        texts = zip(Field, self._of_fields(padded), strict=True)
        return (self._meant(field, text) if field in self._values else text for field, text in texts)

    def _refused(
        self,
        row: Row,
        wrong: Sequence[str],
        serial: str,
        known: KnownItem | None = None,
        state: KnownStatus | None = None,
        location_id: int | None = None,
        more: tuple[int | None, str, str] = (None, "", ""),
    ) -> tuple[Any, ...]:
        """The values of a row that cannot be imported.

        Args:
            more: customer's id, notes, and customer's name.
        """
        customer_id, notes, buyer = more
        # In the order of `staging.COLUMNS`, as in `_row`; the cells go back to the person in the file of rejected rows.
        return (
            *(self._key, row.number, ERROR, known.id if known else None, serial, None, None),
            *(state.id if state else None, location_id, customer_id, notes, None, None, None, buyer, None),
            *(" ".join(wrong), "", _as_json(row.cells)),
        )

    def _odd_shape(self, known: KnownItem, text: str) -> tuple[str, str]:
        odd = self._known.shapes.odd(known.id, known.sku, text, has_rule=known.rule is not None)
        return (Reason.SHAPE if odd else "", odd)

    def _warranty(
        self, start: str, end: str, term: str, came: date, wrong: list[str]
    ) -> tuple[date | None, date | None]:
        """The first and the last day of the warranty."""
        if came > self._today:
            wrong.append(f"The date received {came} is still to come. Correct it.")
        if not (start or end or term):
            return None, None
        began, ends = self._date(start, Field.WARRANTY_START, wrong), self._date(end, Field.WARRANTY_END, wrong)
        if term and not end:
            began, ends = self._of_term(term, began, came, wrong)
        # An end or a term that could not be read was refused already.
        if began and not ends and not ((end or term) and wrong):
            wrong.append("The warranty has a start and no end. Give the last day too.")
        if began and ends and ends < began:
            wrong.append(f"The warranty would end on {ends}, before it starts on {began}. Correct one of them.")
        return began, ends

    # ----- cells

    def _why_no_unit(self, serial: str, row: Row) -> str:
        """Why a row is none of a unit: it repeats the headings, or has totals; else empty."""
        # In a row of totals the word stands in the first cell that is filled, and the column of serials has the count.
        first = next(filter(None, row.cells), "") if not serial or serial.isdecimal() else serial
        if serial_cells.is_total(first):
            return f"A row of totals ({readable(first, 40)}) is no unit."
        heading = self._header[self._serial_column].casefold()
        # A heading of one character is the letter of a column without one, and may be a serial number.
        if (serial.casefold() == heading and len(serial) > 1) or field_named(serial) is Field.SERIAL_NUMBER:
            return f"A heading that is repeated ({readable(serial, 40)}) is no unit."
        return ""

    def _read_serial(
        self, cell: str, exact: str, kind: CellKind | None, wrong: list[str]
    ) -> tuple[str, tuple[str, str] | None]:
        """As `_serial`; a serial number that is meant as it stands is not doubted."""
        return (self._clean(exact, wrong), None) if exact != cell else self._serial(cell, kind, wrong)

    def _serial(self, cell: str, kind: CellKind | None, wrong: list[str]) -> tuple[str, tuple[str, str] | None]:
        """A serial number that is not ordinary, and the warning about it."""
        if said := serial_cells.made_by_spreadsheet(cell, kind) or self._several(cell):
            wrong.append(said)
            return "", None
        as_one = serial_cells.taken_as_one(cell) if self._choices.split is False else None
        self._odd_rows[AS_ONE] += as_one is not None
        doubt = as_one or serial_cells.doubt_about(cell, kind)
        if doubt is not None and doubt[0] is Doubt.PLACEHOLDER:
            self._odd_rows[Doubt.PLACEHOLDER] += 1
            # Without a letter or digit of ASCII, as in "???", it cannot be stored in any case.
            if self._choices.refuse_placeholders or not any(map(str.isascii, filter(str.isalnum, cell))):
                wrong.append(f"{doubt[1]} Fill in the one on the label, or leave the row out.")
                return "", None
        text = self._clean(cell, wrong)
        return text, doubt if text else None

    @staticmethod
    def _clean(cell: str, wrong: list[str]) -> str:
        try:
            return clean_serial(cell)
        except BadValue as refusal:
            wrong.append(refusal.message)
            return ""

    def _several(self, cell: str) -> str:
        """Why a cell is not one serial number: it has several, or a range; else empty."""
        if self._choices.split is False:
            return ""
        ends = serial_cells.range_in(cell)
        parts = [] if ends else serial_cells.several(cell)
        if not ends and not parts:
            return ""
        self._odd_rows[SEVERAL] += 1
        if self._choices.split:
            try:
                serial_cells.serials_in(cell)
            except BadValue as refusal:
                return refusal.message
        if ends:
            return (
                f"{readable(cell, 40)} is a range of serial numbers. Give each a row of its own, or split such cells."
            )
        shown = ", ".join(readable(part, 24) for part in parts[:3])
        more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
        return (
            f"The cell has {len(parts)} serial numbers: {shown}{more}. Give each a row of its own, or split such cells."
        )

    def _known_item(self, cell: str, location_id: int | None, wrong: list[str], *, is_lost: bool) -> KnownItem | None:
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
        if only is not None and (known is None or known.id != only.id):
            self._odd_rows[OTHER_ITEM] += 1
            named = known.sku if known is not None else readable(cell, 40)
            wrong.append(f"The row is of {named}, and this import of {only.sku}. Import it from the list of items.")
            return known
        if known is None:
            known = self._unknown_item(cell, location_id, wrong, is_lost=is_lost)
        return self._tracked(known, wrong)

    def _unknown_item(self, cell: str, location_id: int | None, wrong: list[str], *, is_lost: bool) -> KnownItem | None:
        why_not = ""
        if self._known.new.makes(Field.ITEM):
            try:
                return self._known.new_item(cell, location_id, is_lost=is_lost)
            except (BadValue, NotAllowed) as refusal:
                why_not = refusal.message
        self._missing.note(Field.ITEM, cell, why_not)
        wrong.append(f"There is no item {cell}. {why_not or 'Correct it, or make the item first.'}")
        return None

    def _tracked(self, known: KnownItem | None, wrong: list[str]) -> KnownItem | None:
        if known is not None and not known.track_serials:
            wrong.append(not_tracked(known.sku))
        return known

    def _location_id(self, cell: str) -> tuple[int | None, str]:
        """The location that a row names, and why there is none."""
        code = cell or self._location
        if not code:
            return None, ""
        found = self._known.place(code)
        if found is not None:
            return found, ""
        why_not = ""
        if self._known.new.makes(Field.LOCATION):
            try:
                return self._known.new_place(code), ""
            except BadValue as refusal:
                why_not = refusal.message
        self._missing.note(Field.LOCATION, code, why_not)
        return None, f"There is no location {code}. {why_not or 'Correct it, or make the location first.'}"

    def _status(self, cell: str, wrong: list[str]) -> KnownStatus | None:
        found = self._known.status(cell or StatusCode.IN_STOCK)
        if found is None:
            self._missing.note(Field.STATUS, cell, "")
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
                # A row counts once, however many of its dates are refused.
                if column.is_mixed and self._mixed_key != self._key:
                    self._mixed_key = self._key
                    self._odd_rows[MIXED_DATES] += 1
                wrong.append(f"The {of.label.lower()}: {refusal.message}")
        return found

    def _of_term(self, cell: str, began: date | None, came: date, wrong: list[str]) -> tuple[date | None, date | None]:
        """The warranty of a term, from its start or else from the date received."""
        try:
            term = read_term(cell, self._term_unit)
            if term is None:
                return began, None
            start = began or came
            return start, term.last_day(start)
        except BadValue as refusal:
            wrong.append(f"The warranty term: {refusal.message}")
            return began, None

    def _noted(self, notes: str, start: date | None, end: date | None, came: date) -> str | None:
        if notes or end:
            return ledger.changes_text(ledger.NOTHING_NOTED, (notes, start, end, None, came))
        # Most rows note the date received alone, and files have few different ones.
        if came not in self._changes:
            self._changes[came] = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, came))
        return self._changes[came]
