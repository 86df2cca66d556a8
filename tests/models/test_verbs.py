"""The table of statuses and verbs agrees with itself, with the rules of the trade and with what databases hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from models.barcodes.reading import CommandCode
from models.errors import NotAllowed
from models.permissions import Permission
from models.schema import Status
from models.serials.moves import transfer_serials
from models.station.task import TASKS
from models.verbs import (
    BY_KIND,
    ON_HAND,
    STATUSES,
    VERBS,
    Need,
    Own,
    PlaceMeaning,
    StatusCode,
    StatusSet,
    Verb,
    customer_in,
    done,
    place_in,
)
from tests.support.warehouse import open_warehouse, own_status, put

CREATING = {
    "added": "in_stock",
    "received": "in_stock",
    "imported": "in_stock reserved returned defective in_repair sold lost scrapped",
}
"""Kind → the statuses in which it makes a serial."""

RULES: dict[str, tuple[str, str]] = {
    "reserved": ("in_stock", "reserved"),
    "released": ("reserved", "in_stock"),
    "sold": ("in_stock reserved", "sold"),
    "returned": ("sold", "returned"),
    "restocked": ("returned defective in_repair", "in_stock"),
    "marked_defective": ("in_stock reserved returned in_repair", "defective"),
    "sent_to_repair": ("in_stock returned defective", "in_repair"),
    "dispatched": ("in_stock reserved returned defective", "in_transit"),
    "arrived": ("in_transit", "in_stock reserved returned defective"),
    "marked_lost": ("in_stock reserved returned defective in_repair in_transit", "lost"),
    "scrapped": ("in_stock returned defective in_repair lost", "scrapped"),
}
"""Kind → statuses before and after, where the status changes."""

KEEPING = {
    "transferred": "in_stock reserved returned defective in_repair",
    "condition_noted": " ".join(StatusCode),
    "noted": " ".join(StatusCode),
    "warranty_set": " ".join(StatusCode),
}
"""Kind → statuses that it leaves as they are."""

FOR_OWN = {
    "sold",
    "marked_defective",
    "sent_to_repair",
    "transferred",
    "dispatched",
    "marked_lost",
    "condition_noted",
    "noted",
    "warranty_set",
}
"""Kinds for which an administrator's own on-hand status will do."""

AWKWARD_LETTERS = frozenset("YZAQWM")
"""They stand elsewhere on German and French keyboards, and a scanner types like a keyboard."""


@dataclass(frozen=True)
class OwnStatus:
    """A status as an administrator may add."""

    code: str = "refurbished"
    available: bool = True
    on_hand: bool = True


def _allowed(verb: Verb) -> set[tuple[str | None, str]]:
    """The pairs of built-in statuses that a verb leads from and to."""
    pairs = product([None, *STATUSES.values()], STATUSES.values())
    return {(before.code if before else None, after.code) for before, after in pairs if verb.allows(before, after)}


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


# ----- the rules of the trade


def test_every_verb_has_a_rule_here() -> None:
    assert set(BY_KIND) == {*CREATING, *RULES, *KEEPING}


@pytest.mark.parametrize("kind", sorted(CREATING))
def test_a_serial_begins_in_the_statuses_of_the_rules(kind: str) -> None:
    assert _allowed(BY_KIND[kind]) == {(None, after) for after in CREATING[kind].split()}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_status_changes_only_as_the_rules_say(kind: str) -> None:
    before, after = (words.split() for words in RULES[kind])
    assert _allowed(BY_KIND[kind]) == set(product(before, after))


@pytest.mark.parametrize("kind", sorted(KEEPING))
def test_what_keeps_the_status_keeps_it(kind: str) -> None:
    assert _allowed(BY_KIND[kind]) == {(status, status) for status in KEEPING[kind].split()}


def test_an_own_status_is_moved_where_it_counts_as_on_hand() -> None:
    here, away = OwnStatus(), OwnStatus(on_hand=False)
    ends = [*STATUSES.values(), here]
    assert {kind for kind, verb in BY_KIND.items() if any(verb.allows(here, end) for end in ends)} == FOR_OWN
    anywhere = {kind for kind, verb in BY_KIND.items() if any(verb.allows(away, end) for end in [*ends, away])}
    assert anywhere == {"condition_noted", "noted", "warranty_set"}
    assert not any(verb.allows(None, here) for verb in VERBS.values())


def test_a_unit_arrives_in_the_own_status_it_was_sent_in() -> None:
    assert VERBS["arrive"].allows(STATUSES[StatusCode.IN_TRANSIT], OwnStatus())
    assert not VERBS["arrive"].allows(STATUSES[StatusCode.IN_TRANSIT], OwnStatus(on_hand=False))


@pytest.mark.parametrize(
    ("own", "members"),
    [
        (Own.NONE, []),
        (Own.ON_HAND, ["kept", "both"]),
        (Own.AVAILABLE, ["lent", "both"]),
        (Own.ANY, ["none", "kept", "lent", "both"]),
    ],
)
def test_a_set_takes_own_statuses_by_what_they_count_as(own: Own, members: list[str]) -> None:
    traits = (("none", False, False), ("kept", False, True), ("lent", True, False), ("both", True, True))
    assert [code for code, *counts in traits if OwnStatus(code, *counts) in StatusSet(own=own)] == members


def _row(before: StatusSet, after: StatusSet, **more: Any) -> Verb:
    names = {"code": "later", "kind": "later", "done": "later", "title": "Later"}
    return Verb(**names, before=before, after=after, permission=Permission.MANAGE_SERIALS, **more)


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        (  # back from repair: to stock, or to the customer whose it was
            _row(
                StatusSet(frozenset({StatusCode.IN_REPAIR})),
                StatusSet(frozenset({StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE})),
                as_before=StatusSet(frozenset({StatusCode.SOLD})),
            ),
            {("in_repair", after) for after in ("in_stock", "returned", "defective", "sold")},
        ),
        (  # a record that was taken out comes back when its serial is added
            _row(StatusSet(frozenset({StatusCode.LOST})), StatusSet(frozenset({StatusCode.IN_STOCK})), creates=True),
            {(None, "in_stock"), ("lost", "in_stock")},
        ),
        (  # change status: from on hand or any own status to any own one
            _row(StatusSet(ON_HAND, Own.ANY), StatusSet(frozenset({StatusCode.IN_STOCK}), Own.ANY)),
            {(before, "in_stock") for before in ON_HAND},
        ),
    ],
)
def test_verbs_to_come_are_one_row_each(verb: Verb, allowed: set[tuple[str | None, str]]) -> None:
    assert _allowed(verb) == allowed
    own = OwnStatus(on_hand=False)
    assert verb.allows(own, own) == (verb.before.own is Own.ANY)


# ----- the table itself


def test_codes_and_what_people_see_of_statuses_are_unique() -> None:
    assert list(STATUSES) == list(StatusCode)
    for values in ([row.label for row in STATUSES.values()], [row.mark for row in STATUSES.values()]):
        assert _twice(values) == []
    assert all(len(row.mark) == 1 for row in STATUSES.values())


def test_codes_kinds_titles_and_barcodes_of_verbs_are_unique() -> None:
    assert len(BY_KIND) == len(VERBS)
    assert _twice(verb.title for verb in VERBS.values()) == []
    barcodes = [verb.barcode for verb in VERBS.values() if verb.barcode]
    assert _twice(barcodes) == []
    at_the_station = {task.command for task in TASKS.values() if task.command is not None}
    assert set(barcodes) & set(CommandCode) == at_the_station
    assert all(task.command in (None, VERBS[task.code].barcode) for task in TASKS.values())
    for barcode in barcodes:
        assert barcode.isascii(), barcode
        assert barcode.isupper(), barcode
        assert not AWKWARD_LETTERS & set(barcode), barcode


def test_a_verb_starts_somewhere_and_leads_somewhere() -> None:
    for verb in VERBS.values():
        assert verb.creates or verb.before.codes, verb.code
        assert verb.after is None or verb.after.codes or verb.as_before.codes, verb.code
        assert not (verb.creates and verb.after is None), verb.code


def test_every_status_but_the_first_is_reached_by_a_verb_that_makes_no_serial() -> None:
    reached = {code for verb in VERBS.values() if not verb.creates and verb.after for code in verb.after.codes}
    assert reached == set(StatusCode)


def test_a_next_step_is_given_for_each_status_that_stands_in_the_way_and_for_no_other() -> None:
    for verb in VERBS.values():
        in_the_way = set(StatusCode) - verb.before.codes
        assert set(verb.why_not) <= in_the_way, verb.code
        for status in in_the_way:
            step = verb.next_step(status)
            assert step.endswith("."), (verb.code, status)
            assert step[0].isupper(), (verb.code, status)
        if verb.otherwise:
            assert set(verb.why_not) < in_the_way, f"{verb.code}: nothing is left for its default"


def test_what_is_asked_is_asked_for_a_reason() -> None:
    for verb in VERBS.values():
        assert Need.NO not in verb.asks.values(), verb.code
        if verb.document is not None and verb.kind not in ("sold", "imported"):
            assert any(need is Need.REQUIRED for need in verb.asks.values()), verb.code


def test_the_history_has_words_for_every_kind() -> None:
    assert {done(kind) for kind in BY_KIND} >= {"added", "transferred", "warranty set", "condition noted"}
    assert done("something_later") == "something later"


def test_an_own_status_has_its_place_and_no_customer() -> None:
    assert (place_in("refurbished"), customer_in("refurbished")) == (PlaceMeaning.HERE, Need.NO)
    assert {code for code in StatusCode if place_in(code) is PlaceMeaning.LAST} == {"sold", "lost", "scrapped"}
    assert not {code for code in ON_HAND if place_in(code) is not PlaceMeaning.HERE}


# ----- the database


def test_a_new_database_has_the_statuses_of_the_table(database: Any) -> None:
    assert [
        (row.code, row.label, row.colour, row.mark, row.available, row.on_hand)
        for row in Status.select().order_by(Status.id)
    ] == [(row.code, row.label, row.colour, row.mark, row.available, row.on_hand) for row in STATUSES.values()]


@pytest.mark.parametrize("status", sorted(VERBS["transfer"].why_not))
def test_a_refusal_ends_with_the_next_step(database: Any, status: str) -> None:
    warehouse = open_warehouse()
    (serial,) = warehouse.add("A1")
    put(warehouse, status, serial)
    with pytest.raises(NotAllowed) as refused:
        transfer_serials(warehouse.boss, [serial], "DOCK")
    label, step = STATUSES[status].label, VERBS["transfer"].why_not[StatusCode(status)]
    assert refused.value.message.startswith(f"A1 is {label}")
    assert refused.value.message.endswith(f"it cannot be transferred. {step}")


def test_an_own_status_that_is_not_on_hand_stands_in_the_way_too(database: Any) -> None:
    warehouse = open_warehouse()
    (serial,) = warehouse.add("A1")
    own_status(warehouse, "lent", serial, on_hand=False)
    with pytest.raises(NotAllowed, match=r"A1 is Lent at MAIN since [0-9-]+; it cannot be transferred\.$"):
        transfer_serials(warehouse.boss, [serial], "DOCK")
