"""The station's dialogs: settle a problem, settle an open draft, set the expected units or serials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models import clock
from models.clock import clock_time
from models.errors import BadValue, NotFound
from models.importing.files import meant_path
from models.importing.lists import SerialList, read_list
from models.people import list_users
from models.serials.judging import CONFIRMABLE
from models.serials.ranges import BLANKS, split_lines
from models.station import drafts, lines
from models.station.drafts import DraftRow, sentence
from models.station.expected import Named, check_expected, typed_units
from tui.context import Context
from tui.kit.changed_lines import changes_marked
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog, Dialog, SavingDialog, tighten
from tui.kit.form import FormInput, button
from tui.kit.pager import Pager
from tui.scanning.areas import LinesArea
from tui.scanning.fields import NumberInput, PlainInput
from tui.scanning.screens import AnswerField, into_list
from tui.text import clip, plain
from tui.themes import style_sheets

OPEN: Final = "open"
CORRECT: Final = "correct"
LEAVE_OUT: Final = "leave_out"
AGAIN: Final = "again"

SHOWN: Final = 160
"""Most cells that are shown of a scan: one that is no serial may have thousands of characters."""


class Settled(NamedTuple):
    """The answer of a ProblemDialog."""

    what: str
    """`open`, `correct`, `leave_out` or `again`."""
    text: str = ""
    """The corrected text, for `correct`."""


class ProblemDialog(Dialog[Settled | None]):
    """The dialog that settles a problem line. A scan closes it and goes to the station."""

    HELP = (
        "The scan that waits, and why. Type another text and press Enter to correct it, F8 leaves it out, F4 opens the "
        "serial that stands in the way, F10 takes again what was not taken. The scanner goes on: a scan closes this "
        "and is taken at the station."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "open", "Open", id="problem.open", tooltip="Open the serial that stands in the way"),
        Binding("f8", "leave_out", "Leave out", id="problem.leave-out", tooltip="Take this scan out"),
        Binding("f10", "again", "Take again", id="problem.again", tooltip="Take all again that was not taken"),
    ]

    def __init__(self, line: lines.Line, again: int = 0) -> None:
        """Make the dialog.

        Args:
            line: the problem.
            again: number of scans, including this one, that were not taken and could be retried as they are.
        """
        super().__init__("Problem")
        self._line, self._again = line, again

    def compose_fields(self) -> ComposeResult:
        """The scan, its problem, and the field to correct it."""
        line = self._line
        yield Static(plain(clip(line.shown, SHOWN), "bold"))
        yield Static(plain(line.message, lines=True), classes="question")
        who = f"{line.how} by {line.login} at {clock_time(line.at)}" if line.login else f"{line.how}"
        # The whole scan too where the serial is only a part of it, as in a GS1 code.
        as_it_came = "" if line.scan.strip() == line.shown else f", as {clip(line.scan, SHOWN)}"
        yield Static(plain(f"{who}{as_it_came}"), classes="quiet")
        # Only the code itself confirms a warning, never a key: somebody looks at the label again.
        if line.reason in CONFIRMABLE:
            yield Static(plain("Scan the same code again to keep it."), classes="quiet")
        elif line.number < 0 and not self._again:
            yield Static(plain("Scan it again, or type its serial here."), classes="quiet")
        with HorizontalGroup(classes="row"):
            yield Static("Correct", classes="label")
            yield AnswerField(line.serial_number if self._is_text else "", id="serial")

    @property
    def _is_text(self) -> bool:
        """Whether the scan can be corrected; a refused line has to be typed from scratch."""
        return self._line.number > 0 or self._again > 0

    def compose_buttons(self) -> ComposeResult:
        """Take again, Open, Leave out and Correct."""
        with HorizontalGroup(classes="buttons"):
            if self._again:
                yield button("Take again" if self._again == 1 else f"Take {self._again:,} again", AGAIN, key="F10")
            if self._line.serial_id is not None:
                yield button("Open", OPEN, key="F4")
            yield button("Leave out", LEAVE_OUT, key="F8")
            yield button("Correct", CORRECT, key="⏎", primary=True)

    def on_mount(self) -> None:
        """Focus the field and select its text."""
        field = self.query_one("#serial", AnswerField)
        field.focus()
        field.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer Open and Take again only when they apply."""
        if action == "open":
            return self._line.serial_id is not None
        if action == "again":
            return self._again > 0
        return super().check_action(action, parameters)

    def typed(self, text: str) -> None:
        """Correct the scan."""
        self._correct(text)

    def typed_nothing(self) -> None:
        """Show a hint."""
        self.say("Type the right serial, or F8 leaves this one out.")

    def _correct(self, text: str) -> None:
        if text.strip() == self._line.shown:  # Enter on the text that is offered corrects nothing
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
            self._correct(self.query_one("#serial", AnswerField).value)

    def action_open(self) -> None:
        """Close and open the conflicting serial."""
        if self._line.serial_id is not None:
            self.dismiss(Settled(OPEN))

    def action_leave_out(self) -> None:
        """Close and leave the scan out."""
        self.dismiss(Settled(LEAVE_OUT))

    def action_again(self) -> None:
        """Close and retry the scans that were not taken."""
        if self._again:
            self.dismiss(Settled(AGAIN))


CONTINUE: Final = "continue"
HAND_OVER: Final = "hand_over"
DISCARD: Final = "discard"


class DraftDialog(Dialog[str | None]):
    """The dialog about an open draft: returns `CONTINUE`, `HAND_OVER` or `DISCARD`; None when it was left."""

    HELP = (
        "Continue goes on with the draft here, whoever began it. Hand over gives it to another user. Discard throws it "
        "away; nothing of it becomes stock."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('continue')", "Continue", id="draft.continue", tooltip="Go on with it here"),
        Binding("f4", "give('hand_over')", "Hand over", id="draft.hand-over", tooltip="Give it to another user"),
        Binding("f8", "give('discard')", "Discard", id="draft.discard", tooltip="Throw it away"),
    ]

    FOLLOWS = True

    def __init__(self, draft: DraftRow) -> None:
        """Make the dialog.

        Args:
            draft: the draft.
        """
        super().__init__("Open draft")
        self._draft = draft

    def compose_fields(self) -> ComposeResult:
        """The draft's progress, item, start, and whether it is in use."""
        yield Static(plain(_about(self._draft), lines=True), classes="question", id="about")
        in_use = Static(plain(_in_use(self._draft), "bold"), id="in-use")
        in_use.display = bool(_in_use(self._draft))
        yield in_use

    async def follow(self, *, marks: bool) -> None:
        """Show the draft as it is now, or report that it is not open any more.

        Args:
            marks: as for every dialog.
        """
        try:
            self._draft = await self.read(drafts.find_draft, self._draft.id)
        except NotFound as refusal:  # finished or discarded elsewhere; what is done about it here says so too
            self.say(refusal.message, "problem")
            return
        with changes_marked(self, "#about, #in-use", marks=marks):
            self.query_one("#about", Static).update(plain(_about(self._draft), lines=True))
            in_use = self.query_one("#in-use", Static)
            in_use.update(plain(_in_use(self._draft), "bold"))
            in_use.display = bool(_in_use(self._draft))

    def compose_buttons(self) -> ComposeResult:
        """Continue, Hand over and Discard."""
        with HorizontalGroup(classes="buttons"):
            yield button("Continue", CONTINUE, key="F10", primary=True)
            yield button("Hand over", HAND_OVER, key="F4")
            yield button("Discard", DISCARD, key="F8")

    def on_mount(self) -> None:
        """Focus the answer that loses nothing."""
        self.query_one(f"#{CONTINUE}").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id)

    def action_give(self, what: str) -> None:
        """Close with the answer of a key."""
        self.dismiss(what)


def _about(row: DraftRow) -> str:
    item = f"Item {row.sku}. " if row.sku else ""
    return f"{sentence(row)}\n{item}Started by {row.started_by} at {clock_time(row.started_at)}."


def _in_use(row: DraftRow) -> str:
    """The sentence that another station has a draft open; empty if none has."""
    if not row.is_in_use(clock.now()):
        return ""
    return f"{row.login} has it open at another station; the next scan there will be refused."


Asks = Callable[[Dialog[Any]], Awaitable[Any]]
"""Opens a dialog and waits for its result: `Context.ask`, or `StationScreen.ask_here`, which takes scans meanwhile."""


async def confirm_take_over(ask: Asks, row: DraftRow) -> bool:
    """Ask for confirmation to take over another station's draft."""
    question = f"{row.login} has it open at another station. Its next scan there will be refused."
    answers = [Answer("no", "Leave it", "f3"), Answer("yes", "Take it over", "f10")]
    return bool(await ask(ConfirmDialog("Take over?", question, answers)) == "yes")


async def discard_draft(context: Context, ask: Asks, row: DraftRow) -> str:
    """Discard a draft after a confirmation; return the message to show, empty when it is kept.

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


async def hand_over_draft(context: Context, ask: Asks, row: DraftRow) -> str:
    """Hand a draft over to a chosen user; return the message to show, empty when nobody was chosen.

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


async def settle_draft(context: Context, ask: Asks, row: DraftRow) -> str:
    """Ask whether to continue, hand over or discard a draft, and do the last two.

    Returns:
        `CONTINUE`, which is left to the caller; else the message to show, empty when nothing was done.

    Raises:
        SerialdockError
    """
    what = await ask(DraftDialog(row))
    if what not in (DISCARD, HAND_OVER):
        return what or ""
    now = await context.db.run(drafts.find_draft, row.id)  # more was scanned meanwhile, perhaps
    return await (discard_draft if what == DISCARD else hand_over_draft)(context, ask, now)


NAMED: Final = 10_000
"""Most missing, and most unannounced, serials that are listed by name."""

ROOMY: Final = 60
"""Width in cells from which on the buttons keep their normal width."""

TOGETHER: Final = 400
"""Most serials in one sentence: the pager wraps a sentence whole before it draws the visible part of it."""

Check = Callable[[list[str]], object]
"""Raises `BadValue` if a line of a list cannot be a serial; for the database thread."""


class Compared(NamedTuple):
    """Announced serials compared with received ones."""

    expected: int | None
    announced: int
    """Number of serials on the list; 0 without a list."""
    received: int
    missing: Named = Named(0, [])
    unannounced: Named = Named(0, [])

    @property
    def sentences(self) -> list[str]:
        """The comparison in sentences."""
        expected = f"Expected {self.expected:,}, " if self.expected else ""
        said = [f"{expected}{self.received:,} received."]
        if self.announced:
            said += by_name("Missing", self.missing)
            said += by_name("Not announced", self.unannounced)
        return said


class Expected(NamedTuple):
    """The result of an ExpectedDialog."""

    units: int | None
    """Expected number of units; None for no number, or where the list gives it."""
    announced: list[str] | None
    """Lines of the announced list; None keeps the present list, an empty one removes it."""


class ExpectedDialog(SavingDialog[Expected]):
    """The dialog for the expected number of units or the announced list; it shows the comparison too."""

    CSS_PATH = style_sheets("records")
    WORK = ("list",)
    HELP = (
        "How many units of this item shall come, or the list of serials that was announced: scan or paste it, one a "
        "line, or name a file, a text or a workbook. Below stand the missing ones and those that nobody announced, by "
        "name. F9 takes the list away again."
    )

    STAYS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "forget", "No list", id="expected.forget", tooltip="Take the announced list away"),
    ]

    def __init__(self, sku: str, compared: Compared, check: Check) -> None:
        """Make the dialog.

        Args:
            sku: SKU of the item.
            compared: the present comparison.
            check: checks a list before the dialog closes.
        """
        super().__init__(f"Expected · {sku}")
        self._sku, self._compared, self._check = sku, compared, check
        # The dialog asks for a list of serials, so each scan is a line of it, wherever the cursor stands.
        self.forward_to = into_list(self.say, self._add)

    def compose_fields(self) -> ComposeResult:
        """Number, list, file, and the comparison."""
        with HorizontalGroup(classes="row"):
            yield Static("Units", classes="label")
            yield NumberInput(str(self._compared.expected or ""), id="units", max_length=9)
        with HorizontalGroup(classes="row"):
            yield Static("List", classes="label")
            yield LinesArea(id="list")
        with HorizontalGroup(classes="row"):
            yield Static("or a file", classes="label")
            yield FormInput(id="file", placeholder="path")
        yield Static(classes="gap")
        yield Pager(id="compared")

    def compose_buttons(self) -> ComposeResult:
        """Save, No list and Leave; on a narrow terminal the buttons do not show their keys."""
        has_room = self.app.size.width >= 40
        with HorizontalGroup(classes="buttons"):
            yield button("Save", "save", key="F10" if has_room else "", primary=True)
            if self._compared.announced:
                yield button("No list", "forget", key="F9" if has_room else "")
            yield button("Leave", "leave", key="F3" if has_room else "")

    def on_mount(self) -> None:
        """Focus the number of units."""
        if self.app.size.width < ROOMY:  # stacked buttons would take rows from the comparison
            tighten(self, blanks=1 if self.app.size.width >= 40 else 0)
        self.query_one(Pager).fill(self._compared.sentences)
        self.query_one("#units").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to remove the list only if there is one."""
        return self._compared.announced > 0 if action == "forget" else super().check_action(action, parameters)

    def _add(self, line: str) -> None:
        """Add a scan or a pasted line to the list."""
        listed = self.query_one("#list", LinesArea)
        listed.add_line(line)
        listed.focus()

    async def save(self) -> Expected:
        """Read the fields; the typed text stays in them until all of it is valid.

        Raises:
            BadValue
        """
        pasted = self.query_one("#list", LinesArea).text
        path = self.query_one("#file", PlainInput).value.strip()
        units = self.query_one("#units", PlainInput).value.strip()
        if pasted.strip(BLANKS) and path:
            raise BadValue("A list and a file are given. Empty one of them.", field="file")
        number = typed_units(units)
        if not path and not pasted.strip(BLANKS):
            check_expected(number)  # only here: of a list, its length is the number that is expected
            return Expected(number, None)
        return Expected(None, await self.read(self._lines, pasted, path))

    def _lines(self, pasted: str, path: str) -> list[str]:
        """Read and check the list or file; in the database thread, since a long one takes a while."""
        lines = _read_list(path).announced(self._sku) if path else split_lines(pasted)
        try:
            self._check(lines)
        except BadValue as refusal:  # the check does not know where the lines came from; that field gets the focus
            raise BadValue(refusal.message, field="file" if path else "list") from None
        return lines

    @on(Button.Pressed, "#forget")
    @work(exclusive=True, group="dialog")
    async def action_forget(self) -> None:
        """Remove the list after a confirmation."""
        count = self._compared.announced
        question = (
            f"{count:,} announced serial{'s' if count != 1 else ''} will not be compared any more, and no number is "
            "expected. What was scanned stays."
        )
        answers = [Answer("no", "Keep it", "f3"), Answer("yes", "Take it away", "f10")]
        if await self.context.ask(ConfirmDialog("Take the list away?", question, answers)) == "yes":
            self.dismiss(Expected(None, []))


def _read_list(path: str) -> SerialList:
    try:
        return read_list(meant_path(path, ""))
    except BadValue as refusal:
        if "encodings" not in refusal.details:
            raise
        raise BadValue(f"{refusal.message} Save the list in UTF-8.", field="file") from None


def by_name(what: str, serials: Named) -> Iterator[str]:
    """Lines that name serials, after their number."""
    yield f"{what} {serials.total:,}{':' if serials.total else '.'}"
    for first in range(0, len(serials.names), TOGETHER):
        rest = "," if first + TOGETHER < len(serials.names) else ""
        yield f"  {', '.join(serials.names[first : first + TOGETHER])}{rest}"
    if serials.total > len(serials.names):
        yield f"  and {serials.total - len(serials.names):,} more"
