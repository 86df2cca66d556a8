"""All tables on one page. The migrations make them; the classes only read and write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import peewee

bound: peewee.DatabaseProxy = peewee.DatabaseProxy()
"""Stands for the open database; `models.database.connection.open_database` points it at one."""


class Table(peewee.Model):
    """A table of Serialdock. The migrations make the tables; the classes only read and write them."""

    class Meta:
        database = bound
        legacy_table_names = False


def columns_of(table: type[Table]) -> dict[str, peewee.Field]:
    """The columns of a table by their names, in their order."""
    return {column.column_name: column for column in table._meta.sorted_fields}


class MomentField(peewee.Field):
    """A moment in UTC: `timestamptz` on PostgreSQL, ISO text of fixed width on SQLite, whose order is that of time."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> Any:
        """What is stored; refuses a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a moment needs a time zone: {value!r}"
            raise ValueError(msg)
        return moment_value(value)

    def python_value(self, value: Any) -> datetime | None:
        """An aware moment in UTC."""
        return None if value is None else read_moment(value)


def is_sqlite() -> bool:
    """Whether the open database is SQLite."""
    return isinstance(bound.obj, peewee.SqliteDatabase)


def moment_value(value: datetime) -> Any:
    """A moment as the open database's driver takes it."""
    return value.astimezone(UTC).isoformat(" ", "microseconds") if is_sqlite() else value


def read_moment(value: Any) -> datetime:
    """A moment as the open database's driver gives it, in UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def read_date(value: Any) -> date | None:
    """A date as the open database's driver gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class User(Table):
    """A person, known by the account behind the process."""

    id = peewee.AutoField()
    login = peewee.TextField(unique=True)
    """The account's name on the host."""
    active = peewee.BooleanField(default=True)
    """False after removal; the row stays because events name it."""
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
    """One permission held by a role."""

    role = peewee.ForeignKeyField(Role, backref="permissions")
    permission = peewee.TextField()

    class Meta:
        table_name = "role_permissions"
        primary_key = peewee.CompositeKey("role", "permission")


class UserRole(Table):
    """One role held by a user."""

    user = peewee.ForeignKeyField(User, backref="roles")
    role = peewee.ForeignKeyField(Role)

    class Meta:
        table_name = "user_roles"
        primary_key = peewee.CompositeKey("user", "role")


class Location(Table):
    """A place that holds stock; places nest (site, aisle, shelf, bin)."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    name = peewee.TextField(default="")
    parent = peewee.ForeignKeyField("self", null=True, backref="children")
    parent_id: int | None

    class Meta:
        table_name = "locations"


class Customer(Table):
    """Whoever buys."""

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
    """Folded: upper case, no white space."""
    name = peewee.TextField()
    name_key = peewee.TextField()
    """Folded for search: upper case."""
    primary_location = peewee.ForeignKeyField(Location)
    primary_location_id: int
    track_serials = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)
    """Counts the saves; a save names the version it was made on."""
    changed_at = MomentField()
    changed_by = peewee.ForeignKeyField(User)
    changed_by_id: int

    class Meta:
        table_name = "items"


class ItemBarcode(Table):
    """A code that is printed on the item's box; several items never share one."""

    barcode = peewee.TextField(primary_key=True)
    item = peewee.ForeignKeyField(Item, backref="barcodes")
    item_id: int

    class Meta:
        table_name = "item_barcodes"


class Stock(Table):
    """How many units of an item are on hand at a place; serials stand beside this number, not instead of it."""

    item = peewee.ForeignKeyField(Item, backref="stock")
    item_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    on_hand = peewee.BigIntegerField()

    class Meta:
        table_name = "stock"
        primary_key = peewee.CompositeKey("item", "location")


class SerialRule(Table):
    """What the serials of an item look like, where somebody has said so; otherwise it is learned from those there."""

    item = peewee.ForeignKeyField(Item, primary_key=True)
    item_id: int
    pattern = peewee.TextField(default="")
    """A regular expression for the whole serial; empty for any."""
    shortest = peewee.IntegerField(default=1)
    longest = peewee.IntegerField(default=64)
    """Characters."""
    characters = peewee.TextField(default="")
    """digits, letters, alphanumeric, or empty for any."""
    expects = peewee.TextField(default="")
    """imei, vin or mac, or empty."""
    strip = peewee.TextField(default="")
    """What labels print before the serial and what is not part of it, such as `S`; empty for nothing."""

    class Meta:
        table_name = "serial_rules"


class Document(Table):
    """One transaction with a number; the events of its serials point at it."""

    id = peewee.BigAutoField()
    kind = peewee.TextField()
    """A `models.verbs.DocumentKind`: receipt, sale, return, transfer …"""
    number = peewee.TextField(unique=True)
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """Whose permissions counted."""
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    """Who sat at the terminal, where that was an administrator acting for `user`."""
    from_location = peewee.ForeignKeyField(Location, null=True)
    from_location_id: int | None
    """None also where the units came from several places."""
    to_location = peewee.ForeignKeyField(Location, null=True)
    to_location_id: int | None
    customer = peewee.ForeignKeyField(Customer, null=True)
    customer_id: int | None
    serials = peewee.IntegerField(default=0)
    """How many serials it names."""
    note = peewee.TextField(default="")

    class Meta:
        table_name = "documents"


class DocumentNumber(Table):
    """The last number given to each kind of document."""

    kind = peewee.TextField(primary_key=True)
    last = peewee.BigIntegerField()

    class Meta:
        table_name = "document_numbers"


class Status(Table):
    """What a unit's condition is called; an administrator can add more."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    label = peewee.TextField(unique=True)
    colour = peewee.TextField()
    """green, blue, orange, red, yellow, purple, gray, dark red or dim."""
    mark = peewee.TextField()
    """One character that tells the status without colour."""
    available = peewee.BooleanField()
    """May be issued to a customer."""
    on_hand = peewee.BooleanField()
    """Counts against the item's quantity at its location."""

    class Meta:
        table_name = "statuses"


class Serial(Table):
    """One unit of an item: the present state, equal to the fold of its events."""

    id = peewee.BigAutoField()
    item = peewee.ForeignKeyField(Item, backref="serials")
    item_id: int
    serial_number = peewee.TextField()
    """As typed or scanned."""
    serial_key = peewee.TextField()
    """Folded; unique within the item."""
    sort_key = peewee.TextField()
    """For natural order."""
    status = peewee.ForeignKeyField(Status)
    status_id: int
    location = peewee.ForeignKeyField(Location)
    location_id: int
    """Never null; sold, lost and scrapped units keep their last place."""
    customer = peewee.ForeignKeyField(Customer, null=True)
    customer_id: int | None
    condition_notes = peewee.TextField(default="")
    warranty_start = peewee.DateField(null=True)
    warranty_end = peewee.DateField(null=True)
    """The end day still counts."""
    warranty_void = peewee.TextField(null=True)
    """Why the warranty is void; None where it is not."""
    date_received = peewee.DateField()
    """When the serial was first entered; set once."""
    version = peewee.IntegerField(default=1)
    """The number of its last event; a change names the version it was made on."""

    class Meta:
        table_name = "serials"
        indexes = ((("item", "serial_key"), True),)


class SerialEvent(Table):
    """One change of one serial. Rows are only ever added; the database refuses anything else."""

    id = peewee.BigAutoField()
    serial = peewee.ForeignKeyField(Serial, backref="events")
    serial_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … for each serial, without a gap."""
    kind = peewee.TextField()
    """The operation's code, see `models.verbs`."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """Whose permissions counted."""
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    """Who sat at the terminal, where that was an administrator acting for `user`."""
    document = peewee.ForeignKeyField(Document, null=True)
    document_id: int | None
    item = peewee.ForeignKeyField(Item)
    item_id: int
    """After the event."""
    serial_number = peewee.TextField()
    """After the event."""
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
    """The barcode it came from, unchanged, where that said more than the serial."""

    class Meta:
        table_name = "serial_events"
        indexes = ((("serial", "number"), True),)


class SerialCount(Table):
    """How many serials of an item are at a place in a status, kept by the ledger: nothing counts a million rows."""

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
    """One task at a station, from its first scan to DONE."""

    id = peewee.BigAutoField()
    task = peewee.TextField()
    """What DONE will do: receive …"""
    state = peewee.TextField(default="open")
    """open, done or discarded."""
    started_by = peewee.ForeignKeyField(User)
    started_by_id: int
    started_at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """Who works on it, or did so last."""
    session = peewee.TextField(null=True)
    """The station that has it open; None where nobody has. Only that station writes to it."""
    changed_at = MomentField()
    """The last scan."""
    seen_at = MomentField()
    """When its station last said that it is alive."""
    location = peewee.ForeignKeyField(Location, null=True)
    location_id: int | None
    """Where the next serial goes."""
    item = peewee.ForeignKeyField(Item, null=True)
    item_id: int | None
    """Whose serial comes next."""
    note = peewee.TextField(default="")
    document = peewee.ForeignKeyField(Document, null=True)
    document_id: int | None
    """What it became."""

    class Meta:
        table_name = "drafts"


class DraftPerson(Table):
    """Who worked on a draft, from when."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    number = peewee.IntegerField()
    """1 started it; each later one took it over or continued it."""
    user = peewee.ForeignKeyField(User)
    user_id: int
    login_user = peewee.ForeignKeyField(User, null=True)
    login_user_id: int | None
    at = MomentField()

    class Meta:
        table_name = "draft_people"
        primary_key = peewee.CompositeKey("draft", "number")


class DraftItem(Table):
    """What was said about an item in a draft."""

    draft = peewee.ForeignKeyField(Draft)
    draft_id: int
    item = peewee.ForeignKeyField(Item)
    item_id: int
    expected = peewee.IntegerField(null=True)
    """How many units shall come; None where nobody said."""
    adds_quantity = peewee.BooleanField(default=True)
    """True for a delivery; False for units that are on hand already and only get their numbers."""

    class Meta:
        table_name = "draft_items"
        primary_key = peewee.CompositeKey("draft", "item")


class DraftAnnounced(Table):
    """A serial that a list announced."""

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
    """One scan that says something: a serial, an item or a place."""

    id = peewee.BigAutoField()
    draft = peewee.ForeignKeyField(Draft, backref="rows")
    draft_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … in the order of the scans."""
    position = peewee.IntegerField(null=True)
    """1, 2, 3 … of those that are serials; what a person is told."""
    kind = peewee.TextField()
    """serial, item or place."""
    state = peewee.TextField()
    """good, problem, or out (taken out, or left out at DONE)."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int
    """Who scanned it."""
    how = peewee.TextField()
    """scanned, typed, pasted or range."""
    scan = peewee.TextField()
    """What came, unchanged."""
    item = peewee.ForeignKeyField(Item, null=True)
    item_id: int | None
    """None for a serial that came before its item."""
    location = peewee.ForeignKeyField(Location, null=True)
    location_id: int | None
    """None for a serial that came before its place: it goes to the first place of the draft."""
    serial_number = peewee.TextField(default="")
    """Clean; empty where the scan has none."""
    serial_key = peewee.TextField(null=True)
    near_key = peewee.TextField(null=True)
    reason = peewee.TextField(default="")
    """Why it is a problem, in one word; see `models.serials.judging`."""
    message = peewee.TextField(default="")
    """The same as a sentence."""
    serial = peewee.ForeignKeyField(Serial, null=True)
    serial_id: int | None
    """The serial that stands in the way."""

    class Meta:
        table_name = "draft_lines"
        indexes = ((("draft", "number"), True),)


class ImportedFile(Table):
    """The file behind a document of the kind import."""

    document = peewee.ForeignKeyField(Document, primary_key=True)
    document_id: int
    name = peewee.TextField()
    """Without its folder."""
    size = peewee.BigIntegerField()
    """Bytes."""
    sha256 = peewee.TextField()
    """Hexadecimal; the same file twice is known by it."""
    left_out = peewee.BigIntegerField()
    """Rows that were not imported."""

    class Meta:
        table_name = "imported_files"


class ImportMapping(Table):
    """How somebody mapped the columns of a header; offered again for the next file that has the same."""

    header_key = peewee.TextField(primary_key=True)
    columns = peewee.TextField()
    """JSON: `{"0": "serial_number", …}`, by the column's place."""
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
"""Every table, in an order in which each comes after those it refers to."""

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
