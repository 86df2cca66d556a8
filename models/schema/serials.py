"""Serial numbers, what happened to them, and how many there are."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table
from models.schema.documents import Document
from models.schema.items import Customer, Item, Location
from models.schema.people import User


class Status(Table):
    """What a unit's condition is called; an administrator can add more."""

    id = peewee.AutoField()
    code = peewee.TextField(unique=True)
    label = peewee.TextField()
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


class SerialEvent(Table):
    """One change of one serial. Rows are only ever added; the database refuses anything else."""

    id = peewee.BigAutoField()
    serial = peewee.ForeignKeyField(Serial, backref="events")
    serial_id: int
    number = peewee.IntegerField()
    """1, 2, 3 … for each serial, without a gap."""
    kind = peewee.TextField()
    """The operation's code, see `models.transitions`."""
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
