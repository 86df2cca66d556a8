"""Navigation: finds and opens the screen of a route or a scan. The only module that knows every screen.

Screens are imported when they are first opened, which keeps the start short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from textual.screen import Screen

from models.errors import NotFound, Refusal, Unreadable
from models.items.list import ItemRow, ItemSource
from models.paging import ListWindow, Window, read_window
from models.spool import scans_are_left
from tui import routes
from tui.context import Context
from tui.kit.bars import Offered
from tui.kit.page import Frame
from tui.routes import Route

if TYPE_CHECKING:
    from models.barcodes.reading import Settings
    from models.station.left import TakenUp
    from models.station.scan import Found
    from tui.kit.help import ActionsDialog, HelpDialog

Result = TypeVar("Result")


async def open(context: Context, route: Route[Result]) -> Result | None:  # noqa: A001 - what it does
    """Open the screen of a route and wait until it is left; see `Context.open`."""
    with context.keyboard.hold():
        screen = await _made(context, route)
    # Nothing is awaited between this hold and the one in `ask`, so that no key is delivered in between.
    return await context.ask(screen)


GO_TO: Final[Mapping[str, Route[Any]]] = {
    "find": routes.Find(),
    "items": routes.Items(),
    "station": routes.Station(),
    "drafts": routes.Drafts(),
    "customers": routes.Customers(),
    "documents": routes.Documents(),
    "locations": routes.Places(),
    "statuses": routes.Statuses(),
    "people": routes.People(),
}
"""Routes of the screens to which the menu of every screen leads, by name."""


async def go_to(context: Context, route: Route[Any]) -> Any:
    """Open a screen of `GO_TO`, or come back to it where nothing would be lost on the screens in front of it.

    Returns:
        What the screen returned; None if it was open already.
    """
    in_front: list[Frame[Any]] = []
    # Come back to it rather than open it once more: each screen in the stack costs memory, and a key to leave it.
    for screen in reversed(context.screen_stack):
        if not isinstance(screen, Frame):  # a dialog waits for an answer
            break
        if screen.name_if_shown(route):
            for frame in in_front:
                await frame.dismiss(None)
            return None
        if not screen.gives_way:  # something on it would be lost
            break
        in_front.append(screen)
    return await open(context, route)


def first_rows() -> Window[ItemRow]:
    """Read the first rows of the list of items. Not in the app's loop."""
    return read_window(ItemSource(""), ListWindow())


def first_screen(rows: Window[ItemRow] | None = None) -> Screen[None]:
    """Make the list of items, with which the app opens.

    Args:
        rows: its first rows, if they were read already.
    """
    from tui.items.list import ItemsScreen

    return ItemsScreen(rows)


def help_on(screen: Screen[Any]) -> HelpDialog | None:
    """Make the help on a screen; None if the screen is the help."""
    from tui.kit import help as kit_help

    return kit_help.help_on(screen)


def menu_of(screen: Screen[Any], more: Sequence[Offered]) -> ActionsDialog | None:
    """Make the menu of a screen, with more entries; None if the screen is the menu."""
    from tui.kit import help as kit_help

    return kit_help.menu_of(screen, more)


async def take_up_scans(context: Context) -> TakenUp | None:
    """Take up the scans that an earlier process has left; None if there are none. See `models.station.waiting`."""
    if not await context.db.write(_scans_are_left):  # the usual case, which needs nothing of the station
        return None
    from models.barcodes.reading import Settings
    from models.station.waiting import take_up

    return await context.db.write(take_up, context.actor, Settings(gs_substitutes=context.config.gs_substitutes))


def _scans_are_left() -> bool:
    try:
        return scans_are_left()
    except OSError as error:
        why = error.strerror or error
        raise Refusal(f"Whether scans wait on this machine cannot be read: {why}.") from error


# ----- screens


async def _made(context: Context, route: Route[Result]) -> Screen[Result]:
    """Make the screen of a route.

    Raises:
        SerialdockError
    """
    screen: Screen[Result] = await _MAKERS[type(route)](context, route)
    return screen


# Each maker imports its screen when it is called: at the start only the list of items is loaded. What a screen shows
# first is read here, so that a refusal leaves the screen before in front.


async def _items(_: Context, __: routes.Items) -> Screen[None]:
    return first_screen()


async def _leaving(context: Context, _: routes.LeaveProgram) -> Screen[str | None]:
    from tui.kit.dialog import Answer, ConfirmDialog

    answers = [Answer("stay", "Stay", "f3"), Answer(routes.LEAVE, "Leave", "f10")]
    dialog = ConfirmDialog("Leave Serialdock?", "F10 leaves the program; F3 stays.", answers)
    dialog.forward_to = _frame(context.screen).taker_of_scans  # a scan closes the question and is taken there
    return dialog


async def _new_item(context: Context, _: routes.NewItem) -> Screen[int | None]:
    from models.items.items import TO_MAKE
    from models.permissions import Permission, require
    from tui.items.new import NewItemDialog

    # The key bar offers everything until the permissions are known.
    await context.db.run(require, context.actor, Permission.EDIT_ITEMS, TO_MAKE)
    return NewItemDialog()


async def _item(context: Context, route: routes.ItemRecord) -> Screen[None]:
    from models.items.items import item_form
    from tui.items.form import ItemScreen

    return ItemScreen(await context.db.run(item_form, route.id))


async def _stock_history(context: Context, route: routes.StockHistory) -> Screen[None]:
    from models.items.items import item_form
    from models.locations import place
    from tui.items.history import StockHistoryScreen

    form = await context.db.run(item_form, route.item_id)
    code = (await context.db.run(place, route.place_id)).code if route.place_id is not None else ""
    return StockHistoryScreen(form.id, form.sku, route.place_id, code)


async def _serial(context: Context, route: routes.SerialRecord) -> Screen[None]:
    from tui.serials.detail import SerialScreen, read_record

    return SerialScreen(await context.db.run(read_record, context.actor, route.id))


async def _document(context: Context, route: routes.DocumentRecord) -> Screen[None]:
    from models.documents import document
    from models.serials.void import may_void_document
    from tui.documents.document import DocumentScreen

    row = await context.db.run(document, route.id)
    # With the document, since F8 may come right behind the scan that opened it.
    return DocumentScreen(row, may_void=await context.db.run(may_void_document, context.actor, row.number))


async def _place(context: Context, route: routes.PlaceRecord) -> Screen[None]:
    from models.locations import place
    from tui.locations.place import PlaceScreen

    return PlaceScreen(await context.db.run(place, route.id))


async def _documents(_: Context, __: routes.Documents) -> Screen[None]:
    from tui.documents.list import DocumentsScreen

    return DocumentsScreen()


async def _customers(_: Context, __: routes.Customers) -> Screen[None]:
    from tui.customers.list import CustomersScreen

    return CustomersScreen()


async def _customer(context: Context, route: routes.CustomerRecord) -> Screen[None]:
    from models.customers import customer
    from tui.customers.record import CustomerScreen

    return CustomerScreen(await context.db.run(customer, route.id))


async def _locations(_: Context, __: routes.Places) -> Screen[None]:
    from tui.locations.list import LocationsScreen

    return LocationsScreen()


async def _statuses(_: Context, __: routes.Statuses) -> Screen[None]:
    from tui.statuses.list import StatusesScreen

    return StatusesScreen()


async def _new_location(_: Context, __: routes.NewLocation) -> Screen[str | None]:
    from tui.records.location_field import NewLocationDialog

    return NewLocationDialog()


async def _drafts(_: Context, __: routes.Drafts) -> Screen[None]:
    from tui.station.list import DraftsScreen

    return DraftsScreen()


async def _people(_: Context, __: routes.People) -> Screen[None]:
    from tui.people.list import PeopleScreen

    return PeopleScreen()


async def _person(context: Context, route: routes.PersonRecord) -> Screen[None]:
    from models.people import person
    from tui.people.record import PersonScreen

    return PersonScreen(await context.db.run(person, route.id))


async def _station(context: Context, route: routes.Station) -> Screen[str]:
    from models.barcodes.reading import Settings
    from models.permissions import require
    from models.station.engine import ScanStation
    from models.station.task import STATION_TASKS
    from tui.station.screen import StationScreen

    if not context.knows_permissions:  # F7 can come before the list of items has read them
        await context.read_permissions()
    task = next((task for task in STATION_TASKS if context.may(task.permission)), STATION_TASKS[0])
    # Where none is permitted, the first task is, to be refused by name.
    await context.db.write(require, context.actor, task.permission, task.words.to_do)
    station = ScanStation(task, settings=Settings(gs_substitutes=context.config.gs_substitutes))
    if route.draft_id is not None:
        await context.db.write(station.continue_draft, context.actor, route.draft_id)
    return StationScreen(station)


async def _export(context: Context, route: routes.ExportList) -> Screen[str | None]:
    from models.exporting.lists import to_export
    from tui.records.exporting import ExportDialog

    return ExportDialog(await context.db.run(to_export, route.source, route.marked), route.document)


async def _order(_: Context, route: routes.ChooseOrder) -> Screen[str | None]:
    from tui.kit.choose import Choice, ChooseDialog

    now = "now turned round" if route.descending else "now; last comes first"
    choices = [
        Choice(code, f"{number} {label}", now if code == route.code else "")
        for number, (code, label) in enumerate(route.orders, 1)
    ]
    return ChooseDialog("Sort by", choices, present=route.code)


async def _import(context: Context, route: routes.Import) -> Screen[int | None]:
    from models.importing.imports import TO_DO
    from models.permissions import Permission, require
    from tui.importing.screen import ImportScreen

    await context.db.run(require, context.actor, Permission.MANAGE_SERIALS, TO_DO)
    return ImportScreen(route.sku)


async def _find(_: Context, route: routes.Find) -> Screen[None]:
    from tui.find.screen import FindScreen

    return FindScreen(route.text)


async def _scanner_check(_: Context, __: routes.ScannerCheck) -> Screen[None]:
    from tui.scanner_check.screen import ScannerCheckScreen

    return ScannerCheckScreen()


_MAKERS: Final[Mapping[type[Route[Any]], Callable[[Context, Any], Awaitable[Screen[Any]]]]] = {
    routes.Items: _items,
    routes.LeaveProgram: _leaving,
    routes.NewItem: _new_item,
    routes.ItemRecord: _item,
    routes.StockHistory: _stock_history,
    routes.SerialRecord: _serial,
    routes.Documents: _documents,
    routes.DocumentRecord: _document,
    routes.Customers: _customers,
    routes.CustomerRecord: _customer,
    routes.Places: _locations,
    routes.PlaceRecord: _place,
    routes.NewLocation: _new_location,
    routes.Statuses: _statuses,
    routes.Station: _station,
    routes.Drafts: _drafts,
    routes.People: _people,
    routes.PersonRecord: _person,
    routes.Import: _import,
    routes.Find: _find,
    routes.ExportList: _export,
    routes.ChooseOrder: _order,
    routes.ScannerCheck: _scanner_check,
}


# ----- scans


class _Read(NamedTuple):
    """The result of the look-up of a scan, which has several possible texts where something was typed before it."""

    scan: str
    found: Found | None
    """The record that the text names; None if it is refused."""
    refusal: Refusal | None
    """The refusal of a text that names nothing; None if it is found."""


def _find_first(scans: Sequence[str], settings: Settings) -> _Read:
    """Find the first text that names something, else return the refusal of the first. Database thread.

    A command barcode ends the search, although it is refused here.
    """
    from models.station.scan import find_scanned

    refused: list[_Read] = []
    for scan in scans:
        try:
            return _Read(scan, find_scanned(scan, settings), None)
        except (NotFound, Unreadable) as refusal:
            refused.append(_Read(scan, None, refusal))
            if _is_command(refusal):  # it is one for certain, whatever the other texts may name
                return refused[-1]
    return refused[0]


def _is_command(refusal: Refusal | None) -> bool:
    return isinstance(refusal, Unreadable) and refusal.reason == "command"


async def _read(context: Context, scans: Sequence[str]) -> _Read:
    from models.barcodes.reading import Settings

    return await context.db.run(_find_first, scans, Settings(gs_substitutes=context.config.gs_substitutes))


async def open_scanned(
    context: Context, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None
) -> str:
    """Open the record that a scan names; see `Context.open_scanned`."""
    read = await _read(context, scans)
    if read.found is None:
        assert read.refusal is not None
        raise read.refusal
    await _open_found(context, _frame(below), read.found, closed)
    return read.scan


async def show_scanned(
    context: Context, below: Screen[Any], route: Route[Any], closed: Callable[[], object] | None = None
) -> None:
    """Open the screen of a scan; see `Context.show_scanned`."""
    frame, screen = _frame(below), _frame(await _made(context, route))
    screen.scan_run = frame.scan_run
    screen.is_of_scan = frame.scan_run.is_scan

    def tell() -> None:
        if words := screen.scan_run.words:
            screen.say(words, "warning")
        screen.scan_run.shown()

    # Only a screen that a scan opened, that loses nothing and that is still in front, is replaced.
    if not (frame.is_of_scan and frame.gives_way and context.screen is frame):
        screen.closed = closed or screen.closed
        await context.push_screen(screen)
        tell()
        return
    screen.closed = frame.closed  # whoever opened the replaced screen waits for the person to come back
    switching = context.switch_screen(screen)
    held = ExitStack()
    held.enter_context(context.keyboard.hold())  # here, before the worker has started

    async def switch() -> None:
        with held:
            await switching
            tell()

    context.run_worker(switch(), group="switch")  # a worker of the app: one of the old screen would end with it


def _frame(screen: Screen[Any]) -> Frame[Any]:
    assert isinstance(screen, Frame), "scans are opened on whole screens"
    return screen


def _route_of(found: Found) -> Route[None] | None:
    """The route of a scan; None when the person has to choose among several serials."""
    if found.item_id is not None:
        return routes.ItemRecord(found.item_id)
    if found.place_id is not None:
        return routes.PlaceRecord(found.place_id)
    if found.customer_id is not None:
        return routes.CustomerRecord(found.customer_id)
    if found.document_id is not None:
        return routes.DocumentRecord(found.document_id)
    return routes.SerialRecord(found.hits[0].serial_id) if len(found.hits) == 1 else None


async def _open_found(
    context: Context, below: Frame[Any], found: Found, closed: Callable[[], object] | None = None
) -> None:
    route = _route_of(found)
    if route is None:
        _choose(context, below, found, closed)
    elif shown := below.name_if_shown(route):
        below.scan_run.is_shown_already()
        below.say(below.scan_run.told(f"{shown} is open here."))
        below.scan_run.shown()
    else:
        # An item form below reloads when it is resumed, so `closed` is for serials and locations only.
        await show_scanned(context, below, route, None if found.item_id is not None else closed)


def _choose(context: Context, below: Frame[Any], found: Found, closed: Callable[[], object] | None) -> None:
    """Ask which of several serials is meant, by number or item; another scan replaces the question."""
    from tui.kit.choose import Choice, ChooseDialog

    choices = [
        Choice(str(hit.serial_id), f"{place}  {hit.sku}", found.serial) for place, hit in enumerate(found.hits, 1)
    ]

    async def open_chosen(serial_id: int) -> None:
        with context.keyboard.hold(), below.refusals_shown():
            await show_scanned(context, below, routes.SerialRecord(serial_id), closed)

    def chosen(value: str | None) -> None:
        if value is not None:
            below.run_worker(open_chosen(int(value)), group="open")

    dialog = ChooseDialog(f"{found.serial}: on which item?", choices, have_labels=True)
    dialog.forward_to = below.taker_of_scans
    context.push_screen(dialog, chosen)
