"""The protocols `Work` and `Judging`, by which a task handles serials at a station, and the data they exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from models.database.unit import Unit
from models.items.rules import ItemFacts
from models.ledger import State
from models.serials.judging import Drafted, Judged
from models.station.state import DraftState


class GoodLine(NamedTuple):
    """A good line of a draft, to be carried out by DONE."""

    number: int
    """Line number."""
    item_id: int
    serial_number: str
    key: str
    """Folded key."""
    location_id: int | None
    """Its place; the first place of the draft if it was scanned before any place and the task asks for one first."""
    scan: str | None
    """The barcode, if it contained more than the serial."""
    note: str
    """Note for the history."""
    serial_id: int | None
    """The existing serial; None if the task creates serials."""
    message: str
    """The message of its verdict when it was scanned."""


class Finished(NamedTuple):
    """What DONE wrote."""

    document_id: int | None
    document: str
    """Document number; empty if the task writes no document."""
    message: str
    """Sentences that say what happened to how many serials and units."""


class Checked(NamedTuple):
    """What the check in the transaction of DONE has found."""

    gone: Sequence[tuple[GoodLine, Judged]]
    """Lines that can no longer be carried out as judged, with the reason."""
    states: Sequence[State] = ()
    """Existing serials, locked; they need not be read again."""


Finish = Callable[[Unit, DraftState, str, Checked], Finished]
"""Writes the document in the transaction that ends the draft; the text is the note of the document."""


class Judging(Protocol):
    """Serials that were looked up together and are judged one after the other.

    Each serial that gets a draft line is passed to `note`, so that later serials are compared with it.
    """

    @property
    def cleaned(self) -> Sequence[Judged]:
        """The cleaned serial of each text, in order."""

    def drafted(self, one: Judged) -> Drafted | None:
        """The draft line of a serial, or None."""

    def say(self, one: Judged) -> Judged:
        """Judge a serial. `Reason.NO_ITEM` makes it wait until another item is scanned."""

    def note(self, one: Judged, row: Drafted) -> None:
        """Record that a serial now has this draft line."""


class Work(Protocol):
    """How a task handles serials whose scans are draft lines until DONE."""

    def judge(self, state: DraftState, texts: Sequence[str], items: Sequence[ItemFacts | None] = ()) -> Judging:
        """Look up serials in a constant number of statements per block.

        Args:
            items: the item of each, where its code names one; else, and without any, the current one if there is one.
        """

    def check(self, state: DraftState, good: Sequence[GoodLine]) -> Checked:
        """Look whether lines can still be carried out as judged; called in the transaction of DONE."""

    def prepare(self, good: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Prepare what DONE writes.

        Args:
            ahead: True before the transaction: slow work is done then, since other writers wait during a transaction.
        """
