"""Checking that the records read from a database have the types that they declare.

SQLite stores any value in any column. A damaged one that only passes through the models would end the app in the widget
that shows it; so `connection.call`, through which everything leaves the models, looks at what it returns.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import peewee

from models.schema import MomentField, is_sqlite

T = TypeVar("T")

_Fits = Callable[[Any], bool]

_PLAIN: Final[set[type[Any]]] = {str, int, bool, float, NoneType, date, datetime}
"""Types of single values, which decide alone whether a value fits; others, such as an enumeration, are added as met."""

_SCALARS: Final = frozenset(_PLAIN)

_ALSO: Final[dict[type[Any], tuple[type[Any], ...]]] = {bool: (int,), float: (int, float)}
"""Types whose values fit into fields of another one: SQLite has no truth values."""

_MANY: Final = (list, tuple, set, frozenset)


class _Record(NamedTuple):
    """The type check of the records of a class."""

    values: Callable[[Any], tuple[Any, ...]]
    fits: tuple[_Fits, ...]
    """For each value."""
    good: set[tuple[type, ...]]
    """Types of values, all of them `_PLAIN`, that fit."""


def is_mistyped(value: object) -> bool:
    """Whether a value contains a record with a field of another type than it declares."""
    return not _anything(value)


def typed(record: T) -> T:
    """Return a record if its values have the types of its fields; for records that do not leave the models by `call`.

    Raises:
        TypeError: a row is damaged.
    """
    if is_sqlite() and is_mistyped(record):
        msg = f"a value of another type: {record!r}"
        raise TypeError(msg)
    return record


def _anything(value: object) -> bool:
    """Whether the records in a value fit. No look-up returns bytes: they are a text that is none."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if (record := _records(kind)) is not None:
        return _record_fits(record, value)
    if isinstance(value, _MANY):
        return _all_fit(value)
    if isinstance(value, Mapping):
        return _all_fit(value) and _all_fit(value.values())
    if kind is bytes:
        return False
    _PLAIN.add(kind)  # neither a record nor a container: each type is looked at once
    return True


def _all_fit(values: Collection[Any]) -> bool:
    # Most values are plain: looking at their types alone takes a tenth of the time.
    return _PLAIN.issuperset(map(type, values)) or all(map(_anything, values))


def _record_fits(record: _Record, value: object) -> bool:
    values = record.values(value)
    types = tuple(map(type, values))
    if types in record.good:
        return True
    if not all(fits(one) for fits, one in zip(record.fits, values, strict=True)):
        return False
    if _PLAIN.issuperset(types):
        record.good.add(types)
    return True


def _record(kind: type[Any]) -> _Record | None:
    """Make the type check of a class of records; None if it is none of ours."""
    if not kind.__module__.startswith("models."):
        return None
    if issubclass(kind, peewee.Model):
        columns = kind._meta.sorted_fields
        names = [column.name for column in columns]
        fits = tuple(_one_of(_types_of(column)) for column in columns)
        return _Record(lambda row: tuple(map(row.__data__.get, names)), fits, set())
    if not dataclasses.is_dataclass(kind) and not hasattr(kind, "_fields"):
        return None
    modules = (sys.modules[base.__module__] for base in reversed(kind.__mro__))
    # Without a class's own names: a field may have the name of the module that its type is from.
    hints = get_type_hints(kind, {name: value for module in modules for name, value in vars(module).items()}, {})
    names = getattr(kind, "_fields", None) or [field.name for field in dataclasses.fields(kind)]
    fits = tuple(_fits(hints[name]) for name in names)
    if issubclass(kind, tuple):
        return _Record(tuple, fits, set())
    get = attrgetter(*names)
    return _Record(get if len(names) > 1 else lambda record: (get(record),), fits, set())


def _types_of(column: peewee.Field) -> tuple[type, ...]:
    of = column.rel_field if isinstance(column, peewee.ForeignKeyField) else column
    if isinstance(of, MomentField | peewee.DateField):
        return (date, NoneType)
    if isinstance(of, peewee.TextField):
        return (str, NoneType)
    return (bytes, memoryview, NoneType) if isinstance(of, peewee.BlobField) else (int, NoneType)


_records: Final[Callable[[Any], _Record | None]] = cache(_record)


@cache
def _fits(annotation: Any) -> _Fits:
    """The check of a value of a field."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        options = [_fits(part) for part in parts]
        return lambda value: any(option(value) for option in options)
    if isinstance(origin, type):
        return _many(origin, parts)
    return _single(annotation) if isinstance(annotation, type) else _anything


def _single(kind: type[Any]) -> _Fits:
    """The check of a field of one value."""
    if issubclass(kind, Enum):
        return _one_of((kind, str))
    if kind in _SCALARS:
        return _one_of(_ALSO.get(kind, (kind,)))
    if _records(kind) is not None:
        return lambda value: isinstance(value, kind) and _anything(value)
    return _anything


def _many(origin: type, parts: tuple[Any, ...]) -> _Fits:
    """The check of a field of several values."""
    if issubclass(origin, tuple) and parts and Ellipsis not in parts:
        checks = [_fits(part) for part in parts]
        return lambda value: (
            isinstance(value, tuple) and all(fits(one) for fits, one in zip(checks, value, strict=True))
        )
    if issubclass(origin, Mapping):
        of_key, of_value = (_all_of(part) for part in (*parts, int)[:2])  # a Counter names its keys alone
        return lambda value: of_key(value) and of_value(value.values())
    if issubclass(origin, Iterable) and parts:
        of_each = _all_of(parts[0])
        return lambda value: not isinstance(value, _MANY) or of_each(value)
    return _anything


def _all_of(annotation: Any) -> _Fits:
    """The check of the values of a field of several values."""
    if annotation is Any:
        return _all_fit
    fits, plain = _fits(annotation), frozenset({annotation} & _SCALARS)
    return lambda values: plain.issuperset(map(type, values)) or all(map(fits, values))


def _one_of(types: tuple[type, ...]) -> _Fits:
    return lambda value: isinstance(value, types)
