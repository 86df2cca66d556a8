"""Sources of rows to page through: generated, with any length, or from a SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.errors import Unreachable
from models.paging import Anchors, Record

STATUSES = ("In Stock", "Sold", "In Transit", "Defective")


class MadeUpRows:
    """Generated records `SN…0`, `SN…1` and so on, or every `step`-th of them; it records the offsets asked for."""

    def __init__(self, total: int, *, step: int = 1) -> None:
        self.total = total
        self.step = step
        self.answers = threading.Event()
        """Clear it to make every call wait, like a slow database."""
        self.answers.set()
        self.fetched: list[int] = []
        """Offsets asked for."""
        self.trouble: Exception | None = None
        """If set, every call raises it."""
        self.values: Callable[[int], tuple[str, ...]] = lambda number: (STATUSES[number % 4], f"BIN-{number % 89}")

    def count(self) -> int:
        self._wait()
        return self.total

    def fetch(self, offset: int, limit: int) -> Sequence[Record]:
        self.fetched.append(offset)
        self._wait()
        numbers = (row * self.step for row in range(offset, min(self.total, offset + limit)))
        return [Record(serial(number), (serial(number), *self.values(number))) for number in numbers]

    def index_of(self, key: str) -> int | None:
        self._wait()
        row, rest = divmod(int(key.removeprefix("SN")), self.step)
        return row if not rest and row < self.total else None

    def _wait(self) -> None:
        assert self.answers.wait(20), "the test has left the database waiting"
        if self.trouble is not None:
            raise self.trouble


class SqliteRows:
    """The serials of a file, all or those with one status, ordered by serial number.

    Their count is stored in a table of its own, as Serialdock's ledger does it.
    """

    def __init__(self, connection: Callable[[], sqlite3.Connection], status: str | None = None) -> None:
        self._connection = connection
        self._where = "1" if status is None else "status = ?"
        self._values = () if status is None else (status,)
        self._anchors = Anchors[str]()
        self._total = 0
        self.skipped: list[int] = []
        """Number of rows that each page had to skip."""

    def count(self) -> int:
        self._anchors.forget()
        self._total = self._read(f"SELECT coalesce(sum(serials), 0) FROM tally WHERE {self._where}")[0][0]
        return self._total

    def fetch(self, offset: int, limit: int) -> Sequence[Record]:
        rows: list[tuple[Any, ...]] = []
        for way in self._anchors.ways(offset, limit, self._total):
            self.skipped.append(way.skip)
            sign, order = ("<", "DESC") if way.backwards else (">=", "ASC")
            here = () if way.position is None else (way.position,)
            found = self._serials(
                "serial, status, place",
                f"{f'AND serial {sign} ?' if here else ''} ORDER BY serial {order} LIMIT ? OFFSET ?",
                *here,
                way.limit,
                way.skip,
            )
            rows += reversed(found) if way.backwards else found
        if rows:
            self._anchors.note(offset, rows[0][0])
            self._anchors.note(offset + len(rows) - 1, rows[-1][0])
        return [Record(row[0], row) for row in rows]

    def index_of(self, key: str) -> int | None:
        if not self._serials("1", "AND serial = ?", key):
            return None
        row = int(self._serials("count(*)", "AND serial < ?", key)[0][0])
        self._anchors.note(row, key)
        return row

    def _serials(self, columns: str, rest: str, *values: object) -> list[tuple[Any, ...]]:
        return self._read(f"SELECT {columns} FROM serial WHERE {self._where} {rest}", *values)

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection().execute(statement, (*self._values, *values)).fetchall()
        except sqlite3.OperationalError as error:
            raise Unreachable(f"The file cannot be read: {error}.") from error


def serial(number: int) -> str:
    """The serial number of the record with this number."""
    return f"SN{number:09d}"


def make_serials(file: Path, total: int) -> None:
    """Write a file with that many serials for `SqliteRows`."""
    made = MadeUpRows(total)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE serial (serial TEXT PRIMARY KEY, status TEXT, place TEXT) WITHOUT ROWID")
        connection.execute("CREATE INDEX serial_status ON serial (status, serial)")
        rows = ((serial(number), *made.values(number)) for number in range(total))
        connection.executemany("INSERT INTO serial VALUES (?, ?, ?)", rows)
        connection.execute("CREATE TABLE tally AS SELECT status, count(*) AS serials FROM serial GROUP BY status")
    connection.close()
