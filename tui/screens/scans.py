"""A scan on any screen: what it names is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from textual import events, work
from textual.screen import Screen

from models.errors import NotFound, Refusal, Unreadable
from tui.keyboard.burst import Burst, nothing
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER
from tui.keyboard.takes_text import TakesText

if TYPE_CHECKING:
    from models.barcodes import Settings
    from models.lookups.scanned import Found
    from tui.app import SerialdockApp
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
    from models.lookups.scanned import find_scanned  # noqa: PLC0415 - loaded at the first scan

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

    return await screen.read(_find_first, scans, Settings(gs_substitutes=screen.dock.config.gs_substitutes))


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
    with screen.refusals_shown():
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
    dock = screen.dock
    if shown := screen.name_if_shown(found):
        screen.say(f"{shown} is open here.")
    elif found.item_id is not None:
        await _open_item(dock, found.item_id)
    elif found.place_id is not None:
        from tui.screens.place import open_place  # noqa: PLC0415 - loaded when first opened

        await open_place(dock, found.place_id)
    elif len(found.hits) == 1:
        from tui.screens.serial import open_serial  # noqa: PLC0415

        await open_serial(dock, found.hits[0].serial_id, closed)
    else:
        _choose(screen, found, closed)


async def _open_item(dock: SerialdockApp, item_id: int) -> None:
    from models.lookups.items import item_form  # noqa: PLC0415
    from tui.screens.item import ItemScreen  # noqa: PLC0415

    await dock.push_screen(ItemScreen(await dock.db.run(item_form, item_id)))


def _choose(screen: Frame[Any], found: Found, closed: Callable[[], object] | None) -> None:
    """Ask which of several serials is meant, by number or item."""
    from tui.dialogs.choose import Choice, ChooseDialog  # noqa: PLC0415
    from tui.screens.serial import open_serial  # noqa: PLC0415

    choices = [
        Choice(str(hit.serial_id), f"{place}  {hit.sku}", found.serial) for place, hit in enumerate(found.hits, 1)
    ]

    async def open_chosen(serial_id: int) -> None:
        with screen.dock.keyboard.hold(), screen.refusals_shown():
            await open_serial(screen.dock, serial_id, closed)

    def chosen(value: str | None) -> None:
        if value is not None:
            screen.run_worker(open_chosen(int(value)), group="open")

    screen.dock.push_screen(ChooseDialog(f"{found.serial}: on which item?", choices), chosen)


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
                self.open_scan(*(part.text for part in parts))
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
            self.open_scan(lines[0])

    @work(exclusive=True, group="scan")
    async def open_scan(self, scan: str, *parts: str) -> None:
        """Open what a scan names, or say why not.

        Args:
            scan: what came.
            *parts: ends of it that may be the scan, where the rest came with a pause before it.
        """
        frame: Frame[Any] = self  # type: ignore[assignment]
        with frame.dock.keyboard.hold(), frame.refusals_shown():
            await open_scanned(frame, scan, *parts)
