"""Statuses and verbs as data: what a serial can be, and every move that it can make.

The ledger, the look-ups, the import, the demo, the check and docs/verbs.md read them here and nowhere else. A new verb
is one row of `VERBS`; a new status is one row of `STATUSES` and its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final, Protocol

from models.permissions import Permission

# ----- statuses


class StatusCode(StrEnum):
    """The built-in statuses, by the code that is stored."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    RETURNED = "returned"
    DEFECTIVE = "defective"
    IN_REPAIR = "in_repair"
    IN_TRANSIT = "in_transit"
    SOLD = "sold"
    LOST = "lost"
    SCRAPPED = "scrapped"


class Need(StrEnum):
    """Whether a value is given."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


class PlaceMeaning(StrEnum):
    """What the location of a serial means in a status."""

    HERE = "here"
    """It is there."""
    DESTINATION = "destination"
    """It is on its way there."""
    LAST = "last"
    """It was there last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInStatus:
    """A status that every database has."""

    code: StatusCode
    label: str
    colour: str
    mark: str
    """One character that tells the status without colour."""
    available: bool = False
    """May be issued to a customer."""
    on_hand: bool = False
    """Counts against the item's quantity at its location."""
    place: PlaceMeaning = PlaceMeaning.HERE
    customer: Need = Need.NO
    """Whether a unit in it is somebody's."""


_STATUS_ROWS: Final = (
    BuiltInStatus(code=StatusCode.IN_STOCK, label="In Stock", colour="green", mark="+", available=True, on_hand=True),
    BuiltInStatus(
        code=StatusCode.RESERVED, label="Reserved", colour="blue", mark="R", on_hand=True, customer=Need.OPTIONAL
    ),
    BuiltInStatus(
        code=StatusCode.RETURNED, label="Returned", colour="orange", mark="<", on_hand=True, customer=Need.OPTIONAL
    ),
    BuiltInStatus(code=StatusCode.DEFECTIVE, label="Defective", colour="red", mark="!", on_hand=True),
    BuiltInStatus(code=StatusCode.IN_REPAIR, label="In Repair", colour="yellow", mark="~", customer=Need.OPTIONAL),
    BuiltInStatus(
        code=StatusCode.IN_TRANSIT, label="In Transit", colour="purple", mark=">", place=PlaceMeaning.DESTINATION
    ),
    BuiltInStatus(
        code=StatusCode.SOLD, label="Sold", colour="gray", mark="$", place=PlaceMeaning.LAST, customer=Need.REQUIRED
    ),
    BuiltInStatus(code=StatusCode.LOST, label="Lost", colour="dark red", mark="?", place=PlaceMeaning.LAST),
    BuiltInStatus(code=StatusCode.SCRAPPED, label="Scrapped", colour="dim", mark="x", place=PlaceMeaning.LAST),
)

STATUSES: Final[Mapping[str, BuiltInStatus]] = MappingProxyType({row.code: row for row in _STATUS_ROWS})
"""By code, in the order in which lists show them. All others are an administrator's own."""


def place_in(status: str) -> PlaceMeaning:
    """What the location of a serial means in a status; in an administrator's own one it is there."""
    return STATUSES[status].place if status in STATUSES else PlaceMeaning.HERE


def customer_in(status: str) -> Need:
    """Whether a serial in a status has a customer; in an administrator's own one it has none."""
    return STATUSES[status].customer if status in STATUSES else Need.NO


# ----- sets of statuses


class Traits(Protocol):
    """What a rule looks at; a `BuiltInStatus` and a row of the table `statuses` have it."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def available(self) -> bool: ...  # noqa: D102
    @property
    def on_hand(self) -> bool: ...  # noqa: D102


class Own(Enum):
    """Which of an administrator's own statuses."""

    NONE = auto()
    ON_HAND = auto()
    AVAILABLE = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class StatusSet:
    """Some statuses: built-in ones by code, an administrator's own by what they count as."""

    codes: frozenset[StatusCode] = frozenset()
    own: Own = Own.NONE

    def __contains__(self, status: Traits) -> bool:
        if status.code in STATUSES:
            return status.code in self.codes
        match self.own:
            case Own.NONE:
                return False
            case Own.ON_HAND:
                return status.on_hand
            case Own.AVAILABLE:
                return status.available
            case Own.ANY:
                return True


def _set(*codes: StatusCode | Iterable[StatusCode], own: Own = Own.NONE) -> StatusSet:
    found: set[StatusCode] = set()
    for each in codes:
        found.update((each,) if isinstance(each, StatusCode) else each)
    return StatusSet(frozenset(found), own)


ON_HAND: Final = frozenset(row.code for row in STATUSES.values() if row.on_hand)
"""The built-in statuses that count against the item's quantity."""

NO_STATUS: Final = StatusSet()
ANY_STATUS: Final = StatusSet(frozenset(StatusCode), Own.ANY)


# ----- verbs


class DocumentKind(StrEnum):
    """What a document is for."""

    RECEIPT = "receipt"
    SALE = "sale"
    RETURN = "return"
    TRANSFER = "transfer"
    IMPORT = "import"

    @property
    def prefix(self) -> str:
        """What its numbers begin with."""
        return _PREFIXES[self]


_PREFIXES: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.RECEIPT: "R",
    DocumentKind.SALE: "S",
    DocumentKind.RETURN: "B",
    DocumentKind.TRANSFER: "T",
    DocumentKind.IMPORT: "I",
}


class Ask(StrEnum):
    """What a verb asks the person who uses it, in the order in which a dialog asks."""

    NEW_SERIAL = "new serial"
    ITEM = "item"
    STATUS = "status"
    RESULT = "result"
    TRANSFER = "transfer"
    PLACE = "place"
    CUSTOMER = "customer"
    REPAIRER = "repairer"
    REFERENCE = "reference"
    WARRANTY = "warranty"
    REASON = "reason"
    CONDITION = "condition notes"
    NOTE = "note"
    """Every verb takes one; a row names it only where the verb is nothing without it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verb:
    """A move that a serial can make."""

    code: str
    """What it is called in commands."""
    kind: str
    """What `serial_events.kind` stores."""
    done: str
    """What the history says."""
    title: str
    """What screens call it."""
    barcode: str = ""
    """What stands behind the prefix in its command barcode; empty where it has none."""
    before: StatusSet = NO_STATUS
    """The statuses that it starts from, besides none at all where it makes the serial."""
    creates: bool = False
    """Whether it makes the serial."""
    after: StatusSet | None = None
    """The statuses that it may end in; None keeps the status."""
    as_before: StatusSet = NO_STATUS
    """The statuses to which it also leads back, where the move before it came from one of them."""
    permission: Permission
    document: DocumentKind | None = None
    asks: Mapping[Ask, Need] = field(default_factory=dict)
    """What it does not name, it does not ask."""
    why_not: Mapping[StatusCode, str] = field(default_factory=dict)
    """The next thing to do, by the status that stands in the way."""
    otherwise: str = ""
    """The same for every other status."""
    cannot: str = ""
    """What a refusal says that the serial cannot be; empty where it is `done`."""

    @property
    def refusal(self) -> str:
        """What a refusal says that the serial cannot be."""
        return self.cannot or self.done

    def allows(self, before: Traits | None, after: Traits) -> bool:
        """Whether a serial may go from one status to another by it.

        Args:
            before: None where the serial is made.
        """
        if before is None:
            return self.creates and self.after is not None and after in self.after
        if before not in self.before:
            return False
        if self.after is None:
            return after.code == before.code
        return after in self.after or after in self.as_before

    def refuses(self, serial: str, where: str, status: str, more: str = "") -> str:
        """What is said of a serial whose status stands in the way.

        Args:
            where: its `whereabouts`.
            status: its code.
            more: a sentence about others, to stand before the next step.
        """
        return f"{serial} is {where}; it cannot be {self.refusal}.{more} {self.next_step(status)}".rstrip()

    def next_step(self, status: str) -> str:
        """The next thing to do where a status stands in the way; empty where there is none."""
        return self.why_not[StatusCode(status)] if status in self.why_not else self.otherwise


_ALREADY_THERE: Final = MappingProxyType(
    {
        StatusCode.SOLD: "Take it back as a return.",
        StatusCode.LOST: "Mark it found.",
        StatusCode.IN_TRANSIT: "Receive its transfer.",
        StatusCode.IN_REPAIR: "Take it back from repair.",
        StatusCode.SCRAPPED: "Scrapped units stay out; leave it out.",
    }
)
"""Why nothing comes in that the item has already."""
_LEAVE_OUT: Final = "Leave it out, or open it."

_AWAY: Final = MappingProxyType(
    {
        StatusCode.SOLD: "Take it back as a return first.",
        StatusCode.SCRAPPED: "Scrapped units stay where they are.",
        StatusCode.LOST: "Mark it found first.",
        StatusCode.IN_TRANSIT: "Receive its transfer first.",
    }
)
"""Why nothing is done with a unit that is not here."""
_RELEASE: Final = "Release it first."
_RESTOCK: Final = "Inspect it and restock it first."
_BACK_FROM_REPAIR: Final = "Take it back from repair first."

_VERB_ROWS: Final = (
    Verb(
        code="add",
        kind="added",
        done="added",
        title="Add",
        creates=True,
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.PLACE: Need.OPTIONAL, Ask.CONDITION: Need.OPTIONAL},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
    ),
    Verb(
        code="receive",
        kind="received",
        done="received",
        title="Receive",
        barcode="RECEIVE",
        creates=True,
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.RECEIPT,
        asks={Ask.PLACE: Need.REQUIRED},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
    ),
    Verb(
        code="import",
        kind="imported",
        done="imported",
        title="Import",
        creates=True,
        after=_set(set(StatusCode) - {StatusCode.IN_TRANSIT}),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.IMPORT,
        asks={Ask.PLACE: Need.OPTIONAL},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
    ),
    Verb(
        code="reserve",
        kind="reserved",
        done="reserved",
        title="Reserve",
        barcode="RESERVE",
        before=_set(StatusCode.IN_STOCK),
        after=_set(StatusCode.RESERVED),
        permission=Permission.SELL_SERIAL,
        asks={Ask.CUSTOMER: Need.OPTIONAL, Ask.REFERENCE: Need.OPTIONAL},
        why_not={
            **_AWAY,
            StatusCode.RESERVED: "It is reserved already.",
            StatusCode.IN_REPAIR: _BACK_FROM_REPAIR,
        },
        otherwise=_RESTOCK,
    ),
    Verb(
        code="release",
        kind="released",
        done="released",
        title="Release",
        barcode="FREE",
        before=_set(StatusCode.RESERVED),
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.SELL_SERIAL,
        otherwise="It is not reserved.",
    ),
    Verb(
        code="sell",
        kind="sold",
        done="sold",
        title="Sell",
        barcode="SELL",
        before=_set(StatusCode.IN_STOCK, StatusCode.RESERVED, own=Own.ON_HAND),
        after=_set(StatusCode.SOLD),
        permission=Permission.SELL_SERIAL,
        document=DocumentKind.SALE,
        asks={Ask.CUSTOMER: Need.OPTIONAL, Ask.REFERENCE: Need.OPTIONAL, Ask.WARRANTY: Need.OPTIONAL},
        why_not={**_AWAY, StatusCode.IN_REPAIR: _BACK_FROM_REPAIR},
        otherwise=_RESTOCK,
    ),
    Verb(
        code="return",
        kind="returned",
        done="returned",
        title="Return",
        barcode="RETURN",
        before=_set(StatusCode.SOLD),
        after=_set(StatusCode.RETURNED),
        permission=Permission.SELL_SERIAL,
        document=DocumentKind.RETURN,
        asks={Ask.PLACE: Need.REQUIRED, Ask.REASON: Need.OPTIONAL},
        otherwise="Only what was sold comes back; check that this is the unit.",
    ),
    Verb(
        code="restock",
        kind="restocked",
        done="restocked",
        title="Restock",
        barcode="RESTOCK",
        before=_set(StatusCode.RETURNED, StatusCode.DEFECTIVE, StatusCode.IN_REPAIR),
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.PLACE: Need.OPTIONAL},
        why_not={**_AWAY, StatusCode.RESERVED: _RELEASE},
        otherwise="It is in stock already.",
    ),
    Verb(
        code="mark-defective",
        kind="marked_defective",
        done="marked defective",
        title="Mark defective",
        barcode="DEFECT",
        before=_set(
            *(StatusCode.IN_STOCK, StatusCode.RESERVED, StatusCode.RETURNED, StatusCode.IN_REPAIR), own=Own.ON_HAND
        ),
        after=_set(StatusCode.DEFECTIVE),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.REASON: Need.REQUIRED},
        why_not=_AWAY,
        otherwise="It is marked already.",
    ),
    Verb(
        code="send-to-repair",
        kind="sent_to_repair",
        done="sent to repair",
        title="Send to repair",
        barcode="TOFIX",
        before=_set(StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE, own=Own.ON_HAND),
        after=_set(StatusCode.IN_REPAIR),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.REPAIRER: Need.OPTIONAL, Ask.REFERENCE: Need.OPTIONAL},
        why_not={**_AWAY, StatusCode.RESERVED: _RELEASE},
        otherwise="It is in repair already.",
    ),
    Verb(
        code="transfer",
        kind="transferred",
        done="transferred",
        title="Transfer",
        barcode="SHIFT",
        before=_set(ON_HAND, StatusCode.IN_REPAIR, own=Own.ON_HAND),
        permission=Permission.TRANSFER_SERIAL,
        document=DocumentKind.TRANSFER,
        asks={Ask.PLACE: Need.REQUIRED},
        why_not=_AWAY,
    ),
    Verb(
        code="dispatch",
        kind="dispatched",
        done="dispatched",
        title="Dispatch",
        barcode="SEND",
        before=_set(ON_HAND, own=Own.ON_HAND),
        after=_set(StatusCode.IN_TRANSIT),
        permission=Permission.TRANSFER_SERIAL,
        document=DocumentKind.TRANSFER,
        asks={Ask.PLACE: Need.REQUIRED},
        why_not={**_AWAY, StatusCode.IN_REPAIR: _BACK_FROM_REPAIR},
    ),
    Verb(
        code="arrive",
        kind="arrived",
        done="arrived",
        title="Arrive",
        barcode="DELIVER",
        before=_set(StatusCode.IN_TRANSIT),
        after=NO_STATUS,
        as_before=_set(ON_HAND, own=Own.ON_HAND),
        permission=Permission.TRANSFER_SERIAL,
        asks={Ask.TRANSFER: Need.REQUIRED},
        otherwise="Nobody sent it; transfer it instead.",
        cannot="received from transit",
    ),
    Verb(
        code="mark-lost",
        kind="marked_lost",
        done="marked lost",
        title="Mark lost",
        barcode="LOST",
        before=_set(ON_HAND, StatusCode.IN_REPAIR, StatusCode.IN_TRANSIT, own=Own.ON_HAND),
        after=_set(StatusCode.LOST),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.REASON: Need.REQUIRED},
        why_not={
            StatusCode.SOLD: _AWAY[StatusCode.SOLD],
            StatusCode.SCRAPPED: _AWAY[StatusCode.SCRAPPED],
            StatusCode.LOST: "It is marked already.",
        },
    ),
    Verb(
        code="scrap",
        kind="scrapped",
        done="scrapped",
        title="Scrap",
        barcode="JUNK",
        before=_set(
            *(StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE, StatusCode.IN_REPAIR, StatusCode.LOST)
        ),
        after=_set(StatusCode.SCRAPPED),
        permission=Permission.SCRAP_SERIAL,
        asks={Ask.REASON: Need.REQUIRED},
        why_not={
            StatusCode.RESERVED: _RELEASE,
            StatusCode.IN_TRANSIT: _AWAY[StatusCode.IN_TRANSIT],
            StatusCode.SOLD: _AWAY[StatusCode.SOLD],
            StatusCode.SCRAPPED: "It is scrapped already.",
        },
    ),
    Verb(
        code="note-condition",
        kind="condition_noted",
        done="condition noted",
        title="Note condition",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.CONDITION: Need.OPTIONAL},
        cannot="noted",
    ),
    Verb(
        code="note",
        kind="noted",
        done="noted",
        title="Note",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.NOTE: Need.REQUIRED},
    ),
    Verb(
        code="set-warranty",
        kind="warranty_set",
        done="warranty set",
        title="Set warranty",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.WARRANTY: Need.REQUIRED},
        cannot="given a warranty",
    ),
)

VERBS: Final[Mapping[str, Verb]] = MappingProxyType({verb.code: verb for verb in _VERB_ROWS})
"""By code."""

BY_KIND: Final[Mapping[str, Verb]] = MappingProxyType({verb.kind: verb for verb in _VERB_ROWS})
"""By the kind of their events."""


def done(kind: str) -> str:
    """What the history says for a kind of event, one of a later program's too."""
    return BY_KIND[kind].done if kind in BY_KIND else kind.replace("_", " ")
