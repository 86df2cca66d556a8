"""The table of a serial's life as it was written for people, and a plain model of a warehouse that obeys it.

Nothing here is taken from `models.verbs`: a wrong row there is noticed here. A new verb is written here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

ON_HAND: Final = ("in_stock", "reserved", "returned", "defective", "kept")
"""`kept` is an administrator's own status, available and on hand; `lent` is one that is neither."""

OWN: Final = ("kept", "lent")
LAST: Final = ("sold", "lost", "scrapped", "removed")
"""Statuses in which the place is only the last known one."""

STATUSES: Final = (
    *("in_stock", "reserved", "returned", "defective", "in_repair", "in_transit", "sold", "lost", "scrapped"),
    *("removed", *OWN),
)


class Row(NamedTuple):
    """A row of the written table."""

    before: tuple[str, ...]
    after: str
    """`keep`, `as before`, `result` or `status` where it is no fixed one."""
    required: tuple[str, ...]
    document: str
    permission: str
    optional: tuple[str, ...] = ()


S, M, T, X = "INV_SELL_SERIAL", "INV_MANAGE_SERIALS", "INV_TRANSFER_SERIAL", "INV_SCRAP_SERIAL"
_AWAY = ("in_repair",)

TABLE: Final[dict[str, Row]] = {
    "reserve": Row(("in_stock",), "reserved", (), "", S, ("customer", "reference")),
    "release": Row(("reserved",), "in_stock", (), "", S),
    "sell": Row(("in_stock", "reserved", "kept"), "sold", (), "S", S, ("customer", "reference", "warranty")),
    "return": Row(("sold",), "returned", ("place",), "B", S, ("reason",)),
    "restock": Row(("returned", "defective", "in_repair"), "in_stock", (), "", M, ("place",)),
    "defect": Row(("in_stock", "reserved", "returned", "in_repair"), "defective", ("note",), "", M),
    "repair": Row(("in_stock", "returned", "defective", "sold"), "in_repair", (), "W", M, ("repairer", "reference")),
    "repaired": Row(("in_repair",), "result", ("result",), "W", M, ("place",)),
    "transfer": Row((*ON_HAND, "in_repair"), "keep", ("place",), "T", T),
    "dispatch": Row(ON_HAND, "in_transit", ("place",), "T", T),
    "arrive": Row(("in_transit",), "as before", ("transfer",), "A", T),
    "lose": Row((*ON_HAND, "in_repair", "in_transit"), "lost", ("note",), "", M),
    "found": Row(("lost",), "in_stock", ("place",), "", M),
    "scrap": Row(("in_stock", "returned", "defective", "in_repair", "lost"), "scrapped", ("note",), "X", X),
    "reactivate": Row(("scrapped",), "defective", ("note",), "X", X),
    "change-status": Row((*ON_HAND, "lent"), "status", ("status",), "", M),
}
"""The moves of the written table, by the name of their command."""

COMING: Final = {
    "add": Row(("removed",), "in_stock", (), "", M, ("place", "condition notes")),
    "receive": Row(("removed",), "in_stock", ("place",), "R", M),
    "import": Row(("removed",), "in_stock", (), "I", M, ("place",)),
}
"""The verbs that make a serial, or bring a removed one back."""

OTHERS: Final = {
    "correct": Row(STATUSES, "keep", ("new serial",), "", "INV_CORRECT_SERIAL"),
    "change-item": Row(ON_HAND, "keep", ("item",), "", "INV_CORRECT_SERIAL"),
    "remove": Row(ON_HAND, "removed", ("note",), "", "INV_CORRECT_SERIAL"),
    "warranty": Row(STATUSES, "keep", ("warranty",), "", M),
    "void": Row(STATUSES, "as it was", ("note",), "V", "INV_VOID_SERIAL_EVENT"),
}
"""The verbs that are no moves."""

DESTINED: Final = ("transfer", "dispatch")
"""The verbs whose place is where the serial goes."""

BESIDE: Final = ("note", "note-condition", "warranty")
"""The verbs that stand beside a serial's life."""

RESULTS: Final = ("in_stock", "returned", "defective", "sold")


@dataclass
class Past:
    """One event of a unit."""

    kind: str
    before: State
    after: State
    units: int
    document: str
    voided: bool = False
    is_void: bool = False


class State(NamedTuple):
    """Where a unit is."""

    status: str
    place: str
    customer: str
    item: str
    text: str


@dataclass
class Unit:
    """One unit of the model."""

    id: int
    state: State
    past: list[Past] = field(default_factory=list)

    def standing(self) -> Past | None:
        """The last event that is neither a void nor voided."""
        return next((event for event in reversed(self.past) if not event.is_void and not event.voided), None)

    def came(self) -> Past:
        """The event by which it came into its present status."""
        return next(
            event
            for event in reversed(self.past)
            if not event.is_void and not event.voided and event.before.status != event.after.status
        )

    def was_sold(self) -> bool:
        """Whether a sale of it stands."""
        return any(event.after.status == "sold" for event in self.past if not event.is_void and not event.voided)


@dataclass
class World:
    """Units and quantities."""

    units: dict[int, Unit] = field(default_factory=dict)
    quantities: dict[tuple[str, str], int] = field(default_factory=dict)
    transfers: dict[str, str] = field(default_factory=dict)
    """Destination by number."""

    def holder(self, item: str, text: str) -> Unit | None:
        """The unit of an item that has a text now."""
        return next((one for one in self.units.values() if (one.state.item, one.state.text) == (item, text)), None)

    def refuse_texts(self, new: dict[int, str]) -> dict[int, str]:
        """Why new texts, by unit id, are refused."""
        items = {each: self.units[each].state.item for each in new}
        refused = {each: "there" for each, text in new.items() if text == self.units[each].state.text}
        wanted = [(items[each], new[each]) for each in new if each not in refused]
        refused |= {each: "twice" for each in new if each not in refused and wanted.count((items[each], new[each])) > 1}
        found = True
        while found:
            found = False
            for each in new.keys() - refused.keys():
                holder = self.holder(items[each], new[each])
                if holder is not None and (holder.id not in new or holder.id in refused):
                    refused[each], found = "exists", True
        return refused

    def refuses(self, verb: str, unit: Unit, answers: dict[str, str]) -> str:
        """Why a move is refused for a unit; empty if it is not."""
        state = unit.state
        if state.status not in TABLE[verb].before:
            return "status"
        return self._whose(verb, unit, answers) or self._where(verb, unit, answers)

    def _whose(self, verb: str, unit: Unit, answers: dict[str, str]) -> str:
        state, named = unit.state, answers.get("customer", "")
        if verb == "sell" and named and state.status == "reserved" and state.customer not in ("", named):
            return "customer"
        if state.status == "in_repair":
            theirs = unit.came().before.status == "sold"
            if theirs and self.after(verb, unit, answers).status in ON_HAND:
                return "customer"
            if not theirs and answers.get("result") == "sold":
                return "result"
        return ""

    def _where(self, verb: str, unit: Unit, answers: dict[str, str]) -> str:
        state = unit.state
        if verb == "arrive" and unit.came().document != answers["transfer"]:
            return "stranger"
        if verb == "change-status" and answers["status"] == state.status:
            return "there"
        return "there" if verb in DESTINED and answers["place"] == state.place else ""

    def after(self, verb: str, unit: Unit, answers: dict[str, str]) -> State:
        """A unit's state after a move that is not refused."""
        state, after = unit.state, TABLE[verb].after
        status = {
            "keep": state.status,
            "as before": unit.came().before.status,
            "result": answers.get("result", ""),
            "status": answers.get("status", ""),
        }.get(after, after)
        place = answers.get("place") or state.place
        if verb == "lose" and state.status == "in_transit":
            place = unit.came().before.place
        customer = ""
        if verb in ("reserve", "sell"):
            customer = answers.get("customer") or state.customer
        elif after == "keep" or {state.status, status} == {"sold", "in_repair"}:
            customer = state.customer
        elif verb == "arrive":
            customer = unit.came().before.customer
        return state._replace(status=status, place=place, customer=customer)

    def put(self, unit: Unit, kind: str, after: State, document: str, *, units: int | None = None) -> Past:
        """Write an event, and change the quantities: by one where a unit crosses the on-hand line or moves along.

        Args:
            units: what it does to quantities, if that does not follow from the states.
        """
        before = unit.state
        took = (before.item, before.place) if before.status in ON_HAND else None
        gave = (after.item, after.place) if after.status in ON_HAND else None
        if took == gave or units == 0:
            number = 0
        else:
            there = took is None or self.quantities.get(took, 0) > 0
            if took is not None and there:
                self.quantities[took] -= 1
            if gave is not None and there:
                self.quantities[gave] = self.quantities.get(gave, 0) + 1
            number = int(there) if gave is not None else -int(there)
        event = Past(kind, before, after, number, document)
        unit.past.append(event)
        unit.state = after
        return event

    def void(self, unit: Unit, document: str) -> None:
        """Undo a unit's last standing event."""
        event = unit.standing()
        assert event is not None
        back = event.before if event.before.status else event.after._replace(status="removed", customer="")
        back = back._replace(place=back.place or unit.state.place)
        undone = self.put(unit, "voided", back, document, units=None if event.units else 0)
        undone.is_void = event.voided = True
