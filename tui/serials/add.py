"""The Add Serial dialog: adds serials one by one with a verdict each, or many at once.

The texts of verdicts and the row that shows the last one come first, then the dialog (`AddSerialDialog`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar, Final

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from models.errors import BadValue, NotSaved, SerialdockError
from models.items.items import ItemForm
from models.serials.add import AddResult, Wanted
from models.serials.judging import CONFIRMABLE
from models.station.preview import Preview, Progress, add_many, preview
from models.station.task import ADD_TASK
from models.verbs import STATUSES, StatusCode
from tui.context import Kind
from tui.kit.bars import MessageLine
from tui.kit.dialog import Dialog
from tui.kit.form import FormInput, Options, button
from tui.kit.page import is_shown
from tui.records.location_field import LocationField, told_on_screen
from tui.records.many import ManyDialog
from tui.routes import SerialRecord
from tui.scanning.bursts import SEEN_AFTER, BurstFault
from tui.scanning.fields import SHOWN, HeardScan, PlainInput
from tui.scanning.listener import Refused
from tui.scanning.queue import waiting_words
from tui.scanning.scan_field import ScanField
from tui.serials.intake import Intake
from tui.terminal.scanner_keys import NEVER
from tui.text import clip, plain
from tui.themes import style_sheets


def field_of(verdict: AddResult) -> str:
    """Id of the field whose value was refused, or an empty string."""
    details = verdict.refusal.details if verdict.refusal else {}
    return str(details.get("field", "serial_number" if "serial_id" in details else ""))


def can_retry(verdict: AddResult) -> bool:
    """Whether the same serial may succeed in a retry: when it could not be kept, or at another location."""
    return isinstance(verdict.refusal, NotSaved) or field_of(verdict) == "location"


def is_warning(verdict: AddResult) -> bool:
    """Whether the serial was refused only until it is confirmed by scanning it again."""
    return verdict.refusal is not None and verdict.refusal.details.get("reason") in CONFIRMABLE


def added_in_words(verdict: AddResult, width: int) -> str:
    """An added serial as text, shortened to `width` cells; the serial is kept longest."""
    serial, location = verdict.serial_number, verdict.location
    status = STATUSES[StatusCode.IN_STOCK].label
    for said in (f"+ {serial} added, {status} at {location}", f"+ {serial} added at {location}", f"+ {serial} added"):
        if cell_len(said) <= width:
            return said
    return clip(f"+ {serial}", max(1, width))


def in_list(verdict: AddResult) -> str:
    """One line for the list of problems, beginning with the serial."""
    message = verdict.refusal.message if verdict.refusal else ""
    serial = verdict.wanted.serial
    return f"✗ {message}" if message.startswith(serial) else f"✗ {serial}  {message}"


class AddedRow(HorizontalGroup):
    """The last added serial and the counts, shortened to the width; the serial is kept longest."""

    def __init__(self) -> None:
        super().__init__(classes="row added")
        self._last: AddResult | None = None
        self._added = self._refused = 0

    def compose(self) -> ComposeResult:
        """The last result and the counts."""
        yield Static("", classes="added-last", markup=False)
        yield Static("", classes="added-count", markup=False)

    def tell(self, last: AddResult | None, added: int, refused: int) -> None:
        """Show a new result.

        Args:
            last: the last serial added, if any.
            added: number of serials added.
            refused: number of problems still in the list.
        """
        self._last, self._added, self._refused = last, added, refused
        self._show()

    def on_resize(self) -> None:
        """Fit the texts to the new width."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        last, shown = self.query_one(".added-last", Static), self.query_one(".added-count", Static)
        room, added, refused = self.content_size.width, self._added, self._refused
        count = ", ".join(filter(None, (f"{added:,} added" if added else "", f"{refused:,} not" if refused else "")))
        # The serial is read against the label, so the words of the counts give way first.
        if self._last is not None and cell_len(f"+ {self._last.serial_number} {count}") > room:
            count = f"{added:,}" + (f" ✗{refused:,}" if refused else "")
        # A new width costs a layout of the whole screen; the digits of a count change more often than their number.
        if shown.styles.width is None or shown.styles.width.value != len(count):
            shown.styles.width = len(count)
        shown.update(plain(count), layout=False)
        if self._last is not None:
            last.update(plain(added_in_words(self._last, room - len(count) - 1)), layout=False)


SHOW_AFTER: Final = 0.1
"""Seconds for which results are collected before they are shown together."""


def _is_unread(refused_at: float) -> bool:
    """Whether a message is so new that nobody can have read it."""
    return monotonic() - refused_at < SEEN_AFTER


class AddSerialDialog(Dialog[None]):
    """The dialog that puts serials into an `Intake` and shows their verdicts.

    The fields never wait for the database, and the focus stays in the field for scans. A refused scan stays in the list
    of problems until it is settled. A refused serial typed by hand is offered again in its field for correction; it
    moves to the list when another serial replaces it before it is added.
    """

    HELP = ADD_TASK.words.help
    WIDTH = 66
    CSS_PATH = style_sheets("records", "serials")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "leave", "Leave", id="add.leave", tooltip="Close this; what was added stays"),
        Binding("f12", "leave", "Leave", id="add.cancel", tooltip="Close this; what was added stays", show=False),
        Binding("f6", "many", "Many", id="add.many", tooltip="Enter a range or a list of serials"),
        Binding("f4", "open", "Open", id="add.open", tooltip="Open the serial that stands in the way"),
        Binding(
            "f5",
            "retry",
            "Try again",
            id="add.retry",
            tooltip="Try again what the database could not take, or what named a wrong location",
        ),
        Binding("f8", "forget", "Drop", id="add.forget", tooltip="Take the problem under the cursor off the list"),
        Binding("f10", "save", "Save", id="add.save", tooltip="Save what stands in the serial number field"),
        Binding("escape", "empty", "Clear", id="add.clear", tooltip="Empty the serial number field", show=False),
    ]

    def __init__(self, form: ItemForm, intake: Intake, scan: str = "") -> None:
        """Make the dialog.

        Args:
            form: the item.
            intake: the queue that saves serials; it outlives the dialog.
            scan: the first serial, which opened it; empty for none.
        """
        super().__init__(f"{ADD_TASK.words.title} · {form.sku}")
        self._form, self._intake, self._added = form, intake, 0
        self._scan = scan
        self._typed: Wanted | None = None
        """The last serial typed by hand; if it is refused, it is offered in its field again."""
        self._offered: AddResult | None = None
        """The refused serial that stands in its field for correction; it is not in the list of problems."""
        self._present: AddResult | None = None
        """The problem that keys and message are about."""
        self._last: AddResult | None = None
        """The serial added last."""
        self._told: AddResult | None = None
        """The problem that the message is about; None while the message is about something else."""
        self._is_fresh = self._is_waiting_to_show = False
        self._warned = ""
        """The unsaved text that F3 has warned about."""
        self._wrong_location = ""
        """The message about an unknown location; cleared when the location is changed."""
        self._scan_refused_at = NEVER
        """Time of the last scan refused without a verdict, in seconds of the monotonic clock."""
        self._waits = ""
        """The message about serials that wait for the database, as long as some do."""

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields; any text."""
        self._told = None  # `_tell_present` sets it behind this
        super().say(text, kind)

    def compose_fields(self) -> ComposeResult:
        """Serial, location and condition; the last result and the counts; the list of problems."""
        with HorizontalGroup(classes="row"):
            yield Static("Serial number", classes="label")
            yield ScanField(placeholder="scan or type", id="serial_number")
        with HorizontalGroup(classes="row"):
            yield Static("Location", classes="label")
            yield LocationField(self._form.location, id="location")
        with HorizontalGroup(classes="row"):
            yield Static("Condition", classes="label")
            yield FormInput(placeholder="notes on this unit, if any", id="condition_notes")
        yield Static("", classes="gap")
        yield AddedRow()
        yield Options(classes="problems hidden", compact=True)

    def compose_buttons(self) -> ComposeResult:
        """Open the conflicting serial, save, leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Open", "open", key="F4")
            yield button("Save", "save", key="⏎", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Focus the serial number field for the first scan."""
        self.query_one(OptionList).can_focus = False  # the next scan must go into the field
        self.query_one("#open").add_class("hidden")
        self.query_one("#location", LocationField).behind = "#serial_number"  # a serial is scanned next
        self._intake.listen(self._settled)
        self._show()  # problems of before, which the queue has kept
        self.query_one("#serial_number").focus()
        if self._scan:
            self._put(self._scan)

    def on_unmount(self) -> None:
        """Stop listening; the tab below reports what is still being saved."""
        self._intake.stop_listening(self._settled)

    # ----- scans and typed lines

    @on(ScanField.Scanned)
    def _scanned(self, event: ScanField.Scanned) -> None:
        wanted = self._put(event.text)
        if event.how == "typed" and not event.in_burst:  # a scan is not offered again, however short
            self._typed = wanted

    @on(ScanField.Repeated)
    def _repeated(self, event: ScanField.Repeated) -> None:
        if self._offered is not None and self._offered.wanted.serial == event.text:  # refused the first time
            # If the text is in the field now, it was offered after this repeat: leave it for correction.
            if self.query_one("#serial_number", ScanField).value != event.text:
                self._typed = self._put(event.text)
            return
        self.say(f"{event.text} was scanned twice; it counts once.", "warning")

    @on(ScanField.Refused)
    def _refused(self, event: ScanField.Refused) -> None:
        self._make_way(event.text)
        self._list_refused(event.text, event.reason)

    def _list_refused(self, text: str, reason: BurstFault) -> None:
        refusal = BadValue(reason.sentence, field="serial_number")
        self._intake.problems.append(AddResult(Wanted(text), refusal=refusal))
        self._present, self._is_fresh = self._intake.problems[-1], True
        self._scan_refused_at = monotonic()
        self._show_soon()

    async def scanned(self, scan: HeardScan) -> None:
        """Take a scan outside the serial number field: a location in its field, else the next serial.

        Text in the fields belongs to another serial and stays.
        """
        location = self.query_one("#location", LocationField)
        if scan.field is location.input:
            for text in scan.texts:
                if code := await location.take_scan(text):
                    scan.settle(text)
                    self.say(f"The location is {code} now.")
                    return
        # Nobody here can look up which part is the scan.
        if scan.is_mixed:
            raise BadValue(BurstFault.BEHIND_TYPING.sentence)
        if scan.field is self.query_one("#condition_notes", PlainInput) and " " in scan.text.strip():
            # Text typed while the connection was stalled arrives at once, too; it must not be saved as a serial.
            raise BadValue(
                f"{clip(scan.text, SHOWN)} came at once, as a scan does, and has a blank: no serial was added. "
                "Type it again, or scan it into Serial number."
            )
        self._intake.put(self._confirmed(Wanted(scan.text, location.code or None)))

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """List a refused scan."""
        self._list_refused(refused.text, refused.reason)

    def _confirmed(self, wanted: Wanted) -> Wanted:
        """Confirm a serial whose code was refused with a warning before and is scanned again."""
        for problem in [*self._intake.problems, *filter(None, [self._offered])]:
            if is_warning(problem) and problem.wanted.serial.strip() == wanted.serial.strip():
                self._intake.settle(problem)
                return replace(wanted, confirmed=True)
        return wanted

    def _put(self, text: str) -> Wanted:
        self._make_way(text)
        condition, notes = self.query_one("#condition_notes", PlainInput), ""
        if self._offered is None:  # otherwise the notes belong to the offered serial
            # The condition is that of one unit; left there, it would be saved for the next one too.
            notes, condition.value = condition.value, ""
        wanted = self._confirmed(Wanted(text, self.query_one("#location", LocationField).code or None, notes))
        self._warned = ""
        if self._told is None:  # an older message was about the line before
            self.say("")
        if self._present not in (self._offered, *self._intake.problems):
            self._present = None
        self._intake.put(wanted)
        return wanted

    def _make_way(self, text: str) -> None:
        """Put the offered serial aside, unless it was offered after this line was entered and is still in the field."""
        if self._offered and self.query_one("#serial_number", ScanField).value != self._offered.wanted.serial:
            self._put_aside(text)

    def _put_aside(self, text: str) -> None:
        """Move the offered serial to the list of problems if `text` replaces it without correcting it.

        Where the serial number itself was refused, any other text counts as the correction, unless it was entered
        before the refusal had been shown.
        """
        offered, self._offered = self._offered, None
        if offered is None:
            return
        is_unread = self._is_fresh and self._present is offered
        if offered.wanted.serial != text and (is_unread or field_of(offered) != "serial_number"):
            self._intake.problems.append(offered)
            condition = self.query_one("#condition_notes", PlainInput)
            if condition.value == offered.wanted.notes:  # the notes belong to the offered serial
                condition.value = ""
            self._show_soon()

    @on(ScanField.Unfinished)
    def _tell_unfinished(self, event: ScanField.Unfinished) -> None:
        self._told = None
        self.query_one(MessageLine).tell_unfinished(event)

    @on(ScanField.EmptyEnd)
    def _nothing_there(self) -> None:
        if self._present in self._intake.problems:
            self._tell_present()
        else:
            self.say("There is no serial number. Scan or type one; F3 leaves.")

    @on(LocationField.Submitted)
    def _located(self) -> None:
        """Save a typed serial; without one, get ready for scans and warn of an unknown location."""
        field = self.query_one("#serial_number", ScanField)
        if field.value.strip():
            self.action_save()
        else:
            self.say("")
            field.focus()
            self._check_location()

    @work(exclusive=True, group="location")
    async def _check_location(self) -> None:
        with suppress(SerialdockError):  # the next scan will report the same trouble
            problem = await self.query_one("#location", LocationField).problem()
            if problem and self._told is None:
                self.say(problem, "problem")
                self._wrong_location = problem

    @on(Input.Submitted, "#condition_notes")
    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save the serial in the field."""
        field = self.query_one("#serial_number", ScanField)
        text, field.value = field.value, ""  # before the verdict, so that the next scan finds an empty field
        field.focus()
        if text.strip():
            self._typed = self._put(text)
        else:
            self._nothing_there()

    # ----- verdicts

    def _settled(self, verdicts: Sequence[AddResult]) -> None:
        """Take verdicts from the intake; `_show_soon` shows them together a moment later."""
        if not is_shown(self):  # closing; the tab below reports them
            return
        for verdict in verdicts:
            if verdict.refusal is None:
                self._added += 1
                self._last = verdict
                continue
            # `is`: the same text may have been scanned before or behind it.
            is_offered = verdict.wanted is self._typed and self._offer(verdict)
            if is_offered:
                self._intake.settle(verdict)
            # The verdict on an earlier scan may come right after a refused scan, whose message nobody has read yet.
            if is_offered or not _is_unread(self._scan_refused_at):
                self._present = verdict
            self._is_fresh = True
        self._show_soon()

    def _show_soon(self) -> None:
        # Drawing takes longer than saving: a repaint for each scan would delay the keys.
        if not self._is_waiting_to_show:
            self._is_waiting_to_show = True
            self.set_timer(SHOW_AFTER, self._show)

    def _show(self) -> None:
        """Show the counts, the last result and the problems."""
        self._is_waiting_to_show = False
        if not is_shown(self):  # the timer fired while closing
            return
        self.query_one(AddedRow).tell(self._last, self._added, len(self._intake.problems))
        self._list_problems()
        if self._is_fresh:
            self._is_fresh = False
            self._tell_present(rings=True)
        elif self._told is not None and self._told is not self._present:
            self.say("")
        self._show_open()
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        """Show how many serials wait for the database, until they are saved."""
        intake, line = self._intake, self.query_one(MessageLine)
        kind: Kind
        if intake.not_saved:
            text, kind = f"NOT SAVED. {intake.not_saved}", "problem"
        elif intake.trouble is not None:
            text, kind = f"{waiting_words(intake)} {intake.trouble.message} F5 tries now.", "warning"
        else:
            text, kind = "", "note"
        if text != self._waits:
            # Taken away only if it still stands there: another message may have come since.
            if text or line.said == self._waits:
                self.say(text, kind)
            self._waits = text

    def _offer(self, verdict: AddResult) -> bool:
        """Put a refused typed serial back into its field for correction; False if another text is there."""
        self._typed = None
        field = self.query_one("#serial_number", ScanField)
        condition = self.query_one("#condition_notes", PlainInput)
        if not field.offer(verdict.wanted.serial):  # scanning goes on there
            return False
        self._put_aside(verdict.wanted.serial)  # an earlier offer that this line had replaced
        self._offered = verdict
        condition.value = condition.value or verdict.wanted.notes
        return True

    @on(Input.Changed)
    @on(LocationField.Changed)
    def _corrected(self, event: Input.Changed | LocationField.Changed) -> None:
        """Clear the message about a field once the field is changed."""
        if event.control.id == "location" and self._wrong_location:
            if self.query_one(MessageLine).said == self._wrong_location:
                self.say("")
            self._wrong_location = ""
        told = self._told
        if told is None or event.control.id != field_of(told):
            return
        if event.control.id == "location":
            is_changed = self.query_one("#location", LocationField).code != (told.wanted.location or "")
        else:  # other scans pass through these fields and do not correct a problem in the list
            stood = told.wanted.notes if event.control.id == "condition_notes" else told.wanted.serial
            is_changed = told is self._offered and self.query_one(f"#{event.control.id}", PlainInput).value != stood
        if is_changed:
            self.say("")
            if told is self._offered and event.control.id == "serial_number":
                self._present = None
                self._show_open()

    # ----- problems

    @property
    def _highlighted(self) -> AddResult | None:
        place = self.query_one(OptionList).highlighted
        return None if place is None else self._intake.problems[place]

    def _list_problems(self) -> None:
        """Update the list of problems, with the cursor on a new one."""
        problems, listing = self._intake.problems, self.query_one(OptionList)
        # Problems only come at the end, so the list grows; only a settled one makes it anew.
        if listing.option_count > len(problems):
            listing.clear_options()
        fresh = problems[listing.option_count :]
        if not fresh:
            listing.set_class(not problems, "hidden")
            return
        listing.add_options(plain(in_list(verdict)) for verdict in fresh)
        listing.remove_class("hidden")
        if self._offered is not None and self._present is self._offered:  # the message stays about the offered serial
            with listing.prevent(OptionList.OptionHighlighted):
                listing.highlighted = len(problems) - 1
        else:
            # A scan was refused just now: the cursor stays on that one although verdicts on earlier scans come behind
            # it.
            stays = _is_unread(self._scan_refused_at) and self._present in problems
            listing.highlighted = problems.index(self._present) if stays and self._present else len(problems) - 1

    def _tell_present(self, *, rings: bool = False) -> None:
        verdict = self._present
        if verdict is None or verdict.refusal is None:
            return
        opens = " F4 opens it." if "serial_id" in verdict.refusal.details else ""
        retries = " F5 tries again." if verdict in self._intake.problems and can_retry(verdict) else ""
        self.say(told_on_screen(verdict.refusal) + opens + retries, "problem" if rings else "warning")
        self._told = verdict

    def _show_open(self) -> None:
        refusal = self._present.refusal if self._present else None
        self.query_one("#open").set_class(refusal is None or "serial_id" not in refusal.details, "hidden")

    @on(OptionList.OptionHighlighted)
    @on(OptionList.OptionSelected)
    def _point_at(self, event: OptionList.OptionHighlighted | OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._intake.problems):
            self._present = self._intake.problems[event.option_index]
            self._tell_present()
            self._show_open()

    def key_down(self) -> None:
        """Move down in the problems; the field keeps the focus."""
        self.query_one(OptionList).action_cursor_down()

    def key_up(self) -> None:
        """Move up in the problems; the field keeps the focus."""
        self.query_one(OptionList).action_cursor_up()

    @on(Button.Pressed, "#open")
    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        """Open the serial named by the current problem, or else the list of locations; this dialog stays below."""
        refusal = self._present.refusal if self._present else None
        if refusal is None or "serial_id" not in refusal.details:
            await self.query_one("#location", LocationField).run_action("choose")
            return
        try:
            await self.context.open(SerialRecord(refusal.details["serial_id"]))
        except SerialdockError as trouble:
            self.say(trouble.message, "problem")

    def action_retry(self) -> None:
        """Retry what failed from database trouble, and what named a wrong location at the location in the field."""
        location = self.query_one("#location", LocationField).code or None
        # All before the first is settled, which shortens the list.
        again = [verdict for verdict in self._intake.problems if can_retry(verdict)]
        count = len(again) + (self._intake.waiting if self._intake.trouble is not None else 0)
        self._intake.go_on()
        for verdict in again:
            self._intake.settle(verdict)
            is_elsewhere = field_of(verdict) == "location"
            self._intake.put(replace(verdict.wanted, location=location) if is_elsewhere else verdict.wanted)
        if self._present not in (self._offered, *self._intake.problems):
            self._present = None
        self._show()
        self.say(f"{count:,} tried again." if count else "Nothing is there to be tried again.")

    def action_forget(self) -> None:
        """Remove the problem under the cursor from the list."""
        if (verdict := self._highlighted) is not None:
            self._intake.settle(verdict)
            self._present = None
            self._show()

    # ----- leaving

    def action_empty(self) -> None:
        """Empty the serial number field. Esc never closes a dialog that takes scans."""
        field = self.query_one("#serial_number", ScanField)
        if field.value or self.focused is not field:
            field.value, self._offered = "", None
            field.focus()
            if self._warned:
                self._warned = ""
                self.say("")
        else:
            self.say("F3 leaves.")

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close; with an unsaved serial in the field, only at the second press."""
        text = self.query_one("#serial_number", ScanField).value.strip()
        if text and text != self._warned:
            self._warned = text
            self.say(f"{text} is not saved. Enter saves it; F3 again drops it and leaves.", "warning")
        else:
            self.dismiss(None)

    @work(exclusive=True, group="dialog")
    async def action_many(self) -> None:
        """Add a range or a list of serials."""
        item_id, actor = self._form.id, self.context.actor
        location = self.query_one("#location", LocationField).code

        def look(serials: list[str], progress: Progress) -> Preview:
            return preview(item_id, serials, progress, user_id=actor.user_id)

        def take(serials: list[str], progress: Progress) -> str:
            count = add_many(actor, item_id, serials, location=location, progress=progress)
            return f"{count:,} added, {STATUSES[StatusCode.IN_STOCK].label} at {location}. No quantity changed."

        # Past the queue: thousands in one transaction, all or none, and with a preview in place of verdicts.
        said = await self.context.ask(ManyDialog(f"Many serials · {self._form.sku}", look, take))
        if said is not None:
            self.say(said, "done")
