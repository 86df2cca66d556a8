"""Receiving a list in one go, as commands do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.check import check
from models.database.unit import Unit, write
from models.errors import BadValue, Duplicate, NotFound, NotPermitted, NotTracked
from models.items.items import save_item
from models.items.rules import Rule, set_rule
from models.permissions import Actor, Permission
from models.schema import Document, Draft
from models.serials import receive as module
from models.serials.receive import TRIES, ReceiveReport, receive_list
from models.serials.record import find_serial, find_serials, serial_detail
from tests.support.warehouse import Warehouse, fingerprint, person, put, statements


def receive(warehouse: Warehouse, *texts: str, **options: Any) -> ReceiveReport:
    return receive_list(warehouse.boss, warehouse.item.id, texts, location="dock", **options)


def verdicts(report: ReceiveReport) -> list[tuple[int, str, str, str]]:
    return [(told.line, told.serial_number, told.verdict, told.reason) for told in report.serials]


def test_a_list_makes_stock_with_one_receipt_and_the_quantity_goes_up(database: Any, warehouse: Warehouse) -> None:
    report = receive(warehouse, "S-1", " s-2 ", "0003", note="from the truck")
    assert (report.document, report.units, report.sku, report.location) == ("R-000001", 3, "SAW-1", "DOCK")
    assert verdicts(report) == [(1, "S-1", "ok", ""), (2, "s-2", "ok", ""), (3, "0003", "ok", "")]
    assert (report.problem, report.refused, report.warned) == ("", [], [])
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 3}
    detail = serial_detail(find_serial("s-2"))
    assert (detail.status.code, detail.location) == ("in_stock", "DOCK")
    assert [(event.kind, event.document) for event in detail.events] == [("received", "R-000001")]
    (document,) = Document.select()
    assert (document.serials, document.note) == (3, "from the truck")
    assert Draft.select().count() == 0
    assert check(database).good


def test_a_range_in_a_list_is_refused_by_its_line_and_never_becomes_one_serial(warehouse: Warehouse) -> None:
    report = receive(warehouse, "S-1", "X1..X3", "X9", "AB..CD", "..", "V1.2..", "1...5", skip_errors=True)
    assert verdicts(report)[:4] == [
        (1, "S-1", "ok", ""),
        (2, "X1..X3", "refused", "range"),
        (3, "X9", "ok", ""),
        (4, "AB..CD", "refused", "range"),
    ]
    assert [told.reason for told in report.serials[4:]] == ["bad_serial", "", "range"]
    assert report.refused[0].message == (
        "X1..X3 is a range, and a line of a list is one serial. Write each serial, or give the range by --range, "
        "or by F6 at the station."
    )
    assert [row.serial_number for row in find_serials("X1..X3")] == []


def test_units_on_hand_already_get_their_numbers_and_no_quantity_changes(warehouse: Warehouse) -> None:
    assert receive(warehouse, "S-1", "S-2", adds_quantity=False).units == 0
    assert warehouse.quantities() == {"MAIN": 10}


def test_each_serial_has_its_verdict_in_the_order_of_the_list_and_one_refusal_keeps_all_out(
    warehouse: Warehouse,
) -> None:
    ids = warehouse.add("HERE-1", "SOLD-1", "LOST-1")
    put(warehouse, "sold", ids[1], customer="Acme")
    put(warehouse, "lost", ids[2])
    texts = (
        "NEW-1",
        "here-1",
        "",
        "SOLD-1",
        "LOST-1",
        " \t\r\n",
        "new-1",
        "NEW1",
        "\x1dNEW-2",
        "XXSDDONE",
        "---",
        "N-2",
    )
    before = fingerprint()
    report = receive(warehouse, *texts)
    assert verdicts(report) == [
        (1, "NEW-1", "ok", ""),
        (2, "here-1", "refused", "exists"),
        (4, "SOLD-1", "refused", "sold"),
        (5, "LOST-1", "refused", "lost"),
        (7, "new-1", "refused", "twice"),
        (8, "NEW1", "warning", "near_duplicate"),
        (9, "\x1dNEW-2", "refused", "bad_serial"),
        (10, "XXSDDONE", "refused", "bad_serial"),
        (11, "---", "refused", "bad_serial"),
        (12, "N-2", "ok", ""),
    ]
    messages = {told.line: told.message for told in report.serials}
    assert messages[2].startswith("HERE-1 of SAW-1 is already here: In Stock at MAIN")
    assert "Acme" in messages[4]
    assert "Take it back as a return." in messages[4]
    assert "Mark it found." in messages[5]
    assert messages[7] == "new-1 is given twice, in line 1 and in line 7."
    assert messages[8] == "NEW1 looks like NEW-1, which is here already."
    assert report.document is None
    assert report.problem == f"{messages[2]} 6 more cannot be received. Nothing was written."
    assert report.code == "duplicate"
    assert fingerprint() == before
    report = receive(warehouse, *texts, skip_errors=True)
    assert (report.document, report.units, len(report.good), len(report.refused)) == ("R-000001", 3, 3, 7)
    assert [len(find_serials(text)) for text in ("NEW-1", "NEW1", "N-2", "NEW-2")] == [1, 1, 1, 0]


def test_nothing_in_a_list_is_read_as_a_barcode(warehouse: Warehouse) -> None:
    codes = ["]C1010950600013435221X", "0109506000134352", "21ABC", "https://id.gs1.org/01/09506000134352/21/A"]
    assert receive(warehouse, *codes).document
    assert [len(find_serials(code)) for code in codes] == [1, 1, 1, 1]


def test_what_was_set_for_the_items_serials_is_held_against_the_list(warehouse: Warehouse) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=["4006381333931"])
    rule = Rule(pattern="[0-9]+|S[0-9]+", longest=13, strip="SN")

    def work(unit: Unit) -> None:
        set_rule(warehouse.item.id, rule)

    write(warehouse.boss, work)
    report = receive(warehouse, "SN12", "13", "X14", "4006381333931", skip_errors=True)
    assert verdicts(report) == [
        (1, "12", "ok", ""),
        (2, "13", "ok", ""),
        (3, "X14", "refused", "rule"),
        (4, "4006381333931", "refused", "bad_serial"),
    ]
    assert report.code == "bad_value"


def test_odd_ones_are_told_and_taken(warehouse: Warehouse) -> None:
    report = receive(warehouse, *(f"5CG83{number:05}" for number in range(20)), "4006381333931")
    assert [(told.line, told.reason, told.message) for told in report.warned] == [
        (21, "shape", "4006381333931 has 13 characters where the other 20 have 10.")
    ]
    assert report.units == 21


@pytest.mark.parametrize(
    ("expected", "said"),
    [(4, "Too few: 3 can be received and 4 are expected."), (2, "Too many: 3 can be received and 2 are expected.")],
)
def test_another_number_than_expected_is_refused_or_told_where_errors_are_skipped(
    warehouse: Warehouse, expected: int, said: str
) -> None:
    before = fingerprint()
    report = receive(warehouse, "S-1", "S-2", "S-3", expected=expected)
    assert (report.document, report.problem, report.code) == (None, f"{said} Nothing was written.", "bad_value")
    assert fingerprint() == before
    report = receive(warehouse, "S-1", "S-2", "S-3", expected=expected, skip_errors=True)
    assert (report.document, report.mismatch, report.units) == ("R-000001", said, 3)


def test_the_number_that_is_expected_is_received(warehouse: Warehouse) -> None:
    report = receive(warehouse, "S-1", "S-2", expected=2)
    assert (report.document, report.mismatch) == ("R-000001", "")


@pytest.mark.parametrize("skip_errors", [False, True])
def test_a_dry_run_says_the_same_and_writes_nothing(warehouse: Warehouse, skip_errors: bool) -> None:
    warehouse.add("S-2")
    before = fingerprint()
    dry = receive(warehouse, "S-1", "S-2", expected=2, skip_errors=skip_errors, dry_run=True)
    assert fingerprint() == before
    assert (dry.document, dry.units) == (None, 0)
    real = receive(warehouse, "S-1", "S-2", expected=2, skip_errors=skip_errors)
    assert (dry.serials, dry.problem, dry.mismatch) == (real.serials, real.problem, real.mismatch)


def test_a_list_of_refused_ones_writes_no_empty_receipt(warehouse: Warehouse) -> None:
    warehouse.add("S-1")
    before = fingerprint()
    report = receive(warehouse, "S-1", skip_errors=True)
    assert (report.document, report.good) == (None, [])
    assert report.problem
    assert fingerprint() == before


def test_what_cannot_be_done_at_all_is_refused(warehouse: Warehouse) -> None:
    before = fingerprint()
    with pytest.raises(BadValue, match="nothing to receive"):
        receive(warehouse, "", "  \r\n")
    with pytest.raises(NotFound, match="no location NOWHERE"):
        receive_list(warehouse.boss, warehouse.item.id, ["S-1"], location="NOWHERE")
    with pytest.raises(NotFound):
        receive_list(warehouse.boss, 999, ["S-1"], location="DOCK")
    almost = person(warehouse.boss, "almost", *(set(Permission) - {Permission.MANAGE_SERIALS}))
    before = fingerprint()
    for dry_run in (False, True):
        with pytest.raises(NotPermitted, match="To receive serials, almost needs the permission INV_MANAGE_SERIALS"):
            receive_list(almost, warehouse.item.id, ["S-1"], location="DOCK", dry_run=dry_run)
    assert fingerprint() == before
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    with pytest.raises(NotTracked):
        receive(warehouse, "S-1")


# ----- somebody else, meanwhile


def before_writing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen each time after a list was judged and before it is written."""

    def write_later(actor: Actor, work: Callable[[Unit], Any], *, durable: bool) -> Any:
        act()
        return write(actor, work, durable=durable)

    monkeypatch.setattr(module, "write", write_later)


def test_what_somebody_else_receives_after_the_list_was_judged_is_named(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter(["S-2", "S-3"])
    before_writing(monkeypatch, lambda: warehouse.add(*[text for text in [next(left, "")] if text]))
    report = receive(warehouse, "S-1", "S-2", "S-3")
    assert [told.verdict for told in report.serials] == ["ok", "refused", "ok"]
    assert report.problem.startswith("S-2 of SAW-1 is already here: In Stock at MAIN")
    assert (report.document, find_serials("S-1")) == (None, [])


def test_with_skipped_errors_the_rest_goes_in(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    others = iter([["S-2"]])
    before_writing(monkeypatch, lambda: [warehouse.add(*texts) for texts in [next(others, None)] if texts])
    report = receive(warehouse, "S-1", "S-2", "S-3", skip_errors=True)
    assert [told.verdict for told in report.serials] == ["ok", "refused", "ok"]
    assert (report.document, report.units) == ("R-000001", 2)


def test_a_list_that_others_are_receiving_all_the_time_is_given_up(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"S-{number}" for number in range(TRIES + 1)]
    others = iter(texts)
    before_writing(monkeypatch, lambda: warehouse.add(next(others)))
    with pytest.raises(Duplicate, match="Others are receiving these serials at this moment"):
        receive(warehouse, *texts, skip_errors=True)
    assert Document.select().count() == 0


def test_tracking_that_is_switched_off_meanwhile_is_told(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before_writing(monkeypatch, lambda: save_item(warehouse.boss, warehouse.item.id, track_serials=False))
    with pytest.raises(NotTracked):
        receive(warehouse, "S-1")
    assert find_serials("S-1") == []


# ----- many


def test_the_number_of_statements_grows_only_by_the_block(database: Any, warehouse: Warehouse) -> None:
    def counted(size: int) -> int:
        with statements(database) as seen:
            assert receive(warehouse, *(f"{size}-{number:05}" for number in range(size))).document
        return len(seen)

    few, *more = [counted(size) for size in (10, 500, 1_000, 4_000)]
    assert more == [few, few, few + 6], "two look-ups for each 1,000"
    assert few <= 30


def test_thousands_that_are_there_are_all_named_in_few_statements(database: Any, warehouse: Warehouse) -> None:
    texts = [f"S-{number:05}" for number in range(2_000)]
    receive(warehouse, *texts)
    with statements(database) as seen:
        report = receive(warehouse, *texts)
    assert [told.reason for told in report.serials] == ["exists"] * 2_000
    assert report.problem.endswith(" 1,999 more cannot be received. Nothing was written.")
    assert len(seen) <= 25
