"""Each widget and dialog that draws data shows it through `plain()`, `cell()`, `clip()` or `visible()`.

Each is tried alone, with an escape sequence, a bidi control and a closing tag: whichever forgets it fails here by name.
`ELSEWHERE` says of all others why they are not. `test_hostile_text.py` walks through the whole app with worse texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from models.config import Config
from models.customers import CustomerRow
from models.documents import DocumentRow
from models.exporting.lists import ToExport
from models.importing.files import FolderEntry
from models.importing.imports import Imported
from models.importing.staging import PREVIEWED, ImportRow, Warned
from models.items.items import ItemForm, PlaceStock
from models.items.list import ItemRow
from models.items.rules import ItemFacts
from models.items.stock import StockChangeRow
from models.locations import Place, PlaceRow, StockRow
from models.people import RoleRow, UserRow
from models.serials import add, grid
from models.serials.add import Wanted
from models.serials.grid import Holding, SerialRow
from models.serials.judging import Outcome, Verdict
from models.serials.perform import OpenTransfer, VerbForm
from models.serials.record import Event
from models.spool import SpooledScan
from models.station.drafts import DraftLook, DraftRow
from models.station.expected import Named
from models.station.groups import ComparedTransfer
from models.station.left import WaitingScans
from models.station.lines import Line, LineRow
from models.station.state import DraftState
from models.station.working import Working
from models.statuses import StatusLook
from models.terms import Warranty
from models.verbs import VERBS
from tests.support.classes import classes_below, ends_below
from tests.support.hostile import HIDDEN, nothing_acts
from tests.support.record_app import lines, until
from tui.customers import list as customers
from tui.customers.list import CustomersTable
from tui.customers.record import ChangeCustomerDialog
from tui.documents.document import DocumentFacts
from tui.importing.columns import ColumnsTable, FileColumn, HeaderView
from tui.importing.file import FileList
from tui.importing.preview import ImportRowDialog, ImportRowsTable
from tui.importing.screen import SummaryPane
from tui.items import history as stock_history
from tui.items import list as items
from tui.items.conflict import ConflictDialog, FieldDifference
from tui.items.history import StockChangesTable
from tui.items.list import ItemsTable
from tui.kit.app import TerminalApp
from tui.kit.bars import MessageLine, StepLine, TitleBar
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog
from tui.kit.form import FormRow, TickBox, button
from tui.kit.help import Act, ActionsDialog, HelpDialog
from tui.kit.lazy_table import RecordColumn
from tui.kit.link import Link
from tui.kit.pager import Pager
from tui.kit.record_table import Listed, RecordTable, at_once
from tui.locations import list as locations
from tui.locations import place
from tui.locations.list import ChangeLocationDialog, LocationsTable
from tui.locations.place import PlaceTable
from tui.people import list as people
from tui.people.list import PeopleTable
from tui.people.record import PersonFacts
from tui.records.documents import DocumentsTable
from tui.records.exporting import ExportDialog
from tui.records.location_field import KnownLocation, LocationField
from tui.records.named_field import CustomerField, ItemField, Known
from tui.records.stock import PlacesDialog, StockTable
from tui.records.verb_dialog import VerbDialog
from tui.records.working import WorkingLine
from tui.routes import DocumentRecord
from tui.scanner_check.screen import CheckVerdict
from tui.scanning.areas import LinesArea
from tui.scanning.fields import PlainInput
from tui.scanning.scan_field import ScanField
from tui.serials.add import AddedRow
from tui.serials.columns import BY_SERIAL, columns
from tui.serials.detail import History, NumberedVerb, history
from tui.station import lines as station_lines
from tui.station import list as station_list
from tui.station.asking import ArrivedDialog
from tui.station.dialogs import Compared, DraftDialog, ExpectedDialog, ProblemDialog
from tui.station.lines import LinesTable
from tui.station.list import DraftsTable
from tui.station.parts import OpenDrafts, ProblemsLane, StationHead, Tape, VerdictLine
from tui.station.waiting import LeftScansDialog
from tui.statuses.list import ChangeStatusDialog
from tui.text import cell

TEXT = "a\x1b[7m\u202eb[/x]"
SHOWN = "a␛[7m‹U+202E›b[/x]"
IN_A_FIELD = "a␛[7m\N{REPLACEMENT CHARACTER}b[/x]"
"""Where every character keeps its place."""

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LINE = Line(
    1, 1, "problem", NOW, TEXT, "scanned", TEXT, TEXT, TEXT, TEXT, "exists", f"It is {TEXT}.", None, None, None, 1
)
PERSON = UserRow(1, TEXT, (RoleRow(TEXT, ("INV_VIEW",)),), NOW)
DRAFT = DraftRow(1, "receive", TEXT, TEXT, NOW, NOW, NOW, None, TEXT, TEXT, 7, 0, 0)
VERDICT = Verdict(Outcome.OK, TEXT, TEXT, TEXT)
ROW = ImportRow(2, True, dict.fromkeys(PREVIEWED, TEXT), "", TEXT)
DOCUMENT = DocumentRow(1, TEXT, "transfer", NOW, TEXT, None, TEXT, TEXT, None, TEXT, 1)
STATUS = StatusLook(1, "odd", TEXT, "*", "green", True, True)
SHOWN_OF_A_SERIAL = (TEXT, STATUS, TEXT, TEXT, Warranty.NONE, date(2026, 3, 2))
SERIAL = SerialRow(1, SHOWN_OF_A_SERIAL, {column.code: place for place, column in enumerate(grid.COLUMNS)})

CUSTOMER = CustomerRow(1, TEXT, TEXT, TEXT, TEXT, 1, 0)
PLACE_ROW = PlaceRow(Place(1, TEXT, TEXT, TEXT, 0), 1, 0)
PLACE = PlaceStock(TEXT, "", 1, 0, True)
FORM = ItemForm(1, "S", "N", "MAIN", "Main", True, (), 1, NOW, "bob", (PLACE,), None, 0, 0, None)
ITEM = ItemRow(1, TEXT, TEXT, TEXT, True, 1, 0)
STOCK = StockRow(1, 1, TEXT, TEXT, TEXT, 1, 0, True)
WORKING = Working(1, "receive", TEXT, 1, TEXT, 1, 0, TEXT, NOW, None)
LINE_ROW = LineRow(1, 1, "good", NOW, TEXT, TEXT, TEXT, TEXT, "")
CHANGE = StockChangeRow(1, NOW, TEXT, 1, "received", TEXT, 1, TEXT, TEXT, None)
HEADER = SimpleNamespace(first_rows=[SimpleNamespace(number=1, cells=(TEXT,))], header_row=1)
SCAN = SpooledScan("d", "s", 1, "receive", "SN-1", "scanned", NOW.isoformat(), 1, "bob")


def draft_view() -> Any:
    state = DraftState()
    state.item = ItemFacts(1, TEXT, TEXT, True, TEXT, frozenset(), None)
    return state.view("scan a serial")


def told(widget: Any, tell: Callable[[Any], object]) -> tuple[Widget, Callable[[Any], object]]:
    return widget, tell


def names(known: Any) -> Callable[[Any], object]:
    """Type a text into a field, and say what was found for it: there is no database."""

    def tell(field: Any) -> None:
        with field.prevent(Input.Changed):
            field.query_one(Input).value = TEXT
        field._tell(TEXT, known)

    return tell


def filled_table(row: Any, shown: Any) -> RecordTable[Any]:
    return RecordTable(shown, Listed([row]), run=at_once, marking=False)


EVENT = Event(
    *(
        1,
        "transferred",
        TEXT,
        NOW,
        TEXT,
        None,
        TEXT,
        None,
        TEXT,
        None,
        TEXT,
        None,
        TEXT,
        1,
        None,
        TEXT,
        {},
        TEXT,
        1,
        TEXT,
        TEXT,
        None,
        None,
    )
)
RECORD = SimpleNamespace(detail=SimpleNamespace(events=[EVENT], version=1), labels={})


def verb_form(verb: str, **known: Any) -> VerbForm:
    """What a verb asks of one serial, of which this is known."""
    form = VerbForm(
        *(VERBS[verb], (1,), "SN-1", {1: 1}, [Holding("MAIN", 1, 1)], ("SAW-1",), "", (), (), frozenset((None,))),
        *(NOW.date(), "", ""),
    )
    return replace(form, **known)


compared = partial(Compared, None, 1, 1)


def never(*_: Any) -> Any:
    pytest.fail("nothing was asked for")


WIDGETS: dict[str, Callable[[], tuple[Widget, Callable[[Any], object]]]] = {
    "TitleBar": lambda: told(TitleBar(TEXT), lambda _: None),
    "the corner of TitleBar": lambda: told(TitleBar("", TEXT), lambda _: None),
    "MessageLine": lambda: told(MessageLine(), lambda line: line.say(TEXT, "note")),
    "StepLine": lambda: told(StepLine(["File"]), lambda line: line.tell(0, TEXT)),
    "TickBox": lambda: told(TickBox(TEXT), lambda _: None),
    "button": lambda: told(button(TEXT, "save"), lambda _: None),
    "FormRow": lambda: told(FormRow(TEXT, Static()), lambda row: row.query_one(".label").set_styles("width: 40;")),
    "VerdictLine": lambda: told(VerdictLine(), lambda line: line.tell(VERDICT)),
    "the sentence of VerdictLine": lambda: told(VerdictLine(), lambda line: line.say("Not here any more", TEXT)),
    "Tape": lambda: told(Tape(), lambda tape: tape.add([VERDICT])),
    "Tape of a draft": lambda: told(Tape(), lambda tape: tape.fill([LINE])),
    "ProblemsLane": lambda: told(ProblemsLane(), lambda lane: lane.fill([LINE])),
    "OpenDrafts": lambda: told(OpenDrafts(), lambda listed: listed.fill([DRAFT])),
    "StationHead": lambda: told(StationHead(), lambda head: head.tell(draft_view())),
    "AddedRow": lambda: told(AddedRow(), lambda row: row.tell(add.AddResult(Wanted(TEXT), 1, TEXT, TEXT), 1, 0)),
    "Pager": lambda: told(Pager(), lambda pager: pager.fill([TEXT, f"  {TEXT}"])),
    "StockTable": lambda: told(
        StockTable(), lambda table: table.tell([PlaceStock(TEXT, TEXT, 1, 0, True)], tracked=True)
    ),
    "RecordTable": lambda: told(
        filled_table(SERIAL, [RecordColumn[SerialRow]("x", "X", 30, lambda row: cell(row.serial_number))]),
        lambda _: None,
    ),
    "the serials grid": lambda: told(filled_table(SERIAL, columns(160, "dock", BY_SERIAL)), lambda _: None),
    "DocumentsTable": lambda: told(DocumentsTable(Listed([DOCUMENT]), at_once), lambda _: None),  # type: ignore[arg-type]
    "FileList": lambda: told(FileList(), lambda files: files.show([FolderEntry(TEXT, False, 1, None)], None)),
    "a folder in FileList": lambda: told(
        FileList(), lambda files: files.show([FolderEntry(TEXT, True, 0, None)], None)
    ),
    "ImportRowsTable": lambda: told(
        ImportRowsTable(at_once, with_item=True), lambda table: table.reload(Listed([ROW]))
    ),
    "SummaryPane": lambda: told(
        SummaryPane(),
        lambda pane: pane.show(Imported(TEXT, 1, 0, 1, 0, 1), TEXT, TEXT, "", [Warned(2, TEXT, TEXT, TEXT)]),
    ),
    "trouble in SummaryPane": lambda: told(
        SummaryPane(), lambda pane: pane.show(Imported(TEXT, 1, 0, 1, 0, 0), "list.csv", None, TEXT)
    ),
    "ItemsTable": lambda: told(
        ItemsTable(items.COLUMNS[0], Listed([ITEM]), run=at_once, marking=False), lambda _: None
    ),
    "PlaceTable": lambda: told(
        PlaceTable(place.COLUMNS[0], Listed([STOCK]), run=at_once, marking=False), lambda _: None
    ),
    "CustomersTable": lambda: told(
        CustomersTable(customers.COLUMNS[0], Listed([CUSTOMER]), run=at_once, marking=False), lambda _: None
    ),
    "LocationsTable": lambda: told(
        LocationsTable(locations.COLUMNS[0], Listed([PLACE_ROW]), run=at_once, marking=False), lambda _: None
    ),
    "Link": lambda: told(Link(TEXT, DocumentRecord(1)), lambda _: None),
    "a Link that leads elsewhere": lambda: told(
        Link("", DocumentRecord(1)), lambda link: link.lead(TEXT, DocumentRecord(2))
    ),
    "DraftsTable": lambda: told(
        DraftsTable(station_list.COLUMNS[0], Listed([DraftLook(DRAFT, in_use=True)]), run=at_once, marking=False),
        lambda _: None,
    ),
    "PeopleTable": lambda: told(
        PeopleTable(people.COLUMNS[0], Listed([PERSON]), run=at_once, marking=False), lambda _: None
    ),
    "PersonFacts": lambda: told(
        PersonFacts(), lambda facts: (facts.tell(PERSON), facts.query(".label").set_styles("width: 24;"))
    ),
    "LinesTable": lambda: told(
        LinesTable(station_lines.COLUMNS[0], Listed([LINE_ROW]), run=at_once, marking=False), lambda _: None
    ),
    "StockChangesTable": lambda: told(
        StockChangesTable(stock_history._columns(159), Listed([CHANGE]), run=at_once, marking=False), lambda _: None
    ),
    "DocumentFacts": lambda: told(
        DocumentFacts(DOCUMENT), lambda facts: facts.query(".label").set_styles("width: 24;")
    ),
    "HeaderView": lambda: told(HeaderView(), lambda view: view.show(HEADER)),
    "ColumnsTable": lambda: told(
        ColumnsTable(), lambda table: table.reload(Listed([FileColumn(0, TEXT, [TEXT], None)]))
    ),
    "what CustomerField says beside the text": lambda: told(CustomerField("name"), names(Known(TEXT, TEXT))),
    "what ItemField says beside the text": lambda: told(ItemField("name"), names(Known(TEXT, TEXT))),
    "what LocationField says beside the code": lambda: told(LocationField(), names(KnownLocation(TEXT, TEXT))),
    "WorkingLine": lambda: told(WorkingLine(), lambda line: line.tell([WORKING], item_id=1)),
    "NumberedVerb": lambda: told(NumberedVerb(1), lambda line: line.show(TEXT)),
    "History": lambda: told(History(), lambda shown: shown.show(RECORD)),
    "CheckVerdict": lambda: told(CheckVerdict(), lambda line: line.say("bad", "Wrong", TEXT)),
    "history": lambda: told(Static(history([EVENT], {}, 100)), lambda _: None),
    "narrow history": lambda: told(Static(history([EVENT], {}, 40)), lambda _: None),
}

FIELDS: dict[str, Callable[[], tuple[Widget, Callable[[Any], object]]]] = {
    "PlainInput": lambda: told(PlainInput(), lambda field: setattr(field, "value", TEXT)),
    "ScanField": lambda: told(ScanField(), lambda field: setattr(field, "value", TEXT)),
    "LinesArea": lambda: told(LinesArea(), lambda area: setattr(area, "text", TEXT)),
}

DIALOGS: dict[str, Callable[[], Screen[Any]]] = {
    "the title of a dialog": lambda: ConfirmDialog(TEXT, "Leave?", [Answer("stay", "Stay", "f3")]),
    "ConfirmDialog": lambda: ConfirmDialog("Leave?", TEXT, [Answer("stay", "Stay", "f3")]),
    "an answer of ConfirmDialog": lambda: ConfirmDialog("Leave?", "Sure?", [Answer("stay", TEXT, "f3")]),
    "ChooseDialog": lambda: ChooseDialog("Location", [Choice("1", TEXT)]),
    "what ChooseDialog says beside a value": lambda: ChooseDialog("Location", [Choice("1", "MAIN", TEXT)]),
    "ConflictDialog": lambda: ConflictDialog("SAW-1", TEXT, "now", []),
    "theirs in ConflictDialog": lambda: ConflictDialog(
        "S", "bob", "now", [FieldDifference("Name", TEXT, "x", True, True)]
    ),
    "yours in ConflictDialog": lambda: ConflictDialog(
        "S", "bob", "now", [FieldDifference("Name", "x", TEXT, True, True)]
    ),
    "HelpDialog": lambda: HelpDialog(TEXT, []),
    "ChangeCustomerDialog": lambda: ChangeCustomerDialog(CUSTOMER),
    "ChangeStatusDialog": lambda: ChangeStatusDialog(replace(STATUS, code=TEXT), used=False),
    "ProblemDialog": lambda: ProblemDialog(LINE._replace(serial_number="", login="bob")),
    "DraftDialog": lambda: DraftDialog(DRAFT),
    "ImportRowDialog": lambda: ImportRowDialog(ROW),
    "ChangeLocationDialog": lambda: ChangeLocationDialog(Place(1, TEXT, "N", None, 0)),
    "ArrivedDialog": lambda: ArrivedDialog("T-1", ComparedTransfer(1, 0, Named(1, [TEXT]), Named(0, []))),
    "the strangers in ArrivedDialog": lambda: ArrivedDialog(
        "T-1", ComparedTransfer(1, 0, Named(0, []), Named(1, [TEXT]))
    ),
    "the missing in ExpectedDialog": lambda: ExpectedDialog("S", compared(missing=Named(1, [TEXT])), never),
    "the others in ExpectedDialog": lambda: ExpectedDialog("S", compared(unannounced=Named(1, [TEXT])), never),
    "the folder in ExportDialog": lambda: ExportDialog(ToExport("items", 1, None, ())),
    "PlacesDialog": lambda: PlacesDialog(FORM),
    "the name in PlacesDialog": lambda: PlacesDialog(
        FORM._replace(sku="S", places=(PlaceStock("P", TEXT, 1, 0, True),))
    ),
    "the serial in VerbDialog": lambda: VerbDialog(verb_form("transfer", first=TEXT)),
    "the place in VerbDialog": lambda: VerbDialog(verb_form("transfer", held=[Holding(TEXT, 1, 1)])),
    "the customer in VerbDialog": lambda: VerbDialog(verb_form("sell", customer=TEXT)),
    "the statuses in VerbDialog": lambda: VerbDialog(verb_form("change-status", targets=(STATUS,))),
    "the transfers in VerbDialog": lambda: VerbDialog(verb_form("arrive", transfers=(OpenTransfer(TEXT, "X", 1),))),
    "the warranty in VerbDialog": lambda: VerbDialog(verb_form("warranty", warranty_now=TEXT)),
    "the document in VerbDialog": lambda: VerbDialog(verb_form("void"), document=TEXT),
    "ActionsDialog": lambda: ActionsDialog([Act(TEXT, "", "app.help", Static())]),
    "LeftScansDialog": lambda: LeftScansDialog(WaitingScans(Path("left"), (replace(SCAN, text=TEXT),), None)),
    "whose scans they are in LeftScansDialog": lambda: LeftScansDialog(
        WaitingScans(Path("left"), (replace(SCAN, login=TEXT, place=TEXT, sku=TEXT),), None)
    ),
}


ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(
        (
            *("ItemsScreen", "ItemScreen", "SerialScreen", "FindScreen", "PeopleScreen", "PersonScreen"),
            *("CustomersScreen", "CustomerScreen", "DocumentsScreen", "DocumentScreen", "LocationsScreen"),
            *("PlaceScreen", "StatusesScreen", "StockHistoryScreen", "DraftsScreen", "StationScreen"),
            *("CustomerSerialsTable", "NamedSerialsTable", "StatusesTable", "SerialsTable"),
        ),
        "a screen, or a table whose columns its screen knows: opened by test_hostile_text",
    ),
    "StationLinesScreen": "its table is here; the rest is as in every list",
    "ImportScreen": "test_import_hostile_text",
    "ScannerCheckScreen": "test_scanner_check_screen has all bytes that a scanner can send",
    **dict.fromkeys(
        (
            *("NewItemDialog", "NewLocationDialog", "NewCustomerDialog", "NewStatusDialog", "TextDialog"),
            *("GroupDialog", "AddSerialDialog", "ManyDialog"),
        ),
        "a form: its fields, and the lines and rows in which it says something, are here",
    ),
    **dict.fromkeys(
        (
            *("PathInput", "BarcodesInput", "NameInput", "FindField", "NumberInput", "LineFindField", "LocationCode"),
            *("NotesArea", "TrackSerials", "PrimaryLocation"),
        ),
        "only takes text otherwise than the field that it is made from, which is here",
    ),
    **dict.fromkeys(
        (
            *("ColumnsPane", "FilePane", "PreviewPane", "ItemPane", "WholeList", "DocumentsList", "SerialsList"),
            *("SerialsPane", "PossibleVerbs"),
        ),
        "holds others and draws nothing",
    ),
    "ChoiceList": "the statuses and the transfers in VerbDialog",
    **dict.fromkeys(("Welcome", "KeyBar", "ProgressLine"), "shows keys and numbers"),
}
"""Why a class is not tried alone."""


def named_in(name: str) -> set[str]:
    """The classes of the program that the name of a case names."""
    return set(re.findall(r"\w+", name)) & {kind.__name__ for kind in classes_below(Widget)}


def test_each_class_is_tried_here_or_says_why_not() -> None:
    tried = {kind for name in (*WIDGETS, *FIELDS, *DIALOGS) for kind in named_in(name)}
    ends = {kind.__name__ for kind in ends_below(Widget)}
    assert ends - tried == ELSEWHERE.keys()


class Desk(Screen[None]):
    """A screen with one widget."""

    def __init__(self, widget: Widget | None = None) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        if self.widget is not None:
            yield self.widget


def host() -> TerminalApp:
    """An app with an empty screen, without a database."""
    app = TerminalApp(Config(theme="dock"))
    app.first_screen = Desk  # type: ignore[method-assign]
    app.last_folder = TEXT  # type: ignore[attr-defined]
    return app


def shown(app: TerminalApp) -> str:
    """The screen without blanks and frames, so that a broken line stands in one piece."""
    nothing_acts(app)
    screen = "".join("".join(lines(app)).replace("│", "").split())
    assert not {character for character in screen if unicodedata.category(character) in HIDDEN}
    assert screen.count("[7m") == screen.count("␛[7m"), "one of the texts has lost its escape character"
    return screen


async def shows(pilot: Pilot[Any], name: str, screen: Screen[Any], tell: Callable[[], object], text: str) -> None:
    """Wait until a screen over the empty one shows a text, and take the screen away again."""
    app = pilot.app
    assert isinstance(app, TerminalApp)
    assert shown(app) == "", f"something is left on the screen before {name}"
    await app.push_screen(screen)
    tell()
    there = {kind.__name__ for node in screen.walk_children(with_self=True) for kind in type(node).__mro__}
    assert named_in(name) <= there, f"{name} is not what is tried"
    await until(pilot, lambda: text in shown(app), f"{name} does not show {text}")
    await app.pop_screen()
    await until(pilot, lambda: shown(app) == "", f"{name} is left on the screen")


async def test_widgets_show_what_is_there_and_obey_none_of_it() -> None:
    async with host().run_test(size=(160, 20)) as pilot:
        for name, make in WIDGETS.items():
            widget, tell = make()
            await shows(pilot, name, Desk(widget), partial(tell, widget), SHOWN)


async def test_fields_show_a_glyph_for_each_character() -> None:
    async with host().run_test(size=(60, 6)) as pilot:
        for name, make in FIELDS.items():
            field, fill = make()
            await shows(pilot, name, Desk(field), partial(fill, field), IN_A_FIELD)


async def test_dialogs_show_what_is_there_and_obey_none_of_it() -> None:
    async with host().run_test(size=(100, 24)) as pilot:
        for name, make in DIALOGS.items():
            await shows(pilot, name, make(), lambda: None, SHOWN)
