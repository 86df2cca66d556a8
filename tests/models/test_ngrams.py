"""The index of n-grams never misses a serial, whatever is added, corrected or broken off while it is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import find as finding
from models import ledger, ledger_bulk, ngrams
from models.check import check
from models.database import bulk
from models.database.connection import LOCK_SECONDS
from models.database.unit import Unit, write
from models.find import FindKind, find
from models.ngrams import Indexing, missing, ranges_with
from models.schema import Serial, SerialAlias, SerialSegment, Status, bound, is_sqlite
from models.serials import grid
from models.serials.corrections import correct, remove
from models.serials.grid import Selection, SerialSource
from models.text import serial_key
from models.verbs import VERBS, StatusCode
from tests.support.warehouse import Warehouse, statements

SEGMENT = 64
LETTERS = "AB1-"
ODD = "\U0001d518\u00c4\u4e2d"
"""Letters of two, three and four bytes: older versions let them in."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments, blocks and steps of a few serials."""
    for module, name, value in (
        *((ngrams, "SEGMENT", SEGMENT), (ngrams, "BLOCK", 8), (ngrams, "_SLICE", 16), (ngrams, "_AT_ONCE", 2)),
        *((grid, "_LONG", 1), (grid, "_STEP", 20)),
        *((finding, "_FIRST_STEP", 7), (finding, "_STEP", 20), (ngrams, "_MOST_RANGES", 3)),
    ):
        monkeypatch.setattr(module, name, value)


def index(warehouse: Warehouse) -> None:
    """Write all segments that are missing."""
    indexing = Indexing(warehouse.boss)
    while indexing.step():
        pass


def found(warehouse: Warehouse, text: str) -> set[int]:
    """The ids of the serials that Find finds."""
    groups = find(warehouse.boss, text, most=100_000)
    return {hit.id for group in groups if group.kind is FindKind.SERIAL for hit in group.hits}


def there(text: str) -> set[int]:
    """The ids of the serials that have a text in their key, or had it."""
    key = serial_key(text)
    rows = [*Serial.select(Serial.id, Serial.serial_key).tuples()]
    rows += [*SerialAlias.select(SerialAlias.serial, SerialAlias.alias_key).tuples()]
    return {serial_id for serial_id, present in rows if key in present}


def listed(warehouse: Warehouse, text: str, **options: Any) -> list[int]:
    """The ids of the serials that the grid of the item lists with a text in its search, in their order."""
    source = SerialSource(Selection(warehouse.item.id, find=f"*{text}", **options))
    return [row.id for row in source.fetch(0, source.count())]


def in_order(text: str) -> list[int]:
    """The ids of the serials that a grid should list, in their order: no removed ones."""
    rows = Serial.select(Serial.id).join(Status).where(Status.code != StatusCode.REMOVED)
    ids = rows.order_by(Serial.sort_key, Serial.id).tuples()
    wanted = there(text)
    return [serial_id for (serial_id,) in ids if serial_id in wanted]


NUMBERS = count(1)
"""No two texts are the same."""


class _Broken(Exception):
    """Ends a unit."""


class _Life:
    """What happens to serials, with texts of few letters, so that parts are found often."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.number = next(NUMBERS)

    def add(self, texts: list[str]) -> None:
        self.warehouse.add(*self._new(texts))

    def odd(self, texts: list[str]) -> None:
        for serial_id, text in zip(self.warehouse.add(*self._new(texts)), texts, strict=True):
            row = Serial.get_by_id(serial_id)
            row.serial_number = row.serial_key = f"{ODD[serial_id % 3]}{text}{ODD[serial_id % 2]}{serial_id}"
            row.save()

    def break_off(self, texts: list[str]) -> None:
        def work(unit: Unit) -> None:
            new = [ledger.NewSerial(text, self.warehouse.item.primary_location_id) for text in self._new(texts)]
            ledger.add(unit, self.warehouse.item.id, new)
            raise _Broken

        with pytest.raises(_Broken):
            write(self.warehouse.boss, work)

    def correct(self, texts: list[str]) -> None:
        for serial_id, text in zip(self._some(len(texts)), self._new(texts), strict=False):
            correct(self.warehouse.boss, serial_id, text)

    def remove(self, texts: list[str]) -> None:
        if ids := self._some(len(texts)):
            remove(self.warehouse.boss, ids, "typed twice")

    def index(self, _: list[str]) -> None:
        index(self.warehouse)

    def _new(self, texts: list[str]) -> list[str]:
        made = []
        for text in texts:
            self.number = next(NUMBERS)
            made.append(f"{text}{self.number % 7}{text[::-1]}Z{self.number}")
        return made

    def _some(self, most: int) -> list[int]:
        """Serials that are not removed."""
        rows = Serial.select(Serial.id).join(Status).where(Status.code != StatusCode.REMOVED).order_by(Serial.id)
        ids = [row[0] for row in rows.tuples()]
        return list(dict.fromkeys(ids[self.number * 31 * at % len(ids)] for at in range(1, most + 1))) if ids else []


ACTIONS = st.sampled_from(("add", "add", "odd", "break_off", "correct", "remove", "index", "index"))
TEXTS = st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1, max_size=25)
PARTS = st.text(LETTERS + "Z7" + ODD, min_size=1, max_size=9)

SEEDS = st.integers(0, 100_000)
"""Each chooses a part of a key that is there."""


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(ACTIONS, TEXTS), max_size=6),
    st.lists(PARTS, max_size=3),
    st.lists(SEEDS, min_size=8, max_size=8),
)
def test_it_finds_what_reading_all_would_find(
    warehouse: Warehouse, actions: list[tuple[str, list[str]]], parts: list[str], seeds: list[int]
) -> None:
    life = _Life(warehouse)
    if not Serial.select().exists():  # those of earlier examples stay
        mixed = Random(1)
        life.add(["".join(mixed.choices(LETTERS, k=mixed.randint(1, 6))) for _ in range(3 * SEGMENT)])
        index(warehouse)
    for action, texts in actions:
        getattr(life, action)(texts)
    keys = [row[0] for row in Serial.select(Serial.serial_key).order_by(Serial.id).tuples()]
    for seed in seeds:
        key = keys[seed % len(keys)]
        parts.append(key[seed % 5 : seed % 5 + 1 + seed % 9] or key)
    for part in parts:
        assert found(warehouse, part) == there(part), part
        assert listed(warehouse, part) == in_order(part), part


def test_only_a_few_blocks_are_read_and_all_that_is_not_written_yet(warehouse: Warehouse, database: Any) -> None:
    warehouse.add(*(f"N{number:04}" for number in range(200)), *(f"{number:04}-QX-{number:04}" for number in range(8)))
    assert list(ranges_with("-QX-")) == [(1, 208)]
    assert missing() == [0, 1, 2]
    index(warehouse)
    assert missing() == []
    assert list(ranges_with("-QX-")) == [(193, 208)]
    assert list(ranges_with("010")) == [(9, 16), (97, 112), (193, 208)]
    assert list(ranges_with("N")) == [(1, 64), (65, 128), (129, 192), (193, 208)]
    assert found(warehouse, "010") == there("010")
    with statements(database) as sent:
        assert listed(warehouse, "0101") == in_order("0101") != []
        assert listed(warehouse, "0101", descending=True) == in_order("0101")[::-1]
    ranges = [sql for sql in sent if "BETWEEN r.column1 AND r.column2" in sql]
    assert ranges, "the keys of the item are read"
    for sql in ranges if is_sqlite() else ():
        plan = bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["1"] * sql.count("?")).fetchall()
        assert any("SEARCH s USING INTEGER PRIMARY KEY" in str(row) for row in plan), plan
    assert check(database).good


def test_n_grams_of_six_leave_out_what_has_all_of_three_and_segments_may_be_without_them(
    warehouse: Warehouse, database: Any
) -> None:
    warehouse.add(*(f"N9094-{number:03}-4090" for number in range(63)), "N-909090909-N")
    index(warehouse)
    assert list(ranges_with("90909090")) == [(57, 64)]
    assert list(ranges_with("00000000")) == list(ranges_with("N90909")) == []
    assert found(warehouse, "90909090") == there("90909090") == {64}
    # The first version wrote none of them.
    bound.execute_sql(f"DELETE FROM serial_ngrams WHERE id >= {ngrams._OF_SIX}")
    assert list(ranges_with("90909090")) == [(1, 64)]
    assert found(warehouse, "90909090") == {64}
    assert check(database).good


def test_a_segment_that_breaks_off_while_it_is_written_is_not_there(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.add(*(f"N{number:04}" for number in range(2 * SEGMENT)))
    insert, written = bulk.insert, []

    def insert_half(table: str, columns: Any, rows: Any) -> None:
        written.append(table)
        if len(written) == 2:
            insert(table, columns, rows[:5])
            raise _Broken
        insert(table, columns, rows)

    with monkeypatch.context() as broken:
        broken.setattr(bulk, "insert", insert_half)
        with pytest.raises(_Broken):
            index(warehouse)
    assert missing() == [1]
    assert list(ranges_with("9999")) == [(SEGMENT + 1, 2 * SEGMENT)]
    index(warehouse)
    assert list(ranges_with("9999")) == []


def test_it_does_not_wait_for_somebody_who_writes(
    warehouse: Warehouse, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngrams, "_TRIES", 2)
    warehouse.add(*(f"N{number:04}" for number in range(SEGMENT)))
    with somebody_writes(database):
        index(warehouse)
        assert missing() == [0]
        assert found(warehouse, "0063") == there("0063")
    index(warehouse)
    assert missing() == []
    if is_sqlite():
        assert bound.execute_sql("PRAGMA busy_timeout").fetchone()[0] == LOCK_SECONDS * 1000


@contextmanager
def somebody_writes(database: Any) -> Iterator[None]:
    """Another terminal is in the middle of a unit."""
    if is_sqlite():
        other: Any = sqlite3.connect(database.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        import psycopg

        other = psycopg.connect(database.database)
    other.execute("INSERT INTO work_units (token, at) VALUES ('other', '2026-01-02 08:00:00.000000+00:00')")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_text_that_was_corrected_after_its_segment_was_written_is_found(warehouse: Warehouse, database: Any) -> None:
    ids = warehouse.add(*(f"N{number:04}" for number in range(SEGMENT)))
    index(warehouse)
    correct(warehouse.boss, ids[5], "AA-XYZ-AA")
    assert list(ranges_with("-XYZ-")) == []
    assert found(warehouse, "-XYZ-") == {ids[5]}
    assert listed(warehouse, "-XYZ-") == [ids[5]]
    assert found(warehouse, "000") == there("000")
    correct(warehouse.boss, ids[5], "N0005")
    assert found(warehouse, "XYZ") == {ids[5]}
    assert check(database).good


def test_the_check_says_where_the_index_lacks_a_serial(warehouse: Warehouse, database: Any) -> None:
    warehouse.add(*(f"N{number:04}" for number in range(SEGMENT)))
    index(warehouse)
    row = bound.execute_sql("SELECT min(id) FROM serial_ngrams WHERE id > 131072").fetchone()[0]
    bound.execute_sql(f"DELETE FROM serial_ngrams WHERE id = {bound.param}", (row,))
    (finding,) = check(database).findings
    assert finding.code == "serial_ngrams"
    assert "ids 1 to 64" in finding.message
    SerialSegment.delete().execute()
    index(warehouse)
    assert check(database).good


@pytest.fixture
def second(database: Any) -> Iterator[Any]:
    """A connection of another terminal to the server."""
    import psycopg

    with psycopg.connect(database.database) as connection:
        yield connection


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_no_segment_is_written_while_somebody_may_commit_a_serial_of_it(warehouse: Warehouse, second: Any) -> None:
    warehouse.add(*(f"N{number:04}" for number in range(10)))
    second.execute("INSERT INTO work_units (token, at) VALUES ('other', now())")  # how each unit begins
    second.execute("SELECT nextval(pg_get_serial_sequence('serials', 'id')) FROM generate_series(1, 20)")
    warehouse.add(*(f"M{number:04}" for number in range(SEGMENT)))
    index(warehouse)
    assert missing() == [0]
    second.execute(
        "INSERT INTO serials SELECT 20, item_id, 'LATE', 'LATE', 'LATE', status_id, location_id, customer_id, '', "
        "NULL, NULL, NULL, date_received, 1 FROM serials WHERE id = 1"
    )
    indexing = Indexing(warehouse.boss)
    for _ in range(SEGMENT // 16):
        indexing.step()  # reads
    second.commit()
    while indexing.step():  # writes
        pass
    assert missing() == [0], "a serial was committed since it was read"
    assert found(warehouse, "AT") == {20}
    index(warehouse)
    assert missing() == []
    assert found(warehouse, "AT") == {20}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_an_import_that_took_its_ids_early_takes_its_segments_out(warehouse: Warehouse) -> None:
    assert not is_sqlite()
    ledger_bulk.begin()
    place, status = warehouse.item.primary_location_id, ledger.status_ids()["in_stock"]
    values = {"item_id": warehouse.item.id, "status_id": status, "location_id": place, "condition_notes": ""}
    values |= {"date_received": "2026-01-02", "customer": "", "note": ""}
    texts = [f"EARLY-{number:03}-Y" for number in range(20)]
    rows = [values | {"serial_number": text, "serial_key": text, "sort_key": text} for text in texts]
    ledger_bulk.add([[row.get(column) for column in ledger_bulk.COLUMNS] for row in rows])
    warehouse.add(*(f"M{number:04}" for number in range(3 * SEGMENT)))
    index(warehouse)
    assert missing() == []

    def work(unit: Unit) -> None:
        totals = ledger_bulk.totals()
        ledger_bulk.add_staged(unit, VERBS["import"], None, totals, lambda *_: None, adds_quantity=())

    write(warehouse.boss, work)
    assert missing() == [0]
    assert found(warehouse, "-019-") == there("-019-") != set()
    index(warehouse)
    assert missing() == []
    assert found(warehouse, "-019-") == there("-019-")
