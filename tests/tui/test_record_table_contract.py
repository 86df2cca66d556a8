"""The ground RecordTable stands on: the installed Textual's DataTable, step by step and method by method.

When an upgrade of Textual makes one of these fail, read what changed in DataTable before anything else, then
change the seam in `tui/kit/lazy_table.py`, then write the list of methods anew:

    python -m tests.tui.test_record_table_contract
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.coordinate import Coordinate
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Offset, Size
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import DataTable

from models.paging import Record
from tests.support.record_app import COLUMNS, RecordApp, settled, shown, strips
from tests.support.record_sources import MadeUpRows
from tui.kit.lazy_table import GUTTER, LazyTable, RecordColumn
from tui.kit.record_table import RecordTable
from tui.text import cell

METHODS_THAT_READ_ROWS = Path(__file__).with_name("datatable_row_readers.json")

CONTAINERS = {
    "_column_locations",
    "_data",
    "_row_locations",
    "_total_row_height",
    "_y_offsets",
    "columns",
    "ordered_rows",
    "rows",
}

MEANT_TO_REPLACE = {
    "_data",
    "_get_cell_region",
    "_get_row_region",
    "_row_locations",
    "_size_updated",
    "_y_offsets",
    "action_select_cursor",
    "check_action",
    "on_event",
    "ordered_rows",
    "post_message",
    "render_line",
    "render_lines",
    "rows",
    "scroll_to",
    "validate_cursor_coordinate",
}
"""Members of DataTable that a RecordTable has its own of; the methods that refuse come on top."""

WRITTEN_BY_TEXTUAL = {
    "BINDINGS",
    "COMPONENT_CLASSES",
    "DEFAULT_CSS",
    "_computes",
    "_css_type_name",
    "_css_type_names",
    "_decorated_handlers",
    "_inherit_bindings",
    "_inherit_component_classes",
    "_inherit_css",
    "_merged_bindings",
    "_reactives",
    "can_focus",
    "can_focus_children",
    "on_mount",
    "on_resize",
}
"""Names every widget class has of its own; Textual calls the `on_` handlers of all classes."""

TOTAL = 300
"""Rows of the tables that are compared."""


def methods_that_read_rows() -> dict[str, list[str]]:
    """Each method of DataTable that touches a container, with the containers."""
    (table,) = ast.parse(textwrap.dedent(inspect.getsource(DataTable))).body
    assert isinstance(table, ast.ClassDef)
    found = {}
    for method in table.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = {node.attr for node in ast.walk(method) if isinstance(node, ast.Attribute)}
            if read := sorted(names & CONTAINERS):
                found[method.name] = read
    return found


def test_the_methods_of_data_table_that_read_rows_are_those_that_were_looked_at() -> None:
    assert methods_that_read_rows() == json.loads(METHODS_THAT_READ_ROWS.read_text(encoding="utf-8"))


async def test_the_members_of_data_table_that_are_replaced_are_there_and_no_other_is_hidden() -> None:
    app = RecordApp(MadeUpRows(3))
    stock = StockApp()
    async with stock.run_test():
        for name in ("_data", "rows", "_row_locations", "_column_locations", "columns"):
            assert name in vars(stock.table)
        for name in ("_y_offsets", "ordered_rows"):
            assert isinstance(inspect.getattr_static(DataTable, name), property)
        for name in (
            *("_get_row_region", "_get_cell_region", "_clear_caches", "validate_cursor_coordinate"),
            *("_get_row_style", "_get_row_renderables", "_get_styles_to_render_cell", "_size_updated"),
        ):
            assert callable(getattr(DataTable, name))
        theirs = set(dir(stock.table))
        attributes_of_theirs = set(vars(stock.table))
    async with shown(app):
        classes = (RecordTable, LazyTable)
        own = {name for kind in classes for name in vars(kind) if not name.startswith("__")}
        own |= set(vars(app.table)) - attributes_of_theirs
        refusing = {name for name in own if "_refusing" in getattr(getattr(RecordTable, name, 0), "__qualname__", "")}
    assert (own & theirs) - refusing - WRITTEN_BY_TEXTUAL <= MEANT_TO_REPLACE


CELLS = (
    *(
        "",
        "SN1",
        "exactly12chr",
        "one too long!",
        "far too long for any column",
        "a  b",
        "  blanks  ",
        "many blanks      ",
    ),
    *("漢字漢字漢字", "漢字漢字漢字漢", "x漢字漢字漢字", "e\u0301e\u0301", "\N{NO-BREAK SPACE}x", "–"),
    *("[b]no markup[/b]", "tab\tand\x1b[31m"),
)
LOOKS = ("", "bold", "underline red", "dim on blue")


@pytest.mark.parametrize("zebra", [False, True])
async def test_a_row_is_drawn_as_data_table_draws_it(zebra: bool) -> None:
    source = MadeUpRows(len(CELLS))
    source.values = lambda number: (CELLS[number], CELLS[number])
    columns = [
        RecordColumn[Record](f"{look} {side}", look, 12, partial(_cell_in, look), justify=side)
        for look in LOOKS
        for side in ("left", "right")
    ]
    app = RecordApp(source, columns, zebra_stripes=zebra)
    async with shown(app, (200, 40)) as pilot:
        for padding, width in product((0, 1, 2), (200, 30)):  # the narrow ones scroll
            app.table.cell_padding = padding
            await pilot.resize_terminal(width, 40)
            app.table.hover_coordinate = Coordinate(2, 1)
            app.table._set_hover_cursor(True)
            app.table.scroll_to(x=7, animate=False)
            await pilot.pause()
            for row in range(len(CELLS)):
                ours = app.table._plain_row(row)
                assert ours is not None
                theirs = DataTable.render_line(app.table, row + app.table.header_height)
                assert _seen(ours) == _seen(theirs), (padding, width, row)


def _seen(strip: Strip) -> list[tuple[str, Style | None]]:
    """Each character with its style."""
    return [(character, _without_row(style)) for character, style in drawn(list(strip))]


def _cell_in(look: str, record: Record) -> Text:
    return cell(record.cells[1], look)


def _without_row(style: Style | None) -> Style | None:
    """The style as it is told apart on the screen; the row is put back under the mouse."""
    if style is None:
        return None
    place = {name: value for name, value in style.meta.items() if name != "row"}
    return style.clear_meta_and_links() + Style.from_meta(place)


def drawn(segments: Sequence[Segment]) -> Iterator[tuple[str, Style | None]]:
    """Each character of some segments with its style."""
    for text, style, _ in segments:
        for character in text:
            yield character, style


class StockApp(App[None]):
    """The same rows in a DataTable as Textual has it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = DataTable[Text](cursor_type="row", show_row_labels=False)
        self.said: list[tuple[Any, ...]] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.styles.height = "1fr"
        self.table.add_column(Text(end=""), key=GUTTER, width=0)
        for column in COLUMNS:
            self.table.add_column(Text(column.label, end=""), key=column.key, width=column.width)
        for record in MadeUpRows(TOTAL).fetch(0, TOTAL):
            self.table.add_row(Text(end=""), *map(cell, record.cells), key=record.key)

    on_data_table_row_highlighted = RecordApp.on_data_table_row_highlighted
    on_data_table_row_selected = RecordApp.on_data_table_row_selected
    on_data_table_header_selected = RecordApp.on_data_table_header_selected


class Shot(NamedTuple):
    """What a table looks like, where it is and what it has said."""

    step: object
    screen: list[str]
    cursor: Coordinate
    scroll: Offset
    size: Size
    said: list[tuple[Any, ...]]


KEYS = (
    "down down up pagedown pagedown down pageup ctrl+end up pageup ctrl+home down enter left right end home up "
    "pagedown enter tab shift+tab"
)

STEPS: list[tuple[str, Any]] = [
    *(("press", key) for key in KEYS.split()),
    ("click", (5, 4)),
    ("double click", (5, 6)),
    ("click", (22, 0)),
    ("click", (55, 3)),
    ("hover", (10, 5)),
    ("press", "down"),
    ("wheel down", 4),
    ("wheel up", 1),
    ("press", "up"),
    ("resize", (52, 12)),
    ("press", "pagedown"),
    ("resize", (100, 30)),
    ("set", ("zebra_stripes", True)),
    ("set", ("fixed_columns", 2)),
    ("resize", (30, 14)),
    ("press", "right"),
    ("press", "down"),
    ("set", ("fixed_columns", 0)),
    ("press", "left"),
    ("set", ("show_header", False)),
    ("press", "down"),
    ("set", ("show_header", True)),
    ("set", ("cell_padding", 2)),
    ("press", "down"),
    ("set", ("cell_padding", 1)),
    ("set", ("header_height", 2)),
    ("press", "pagedown"),
    ("set", ("header_height", 1)),
    ("set", ("show_cursor", False)),
    ("press", "down"),
    ("set", ("show_cursor", True)),
    ("set", ("cursor_type", "cell")),
    ("press", "right"),
    ("press", "pageup"),
    ("set", ("cursor_type", "row")),
    ("theme", "textual-light"),
    ("theme", "ansi-dark"),
    ("theme", "nord"),
    ("scroll", 3),
    ("move", 233),
    ("press", "enter"),
    ("set", ("fixed_rows", 2)),
    ("press", "down"),
    ("press", "ctrl+end"),
]

OURS_ALONE = {"home": "ctrl+home", "end": "ctrl+end"}
"""Keys that mean something else here; DataTable gets the key that means it there."""


async def drive(app: StockApp | RecordApp, pilot: Pilot[Any]) -> list[Shot]:
    """Do all steps and look after each."""
    table = app.table
    shots = []
    for step in STEPS:
        await take(step, app, pilot)
        table.refresh()
        await settled(pilot)
        said = [said for said in app.said if said != ("heading", GUTTER)][-3:]
        shots.append(Shot(step, styled(app), table.cursor_coordinate, table.scroll_offset, table.virtual_size, said))
    return shots


async def take(step: tuple[str, Any], app: StockApp | RecordApp, pilot: Pilot[Any]) -> None:
    """Do one step."""
    table, (kind, value) = app.table, step
    if kind in MOUSE:
        await MOUSE[kind](pilot, table, value)
    elif kind == "press":
        await pilot.press(value if isinstance(table, RecordTable) else OURS_ALONE.get(value, value))
    elif kind == "resize":
        await pilot.resize_terminal(*value)
    else:
        DIRECT[kind](app, value)


async def wheel(turned: type[MouseScrollDown | MouseScrollUp], pilot: Pilot[Any], table: Any, times: int) -> None:
    """Turn the mouse wheel over a table."""
    for _ in range(times):
        await pilot._post_mouse_events([turned], table)


MOUSE: dict[str, Callable[[Pilot[Any], Any, Any], Awaitable[object]]] = {
    "click": lambda pilot, table, offset: pilot.click(table, offset=offset),
    "double click": lambda pilot, table, offset: pilot.double_click(table, offset=offset),
    "hover": lambda pilot, table, offset: pilot.hover(table, offset=offset),
    "wheel down": partial(wheel, MouseScrollDown),
    "wheel up": partial(wheel, MouseScrollUp),
}

DIRECT: dict[str, Callable[[Any, Any], object]] = {
    "set": lambda app, value: setattr(app.table, *value),
    "theme": lambda app, name: setattr(app, "theme", name),
    "scroll": lambda app, rows: app.table.scroll_relative(y=rows, animate=False),
    "move": lambda app, row: app.table.move_cursor(row=row),
}


def styled(app: App[Any]) -> list[str]:
    """The screen with its styles but without the gutter, which is ours alone."""
    shown = []
    for strip in strips(app):
        rest = strip.crop(2).simplify()
        shown.append("|".join(f"{segment.text} {(segment.style or '')!s}" for segment in rest))
    return shown


async def test_a_step_looks_the_same_as_in_a_data_table_that_holds_all_its_rows() -> None:
    assert len(STEPS) >= 50
    stock, ours = StockApp(), RecordApp(MadeUpRows(TOTAL), page_size=40)
    async with stock.run_test(size=(60, 16)) as pilot:
        await settled(pilot)
        theirs = await drive(stock, pilot)
    async with shown(ours, (60, 16)) as pilot:
        mine = await drive(ours, pilot)
    for their, my in zip(theirs, mine, strict=True):
        assert my._replace(screen=[]) == their._replace(screen=[])
        for number, (line, expected) in enumerate(zip(my.screen, their.screen, strict=True)):
            assert line == expected, f"line {number} after {my.step}"


if __name__ == "__main__":
    METHODS_THAT_READ_ROWS.write_text(json.dumps(methods_that_read_rows(), indent=1) + "\n", encoding="utf-8")
