"""A list of documents: the table, what else is to say about its row, and the way to the document."""

from __future__ import annotations

from typing import cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import HorizontalGroup, Vertical
from textual.message import Message
from textual.widgets import DataTable, Static

from models.documents import DocumentSource
from models.errors import SerialdockError
from tui.context import Context
from tui.routes import DocumentRecord
from tui.screens.frame import Frame
from tui.text import clip, plain
from tui.widgets.documents_table import DocumentsTable
from tui.widgets.record_table import RecordTable


class DocumentsList(Vertical):
    """The documents of an item or a serial; a row that is opened shows its document."""

    class CameBack(Message):
        """The person was in a document, and may have changed serials from there."""

    def __init__(self, source: DocumentSource, why_empty: str) -> None:
        """Make the list.

        Args:
            source: which documents.
            why_empty: what stands there where there are none; a text of the program.
        """
        super().__init__(classes="documents")
        self._source, self._why_empty = source, why_empty
        self._was_hidden = False

    @property
    def context(self) -> Context:
        """The app, as far as widgets need it."""
        return cast("Context", self.app)

    @property
    def table(self) -> DocumentsTable:
        """The table."""
        return self.query_one(DocumentsTable)

    def compose(self) -> ComposeResult:
        """The table, and the line beneath it."""
        yield DocumentsTable(self._source, self.context.db.run)
        yield Static(self._why_empty, classes="documents-empty hidden", markup=False)
        with HorizontalGroup(classes="documents-foot"):
            yield Static("", classes="documents-rest")
            yield Static("", classes="documents-position")

    def on_resize(self) -> None:
        """Say what fits of the row under the cursor."""
        self.call_after_refresh(self._show_position)

    def on_hide(self) -> None:
        """Note that another tab is in front."""
        self._was_hidden = True

    def on_show(self) -> None:
        """Show what changed while another tab was in front."""
        if self._was_hidden:
            self._was_hidden = False
            self.renew()

    def enter(self) -> None:
        """Give the table the focus."""
        self.table.focus()

    def renew(self) -> None:
        """Read the list again, the cursor where it was."""
        self.table.reload()

    @on(RecordTable.Loaded)
    def _loaded(self, event: RecordTable.Loaded) -> None:
        event.stop()
        self.query_one(".documents-empty").set_class(event.total > 0, "hidden")
        self.table.set_class(event.total == 0, "-empty")
        self._show_position()

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        event.stop()
        self._say(event.error)

    @on(DataTable.RowHighlighted)
    def _moved(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._show_position()

    def _show_position(self) -> None:
        table, row = self.table, self.table.cursor_record
        position = f"document {table.cursor_row + 1:,} of {table.total:,}" if table.total else ""
        self.query_one(".documents-position", Static).update(plain(position))
        rest = self.query_one(".documents-rest", Static)
        width = max(1, rest.content_size.width)
        rest.update(plain(clip(table.left_out(row), width) if row else ""))

    @on(DataTable.RowSelected)
    def _opened(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value is not None:
            self._open(int(event.row_key.value))

    @work(exclusive=True, group="open")
    async def _open(self, document_id: int) -> None:
        try:
            await self.context.open(DocumentRecord(document_id))
        except SerialdockError as refusal:
            self._say(refusal)
            return
        self.renew()
        self.post_message(self.CameBack())

    def _say(self, refusal: SerialdockError) -> None:
        cast("Frame[object]", self.screen).say(refusal.message, "problem")
