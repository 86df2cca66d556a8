"""What all tables share: the database they are bound to, and columns with one meaning on both engines."""

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
