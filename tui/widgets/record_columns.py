"""The columns of a RecordTable: how a record becomes cells, how wide they are, how their headings stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text
from textual.widgets.data_table import ColumnKey

from models.paging import R

GUTTER: Final = "gutter"
"""Key of the first column, which holds the mark and the cursor sign and no data."""

GUTTER_WIDTH: Final = 2
"""Cells of the gutter: one for the mark, one for the cursor sign."""

HEADER_LINES: Final = 2
"""Lines a heading may take."""

PENDING: Final = Text("…", style="dim", no_wrap=True, end="")
"""Stands in every cell of a record that is not here yet."""

EMPTY: Final = Text(no_wrap=True, end="")


@dataclass(frozen=True)
class RecordColumn(Generic[R]):
    """One column of a RecordTable."""

    key: str
    """Names the column in `HeaderSelected` and in cell look-ups."""
    label: str
    """The heading. It breaks at a blank where it is wider than its column. A text of the program, not data."""
    width: int
    """Cells, without the padding."""
    cell: Callable[[R], Text]
    """Makes the cell of a record, by `tui.text.cell`."""
    grow: int = 0
    """Share in the room that the table leaves over; 0 for none."""
    justify: Literal["left", "right"] = "left"
    """`"right"` for numbers; the heading follows."""

    def draw(self, record: R) -> Text:
        """Make the cell of a record.

        Raises:
            TypeError: `cell` gave a str, which DataTable would read as markup.
        """
        text = self.cell(record)
        if not isinstance(text, Text):
            raise TypeError(f"the cells of column {self.key!r} must be Text, not {type(text).__name__}")
        text.justify = self.justify
        return text


def cells(columns: Sequence[RecordColumn[R]], record: R | None) -> Mapping[ColumnKey | str, Text]:
    """Make the cells of a row, by the keys of their columns; `PENDING` ones without a record."""
    row: dict[ColumnKey | str, Text] = {ColumnKey(GUTTER): EMPTY}
    for column in columns:
        row[ColumnKey(column.key)] = PENDING if record is None else column.draw(record)
    return row


def one_line(text: Text, width: int) -> str:
    """A cell's text in exactly this width: an ellipsis where it is too long, blanks where it is too short."""
    is_right = text.justify == "right"
    plain = text.plain.rstrip() if is_right else text.plain
    spare = width - cell_len(plain)
    if spare < 0:
        return set_cell_size(plain, width - 1) + "…" if width > 0 else ""
    return " " * spare + plain if is_right else plain + " " * spare


def fitting(choices: Sequence[Sequence[RecordColumn[R]]], width: int, padding: int = 1) -> Sequence[RecordColumn[R]]:
    """The first of some sets of columns that is seen whole; the last where none is.

    Args:
        choices: the widest first.
        width: cells of the table, the scrollbar included.
        padding: cells at either side of each column.
    """
    room = width - 1  # the scrollbar's, whether there is one or not: nothing jumps when the list grows
    for columns in choices:
        if gutter_width(padding) + 2 * padding + sum(column.width + 2 * padding for column in columns) <= room:
            return columns
    return choices[-1]


def widths(columns: Sequence[RecordColumn[R]], padding: int, room: int) -> list[int]:
    """Divide the room among the columns.

    Args:
        columns: All columns but the gutter.
        padding: Cells at either side of each column.
        room: Cells across the table.

    Returns:
        Width of each column without padding; never less than it asks for.
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
    """Width of the gutter without padding, so that it has `GUTTER_WIDTH` cells with it, where that is possible."""
    return max(0, GUTTER_WIDTH - 2 * padding)


def headings(columns: Sequence[RecordColumn[R]], found: Sequence[int], console: Console) -> list[Text]:
    """Set the headings so that they all stand on the bottom line of the header.

    Args:
        columns: All columns but the gutter.
        found: Their widths.
        console: Measures text.

    Returns:
        A heading for each column, all of the same number of lines, `HEADER_LINES` at most.
    """
    broken = []
    for column, width in zip(columns, found, strict=True):
        label = Text(column.label, end="", overflow="ellipsis")
        broken.append(list(label.wrap(console, max(1, width)))[:HEADER_LINES])
    height = max((len(lines) for lines in broken), default=1)
    set_: list[Text] = []
    for column, lines in zip(columns, broken, strict=True):
        blank = [Text(end="")] * (height - len(lines))
        heading = Text("\n", end="").join([*blank, *lines])
        heading.justify = column.justify
        set_.append(heading)
    return set_
