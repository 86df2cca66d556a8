"""What somebody else did to a serial since a person looked at it is said before anything is written over it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from models import clock
from models.customers import add_customer
from models.errors import Changed
from models.items.items import create_item
from models.permissions import Permission
from models.schema import SerialEvent
from models.serials.corrections import correct
from models.serials.moves import Answers
from models.serials.perform import perform
from models.serials.record import add_notes, serial_detail
from models.serials.void import void_document
from models.verbs import VERBS
from tests.support.warehouse import Warehouse, person

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
AT = f"{TEN.astimezone():%H:%M}"


def seen(*serial_ids: int) -> dict[int, int]:
    return {serial_id: serial_detail(serial_id).version for serial_id in serial_ids}


def test_it_is_said_what_was_done_since_by_whom_and_when(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    other = person(boss, "dock2", *Permission)
    add_customer(boss, "Bergmann AG")
    create_item(boss, "BIT-9", "Bits", track_serials=True)
    done = partial(perform, other)
    for verb, answers, said in (
        ("sell", Answers(customer="Bergmann AG"), "was sold to Bergmann AG"),
        ("reserve", Answers(customer="Bergmann AG"), "was reserved for Bergmann AG"),
        ("transfer", Answers(place="DOCK"), "was transferred to DOCK"),
        ("dispatch", Answers(place="DOCK"), "was dispatched to DOCK"),
        ("correct", Answers(new_serial="A-9"), "was corrected to A-9"),
        ("change-item", Answers(item="BIT-9"), "was moved to another item, BIT-9,"),
        ("warranty", Answers(warranty="24m"), "was given another warranty"),
        ("void", Answers(note="wrong"), "was set back to what it was before"),
    ):
        (serial_id,) = warehouse.add(f"S-{verb}")
        known = seen(serial_id)
        with clock.set_to(TEN):
            done(VERBS[verb], [serial_id], answers)
            with pytest.raises(Changed) as refused:
                perform(boss, VERBS["note"], [serial_id], Answers(note="mine"), versions=known)
        text = serial_detail(serial_id).serial_number
        sentence = f"{text} {said} by dock2 at {AT}, after you looked at it. Look again and repeat."
        assert refused.value.message == sentence
        assert (refused.value.details["by"], refused.value.details["versions"]) == ("dock2", seen(serial_id))
        perform(boss, VERBS["note"], [serial_id], Answers(note="mine"), versions=refused.value.details["versions"])


def test_of_several_serials_and_changes_the_first_are_named_and_nothing_is_written(warehouse: Warehouse) -> None:
    boss, ids = warehouse.boss, warehouse.add("S-1", "S-2", "S-3", "S-4")
    known = seen(*ids)
    with clock.set_to(TEN):
        for number in range(4):
            add_notes(boss, ids[1:2], f"note {number}")
        perform(boss, VERBS["transfer"], ids[1:3], Answers(place="DOCK"))
    before = SerialEvent.select().count()
    with pytest.raises(Changed) as refused:
        perform(boss, VERBS["sell"], ids, Answers(), versions=known)
    day = f"{AT} on {clock.day(TEN)}"
    note = f"was given a note by boss at {day}"
    assert refused.value.message == (
        f"S-2 {note}, then {note}, then was transferred to DOCK by boss at {day}, with 2 other changes before, after "
        "you looked at it. 1 more was changed too. Look again and repeat."
    )
    assert refused.value.details["versions"] == seen(*ids[1:3])
    assert SerialEvent.select().count() == before
    told = perform(boss, VERBS["sell"], ids, Answers(), versions=known, skip_errors=True)
    assert [(one.serial_number, one.reason) for one in told.refused] == [("S-2", "changed"), ("S-3", "changed")]
    with pytest.raises(Changed, match=r"^S-2 "):
        correct(boss, ids[1], "S-9", version=1)


def test_a_document_is_not_voided_over_what_was_done_to_its_serials_meanwhile(warehouse: Warehouse) -> None:
    boss, ids = warehouse.boss, warehouse.add("S-1", "S-2", "S-3")
    perform(boss, VERBS["sell"], ids, Answers())
    known = seen(*ids)
    perform(boss, VERBS["void"], ids[:1], Answers(note="wrong one"))
    with pytest.raises(Changed, match=r"^S-1 was set back to what it was before by boss at") as refused:
        void_document(boss, "S-000001", "wrong", versions=known)
    known.update(refused.value.details["versions"])
    perform(boss, VERBS["return"], ids[1:2], Answers(place="DOCK"))
    with pytest.raises(Changed, match=r"^S-2 was returned at DOCK by boss at") as refused:
        void_document(boss, "S-000001", "wrong", versions=known, skip_errors=True)
    known.update(refused.value.details["versions"])
    done = void_document(boss, "S-000001", "wrong", versions=known, skip_errors=True)
    assert done.serial_ids == (ids[2],)
