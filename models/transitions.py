"""The moves a serial can make, as data: operation → from which statuses → to which, and why not otherwise.

`ledger` asks here before it writes; nothing else decides. A new verb of the warehouse is a new row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class S(StrEnum):
    """The built-in statuses, by code."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    RETURNED = "returned"
    DEFECTIVE = "defective"
    IN_REPAIR = "in_repair"
    IN_TRANSIT = "in_transit"
    SOLD = "sold"
    LOST = "lost"
    SCRAPPED = "scrapped"


BUILT_IN = frozenset(S)
"""The statuses that every database has; others are an administrator's own."""

ON_HAND = frozenset({S.IN_STOCK, S.RESERVED, S.RETURNED, S.DEFECTIVE})
"""The built-in statuses that count against the item's quantity at its location."""


@dataclass(frozen=True, slots=True)
class Move:
    """One operation's rule."""

    done: str
    """What the history says happened."""
    verb: str
    """What a refusal calls it: "cannot be …"."""
    from_: frozenset[S] | None
    """Allowed statuses before; None where the operation makes the serial or never looks at the status."""
    to: frozenset[S] | None
    """Allowed statuses after; None keeps the status."""
    creates: bool = False
    why_not: Mapping[str, str] = field(default_factory=dict)
    """The next thing to do, by the status that stands in the way."""
    own_statuses: bool = True
    """Whether an administrator's own on-hand status may make the move as well."""


def _move(
    done: str,
    verb: str,
    from_: S | Iterable[S] | None,
    to: S | Iterable[S] | None,
    *,
    creates: bool = False,
    why_not: Mapping[str, str] | None = None,
    own_statuses: bool = True,
) -> Move:
    def statuses(value: S | Iterable[S] | None) -> frozenset[S] | None:
        return frozenset((value,)) if isinstance(value, S) else None if value is None else frozenset(value)

    return Move(done, verb, statuses(from_), statuses(to), creates, why_not or {}, own_statuses)


_WAY: Mapping[str, str] = {
    S.SOLD: "Take it back as a return first.",
    S.SCRAPPED: "Scrapped units stay where they are.",
    S.LOST: "Mark it found first.",
    S.IN_TRANSIT: "Receive its transfer first.",
}

MOVES: Mapping[str, Move] = {
    "added": _move("added", "added", None, S.IN_STOCK, creates=True),
    "received": _move("received", "received", None, S.IN_STOCK, creates=True),
    "imported": _move("imported", "imported", None, BUILT_IN - {S.IN_TRANSIT}, creates=True),
    "reserved": _move("reserved", "reserved", S.IN_STOCK, S.RESERVED, own_statuses=False),
    "released": _move("released", "released", S.RESERVED, S.IN_STOCK, own_statuses=False),
    "sold": _move("sold", "sold", (S.IN_STOCK, S.RESERVED), S.SOLD, why_not=_WAY),
    "returned": _move("returned", "returned", S.SOLD, S.RETURNED, own_statuses=False),
    "restocked": _move(
        "restocked", "restocked", (S.RETURNED, S.DEFECTIVE, S.IN_REPAIR), S.IN_STOCK, own_statuses=False
    ),
    "marked_defective": _move(
        "marked defective", "marked defective", (S.IN_STOCK, S.RESERVED, S.RETURNED, S.IN_REPAIR), S.DEFECTIVE
    ),
    "sent_to_repair": _move("sent to repair", "sent to repair", (S.IN_STOCK, S.RETURNED, S.DEFECTIVE), S.IN_REPAIR),
    "transferred": _move("transferred", "transferred", ON_HAND | {S.IN_REPAIR}, None, why_not=_WAY),
    "dispatched": _move("dispatched", "dispatched", ON_HAND, S.IN_TRANSIT, why_not=_WAY),
    "arrived": _move("arrived", "received from transit", S.IN_TRANSIT, ON_HAND, own_statuses=False),
    "marked_lost": _move("marked lost", "marked lost", ON_HAND | {S.IN_REPAIR, S.IN_TRANSIT}, S.LOST),
    "scrapped": _move(
        "scrapped",
        "scrapped",
        (S.IN_STOCK, S.RETURNED, S.DEFECTIVE, S.IN_REPAIR, S.LOST),
        S.SCRAPPED,
        own_statuses=False,
    ),
    "condition_noted": _move("condition noted", "noted", None, None),
    "noted": _move("noted", "noted", None, None),
    "warranty_set": _move("warranty set", "given a warranty", None, None),
}
"""Event kind → rule. The kinds are stored in `serial_events.kind`."""


def allows(kind: str, before: str | None, after: str, *, own_on_hand: bool = False) -> bool:
    """Whether a serial may go from status `before` (None: it is made) to `after` by this kind of event.

    Args:
        own_on_hand: whether `before` counts as on hand, which matters where it is an administrator's own status.
    """
    move = MOVES[kind]
    if move.creates:
        return before is None and move.to is not None and after in move.to
    if before is None:
        return False
    own = own_on_hand and move.own_statuses and before not in BUILT_IN
    if move.from_ is not None and before not in move.from_ and not own:
        return False
    return after == before if move.to is None else after in move.to


def done(kind: str) -> str:
    """What the history says for an event kind."""
    move = MOVES.get(kind)
    return move.done if move else kind.replace("_", " ")
