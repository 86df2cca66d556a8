"""What one transaction adds to a draft and changes in it, gathered and written together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from models.database import bulk
from models.database.unit import Unit
from models.schema.base import bound
from models.station import lines
from models.station.lines import Change, NewLine
from models.station.state import State
from models.tasks.verdict import Scan


class Waiting(NamedTuple):
    """A problem that has no serial of an item: unreadable, nobody's product, before its item."""

    number: int
    position: int
    item_id: int | None
    reason: str
    message: str


class Entries:
    """The lines of one transaction. `write` before anything is read from the draft's lines."""

    def __init__(self, unit: Unit, state: State, start: Callable[[], int]) -> None:
        """Begin.

        Args:
            start: makes the draft, at the first line, and gives its id.
        """
        self._unit, self._state, self._start = unit, state, start
        self._new: list[NewLine] = []
        self._changes: dict[int, Change] = {}
        self._scans: list[str] = []
        self._waiting: dict[tuple[str, str], Waiting] | None = None

    def draft_id(self) -> int:
        """The draft, made now where there is none."""
        if self._state.draft_id is None:
            self._state.draft_id = self._start()
        return self._state.draft_id

    def expect(self, scans: Iterable[str]) -> None:
        """Say which scans come, so that `waits` can look for all of them at once."""
        self._scans = [lines.storable(scan) for scan in scans]
        self._waiting = None

    def add(self, kind: str, state: str, scan: Scan, **columns: Any) -> int:
        """Note a line; its number."""
        now = self._state
        now.last_number += 1
        if kind == "serial":
            now.last_position += 1
        position = now.last_position if kind == "serial" else None
        values = {"item_id": None, "location_id": now.place.id if now.place else None, **columns}
        line = NewLine(now.last_number, position, kind, state, scan.how, scan.text, **values)
        self._new.append(line)
        if state == "problem" and line.key is None and self._waiting is not None:
            said = Waiting(line.number, position or 0, line.item_id, line.reason, line.message)
            self._waiting[lines.storable(scan.text), line.serial_number] = said
        return line.number

    def change(self, change: Change) -> None:
        """Note what becomes of a line that is there."""
        self._changes[change.number] = change

    def write(self) -> None:
        """Write what was noted."""
        if self._new:
            lines.write_lines(self._unit, self.draft_id(), self._new)
            self._new.clear()
        if self._changes:
            lines.change_lines(self.draft_id(), list(self._changes.values()))
            self._changes.clear()

    def forget(self) -> None:
        """Write, and look again for what waits: lines were changed elsewhere."""
        self.write()
        self._waiting = None

    # ----- problems without a serial of an item

    def waits(self, scan: str, serial: str) -> Waiting | None:
        """The problem that the same scan has made already, with this serial in it."""
        return self._those_waiting().get((lines.storable(scan), serial))

    def settle(self, scan: str, last: int | None = None) -> None:
        """Take out what waited because of a scan that is understood now.

        Args:
            last: the newest line to be taken out; None is any.
        """
        text = lines.storable(scan)
        waiting = self._those_waiting()
        for key in [key for key, one in waiting.items() if key[0] == text and (last is None or one.number <= last)]:
            one = waiting.pop(key)
            self.change(Change(one.number, "out", one.item_id, key[1], None, None, "settled", one.message))
            self._state.problems -= 1

    def _those_waiting(self) -> dict[tuple[str, str], Waiting]:
        state = self._state
        if not state.problems:
            return {}
        if self._waiting is None:
            self.write()
            self._waiting = {}
            one = bound.param
            for part in bulk.blocks(sorted(set(self._scans)), 1_000):
                rows = bound.execute_sql(
                    "SELECT scan, serial_number, number, position, item_id, reason, message FROM draft_lines "
                    f"WHERE draft_id = {one} AND state = 'problem' AND serial_key IS NULL "
                    f"AND scan IN ({bulk.placeholders(len(part))}) ORDER BY number DESC",
                    [state.draft_id, *part],
                )
                self._waiting.update(((row[0], row[1]), Waiting(*row[2:])) for row in rows.fetchall())
        return self._waiting
