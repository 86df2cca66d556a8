"""The protocols `Work` and `Judging`, by which a task handles serials at a station, and the data they exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from models.database.unit import Unit
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
    location_id: int
    """Its place; the first place of the draft if it was scanned before any place."""
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

    document_id: int
    document: str
    """Document number."""
    message: str
    """Sentences that say what happened to how many serials and units."""


Finish = Callable[[Unit, DraftState, str], Finished]
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

    def judge(self, state: DraftState, texts: Sequence[str]) -> Judging:
        """Look up serials, for the current item if there is one, in a constant number of statements per block."""

    def no_longer(self, state: DraftState, ready: Sequence[GoodLine]) -> list[tuple[GoodLine, Judged]]:
        """Lines that can no longer be carried out as judged, with the reason; called in the transaction of DONE."""

    def prepare(self, ready: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Prepare what DONE writes.

        Args:
            ahead: True before the transaction: slow work is done then, since other writers wait during a transaction.
        """
