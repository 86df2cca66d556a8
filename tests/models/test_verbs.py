"""The table of statuses and verbs agrees with itself, with the rules of the trade and with what databases hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from models.barcodes.reading import CommandCode
from models.errors import NotAllowed
from models.schema import Status
from models.serials.moves import transfer_serials
from models.station.task import DRAFT_TASKS, TASKS
from models.verbs import (
    BY_KIND,
    MOVES,
    ON_HAND,
    STATUSES,
    VERBS,
    Ask,
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
from tests.support.cases import agree, each
from tests.support.warehouse import open_warehouse, own_status, put

CREATING = {
    "added": "in_stock",
    "received": "in_stock",
    "imported": "in_stock reserved returned defective in_repair sold lost scrapped",
}
"""Kind → the statuses in which it makes a serial."""

EVERY = " ".join(StatusCode)

RULES: dict[str, tuple[str, str]] = {
    "reserved": ("in_stock", "reserved"),
    "released": ("reserved", "in_stock"),
    "sold": ("in_stock reserved", "sold"),
    "returned": ("sold", "returned"),
    "restocked": ("returned defective in_repair", "in_stock"),
    "marked_defective": ("in_stock reserved returned in_repair", "defective"),
    "sent_to_repair": ("in_stock returned defective sold", "in_repair"),
    "repaired": ("in_repair", "in_stock returned defective sold"),
    "dispatched": ("in_stock reserved returned defective", "in_transit"),
    "arrived": ("in_transit", "in_stock reserved returned defective"),
    "marked_lost": ("in_stock reserved returned defective in_repair in_transit", "lost"),
    "found": ("lost", "in_stock"),
    "scrapped": ("in_stock returned defective in_repair lost", "scrapped"),
    "reactivated": ("scrapped", "defective"),
    "status_changed": ("in_stock reserved returned defective", "in_stock"),
    "removed": ("in_stock reserved returned defective", "removed"),
    "voided": (EVERY, EVERY),
}
"""Kind → statuses before and after, where the status changes."""

KEEPING = {
    "transferred": "in_stock reserved returned defective in_repair",
    "item_changed": "in_stock reserved returned defective",
    "corrected": EVERY,
    "condition_noted": EVERY,
    "noted": EVERY,
    "warranty_set": EVERY,
}
"""Kind → statuses that it leaves as they are."""

FOR_ANY = {"status_changed", "corrected", "voided", "condition_noted", "noted", "warranty_set"}
"""Kinds for which any status of an administrator's own will do."""

FOR_OWN = FOR_ANY | {"sold", "transferred", "dispatched", "marked_lost", "item_changed", "removed"}
"""Kinds for which one will do that is available and on hand."""

AWKWARD_LETTERS = frozenset("YZAQWM")
"""They stand elsewhere on German and French keyboards, and a scanner types like a keyboard."""

OF_ANY_TASK = {CommandCode.DONE, CommandCode.UNDO, CommandCode.CANCEL, CommandCode.NEXT, CommandCode.HELP}
"""Commands that choose no task."""


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
    agree("RULES or KEEPING of tests/models/test_verbs.py", {*CREATING, *RULES, *KEEPING}, BY_KIND)


@each("kind", sorted(CREATING))
def test_a_serial_begins_in_the_statuses_of_the_rules(kind: str) -> None:
    assert _allowed(BY_KIND[kind]) == set(product((None, "removed"), CREATING[kind].split()))


@each("kind", sorted(RULES))
def test_a_status_changes_only_as_the_rules_say(kind: str) -> None:
    before, after = (words.split() for words in RULES[kind])
    assert _allowed(BY_KIND[kind]) == set(product(before, after))


@each("kind", sorted(KEEPING))
def test_what_keeps_the_status_keeps_it(kind: str) -> None:
    assert _allowed(BY_KIND[kind]) == {(status, status) for status in KEEPING[kind].split()}


def test_an_own_status_is_moved_where_it_counts_as_on_hand() -> None:
    here, away = OwnStatus(), OwnStatus(available=False, on_hand=False)
    ends = [*STATUSES.values(), here]
    takes = {kind for kind, verb in BY_KIND.items() if any(verb.allows(here, end) for end in ends)}
    agree("FOR_OWN of tests/models/test_verbs.py", FOR_OWN, takes)
    anywhere = {kind for kind, verb in BY_KIND.items() if any(verb.allows(away, end) for end in [*ends, away])}
    assert anywhere == FOR_ANY
    assert not any(verb.allows(None, here) for verb in VERBS.values())
    lent = OwnStatus(on_hand=False)
    assert {verb.kind for verb in VERBS.values() if lent in verb.before} == {*FOR_ANY, "sold"}


def test_a_unit_arrives_in_the_own_status_it_was_sent_in() -> None:
    assert VERBS["arrive"].allows(STATUSES[StatusCode.IN_TRANSIT], OwnStatus())
    assert not VERBS["arrive"].allows(STATUSES[StatusCode.IN_TRANSIT], OwnStatus(on_hand=False))


@each(
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


# ----- the table itself


def test_codes_and_what_people_see_of_statuses_are_unique() -> None:
    assert list(STATUSES) == list(StatusCode)
    for values in ([row.label for row in STATUSES.values()], [row.mark for row in STATUSES.values()]):
        assert _twice(values) == []
    assert all(len(row.mark) == 1 for row in STATUSES.values())


def test_codes_kinds_titles_and_barcodes_of_verbs_are_unique() -> None:
    assert len(BY_KIND) == len(VERBS)
    assert _twice(verb.title for verb in VERBS.values()) == []
    assert _twice(verb.barcode for verb in VERBS.values() if verb.barcode is not None) == []


def test_each_verb_with_a_barcode_has_a_task_and_each_barcode_does_something() -> None:
    tasks = [task.code for task in DRAFT_TASKS]
    agree("MOVING of models/station/task.py", tasks, [code for code, verb in VERBS.items() if verb.barcode is not None])
    used = [task.command for task in TASKS.values() if task.command is not None]
    agree("VERBS of models/verbs.py, as a barcode,", [*used, *OF_ANY_TASK], CommandCode)
    for barcode in used:
        assert barcode.isascii(), barcode
        assert barcode.isupper(), barcode
        awkward = AWKWARD_LETTERS & set(barcode)
        assert not awkward, f"{barcode}: {awkward} stand elsewhere on other keyboards; see CommandCode"


def test_a_verb_starts_somewhere_and_leads_somewhere() -> None:
    for verb in VERBS.values():
        assert verb.creates or verb.before.codes, verb.code
        assert verb.after is None or verb.after.codes or verb.as_before.codes, verb.code
        assert not (verb.creates and verb.after is None), verb.code
        if verb.code in MOVES and verb.after is not None:
            assert verb.chooses_status or len(verb.after.codes) < 2, (
                f"{verb.code} does not say which status is after it"
            )
        if verb.destination:
            assert verb.asks[Ask.PLACE] is Need.REQUIRED, verb.code


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
        if verb.before.own is not Own.ANY:
            assert verb.next_step("refurbished").endswith("."), verb.code
        if verb.otherwise:
            assert set(verb.why_not) < in_the_way, f"{verb.code}: nothing is left for its default"


NEXT_VERBS = {
    r"[Tt]ake it back as a return": "return",
    r"[Tt]ake it back from repair": "repaired",
    r"\b[Mm]ark it found": "found",
    r"\b[Rr]eceive its transfer": "arrive",
    r"\b[Rr]eactivate it": "reactivate",
    r"\b[Rr]elease it": "release",
    r"\b[Rr]estock it": "restock",
    r"\b[Tt]ransfer it": "transfer",
    r"\b[Cc]hange its status": "change-status",
    r"\bAdd it again": "add",
}
"""How next steps name verbs."""

PLAIN_STEPS = ("leave it out", "check that this is the unit", "or open it")
"""Next steps that name no verb: what a person does with the unit, and opening the serial's record."""


def test_the_next_step_of_each_refusal_can_be_taken() -> None:
    own = [OwnStatus(available=available, on_hand=on_hand) for available, on_hand in product((True, False), repeat=2)]
    for verb in VERBS.values():
        for status in (*STATUSES.values(), *own):
            if status in verb.before:
                continue
            step = verb.next_step(status.code)
            named = [code for words, code in NEXT_VERBS.items() if re.search(words, step)]
            said = (verb.code, status.code, step)
            assert named or any(plain in step for plain in PLAIN_STEPS), said
            assert all(status in VERBS[code].before for code in named), said
            assert verb.code not in named, said
            sentence = verb.refuses("SN-1", "somewhere", status.code)
            assert sentence == f"SN-1 is somewhere; it cannot be {verb.refusal}. {step}"


def test_each_way_to_name_a_next_step_is_used() -> None:
    steps = {verb.next_step(status) for verb in VERBS.values() for status in (*STATUSES, "refurbished")}
    for words in NEXT_VERBS:
        assert any(re.search(words, step) for step in steps), words


def test_what_is_asked_is_asked_for_a_reason() -> None:
    for verb in VERBS.values():
        assert Need.NO not in verb.asks.values(), verb.code
        if verb.document is not None and verb.kind not in ("sold", "imported", "sent_to_repair"):
            assert any(need is Need.REQUIRED for need in verb.asks.values()), verb.code


def test_the_history_has_words_for_every_kind() -> None:
    assert {done(kind) for kind in BY_KIND} >= {"added", "transferred", "warranty set", "condition noted"}


def test_an_own_status_has_its_place_and_no_customer() -> None:
    assert (place_in("refurbished"), customer_in("refurbished")) == (PlaceMeaning.HERE, Need.NO)
    assert {code for code in StatusCode if place_in(code) is PlaceMeaning.LAST} == {
        "sold",
        "lost",
        "scrapped",
        "removed",
    }
    assert not {code for code in ON_HAND if place_in(code) is not PlaceMeaning.HERE}


# ----- the database


def test_a_new_database_has_the_statuses_of_the_table(database: Any) -> None:
    assert [
        (row.code, row.label, row.colour, row.mark, row.available, row.on_hand)
        for row in Status.select().order_by(Status.id)
    ] == [(row.code, row.label, row.colour, row.mark, row.available, row.on_hand) for row in STATUSES.values()]


@each("status", sorted(VERBS["transfer"].why_not))
def test_a_refusal_ends_with_the_next_step(database: Any, status: str) -> None:
    warehouse = open_warehouse()
    (serial,) = warehouse.add(f"A-{status}")
    put(warehouse, status, serial)
    with pytest.raises(NotAllowed) as refused:
        transfer_serials(warehouse.boss, [serial], "DOCK")
    label, step = STATUSES[status].label, VERBS["transfer"].why_not[StatusCode(status)]
    assert refused.value.message.startswith(f"A-{status} is {label}")
    assert refused.value.message.endswith(f"it cannot be transferred. {step}")


def test_an_own_status_that_is_not_on_hand_stands_in_the_way_too(database: Any) -> None:
    warehouse = open_warehouse()
    (serial,) = warehouse.add("A1")
    own_status(warehouse, "lent", serial, on_hand=False)
    with pytest.raises(
        NotAllowed, match=r"A1 is Lent at MAIN since [0-9-]+; it cannot be transferred\. Change its status first\.$"
    ):
        transfer_serials(warehouse.boss, [serial], "DOCK")
