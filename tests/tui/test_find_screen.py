"""Find on the screen: reached from everywhere, answered at once, never stale; a scan and an Enter open."""

from __future__ import annotations

from typing import Any

import pytest

from models import ngrams
from models.customers import add_customer
from models.find import Search
from models.items.items import create_item
from models.permissions import Permission
from models.serials.corrections import correct, remove
from models.serials.moves import Answers, move
from models.verbs import MOVES
from tests.support.app import at_rest, keys, open_item, opened, screen_text, seen, terminal_sends, types
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, open_warehouse, person
from tui.customers.record import CustomerScreen
from tui.documents.document import DocumentScreen
from tui.find.screen import FindScreen
from tui.items.form import ItemScreen
from tui.locations.place import PlaceScreen
from tui.serials.detail import SerialScreen


def _saws() -> None:
    """Saws with a sold, a corrected and a removed one; a drill; a customer."""
    warehouse = open_warehouse()
    create_item(warehouse.boss, "DRL-1", "Drill", track_serials=True)
    add_customer(warehouse.boss, "Kreis GmbH", code="K-1")
    first, second, third, *_ = warehouse.add("SN-0001", "SN-0002", "SN-0003", "XX-9173-A", "SN-9173")
    move(warehouse.boss, MOVES["sell"], [first], Answers(customer="K-1"))
    correct(warehouse.boss, second, "ZZ-77")
    remove(warehouse.boss, [third], "typed twice")


CONTENTS = {"warehouse": _saws}


def screen(pilot: Any) -> FindScreen:
    found = pilot.app.screen
    assert isinstance(found, FindScreen)
    return found


def listed(pilot: Any) -> list[str]:
    """The lines of the list, without the blanks between columns."""
    options = screen(pilot).hits
    return [" ".join(str(options.get_option_at_index(at).prompt).split()) for at in range(options.option_count)]


async def test_find_lists_by_kind_what_the_text_finds_and_enter_opens_it_as_a_scan_does(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "f2")
        await seen(pilot, "Type a part of what you remember")
        await types(pilot, "9173")
        await at_rest(pilot)
        assert listed(pilot) == [
            "Serials",
            "SN-9173 SAW-1 + In Stock MAIN",
            "XX-9173-A SAW-1 + In Stock MAIN",
        ]
        await seen(pilot, "hit 1 of 2")
        await keys(pilot, "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "XX-9173-A")
        await keys(pilot, "f3")
        await seen(pilot, "hit 2 of 2")
        await keys(pilot, "escape")
        await types(pilot, "sn-0003")
        await at_rest(pilot)
        assert listed(pilot) == ["Serials", "SN-0003 SAW-1 - Removed (MAIN)"]
        await keys(pilot, "escape")
        await types(pilot, "sn-0002")
        await at_rest(pilot)
        assert listed(pilot) == ["Serials", "ZZ-77 SAW-1 + In Stock MAIN earlier text"]
        await keys(pilot, "escape")
        await types(pilot, "nothing")
        await seen(pilot, "Nothing has nothing. Try a shorter part of it.")
        assert listed(pilot) == []
        await keys(pilot, "enter", "escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))

        await keys(pilot, "f2")
        await types(pilot, "zz")
        await terminal_sends(pilot, "S-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen))
        await keys(pilot, "f3")
        assert screen(pilot).find.value == "zz"
        await terminal_sends(pilot, "XX-9173-\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3")
        await terminal_sends(pilot, "QQQQQQQQQ\r")
        await seen(pilot, "QQQQQQQQQ")
        assert screen(pilot).find.value == "zz"


async def test_keys_go_from_kind_to_kind_and_each_kind_opens(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("K-1", "S-000001", location="SHOP")
    async with opened(database, warehouse.boss, (120, 30)) as pilot:
        await keys(pilot, "ctrl+g")
        await types(pilot, "go to find")
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        await types(pilot, "s")
        await at_rest(pilot)
        assert [line for line in listed(pilot) if line in ("Serials", "Items", "Locations", "Customers")] == [
            "Serials",
            "Items",
            "Locations",
            "Customers",
        ]
        under = []
        for key in ("f4", "f4", "f4", "f4", "f6", "f6"):
            await keys(pilot, key)
            hit = screen(pilot).under_cursor
            assert hit is not None
            under.append((hit.kind, hit.text))
        assert under == [
            ("item", "SAW-1"),
            ("location", "SHELF"),
            ("customer", "Kreis GmbH"),
            ("serial", "S-000001"),
            ("customer", "Kreis GmbH"),
            ("location", "SHELF"),
        ]
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        for text, kind in (("kreis", CustomerScreen), ("1", DocumentScreen), ("dril", ItemScreen)):
            await keys(pilot, "f3", "f2")
            await types(pilot, text)
            await at_rest(pilot)
            while (hit := screen(pilot).under_cursor) and not _opens(hit.kind, kind):
                await keys(pilot, "f4")
            await keys(pilot, "enter")
            await until(pilot, lambda kind=kind: isinstance(pilot.app.screen, kind))  # type: ignore[misc]


def _opens(kind: str, opened_by: type) -> bool:
    return {"customer": CustomerScreen, "document": DocumentScreen, "item": ItemScreen}.get(kind) is opened_by


async def test_a_list_filters_first_and_then_looks_everywhere(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await types(pilot, "9173\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        await at_rest(pilot)
        assert len(listed(pilot)) == 3
        await keys(pilot, "f3", "f2")
        assert not isinstance(pilot.app.screen, FindScreen)
        await types(pilot, "k-1")
        await keys(pilot, "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, CustomerScreen), "the only whole hit opens at once")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        assert listed(pilot) == ["Customers", "Kreis GmbH K-1"]
        await keys(pilot, "f3", "ctrl+g")
        await types(pilot, "go to cust")
        await keys(pilot, "enter")
        await types(pilot, "sn-0002")
        await seen(pilot, "Enter looks everywhere")
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3", "f3", "f3")
        await open_item(pilot, "DRL-1", "ctrl+t")
        await keys(pilot, "f2")
        await types(pilot, "9173\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        await seen(pilot, "XX-9173-A")


async def test_only_the_newest_question_is_answered_and_a_scan_does_not_wait(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    step = Search.step

    def endless(search: Search) -> Any:
        groups = step(search)
        steps.append(search.text)
        if search.text == "n-0":
            search.is_done = False  # as with more keys than could be read
            search._steps = iter([False] * 2)
        return groups

    monkeypatch.setattr(Search, "step", endless)
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "f2")
        for character in "n-0":
            await pilot.press(character)
        await until(pilot, lambda: steps.count("n-0") > 3)
        await seen(pilot, "parts of texts are looked for")
        await pilot.press("0", "0", "0", "1")
        await until(pilot, lambda: screen(pilot)._listed_for == "n-00001" and screen(pilot)._is_done)
        assert screen_text(pilot).count("SN-0001") == 0
        asked = steps.count("n-0")
        await at_rest(pilot)
        assert steps.count("n-0") == asked
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        await until(pilot, lambda: steps.count("n-0") > asked + 3)
        with pilot.app.keyboard.hold():
            await pilot.app.open_scanned(pilot.app.screen, "S-000001")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen))


async def test_find_shows_nothing_to_who_may_not_look(database: Any, warehouse: Warehouse) -> None:
    nobody = person(warehouse.boss, "eve", Permission.MANAGE_SERIALS)
    async with opened(database, nobody) as pilot:
        await keys(pilot, "ctrl+g")
        await types(pilot, "go to find")
        await keys(pilot, "enter")
        await types(pilot, "SN-0001\r")
        await seen(pilot, "INV_VIEW")
        assert listed(pilot) == []


async def test_what_the_index_of_parts_lacks_is_written_while_find_is_at_rest(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SEGMENT", 64), ("BLOCK", 8), ("_SLICE", 16)):
        monkeypatch.setattr(ngrams, name, value)
    warehouse.add(*(f"N{number:04}-9" for number in range(200)))
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "f2")
        await types(pilot, "0177-")
        await until(pilot, lambda: not ngrams.missing(), "the index is not written")
        await types(pilot, "9")
        await at_rest(pilot)
        assert listed(pilot) == ["Serials", "N0177-9 SAW-1 + In Stock MAIN"]
