"""A serial that stands in another open draft is said when it is scanned, and kept by scanning it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models import clock
from models.check import check
from models.errors import NotFound
from models.importing import staging
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.staging import ImportRowSource, RowsShown
from models.importing.table import open_table
from models.items.items import create_item
from models.permissions import Permission
from models.schema import Document
from models.serials.add import AddResult, Wanted, add_each, add_serial, add_serials
from models.serials.drafted import draft_of
from models.serials.judging import Outcome, Reason, Scan
from models.serials.moves import Answers
from models.serials.perform import form_of, perform
from models.serials.receive import receive_list
from models.station import drafts
from models.station.look_up import look_up
from models.station.preview import preview
from models.station.scan import find_scanned
from models.station.task import TASKS
from models.verbs import MOVES, VERBS
from tests.support.importing import write_file
from tests.support.receiving import Station, warehouse_database
from tests.support.warehouse import Warehouse, person, statements

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
AT = f"{TEN.astimezone():%H:%M}"


@pytest.fixture
def theirs(warehouse: Warehouse) -> Callable[[str], Station]:
    """Makes a station of dock2 for a task."""
    may = (Permission.MANAGE_SERIALS, Permission.SELL_SERIAL, Permission.TRANSFER_SERIAL)
    clerk = person(warehouse.boss, "dock2", *may)
    return lambda task: Station(warehouse, clerk, TASKS[task])


def test_a_serial_of_a_colleagues_receipt_is_said_and_kept_by_scanning_it_again(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    other, mine = theirs("receive"), Station(warehouse)
    with clock.set_to(TEN):
        assert other.words("SHOP", "SAW-1", "N-1", "N-2") == ["set", "set", "ok", "ok"]
        told = mine.scan("DOCK", "SAW-1", "N-3", "n-1", "N-2")
    assert [verdict.reason for verdict in told[2:]] == ["", Reason.OPEN_DRAFT, Reason.OPEN_DRAFT]
    assert told[3].message == f"n-1 is in dock2's open receipt since {AT}. Scan it again to keep it."
    assert told[3].rings
    assert (mine.task.view.count, mine.task.view.problems) == (1, 2)
    kept = mine.one("N-1")
    assert (kept.outcome, kept.message) == (Outcome.OK, "Kept: open draft was confirmed.")
    assert mine.one("N-2").outcome is Outcome.OK
    assert mine.words("XXSDDONE") == ["done"]
    gone = other.one("XXSDDONE")
    assert (gone.outcome, gone.subject) == (Outcome.PROBLEM, "Changed since")
    assert [row.serials for row in Document.select()] == [3]
    assert check(warehouse_database()).good


def test_what_moves_is_said_with_the_noun_of_the_other_draft_and_done_as_it_stood(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    warehouse.add("S-1", "S-2", "S-3")
    with clock.set_to(TEN):
        sale, transfer = theirs("sell"), theirs("transfer")
        sale.scan("S-1")
        transfer.scan("DOCK", "S-2")
    mine = Station(warehouse, task=TASKS["transfer"])
    told = mine.scan("SHOP", "S-1", "S-2", "S-3")[1:]
    day = f"{AT} on {clock.day(TEN)}"
    assert [verdict.message for verdict in told] == [
        f"S-1 is in dock2's open sale since {day}. Scan it again to keep it.",
        f"S-2 is in dock2's open transfer since {day}. Scan it again to keep it.",
        "SAW-1, MAIN → SHOP",
    ]
    assert told[0].serial_id is not None, "its record can be opened"
    assert mine.words("S-1", "XXSDDONE", "XXSDDONE") == ["ok", "ask", "done"]
    assert [warehouse.where(serial)[1] for serial in ("S-1", "S-2", "S-3")] == ["SHOP", "MAIN", "SHOP"]
    own = Station(warehouse, task=TASKS["sell"])
    own.scan("S-3")
    assert mine.scan("DOCK", "S-3")[1].message.startswith("S-3 is in another open sale of yours since ")
    assert check(warehouse_database()).good


def test_only_good_lines_of_open_drafts_of_the_same_item_count(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    bits = create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    other, mine = theirs("receive"), Station(warehouse)
    warehouse.add("HERE")
    other.scan("SHOP", "SAW-1", "N-1", "N-2", "HERE", "BIT-9", "N-3")
    assert other.task.take_out(other.actor, 4).subject == "N-2"
    assert mine.words("DOCK", "SAW-1", "N-2", "N-3", "N-1") == ["set", "set", "ok", "ok", "problem"]
    drafts.discard(warehouse.boss, 1)
    gone = mine.one("N-1")
    assert (gone.outcome, gone.message) == (Outcome.OK, "What stood in the way is gone.")
    assert add_serials(warehouse.boss, bits.id, ["N-3"]).serial_ids


def test_another_warning_and_a_serial_before_its_item_say_it_too(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    other, mine = theirs("receive"), Station(warehouse)
    with clock.set_to(TEN):
        other.scan("SHOP", "SAW-1", "SN-01", "SN-77")
        told = mine.scan("DOCK", "SN-77", "SAW-1", "SN-O1", "SN-01")
        assert told[2].message == "Circular saw", "it waits on"
        assert mine.task.view.problems == 2
        assert told[4].message == (
            f"SN-01 looks like SN-O1, which is here already. SN-01 is in dock2's open receipt since {AT}. "
            "Scan it again to keep it."
        )
        assert told[4].reason == Reason.NEAR
    assert mine.words("SN-01", "SN-77") == ["ok", "ok"]


def test_the_preview_of_a_range_says_it(warehouse: Warehouse, theirs: Callable[[str], Station]) -> None:
    with clock.set_to(TEN):
        theirs("receive").scan("SHOP", "SAW-1", "N-2")
        shown = preview(warehouse.item.id, ["N-1", "N-2", "N-3"], lambda *_: None, user_id=warehouse.boss.user_id)
    assert shown.new == ["N-1", "N-2", "N-3"]
    assert shown.warned.sentences == [f"N-2 is in dock2's open receipt since {AT}."]
    mine = Station(warehouse)
    mine.scan("DOCK", "SAW-1")
    outcomes = mine.task.take_many(warehouse.boss, shown.new, lambda *_: None)
    assert outcomes == {Outcome.OK: 3}, "the preview has said it"


def test_what_is_added_or_received_elsewhere_says_it_too(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    boss, item = warehouse.boss, warehouse.item
    told: list[AddResult] = []
    with clock.set_to(TEN):
        theirs("receive").scan("SHOP", "SAW-1", "N-1", "N-2", "N-3")
        said = f"is in dock2's open receipt since {AT}."
        add_each(boss, item.id, [Wanted("N-1"), Wanted("N-9")], told.append)
        asked, added = told
        assert asked.refusal is not None
        assert asked.refusal.message == f"N-1 {said} Scan it again to keep it."
        assert asked.refusal.details["reason"] == Reason.OPEN_DRAFT
        assert added.serial_number == "N-9"
        add_each(boss, item.id, [Wanted("N-1", confirmed=True)], told.append)
        assert told[-1].serial_number == "N-1"
        assert add_serial(boss, item.id, "n-2").warnings == ((Reason.OPEN_DRAFT, f"n-2 {said}"),)
        report = receive_list(boss, item.id, ["N-3", "N-4"], location="DOCK")
    assert [(one.verdict, one.message) for one in report.serials] == [("warning", f"N-3 {said}"), ("ok", "")]
    assert report.document == "R-000001"
    assert check(warehouse_database()).good


def test_whoever_looks_at_a_drafted_serial_or_moves_it_elsewhere_is_told(
    warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    boss, ids = warehouse.boss, warehouse.add("S-1", "S-2", "S-3")
    with clock.set_to(TEN):
        assert form_of(boss, MOVES["transfer"], ids).drafted == ""
        theirs("sell").scan("S-1", "S-3")
        theirs("receive").scan("SHOP", "SAW-1", "N-1")
        said = f"is in dock2's open sale since {AT}."
        assert form_of(boss, MOVES["transfer"], ids).drafted == f"S-1 {said} 1 more is in open drafts too."
        assert form_of(boss, MOVES["transfer"], ids[1:2]).drafted == ""
        assert form_of(boss, VERBS["note"], ids).drafted == "", "nothing of the draft depends on it"
        found = draft_of(ids[0])
        assert found is not None
        assert (found.task, found.login, found.at) == ("sell", "dock2", TEN)
        moved = perform(boss, MOVES["transfer"], ids, Answers(place="DOCK"))
        assert moved.said == (f"S-1 {said} 1 more is in open drafts too.",)
        assert perform(boss, MOVES["transfer"], ids[1:2], Answers(place="SHOP")).said == ()
        assert f". It is in dock2's open sale since {AT}. Now: " in look_up(boss, Scan("S-1")).message
        with pytest.raises(NotFound) as refused:
            find_scanned("n-1")
    assert refused.value.message == (
        f"n-1 is in dock2's open receipt since {AT} and not in stock yet. Look again when that is done."
    )


def test_it_takes_one_statement_for_a_burst_however_many_drafts_are_open(
    database: Any, warehouse: Warehouse, theirs: Callable[[str], Station]
) -> None:
    warehouse.add(*(f"S-{number}" for number in range(90)))
    mine = Station(warehouse, task=TASKS["sell"])
    counts = []
    mine.scan("S-89")
    for drafted, size in ((1, 10), (12, 60)):
        for number in range(drafted):
            theirs("sell").scan(f"S-{70 + number}")
        with statements(database) as seen:
            mine.scan(*(f"S-{number}" for number in range(size)))
        counts.append(len(seen))
        assert sum("JOIN drafts d ON d.id = l.draft_id" in statement for statement in seen) == 1
    assert counts[1] == counts[0]


def test_rows_of_a_file_that_stand_in_a_draft_are_said_and_imported_all_the_same(
    warehouse: Warehouse, theirs: Callable[[str], Station], tmp_path: Path
) -> None:
    def said() -> dict[str, str]:
        return {one.serial_number: one.text for one in staging.warned()}

    other, mine, boss = theirs("receive"), Station(warehouse), warehouse.boss
    with clock.set_to(TEN):
        other.scan("SHOP", "SAW-1", "N-1", "N-2", "XXSDDONE", "SHOP", "SAW-1", "N-3", "O-4")
        mine.scan("DOCK", "SAW-1", "N-5", "N-3")
        path = write_file(tmp_path, *([text] for text in ("N-1", "n-3", "04", "O-4", "N-5", "N-6")), header=("Serial",))
        try:
            with open_table(path) as table:
                staged = stage(boss, table, mapping_for(table.header), item="SAW-1", progress=lambda *_: None)
            assert (staged.counts.new, staged.counts.warned) == (5, 3)
            assert said() == {
                "n-3": f"n-3 is in dock2's open receipt since {AT}.",
                "O-4": f"O-4 looks like 04 in row 4. O-4 is in dock2's open receipt since {AT}.",
                "N-5": f"N-5 is in another open receipt of yours since {AT}.",
            }
            shown = ImportRowSource({}, RowsShown.WARNINGS).fetch(0, 9)
            assert [row.warning for row in shown] == list(said().values())
            mine.scan("XXSDUNDO", "XXSDUNDO", "N-6")
            imported = import_staged(boss, staged.source, progress=lambda *_: None)
            assert (imported.serials, imported.warned) == (5, 3)
            assert said()["N-6"] == f"N-6 is in another open receipt of yours since {AT}."
            assert "N-5" not in said()
        finally:
            staging.end()
    assert check(warehouse_database()).good
