"""A column of the serials grid is one object: with it the grid shows it, is ordered by it and is filtered by it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from textual.binding import Binding

from models.serials.grid import COLUMNS
from tests.support.app import keys, screen_text, seen
from tests.support.columns import NOTES, listed_notes, note
from tests.support.serials import listed, loaded, serials_tab
from tests.support.warehouse import Warehouse, open_warehouse
from tui.serials.columns import GRID, FilterLook, GridColumn, layout
from tui.serials.tab import SerialsList

SHOWN = GridColumn[str](
    NOTES,
    text=str,
    short="Notes",
    shown_from=90,
    width=10,
    filter=FilterLook("ctrl+u", "Notes", "Show only some notes", "Show which notes", "has the notes"),
)


@pytest.fixture
def warehouse(database: Any) -> Iterator[Warehouse]:
    """Three serials, one scratched, one dented; the grid has a column for that."""
    warehouse = open_warehouse()
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
        await seen(pilot, "Show which notes", "none", "1 serial")
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
