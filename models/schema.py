"""All tables of the database as Peewee models.

The migrations create the tables; these classes only read and write them. Each `…_id: int` annotation declares, for type
checking, the attribute that Peewee adds beside a foreign key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Self

import peewee

from models.terms import TermUnit
from models.text import fold

bound: peewee.DatabaseProxy = peewee.DatabaseProxy()
"""Proxy for the open database, set by `models.database.connection.open_database`."""

Query = tuple[str, Sequence[Any]]
"""SQL by hand and its values; `bound.rows_of` takes several."""


class Table(peewee.Model):
    """Base class of all tables."""

    class Meta:
        database = bound
        legacy_table_names = False
        primary_key = False  # each table names its own; Peewee would copy one of this class for each of them

    @classmethod
    def those(cls, where: str, *values: object) -> list[Self]:
        """The rows with a condition in SQL, which may end with an order.

        For what each scan asks for: to write the same statement, Peewee takes longer than the database to answer it.
        """
        found: list[Self] = list(cls.raw(f"SELECT * FROM {cls._meta.table_name} WHERE {where}", *values))
        return found


def columns_of(table: type[Table]) -> dict[str, peewee.Field]:
    """The columns of a table by name, in table order."""
    return {column.column_name: column for column in table._meta.sorted_fields}


class MomentField(peewee.Field):
    """A UTC timestamp: `timestamptz` on PostgreSQL, fixed-width ISO text on SQLite, which sorts by time."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> Any:
        """Convert for the driver.

        Raises:
            ValueError: the timestamp has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a moment needs a time zone: {value!r}"
            raise ValueError(msg)
        return moment_value(value)

    def python_value(self, value: Any) -> datetime | None:
        """Convert to a time-zone-aware datetime in UTC."""
        return None if value is None else read_moment(value)


class WrongValueError(ValueError):
    """A row has a value that no Serialdock writes: it is damaged, see `models.database.damage`."""

    def __init__(self, message: str, table: str) -> None:
        super().__init__(message)
        self.table = table
        """The table of the row."""


class WordField(peewee.TextField):
    """A text that is one of a fixed set of words, or that has a fixed form: a row with another one is damaged.

    Reading such a row raises a WrongValueError, which leaves `models.database.connection.call` as the sentence about
    it. SQL by hand passes what it reads through `known`.
    """

    def __init__(self, words: Iterable[str] = (), *, form: str = "", **options: Any) -> None:
        """Make a column.

        Args:
            words: left out where a module above this one owns them, which then sets `words`.
            form: instead of words, a regular expression that the whole text matches.
        """
        super().__init__(**options)
        self.words = frozenset(map(str, words))
        self.form = re.compile(form) if form else None

    def has(self, value: str) -> bool:
        """Whether a text can be a value of the column."""
        return value in self.words if self.form is None else self.form.fullmatch(value) is not None

    def known(self, value: str) -> str:
        """Return the value if the column can have it.

        Raises:
            WrongValueError: a row is damaged.
        """
        if not self.has(value):
            msg = f"{value!r} is no value of the column {self.column_name}"
            raise WrongValueError(msg, self.model._meta.table_name)
        return value

    def python_value(self, value: Any) -> Any:
        """Convert from the driver; see `known`."""
        is_fixed = self.words or self.form is not None
        return self.known(value) if is_fixed and value is not None else value

    @property
    def listed(self) -> str:
        """The words as SQL, for a condition with IN."""
        return ", ".join(f"'{word}'" for word in sorted(self.words))

    def may_be(self, word: str, alias: str = "") -> str:
        """The SQL condition that the column has this word, or one that it cannot have, which its reader asks `known`.

        Args:
            alias: table alias, with its dot.
        """
        column = f"{alias}{self.column_name}"
        return f"({column} = '{word}' OR {column} NOT IN ({self.listed}))"


def is_sqlite() -> bool:
    """Whether the open database is SQLite."""
    return isinstance(bound.obj, peewee.SqliteDatabase)


def moment_value(value: datetime) -> Any:
    """Convert a timestamp to the value that the driver of the open database takes."""
    return value.astimezone(UTC).isoformat(" ", "microseconds") if is_sqlite() else value


def read_moment(value: Any) -> datetime:
    """Convert a timestamp from the driver of the open database to UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def whole_number(value: Any, table: str) -> int:
    """A number or a sum of numbers from the driver of the open database.

    Args:
        table: where it is from.

    Raises:
        WrongValueError: a row is damaged. What SQLite adds up with a value that is no number is a float.
    """
    if isinstance(value, float | str | bytes) or value is None:
        msg = f"{value!r} is no whole number"
        raise WrongValueError(msg, table)
    return int(value)


def summed(column: str) -> str:
    """SQL for the sum of a column, to be read by `whole_number`: SQLite's own takes NULL, text and bytes for 0."""
    return f"sum(ifnull({column}, ''))" if is_sqlite() else f"sum({column})"


def read_date(value: Any) -> date | None:
    """Convert a date from the driver of the open database.

    Raises:
        TypeError, ValueError: a damaged row, whose value is none.
    """
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


class User(Table):
    """A person, identified by the host account that runs the process."""

    id = peewee.AutoField()
    login = peewee.TextField(unique=True)
    """Account name on the host."""
    active = peewee.BooleanField(default=True)
    """False after removal; the row is kept because events refer to it."""
    created_at = MomentField()
    digest = peewee.BlobField(null=True)
    """See `models.permissions.user_digest`."""

    class Meta:
        table_name = "users"


class Role(Table):
    """A named set of permissions."""

    id = peewee.AutoField()
    name = peewee.TextField(unique=True)
    digest = peewee.BlobField(null=True)
    """See `models.permissions.role_digest`."""

    class Meta:
        table_name = "roles"


class RolePermission(Table):
    """One permission of a role."""

    role = peewee.ForeignKeyField(Role, backref="permissions")
    permission = WordField()

    class Meta:
        table_name = "role_permissions"
        primary_key = peewee.CompositeKey("role", "permission")


class UserRole(Table):
    """One role of a user."""

    user = peewee.ForeignKeyField(User, backref="roles")
    role = peewee.ForeignKeyField(Role)

    class Meta:
        table_name = "user_roles"
        primary_key = peewee.CompositeKey("user", "role")


class Versioned(Table):
    """A record that people change: a change names the version that the person saw, see `models.meanwhile`."""

    version = peewee.IntegerField(default=1)
    changed_at = MomentField(null=True)
    """Time of the last change; None if there was none."""
    changed_by = peewee.ForeignKeyField(User, null=True)
    changed_by_id: int | None


class Location(Versioned):
    """A place that holds stock. Locations nest: site, aisle, shelf, bin."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    name = peewee.TextField(default="")
    parent = peewee.ForeignKeyField("self", null=True, backref="children")
    parent_id: int | None
    closed = peewee.BooleanField(default=False)
    """A closed place takes nothing new."""

    class Meta:
        table_name = "locations"


class Customer(Versioned):
    """A buyer."""

    id = peewee.AutoField()
    name = peewee.TextField(unique=True)
    name_key = peewee.TextField(unique=True)
    """Folded: upper case, no white space; set by `save`."""
    code = peewee.TextField(null=True)
    """Unique regardless of case, and among all codes, see `models.codes`; None for no code."""
    reference = peewee.TextField(default="")
    """Its number elsewhere, such as in the accounts."""
    notes = peewee.TextField(default="")

    class Meta:
        table_name = "customers"

    def save(self, *args: Any, **options: Any) -> Any:
        """Save the row with the key of its name."""
        self.name_key = fold(self.name)
        return super().save(*args, **options)


class Item(Table):
    """An inventory item."""

    id = peewee.AutoField()
    sku = peewee.TextField(unique=True)
    """As typed."""
    sku_key = peewee.TextField(unique=True)
    """Folded: upper case, no white space; unique."""
    name = peewee.TextField()
    name_key = peewee.TextField()
    """Folded for search: upper case."""
    primary_location = peewee.ForeignKeyField(Location)
    primary_location_id: int
    track_serials = peewee.BooleanField(default=False)
    warranty_amount = peewee.IntegerField(null=True)
    """The warranty that a sale gives, counted in `warranty_unit`; None for none."""
    warranty_unit = WordField(TermUnit, null=True)
    """days, months or years."""
    version = peewee.IntegerField(default=1)
    """Incremented by each save; a save names the version it is based on (optimistic locking)."""
    changed_at = MomentField()
    changed_by = peewee.ForeignKeyField(User)
    changed_by_id: int

    class Meta:
        table_name = "items"


class ItemBarcode(Table):
    """A barcode printed on an item's box; each barcode belongs to one item."""

    barcode = peewee.TextField(primary_key=True)
    item = peewee.ForeignKeyField(Item, backref="barcodes")
    item_id: int

    class Meta:
        table_name = "item_barcodes"


class Stock(Table):
    """Quantity of an item on hand at a location. It is kept in addition to serials, not derived from them."""

    item = peewee.ForeignKeyField(Item, backref="stock")
    item_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    on_hand = peewee.BigIntegerField()

    class Meta:
        table_name = "stock"
        primary_key = peewee.CompositeKey("item", "location")


class SerialRule(Table):
    """The serial rule that somebody set for an item. Without one, the shape is learned from the item's serials."""

    item = peewee.ForeignKeyField(Item, primary_key=True)
    item_id: int
    pattern = peewee.TextField(default="")
    """A regular expression that the whole serial must match; empty for any."""
    shortest = peewee.IntegerField(default=1)
    longest = peewee.IntegerField(default=64)
    """Length in characters."""
    characters = WordField(default="")
    """digits, letters, alphanumeric, or empty for any."""
    expects = WordField(default="")
    """imei, vin or mac, or empty."""
    strip = peewee.TextField(default="")
    """Prefix on labels that is not part of the serial, such as `S`; empty for none."""

    class Meta:
        table_name = "serial_rules"


class Document(Table):
    """A numbered document, such as a receipt; the events of its serials refer to it."""

    id = peewee.BigAutoField()
    kind = WordField()
    """A `models.verbs.DocumentKind`: receipt, sale, return, transfer …"""
    number = peewee.TextField(unique=True)
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """The user whose permissions applied."""
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    """The administrator who acted for `user`; None if the user acted in person."""
    from_location = peewee.ForeignKeyField(Location, null=True)
    from_location_id: int | None
    """None also if the units came from several locations."""
    to_location = peewee.ForeignKeyField(Location, null=True)
    to_location_id: int | None
    customer = peewee.ForeignKeyField(Customer, null=True)
    customer_id: int | None
    serials = peewee.IntegerField(default=0)
    """Number of serials in the document."""
    note = peewee.TextField(default="")
    digest = peewee.BlobField(null=True)
    """See `models.digests`; None in rows older than the column."""
    reference = peewee.TextField(default="")
    """The number that somebody else knows it by, such as that of an order."""
    repairer = peewee.TextField(default="")
    source_document = peewee.ForeignKeyField("self", null=True)
    source_document_id: int | None
    """The transfer that an arrival belongs to, or the document that a void undoes."""

    class Meta:
        table_name = "documents"


class DocumentNumber(Table):
    """The last number used for each kind of document."""

    kind = WordField(primary_key=True)
    last = peewee.BigIntegerField()

    class Meta:
        table_name = "document_numbers"


class StockChange(Table):
    """One change of one quantity: a row for each transaction, item and location. Append-only like events."""

    id = peewee.BigAutoField()
    at = MomentField()
    user = peewee.ForeignKeyField(User, null=True)
    user_id: int | None
    """The user whose permissions applied; None in opening rows."""
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    """The administrator who acted for `user`; None if the user acted in person."""
    item = peewee.ForeignKeyField(Item)
    item_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    units = peewee.BigIntegerField()
    """Added to the quantity; negative if taken away, never 0."""
    kind = WordField()
    """Why: the kind of the serials' events, or one of `models.ledger.StockKind`."""
    reason = peewee.TextField(default="")
    """Why, in a person's words."""
    document = peewee.ForeignKeyField(Document, null=True)
    document_id: int | None
    digest = peewee.BlobField()
    """See `models.digests`."""

    class Meta:
        table_name = "stock_changes"


class Status(Versioned):
    """A status of serials: the built-in ones of `models.verbs.STATUSES`, and any that an administrator adds."""

    id = peewee.AutoField()
    code = WordField(form="[a-z][a-z0-9_]{0,39}", unique=True)
    label = peewee.TextField(unique=True)
    colour = WordField()
    """green, blue, orange, red, yellow, purple, gray, dark red or dim."""
    mark = peewee.TextField()
    """One character that identifies the status without colour."""
    available = peewee.BooleanField()
    """Units can be issued to a customer."""
    on_hand = peewee.BooleanField()
    """Units count as part of the item's quantity at their location."""

    class Meta:
        table_name = "statuses"


class Serial(Table):
    """One unit of an item with its current state, which equals the result of applying all its events."""

    id = peewee.BigAutoField()
    item = peewee.ForeignKeyField(Item, backref="serials")
    item_id: int
    serial_number = peewee.TextField()
    """As typed or scanned."""
    serial_key = peewee.TextField()
    """Folded key; unique within the item."""
    sort_key = peewee.TextField()
    """Sorts in natural order."""
    status = peewee.ForeignKeyField(Status)
    status_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    """Never NULL; sold, lost and scrapped units keep their last location."""
    customer = peewee.ForeignKeyField(Customer, null=True)
    customer_id: int | None
    condition_notes = peewee.TextField(default="")
    warranty_start = peewee.DateField(null=True)
    warranty_end = peewee.DateField(null=True)
    """Last day under warranty."""
    warranty_void = peewee.TextField(null=True)
    """Why the warranty is void; None if it is not void."""
    date_received = peewee.DateField()
    """The day the serial was first recorded, or the day given by an import; set once."""
    version = peewee.IntegerField(default=1)
    """Number of its last event; a change names the version it is based on (optimistic locking)."""

    class Meta:
        table_name = "serials"
        indexes = ((("item", "serial_key"), True),)


class SerialEvent(Table):
    """One change of one serial. Append-only: the database refuses updates and deletions."""

    id = peewee.BigAutoField()
    serial = peewee.ForeignKeyField(Serial, backref="events")
    serial_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … for each serial, without gaps."""
    kind = WordField()
    """See `models.verbs.Verb.kind`."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """The user whose permissions applied."""
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    """The administrator who acted for `user`; None if the user acted in person."""
    document = peewee.ForeignKeyField(Document, null=True)
    document_id: int | None
    item = peewee.ForeignKeyField(Item)
    item_id: int
    """Value after the event."""
    serial_number = peewee.TextField()
    """Value after the event."""
    from_status = peewee.ForeignKeyField(Status, null=True)
    from_status_id: int | None
    to_status = peewee.ForeignKeyField(Status)
    to_status_id: int
    from_location = peewee.ForeignKeyField(Location, null=True)
    from_location_id: int | None
    to_location = peewee.ForeignKeyField(Location)
    to_location_id: int
    from_customer = peewee.ForeignKeyField(Customer, null=True)
    from_customer_id: int | None
    to_customer = peewee.ForeignKeyField(Customer, null=True)
    to_customer_id: int | None
    changes = peewee.TextField(null=True)
    """JSON of the other columns that changed: `{"condition_notes": [before, after], …}`, dates in ISO form."""
    note = peewee.TextField(default="")
    scan = peewee.TextField(null=True)
    """The raw barcode, if it contained more than the serial."""
    units = peewee.IntegerField(null=True)
    """Units added to the quantity at its `to` place: 1, 0, or -1, which was taken at its `from` place. A unit that
    was moved along was also taken at the `from` place. None in events older than the column."""
    digest = peewee.BlobField(null=True)
    """See `models.digests`; None in events older than the column."""
    voids = peewee.ForeignKeyField("self", null=True)
    voids_id: int | None
    """The earlier event of the serial that this one undoes."""
    reference = peewee.TextField(default="")
    """The reference of an event that has no document of its own, such as a reservation."""

    class Meta:
        table_name = "serial_events"
        indexes = ((("serial", "number"), True),)


class SerialAlias(Table):
    """An earlier text of a serial, by which it is still found."""

    serial = peewee.ForeignKeyField(Serial)
    serial_id: int
    alias_key = peewee.TextField()
    """Folded key."""
    serial_number = peewee.TextField()
    """As it was typed or scanned."""

    class Meta:
        table_name = "serial_aliases"
        primary_key = peewee.CompositeKey("serial", "alias_key")


class SerialCount(Table):
    """Number of serials per item, location and status, kept up to date by the ledger so that nothing counts rows."""

    item = peewee.ForeignKeyField(Item)
    item_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    status = peewee.ForeignKeyField(Status)
    status_id: int
    serials = peewee.BigIntegerField()

    class Meta:
        table_name = "serial_counts"
        primary_key = peewee.CompositeKey("item", "location", "status")


class SerialSegment(Table):
    """A stretch of serial ids in the index of n-grams; see `models.ngrams`."""

    segment = peewee.BigIntegerField(primary_key=True)
    complete = peewee.BooleanField()
    """False where serials were added since it was written: then it is read instead, and written again."""

    class Meta:
        table_name = "serial_segments"


class SerialNgram(Table):
    """The blocks of serials of a segment that have an n-gram in their keys; see `models.ngrams`."""

    id = peewee.BigIntegerField(primary_key=True)
    """The number of the segment, and in its lowest 18 bits that of the bucket."""
    blocks = peewee.BlobField()
    """256 bytes, one bit a block, the lowest bit of the first byte for the first block."""

    class Meta:
        table_name = "serial_ngrams"


class Draft(Table):
    """The work of one task at a station, from the first scan to DONE."""

    id = peewee.BigAutoField()
    task = WordField()
    """Task code, such as receive; see `models.station.task`."""
    state = WordField(("open", "done", "discarded"), default="open")
    """open, done or discarded."""
    started_by = peewee.ForeignKeyField(User)
    started_by_id: int
    started_at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """The user who works on it or worked on it last."""
    session = peewee.TextField(null=True)
    """The station that has it open; None for no station. Only that station writes to it."""
    changed_at = MomentField()
    """Time of the last scan."""
    seen_at = MomentField()
    """Time of the last scan, heartbeat or change of hands."""
    location = peewee.ForeignKeyField(Location, null=True)
    location_id: int | None
    """The current place, for the next serial."""
    item = peewee.ForeignKeyField(Item, null=True)
    item_id: int | None
    """The current item, for the next serial."""
    note = peewee.TextField(default="")
    document = peewee.ForeignKeyField(Document, null=True)
    document_id: int | None
    """The document written by DONE."""
    taken = peewee.BigIntegerField(default=0)
    """Number of the last scan of its session that is in it; 0 if none was numbered. See `models.station.waiting`."""

    class Meta:
        table_name = "drafts"


class ScanMark(Table):
    """The number of the last scan of a session that is in a draft which the session no longer has."""

    session = peewee.TextField(primary_key=True)
    taken = peewee.BigIntegerField()
    """Number of its last scan that is in one of them."""

    class Meta:
        table_name = "scan_marks"


class DraftPerson(Table):
    """A person who worked on a draft, and since when."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    number = peewee.IntegerField()
    """1 started the draft; each later person took it over or continued it."""
    user = peewee.ForeignKeyField(User)
    user_id: int
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    at = MomentField()

    class Meta:
        table_name = "draft_people"
        primary_key = peewee.CompositeKey("draft", "number")


class DraftItem(Table):
    """Expected units and quantity choice of an item in a draft."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    item = peewee.ForeignKeyField(Item)
    item_id: int
    expected = peewee.IntegerField(null=True)
    """Expected number of units; None if not set."""
    adds_quantity = peewee.BooleanField(default=True)
    """True for a delivery; False for units already on hand, for which only serials are recorded."""

    class Meta:
        table_name = "draft_items"
        primary_key = peewee.CompositeKey("draft", "item")


class DraftAnnounced(Table):
    """A serial of an announced list of a draft."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    item = peewee.ForeignKeyField(Item)
    item_id: int
    serial_key = peewee.TextField()
    serial_number = peewee.TextField()

    class Meta:
        table_name = "draft_announced"
        primary_key = peewee.CompositeKey("draft", "item", "serial_key")


class DraftAnswer(Table):
    """An answer in a draft besides place and item: a customer, a reason, a transfer; the last one counts."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    number = peewee.IntegerField()
    """Its place among the numbers of `DraftLine`: both are numbered in scan order."""
    ask = WordField()
    """customer, transfer, reason …; see `models.station.task.First`."""
    value = peewee.TextField()
    """The id of a customer, the number of a transfer, the code of a status, or text."""
    shown = peewee.TextField()
    """The words for the person."""
    taken_back = peewee.BooleanField(default=False)
    """By UNDO."""
    scan = peewee.TextField()
    """The raw scan; empty if it was chosen from a list."""
    user = peewee.ForeignKeyField(User)
    user_id: int
    at = MomentField()

    class Meta:
        table_name = "draft_answers"
        primary_key = peewee.CompositeKey("draft", "number")


class DraftLine(Table):
    """One scanned serial, item or place of a draft."""

    id = peewee.BigAutoField()
    draft = peewee.ForeignKeyField(Draft, backref="rows")
    draft_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … in scan order."""
    position = peewee.IntegerField(null=True)
    """1, 2, 3 … among the serial lines; the number shown to people."""
    kind = WordField(("serial", "item", "place"))
    """serial, item or place."""
    state = WordField(("good", "problem", "out"))
    """good, problem, or out (taken out, or left out at DONE)."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """The user who scanned it."""
    how = WordField(("scanned", "typed", "pasted", "range"))
    """scanned, typed, pasted or range."""
    scan = peewee.TextField()
    """The raw scan."""
    item = peewee.ForeignKeyField(Item, null=True)
    item_id: int | None
    """None for a serial scanned before its item."""
    location = peewee.ForeignKeyField(Location, null=True)
    location_id: int | None
    """None for a serial scanned before any place; it goes to the first place of the draft."""
    serial_number = peewee.TextField(default="")
    """Clean; empty if the scan has no serial."""
    serial_key = peewee.TextField(null=True)
    """Folded key."""
    near_key = peewee.TextField(null=True)
    """Key shared by look-alikes, see `models.text.near_key`."""
    reason = peewee.TextField(default="")
    """Reason code of a problem; see `models.serials.judging.Reason`."""
    message = peewee.TextField(default="")
    """The message of its verdict."""
    serial = peewee.ForeignKeyField(Serial, null=True)
    serial_id: int | None
    """The existing serial that caused the problem, or that is to be moved."""

    class Meta:
        table_name = "draft_lines"
        indexes = ((("draft", "number"), True),)


class ImportedFile(Table):
    """The file of a document of kind import."""

    document = peewee.ForeignKeyField(Document, primary_key=True)
    document_id: int
    name = peewee.TextField()
    """File name without folder."""
    size = peewee.BigIntegerField()
    """Bytes."""
    sha256 = peewee.TextField()
    """Hexadecimal; identifies a file that was imported before."""
    left_out = peewee.BigIntegerField()
    """Number of rows that were not imported."""

    class Meta:
        table_name = "imported_files"


class ImportMade(Table):
    """Something that an import made besides serials: voiding the import leaves it there and names it."""

    document = peewee.ForeignKeyField(Document)
    document_id: int
    kind = WordField(("item", "location", "customer"))
    """item, location or customer."""
    name = peewee.TextField()

    class Meta:
        table_name = "import_made"
        primary_key = peewee.CompositeKey("document", "kind", "name")


class ImportMapping(Table):
    """The choices for files with a certain header: the mapping of their columns, and how they are read."""

    header_key = peewee.TextField(primary_key=True)
    columns = peewee.TextField()
    """JSON: `{"0": "serial_number", …}`, by column position from 0."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    header_row = peewee.IntegerField(null=True)
    """Number of the header's row, if somebody chose it."""
    encoding = peewee.TextField(null=True)
    """Codec of a text file whose bytes do not tell it."""
    dates = WordField(("dmy", "mdy", "ymd"), null=True)
    """Order of numeric dates in columns that do not decide it."""
    split = peewee.BooleanField(default=False)
    """Whether a cell with several serials is one row for each."""
    as_one = peewee.BooleanField(default=False)
    """Whether such a cell is one serial as it stands; if neither, it is refused."""

    class Meta:
        table_name = "import_mappings"


class Setting(Table):
    """A setting of the database; see `models.settings`."""

    name = WordField(primary_key=True)
    value = peewee.TextField()

    class Meta:
        table_name = "settings"


TABLES: tuple[type[Table], ...] = (
    Setting,
    User,
    Role,
    RolePermission,
    UserRole,
    Location,
    Customer,
    Item,
    ItemBarcode,
    SerialRule,
    Stock,
    Document,
    DocumentNumber,
    StockChange,
    Status,
    Serial,
    SerialEvent,
    SerialAlias,
    SerialCount,
    SerialSegment,
    SerialNgram,
    Draft,
    DraftPerson,
    DraftItem,
    DraftAnnounced,
    DraftAnswer,
    DraftLine,
    ScanMark,
    ImportedFile,
    ImportMade,
    ImportMapping,
)
"""All tables; each comes after the tables it refers to."""

APPEND_ONLY: tuple[type[Table], ...] = (SerialEvent, StockChange)
"""Append-only tables: triggers guard them, and the least-privilege role may only add rows."""
