"""LazyTable: what has to be changed in DataTable so that its rows need not exist.

DataTable asks its row containers for a row by number or by key, and adds up the heights of all rows above one.
Here the containers make their entries on demand and every row is one line high, so nothing depends on the
length of the list. This is the whole seam with Textual; a test compares it with the installed version. Private
members of DataTable that are touched: `_data`, `_row_locations`, `_column_locations`, `_y_offsets`,
`_get_row_region`, `_get_cell_region`, `_clear_caches`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, NoReturn

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import Column, ColumnKey, Row, RowKey

from models.paging import Pages, R
from tui.widgets.lazy_rows import ByKey, Lines, Locations, PlacedKey
from tui.widgets.record_columns import GUTTER, RecordColumn, cells, gutter_width, headings, one_line, widths

CURSOR_SIGN = "▸"
"""Stands before the row under the cursor, so that it is seen without colour."""

MARK_SIGN = "*"
"""Stands before a marked row."""

ROWS_CACHED = 100
"""Rows drawn before DataTable has to forget them; by itself it keeps 1,000 rows and 10,000 cells, some 5 MB."""

STYLES_KEPT = 500
"""Styles of cells that are shared; a theme has some ten for each column."""


@cache
def _of_column(index: int) -> Style:
    """Says of which column a cell is, so that it is found under the mouse."""
    return Style.from_meta({"column": index})


class TableMessage(Message):
    """Something a table says; `@on(RecordTable.Loaded, "#serials")` finds it by `control`."""

    def __init__(self, table: LazyTable[Any]) -> None:
        super().__init__()
        self.table = table
        """Who says it."""

    @property
    def control(self) -> LazyTable[Any]:
        """Who says it."""
        return self.table


class LazyTable(DataTable[Text], Generic[R]):
    """A DataTable over pages of records, with a gutter for mark and cursor sign. It reads nothing by itself."""

    DEFAULT_CSS = """
    LazyTable {
        height: 1fr;
        & > .record-table--mark { text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"record-table--mark"}
    """`record-table--mark`: the gutter of a marked row."""

    def __init__(self, record_columns: Sequence[RecordColumn[R]], pages: Pages[R], **options: Any) -> None:
        """Make the table.

        Args:
            record_columns: What to show of a record.
            pages: The records that are here.
            **options: As of every DataTable.
        """
        self._pages = pages  # before DataTable's own watchers, which ask for rows
        super().__init__(cursor_type="row", show_row_labels=False, **options)
        self._record_columns = tuple(record_columns)
        self._has_columns = False
        self._drawn = range(0)
        self._rows_made = 0
        self._pending_drawn: dict[tuple[bool | int, ...], Strip] = {}
        self._styles_drawn: dict[tuple[object, ...], Style] = {}
        self.rows = ByKey(self, lambda key: Row(key, 1))  # type: ignore[assignment]
        self._data = ByKey(self, self._cells)  # type: ignore[assignment]
        self._row_locations = Locations(self)  # type: ignore[assignment]

    # Records

    @property
    def total(self) -> int:
        """Length of the list, as `row_count`."""
        return self._pages.total

    @property
    def cursor_record(self) -> R | None:
        """The record under the cursor, or None in an empty table and where it is not here yet."""
        return self._pages.peek(self.cursor_row)

    def record(self, key: RowKey | str) -> R | None:
        """The record with this key if it is here, as that of a `RowSelected` always is."""
        index = self.locate(key)
        return None if index is None else self._pages.peek(index)

    def key_at(self, index: int) -> PlacedKey:
        """The key of a row; its `value` is None while the record is not here."""
        record = self._pages.peek(index)
        return PlacedKey(index, None if record is None else record.key)

    def locate(self, key: object) -> int | None:
        """The row of a key among the records that are here."""
        if isinstance(key, PlacedKey) and key.index < self.total and key.value == self.key_at(key.index).value:
            return key.index
        value = key.value if isinstance(key, RowKey) else key
        return self._pages.find(value) if isinstance(value, str) else None

    def is_marked(self, key: str) -> bool:
        """Whether the record with this key has a mark."""
        return False

    def _cells(self, key: PlacedKey) -> Mapping[ColumnKey | str, Text]:
        self._rows_made += 1
        return cells(self._record_columns, self._pages.peek(key.index))

    # The seam

    @property
    def ordered_rows(self) -> Any:
        """The rows as they appear on screen."""
        return Lines(range(self.total), lambda index: Row(self.key_at(index), 1))

    @property
    def _y_offsets(self) -> Any:
        return Lines(range(self.total), lambda index: (self.key_at(index), 0))

    def _get_row_region(self, row_index: int) -> Region:
        if not self.is_valid_row_index(row_index):
            return Region()
        return super()._get_row_region(0).translate((0, row_index))

    def _get_cell_region(self, coordinate: Coordinate) -> Region:
        if not self.is_valid_coordinate(coordinate):
            return Region()
        row, column = coordinate
        return super()._get_cell_region(Coordinate(0, column)).translate((0, row))

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """Keep the cursor in the table; in an empty one DataTable would put it at -1."""
        row, column = super().validate_cursor_coordinate(value)
        return Coordinate(max(0, row), max(0, column))

    def scroll_to(
        self, x: float | None = None, y: float | None = None, *, animate: bool = True, **options: Any
    ) -> None:
        """Scroll at once: an animation costs a repaint a frame, which a slow line feels, and shows nothing."""
        super().scroll_to(x, y, animate=False, **options)

    # Columns and lines

    @property
    def record_columns(self) -> tuple[RecordColumn[R], ...]:
        """What is shown of a record."""
        return self._record_columns

    def set_columns(self, record_columns: Sequence[RecordColumn[R]]) -> None:
        """Show something else of the records; rows, cursor and marks stay."""
        self._record_columns = tuple(record_columns)
        if self._has_columns:
            self._fit_columns()

    def on_mount(self) -> None:
        """Make the columns, which needs the app's console."""
        self._has_columns = True
        self._fit_columns()

    def on_resize(self) -> None:
        """Give the columns the new width."""
        if self._has_columns:
            self._fit_columns()

    def _fit_columns(self) -> None:
        padding = self.cell_padding
        columns = self._record_columns
        found = widths(columns, padding, self._room())
        labels = headings(columns, found, self.app.console)
        made = [Column(ColumnKey(GUTTER), Text(end=""), gutter_width(padding))]
        made += [
            Column(ColumnKey(column.key), label, width, content_width=width)
            for column, label, width in zip(columns, labels, found, strict=True)
        ]
        if made == list(self.columns.values()):
            self._measure()
            return
        self.columns.clear()
        for key in list(self._column_locations):
            del self._column_locations[key]
        for place, column in enumerate(made):
            self.columns[column.key] = column
            self._column_locations[column.key] = place
        self.header_height = max((label.plain.count("\n") + 1 for label in labels), default=1)
        row, column_index = self.cursor_coordinate
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, min(column_index, len(made) - 1)))
        self._clear_caches()
        self._measure()
        self.refresh()

    def _room(self) -> int:
        """Cells across the rows: what the scrollbar leaves, which is seen only after the next layout."""
        width, height = self.content_size
        scrolls = self.total + self._header_lines > height
        return width - (self.styles.scrollbar_size_vertical if scrolls else 0)

    def _measure(self) -> None:
        """Tell the scrollbars how large the table is."""
        width = sum(column.get_render_width(self) for column in self.columns.values())
        self.virtual_size = Size(width, self.total + self._header_lines)

    @property
    def _header_lines(self) -> int:
        return self.header_height if self.show_header else 0

    def _view(self) -> range:
        """The rows on the screen; the range may reach over the end of the list."""
        top = self.scroll_offset.y
        return range(top, top + max(0, self.scrollable_content_region.height - self._header_lines))

    def _centred(self, row: int) -> int:
        """Where to scroll to for a row in the middle of the screen."""
        return row - len(self._view()) // 2

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what is on the screen, and keep the cursor on it when it becomes less high."""
        before, self._drawn = self._drawn, self._view()
        row = self.cursor_row
        if before.start == self._drawn.start and row in before and row not in self._drawn:
            self.call_next(self.scroll_to, y=row - len(self._drawn) + 1)
        self._pending_drawn.clear()
        if self._rows_made > max(ROWS_CACHED, 2 * len(self._drawn)):
            self._clear_caches()
            self._rows_made = 0
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw a line, and over its left edge the gutter, which stays when the rest is scrolled sideways."""
        row = self._row_at(y)
        strip = self._without_rows(y, row)
        signs = "  " if row is None or row < 0 else self._signs(row)
        if not self.columns or (signs == "  " and not self.scroll_offset.x):
            return strip
        width = self.columns[ColumnKey(GUTTER)].get_render_width(self)
        style = next(iter(strip), Segment("")).style or Style()
        if MARK_SIGN in signs:
            style += self.get_component_rich_style("record-table--mark", partial=True)
        gutter = Segment(signs[:width].ljust(width), style + Style.from_meta({"column": 0}))
        return Strip.join([Strip([gutter], width), strip.crop(width)])

    def _render_cell(
        self,
        row_index: int,
        column_index: int,
        base_style: Style,
        width: int,
        cursor: bool = False,
        hover: bool = False,
    ) -> list[list[Segment]]:
        """Draw a cell of one line and one style, as all but headings are, without the detour of Rich's layout."""
        if row_index < self.fixed_rows or column_index < self.fixed_columns:
            return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
        text = self._get_row_renderables(row_index).cells[column_index]
        if not isinstance(text, Text) or text.spans:
            return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
        looks = self._get_styles_to_render_cell(
            False,
            False,
            False,
            hover,
            cursor,
            self.show_cursor,
            self._show_hover_cursor,
            self.cursor_foreground_priority == "css",
            self.cursor_background_priority == "css",
        )
        style = base_style + _of_column(column_index) + looks[0]
        edge = Segment(" " * self.cell_padding, style + looks[1])
        inner = one_line(text, width - 2 * self.cell_padding)
        return [[edge, Segment(inner, style + self.app.console.get_style(text.style) + looks[1]), edge]]

    def _without_rows(self, y: int, row: int | None) -> Strip:
        """Draw a line with shared styles. Rows that are not here yet look the same, so one is drawn for all."""
        look = None
        if row is not None and row >= 0 and self._pages.peek(row) is None:
            look = (
                row == self.cursor_row,
                row == self.hover_row,
                self.zebra_stripes and row % 2,
                row < self.fixed_rows,
            )
            if look in self._pending_drawn:
                return self._pending_drawn[look]
        drawn = super().render_line(y)
        segments = [Segment(text, style and self._shared(style), control) for text, style, control in drawn]
        strip = Strip(segments, drawn.cell_length)
        if look is not None:
            self._pending_drawn[look] = strip
        return strip

    def _shared(self, style: Style) -> Style:
        """The same style without the row it was made for.

        DataTable writes row and column into the style of every cell that it draws itself, to find them under the
        mouse. Textual remembers the escape sequence of every style it has drawn, up to 16,384 of them: 10 MB and more
        once somebody has gone through a long list. `on_event` puts the row back.
        """
        place = style.meta
        place.pop("row", None)
        key = (style.clear_meta_and_links(), *place.items())
        shared = self._styles_drawn.get(key)
        if shared is None:
            if len(self._styles_drawn) >= STYLES_KEPT:
                self._styles_drawn.clear()
            shared = self._styles_drawn[key] = style.clear_meta_and_links() + Style.from_meta(place)
        return shared

    async def on_event(self, event: events.Event) -> None:
        """Put the row under the mouse into a mouse event, before anybody handles it."""
        if isinstance(event, events.MouseEvent) and "column" in (place := event.style.meta) and "row" not in place:
            row = self._row_at(event.get_content_offset_capture(self).y)
            if row is not None:
                event.style += Style.from_meta({"row": row})
        await super().on_event(event)

    def _row_at(self, y: int) -> int | None:
        """The row on a line of the screen: -1 for the header, None below the last row."""
        line = y - self._header_lines
        if line < 0:
            return -1
        row = line + (self.scroll_offset.y if line >= self.fixed_rows else 0)
        return row if row < self.total else None

    def _signs(self, row: int) -> str:
        """Mark and cursor sign of a row."""
        record = self._pages.peek(row)
        mark = MARK_SIGN if record is not None and self.is_marked(record.key) else " "
        cursor = CURSOR_SIGN if self.show_cursor and row == self.cursor_row else " "
        return mark + cursor


def _refusing(name: str) -> Callable[..., NoReturn]:
    def method(self: LazyTable[Any], *_: object, **__: object) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__}.{name}(): rows and columns change by reload and set_columns")

    method.__name__ = name
    return method


for _name in (
    "add_column",
    "add_columns",
    "add_row",
    "add_rows",
    "clear",
    "get_column",
    "get_column_at",
    "remove_column",
    "remove_row",
    "sort",
    "update_cell",
    "update_cell_at",
):
    setattr(LazyTable, _name, _refusing(_name))
