"""What has been scanned and is not stock yet: drafts, their lines, and what was announced."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table
from models.schema.documents import Document
from models.schema.items import Item, Location
from models.schema.people import User
from models.schema.serials import Serial


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
    """Why it is a problem, in one word; see `models.tasks.verdict`."""
    message = peewee.TextField(default="")
    """The same as a sentence."""
    serial = peewee.ForeignKeyField(Serial, null=True)
    serial_id: int | None
    """The serial that stands in the way."""

    class Meta:
        table_name = "draft_lines"
