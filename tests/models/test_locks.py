"""Writers that meet wait in a line, never in a ring: PostgreSQL has no deadlock to end.

`write` would run the unit again, so that nothing but the server's own number tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from models import ledger
from models.check import check
from models.database.unit import Unit, write
from models.errors import Duplicate
from models.items.items import create_item
from models.ledger import NewSerial
from models.schema import Location, Serial
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.verbs import VERBS
from tests.support.engines import ON_POSTGRESQL
from tests.support.warehouse import Warehouse, stock, together

pytestmark = ON_POSTGRESQL

TURNS = 12


@pytest.fixture(autouse=True)
def _no_deadlock(database: Any, postgres: Any) -> Iterator[None]:
    """Fail the test if the server had to end a deadlock."""
    name = database.execute_sql("SELECT current_database()").fetchone()[0]
    yield
    with postgres.session() as session:
        deadlocks, commits = session.execute(
            "SELECT deadlocks, xact_commit FROM pg_stat_database WHERE datname = %s", (name,)
        ).fetchone()
    assert commits, "the server has not counted yet"
    assert deadlocks == 0


def done(results: list[Any]) -> None:
    assert not [result for result in results if isinstance(result, Exception)], results


def test_those_who_add_the_same_serials_in_opposite_order(database: Any, warehouse: Warehouse) -> None:
    for turn in range(4):
        serials = [f"S-{turn}-{number:05}" for number in range(600)]
        adds = [partial(add_serials, warehouse.boss, warehouse.item.id, order) for order in (serials, serials[::-1])]
        refused = [result for result in together(database, adds) if isinstance(result, Exception)]
        assert [type(error) for error in refused] == [Duplicate]
    assert Serial.select().count() == 4 * 600
    assert check(database).findings == ()


def test_transfers_there_and_back(database: Any, warehouse: Warehouse) -> None:
    goes, comes = (
        warehouse.add(*(f"A{n}" for n in range(20))),
        warehouse.add(*(f"B{n}" for n in range(20)), location="SHOP"),
    )
    stock(warehouse, "SHOP", 10)

    def back_and_forth(ids: list[int], places: tuple[str, str]) -> None:
        for turn in range(TURNS):
            transfer_serials(warehouse.boss, ids, places[turn % 2])

    ways = (("SHOP", "MAIN"), ("MAIN", "SHOP"))
    done(together(database, [partial(back_and_forth, *each) for each in zip((goes, comes), ways, strict=True)]))
    assert sum(warehouse.quantities().values()) == 20
    assert check(database).findings == ()


def test_quantities_there_and_back(database: Any, warehouse: Warehouse) -> None:
    main, shop = (Location.get(Location.code == code).id for code in ("MAIN", "SHOP"))
    stock(warehouse, "SHOP", 10)
    item_id = warehouse.item.id

    def move(source: int, destination: int) -> None:
        for _ in range(2 * TURNS):
            write(warehouse.boss, lambda unit: one(unit, source, destination))

    def one(unit: Unit, source: int, destination: int) -> None:
        moves = [ledger.StockMove((item_id, source), (item_id, destination))]
        ledger.add_stocks(unit, ledger.amounts_of(moves, ledger.units_of(moves)), "transferred")

    done(together(database, [partial(move, main, shop), partial(move, shop, main)] * 2))
    assert sum(warehouse.quantities().values()) == 20


def test_changes_of_the_same_serials_in_opposite_order(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.ledger.bulk.blocks", small_blocks)
    ids = warehouse.add(*(f"A{number}" for number in range(40)))

    def note(order: list[int], text: str) -> None:
        for turn in range(TURNS):
            write(warehouse.boss, lambda unit, turn=turn: change(unit, order, f"{text} {turn}"))

    def change(unit: Unit, order: list[int], text: str) -> None:
        ledger.change(unit, ledger.lock(order), VERBS["note"], fields={"condition_notes": text})

    done(together(database, [partial(note, ids, "up"), partial(note, ids[::-1], "down")]))
    assert {row.version for row in Serial.select()} == {1 + 2 * TURNS}
    assert check(database).findings == ()


def test_receipts_of_the_same_items_in_opposite_order(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.database.bulk.blocks", small_blocks)
    items = [create_item(warehouse.boss, f"I-{number}", "Item", track_serials=True).id for number in range(8)]
    place = Location.get(Location.code == "DOCK").id

    def receive(order: list[int], name: str) -> None:
        for turn in range(TURNS):
            write(warehouse.boss, lambda unit, turn=turn: add(unit, order, f"{name}-{turn}"))

    def add(unit: Unit, order: list[int], serial: str) -> None:
        for item_id in order:
            ledger.add(unit, item_id, [NewSerial(serial, place)])
        ledger.add_stocks(unit, {(item_id, place): 1 for item_id in order}, "received")

    done(together(database, [partial(receive, items, "up"), partial(receive, items[::-1], "down")]))
    assert warehouse.quantities() == {"MAIN": 10}
    assert Serial.select().count() == 2 * TURNS * len(items)
    assert check(database).findings == ()


def small_blocks(values: Any, size: int = 0) -> Iterator[list[Any]]:
    """Blocks of two, so that a writer takes its rows in several statements."""
    rest = list(values)
    return (rest[start : start + 2] for start in range(0, len(rest), 2))
