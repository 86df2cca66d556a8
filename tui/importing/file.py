"""Import, step 1: choosing the file, and the sheet of a workbook.

The path field keeps the focus; the list of files follows what is typed there.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.message import Message
from textual.widgets import DataTable, Input, Static

from models.errors import BadValue, SerialdockError
from models.importing.choices import Choices
from models.importing.encodings import Likely
from models.importing.files import (
    UP,
    FolderEntry,
    first_folder,
    is_folder,
    is_path,
    is_there,
    list_folder,
    meant_path,
    under_home,
)
from models.text import search_key
from tui.context import Context
from tui.importing.work import ImportWork, Opened
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.form import FormInput
from tui.kit.lazy_table import RecordColumn
from tui.kit.page import Frame
from tui.kit.record_table import Listed, RecordTable, at_once
from tui.text import cell, plain, size_in_words

_NORMAL, _NARROW = 52, 34
"""Widths in cells from which the date, and the size, are shown."""


def _name(entry: FolderEntry) -> Text:
    if entry.name == UP:
        return cell("../", "dim")
    return cell(f"{entry.name}/", "bold") if entry.is_folder else cell(entry.name)


def _moment(entry: FolderEntry) -> str:
    return f"{entry.changed:%Y-%m-%d %H:%M}" if entry.changed else ""


def _columns(room: int) -> Sequence[RecordColumn[FolderEntry]]:
    column = RecordColumn[FolderEntry]
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


class FileList(RecordTable[FolderEntry]):
    """The list of files, which follows the text in the field above; the field keeps the focus."""

    def __init__(self, **options: Any) -> None:
        """Make the list; `show` fills it.

        Args:
            **options: as of every widget.
        """
        super().__init__(
            _columns(79),
            Listed[FolderEntry](()),
            run=at_once,
            marking=False,
            cell_padding=0,
            show_header=False,
            **options,
        )
        self.can_focus = False  # the path field keeps the focus

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.set_columns(_columns(self.size.width - self.styles.scrollbar_size_vertical))

    def show(self, entries: Sequence[FolderEntry], under_cursor: str | None) -> None:
        """Show these entries, with the cursor on the named one, else at the top."""
        self.reload(Listed(entries), keep_cursor=False, cursor_key=under_cursor)


class PathInput(FormInput):
    """The path field; if empty, Backspace and Left ask for the parent folder."""

    class WantsUp(Message):
        """Posted to list the parent folder."""

    def action_delete_left(self) -> None:
        """Delete a character, or ask for the parent folder."""
        if self.value:
            super().action_delete_left()
        else:
            self.post_message(self.WantsUp())

    def action_cursor_left(self, select: bool = False) -> None:
        """Move the cursor, or ask for the parent folder."""
        if self.value:
            super().action_cursor_left(select)
        else:
            self.post_message(self.WantsUp())


class FilePane(Vertical):
    """The pane that chooses the file; the screen opens it."""

    HELP = (
        "Choose the file: CSV, TSV or a workbook. Up and Down move in the list, Enter opens the folder or takes the "
        "file under the cursor, Backspace goes to the folder above. Typing narrows the list. A path can be typed, "
        "pasted or dragged here too; ~ is your home. F4 chooses the sheet of a workbook."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "sheet", "Sheet", id="import.sheet", tooltip="Choose the sheet of the workbook under the cursor"),
    ]

    @dataclass
    class Chosen(Message):
        """A file was chosen."""

        path: str
        asks_sheet: bool
        """Whether to ask for its sheet even if there is only one."""

    def __init__(self, run: Callable[..., Awaitable[Any]]) -> None:
        """Make the pane.

        Args:
            run: runs a function on the import's thread, so that a slow disk does not block the screen.
        """
        super().__init__(id="import-file")
        self._run = run
        self._base = ""
        """The folder to which typed names are relative."""
        self._folder = ""
        """The folder that is listed, which follows a path while it is typed."""
        self._meant: str | None = None
        """Name of the entry that gets the cursor once the list is read."""
        self._entries: Sequence[FolderEntry] = ()
        """All entries of the listed folder."""
        self._listed: Sequence[FolderEntry] = ()
        """The entries that have the typed text in their names."""
        self.is_looking = False
        """Whether the chosen file is being opened, on the thread that lists folders; nothing can be chosen then."""

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def field(self) -> PathInput:
        """The path field."""
        return self.query_one(PathInput)

    def compose(self) -> ComposeResult:
        """The path field, the folder's name and the list of its files."""
        with HorizontalGroup(classes="row import-path"):
            yield Static("File", classes="find-label")
            yield PathInput(placeholder="path, or part of a name", id="path")
        yield Static("", classes="import-folder")
        yield FileList()
        yield Static("", classes="import-empty hidden")

    def on_mount(self) -> None:
        """List the folder of the last file, or else the current directory."""
        self._go(self.context.last_folder or first_folder())

    def enter(self) -> None:
        """Focus the path field."""
        self.field.focus()

    def renew(self, under_cursor: str = "") -> None:
        """List the folder of the last file, with the cursor on the named file."""
        self._go(self.context.last_folder or self._base, came_from=under_cursor or None)

    def say(self, refusal: SerialdockError) -> None:
        """Show a refusal above the key bar."""
        cast("Frame[object]", self.screen).say(refusal.message, "problem")

    # ----- list

    @work(exclusive=True, group="list")
    async def _go(self, folder: str, *, came_from: str | None = None) -> None:
        with self.context.keyboard.hold():  # what is typed next narrows the new list
            await self._list(folder, came_from=came_from)

    async def _list(self, folder: str, *, came_from: str | None = None) -> bool:
        """Show a folder; if it cannot be listed, report that and stay. True on success."""
        try:
            entries = await self._run(list_folder, folder)
        except SerialdockError as refusal:
            self.say(refusal)
            if not self._base and folder != "/":  # the first folder failed: start at the root instead
                return await self._list("/")
            return False
        self._base = self._folder = folder
        self._entries = entries
        with self.prevent(Input.Changed):  # emptying the field here must not list the folder once more
            self.field.value = ""
        self._narrow(came_from)
        return True

    def _narrow(self, under_cursor: str | None = None) -> None:
        """Show the names that contain the typed text, those that begin with it first."""
        word = search_key(_last_part(self.field.value))
        if word:
            named = [entry for entry in self._entries if entry.name != UP and word in search_key(entry.name)]
            named.sort(key=lambda entry: not search_key(entry.name).startswith(word))
            self._listed = named
        else:
            self._listed = self._entries
            # Enter on `..` by mistake would lead away from the files, so the cursor begins below it.
            if under_cursor is None and len(self._listed) > 1 and self._listed[0].name == UP:
                under_cursor = self._listed[1].name
        self._meant = under_cursor
        self.query_one(FileList).show(self._listed, under_cursor)
        self.query_one(".import-folder", Static).update(plain(f"in {under_home(self._folder)}"))
        empty = self.query_one(".import-empty", Static)
        is_bare = not [entry for entry in self._listed if entry.name != UP]
        empty.set_class(not is_bare, "hidden")
        if is_bare:
            what = "Nothing here has that in its name." if word else "No CSV, TSV or workbook in this folder."
            empty.update(what)

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._follow(event.value)

    @work(exclusive=True, group="list")
    async def _follow(self, text: str) -> None:
        # Exclusive and without a hold: a slow folder holds no key up, and the next key asks anew.
        await self._list_along(text)

    async def _list_along(self, text: str) -> None:
        """List the folder of a path while it is typed, and narrow the list."""
        folder = self._base
        if is_path(text):
            meant = meant_path(text, self._base)
            if not text.rstrip().endswith("/"):
                meant = os.path.dirname(meant)  # noqa: PTH120 - a path may have any characters
            if await self._run(is_folder, meant):  # else the path is not complete yet, and the list stays
                folder = meant
        if folder != self._folder:
            try:
                self._entries = await self._run(list_folder, folder)
            except SerialdockError:
                return  # Enter reports why
            self._folder = folder
        self._narrow()

    # ----- keys

    def key_down(self) -> None:
        """Move down in the list; the field keeps the focus."""
        self.query_one(FileList).action_cursor_down()

    def key_up(self) -> None:
        """Move up in the list; the field keeps the focus."""
        self.query_one(FileList).action_cursor_up()

    def key_pagedown(self) -> None:
        """Move down a page in the list."""
        self.query_one(FileList).action_page_down()

    def key_pageup(self) -> None:
        """Move up a page in the list."""
        self.query_one(FileList).action_page_up()

    @on(PathInput.WantsUp)
    def _up(self) -> None:
        above, _, here = self._folder.rstrip("/").rpartition("/")
        if here and not self.is_looking:
            self._go(above or "/", came_from=here)

    @on(Input.Submitted, "#path")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.take()

    @on(DataTable.RowSelected)
    def _clicked(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.take(from_list=True)

    def action_sheet(self) -> None:
        """Choose the file and ask for its sheet."""
        self.take(asks_sheet=True)

    @work(exclusive=True, group="list")
    async def take(self, *, from_list: bool = False, asks_sheet: bool = False) -> None:
        """Open the folder, or choose the file, that was typed or is under the cursor."""
        if self.is_looking:
            return
        with self.context.keyboard.hold():
            text = self.field.value.strip()
            if is_path(text):
                await self._list_along(text)  # this worker has cancelled `_follow`, so list the folder here
            # A typed text is a path if it looks like one or names a file; else it has narrowed the list.
            path = "" if from_list or not text else meant_path(text, self._base)
            if not path or not (is_path(text) or await self._run(is_there, path)):
                entry = self._under_cursor()
                if entry is not None and entry.name == UP:
                    self._up()
                    return
                if entry is not None:
                    path = os.path.join(self._folder, entry.name)  # noqa: PTH118 - a name may have any characters
                elif not path:
                    return
            if await self._run(is_folder, path):
                await self._list(path)
                return
            # Exports begin in this folder too.
            self.context.last_folder = os.path.dirname(path)  # noqa: PTH120
            self.post_message(self.Chosen(path, asks_sheet))

    def _under_cursor(self) -> FolderEntry | None:
        listing = self.query_one(FileList)
        if not listing.is_reloading:
            return listing.cursor_record
        self._narrow(self._meant)  # the text in the field counts, even if the list is still loading
        return next((entry for entry in self._listed if entry.name == self._meant), next(iter(self._listed), None))


def _last_part(text: str) -> str:
    """The last part of a typed path or name, which narrows the list."""
    text = text.strip().strip("'\"")
    return text.rpartition("/")[2] if is_path(text) else text


async def open_file(
    context: Context,
    job: ImportWork,
    path: str,
    followed: Callable[[Coroutine[Any, Any, Opened]], Awaitable[Opened]],
    *,
    asks_sheet: bool,
) -> Opened | None:
    """Open a file, asking for its sheet if it has several, and for its encoding if that is not certain; for workers.

    Args:
        context: the app.
        job: the import.
        path: of the file.
        followed: awaits the work and shows its progress.
        asks_sheet: ask even if the workbook has only one sheet.

    Returns:
        The file; None if no sheet or encoding was chosen.

    Raises:
        SerialdockError: it cannot be read.
    """
    opened: Opened | None = None
    sheets: Sequence[str]
    hidden: Sequence[str]
    present: str | None = None
    try:
        opened = await followed(job.open(path, None))
        sheets, hidden, present = opened.table.sheets, opened.table.hidden_sheets, opened.table.sheet
    except BadValue as refusal:
        if encodings := refusal.details.get("encodings"):
            return await open_in_encoding(context, job, path, followed, encodings)
        # The first sheet is empty, but others may not be.
        sheets, hidden = refusal.details.get("sheets", ()), refusal.details.get("hidden_sheets", ())
        if not sheets:
            raise
    if len(sheets) > 1 or opened is None or (asks_sheet and sheets):
        question = "Which sheet?" if opened is not None else "First sheet has no rows. Which?"
        choices = [Choice(name, name, "hidden" if name in hidden else "") for name in sheets]
        chosen = await context.ask(ChooseDialog(question, choices, present=present))
        if chosen is None:
            return None
        if chosen != present:  # the first sheet is open already
            opened = await followed(job.open(path, chosen))
    return opened


async def open_in_encoding(
    context: Context,
    job: ImportWork,
    path: str,
    followed: Callable[[Coroutine[Any, Any, Opened]], Awaitable[Opened]],
    encodings: Sequence[Likely],
) -> Opened | None:
    """Ask how a text file is to be read, showing a line of it in each encoding, and open it so; for workers.

    Args:
        context: the app.
        job: the import.
        path: of the file.
        followed: awaits the work and shows its progress.
        encodings: those in which it can be read, best first.

    Returns:
        The file; None if no encoding was chosen.

    Raises:
        SerialdockError: it cannot be read.
    """
    # Those whose words fit a language come first; any of the others may still be the right one.
    fitting = [one for one in encodings if one.fit] or encodings
    listed = [*fitting, *(one for one in encodings if one not in fitting)]
    choices = [Choice(one.name, one.name, f"{one.example}  ({one.label})") for one in listed]
    chosen = await context.ask(ChooseDialog("Which one reads right?", choices, present=listed[0].name))
    if chosen is None:
        return None
    return await followed(job.open(path, None, Choices(encoding=chosen)))
