"""Refusals of verbs: the reason, and a message with the serial, the obstacle and the next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from models import ledger
from models.database import bulk
from models.errors import NotAllowed
from models.verbs import Verb


class MoveRefusal(StrEnum):
    """Code of the reason why a verb is refused for a serial; part of the output of commands."""

    STATUS = "status"
    """Its status does not allow it."""
    THERE = "there"
    """It is at the place, or in the status, already."""
    CUSTOMER = "customer"
    """It is reserved for somebody else, or belongs to a customer."""
    RESULT = "result"
    """It was not sold before the repair."""
    STRANGER = "stranger"
    """It is not on the transfer."""
    CLOSED = "closed"
    """Its place is closed."""
    CHANGED = "changed"
    """Somebody else changed it meanwhile."""
    NOT_FOUND = "not_found"
    """There is no such serial."""
    AMBIGUOUS = "ambiguous"
    """Several items have it."""
    UNFIT = "unfit"
    """It cannot be a serial of the item."""
    WARRANTY = "warranty"
    """It has no warranty that could be voided or extended."""
    SOLD_BEFORE = "sold_before"
    """It was sold once."""
    EXISTS = "exists"
    """Another serial of the item has its text."""
    TWICE = "twice"
    """Two texts are given to it, or its text to another serial too."""
    NOT_TRACKED = "not_tracked"
    """Its item does not track serials."""
    MOVED_ON = "moved_on"
    """A later event prevents voiding."""
    NOTHING = "nothing"
    """There is nothing to void."""
    PERMISSION = "permission"
    """The person may do it with other serials, but not with this one."""


class RefusedSerial(NamedTuple):
    """A serial on which a verb was not carried out."""

    serial_id: int | None
    """None if there is no such serial."""
    serial_number: str
    reason: str
    """A `MoveRefusal`."""
    message: str


def no_more(number: int) -> str:
    """A sentence about further serials that refuse."""
    return f" Nor can {number:,} more."


class No(NamedTuple):
    """The refusal of a verb for one serial, such as "SN-4 is Lost since …; it cannot be sold. Find it first."."""

    state: ledger.State
    reason: MoveRefusal
    head: Callable[[str], str]
    """The sentence without its full stop, given the serial's whereabouts."""
    step: str
    """The next thing to do."""
    more: Callable[[int], str] = no_more
    """A sentence about further serials that refuse."""

    def message(self, where: str, more: int = 0) -> str:
        """The refusal.

        Args:
            more: how many further serials refuse.
        """
        return f"{self.head(where)}.{self.more(more) if more else ''} {self.step}".rstrip()


def plain_refusal(state: ledger.State, reason: MoveRefusal, head: str, step: str) -> No:
    """A refusal whose sentence does not say where the serial is.

    Args:
        head: the sentence without its full stop.
    """
    return No(state, reason, lambda _: head, step)


def refusal(refused: Sequence[No]) -> NotAllowed:
    """The refusal that names the first serial, and says how many more there are."""
    all_named = named(refused)
    first = refused[0]
    # "Nor can 3 more" is true of those that are refused for the same reason alone.
    alike = sum(no.reason is first.reason for no in refused)
    others = len(refused) - alike
    message = first.message(ledger.whereabouts([first.state.id])[first.state.id], alike - 1)
    if others:
        message += f" {others:,} more cannot either, for other reasons."
    return NotAllowed(
        message,
        serial_id=first.state.id,
        serial_ids=[no.state.id for no in refused],
        refused=all_named,
    )


def named(refused: Sequence[No]) -> tuple[RefusedSerial, ...]:
    """Each serial that refuses, with its own message."""
    where: dict[int, str] = {}
    for part in bulk.blocks([no.state.id for no in refused], 500):
        where.update(ledger.whereabouts(part))
    return tuple(
        RefusedSerial(no.state.id, no.state.serial_number, no.reason, no.message(where[no.state.id])) for no in refused
    )


def status_refusal(state: ledger.State, verb: Verb, status: str) -> No:
    """The refusal of a serial whose status does not allow a verb."""
    return No(
        state,
        MoveRefusal.STATUS,
        lambda where: f"{state.serial_number} is {where}; it cannot be {verb.refusal}",
        verb.next_step(status),
    )


def changed_refusals(states: Sequence[ledger.State], seen: Mapping[int, int]) -> dict[int, No]:
    """The refusals of those serials that somebody else changed since the person saw them, by id.

    Args:
        states: the serials, as they are now.
        seen: the versions that the person saw, by serial id.
    """
    stale = [state for state in states if seen.get(state.id, state.version) != state.version]
    found: dict[int, No] = {}
    for state, changed in zip(stale, ledger.changed(stale, seen), strict=True):
        head, _, step = changed.message.rpartition(". ")
        no = plain_refusal(state, MoveRefusal.CHANGED, head, step)
        found[state.id] = no._replace(more=ledger.changed_too)
    return found
