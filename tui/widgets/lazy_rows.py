"""What DataTable takes for its row containers, for a table whose rows are elsewhere.

Stock DataTable keeps a dict of rows, a dict of cells, a two-way dict of places and two lists with an entry for
every row. These stand in for them and make each entry when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

from textual.widgets.data_table import RowKey

T = TypeVar("T")


class Rows(Protocol):
    """A table as its containers see it."""

    @property
    def total(self) -> int:
        """How many rows there are."""

    def key_at(self, index: int) -> PlacedKey:
        """The key of a row; its `value` is None while the record is not here."""

    def locate(self, key: object) -> int | None:
        """The row of a key, if it is known."""


class PlacedKey(RowKey):
    """A row key that knows its row. `value` is the record's key, or None until the record is here."""

    def __init__(self, index: int, value: str | None) -> None:
        super().__init__(value)
        self.index = index
        """The row it was made for; after a reload the record may be in another one."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PlacedKey):
            return self.index == other.index and self.value == other.value
        return self.value is not None and super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.index if self.value is None else self.value)


class Lines(Sequence[T]):
    """In place of a list with an entry for each row; its slices are as lazy."""

    def __init__(self, span: range, make: Callable[[int], T]) -> None:
        self._span = span
        self._make = make

    def __len__(self) -> int:
        return len(self._span)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Lines[T]: ...
    def __getitem__(self, at: int | slice) -> T | Lines[T]:
        if isinstance(at, slice):
            return Lines(self._span[at], self._make)
        return self._make(self._span[at])


class ByKey(Mapping[Any, T], Generic[T]):
    """In place of a dict with an entry for each row key. Walking it would read the whole list: an error."""

    def __init__(self, rows: Rows, make: Callable[[PlacedKey], T]) -> None:
        self._rows = rows
        self._make = make

    def __len__(self) -> int:
        return self._rows.total

    def __iter__(self) -> Iterator[Any]:
        if self._rows.total:
            raise NotImplementedError("these rows are in the database and cannot be walked; ask their source")
        return iter(())

    def __contains__(self, key: object) -> bool:
        return self._rows.locate(key) is not None

    def __getitem__(self, key: Any) -> T:
        index = self._rows.locate(key)
        if index is None:
            raise KeyError(key)
        return self._make(self._rows.key_at(index))


class Locations(ByKey[int]):
    """In place of the two-way dict of row keys and rows."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows, lambda key: key.index)

    def get_key(self, index: int) -> PlacedKey | None:
        """The key of a row, or None where there is no such row."""
        return self._rows.key_at(index) if 0 <= index < self._rows.total else None
