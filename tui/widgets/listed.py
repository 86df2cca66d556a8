"""Records that are here already, for a RecordTable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, ParamSpec, TypeVar

from models.paging import R

P = ParamSpec("P")
T = TypeVar("T")


class Listed(Generic[R]):
    """A list in memory; see `models.paging.RowSource`."""

    def __init__(self, records: Sequence[R]) -> None:
        self.records = records
        """All of them, in their order."""

    def count(self) -> int:
        """How many there are."""
        return len(self.records)

    def fetch(self, offset: int, limit: int) -> Sequence[R]:
        """A part of them."""
        return self.records[offset : offset + limit]

    def index_of(self, key: str) -> int | None:
        """How many stand before this one."""
        return next((place for place, record in enumerate(self.records) if record.key == key), None)


async def at_once(function: Callable[..., Any], *args: Any) -> Any:
    """Call it here: there is nothing to wait for."""
    return function(*args)
