"""Ids in words, for findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.schema import Customer, Item, Location, Status


class Names:
    """What people call what an id stands for; an id that stands for nothing is shown as it is."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], str] = {}

    def item(self, item_id: int) -> str:
        """An item's SKU."""
        return self._name(Item, item_id, "sku")

    def status(self, status_id: int | None) -> str:
        """A status's label."""
        return "nothing" if status_id is None else self._name(Status, status_id, "label")

    def place(self, location_id: int | None) -> str:
        """A location's code."""
        return "nowhere" if location_id is None else self._name(Location, location_id, "code")

    def serial(self, item_id: int, text: str) -> str:
        """A serial with its item."""
        return f"{self.item(item_id)} {text}"

    def state(self, state: Sequence[int | None]) -> str:
        """Status, place and customer."""
        status, place, customer = state
        if (status, place, customer) == (None, None, None):
            return "nothing"
        of = f" with {self._name(Customer, customer, 'name')}" if customer is not None else ""
        return f"{self.status(status)} at {self.place(place)}{of}"

    def _name(self, table: Any, row_id: int, column: str) -> str:
        key = (column, row_id)
        if key not in self._known:
            found = table.get_or_none(table.id == row_id)
            kind = table.__name__.lower()
            self._known[key] = getattr(found, column) if found else f"{kind} {row_id} (which does not exist)"
        return self._known[key]
