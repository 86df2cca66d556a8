"""The statuses stored in the database, for screens and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category, east_asian_width

from models.database.damage import BadRow, ReadRows, row_rule
from models.database.unit import Unit, write
from models.errors import BadValue, Duplicate, NotAllowed, NotFound
from models.meanwhile import Value, changed_meanwhile, changes_by
from models.orders import MemoryRows, Order
from models.permissions import Actor, Permission, require
from models.schema import SerialCount, Status, WrongValueError, bound, is_sqlite
from models.text import clean_line
from models.verbs import STATUSES, Need, PlaceMeaning, StatusCode, customer_in, place_in


@dataclass(frozen=True, slots=True)
class StatusLook:
    """A status with its label, mark and colour."""

    id: int
    code: str
    label: str
    mark: str
    colour: str
    available: bool
    on_hand: bool
    version: int = 1
    """Incremented by each change."""

    @property
    def key(self) -> str:
        """The code."""
        return self.code

    @property
    def is_built_in(self) -> bool:
        """Whether every database has it, so that it stays as it is."""
        return self.code in STATUSES

    @property
    def place(self) -> PlaceMeaning:
        """The meaning of the location of a serial in this status."""
        return place_in(self.code)

    @property
    def customer(self) -> Need:
        """Whether a serial in this status has a customer."""
        return customer_in(self.code)


def own_last(status_id: str) -> str:
    """The SQL expression of 0 for a built-in status and 1 for an administrator's own.

    Lists have statuses in the order of this and their id: a built-in status that a later version added has a higher id
    than own ones that were there.

    Args:
        status_id: an SQL expression.
    """
    codes = ", ".join(f"'{code}'" for code in STATUSES)
    return f"CASE WHEN {status_id} IN (SELECT id FROM statuses WHERE code IN ({codes})) THEN 0 ELSE 1 END"


LOOKS: Final = (
    f"SELECT id, code, label, mark, colour, available, on_hand, version FROM statuses ORDER BY {own_last('id')}, id"
)
"""Query for the rows of `looks_of`, for callers that send it together with others."""


def statuses() -> list[StatusLook]:
    """All statuses, the built-in ones first.

    Raises:
        WrongValueError: a row is damaged.
    """
    return looks_of(bound.execute_sql(LOOKS).fetchall())


def looks_of(rows: Iterable[Sequence[Any]]) -> list[StatusLook]:
    """The statuses of the rows that `LOOKS` reads.

    Raises:
        WrongValueError: a row is damaged.
    """
    looks = [
        StatusLook(
            row_id,
            Status.code.known(code),
            label,
            mark,
            Status.colour.known(colour),
            bool(available),
            bool(on_hand),
            version,
        )
        for row_id, code, label, mark, colour, available, on_hand, version in rows
    ]
    _require_built_in(look.code for look in looks)
    return looks


def stored_statuses() -> dict[int, Status]:
    """The rows of all statuses by id, ordered by it.

    Raises:
        WrongValueError: a row is damaged.
    """
    found = {row.id: row for row in Status.those("1 = 1 ORDER BY id")}
    _require_built_in(row.code for row in found.values())
    return found


def _require_built_in(codes: Iterable[str]) -> None:
    """Refuse statuses of which a built-in one is missing."""
    if missing := _missing(codes):
        msg = f"there is no status {missing[0]}"
        raise WrongValueError(msg, "statuses")


def _missing(codes: Iterable[str]) -> list[str]:
    """The built-in statuses that have no row."""
    there = set(codes)
    return [str(code) for code in STATUSES if code not in there]


@row_rule(Status)
def _wrong_codes(read: ReadRows) -> Iterator[BadRow]:
    """Rows with an impossible code, and built-in statuses without a row, which one of the others may have been."""
    codes = {row: code for row, code in read("SELECT id, code FROM statuses") if isinstance(code, str)}
    wrong = (row for row, code in codes.items() if not Status.code.has(code))
    yield from (BadRow("statuses", row, f"code is {codes[row]!r}", is_word=True) for row in wrong)
    for code in _missing(codes.values()):
        yield BadRow("statuses", None, f"no row has the code {code}", is_word=True)


_STATUS_KEYS: Final[Mapping[str, Callable[[StatusLook], Any]]] = {
    "kind": lambda look: not look.is_built_in,
    "label": lambda look: look.label.casefold(),
    "code": lambda look: look.code,
    "available": lambda look: look.available,
    "on_hand": lambda look: look.on_hand,
}
"""Sort keys of statuses by order."""

STATUS_ORDERS: Final = (
    Order("kind", "Kind"),
    Order("label", "Status"),
    Order("code", "Code"),
    Order("available", "Available"),
    Order("on_hand", "On hand"),
)
"""The orders of the list of statuses; usually the built-in ones come first."""


class StatusSource(MemoryRows[StatusLook]):
    """The list of statuses, found by a part of label or code; usually the built-in ones come first."""

    orders = STATUS_ORDERS

    def read(self) -> list[StatusLook]:
        """Read the statuses that the text finds, in their order."""
        key, by = self.find.casefold(), _STATUS_KEYS[self.sorting.code]
        found = [look for look in statuses() if key in look.label.casefold() or key in look.code]
        return sorted(found, key=lambda look: (by(look), look.id), reverse=self.sorting.descending)


def kept(alias: str) -> str:
    """The SQL condition that a serial is not removed; `alias` is that of `serials` or `serial_counts`."""
    # Where the status is missing, nothing is removed: NULL would hide every serial.
    return f"{alias}.status_id <> coalesce((SELECT id FROM statuses WHERE code = '{StatusCode.REMOVED}'), 0)"


COLOURS: Final = tuple(dict.fromkeys(row.colour for row in STATUSES.values()))
"""The colours that a status can have."""


def find_status(code: str) -> Status:
    """The status with this code.

    Raises:
        NotFound
    """
    found = Status.get_or_none(Status.code == code.strip().lower())
    if found is None:
        known = ", ".join(look.code for look in statuses())
        raise NotFound(f"There is no status {code.strip()}. There are: {known}.", field="status")
    return found


def add_status(
    actor: Actor, code: str, label: str, *, colour: str, mark: str, available: bool = False, on_hand: bool = False
) -> Status:
    """Make a status of one's own.

    Args:
        code: small letters, digits and underscores.
        mark: one character that identifies it without colour.
        available: whether units can be issued to a customer.
        on_hand: whether units count as part of the item's quantity at their location.

    Raises:
        NotPermitted, BadValue
        Duplicate: another status has the code, the label or the mark.
    """
    code = code.strip().lower()
    if not Status.code.has(code):
        raise BadValue(f"{code!r} is no status code. Use small letters, digits and underscores.", field="code")
    values = _look(label=label, colour=colour, mark=mark)

    def work(_: Unit) -> Status:
        require(actor, Permission.MANAGE_USERS, "make statuses")
        if Status.get_or_none(Status.code == code):
            raise Duplicate(f"The status {code} is there already. Choose another code.", field="code")
        _refuse_seen(values, None)
        return Status.create(code=code, available=available, on_hand=on_hand, **values)

    return write(actor, work)


def set_status(
    actor: Actor,
    status: str | StatusLook,
    *,
    label: str | None = None,
    colour: str | None = None,
    mark: str | None = None,
    available: bool | None = None,
    on_hand: bool | None = None,
) -> Status:
    """Change a status of one's own; None leaves a value as it is.

    Args:
        status: its code, or the status as the person saw it.

    Raises:
        NotPermitted, BadValue, NotFound, Duplicate
        Changed: somebody else changed it since the person saw it.
        NotAllowed: it is a built-in one, or it was used, so that quantities depend on what it counts as.
    """
    values = _look(label=label, colour=colour, mark=mark)
    counts = {"available": available, "on_hand": on_hand}

    def work(unit: Unit) -> Status:
        require(actor, Permission.MANAGE_USERS, "change statuses")
        found = _locked(status)
        if found.code in STATUSES:
            raise NotAllowed(built_in(found.label), field="code")
        # Quantities were changed by what the status counted as; to change that now would need all of them anew.
        new = {name: value for name, value in counts.items() if value not in (None, getattr(found, name))}
        if new and was_used(found.id):
            name = "available" if "available" in new else "on hand"
            raise NotAllowed(
                f"{found.label} has been used, so whether it is {name} cannot change any more. Make another status.",
                field=next(iter(new)),
            )
        _refuse_seen(values, found.id)
        changed = {name: value for name, value in values.items() if value != getattr(found, name)} | new
        if changed:
            changed |= changes_by(actor.user_id, unit.at, found.version)
            Status.update(**changed).where(Status.id == found.id).execute()
        return Status.get_by_id(found.id)

    return write(actor, work)


_COLUMN_WORDS: Final = {
    "label": "label",
    "mark": "mark",
    "colour": "colour",
    "available": "availability",
    "on_hand": "counting as on hand",
}
"""Names of the columns in messages."""


def _locked(which: str | StatusLook) -> Status:
    """A status; nobody else changes it until the transaction ends.

    Raises:
        NotFound
        Changed: somebody else changed it since the person saw it.
    """
    found = find_status(which if isinstance(which, str) else which.code)
    if not is_sqlite():
        found = Status.select().where(Status.id == found.id).for_update().get()
    if isinstance(which, StatusLook) and found.version != which.version:
        seen, now = ([_worded(getattr(each, name)) for name in _COLUMN_WORDS] for each in (which, found))
        values = [Value(*each) for each in zip(_COLUMN_WORDS.values(), seen, now, strict=True)]
        raise changed_meanwhile(which.label, found, values)
    return found


def _worded(value: object) -> str:
    return str(value) if isinstance(value, str) else "yes" if value else "no"


def built_in(label: str) -> str:
    """The refusal to change a built-in status."""
    return f"{label} is built in and stays as it is. Make a status of your own."


def was_used(status_id: int) -> bool:
    """Whether a serial has or had the status, so that quantities depend on how it counts."""
    # Counts stay when they fall to 0, so that a status that was ever used has one.
    return bool(SerialCount.select().where(SerialCount.status == status_id).exists())


def _look(*, label: str | None, colour: str | None, mark: str | None) -> dict[str, Any]:
    """The given values, checked."""
    values: dict[str, Any] = {}
    if label is not None:
        values["label"] = clean_line(label, "status's label", longest=24, field="label")
    if colour is not None:
        if colour not in COLOURS:
            raise BadValue(f"There is no colour {colour}. There are: {', '.join(COLOURS)}.", field="colour")
        values["colour"] = colour
    if mark is not None:
        if len(mark) != 1 or not mark.isprintable() or mark.isspace() or not _is_narrow(mark):
            raise BadValue(f"The mark is one printed character of usual width, not {mark!r}.", field="mark")
        values["mark"] = mark
    return values


def _is_narrow(mark: str) -> bool:
    """Whether a character takes one cell by itself; lists have no more for a mark."""
    return east_asian_width(mark) not in ("W", "F") and not category(mark).startswith("M")


def _refuse_seen(values: dict[str, Any], but: int | None) -> None:
    """Refuse a label or a mark that another status has: people could not tell them apart."""
    for other in Status.select().where(Status.id != (but or 0)):
        for name in ("label", "mark"):
            if name in values and values[name].casefold() == getattr(other, name).casefold():
                raise Duplicate(f"The {name} {values[name]} is that of {other.label}. Choose another.", field=name)
