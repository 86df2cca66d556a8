"""Scans that come together have the same verdicts and make the same lines as scans that come one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.customers import add_customer
from models.items.items import create_item, save_item
from models.items.rules import set_serial_rule
from models.schema import Customer, DraftAnswer, DraftLine
from models.serials.add import add_serials
from models.serials.moves import Answers, move
from models.serials.record import find_serial, find_serials
from models.station import drafts
from models.station.task import RECEIVE_TASK, TASKS, Task
from models.verbs import MOVES
from tests.support.barcodes import envelope
from tests.support.receiving import GTIN, Station
from tests.support.warehouse import Warehouse

COMMANDS = ["XXSDUNDO", "XXSDNEXT", "XXSDHELP", "XXSDFOO"]
ODD = ["]E04006381333931", "\x1d010952123454321321B-7", "\x1d21S-1", "\u00a7", "X" * 70]

TO_RECEIVE = st.sampled_from(
    ["DOCK", "SHELF", "SAW-1", "BIT-9", "OLD-1", "OLD-01", "0", "00", "5CGO01", "4006381333931", *COMMANDS, *ODD]
    + [envelope("SX-1", "SX-2"), envelope("1PBIT-9", "SX-1"), f"\x1d01{GTIN}215CG001"]
    + [f"5CG{number:03}" for number in range(8)]
)

TO_SELL = st.sampled_from(
    ["BERG", "STEIN", "DOCK", "SAW-1", "BIT-9", "OLD-1", "U-1", "U-2", "u-3", "SU-2", "SNU-3", *COMMANDS, *ODD]
    + [f"\x1d01{GTIN}21{serial}" for serial in ("U-1", "U-2", "SNU-3", "NONE")]
    + [envelope("1PBIT-9", "SU-1"), envelope("1PBIT-9", "SU-2", "SU-9"), envelope("1PSAW-1", "SU-1", "SU-3")]
    + [envelope("SU-1", "SU-2"), envelope("1PNOBODYS", "SU-1")]
)

JUDGED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def result(
    warehouse: Warehouse, task: Task, batches: Sequence[Sequence[str]]
) -> tuple[list[Any], list[Any], list[Any]]:
    """The verdicts and counts, the lines and the answers of a draft, which is discarded then."""
    station = Station(warehouse, task=task)
    told = [verdict for batch in batches for verdict in station.scan(*batch)]
    view = station.task.view
    columns = [field for field in DraftLine._meta.sorted_fields if field.name not in ("id", "draft", "at")]
    rows = DraftLine.select(*columns).where(DraftLine.draft == view.draft_id).order_by(DraftLine.number)
    answers = DraftAnswer.select(DraftAnswer.number, DraftAnswer.ask, DraftAnswer.value, DraftAnswer.taken_back)
    answers = answers.where(DraftAnswer.draft == view.draft_id).order_by(DraftAnswer.number)
    told = [verdict._replace(message=verdict.message.partition(", line")[0]) for verdict in told]
    found = ([*told, view.count, view.problems, view.next], list(rows.tuples()), list(answers.tuples()))
    if view.draft_id is not None:
        drafts.discard(warehouse.boss, view.draft_id)
    return found


def in_batches(scans: Sequence[str], seed: int) -> list[list[str]]:
    """The scans in runs of a random length."""
    dice, rest, batches = random.Random(seed), list(scans), list[list[str]]()
    while rest:
        size = dice.randint(1, 12)
        batches.append(rest[:size])
        del rest[:size]
    return batches


@given(st.lists(TO_RECEIVE, max_size=40), st.integers(0, 2**32))
@JUDGED
def test_receiving_in_batches_is_as_one_by_one(warehouse: Warehouse, scans: list[str], seed: int) -> None:
    if not find_serials("OLD-1"):
        save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
        warehouse.add("OLD-1", *(f"5CG9{number:02}" for number in range(9)))
        create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    one_by_one = result(warehouse, RECEIVE_TASK, [[scan] for scan in scans])
    assert result(warehouse, RECEIVE_TASK, in_batches(scans, seed)) == one_by_one


@given(st.lists(TO_SELL, max_size=40), st.integers(0, 2**32))
@JUDGED
def test_selling_in_batches_is_as_one_by_one(warehouse: Warehouse, scans: list[str], seed: int) -> None:
    if not Customer.select().count():
        boss = warehouse.boss
        save_item(boss, warehouse.item.id, barcodes=[GTIN])
        set_serial_rule(boss, warehouse.item.id, strip="SN")
        warehouse.add("OLD-1", "U-1", "U-3", "S-1")
        bits = create_item(boss, "BIT-9", "Bits", track_serials=True)
        add_serials(boss, bits.id, ["U-1", "U-2"])
        add_customer(boss, "Bergstein", code="STEIN")
        move(boss, MOVES["reserve"], [find_serial("U-1", "BIT-9")], Answers(customer="Bergstein"))
        move(boss, MOVES["scrap"], [find_serial("OLD-1")], Answers(note="broken"))
        add_customer(boss, "Bergmann AG", code="BERG")
    one_by_one = result(warehouse, TASKS["sell"], [[scan] for scan in scans])
    assert result(warehouse, TASKS["sell"], in_batches(scans, seed)) == one_by_one
