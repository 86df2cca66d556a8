"""The folders and files of a folder, in the columns that fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from models.importing.files import UP, Entry
from tui.kit.lazy_table import RecordColumn
from tui.kit.record_table import Listed, RecordTable, at_once
from tui.sizes import size_in_words
from tui.text import cell

_NORMAL, _NARROW = 52, 34
"""Cells from which on the date, and the size, have room."""


def _name(entry: Entry) -> Text:
    if entry.name == UP:
        return cell("../", "dim")
    return cell(f"{entry.name}/", "bold") if entry.is_folder else cell(entry.name)


def _moment(entry: Entry) -> str:
    return f"{entry.changed:%Y-%m-%d %H:%M}" if entry.changed else ""


def _columns(room: int) -> Sequence[RecordColumn[Entry]]:
    column = RecordColumn[Entry]
    found = [column("name", "Name", 8, _name, grow=1)]
    if room >= _NARROW:
        size = column(
            "size", "Size", 8, lambda entry: cell("" if entry.is_folder else size_in_words(entry.size)), justify="right"
        )
        found.append(size)
    if room >= _NORMAL:
        found.append(column("gap", "", 2, lambda _: cell("")))
        found.append(
            column(
                "changed", "Changed", 16, lambda entry: cell(f"{entry.changed:%Y-%m-%d %H:%M}" if entry.changed else "")
            )
        )
    return found


class FileList(RecordTable[Entry]):
    """The list follows what is typed in the field above it; the field keeps the focus."""

    def __init__(self, **options: Any) -> None:
        """Make the list; `show` fills it.

        Args:
            **options: as of every widget.
        """
        super().__init__(
            _columns(79), Listed[Entry](()), run=at_once, marking=False, cell_padding=0, show_header=False, **options
        )
        self.can_focus = False

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.set_columns(_columns(self.size.width - self.styles.scrollbar_size_vertical))

    def show(self, entries: Sequence[Entry], under_cursor: str | None) -> None:
        """Show these entries, the cursor on one of them, else at the top."""
        self.reload(Listed(entries), keep_cursor=False, cursor_key=under_cursor)
