"""The list of all documents, newest first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button

from models import clock
from models.documents import DocumentRow, EveryDocument
from models.verbs import DocumentKind
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.list_screen import ListScreen
from tui.records.documents import DocumentsTable
from tui.routes import DocumentRecord, Documents
from tui.text import plain
from tui.themes import style_sheets

_ALL: Final = "all"

_DAYS: Final = ((_ALL, "All days"), ("0", "Today"), ("1", "Since yesterday"), ("6", "7 days"), ("30", "31 days"))
"""Choices of the first day shown: the number of days before today, and the words for it."""

SHORT_BELOW: Final = 60
"""Width in cells below which the filters have short labels."""


class DocumentsScreen(ListScreen[DocumentRow]):
    """The list of documents."""

    CSS_PATH = style_sheets("records")
    TITLE_TEXT = "Documents"
    ROUTE = Documents()
    HELP = (
        "All documents, newest first unless another column orders them. Type a number, with or without its letter and "
        "zeros: 12 finds every document of "
        "this number, S-12 the sale; or a day, a month or a year: 2026-03-02, 2026-03, 2026-. F4 shows one kind only, "
        "F9 the last days, Esc all again. Enter opens a document with its serials."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "find", "kind", "since")
    LIST = "documents"
    NOUN = "document"
    FINDS = "number or day"
    EMPTY = "There are no documents yet. A receipt, a sale or a transfer makes one."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "kind", "Kind", id="document-list.kind", tooltip="Show documents of one kind, or of all"),
        Binding("f9", "since", "Since", id="document-list.since", tooltip="Show documents of the last days, or all"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""
        """The kind shown; empty for all."""
        self.since: date | None = None
        """The first day shown; None for all."""

    @property
    def why_empty(self) -> str:
        """The message of an empty list."""
        if not (self.kind or self.since):
            return self.EMPTY
        kind = f" of the kind {self.kind}" if self.kind else ""
        since = f" since {self.since}" if self.since else ""
        return f"There is no document{kind}{since}. Esc shows all."

    def compose_body(self) -> ComposeResult:
        """The list, with the kind and the days that were chosen last."""
        self.kind, self.since = self.memory.filters or ("", None)
        yield from super().compose_body()

    def compose_filters(self) -> ComposeResult:
        """The kind, and the first day."""
        for name, label in self._labels.items():
            choose = Button(plain(label), compact=True, id=name, classes="filter")
            choose.can_focus = False  # F4 and F9 open the lists; Tab goes into the table
            yield choose

    @property
    def _labels(self) -> dict[str, str]:
        if self.context.size.width >= SHORT_BELOW:
            return {"kind": f"Kind: {self.kind or _ALL} ▾", "since": f"Since: {self.since or _ALL} ▾"}
        return {"kind": f"{self.kind or 'Kind'} ▾", "since": f"{self.since:%m-%d} ▾" if self.since else "Since ▾"}

    def make_table(self) -> DocumentsTable:
        """The table of all documents."""
        return DocumentsTable(self.source(self.memory.find), self.context.db.run)

    def source(self, find: str) -> EveryDocument:
        """The documents of the kind and the days that a text finds."""
        return EveryDocument(self.kind, self.since, find=find)

    def fit_columns(self) -> None:
        """Nothing: the table fits its columns itself."""

    def route(self, row: DocumentRow) -> DocumentRecord:
        """The document."""
        return DocumentRecord(row.id)

    def left_out(self, row: DocumentRow) -> str:
        """The texts that no column shows, and the reference."""
        table = self.query_one(DocumentsTable)
        voided = f"voided by {row.voided_by}" if row.voided_by else ""
        return " · ".join(filter(None, (voided, row.reference, table.left_out(row))))

    # ----- filters

    @on(Button.Pressed, "#kind")
    def action_kind(self) -> None:
        """Choose the kind of documents to show."""
        self._choose_kind()

    @work(exclusive=True, group="filter")
    async def _choose_kind(self) -> None:
        choices = [Choice(_ALL, "All kinds"), *(Choice(kind, kind.capitalize(), kind.prefix) for kind in DocumentKind)]
        chosen = await self.context.ask(ChooseDialog("Documents", choices, present=self.kind or _ALL))
        if chosen is not None:
            self._filter("" if chosen == _ALL else chosen, self.since)

    @on(Button.Pressed, "#since")
    def action_since(self) -> None:
        """Choose since which day documents are shown."""
        self._choose_since()

    @work(exclusive=True, group="filter")
    async def _choose_since(self) -> None:
        present = str((clock.today() - self.since).days) if self.since else _ALL
        choices = [Choice(*choice) for choice in _DAYS]
        chosen = await self.context.ask(ChooseDialog("Documents of", choices, present=present))
        if chosen is not None:
            self._filter(self.kind, None if chosen == _ALL else clock.today() - timedelta(days=int(chosen)))

    def _filter(self, kind: str, since: date | None) -> None:
        self.kind, self.since = kind, since
        self.memory.filters = (kind, since) if kind or since else None
        self._show_filters()
        self.narrow()

    def on_resize(self) -> None:
        """Fit the labels of the filters to the width."""
        super().on_resize()
        self._show_filters()

    def _show_filters(self) -> None:
        for name, label in self._labels.items():
            button = self.query_one(f"#{name}", Button)
            button.label = plain(label)
            button.refresh(layout=True)

    def clear_filters(self) -> bool:
        """Show all kinds and days."""
        if not (self.kind or self.since):
            return False
        self._filter("", None)
        return True
