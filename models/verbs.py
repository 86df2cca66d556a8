"""Statuses and verbs as data: the states of a serial, and every move between them.

The one place that says what a verb does: from its row come what `serials.moves.move` does with it, its command, its
dialog, its refusals and its line of docs/verbs.md. What a row cannot say stands in tables held to it by tests: the
command barcode, the words of a station's task, the first words of commands. docs/architecture.md lists them, under
"Where a new thing goes".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, TypeVar

from models.barcodes.reading import CommandCode
from models.permissions import Permission
from models.schema import Document, DocumentNumber, SerialEvent, Status

T = TypeVar("T")

# ----- statuses


class StatusCode(StrEnum):
    """Codes of the built-in statuses, as stored."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    RETURNED = "returned"
    DEFECTIVE = "defective"
    IN_REPAIR = "in_repair"
    IN_TRANSIT = "in_transit"
    SOLD = "sold"
    LOST = "lost"
    SCRAPPED = "scrapped"
    REMOVED = "removed"
    """The record was entered by mistake; lists hide it, and adding the same text brings it back."""


class Need(StrEnum):
    """Whether a value is used."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


class PlaceMeaning(StrEnum):
    """What the location of a serial in a status means."""

    HERE = "here"
    """The serial is there."""
    DESTINATION = "destination"
    """The serial is on its way there."""
    LAST = "last"
    """The last known location."""


class BuiltInStatus(NamedTuple):
    """A status that every database has."""

    code: StatusCode
    label: str
    colour: str
    mark: str
    """One character that identifies the status without colour."""
    available: bool = False
    """Units can be issued to a customer."""
    on_hand: bool = False
    """Units count as part of the item's quantity at their location."""
    place: PlaceMeaning = PlaceMeaning.HERE
    customer: Need = Need.NO
    """Whether a unit in this status has a customer."""


_STATUS_ROWS: Final = (
    BuiltInStatus(code=StatusCode.IN_STOCK, label="In Stock", colour="green", mark="+", available=True, on_hand=True),
    BuiltInStatus(
        code=StatusCode.RESERVED, label="Reserved", colour="blue", mark="R", on_hand=True, customer=Need.OPTIONAL
    ),
    BuiltInStatus(code=StatusCode.RETURNED, label="Returned", colour="orange", mark="<", on_hand=True),
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
    BuiltInStatus(code=StatusCode.REMOVED, label="Removed", colour="dim", mark="-", place=PlaceMeaning.LAST),
)

STATUSES: Final[Mapping[str, BuiltInStatus]] = MappingProxyType({row.code: row for row in _STATUS_ROWS})
"""The built-in statuses by code, in list order. Any other status was added by an administrator."""


Status.colour.words = frozenset(row.colour for row in _STATUS_ROWS)


def place_in(status: str) -> PlaceMeaning:
    """What the location of a serial in a status means; HERE for a status added by an administrator."""
    return STATUSES[status].place if status in STATUSES else _of_own(status, PlaceMeaning.HERE)


def customer_in(status: str) -> Need:
    """Whether a serial in a status has a customer; NO for a status added by an administrator."""
    return STATUSES[status].customer if status in STATUSES else _of_own(status, Need.NO)


def _of_own(status: str, meaning: T) -> T:
    """What holds for a status added by an administrator, unless no status has such a code.

    Raises:
        WrongValueError: a row is damaged.
    """
    Status.code.known(status)
    return meaning


# ----- sets of statuses


class Traits(Protocol):
    """The properties of a status that rules test; `BuiltInStatus` and rows of the table `statuses` have them."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def available(self) -> bool: ...  # noqa: D102
    @property
    def on_hand(self) -> bool: ...  # noqa: D102


class Own(Enum):
    """Selects among the statuses added by an administrator."""

    NONE = auto()
    ON_HAND = auto()
    AVAILABLE = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class StatusSet:
    """A set of statuses: built-in ones by code, those added by an administrator by their properties."""

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
"""Codes of the built-in statuses that count as on hand."""

NO_STATUS: Final = StatusSet()
ANY_STATUS: Final = StatusSet(frozenset(StatusCode), Own.ANY)


# ----- verbs


class DocumentKind(StrEnum):
    """The kind of a document."""

    RECEIPT = "receipt"
    SALE = "sale"
    RETURN = "return"
    TRANSFER = "transfer"
    IMPORT = "import"
    REPAIR = "repair"
    ARRIVAL = "arrival"
    SCRAP = "scrap"
    VOID = "void"

    @property
    def prefix(self) -> str:
        """Prefix of its document numbers."""
        return _PREFIXES[self]


_PREFIXES: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.RECEIPT: "R",
    DocumentKind.SALE: "S",
    DocumentKind.RETURN: "B",
    DocumentKind.TRANSFER: "T",
    DocumentKind.IMPORT: "I",
    DocumentKind.REPAIR: "W",
    DocumentKind.ARRIVAL: "A",
    DocumentKind.SCRAP: "X",
    DocumentKind.VOID: "V",
}
Document.kind.words = DocumentNumber.kind.words = frozenset(map(str, DocumentKind))


class Ask(StrEnum):
    """Values that a verb asks for, in dialog order."""

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
    """Every verb accepts a note; a row lists it only if the verb requires it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verb:
    """A move that a serial can make."""

    code: str
    """Name in commands."""
    kind: str
    """Stored in `serial_events.kind`."""
    done: str
    """Past participle for the history and messages: sold."""
    title: str
    """Name on screens."""
    noun: str = ""
    """What a draft of it at a station is called: a sale; empty if there are none."""
    summary: str = ""
    """What the help of its command says if it is not `to_do`; else empty."""
    barcode: CommandCode | None = None
    """Its command barcode, which chooses its task at a station; None if it has none."""
    before: StatusSet = NO_STATUS
    """Statuses from which it is allowed; a verb with `creates` also starts from no serial at all."""
    creates: bool = False
    """Whether it creates the serial."""
    after: StatusSet | None = None
    """Allowed statuses after it; None keeps the status."""
    as_before: StatusSet = NO_STATUS
    """Statuses to which it also returns a serial, if the move before it came from that status."""
    permission: Permission
    document: DocumentKind | None = None
    asks: Mapping[Ask, Need] = field(default_factory=dict)
    """Values it asks for; values not listed are not asked for."""
    destination: bool = False
    """Whether the place that it asks for is where the serial goes, not where it is now."""
    beside: bool = False
    """Whether it only says something about a serial: then it never stands in the way of voiding an earlier event, and a
    draft in which the serial stands is none of its business."""
    why_not: Mapping[StatusCode, str] = field(default_factory=dict)
    """Next step for the person, by the status that prevents the verb."""
    otherwise: str = ""
    """Next step for any other built-in status; empty for none."""
    own: str = "Change its status first."
    """Next step for a status added by an administrator; empty means `otherwise`."""
    cannot: str = ""
    """Participle in refusals ("it cannot be …") if it differs from `done`; else empty."""
    happens: str = ""
    """What a sentence says that happened to a serial if it is not "was" and `done`; else empty."""
    deed: str = ""
    """The action in refusals for want of a permission ("To …, dock1 needs …") if it is not its title and "serials"."""

    @property
    def refusal(self) -> str:
        """Participle in refusals: "it cannot be …"."""
        return self.cannot or self.done

    @property
    def happened(self) -> str:
        """What happened to a serial, as the predicate of a sentence: was sold, was given a note."""
        return self.happens or f"was {self.done}"

    @property
    def to_do(self) -> str:
        """The action in refusals for want of a permission: "To …, dock1 needs …"."""
        return self.deed or f"{self.title.lower()} serials"

    @property
    def chooses_status(self) -> bool:
        """Whether the person says which status comes after it."""
        return Ask.RESULT in self.asks or Ask.STATUS in self.asks

    @property
    def needs_reason(self) -> bool:
        """Whether it needs a note, as the reason or for its own sake."""
        return Need.REQUIRED in (self.asks.get(Ask.REASON), self.asks.get(Ask.NOTE))

    def allows(self, before: Traits | None, after: Traits) -> bool:
        """Whether the verb may take a serial from one status to another.

        Args:
            before: None if the serial is created.
        """
        if before is None:
            return self.creates and self.after is not None and after in self.after
        if before not in self.before:
            return False
        if self.after is None:
            return after.code == before.code
        return after in self.after or after in self.as_before

    def refuses(self, serial: str, where: str, status: str, more: str = "") -> str:
        """The refusal message for a serial whose status prevents the verb.

        Args:
            where: see `ledger.whereabouts`.
            status: status code.
            more: a sentence about other serials, placed before the next step.
        """
        return f"{serial} is {where}; it cannot be {self.refusal}.{more} {self.next_step(status)}".rstrip()

    def next_step(self, status: str) -> str:
        """The next step for the person if a status prevents the verb; empty for none."""
        if status not in STATUSES:
            return self.own or self.otherwise
        return self.why_not.get(StatusCode(status), self.otherwise)


_ALREADY_THERE: Final = MappingProxyType(
    {
        StatusCode.SOLD: "Take it back as a return.",
        StatusCode.LOST: "Mark it found.",
        StatusCode.IN_TRANSIT: "Receive its transfer.",
        StatusCode.IN_REPAIR: "Take it back from repair.",
        StatusCode.SCRAPPED: "Reactivate it, or leave it out.",
    }
)
"""Next steps if a serial to be created already exists on the item."""
_LEAVE_OUT: Final = "Leave it out, or open it."
_ADD_AGAIN: Final = "Add it again to bring it back."

_AWAY: Final = MappingProxyType(
    {
        StatusCode.SOLD: "Take it back as a return first.",
        StatusCode.SCRAPPED: "Reactivate it first.",
        StatusCode.LOST: "Mark it found first.",
        StatusCode.IN_TRANSIT: "Receive its transfer first.",
        StatusCode.REMOVED: _ADD_AGAIN,
    }
)
"""Next steps for a unit that is not here."""
_RELEASE: Final = "Release it first."
_RESTOCK: Final = "Inspect it and restock it first."
_BACK_FROM_REPAIR: Final = "Take it back from repair first."
_REMOVED: Final = _set(StatusCode.REMOVED)
_ANYWHERE_ON_HAND: Final = _set(ON_HAND, own=Own.ON_HAND)

_COMING_ROWS: Final = (
    Verb(
        code="add",
        kind="added",
        done="added",
        title="Add",
        before=_REMOVED,
        creates=True,
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.PLACE: Need.OPTIONAL, Ask.CONDITION: Need.OPTIONAL},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
        own="",
    ),
    Verb(
        code="receive",
        kind="received",
        done="received",
        title="Receive",
        noun="receipt",
        barcode=CommandCode.RECEIVE,
        before=_REMOVED,
        creates=True,
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.RECEIPT,
        asks={Ask.PLACE: Need.REQUIRED},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
        own="",
    ),
    Verb(
        code="import",
        kind="imported",
        done="imported",
        title="Import",
        before=_REMOVED,
        creates=True,
        after=_set(set(StatusCode) - {StatusCode.IN_TRANSIT, StatusCode.REMOVED}),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.IMPORT,
        asks={Ask.PLACE: Need.OPTIONAL},
        why_not=_ALREADY_THERE,
        otherwise=_LEAVE_OUT,
        own="",
    ),
)

_MOVE_ROWS: Final = (
    Verb(
        code="reserve",
        kind="reserved",
        done="reserved",
        title="Reserve",
        noun="reservation",
        summary="reserve serials for a customer, or for nobody yet",
        barcode=CommandCode.RESERVE,
        before=_set(StatusCode.IN_STOCK),
        after=_set(StatusCode.RESERVED),
        permission=Permission.SELL_SERIAL,
        asks={Ask.CUSTOMER: Need.OPTIONAL, Ask.REFERENCE: Need.OPTIONAL},
        why_not={
            **_AWAY,
            StatusCode.RESERVED: "Release it first to reserve it anew.",
            StatusCode.IN_REPAIR: _BACK_FROM_REPAIR,
        },
        otherwise=_RESTOCK,
    ),
    Verb(
        code="release",
        kind="released",
        done="released",
        title="Release",
        noun="release",
        summary="release reserved serials",
        barcode=CommandCode.RELEASE,
        before=_set(StatusCode.RESERVED),
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.SELL_SERIAL,
        otherwise="It is not reserved; leave it out.",
        own="",
    ),
    Verb(
        code="sell",
        kind="sold",
        done="sold",
        title="Sell",
        noun="sale",
        summary="sell serials; reserved ones go to their customer",
        barcode=CommandCode.SELL,
        before=_set(StatusCode.IN_STOCK, StatusCode.RESERVED, own=Own.AVAILABLE),
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
        noun="return",
        summary="take sold serials back",
        barcode=CommandCode.RETURN,
        before=_set(StatusCode.SOLD),
        after=_set(StatusCode.RETURNED),
        permission=Permission.SELL_SERIAL,
        document=DocumentKind.RETURN,
        asks={Ask.PLACE: Need.REQUIRED, Ask.REASON: Need.OPTIONAL},
        why_not={StatusCode.IN_REPAIR: _BACK_FROM_REPAIR},
        otherwise="Only what was sold comes back; check that this is the unit.",
        own="",
    ),
    Verb(
        code="restock",
        kind="restocked",
        done="restocked",
        title="Restock",
        noun="restocking",
        summary="put returned, defective or repaired serials back into stock",
        barcode=CommandCode.RESTOCK,
        before=_set(StatusCode.RETURNED, StatusCode.DEFECTIVE, StatusCode.IN_REPAIR),
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.PLACE: Need.OPTIONAL},
        why_not={**_AWAY, StatusCode.RESERVED: _RELEASE},
        otherwise="It is in stock already; leave it out.",
    ),
    Verb(
        code="defect",
        kind="marked_defective",
        done="marked defective",
        title="Mark defective",
        noun="defect list",
        deed="mark serials defective",
        barcode=CommandCode.DEFECT,
        before=_set(StatusCode.IN_STOCK, StatusCode.RESERVED, StatusCode.RETURNED, StatusCode.IN_REPAIR),
        after=_set(StatusCode.DEFECTIVE),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.REASON: Need.REQUIRED},
        why_not=_AWAY,
        otherwise="It is marked already; leave it out.",
    ),
    Verb(
        code="repair",
        kind="sent_to_repair",
        done="sent to repair",
        title="Send to repair",
        noun="repair",
        deed="send serials to repair",
        barcode=CommandCode.REPAIR,
        before=_set(StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE, StatusCode.SOLD),
        after=_set(StatusCode.IN_REPAIR),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.REPAIR,
        asks={Ask.REPAIRER: Need.OPTIONAL, Ask.REFERENCE: Need.OPTIONAL},
        why_not={
            **{code: step for code, step in _AWAY.items() if code is not StatusCode.SOLD},
            StatusCode.RESERVED: _RELEASE,
        },
        otherwise="It is in repair already; leave it out.",
    ),
    Verb(
        code="repaired",
        kind="repaired",
        done="taken back from repair",
        title="Back from repair",
        noun="repair return",
        deed="take serials back from repair",
        barcode=CommandCode.REPAIRED,
        before=_set(StatusCode.IN_REPAIR),
        after=_set(StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE),
        as_before=_set(StatusCode.SOLD),
        permission=Permission.MANAGE_SERIALS,
        document=DocumentKind.REPAIR,
        asks={Ask.RESULT: Need.REQUIRED, Ask.PLACE: Need.OPTIONAL},
        otherwise="It is not in repair; check that this is the unit.",
        own="",
    ),
    Verb(
        code="transfer",
        kind="transferred",
        done="transferred",
        title="Transfer",
        noun="transfer",
        summary="move serials to another place in one step",
        barcode=CommandCode.TRANSFER,
        before=_set(ON_HAND, StatusCode.IN_REPAIR, own=Own.ON_HAND),
        permission=Permission.TRANSFER_SERIAL,
        document=DocumentKind.TRANSFER,
        asks={Ask.PLACE: Need.REQUIRED},
        destination=True,
        why_not=_AWAY,
    ),
    Verb(
        code="dispatch",
        kind="dispatched",
        done="dispatched",
        title="Dispatch",
        noun="dispatch",
        summary="send serials to another place; arrive receives them",
        barcode=CommandCode.DISPATCH,
        before=_ANYWHERE_ON_HAND,
        after=_set(StatusCode.IN_TRANSIT),
        permission=Permission.TRANSFER_SERIAL,
        document=DocumentKind.TRANSFER,
        asks={Ask.PLACE: Need.REQUIRED},
        destination=True,
        why_not={**_AWAY, StatusCode.IN_REPAIR: _BACK_FROM_REPAIR},
    ),
    Verb(
        code="arrive",
        kind="arrived",
        done="arrived",
        happens="was received from transit",
        title="Arrive",
        noun="arrival",
        deed="receive transfers",
        summary="receive serials of a transfer",
        barcode=CommandCode.ARRIVE,
        before=_set(StatusCode.IN_TRANSIT),
        after=NO_STATUS,
        as_before=_ANYWHERE_ON_HAND,
        permission=Permission.TRANSFER_SERIAL,
        document=DocumentKind.ARRIVAL,
        asks={Ask.TRANSFER: Need.REQUIRED},
        why_not={code: step for code, step in _AWAY.items() if code is not StatusCode.IN_TRANSIT},
        otherwise="Nobody sent it; transfer it instead.",
        own="Nobody sent it; leave it out.",
        cannot="received from transit",
    ),
    Verb(
        code="lose",
        kind="marked_lost",
        done="marked lost",
        title="Mark lost",
        noun="loss list",
        deed="mark serials lost",
        barcode=CommandCode.LOSE,
        before=_set(ON_HAND, StatusCode.IN_REPAIR, StatusCode.IN_TRANSIT, own=Own.ON_HAND),
        after=_set(StatusCode.LOST),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.REASON: Need.REQUIRED},
        why_not={code: _AWAY[code] for code in (StatusCode.SOLD, StatusCode.SCRAPPED, StatusCode.REMOVED)},
        otherwise="It is marked already; leave it out.",
    ),
    Verb(
        code="found",
        kind="found",
        done="found",
        title="Mark found",
        noun="find list",
        deed="mark serials found",
        summary="mark lost serials found",
        barcode=CommandCode.FOUND,
        before=_set(StatusCode.LOST),
        after=_set(StatusCode.IN_STOCK),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.PLACE: Need.REQUIRED},
        otherwise="It is not lost; check that this is the unit.",
        own="",
        cannot="marked found",
    ),
    Verb(
        code="scrap",
        kind="scrapped",
        done="scrapped",
        title="Scrap",
        noun="scrapping",
        barcode=CommandCode.SCRAP,
        before=_set(
            *(StatusCode.IN_STOCK, StatusCode.RETURNED, StatusCode.DEFECTIVE, StatusCode.IN_REPAIR, StatusCode.LOST)
        ),
        after=_set(StatusCode.SCRAPPED),
        permission=Permission.SCRAP_SERIAL,
        document=DocumentKind.SCRAP,
        asks={Ask.REASON: Need.REQUIRED},
        why_not={
            StatusCode.RESERVED: _RELEASE,
            **{code: _AWAY[code] for code in (StatusCode.IN_TRANSIT, StatusCode.SOLD, StatusCode.REMOVED)},
        },
        otherwise="It is scrapped already; leave it out.",
    ),
    Verb(
        code="reactivate",
        kind="reactivated",
        done="reactivated",
        title="Reactivate",
        noun="reactivation",
        summary="take scrapped serials back, as defective",
        barcode=CommandCode.REACTIVATE,
        before=_set(StatusCode.SCRAPPED),
        after=_set(StatusCode.DEFECTIVE),
        permission=Permission.SCRAP_SERIAL,
        document=DocumentKind.SCRAP,
        asks={Ask.REASON: Need.REQUIRED},
        otherwise="It is not scrapped; leave it out.",
        own="",
    ),
    Verb(
        code="change-status",
        kind="status_changed",
        done="given another status",
        title="Change status",
        deed="change the status of serials",
        summary="give serials another status",
        before=_set(ON_HAND, own=Own.ANY),
        after=_set(StatusCode.IN_STOCK, own=Own.ANY),
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.STATUS: Need.REQUIRED},
        why_not=_AWAY,
        otherwise=_BACK_FROM_REPAIR,
    ),
)

_OTHER_ROWS: Final = (
    Verb(
        code="correct",
        kind="corrected",
        done="corrected",
        title="Correct",
        before=ANY_STATUS,
        permission=Permission.CORRECT_SERIAL,
        asks={Ask.NEW_SERIAL: Need.REQUIRED},
    ),
    Verb(
        code="change-item",
        kind="item_changed",
        done="moved to another item",
        title="Change item",
        deed="move serials to another item",
        before=_ANYWHERE_ON_HAND,
        permission=Permission.CORRECT_SERIAL,
        asks={Ask.ITEM: Need.REQUIRED},
        why_not={**_AWAY, StatusCode.IN_REPAIR: _BACK_FROM_REPAIR},
    ),
    Verb(
        code="remove",
        kind="removed",
        done="removed",
        title="Remove",
        summary="remove records entered by mistake; adding brings them back",
        before=_ANYWHERE_ON_HAND,
        after=_REMOVED,
        permission=Permission.CORRECT_SERIAL,
        asks={Ask.REASON: Need.REQUIRED},
        why_not={
            **_AWAY,
            StatusCode.IN_REPAIR: _BACK_FROM_REPAIR,
            StatusCode.REMOVED: "It is removed already; leave it out.",
        },
    ),
    Verb(
        code="void",
        kind="voided",
        done="voided",
        happens="was set back to what it was before",
        title="Void",
        deed="void what was done",
        before=ANY_STATUS,
        after=ANY_STATUS,
        permission=Permission.VOID_SERIAL_EVENT,
        document=DocumentKind.VOID,
        asks={Ask.REASON: Need.REQUIRED},
    ),
    Verb(
        code="note-condition",
        kind="condition_noted",
        done="condition noted",
        happens="was given other condition notes",
        title="Note condition",
        deed="change condition notes",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.CONDITION: Need.OPTIONAL},
        beside=True,
        cannot="noted",
    ),
    Verb(
        code="note",
        kind="noted",
        done="noted",
        happens="was given a note",
        title="Note",
        deed="write notes",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.NOTE: Need.REQUIRED},
        beside=True,
    ),
    Verb(
        code="warranty",
        kind="warranty_set",
        done="warranty set",
        happens="was given another warranty",
        title="Set warranty",
        deed="change warranties",
        before=ANY_STATUS,
        permission=Permission.MANAGE_SERIALS,
        asks={Ask.WARRANTY: Need.REQUIRED},
        beside=True,
        cannot="given a warranty",
    ),
)

MOVES: Final[Mapping[str, Verb]] = MappingProxyType({verb.code: verb for verb in _MOVE_ROWS})
"""The verbs that `serials.moves.move` carries out, by code; the others have operations of their own."""

VERBS: Final[Mapping[str, Verb]] = MappingProxyType(
    {verb.code: verb for verb in (*_COMING_ROWS, *_MOVE_ROWS, *_OTHER_ROWS)}
)
"""All verbs by code."""

BY_KIND: Final[Mapping[str, Verb]] = MappingProxyType({verb.kind: verb for verb in VERBS.values()})
"""All verbs by event kind."""
SerialEvent.kind.words = frozenset(BY_KIND)

BY_BARCODE: Final[Mapping[str, Verb]] = MappingProxyType(
    {verb.barcode.barcode: verb for verb in VERBS.values() if verb.barcode is not None}
)
"""The verbs that have a command barcode, by its whole text."""

COMING: Final = frozenset(verb.kind for verb in _COMING_ROWS)
"""Kinds of events that make a serial, or bring back one that was removed."""

BESIDE: Final = frozenset(verb.kind for verb in VERBS.values() if verb.beside)
"""Kinds of events that only say something about a serial."""

_USUAL: Final = (
    *("sell", "return", "arrive", "repaired", "restock", "release", "found", "transfer", "reserve", "dispatch"),
    *("repair", "defect", "lose", "scrap", "reactivate", "note", "warranty", "change-status", "correct", "change-item"),
    *("remove", "void"),
)

USUAL: Final = tuple(VERBS[code] for code in _USUAL)
"""The verbs that lists of what can happen to a serial name, the most usual first."""


def done(kind: str) -> str:
    """The history text of an event kind.

    Raises:
        WrongValueError: a row is damaged.
    """
    return BY_KIND[SerialEvent.kind.known(kind)].done
