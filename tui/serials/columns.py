"""The columns of the serials grid: their look, which of them fit a width, and the filters (`SerialFilter`).

`GRID` lists the columns with their labels in full. Grid, sort dialog, filters and filter keys are made from it; a new
column is one entry here and one in `models.serials.columns`. Columns that do not fit are shown for the row under the
cursor, in a line below the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from models.errors import SerialdockError
from models.orders import Sorting
from models.serials.columns import (
    CUSTOMER,
    LOCATION,
    RECEIVED,
    SERIAL,
    STATUS,
    WARRANTY,
    FilterValue,
    SerialColumn,
    column_with,
)
from models.serials.grid import Selection, SerialRow, SerialSource, filter_of
from models.serials.record import find_serials
from models.statuses import StatusLook
from models.terms import WARRANTY_LABELS, Warranty
from models.verbs import PlaceMeaning, StatusCode
from tui.context import Context, RememberedList
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.lazy_table import GUTTER_WIDTH, ORDER_SIGNS, RecordColumn
from tui.records.status import MARK_ALONE, status_look
from tui.text import cell, clip, visible
from tui.themes import status_style

V = TypeVar("V")

GRID_LABELS: Final = {**WARRANTY_LABELS, Warranty.VOID: WARRANTY_LABELS[Warranty.NONE]}
"""Warranty labels in the grid: a void warranty counts as none."""

NARROW: Final = 33
"""Width in cells below which a column that has a mark shows only the mark."""

ANY_WIDTH: Final = 1_000
"""More cells than any text needs."""

BROAD: Final = 100
"""Width in cells from which columns have wider gaps."""


class FilterLook(NamedTuple):
    """The key, list of values and words of a column's filter."""

    key: str
    """The key that opens the list of values."""
    word: str
    """Its word in the key bar."""
    hint: str
    """Its text in help."""
    title: str
    """Title of the list of values."""
    chosen: str
    """The words between "No serial" and the value in a message, such as `is at`."""


def _plain(value: object, theme: str) -> Style | str:
    return ""


def quiet(theme: str) -> Style:
    """The style of secondary columns, so that the serial and its status stand out."""
    return status_style(theme, "gray")


def _rest(cells: int, left: int) -> int:
    return left


@dataclass(frozen=True, eq=False)
class GridColumn(Generic[V]):
    """The look of a column of `models.serials.columns` in the grid."""

    column: SerialColumn[V]
    text: Callable[[V], str] | None = None
    """The text of a value, if it differs from what commands print."""
    short: str = ""
    """Short heading; if empty, the label."""
    of_row: Callable[[SerialRow, int], str] | None = None
    """The text of a row for a width in cells, if it depends on other columns of the row."""
    style: Callable[[V, str], Style | str] = _plain
    """Style of a value in a theme, by name."""
    quiet: Callable[[SerialRow], bool] | None = None
    """Whether the value of a row is dimmed, such as a place where it was; the text has brackets too."""
    mark: Callable[[V], str] | None = None
    """The mark of a value, shown alone in one cell; None if the column has no marks."""
    shown_from: int = 0
    """Grid width in cells from which the column is shown."""
    width: int = 0
    """Width of the text in cells; 0 shares the room that fixed columns leave."""
    share: Callable[[int, int], int] = _rest
    """Its share in cells, from (grid width, cells left for it and later sharing columns); the last takes all."""
    gap: int = 1
    """Minimum number of empty cells after it."""
    whole: bool = False
    """Whether its full text is shown below the grid if the cell cuts it."""
    gives_way: bool = False
    """Whether its text is cut first in the line below the grid."""
    filter: FilterLook | None = None
    """Its filter, if the list can be filtered by it."""

    @property
    def code(self) -> str:
        """The column's code, as in `models.serials.columns`."""
        return self.column.code

    @property
    def heading(self) -> str:
        """The full heading."""
        return self.column.label

    @property
    def short_heading(self) -> str:
        """The heading where there is little room."""
        return self.short or self.heading

    def said(self, row: SerialRow) -> str:
        """The text of a row in this column."""
        return self._fitting(row, ANY_WIDTH)

    def _fitting(self, row: SerialRow, width: int) -> str:
        if self.of_row is not None:
            return self.of_row(row, width)
        return (self.text or self.column.text)(row[self.column])

    def draw(self, row: SerialRow, theme: str, width: int) -> Text:
        """The styled cell of a row, `width` cells wide at most."""
        value = row[self.column]
        text = self.mark(value) if self.mark is not None and width <= MARK_ALONE else self._fitting(row, width)
        style = quiet(theme) if self.quiet is not None and self.quiet(row) else self.style(value, theme)
        return cell(clip(text, max(1, width)), style)


def _place(row: SerialRow, width: int) -> str:
    """The place: `→ NORTH` on the way there, `(NORTH)` where it was last, if the brackets fit."""
    code = row[LOCATION]
    match row[STATUS].place:
        case PlaceMeaning.DESTINATION:
            return f"→ {code}"
        # A code is never cut for the sake of brackets; the column is dimmed as well.
        case PlaceMeaning.LAST if cell_len(code) + 2 <= width:
            return f"({code})"
    return code


def _is_last_place(row: SerialRow) -> bool:
    return row[STATUS].place is PlaceMeaning.LAST


def _serial_share(cells: int, left: int) -> int:
    if cells < NARROW:
        return left - max(10, left * 4 // 10)
    if cells < CUSTOMER_FROM:
        return left - max(9, min(14, left * 4 // 10))
    return max(12, min(24, left * 4 // 10))


def _place_share(cells: int, left: int) -> int:
    return max(10, left * 45 // 100) if cells < BROAD else max(14, left // 3)


CUSTOMER_FROM: Final = 54
"""Grid width in cells from which there is room for the customer."""

GRID: Final[list[GridColumn[Any]]] = [
    GridColumn[str](SERIAL, short="Serial", style=lambda _, __: Style(bold=True), share=_serial_share),
    GridColumn[StatusLook](
        STATUS,
        style=status_look,
        mark=lambda status: status.mark,
        width=12,  # the longest built-in status
        filter=FilterLook("f4", "Status", "Show only one status", "Show which status", "is"),
    ),
    GridColumn[str](
        LOCATION,
        of_row=_place,
        quiet=_is_last_place,
        shown_from=25,
        share=_place_share,
        whole=True,
        filter=FilterLook("ctrl+l", "Place", "Show only one location", "Show which location", "is at"),
    ),
    GridColumn[str | None](CUSTOMER, shown_from=CUSTOMER_FROM, gives_way=True),
    GridColumn[Warranty](
        WARRANTY,
        text=lambda state: GRID_LABELS[state],
        short="Warranty",
        style=lambda _, theme: quiet(theme),
        shown_from=73,
        width=14,
        gap=2,  # keeps the heading on one line: it is one cell longer than the longest warranty
    ),
    GridColumn[date](
        RECEIVED, short="Received", style=lambda _, theme: quiet(theme), shown_from=CUSTOMER_FROM, width=10
    ),
]
"""All columns, in grid order."""


MARK_AT_EDGE: Final = 2
"""With this few columns the last one is a mark, which needs an empty cell before the edge."""


def grid_column(code: str) -> GridColumn[Any]:
    """The column with this code."""
    return next(column for column in GRID if column.code == code)


class Width(NamedTuple):
    """A column and its width."""

    column: GridColumn[Any]
    text: int
    """Cells for the text."""
    gap: int
    """Empty cells after it."""


def layout(room: int) -> list[Width]:
    """The columns that fit, and their widths.

    Args:
        room: width of the rows in cells, gutter included, scrollbar excluded.
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
            # The last sharing column takes what is left, so that rounding leaves no cells over.
            text = max(4, left) if column is sharing[-1] else column.share(room, left)
            left -= text
        found.append(Width(column, text, gap))
    return found


def _gap(column: GridColumn[Any], room: int) -> int:
    if room < NARROW and column.mark is not None:
        return 2  # so that a lone mark is not read as part of the next column
    return 1 if room < BROAD else 2


BY_SERIAL: Final = Sorting(SERIAL.code)
"""The usual order of the grid."""


def columns(room: int, theme: str, sorting: Sorting) -> list[RecordColumn[SerialRow]]:
    """The table columns for a width.

    Args:
        room: width of the rows in cells, gutter included, scrollbar excluded.
        theme: name of the current theme.
        sorting: the order, whose column has a sign in its heading.
    """
    made = []
    for column, text, gap in layout(room):
        arrow = ORDER_SIGNS[sorting.descending] if column.code == sorting.code else ""
        word = "" if text == 1 else column.heading  # a column of lone marks has no room for a heading
        # A heading may use the gap but for one cell, which keeps it apart from the next one.
        label = heading(word + arrow, text + gap - (1 if gap else 0))
        made.append(RecordColumn[SerialRow](column.code, label, text + gap, partial(_draw, column, theme, text)))
    return made


def _draw(column: GridColumn[Any], theme: str, width: int, row: SerialRow) -> Text:
    return column.draw(row, theme, width)


def heading(label: str, width: int) -> str:
    """A heading for `width` cells; if too long, broken into two lines at the blank that keeps both shortest."""
    words = label.split(" ")
    if len(label) <= width or len(words) == 1:
        return label
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(halves, key=lambda half: max(map(len, half))))


def shown_whole(row: SerialRow, shown: Sequence[RecordColumn[SerialRow]]) -> list[str]:
    """Codes of the columns that show a row's text in full; a status shown as a lone mark does not count."""
    found = []
    for each in shown:
        column = grid_column(each.key)
        is_mark = column.mark is not None and each.width <= MARK_ALONE + 1
        is_cut = column.whole and each.cell(row).plain.endswith("…")
        if not is_mark and not is_cut:
            found.append(column.code)
    return found


def left_out(row: SerialRow, shown: Sequence[str], width: int) -> str:
    """The texts of a row that the columns do not show in full, in one line.

    Args:
        row: the row under the cursor.
        shown: codes of the columns that show its text in full.
        width: cells; a long customer is cut first.
    """
    hidden = {column: column.said(row) for column in GRID if column.code not in shown}
    hidden = {column: text for column, text in hidden.items() if text}
    for column, text in list(hidden.items()):
        if column.gives_way:
            others = sum(len(other) + 3 for each, other in hidden.items() if each is not column)
            hidden[column] = clip(text, max(8, width - others))
    earlier = [f"earlier text {row.earlier}"] if row.earlier else []
    return " · ".join([*earlier, *hidden.values()])


T = TypeVar("T")

ALL: Final = ""
"""The choice "all" in a list of values."""

ORDER: Final = "order"
"""Key of the order control in `SerialFilter.labels`."""

REMOVED: Final = str(StatusCode.REMOVED)
"""The code of the filter for removed records, beside the codes of columns."""


def filtering() -> list[GridColumn[Any]]:
    """The columns with a filter; each has its own control."""
    return [look for look in GRID if look.filter is not None]


class SerialFilter:
    """The current filters and search text of one item's grid."""

    def __init__(self, item_id: int) -> None:
        self._item_id = item_id
        self._only: dict[str, FilterValue] = {}
        """The required value of each filtered column, by column code."""
        self._memory = RememberedList()  # until `remember` is given the one of the app
        self._before_removed: FilterValue | None = None
        """The status shown before the removed ones; None for all."""

    def remember(self, memory: RememberedList) -> None:
        """Take the filters that were set last, on this item or another one, and the text that was looked for on it."""
        # A filter is meant for any item; a text in Find is a serial of the one where it was typed.
        find = memory.find if memory.find_of == self._item_id else ""
        self._memory, self._only = memory, dict(memory.filters or {})
        self.find = find

    @property
    def find(self) -> str:
        """The search text as typed, without outer blanks."""
        return self._find

    @find.setter
    def find(self, text: str) -> None:
        self._find = self._memory.find = text
        self._memory.find_of = self._item_id

    def _require(self, code: str, value: FilterValue | None) -> None:
        """Require a value in a column; None takes the filter away."""
        if value is None:
            self._only.pop(code, None)
        else:
            self._only[code] = value
        # A copy: the next list changes its own filters, not these.
        self._memory.filters = dict(self._only) or None

    def source(self) -> SerialSource:
        """A new source of rows with these filters."""
        only = {column_with(code): value.value for code, value in self._only.items()}
        return SerialSource(Selection(self._item_id, only, self.find))

    @property
    def narrows(self) -> bool:
        """Whether any filter or search text is set."""
        return bool(self.find or self._only)

    def labels(self, sorting: Sorting, *, short: bool = False) -> dict[str, str]:
        """Labels of the controls: filters by column code, then the order under `ORDER`.

        Args:
            sorting: the order.
            short: for a narrow terminal.
        """
        said: dict[str, str] = {}
        for look in filtering():
            value = self._only.get(look.code)
            if short:
                said[look.code] = f"{value.text if value else look.short_heading} ▾"
            else:
                said[look.code] = f"{look.short_heading}: {value.text if value else 'all'} ▾"
        order = f"{grid_column(sorting.code).short_heading} {ORDER_SIGNS[sorting.descending]}"
        return {**said, ORDER: order if short else f"Sort: {order}"}

    @property
    def in_words(self) -> str:
        """The filters in words, to follow "No serial" in a message."""
        words = [f"has {self.find.lstrip('*')} in it"] if self.find else []
        words += [
            f"{look.filter.chosen} {self._only[look.code].label}"
            for look in GRID
            if look.filter is not None and look.code in self._only
        ]
        return " and ".join(words)

    def clear(self) -> None:
        """Remove filters and search text."""
        self.find = ""
        self._only.clear()
        self._memory.filters = None

    def exact(self, *texts: str) -> tuple[str, int] | None:
        """The first text that a serial has, and its id, ignoring filters; for the database thread."""
        for text in texts:
            found = find_serials(text, self._item_id)
            if len(found) == 1:
                return text, found[0][0]
        return None

    def only_hit(self) -> int | None:
        """Id of the only serial listed, or None; for the database thread."""
        listed = self.source()
        hits = listed.fetch(0, 1) if listed.count() == 1 else []
        return hits[0].id if hits else None

    async def choose(self, context: Context, look: GridColumn[Any]) -> bool:
        """Ask for the value of a column's filter; True if one was chosen."""
        assert look.filter is not None, "it has a list of values"
        values = await _read(context, partial(filter_of(look.column).values, self._item_id))
        if values is None:
            return False
        total = sum(value.serials for value in values if value.code != StatusCode.REMOVED)  # lists leave these out
        choices = [(ALL, "all", _records(total, total))]
        choices += [(value.code, value.text, f"{_records(value.serials, total)}  {value.name}") for value in values]
        present = self._only.get(look.code)
        chosen = await _choose(context, look.filter.title, choices, present.code if present else ALL)
        if chosen is not None:
            self._require(look.code, next((value for value in values if value.code == chosen), None))
        return chosen is not None

    @property
    def shows_removed(self) -> bool:
        """Whether only removed ones are shown."""
        status = self._only.get(STATUS.code)
        return status is not None and status.code == REMOVED

    async def choose_by(self, context: Context, code: str) -> bool:
        """Ask for the value of a column's filter, by the column's code; True if one was chosen.

        `REMOVED` asks nothing: it switches between the removed records and the previous filter.
        """
        return await (self._toggle_removed(context) if code == REMOVED else self.choose(context, grid_column(code)))

    async def _toggle_removed(self, context: Context) -> bool:
        code = STATUS.code
        if self.shows_removed:
            self._require(code, self._before_removed)
            return True
        values = await _read(context, partial(filter_of(STATUS).values, self._item_id)) or []
        removed = [value for value in values if value.code == REMOVED]
        if removed:
            self._before_removed = self._only.get(code)
            self._require(code, removed[0])
        return bool(removed)


async def _choose(context: Context, title: str, choices: Sequence[tuple[str, str, str]], present: str) -> str | None:
    return await context.ask(ChooseDialog(title, [Choice(*choice) for choice in choices], present=present))


def _records(count: int, total: int) -> str:
    """A count padded to the width of the total, so that counts and names line up."""
    return f"{count:>{len(f'{total:,}')},} {'record ' if count == 1 else 'records'}"


async def _read(context: Context, function: Callable[[], T]) -> T | None:
    """Read a list of values while keys wait, so that they go to its dialog; None after an error, which is shown."""
    with context.keyboard.hold():
        try:
            return await context.db.run(function)
        except SerialdockError as trouble:
            context.notify(visible(trouble.message), markup=False, severity="error")
            return None
