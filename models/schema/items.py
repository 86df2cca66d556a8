"""Items, where they lie and how many are there."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table
from models.schema.people import User


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
