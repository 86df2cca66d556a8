"""The dialog for many serials: ranges, a first serial and a count, or a pasted list; previewed before writing.

The caller supplies two functions, one that previews serials and one that takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from models.errors import BadValue, SerialdockError, Stop
from models.serials import ranges
from models.serials.ranges import NOTHING_ENTERED, Entry
from models.station.preview import Preview, Progress
from tui.kit.dialog import Dialog, ProgressLine, tighten
from tui.kit.form import CodeInput, button
from tui.kit.pager import Pager
from tui.scanning.areas import LinesArea
from tui.scanning.fields import SHOWN, HeardScan, NumberInput, PlainInput
from tui.scanning.listener import Refused
from tui.scanning.screens import into_list
from tui.text import clip, plain
from tui.themes import style_sheets

CHEAP: Final = 4_000
"""Characters up to which an entry is parsed at every key; longer ones are parsed at F10 in the database thread."""

ROOMY: Final = 30
"""Terminal width from which the buttons have blanks around their labels."""

Look = Callable[[list[str], Progress], Preview]
"""Previews serials; for the database thread."""

Take = Callable[[list[str], Progress], str]
"""Takes serials and returns the message about it; for the database thread."""


class _Stage(Enum):
    """A stage of the dialog."""

    ENTER = auto()
    """Serials are entered."""
    PREVIEWING = auto()
    """The preview is being made."""
    PREVIEWED = auto()
    """The preview is shown."""
    WRITING = auto()


class Fields(NamedTuple):
    """The contents of the fields."""

    text: str
    first: str
    number: str
    """The count, as typed."""

    @property
    def is_empty(self) -> bool:
        """Whether neither a list nor a first serial is entered."""
        return not self.text.strip() and not self.first

    def entry(self) -> Entry:
        """Parse the fields.

        Raises:
            BadValue: both ways are used, or one of them cannot be parsed.
        """
        if self.text.strip() and self.first:
            raise BadValue("A list and a first serial are given. Empty one of them.", field="first")
        count = ranges.typed_count(self.number)  # also without a first serial: what stands there is wrong in any case
        if self.first:
            return Entry((ranges.counted(self.first, count),))
        return ranges.parse(self.text, unseen=True)


class ManyDialog(Dialog[str | None]):
    """A dialog that previews and takes many serials; returns the message about it, None if it was left."""

    CSS_PATH = style_sheets("records")
    HELP = (
        "One serial or range a line: A0098..A0103 is a range, a hyphen never is. A scan is a line, wherever the cursor "
        "is. Or give a first serial and a count. "
        "F10 first shows what would be taken, then takes it. Arrows and PgDn move through what is shown; F3 goes back "
        "to the entry, where any change asks for another look."
    )
    WIDTH = 70
    STAYS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "go_on", "Go on", id="many.go-on", tooltip="Show what would be taken, then take it"),
    ]

    def __init__(self, title: str, look: Look, take: Take) -> None:
        """Make the dialog.

        Args:
            title: any text.
            look: previews the serials.
            take: takes the new serials of the preview.
        """
        super().__init__(title)
        self._look, self._take = look, take
        self._stage = _Stage.ENTER
        self._seen = Fields("", "", "")
        """The fields at the last F10, which the preview is about."""
        self._entered = Fields("", "", "")
        """The fields as last seen by `_changed`."""
        self._found: Preview | None = None
        self._stop: Stop | None = None
        """Progress of the current work; a worker that finds another object here has been superseded."""
        self._late_scans: list[str] = []
        """Scans that came during writing and were not taken."""
        self.forward_to = into_list(self.say, self._add)

    def compose_fields(self) -> ComposeResult:
        """The entry, its summary, the preview and the progress."""
        with VerticalGroup(id="entering"):
            yield Static("One a line; a range is A0098..A0103", classes="quiet many-hint")
            yield LinesArea(id="entry")
            with HorizontalGroup(classes="row"):
                yield Static("or first", classes="label")
                yield CodeInput(id="first", placeholder="serial")
                yield Static(" count ", classes="many-count")
                yield NumberInput(id="count", max_length=7)
        yield Static("", id="summary", markup=False)
        yield Pager(id="preview")
        yield ProgressLine()

    def compose_buttons(self) -> ComposeResult:
        """The buttons Preview, later Take, and Leave, later Back."""
        with HorizontalGroup(classes="buttons"):
            yield button("Preview", "go-on", key="F10", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Focus the list."""
        self._to(_Stage.ENTER)
        self.query_one("#entry").focus()

    # ----- entry

    def _fields(self) -> Fields:
        first, count = self.query_one("#first", PlainInput).value, self.query_one("#count", PlainInput).value
        return Fields(self.query_one("#entry", LinesArea).text, first.strip(), count.strip())

    def _add(self, line: str) -> None:
        """Add a scan or a pasted line to the list."""
        if self._stage is _Stage.WRITING:  # the entry is written as it was; these are named at the end
            self._late_scans.append(line)
            return
        entry = self.query_one("#entry", LinesArea)
        entry.add_line(line)
        entry.focus()

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Add scans to the list, unless a count is asked for behind a first serial."""
        self._changed()  # now: the message about the field, which has its text again, would remove what is said here
        if scans[0].field.id == "count" and self.query_one("#first", PlainInput).value:
            # Behind a first serial a number is due: a scan here was more likely aimed at the wrong field.
            text = clip(scans[0].text, SHOWN)
            self.say(f"{text} is no count. Type how many, or empty the first serial.", "problem")
        else:
            super().take_scans(scans)

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Say aloud why a scan was refused."""
        self._changed()
        super().refuse_scan(refused, field)

    @on(Input.Submitted, "#first")
    def _to_count(self) -> None:
        self.query_one("#count").focus()

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        """Drop the preview once the fields differ from what it is about."""
        if self._stage is _Stage.WRITING:
            return
        fields = self._fields()
        if fields in (self._seen, self._entered):  # also where a scan was refused, and all is as before
            return
        self._entered = fields
        self._drop_preview()
        self._show(None)
        self.query_one("#summary", Static).update(plain(_summary_at_once(fields)))

    def _drop_preview(self) -> None:
        """Drop the preview, or stop making it, and go back to the entry."""
        if self._stop is not None:
            self._stop.wanted = True
        self._seen = Fields("", "", "")
        self.say("")
        self._to(_Stage.ENTER)

    # ----- preview and write

    @on(Button.Pressed, "#go-on")
    def action_go_on(self) -> None:
        """Show what would be taken, then take it."""
        fields = self._fields()
        if self._stage is _Stage.WRITING or (self._stage is _Stage.PREVIEWING and fields == self._seen):
            return
        if self._stage is _Stage.PREVIEWED and fields == self._seen:
            assert self._found is not None
            if self._found.new:
                self._write(self._found.new)
            else:
                self.say("None of them can be taken. F3 goes back to the entry.", "problem")
            return
        self._drop_preview()
        self._show(None)
        if fields.is_empty:
            self.say(NOTHING_ENTERED, "problem")
            return
        self._preview(fields)

    @work(exclusive=True, group="many")
    async def _preview(self, fields: Fields) -> None:
        stop = self._begin(_Stage.PREVIEWING)
        self._seen = fields
        try:
            said, found = await self.read(self._look_at, fields, stop)
        except SerialdockError as refusal:
            if self._stop is stop:  # else a newer preview is being made, and the message would be about the older one
                self._drop_preview()
                self.query_one("#summary", Static).update(plain(_summary_at_once(fields)))
                self.say(refusal.message, "problem")
            return
        if self._stop is not stop:  # the entry was changed meanwhile
            return
        self.query_one("#summary", Static).update(plain(said))
        self._show(found)
        self._to(_Stage.PREVIEWED)
        if found.new:
            left_out = found.count - len(found.new)
            rest = f" {left_out:,} {'is' if left_out == 1 else 'are'} left out." if left_out else ""
            self.say(f"F10 takes {len(found.new):,}.{rest}")
        else:
            self.say("None of them can be taken. F3 goes back to the entry.", "problem")

    def _look_at(self, fields: Fields, stop: Stop) -> tuple[str, Preview]:
        """Parse the entry and preview its serials; in the database thread, since both are slow for very many."""
        entry = fields.entry()
        return _summary(entry), self._look(entry.serials(), stop)

    @work(exclusive=True, group="many")
    async def _write(self, serials: list[str]) -> None:
        stop = self._begin(_Stage.WRITING)
        try:
            said = await self.context.db.write(self._take, serials, stop)
        except SerialdockError as refusal:
            self._drop_preview()
            self._show(None)
            self.say(refusal.message, "problem")
        else:
            self._to(_Stage.ENTER)
            late = f" Scanned meanwhile and not taken: {', '.join(self._late_scans)}." if self._late_scans else ""
            self.dismiss(f"{said}{late}")

    def _begin(self, stage: _Stage) -> Stop:
        self._stop = Stop()
        self._to(stage)
        self.say("F12 stops it; nothing is written then.")
        return self._stop

    def _show(self, found: Preview | None) -> None:
        self._found = found
        self.query_one(Pager).fill(_preview_lines(found) if found is not None else ())

    def _to(self, stage: _Stage) -> None:
        """Enter a stage and move the focus to its widget."""
        self._stage = stage
        is_busy = stage in (_Stage.PREVIEWING, _Stage.WRITING)
        if not is_busy:
            self._stop = None
        self.query_one(ProgressLine).follow(self._stop)
        is_shown, pager = stage is _Stage.PREVIEWED, self.query_one(Pager)
        # Only a preview that is shown takes the arrow keys; else TAB would stop at nothing.
        pager.can_focus = is_shown
        self.set_class(is_shown, "-looked")
        self.set_class(is_busy, "-busy")
        if is_shown:
            pager.focus()
        # The pager has just lost the right to the focus; a field that has it keeps it.
        elif self.focused is None or self.focused is pager:
            self.query_one("#entry").focus()
        has_room = self.app.size.width >= ROOMY
        gap = "  " if has_room else " "
        self.query_one("#go-on", Button).label = plain(f"{'Take' if is_shown else 'Preview'}{gap}F10")
        self.query_one("#leave", Button).label = plain(f"{'Back' if is_shown else 'Leave'}{gap}F3")
        if not has_room:
            tighten(self)

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Stop the current work, or go back to the entry, or close."""
        if self._stop is not None:
            self._stop.wanted = True
            self.say("Stopping …")
        elif self._stage is _Stage.PREVIEWED:
            self._drop_preview()
            self.query_one("#entry").focus()
            self.say("F10 looks again, F3 leaves.")
        else:
            super().action_leave()

    def has_unsaved(self) -> bool:
        """Whether the list has text."""
        return bool(self.query_one("#entry", LinesArea).text.strip())


def _summary_at_once(fields: Fields) -> str:
    """Summary or problem of a short entry."""
    if fields.is_empty:
        return ""
    if len(fields.text) > CHEAP:
        return "F10 counts and checks them."
    try:
        return _summary(fields.entry())
    except BadValue as refusal:
        return refusal.message


def _summary(entry: Entry) -> str:
    """An entry in one line, such as `A0098 to A0103, 6 serials, numbers of 4 digits`."""
    first, last = entry.runs[0], entry.runs[-1]
    if len(entry.runs) == 1:
        return first.said
    return f"{first.first} to {last.last}, {entry.count:,} serials in {len(entry.runs):,} entries"


def _preview_lines(found: Preview) -> list[str]:
    """The lines of a preview: each count, followed by its sentences about single serials."""
    lines = [f"{len(found.new):,} new of {found.count:,}: {found.first} … {found.last}"]
    sorts = (
        ("Already here", found.there),
        ("Given twice", found.twice),
        ("Cannot be taken", found.bad),
        ("Look again", found.warned),
    )
    for what, sort in sorts:
        if sort.count:
            lines.append(f"{what}: {sort.count:,}")
            lines += [f"  {sentence}" for sentence in sort.sentences]
    return lines
