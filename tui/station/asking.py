"""The questions of the station: the task, what becomes of the draft, the answers that the task needs, and voiding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models.customers import customer_or_none, customers_like
from models.permissions import Actor
from models.serials.judging import Outcome, Verdict
from models.serials.moves import Moved
from models.serials.void import VOID, void_document
from models.station.answers import Given, named, of_customer, results
from models.station.engine import ScanStation
from models.station.groups import ComparedTransfer, TransferOnItsWay, compare_transfer, transfers_to_choose
from models.station.task import STATION_TASKS, TEXTS, First, Task
from models.text import counted
from tui.context import Context
from tui.kit.choose import NEW, Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog, Dialog
from tui.kit.form import button
from tui.kit.pager import Pager
from tui.records.new_customer import NewCustomerDialog
from tui.records.verb_dialog import OTHERS, others_or_none
from tui.scanning.screens import AnswerField, into_list
from tui.station.dialogs import Asks, by_name
from tui.terminal.keys_in_order import WRITE_LIMIT
from tui.text import clip, plain

KEEP: Final = "keep"
DISCARD: Final = "discard"
GO_ON: Final = "go_on"


class OneTextDialog(Dialog[str | None]):
    """A dialog with one text field; returns its text, None when it was left."""

    WIDTH: ClassVar[int] = 50

    def __init__(self, title: str, label: str, text: str = "") -> None:
        """Make the dialog.

        Args:
            title: any text.
            label: the label of the field.
            text: its initial text.
        """
        super().__init__(title)
        self._label, self._text = label, text

    def compose_fields(self) -> ComposeResult:
        """The field."""
        with HorizontalGroup(classes="row"):
            yield Static(plain(self._label), classes="label")
            yield AnswerField(self._text, id="text")

    def compose_buttons(self) -> ComposeResult:
        """Take and Leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Take", "take", key="⏎", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Focus the field."""
        field = self.query_one("#text", AnswerField)
        field.focus()
        field.select_all()

    def typed(self, text: str) -> None:
        """Close with the text."""
        self.dismiss(text.strip())

    def typed_nothing(self) -> None:
        """Show a hint."""
        self.say("Type it, or F3 leaves this.")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        text = self.query_one("#text", AnswerField).value.strip()
        if event.button.id == "leave":
            self.dismiss(None)
        elif text:
            self.dismiss(text)
        else:
            self.typed_nothing()


class TextDialog(OneTextDialog):
    """A dialog for an answer that is typed, such as a reason."""

    HELP = "Type it and press Enter. A scan closes this and is taken at the station."


class GroupDialog(OneTextDialog):
    """A dialog for the place or the document of which all serials are taken; a scan goes into its field."""

    HELP = (
        "Scan or type a place: all serials there are taken. Or the number of a document, such as a receipt: all of its "
        "serials are taken. Press Enter then."
    )
    STAYS = True

    def __init__(self) -> None:
        """Make the dialog."""
        super().__init__("All serials at once", "Of")
        self.forward_to = into_list(self.say, self._fill)
        self._scanned = ""

    def compose_fields(self) -> ComposeResult:
        """The question and the field."""
        yield Static(plain("All at which place, or of which document?"), classes="question")
        yield from super().compose_fields()

    def _fill(self, line: str) -> None:
        """Put a scan into the field; it replaces an earlier scan, but nothing that was typed."""
        field = self.query_one("#text", AnswerField)
        # A scan is never mixed with typed text, nor does it replace it: only one of them can be right, and a person
        # knows which.
        if field.value not in ("", self._scanned):
            self.app.bell()
            self.say(
                f"{clip(line, 24)} was not taken: {clip(field.value, 24)} was typed. Empty the field first.", "problem"
            )
            return
        field.value = self._scanned = line
        field.focus()


class ArrivedDialog(Dialog[None]):
    """The dialog with the missing serials of a transfer, and with scanned ones that are not on it."""

    HELP = "What is on its way, what has come, what is missing and what is not on the transfer, by name. F3 goes back."
    FOLLOWS = True

    def __init__(self, transfer: str, compared: ComparedTransfer, draft_id: int | None = None) -> None:
        """Make the dialog.

        Args:
            transfer: its number.
            compared: the comparison.
            draft_id: the draft that is compared; None to show this comparison only.
        """
        super().__init__(f"Transfer {transfer}")
        self._transfer, self._compared, self._draft_id = transfer, compared, draft_id

    def compose_fields(self) -> ComposeResult:
        """The comparison."""
        yield Pager(id="arrived")  # a transfer may have thousands of serials

    def compose_buttons(self) -> ComposeResult:
        """Leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Leave", "leave", key="F3", primary=True)

    def on_mount(self) -> None:
        """Show the names."""
        self.query_one(Pager).fill(self._sentences)
        self.query_one("#leave").focus()

    @property
    def _sentences(self) -> list[str]:
        """The counts and names, for the pager."""
        one = self._compared
        said = [f"{one.arrived:,} of {one.expected:,} on their way were scanned."]
        return [*said, *by_name("Missing", one.missing), *by_name("Strangers", one.strangers)]

    async def follow(self, *, marks: bool) -> None:
        """Compare with the serials on their way now: other stations take in units of the same transfer.

        Args:
            marks: as for every dialog; nothing is marked here.
        """
        if self._draft_id is not None:
            compared = await self.read(compare_transfer, self._draft_id, self._transfer)
            if compared != self._compared:
                self._compared = compared
                self.query_one(Pager).fill(self._sentences, stay=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(None)


# ----- the task


async def ask_task(context: Context, ask: Asks, job: ScanStation) -> Task | None:
    """Choose a task from those that the person may do."""
    tasks = [task for task in STATION_TASKS if context.may(task.permission)]
    choices = [Choice(task.code, task.words.title, _barcode(task)) for task in tasks]
    code = await ask(ChooseDialog("What to do", choices, present=job.task.code, have_labels=True))
    return next((task for task in tasks if task.code == code), None)


def _barcode(task: Task) -> str:
    return "" if task.command is None else task.command.barcode


async def ask_about_draft(ask: Asks, job: ScanStation, task: Task, waiting: int) -> str | None:
    """Ask whether to keep a draft with serials before another task: `KEEP`, `DISCARD` or `GO_ON`; None asks nothing.

    Args:
        waiting: number of scans for the draft that wait for the database.
    """
    view, noun = job.view, job.task.words.noun
    scanned = view.total + view.problems + waiting if view.draft_id is not None else waiting
    if not scanned:
        return None
    # Waiting scans count as well: they are for this draft, and would be in the next task's one otherwise.
    question = (
        f"{scanned:,} scanned for this {noun}. Keep it for later, or throw it away? {task.words.title} begins then."
    )
    answers = [
        Answer(KEEP, "Keep it", "f10"),
        Answer(DISCARD, "Discard", "f8"),
        Answer(GO_ON, "Go on here", "f3"),
    ]
    # left without an answer: nothing changes
    return await ask(ConfirmDialog(f"{task.words.title}?", question, answers)) or GO_ON


# ----- what the task asks


async def ask_answer(context: Context, ask: Asks, job: ScanStation, first: First, text: str = "") -> Given | None:
    """Ask for one answer of the task: from a list where there is one, else as text.

    Args:
        text: the name that was typed already.

    Raises:
        SerialdockError
    """
    task, present = job.task, job.view.answers.get(first, "")
    title = f"{task.words.title}: {first}"
    if first in TEXTS:  # any text will do, so there is no list
        typed = await ask(TextDialog(title, str(first).capitalize(), present))
        return None if not typed else await context.db.run(named, task, first, typed)
    if first is First.CUSTOMER:
        return await _ask_customer(context, ask, title, text)
    if first is First.TRANSFER:
        with context.keyboard.hold():
            rows = await context.db.run(transfers_to_choose)
            choices = [Choice(row.number, row.number, transfer_words(row)) for row in rows]
            dialog = ChooseDialog(title, choices, have_labels=True)
        number = await ask(dialog)
        return None if number is None else Given(number, number)
    with context.keyboard.hold():
        offered = await context.db.run(results, task)
        dialog = ChooseDialog(title, [Choice(one.value, one.shown) for one in offered])
    code = await ask(dialog)
    return next((one for one in offered if one.value == code), None)


def transfer_words(row: TransferOnItsWay) -> str:
    """`to NORTH, 12 on their way`."""
    place = f"to {row.place}, " if row.place else ""
    return f"{place}{row.serials:,} on {'its' if row.serials == 1 else 'their'} way"


async def _ask_customer(context: Context, ask: Asks, title: str, text: str) -> Given | None:
    """Choose a customer, from those like a typed text if it names none; or make one of that name."""
    with context.keyboard.hold():
        rows = await context.db.run(customers_like, text)
        # A name that nobody has is in the list too, so that it need not be typed a second time.
        make = [Choice(NEW, f"Make {text}", "a new customer")] if text else []
        choices = [Choice(str(row.id), row.name, row.code) for row in rows]
        dialog = ChooseDialog(title, [*choices, *make], new=True, have_labels=True)
    chosen = await ask(dialog)
    if chosen is None:
        return None
    if chosen == NEW:
        made = await context.ask(NewCustomerDialog(text))  # with a second look at what was typed
        found = await context.db.run(customer_or_none, made) if made else None
        return None if found is None else of_customer(found)
    return next((Given(str(row.id), row.name) for row in rows if str(row.id) == chosen), None)


async def ask_which_answer(ask: Asks, job: ScanStation) -> First | None:
    """Choose which answer to give, if the task takes several."""
    firsts: Sequence[First] = job.task.answers
    if len(firsts) < 2:
        return next(iter(firsts), None)
    choices = [Choice(str(first), str(first).capitalize(), job.view.answers.get(first, "")) for first in firsts]
    chosen = await ask(ChooseDialog(job.task.words.title, choices))
    return None if chosen is None else First(chosen)


# ----- undo after DONE


async def ask_and_void(context: Context, ask: Asks, document: str) -> Verdict | None:
    """Ask why, and void a document; serials that moved on since are named and stay.

    Raises:
        SerialdockError
    """
    # First without writing: what moved on since is named before a reason is typed for it.
    with context.keyboard.hold(WRITE_LIMIT):
        would = await context.db.write(_void, context.actor, document, "not yet asked", dry_run=True)
    refused, count = would.refused, len(would.serial_ids) + len(would.refused)
    if refused and await ask(others_or_none(VOID, count, refused)) != OTHERS:
        return None
    reason = await ask(TextDialog(f"{VOID.title} {document}", "Reason"))
    if not reason:
        return None
    with context.keyboard.hold(WRITE_LIMIT):
        done = await context.db.write(_void, context.actor, document, reason)
    stayed = [f"{counted(len(done.refused), 'serial')} moved on since and stayed."] if done.refused else []
    voided = f"{counted(len(done.serial_ids), 'serial')} of {document} {VOID.done}."
    message = " ".join([voided, *stayed, *done.said])
    return Verdict(Outcome.OUT, "", done.document or "", message)


def _void(actor: Actor, document: str, reason: str, *, dry_run: bool = False) -> Moved:
    """Void a document for all serials that have not moved on; for the database thread."""
    return void_document(actor, document, reason, skip_errors=True, dry_run=dry_run)
