"""The line of Add Serial with what was added last, and how many were and were not."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.serials.add import AddResult
from tui.dialogs.verdicts import added_in_words
from tui.text import plain


class AddedRow(HorizontalGroup):
    """In the words that there is room for; the serial goes before all."""

    def __init__(self) -> None:
        super().__init__(classes="row added")
        self._last: AddResult | None = None
        self._added = self._refused = 0

    def compose(self) -> ComposeResult:
        """The last one, the counts."""
        yield Static("", classes="added-last", markup=False)
        yield Static("", classes="added-count", markup=False)

    def tell(self, last: AddResult | None, added: int, refused: int) -> None:
        """Show another result.

        Args:
            last: what was added last, if anything was.
            added: how many were.
            refused: how many were not and wait.
        """
        self._last, self._added, self._refused = last, added, refused
        self._show()

    def on_resize(self) -> None:
        """Say more or less of it."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        last, shown = self.query_one(".added-last", Static), self.query_one(".added-count", Static)
        room, added, refused = self.content_size.width, self._added, self._refused
        count = ", ".join(filter(None, (f"{added:,} added" if added else "", f"{refused:,} not" if refused else "")))
        if self._last is not None and cell_len(f"+ {self._last.serial_number} {count}") > room:
            count = f"{added:,}" + (f" ✗{refused:,}" if refused else "")
        if shown.styles.width is None or shown.styles.width.value != len(count):
            shown.styles.width = len(count)
        shown.update(plain(count), layout=False)
        if self._last is not None:
            last.update(plain(added_in_words(self._last, room - len(count) - 1)), layout=False)
