"""The table of moves says the same as the rules of the trade."""

from __future__ import annotations

from itertools import product

import pytest

from models.transitions import BUILT_IN, MOVES, S, allows, done

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
    "condition_noted": " ".join(S),
    "noted": " ".join(S),
    "warranty_set": " ".join(S),
}
"""Kind → statuses that it leaves as they are."""


def test_every_move_has_a_rule_here() -> None:
    assert set(MOVES) == {"added", "received", "imported", *RULES, *KEEPING}


@pytest.mark.parametrize("kind", sorted(RULES))
@pytest.mark.parametrize("on_hand", [True, False])
def test_a_status_changes_only_as_the_rules_say(kind: str, on_hand: bool) -> None:
    before, after = (words.split() for words in RULES[kind])
    allowed = {pair for pair in product(S, S) if allows(kind, *pair, own_on_hand=on_hand)}
    assert allowed == set(product(before, after))
    assert not any(allows(kind, None, status) for status in S)


@pytest.mark.parametrize("kind", sorted(KEEPING))
@pytest.mark.parametrize("on_hand", [True, False])
def test_what_keeps_the_status_keeps_it(kind: str, on_hand: bool) -> None:
    allowed = {pair for pair in product(S, S) if allows(kind, *pair, own_on_hand=on_hand)}
    assert allowed == {(status, status) for status in KEEPING[kind].split()}
    assert not any(allows(kind, None, status) for status in S)


@pytest.mark.parametrize("kind", ["added", "received"])
def test_a_serial_begins_in_stock(kind: str) -> None:
    assert {status for status in S if allows(kind, None, status)} == {"in_stock"}
    assert not any(allows(kind, *pair) for pair in product(S, S))


def test_an_imported_serial_begins_in_any_status_but_on_its_way() -> None:
    assert {status for status in S if allows("imported", None, status)} == set(S) - {S.IN_TRANSIT}
    assert not any(allows("imported", *pair) for pair in product(S, S))


def test_an_own_status_is_moved_where_it_counts_as_on_hand() -> None:
    assert "refurbished" not in BUILT_IN
    assert allows("transferred", "refurbished", "refurbished", own_on_hand=True)
    assert not allows("transferred", "refurbished", "refurbished", own_on_hand=False)
    assert allows("sold", "refurbished", "sold", own_on_hand=True)
    assert not allows("returned", "refurbished", "returned", own_on_hand=True)


def test_the_history_has_words_for_every_kind() -> None:
    assert {done(kind) for kind in MOVES} >= {"added", "transferred", "warranty set", "condition noted"}
    assert done("something_later") == "something later"
