"""The papers behind the moves: receipts, sales, returns, transfers."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table
from models.schema.items import Customer, Location
from models.schema.people import User


class Document(Table):
    """One transaction with a number; the events of its serials point at it."""

    id = peewee.BigAutoField()
    kind = peewee.TextField()
    """A `models.documents.Kind` code: receipt, sale, return, transfer …"""
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
