"""What somebody sees and does in Serial Detail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from models import clock
from models.permissions import Actor, Permission
from models.serials.moves import transfer_serials
from models.serials.record import add_note, find_serial, serial_detail, set_condition_notes, set_warranty
from tests.support.app import at_rest, keys, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import until
from tests.support.serials import serials_tab, told
from tests.support.warehouse import Warehouse, person, put
from tui.documents.document import DocumentScreen
from tui.scanning.areas import PlainArea
from tui.serials.detail import History, SerialScreen


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """SAW-1 with SN-1, which was moved to SHOP and sold to Bergmann AG, and SN-2, in stock at MAIN."""
    first, _ = warehouse.add("SN-1", "SN-2")
    transfer_serials(warehouse.boss, [first], "SHOP", notes="window")
    put(warehouse, "sold", first, customer="Bergmann AG")
    return warehouse


@asynccontextmanager
async def detail_of(
    serial: str, database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app until the serial is open."""
    async with serials_tab(database, warehouse, actor, size) as pilot:
        await terminal_sends(pilot, f"{serial}\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), f"{serial} did not open")
        await at_rest(pilot)
        yield pilot


def now(serial: str) -> Any:
    """The record as it is in the database."""
    return serial_detail(find_serial(serial, "SAW-1"))


async def test_the_header_says_status_customer_item_and_last_place(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-1", database, warehouse) as pilot:
        await seen(pilot, "$ SOLD to Bergmann AG", "SAW-1 · Circular saw", "Last place  SHOP", "no warranty")
        await seen(pilot, f"Received    {clock.today().isoformat()}")


async def test_a_key_goes_to_the_documents_and_back_to_the_history(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-1", database, warehouse) as pilot:
        await keys(pilot, "ctrl+t", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "no document was opened")
        await keys(pilot, "f3", "ctrl+t")
        await seen(pilot, "Last place  SHOP", "“window”")
        assert pilot.app.focused is pilot.app.screen.query_one(History)


@BOTH_ENGINES
async def test_the_history_says_newest_first_when_what_from_where_to_where_with_which_document_and_who(
    database: Any, warehouse: Warehouse
) -> None:
    async with detail_of("SN-1", database, warehouse) as pilot:
        entries = [line for line in screen_text(pilot).splitlines() if line.startswith(f" {clock.today().isoformat()}")]
        assert [entry.split()[2] for entry in entries] == ["sold", "transferred", "added"]
        assert "In Stock → Sold · to Bergmann AG" in entries[0]
        assert "MAIN → SHOP · T-000001 · “window”" in entries[1]
        assert "In Stock at MAIN" in entries[2]
        assert all(entry.rstrip().endswith("boss") for entry in entries)


async def test_the_documents_that_name_it_stand_on_a_tab(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-1", database, warehouse) as pilot:
        await keys(pilot, "shift+tab", "right")
        await seen(pilot, "T-000001  transfer", "MAIN → SHOP", "“window”", "document 1 of 1")


async def test_who_acted_for_somebody_else_is_named_as_well(database: Any, warehouse: Warehouse) -> None:
    boss = warehouse.boss
    clara = person(boss, "clara", Permission.MANAGE_SERIALS)
    add_note(Actor(clara.user_id, "clara", boss.user_id, "boss"), find_serial("SN-2", "SAW-1"), "seen")
    async with detail_of("SN-2", database, warehouse) as pilot:
        await seen(pilot, "clara by boss", "noted")


async def test_a_remark_goes_into_the_history(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        await keys(pilot, "f6", "enter")
        await seen(pilot, "The note is empty.")
        await keys(pilot, *"box [/b] open", "enter")
        await seen(pilot, "The note is in the history.", "“box [/b] open”")
    assert now("SN-2").events[-1].note == "box [/b] open"


async def test_a_warranty_is_set_and_says_how_long_it_lasts(database: Any, warehouse: Warehouse) -> None:
    end = clock.today() + timedelta(days=10)
    async with detail_of("SN-2", database, warehouse) as pilot:
        await keys(pilot, "f9", *"2026/1/5", "enter", *end.isoformat(), "f10")
        await seen(pilot, "The warranty is set.", "under warranty", "10 days left", f"2026-01-05 → {end}")
        await keys(pilot, "f9", "tab", "tab", *"opened by customer", "f10")
        await seen(pilot, "void: opened by customer")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("11.4.26", "11.4.26 is no date that can be read. Type year, month, day, such as 2026-04-11."),
        ("2026-02-30", "2026-02-30 is not in the calendar: 2026-02 has 28 days."),
        ("2026-13-01", "2026-13-01 has no such month."),
        ("[/]", "[/] is no date"),
    ],
)
async def test_a_date_that_cannot_be_read_is_told_and_stays_in_its_field(
    database: Any, warehouse: Warehouse, typed: str, said: str
) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        await keys(pilot, "f9", "tab", *typed, "f10")
        await told(pilot, said)
        assert pilot.app.focused is pilot.app.screen.query_one("#warranty_end")
        assert pilot.app.focused.value == typed  # type: ignore[attr-defined]
    assert now("SN-2").warranty_end is None


async def test_an_end_before_the_start_is_refused(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        await keys(pilot, "f9", *"20260501", "tab", *"20260430", "f10")
        await told(pilot, "2026-04-30", "before it starts")


async def test_condition_notes_are_saved_with_f10_and_not_before(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"box open")
        await seen(pilot, "Condition •")
        assert now("SN-2").condition_notes == ""
        await keys(pilot, "f10")
        await seen(pilot, "The condition notes are saved.", "condition noted", "“box open”")
        assert "Condition •" not in screen_text(pilot)
        await keys(pilot, "f10")
        await seen(pilot, "as they were saved")
    assert now("SN-2").condition_notes == "box open"


async def test_leaving_with_unsaved_notes_is_asked_about(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"one", "f3")
        await seen(pilot, "The condition notes are changed and not saved.")
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3", "f10")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SerialScreen))
        assert now("SN-2").condition_notes == "one"
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"two", "f3", "f8")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SerialScreen))
    assert now("SN-2").condition_notes == "one"


@BOTH_ENGINES
async def test_notes_that_somebody_else_changed_meanwhile_are_told_and_ones_own_stay_and_can_be_saved(
    database: Any, warehouse: Warehouse
) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"mine")
        set_condition_notes(warehouse.boss, find_serial("SN-2", "SAW-1"), "theirs")
        await keys(pilot, "f10")
        await seen(pilot, "SN-2 was changed meanwhile", "“theirs”", "What you typed is kept")
        assert pilot.app.screen.query_one(PlainArea).text == "mine"
        assert now("SN-2").condition_notes == "theirs"
        await keys(pilot, "f10")
        await seen(pilot, "The condition notes are saved.", "before “theirs”")
    assert now("SN-2").condition_notes == "mine"


async def test_a_warranty_that_somebody_else_set_meanwhile_is_told_and_what_was_typed_stays(
    database: Any, warehouse: Warehouse
) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        await keys(pilot, "f9", "tab", *"2031-01-01")
        set_warranty(warehouse.boss, find_serial("SN-2", "SAW-1"), None, clock.today())
        await keys(pilot, "f10")
        await told(pilot, "SN-2 was changed meanwhile", "2031-01-01")
        assert now("SN-2").warranty_end == clock.today()
        await keys(pilot, "f10")
        await seen(pilot, "The warranty is set.", "until 2031-01-01")


async def test_f5_shows_what_others_did_and_keeps_what_is_being_typed(database: Any, warehouse: Warehouse) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"mine")
        put(warehouse, "defective", find_serial("SN-2", "SAW-1"))
        await keys(pilot, "f5")
        await seen(pilot, "! DEFECTIVE", "In Stock → Defective", "mine", "Condition •")


async def test_who_may_only_look_is_offered_no_change(database: Any, warehouse: Warehouse) -> None:
    set_condition_notes(warehouse.boss, find_serial("SN-2", "SAW-1"), "scratched\n[/b]")
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)
    async with detail_of("SN-2", database, warehouse, viewer) as pilot:
        await seen(pilot, "scratched", "[/b]")
        text = screen_text(pilot)
        assert not {"F6", "F7", "F9", "F10"} & set(text.split())
        before = pilot.app.screen
        await keys(pilot, "f6", "f7", "f9", "f10", *"abc")
        assert pilot.app.screen is before
        assert not pilot.app.screen.query(PlainArea)


async def test_a_long_history_scrolls_with_the_arrow_keys(database: Any, warehouse: Warehouse) -> None:
    for number in range(60):
        add_note(warehouse.boss, find_serial("SN-2", "SAW-1"), f"remark {number}")
    async with detail_of("SN-2", database, warehouse) as pilot:
        await seen(pilot, "“remark 59”")
        assert "In Stock at MAIN" not in screen_text(pilot)
        await keys(pilot, "end")
        await seen(pilot, "In Stock at MAIN")
        await keys(pilot, "home")
        await seen(pilot, "“remark 59”")


@pytest.mark.parametrize("size", [(20, 8), (40, 16), (60, 20), (120, 40)])
async def test_at_every_size_the_status_is_seen_and_the_history_is_reached_with_arrow_keys(
    database: Any, warehouse: Warehouse, size: tuple[int, int]
) -> None:
    async with detail_of("SN-1", database, warehouse, size=size) as pilot:
        await seen(pilot, "$ SOLD")
        assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines())
        await keys(pilot, *["down"] * 30)
        await seen(pilot, "added")


@pytest.mark.parametrize("size", [(40, 16), (80, 24)])
async def test_hostile_text_in_every_field_is_shown_and_does_nothing(
    database: Any, warehouse: Warehouse, size: tuple[int, int]
) -> None:
    (serial_id,) = warehouse.add("[/foo]")
    add_note(warehouse.boss, serial_id, "[@click=app.quit]note[/]")
    set_condition_notes(warehouse.boss, serial_id, "[/b]condition")
    set_warranty(warehouse.boss, serial_id, None, clock.today(), void="[/c]void")
    put(warehouse, "sold", serial_id, customer="\x1b]0;evil\x07\N{RIGHT-TO-LEFT OVERRIDE}[/]")
    async with detail_of("[/foo]", database, warehouse, size=size) as pilot:
        await seen(pilot, "[/foo]", "␛]0;evil␇‹U+202E›[/]", "[/b]condition", "[/c]void")
        await keys(pilot, *["down"] * 20)
        await seen(pilot, "[@click=app.quit]note[/]")
