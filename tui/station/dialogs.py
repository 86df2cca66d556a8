"""What shall come of an item: a number, or an announced list, beside what has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models.errors import BadValue
from models.serials.ranges import BLANKS, read_list, split_lines
from models.station.expected import Named, check_expected
from tui.dialogs.confirm import Answer, ConfirmDialog
from tui.dialogs.frame import tighten
from tui.dialogs.saving import SavingDialog
from tui.scanning.fields import LinesArea, NumberInput, PlainInput
from tui.scanning.screens import into_list
from tui.widgets.buttons import button
from tui.widgets.pager import Pager

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

    STYLE_SHEETS = ("bulk_entry",)
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
