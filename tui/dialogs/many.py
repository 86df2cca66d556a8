"""Many serials in one go: ranges, a first one and a count, or a pasted list; looked at before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Input, Static, TextArea

from models.errors import BadValue, SerialdockError
from models.tasks import ranges
from models.tasks.many import Preview, Progress, Stop
from models.tasks.ranges import Entry
from tui.dialogs.frame import Dialog, button
from tui.dialogs.progress import ProgressLine
from tui.keyboard.plain_area import PlainArea
from tui.keyboard.plain_input import PlainInput
from tui.text import plain

NAMED: Final = 4
"""Serials that are named of each sort."""

Look = Callable[[list[str], Progress], Preview]
"""Looks at serials; for the database thread."""

Take = Callable[[list[str], Progress], str]
"""Takes serials and gives the sentence that says so; for the database thread."""


class _Stage(Enum):
    ENTER = auto()
    LOOKED = auto()
    BUSY = auto()


class ManyDialog(Dialog[str | None]):
    """Returns what is to be said when the serials were taken; None where it was left."""

    HELP = (
        "One serial or range a line: A0098..A0103 is a range, a hyphen never is. Or give a first serial and a count. "
        "F10 first shows what would be taken, then takes it."
    )
    WIDTH = 70
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "go_on", "Go on", id="many.go-on", tooltip="Show what would be taken, then take it"),
    ]

    def __init__(self, title: str, look: Look, take: Take) -> None:
        """Make it.

        Args:
            title: any text.
            look: looks at the serials.
            take: takes those that can be taken.
        """
        super().__init__(title)
        self._look, self._take = look, take
        self._stage = _Stage.ENTER
        self._found: Preview | None = None
        self._stop: Stop | None = None

    def compose_fields(self) -> ComposeResult:
        """The entry, what it comes to, what would become of it, how far it is."""
        yield Static("Serials and ranges such as A0098..A0103, one a line", classes="quiet")
        yield PlainArea(id="entry")
        with HorizontalGroup(classes="row"):
            yield Static("or first", classes="label")
            yield PlainInput(id="first", placeholder="serial")
            yield Static(" count ", classes="many-count")
            yield PlainInput(id="count", type="integer", max_length=7)
        yield Static("", id="summary", markup=False)
        yield Static("", id="preview", markup=False)
        yield ProgressLine()

    def compose_buttons(self) -> ComposeResult:
        """Go on, or leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Preview", "go-on", key="F10", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one("#entry").focus()

    # ----- the entry

    def _entry(self) -> Entry:
        """What the fields say.

        Raises:
            BadValue
        """
        text = self.query_one("#entry", PlainArea).text
        first = self.query_one("#first", PlainInput).value.strip()
        count = self.query_one("#count", PlainInput).value.strip()
        if text.strip() and first:
            raise BadValue("A list and a first serial are given. Empty one of them.", field="first")
        if count and not count.isdecimal():
            raise BadValue(f"{count} is no count. Give a whole number above zero.", field="count")
        if first:
            return Entry((ranges.counted(first, int(count or "1")),))
        return ranges.parse(text, unseen=True)

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        if self._stage is _Stage.BUSY:
            return
        self._to(_Stage.ENTER)
        self.query_one("#preview", Static).update("")
        try:
            entry = self._entry() if self._is_cheap() else None
        except BadValue as refusal:
            said = refusal.message if self._has_entry() else ""
        else:
            said = _summary(entry) if entry else "F10 counts and checks them."
        self.query_one("#summary", Static).update(plain(said))

    def _is_cheap(self) -> bool:
        """Whether the entry can be read at each key; a paste of thousands is read when it is asked for."""
        return self.query_one("#entry", PlainArea).document.line_count <= 200

    def _has_entry(self) -> bool:
        first = self.query_one("#first", PlainInput).value
        return bool(self.query_one("#entry", PlainArea).text.strip() or first.strip())

    # ----- on

    @on(Button.Pressed, "#go-on")
    def action_go_on(self) -> None:
        """Show what would be taken, then take it."""
        if self._stage is _Stage.BUSY:
            return
        if self._stage is _Stage.LOOKED and self._found is not None:
            self._write(self._found.new)
            return
        try:
            entry = self._entry()
        except BadValue as refusal:
            self.say(refusal.message, "problem")
            return
        self.query_one("#summary", Static).update(plain(_summary(entry)))
        self._preview(entry)

    @work(exclusive=True, group="many")
    async def _preview(self, entry: Entry) -> None:
        stop = self._begin()
        try:
            self._found = await self.read(self._look_at, entry, stop)
        except SerialdockError as refusal:
            self._to(_Stage.ENTER)
            self.say(refusal.message, "problem")
            return
        self.query_one("#preview", Static).update(plain("\n".join(_told(self._found)), lines=True))
        if self._found.new:
            self._to(_Stage.LOOKED)
            left_out = self._found.count - len(self._found.new)
            rest = f" {left_out:,} are left out." if left_out else ""
            self.say(f"F10 takes {len(self._found.new):,}.{rest}")
        else:
            self._to(_Stage.ENTER)
            self.say("None of them can be taken.", "problem")

    def _look_at(self, entry: Entry, stop: Stop) -> Preview:
        ranges.refuse_repeated(entry)
        return self._look(entry.serials(), stop)

    @work(exclusive=True, group="many")
    async def _write(self, serials: list[str]) -> None:
        stop = self._begin()
        try:
            said = await self.dock.db.write(self._take, serials, stop)
        except SerialdockError as refusal:
            self._to(_Stage.ENTER)
            self.say(refusal.message, "problem")
        else:
            self._to(_Stage.ENTER)
            self.dismiss(said)

    def _begin(self) -> Stop:
        self._stop = Stop()
        self._to(_Stage.BUSY)
        self.say("F12 stops it; nothing is written then.")
        self.query_one(ProgressLine).follow(self._stop)
        return self._stop

    def _to(self, stage: _Stage) -> None:
        self._stage = stage
        if stage is not _Stage.BUSY:
            self.query_one(ProgressLine).follow(None)
        label = "Take" if stage is _Stage.LOOKED else "Preview"
        self.query_one("#go-on", Button).label = plain(f"{label}  F10")

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Stop what is being done; else close."""
        if self._stage is _Stage.BUSY and self._stop is not None:
            self._stop.wanted = True
            self.say("Stopping …")
        else:
            self.dismiss(None)


def _summary(entry: Entry) -> str:
    """`A0098 to A0103, 6 serials, numbers of 4 digits`."""
    first, last = entry.runs[0], entry.runs[-1]
    if len(entry.runs) == 1:
        return first.said
    return f"{first.first} to {last.last}, {entry.count:,} serials in {len(entry.runs):,} entries"


def _told(found: Preview) -> list[str]:
    """What a preview says, as lines."""
    lines = [f"{len(found.new):,} new of {found.count:,}: {found.first} … {found.last}"]
    for what, sort in (("Already here", found.there), ("Cannot be taken", found.bad), ("Look again", found.warned)):
        if sort.count:
            lines.append(f"{what}: {sort.count:,}")
            lines += [f"  {one.message.removesuffix(' Scan it again to keep it.')}" for one in sort.named[:NAMED]]
            if sort.count > NAMED:
                lines.append(f"  … and {sort.count - NAMED:,} more")
    return lines
