"""The demo's documents: numbered in the order of time, though written as the units' lives are told.

Lives are told twice. The first time the documents of each slot are counted, which gives every slot its numbers; the
second time they are taken. So the memory needed is that of the calendar, however many documents there are.
"""

from __future__ import annotations

from array import array
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from models.database import bulk
from models.demo.workdays import Workdays
from models.documents import Kind, number_text, reserve_range


class Paper(NamedTuple):
    """A document that is begun."""

    id: int
    number: str
    at: datetime


class Papers:
    """The numbers of all documents.

    Args:
        time: gives the slots.
    """

    def __init__(self, time: Workdays) -> None:
        self._time = time
        self._next = {kind: array("q", bytes(8 * time.slots)) for kind in Kind}
        self._first_ids = array("q")
        self._next_ids = array("q")
        self.count = 0

    def expect(self, kind: Kind, slot: int) -> None:
        """Count a document; the first telling."""
        self._next[kind][slot] += 1
        self.count += 1

    def give_numbers(self) -> None:
        """Reserve ids and numbers for all that were counted; inside a transaction."""
        totals = map(sum, zip(*self._next.values(), strict=True))
        first = bulk.reserve_range("documents", self.count).start if self.count else 0
        self._first_ids = array("q", accumulate(totals, initial=first))
        self._next_ids = self._first_ids[:-1]
        for kind, counts in self._next.items():
            total = sum(counts)
            if total:
                numbers = reserve_range(kind, total)
                self._next[kind] = array("q", accumulate(counts[:-1], initial=numbers.start))

    def begin(self, kind: Kind, slot: int) -> Paper:
        """Give a document its id, number and moment; the second telling. Those of a slot are spread over it evenly."""
        numbers, ids = self._next[kind], self._next_ids
        number, document_id = numbers[slot], ids[slot]
        numbers[slot] += 1
        ids[slot] += 1
        first = self._first_ids[slot]
        at = self._time.moment(slot, document_id - first, self._first_ids[slot + 1] - first)
        return Paper(document_id, number_text(kind, number), at)
