"""Import, step 2: the row of the header, and the field of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable, Static

from models.importing.choices import NO_HEADER
from models.importing.columns import Field, column_letter
from models.importing.table import FileTable
from tui.context import Context
from tui.importing.work import Opened
from tui.kit.bars import key_name, offers_of
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.lazy_table import RecordColumn
from tui.kit.page import Frame
from tui.kit.record_table import Listed, RecordTable, at_once
from tui.records.location_field import LocationField
from tui.text import cell, plain

LEFT_OUT: Final = "left out"
"""The label of a column without a field."""

_NONE: Final = "\x00none"
"""The choice of no field; no field has such a name."""

_NORMAL, _NARROW = 58, 34
"""Widths in cells from which values are shown beside the columns, and field names in full."""

_FLAT: Final = 4
"""Height in lines up to which the table hides its heading."""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of the file."""

    place: int
    """Index in the file, from 0."""
    heading: str
    """Any text; empty if the file has none."""
    values: Sequence[str]
    """The first different values, as examples."""
    field: Field | None
    """The field it is mapped to; None if left out."""

    @property
    def key(self) -> str:
        """The index as text, which is the row key."""
        return str(self.place)

    @property
    def name(self) -> str:
        """The heading, or the column's letter if there is none."""
        return self.heading or f"(column {column_letter(self.place)})"


def _field_cell(column: FileColumn) -> Text:
    return cell(f"→ {column.field.label}", "bold") if column.field else cell(f"· {LEFT_OUT}", "dim")


def _columns(room: int) -> Sequence[RecordColumn[FileColumn]]:
    make = RecordColumn[FileColumn]
    heading = make("heading", "Column", 12, lambda column: cell(column.name), grow=2)
    gap = make("gap", "", 1, lambda _: cell(""))
    field = make("is", "Is", 17, _field_cell)
    if room < _NARROW:
        return [make("heading", "Column", 6, heading.cell, grow=1), gap, make("is", "Is", 10, _field_cell)]
    if room < _NORMAL:
        return [heading, gap, field]
    values = make("values", "First values", 16, lambda column: cell(", ".join(column.values)), grow=3)
    return [heading, gap, values, make("gap 2", "", 2, gap.cell), field]


HEADER: Final = "Header"
"""The mark of the header's row."""

_ABOVE: Final = 1
"""Number of rows that are shown above the header."""

_MOVES: Final = {"import.header-up": "↑", "import.header-down": "↓"}
"""The bindings that move the header, and their signs."""


class HeaderView(Static):
    """The first rows of the file as they stand; a word marks the header's row, keys those beside it."""

    def __init__(self) -> None:
        super().__init__("", classes="import-first")
        self._table: FileTable | None = None

    def show(self, table: FileTable) -> None:
        """Show the rows around the header."""
        self._table = table
        self._draw()

    def on_resize(self) -> None:
        """Show as many rows as fit."""
        self._draw()

    def draw_keys(self) -> None:
        """Draw the keys too, now that the focus is in the pane that has them."""
        self._draw()

    def _keys(self) -> tuple[str, str]:
        """The marks of the rows above and below the header: the keys that move it there; empty if they do not act."""
        # A person's settings may give these actions other keys, or none.
        keys = {offer.binding.id: key_name(offer.binding.key) for offer in offers_of(self.screen)}
        up, down = (f"{keys[name]} {sign}" if name in keys else "" for name, sign in _MOVES.items())
        return up, down

    def _draw(self) -> None:
        table = self._table
        if table is None or not self.size.height:
            return
        rows = table.first_rows
        place = next((place for place, row in enumerate(rows) if row.number == table.header_row), -1)
        lines: list[Content] = []
        if place < 0:
            said = (
                "none; columns are named by letters" if table.header_row == NO_HEADER else f"row {table.header_row:,}"
            )
            lines.append(Content.assemble((f"{HEADER}  ", "bold $accent"), plain(said, "bold")))
        digits = len(f"{rows[-1].number:,}")
        up, down = self._keys()
        beside = {place - 1: up, place + 1: down}
        for number, row in enumerate(rows[max(0, place - _ABOVE) :], max(0, place - _ABOVE)):
            if len(lines) == self.size.height:
                break
            is_header = row.number == table.header_row
            mark = HEADER if is_header else beside.get(number, "")
            # Cells may have line ends; each row of the file has one line here.
            text = " │ ".join(" ".join(cell.split()) for cell in row.cells)
            style = "bold" if is_header else "$quiet" if row.number < table.header_row else ""
            lines.append(
                Content.assemble(
                    (mark[: len(HEADER)].ljust(len(HEADER)), "bold $accent"),
                    (f" {row.number:>{digits},} ", "$quiet"),
                    plain(text, style),
                )
            )
        self.update(Content("\n").join(lines))


class ColumnsTable(RecordTable[FileColumn]):
    """A table with one line per column of the file."""

    HELP = (
        "Each line is a column of the file: its heading, its first values, and what it is. F4 or Enter chooses what it "
        "is, Space leaves it out or takes it in again. One column must be the serial number. The first rows of the "
        "file stand above: F5 and F6 move the header up and down; above the first row there is none, and the columns "
        "are named by letters. F7 chooses how the text is read, if the file does not say it, F8 the order of dates. "
        "F10 reads the file."
    )

    def __init__(self, **options: Any) -> None:
        """Make the table.

        Args:
            **options: as for every widget.
        """
        super().__init__(_columns(79), Listed[FileColumn](()), run=at_once, marking=False, cell_padding=0, **options)

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.show_header = self.size.height > _FLAT
        self.set_columns(_columns(self.size.width - self.styles.scrollbar_size_vertical))


class ColumnsPane(Vertical):
    """The pane that maps columns to fields, and asks for the location of rows that name none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "field", "What it is", id="import.field", tooltip="Choose what the column under the cursor is"),
        Binding(
            "f5", "header(-1)", "Header ↑", id="import.header-up", tooltip="Take the row above as the header, or none"
        ),
        Binding("f6", "header(1)", "Header ↓", id="import.header-down", tooltip="Take the row below as the header"),
        Binding("f7", "encoding", "Encoding", id="import.encoding", tooltip="Choose how the text of the file is read"),
        Binding(
            "f8", "dates", "Dates", id="import.dates", tooltip="Choose the order of day, month and year", show=False
        ),
        Binding("space", "leave_out", "Leave out", id="import.leave-out", tooltip="Leave the column out, or not"),
    ]

    @dataclass
    class WantsHeader(Message):
        """Posted to take another row as the header."""

        number: int
        """Number of the row; `NO_HEADER` for none."""

    class WantsEncoding(Message):
        """Posted to choose the encoding."""

    class WantsDates(Message):
        """Posted to choose the order of dates."""

    def __init__(self, item: str | None) -> None:
        """Make the pane.

        Args:
            item: the SKU of all rows; None if each row names its own.
        """
        super().__init__(id="import-columns")
        self._item = item
        self._opened: Opened | None = None
        self.mapping: dict[int, Field] = {}
        """The field of each mapped column, by index."""

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def table(self) -> ColumnsTable:
        """The table of columns."""
        return self.query_one(ColumnsTable)

    @property
    def location(self) -> LocationField:
        """The field for the location of rows that name none."""
        return self.query_one(LocationField)

    def compose(self) -> ComposeResult:
        """The first rows, the columns, the values of the one under the cursor, and the location."""
        yield HeaderView()
        yield Static("", classes="import-note")
        yield ColumnsTable()
        yield Static("", classes="import-values")
        with HorizontalGroup(classes="row import-place"):
            yield Static("Location", classes="label")
            yield LocationField(placeholder="if a row has none", id="location")

    def enter(self) -> None:
        """Focus the table."""
        self.table.focus()
        # The keys are those of the pane with the focus, which the table has only after this.
        self.call_after_refresh(self.query_one(HeaderView).draw_keys)

    def show(self, opened: Opened) -> None:
        """Show the columns of a file."""
        self._opened, self.mapping = opened, dict(opened.mapping)
        known = len(self.mapping)
        said = "mapped as the last time" if opened.is_remembered else "known by their names"
        whose = f"All rows are of {self._item}. " if self._item else "Each row names its item. "
        count = len(opened.table.header)
        of = f"{known} of {count} columns" if count != 1 else f"{known} of 1 column"
        self.query_one(".import-note", Static).update(plain(f"{whose}{of} {'is' if known == 1 else 'are'} {said}."))
        self.query_one(HeaderView).show(opened.table)
        self._list(keep_cursor=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the encoding only where the bytes of the file do not tell it."""
        if action == "encoding":
            return self._opened is not None and bool(self._opened.table.likely)
        return super().check_action(action, parameters)

    def action_header(self, step: int) -> None:
        """Take the row above or below as the header; above the first one there is none."""
        if self._opened is None:
            return
        table = self._opened.table
        numbers = [NO_HEADER, *(row.number for row in table.first_rows)]
        # A header that was named by its row may stand below the first rows; F5 then goes to the last of these.
        place = numbers.index(table.header_row) if table.header_row in numbers else len(numbers) - 1
        to = min(max(0, place + step), len(numbers) - 1)
        if numbers[to] != table.header_row:
            self.post_message(self.WantsHeader(numbers[to]))

    def action_encoding(self) -> None:
        """Ask the screen for another encoding."""
        self.post_message(self.WantsEncoding())

    def action_dates(self) -> None:
        """Ask the screen for the order of dates."""
        self.post_message(self.WantsDates())

    def _list(self, *, keep_cursor: bool = True) -> None:
        assert self._opened is not None, "a file is shown"
        columns = [
            FileColumn(place, heading, values, self.mapping.get(place))
            for place, (heading, values) in enumerate(
                zip(self._opened.table.header, self._opened.examples, strict=True)
            )
        ]
        self.table.reload(Listed(columns), keep_cursor=keep_cursor)

    @on(RecordTable.Loaded)
    @on(DataTable.RowHighlighted)
    def _moved(self, event: RecordTable.Loaded | DataTable.RowHighlighted) -> None:
        event.stop()
        column = self.table.cursor_record
        values = ", ".join(column.values) if column and column.values else "no values in the first rows"
        said = f"{column.name}: {values}" if column else ""
        self.query_one(".import-values", Static).update(plain(said))

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_field()

    @work(exclusive=True, group="choose")
    async def action_field(self) -> None:
        """Choose the field of the column under the cursor."""
        column = self.table.cursor_record
        if column is None:
            return
        # A field can be chosen although another column has it; the list says which one would lose it.
        holders = {field: self._named(place) for place, field in self.mapping.items() if place != column.place}
        choices = [Choice(_NONE, LEFT_OUT)]
        choices += [Choice(field, field.label, f"now {holders[field]}" if field in holders else "") for field in Field]
        dialog = ChooseDialog(f"What is {column.name}?", choices, present=str(column.field or _NONE))
        chosen = await self.context.ask(dialog)
        if chosen is not None:
            self._set(column, None if chosen == _NONE else Field(chosen))

    def action_leave_out(self) -> None:
        """Leave the column under the cursor out, or map it again to its first field."""
        column = self.table.cursor_record
        if column is None or self._opened is None:
            return
        if column.field is not None:
            self._set(column, None)
        elif (first := self._opened.mapping.get(column.place)) is not None:
            self._set(column, first)
        else:
            self.action_field()

    def leave_out(self, field: Field) -> None:
        """Leave out the column that is mapped to a field."""
        self.mapping = {place: found for place, found in self.mapping.items() if found is not field}
        self._list()

    def _set(self, column: FileColumn, field: Field | None) -> None:
        """Map a column to a field; another column with that field is left out."""
        # Two columns of one field would contradict each other in some rows.
        frame = cast("Frame[object]", self.screen)
        frame.say("")
        for place, other in list(self.mapping.items()):
            if field is not None and other is field and place != column.place:
                del self.mapping[place]
                frame.say(f"{self._named(place)} was {field.label} before; that column is left out now.")
        if field is None:
            self.mapping.pop(column.place, None)
        else:
            self.mapping[column.place] = field
        self._list()

    def _named(self, place: int) -> str:
        assert self._opened is not None, "a file is shown"
        return FileColumn(place, self._opened.table.header[place], (), None).name
