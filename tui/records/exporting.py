"""The dialog of Ctrl+W, which exports a list or a history to a file."""

from __future__ import annotations

import os
from functools import partial
from pathlib import PurePath
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Input, Static

from models import clock
from models.errors import BadValue, SerialdockError, Stop
from models.exporting.export import export_file
from models.exporting.formats import ExportFormat, format_of
from models.exporting.lists import ToExport
from models.exporting.paper import print_pdf
from models.importing.files import first_folder, is_folder, meant_path, under_home
from models.text import counted
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog, Dialog, ProgressLine
from tui.kit.form import FormInput, FormRow, button
from tui.kit.page import told
from tui.terminal.database_thread import Calls
from tui.text import plain

PDF: Final = ".pdf"
"""The end of the names of printed documents."""

_PDF_LABELS: Final = {False: "PDF, the document to print", True: "PDF with a barcode for each serial"}
"""Names of the PDF formats, by whether they have barcodes."""

_CLOSE_TIMEOUT: Final = 2.0
"""Longest wait in seconds for the thread of the export when it is done or stopped."""


class ExportDialog(Dialog[str | None]):
    """The export dialog: asks for format and file, writes it, and returns the message; None if it was left."""

    HELP = (
        "What the list shows goes into a file, with its filter and order; if rows are marked, only these, also those "
        "that a filter hides. F4 chooses the format; so does the end of the name: .csv, .xlsx, .jsonl or .txt. File is "
        "a name in the folder below it, or a path. F10 writes it; a file that is there is replaced only after a "
        "question."
    )
    WIDTH = 70
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "format", "Format", id="export.format", tooltip="Choose the format of the file"),
        Binding("f10", "write", "Write", id="export.write", tooltip="Write the file"),
    ]

    def __init__(self, what: ToExport, document: str = "") -> None:
        """Make the dialog.

        Args:
            what: the list.
            document: the number of the document whose serials they are, which can be printed too; empty for none.
        """
        super().__init__(f"Export {what.name}")
        self._what = what
        self._document = document
        self._has_bars = False
        """Whether a PDF of the document has barcodes."""
        self._format = ExportFormat.CSV
        """The format where the name of the file says none."""
        self._folder = ""
        self._stop: Stop | None = None
        """Progress of the export; None if none is written."""

    def compose_fields(self) -> ComposeResult:
        """The number of rows, the format, the file and its folder, the progress."""
        what = self._what
        # Marked rows that a filter hides are exported too, so their number is told before.
        rows = counted(what.rows, "marked row" if what.marked else "row") + told(what.hidden)
        self._folder = self.context.last_folder or first_folder()
        name = f"{what.name}-{clock.today()}{self._format.suffix}"
        yield FormRow("Rows", Static(plain(rows), classes="value"))
        yield FormRow("Format", Static("", id="format", classes="value"))
        yield FormRow("File", FormInput(name, id="file"))
        yield FormRow("In", Static(plain(under_home(self._folder)), classes="value"))
        yield ProgressLine()

    def compose_buttons(self) -> ComposeResult:
        """Write, Format and Leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Write", "write", key="F10", primary=True)
            yield button("Format", "choose", key="F4")
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Focus the name of the file."""
        self._show_format()
        self.field.focus()

    @property
    def field(self) -> FormInput:
        """The name of the file."""
        return self.query_one("#file", FormInput)

    # ----- format

    @property
    def form(self) -> ExportFormat:
        """The format that the name of the file says, else the one chosen last."""
        return format_of(self.field.value.strip()) or self._format

    @property
    def is_pdf(self) -> bool:
        """Whether the document itself is written, as a PDF."""
        return bool(self._document) and self.field.value.strip().lower().endswith(PDF)

    @on(Input.Changed, "#file")
    def _show_format(self) -> None:
        label = _PDF_LABELS[self._has_bars] if self.is_pdf else self.form.label
        self.query_one("#format", Static).update(plain(label))

    @on(Button.Pressed, "#choose")
    def action_format(self) -> None:
        """Choose the format from a list."""
        if self._stop is None:
            self._choose()

    @work(exclusive=True, group="format")
    async def _choose(self) -> None:
        choices = [Choice(one, one.label) for one in ExportFormat]
        if self._document:
            choices += [Choice(f"{PDF}{has_bars}", label) for has_bars, label in _PDF_LABELS.items()]
        present = f"{PDF}{self._has_bars}" if self.is_pdf else self.form
        chosen = await self.context.ask(ChooseDialog("Format", choices, present=present))
        if chosen is None:
            return
        name, suffix = self.field.value.strip(), PDF
        # An ending that names no format is a part of the name, as in `stock 2.3`.
        stem = name.removesuffix(PurePath(name).suffix) if format_of(name) or self.is_pdf else name
        if chosen.startswith(PDF):
            self._has_bars = chosen == f"{PDF}{True}"
        else:
            self._format = ExportFormat(chosen)
            suffix = self._format.suffix
        self.field.value = f"{stem}{suffix}"
        self._show_format()

    # ----- writing

    @on(Input.Submitted, "#file")
    @on(Button.Pressed, "#write")
    def action_write(self) -> None:
        """Write the file."""
        if self._stop is None:
            self._write()

    @work(exclusive=True, group="export")
    async def _write(self) -> None:
        name = self.field.value.strip()
        if not name:
            self.say("Give the file a name.", "problem")
            return
        path = meant_path(name, self._folder)
        said: str | None
        try:
            # In the database thread: a network drive may take long to answer.
            if await self.read(is_folder, path):
                self.say(f"{under_home(path)} is a folder. Add a name for the file.", "problem")
                return
            said = await self._exported(path, force=False)  # refused if the file is there; then the person is asked
        except BadValue as refusal:
            if not refusal.details.get("there"):
                self._refused(refusal)
                return
            said = await self._replaced(path)
        except SerialdockError as refusal:
            self._refused(refusal)
            return
        if said is not None:
            # The next export and the next import begin there.
            self.context.last_folder = os.path.dirname(path)  # noqa: PTH120 - a path may have any characters
            self.dismiss(said)

    async def _replaced(self, path: str) -> str | None:
        """Ask whether to replace a file, and write it; None if not."""
        answers = [Answer("keep", "Keep it", "f3"), Answer("replace", "Replace it", "f10")]
        question = f"{under_home(path)} is there already. F10 replaces it; F3 keeps it, and you choose another name."
        if await self.context.ask(ConfirmDialog("Replace the file?", question, answers)) != "replace":
            self.say("The file is as it was. Choose another name.")
            return None
        try:
            return await self._exported(path, force=True)
        except SerialdockError as refusal:
            self._refused(refusal)
            return None

    def _refused(self, refusal: SerialdockError) -> None:
        self.say(refusal.message, "problem")
        self.field.focus()

    async def _exported(self, path: str, *, force: bool) -> str:
        """Write the file on a thread of its own, so that look-ups and scans elsewhere do not wait.

        Returns:
            The message about it.

        Raises:
            SerialdockError: nothing was written.
        """
        context, stop = self.context, Stop()
        calls = Calls(context.database, context.actor, context.say_waiting, name="export")
        self._follow(stop)
        self.say("Writing. F12 stops it.")
        try:
            if self.is_pdf:
                printed = await calls.write(
                    partial(print_pdf, barcodes=self._has_bars, force=force, progress=stop),
                    context.actor,
                    self._document,
                    path,
                )
                return " ".join([f"Written: {under_home(path)}, {counted(printed.pages, 'page')}.", *printed.warnings])
            done = await calls.write(
                export_file, context.actor, self._what.make, path, self.form, force=force, progress=stop
            )
            return f"Written: {under_home(path)}, {counted(done.rows, 'row')}."
        finally:
            self._follow(None)
            stop.wanted = True  # where this worker was cancelled, the thread still writes
            await calls.close(_CLOSE_TIMEOUT)

    def _follow(self, stop: Stop | None) -> None:
        self._stop = stop
        self.query_one(ProgressLine).follow(stop)
        self.field.read_only = stop is not None  # not disabled: the focus would go

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Stop the writing, or close."""
        if self._stop is not None:
            self._stop.wanted = True
            self.say("Stopping …")
        else:
            super().action_leave()
