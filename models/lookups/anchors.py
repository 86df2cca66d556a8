"""The shortest way to a page of an ordered list: from a row that was seen before, or from either end.

A database finds the row with a given sort key at once, but has to walk to the row with a given number. A
source that remembers the sort keys of the rows it has read walks only from the nearest of them: not at all
when somebody pages through a list, half the list at most for the first jump into its middle.
"""

from __future__ import annotations

from typing import Final, Generic, NamedTuple, TypeVar

K = TypeVar("K")

KEEP_ANCHORS: Final = 128
"""Rows remembered; the oldest goes first."""


class Start(NamedTuple, Generic[K]):
    """How to read some rows.

    Forwards: rows with a sort key from `position` on (from the first row when None), skip some, take `limit`.
    Backwards: rows with a sort key below `position` (from the last row when None) in reverse order, skip
    some, take `limit`, turn them round.
    """

    position: K | None
    """Sort key to begin at."""
    backwards: bool
    skip: int
    """Rows to walk over before those that are wanted, the OFFSET."""
    limit: int
    """Rows to read."""


class Anchors(Generic[K]):
    """Sort keys of rows that were seen, by their number in the list."""

    def __init__(self) -> None:
        self._positions: dict[int, K] = {}

    def forget(self) -> None:
        """Forget all rows: the list has changed, or is counted anew."""
        self._positions.clear()

    def note(self, row: int, position: K) -> None:
        """Remember the sort key of a row; worth while for the ends of a page and for a record that was looked for."""
        self._positions.pop(row, None)
        self._positions[row] = position
        if len(self._positions) > KEEP_ANCHORS:
            del self._positions[next(iter(self._positions))]

    def start(self, offset: int, limit: int, total: int) -> Start[K]:
        """Find the way to a page that walks over the fewest rows.

        Args:
            offset: Number of its first row.
            limit: Rows wanted; those behind the end of the list are left out.
            total: Length of the list.
        """
        limit = max(0, min(limit, total - offset))
        end = offset + limit
        ways = [Start[K](None, backwards=False, skip=offset, limit=limit)]
        ways.append(Start(None, backwards=True, skip=total - end, limit=limit))
        for row, position in self._positions.items():
            if row <= offset:
                ways.append(Start(position, backwards=False, skip=offset - row, limit=limit))
            elif row >= end:
                ways.append(Start(position, backwards=True, skip=row - end, limit=limit))
        return min(ways, key=lambda way: way.skip)

    def ways(self, offset: int, limit: int, total: int) -> list[Start[K]]:
        """Find the way to a page, in two parts if a row in its middle was seen: that of a record looked for.

        Args:
            offset: As for `start`.
            limit: As for `start`.
            total: As for `start`.

        Returns:
            What to read, in the order of the list; nothing behind its end.
        """
        whole = self.start(offset, limit, total)
        if not whole.limit:
            return []
        end = offset + whole.limit
        inside = next((row for row in self._positions if offset < row < end), None)
        if inside is None or not whole.skip:
            return [whole]
        position = self._positions[inside]
        before = Start(position, backwards=True, skip=0, limit=inside - offset)
        return [before, Start(position, backwards=False, skip=0, limit=end - inside)]
