"""Import, step 3: the preview of all rows, with the reason of each error and warning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Checkbox, DataTable, Static

from models.importing.choices import NOTHING_CHOSEN, Choices
from models.importing.columns import Field
from models.importing.imports import Staged
from models.importing.rows import AS_ONE, MAKES, MIXED_DATES, OTHER_ITEM, SEVERAL, SPLIT
from models.importing.serial_cells import Doubt
from models.importing.staging import PREVIEWED, ImportRow, ImportRowSource, RowsShown
from models.text import counted
from tui.kit.dialog import Dialog
from tui.kit.form import TickBox, button
from tui.kit.lazy_table import RecordColumn
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable, Run
from tui.records.status import MARK_ALONE
from tui.serials.columns import GRID
from tui.text import cell, plain
from tui.themes import status_style, style_sheets

Column = RecordColumn[ImportRow]

_WIDE, _NORMAL, _NARROW = 100, 58, 34
"""Widths in cells from which each set of columns fits."""


class FieldColumn(NamedTuple):
    """A column of the preview; one that the serials grid has too takes its heading and fixed width from there."""

    field: Field
    least: int = 0
    """Width in cells before `grow`; 0 for a column that has a fixed width in the grid."""
    grow: int = 0
    """Its share of the room that is left over."""
    shown_from: int = _NORMAL
    """Width in cells from which it is shown."""
    beside_items_from: int = 0
    """Width in cells from which it is shown if the item column is shown too."""

    @property
    def heading(self) -> str:
        """The heading."""
        column = _IN_GRID.get(self.field)
        return column.heading if column is not None else self.field.label

    @property
    def width(self) -> int:
        """Width in cells before `grow`."""
        if self.least:
            return self.least
        column = _IN_GRID[self.field]
        mark = MARK_ALONE if column.mark is not None else 0  # a file has words only
        return column.width - mark


_IN_GRID: Final = {column.code: column for column in GRID}

FIELDS: Final = (
    FieldColumn(Field.SERIAL_NUMBER, 12, grow=3, shown_from=0),
    FieldColumn(Field.ITEM, 9, grow=2, shown_from=_NARROW),
    FieldColumn(Field.LOCATION, 10, grow=1),
    FieldColumn(Field.STATUS),
    FieldColumn(Field.CUSTOMER, 8, grow=2, beside_items_from=_WIDE),
    FieldColumn(Field.DATE_RECEIVED),
)
"""The fields of `PREVIEWED`, in column order."""

_FLAT = 4
"""Height in lines up to which the table hides its heading."""

NEW, WARNING, ERROR = "+ New", "? Warning", "! Error"
"""The result of a row: mark and word."""


def result(row: ImportRow) -> str:
    """The result of a row: mark and word."""
    if not row.is_new:
        return ERROR
    return WARNING if row.warning else NEW


def _columns(room: int, theme: str, digits: int, *, with_item: bool) -> Sequence[Column]:
    """The columns that fit, with a gap column after each but the last.

    Args:
        room: width of the rows in cells, gutter included.
        theme: name of the current theme.
        digits: width of the highest row number in cells.
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
        Column(each.field, each.heading, each.width, partial(_value, each.field), grow=each.grow)
        for each in FIELDS
        if room >= each.shown_from
        if with_item or each.field is not Field.ITEM
        if not with_item or room >= each.beside_items_from
    ]
    return _with_gaps([number, mark, *fields])


def _value(field: Field, row: ImportRow) -> Text:
    return cell(row[field])


def _with_gaps(columns: Sequence[Column]) -> Sequence[Column]:
    """Put a gap column of one cell between columns."""
    # A table's own padding is on both sides of each column, which six columns have no room for.
    gaps = [Column(f"gap {place}", "", 1, lambda _: cell("")) for place in range(len(columns))]
    return [each for pair in zip(columns, gaps, strict=True) for each in pair][:-1]


class ImportRowsTable(RecordTable[ImportRow]):
    """The table of rows with their results."""

    HELP = (
        "Each line is a row of the file, by its number there. Rows in Error cannot be imported; rows with a Warning "
        "can, and are worth a look: their serial looks like another one, or unlike the item's others. Why stands "
        "beneath, for the row under the cursor; Enter shows the row whole, F4 only the errors, only the warnings, all. "
        "Above stands what many rows have in common: Ctrl+X lists items, locations and statuses not known here, where "
        "Enter says what one is; F6 makes the items and locations with the import. F5 makes a row of each serial "
        "number in a cell, F8 leaves the column of the item out, F9 refuses placeholders such as N/A. "
        "F10 imports all but the errors, which are written to a file of their own."
    )

    def __init__(self, run: Run, *, with_item: bool, **options: Any) -> None:
        """Make the table.

        Args:
            run: as for `RecordTable`.
            with_item: whether rows name their items.
            **options: as for every widget.
        """
        self._with_item, self._digits = with_item, 5  # until rows are shown
        super().__init__(
            _columns(79, "ansi", 5, with_item=with_item), run=run, marking=False, cell_padding=0, **options
        )

    def on_mount(self) -> None:
        """Restyle the cells when the theme changes."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit(self._digits))

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.show_header = self.size.height > _FLAT
        self.fit(self._digits)

    def fit(self, digits: int) -> None:
        """Show the columns that fit.

        Args:
            digits: width of the highest row number in cells.
        """
        self._digits = max(3, digits)  # the heading has three letters
        room = self.size.width - self.styles.scrollbar_size_vertical
        if room > 0:
            self.set_columns(_columns(room, self.app.theme, self._digits, with_item=self._with_item))
            self._clear_caches()  # with equal widths Textual would keep cells in the old theme
            self.refresh()

    def left_out(self, row: ImportRow) -> str:
        """The fields of a good row that no column shows, in one line; not escaped yet."""
        shown = {column.key for column in self.record_columns}
        fields = [each.field for each in FIELDS if self._with_item or each.field is not Field.ITEM]
        return " · ".join(row[field] for field in fields if row[field] and field not in shown)


class ImportRowDialog(Dialog[None]):
    """The dialog with one row: its result, the reason and its fields; any leaving key closes it."""

    CSS_PATH = style_sheets("importing")
    HELP = (
        "What the file says in this row, why it cannot be imported where it cannot, and what looks odd about it. "
        "Up and Down scroll."
    )
    WIDTH = 70

    def __init__(self, row: ImportRow) -> None:
        """Make the dialog.

        Args:
            row: the row.
        """
        super().__init__(f"Row {row.row:,}")
        self._row = row

    def compose_fields(self) -> ComposeResult:
        """The result with its reason, then the fields."""
        row = self._row
        why = row.reason or (row.warning and f"{row.warning} It is imported all the same.")
        yield Static(plain(f"{result(row)}: {why}" if why else result(row)), classes="question")
        for field in PREVIEWED:
            with HorizontalGroup(classes="row"):
                yield Static(field.label, classes="label")
                yield Static(plain(row[field] or "·"), classes="import-fact")

    def compose_buttons(self) -> ComposeResult:
        """The Close button."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Focus Close, so that Enter closes too."""
        self.query_one("#close").focus()

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)


LINES = 5
"""Height in lines of the text about a row."""

_SHORT = 60
"""Width in cells below which the text about the quantity is short."""

MADE = (Field.ITEM, Field.LOCATION, Field.CUSTOMER)
"""Fields whose records an import can make, besides serials."""

MADE_NAMED = 3
"""Number of new items, locations and customers that are named."""

_FILTERS = {RowsShown.ALL: "All rows", RowsShown.ERRORS: "Errors only", RowsShown.WARNINGS: "Warnings only"}
"""The label of F4, by what it shows next."""

_NAMES = {RowsShown.ALL: "row", RowsShown.ERRORS: "error", RowsShown.WARNINGS: "warning"}
"""The noun for a line of the list, by filter."""


_SEVERAL = {
    SEVERAL: ("Several serial numbers in a cell: {rows}. F5 makes a row of each.", "several"),
    SPLIT: ("Several serial numbers in a cell: {rows}, split. F5 takes each as one.", "split"),
    AS_ONE: ("Several serial numbers in a cell: {rows}, as one. F5 makes a row of each.", "as one"),
}
"""Remedies for cells with several serial numbers: the sentence, and its short form."""


class PreviewPane(Vertical):
    """The preview of the staged rows; posts `Wanted` when they are to be imported."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f4",
            "filter",
            "Filter",
            id="import.errors",
            tooltip="Show only the rows in error, then only those with a warning, then all again",
        ),
        Binding(
            "ctrl+x", "missing", "Missing", id="import.missing", tooltip="List what is not here, and say what it is"
        ),
        Binding(
            *("f5", "split", "Split"),
            id="import.split",
            tooltip="Make a row of each serial number in a cell, or take the cell as one",
        ),
        Binding("f6", "make", "Make", id="import.make", tooltip="Make the unknown items and locations, or not"),
        Binding("f8", "item", "No item column", id="import.item", tooltip="Leave the column of the item out"),
        Binding(
            "f9", "placeholders", "Placeholders", id="import.placeholders", tooltip="Refuse N/A and the like, or not"
        ),
        Binding("f7", "quantity", "Quantity", id="import.quantity", tooltip="Add the serials to the quantity, or not"),
        Binding("f10", "take", "Import", id="import.take", tooltip="Import the new rows"),
    ]

    class Wanted(Message):
        """Posted to import the new rows."""

    @dataclass
    class Chosen(Message):
        """Posted with a choice about all rows, to read them again with it."""

        choices: Choices
        leaves_item_out: bool = False
        """Whether the column of the item is left out."""
        says_missing: bool = False
        """Whether the person wants to say what the missing records are."""

    def __init__(self, run: Run, item: str | None) -> None:
        """Make the pane.

        Args:
            run: runs a function on the import's thread, where the rows are staged.
            item: the SKU of all rows; None if each row names its own.
        """
        super().__init__(id="import-preview")
        self._run, self._item = run, item
        self._staged: Staged | None = None
        self._choices, self._may_make, self._says_values = NOTHING_CHOSEN, False, False
        self._mapping: Mapping[int, Field] = {}
        self.shown = RowsShown.ALL
        """The current filter."""

    @property
    def table(self) -> ImportRowsTable:
        """The table of rows."""
        return self.query_one(ImportRowsTable)

    @property
    def adds_quantity(self) -> bool:
        """Whether each serial adds a unit to the quantity of its location."""
        return self.query_one(TickBox).value

    def compose(self) -> ComposeResult:
        """Counts, notes, rows, the reason of the row under the cursor, and the choice about the quantity."""
        with HorizontalGroup(classes="import-head"):
            yield Static("", classes="import-counts")
            yield button(_FILTERS[RowsShown.WARNINGS], "filter", key="F4")
        yield Static("", classes="import-notes hidden")
        yield ImportRowsTable(self._run, with_item=self._item is None)
        yield Static("", classes="import-reason")
        with HorizontalGroup(classes="import-quantity"):
            yield TickBox("Adds to quantity", id="adds-quantity")
            yield Static("", classes="import-means")
            yield Static("", classes="import-position")

    def on_mount(self) -> None:
        """Keep the filter button out of the focus order, so that Tab goes between the rows and the box."""
        self.query_one("#filter").can_focus = False
        self._tell_quantity()

    def enter(self) -> None:
        """Focus the rows."""
        self.table.focus()

    def show(
        self,
        staged: Staged,
        mapping: Mapping[int, Field],
        choices: Choices = NOTHING_CHOSEN,
        *,
        may_make: bool = False,
        says_values: bool = False,
        again: bool = False,
    ) -> None:
        """Show staged rows.

        Args:
            staged: the rows in their current state.
            mapping: the field of each column, by index.
            choices: what was chosen about the file.
            may_make: whether the person may make items and locations.
            says_values: whether texts stand for existing records.
            again: the same rows after a refused import: cursor, filter and quantity choice stay.
        """
        self._staged, self._mapping = staged, mapping
        self._choices, self._may_make, self._says_values = choices, may_make, says_values
        counts = staged.counts
        if not again:
            # Another file: whether its units are new is for the person to say each time.
            self.query_one(TickBox).value = False
        if not again or self.shown not in self._filters:
            self.shown = RowsShown.ALL
        self.call_after_refresh(self._show_counts)
        self._show_notes()
        self.table.fit(len(f"{counts.rows + 1:,}"))
        self._reload(keep_cursor=again)

    def on_resize(self) -> None:
        """Fit the texts to the width."""
        self.call_after_refresh(self._show_counts)  # the button must be laid out first: it sets the room
        self._show_notes()
        self._tell_quantity()

    def _show_notes(self) -> None:
        if self._staged is None:
            return
        notes = "\n".join([*self._remedies(self._staged), *_notes(self._staged)])
        known = self.query_one(".import-notes", Static)
        known.update(plain(notes, "$text-warning", lines=True))
        known.set_class(not notes, "hidden")

    def _show_counts(self) -> None:
        if self._staged is None:
            return
        counts = self._staged.counts
        good, odd, bad = "$text-success", "$text-warning", "bold $text-error" if counts.errors else "$quiet"
        new, errors, warned = f"+ {counts.new:,}", f"! {counts.errors:,}", counts.warned
        short = Content.assemble((new, good), *[("  ", ""), (f"? {warned:,}", odd)] * (warned > 0), "  ", (errors, bad))
        middle = Content.assemble(
            (f"{new} new", good),
            *[(", ", ""), (f"? {counted(warned, 'warning')}", odd)] * (warned > 0),
            " · ",
            (f"! {counted(counts.errors, 'error')}", bad),
        )
        whole = Content.assemble((counted(counts.rows, "row"), "bold"), " · ", middle)
        shown = self.query_one(".import-counts", Static)
        # Marks and numbers are never left out, only words.
        fitting = (each for each in (whole, middle) if each.cell_length <= shown.content_size.width)
        shown.update(next(fitting, short))

    def _reload(self, *, keep_cursor: bool) -> None:
        filters = self.query_one("#filter", Button)
        filters.label = plain(f"{_FILTERS[self._next]}  F4")
        filters.refresh(layout=True)  # a longer label would be cut
        self.call_after_refresh(self._show_counts)
        self.table.reload(ImportRowSource(self._mapping, self.shown), keep_cursor=keep_cursor)

    @property
    def _filters(self) -> list[RowsShown]:
        """The filters that have rows, in the order of F4."""
        counts = self._staged.counts if self._staged is not None else None
        some = {RowsShown.ERRORS: counts.errors, RowsShown.WARNINGS: counts.warned} if counts is not None else {}
        return [RowsShown.ALL, *(shown for shown, number in some.items() if number)]

    @property
    def _next(self) -> RowsShown:
        filters = self._filters
        after = filters[filters.index(self.shown) + 1 :] or filters
        return after[0] if len(filters) > 1 else RowsShown.ERRORS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions for which there are rows."""
        staged = self._staged
        if staged is None:
            return super().check_action(action, parameters)
        match action:
            case "filter":
                is_offered = len(self._filters) > 1
            case "missing":
                is_offered = bool(staged.missing) or self._says_values
            case "split":
                is_offered = any(map(staged.rows_with, (SEVERAL, SPLIT, AS_ONE)))
            case "make":
                is_offered = self._may_make and bool(self._choices.make or self._makeable)
            case "item":
                is_offered = bool(staged.rows_with(OTHER_ITEM))
            case "placeholders":
                is_offered = bool(staged.rows_with(Doubt.PLACEHOLDER))
            case _:
                return super().check_action(action, parameters)
        return is_offered

    # ----- what can be done about many rows

    @property
    def _makeable(self) -> list[str]:
        """Kinds of missing records that can be made."""
        missing = self._staged.missing if self._staged is not None else ()
        return [
            kind
            for kind, field in MAKES.items()
            if any(record.kind == field and not (record.is_made or record.why_not) for record in missing)
        ]

    def _remedies(self, staged: Staged) -> list[str]:
        """Remedies for many rows, one sentence each, or all in one where room is short; not escaped yet."""
        # Each sentence names the key that settles all of these rows: most files have one fault many times.
        told: list[tuple[str, str]] = []
        counts = Counter(record.kind for record in staged.missing if not record.is_made)
        if counts:
            listed = ", ".join(_counted(number, kind) for kind, number in counts.items())
            makes = self._may_make and self._makeable  # F6 is named only to those who may use it
            also = f", F6 makes the {' and '.join(self._makeable)}" if makes else ""
            told.append(
                (
                    f"Not here: {listed}. Ctrl+X lists them{also}.",
                    f"{listed} not here (Ctrl+X{', F6' if makes else ''})",
                )
            )
        for kind, (sentence, short) in _SEVERAL.items():
            if rows := staged.rows_with(kind):
                told.append((sentence.format(rows=counted(rows, "row")), f"{rows:,} {short} (F5)"))
        if rows := staged.rows_with(OTHER_ITEM):
            told.append(
                (f"Another item in {counted(rows, 'row')}: F8 leaves that column out.", f"{rows:,} others (F8)")
            )
        if rows := staged.rows_with(Doubt.PLACEHOLDER):
            does = "takes" if self._choices.refuse_placeholders else "refuses"
            sentence = f"Placeholders for a serial number: {counted(rows, 'row')}. F9 {does} them."
            told.append((sentence, f"{counted(rows, 'placeholder')} (F9)"))
        if rows := staged.rows_with(MIXED_DATES):
            told.append(
                (
                    f"Dates of a column in several orders: {counted(rows, 'row')}. F3, then F8 says which order.",
                    f"{rows:,} dates (F3 F8)",
                )
            )
        if told and self.size.width < _SHORT:
            return [f"? {' · '.join(short for _, short in told)}"]
        return [f"? {sentence}" for sentence, _ in told]

    def action_missing(self) -> None:
        """Ask the screen for the list of what is missing."""
        self.post_message(self.Chosen(self._choices, says_missing=True))

    def action_split(self) -> None:
        """Read the rows again, with a row for each serial number of a cell, or with the cell as one."""
        staged = self._staged
        # Rows may be split without a choice here: the choice of an earlier file with this header is remembered.
        is_split = self._choices.split or (staged is not None and bool(staged.rows_with(SPLIT)))
        self.post_message(self.Chosen(replace(self._choices, split=not is_split)))

    def action_make(self) -> None:
        """Read the rows again, making the unknown items and locations, or not making them any more."""
        made = frozenset() if self._choices.make else frozenset(self._makeable)
        self.post_message(self.Chosen(replace(self._choices, make=made)))

    def action_item(self) -> None:
        """Read the rows again, without the column of the item."""
        self.post_message(self.Chosen(self._choices, leaves_item_out=True))

    def action_placeholders(self) -> None:
        """Read the rows again, refusing placeholders, or taking them."""
        refused = not self._choices.refuse_placeholders
        self.post_message(self.Chosen(replace(self._choices, refuse_placeholders=refused)))

    # ----- rows

    def action_filter(self) -> None:
        """Switch to the next filter; the cursor stays on its row if the filter shows it."""
        self.shown = self._next
        self._reload(keep_cursor=True)

    @on(Button.Pressed, "#filter")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if self.check_action("filter", ()):  # a button does not ask by itself, as a key does
            self.action_filter()

    @on(RecordTable.Loaded)
    @on(DataTable.RowHighlighted)
    def _moved(self, event: RecordTable.Loaded | DataTable.RowHighlighted) -> None:
        event.stop()
        self._show_row()

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        event.stop()
        cast("Frame[object]", self.screen).say(event.error.message, "problem")

    def _show_row(self) -> None:
        """Show the reason, warning or hidden fields of the row under the cursor, and the position."""
        table, row = self.table, self.table.cursor_record
        if row is None:
            said = Content("")
        elif row.reason:
            said = Content.assemble(("! ", "bold $text-error"), plain(f"Row {row.row:,}: {row.reason}"))
        elif row.warning:
            said = Content.assemble(("? ", "bold $text-warning"), plain(f"Row {row.row:,}: {row.warning}"))
        else:
            said = plain(table.left_out(row), "$quiet")
        reason = self.query_one(".import-reason", Static)
        # Wrapping wastes room at line ends, so count one line less; Enter shows the full text.
        room = reason.content_size.width * (LINES - 1)
        if 0 < room < said.cell_length:
            said = Content.assemble(said.truncate(room - 12, ellipsis=True), (" ⏎ all", "bold $accent"))
        reason.update(said)
        position = f"{_NAMES[self.shown]} {table.cursor_row + 1:,} of {table.total:,}" if table.total else ""
        self.query_one(".import-position", Static).update(plain(position))

    @on(DataTable.RowSelected)
    def _opened(self, event: DataTable.RowSelected) -> None:
        event.stop()
        row = self.table.cursor_record
        if row is not None:
            self.app.push_screen(ImportRowDialog(row))

    # ----- quantity and import

    def action_quantity(self) -> None:
        """Toggle "Adds to quantity"."""
        self.query_one(TickBox).toggle()

    @on(Checkbox.Changed)
    def _ticked(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._tell_quantity()

    def _tell_quantity(self) -> None:
        if self.size.width < _SHORT:
            said = "a unit each" if self.adds_quantity else "no change"
        else:
            said = "Each adds a unit on hand." if self.adds_quantity else "No quantity changes."
        self.query_one(".import-means", Static).update(said)

    def action_take(self) -> None:
        """Ask the screen for the import."""
        self.post_message(self.Wanted())


def _notes(staged: Staged) -> list[str]:
    """Notes before the import, not escaped yet: earlier imports of the file, hidden rows, new customers."""
    notes = []
    for one in staged.before[:1]:  # the last of the earlier imports; the others are counted
        times = len(staged.before) - 1
        more = f", and {counted(times, 'time')} before that" if times else ""
        notes.append(
            f"! This file was imported before: {one.document}, {counted(one.serials, 'serial')}, by {one.login} at "
            f"{one.at.astimezone():%Y-%m-%d %H:%M}{more}."
        )
    if said := staged.source.hidden_said:
        notes.append(f"! {said} To import them, show them in the spreadsheet and save it.")
    made = {kind: [one for one in staged.missing if one.is_made and one.kind == kind] for kind in MADE}
    made = {kind: records for kind, records in made.items() if records}
    if len(made) > 1:
        notes.append(f"Will be made: {', '.join(_counted(len(records), kind) for kind, records in made.items())}.")
    else:
        for kind, records in made.items():
            named = ", ".join(one.code or one.name for one in records[:MADE_NAMED])
            more = f" and {len(records) - MADE_NAMED:,} more" if len(records) > MADE_NAMED else ""
            notes.append(f"{counted(len(records), f'new {kind}')} will be made: {named}{more}.")
    return notes


def _counted(number: int, kind: str) -> str:
    """As `counted`, which does not know the plural of status."""
    return f"{number:,} statuses" if kind == Field.STATUS and number > 1 else counted(number, kind)
