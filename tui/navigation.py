"""Navigation: finds and opens the screen of a route or a scan. The only module that knows every screen.

Screens are imported when they are first opened, which keeps the start short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from textual.screen import Screen

from models.errors import NotFound, Refusal, Unreadable
from tui import routes
from tui.context import Context
from tui.kit.page import Frame
from tui.routes import Route

if TYPE_CHECKING:
    from models.barcodes import Settings
    from models.station.scan import Found

Result = TypeVar("Result")


async def open(context: Context, route: Route[Result]) -> Result | None:  # noqa: A001 - what it does
    """Open the screen of a route and wait until it is left; see `Context.open`."""
    with context.keyboard.hold():
        screen = await _made(context, route)
    # Nothing is awaited between this hold and the one in `ask`, so that no key is delivered in between.
    return await context.ask(screen)


def first_screen() -> Screen[None]:
    """Make the list of items, with which the app opens."""
    from tui.items.list import ItemsScreen

    return ItemsScreen()


# ----- screens


async def _made(context: Context, route: Route[Result]) -> Screen[Result]:
    """Make the screen of a route.

    Raises:
        SerialdockError
    """
    screen: Screen[Result] = await _MAKERS[type(route)](context, route)
    return screen


async def _items(_: Context, __: routes.Items) -> Screen[None]:
    return first_screen()


async def _new_item(_: Context, __: routes.NewItem) -> Screen[int | None]:
    from tui.items.new import NewItemDialog

    return NewItemDialog()


async def _item(context: Context, route: routes.ItemRecord) -> Screen[None]:
    from models.items.items import item_form
    from tui.items.form import ItemScreen

    return ItemScreen(await context.db.run(item_form, route.item_id))


async def _serial(context: Context, route: routes.SerialRecord) -> Screen[None]:
    from tui.serials.detail import SerialScreen, read_record

    return SerialScreen(await context.db.run(read_record, route.serial_id))


async def _document(context: Context, route: routes.DocumentRecord) -> Screen[None]:
    from models.documents import document
    from tui.documents.document import DocumentScreen

    return DocumentScreen(await context.db.run(document, route.document_id))


async def _place(context: Context, route: routes.PlaceRecord) -> Screen[None]:
    from models.locations import place
    from tui.locations.place import PlaceScreen

    return PlaceScreen(await context.db.run(place, route.place_id))


async def _new_location(_: Context, __: routes.NewLocation) -> Screen[str | None]:
    from tui.records.location_field import NewLocationDialog

    return NewLocationDialog()


async def _station(context: Context, _: routes.Station) -> Screen[str]:
    from models.barcodes import Settings
    from models.station import drafts
    from models.station.engine import ScanStation
    from models.station.task import DRAFT_TASKS
    from tui.station.screen import StationScreen

    if not context.knows_permissions:
        await context.read_permissions()
    task = next((task for task in DRAFT_TASKS if context.may(task.permission)), DRAFT_TASKS[0])
    await context.db.write(drafts.require_for, context.actor, task.code)
    return StationScreen(ScanStation(task, settings=Settings(gs_substitutes=context.config.gs_substitutes)))


async def _import(context: Context, route: routes.Import) -> Screen[int | None]:
    from models.importing.imports import TO_DO
    from models.permissions import Permission, require
    from tui.importing.screen import ImportScreen

    await context.db.run(require, context.actor, Permission.MANAGE_SERIALS, TO_DO)
    return ImportScreen(route.sku)


async def _scanner_check(_: Context, __: routes.ScannerCheck) -> Screen[None]:
    from tui.scanner_check.screen import ScannerCheckScreen

    return ScannerCheckScreen()


_MAKERS: Final[Mapping[type[Route[Any]], Callable[[Context, Any], Awaitable[Screen[Any]]]]] = {
    routes.Items: _items,
    routes.NewItem: _new_item,
    routes.ItemRecord: _item,
    routes.SerialRecord: _serial,
    routes.DocumentRecord: _document,
    routes.PlaceRecord: _place,
    routes.NewLocation: _new_location,
    routes.Station: _station,
    routes.Import: _import,
    routes.ScannerCheck: _scanner_check,
}


# ----- scans


class _Read(NamedTuple):
    """The result of looking up the possible texts of a scan."""

    scan: str
    found: Found | None
    """What the text names; None if it is refused."""
    refusal: Refusal | None
    """Why it names nothing; None if it is found."""


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
            if _is_command(refusal):
                return refused[-1]
    return refused[0]


def _is_command(refusal: Refusal | None) -> bool:
    return isinstance(refusal, Unreadable) and refusal.reason == "command"


async def _read(context: Context, scans: Sequence[str]) -> _Read:
    from models.barcodes import Settings

    return await context.db.run(_find_first, scans, Settings(gs_substitutes=context.config.gs_substitutes))


async def open_scanned(
    context: Context, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None
) -> str:
    """Open what a scan names; see `Context.open_scanned`."""
    read = await _read(context, scans)
    if read.found is None:
        assert read.refusal is not None
        raise read.refusal
    await _open_found(context, _frame(below), read.found, closed)
    return read.scan


async def open_first(
    context: Context, below: Screen[Any], scans: Sequence[str], found: Callable[[str], object]
) -> bool:
    """Open what the first known text names; see `Context.open_first`."""
    frame, is_known = _frame(below), False
    with frame.scan_refusals_shown():
        read = await _read(context, scans)
        is_known = read.found is not None or _is_command(read.refusal)
        if is_known:
            found(read.scan)
        if read.found is not None:
            await _open_found(context, frame, read.found)
        elif is_known and read.refusal is not None:
            raise read.refusal
    return is_known


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
    screen.closed = frame.closed
    switching = context.switch_screen(screen)
    held = ExitStack()
    held.enter_context(context.keyboard.hold())

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

    context.push_screen(ChooseDialog(f"{found.serial}: on which item?", choices), chosen)
