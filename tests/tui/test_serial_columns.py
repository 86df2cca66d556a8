"""A column of the serials grid is one object: with it the grid shows it, is ordered by it and is filtered by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from textual.binding import Binding

from models.serials.columns import COLUMNS
from models.serials.corrections import correct
from models.serials.grid import Selection, SerialSource
from tests.support.app import keys, screen_text, seen
from tests.support.columns import NOTES, listed_notes, note
from tests.support.serials import listed, loaded, serials_tab
from tests.support.warehouse import Warehouse, open_warehouse, put
from tui.serials.columns import GRID, FilterLook, GridColumn, SerialFilter, grid_column, layout, left_out, quiet
from tui.serials.list import SerialsList

SHOWN = GridColumn[str](
    NOTES,
    text=str,
    short="Notes",
    shown_from=90,
    width=10,
    filter=FilterLook("ctrl+u", "Notes", "Show only some notes", "Show which notes", "has the notes"),
)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """Three serials, one scratched, one dented; the grid has a column for that."""
    ids = warehouse.add("N-1", "N-2", "N-3")
    note(ids[0], "scratched")
    note(ids[1], "dented")
    GRID.append(SHOWN)
    with listed_notes():
        yield warehouse
    GRID.remove(SHOWN)


async def test_a_new_column_is_shown_sorted_by_and_filtered_by(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse, size=(140, 24)) as pilot:
        await seen(pilot, "Condition", "scratched", "dented", "Notes: all")
        await keys(pilot, "ctrl+o")
        await seen(pilot, "7 Condition Notes")
        await keys(pilot, "7", "enter")
        await loaded(pilot)
        assert listed(pilot) == ["N-3", "N-2", "N-1"]
        await seen(pilot, "Sort: Notes ▲")
        await pilot.click("#by-condition_notes")
        await seen(pilot, "Show which notes", "none", "1 record")
        await keys(pilot, *"dented", "enter")
        await loaded(pilot)
        assert listed(pilot) == ["N-2"]
        await seen(pilot, "Notes: dented")
        await keys(pilot, "f2", *"zzz")
        await seen(pilot, "No serial has zzz in it and has the notes dented.")


async def test_a_new_column_that_does_not_fit_is_said_beneath_the_grid(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse, size=(80, 24)) as pilot:
        assert "Condition" not in screen_text(pilot).replace("Conditions", "")
        await keys(pilot, "home")
        await seen(pilot, "scratched")


def test_a_text_is_exactly_that_of_the_serial_that_has_it_now(warehouse: Warehouse) -> None:
    first, _ = warehouse.add("SN-1", "SN-2")
    correct(warehouse.boss, first, "AA-1")
    look = SerialFilter(warehouse.item.id)
    assert look.exact("XX", "sn-1") == ("sn-1", first)
    (third,) = warehouse.add("SN-1")
    assert look.exact("SN-1") == ("SN-1", third)  # though AA-1 stands before it in the list
    assert look.exact("SN") is None
    row = SerialSource(Selection(warehouse.item.id)).after(None, 1)[0]
    assert left_out(replace(row, earlier="SN-1"), [column.code for column in GRID], 40) == "earlier text SN-1"


def test_columns_never_take_more_than_there_is() -> None:
    for more, room in product(([], [SHOWN]), range(12, 240)):
        GRID.extend(more)
        try:
            widths, shown = layout(room), [column for column in GRID if room - 2 >= column.shown_from]
        finally:
            del GRID[len(GRID) - len(more) :]
        assert sum(width.text + width.gap for width in widths) <= room - 2, room
        assert all(width.text >= 1 for width in widths), room
        assert [width.column for width in widths] == shown, room


def test_each_filter_has_the_key_that_its_column_names() -> None:
    keys_of = {binding.id: binding.key for binding in SerialsList.BINDINGS if isinstance(binding, Binding)}
    asked = {f"serials.{column.code}": column.filter.key for column in GRID if column.filter is not None}
    assert asked == {"serials.status": "f4", "serials.location": "ctrl+l"}
    assert asked.items() <= keys_of.items()


def test_the_grid_shows_every_column_of_the_list_in_its_order() -> None:
    assert [column.column for column in GRID] == COLUMNS


def test_a_place_says_whether_it_is_the_last_one_or_the_destination(database: Any) -> None:
    warehouse = open_warehouse()
    statuses = ["in_stock", "in_transit", "sold", "lost", "scrapped"]
    ids = warehouse.add(*statuses)
    for serial_id, status in list(zip(ids, statuses, strict=True))[1:]:
        put(warehouse, status, serial_id, customer="Kreis GmbH" if status == "sold" else None)
    source = SerialSource(Selection(warehouse.item.id))
    rows = {row.serial_number: row for row in source.fetch(0, source.count())}
    column = grid_column("location")
    drawn = {status: column.draw(rows[status], "dock", 6) for status in statuses}
    assert {status: text.plain for status, text in drawn.items()} == {
        "in_stock": "MAIN",
        "in_transit": "→ MAIN",
        **dict.fromkeys(("sold", "lost", "scrapped"), "(MAIN)"),
    }
    dimmed = {status for status, text in drawn.items() if text.style == quiet("dock")}
    assert dimmed == {"sold", "lost", "scrapped"}
    assert {text.style for status, text in drawn.items() if status not in dimmed} == {""}
    # Where the brackets do not fit, the code stands alone; what is cut is said below the grid.
    assert [column.draw(rows["sold"], "dock", width).plain for width in (5, 4, 3)] == ["MAIN", "MAIN", "MA…"]
    assert "(MAIN)" in left_out(rows["sold"], ["serial_number", "status"], 60)
    # The serial and its status meet the eye first; the warranty has no colour of its own.
    assert grid_column("warranty_status").draw(rows["sold"], "dock", 14).style == quiet("dock")
