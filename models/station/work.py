"""What a task does with serials at a station: the protocol, and what the station and the task hand each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from models.database.unit import Unit
from models.serials.judging import Drafted, Judged
from models.station.state import DraftState


class GoodLine(NamedTuple):
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


Finish = Callable[[Unit, DraftState, str], Finished]
"""Writes the document in the transaction that ends the draft; is given the note of the document."""


class Judging(Protocol):
    """Serials that are judged one after the other and were looked up together.

    What is taken is noted, so that those that follow are held against it.
    """

    @property
    def cleaned(self) -> Sequence[Judged]:
        """What each text is as a serial, in their order."""

    def drafted(self, one: Judged) -> Drafted | None:
        """The draft's line of one of them."""

    def say(self, one: Judged) -> Judged:
        """Whether one of them can be taken. `Reason.NO_ITEM` lets it wait until another item is scanned."""

    def note(self, one: Judged, row: Drafted) -> None:
        """Let those that follow know one that has this line of the draft now."""


class Work(Protocol):
    """The work of a task whose scans are lines of a draft until DONE."""

    def judge(self, state: DraftState, texts: Sequence[str]) -> Judging:
        """Look serials up, of the present item where there is one, in a constant number of statements."""

    def no_longer(self, state: DraftState, ready: Sequence[GoodLine]) -> list[tuple[GoodLine, Judged]]:
        """What cannot be carried out any more as it was judged, and why; asked in the transaction of DONE."""

    def prepare(self, ready: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Make ready what DONE writes.

        Args:
            ahead: whether this is before the transaction; what takes long is done then, since others wait for a
                transaction.
        """
