"""A scan on any screen: what it names is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from textual import events, work
from textual.screen import Screen
from textual.widgets import Input, TextArea

from models.barcodes import Settings
from models.errors import SerialdockError
from models.lookups.scanned import Found, Hit, find_scanned
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER, SEPARATORS, is_burst

if TYPE_CHECKING:
    from tui.app import SerialdockApp
    from tui.screens.frame import Frame

Result = TypeVar("Result")

MOST_CAUGHT: Final = 8192
"""Characters of one scan."""


async def open_scanned(screen: Frame[Any], scan: str) -> bool:
    """Open what a scan names; call it in a `hold`.

    Returns:
        Whether it named something; where several serials have the text, the person is asked which.

    Raises:
        SerialdockError: it names nothing that is known here, or cannot be understood.
    """
    from tui.screens.serial import open_serial  # noqa: PLC0415 - loaded when first opened

    dock = screen.dock
    found = await screen.read(find_scanned, scan, Settings(gs_substitutes=dock.config.gs_substitutes))
    if found.item_id is not None:
        await _open_item(dock, found.item_id)
    elif found.place_id is not None:
        from tui.screens.place import open_place  # noqa: PLC0415

        await open_place(dock, found.place_id)
    elif len(found.hits) == 1:
        await open_serial(dock, found.hits[0].serial_id)
    else:
        _choose(dock, found)
    return True


async def _open_item(dock: SerialdockApp, item_id: int) -> None:
    from models.lookups.items import item_form  # noqa: PLC0415
    from tui.screens.item import ItemScreen  # noqa: PLC0415

    await dock.push_screen(ItemScreen(await dock.db.run(item_form, item_id)))


def _choose(dock: SerialdockApp, found: Found) -> None:
    """Ask which of several serials is meant, by number or item."""
    from tui.dialogs.choose import Choice, ChooseDialog  # noqa: PLC0415
    from tui.screens.serial import open_serial  # noqa: PLC0415

    def label(place: int, hit: Hit) -> Choice:
        return Choice(str(hit.serial_id), f"{place}  {hit.sku}", found.serial)

    choices = [label(place, hit) for place, hit in enumerate(found.hits, 1)]

    def chosen(value: str | None) -> None:
        if value is not None:
            dock.run_worker(open_serial(dock, int(value)), group="open")

    dock.push_screen(ChooseDialog(f"{found.serial}: on which item?", choices), chosen)


class CatchesScans(Screen[Result]):
    """A screen on which a scan is understood wherever the focus is, save in a field that takes text.

    Keys that come at a scanner's pace are gathered; their end opens what they name. A single key does what it does.
    """

    CATCHES: ClassVar[bool] = True
    """Whether scans are gathered; a screen with a scan line of its own has no need."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._caught = ""
        self._caught_times: list[float] = []
        self._caught_at = NEVER
        self._caught_end = NEVER

    def _catch(self, event: events.Key) -> None:
        """Gather a key that nothing nearer to the focus has used."""
        in_burst = self._caught != "" and event.time - self._caught_at <= HAND_GAP
        if not in_burst:
            self._caught = ""
            self._caught_times.clear()
        if event.key in LINE_ENDS:
            if event.time - self._caught_end <= HAND_GAP and not self._caught:  # LF of CRLF
                event.stop()
                event.prevent_default()
            elif len(self._caught) > 1 and is_burst(self._caught_times, event.time):
                event.stop()
                event.prevent_default()
                self._caught_end = event.time
                scan, self._caught = self._caught, ""
                self.open_scan(scan)
            return
        character = SEPARATORS.get(event.key) or (event.character if event.is_printable else None)
        if character is None or (character == " " and not self._caught):  # no scan begins with a blank
            self._caught = ""
            return
        self._caught_at = event.time
        self._caught = (self._caught + character)[:MOST_CAUGHT]
        self._caught_times.append(event.time)
        if in_burst:
            event.stop()
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Gather scans while no field has the focus."""
        if self.CATCHES and not isinstance(self.focused, (Input, TextArea)):
            self._catch(event)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste outside of fields as a scan; some terminals send scans so."""
        lines = [line for line in event.text.splitlines() if line.strip()]
        if self.CATCHES and len(lines) == 1 and not isinstance(self.focused, (Input, TextArea)):
            event.stop()
            self.open_scan(lines[0])

    @work(exclusive=True, group="scan")
    async def open_scan(self, scan: str) -> None:
        """Open what a scan names, or say why not."""
        frame: Frame[Any] = self  # type: ignore[assignment]
        with frame.dock.keyboard.hold():
            try:
                await open_scanned(frame, scan)
            except SerialdockError as refusal:
                frame.say(refusal.message, "problem")
