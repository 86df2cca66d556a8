"""The scanner check as a person sees it; the bytes come as a terminal would send them."""

from __future__ import annotations

import asyncio
import json
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models.barcodes.gate import US, typed
from models.barcodes.scanner_check import DATA, FIRST, SECOND
from models.config import Config
from models.people import sign_in
from tests.support.app import at_rest, opened, screen_text, seen, terminal_sends, types
from tests.support.burst import burst_to_the_end
from tests.support.idle import drawn
from tests.support.limits import LIMIT
from tests.support.record_app import lines
from tui.items.list import ItemsScreen
from tui.scanner_check.app import ScannerCheckApp
from tui.scanner_check.screen import ScanLog, ScannerCheckScreen
from tui.terminal.key_parser import KeyParser

GOOD = "]C1" + DATA


class Check:
    """The running app and a scanner at it."""

    def __init__(self, app: ScannerCheckApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot
        self.now = 100.0

    async def scan(self, data: str | bytes, gap: float = 0.001) -> None:
        """Send bytes one by one."""
        events = []
        parser = KeyParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        screen = self.app.screen
        assert isinstance(screen, ScannerCheckScreen)
        for number in data.encode() if isinstance(data, str) else data:
            self.now += gap
            screen.came(self.now, bytes([number]))
            for event in parser.feed(decode(bytes([number]))):
                event.time = self.now
                events.append(event)
        await burst_to_the_end(self.app, *events)

    async def shows(self, *texts: str) -> str:
        """Wait until all this stands on the screen."""
        async with asyncio.timeout(LIMIT):
            while not all(text in self.text for text in texts):
                await self.pilot.pause(0.02)
        await drawn(self.app)  # a key that scrolls needs the layout of what is shown
        return self.text

    async def resizes(self, width: int, height: int) -> None:
        """Give the terminal another size, and wait until all is drawn in it."""
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()
        await drawn(self.app)

    @property
    def text(self) -> str:
        return "\n".join(lines(self.app))


@asynccontextmanager
async def checking(log: ScanLog | None = None) -> AsyncIterator[Check]:
    app = ScannerCheckApp(log, Config(theme="dock"))
    async with app.run_test(size=(80, 24)) as pilot:
        check = Check(app, pilot)
        await check.shows("SCAN")
        yield check


async def test_a_well_set_scanner_is_told_so() -> None:
    async with checking() as check:
        for end, name in {"\r": "CR (Enter)", "\n": "LF", "\r\n": "CR LF", "\t": "TAB"}.items():
            check.now += 10
            await check.scan(GOOD + end)
            text = await check.shows("OK  the scanner is set up well", "✓ GS         kept", f"✓ Suffix     {name}")
            assert f"✓ Suffix     {name}\n" in text.replace(" \n", "\n").replace(" " * 10, "")
            assert "✗" not in text, name


async def test_any_other_code_shows_what_it_reads_as_and_hostile_ones_do_nothing() -> None:
    async with checking() as check:
        await check.scan("]C10109506000134352" + "17270131" + "10AB\x1d21X9\r")
        await check.shows("READ  as GS1", "GTIN       09506000134352", "serial     X9", "lot        AB", "2027-01-31")
        await check.scan("]C10109506000134359\r")
        await check.shows("PROBLEM  this code cannot be taken", "✗ no")

        # Hostile scans are shown and do nothing.
        for text in ("[/red]SN[@click=app.exit]", "SN[bold"):
            await check.scan(text + "\r")
            await check.shows(f"scanned    {text}")


async def test_problems_stand_first_with_the_setting_that_mends_them_at_every_size() -> None:
    async with checking() as check:
        await check.scan(typed("]C1" + FIRST + SECOND, US, "German") + "\r")
        text = await check.shows("PROBLEM  2 things to mend", "a US scanner on a German host")
        assert "→ Set the scanner's keyboard country to German" in text
        assert text.index("✗ GS") < text.index("✓ Suffix")
        assert "scanned    +C191AYqzß-öÄ921750" in text

        # What does not fit is scrolled to.
        await check.resizes(40, 16)
        await check.scan(typed("]C1" + FIRST + SECOND, US, "German") + "\r")
        await check.shows("PROBLEM")
        assert "Speed" not in check.text
        await check.pilot.press("pagedown")
        await check.shows("Speed")
        await check.pilot.press("pageup")
        await check.shows("Keyboard")

        # The verdict and the scan line are there at every size.
        for size in ((80, 24), (40, 16), (20, 8)):
            await check.resizes(*size)
            check.now += 10
            await check.scan(typed(GOOD, "German", US) + "\r")
            text = await check.shows("PROBLEM", "Keyboard")
            assert "scan here" in text, size
            assert "F3" in text, size
            assert max(map(len, text.splitlines())) <= size[0]
            await check.resizes(80, 24)
            await check.shows("1 thing to mend", "Set the scanner's keyboard country to US")
            await check.scan("SN0001\r")  # so that the next verdict is not this one
            await check.shows("READ  as plain text")


async def test_a_dirty_scan_is_refused_its_keys_are_named_and_f3_in_it_does_not_leave() -> None:
    async with checking() as check:
        await check.scan("SN\x1b[19~0001\r")
        await check.shows("PROBLEM  1 thing to mend", "not only characters: F8", "Nothing was taken")
        await check.scan(b"SN\xe9001\r")
        await check.shows("not UTF-8: E9 (é in Latin-1)")
        for number, (key, place) in enumerate(product(("\x1bOR", "\x1b[13~"), (0, 3))):
            await check.scan("SN0001"[:place] + key + "SN0001"[place:] + "\r")
            await check.shows("PROBLEM  1 thing to mend", "not only characters: F3")
            await check.scan(f"SN000{2 + number}\r")
            await check.shows("READ  as plain text")


async def test_a_scan_without_suffix_is_explained_and_the_next_one_with_one_is_good() -> None:
    async with checking() as check:
        await check.scan(GOOD)
        await check.shows("✗ Suffix     none", "Set the scanner's suffix to CR (Enter)", "Ctrl+U empties the line")
        check.now += 10
        await check.scan(GOOD + "\r")
        await check.shows("OK  the scanner is set up well", "refused")


async def test_a_scanner_in_alt_mode_is_recognised_though_it_types_nothing() -> None:
    async with checking() as check:
        await check.scan("".join(f"\x1b{digit}" for character in GOOD for digit in f"{ord(character):03}") + "\r")
        await check.shows("✗ Keys       Alt with the digits", "ALT mode off", "✓ GS         kept")


async def test_the_same_code_within_a_second_counts_once(tmp_path: Path) -> None:
    with ScanLog(tmp_path / "log") as log:
        async with checking(log) as check:
            await check.scan("SN0001\rSN0001\r")
            await check.shows("The same code within a second counts once")
            assert (tmp_path / "log").read_text().count("\n") == 1


@pytest.mark.parametrize("key", ["f3", "escape"])
async def test_f3_and_esc_leave(key: str) -> None:
    async with checking() as check:
        await check.pilot.press(key)
        async with asyncio.timeout(LIMIT):
            while check.app.is_running and not check.app._exit:
                await check.pilot.pause(0.02)
        assert check.app.return_code == 0


async def test_what_the_log_does_not_take_is_kept_and_told(tmp_path: Path) -> None:
    with ScanLog(Path("/dev/full")) as log:
        async with checking(log) as check:
            await check.scan("SN0001\rSN0002\r")
            await check.shows("✗ 2 scans are not in /dev/full: No space left on device.")
            assert log.missing == 2


def test_a_log_goes_on_behind_what_is_in_it_also_when_its_last_line_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"scan": "A"}\n{"sca')
    with ScanLog(path) as log:
        log.write("SN\x1d\x7f\N{REPLACEMENT CHARACTER}", None, "typed")
        assert log.missing == 0
    *_, cut, last = path.read_text().splitlines()
    assert cut == '{"sca'
    assert json.loads(last) == {"scan": "SN\x1d\x7f\N{REPLACEMENT CHARACTER}", "kind": None, "how": "typed"}
    assert last.isprintable()


async def test_the_app_opens_the_scanner_check_from_its_menu_and_comes_back(database: Any) -> None:
    async with opened(database, sign_in()) as pilot:
        await pilot.press("ctrl+g")
        await types(pilot, "scanner check\r")
        await seen(pilot, "scan here")
        await terminal_sends(pilot, f"{GOOD}\r")
        await seen(pilot, "OK  the scanner is set up well")
        await pilot.press("ctrl+g")
        await seen(pilot, "Leave the scanner check")
        assert screen_text(pilot).count("Scanner check") == 1
        await pilot.press("f3")
        await at_rest(pilot)
        await pilot.press("f3")
        async with asyncio.timeout(LIMIT):
            while not isinstance(pilot.app.screen, ItemsScreen):
                await pilot.pause(0.02)
