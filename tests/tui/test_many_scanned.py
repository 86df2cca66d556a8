"""Scans into the entry of many serials: each is a line, however the scanner ends it and wherever the cursor is."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Button

from models.schema import Serial
from tests.support.adding import PASTE, adding
from tests.support.app import at_rest, keys, seen, terminal_sends
from tests.support.record_app import until
from tests.support.station import judged, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.records.many import ManyDialog
from tui.scanning.areas import PlainArea
from tui.scanning.fields import PlainInput
from tui.station.screen import StationScreen


async def many(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f6")
    await until(pilot, lambda: isinstance(pilot.app.screen, ManyDialog))


def entry(pilot: Pilot[Any]) -> str:
    return pilot.app.screen.query_one("#entry", PlainArea).text


def value(pilot: Pilot[Any], name: str) -> str:
    return pilot.app.screen.query_one(name, PlainInput).value


async def test_thirty_scans_are_thirty_lines_and_press_no_button(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await many(pilot)
        ends = {"#entry": "\r\n", "#count": "\t", "#go-on": "\r", "#leave": "\t"}
        for turn, (field, end) in enumerate(ends.items()):
            codes = [f"SN-{turn}{number:05}" for number in range(30)]  # the same ones would count once
            pilot.app.screen.query_one("#entry", PlainArea).text = ""
            pilot.app.screen.query_one(field).focus()
            await terminal_sends(pilot, "".join(f"{code}{end}" for code in codes))
            assert isinstance(pilot.app.screen, ManyDialog)
            assert entry(pilot) == "".join(f"{code}\n" for code in codes), field
            assert value(pilot, "#count") == ""
        await keys(pilot, "f10")
        await seen(pilot, "F10 takes 30.")
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await judged(pilot)
        assert screen(pilot).job.view.count == 31


async def test_scans_pastes_and_typed_lines_go_where_they_belong_and_are_asked_about_before_they_are_left(
    database: Any, warehouse: Warehouse
) -> None:
    async with adding(database, warehouse) as pilot:
        # A paste beside the fields goes onto the list.
        await many(pilot)
        await terminal_sends(pilot, "A-1\n")
        pilot.app.screen.query_one("#leave", Button).focus()
        await terminal_sends(pilot, PASTE.format("B-1\r\nB-2"))
        assert entry(pilot) == "A-1\nB-1\nB-2\n"
        await left(pilot)

        # A scan into the first serial goes on to the count.
        await many(pilot)
        await keys(pilot, "tab")
        await terminal_sends(pilot, "SN-100001\r\n")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#count")
        await keys(pilot, "3", "wait:120", "0", "wait:120")
        await terminal_sends(pilot, "SN-200001\t")
        await seen(pilot, "SN-200001 is no count.")
        assert (value(pilot, "#first"), value(pilot, "#count"), entry(pilot)) == ("SN-100001", "30", "")
        while isinstance(pilot.app.screen, ManyDialog):
            await keys(pilot, "f3")

        # Tab behind typing leaves the entry, and Enter by hand presses the button.
        await many(pilot)
        await keys(pilot, "A", "1", "wait:500", "tab")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#first")
        pilot.app.screen.query_one("#go-on", Button).focus()
        await keys(pilot, "enter")
        await seen(pilot, "F10 takes 1.")
        await keys(pilot, "f3")
        await left(pilot)

        # A scan behind a look goes onto the list and asks for another look.
        await many(pilot)
        await terminal_sends(pilot, "SN-100001\r")
        await keys(pilot, "f10")
        await seen(pilot, "F10 takes 1.")
        await terminal_sends(pilot, "SN-100002\r")
        assert entry(pilot) == "SN-100001\nSN-100002\n"
        await keys(pilot, "f10")
        await seen(pilot, "F10 takes 2.")
        await keys(pilot, "f10")
        await at_rest(pilot)
        await seen(pilot, "2 added")
    assert Serial.select().count() == 2


async def left(pilot: Pilot[Any]) -> None:
    """Leave the dialog, which asks about what was entered."""
    await keys(pilot, "f3")
    await seen(pilot, "What you typed is not saved. F3 again leaves without it.")
    assert isinstance(pilot.app.screen, ManyDialog)
    await keys(pilot, "f3")
    assert not isinstance(pilot.app.screen, ManyDialog)
