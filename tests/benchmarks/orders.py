"""The long lists beside the grid, in each of their orders, on both engines: first page, next page, a jump.

A million serials with their events, 200,000 documents, 100,000 customers, 5,000 items at 400 locations. All is written
by a few statements of SQL. The baseline of each step is the same step of the same list in its usual order, in the same
run; of the orders of a list, the table has the one that took longest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Final, NamedTuple, Protocol

from models.customers import CustomerSerials, CustomerSource
from models.documents import DocumentSource, EveryDocument, NamedSerials
from models.items.list import ItemSource
from models.items.stock import StockChanges
from models.ledger import status_ids
from models.locations import PlaceSource, StockSource
from models.orders import NamedOrder, Sorting
from models.paging import PAGE_SIZE
from models.people import sign_in
from models.permissions import Actor
from models.schema import bound, is_sqlite, read_moment
from models.station.lines import LineSource
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table

KEYSTROKE: Final = Goal(0.05, unit="s")
"""What a person takes for at once."""

_ROUNDS = 5
_GROUP = 20
"""Serials of a receipt. Twelve of them are sold again, by three documents."""
_LONG = 10_000
"""Serials of the one import, and lines of the one draft."""
_PLACES = 400
_PEOPLE = 12
_ITEMS = 5_000
_BIG = 1
"""Id of the customer who buys at every 50th sale, and of the item that is in every tenth receipt, alone."""


class _List(Protocol):
    """A list with orders, as screens use it."""

    @property
    def orders(self) -> Sequence[NamedOrder]:
        """All its orders, the usual one first."""

    def sorted_by(self, sorting: Sorting) -> Any:
        """The same list in another order."""


class _Size(NamedTuple):
    """How much there is."""

    serials: int
    customers: int

    @property
    def groups(self) -> int:
        """Receipts, each with `_GROUP` serials; there are three times as many sales."""
        return self.serials // _GROUP

    @property
    def documents(self) -> int:
        """All documents, the import too."""
        return 4 * self.groups + 1


def _execute(sql: str) -> None:
    """Run a statement by the driver, without the limits of time that the program sets."""
    bound.connection().execute(sql)


def _numbers(end: int) -> str:
    """A query of the numbers from 0."""
    if is_sqlite():
        return (
            f"(WITH RECURSIVE a(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM a WHERE n < {end - 1}) SELECT n FROM a)"
        )
    return f"(SELECT n FROM generate_series(0::bigint, {end - 1}) n)"


def _padded(number: str, digits: int) -> str:
    return f"printf('%0{digits}d', {number})" if is_sqlite() else f"lpad(({number})::text, {digits}, '0')"


def _day(number: str) -> str:
    """A day that rises with a number of days."""
    return f"date('2023-01-02', ({number}) || ' days')" if is_sqlite() else f"(date '2023-01-02' + ({number})::int)"


def _moment(number: str) -> str:
    """A moment that rises with a number of minutes."""
    if is_sqlite():
        return f"strftime('%Y-%m-%d %H:%M:%S.000000+00:00', '2023-01-02 06:00', ({number}) || ' minutes')"
    return f"(timestamptz '2023-01-02 06:00+00' + ({number}) * interval '1 minute')"


def fill(actor: Actor, size: _Size) -> None:
    """Write everything into an empty database."""
    _people_and_places()
    _customers(size.customers)
    _documents(actor, size)
    with _without_indexes("serials", "serial_events"):
        _serials(size)
        _events(actor, size)
    _counts()
    _changes(actor, size)
    _lines(actor, size)
    if not is_sqlite():  # which the server does by itself
        _execute("VACUUM ANALYZE")


def _people_and_places() -> None:
    created = _moment("n")
    _execute(
        f"INSERT INTO users (login, active, created_at) SELECT 'person' || n, {_true()}, {created} "
        f"FROM {_numbers(_PEOPLE)} a"
    )
    hall = f"CASE WHEN n < 10 THEN 'HALL-' || n ELSE 'BAY-' || {_padded('n', 3)} END"
    _execute(
        f"INSERT INTO locations (code, name, closed) SELECT {hall}, 'Location ' || n, {_false()} "
        f"FROM {_numbers(_PLACES)} a"
    )
    _execute(
        "UPDATE locations SET parent_id = (SELECT h.id FROM locations h WHERE h.code = 'HALL-' || (locations.id % 10)) "
        "WHERE code LIKE 'BAY-%'"
    )
    name = f"'ARTICLE ' || {_padded('n * 7919 % 10000', 5)}"
    sku = f"'SKU-' || {_padded('n', 5)}"
    _execute(
        "INSERT INTO items (sku, sku_key, name, name_key, primary_location_id, track_serials, version, changed_at, "
        f"changed_by_id) SELECT {sku}, {sku}, {name}, {name}, 12 + n % 300, n % 10 < 9, 1, {created}, 1 "
        f"FROM {_numbers(_ITEMS)} a"
    )


def _customers(count: int) -> None:
    number = _padded("n * 7919 % 1000000", 6)
    _execute(
        "INSERT INTO customers (name, name_key, code, reference, notes) "
        f"SELECT 'Customer ' || {number}, 'CUSTOMER' || {number}, "
        f"CASE WHEN n % 3 = 0 THEN 'CU-' || {_padded('n', 6)} END, "
        f"CASE WHEN n % 2 = 0 THEN 'D' || (n * 31 % 99991) ELSE '' END, '' FROM {_numbers(count)} a"
    )


def _buyer(size: _Size, sale: str) -> str:
    """The customer of a sale, by its number from 0."""
    return f"CASE WHEN ({sale}) % 50 = 0 THEN {_BIG} ELSE 2 + ({sale}) * 7919 % {size.customers - 1} END"


def _documents(actor: Actor, size: _Size) -> None:
    # Of four documents one is a receipt, the others are the sales of some of its serials.
    sale = "(n / 4 * 3 + n % 4 - 1)"
    _execute(
        "INSERT INTO documents (kind, number, at, user_id, from_location_id, to_location_id, customer_id, serials, "
        "note, reference, repairer) "
        "SELECT CASE WHEN n % 4 = 0 THEN 'receipt' ELSE 'sale' END, "
        f"CASE WHEN n % 4 = 0 THEN 'R-' || {_padded('n / 4 + 1', 6)} ELSE 'S-' || {_padded(f'{sale} + 1', 6)} END, "
        f"{_moment('n * 5')}, 1 + n % {_PEOPLE}, CASE WHEN n % 4 > 0 THEN 12 + n * 31 % 380 END, "
        f"CASE WHEN n % 4 = 0 THEN 12 + n * 31 % 380 END, CASE WHEN n % 4 > 0 THEN {_buyer(size, sale)} END, "
        f"CASE WHEN n % 4 = 0 THEN {_GROUP} ELSE 4 END, '', '', '' FROM {_numbers(4 * size.groups)} a"
    )
    _execute(
        "INSERT INTO documents (kind, number, at, user_id, to_location_id, serials, note, reference, repairer) "
        f"SELECT 'import', 'I-000001', {_moment('n')}, {actor.user_id}, 1, {_LONG}, '', '', '' "
        f"FROM {_numbers(1)} a"
    )
    _execute("INSERT INTO document_numbers (kind, last) SELECT kind, count(*) FROM documents GROUP BY kind")


def _serials(size: _Size) -> None:
    stock, sold = (status_ids()[code] for code in ("in_stock", "sold"))
    key, is_sold = f"'M' || {_padded('n', 7)}", f"n % 5 < 3 AND n < {size.serials}"
    item = f"CASE WHEN n / {_GROUP} % 10 = 0 THEN {_BIG} ELSE 2 + n / 7 * 7919 % {_ITEMS - 1} END"
    sale = f"n / {_GROUP} * 3 + n % 3"
    begun = "n / 1000 + n % 97"
    _execute(
        "INSERT INTO serials (item_id, serial_number, serial_key, sort_key, status_id, location_id, customer_id, "
        "condition_notes, warranty_start, warranty_end, date_received, version) "
        f"SELECT item, k, k, 'M07' || substr(k, 2), CASE WHEN sold THEN {sold} ELSE {stock} END, "
        f"12 + (item * 7 + n % CASE WHEN item = {_BIG} THEN 388 ELSE 3 END) % 388, CASE WHEN sold THEN buyer END, '', "
        f"CASE WHEN sold THEN {_day(begun)} END, CASE WHEN sold THEN {_day(f'{begun} + 730')} END, "
        f"{_day('n / 1000')}, CASE WHEN sold THEN 2 ELSE 1 END FROM "
        f"(SELECT n, {key} AS k, {item} AS item, {is_sold} AS sold, {_buyer(size, sale)} AS buyer "
        f"FROM {_numbers(size.serials + _LONG)} a) b ORDER BY n"
    )


def _events(actor: Actor, size: _Size) -> None:
    columns = (
        "serial_id, number, kind, at, user_id, document_id, item_id, serial_number, from_status_id, to_status_id, "
        "to_location_id, to_customer_id, note"
    )
    stock, sold = (status_ids()[code] for code in ("in_stock", "sold"))
    first = "(SELECT min(id) FROM serials)"
    number = "(s.id - m.first)"
    source = f"FROM serials s CROSS JOIN (SELECT {first} AS first) m"
    received = f"CASE WHEN {number} < {size.serials} THEN 1 + {number} / {_GROUP} * 4 ELSE {size.documents} END"
    _execute(
        f"INSERT INTO serial_events ({columns}) SELECT s.id, 1, 'received', {_moment('s.id / 4')}, {actor.user_id}, "
        f"{received}, s.item_id, s.serial_number, NULL, {stock}, s.location_id, NULL, '' {source} ORDER BY s.id"
    )
    _execute(
        f"INSERT INTO serial_events ({columns}) SELECT s.id, 2, 'sold', {_moment('s.id / 4 + 9')}, {actor.user_id}, "
        f"2 + {number} / {_GROUP} * 4 + {number} % 3, s.item_id, s.serial_number, {stock}, {sold}, s.location_id, "
        f"s.customer_id, '' {source} WHERE s.status_id = {sold} ORDER BY s.id"
    )


def _counts() -> None:
    _execute(
        "INSERT INTO serial_counts (item_id, location_id, status_id, serials) "
        "SELECT item_id, location_id, status_id, count(*) FROM serials GROUP BY item_id, location_id, status_id"
    )
    _execute(
        "INSERT INTO stock (item_id, location_id, on_hand) SELECT c.item_id, c.location_id, sum(c.serials) "
        "FROM serial_counts c JOIN statuses t ON t.id = c.status_id WHERE t.on_hand GROUP BY c.item_id, c.location_id"
    )


def _changes(actor: Actor, size: _Size) -> None:
    """One item changes with every tenth document."""
    digest = "x'00'" if is_sqlite() else "''::bytea"
    _execute(
        "INSERT INTO stock_changes (at, user_id, item_id, location_id, units, kind, reason, document_id, digest) "
        f"SELECT {_moment('n * 5')}, 1 + n % {_PEOPLE}, {_BIG}, 12 + n * 31 % 388, CASE WHEN n % 4 = 0 THEN 6 ELSE -1 "
        f"END, CASE WHEN n % 4 = 0 THEN 'received' ELSE 'sold' END, '', 1 + n * 10, {digest} "
        f"FROM {_numbers(4 * size.groups // 10)} a"
    )


def _lines(actor: Actor, size: _Size) -> None:
    at = _moment("n")
    _execute(
        "INSERT INTO drafts (task, state, started_by_id, started_at, user_id, changed_at, seen_at, note, taken) "
        f"SELECT 'receive', 'open', {actor.user_id}, {at}, {actor.user_id}, {at}, {at}, '', 0 FROM {_numbers(1)} a"
    )
    text = f"'D' || {_padded('n', 7)}"
    _execute(
        "INSERT INTO draft_lines (draft_id, number, position, kind, state, at, user_id, how, scan, item_id, "
        "location_id, serial_number, serial_key, near_key, reason, message) "
        f"SELECT (SELECT max(id) FROM drafts), n + 1, n + 1, 'serial', 'good', {at}, 1 + n % {_PEOPLE}, 'scanned', "
        f"{text}, 1 + n % {_ITEMS}, 12 + n % 380, {text}, {text}, NULL, '', '' FROM {_numbers(_LONG)} a"
    )


def _true() -> str:
    return "1" if is_sqlite() else "true"


def _false() -> str:
    return "0" if is_sqlite() else "false"


class _without_indexes:  # noqa: N801 - reads as a verb in `with`
    """Write the indexes of some tables when all rows are there, which takes a fraction of the time."""

    def __init__(self, *tables: str) -> None:
        self._tables = ", ".join(f"'{name}'" for name in tables)
        self._made: list[str] = []

    def __enter__(self) -> None:
        if is_sqlite():
            found = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ({self._tables})"
            found += " AND sql IS NOT NULL"
            _execute("PRAGMA cache_size = -200000")
        else:
            found = (
                f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({self._tables}) AND indexname NOT IN "
                "(SELECT conname FROM pg_constraint)"
            )
            _execute("SET maintenance_work_mem = '256MB'")
        rows = bound.connection().execute(found).fetchall()
        self._made = [sql for _, sql in rows]
        for name, _ in rows:
            _execute(f"DROP INDEX {name}")

    def __exit__(self, *_: object) -> None:
        for sql in self._made:
            _execute(sql)
        if is_sqlite():
            _execute("PRAGMA cache_size = -500")  # as the program has it
            _execute("PRAGMA shrink_memory")


def _lists() -> dict[str, _List]:
    """The lists by name; those of one record are the longest of their kind."""
    last = bound.execute_sql("SELECT max(id) FROM documents").fetchone()[0]
    late = bound.execute_sql(f"SELECT at FROM documents WHERE id = {last * 3 // 4}").fetchone()[0]
    draft = bound.execute_sql("SELECT max(id) FROM drafts").fetchone()[0]
    hall = bound.execute_sql("SELECT id FROM locations WHERE code = 'HALL-2'").fetchone()[0]
    return {
        "documents": EveryDocument(),
        "sales": EveryDocument("sale"),
        "documents since a day": EveryDocument(since=read_moment(late).date()),
        "documents of an item": DocumentSource(item_id=_BIG),
        "customers": CustomerSource(),
        "customers, a part of the name": CustomerSource("23"),
        "serials of a customer": CustomerSerials(_BIG),
        "serials of a document": NamedSerials(last),
        "items": ItemSource(),
        "changes of a quantity": StockChanges(_BIG),
        "locations": PlaceSource(),
        "stock at a location": StockSource(hall),
        "lines of a draft": LineSource(draft),
    }


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def steps_of(listed: _List, code: str) -> tuple[int, dict[str, float]]:
    """The length of a list, and seconds for each step in it, in one order: the shortest of some rounds.

    A jump is one to the middle of the list, by the scrollbar or to a row that is known: what takes longer.
    """
    found: dict[str, float] = {}
    total = 0
    for _ in range(_ROUNDS):
        source = listed.sorted_by(Sorting(code))
        begun = perf_counter()
        total = source.count()
        page, middle = min(PAGE_SIZE, total), total // 2
        source.fetch(0, page)
        taken = {"first page": perf_counter() - begun}
        following = min(PAGE_SIZE, total - page)
        taken["next page"] = _seconds(partial(source.fetch, page, following))
        jump = _seconds(partial(source.fetch, middle, min(PAGE_SIZE, total - middle)))
        key = source.fetch(middle, 1)[0].key
        taken["a jump"] = max(jump, _seconds(partial(source.index_of, key)))
        for step, seconds in taken.items():
            found[step] = min(seconds, found.get(step, seconds))
    return total, found


def _measure(name: str) -> Iterator[Figure]:
    for what, listed in _lists().items():
        found = {order.code: steps_of(listed, order.code) for order in listed.orders}
        usual = listed.orders[0]
        total, base = found[usual.code]
        for step, seconds in base.items():
            worst = max(listed.orders, key=lambda order, step=step: found[order.code][1][step])  # type: ignore[misc]
            ours = Measure(found[worst.code][1][step], "s")
            yield Figure(
                f"{what}: {step}, by {worst.label.lower()}",
                f"{total:,} rows",
                name,
                ours,
                Measure(seconds, "s", f"by {usual.label.lower()}"),
                KEYSTROKE,
            )


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: a tenth of the rows.
    """
    size = _Size(100_000, 10_000) if quick else _Size(1_000_000, 100_000)
    found: list[Figure] = []
    with both() as engines:
        for name, url in engines:
            with migrated(url):
                fill(sign_in(), size)
                found += _measure(name)
    return found


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))
