"""What somebody sees and does in Serial Detail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot

from models import clock
from models.barcodes.reading import PREFIX
from models.items.items import create_item
from models.permissions import Actor, Permission
from models.serials.corrections import change_item, correct
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import add_note, find_serial, serial_detail, set_condition_notes
from models.serials.void import void_last
from models.verbs import MOVES, VERBS
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.limits import LIMIT
from tests.support.record_app import lines, until
from tests.support.serials import told
from tests.support.warehouse import Warehouse, open_warehouse, person, put, set_warranty
from tui.app import SerialdockApp
from tui.documents.document import DocumentScreen
from tui.kit.link import Link
from tui.locations.place import PlaceScreen
from tui.routes import CustomerRecord, SerialRecord
from tui.scanning.areas import PlainArea
from tui.serials.detail import History, SerialScreen, ShownSerial, read_record, what_happened


def _moved_and_sold() -> None:
    """SAW-1 with SN-1, which was moved to SHOP and sold to Bergmann AG, and SN-2, in stock at MAIN."""
    warehouse = open_warehouse()
    first, _ = warehouse.add("SN-1", "SN-2")
    transfer_serials(warehouse.boss, [first], "SHOP", notes="window")
    put(warehouse, "sold", first, customer="Bergmann AG")


CONTENTS = {"warehouse": _moved_and_sold}


@asynccontextmanager
async def detail_of(
    serial: str, database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app until the serial is open."""
    async with opened(database, actor or warehouse.boss, size) as pilot:
        await show(pilot, serial)
        yield pilot


async def show(pilot: Pilot[Any], serial: str) -> None:
    """Open a serial over what is there."""
    assert isinstance(pilot.app, SerialdockApp)
    pilot.app.run_worker(pilot.app.open(SerialRecord(find_serial(serial, "SAW-1"))), group="open")
    await until(pilot, lambda: shown(pilot) == serial, f"{serial} did not open")
    await at_rest(pilot)


def shown(pilot: Pilot[Any]) -> str:
    """The serial number of the record in front, or nothing."""
    screen = pilot.app.screen
    return screen.detail.serial_number if isinstance(screen, SerialScreen) else ""


async def goes(pilot: Pilot[Any], key: str, text: str) -> None:
    """Press an arrow key by fives, thirty times at most, until a text is on the screen."""
    for _ in range(6):
        await keys(pilot, *[key] * 5)
        if text in screen_text(pilot):
            break
    await seen(pilot, text)


def now(serial: str) -> Any:
    """The record as it is in the database."""
    return serial_detail(find_serial(serial, "SAW-1"))


async def test_a_record_says_what_it_is_now_what_it_was_and_leads_to_its_documents_at_every_size(
    database: Any, warehouse: Warehouse
) -> None:
    async with detail_of("SN-1", database, warehouse) as pilot:
        await seen(pilot, "$ SOLD to Bergmann AG", "SAW-1 · Circular saw", "Last place  SHOP", "no warranty")
        await seen(pilot, f"Received    {clock.today().isoformat()}")
        await seen(pilot, "F9 Warranty")
        assert "F7 Transfer" not in screen_text(pilot)  # what was sold is not transferred

        # The history, newest first: when, what, from where to where, with which document, and who.
        entries = [line for line in screen_text(pilot).splitlines() if line.startswith(f" {clock.today().isoformat()}")]
        assert [entry.split()[2] for entry in entries] == ["sold", "transferred", "added"]
        assert "In Stock → Sold · to Bergmann AG" in entries[0]
        assert "MAIN → SHOP · T-000001 · “window”" in entries[1]
        assert "In Stock at MAIN" in entries[2]
        assert all(entry.rstrip().endswith("boss") for entry in entries)

        await keys(pilot, "shift+tab", "right")
        await seen(pilot, "T-000001  transfer", "MAIN → SHOP", "“window”", "document 1 of 1")
        await keys(pilot, "ctrl+t", "ctrl+t", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "no document was opened")
        await keys(pilot, "f3", "ctrl+t")
        await seen(pilot, "Last place  SHOP", "“window”")
        assert pilot.app.focused is pilot.app.screen.query_one(History)

        for size in ((20, 8), (40, 16), (60, 20), (120, 40)):
            await resized(pilot, *size)
            await goes(pilot, "up", "$ SOLD")
            assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines())
            await goes(pilot, "down", "added")


async def test_a_remark_goes_into_the_history_and_says_who_acted_for_somebody_else(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    clara = person(boss, "clara", Permission.MANAGE_SERIALS)
    add_note(Actor(clara.user_id, "clara", boss.user_id, "boss"), find_serial("SN-2", "SAW-1"), "seen")
    async with detail_of("SN-2", database, warehouse) as pilot:
        await seen(pilot, "clara by boss", "noted")
        await seen(pilot, "F7 Transfer")
        await keys(pilot, "f6", "enter")
        await seen(pilot, "The note is empty.")
        await keys(pilot, *"box [/b] open", "enter")
        await seen(pilot, "The note is in the history.", "“box [/b] open”")
        assert now("SN-2").events[-1].note == "box [/b] open"

        # What others did is shown with F5; what is being typed stays.
        pilot.app.screen.query_one(PlainArea).focus()
        await keys(pilot, *"mine")
        put(warehouse, "defective", find_serial("SN-2", "SAW-1"))
        await keys(pilot, "f5")
        await seen(pilot, "! DEFECTIVE", "In Stock → Defective", "mine", "Condition •")


async def test_a_warranty_is_set_extended_and_void_and_says_how_long_it_lasts(
    database: Any, warehouse: Warehouse
) -> None:
    end = clock.today() + timedelta(days=12)
    async with detail_of("SN-2", database, warehouse) as pilot:
        await cannot_be_read(pilot)
        await keys(pilot, "f9", *f"2026/1/5..{end}")
        await told(pilot, f"2026-01-05 → {end}")
        await keys(pilot, "f10")
        await seen(pilot, "SN-2 warranty set.", "under warranty", "ends in 12 days", f"2026-01-05 → {end}")
        await keys(pilot, "f9", "ctrl+u", *"2y")
        await told(pilot, "2026-01-05 → 2028-01-04, 2 years")
        await keys(pilot, "f10")
        await seen(pilot, "2026-01-05 → 2028-01-04")
        await keys(pilot, "f9")
        await told(pilot, "2026-01-05 → 2028-01-04; +12m extends it")
        await keys(pilot, *"+12m")  # behind the dates, or instead of them
        await told(pilot, "2026-01-05 → 2029-01-04")
        await keys(pilot, "ctrl+u", *"+1y")
        await told(pilot, "2026-01-05 → 2029-01-04, 1 year more")
        await keys(pilot, "f10")
        await seen(pilot, "2026-01-05 → 2029-01-04")
        await keys(pilot, "f9", "tab", *"opened by customer", "f10")
        await seen(pilot, "void: opened by customer")
        await keys(pilot, "f9", "f10")  # nothing was touched: it stays void
        await told(pilot, "SN-2 has this warranty already.")
        await keys(pilot, "f3")
        assert now("SN-2").warranty_void == "opened by customer"
        await keys(pilot, "f9", "ctrl+u", *"+1d", "f10")  # longer, and void as before
        await seen(pilot, "2026-01-05 → 2029-01-05", "void: opened by customer")
        await keys(pilot, "f9", "ctrl+u", *"+1d", "tab", "ctrl+u", "f10")
        await seen(pilot, "under warranty", "2026-01-05 → 2029-01-06")
        await keys(pilot, "f9", "ctrl+u", "f10")
        await seen(pilot, "no warranty")
        assert now("SN-2").warranty_end is None
        await was_set_meanwhile(pilot, warehouse)


async def cannot_be_read(pilot: Pilot[Any]) -> None:
    """A warranty that cannot be read is told and stays in its field."""
    await keys(pilot, "f9")
    for typed, said in (
        ("..11.4.26", "The last day 11.4.26 is no date that can be read."),
        ("2026-02-30..", "2026-02-30 is not in the calendar: 2026-02 has 28 days."),
        ("20260501..20260430", "before it starts on 2026-05-01"),
        ("[/]", "'[/]' is not a warranty term. Write 90d, 24m or 2y."),
    ):
        await keys(pilot, "ctrl+u", *typed, "f10")
        await told(pilot, said)
        assert pilot.app.focused is pilot.app.screen.query_one("#term")
        assert pilot.app.focused.value == typed  # type: ignore[attr-defined]
    assert now("SN-2").warranty_end is None
    await keys(pilot, "ctrl+u", "f3")
    assert isinstance(pilot.app.screen, SerialScreen)


async def was_set_meanwhile(pilot: Pilot[Any], warehouse: Warehouse) -> None:
    """A warranty that somebody else set meanwhile is told, and what was typed stays."""
    await keys(pilot, "f9", *"..2031-01-01")
    set_warranty(warehouse.boss, find_serial("SN-2", "SAW-1"), None, clock.today())
    await keys(pilot, "f10")
    await told(pilot, "SN-2 was given another warranty by boss at", "F10 goes on all the same", "2031-01-01")
    assert now("SN-2").warranty_end == clock.today()
    await keys(pilot, "f10")
    await seen(pilot, "SN-2 warranty set.", "until 2031-01-01")


async def typed_while_it_is_read_again(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Type into the notes while the record is read again because others have written."""
    screen, free = pilot.app.screen, Event()
    assert isinstance(screen, SerialScreen)

    def slow(actor: Actor, serial_id: int) -> ShownSerial:
        assert free.wait(LIMIT)
        return read_record(actor, serial_id)

    with monkeypatch.context() as patched:
        patched.setattr("tui.serials.detail.read_record", slow)
        reading = asyncio.create_task(screen.follow(marks=False))
        await asyncio.sleep(0)
        screen.query_one(PlainArea).insert("d")
        free.set()
        await reading
    assert screen.query_one(PlainArea).text == "d"
    screen.query_one(PlainArea).text = ""


async def test_condition_notes_are_saved_with_f10_and_asked_about_when_one_leaves(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        pilot.app.screen.query_one(PlainArea).focus()
        await typed_while_it_is_read_again(pilot, monkeypatch)
        await keys(pilot, *"box open")
        await seen(pilot, "Condition •")
        assert now("SN-2").condition_notes == ""
        await keys(pilot, "f10")
        await seen(pilot, "The condition notes are saved.", "condition noted", "“box open”")
        assert "Condition •" not in screen_text(pilot)
        await keys(pilot, "f10")
        await seen(pilot, "as they were saved")
        assert now("SN-2").condition_notes == "box open"

        pilot.app.screen.query_one(PlainArea).text = ""
        await keys(pilot, *"one", "f3")
        await seen(pilot, "The condition notes are changed and not saved.")
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3", "f10")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SerialScreen))
        assert now("SN-2").condition_notes == "one"
        await show(pilot, "SN-2")
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
        await seen(pilot, "SN-2 was given other condition notes by boss at", "“theirs”. What you typed is kept")
        assert pilot.app.screen.query_one(PlainArea).text == "mine"
        assert now("SN-2").condition_notes == "theirs"
        await keys(pilot, "f10")
        await seen(pilot, "The condition notes are saved.", "before “theirs”")
    assert now("SN-2").condition_notes == "mine"


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


async def test_a_long_history_scrolls_with_the_arrow_keys_and_hostile_text_in_it_and_in_every_field_does_nothing(
    database: Any, warehouse: Warehouse
) -> None:
    for number in range(30):
        add_note(warehouse.boss, find_serial("SN-2", "SAW-1"), f"remark {number}")
    (serial_id,) = warehouse.add("[/foo]")
    add_note(warehouse.boss, serial_id, "[@click=app.quit]note[/]")
    set_condition_notes(warehouse.boss, serial_id, "[/b]condition")
    set_warranty(warehouse.boss, serial_id, None, clock.today(), void="[/c]void")
    put(warehouse, "sold", serial_id, customer="\x1b]0;evil\x07\N{RIGHT-TO-LEFT OVERRIDE}[/]")
    async with detail_of("SN-2", database, warehouse) as pilot:
        await seen(pilot, "“remark 29”")
        assert "In Stock at MAIN" not in screen_text(pilot)
        await keys(pilot, "end")
        await seen(pilot, "In Stock at MAIN")
        await keys(pilot, "home")
        await seen(pilot, "“remark 29”")
        await terminal_sends(pilot, "\x1b[B" * 12)  # held down over a slow link
        assert pilot.app.screen.query_one("#history").scroll_y == 12
        await terminal_sends(pilot, "\x1b[A" * 12)
        await seen(pilot, "“remark 29”")

        await show(pilot, "[/foo]")
        for size in ((40, 16), (80, 24)):
            await resized(pilot, *size)
            await goes(pilot, "up", "[/c]void")
            await seen(pilot, "[/foo]", "␛]0;evil␇‹U+202E›[/]", "[/b]condition", "[/c]void")
            await goes(pilot, "down", "[@click=app.quit]note[/]")


async def test_what_can_happen_now_has_a_digit_each_and_a_scan_that_begins_with_one_opens_what_it_names(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("1234567")
    async with detail_of("SN-2", database, warehouse) as pilot:
        await terminal_sends(pilot, "1234567\r")
        await until(pilot, lambda: shown(pilot) == "1234567", "it was not opened")
        await keys(pilot, "f3")

        await seen(pilot, "1 Sell", "5 Send to repair", "9 Correct", "0 2 more")
        await keys(pilot, "f1")
        await seen(pilot, "1  Sell")
        await keys(pilot, "f3", "ctrl+g", *"sell")
        await until(pilot, lambda: any(line.split()[-3:-1] == ["Sell", "1"] for line in lines(pilot.app)))
        await keys(pilot, "f3")
        await keys(pilot, "3", "f10")
        await seen(pilot, "SN-2 reserved.", "R RESERVED", "2 Release")
        await keys(pilot, "0")
        await seen(pilot, "What happens to SN-2?")
        await keys(pilot, *"remove", "enter", *"typed twice", "f10")
        await seen(pilot, "SN-2 removed.", "- REMOVED")


async def test_a_command_barcode_carries_out_its_verb_or_says_why_not_and_f8_voids_what_was_just_done(
    database: Any, warehouse: Warehouse
) -> None:
    async with detail_of("SN-2", database, warehouse) as pilot:
        await terminal_sends(pilot, f"{PREFIX}{VERBS['return'].barcode}\r")
        await seen(pilot, "SN-2 is In Stock at MAIN since", "was sold comes back; check that")
        await terminal_sends(pilot, f"{PREFIX}{VERBS['sell'].barcode}\r")
        await seen(pilot, "Sell · SN-2")
        await keys(pilot, *"Kreis GmbH", "f10")
        await seen(pilot, "$ SOLD to Kreis GmbH", "S-000001: SN-2 sold.")

        await keys(pilot, "f8", "f10")
        await told(pilot, "SN-2, last at MAIN.", "Undoes: sold on S-000001.", "Void needs a reason. Type one.")
        await keys(pilot, *"wrong customer", "f10")
        await seen(pilot, "V-000001: SN-2 voided.", "+ IN STOCK", "“wrong customer”")
        await keys(pilot, "ctrl+t", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "no document was opened")
        await keys(pilot, "f3")
        assert "SN-2 voided." not in screen_text(pilot)  # it was about what stood here before
        assert now("SN-2").customer is None

        void_last(warehouse.boss, warehouse.add("SN-9"), "typed twice")
        await show(pilot, "SN-9")  # nothing ever brought it where it is
        await terminal_sends(pilot, f"{PREFIX}{VERBS['repaired'].barcode}\r".lower())
        await seen(pilot, "SN-9 is Removed since", "It is not in repair")


async def test_who_may_not_void_is_offered_it_for_their_own_documents_only(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    async with detail_of("SN-2", database, warehouse, clerk) as pilot:
        assert "F8" not in screen_text(pilot)
        await keys(pilot, "1", "f10")
        await seen(pilot, "SN-2 sold.", "F8 Void")
        await keys(pilot, "f8", *"wrong unit", "f10")
        await seen(pilot, "SN-2 voided.")
        assert "F8" not in screen_text(pilot)


async def test_everything_that_is_named_leads_there(database: Any, warehouse: Warehouse) -> None:
    serial = find_serial("SN-2", "SAW-1")
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    change_item(warehouse.boss, [serial], "BIT-9")
    correct(warehouse.boss, serial, "SN-22")
    move(warehouse.boss, MOVES["reserve"], [serial], Answers(reference="PO-7"))
    void_last(warehouse.boss, [serial], "too early")
    move(warehouse.boss, MOVES["sell"], [serial], Answers(customer="Kreis GmbH"))
    move(warehouse.boss, MOVES["return"], [serial], Answers(place="DOCK"))
    async with opened(database, warehouse.boss) as pilot:
        await pilot.app.push_screen(SerialScreen(read_record(warehouse.boss, serial)))
        await at_rest(pilot)
        await seen(pilot, f"< RETURNED by Kreis GmbH on {clock.today()}", "BIT-9 · Bits", "Was on      SAW-1")
        await seen(pilot, "Corrected   from SN-2")
        events = {event.number: event for event in pilot.app.screen.detail.events}  # type: ignore[attr-defined]
        said = [what_happened(event, {}, events) for event in events.values()]
        assert said[1:3] == ["SAW-1 → BIT-9", "SN-2 → SN-22"]
        assert said[3].endswith("reference PO-7")
        assert said[4].startswith("undoes: reserved · ")
        links = {link.words: link for link in pilot.app.screen.query(Link) if link.words}
        assert list(links) == ["Kreis GmbH", "BIT-9 · Bits", "DOCK", "SAW-1"]
        assert isinstance(links["Kreis GmbH"].route, CustomerRecord)
        for words, name in (("BIT-9 · Bits", "ItemScreen"), ("DOCK", "PlaceScreen"), ("SAW-1", "ItemScreen")):
            links[words].focus()
            await keys(pilot, "enter")
            await until(pilot, lambda name=name: type(pilot.app.screen).__name__ == name, words)  # type: ignore[misc]
            if words == "DOCK":
                move(warehouse.boss, MOVES["restock"], [serial], Answers(place="SHOP"))
            await keys(pilot, "f3")
        await seen(pilot, "+ IN STOCK", "Location    SHOP")
        await pilot.click(".serial-place")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen), "a click opens nothing")
