"""Rows that other people have changed or added: which they are, and for how long they are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from models.paging import R, Window

T = TypeVar("T")

CHANGED_SIGN: Final = "~"
"""Sign of a row that somebody else has just changed or added, visible without colour."""

CHANGED_SECONDS: Final = 3.0
"""How long what somebody else has changed is marked."""


class ChangedRows(Generic[T]):
    """The marked rows by key, each with the record that was shown before; None for a new row."""

    def __init__(self) -> None:
        self._before: dict[str, T | None] = {}
        self._batches: dict[str, int] = {}
        self._newest = 0

    def __contains__(self, key: str) -> bool:
        return key in self._before

    def before(self, key: str) -> T | None:
        """The record that a changed row showed before; None for a new row, and for one that is not marked."""
        return self._before.get(key)

    def add(self, changed: Mapping[str, T | None]) -> int:
        """Mark rows; one that is marked already stays so as long as the new ones.

        Returns:
            The number of this batch, for `end`.
        """
        self._newest += 1
        self._before |= changed
        self._batches |= dict.fromkeys(changed, self._newest)
        return self._newest

    def end(self, batch: int) -> None:
        """Take the marks of a batch away, but for rows that were changed again since."""
        for key in [key for key, marked in self._batches.items() if marked == batch]:
            del self._before[key], self._batches[key]


def changed_rows(start: int, shown: Sequence[R], total: int, window: Window[R]) -> dict[str, R | None]:
    """The rows of a list that differ from what was shown before.

    A row that was not known before is new only if it stands where all rows were known; at the edge of what was known it
    may have been there already.

    Args:
        start: number of the first known row.
        shown: the known rows before, without a gap.
        total: length of the list before.
        window: the list as it is now.

    Returns:
        By key the record before; None for a new row.
    """
    before = {record.key: record for record in shown}
    known = [place for place, record in enumerate(window.records) if record.key in before]
    first = -1 if start == 0 else min(known, default=len(window.records))
    last = len(window.records) if start + len(shown) >= total else max(known, default=-1)
    found: dict[str, R | None] = {}
    for place, record in enumerate(window.records):
        if record.key not in before:
            if first < place < last:
                found[record.key] = None
        elif record != before[record.key]:
            found[record.key] = before[record.key]
    return found
