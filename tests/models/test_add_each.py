"""Scanned serials, each with its own verdict."""

from __future__ import annotations

from typing import Any

from models.errors import BadValue, Duplicate, NotFound, NotPermitted, NotTracked
from models.items.items import save_item
from models.permissions import Permission
from models.serials.add import AddResult, Wanted, add_each
from tests.support.warehouse import Warehouse, person, statements


def add(warehouse: Warehouse, *wanted: Wanted, actor: Any = None) -> list[AddResult]:
    told: list[AddResult] = []
    add_each(actor or warehouse.boss, warehouse.item.id, wanted, told.append)
    assert [verdict.wanted for verdict in told] == list(wanted)
    return told


def refused(verdicts: list[AddResult]) -> dict[str, type]:
    return {verdict.wanted.serial: type(verdict.refusal) for verdict in verdicts if verdict.refusal}


def test_all_are_added_in_their_order_where_nothing_stands_in_the_way(warehouse: Warehouse) -> None:
    verdicts = add(warehouse, *(Wanted(f" SN-{number} ") for number in range(50)))
    assert [verdict.serial_number for verdict in verdicts] == [f"SN-{number}" for number in range(50)]
    ids = [verdict.serial_id or 0 for verdict in verdicts]
    assert ids == sorted(ids)
    assert {verdict.location for verdict in verdicts} == {"MAIN"}
    assert warehouse.quantities() == {"MAIN": 10}


def test_one_bad_serial_among_many_stops_no_other(warehouse: Warehouse) -> None:
    warehouse.add("SN-7")
    wanted = [Wanted(f"SN-{number}") for number in range(30)]
    wanted[20] = Wanted("\N{SNOWMAN}")
    verdicts = add(warehouse, *wanted)
    assert refused(verdicts) == {"SN-7": Duplicate, "\N{SNOWMAN}": BadValue}
    assert sum(verdict.serial_id is not None for verdict in verdicts) == 28


def test_the_same_serial_twice_is_a_duplicate_of_the_first_and_names_it(warehouse: Warehouse) -> None:
    first, other, again = add(warehouse, Wanted("SN-1"), Wanted("SN-2"), Wanted("sn- 1"))
    assert (first.refusal, other.refusal) == (None, None)
    assert again.refusal is not None
    assert again.refusal.details["serial_id"] == first.serial_id
    assert "In Stock at MAIN since" in again.refusal.message


def test_places_and_condition_notes_may_change_from_scan_to_scan(warehouse: Warehouse) -> None:
    verdicts = add(
        warehouse, Wanted("A", "dock"), Wanted("B", "DOCK", "scratched"), Wanted("C", "NOWHERE"), Wanted("D", "SHELF")
    )
    assert [verdict.location for verdict in verdicts] == ["DOCK", "DOCK", "", "SHELF"]
    assert refused(verdicts) == {"C": NotFound}


def test_what_concerns_all_of_them_is_told_for_each(warehouse: Warehouse) -> None:
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)
    assert refused(add(warehouse, Wanted("A"), Wanted("B"), actor=viewer)) == {"A": NotPermitted, "B": NotPermitted}
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    assert refused(add(warehouse, Wanted("A"), Wanted("B"))) == {"A": NotTracked, "B": NotTracked}


def test_a_hundred_good_ones_take_one_transaction_and_a_bad_one_a_few_more(warehouse: Warehouse, database: Any) -> None:
    warehouse.add("BAD")

    def units(*wanted: Wanted) -> int:
        with statements(database) as seen:
            add(warehouse, *wanted)
        return sum(sql.startswith("INSERT INTO work_units") for sql in seen)

    assert units(*(Wanted(f"A{number}") for number in range(100))) == 1
    assert units(*(Wanted(f"B{number}") for number in range(63)), Wanted("BAD")) <= 2 * 7
