"""A column of the serials grid is one object: with it a list shows it, is ordered by it and is filtered by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from models.people import account_name, add_user
from models.serials.columns import COLUMNS, SERIAL, STATUS
from models.serials.grid import Selection, SerialSource, filter_of
from tests.support.columns import NOTES, listed_notes, note
from tests.support.warehouse import Warehouse, open_warehouse, put, statements
from tui.cli.output import Output
from tui.cli.serials import list_serials
from tui.cli.session import Session


@pytest.fixture
def noted(database: Any) -> Iterator[Warehouse]:
    """Five serials: two scratched, one dented, two without a note."""
    warehouse = open_warehouse()
    ids = warehouse.add("N-1", "N-2", "N-3", "N-4", "N-5")
    for serial_id, notes in ((ids[0], "scratched"), (ids[1], "dented"), (ids[3], "scratched")):
        note(serial_id, notes)
    with listed_notes():
        yield warehouse


def _numbers(source: SerialSource) -> list[str]:
    return [row.serial_number for row in source.fetch(0, source.count())]


def test_a_new_column_is_read_and_orders_the_list(noted: Warehouse) -> None:
    source = SerialSource(Selection(noted.item.id, order=NOTES))
    rows = source.fetch(0, source.count())
    assert [(row.serial_number, row[NOTES]) for row in rows] == [
        ("N-3", ""),
        ("N-5", ""),
        ("N-2", "dented"),
        ("N-1", "scratched"),
        ("N-4", "scratched"),
    ]
    assert [source.index_of(row.key) for row in rows] == [0, 1, 2, 3, 4]
    down = SerialSource(Selection(noted.item.id, order=NOTES, descending=True))
    assert _numbers(down) == ["N-4", "N-1", "N-2", "N-5", "N-3"]
    assert down.fetch(1, 2) == list(reversed(rows))[1:3]


def test_a_new_column_filters_with_any_order_and_with_other_filters(noted: Warehouse) -> None:
    values = filter_of(NOTES).values(noted.item.id)
    assert [(value.text, value.serials) for value in values] == [("none", 2), ("dented", 1), ("scratched", 2)]
    for order in COLUMNS:
        assert _numbers(SerialSource(Selection(noted.item.id, {NOTES: "scratched"}, order=order))) == ["N-1", "N-4"]
    assert _numbers(SerialSource(Selection(noted.item.id, {NOTES: "scratched"}, find="N-4"))) == ["N-4"]
    (first, *_) = SerialSource(Selection(noted.item.id)).after(None, 1)
    put(noted, "lost", first.id)
    lost = filter_of(STATUS).find("lost")
    only = SerialSource(Selection(noted.item.id, {NOTES: "scratched", STATUS: lost}, order=STATUS))
    assert (only.count(), _numbers(only), only.index_of(first.key)) == (1, ["N-1"], 0)


def test_the_ledgers_counts_are_asked_only_where_they_have_the_columns(database: Any, noted: Warehouse) -> None:
    in_stock = filter_of(STATUS).find("in_stock")
    for only, table in (({STATUS: in_stock}, "serial_counts"), ({NOTES: "scratched"}, "serials")):
        with statements(database) as seen:
            SerialSource(Selection(noted.item.id, only)).count()
        assert [sql for sql in seen if f"FROM {table} s" in sql]
        asks_for_removed = STATUS not in only
        assert len(seen) == 1 + asks_for_removed


def test_a_new_column_is_listed_and_filtered_by_the_command(
    database: Any, noted: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    add_user(noted.boss, account_name())
    for as_json in (True, False):
        session = Session(database, Output(json=as_json))
        session.sign_in(None)
        list_serials(session, item=noted.item.sku, find="", condition_notes="dented")
    as_data, heading, *_, line = capsys.readouterr().out.splitlines()
    assert json.loads(as_data)["condition_notes"] == "DENTED"
    assert heading.split("  ")[-1] == "Condition Notes"
    assert line.split()[-1] == "dented"


def test_a_column_without_a_filter_does_not_filter(noted: Warehouse) -> None:
    with pytest.raises(ValueError, match="not filtered by serial_number"):
        SerialSource(Selection(noted.item.id, {SERIAL: "N-1"})).count()
