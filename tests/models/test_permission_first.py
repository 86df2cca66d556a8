"""The permission is asked before anything is said about what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.check import check
from models.errors import NotPermitted
from models.items.items import save_item
from models.items.rules import set_serial_rule
from models.people import add_role, add_user, remove_user, set_roles, sign_in
from models.permissions import Actor
from models.serials.moves import transfer_serials
from models.serials.record import add_note, set_condition_notes
from models.station import drafts
from tests.support.cases import each
from tests.support.warehouse import Warehouse, set_warranty

NOWHERE = 4711

ACTS: dict[str, Callable[[Actor], Any]] = {
    "save an item": lambda actor: save_item(actor, NOWHERE, name="X"),
    "track an item": lambda actor: save_item(actor, NOWHERE, track_serials=True),
    "set a rule": lambda actor: set_serial_rule(actor, NOWHERE, pattern="X"),
    "transfer": lambda actor: transfer_serials(actor, [NOWHERE], "NOWHERE"),
    "write a note": lambda actor: add_note(actor, NOWHERE, "X"),
    "note the condition": lambda actor: set_condition_notes(actor, NOWHERE, "X"),
    "set a warranty": lambda actor: set_warranty(actor, NOWHERE, None, None),
    "take a draft over": lambda actor: drafts.take_over(actor, NOWHERE, "here"),
    "claim a draft": lambda actor: drafts.claim_for(actor, NOWHERE),
    "hand a draft over": lambda actor: drafts.hand_over(actor, NOWHERE, "nobody"),
    "discard a draft": lambda actor: drafts.discard(actor, NOWHERE),
    "change a user": lambda actor: set_roles(actor, "nobody", ["none"]),
    "remove a user": lambda actor: remove_user(actor, "nobody"),
}


@each("what", ACTS)
def test_nobody_without_the_permission_learns_what_there_is_not(warehouse: Warehouse, what: str) -> None:
    with pytest.raises(NotPermitted):
        ACTS[what](sign_in("viewer"))


def test_a_removed_user_cannot_check(database: Any, warehouse: Warehouse) -> None:
    add_user(warehouse.boss, "ann")
    assert check(database, login="ann").good
    add_role(warehouse.boss, "nothing")
    set_roles(warehouse.boss, "ann", ["nothing"])
    with pytest.raises(NotPermitted, match="INV_VIEW"):
        check(database, login="ann")
    remove_user(warehouse.boss, "ann")
    with pytest.raises(NotPermitted, match="The user ann was removed"):
        check(database, login="ann")
    assert check(database, login="unknown").good
