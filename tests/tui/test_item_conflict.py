"""What two people see who edit the same item."""

from __future__ import annotations

from typing import Any

import pytest

from models.items.items import create_item, item_form, save_item
from models.items.items import find_item as saved
from models.locations import create_location
from models.people import sign_in
from models.permissions import Actor, Permission
from tests.support.app import keys, open_item, opened, screen_text, seen, somebody
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import until
from tui.items.conflict import ConflictDialog


def _two_people() -> None:
    """A drill at MAIN, a location NORTH, and Anna, who edits items."""
    boss = sign_in("boss")
    create_location(boss, "NORTH")
    create_item(boss, "DRILL", "Cordless drill", on_hand=4)
    somebody(boss, "anna", Permission.VIEW, Permission.EDIT_ITEMS, Permission.MANAGE_SERIALS)


CONTENTS = {"boss": _two_people}


@pytest.fixture
def boss(database: Any) -> Actor:
    """The administrator."""
    return sign_in("boss")


@pytest.fixture
def anna(boss: Actor) -> Actor:
    """Who edits the same item."""
    return sign_in("anna")


async def test_two_people_the_second_sees_who_and_what_goes_on_with_both_texts_there_or_takes_hers(
    database: Any, boss: Actor, anna: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        await keys(pilot, "end", "X")
        save_item(anna, saved("DRILL").id, name="Drill of [/anna]", barcodes=["1234"])
        await keys(pilot, "f10")
        await seen(
            pilot,
            "DRILL was changed meanwhile",
            "anna saved it at",
            "theirs * Drill of [/anna]",
            "yours  * Cordless drillX",
            "theirs * 1234",
            "yours    none",
        )
        await keys(pilot, "enter")
        await seen(pilot, "Nothing was saved; what you typed is still here.", "Cordless drillX", "* unsaved")
        assert saved("DRILL").name == "Drill of [/anna]"

        save_item(anna, saved("DRILL").id, name="Drill of Anna")
        await keys(pilot, "f10", "t")
        await seen(pilot, "This is as anna saved it.", "DRILL · Drill of Anna")
        assert "unsaved" not in screen_text(pilot)
        assert saved("DRILL").name == "Drill of Anna"

        # Refreshing tells of the other save and keeps what was typed.
        save_item(anna, saved("DRILL").id, name="Drill of A.")
        await keys(pilot, "f5")
        await seen(pilot, "anna saved this item at", "DRILL · Drill of A.")
        await keys(pilot, "end", "X")
        save_item(anna, saved("DRILL").id, barcodes=["5678"])
        await keys(pilot, "f5")
        await seen(pilot, "Yours stays.", "Drill of A.X", "5678")
        save_item(anna, saved("DRILL").id, name="Drill of hers")
        await keys(pilot, "f5")
        await seen(pilot, "Yours stays; Save will ask.", "Drill of A.X")
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConflictDialog))


@BOTH_ENGINES
async def test_two_people_the_second_may_save_his_and_keeps_her_other_changes(
    database: Any, boss: Actor, anna: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        await keys(pilot, "end", "X")
        save_item(anna, saved("DRILL").id, name="Drill of Anna", barcodes=["1234"])
        await keys(pilot, "f10")
        save_item(anna, saved("DRILL").id, name="Drill of Anna again")
        await keys(pilot, "f10")
        await seen(pilot, "theirs * Drill of Anna again")
        await keys(pilot, "f10")
        await seen(pilot, "✓ Saved.", "DRILL · Cordless drillX", "1234")
        form = item_form(saved("DRILL").id)
        assert (form.name, form.barcodes, form.changed_by, form.version) == ("Cordless drillX", ("1234",), "boss", 4)


async def test_two_people_on_a_handheld_every_difference_can_be_reached_and_every_answer_is_there(
    database: Any, boss: Actor, anna: Actor
) -> None:
    async with opened(database, boss, (40, 16)) as pilot:
        await open_item(pilot, "DRILL")
        await keys(pilot, "end", "X")
        save_item(anna, saved("DRILL").id, name="Drill " * 15, barcodes=["1234"], location="NORTH", track_serials=True)
        await keys(pilot, "f10")
        await seen(pilot, "DRILL was changed meanwhile", "Back  F3", "Mine  F10", "Theirs  T")
        assert "Track Serials" not in screen_text(pilot)
        await keys(pilot, "pagedown", "down", "down", "pagedown")
        await seen(pilot, "Track Serials", "yours    off", "Back  F3")
        await keys(pilot, "right", "right", "enter")
        await seen(pilot, "This is as anna saved it.")
