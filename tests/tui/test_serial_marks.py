"""Marks in the grid of serials: a row, a range, all rows shown."""

from __future__ import annotations

from typing import Any

import pytest

from models.barcodes.reading import PREFIX
from models.items.items import create_item
from models.permissions import Permission
from models.schema import Document
from models.serials import grid
from models.serials.add import add_serials
from models.serials.corrections import remove
from tests.support.app import keys, resized, screen_text, seen, terminal_sends
from tests.support.record_app import lines, until
from tests.support.serials import loaded, pane, serials_tab, table
from tests.support.warehouse import Warehouse, person, put
from tui.serials.detail import SerialScreen


async def test_a_range_and_all_rows_are_marked_though_most_are_not_loaded(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = warehouse.add(*(f"SN-{number:04}" for number in range(3_000)))
    put(warehouse, "defective", *ids[10:20])
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "ctrl+u", "ctrl+e")  # without an earlier mark, this row alone
        await seen(pilot, "1 marked · row 1 of 3,000")
        await keys(pilot, "end", "ctrl+e")
        await seen(pilot, "3,000 marked · row 3,000 of 3,000")
        assert [line[0] for line in lines(pilot.app) if "SN-29" in line] == ["*"] * 13
        await keys(pilot, "space", "pageup", "ctrl+e")  # unmarked, so the next range begins anew
        await seen(pilot, "2,999 marked")
        await keys(pilot, "ctrl+u")
        await until(pilot, lambda: "marked" not in screen_text(pilot))

        await keys(pilot, "f4", *"Defective", "enter")
        await loaded(pilot)
        await keys(pilot, "ctrl+k")
        await seen(pilot, "10 marked · row 1 of 10")
        await keys(pilot, "f4", *"all", "enter", "ctrl+o", "2", "enter", "f5")  # filter, order, refresh
        await loaded(pilot)
        await seen(pilot, "10 marked", "Sort: Status")
        assert table(pilot).marked == set(map(str, ids[10:20]))
        await keys(pilot, "end", "ctrl+o", "1", "enter")
        await loaded(pilot)
        assert [line[0] for line in lines(pilot.app) if "SN-001" in line] == ["*"] * 3

        monkeypatch.setattr(grid, "MOST_MARKED", 2_999)
        await keys(pilot, "ctrl+k")
        await seen(pilot, "These are 3,000 serials, and at most 2,999 are marked together.", "10 marked")


async def test_a_range_goes_upwards_and_a_command_barcode_is_about_the_marked_rows_or_the_one_under_the_cursor(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add(*(f"SN-{number}" for number in range(9)))
    async with serials_tab(database, warehouse, size=(40, 16)) as pilot:
        await keys(pilot, "down", "down", "down", "space", "home", "down")
        await terminal_sends(pilot, "\x05\x1b[B")  # Ctrl+E, Down
        await loaded(pilot)
        assert [line[:2] for line in lines(pilot.app) if "SN-" in line][:5] == ["  ", "* ", "*▸", "* ", "  "]
        await seen(pilot, "3 marked", "row 3 of 9")
        await terminal_sends(pilot, "\x0b\x15")  # Ctrl+K, Ctrl+U
        await until(pilot, lambda: "marked" not in screen_text(pilot))

        await resized(pilot, 80, 24)
        await keys(pilot, "home")
        await keys(pilot, "space", "space")
        await terminal_sends(pilot, f"{PREFIX}SELL\r")
        await seen(pilot, "Sell · 2 serials")
        await keys(pilot, "f10")
        await loaded(pilot)
        await seen(pilot, "S-000001: 2 serials sold.", "row 3 of 9")
        await terminal_sends(pilot, f"{PREFIX}LOST\r")
        await seen(pilot, "Mark lost · SN-2")
        await keys(pilot, "f3")
        await terminal_sends(pilot, f"{PREFIX}REVIVE\r")
        await seen(pilot, "SN-2 is In Stock at MAIN since", "cannot be reactivated")
        await keys(pilot, "f2", *"SN-4")
        await loaded(pilot)
        await keys(pilot, "tab")  # a filter has the focus, and nothing takes text
        await terminal_sends(pilot, f"{PREFIX}JUNK\r")
        await seen(pilot, "Scrap · SN-4")
        await keys(pilot, "f3")
        await terminal_sends(pilot, f"{PREFIX}RECEIVE\r")
        await seen(pilot, "is for a station")
        assert pane(pilot).listing.find.value == "SN-4"


async def test_a_verb_is_carried_out_on_all_marked_rows_that_allow_it(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"SN-{number}" for number in range(5)))
    put(warehouse, "sold", ids[1])
    stranger = create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    other = add_serials(warehouse.boss, stranger.id, ["XX-77777"]).serial_ids[0]
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "ctrl+x")  # without marks, the row under the cursor
        await seen(pilot, "─ SN-0 ─", "1  Sell ", "Correct")
        await keys(pilot, "f3", "space", "space", "space", "ctrl+x")
        await seen(pilot, "─ 3 serials ─", "1  Sell ", "2 of 3", "2  Return", "1 of 3", "all 3")
        assert "Correct" not in screen_text(pilot)  # each would need a text of its own
        await terminal_sends(pilot, "XX-77777\r")  # a scan is no answer: it opens what it names
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        assert pilot.app.screen.detail.id == other  # type: ignore[attr-defined]
        await keys(pilot, "f3", "ctrl+x", "1", "enter")
        await seen(pilot, "2 of 3 can be sold; SN-1 is Sold")
        await keys(pilot, "f10", "f10")
        await loaded(pilot)
        await seen(pilot, "S-000001", "1 marked")  # what was refused stays marked
        assert table(pilot).marked == {str(ids[1])}
        assert [warehouse.where(f"SN-{number}")[0] for number in range(5)] == ["sold"] * 3 + ["in_stock"] * 2
        (paper,) = Document.select().where(Document.kind == "sale")
        assert paper.serials == 2

        # One key shows the removed records, and what was shown before.
        await keys(pilot, "ctrl+u")
        await until(pilot, lambda: "marked" not in screen_text(pilot))
        for status in ("returned", "defective"):
            put(warehouse, status, *ids[:2])
        await keys(pilot, "home", "ctrl+f")
        await seen(pilot, "row 1 of 5")
        remove(warehouse.boss, ids[3:], "typed twice")
        await keys(pilot, "f5", "f4", *"Defective", "enter")
        await loaded(pilot)
        await seen(pilot, "2 removed ^F", "row 1 of 2")
        await keys(pilot, "ctrl+f")
        await loaded(pilot)
        await seen(pilot, "Status: - Removed", "SN-3", "SN-4", "row 1 of 2")
        await keys(pilot, "ctrl+f")
        await loaded(pilot)
        await seen(pilot, "Status: ! Defective", "SN-0", "SN-1", "row 1 of 2")
        await keys(pilot, "ctrl+f", "escape")
        await loaded(pilot)
        await seen(pilot, "Status: all", "row 1 of 3")


async def test_who_may_do_nothing_with_serials_marks_none(database: Any, warehouse: Warehouse) -> None:
    put(warehouse, "sold", warehouse.add("SN-0", "SN-1")[0])
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)
    async with serials_tab(database, warehouse, viewer) as pilot:
        await keys(pilot, "space", "ctrl+e", "ctrl+k")
        assert not table(pilot).marked
    scrapper = person(warehouse.boss, "scrapper", Permission.VIEW, Permission.SCRAP_SERIAL)
    async with serials_tab(database, warehouse, scrapper) as pilot:
        await keys(pilot, "ctrl+x")
        await seen(pilot, "You may do nothing with SN-0 as it is now.")
        await keys(pilot, "space")
        await seen(pilot, "1 marked")
