"""The import screen: the order of its four steps, and the summary at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import PurePath
from typing import Any, ClassVar, Final, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Static

from models.errors import BadValue, Cancelled, Changed, SerialdockError
from models.importing.choices import Choices, DateOrder
from models.importing.columns import Field, check_mapping
from models.importing.files import meant_path
from models.importing.imports import Imported, Staged
from models.importing.staging import Warned
from models.permissions import Permission
from models.text import counted
from tui.context import Context
from tui.importing.columns import ColumnsPane
from tui.importing.file import FilePane, open_file, open_in_encoding
from tui.importing.missing import Values, ask_meanings
from tui.importing.preview import PreviewPane
from tui.importing.work import ImportWork, Opened
from tui.kit.bars import StepLine
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog, ProgressLine
from tui.kit.form import FormInput
from tui.kit.page import Frame, is_shown
from tui.kit.scrolled import Scrolled
from tui.records.actions import void
from tui.records.location_field import LocationField, told_on_screen
from tui.text import plain, size_in_words
from tui.themes import style_sheets

WARNINGS_TOLD: Final = 5
"""Number of warnings listed in the summary."""


class SummaryPane(Scrolled):
    """The last step: what is being imported, then the summary of what was imported and left out."""

    HELP = (
        "What the import has done. The rows that were left out are in a file beside the source, each with its reason "
        "in the last column: mend them there and import that file. Serials with a warning went in all the same: look "
        "at their labels. F6 begins another import, F8 voids this one, F3 leaves."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "another", "Another file", id="import.another", tooltip="Import another file"),
        Binding("f8", "void", "Void", id="import.void", tooltip="Void this import: its serials are removed again"),
    ]

    @dataclass
    class WantsRejects(Message):
        """Posted with another file for the rows that were left out."""

        path: str

    class WantsAnother(Message):
        """Posted to import another file."""

    class WantsVoid(Message):
        """Posted to void the import that was just written."""

    def __init__(self) -> None:
        super().__init__(id="import-summary")
        self.is_done = False
        """Whether the import has ended."""
        self.document = ""
        """Number of its document; empty before its end, and when it was voided."""

    def compose(self) -> ComposeResult:
        """The facts, and the field for another file of rejected rows."""
        yield Static("", classes="import-done")
        with HorizontalGroup(classes="row import-elsewhere hidden"):
            yield Static("Write to", classes="label")
            yield FormInput(placeholder="a file in a folder of yours", id="elsewhere")

    def enter(self) -> None:
        """Focus the pane."""
        self.focus()

    def begin(self, what: str) -> None:
        """Show what is being imported."""
        self.is_done, self.document = False, ""
        self.query_one(".import-elsewhere").add_class("hidden")
        self.query_one(".import-done", Static).update(plain(what))

    def show(
        self, imported: Imported, file: str, rejects: str | None, trouble: str = "", warned: Sequence[Warned] = ()
    ) -> None:
        """Show the summary.

        Args:
            imported: the result.
            file: name of the source.
            rejects: path of the file of rejected rows, if there is one.
            trouble: why that file could not be written, if so.
            warned: the first imported rows with a warning, at most `WARNINGS_TOLD`.
        """
        self.is_done, self.document = True, imported.document
        facts = [
            ("File", file),
            ("Quantity", f"{counted(imported.units, 'unit')} added" if imported.units else "not changed"),
        ]
        made = {"Items": imported.items, "Locations": imported.locations, "Customers": imported.customers}
        facts += [(label, f"{number:,} made") for label, number in made.items() if number]
        lines: list[Content] = [
            Content.assemble(
                ("✓ ", "bold $text-success"),
                plain(f"{counted(imported.serials, 'serial')} imported, document {imported.document}.", "bold"),
            ),
            Content(""),
        ]
        if imported.left_out and not rejects:
            facts.append(("Left out", counted(imported.left_out, "row")))
        lines += [Content.assemble((f"{label:<12}", "$quiet"), plain(value)) for label, value in facts]
        if rejects:
            lines += [
                Content(""),
                plain(
                    f"{counted(imported.left_out, 'row')} left out, with the reasons. Mend this file, then import it:"
                ),
                plain(rejects, "bold"),
            ]
        elif trouble:
            lines += [Content(""), plain(f"! The import stands. {trouble}", "bold $text-warning")]
        if imported.warned:
            serials = counted(imported.warned, "serial")
            lines += [Content(""), plain(f"? {serials} went in with a warning. Look at the labels:", "$text-warning")]
            lines += [plain(f"Row {one.row:,}: {one.text}") for one in warned]
            if imported.warned > len(warned):
                lines.append(plain(f"… and {imported.warned - len(warned):,} more.", "$quiet"))
        self.query_one(".import-done", Static).update(Content("\n").join(lines))
        self.query_one(".import-elsewhere").set_class(not trouble, "hidden")
        if trouble:
            elsewhere = self.query_one("#elsewhere", FormInput)
            elsewhere.value = f"~/{PurePath(file).stem} rejected.csv"  # the home can be written in most cases
            elsewhere.focus()
        else:
            self.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another file once the import has ended, and to void what it wrote."""
        if action == "void":
            return bool(self.document)
        return self.is_done if action == "another" else super().check_action(action, parameters)

    def action_another(self) -> None:
        """Ask the screen to start with another file."""
        self.post_message(self.WantsAnother())

    def action_void(self) -> None:
        """Ask the screen to void the import."""
        self.post_message(self.WantsVoid())

    @on(Input.Submitted, "#elsewhere")
    def _elsewhere(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.WantsRejects(event.value))


T = TypeVar("T")


class ImportStep(IntEnum):
    """A step of the import."""

    FILE = 0
    COLUMNS = 1
    PREVIEW = 2
    IMPORT = 3


PANES: Final = ("import-file", "import-columns", "import-preview", "import-summary")
"""Ids of the panes, in the order of the steps."""

DATE_WORDS: Final = {DateOrder.DMY: "Day first", DateOrder.MDY: "Month first", DateOrder.YMD: "Year first"}
"""The orders of dates."""

DATE_EXAMPLES: Final = {DateOrder.DMY: "31.12.25", DateOrder.MDY: "12/31/25", DateOrder.YMD: "25-12-31"}

DATE_KEYS: Final = {DateOrder.DMY: "f5", DateOrder.MDY: "f6", DateOrder.YMD: "f7"}
"""The key of each where it is asked for."""

OPENING_HOLD: Final = 0.5
"""Longest time in seconds that keys are held while a file opens; afterwards F12 can stop it."""


async def ask_for_dates(context: Context, refusal: BadValue) -> DateOrder | None:
    """Ask for the order of dates that a column does not decide; None if none was chosen; for workers."""
    answers = [Answer("back", "Back", "f3")]
    answers += [Answer(order.value, DATE_WORDS[order], DATE_KEYS[order]) for order in refusal.details["days"]]
    chosen = await context.ask(ConfirmDialog("Which dates are these?", refusal.message, answers))
    return None if chosen in (None, "back") else DateOrder(str(chosen))


class ImportScreen(Frame[int | None]):
    """The import screen; returns the id of the last imported serial, None if nothing was imported."""

    CSS_PATH = style_sheets("records", "importing")
    HELP = "Import serials from a file. F10 goes on, F3 goes back; nothing is written before the last step."
    KEYS_FIRST = ("leave", "actions", "stop", "take", "go_on")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "go_on", "Next", id="import.next", tooltip="Go on to the next step"),
        Binding("f12", "stop", "Stop", id="import.stop", tooltip="Stop what is being done; nothing is written then"),
    ]

    def __init__(self, item: str | None = None) -> None:
        """Make the screen.

        Args:
            item: the SKU of all rows; None if each row names its own.
        """
        super().__init__()
        self._item = item
        self.step = ImportStep.FILE
        """The current step."""
        self._last: int | None = None
        """Id of the serial imported last, on which the list behind puts its cursor."""
        self._rejects: str | None = None
        """Path of the file of rejected rows."""
        self._is_opening = False

    def compose_body(self) -> ComposeResult:
        """The line of steps, the pane of the current one, and the progress."""
        self.job = ImportWork(self.context)  # not before there is an app, whose database it opens
        yield StepLine(tuple(step.name.title() for step in ImportStep))
        yield Static(classes="rule import-rule")
        with ContentSwitcher(initial=PANES[0]):
            yield FilePane(self.job.db.write)  # folders may be on a slow disk, so the import's thread lists them
            yield ColumnsPane(self._item)
            yield PreviewPane(self.job.db.run, self._item)
            yield SummaryPane()
        yield ProgressLine()

    def on_mount(self) -> None:
        """Start with the file step."""
        self.tell_title(f"Import · {self._item}" if self._item else "Import")
        self._to(ImportStep.FILE)

    async def on_unmount(self) -> None:
        """Stop the current work and close the connection, which drops the staged rows."""
        await self.job.close()

    # ----- steps

    @property
    def file(self) -> FilePane:
        """The pane of the first step."""
        return self.query_one(FilePane)

    @property
    def columns(self) -> ColumnsPane:
        """The pane of the second step."""
        return self.query_one(ColumnsPane)

    @property
    def preview(self) -> PreviewPane:
        """The pane of the third step."""
        return self.query_one(PreviewPane)

    @property
    def summary(self) -> SummaryPane:
        """The pane of the last step."""
        return self.query_one(SummaryPane)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being opened, read or imported."""
        return self.job.stop is not None or self._is_opening

    def _to(self, step: ImportStep) -> None:
        """Show a step and give its pane the focus."""
        self.step = step
        self.query_one(ContentSwitcher).current = PANES[step]
        self._show_step()
        pane = self.file, self.columns, self.preview, self.summary
        pane[step].enter()
        self.renew_keys()

    def _show_step(self) -> None:
        beside = ""
        if self.step is not ImportStep.FILE and self.job.opened is not None:
            table = self.job.table
            sheet = f" · {table.sheet}" if len(table.sheets) > 1 else ""
            beside = f"{table.name}{sheet} · {size_in_words(table.size)}"
        self.query_one(StepLine).tell(self.step, beside)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions of the current step."""
        match action:
            case "go_on":
                return self.step in (ImportStep.FILE, ImportStep.COLUMNS) and not self.is_busy
            case "stop":
                return self.job.stop is not None
        return super().check_action(action, parameters)

    def action_go_on(self) -> None:
        """Choose the file, or read it into the preview."""
        if self.step is ImportStep.FILE:
            self.file.take()
        elif self.step is ImportStep.COLUMNS:
            self._read()

    @on(LocationField.Submitted)
    def _place_entered(self) -> None:
        self.columns.table.focus()

    # ----- 1 file

    @on(FilePane.Chosen)
    def _file_chosen(self, event: FilePane.Chosen) -> None:
        if not self.is_busy:
            self._open(event.path, asks_sheet=event.asks_sheet)

    @work(exclusive=True, group="open")
    async def _open(self, path: str, *, asks_sheet: bool) -> None:
        pane = self.file  # the pane may be unmounted when this ends, so keep a reference
        self._is_opening = pane.is_looking = True
        self.say("Looking at the file …")
        try:
            opened = await open_file(self.context, self.job, path, self._hold_while_opening, asks_sheet=asks_sheet)
        except Cancelled:
            self.say("It was stopped. Enter looks at the file again.")
            return
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
            return
        finally:
            self._is_opening = pane.is_looking = False
        self._show_columns(opened)

    def _show_columns(self, opened: Opened | None) -> None:
        """Go on to the columns of an opened file; None if it was not opened."""
        if opened is None:
            self.say("")
            return
        self.columns.show(opened)
        self.say(" ".join([*opened.table.notes, *(hint.text for hint in opened.hints)]), "warning")
        self._to(ImportStep.COLUMNS)

    async def _hold_while_opening(self, opening: Coroutine[Any, Any, T]) -> T:
        """Hold keys for up to `OPENING_HOLD` seconds, in which nearly all files open; then show the progress."""
        task = asyncio.ensure_future(opening)
        try:
            with self.context.keyboard.hold():
                # Not `wait_for`, which would cancel the task after that time.
                await asyncio.wait([task], timeout=OPENING_HOLD)
                if task.done():
                    return task.result()
        except asyncio.CancelledError:  # `asyncio.wait` leaves the task running
            task.cancel()
            raise
        self.say("Looking at all of the file. F12 stops it.")
        return await self._followed(task, sizes=True)

    # ----- 2 columns

    @on(ColumnsPane.WantsHeader)
    @work(exclusive=True, group="work")
    async def _take_header(self, event: ColumnsPane.WantsHeader) -> None:
        """Take another row as the header, and map its columns anew."""
        if self.is_busy:
            return
        with self.context.keyboard.hold():
            try:
                opened = await self.job.take_header(event.number)
            except SerialdockError as refusal:
                self.say(refusal.message, "problem")
                return
            self._show_columns(opened)

    @on(ColumnsPane.WantsEncoding)
    @work(exclusive=True, group="open")
    async def _choose_encoding(self) -> None:
        """Read the file in another encoding."""
        if self.is_busy:  # the thread has other work; this would wait behind it without a word
            return
        table = self.job.table
        try:
            opened = await open_in_encoding(self.context, self.job, table.path, self._hold_while_opening, table.likely)
        except Cancelled:
            self.say("It was stopped. The file is read as before.")
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
        else:
            if opened is not None:
                self._show_columns(opened)

    @on(ColumnsPane.WantsDates)
    @work(exclusive=True, group="choose")
    async def _choose_dates(self) -> None:
        """Choose the order of dates before they are read."""
        present = self.job.choices.dates
        choices = [Choice("", "Each column decides", "it is asked for if one does not")]
        choices += [Choice(order.value, words, DATE_EXAMPLES[order]) for order, words in DATE_WORDS.items()]
        chosen = await self.context.ask(ChooseDialog("How are dates written?", choices, present=present or ""))
        if chosen is not None:
            self.job.choices = replace(self.job.choices, dates=DateOrder(chosen) if chosen else None)
            self.say(f"Dates: {DATE_WORDS[DateOrder(chosen)].lower()}." if chosen else "Each column of dates decides.")

    @work(exclusive=True, group="work")
    async def _read(self) -> None:
        """Read the file into the preview."""
        if not self.is_busy:
            await self._read_rows()

    async def _read_rows(self) -> None:
        mapping = dict(self.columns.mapping)
        try:
            with self.context.keyboard.hold():
                check_mapping(mapping, item=self._item)
                if problem := await self.columns.location.problem():
                    raise BadValue(problem, field="location")
            # Outside the hold, which is for moments: F12 must stop this.
            staged = await self._staged(mapping)
        except Cancelled:
            self.say("It was stopped. Nothing is kept of it.")
            return
        except SerialdockError as refusal:
            self.say(told_on_screen(refusal), "problem")
            if refusal.details.get("field") == "location":
                self.columns.location.focus()
            return
        if staged is None:
            self.say("")
            return
        self.say("" if staged.counts.new else f"No row of {staged.source.name} can be imported. Enter shows one whole.")
        self._show_rows(staged)
        self._to(ImportStep.PREVIEW)

    async def _staged(self, mapping: Mapping[int, Field]) -> Staged | None:
        """Stage all rows, asking for the order of dates if a column does not decide it; None if none was chosen.

        Raises:
            SerialdockError: nothing is staged.
        """
        while True:  # once more for each column whose dates are not decided
            reading = self.job.stage(mapping, item=self._item, location=self.columns.location.code or None)
            self.say("Reading: every row is checked before anything is written. F12 stops it.")
            try:
                return await self._followed(reading)
            except BadValue as refusal:
                if "days" not in refusal.details:
                    raise
                if (order := await ask_for_dates(self.context, refusal)) is None:
                    return None
                self.job.choices = replace(self.job.choices, dates=order)

    async def _followed(self, work: Awaitable[T], *, sizes: bool = False) -> T:
        """Show the progress of a work until it has ended, and return its result."""
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)  # lets the task start, which sets `job.stop`
        self.query_one(ProgressLine).follow(self.job.stop, sizes=sizes)
        self.renew_keys()
        try:
            return await task
        finally:
            if is_shown(self):  # the work may outlast the screen
                self.query_one(ProgressLine).follow(None)
                self.renew_keys()

    def _show_rows(self, staged: Staged, *, again: bool = False) -> None:
        may_make = self.context.may(Permission.EDIT_ITEMS)
        self.preview.show(
            staged,
            self.columns.mapping,
            self.job.choices,
            may_make=may_make,
            says_values=bool(self.job.values),
            again=again,
        )

    # ----- 3 preview

    @on(PreviewPane.Chosen)
    @work(exclusive=True, group="work")
    async def _choose(self, event: PreviewPane.Chosen) -> None:
        """Read the rows again with what was chosen about them, or with what the missing records are."""
        staged = self.job.staged
        if self.is_busy or staged is None:
            return
        values: Values | None = self.job.values
        if event.says_missing:
            try:
                values = await ask_meanings(self.context, staged.missing, self.job.values)
            except SerialdockError as trouble:
                self.say(trouble.message, "problem")
                return
        if values is not None:
            await self._read_with(event.choices, values, leaves_item_out=event.leaves_item_out)

    async def _read_with(self, choices: Choices, values: Values, *, leaves_item_out: bool = False) -> None:
        """Read the rows again; if they cannot be, go back to the columns with the choices of before."""
        before = self.job.choices, self.job.values
        self.job.choices, self.job.values = choices, values
        if leaves_item_out:
            self.columns.leave_out(Field.ITEM)
        await self._read_rows()
        if self.job.staged is None:  # else the next reading would fail in the same way
            self.job.choices, self.job.values = before
            self._to(ImportStep.COLUMNS)

    @on(PreviewPane.Wanted)
    def _import_wanted(self) -> None:
        self._take()

    @work(exclusive=True, group="work")
    async def _take(self) -> None:
        """Import the new rows; if others have errors, ask first."""
        staged = self.job.staged
        if self.is_busy or staged is None:
            return
        new, errors = staged.counts.new, staged.counts.errors
        if not new:
            self.say(
                f"No row of {staged.source.name} can be imported. Mend the file, then F3 goes back to choose it again.",
                "problem",
            )
            return
        if errors:
            are = "1 row is" if errors == 1 else f"{errors:,} rows are"
            question = f"Import {counted(new, 'serial')}; {are} left out and written to a file that can be mended."
            answers = [Answer("back", "Back", "f3"), Answer("import", "Import", "f10")]
            if await self.context.ask(ConfirmDialog("Not all rows can be imported", question, answers)) != "import":
                return
        # The step before the work, so that F3 asks whether to stop it.
        self.summary.begin(f"Importing {counted(new, 'serial')} from {staged.source.name} …")
        self._to(ImportStep.IMPORT)
        self.say("All of them are written, or none. F12 stops it.")
        try:
            imported, self._last = await self._followed(self.job.take(adds_quantity=self.preview.adds_quantity))
        except Cancelled:
            self._to(ImportStep.PREVIEW)
            self.say("It was stopped. Nothing was written.")
        except Changed as refusal:
            await self._look_again(refusal)
        except SerialdockError as refusal:
            self._to(ImportStep.PREVIEW)
            self.say(refusal.message, "problem")
        else:
            await self._done(imported)

    async def _look_again(self, refusal: Changed) -> None:
        """Show the rows as they are now that somebody else was faster; if they are lost, go back to the columns."""
        try:
            staged = await self.job.look()
        except SerialdockError as trouble:
            self._to(ImportStep.COLUMNS)
            self.say(f"{trouble.message} F10 reads it again.", "problem")
            return
        self._show_rows(staged, again=True)
        self._to(ImportStep.PREVIEW)
        self.say(refusal.message, "problem")

    # ----- 4 import

    async def _done(self, imported: Imported) -> None:
        await self.job.remember(self.columns.mapping)  # only now: a mapping is worth remembering if it worked
        rejects, trouble = None, ""
        self._warned = await self.job.warned(WARNINGS_TOLD) if imported.warned else []
        if imported.left_out:
            try:
                rejects = await self.job.write_rejects()
            except SerialdockError as refusal:
                trouble = refusal.message
        self._show_done(imported, rejects, trouble)
        # Afterwards, in short transactions: nobody waits for it, since Find reads what is not in the index yet.
        self.run_worker(self.job.index(), group="index", exclusive=True)

    def _show_done(self, imported: Imported, rejects: str | None, trouble: str) -> None:
        self._imported, self._rejects = imported, rejects
        self.job.staged = None  # they are in: leaving loses nothing any more
        self.summary.show(imported, self.job.table.name, rejects, trouble, self._warned)
        self.renew_keys()
        if trouble:
            self.say("Name another file for the rows that were left out. Enter writes it.", "warning")
        else:
            self.say("F3 leaves.", "done")

    @on(SummaryPane.WantsRejects)
    @work(exclusive=True, group="work")
    async def _write_rejects(self, event: SummaryPane.WantsRejects) -> None:
        path = meant_path(event.path, self.context.last_folder or os.curdir)
        try:
            with self.context.keyboard.hold():
                rejects = await self.job.write_rejects(path)
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
        else:
            self._show_done(self._imported, rejects, "")

    @on(SummaryPane.WantsAnother)
    def _another(self) -> None:
        self.say("")
        # The file of rejected rows is the one that is most likely imported next, after it was mended.
        self.file.renew(os.path.basename(self._rejects or ""))  # noqa: PTH119 - a name may have any characters
        self._to(ImportStep.FILE)

    @on(SummaryPane.WantsVoid)
    @work(exclusive=True, group="work")
    async def _void(self) -> None:
        """Ask why, and void the import; serials that moved on since are named and stay."""
        done = await void(self, self.summary.document)
        if done is not None:
            self._last, self.summary.document = None, ""  # its serials are hidden in the list behind
            self.renew_keys()
            self.say(done.said, "done")

    # ----- stopping, leaving

    def action_stop(self) -> None:
        """Stop the current work."""
        if self.job.stop is not None:
            self.job.stop.wanted = True  # the thread looks at it between rows
            self.say("Stopping …")

    def action_leave(self) -> None:
        """Stop the work, go one step back, or leave; ask first if something would be lost."""
        if self.job.stop is not None:
            if self.step is ImportStep.IMPORT:  # a stop gives up what is written so far
                self._ask_and_stop()
            else:
                self.action_stop()
        elif self.step is ImportStep.IMPORT:
            self.dismiss(self._last)
        elif self.step is not ImportStep.FILE:
            self.say("")
            self._to(ImportStep(self.step - 1))
        elif self.job.staged is not None:
            self._ask_and_leave()
        else:
            self.dismiss(self._last)

    @work(exclusive=True, group="leave")
    async def _ask_and_stop(self) -> None:
        answers = [Answer("on", "Go on", "f3"), Answer("stop", "Stop", "s")]
        question = "The import is being written. If you stop it, nothing of it is kept."
        if await self.context.ask(ConfirmDialog("Stop the import?", question, answers)) == "stop":
            if self.job.stop is None:  # it has ended while the question was open
                self.say("The import was done before; it is written.", "warning")
            else:
                self.action_stop()

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        staged = self.job.staged
        assert staged is not None, "it is asked for the sake of what is staged"
        answers = [Answer("stay", "Stay", "f3"), Answer("leave", "Leave", "l")]
        question = f"{counted(staged.counts.new, 'serial')} of {staged.source.name} can be imported and are not. Leave?"
        if await self.context.ask(ConfirmDialog("Leave the import?", question, answers)) == "leave":
            self.dismiss(self._last)
