"""Whether a serial of a file looks unlike its item's others, as a station sees it: learned from those that are there
and from the rows before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from models.items.rules import Looks
from models.tasks.facts import samples

_FORGET: Final = 10_000
"""Items whose looks are in memory; a file of more learns some of them again, from the database alone."""


class Learned:
    """The looks of the items that a file names."""

    def __init__(self) -> None:
        self._looks: dict[int, Looks] = {}
        self.found_serials = False
        """Whether an item was given that has serials."""

    def learn(self, item_ids: Iterable[int]) -> None:
        """Look at serials of items that are not known yet, a few statements for a block of rows."""
        wanted = set(item_ids)
        if len(self._looks) + len(wanted) > _FORGET:
            self._looks = {item_id: looks for item_id, looks in self._looks.items() if item_id in wanted}
        new = sorted(wanted - self._looks.keys())
        texts = samples(new)
        self.found_serials = self.found_serials or bool(texts)
        self._looks.update((item_id, Looks.of(texts.get(item_id, ()))) for item_id in new)

    def odd(self, item_id: int, sku: str, serial: str) -> str:
        """What is said of a good serial that looks odd; empty where it does not, and then the next is held against it.

        Args:
            item_id: one that was given to `learn`.
            sku: of the item.
            serial: clean.
        """
        looks = self._looks[item_id]
        # Without a number: rows that turn out to be there already are counted twice.
        if wrong := looks.shape.odd(serial, f"the others of {sku}"):
            return f"{wrong}."
        looks.add(serial)
        return ""
