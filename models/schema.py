"""All tables of the database as Peewee models.

The migrations create the tables; these classes only read and write them. Each `…_id: int` annotation declares, for type
checking, the attribute that Peewee adds beside a foreign key.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import peewee

bound: peewee.DatabaseProxy = peewee.DatabaseProxy()
"""Proxy for the open database, set by `models.database.connection.open_database`."""


class Table(peewee.Model):
    """Base class of all tables."""

    class Meta:
        database = bound
        legacy_table_names = False


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


def is_sqlite() -> bool:
    """Whether the open database is SQLite."""
    return isinstance(bound.obj, peewee.SqliteDatabase)


def moment_value(value: datetime) -> Any:
    """Convert a timestamp to the value that the driver of the open database takes."""
    return value.astimezone(UTC).isoformat(" ", "microseconds") if is_sqlite() else value


def read_moment(value: Any) -> datetime:
    """Convert a timestamp from the driver of the open database to UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def read_date(value: Any) -> date | None:
    """Convert a date from the driver of the open database."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class User(Table):
    """A person, identified by the host account that runs the process."""

    id = peewee.AutoField()
    login = peewee.TextField(unique=True)
    """Account name on the host."""
    active = peewee.BooleanField(default=True)
    """False after removal; the row is kept because events refer to it."""
    created_at = MomentField()

    class Meta:
        table_name = "users"


class Role(Table):
    """A named set of permissions."""

    id = peewee.AutoField()
    name = peewee.TextField(unique=True)

    class Meta:
        table_name = "roles"


class RolePermission(Table):
    """One permission of a role."""

    role = peewee.ForeignKeyField(Role, backref="permissions")
    permission = peewee.TextField()

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


class Location(Table):
    """A place that holds stock. Locations nest: site, aisle, shelf, bin."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    name = peewee.TextField(default="")
    parent = peewee.ForeignKeyField("self", null=True, backref="children")
    parent_id: int | None

    class Meta:
        table_name = "locations"


class Customer(Table):
    """A buyer."""

    id = peewee.AutoField()
    name = peewee.TextField(unique=True)

    class Meta:
        table_name = "customers"


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
    characters = peewee.TextField(default="")
    """digits, letters, alphanumeric, or empty for any."""
    expects = peewee.TextField(default="")
    """imei, vin or mac, or empty."""
    strip = peewee.TextField(default="")
    """Prefix on labels that is not part of the serial, such as `S`; empty for none."""

    class Meta:
        table_name = "serial_rules"


class Document(Table):
    """A numbered document, such as a receipt; the events of its serials refer to it."""

    id = peewee.BigAutoField()
    kind = peewee.TextField()
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

    class Meta:
        table_name = "documents"


class DocumentNumber(Table):
    """The last number used for each kind of document."""

    kind = peewee.TextField(primary_key=True)
    last = peewee.BigIntegerField()

    class Meta:
        table_name = "document_numbers"


class Status(Table):
    """A status of serials: the built-in ones of `models.verbs.STATUSES`, and any that an administrator adds."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    label = peewee.TextField(unique=True)
    colour = peewee.TextField()
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
    kind = peewee.TextField()
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

    class Meta:
        table_name = "serial_events"
        indexes = ((("serial", "number"), True),)


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


class Draft(Table):
    """The work of one task at a station, from the first scan to DONE."""

    id = peewee.BigAutoField()
    task = peewee.TextField()
    """Task code, such as receive; see `models.station.task`."""
    state = peewee.TextField(default="open")
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

    class Meta:
        table_name = "drafts"


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


class DraftLine(Table):
    """One scanned serial, item or place of a draft."""

    id = peewee.BigAutoField()
    draft = peewee.ForeignKeyField(Draft, backref="rows")
    draft_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … in scan order."""
    position = peewee.IntegerField(null=True)
    """1, 2, 3 … among the serial lines; the number shown to people."""
    kind = peewee.TextField()
    """serial, item or place."""
    state = peewee.TextField()
    """good, problem, or out (taken out, or left out at DONE)."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """The user who scanned it."""
    how = peewee.TextField()
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


class ImportMapping(Table):
    """A column mapping that somebody chose for a header; suggested again for files with the same header."""

    header_key = peewee.TextField(primary_key=True)
    columns = peewee.TextField()
    """JSON: `{"0": "serial_number", …}`, by column position from 0."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int

    class Meta:
        table_name = "import_mappings"


TABLES: tuple[type[Table], ...] = (
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
    Status,
    Serial,
    SerialEvent,
    SerialCount,
    Draft,
    DraftPerson,
    DraftItem,
    DraftAnnounced,
    DraftLine,
    ImportedFile,
    ImportMapping,
)
"""All tables; each comes after the tables it refers to."""

__all__ = [
    "TABLES",
    "Customer",
    "Document",
    "DocumentNumber",
    "Draft",
    "DraftAnnounced",
    "DraftItem",
    "DraftLine",
    "DraftPerson",
    "ImportMapping",
    "ImportedFile",
    "Item",
    "ItemBarcode",
    "Location",
    "Role",
    "RolePermission",
    "Serial",
    "SerialCount",
    "SerialEvent",
    "SerialRule",
    "Status",
    "Stock",
    "Table",
    "User",
    "UserRole",
    "bound",
]
