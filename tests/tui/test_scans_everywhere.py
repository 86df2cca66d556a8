"""A scan is a scan everywhere: on every screen, in every dialog and every field.

The walk opens each screen and dialog, puts the focus on everything that can have it, half-fills it, and sends bursts. A
new screen or dialog that is not opened here fails the first test.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Checkbox, Input, TextArea

from models.customers import add_customer, customer, find_customer
from models.documents import document
from models.exporting.lists import to_export
from models.importing.staging import PREVIEWED, ImportRow
from models.items.items import create_item, item_form
from models.items.list import ItemSource
from models.locations import find_location, place
from models.people import person
from models.schema import Document, Draft
from models.serials.judging import Scan
from models.serials.moves import transfer_serials
from models.serials.perform import form_of
from models.serials.record import find_serial
from models.station import drafts, lines
from models.station.engine import ScanStation
from models.station.expected import Named
from models.station.groups import ComparedTransfer
from models.station.left import WaitingScans
from models.station.task import DRAFT_TASKS, TASKS
from models.statuses import add_status, statuses
from models.verbs import VERBS, Ask
from tests.support.app import at_rest, keys, opened
from tests.support.burst import a_hand_pressed_at, burst_to_the_end, hand_clock
from tests.support.classes import classes_below, ends_below
from tests.support.record_app import until
from tests.support.spools import records
from tests.support.warehouse import Warehouse, fingerprint
from tui import navigation, routes
from tui.customers.list import CustomersScreen
from tui.customers.record import ChangeCustomerDialog, CustomerScreen
from tui.documents.document import DocumentScreen
from tui.documents.list import DocumentsScreen
from tui.find.screen import FindScreen
from tui.importing.preview import ImportRowDialog
from tui.importing.screen import ImportScreen, ImportStep
from tui.items.conflict import ConflictDialog, FieldDifference
from tui.items.form import ItemScreen
from tui.items.history import StockHistoryScreen
from tui.items.list import ItemsScreen
from tui.items.new import NewItemDialog
from tui.kit.bars import MessageLine
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog
from tui.kit.help import ActionsDialog, HelpDialog
from tui.locations.list import ChangeLocationDialog, LocationsScreen
from tui.locations.place import PlaceScreen
from tui.people.list import PeopleScreen
from tui.people.record import PersonScreen
from tui.records.exporting import ExportDialog
from tui.records.location_field import NewLocationDialog
from tui.records.many import ManyDialog
from tui.records.new_customer import NewCustomerDialog
from tui.records.stock import PlacesDialog
from tui.records.verb_dialog import VerbDialog
from tui.scanner_check.screen import CheckVerdict, ScannerCheckScreen
from tui.scanning.bursts import BurstFault
from tui.scanning.fields import TakesText
from tui.scanning.queue import ScanQueue
from tui.scanning.screens import ListensEverywhere
from tui.serials.add import AddSerialDialog
from tui.serials.detail import SerialScreen, read_record
from tui.serials.intake import Intake
from tui.station.asking import ArrivedDialog, GroupDialog, TextDialog
from tui.station.dialogs import Compared, DraftDialog, ExpectedDialog, ProblemDialog
from tui.station.lines import StationLinesScreen
from tui.station.list import DraftsScreen
from tui.station.parts import VerdictLine
from tui.station.screen import StationScreen
from tui.station.waiting import LeftScansDialog
from tui.statuses.list import ChangeStatusDialog, NewStatusDialog, StatusesScreen

ENDS: Final = {"CR": ["enter"], "LF": ["ctrl+j"], "CRLF": ["enter", "ctrl+j"], "TAB": ["tab"]}
DIRTY: Final = "dirty"
TYPED: Final = "12"
"""What half-fills a field; a number field takes it too."""


COMING: Final = {"add", "receive", "import"}
"""Verbs that make serials; they have screens of their own."""

BASES: Final = {
    *("Dialog", "Frame", "ListScreen", "ListensEverywhere", "LocationDialog", "OneTextDialog", "ForwardsScans"),
    *("SavingDialog", "StatusDialog"),
}
"""Classes that are no screen of their own."""


def all_screens() -> set[type[Screen[Any]]]:
    """Every screen and dialog of the program that can be opened: those that no other one is made from."""
    ends = ends_below(Screen)
    assert {one.__name__ for one in classes_below(Screen) - ends} == BASES, (
        "a screen that others are made from must never be opened itself"
    )
    return set(ends)


class Walk:
    """One walk through a running app, with keys at exact times."""

    def __init__(
        self, pilot: Pilot[Any], warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.pilot, self.app, self.warehouse, self.tmp_path = pilot, pilot.app, warehouse, tmp_path
        self.now = hand_clock()
        self.bells = 0
        self.put: list[str] = []
        """Texts that went into a queue of scans."""
        self.results: list[Any] = []
        self.serial_id = find_serial("SN-000001", "SAW-1")
        monkeypatch.setattr(pilot.app, "bell", self._ring)
        queue = ScanQueue.put

        def put(queue_: Any, one: Any) -> None:
            self.put.append(str(getattr(one, "text", getattr(one, "serial", ""))))
            queue(queue_, one)

        monkeypatch.setattr(ScanQueue, "put", put)
        self.told: list[str] = []
        say = MessageLine.say

        def said(line: MessageLine, text: str, *kind: Any) -> None:
            self.told.append(text)
            say(line, text, *kind)

        monkeypatch.setattr(MessageLine, "say", said)

    def _ring(self) -> None:
        self.bells += 1

    async def show(self, screen: Screen[Any]) -> Screen[Any]:
        with self.app.keyboard.hold():
            await self.app.push_screen(screen, self.results.append)
        await at_rest(self.pilot)
        return screen

    async def press(self, names: list[str], gap: float) -> None:
        pressed: list[str | events.Event] = []
        for name in names:
            self.now += gap
            event = events.Key(name, name if len(name) == 1 else None)
            event.time = self.now
            pressed.append(event)
        await burst_to_the_end(self.app, *pressed)
        a_hand_pressed_at(self.now)
        await at_rest(self.pilot)

    async def type(self, text: str) -> None:
        self.now += 5
        await self.press(list(text), 0.2)

    async def scan(self, text: str, end: str) -> None:
        self.now += 5
        names = [*text[:-2], "f10", *text[-2:], "enter"] if end == DIRTY else [*text, *ENDS[end]]
        await self.press(names, 0.001)

    @property
    def said(self) -> str:
        """Every message since the last scan began, also one that another has replaced."""
        check = [str(one.render()) for screen in self.app.screen_stack for one in screen.query(CheckVerdict)]
        verdicts = [str(one.render()) for screen in self.app.screen_stack for one in screen.query(VerdictLine)]
        return " ".join([*self.told, *check, *verdicts])

    def is_refused(self, code: str) -> bool:
        """Whether somebody was told that a scan was not taken; a verdict on an earlier one is not about this one."""
        sentences = [code, "Nothing was taken.", *(one.sentence for one in BurstFault)]
        return any(sentence in self.said for sentence in sentences)

    @property
    def texts(self) -> dict[Widget, str]:
        """The text of each field on each screen."""
        every = [node for screen in self.app.screen_stack for node in screen.walk_children(Widget)]
        return {node: node.typed for node in every if isinstance(node, TakesText)}


Open = Callable[[Walk], Awaitable[Screen[Any]]]


def made(make: Callable[[Walk], Screen[Any]]) -> Open:
    async def open_it(walk: Walk) -> Screen[Any]:
        return await walk.show(make(walk))

    return open_it


async def station(walk: Walk) -> Screen[Any]:
    return await walk.show(StationScreen(ScanStation()))


def before_station(make: Callable[[Walk], Screen[Any]]) -> Open:
    """A screen in front of the station, to which it passes scans."""

    async def open_it(walk: Walk) -> Screen[Any]:
        below = await station(walk)
        assert isinstance(below, StationScreen)
        screen = make(walk)
        screen.forward_to = below.take
        return await walk.show(screen)

    return open_it


def in_front(make: Callable[[Walk], Screen[Any]], below: Open) -> Open:
    """Help or the menu in front of another screen."""

    async def open_it(walk: Walk) -> Screen[Any]:
        behind = await below(walk)
        assert isinstance(behind, ListensEverywhere)
        screen = make(walk)
        screen.forward_to = behind.taker_of_scans
        return await walk.show(screen)

    return open_it


async def items(walk: Walk) -> Screen[Any]:
    found: Screen[Any] = walk.app.screen
    return found


def item(tab: int) -> Open:
    async def open_it(walk: Walk) -> Screen[Any]:
        screen = await walk.show(ItemScreen(item_form(walk.warehouse.item.id)))
        for _ in range(tab):
            await keys(walk.pilot, "ctrl+t")
        return screen

    return open_it


def importing(step: ImportStep) -> Open:
    async def open_it(walk: Walk) -> Screen[Any]:
        path = walk.tmp_path / "list.csv"
        path.write_text("serial_number,location,sku\nNEW-1,MAIN,SAW-1\n")
        screen = ImportScreen()
        await walk.show(screen)
        if step is not ImportStep.FILE:
            screen.file.field.value = str(path)
            await keys(walk.pilot, "f10")
            await until(walk.pilot, lambda: screen.step is ImportStep.COLUMNS)
        if step is ImportStep.PREVIEW:
            await keys(walk.pilot, "f10")
            await until(walk.pilot, lambda: screen.step is ImportStep.PREVIEW)
        await at_rest(walk.pilot)
        return screen

    return open_it


def draft_row(_: Walk) -> drafts.DraftRow:
    return drafts.open_drafts([task.code for task in DRAFT_TASKS])[0]


def left_scans(walk: Walk) -> Screen[Any]:
    return LeftScansDialog(WaitingScans(Path("left"), tuple(records(walk.warehouse.boss, ["L-1", "L-2"])), None))


def never(*_: Any) -> Any:
    pytest.fail("a scan pressed F10")


def verb(code: str, document: str = "") -> Callable[[Walk], Screen[Any]]:
    """The dialog of a verb, whether or not the serial allows it."""
    return lambda walk: VerbDialog(form_of(walk.warehouse.boss, VERBS[code], [walk.serial_id]), document=document)


def verbs_that_ask_everything() -> list[str]:
    """Verbs that together ask all that verbs can ask of a serial that is there; those for a warranty ask more of it."""
    found = ["warranty"]
    asked: set[Ask] = set(VERBS["warranty"].asks)
    for code, verb_ in sorted(VERBS.items(), key=lambda row: -len(row[1].asks)):
        asks = set(verb_.asks) if code not in COMING else set()
        if not asks <= asked:
            found.append(code)
            asked |= asks
    return found


def add_serial(walk: Walk) -> Screen[Any]:
    form = item_form(walk.warehouse.item.id)
    return AddSerialDialog(form, Intake(walk.app, form.id, form.sku))


def kreis(_: Walk) -> Any:
    return customer(find_customer("Kreis GmbH").id)


ROW = ImportRow(2, True, dict.fromkeys(PREVIEWED, "x"), "")
DIFFERENCE = FieldDifference("Name", "a", "b", True, True)
ANSWERS = [Answer("stay", "Stay", "f3"), Answer("save", "Save", "f10"), Answer("discard", "Discard", "f8")]

OPENERS: dict[str, tuple[type[Screen[Any]], Open]] = {
    "items": (ItemsScreen, items),
    "item": (ItemScreen, item(0)),
    "stock history": (
        StockHistoryScreen,
        made(lambda walk: StockHistoryScreen(walk.warehouse.item.id, "SAW-1", None, "")),
    ),
    "serials of an item": (ItemScreen, item(1)),
    "documents of an item": (ItemScreen, item(2)),
    "serial": (SerialScreen, made(lambda walk: SerialScreen(read_record(walk.warehouse.boss, walk.serial_id)))),
    "document": (
        DocumentScreen,
        made(lambda _: DocumentScreen(document(Document.select().first().id), may_void=True)),
    ),
    "place": (PlaceScreen, made(lambda _: PlaceScreen(place(find_location("MAIN").id)))),
    "find": (FindScreen, made(lambda _: FindScreen())),
    "documents": (DocumentsScreen, made(lambda _: DocumentsScreen())),
    "customers": (CustomersScreen, made(lambda _: CustomersScreen())),
    "customer": (CustomerScreen, made(lambda walk: CustomerScreen(kreis(walk)))),
    "new customer": (NewCustomerDialog, made(lambda _: NewCustomerDialog())),
    "change of a customer": (ChangeCustomerDialog, made(lambda walk: ChangeCustomerDialog(kreis(walk)))),
    "locations": (LocationsScreen, made(lambda _: LocationsScreen())),
    "change of a location": (
        ChangeLocationDialog,
        made(lambda _: ChangeLocationDialog(place(find_location("MAIN").id))),
    ),
    "drafts": (DraftsScreen, made(lambda _: DraftsScreen())),
    "people": (PeopleScreen, made(lambda _: PeopleScreen())),
    "person": (PersonScreen, made(lambda walk: PersonScreen(person(walk.warehouse.boss.user_id)))),
    "statuses": (StatusesScreen, made(lambda _: StatusesScreen())),
    "new status": (NewStatusDialog, made(lambda _: NewStatusDialog())),
    "change of a status": (
        ChangeStatusDialog,
        made(lambda _: ChangeStatusDialog(statuses()[-1], used=False)),
    ),
    "scanner check": (ScannerCheckScreen, made(lambda _: ScannerCheckScreen())),
    "import, the file": (ImportScreen, importing(ImportStep.FILE)),
    "import, the columns": (ImportScreen, importing(ImportStep.COLUMNS)),
    "import, the rows": (ImportScreen, importing(ImportStep.PREVIEW)),
    "station": (StationScreen, station),
    "lines": (
        StationLinesScreen,
        before_station(lambda _: StationLinesScreen(Draft.select().first().id, lambda number: None)),
    ),
    "problem": (
        ProblemDialog,
        before_station(lambda _: ProblemDialog(lines.problems(Draft.select().first().id)[0])),
    ),
    "draft": (DraftDialog, before_station(lambda walk: DraftDialog(draft_row(walk)))),
    "left scans": (LeftScansDialog, before_station(left_scans)),
    "a sale": (StationScreen, made(lambda _: StationScreen(ScanStation(TASKS["sell"])))),
    "look up": (StationScreen, made(lambda _: StationScreen(ScanStation(TASKS["look-up"])))),
    "answer": (TextDialog, before_station(lambda _: TextDialog("Scrap: reason", "Reason"))),
    "all of": (GroupDialog, made(lambda _: GroupDialog())),
    "arrived": (
        ArrivedDialog,
        before_station(lambda _: ArrivedDialog("T-000001", ComparedTransfer(1, 0, Named(1, ["A"]), Named(0, [])))),
    ),
    "expected": (ExpectedDialog, made(lambda _: ExpectedDialog("SAW-1", Compared(3, 0, 0), lambda _: None))),
    "many": (ManyDialog, made(lambda _: ManyDialog("Many", never, never))),
    "new item": (NewItemDialog, made(lambda _: NewItemDialog())),
    "new location": (NewLocationDialog, made(lambda _: NewLocationDialog())),
    "conflict": (ConflictDialog, made(lambda _: ConflictDialog("SAW-1", "bob", "now", [DIFFERENCE]))),
    "confirm": (ConfirmDialog, made(lambda _: ConfirmDialog("Leave?", "Really?", ANSWERS))),
    "choose": (ChooseDialog, made(lambda _: ChooseDialog("Which?", [Choice("1", "A"), Choice("2", "B")], new=True))),
    "choose, before a station": (ChooseDialog, before_station(lambda _: ChooseDialog("Who?", [Choice("1", "A")]))),
    "menu": (ActionsDialog, in_front(lambda _: ActionsDialog([]), item(0))),
    "help": (HelpDialog, in_front(lambda _: HelpDialog("Help.", []), items)),
    "help in a dialog": (HelpDialog, in_front(lambda _: HelpDialog("Help.", []), made(verb("transfer")))),
    "help at the station": (HelpDialog, in_front(lambda _: HelpDialog("Help.", []), station)),
    **{code: (VerbDialog, made(verb(code))) for code in verbs_that_ask_everything()},
    "void a document": (VerbDialog, made(verb("void", document="T-000001"))),
    "transfer": (VerbDialog, made(verb("transfer"))),
    "add": (AddSerialDialog, made(add_serial)),
    "places": (PlacesDialog, made(lambda walk: PlacesDialog(item_form(walk.warehouse.item.id)))),
    "export": (ExportDialog, made(lambda _: ExportDialog(to_export(ItemSource())))),
    "row": (ImportRowDialog, made(lambda _: ImportRowDialog(ROW))),
}
"""How each screen and dialog is opened; one may have several faces."""

GROUPS: Final = [list(OPENERS)[first : first + 8] for first in range(0, len(OPENERS), 8)]
"""Screens and dialogs that are opened one after another in one app."""

SAVES: Final = {"draft_lines", "draft_people", "drafts", "serials", "serial_events", "serial_counts"}
"""What a scan may change where it is saved at once: at the station and in Add Serial."""


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """With two serials, a document, a customer, a status and a draft with a problem."""
    first, _ = warehouse.add("SN-000001", "SN-000002")
    create_item(warehouse.boss, "BIT-9", "Bits", location="DOCK", track_serials=True)
    transfer_serials(warehouse.boss, [first], "SHELF")
    add_customer(warehouse.boss, "Kreis GmbH")
    add_status(warehouse.boss, "demo", "Demo unit", colour="green", mark="d")
    told: list[Any] = []
    engine = ScanStation()
    engine.scan(warehouse.boss, [Scan("DOCK"), Scan("SAW-1"), Scan("SN-000001")], told.append)
    engine.leave(warehouse.boss)
    return warehouse


def test_every_screen_and_every_dialog_is_opened_here() -> None:
    assert {screen.__name__ for screen, _ in OPENERS.values()} == {screen.__name__ for screen in all_screens()}
    every = {one for name, one in vars(routes).items() if isinstance(one, type) and issubclass(one, routes.Route)}
    assert set(navigation._MAKERS) == {one for one in every if not one.__subclasses__()}


async def focusable(walk: Walk, open_it: Open) -> list[tuple[int, tuple[bool, ...]]]:
    """The places of the focus, each with whether scans into it are clean or dirty too.

    A dirty scan is refused in the same way wherever widgets of one class have the focus: the first of them is enough.
    """
    screen = await open_it(walk)
    assert all(isinstance(field, TakesText) for kind in (Input, TextArea) for field in screen.query(kind))
    kinds = [type(widget) for widget in screen.focus_chain or [screen]]
    return [(place_, (False, True)[: 2 - (kind in kinds[:place_])]) for place_, kind in enumerate(kinds)]


def unsaved(walk: Walk, before: dict[str, Any], code: str, where: str) -> None:
    """Nothing is saved but the scan itself, where scans are saved at once."""
    after = fingerprint()
    changed = {table for table in after if after[table] != before[table]}
    assert not changed or (code in walk.put and changed <= SAVES), (where, changed)
    if "serials" in changed:
        (added,) = set(after["serials"]) - set(before["serials"])
        assert code in added, where
        assert TYPED not in added, where


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: f"{names[0]} to {names[-1]}")
async def test_a_burst_is_acted_on_or_refused_aloud_and_nothing_else_happens(
    names: list[str], database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(list(OPENERS).index(names[0]))
    async with opened(database, warehouse.boss) as pilot:
        walk = Walk(pilot, warehouse, tmp_path, monkeypatch)
        below = pilot.app.screen
        for name in names:
            kind, open_it = OPENERS[name]
            await back_to(walk, below)
            for place_, dirty in await focusable(walk, open_it):
                for is_dirty in dirty:
                    if not isinstance(pilot.app.screen, kind):
                        await back_to(walk, below)
                        await open_it(walk)
                    screen = pilot.app.screen
                    assert isinstance(screen, kind), name
                    if screen.focus_chain:
                        screen.set_focus(screen.focus_chain[place_])
                    await at_rest(pilot)
                    number = next(numbers)
                    end = DIRTY if is_dirty else list(ENDS)[number % len(ENDS)]
                    await burst_is_acted_on_or_refused(walk, f"ZZ-{name[:3].strip()}-{number:04}", end, name)
                    while pilot.app.screen is not below and pilot.app.screen is not screen:
                        await pilot.app.pop_screen()
                        await at_rest(pilot)


async def back_to(walk: Walk, below: Screen[Any]) -> None:
    while walk.app.screen is not below:
        await walk.app.pop_screen()


async def burst_is_acted_on_or_refused(walk: Walk, code: str, end: str, name: str) -> None:
    """Half-fill the field with the focus, and scan a code into it."""
    screen = walk.app.screen
    field = screen.focused
    if isinstance(field, TakesText) and not field.typed.endswith(TYPED):
        await walk.type(TYPED)
    texts, ticked = walk.texts, {box: box.value for box in screen.query(Checkbox)}
    before, walk.bells, walk.put, walk.results = fingerprint(), 0, [], []
    walk.told.clear()
    await walk.scan(code, end)
    where = f"{name}: {code} with {end} into {field!r}"

    unsaved(walk, before, code, where)
    now = walk.texts
    assert {box: box.value for box in ticked} == ticked, where
    assert not any(walk.results), where
    if field in now:
        assert now[field].startswith(texts[field]) or not texts[field], where
    took = [text for node, text in now.items() if code in text and code not in texts.get(node, "")]
    if not (code in walk.put or took):
        await until(walk.pilot, lambda: walk.bells and walk.is_refused(code), where)
