"""The staged rows of a file in the columns that fit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from rich.text import Text

from models.importing.columns import Field
from models.importing.staging import ImportRow
from tui.kit.lazy_table import RecordColumn
from tui.kit.record_table import RecordTable, Run
from tui.text import cell
from tui.themes import status_style

Column = RecordColumn[ImportRow]

_WIDE, _NORMAL, _NARROW = 100, 58, 34
"""Cells from which on more columns fit."""


class FieldColumn(NamedTuple):
    """How the screen shows a field of the rows."""

    field: Field
    width: int
    grow: int = 0
    """Its share in the room that is left over."""
    shown_from: int = _NORMAL
    """Cells from which on there is room for it."""
    beside_items_from: int = 0
    """Cells from which on there is room for it beside the items of rows that name them."""


FIELDS: Final = (
    FieldColumn(Field.SERIAL_NUMBER, 12, grow=3, shown_from=0),
    FieldColumn(Field.ITEM, 9, grow=2, shown_from=_NARROW),
    FieldColumn(Field.LOCATION, 10, grow=1),
    FieldColumn(Field.STATUS, 10),
    FieldColumn(Field.CUSTOMER, 8, grow=2, beside_items_from=_WIDE),
    FieldColumn(Field.DATE_RECEIVED, 10),
)
"""Those of `PREVIEWED`, in the order of the columns."""

_FLAT = 4
"""Lines up to which the rows do without their heading."""

NEW, WARNING, ERROR = "+ New", "? Warning", "! Error"
"""What would become of a row."""


def result(row: ImportRow) -> str:
    """Mark and word."""
    if not row.is_new:
        return ERROR
    return WARNING if row.warning else NEW


def _columns(room: int, theme: str, digits: int, *, with_item: bool) -> Sequence[Column]:
    """What fits into so many cells; each column but the last brings the gap behind it.

    Args:
        room: cells across the rows, gutter included.
        theme: the name of the theme in use.
        digits: cells of the highest number.
        with_item: whether rows name their items.
    """
    styles = {
        said: status_style(theme, colour) for said, colour in ((NEW, "green"), (WARNING, "yellow"), (ERROR, "red"))
    }

    def shown(row: ImportRow) -> Text:
        said = result(row)
        return cell(said if room >= _NARROW else said[0], styles[said])

    number = Column("row", "Row", digits, lambda row: cell(f"{row.row:,}"), justify="right")
    mark = Column("result", "Result", len(WARNING), shown) if room >= _NARROW else Column("result", "", 1, shown)
    fields = [
        Column(each.field, each.field.label, each.width, partial(_value, each.field), grow=each.grow)
        for each in FIELDS
        if room >= each.shown_from
        if with_item or each.field is not Field.ITEM
        if not with_item or room >= each.beside_items_from
    ]
    return _apart([number, mark, *fields])


def _value(field: Field, row: ImportRow) -> Text:
    return cell(row[field])


def _apart(columns: Sequence[Column]) -> Sequence[Column]:
    """Columns with an empty cell between them."""
    gaps = [Column(f"gap {place}", "", 1, lambda _: cell("")) for place in range(len(columns))]
    return [each for pair in zip(columns, gaps, strict=True) for each in pair][:-1]


class ImportRowsTable(RecordTable[ImportRow]):
    """What would become of each row."""

    HELP = (
        "Each line is a row of the file, by its number there. Rows in Error cannot be imported; rows with a Warning "
        "can, and are worth a look: their serial looks like another one, or unlike the item's others. Why stands "
        "beneath, for the row under the cursor; Enter shows the row whole, F4 only the errors, only the warnings, all. "
        "F10 imports all but the errors, which are written to a file of their own."
    )

    def __init__(self, run: Run, *, with_item: bool, **options: Any) -> None:
        """Make the table.

        Args:
            run: as for `RecordTable`.
            with_item: whether rows name their items.
            **options: as of every widget.
        """
        self._with_item, self._digits = with_item, 5
        super().__init__(
            _columns(79, "ansi", 5, with_item=with_item), run=run, marking=False, cell_padding=0, **options
        )

    def on_mount(self) -> None:
        """Follow the colours of the app."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit(self._digits))

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.show_header = self.size.height > _FLAT
        self.fit(self._digits)

    def fit(self, digits: int) -> None:
        """Show the columns that fit.

        Args:
            digits: cells of the highest row number.
        """
        self._digits = max(3, digits)
        room = self.size.width - self.styles.scrollbar_size_vertical
        if room > 0:
            self.set_columns(_columns(room, self.app.theme, self._digits, with_item=self._with_item))
            self._clear_caches()
            self.refresh()

    def left_out(self, row: ImportRow) -> str:
        """What the columns do not show of a good row, in one line; any text, not yet made visible."""
        shown = {column.key for column in self.record_columns}
        fields = [each.field for each in FIELDS if self._with_item or each.field is not Field.ITEM]
        return " · ".join(row[field] for field in fields if row[field] and field not in shown)
