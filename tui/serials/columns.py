"""The columns of the serials grid: what each looks like, and which of them fit into a width.

`GRID` is the list of what the screen shows of a serial, with the labels of the seed document in full. Grid, sort
dialog, filters and their keys read it; a column to come is one entry more here and one in `models.serials.grid`. Where
they do not all fit, the ones left out are said for the row under the cursor in a line beneath the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from rich.style import Style
from rich.text import Text

from models.errors import SerialdockError
from models.ledger import LABELS, Warranty
from models.serials import grid
from models.serials.grid import (
    SERIAL,
    FilterValue,
    Selection,
    SerialColumn,
    SerialRow,
    SerialSource,
    column_with,
    filter_of,
)
from models.statuses import StatusLook
from models.text import serial_key
from tui.context import Context
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.lazy_table import GUTTER_WIDTH, RecordColumn
from tui.records.status import MARK_ALONE, status_look
from tui.text import cell, clip, visible
from tui.themes import status_style

V = TypeVar("V")

GRID_LABELS: Final = {**LABELS, Warranty.VOID: LABELS[Warranty.NONE]}
"""What the grid says about a warranty: a void one is none."""

NARROW: Final = 33
"""Cells under which a column that has a mark shows it alone."""

BROAD: Final = 100
"""Cells from which on there is more room between the columns."""


class FilterLook(NamedTuple):
    """How the screen asks for the value by which a column filters."""

    key: str
    """The key that asks."""
    word: str
    """What the key bar says."""
    hint: str
    """What help says."""
    title: str
    """Of the list of values."""
    chosen: str
    """What stands before the value after "No serial"."""


def _plain(value: object, theme: str) -> Style | str:
    return ""


def _all_of_it(cells: int, left: int) -> int:
    return left


@dataclass(frozen=True, eq=False)
class GridColumn(Generic[V]):
    """How the screen shows a column of the list."""

    column: SerialColumn[V]
    text: Callable[[V], str] | None = None
    """What it shows, where that is not what commands print."""
    short: str = ""
    """The heading where there is little room; its label if empty."""
    style: Callable[[V, str], Style | str] = _plain
    """How that is written in a theme."""
    mark: Callable[[V], str] | None = None
    """What stands for the text where there is room for one cell; None where nothing does."""
    shown_from: int = 0
    """Cells of the grid from which on it is shown."""
    width: int = 0
    """Cells of its text; 0 shares what the others leave."""
    share: Callable[[int, int], int] = _all_of_it
    """Its part of what is left for it and the shared ones behind it, in a grid of so many cells; the last takes all."""
    gap: int = 1
    """Empty cells behind it at least."""
    whole: bool = False
    """Whether it is said in full beneath the grid where it is cut."""
    gives_way: bool = False
    """Whether it is cut beneath the grid before the others are."""
    filter: FilterLook | None = None
    """How it is filtered by, where the list can be."""

    @property
    def code(self) -> str:
        """Names it, as in the list."""
        return self.column.code

    @property
    def heading(self) -> str:
        """What stands over it."""
        return self.column.label

    @property
    def short_heading(self) -> str:
        """What stands for it where there is little room."""
        return self.short or self.heading

    def said(self, row: SerialRow) -> str:
        """What it says of a row."""
        return (self.text or self.column.text)(row[self.column])

    def draw(self, row: SerialRow, theme: str, width: int) -> Text:
        """The cell of a row, in so many cells."""
        value = row[self.column]
        text = self.mark(value) if self.mark is not None and width <= MARK_ALONE else self.said(row)
        return cell(clip(text, max(1, width)), self.style(value, theme))


def _warranty_style(state: Warranty, theme: str) -> Style:
    colours = {Warranty.ACTIVE: "green", Warranty.EXPIRED: "orange"}
    return status_style(theme, colours[state]) if state in colours else Style(dim=True)


def _serial_share(cells: int, left: int) -> int:
    if cells < NARROW:
        return left - max(10, left * 4 // 10)
    if cells < CUSTOMER_FROM:
        return left - max(9, min(14, left * 4 // 10))
    return max(12, min(24, left * 4 // 10))


def _place_share(cells: int, left: int) -> int:
    return max(10, left * 45 // 100) if cells < BROAD else max(14, left // 3)


CUSTOMER_FROM: Final = 54
"""Cells from which on there is room for a customer."""

GRID: Final[list[GridColumn[Any]]] = [
    GridColumn[str](grid.SERIAL, short="Serial", share=_serial_share),
    GridColumn[StatusLook](
        grid.STATUS,
        style=status_look,
        mark=lambda status: status.mark,
        width=12,  # the longest built-in status
        filter=FilterLook("f4", "Status", "Show only one status", "Show which status", "is"),
    ),
    GridColumn[str](
        grid.LOCATION,
        shown_from=25,
        share=_place_share,
        whole=True,
        filter=FilterLook("ctrl+l", "Place", "Show only one location", "Show which location", "is at"),
    ),
    GridColumn[str | None](grid.CUSTOMER, shown_from=CUSTOMER_FROM, gives_way=True),
    GridColumn[Warranty](
        grid.WARRANTY,
        text=lambda state: GRID_LABELS[state],
        short="Warranty",
        style=_warranty_style,
        shown_from=73,
        width=14,
        gap=2,  # the heading is one cell longer than the longest warranty: so it stands on one line
    ),
    GridColumn[date](grid.RECEIVED, short="Received", shown_from=CUSTOMER_FROM, width=10),
]
"""All of them, in the order of the grid."""


MARK_AT_EDGE: Final = 2
"""With so few columns the last is a mark, which keeps a cell from the edge."""


def grid_column(code: str) -> GridColumn[Any]:
    """The column with this code."""
    return next(column for column in GRID if column.code == code)


class Width(NamedTuple):
    """How wide one column is."""

    column: GridColumn[Any]
    text: int
    """Cells for the text."""
    gap: int
    """Empty cells behind it."""


def layout(room: int) -> list[Width]:
    """Which columns fit, and how wide they are.

    Args:
        room: cells across the rows, gutter included, scrollbar excluded.
    """
    room -= GUTTER_WIDTH
    shown = [column for column in GRID if room >= column.shown_from]
    gaps = [max(column.gap, _gap(column, room)) for column in shown]
    gaps[-1] = 5 if room >= BROAD else 1 if len(shown) == MARK_AT_EDGE else 0
    fixed = [1 if column.mark is not None and room < NARROW else column.width for column in shown]
    left = room - sum(gaps) - sum(fixed)
    sharing = [column for column, width in zip(shown, fixed, strict=True) if not width]
    found = []
    for column, width, gap in zip(shown, fixed, gaps, strict=True):
        text = width
        if not width:
            text = max(4, left) if column is sharing[-1] else column.share(room, left)
            left -= text
        found.append(Width(column, text, gap))
    return found


def _gap(column: GridColumn[Any], room: int) -> int:
    if room < NARROW and column.mark is not None:
        return 2  # a mark alone is not to be read as part of what follows
    return 1 if room < BROAD else 2


def columns(room: int, theme: str, order: SerialColumn[Any], *, descending: bool) -> list[RecordColumn[SerialRow]]:
    """The columns for a width.

    Args:
        room: cells across the rows.
        theme: the name of the theme in use.
        order: by which column the rows are ordered.
        descending: whether the last come first.
    """
    made = []
    for column, text, gap in layout(room):
        arrow = ("▼" if descending else "▲") if column.column is order else ""
        word = "" if text == 1 else column.heading  # a mark alone has no room for one
        label = heading(word + arrow, text + gap - (1 if gap else 0))
        made.append(RecordColumn[SerialRow](column.code, label, text + gap, partial(_draw, column, theme, text)))
    return made


def _draw(column: GridColumn[Any], theme: str, width: int, row: SerialRow) -> Text:
    return column.draw(row, theme, width)


def heading(label: str, width: int) -> str:
    """A heading that keeps an empty cell before the next one: broken at the blank that makes both lines shortest."""
    words = label.split(" ")
    if len(label) <= width or len(words) == 1:
        return label
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(halves, key=lambda half: max(map(len, half))))


def shown_whole(row: SerialRow, shown: Sequence[RecordColumn[SerialRow]]) -> list[str]:
    """The codes of the columns that show the whole of a row's text; a status is more than its mark."""
    found = []
    for each in shown:
        column = grid_column(each.key)
        is_mark = column.mark is not None and each.width <= MARK_ALONE + 1
        is_cut = column.whole and each.cell(row).plain.endswith("…")
        if not is_mark and not is_cut:
            found.append(column.code)
    return found


def left_out(row: SerialRow, shown: Sequence[str], width: int) -> str:
    """What the columns do not show of a row, in one line.

    Args:
        row: the row under the cursor.
        shown: the codes of the columns that show the whole of it.
        width: cells; a long customer gives way to what stands behind.
    """
    hidden = {column: column.said(row) for column in GRID if column.code not in shown}
    hidden = {column: text for column, text in hidden.items() if text}
    for column, text in list(hidden.items()):
        if column.gives_way:
            others = sum(len(other) + 3 for each, other in hidden.items() if each is not column)
            hidden[column] = clip(text, max(8, width - others))
    return " · ".join(hidden.values())


T = TypeVar("T")

ALL: Final = ""
"""The value of "all" in a list."""

ORDER: Final = "order"
"""Names the control of the order."""


def filtering() -> list[GridColumn[Any]]:
    """The columns that the grid is filtered by, each with a control of its own."""
    return [look for look in GRID if look.filter is not None]


class SerialFilter:
    """A choice of an item's serials."""

    def __init__(self, item_id: int) -> None:
        self._item_id = item_id
        self._only: dict[str, FilterValue] = {}
        """What a column must have, by its code."""
        self.find = ""
        """As typed, without outer blanks."""
        self.order: SerialColumn[Any] = SERIAL
        """The column that orders the grid."""
        self.descending = False
        """Whether the last come first."""

    def source(self) -> SerialSource:
        """The list that shows this choice, new."""
        only = {column_with(code): value.value for code, value in self._only.items()}
        return SerialSource(Selection(self._item_id, only, self.find, self.order, self.descending))

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.find or self._only)

    def labels(self, *, short: bool = False) -> dict[str, str]:
        """What the controls say: those of filters by the codes of their columns, the last of the order.

        Args:
            short: whether there is room for little.
        """
        said: dict[str, str] = {}
        for look in filtering():
            value = self._only.get(look.code)
            if short:
                said[look.code] = f"{value.text if value else look.short_heading} ▾"
            else:
                said[look.code] = f"{look.short_heading}: {value.text if value else 'all'} ▾"
        order = grid_column(self.order.code).short_heading + (" ▼" if self.descending else " ▲")
        return {**said, ORDER: order if short else f"Sort: {order}"}

    @property
    def in_words(self) -> str:
        """The choice as it stands after "No serial"."""
        words = [f"has {self.find.lstrip('*')} in it"] if self.find else []
        words += [
            f"{look.filter.chosen} {self._only[look.code].label}"
            for look in GRID
            if look.filter is not None and look.code in self._only
        ]
        return " and ".join(words)

    def clear(self) -> None:
        """Show everything again, in the same order."""
        self.find = ""
        self._only.clear()

    def order_by(self, order: SerialColumn[Any]) -> None:
        """Order by a column; the one that does already turns round."""
        self.descending = order is self.order and not self.descending
        self.order = order

    def exact(self, *texts: str) -> int | None:
        """The serial with exactly the first of these texts that one has, filtered out or not; database thread."""
        for text in texts:
            found = SerialSource(Selection(self._item_id, find=text))
            # The exact one comes first in natural order: whatever else begins so is longer.
            rows = found.fetch(0, 1) if found.count() else []
            if rows and serial_key(rows[0].serial_number) == serial_key(text):
                return rows[0].id
        return None

    def only_hit(self) -> int | None:
        """The serial that is listed, where it is the only one; for the database thread."""
        listed = self.source()
        hits = listed.fetch(0, 1) if listed.count() == 1 else []
        return hits[0].id if hits else None

    async def choose(self, context: Context, look: GridColumn[Any]) -> bool:
        """Ask for the value of a column; whether one was chosen."""
        assert look.filter is not None, "it has a list of values"
        values = await _read(context, partial(filter_of(look.column).values, self._item_id))
        if values is None:
            return False
        total = sum(value.serials for value in values)
        choices = [(ALL, "all", _serials(total, total))]
        choices += [(value.code, value.text, f"{_serials(value.serials, total)}  {value.name}") for value in values]
        present = self._only.get(look.code)
        chosen = await _choose(context, look.filter.title, choices, present.code if present else ALL)
        if chosen is not None:
            self._only.pop(look.code, None)
            if chosen != ALL:
                self._only[look.code] = next(value for value in values if value.code == chosen)
        return chosen is not None

    async def choose_order(self, context: Context) -> bool:
        """Ask for a column; whether one was chosen."""
        choices = [(look.code, f"{number} {look.heading}", self._way(look)) for number, look in enumerate(GRID, 1)]
        chosen = await _choose(context, "Sort by", choices, self.order.code)
        if chosen is not None:
            self.order_by(column_with(chosen))
        return chosen is not None

    def _way(self, look: GridColumn[Any]) -> str:
        if look.column is not self.order:
            return ""
        return "now; last comes first" if not self.descending else "now turned round"


async def _choose(context: Context, title: str, choices: Sequence[tuple[str, str, str]], present: str) -> str | None:
    return await context.ask(ChooseDialog(title, [Choice(*choice) for choice in choices], present=present))


def _serials(count: int, total: int) -> str:
    """A count in the room of the largest, so that counts and what stands behind them are in columns."""
    return f"{count:>{len(f'{total:,}')},} {'serial ' if count == 1 else 'serials'}"


async def _read(context: Context, function: Callable[[], T]) -> T | None:
    """Read what a list of values shows, the keys waiting meanwhile; None where that fails, which is said."""
    with context.keyboard.hold():
        try:
            return await context.db.run(function)
        except SerialdockError as trouble:
            context.notify(visible(trouble.message), markup=False, severity="error")
            return None
