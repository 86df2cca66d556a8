"""What a station can be used for: the protocol of a task, and what the station and a task hand each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import NamedTuple, Protocol

from models.barcodes.reading import CommandCode
from models.database.unit import Unit
from models.permissions import Permission
from models.serials.judging import DraftRow, Judged
from models.station.state import State


class First(StrEnum):
    """What is scanned before the serials."""

    PLACE = "place"
    ITEM = "item"
    CUSTOMER = "customer"
    DOCUMENT = "document"


class Commit(Enum):
    """When a scan becomes part of the stock."""

    EACH_SCAN = auto()
    AT_DONE = auto()
    """Until then it is a line of a draft."""
    NEVER = auto()
    """It is only looked up."""


class Extra(StrEnum):
    """What a task offers besides scanning."""

    LISTS = "lists"
    """A range or a list of serials in one go."""
    EXPECTED = "expected"
    """A number, or an announced list, of what shall come."""
    QUANTITY = "quantity"
    """Whether the quantity goes up with the serials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a task is spoken of."""

    title: str
    """What screens call it: Receive."""
    noun: str
    """What DONE writes: receipt."""
    verb: str
    """receive; with an s behind it where DONE does it."""
    to_do: str
    """What a refusal says that somebody may not do: receive serials."""
    steps: str
    """What is scanned, in one sentence with "Scan" before it: a place, an item, then its serials."""
    help: str
    """What F1 says at the station."""
    where: str = "at"
    """What stands before the place: at, to."""
    prompts: Mapping[First, str] = field(default_factory=dict)
    """What to scan next, where it is not "scan the place"."""

    def prompt(self, first: First) -> str:
        """What to scan next where this is missing."""
        return self.prompts.get(first, f"scan the {first}")


class Task(Protocol):
    """One way to use scans; `models.station.tasks` lists them."""

    code: str
    """Stored in `drafts.task`; the code of its verb in `models.verbs`."""
    command: CommandCode | None
    """The barcode that chooses it."""
    words: Words
    permission: Permission
    first: tuple[First, ...]
    """What it asks for before serials, in this order."""
    commits: Commit


class Order(NamedTuple):
    """A good line of a draft, as DONE is to carry it out."""

    number: int
    """Of the line."""
    item_id: int
    serial_number: str
    key: str
    """Folded."""
    location_id: int
    """Its place; the first place of the draft where it came before any."""
    scan: str | None
    """The barcode it came from, where that said more than the serial."""
    note: str
    """For the history."""
    serial_id: int | None
    """The serial, where the task is about one that is there."""
    message: str
    """What was said when it was scanned."""


class Finished(NamedTuple):
    """What DONE wrote."""

    document_id: int
    document: str
    """Its number."""
    message: str
    """In sentences: what happened to how many."""


Finish = Callable[[Unit, State, str], Finished]
"""Writes the document in the transaction that ends the draft; is given the note of the document."""


class Judging(Protocol):
    """Serials that are judged one after the other and were looked up together.

    What is taken is noted, so that those that follow are held against it.
    """

    @property
    def cleaned(self) -> Sequence[Judged]:
        """What each text is as a serial, in their order."""

    def drafted(self, one: Judged) -> DraftRow | None:
        """The draft's line of one of them."""

    def say(self, one: Judged) -> Judged:
        """Whether one of them can be taken. `Reason.NO_ITEM` lets it wait until another item is scanned."""

    def note(self, one: Judged, row: DraftRow) -> None:
        """Let those that follow know one that has this line of the draft now."""


class DraftTask(Task, Protocol):
    """A task whose scans are lines of a draft until DONE."""

    extras: frozenset[Extra]

    def judge(self, state: State, texts: Sequence[str]) -> Judging:
        """Look serials up, of the present item where there is one, in a constant number of statements."""

    def no_longer(self, state: State, orders: Sequence[Order]) -> list[tuple[Order, Judged]]:
        """What cannot be carried out any more as it was judged, and why; asked in the transaction of DONE."""

    def prepare(self, orders: Sequence[Order], *, ahead: bool) -> Finish:
        """Make ready what DONE writes.

        Args:
            ahead: whether this is before the transaction; what takes long is done then, since others wait for a
                transaction.
        """
