"""What a station keeps in memory of its draft is what the database has, whatever was done to it."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import Refusal
from models.items.items import create_item, save_item
from models.items.rules import set_serial_rule
from models.serials.judging import Scan
from models.serials.record import find_serials
from models.station.engine import ScanStation
from models.station.state import DraftState, load
from tests.support.receiving import GTIN
from tests.support.warehouse import Warehouse, open_warehouse

CODES = [
    *("DOCK", "SHELF", "SAW-1", "BIT-9", "BOX-1", "OLD-1", "OLD-01", "]E04006381333931", "4006381333931"),
    *("XXSDUNDO", "XXSDUNDO", "XXSDUNDO", "XXSDNEXT", "XXSDHELP", "XXSDCANCEL", "XXSDFOO"),
    *(f"5CG{number:03}" for number in range(8)),
    *("5CGO01", "S5CG003", f"\x1d01{GTIN}215CG001", f"\x1d01{GTIN}21ZZZZ", "\x1d215CG002", "§", "X" * 70, "\x00"),
    *("[)>\x1e06\x1dSM1\x1dSM2\x1dSM3\x1e\x04", "[)>\x1e06\x1dSM1\x1dS5CG001\x1e\x04"),
]


def _with_a_barcode() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])


CONTENTS = {"warehouse": _with_a_barcode}


def content(state: DraftState) -> tuple[Any, ...]:
    """What counts of a state: a number that nobody gave and a switch that nobody moved are left out."""
    return (
        state.place,
        state.item.id if state.item else None,
        (state.last_number, state.last_position, state.problems),
        {item_id: count for item_id, count in state.good.items() if count},
        {item_id: count for item_id, count in state.announced.items() if count},
        {item_id: units for item_id, units in state.expected.items() if units},
        {item_id for item_id, adds in state.adds_quantity.items() if not adds},
        state.looks if state.item else None,
    )


def act(task: ScanStation, warehouse: Warehouse, dice: random.Random) -> None:
    """Do something at the station."""
    boss, number = warehouse.boss, dice.randint(1, 12)
    scans = [Scan(dice.choice(CODES)) for _ in range(dice.randint(1, 5))]
    many = [f"5CG{one:03}" for one in range(number)]
    kinds = {
        "scan": lambda: task.scan(boss, scans, lambda verdict: None),
        "take_out": lambda: task.take_out(boss, number),
        "correct": lambda: task.correct(boss, number, dice.choice(CODES)),
        "expect": lambda: task.expect(boss, number),
        "announce": lambda: task.announce(boss, many),
        "take_many": lambda: task.take_many(boss, many, lambda done, total: None),
        "quantity": lambda: task.add_to_quantity(boss, dice.random() < 0.5),
    }
    chosen = "scan" if dice.random() < 0.75 else dice.choice(list(kinds))
    with suppress(Refusal):  # nothing of what is refused may stay, in memory or in the database
        kinds[chosen]()


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_draft_that_is_opened_again_is_as_the_station_knew_it(warehouse: Warehouse, seed: int) -> None:
    if not find_serials("OLD-1"):
        warehouse.add("OLD-1", *(f"5CG9{number:02}" for number in range(9)))
        item = create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
        create_item(warehouse.boss, "BOX-1", "A box")
        set_serial_rule(warehouse.boss, item.id, strip="S", length="1-9")
    dice, task = random.Random(seed), ScanStation()
    for _ in range(dice.randint(3, 20)):
        act(task, warehouse, dice)
        if task.view.draft_id is not None:
            assert content(task._state) == content(load(task.view.draft_id))
