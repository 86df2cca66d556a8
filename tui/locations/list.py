"""The list of locations as a tree with the stock of each; locations are made, changed and closed here."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from models.errors import BadValue, Changed
from models.locations import (
    Place,
    PlaceRow,
    PlaceSource,
    close_location,
    find_location,
    place,
    reopen_location,
    set_location,
)
from models.permissions import Permission
from tui.kit.form import CodeInput, FormInput, FormRow
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.records.location_field import LocationDialog, LocationField
from tui.routes import NewLocation, PlaceRecord, Places
from tui.text import cell
from tui.themes import style_sheets

_DOT = "·"
"""Shown for zero."""
_CLOSED = "x closed"
"""Mark and word of a closed location."""


def _number(count: int) -> str:
    return f"{count:,}" if count else _DOT


def _code(row: PlaceRow) -> Text:
    return cell("  " * row.place.depth + row.place.code, "dim" if row.place.closed else "")


def _short_code(row: PlaceRow) -> Text:
    """The code, with the mark of a closed place before it."""
    # Where no column has the word, so that dimness is not the only sign.
    mark = "x " if row.place.closed else ""
    return cell(" " * row.place.depth + mark + row.place.code, "dim" if row.place.closed else "")


CODE = RecordColumn[PlaceRow]("code", "Location", 18, _code, grow=1)
NAME = RecordColumn[PlaceRow]("name", "Name", 18, lambda row: cell(row.place.name), grow=2)
PARENT = RecordColumn[PlaceRow]("parent", "Is in", 14, lambda row: cell(row.place.parent), grow=1)
ON_HAND = RecordColumn[PlaceRow]("on_hand", "On hand", 8, lambda row: cell(_number(row.on_hand)), justify="right")
SERIALS = RecordColumn[PlaceRow]("serials", "Serials", 8, lambda row: cell(_number(row.serials)), justify="right")
STATE = RecordColumn[PlaceRow]("state", "", 8, lambda row: cell(_CLOSED if row.place.closed else ""), order="closed")

COLUMNS = (
    [CODE, NAME, PARENT, ON_HAND, SERIALS, STATE],
    [CODE, NAME, ON_HAND, SERIALS, STATE],
    [RecordColumn[PlaceRow]("code", "Location", 14, _short_code, grow=1), ON_HAND, SERIALS],
    [RecordColumn[PlaceRow]("code", "Location", 8, _short_code, grow=1)],
)
"""Column sets, widest first; the first that fits is shown."""


class ChangeLocationDialog(LocationDialog[str | None]):
    """The dialog that changes code, name and parent of a location; returns its code."""

    CSS_PATH = style_sheets("records")
    HELP = (
        "The code is what the label of the location says, the name is what people call it. Is in: the location around "
        "it; empty it, and the location stands alone. What lies there stays there. F10 saves."
    )
    SCAN_ELSEWHERE = "Scan the location around it, or a new label into the empty Code."
    WORK = ("code", "name")

    def __init__(self, place: Place) -> None:
        """Make the dialog.

        Args:
            place: the location as shown.
        """
        super().__init__(f"Location · {place.code}")
        self._place = place

    def compose_fields(self) -> ComposeResult:
        """Code, name and parent."""
        place = self._place
        yield FormRow("Code", CodeInput(place.code, placeholder="what its label says", id="code"))
        yield FormRow("Name", FormInput(place.name, placeholder="what people call it", id="name"))
        yield FormRow("Is in", LocationField(place.parent or "", placeholder="nothing", id="parent"))

    def on_mount(self) -> None:
        """Focus the name."""
        super().on_mount()
        self.query_one("#name").focus()

    @on(LocationField.Submitted)
    def _parent_entered(self) -> None:
        self._go_on()

    async def save(self) -> str:
        """Save what was edited, and return the code."""
        shown, field = self._place, self.query_one(LocationField)
        code, name = (self.query_one(f"#{each}", FormInput).value.strip() for each in ("code", "name"))
        if problem := await field.problem():
            raise BadValue(problem, field="parent")
        parent = field.code
        try:
            saved = await self.context.db.write(
                set_location,
                self.context.actor,
                shown,
                name=name if name != shown.name else None,
                parent=parent if parent.upper() != (shown.parent or "").upper() else None,
                new_code=code if code != shown.code else None,
            )  # only what was edited, so that it does not undo what somebody else changed
        except Changed:
            await self._show_changed(shown)
            raise
        return saved.code

    async def _show_changed(self, before: Place) -> None:
        """Show what somebody else changed in the fields that were not edited; another F10 saves the others."""
        self._place = now = await self.read(place, before.id)
        for each, old, new in (("code", before.code, now.code), ("name", before.name, now.name)):
            text = self.query_one(f"#{each}", FormInput)
            if text.value.strip() == old:
                text.value = new
        field = self.query_one(LocationField)
        if field.code.upper() == (before.parent or "").upper():
            field.code = now.parent or ""


class LocationsTable(RecordTable[PlaceRow]):
    """The table of locations, as a tree."""

    EXPORTS = True

    HELP = (
        "The locations, each under the one that it is in. On hand is how many units are at the location itself, "
        "Serials how many of them have a serial number; what is in the locations inside it stands in their rows. Enter "
        "opens everything that is there and inside."
    )


class LocationsScreen(ListScreen[PlaceRow]):
    """The list of locations."""

    CSS_PATH = style_sheets("records")
    TITLE_TEXT = "Locations"
    ROUTE = Places()
    HELP = (
        "All locations, each under the one that it is in. Enter opens what is there, F6 makes a location, F7 gives it "
        "another name, code or place around it, F9 closes it: a closed location takes nothing new. It can be closed "
        "when it holds nothing, nothing is on the way to it, and it is no item's primary location."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "new", "change", "close", "find")
    LIST = "locations"
    NOUN = "location"
    FINDS = "code or name"
    EMPTY = "There are no locations yet. F6 makes one."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "new", "New", id="locations.new", tooltip="Make a new location"),
        Binding("f7", "change", "Change", id="locations.change", tooltip="Change code, name, and what it is in"),
        Binding("f9", "close", "Close", id="locations.close", tooltip="Close this location, or open it again"),
    ]

    def make_table(self) -> LocationsTable:
        """The table of all locations."""
        columns = fitting(COLUMNS, self.app.size.width)
        return LocationsTable(columns, self.source(self.memory.find), run=self.context.db.run)

    def source(self, find: str) -> PlaceSource:
        """The locations that a text finds."""
        return PlaceSource(find)

    def fit_columns(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def route(self, row: PlaceRow) -> PlaceRecord:
        """The stock of the location."""
        return PlaceRecord(row.place.id)

    def left_out(self, row: PlaceRow) -> str:
        """Name and parent, as far as no column shows them, and whether it is closed."""
        shown, place = {column.key for column in self.table.record_columns}, row.place
        parent = f"in {place.parent}" if place.parent and "parent" not in shown else ""
        opens = ", F9 opens it again" if self.context.may(Permission.EDIT_ITEMS) else ""
        closed = f"closed: it takes nothing new{opens}" if place.closed else ""
        return " · ".join(filter(None, ("" if "name" in shown else place.name, parent, closed)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer changes to those who may edit items."""
        if action in ("new", "change", "close"):
            may = self.context.may(Permission.EDIT_ITEMS) or not self.context.knows_permissions
            return may and (action == "new" or not self.is_mounted or self.table.total > 0)
        return super().check_action(action, parameters)

    @work(exclusive=True, group="change")
    async def action_new(self) -> None:
        """Make a location, and put the cursor on it."""
        code = await self.context.open(NewLocation())
        if code is not None:
            await self._show(code, f"{code} is made.")

    @work(exclusive=True, group="change")
    async def action_change(self) -> None:
        """Change code, name or parent of the location under the cursor."""
        row = self.table.cursor_record
        if row is None:
            return
        code = await self.context.ask(ChangeLocationDialog(row.place))
        if code is not None:
            await self._show(code, f"{code} is saved.")

    @work(exclusive=True, group="change")
    async def action_close(self) -> None:
        """Close the location under the cursor, or open a closed one again."""
        row = self.table.cursor_record
        if row is None:
            return
        seen = row.place
        with self.context.keyboard.hold(), self.refusals_shown():
            # By what the person saw; if somebody else was faster, it is refused, and not turned round.
            act = reopen_location if seen.closed else close_location
            try:
                await self.write(act, self.context.actor, seen)
            except Changed:
                self.table.reload()  # another F9 is about the location as it is now
                raise
            is_open = "is open again." if seen.closed else "is closed now and takes nothing new. F9 opens it again."
            self.show_row(row.key, all_rows=False)
            self.say(f"{seen.code} {is_open}", "done")

    async def _show(self, code: str, done: str) -> None:
        """Read the list again, with the cursor on a location, and say what was done."""
        with self.said_done(done):
            self.show_row(await self.read(_id_of, code), all_rows=True)
            self.say(done, "done")


def _id_of(code: str) -> str:
    """The key of a location's row; for the database thread."""
    return str(find_location(code).id)
