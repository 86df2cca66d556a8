"""What a command lists: all of a list is as it was at one moment, whatever others write meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from models.orders import Sorting
from models.people import account_name, add_user
from models.schema import bound
from models.serials.columns import SERIAL, STATUS, SerialColumn
from models.serials.grid import Selection, SerialSource
from tests.support.cases import each
from tests.support.warehouse import Warehouse, together
from tui.cli.output import Output
from tui.cli.session import Session


@pytest.fixture
def session(database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A command's session whose lists have pages of two rows."""
    monkeypatch.setattr("tui.cli.session.PAGE", 2)
    add_user(warehouse.boss, account_name())
    found = Session(database, Output(json=True))
    found.sign_in(None)
    return found


@each("order", [SERIAL, STATUS])
def test_rows_that_come_while_a_list_is_read_shift_none_of_it(
    warehouse: Warehouse, database: Any, session: Session, order: SerialColumn[Any]
) -> None:
    warehouse.add(*(f"{order.code}-{number}" for number in (1, 3, 5, 7, 9)))
    source = SerialSource(Selection(warehouse.item.id)).sorted_by(Sorting(order.code))
    before = [row.serial_number for row in source.fetch(0, source.count())]

    pages = session.ordered(source)
    listed = [row.serial_number for row in next(pages)]
    came = [f"{order.code}-{number}" for number in (0, 4, 99)]
    assert len(together(database, [lambda: warehouse.add(*came)])[0]) == 3
    listed += [row.serial_number for page in pages for row in page]
    assert listed == before

    assert not bound.in_transaction()
    assert sum(map(len, session.ordered(source))) == len(before) + 3
