"""The index by which serials are found by any part of their text, without reading all of them.

Serials are taken in segments of `SEGMENT` ids, and a segment in blocks of `BLOCK`. For each segment and each n-gram of
the keys in it (one, two, three or six bytes of UTF-8; those of three share `_BUCKETS` buckets, those of six `_SIXES`)
there is a row with one bit a block: whether a key of the block has it. The blocks that have all n-grams of a text are
few; only they are read. N-grams of six are for texts such as 00000000 or 909090, which have only one or two of three.

A segment is written once, in a transaction of its own, when all its ids are in use, and never changed:

- What is not written yet is read instead. Nothing has to wait for the index, and none of it has to be there.
- A serial whose text is corrected later is in it with its earlier text. Its present one is looked for by
  `serial_aliases`, which has a row for each serial that ever had another key.
- On PostgreSQL a transaction may commit an id that is lower than one that can be seen already. A segment is completed
  only while no other unit runs (each holds a lock on `work_units` from its first statement on). An import takes its ids
  long before its unit, and so says itself which segments it writes to (`reopen`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from models.database import bulk
from models.database.connection import LOCK_SECONDS, tidying
from models.database.unit import Unit, write
from models.errors import Busy
from models.permissions import Actor
from models.schema import bound, is_sqlite

SEGMENT: Final = 65_536
"""Ids of a segment: segment 0 has the ids 1 to 65,536."""

BLOCK: Final = 32
"""Ids of a block."""

_BUCKETS: Final = 4_093
"""Buckets of all n-grams of three bytes; a prime number, so that all bytes of an n-gram count."""

_SIXES: Final = 509
"""Buckets of all n-grams of six bytes: few, as each costs a row a segment, and they only add to those of three."""

_OF_TWO, _OF_THREE, _OF_SIX, _OF_SEGMENT = 1 << 8, 1 << 17, 3 << 16, 1 << 18
"""First bucket of the n-grams of two, three and six bytes; the number of buckets of a segment, most without a row."""

_HAS_SIXES: Final = _OF_SEGMENT - 1
"""Bucket that a segment has if it has the n-grams of six bytes: those that were written first have none of them."""

_MOST_NGRAMS: Final = 8
"""N-grams of a text that are looked up; more would hardly leave out more blocks."""

_MOST_SIXES: Final = 3
"""N-grams of six bytes among these."""

_AT_ONCE: Final = 40
"""Segments that one statement looks up, the first; each other one looks up four times as many."""

_MOST_RANGES: Final = 300
"""Ranges of ids in one statement of SQLite; PostgreSQL gets them as two arrays, as many as there are."""

_SLICE: Final = 8_192
"""Ids that one step reads for a new segment: some tens of milliseconds."""

_TRIES: Final = 20
"""Attempts to complete a segment while others write."""

_PATIENCE: Final = 100
"""Milliseconds that one attempt waits for others."""

Bitmaps = dict[int, bytearray]
"""By bucket: a bit for each block of a segment, the lowest bit of the first byte for the first block."""

_SEPARATOR: Final = 10
"""Separator of keys; it is in none of them, as keys have no white space."""


# ----- what it finds


def ranges_with(part: str) -> Iterator[tuple[int, int]]:
    """Ranges of ids (first, last), in order, that together have all serials with a part in their key.

    Only those that were corrected may be elsewhere, see above. It reads a part of the index whenever it needs one.

    Args:
        part: of a folded key, not empty.
    """
    wanted, sixes = _buckets_of(part)
    bounds, indexed = bound.rows_of([(_BOUNDS, ()), (_complete(), ())])
    start, last = _first_and_last(bounds)
    done = start - 1  # the last id that was yielded or left out
    for segments in _growing([row[0] for row in indexed]):
        found = _bitmaps(segments, [*wanted, *sixes, *([_HAS_SIXES] if sixes else [])])
        for segment in segments:
            first = segment * SEGMENT
            if first > done:
                yield done + 1, first
            there = found.get(segment, {})
            for block, end in _runs(_common(there, [*wanted, *sixes] if _HAS_SIXES in there else wanted)):
                yield first + block * BLOCK + 1, first + end * BLOCK
            done = first + SEGMENT
    if last > done:
        yield done + 1, last


def _growing(segments: Sequence[int]) -> Iterator[Sequence[int]]:
    """Segments for one statement each: a few first, as a text that many serials have needs no more."""
    at, size = 0, _AT_ONCE
    while at < len(segments):
        yield segments[at : at + size]
        at, size = at + size, 4 * _AT_ONCE


def in_steps(ranges: Iterable[tuple[int, int]], first: int, others: int) -> Iterator[list[tuple[int, int]]]:
    """Ranges of ids in lists for one statement each; long ones are cut.

    Args:
        ranges: from `ranges_with`.
        first: ids of the first list.
        others: of each other one.
    """
    step, room = list[tuple[int, int]](), first
    for start, last in ranges:
        begin = start
        while begin <= last:
            end = min(last, begin + room - 1)
            step.append((begin, end))
            room -= end - begin + 1
            begin = end + 1
            if not room or (len(step) == _MOST_RANGES and is_sqlite()):
                yield step
                step, room = [], others
    if step:
        yield step


WITHIN: Final = "s.id BETWEEN r.column1 AND r.column2"
"""The condition that a serial `s` is in a range of `listed`."""


def listed(ranges: Sequence[tuple[int, int]]) -> tuple[str, list[Any]]:
    """Ranges of ids as a table `r`: the SQL and its values.

    PostgreSQL gets them as arrays: hundreds of placeholders take the driver longer than the server reads the serials.
    """
    one = bound.param
    if is_sqlite():
        return f"(VALUES {', '.join([f'({one}, {one})'] * len(ranges))}) r", [each for both in ranges for each in both]
    arrays = [f"{{{','.join(map(str, ids))}}}" for ids in zip(*ranges, strict=True)]
    return f"unnest({one}::bigint[], {one}::bigint[]) r(column1, column2)", arrays


def for_each(rows: str, those: str) -> str:
    """SQL for the serials `s` of each of a few rows; no engine may read all serials, whatever its statistics say.

    Args:
        rows: a table in SQL.
        those: the condition.

    Returns:
        What stands behind FROM; `s` has `id` and `serial_key`.
    """
    if is_sqlite():
        return f"{rows} CROSS JOIN serials s WHERE {those}"
    return f"{rows} CROSS JOIN LATERAL (SELECT s.id, s.serial_key FROM serials s WHERE {those} OFFSET 0) s"


def _buckets_of(part: str) -> tuple[list[int], list[int]]:
    """Buckets that a key has all of if the part is in it; those of n-grams of six bytes are apart."""
    data = part.encode("utf-8", "surrogatepass")
    if len(data) == 1:
        return [data[0]], []
    second = data[1:]
    three = [_of_three(a, b, c) for a, b, c in zip(data, second, data[2:], strict=False)]
    sixes = _spread([_of_six(data[at : at + 6]) for at in range(len(data) - 5)], _MOST_SIXES)
    most = _MOST_NGRAMS - len(sixes)
    chosen = _spread(three, most)
    # Buckets of two bytes are of one n-gram alone: they tell that there is none, where others share one of three.
    chosen += [_OF_TWO + (a << 8 | b) for a, b in zip(data, second, strict=False)][: most - len(chosen)]
    return list(dict.fromkeys(chosen)), sixes


def _spread(buckets: Sequence[int], most: int) -> list[int]:
    """At most so many of some buckets, from all parts of a text, each once."""
    different = list(dict.fromkeys(buckets))
    step = max(1.0, len(different) / most)
    return [different[int(at * step)] for at in range(min(len(different), most))]


def _of_three(a: int, b: int, c: int) -> int:
    return _OF_THREE + (a << 16 | b << 8 | c) % _BUCKETS


def _of_six(data: bytes) -> int:
    return _OF_SIX + int.from_bytes(data) % _SIXES


def complete() -> list[int]:
    """The segments that are in the index, in order."""
    return [row[0] for row in bound.execute_sql(_complete()).fetchall()]


def _complete() -> str:
    """The query of `complete`."""
    is_complete = "complete = 1" if is_sqlite() else "complete"
    return f"SELECT segment FROM serial_segments WHERE {is_complete} ORDER BY segment"


_BOUNDS: Final = "SELECT (SELECT min(id) FROM serials), (SELECT max(id) FROM serials)"
"""Reads the row of `_first_and_last`. SQLite would read all rows for min and max in one SELECT."""


def _first_and_last(rows: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    """The first and the last id of all serials; 1 and 0 if there are none."""
    ((first, last),) = rows
    return (1, 0) if first is None else (int(first), int(last))


def _bitmaps(segments: Sequence[int], buckets: Sequence[int]) -> dict[int, dict[int, int]]:
    """The bitmaps of these buckets that there are, as numbers, by segment and bucket."""
    ids = [segment * _OF_SEGMENT + bucket for segment in segments for bucket in buckets]
    those, values = bulk.one_of("id", ids)
    found: dict[int, dict[int, int]] = {}
    for row_id, blocks in bound.execute_sql(f"SELECT id, blocks FROM serial_ngrams WHERE {those}", values).fetchall():
        segment, bucket = divmod(row_id, _OF_SEGMENT)
        found.setdefault(segment, {})[bucket] = int.from_bytes(blocks, "little")
    return found


def _common(bitmaps: Mapping[int, int], wanted: Sequence[int]) -> int:
    """The blocks that all wanted bitmaps have; none if one of the bitmaps is not there."""
    common = -1  # all bits set
    for bucket in wanted:
        common &= bitmaps.get(bucket, 0)
    return common


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    """The runs of set bits: the first one, and the first one after it that is not set."""
    for run in re.finditer("1+", f"{bits:b}"[::-1]):
        yield run.span()


# ----- how it is written


def missing() -> list[int]:
    """The segments that could be in the index and are not."""
    bounds, indexed = bound.rows_of([(_BOUNDS, ()), (_complete(), ())])
    first, last = _first_and_last(bounds)
    # The segment of the last id is not full, unless that is its last one: ids in it are still to come.
    return sorted(set(range((first - 1) // SEGMENT, last // SEGMENT)) - {row[0] for row in indexed})


class Indexing:
    """Writes the segments that are missing, in steps of some tens of milliseconds: a slice of a segment, or its write.

    It ends early where others write all the time. A kill leaves the index as it was, or with one segment more.

    Args:
        actor: in whose name it is written; no permission is needed, as nothing changes that anybody can see.
        most: segments that are written, else all.
    """

    def __init__(self, actor: Actor, *, most: int | None = None) -> None:
        self._actor = actor
        self._most = most
        self._steps = self._work()
        self.left = 0
        """Segments that are still missing, after the first step."""

    def step(self) -> bool:
        """Take the next step; call it in the database thread.

        Returns:
            Whether there is another step.

        Raises:
            DatabaseTrouble: the database does not let it be written.
        """
        return next(self._steps, False)

    def _work(self) -> Iterator[bool]:
        segments = missing()
        self.left = len(segments)
        for segment in segments[: self._most]:
            bitmaps: Bitmaps = {}
            serials = 0
            for first in range(0, SEGMENT, _SLICE):
                serials += _read(bitmaps, segment, first)
                yield True
            bitmaps[_HAS_SIXES] = bytearray(b"\xff" * (SEGMENT // BLOCK // 8))
            tries = _TRIES
            while not _store(self._actor, segment, bitmaps, serials):
                tries -= 1
                if not tries:
                    return
                yield True
            self.left -= 1
            yield True


def reopen(first: int, last: int) -> None:
    """Take the segments of new serials out of the index, at the end of the unit that writes them.

    On PostgreSQL only: SQLite gives no lower id than one that is there.

    Args:
        first: lowest id of the new serials.
        last: the highest.
    """
    if is_sqlite():
        return
    # Not DELETE: under REPEATABLE READ it would not see a segment that was completed since the unit began. This one
    # waits for it, or ends the unit, which is then run again.
    bound.execute_sql(
        "INSERT INTO serial_segments (segment, complete) "
        "SELECT n, false FROM generate_series(%s::bigint, %s::bigint) n ORDER BY n "
        "ON CONFLICT (segment) DO UPDATE SET complete = false WHERE serial_segments.complete",
        ((first - 1) // SEGMENT, (last - 1) // SEGMENT),
    )


def bitmaps_of(segment: int, there: Bitmaps, *, only: str = "1 = 1") -> Bitmaps:
    """The bitmaps that the serials of a segment should have, for the check.

    Args:
        there: those that are stored, which say whether there should be n-grams of six bytes.
        only: a condition in SQL on `serials s`.
    """
    bitmaps: Bitmaps = {}
    for first in range(0, SEGMENT, _SLICE):
        _read(bitmaps, segment, first, only)
    return {bucket: bits for bucket, bits in bitmaps.items() if bucket < _OF_SIX or _HAS_SIXES in there}


def stored(segment: int) -> Bitmaps:
    """The bitmaps of a segment as stored."""
    first, one = segment * _OF_SEGMENT, bound.param
    rows = bound.execute_sql(
        f"SELECT id, blocks FROM serial_ngrams WHERE id BETWEEN {one} AND {one}", (first, first + _OF_SEGMENT - 1)
    )
    return {row_id - first: bytearray(blocks) for row_id, blocks in rows.fetchall()}


def _read(bitmaps: Bitmaps, segment: int, start: int, only: str = "1 = 1") -> int:
    """Add the serials of a slice to the bitmaps of their segment; returns how many there are."""
    one = bound.param
    joined = "group_concat(s.serial_key, char(10))" if is_sqlite() else "string_agg(s.serial_key, chr(10))"
    first = segment * SEGMENT + start + 1
    rows = bound.execute_sql(
        f"SELECT (s.id - 1) / {BLOCK}, count(*), {joined} FROM serials s WHERE s.id BETWEEN {one} AND {one} AND {only} "
        "GROUP BY 1",
        (first, first + _SLICE - 1),
    ).fetchall()
    for block, _, keys in rows:
        place, bit = divmod(block - segment * (SEGMENT // BLOCK), 8)
        for bucket in _buckets_in(keys.encode("utf-8", "surrogatepass")):
            bitmap = bitmaps.get(bucket)
            if bitmap is None:
                bitmap = bitmaps[bucket] = bytearray(SEGMENT // BLOCK // 8)
            bitmap[place] |= 1 << bit
    return sum(row[1] for row in rows)


def _buckets_in(keys: bytes) -> set[int]:
    """The buckets of all n-grams of keys that are joined by `_SEPARATOR`."""
    # Sets of n-grams first, then their buckets: keys of a block have most n-grams in common.
    no, second = _SEPARATOR, keys[1:]
    buckets = set(keys)
    buckets.update([_OF_TWO + (a << 8 | b) for a, b in set(zip(keys, second, strict=False)) if a != no != b])
    buckets.update(
        [
            _OF_THREE + (a << 16 | b << 8 | c) % _BUCKETS
            for a, b, c in set(zip(keys, second, keys[2:], strict=False))
            if a != no != b and c != no
        ]
    )
    six = {key[at : at + 6] for key in keys.split(bytes([no])) for at in range(len(key) - 5)}
    buckets.update(map(_of_six, six))
    buckets.discard(no)
    return buckets


class _StillWritten(Exception):
    """Another unit may commit a serial of the segment, or has; rolls back the unit that stores it."""


def _store(actor: Actor, segment: int, bitmaps: Bitmaps, serials: int) -> bool:
    """Write a segment, unless somebody may still commit a serial of it.

    Args:
        serials: how many serials the bitmaps are made of.
    """
    first = segment * _OF_SEGMENT
    rows = [(first + bucket, bytes(bitmap)) for bucket, bitmap in sorted(bitmaps.items())]

    def work(_: Unit) -> None:
        one = bound.param
        if not is_sqlite():
            bound.execute_sql(f"SET LOCAL lock_timeout = {_PATIENCE}")
        # First: an import that commits serials of it waits here, and takes the segment out again.
        bound.execute_sql(
            f"INSERT INTO serial_segments (segment, complete) VALUES ({one}, {one}) "
            "ON CONFLICT (segment) DO UPDATE SET complete = excluded.complete",
            (segment, True),
        )
        if not is_sqlite():
            _require_quiet()
        _require_same(segment, serials)  # afterwards no other unit can add one to it
        bound.execute_sql(
            f"DELETE FROM serial_ngrams WHERE id BETWEEN {one} AND {one}", (first, first + _OF_SEGMENT - 1)
        )
        bulk.insert("serial_ngrams", ("id", "blocks"), rows)

    try:
        with _short_busy_timeout():
            write(actor, work)
    except (_StillWritten, Busy):
        return False
    return True


@contextmanager
def _short_busy_timeout() -> Iterator[None]:
    """Let SQLite wait only a moment for its write lock: the thread has more to do, and the index has time."""
    if not is_sqlite():
        yield
        return
    bound.execute_sql(f"PRAGMA busy_timeout = {_PATIENCE}")
    try:
        yield
    finally:
        with tidying(bound.obj):
            bound.execute_sql(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")


def _require_quiet() -> None:
    """Refuse while another unit runs, which may have taken an id that nobody sees yet."""
    # Every unit inserts into `work_units` first, so its lock on that table says that it runs.
    others: Any = bound.execute_sql(
        "SELECT 1 FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid() "
        "AND relation = 'work_units'::regclass AND database = (SELECT oid FROM pg_database "
        "WHERE datname = current_database()) LIMIT 1"
    ).fetchone()
    if others is not None:
        raise _StillWritten


def _require_same(segment: int, serials: int) -> None:
    """Refuse if serials were committed since the segment was read."""
    one, first = bound.param, segment * SEGMENT
    (there,) = bound.execute_sql(
        f"SELECT count(*) FROM serials WHERE id BETWEEN {one} AND {one}", (first + 1, first + SEGMENT)
    ).fetchone()
    if there != serials:
        raise _StillWritten
