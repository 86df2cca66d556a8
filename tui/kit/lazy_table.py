"""LazyTable: a DataTable whose rows are made on demand.

DataTable asks its row containers for a row by number or by key, and adds up the heights of all rows above one. Here
the containers make their entries on demand and every row is one line high, so no cost depends on the length of the
list. All that is changed in Textual's DataTable is in this module; a test compares it with the installed version. The
private members are `_data`, `_row_locations`, `_column_locations`, `_y_offsets`, `_get_row_region`,
`_get_cell_region`, `_clear_caches`, `_size_updated`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import (
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NoReturn,
    Protocol,
    TypedDict,
    TypeVar,
    Unpack,
    cast,
    overload,
)

from rich.cells import cell_len, set_cell_size
from rich.console import Console
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
from tui.kit.changed_rows import CHANGED_SECONDS, CHANGED_SIGN, ChangedRows

T = TypeVar("T")


class Rows(Protocol):
    """What the row containers need of their table."""

    @property
    def total(self) -> int:
        """Number of rows."""

    def key_at(self, index: int) -> PlacedKey:
        """The key of a row; its `value` is None until the record is loaded."""

    def locate(self, key: object) -> int | None:
        """The row of a key, if it is known."""


class PlacedKey(RowKey):
    """A row key that knows its row. `value` is the record's key, or None until the record is loaded."""

    def __init__(self, index: int, value: str | None) -> None:
        super().__init__(value)
        self.index = index
        """The row it was made for; after a reload the record may be in another row."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PlacedKey):
            return self.index == other.index and self.value == other.value
        return self.value is not None and super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.index if self.value is None else self.value)


class Lines(Sequence[T]):
    """Replaces DataTable's list with an entry for each row; slices are lazy too."""

    def __init__(self, span: range, make: Callable[[int], T]) -> None:
        self._span = span
        self._make = make

    def __len__(self) -> int:
        return len(self._span)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Lines[T]: ...
    def __getitem__(self, at: int | slice) -> T | Lines[T]:
        if isinstance(at, slice):
            return Lines(self._span[at], self._make)
        return self._make(self._span[at])


class ByKey(Mapping[Any, T], Generic[T]):
    """Replaces DataTable's dict with an entry for each row key. Iteration is an error: it would read the whole list."""

    def __init__(self, rows: Rows, make: Callable[[PlacedKey], T]) -> None:
        self._rows = rows
        self._make = make

    def __len__(self) -> int:
        return self._rows.total

    def __iter__(self) -> Iterator[Any]:
        if self._rows.total:
            raise NotImplementedError("these rows are in the database and cannot be walked; ask their source")
        return iter(())

    def __contains__(self, key: object) -> bool:
        return self._rows.locate(key) is not None

    def __getitem__(self, key: Any) -> T:
        index = self._rows.locate(key)
        if index is None:
            raise KeyError(key)
        return self._make(self._rows.key_at(index))


class Locations(ByKey[int]):
    """Replaces DataTable's two-way dict of row keys and row numbers."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows, lambda key: key.index)

    def get_key(self, index: int) -> PlacedKey | None:
        """The key of a row, or None if there is no such row."""
        return self._rows.key_at(index) if 0 <= index < self._rows.total else None


GUTTER: Final = "gutter"
"""Key of the first column, which shows the mark and the cursor sign and no data."""

GUTTER_WIDTH: Final = 2
"""Width of the gutter in cells: one for the mark, one for the cursor sign."""

HEADER_LINES: Final = 2
"""Most lines of a heading."""

PENDING: Final = Text("…", style="dim", no_wrap=True, end="")
"""Content of every cell of a record that is not loaded yet."""

EMPTY: Final = Text(no_wrap=True, end="")


@dataclass(frozen=True)
class RecordColumn(Generic[R]):
    """One column of a RecordTable."""

    key: str
    """Identifies the column in `HeaderSelected` and in cell look-ups."""
    label: str
    """The heading; wrapped at blanks if wider than the column. A text of the program, not data."""
    width: int
    """Least width in cells, without padding."""
    cell: Callable[[R], Text]
    """Makes the cell of a record, with `tui.text.cell`."""
    grow: int = 0
    """Share of the spare width; 0 for none."""
    justify: Literal["left", "right"] = "left"
    """`"right"` for numbers; applies to the heading too."""
    gap: int = 0
    """Cells of its width that stay empty at its end, in a table without padding."""
    order: str = ""
    """Code of the order that its heading sorts by; empty for `key`."""

    def draw(self, record: R) -> Text:
        """Make the cell of a record.

        Raises:
            TypeError: `cell` returned no Text; DataTable would parse a str as markup.
        """
        text = self.cell(record)
        if not isinstance(text, Text):
            raise TypeError(f"the cells of column {self.key!r} must be Text, not {type(text).__name__}")
        text.justify = self.justify
        return text


def cells(columns: Sequence[RecordColumn[R]], record: R | None) -> Mapping[ColumnKey | str, Text]:
    """Make the cells of a row, by column key; all `PENDING` without a record."""
    row: dict[ColumnKey | str, Text] = {ColumnKey(GUTTER): EMPTY}
    for column in columns:
        row[ColumnKey(column.key)] = PENDING if record is None else column.draw(record)
    return row


def one_line(text: Text, width: int) -> str:
    """A cell's text in exactly `width` cells: cut with an ellipsis, or filled with blanks."""
    is_right = text.justify == "right"
    plain = text.plain.rstrip() if is_right else text.plain
    spare = width - cell_len(plain)
    if spare < 0:
        return set_cell_size(plain, width - 1) + "…" if width > 0 else ""
    return " " * spare + plain if is_right else plain + " " * spare


def fitting(choices: Sequence[Sequence[RecordColumn[R]]], width: int, padding: int = 1) -> Sequence[RecordColumn[R]]:
    """The first set of columns that fits; the last one if none does.

    Args:
        choices: sets of columns, the widest first.
        width: width of the table in cells, scrollbar included.
        padding: cells on either side of each column.
    """
    room = width - 1  # the scrollbar's cell, always kept free: no column jumps when the list grows
    for columns in choices:
        if gutter_width(padding) + 2 * padding + sum(column.width + 2 * padding for column in columns) <= room:
            return columns
    return choices[-1]


def widths(columns: Sequence[RecordColumn[R]], padding: int, room: int) -> list[int]:
    """Divide the width of the table among the columns.

    Args:
        columns: All columns except the gutter.
        padding: Cells on either side of each column.
        room: Width of the table in cells.

    Returns:
        Width of each column without padding; never less than `RecordColumn.width`.
    """
    shares = sum(column.grow for column in columns)
    used = gutter_width(padding) + 2 * padding
    spare = room - used - sum(column.width + 2 * padding for column in columns)
    if spare <= 0 or not shares:
        return [column.width for column in columns]
    found = []
    for column in columns:
        part = spare * column.grow // shares if shares else 0
        spare, shares = spare - part, shares - column.grow
        found.append(column.width + part)
    return found


def gutter_width(padding: int) -> int:
    """Width of the gutter without padding: `GUTTER_WIDTH` cells including padding, if possible."""
    return max(0, GUTTER_WIDTH - 2 * padding)


def headings(columns: Sequence[RecordColumn[R]], found: Sequence[int], console: Console) -> list[Text]:
    """Wrap the headings and align them to the bottom line of the header.

    Args:
        columns: All columns except the gutter.
        found: Their widths in cells.
        console: Measures text.

    Returns:
        A heading for each column, all with the same number of lines, at most `HEADER_LINES`.
    """
    broken = [_wrapped(column.label, max(1, width), console) for column, width in zip(columns, found, strict=True)]
    height = max((len(lines) for lines in broken), default=1)
    set_: list[Text] = []
    for column, lines in zip(columns, broken, strict=True):
        blank = [Text(end="")] * (height - len(lines))
        heading = Text("\n", end="").join([*blank, *lines])
        heading.justify = column.justify
        set_.append(heading)
    return set_


def _wrapped(label: str, width: int, console: Console) -> list[Text]:
    """The lines of a heading; the sign of the order stays where the words before it are cut."""
    lines = list(Text(label, end="", overflow="ellipsis").wrap(console, width))
    if label[-1:] not in ORDER_SIGNS or (len(lines) <= HEADER_LINES and lines[-1].plain not in ORDER_SIGNS):
        return lines[:HEADER_LINES]
    *above, last = list(Text(label[:-1], end="", overflow="ellipsis").wrap(console, width))[:HEADER_LINES]
    return [*above, Text(f"{last.plain.rstrip()[: width - 1]}{label[-1]}", end="")]


ORDER_SIGNS: Final = ("▲", "▼")
"""Signs in the heading of the column that orders the list: from the first to the last, and turned round."""

CURSOR_SIGN = "▸"
"""Sign of the row under the cursor, visible without colour."""

MARK_SIGN = "*"
"""Sign of a marked row."""

CHANGED_CELL: Final = Style(bold=True, underline=True)
"""What the style of a cell that somebody else has just changed adds, visible without colour."""

ROWS_CACHED = 100
"""Rows made before DataTable's caches are cleared; it would keep 1,000 rows and 10,000 cells, about 5 MB."""

STYLES_KEPT = 500
"""Size of the cache of shared cell styles; a theme has about ten for each column."""


@cache
def _of_column(index: int) -> Style:
    """Style metadata with the column of a cell, so that a mouse event can find it."""
    return Style.from_meta({"column": index})


class _RowLook:
    """The styles of all rows that look the same, made once for each drawing."""

    def __init__(
        self, table: LazyTable[Any], base: Style, row: Style, before: Style, after: Style, beyond: Style
    ) -> None:
        """Start without cells.

        Args:
            table: the table.
            base: its style.
            row: the style of the row.
            before: cursor and hover, which the style of a cell's text adds to.
            after: what they add to the style of a cell's text.
            beyond: the style of what is right of the last column.
        """
        self._table, self.base, self._row = table, base, row
        self._before, self._after, self.beyond = before, after, beyond
        self._cells: dict[tuple[int, str | Style], tuple[Style, Style]] = {}

    def of(self, place: int, text: str | Style) -> tuple[Style, Style]:
        """The style of a cell around its text and of the text itself.

        Args:
            place: number of the column.
            text: the text's own style.
        """
        found = self._cells.get((place, text))
        if found is None:
            share, around = self._table._shared, self._row + _of_column(place) + self._before
            edge = share(around + self._after)
            own = self._table.app.console.get_style(text) if text else None
            found = self._cells[place, text] = (edge, share(around + own + self._after) if own else edge)
        return found


class TableMessage(Message):
    """Base of a table's messages; `control` allows `@on(RecordTable.Loaded, "#people")`."""

    def __init__(self, table: LazyTable[Any]) -> None:
        super().__init__()
        self.table = table
        """The sender."""

    @property
    def control(self) -> LazyTable[Any]:
        """The sender."""
        return self.table


class TableOptions(TypedDict, total=False):
    """What a table takes besides its records; all as for Textual's DataTable."""

    show_header: bool
    zebra_stripes: bool
    cell_padding: int
    name: str | None
    id: str | None
    classes: str | None
    disabled: bool


class LazyTable(DataTable[Text], Generic[R]):
    """A DataTable over pages of records, with a gutter for mark and cursor sign. It never reads records itself."""

    DEFAULT_CSS = """
    LazyTable {
        height: 1fr;
        & > .record-table--mark { text-style: bold; }
        & > .record-table--changed { text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"record-table--mark", "record-table--changed"}
    """`record-table--mark`: the gutter of a marked row; `record-table--changed`: of one that somebody else changed."""

    def __init__(
        self, record_columns: Sequence[RecordColumn[R]], pages: Pages[R], **options: Unpack[TableOptions]
    ) -> None:
        """Make the table.

        Args:
            record_columns: The columns of a record.
            pages: The loaded records.
            **options: As for Textual's DataTable.
        """
        self._pages = pages  # before super().__init__, whose watchers ask for rows
        self._changes = ChangedRows[R]()
        super().__init__(cursor_type="row", show_row_labels=False, **options)
        self._record_columns = tuple(record_columns)
        self._has_columns = False
        self._drawn = range(0)
        self._rows_made = 0
        self._alike_drawn: dict[tuple[bool | int, ...], Strip] = {}
        self._row_looks: dict[tuple[bool | int, ...], _RowLook] = {}
        self._styles_drawn: dict[tuple[object, ...], Style] = {}
        self.rows = ByKey(self, lambda key: Row(key, 1))  # type: ignore[assignment]
        self._data = ByKey(self, self._cells)  # type: ignore[assignment]
        self._row_locations = Locations(self)  # type: ignore[assignment]

    # Records

    @property
    def total(self) -> int:
        """Length of the list; the same as `row_count`."""
        return self._pages.total

    @property
    def cursor_record(self) -> R | None:
        """The record under the cursor; None in an empty table or before it is loaded."""
        return self._pages.peek(self.cursor_row)

    def record(self, key: RowKey | str) -> R | None:
        """The record with this key, if it is loaded; the one of a `RowSelected` message always is."""
        index = self.locate(key)
        return None if index is None else self._pages.peek(index)

    def key_at(self, index: int) -> PlacedKey:
        """The key of a row; its `value` is None until the record is loaded."""
        record = self._pages.peek(index)
        return PlacedKey(index, None if record is None else record.key)

    def locate(self, key: object) -> int | None:
        """The row of a key among the loaded records."""
        if isinstance(key, PlacedKey) and key.index < self.total and key.value == self.key_at(key.index).value:
            return key.index
        value = key.value if isinstance(key, RowKey) else key
        return self._pages.find(value) if isinstance(value, str) else None

    def is_marked(self, key: str) -> bool:
        """Whether the record with this key is marked."""
        return False

    def mark_changed(self, changed: Mapping[str, R | None]) -> None:
        """Show for a moment that somebody else has changed or added rows.

        Args:
            changed: by key the record that was shown before; None for a new one.
        """
        self.set_timer(CHANGED_SECONDS, partial(self._end_changes, self._changes.add(changed)))
        self._clear_caches()
        self.refresh()

    def _end_changes(self, batch: int) -> None:
        self._changes.end(batch)
        self._clear_caches()
        self.refresh()

    def _cells(self, key: PlacedKey) -> Mapping[ColumnKey | str, Text]:
        self._rows_made += 1
        record = self._pages.peek(key.index)
        made = cells(self._record_columns, record)
        if record is not None and record.key in self._changes:
            self._emphasize(made, self._changes.before(record.key))
        return made

    def _emphasize(self, made: Mapping[ColumnKey | str, Text], before: R | None) -> None:
        """Show which cells of a row differ from those before; of a new row the first cell."""
        for place, column in enumerate(self._record_columns):
            text = made[ColumnKey(column.key)]
            is_changed = place == 0 if before is None else column.draw(before) != text
            if is_changed:
                style = self.app.console.get_style(text.style) if text.style else Style()
                text.style = style + CHANGED_CELL

    # DataTable's look-ups of rows, which would walk the whole list

    @property
    def ordered_rows(self) -> Any:
        """The rows in display order."""
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
        """Keep the cursor at 0 or more; in an empty table, DataTable would put it at -1."""
        row, column = super().validate_cursor_coordinate(value)
        return Coordinate(max(0, row), max(0, column))

    def scroll_to(
        self, x: float | None = None, y: float | None = None, *, animate: bool = True, **options: Any
    ) -> None:
        """Scroll without animation: one repaint per frame is too much for a slow link."""
        super().scroll_to(x, y, animate=False, **options)

    # Columns and lines

    @property
    def record_columns(self) -> tuple[RecordColumn[R], ...]:
        """The columns of a record."""
        return self._record_columns

    def set_columns(self, record_columns: Sequence[RecordColumn[R]]) -> None:
        """Replace the columns; rows, cursor and marks stay."""
        self._record_columns = tuple(record_columns)
        if self._has_columns:
            self._fit_columns()

    def on_mount(self) -> None:
        """Make the columns; only a mounted table has the app's console."""
        self._has_columns = True
        self._fit_columns()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        # A Resize event would come after the table was drawn once in its new size with columns of the old one.
        is_changed = super()._size_updated(size, virtual_size, container_size, layout)
        if is_changed and self._has_columns:
            self._fit_columns()
        return is_changed

    def _fit_columns(self) -> None:
        padding = self.cell_padding
        columns = self._record_columns
        found = widths(columns, padding, self._room())
        headed = [replace(column, label=self.heading_of(column)) for column in columns]
        labels = headings(headed, found, self.app.console)
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
        # Without the watchers, which would post a RowHighlighted for the same row.
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, min(column_index, len(made) - 1)))
        self._clear_caches()
        self._measure()
        self.refresh()

    def heading_of(self, column: RecordColumn[R]) -> str:
        """The heading of a column."""
        return column.label

    def _room(self) -> int:
        """Width of the rows in cells, without the scrollbar that the next layout will show."""
        width, height = self.content_size
        scrolls = self.total + self._header_lines > height
        return width - (self.styles.scrollbar_size_vertical if scrolls else 0)

    def _measure(self) -> None:
        """Set the virtual size, which the scrollbars use."""
        width = sum(column.get_render_width(self) for column in self.columns.values())
        self.virtual_size = Size(width, self.total + self._header_lines)

    @property
    def _header_lines(self) -> int:
        return self.header_height if self.show_header else 0

    def _view(self) -> range:
        """The visible rows; the range may extend past the end of the list."""
        top = self.scroll_offset.y
        return range(top, top + max(0, self.scrollable_content_region.height - self._header_lines))

    def _centred(self, row: int) -> int:
        """The scroll offset that shows a row in the middle of the screen."""
        return row - len(self._view()) // 2

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the visible rows; when the table gets lower, keep the cursor visible."""
        before, self._drawn = self._drawn, self._view()
        row = self.cursor_row
        if before.start == self._drawn.start and row in before and row not in self._drawn:
            self.call_next(self.scroll_to, y=row - len(self._drawn) + 1)
        self._alike_drawn.clear()
        self._row_looks.clear()  # focus or theme may have changed
        if self._rows_made > max(ROWS_CACHED, 2 * len(self._drawn)):
            self._clear_caches()
            self._rows_made = 0
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw a line, with the gutter over its left edge, so that horizontal scrolling does not move it."""
        row = self._row_at(y)
        strip = self._without_rows(y, row)
        signs = "  " if row is None or row < 0 else self._signs(row)
        if not self.columns or (signs == "  " and not self.scroll_offset.x):
            return strip
        width = self.columns[ColumnKey(GUTTER)].get_render_width(self)
        style = next(iter(strip), Segment("")).style or Style()
        if MARK_SIGN in signs:
            style += self.get_component_rich_style("record-table--mark", partial=True)
        if CHANGED_SIGN in signs:
            style += self.get_component_rich_style("record-table--changed", partial=True)
        gutter = Segment(signs[:width].ljust(width), style + Style.from_meta({"column": 0}))
        return Strip.join([Strip([gutter], width), strip.crop(width)])

    def _without_rows(self, y: int, row: int | None) -> Strip:
        """Draw a line with shared styles. Lines that look the same, such as all below the rows, share one strip."""
        look: tuple[bool | int, ...] | None = None
        if row is None:
            look = ()
        elif row >= 0 and self._pages.peek(row) is None:
            look = (
                row == self.cursor_row,
                row == self.hover_row,
                self.zebra_stripes and row % 2,
                row < self.fixed_rows,
            )
        if look in self._alike_drawn:
            return self._alike_drawn[look]
        if look is None and row is not None and row >= self.fixed_rows and (strip := self._plain_row(row)) is not None:
            return strip
        drawn = super().render_line(y)
        segments = [Segment(text, style and self._shared(style), control) for text, style, control in drawn]
        strip = Strip(segments, drawn.cell_length)
        if look is not None:
            self._alike_drawn[look] = strip
        return strip

    def _plain_row(self, row: int) -> Strip | None:
        """Draw a row whose cells have one line and one style each, several times faster than DataTable; else None."""
        texts = self._get_row_renderables(row).cells
        is_plain = self.cursor_type == "row" and not self.fixed_columns
        if not is_plain or not all(isinstance(text, Text) and not text.spans for text in texts):
            return None
        look = (row == self.cursor_row, row == self.hover_row, row % 2 if self.zebra_stripes else 0)
        found = self._row_looks.get(look)
        if found is None:
            found = self._row_looks[look] = self._look_of(row)
        edge, segments, used = " " * self.cell_padding, list[Segment](), 0
        for place, (text, column) in enumerate(zip(cast("list[Text]", texts), self.ordered_columns, strict=True)):
            width = column.get_render_width(self)
            gap = self._record_columns[place - 1].gap if place else 0
            inner = one_line(text, width - 2 * self.cell_padding - gap) + " " * gap
            around, within = found.of(place, text.style)
            if around is within:
                segments.append(Segment(f"{edge}{inner}{edge}", around))
            else:
                segments += [Segment(edge, around), Segment(inner, within), Segment(edge, around)]
            used += width
        width, x = self.size.width, self.scroll_offset.x
        segments.append(Segment(" " * max(0, width - used), found.beyond))
        return Strip(segments).crop(x, x + width).adjust_cell_length(width, found.base)

    def _look_of(self, row: int) -> _RowLook:
        is_cursor, is_hover = row == self.cursor_row, row == self.hover_row
        by_css = self.cursor_foreground_priority == "css", self.cursor_background_priority == "css"
        shown = (False, False, False, is_hover, is_cursor, self.show_cursor, self._show_hover_cursor)
        base = self.rich_style
        style = self._get_row_style(row, base)
        before, after = self._get_styles_to_render_cell(*shown, *by_css)
        beyond, _ = self._get_styles_to_render_cell(*shown, False, False)
        place = Style.from_meta({"column": 0, "out_of_bounds": True})
        return _RowLook(self, base, style, before, after, self._shared(style + beyond + place))

    def _shared(self, style: Style) -> Style:
        """The same style without the row in its metadata, from a cache.

        DataTable writes row and column into the style of every cell that it draws itself, to find them under the
        mouse. Textual caches the escape sequence of every style it has drawn, up to 16,384 of them: 10 MB and more
        after scrolling through a long list. `on_event` puts the row back.
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
        """Add the row under the mouse to a mouse event, before any handler sees it."""
        if isinstance(event, events.MouseEvent) and "column" in (place := event.style.meta) and "row" not in place:
            row = self._row_at(event.get_content_offset_capture(self).y)
            if row is not None:
                event.style += Style.from_meta({"row": row})
        await super().on_event(event)

    def _row_at(self, y: int) -> int | None:
        """The row on line `y` of the widget: -1 for the header, None below the last row."""
        line = y - self._header_lines
        if line < 0:
            return -1
        row = line + (self.scroll_offset.y if line >= self.fixed_rows else 0)
        return row if row < self.total else None

    def _signs(self, row: int) -> str:
        """Mark and cursor sign of a row; in the place of the one that is not there, the sign of a changed row."""
        record = self._pages.peek(row)
        mark = MARK_SIGN if record is not None and self.is_marked(record.key) else " "
        cursor = CURSOR_SIGN if self.show_cursor and row == self.cursor_row else " "
        is_changed = record is not None and record.key in self._changes
        return (mark + cursor).replace(" ", CHANGED_SIGN, 1) if is_changed else mark + cursor


def _refusing(name: str) -> Callable[..., NoReturn]:
    def method(self: LazyTable[Any], *_: object, **__: object) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__}.{name}(): rows and columns change by reload and set_columns")

    method.__name__ = name
    return method


# DataTable's methods that change rows or columns in place, or walk all rows.
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
