"""The number of statements does not grow with the number of serials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.customers import add_customer
from models.database.bulk import BLOCK
from models.items.items import create_item
from models.serials.add import add_serials
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_on_item
from models.station.task import TASKS
from models.verbs import MOVES
from tests.support.barcodes import GS, checked, envelope
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, statements


def _counts(database: Any, act: Callable[[int], object], sizes: tuple[int, ...]) -> list[int]:
    counts = []
    for size in sizes:
        with statements(database) as seen:
            act(size)
        counts.append(len(seen))
    return counts


def test_adding_takes_as_many_statements_for_hundreds_as_for_a_few(database: Any, warehouse: Warehouse) -> None:
    def act(size: int) -> None:
        warehouse.add(*(f"{size}-{number}" for number in range(size)))

    few, *more = _counts(database, act, (5, 100, 600))
    assert more == [few, few]
    assert few <= 14
    assert _counts(database, act, (1,))[0] in (few, few + 2)  # a row or two are inserted without COPY


def test_transferring_takes_as_many_statements_for_hundreds_as_for_a_few(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A{number}" for number in range(600)))

    def act(size: int) -> None:
        transfer_serials(warehouse.boss, ids[:size], "DOCK")
        transfer_serials(warehouse.boss, ids[:size], "MAIN")

    few, *more = _counts(database, act, (5, 100, 600))
    assert more == [few, few]
    assert few <= 2 * 19


def test_a_pallet_of_many_items_takes_as_many_statements_as_one_of_one(database: Any, warehouse: Warehouse) -> None:
    ids = []
    for number in range(20):
        item = create_item(warehouse.boss, f"I{number}", "Thing", on_hand=3, track_serials=True)
        ids += add_serials(warehouse.boss, item.id, [f"{number}-{each}" for each in range(3)]).serial_ids

    def act(size: int) -> None:
        transfer_serials(warehouse.boss, ids[:size], "DOCK")
        transfer_serials(warehouse.boss, ids[:size], "MAIN")

    one, many = _counts(database, act, (9, 60))
    assert many == one


def test_finding_takes_a_statement_for_each_block(database: Any, warehouse: Warehouse) -> None:
    texts = [f"A{number}" for number in range(BLOCK + 1)]
    warehouse.add(*texts)
    assert _counts(database, lambda size: find_on_item(warehouse.item.id, "SAW-1", texts[:size]), (1, BLOCK + 1)) == [
        1,
        2,
    ]


# ----- a burst of scans at a station


def _codes(warehouse: Warehouse, items: int, serials: int) -> list[str]:
    """Codes of units that name their items too, in several formats; each item has the same serials."""
    codes = []
    for number in range(items):
        gtin, sku = checked(f"09506000{number:05}"), f"I{number}"
        item = create_item(warehouse.boss, sku, "Thing", on_hand=serials, track_serials=True, barcodes=[gtin])
        add_serials(warehouse.boss, item.id, [f"U-{unit}" for unit in range(serials)])
        for unit in range(serials):
            link = f"https://id.example/01/{gtin}/21/U-{unit}"
            forms = (f"{GS}01{gtin}21U-{unit}", envelope(f"1P{sku}", f"SU-{unit}"), link)
            codes.append(forms[(number + unit) % len(forms)])
    return codes


def test_codes_of_units_with_their_items_are_judged_together(database: Any, warehouse: Warehouse) -> None:
    codes = _codes(warehouse, 12, 9)
    warehouse.add("S-1", "S-2", "S-3")
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    station = Station(warehouse, task=TASKS["sell"])
    station.scan("BERG", codes[0])
    counts = []
    for burst in (codes[1:8], ["S-1", *codes[8:60], "S-2"], [*codes[60:], "S-3"]):
        with statements(database) as seen:
            assert set(station.words(*burst)) == {"ok"}
        counts.append(len(seen))
    assert counts == counts[:1] * 3
    assert counts[0] <= 20
    assert station.one("XXSDDONE").message == "111 serials sold, 111 units less on hand."


def test_strangers_are_named_together(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A-{number}" for number in range(40)))
    sent = [move(warehouse.boss, MOVES["dispatch"], [one], Answers(place="SHOP")).document or "" for one in ids]
    station = Station(warehouse, task=TASKS["arrive"])
    station.scan(sent[0], "A-0")

    def act(size: int) -> None:
        told = station.scan(*(f"A-{number}" for number in range(size, 2 * size)))
        assert {verdict.reason for verdict in told} == {"stranger"}
        assert told[-1].message.endswith(f"Receive {sent[2 * size - 1]}, the transfer that it is on.")

    few, many = _counts(database, act, (5, 20))
    assert many == few
