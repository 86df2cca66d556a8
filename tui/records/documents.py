"""Lists of documents: the table, and the list of an item's, a serial's or a customer's documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets.data_table import ColumnKey

from models.documents import DocumentRow
from models.paging import RowSource
from tui.kit.lazy_table import RecordColumn
from tui.kit.list_pane import ListPane
from tui.kit.record_table import RecordTable, Run
from tui.routes import DocumentRecord
from tui.text import cell, moment, visible

_WIDE, _NORMAL, _NARROW = 108, 58, 36
"""Widths in cells from which each set of columns fits."""


def way(row: DocumentRow) -> str:
    """The route of a document, such as `DOCK → A-01`, with the customer as an end if named; not escaped yet."""
    start, end = row.from_location, row.to_location
    if row.customer:
        if row.kind == "return":  # from the customer; all other kinds go to the customer
            start = start or row.customer
        else:
            end = end or row.customer
    if start is None:
        return f"→ {end}" if end else ""
    return f"{start} → {end}" if end else f"{start} →"


def acted(row: DocumentRow) -> str:
    """The user, and the login user if that was somebody else."""
    return f"{row.user} by {row.login_user}" if row.login_user else row.user


def _day(row: DocumentRow) -> Text:
    return cell(moment(row.at).partition(" ")[0])


def _columns(room: int) -> Sequence[RecordColumn[DocumentRow]]:
    """The columns that fit into `room` cells; widths include the gap after each column but the last."""
    column = RecordColumn[DocumentRow]
    number = column("number", "Number", 10, lambda row: cell(row.number))
    kind = column("kind", "Kind", 9, lambda row: cell(row.kind))
    at = column("at", "Date and Time", 17, lambda row: cell(moment(row.at)))
    serials = column("serials", "Serials", 8, lambda row: cell(f"{row.serials:,}"), justify="right")
    if room >= _WIDE:
        return [
            number,
            kind,
            at,
            column("from", "From", 16, lambda row: cell(row.from_location)),
            column("to", "To", 16, lambda row: cell(row.to_location)),
            column("customer", "Customer", 16, lambda row: cell(row.customer), grow=1),
            serials,
            column("gap", "", 2, lambda _: cell("")),  # numbers are right-aligned, and the next column left-aligned
            column("by", "By", 12, lambda row: cell(acted(row)), grow=1),
        ]
    if room >= _NORMAL:
        # A click on its heading orders by the start: a way has no order of its own.
        ways = column("way", "From → To", 4, lambda row: cell(way(row)), grow=1, order="from")
        who = column("by", "By", 9, lambda row: cell(acted(row)))
        return [number, kind, at, ways, serials, column("gap", "", 1, lambda _: cell("")), who]
    if room >= _NARROW:
        day = column("at", "Date", 10, _day, grow=1)
        few = column("serials", "Serials", 7, serials.cell, justify="right")
        return [column("number", "Number", 10, number.cell), column("kind", "Kind", 9, kind.cell), day, few]
    return [column("number", "Number", 9, number.cell, grow=1), column("serials", "No.", 5, serials.cell)]


class DocumentsTable(RecordTable[DocumentRow]):
    """A table of documents in the columns that fit."""

    EXPORTS = True

    HELP = (
        "The documents, newest first: receipts, sales, returns, transfers. Enter opens the one under the cursor, with "
        "all serials that it names."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="documents.open", tooltip="Open the document under the cursor"),
    ]

    def __init__(self, source: RowSource[DocumentRow], run: Run, **options: Any) -> None:
        """Make the table.

        Args:
            source: the documents.
            run: as for `RecordTable`.
            **options: as for every widget.
        """
        super().__init__(_columns(79), source, run=run, cell_padding=0, **options)

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.set_columns(_columns(self.size.width - self.styles.scrollbar_size_vertical))

    def action_page_left(self) -> None:
        """Pass the key on to the tabs; the columns always fit."""
        raise SkipAction

    def action_page_right(self) -> None:
        """Pass the key on to the tabs; the columns always fit."""
        raise SkipAction

    def _cuts(self, column: str, text: str) -> bool:
        """Whether a column is missing or too narrow for a text."""
        shown = self.columns.get(ColumnKey(column))
        return shown is None or cell_len(visible(text)) > shown.width

    def left_out(self, row: DocumentRow) -> str:
        """The texts of a document that no column shows, in one line; not escaped yet."""
        shown = {column.key for column in self.record_columns}
        parts = [
            "" if "kind" in shown else row.kind,
            "" if shown >= {"at", "way"} or "to" in shown else moment(row.at),
            way(row) if self._cuts("way", way(row)) and "to" not in shown else "",
            acted(row) if self._cuts("by", acted(row)) else "",
            f"“{row.note}”" if row.note else "",
        ]
        return " · ".join(filter(None, parts))


class DocumentsList(ListPane[DocumentRow]):
    """The documents of an item, a serial or a customer; opening a row shows the document."""

    def __init__(
        self,
        source: RowSource[DocumentRow],
        run: Run,
        *,
        of: int,
        why_empty: str,
        remembered: str,
        types: bool = True,
    ) -> None:
        """Make the list.

        Args:
            source: which documents.
            run: as for `RecordTable`.
            of: id of the item, serial or customer.
            why_empty: the message if there are none; a text of the program.
            remembered: as for `RecordTable`.
            types: as for `ListPane`.
        """
        table = DocumentsTable(source, run, remembered=remembered)
        super().__init__(
            table,
            "document",
            of=of,
            opens=lambda row: DocumentRecord(row.id),
            left_out=table.left_out,
            why_empty=why_empty,
            types=types,
            classes="documents list-pane",
        )
