"""Settings of the database, shared by everybody who uses it. A person's own settings are in `config`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from models.database.damage import BadRow, ReadRows, row_rule
from models.database.unit import Unit, write
from models.errors import BadValue
from models.migrations.grants import GRANTED_ROLES
from models.permissions import Actor, Permission, require
from models.schema import Setting, WrongValueError

DATABASE_ID: Final = "database_id"
"""Identifies the database: a restored copy has the same id, another database another one."""

NEW_PEOPLE: Final = "new_people"
"""The policy for accounts that nobody added, see `NewPeople`."""

UNDO_MINUTES: Final = "undo_minutes"
"""Minutes in which people may void their own documents without the permission to void."""

MOST_UNDO_MINUTES: Final = 10_080
"""A week; who corrects what is older needs the permission to void."""

_NEEDED: Final = (DATABASE_ID, NEW_PEOPLE, UNDO_MINUTES)
"""The settings that the migrations make."""

Setting.name.words = frozenset((*_NEEDED, GRANTED_ROLES))


class NewPeople(StrEnum):
    """The policy for accounts that nobody added; the first user of a database is its administrator anyway."""

    VIEWERS = "viewers"
    """It becomes a viewer."""
    REFUSED = "refused"
    """It is refused until an administrator adds it."""


class SettingRow(NamedTuple):
    """A setting as commands show it."""

    name: str
    """With hyphens, as in the command that changes it."""
    value: str


def setting(name: str) -> str:
    """The value of a setting.

    Raises:
        KeyError: no such setting; the migrations create all of them.
        WrongValueError: a row is damaged.
    """
    found = Setting.get_or_none(Setting.name == name)
    if found is None:  # damage; `connection.translated` says which row is missing
        raise KeyError(name)
    return _known(name, str(found.value))


def _known(name: str, value: str) -> str:
    if _is_wrong(name, value):
        msg = f"{value!r} is no value of the setting {name}"
        raise WrongValueError(msg, "settings")
    return value


def _is_wrong(name: str, value: str) -> bool:
    """Whether a setting never has this value."""
    if name == UNDO_MINUTES:
        return not (value.isascii() and value.isdigit())
    return name == NEW_PEOPLE and value not in set(NewPeople)


@row_rule(Setting)
def _wrong_settings(read: ReadRows) -> Iterator[BadRow]:
    """Settings with a value that they never have, and those without a row: one of the others may be it."""
    values = {name: value for name, value in read("SELECT name, value FROM settings") if isinstance(value, str)}
    wrong = (name for name, value in values.items() if _is_wrong(name, value))
    yield from (BadRow("settings", name, f"value is {values[name]!r}", is_word=True) for name in wrong)
    for name in _NEEDED:
        if name not in values:
            yield BadRow("settings", None, f"no row has the name {name}", is_word=True)


def database_id() -> str:
    """The id of the open database: 32 hexadecimal digits, made when its settings table was made."""
    return setting(DATABASE_ID)


def new_people() -> NewPeople:
    """The policy for accounts that nobody added."""
    return NewPeople(setting(NEW_PEOPLE))


def set_new_people(actor: Actor, policy: NewPeople) -> SettingRow:
    """Decide what happens to accounts that nobody added; users that are there stay.

    Raises:
        NotPermitted
    """

    def work(_: Unit) -> SettingRow:
        require(actor, Permission.MANAGE_USERS, "change settings of the database")
        Setting.update(value=str(policy)).where(Setting.name == NEW_PEOPLE).execute()
        return SettingRow(NEW_PEOPLE.replace("_", "-"), str(policy))

    return write(actor, work)


def set_undo_minutes(actor: Actor, minutes: int) -> SettingRow:
    """Decide how long people may void their own documents without the permission to void.

    Args:
        minutes: 0 for not at all.

    Raises:
        NotPermitted
        BadValue: more than `MOST_UNDO_MINUTES`, or less than none.
    """

    def work(_: Unit) -> SettingRow:
        require(actor, Permission.MANAGE_USERS, "change settings of the database")
        if not 0 <= minutes <= MOST_UNDO_MINUTES:
            raise BadValue(f"Minutes are from 0 to {MOST_UNDO_MINUTES:,}, not {minutes:,}. Choose others.")
        Setting.update(value=str(minutes)).where(Setting.name == UNDO_MINUTES).execute()
        return SettingRow(UNDO_MINUTES.replace("_", "-"), str(minutes))

    return write(actor, work)


def list_settings() -> list[SettingRow]:
    """All settings, by name."""
    rows = Setting.select().order_by(Setting.name)
    return [SettingRow(row.name.replace("_", "-"), _known(row.name, row.value)) for row in rows]
