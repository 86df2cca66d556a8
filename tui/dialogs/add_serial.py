"""Add serials by hand: scan or type one after the other; the dialog stays ready for the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Input, OptionList, Static

from models.errors import BadValue, SerialdockError
from models.lookups.items import ItemForm
from models.operations.add_each import Verdict, Wanted
from tui.dialogs.frame import Dialog, button
from tui.intake import Intake
from tui.keyboard.plain_input import PlainInput
from tui.keyboard.scan_field import ScanField
from tui.text import plain
from tui.widgets.location_field import LocationField
from tui.widgets.message_line import Kind

SHOW_AFTER: Final = 0.1
"""Seconds for which results are gathered before they are shown."""


class AddSerialDialog(Dialog[None]):
    """Feeds an `Intake` and shows what becomes of what it was fed.

    The fields never wait for the database. What is refused while scanning stands in a list until it is settled; what
    was typed by hand goes back into its field.
    """

    HELP = (
        "Scan serial numbers one after the other, or type one and press Enter. Each is saved at once, In Stock, at the "
        "location below, which stays for the next one; the condition is that of the next serial only. No quantity "
        "changes."
    )
    WIDTH = 66

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "open", "Open", id="add.open", tooltip="Open the serial that stands in the way"),
        Binding("f5", "retry", "Try again", id="add.retry", tooltip="Save again what the database could not take"),
        Binding("f8", "forget", "Drop", id="add.forget", tooltip="Take the problem under the cursor off the list"),
        Binding("f10", "save", "Save", id="add.save", tooltip="Save what stands in the serial number field"),
        Binding("escape", "empty", "Clear", id="add.clear", tooltip="Empty the serial number field", show=False),
    ]

    def __init__(self, form: ItemForm, intake: Intake) -> None:
        """Make it.

        Args:
            form: the item.
            intake: saves what is scanned; it stays when the dialog closes.
        """
        super().__init__(f"Add Serial · {form.sku}")
        self._form, self._intake = form, intake
        self._added = 0
        self._typed: Wanted | None = None
        self._present: Verdict | None = None
        self._last: Verdict | None = None
        self._told: Verdict | None = None
        self._is_fresh = False
        self._is_waiting_to_show = False
        self._warned = ""

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields; any text."""
        self._told = None
        super().say(text, kind)

    def compose_fields(self) -> ComposeResult:
        """Serial, location, condition; the last result and the count; the problems."""
        with HorizontalGroup(classes="row"):
            yield Static("Serial number", classes="label")
            yield ScanField(placeholder="scan or type", id="serial_number")
        with HorizontalGroup(classes="row"):
            yield Static("Location", classes="label")
            yield LocationField(self._form.location, id="location")
        with HorizontalGroup(classes="row"):
            yield Static("Condition", classes="label")
            yield PlainInput(placeholder="notes on this unit, if any", id="condition_notes")
        yield Static("", classes="gap")
        with HorizontalGroup(classes="row added"):
            yield Static("", classes="added-last", markup=False)
            yield Static("", classes="added-count", markup=False)
        yield OptionList(classes="problems hidden", compact=True)

    def compose_buttons(self) -> ComposeResult:
        """Open what stands in the way, save, leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Open", "open", key="F4")
            yield button("Save", "save", key="⏎", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Be ready for the first scan."""
        self.query_one(OptionList).can_focus = False
        self.query_one("#open").add_class("hidden")
        self._intake.listen(self._settled)
        self._show()
        self.query_one("#serial_number").focus()

    def on_unmount(self) -> None:
        """Leave what is still being saved to those below."""
        self._intake.stop_listening(self._settled)

    # ----- in

    @on(ScanField.Scanned)
    def _scanned(self, event: ScanField.Scanned) -> None:
        wanted = self._put(event.text)
        if event.how == "typed":
            self._typed = wanted

    @on(ScanField.Repeated)
    def _repeated(self, event: ScanField.Repeated) -> None:
        self.say(f"{event.text} was scanned twice; it counts once.", "warning")

    @on(ScanField.Refused)
    def _refused(self, event: ScanField.Refused) -> None:
        self._intake.problems.append(
            Verdict(Wanted(event.text), refusal=BadValue(event.reason.sentence, field="serial_number"))
        )
        self._present, self._is_fresh = self._intake.problems[-1], True
        self._show_soon()

    def _put(self, text: str) -> Wanted:
        condition = self.query_one("#condition_notes", PlainInput)
        wanted = Wanted(text, self.query_one("#location", LocationField).code or None, condition.value)
        condition.value = ""
        self._warned = ""
        if self._told is None:  # whatever it was, it spoke of the line before
            self.say("")
        if self._present is not None and self._present not in self._intake.problems:
            if self._is_fresh and self._present.wanted.serial != text:
                # It went back into the field, and the next scan took its place before anybody could read why.
                self._intake.problems.append(self._present)
                field = self.query_one("#serial_number", ScanField)
                if field.value == self._present.wanted.serial:
                    field.value = ""
            else:
                self._present = None
        self._intake.put(wanted)
        return wanted

    @on(ScanField.EmptyEnd)
    def _nothing_there(self) -> None:
        self.say("There is no serial number. Scan or type one; F3 leaves.")

    @on(Input.Submitted, "#condition_notes")
    @on(LocationField.Submitted)
    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save what stands in the serial number field."""
        field = self.query_one("#serial_number", ScanField)
        text, field.value = field.value, ""
        if text.strip():
            self._typed = self._put(text)
        else:
            self._nothing_there()
        field.focus()

    # ----- out

    def _settled(self, verdicts: Sequence[Verdict]) -> None:
        """Note what became of some serials; it is shown a moment later, for all that are settled until then."""
        if not self.is_attached:  # on its way out; what is below tells
            return
        for verdict in verdicts:
            if verdict.refusal is None:
                self._added += 1
                self._last = verdict
                continue
            if verdict.wanted is self._typed and self._offer(verdict):
                self._intake.settle(verdict)
            self._present, self._is_fresh = verdict, True
        self._show_soon()

    def _show_soon(self) -> None:
        # Drawing takes longer than saving: a repaint for each scan would hold the keyboard up.
        if not self._is_waiting_to_show:
            self._is_waiting_to_show = True
            self.set_timer(SHOW_AFTER, self._show)

    def _show(self) -> None:
        """Show counts, the last result and the problems as they are now."""
        self._is_waiting_to_show = False
        if not self.is_attached:  # on its way out
            return
        if self._last is not None:
            said = f"+ {self._last.serial_number} added, In Stock at {self._last.location}"
            self.query_one(".added-last", Static).update(plain(said), layout=False)
        counts = [f"{self._added:,} added"] if self._added else []
        if self._intake.problems:
            counts.append(f"{len(self._intake.problems):,} not")
        self.query_one(".added-count", Static).update(plain(", ".join(counts)), layout=False)
        self._list_problems()
        if self._is_fresh:
            self._is_fresh = False
            self._tell_present(rings=True)
        elif self._told is not None and self._told is not self._present:
            self.say("")
        self._show_open()

    def _offer(self, verdict: Verdict) -> bool:
        """Put what was typed back for correction, unless something else stands there already."""
        self._typed = None
        field = self.query_one("#serial_number", ScanField)
        condition = self.query_one("#condition_notes", PlainInput)
        if not field.offer(verdict.wanted.serial):
            return False
        condition.value = condition.value or verdict.wanted.notes
        named = str(verdict.refusal.details.get("field", "")) if verdict.refusal else ""
        if named == "location":
            self.query_one("#location", LocationField).focus()
        return True

    # ----- problems

    @property
    def _highlighted(self) -> Verdict | None:
        place = self.query_one(OptionList).highlighted
        return None if place is None else self._intake.problems[place]

    def _list_problems(self) -> None:
        """Bring the list up to date, the cursor on the newest where one came."""
        problems, listing = self._intake.problems, self.query_one(OptionList)
        if listing.option_count > len(problems):
            listing.clear_options()
        fresh = problems[listing.option_count :]
        if not fresh:
            listing.set_class(not problems, "hidden")
            return
        listing.add_options(plain(_in_list(verdict)) for verdict in fresh)
        listing.remove_class("hidden")
        listing.highlighted = len(problems) - 1

    def _tell_present(self, *, rings: bool = False) -> None:
        verdict = self._present
        if verdict is None or verdict.refusal is None:
            return
        can_open = " F4 opens it." if "serial_id" in verdict.refusal.details else ""
        self.say(verdict.refusal.message + can_open, "problem" if rings else "warning")
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
        """Go down in the problems while the field keeps the focus."""
        self.query_one(OptionList).action_cursor_down()

    def key_up(self) -> None:
        """Go up in the problems while the field keeps the focus."""
        self.query_one(OptionList).action_cursor_up()

    @on(Button.Pressed, "#open")
    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        """Open the serial that stands in the way of the present problem; this dialog stays below."""
        refusal = self._present.refusal if self._present else None
        if refusal is None or "serial_id" not in refusal.details:
            await self.query_one("#location", LocationField).run_action("choose")
            return
        from tui.screens.serial import open_serial  # noqa: PLC0415 - loaded when first opened

        with self.dock.keyboard.hold():
            try:
                await open_serial(self.dock, refusal.details["serial_id"])
            except SerialdockError as trouble:
                self.say(trouble.message, "problem")

    def action_retry(self) -> None:
        """Save again what failed for want of a database."""
        count = self._intake.retry()
        self._show()
        self.say(f"{count:,} tried again." if count else "Nothing waits for the database.")

    def action_forget(self) -> None:
        """Take the problem under the cursor off the list."""
        if (verdict := self._highlighted) is not None:
            self._intake.settle(verdict)
            self._present = None
            self._show()

    # ----- away

    def action_empty(self) -> None:
        """Empty the serial number field; Esc never leaves a line that scans go into."""
        field = self.query_one("#serial_number", ScanField)
        if field.value or self.focused is not field:
            field.value = ""
            field.focus()
            if self._warned:
                self._warned = ""
                self.say("")
        else:
            self.say("F3 leaves.")

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close; ask for a second time where a typed serial is not saved."""
        text = self.query_one("#serial_number", ScanField).value.strip()
        if text and text != self._warned:
            self._warned = text
            self.say(f"{text} is not saved. Enter saves it; F3 again drops it and leaves.", "warning")
        else:
            self.dismiss(None)


def _in_list(verdict: Verdict) -> str:
    """A problem in one line, which begins with the serial."""
    message = verdict.refusal.message if verdict.refusal else ""
    serial = verdict.wanted.serial
    return f"✗ {message}" if message.startswith(serial) else f"✗ {serial}  {message}"
