"""The location field with its list of values, and the dialog that makes a new location."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Protocol, Self, TypeVar, cast, runtime_checkable

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from models.errors import BadValue, SerialdockError
from models.locations import LIST_COMMAND, create_location, list_places, location_or_none, no_location
from models.permissions import Permission
from tui.context import Context, Kind
from tui.kit.choose import NEW, Choice, ChooseDialog
from tui.kit.dialog import SavingDialog
from tui.kit.form import CodeInput, FormInput, FormRow
from tui.kit.shown import show
from tui.routes import NewLocation
from tui.scanning.fields import HeardScan, TakesScans
from tui.text import plain, visible
from tui.themes import style_sheets

LISTS: Final = "F4 lists them all."
"""The next step after an unknown location, on a screen with this field."""


def told_on_screen(refusal: SerialdockError) -> str:
    """The message of a refusal on a screen with this field; a wrong location names the key of the list."""
    is_wrong_place = refusal.details.get("command") == LIST_COMMAND
    return f"{refusal.message} {LISTS}" if is_wrong_place else refusal.message


class KnownLocation(NamedTuple):
    """An existing location."""

    code: str
    """The stored spelling, as on its label."""
    name: str


def known_location(code: str) -> KnownLocation | None:
    """The location with this code, ignoring case; for the database thread."""
    found = location_or_none(code)
    return None if found is None else KnownLocation(found.code, found.name)


@runtime_checkable
class Says(Protocol):
    """A screen with a message line."""

    def say(self, text: str, kind: Kind = "note") -> None: ...  # noqa: D102


class LocationCode(FormInput):
    """The text input of a location field. A scanned location replaces what stands here."""

    def _give(self, scans: Sequence[HeardScan]) -> None:
        field = self.parent
        if isinstance(field, LocationField) and len(scans) == 1:
            held = ExitStack()
            held.enter_context(field.context.keyboard.hold())  # here, before the worker has started
            field.hear(scans[0], held)
        else:
            super()._give(scans)


class LocationField(HorizontalGroup):
    """A location code with the name beside it; F4 opens the list of values.

    An unknown code is marked once the field is left, not while it is typed.
    """

    HELP = (
        "The code of a location, as its label says it: type or scan it. F4 lists all locations, each under the one "
        "that it is in; F6 in that list makes a new one."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "choose", "List", id="location.choose", tooltip="Choose the location from a list"),
    ]

    @dataclass
    class Changed(Message):
        """The code was changed, by typing, by a scan or by a choice."""

        field: LocationField
        """The field."""
        code: str
        """The new text, without outer blanks."""

        @property
        def control(self) -> LocationField:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class Submitted(Message):
        """The code was ended by Enter or by a scanner."""

        field: LocationField
        """The field."""
        code: str
        """The code, without outer blanks."""

        @property
        def control(self) -> LocationField:
            """The field, for `@on` with a selector."""
            return self.field

    def __init__(
        self,
        code: str = "",
        *,
        exclude: frozenset[str] = frozenset(),
        placeholder: str = "type or scan",
        id: str | None = None,  # noqa: A002 - as every widget names it
    ) -> None:
        """Make the field.

        Args:
            code: the initial code.
            exclude: codes that are neither listed nor accepted, such as the current location of what is moved.
            placeholder: hint in the empty field.
            id: as for every widget.
        """
        super().__init__(id=id, classes="location-field")
        self.behind = ""
        """Selector of the field that has the focus after a scanned location; empty for the next one."""
        self._begin = code
        self._placeholder = placeholder
        self._exclude = frozenset(one.upper() for one in exclude)
        self._known: KnownLocation | None = None
        """The location that `_looked_up` names."""
        self._looked_up: str | None = None
        """The code that was looked up last; None before the first one."""

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def input(self) -> LocationCode:
        """The text input, which takes the focus."""
        return self.query_one(LocationCode)

    @property
    def code(self) -> str:
        """The code without outer blanks; in its stored spelling once it has been looked up."""
        typed = self.input.value.strip() if self.is_mounted else self._begin
        return self._known.code if self._known and self._known.code.upper() == typed.upper() else typed

    @code.setter
    def code(self, code: str) -> None:
        self.input.value = code

    @property
    def read_only(self) -> bool:
        """Whether the code cannot be edited."""
        return self.input.read_only

    @read_only.setter
    def read_only(self, read_only: bool) -> None:
        self.input.read_only = read_only
        self.set_class(read_only, "-read-only")

    def compose(self) -> ComposeResult:
        """The code, the name and the button for the list."""
        yield LocationCode(self._begin, placeholder=self._placeholder, classes="location-code")
        yield Static("", classes="beside location-name", markup=False)
        choose = Button(plain("F4 ▾"), compact=True, classes="location-list")
        choose.can_focus = False  # Tab goes to the next field; F4 opens the list
        yield choose

    def exclude(self, codes: frozenset[str]) -> None:
        """Change the codes that are neither listed nor accepted."""
        self._exclude = frozenset(one.upper() for one in codes)
        self._show_beside()

    @work(group="scan")
    async def hear(self, scan: HeardScan, held: ExitStack) -> None:
        """Take a location that was scanned here and go to the next field; leave other scans to the screen."""
        screen = self.screen  # the field may be removed while it is looked up
        with held:
            try:
                for text in scan.texts:
                    if await self.take_scan(text):
                        if self.behind:
                            screen.query_one(self.behind).focus()
                        else:
                            screen.focus_next()
                        return
            except SerialdockError as refusal:
                if isinstance(screen, Says):
                    screen.say(refusal.message, "problem")
                return
        if isinstance(screen, TakesScans):
            screen.take_scans([scan])

    async def take_scan(self, text: str) -> str:
        """Put the location that a scan names into the field, in place of what stands there.

        Returns:
            Its code; empty if the scan names no location, and the field is as it was.

        Raises:
            SerialdockError: the database cannot be read.
            BadValue: the location is not accepted here.
        """
        known = await self.context.db.run(known_location, text.strip())
        if known is None or self.read_only:
            return ""
        if known.code.upper() in self._exclude:
            # Refused aloud, not passed on: to the screen it would be a serial that nobody has.
            raise BadValue(f"{known.code} is where it is already. Scan another location, or F4 lists them.")
        self.code = known.code
        self.input.action_end()  # where typing goes on; setting the text leaves the cursor where it was
        self._tell(known.code, known)  # at once: the look-up of the changed text comes later
        return known.code

    async def problem(self) -> str:
        """Look the code up now and validate it; for workers that are about to save.

        Returns:
            The problem as a sentence; empty if the location exists or the field is empty.

        Raises:
            SerialdockError: the database cannot be read.
        """
        code = self.code
        self._tell(code, await self.context.db.run(known_location, code) if code else None)
        return self._problem(code)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the code."""
        self.input.focus(scroll_visible)
        return self

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the list unless the field is read-only."""
        if action == "choose":
            return not self.read_only
        return super().check_action(action, parameters)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        code = event.value.strip()
        self._show_beside()
        if code:
            self._look_up(code)
        else:
            self._tell(code, None)
        self.post_message(self.Changed(self, code))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self, self.code))

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        event.stop()
        self._show_beside()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.focus()
        if not self.read_only:
            self.action_choose()

    @work(exclusive=True, group="look-up")
    async def _look_up(self, code: str) -> None:
        try:
            known = await self.context.db.run(known_location, code)
        except SerialdockError:
            return  # the save that follows will report the same trouble
        self._tell(code, known)

    def _tell(self, code: str, known: KnownLocation | None) -> None:
        self._known, self._looked_up = known, code
        self._show_beside()

    def _problem(self, code: str) -> str:
        if self._known is None:
            return f"{no_location(code)} {LISTS}" if code else ""
        if self._known.code.upper() in self._exclude:
            return f"{self._known.code} is where it is already. F4 lists the others."
        return ""

    def _show_beside(self) -> None:
        """Show the name beside the code, or the problem once the field has been left."""
        typed = self.input.value.strip()
        known = self._known
        is_wrong = not self.input.has_focus and self._looked_up == typed and bool(self._problem(typed))
        if is_wrong:
            word = "is where it is" if known else "not there"
            beside = Content.assemble(("✗ ", "bold $text-error"), (word, "$text-error"))
        elif known is not None and known.code.upper() == typed.upper():
            beside = plain(known.name)
        else:
            beside = Content("")
        show(self.query_one(".location-name", Static), beside)

    @work(exclusive=True, group="choose")
    async def action_choose(self) -> None:
        """Open the list of values and fill the choice in."""
        with self.context.keyboard.hold():
            try:
                places = await self.context.db.run(list_places)
                await self.context.read_permissions()
            except SerialdockError as trouble:
                self.notify(visible(trouble.message), markup=False, severity="error")
                return
        may_make = self.context.may(Permission.EDIT_ITEMS)
        choices = [
            Choice(place.code, place.code, place.name, place.depth)
            for place in places
            if place.code.upper() not in self._exclude
        ]
        dialog = ChooseDialog("Locations", choices, present=self.code, new=may_make, have_labels=True)
        chosen = await self.context.ask(dialog)
        if chosen == NEW:
            chosen = await self.context.open(NewLocation())
        if chosen is not None:
            self.code = chosen
            self.input.action_end()


Result = TypeVar("Result")


class LocationDialog(SavingDialog[Result]):
    """A saving dialog with a location field, whose list F4 opens from any field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "list", "List", id="dialog.list", tooltip="Choose the location from a list", show=False),
    ]

    def told(self, refusal: SerialdockError) -> str:
        """The message of a refusal; a wrong location names the key of the list."""
        return told_on_screen(refusal)

    async def scanned(self, scan: HeardScan) -> None:
        """Put a scanned location into its field, wherever the cursor is, in place of what stands there."""
        field = self.query(LocationField).first()
        for text in scan.texts:
            if code := await field.take_scan(text):
                scan.settle(text)
                self.say(f"The location is {code} now.")
                return
        await super().scanned(scan)

    @on(LocationField.Changed)
    def _location_corrected(self, event: LocationField.Changed) -> None:
        self.corrected(event.control.id)

    def action_list(self) -> None:
        """Open the list of locations from any field."""
        field = self.query(LocationField).first()
        field.focus()
        field.action_choose()


class NewLocationDialog(LocationDialog[str | None]):
    """The dialog that makes a location and returns its code; after a refusal it stays open and keeps the input."""

    CSS_PATH = style_sheets("records")
    HELP = (
        "A location is a place that holds stock: a site, an aisle, a shelf, a bin. Its code is what its label says. "
        "Enter goes to the next field and saves behind the last; F10 saves at once."
    )
    SCAN_ELSEWHERE = "Scan the label of the new location into the empty Code."

    def __init__(self, code: str = "") -> None:
        """Make the dialog.

        Args:
            code: the initial code.
        """
        super().__init__("New location")
        self._code = code

    def compose_fields(self) -> ComposeResult:
        """Code, name and parent location."""
        yield FormRow("Code", CodeInput(self._code, placeholder="what its label says", id="code"))
        yield FormRow("Name", FormInput(placeholder="what people call it", id="name"))
        yield FormRow("Is in", LocationField(placeholder="nothing", id="parent"))

    def on_mount(self) -> None:
        """Focus the first empty field."""
        self.query_one("#name" if self._code else "#code").focus()

    @on(LocationField.Submitted)
    def _parent_entered(self) -> None:
        self._go_on()

    async def save(self) -> str:
        """Make the location and return its code."""
        code, name = (self.query_one(f"#{field}", FormInput).value for field in ("code", "name"))
        parent = self.query_one("#parent", LocationField)
        if problem := await parent.problem():
            raise BadValue(problem, field="parent")
        made = await self.context.db.write(create_location, self.context.actor, code, name, parent=parent.code or None)
        return made.code
