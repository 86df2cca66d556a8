"""`check`: a whole database gives nothing to find, and nobody is disturbed by being looked at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.digests import digest
from models.errors import NotReady
from models.ledger import EVENT_DIGESTED
from models.people import sign_in
from models.permissions import Actor
from models.schema import Document, Item, Serial, SerialEvent
from models.serials.add import add_serials
from tests.support.made_once import made_anew
from tests.support.tampering import three_laptops
from tests.support.warehouse import together

CONTENTS = {"actor": three_laptops}


@pytest.fixture(autouse=True)
def _as_the_program_does() -> Iterator[None]:
    """Each check makes what it compares with."""
    with made_anew():
        yield


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a database with three serials."""
    assert database
    return sign_in()


def test_a_new_database_is_whole(database: Any) -> None:
    report = check(database)
    assert (report.findings, report.good, report.serials, report.events) == ((), True, 0, 0)


def test_a_database_that_was_worked_with_is_whole(database: Any, actor: Actor) -> None:
    report = check(database)
    assert (report.findings, report.serials, report.events, report.documents) == ((), 3, 6, 1)


def test_a_database_without_tables_cannot_be_checked_yet(database_url: str) -> None:
    database = open_database(database_url)
    try:
        with pytest.raises(NotReady, match="migrate"):
            check(database)
    finally:
        disconnect(database)


def test_a_check_waits_for_nobody_and_does_not_see_unfinished_work(
    database: Any, actor: Actor, migrated_url: str
) -> None:
    other = type(database)(database.database, **database.connect_params)
    connect(other)
    try:
        with other.atomic():
            other.execute_sql("UPDATE serial_counts SET serials = serials + 1")
            assert check(database).good
    finally:
        disconnect(other)
    assert not check(database).good


def test_a_check_sees_one_state_whatever_is_written_while_it_looks(database: Any, actor: Actor) -> None:
    laptop = Item.get().id
    written: list[str] = []

    def somebody_adds(what: str, done: int, total: int) -> None:
        """Between two parts of the check somebody else adds a serial."""
        if what == "File" or (what, done) == ("Structure", 0):  # the snapshot has not begun yet
            return
        serial = f"NEW-{len(written)}"
        written.append(serial)
        assert not isinstance(together(database, [partial(add_serials, actor, laptop, [serial])])[0], Exception)

    report = check(database, progress=somebody_adds)
    assert (report.findings, report.serials) == ((), 3)
    assert len(written) >= 3
    assert check(database).serials == 3 + len(written)


def test_work_goes_on_after_a_check(database: Any, actor: Actor) -> None:
    check(database)
    add_serials(actor, Item.get().id, ["SN-4"])
    assert check(database).serials == 4


def test_a_check_that_is_stopped_leaves_the_database_usable(database: Any, actor: Actor) -> None:
    class StoppedError(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "Serials":
            raise StoppedError

    with pytest.raises(StoppedError):
        check(database, progress=stop)
    add_serials(actor, Item.get().id, ["SN-4"])


def test_a_document_that_a_serial_left_and_arrived_with_names_it_once(database: Any, actor: Actor) -> None:
    """A transfer that is sent and then received has two events of each of its serials."""
    serial = Serial.get(Serial.serial_number == "SN-1")
    paper = Document.get()
    before = list(SerialEvent.select().where(SerialEvent.serial == serial).order_by(SerialEvent.number))[-1]
    row = {column: getattr(before, column) for column in EVENT_DIGESTED}
    row |= {"number": 5, "kind": "noted", "document_id": paper.id, "changes": None, "note": "arrived", "at": paper.at}
    row |= {f"from_{part}_id": row[f"to_{part}_id"] for part in ("status", "location", "customer")}
    SerialEvent.insert(**row, digest=digest(row.values())).execute()
    Serial.update(version=5).where(Serial.id == serial.id).execute()
    assert check(database).findings == ()
