"""Looking needs a permission; and lists that are read to their end, page by page."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from models.database.bulk import BLOCK
from models.errors import NotFound, NotPermitted
from models.items.items import create_item
from models.items.list import ItemSource
from models.locations import create_location
from models.people import add_role, add_user, sign_in
from models.permissions import Actor, looking
from models.schema import is_sqlite
from models.serials.add import add_serials
from models.serials.columns import RECEIVED, SERIAL
from models.serials.grid import Selection, SerialSource, serials_of
from models.serials.moves import transfer_serials
from models.serials.record import find_on_item, find_serial, serial_numbers


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a new database."""
    assert database
    return sign_in("jana")


@pytest.fixture
def item_id(actor: Actor) -> int:
    """A tracked item."""
    return int(create_item(actor, "HT-1", "Hammer", track_serials=True).id)


def test_nothing_is_shown_to_who_may_not_view(actor: Actor, item_id: int) -> None:
    add_serials(actor, item_id, ["SN-1"])
    assert looking(actor, find_serial, "SN-1")
    add_role(actor, "nothing")
    add_user(actor, "eve", ["nothing"])
    with pytest.raises(NotPermitted) as refusal:
        looking(sign_in("eve"), find_serial, "SN-1")
    assert refusal.value.details["permission"] == "INV_VIEW"


def test_serials_read_page_by_page_come_in_natural_order_each_once(actor: Actor, item_id: int) -> None:
    added = add_serials(actor, item_id, [f"SN-{number}" for number in range(25, 0, -1)])
    create_location(actor, "DOCK-1")
    transfer_serials(actor, added.serial_ids[:5], "DOCK-1")
    for order in (SERIAL, RECEIVED):  # the order of a grid plays no part
        source = SerialSource(Selection(item_id, order=order))
        pages, last = [], None
        while page := source.after(last, 10):
            pages.append([row.serial_number for row in page])
            last = page[-1]
        assert [len(page) for page in pages] == [10, 10, 5]
        assert [serial for page in pages for serial in page] == [f"SN-{number}" for number in range(1, 26)]


def test_a_serial_that_somebody_adds_meanwhile_pushes_none_out(actor: Actor, item_id: int) -> None:
    add_serials(actor, item_id, [f"SN-{number}" for number in range(10, 20)])
    source = SerialSource(Selection(item_id))
    first = source.after(None, 5)
    add_serials(actor, item_id, ["SN-1", "SN-15A"])
    rest = source.after(first[-1], 50)
    assert [row.serial_number for row in rest] == ["SN-15", "SN-15A", "SN-16", "SN-17", "SN-18", "SN-19"]


def test_a_list_of_serials_is_narrowed_by_status_place_and_text(actor: Actor, item_id: int) -> None:
    added = add_serials(actor, item_id, ["AB-1", "SN-1", "SN-2"])
    create_location(actor, "DOCK-1")
    transfer_serials(actor, added.serial_ids[:2], "DOCK-1")

    def listed(find: str = "", **only: str) -> list[str]:
        return [row.serial_number for row in serials_of("ht-1", only, find=find).after(None, 100)]

    assert listed() == ["AB-1", "SN-1", "SN-2"]
    assert listed(location="dock-1") == ["AB-1", "SN-1"]
    assert listed(location="dock-1", find="sn") == ["SN-1"]
    assert listed(find=" -1 ") == ["AB-1", "SN-1"]
    assert listed(status="sold") == []
    with pytest.raises(NotFound, match="There is no status Sold"):
        listed(status="Sold")


def test_items_read_page_by_page_come_by_sku_each_once(actor: Actor) -> None:
    skus = [f"A-{number:02}" for number in range(12)]
    for sku in reversed(skus):
        create_item(actor, sku.lower(), f"Item {sku}", on_hand=int(sku[2:]))
    source = ItemSource()
    first = source.after(None, 5)
    create_item(actor, "A-00X", "New")
    rest = source.after(first[-1], 50)
    assert [row.sku.upper() for row in (*first, *rest)] == skus
    assert [row.on_hand for row in (*first, *rest)] == list(range(12))
    assert list(source.after(rest[-1], 50)) == []
    assert [row.sku for row in ItemSource("item a-1").after(None, 1)] == ["a-10"]


def test_more_serials_than_a_statement_takes_are_found_by_their_texts(
    database: Any, actor: Actor, item_id: int
) -> None:
    if is_sqlite():
        database.connection().setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, BLOCK + 20)  # 32,766 by default
    texts = [f"SN-{number}" for number in range(BLOCK + 100)]
    added = add_serials(actor, item_id, texts)
    assert find_on_item(item_id, "HT-1", [text.lower() for text in texts]) == added.serial_ids
    assert serial_numbers(list(reversed(added.serial_ids))) == list(reversed(texts))
    with pytest.raises(NotFound, match="HT-1 has no serial X-1"):
        find_on_item(item_id, "HT-1", [*texts, "X-1", "X-2"])
