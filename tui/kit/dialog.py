"""The base class of dialogs; dialogs that save or confirm; the progress line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic
from typing import Any, ClassVar, Final, NamedTuple, ParamSpec, TypeVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.css.scalar import Scalar, Unit
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from models.errors import SerialdockError, Stop
from tui.context import Context, Kind
from tui.kit.bars import MessageLine
from tui.kit.form import button
from tui.kit.pager import Pager
from tui.kit.scrolled import Scrolled
from tui.scanning.fields import SHOWN, HeardScan, TakesText, WaitsForEnd
from tui.scanning.listener import Refused
from tui.scanning.screens import ForwardsScans
from tui.terminal.keys_in_order import WRITE_LIMIT
from tui.text import clip, plain, size_in_words
from tui.themes import style_sheets

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result")

TINY: Final = 30
"""Width in cells below which buttons have no padding."""

NARROW: Final = 60
"""Width in cells below which the box fills the whole width."""

LOW: Final = 12
"""Height in rows below which a message has one row less."""

MOST_SAID: Final = 3
"""Most rows of a message."""


class Dialog(ModalScreen[Result], ForwardsScans[Result]):
    """A box in front of the screen. Subclasses compose fields and buttons; `dismiss(result)` closes it."""

    CSS_PATH = style_sheets()

    HELP: ClassVar[str] = ""
    """Help text for F1 when the focused widget has none."""

    SCAN_ELSEWHERE: ClassVar[str] = "F3 leaves; then scan again."
    """What to do with a scan that this dialog does not take."""

    FOLLOWS: ClassVar[bool] = False
    """Whether it is read again while it is in front, when others have written; see `follow`."""

    WIDTH: ClassVar[int] = 62
    """Preferred width in cells."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (TINY, "-narrow"), (NARROW, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LOW, "-low"), (20, "-tall")]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", "Help", id="dialog.help", tooltip="Explain what the cursor is on, and list the keys"),
        Binding("f3", "leave", "Leave", id="dialog.leave", tooltip="Close this without doing anything"),
        Binding(
            "ctrl+g",
            "app.actions",
            "Menu",
            id="dialog.actions",
            tooltip="List everything that can be done here, by number",
        ),
        Binding(
            "escape", "leave", "Leave", id="dialog.escape", tooltip="Close this without doing anything", show=False
        ),
        Binding("f12", "leave", "Cancel", id="dialog.cancel", tooltip="Close this without doing anything", show=False),
    ]

    _is_warned = False
    """Whether the warning about unsaved text was shown, and nothing was typed since."""

    def __init__(self, title: str) -> None:
        """Make the box.

        Args:
            title: any text.
        """
        super().__init__()
        self.heading = title
        """The title; any text."""
        self.seen_at: Any = None
        """What it was read at last; only for `tui.kit.watcher`."""

    @property
    def context(self) -> Context:
        """The app, as the part of it that dialogs need."""
        return cast("Context", self.app)

    def compose(self) -> ComposeResult:
        """The box; its fields scroll when the terminal is too low for them."""
        with Vertical(classes="box") as box:
            box.border_title = plain(self.heading)
            box.styles.width = self.WIDTH
            with Scrolled(classes="fields", can_focus=False):
                yield from self.compose_fields()
            yield MessageLine()
            yield from self.compose_buttons()
        yield from self.compose_hidden_scan_field()

    def on_resize(self) -> None:
        """Fit the box to the new size."""
        self.fit()

    def fit(self) -> None:
        """Keep frame, message and buttons on the screen; the fields scroll in the rows left, to the focused one.

        Buttons that do not fit beside each other are stacked.
        """
        width, height = self.size
        is_narrow = width < NARROW
        room = width if is_narrow else min(self.WIDTH, width) - 4
        line = self.query_one(MessageLine)
        said = _fixed(line.styles.height) or line.get_content_height(self.size, self.size, room)
        rows = height - (1 if is_narrow else 2) - min(max(1, said), MOST_SAID if height >= LOW else MOST_SAID - 1)
        button_rows = 1
        for row in self.query(".buttons"):
            buttons = [one for one in row.query_children(Button) if one.display]
            blanks = 0 if width < TINY else 1  # between buttons, as in the style sheets
            is_stacked = sum(map(_width_of, buttons)) + blanks * (len(buttons) - 1) > room
            row.set_class(is_stacked, "-stacked")
            button_rows = len(buttons) if is_stacked else 1
        self.query_one(".fields").styles.max_height = max(2, rows - button_rows)
        self.call_after_refresh(self._scroll_to_focused)

    def _scroll_to_focused(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def compose_fields(self) -> ComposeResult:
        """The fields."""
        yield from ()

    def compose_buttons(self) -> ComposeResult:
        """The buttons."""
        yield from ()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields. `text` may contain any characters."""
        self.query_one(MessageLine).say(text, kind)
        self.fit()

    @on(WaitsForEnd.Unfinished)
    def _tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        event.stop()
        self.query_one(MessageLine).tell_unfinished(event)
        self.fit()

    # ----- scans

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Pass scans on, or act on them one after the other while later keys wait."""
        if self.forward_to is not None:
            super().take_scans(scans)
            return
        held = ExitStack()
        held.enter_context(self.context.keyboard.hold())  # here, before the worker has started
        self._take_heard(scans, held)

    @work(group="scan")
    async def _take_heard(self, scans: Sequence[HeardScan], held: ExitStack) -> None:
        with held:
            for scan in scans:
                try:
                    await self.scanned(scan)
                except SerialdockError as refusal:
                    self.say(refusal.message, "problem")

    async def scanned(self, scan: HeardScan) -> None:
        """Act on a scan, or refuse it aloud. A scan never answers a question and never saves.

        Raises:
            SerialdockError: why it was refused.
        """
        text = clip(scan.text, SHOWN)
        self.say(f"{text} was scanned while this is open, and was not taken. {self.SCAN_ELSEWHERE}", "problem")

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Pass a refused scan on, or show why it was refused."""
        if self.forward_to is not None:
            super().refuse_scan(refused, field)
        else:
            self.say(refused.reason.sentence, "problem")

    def hear_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Show that a scan has no end."""
        self.say(event.sentence, "problem")

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read from the database.

        Raises:
            SerialdockError
        """
        return await self.context.db.run(function, *args, **kwargs)

    async def follow(self, *, marks: bool) -> None:
        """Show what others have written; for a dialog that `FOLLOWS`.

        Args:
            marks: as for `tui.kit.page.Frame.follow`.

        Raises:
            SerialdockError: it cannot be read now.
        """

    def key_down(self) -> None:
        """Scroll the fields down, unless the focused widget uses the key."""
        self.query_one(".fields", Scrolled).step(1)

    def key_up(self) -> None:
        """Scroll the fields up."""
        self.query_one(".fields", Scrolled).step(-1)

    def key_pagedown(self) -> None:
        """Scroll the fields down a page."""
        self.query_one(".fields", Scrolled).page(1)

    def key_pageup(self) -> None:
        """Scroll the fields up a page."""
        self.query_one(".fields", Scrolled).page(-1)

    def has_unsaved(self) -> bool:
        """Whether leaving loses typed text that is laborious to type again."""
        return False

    def action_leave(self) -> None:
        """Close without a result; the first time, only warn if typed text would be lost."""
        if self.has_unsaved() and not self._is_warned:
            self._is_warned = True
            self.say("What you typed is not saved. F3 again leaves without it.", "warning")
        else:
            self.dismiss(None)

    def on_input_changed(self) -> None:
        """Let the warning come again: there is new text to lose."""
        self._is_warned = False

    def on_text_area_changed(self) -> None:
        """Let the warning come again: there is new text to lose."""
        self._is_warned = False


def _fixed(given: Scalar | None) -> int:
    """A width or height in cells; 0 when it has another unit."""
    return int(given.value) if given is not None and given.unit is Unit.CELLS else 0


def _width_of(one: Button) -> int:
    """Width in cells of a button, independent of its current layout."""
    beside = one.styles.padding.width + 2 * one.styles.line_pad
    return _fixed(one.styles.inline.width) or max(8, Content(str(one.label)).cell_length + beside)


def tighten(dialog: Dialog[Result], blanks: int = 0) -> None:
    """Make a dialog's buttons as wide as their labels, so that more of them fit beside each other.

    Args:
        dialog: the dialog.
        blanks: blank cells on either side of a label.
    """
    for one in dialog.query(Button):
        one.styles.line_pad = blanks  # in code, since a style sheet refuses 0
        one.styles.padding = one.styles.min_width = 0
        one.styles.width = len(str(one.label)) + 2 * blanks
    dialog.fit()


class SavingDialog(Dialog[Result | None]):
    """A dialog that saves on F10, its button, or Enter in its last field, and closes with the result on success.

    The database thread finishes a save that has begun, even if the dialog closes.
    """

    SAVE_LABEL: str = "Save"

    WORK: tuple[str, ...] = ()
    """Ids of the fields whose unsaved text is warned about when the dialog is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", "Save", id="dialog.save", tooltip="Save this"),
    ]

    _refused_field = ""
    """Id of the field that the current refusal is about; empty when there is none."""

    def on_mount(self) -> None:
        """Remember the initial texts of the fields."""
        self._at_first = self._texts()

    def _texts(self) -> list[str]:
        fields = [self.query_one(f"#{name}") for name in self.WORK]
        return [field.typed.strip() for field in fields if isinstance(field, TakesText)]

    def has_unsaved(self) -> bool:
        """Whether a field has a text other than its initial one."""
        return any(now and now != at_first for now, at_first in zip(self._texts(), self._at_first, strict=True))

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields. `text` may contain any characters."""
        self._refused_field = ""
        super().say(text, kind)

    def compose_buttons(self) -> ComposeResult:
        """Save and Leave; on a narrow terminal the Save button does not show its key."""
        has_room = len(f" {self.SAVE_LABEL}  F10  Leave  F3 ") <= self.app.size.width
        with HorizontalGroup(classes="buttons"):
            yield button(self.SAVE_LABEL, "save", key="F10" if has_room else "", primary=True)
            yield button("Leave", "leave", key="F3")

    @abstractmethod
    async def save(self) -> Result:
        """Save the fields and return the dialog's result.

        Raises:
            SerialdockError: its message is shown; `details["field"]` is the id of the field that gets the focus.
        """

    @on(Input.Submitted)
    def _go_on(self) -> None:
        """Move to the next field; save after the last one."""
        fields = [node for node in self.focus_chain if not isinstance(node, (Button, Pager))]
        if fields and self.focused is fields[-1]:
            self.action_save()
        else:
            self.focus_next()

    @on(Input.Changed)
    def _input_corrected(self, event: Input.Changed) -> None:
        self.corrected(event.control.id)

    def corrected(self, field: str | None) -> None:
        """Clear the message that refused a field, once the field is edited.

        Args:
            field: id of the edited field.
        """
        if self._refused_field and field == self._refused_field:
            self.say("")

    def told(self, refusal: SerialdockError) -> str:
        """The message to show for a refusal."""
        return refusal.message

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save and close."""
        self._save()

    @work(exclusive=True, group="save")
    async def _save(self) -> None:
        with self.context.keyboard.hold(WRITE_LIMIT):
            try:
                result = await self.save()
            except SerialdockError as refusal:
                self.refused(refusal)
            else:
                self.dismiss(result)

    def refused(self, refusal: SerialdockError) -> None:
        """Show why nothing was saved, and focus the field that is to be corrected."""
        self.say(self.told(refusal), "problem")
        for field in self.query(f"#{self.field_of(refusal) or 'none'}"):
            field.focus()
            self._refused_field = field.id or ""

    def field_of(self, refusal: SerialdockError) -> str:
        """The id of the field that a refusal is about; empty for none."""
        return str(refusal.details.get("field", ""))


class Answer(NamedTuple):
    """One answer of a ConfirmDialog."""

    name: str
    """The dialog's result, and the id of the button."""
    label: str
    key: str
    """A function key for it; a letter might be part of a scan."""


class ConfirmDialog(Dialog[str | None]):
    """Asks a question and returns the name of the chosen answer; None when it was left.

    The first answer is the harmless one: it has the focus, so that a stray Enter loses nothing.
    """

    HELP = "Left and Right choose an answer, Enter gives it. Each answer also has the key that stands beside it."

    def __init__(self, title: str, question: str, answers: Sequence[Answer]) -> None:
        """Make the dialog.

        Args:
            title: any text.
            question: full sentences that say what will happen; any text.
            answers: the harmless one first.
        """
        super().__init__(title)
        self._question, self._answers = question, list(answers)

    def compose_fields(self) -> ComposeResult:
        """The question."""
        yield Static(plain(self._question, lines=True), classes="question")

    def compose_buttons(self) -> ComposeResult:
        """The answers."""
        with HorizontalGroup(classes="buttons"):
            for answer in self._answers:
                yield button(answer.label, answer.name, key=answer.key.upper(), primary=answer is self._answers[0])

    def on_mount(self) -> None:
        """Focus the harmless answer and bind the keys."""
        for answer in self._answers:
            self._bindings.bind(answer.key, f"give({answer.name!r})", answer.label, show=False)
        for key, action in (("left", "app.focus_previous"), ("right", "app.focus_next")):
            self._bindings.bind(key, action, show=False)
        self.query_one(f"#{self._answers[0].name}", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the pressed answer."""
        event.stop()
        self.dismiss(event.button.id)

    def action_give(self, name: str) -> None:
        """Close with the answer of a key."""
        self.dismiss(name)


EVERY: Final = 0.2
"""Seconds between redraws of the progress line."""

_BAR: Final = 24
_LEAST: Final = 8
_PARTS: Final = " ▏▎▍▌▋▊▉█"


class ProgressLine(Widget):
    """A progress bar with count, rate and time left; redrawn periodically while it follows an operation."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._stop: Stop | None = None
        self._began, self._before = 0.0, 0
        self._worded: Callable[[int], str] = _number

    def on_mount(self) -> None:
        """Start the redraw timer."""
        self.set_interval(EVERY, self._draw)

    def follow(self, stop: Stop | None, *, sizes: bool = False) -> None:
        """Show the progress of an operation.

        Args:
            stop: the operation's counter of done and total; None shows nothing.
            sizes: whether it counts bytes.
        """
        self._stop, self._began = stop, monotonic()
        self._before = stop.done if stop is not None else 0
        self._worded = size_in_words if sizes else _number
        self.set_class(stop is not None, "-follows")
        self.refresh()

    def _draw(self) -> None:
        if self._stop is not None:
            self.refresh()

    def render(self) -> Content:
        """Bar, count, rate and time left, as far as they fit."""
        if self._stop is None or not self._stop.total:
            return Content("")
        done, total = self._stop.done, self._stop.total
        seconds = max(monotonic() - self._began, 0.001)
        rate = (done - self._before) / seconds
        count = f" {self._worded(done)} of {self._worded(total)}"
        left = f" · {_time(round((total - done) / rate))} left" if rate else ""
        left = " · finishing …" if done >= total else left
        pace = f" · {self._worded(round(rate))}/s" if rate else ""
        room = self.content_size.width
        said = next(
            (words for words in (count + pace + left, count + left, count) if len(words) + _LEAST <= room),
            f" {done * 100 // total} %",
        )
        width = min(_BAR, room - len(said))
        return Content(f"{_bar(done, total, width)}{said}" if width > 0 else said.strip())


def _number(count: int) -> str:
    return f"{count:,}"


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"


def _bar(done: int, total: int, width: int) -> str:
    full, part = divmod(min(width * 8, done * width * 8 // total), 8)
    return ("█" * full + (_PARTS[part] if part else "")).ljust(width, "·")
