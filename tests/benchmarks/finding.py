"""Find among ten million serials of ten items, a million of one of them, on both engines.

The serials are written by a few statements of SQL, as an import of ten million would take too long: serials, their
counts, customers and documents are real; there are no events, and of the indexes of serials only those that Find uses.
Seven tenths are numbered one after the other, as labels are, the others are random letters or digits. The index of
n-grams is written as the program writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from time import perf_counter
from typing import Any, NamedTuple

from models.customers import add_customer
from models.find import Search, find
from models.items.items import create_item
from models.ledger import status_ids
from models.ngrams import Indexing
from models.people import sign_in
from models.permissions import Actor
from models.schema import bound, is_sqlite
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, seconds, table

_AT_ONCE = Goal(5e-3, unit="s")
_PART = Goal(0.1, unit="s")
_UNNOTICED = Goal(0.3, unit="s")
_CUSTOMERS = 2_000
_CUT = 500_000
"""Rows that one statement writes: SQLite keeps nothing of a statement in memory, PostgreSQL has a limit of time."""

_DIGITS = "0123456789", "QRSTUVWXYZ"
"""The letters that stand for digits in a random serial of letters."""


class _Serials(NamedTuple):
    """Serials of one item, by their number n from 0."""

    sku: str
    key: str
    """SQL of the key, with {n}."""
    sort: str
    """SQL of the sort key, with {key}."""
    share: int
    """How many tenths of all serials."""


def _numbered(prefix: str) -> _Serials:
    number = "printf('%07d', {n})" if is_sqlite() else "lpad(({n})::text, 7, '0')"
    return _Serials(prefix, f"'{prefix}' || {number}", f"'{prefix}07' || substr({{key}}, {len(prefix) + 1})", 1)


def _kinds() -> list[_Serials]:
    # Both numbers are odd and no multiple of 5, so that each product is another serial.
    mixed, large = "(({n}) * 618033988749) % 1099511627776", "1 + (({n}) * 387420489) % 899999999"
    if is_sqlite():
        letters = f"printf('%010X', {mixed})"
        for digit, letter in zip(*_DIGITS, strict=True):
            letters = f"replace({letters}, '{digit}', '{letter}')"
        digits = f"printf('%09d', {large})"
    else:
        letters = f"translate(upper(lpad(to_hex({mixed}), 10, '0')), '{_DIGITS[0]}', '{_DIGITS[1]}')"
        digits = f"lpad(({large})::text, 9, '0')"
    numbered = [_numbered(prefix) for prefix in ("SN", "BAT-", "C", "DRV", "E-", "M", "PS")]
    return [
        *numbered,
        _Serials("LETTERS", letters, "{key}", 2),
        _Serials("DIGITS", digits, "'09' || {key}", 1),
    ]


def fill(actor: Actor, count: int) -> None:
    """Write serials, customers and documents into an empty database.

    Args:
        count: of serials.
    """
    for number in range(_CUSTOMERS):
        add_customer(actor, f"Customer {number:04}")
    kinds = _kinds()
    items = [create_item(actor, kind.sku, kind.sku.title(), track_serials=True) for kind in kinds]
    with _without_indexes():
        for kind, item in zip(kinds, items, strict=True):
            _write_serials(kind, item.id, item.primary_location_id, kind.share * count // 10)
    _execute(
        "INSERT INTO serial_counts (item_id, location_id, status_id, serials) "
        "SELECT item_id, location_id, status_id, count(*) FROM serials GROUP BY item_id, location_id, status_id"
    )
    _write_documents(actor, count // 100)
    _execute("ANALYZE" if is_sqlite() else "VACUUM ANALYZE serials, documents, customers")


def _write_serials(kind: _Serials, item_id: int, location_id: int, count: int) -> None:
    stock, sold = (status_ids()[code] for code in ("in_stock", "sold"))
    customer = "(SELECT min(id) FROM customers)"
    for start in range(0, count, _CUT):
        end = min(count, start + _CUT)
        key = kind.key.format(n="n")
        day = "'2026-01-02'" if is_sqlite() else "date '2026-01-02'"
        _execute(
            "INSERT INTO serials (item_id, serial_number, serial_key, sort_key, status_id, location_id, customer_id, "
            f"condition_notes, date_received, version) SELECT {item_id}, k, k, {kind.sort.format(key='k')}, "
            f"CASE WHEN n % 10 = 0 THEN {sold} ELSE {stock} END, {location_id}, "
            f"CASE WHEN n % 10 = 0 THEN {customer} + n % {_CUSTOMERS} END, '', {day}, 1 "
            f"FROM (SELECT n, {key} AS k FROM ({_numbers(start, end)}) a) b "
            "ORDER BY k"  # as imports do
        )


def _execute(sql: str) -> Any:
    """Run a statement by the driver, without the limits of time that the program sets."""
    return bound.connection().execute(sql)


def _numbers(start: int, end: int) -> str:
    if not is_sqlite():
        return f"SELECT n FROM generate_series({start}::bigint, {end - 1}) n"
    return (
        f"WITH RECURSIVE a(n) AS (VALUES ({start}) UNION ALL SELECT n + 1 FROM a WHERE n < {end - 1}) SELECT n FROM a"
    )


def _write_documents(actor: Actor, count: int) -> None:
    number = "printf('I-%06d', n + 1)" if is_sqlite() else "'I-' || lpad((n + 1)::text, 6, '0')"
    at = "'2026-01-02 08:00:00.000000+00:00'"
    _execute(
        "INSERT INTO documents (kind, number, at, user_id, serials, note, reference, repairer) "
        f"SELECT 'import', {number}, {at}{'' if is_sqlite() else '::timestamptz'}, {actor.user_id}, 100, '', '', '' "
        f"FROM ({_numbers(0, count)}) a"
    )


class _without_indexes:  # noqa: N801 - reads as a verb in `with`
    """Write the indexes that Find uses when all serials are there, and no others, which takes a tenth of the time."""

    _USED = ("serials_key", "serials_end")

    _SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'serials' AND sql IS NOT NULL"
    _SERVER = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'serials' AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = 'serials'::regclass)"
    )

    def __enter__(self) -> None:
        found = _execute(self._SQLITE if is_sqlite() else self._SERVER).fetchall()
        self._made: list[str] = [sql for name, sql in found if name in self._USED]
        for name, _ in found:
            _execute(f"DROP INDEX {name}")
        if is_sqlite():
            _execute("PRAGMA cache_size = -200000")
        else:
            _execute("SET maintenance_work_mem = '256MB'")

    def __exit__(self, *_: object) -> None:
        for sql in self._made:
            _execute(sql)
        if is_sqlite():
            _execute("PRAGMA cache_size = -500")  # as the program has it
            _execute("PRAGMA shrink_memory")


def _measure(name: str, url: str, count: int) -> Iterator[Figure]:
    size = f"{count:,} serials"
    with migrated(url):
        me = sign_in()
        fill(me, count)
        begun, steps = perf_counter(), [0.0]
        indexing = Indexing(me)
        while indexing.step():
            steps.append(perf_counter() - begun)
        assert not indexing.left
        yield Figure("index of n-grams: how long it takes", size, name, Measure(steps[-1], "s"))
        longest = max(after - before for before, after in pairwise(steps))
        yield Figure("index of n-grams: longest step", size, name, Measure(longest, "s"), None, _UNNOTICED)
        yield from _searches(name, size, me)


def _searches(name: str, size: str, me: Actor) -> Iterator[Figure]:
    def first(text: str) -> Callable[[], object]:
        return lambda: Search(me, text).step()

    for work, text in (
        ("exact", "M0012345"),
        ("beginning", "M00123"),
        ("last characters", "012345"),
        ("a document", "I-000001"),
        ("a customer", "Customer 0120"),
        ("nothing", "Q-Q"),
    ):
        assert work == "nothing" or first(text)(), text
        yield Figure(f"find anywhere: {work}", size, name, Measure(seconds(first(text)), "s"), None, _AT_ONCE)
    for work, text in _PARTS:
        taken = seconds(lambda t=text: find(me, t))  # type: ignore[misc]
        yield Figure(f"find anywhere: any part, {work}", size, name, Measure(taken, "s"), None, _PART)


_PARTS = (
    ("one character", "4"),
    ("two characters", "MA"),
    ("three characters", "VXQ"),
    ("four characters, many", "0123"),
    ("four characters, none", "9-E4"),
    ("six letters, none", "AQBRCS"),
    ("eight digits, none", "90909090"),
    ("eight times one digit", "11111111"),
    ("none", "Q-Q"),
)


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: fewer serials.
    """
    count = 200_000 if quick else 10_000_000
    with both() as engines:
        return [figure for name, url in engines for figure in _measure(name, url, count)]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))
