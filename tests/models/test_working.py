"""Who is receiving or selling what: open drafts by item, read by everybody who may look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models import clock
from models.customers import add_customer
from models.errors import NotPermitted
from models.items.items import create_item
from models.permissions import Permission
from models.station import drafts
from models.station.task import DRAFT_TASKS, TASKS
from models.station.working import of_item, working
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, person, statements

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_an_open_draft_is_said_with_each_of_its_items_and_what_is_expected(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    create_item(boss, "BIT-9", "Bits", track_serials=True)
    clerk = person(boss, "dock2", Permission.MANAGE_SERIALS, Permission.SELL_SERIAL)
    receiving, selling = Station(warehouse, clerk), Station(warehouse, task=TASKS["sell"])
    warehouse.add("S-1", "S-2", "S-3")
    add_customer(boss, "Bergmann AG", code="C-17")
    with clock.set_to(TEN):
        assert working(boss) == []
        receiving.scan("DOCK")
        assert [one.forms[0] for one in working(boss)] == ["dock2 is receiving at DOCK, 0 scanned"]
        receiving.scan("SAW-1")
        assert [one.forms[0] for one in working(boss)] == ["dock2 is receiving SAW-1 at DOCK, 0 scanned"]
        receiving.task.expect(clerk, 1_200)
        receiving.scan("N-1", "N-2", "S-1", "BIT-9", "B-1")
        selling.scan("C-17", "S-2", "S-3", "S-3")
        found = working(boss)
        assert [one.forms[0] for one in found] == [
            "dock2 is receiving BIT-9 at DOCK, 1 scanned",
            "dock2 is receiving SAW-1 at DOCK, 2 of 1,200",
            "boss is selling SAW-1 to Bergmann AG, 2 scanned",
        ]
        assert [one.forms[1:] for one in of_item(found, warehouse.item.id)] == [
            ("dock2 is receiving SAW-1, 2 of 1,200", "dock2: receipt SAW-1 2/1,200"),
            ("boss is selling SAW-1, 2 scanned", "boss: sale SAW-1 2"),
        ]
        drafts.hand_over(boss, 1, "dock2")
        assert [one.forms[0] for one in working(boss)][1:] == [
            "dock2 left a receipt of BIT-9 at DOCK open, 1 scanned",
            "dock2 left a receipt of SAW-1 at DOCK open, 2 of 1,200",
        ], "what somebody does now comes first"
        selling.scan("XXSDDONE")
    with clock.set_to(TEN + drafts.ALIVE + timedelta(seconds=1)):
        assert [one.login for one in working(boss) if one.is_in_use(clock.now())] == []
        assert {one.draft_id for one in working(boss)} == {1}


def test_each_task_says_what_is_done() -> None:
    assert {task.words.doing("LAP") for task in DRAFT_TASKS} == {
        *("receiving LAP", "selling LAP", "taking LAP back", "transferring LAP", "dispatching LAP", "reserving LAP"),
        *("releasing LAP", "restocking LAP", "marking LAP defective", "sending LAP to repair", "marking LAP lost"),
        *("taking LAP back from repair", "marking LAP found", "scrapping LAP", "reactivating LAP"),
    }


def test_it_is_one_statement_besides_the_permission_and_nothing_without_it(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "dock2", Permission.MANAGE_SERIALS)
    for number in range(4):
        Station(warehouse, clerk).scan("DOCK", "SAW-1", f"N-{number}", f"M-{number}")
    with statements(database) as seen:
        assert len(working(warehouse.boss)) == 4
    assert sum("FROM drafts" in statement for statement in seen) == 1
    assert len(seen) == 2
    with pytest.raises(NotPermitted, match="INV_VIEW"):
        working(clerk)
