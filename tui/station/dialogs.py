"""The dialogs of a station: a problem, an open draft, what shall come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models import clock
from models.errors import BadValue
from models.ledger import clock_time
from models.people import list_users
from models.serials.judging import CONFIRMABLE
from models.serials.ranges import BLANKS, read_list, split_lines
from models.station import drafts, lines
from models.station.drafts import DraftRow, sentence
from models.station.expected import Named, check_expected
from tui.context import Context
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog, Dialog, SavingDialog, tighten
from tui.kit.form import button
from tui.kit.pager import Pager
from tui.scanning.areas import LinesArea
from tui.scanning.fields import NumberInput, PlainInput
from tui.scanning.scan_field import ScanField
from tui.scanning.screens import AnswerField, Line, into_list
from tui.text import clip, plain
from tui.themes import style_sheets

OPEN: Final = "open"
CORRECT: Final = "correct"
LEAVE_OUT: Final = "leave_out"
AGAIN: Final = "again"

SHOWN: Final = 160
"""Cells of a scan that are shown; one that is no serial may have thousands."""


class Settled(NamedTuple):
    """What to do."""

    what: str
    """open, correct, leave_out or again."""
    text: str = ""
    """The corrected text."""


class ProblemDialog(Dialog[Settled | None]):
    """Returns what to do with the line. A scan that comes meanwhile closes it and goes to the station."""

    HELP = (
        "The scan that waits, and why. Type another text and press Enter to correct it, F8 leaves it out, F4 opens the "
        "serial that stands in the way, F10 takes again what was not taken. The gun goes on: a scan closes this and is "
        "taken at the station."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "open", "Open", id="problem.open", tooltip="Open the serial that stands in the way"),
        Binding("f8", "leave_out", "Leave out", id="problem.leave-out", tooltip="Take this scan out"),
        Binding("f10", "again", "Take again", id="problem.again", tooltip="Take all again that was not taken"),
    ]

    def __init__(self, line: lines.Line, again: int = 0) -> None:
        """Make it.

        Args:
            line: the problem.
            again: how many scans, this one among them, were not taken and could be taken as they are.
        """
        super().__init__("Problem")
        self._line, self._again = line, again

    def compose_fields(self) -> ComposeResult:
        """What came, why it waits, and the field to correct it."""
        line = self._line
        yield Static(plain(clip(line.shown, SHOWN), "bold"))
        yield Static(plain(line.message, lines=True), classes="question")
        who = f"{line.how} by {line.login} at {clock_time(line.at)}" if line.login else f"{line.how}"
        as_it_came = "" if line.scan.strip() == line.shown else f", as {clip(line.scan, SHOWN)}"
        yield Static(plain(f"{who}{as_it_came}"), classes="quiet")
        if line.reason in CONFIRMABLE:
            yield Static(plain("Scan the same code again to keep it."), classes="quiet")
        elif line.number < 0 and not self._again:
            yield Static(plain("Scan it again, or type its serial here."), classes="quiet")
        with HorizontalGroup(classes="row"):
            yield Static("Correct", classes="label")
            yield AnswerField(line.serial_number if self._is_text else "", id="serial")

    @property
    def _is_text(self) -> bool:
        """Whether what came can be corrected; what no scan can be is typed anew."""
        return self._line.number > 0 or self._again > 0

    def compose_buttons(self) -> ComposeResult:
        """Correct, leave out, open, take again."""
        with HorizontalGroup(classes="buttons"):
            if self._again:
                yield button("Take again" if self._again == 1 else f"Take {self._again:,} again", AGAIN, key="F10")
            if self._line.serial_id is not None:
                yield button("Open", OPEN, key="F4")
            yield button("Leave out", LEAVE_OUT, key="F8")
            yield button("Correct", CORRECT, key="⏎", primary=True)

    def on_mount(self) -> None:
        """Begin in the field, its text selected."""
        field = self.query_one("#serial", ScanField)
        field.focus()
        field.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done."""
        if action == "open":
            return self._line.serial_id is not None
        if action == "again":
            return self._again > 0
        return super().check_action(action, parameters)

    def typed(self, event: Line) -> None:
        """Correct the scan."""
        if isinstance(event, ScanField.Refused):
            self.say(event.reason.sentence, "problem")
        else:
            self._correct(event.text)

    def typed_nothing(self) -> None:
        """Say what to do."""
        self.say("Type the right serial, or F8 leaves this one out.")

    def _correct(self, text: str) -> None:
        if text.strip() == self._line.shown:
            self.query_one("#serial", ScanField).offer(text)
            as_it_is = "F10 takes it again" if self._again else "F8 leaves it out"
            self.say(f"That is what was scanned. Type the right serial, or {as_it_is}.")
        else:
            self.dismiss(Settled(CORRECT, text.strip()))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == OPEN:
            self.action_open()
        elif event.button.id == LEAVE_OUT:
            self.action_leave_out()
        elif event.button.id == AGAIN:
            self.action_again()
        else:
            field = self.query_one("#serial", ScanField)
            text, field.value = field.value, ""
            self._correct(text)

    def action_open(self) -> None:
        """Open what stands in the way."""
        if self._line.serial_id is not None:
            self.dismiss(Settled(OPEN))

    def action_leave_out(self) -> None:
        """Take the line out."""
        self.dismiss(Settled(LEAVE_OUT))

    def action_again(self) -> None:
        """Take again what was not taken."""
        if self._again:
            self.dismiss(Settled(AGAIN))


CONTINUE: Final = "continue"
HAND_OVER: Final = "hand_over"
DISCARD: Final = "discard"


class DraftDialog(Dialog[str | None]):
    """Returns what to do with the draft; None where it was left."""

    HELP = (
        "Continue goes on with the draft here, whoever began it. Hand over gives it to another user. Discard throws it "
        "away; nothing of it becomes stock."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('continue')", "Continue", id="draft.continue", tooltip="Go on with it here"),
        Binding("f4", "give('hand_over')", "Hand over", id="draft.hand-over", tooltip="Give it to another user"),
        Binding("f8", "give('discard')", "Discard", id="draft.discard", tooltip="Throw it away"),
    ]

    def __init__(self, draft: DraftRow) -> None:
        """Make it.

        Args:
            draft: which.
        """
        super().__init__("Open draft")
        self._draft = draft

    def compose_fields(self) -> ComposeResult:
        """What is known of it."""
        row = self._draft
        item = f"Item {row.sku}. " if row.sku else ""
        started = f"Started by {row.started_by} at {clock_time(row.started_at)}."
        yield Static(plain(f"{sentence(row)}\n{item}{started}", lines=True), classes="question")
        if row.is_in_use(clock.now()):
            in_use = f"{row.login} has it open at another station; the next scan there will be refused."
            yield Static(plain(in_use, "bold"))

    def compose_buttons(self) -> ComposeResult:
        """What can be done with it."""
        with HorizontalGroup(classes="buttons"):
            yield button("Continue", CONTINUE, key="F10", primary=True)
            yield button("Hand over", HAND_OVER, key="F4")
            yield button("Discard", DISCARD, key="F8")

    def on_mount(self) -> None:
        """Begin on the answer that loses nothing."""
        self.query_one(f"#{CONTINUE}").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id)

    def action_give(self, what: str) -> None:
        """Return an answer by its key."""
        self.dismiss(what)


Asks = Callable[[Dialog[Any]], Awaitable[Any]]
"""Opens a dialog and waits for what it returns."""


async def wants_to_take_over(ask: Asks, row: DraftRow) -> bool:
    """Ask before another station's draft is taken over."""
    question = f"{row.login} has it open at another station. Its next scan there will be refused."
    answers = [Answer("no", "Leave it", "f3"), Answer("yes", "Take it over", "f10")]
    return bool(await ask(ConfirmDialog("Take over?", question, answers)) == "yes")


async def wants_to_discard(context: Context, ask: Asks, row: DraftRow) -> str:
    """Throw a draft away, once that is confirmed; what is to be said then, empty where it is kept.

    Raises:
        SerialdockError
    """
    scanned = row.good + row.problems
    question = f"{scanned:,} scanned serial{'s' if scanned != 1 else ''} will be thrown away; none becomes stock."
    answers = [Answer("no", "Keep it", "f3"), Answer("yes", "Discard", "f10")]
    if await ask(ConfirmDialog("Discard?", question, answers)) != "yes":
        return ""
    await context.db.write(drafts.discard, context.actor, row.id)
    return "The draft was discarded."


async def hands_over(context: Context, ask: Asks, row: DraftRow) -> str:
    """Give a draft to another user; what is to be said then, empty where nobody was chosen.

    Raises:
        SerialdockError
    """
    with context.keyboard.hold():
        users = await context.db.run(list_users)
        choices = [Choice(user.login, user.login, ", ".join(user.roles)) for user in users]
        dialog = ChooseDialog("Hand over to", choices, present=row.login)
    login = await ask(dialog)
    if login is None:
        return ""
    await context.db.write(drafts.hand_over, context.actor, row.id, login)
    return f"The draft is {login}'s now."


NAMED: Final = 10_000
"""Serials that are listed by name of each sort."""

ROOMY: Final = 60
"""Cells from which on the buttons have blanks around their labels."""

TOGETHER: Final = 400
"""Names in one sentence; only those that are seen are drawn."""

Check = Callable[[list[str]], object]
"""Looks whether the lines of a list can be serials, and raises `BadValue`; for the database thread."""


class Compared(NamedTuple):
    """What was announced against what has come."""

    expected: int | None
    announced: int
    """Serials on the list; 0 where there is none."""
    received: int
    missing: Named = Named(0, [])
    unannounced: Named = Named(0, [])

    @property
    def sentences(self) -> list[str]:
        """What is to be said."""
        expected = f"Expected {self.expected:,}, " if self.expected else ""
        said = [f"{expected}{self.received:,} received."]
        if self.announced:
            said += _by_name("Missing", self.missing)
            said += _by_name("Not announced", self.unannounced)
        return said


class Expected(NamedTuple):
    """What a person said."""

    units: int | None
    """None where nobody knows."""
    announced: list[str] | None
    """The lines of the list; None leaves the one that is there, an empty one takes it away."""


class ExpectedDialog(SavingDialog[Expected]):
    """Returns what shall come."""

    CSS_PATH = style_sheets("records")
    WORK = ("list",)
    HELP = (
        "How many units of this item shall come, or the list of serials that was announced: scan or paste it, one a "
        "line, or name a file with one a line. Below stand the missing ones and those that nobody announced, by name. "
        "F9 takes the list away again."
    )

    STAYS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "forget", "No list", id="expected.forget", tooltip="Take the announced list away"),
    ]

    def __init__(self, sku: str, compared: Compared, check: Check) -> None:
        """Make it.

        Args:
            sku: of the item.
            compared: how it stands.
            check: looks at a list before the dialog closes.
        """
        super().__init__(f"Expected · {sku}")
        self._compared, self._check = compared, check
        self.pass_on = into_list(self.say, self._add)

    def compose_fields(self) -> ComposeResult:
        """Number, list, file, and how it stands."""
        with HorizontalGroup(classes="row"):
            yield Static("Units", classes="label")
            yield NumberInput(str(self._compared.expected or ""), id="units", max_length=9)
        with HorizontalGroup(classes="row"):
            yield Static("List", classes="label")
            yield LinesArea(id="list")
        with HorizontalGroup(classes="row"):
            yield Static("or a file", classes="label")
            yield PlainInput(id="file", placeholder="path")
        yield Static(classes="gap")
        yield Pager(id="compared")

    def compose_buttons(self) -> ComposeResult:
        """Save, take the list away, or leave; where all do not fit, the keys are left to the menu."""
        has_room = self.app.size.width >= 40
        with HorizontalGroup(classes="buttons"):
            yield button("Save", "save", key="F10" if has_room else "", primary=True)
            if self._compared.announced:
                yield button("No list", "forget", key="F9" if has_room else "")
            yield button("Leave", "leave", key="F3" if has_room else "")

    def on_mount(self) -> None:
        """Begin with the number."""
        if self.app.size.width < ROOMY:
            tighten(self, blanks=1 if self.app.size.width >= 40 else 0)
        self.query_one(Pager).fill(self._compared.sentences)
        self.query_one("#units").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take the list away only where there is one."""
        return self._compared.announced > 0 if action == "forget" else super().check_action(action, parameters)

    def _add(self, line: str) -> None:
        """Take a scan or a pasted line into the list."""
        listed = self.query_one("#list", LinesArea)
        listed.add_line(line)
        listed.focus()

    @on(NumberInput.Scanned)
    def _no_number(self, event: NumberInput.Scanned) -> None:
        event.stop()
        self._add(event.text)

    async def save(self) -> Expected:
        """What the fields say; the text stays where it is until all of it is good.

        Raises:
            BadValue
        """
        pasted = self.query_one("#list", LinesArea).text
        path = self.query_one("#file", PlainInput).value.strip()
        units = self.query_one("#units", PlainInput).value.strip()
        if pasted.strip(BLANKS) and path:
            raise BadValue("A list and a file are given. Empty one of them.", field="file")
        if units and not units.isdecimal():
            raise BadValue(f"{units} is no number of units. Give a whole number above zero.", field="units")
        if not path and not pasted.strip(BLANKS):
            number = int(units) if units else None
            check_expected(number)
            return Expected(number, None)
        return Expected(None, await self.read(self._lines, pasted, path))

    def _lines(self, pasted: str, path: str) -> list[str]:
        """The lines of the list, all of them good; in the database thread, since a long one takes a while."""
        lines = read_list(path) if path else split_lines(pasted)
        try:
            self._check(lines)
        except BadValue as refusal:
            raise BadValue(refusal.message, field="file" if path else "list") from None
        return lines

    @on(Button.Pressed, "#forget")
    @work(exclusive=True, group="dialog")
    async def action_forget(self) -> None:
        """Take the list away, once that is confirmed."""
        count = self._compared.announced
        question = (
            f"{count:,} announced serial{'s' if count != 1 else ''} will not be compared any more, and no number is "
            "expected. What was scanned stays."
        )
        answers = [Answer("no", "Keep it", "f3"), Answer("yes", "Take it away", "f10")]
        if await self.context.ask(ConfirmDialog("Take the list away?", question, answers)) == "yes":
            self.dismiss(Expected(None, []))


def _by_name(what: str, serials: Named) -> Iterator[str]:
    yield f"{what} {serials.total:,}{':' if serials.total else '.'}"
    for first in range(0, len(serials.names), TOGETHER):
        rest = "," if first + TOGETHER < len(serials.names) else ""
        yield f"  {', '.join(serials.names[first : first + TOGETHER])}{rest}"
    if serials.total > len(serials.names):
        yield f"  and {serials.total - len(serials.names):,} more"
