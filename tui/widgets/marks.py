"""The rows somebody has marked, by their keys."""

from __future__ import annotations


class Marks:
    """Marked records, kept by key, so that they survive paging, filters and another order."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._anchor: int | None = None
        self._head = 0
        self._before: frozenset[str] = frozenset()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> frozenset[str]:
        """The marked keys."""
        return frozenset(self._keys)

    def toggle(self, key: str) -> None:
        """Mark a record, or take its mark away."""
        self._anchor = None
        self._keys ^= {key}

    def clear(self) -> None:
        """Take all marks away."""
        self._anchor = None
        self._keys.clear()

    def stretch(self, row: int, key: str, to_row: int, to_key: str) -> None:
        """Stretch a range by one row, or shrink it again when it goes back to where it began.

        A range begins where the last one did not end, and after any other change of marks. Marks that were
        there before it began stay when it shrinks.

        Args:
            row: The row the cursor leaves.
            key: Its record.
            to_row: The row the cursor comes to.
            to_key: Its record.
        """
        if self._anchor is None or self._head != row:
            self._anchor = row
            self._before = self.keys
            self._keys.add(key)
        if abs(to_row - self._anchor) < abs(row - self._anchor):
            if key not in self._before:
                self._keys.discard(key)
        else:
            self._keys.add(to_key)
        self._head = to_row

    def end_stretch(self) -> None:
        """Let the next `stretch` begin a range: rows have new numbers."""
        self._anchor = None
