"""What can happen to serials now: the verbs that their states and a person's permissions allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from models.database import bulk
from models.errors import NotFound
from models.permissions import Actor, permissions_held
from models.schema import Status, bound
from models.serials.corrections import NEVER_SOLD, once_sold
from models.serials.moves import ends_on_hand, entered, is_customers
from models.serials.void import VOID, voidable
from models.statuses import stored_statuses
from models.verbs import STATUSES, USUAL, Ask, StatusCode, Verb


class Possible(NamedTuple):
    """A verb that some serials allow now."""

    verb: Verb
    serials: int
    """How many of them do."""


def possible(actor: Actor, serial_id: int) -> list[Verb]:
    """The verbs that a person can carry out on a serial now, the most usual first.

    Raises:
        NotFound
    """
    return [each.verb for each in possible_for(actor, [serial_id])]


def possible_for(actor: Actor, serial_ids: Sequence[int]) -> list[Possible]:
    """The verbs that a person can carry out on at least one of these serials now, the most usual first.

    A verb that asks for a new text for each serial is left out if there are several serials. The number of statements
    is constant for each block of thousands.

    Raises:
        NotFound: one of them does not exist.
    """
    held = permissions_held(actor)
    here = _here(list(dict.fromkeys(serial_ids)))
    statuses = stored_statuses()
    several = len(here) > 1
    # Several verbs ask for each of these.
    sold = cache(partial(once_sold, [each.id for each in here]))
    of_customers = cache(partial(_of_customers, here, statuses))

    def count(verb: Verb) -> int:
        if verb is VOID:  # what it needs is said by the events of each serial, not by its status
            return voidable(actor, [each.id for each in here])
        if verb.permission not in held or (several and Ask.NEW_SERIAL in verb.asks):
            return 0
        can = [each for each in here if statuses[each.status_id] in verb.before]
        if Ask.STATUS in verb.asks and len(statuses) == len(STATUSES):  # no custom statuses: only back to stock
            can = [each for each in can if statuses[each.status_id].code != StatusCode.IN_STOCK]
        if can and ends_on_hand(verb):
            return sum(each.id not in of_customers() for each in can)
        if can and verb in NEVER_SOLD:
            return sum(each.id not in sold() for each in can)
        return len(can)

    found = [Possible(verb, count(verb)) for verb in USUAL]
    return [each for each in found if each.serials]


class _Here(NamedTuple):
    """The current state of a serial."""

    id: int
    status_id: int
    customer_id: int | None


def _here(ids: Sequence[int]) -> list[_Here]:
    """The current states of these serials.

    Raises:
        NotFound: one of them does not exist.
    """
    found: list[_Here] = []
    for part in bulk.blocks(ids):
        those, values = bulk.one_of("s.id", part)
        rows = bound.execute_sql(f"SELECT s.id, s.status_id, s.customer_id FROM serials s WHERE {those}", values)
        found += map(_Here._make, rows.fetchall())
    if len(found) < len(ids):
        raise NotFound("The serial is not there any more. Look for it again.")
    return found


def _of_customers(here: Sequence[_Here], statuses: Mapping[int, Status]) -> frozenset[int]:
    """Ids of those that are in repair for the customer they were sold to."""
    repaired = [each for each in here if statuses[each.status_id].code == StatusCode.IN_REPAIR]
    came, ids = entered([each.id for each in repaired]), {status.code: status.id for status in statuses.values()}
    return frozenset(
        each.id for each in repaired if is_customers(came.get(each.id), each.customer_id, ids[StatusCode.SOLD])
    )
