"""A scan on any screen: what it names is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from textual import events, work
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from models.errors import NotFound, Refusal, SerialdockError, Unreadable
from tui.keyboard.burst import Burst, nothing
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER
from tui.keyboard.takes_text import TakesText
from tui.screens.scan_run import ScanRun

if TYPE_CHECKING:
    from models.barcodes import Settings
    from models.station.scan import Found
    from tui.screens.frame import Frame

Result = TypeVar("Result")

_LEAST: Final = 2
"""Characters from which on keys at a scanner's pace are a scan, where there is no field for text."""


class _Read(NamedTuple):
    """What became of one of some texts."""

    scan: str
    found: Found | None
    """What it names."""
    refusal: Refusal | None
    """Why it names nothing."""


def _find_first(scans: Sequence[str], settings: Settings) -> _Read:
    """Look for the first of some texts that names something; else what is wrong with the first. Database thread.

    A command is known too, though not here.
    """
    from models.station.scan import find_scanned  # noqa: PLC0415 - loaded at the first scan

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


async def _read(screen: Frame[Any], scans: Sequence[str]) -> _Read:
    from models.barcodes import Settings  # noqa: PLC0415 - loaded at the first scan

    return await screen.read(_find_first, scans, Settings(gs_substitutes=screen.context.config.gs_substitutes))


@contextmanager
def scan_refusals_shown(screen: Frame[Any]) -> Iterator[None]:
    """Show in the message line why a scan is refused, instead of passing it on."""
    try:
        yield
    except SerialdockError as refusal:
        screen.say(screen.scan_run.told(refusal.message), "problem")
        screen.scan_run.shown()


async def open_scanned(screen: Frame[Any], *scans: str, closed: Callable[[], object] | None = None) -> str:
    """Open what a scan names; call it in a `hold`.

    Where several serials have the text, the person is asked which.

    Args:
        screen: on which it was scanned.
        *scans: the scan; or several texts, one of which it is: the first that names something.
        closed: is called when the person comes back from a serial.

    Returns:
        The text that was it.

    Raises:
        SerialdockError: nothing is named, or it cannot be understood; of several texts the first.
    """
    read = await _read(screen, scans)
    if read.found is None:
        assert read.refusal is not None
        raise read.refusal
    await _open(screen, read.found, closed)
    return read.scan


async def open_first(screen: Frame[Any], scans: Sequence[str], found: Callable[[str], object]) -> bool:
    """Open what the first of some texts names that names anything; call it in a `hold`.

    Args:
        screen: on which they were typed or scanned.
        scans: the texts.
        found: is told which of them it is, before that is opened.

    Returns:
        Whether one of them names something, or is a command, which is never anything else.
    """
    is_known = False
    with scan_refusals_shown(screen):
        read = await _read(screen, scans)
        is_known = read.found is not None or _is_command(read.refusal)
        if is_known:
            found(read.scan)
        if read.found is not None:
            await _open(screen, read.found)
        elif is_known and read.refusal is not None:
            raise read.refusal
    return is_known


async def _open(screen: Frame[Any], found: Found, closed: Callable[[], object] | None = None) -> None:
    if shown := screen.name_if_shown(found):
        screen.scan_run.is_shown_already()
        screen.say(screen.scan_run.told(f"{shown} is open here."))
        screen.scan_run.shown()
    elif found.item_id is not None:
        await _show_item(screen, found.item_id)
    elif found.place_id is not None:
        from models.locations import place  # noqa: PLC0415
        from tui.screens.place import PlaceScreen  # noqa: PLC0415 - loaded when first opened

        await show_scanned(screen, PlaceScreen(await screen.read(place, found.place_id)), closed)
    elif len(found.hits) == 1:
        await show_serial(screen, found.hits[0].serial_id, closed)
    else:
        _choose(screen, found, closed)


async def _show_item(screen: Frame[Any], item_id: int) -> None:
    from models.items.items import item_form  # noqa: PLC0415
    from tui.screens.item import ItemScreen  # noqa: PLC0415

    await show_scanned(screen, ItemScreen(await screen.read(item_form, item_id)))


async def show_serial(screen: Frame[Any], serial_id: int, closed: Callable[[], object] | None = None) -> None:
    """Show a serial that was scanned or typed; call it in a `hold`.

    Args:
        screen: on which it was scanned.
        serial_id: the serial.
        closed: is called when the person comes back.

    Raises:
        SerialdockError
    """
    from tui.screens.serial import SerialScreen, read_record  # noqa: PLC0415

    await show_scanned(screen, SerialScreen(await screen.read(read_record, serial_id)), closed)


async def show_scanned(below: Frame[Any], screen: Frame[Any], closed: Callable[[], object] | None = None) -> None:
    """Open the screen of what was scanned; call it in a `hold`.

    It takes the place of what the scan before it has opened, so that one step back leads to where the scanning began.
    What a person opened by hand stays below.

    Args:
        below: on which it was scanned.
        screen: what to open.
        closed: is called when the person comes back.
    """
    context = below.context
    screen.scan_run = below.scan_run
    screen.is_of_scan = below.scan_run.is_scan

    def tell() -> None:
        if words := screen.scan_run.words:
            screen.say(words, "warning")
        screen.scan_run.shown()

    if not (below.is_of_scan and below.gives_way and context.screen is below):
        screen.closed = closed or nothing
        await context.push_screen(screen)
        tell()
        return
    screen.closed = below.closed
    switching = context.switch_screen(screen)
    held = ExitStack()
    held.enter_context(context.keyboard.hold())

    async def switch() -> None:
        with held:
            await switching
            tell()

    context.run_worker(switch(), group="switch")  # the app's: one of the old screen ends with it


def _choose(screen: Frame[Any], found: Found, closed: Callable[[], object] | None) -> None:
    """Ask which of several serials is meant, by number or item; another scan takes the place of the question."""
    from tui.dialogs.choose import Choice, ChooseDialog  # noqa: PLC0415 - loaded when first opened

    choices = [
        Choice(str(hit.serial_id), f"{place}  {hit.sku}", found.serial) for place, hit in enumerate(found.hits, 1)
    ]

    async def open_chosen(serial_id: int) -> None:
        with screen.context.keyboard.hold(), screen.refusals_shown():
            await show_serial(screen, serial_id, closed)

    def chosen(value: str | None) -> None:
        if value is not None:
            screen.run_worker(open_chosen(int(value)), group="open")

    screen.context.push_screen(ChooseDialog(f"{found.serial}: on which item?", choices), chosen)


class CatchesScans(Screen[Result]):
    """A screen on which a scan is understood wherever the focus is; fields that take text see to it themselves.

    Keys that come at a scanner's pace are gathered; their end opens what they name. A single key does what it does.
    """

    CATCHES: ClassVar[bool] = True
    """Whether scans are gathered; a screen with a scan line of its own has no need."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._caught: Burst[None] = Burst(nothing)
        self._caught_end = NEVER
        self.closed: Callable[[], object] = nothing
        """Called when the person goes back from here."""
        self.is_of_scan = False
        """Whether a scan has opened this screen, and not a hand."""
        self.scan_run = ScanRun()
        """Counts scans that nobody could look at; a screen that is opened by a scan goes on with it."""

    @property
    def gives_way(self) -> bool:
        """Whether nothing is lost here when the screen of another scan takes the place of this one."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go back.

        Args:
            result: as for every screen.
        """
        self.closed()
        return super().dismiss(result)

    def name_if_shown(self, found: Found) -> str:
        """What to call the thing that was found, if it is what this screen shows; else an empty text."""
        return ""

    def _catch(self, event: events.Key) -> None:
        """Gather a key that nothing nearer to the focus has used."""
        if event.key in LINE_ENDS:
            parts = self._caught.parts(event.time, _LEAST)
            is_one_more = event.time - self._caught_end <= HAND_GAP and self._caught.is_empty
            self._caught.clear()
            if parts:
                self._caught_end = event.time
                self.open_scan(event.time, *(part.text for part in parts))
            if parts or is_one_more:
                event.stop()
                event.prevent_default()
        elif event.character == " " and self._caught.is_empty:  # no scan begins with a blank
            return
        elif self._caught.follow(event):
            event.stop()
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Gather scans while no field has the focus."""
        if self.CATCHES and not isinstance(self.focused, TakesText):
            self._catch(event)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste outside of fields as a scan; some terminals send scans so."""
        lines = [line for line in event.text.splitlines() if line.strip()]
        if self.CATCHES and len(lines) == 1 and not isinstance(self.focused, TakesText):
            event.stop()
            self.open_scan(event.time, lines[0])

    @work(exclusive=True, group="scan")
    async def open_scan(self, ended: float, *scans: str) -> None:
        """Open what a scan names, or say why not.

        Args:
            ended: when its end was read, in seconds.
            *scans: what came; and ends of it that may be the scan, where the rest came with a pause before it.
        """
        frame: Frame[Any] = self  # type: ignore[assignment]
        with frame.context.keyboard.hold(), scan_refusals_shown(frame):
            self.scan_run.begin(ended)
            await open_scanned(frame, *scans)
