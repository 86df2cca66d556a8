"""The statuses as stored, for screens and commands."""

from __future__ import annotations

from dataclasses import dataclass

from models.schema import Status
from models.verbs import Need, PlaceMeaning, customer_in, place_in


@dataclass(frozen=True, slots=True)
class StatusLook:
    """A status: word, mark and colour."""

    id: int
    code: str
    label: str
    mark: str
    colour: str
    available: bool
    on_hand: bool

    @property
    def place(self) -> PlaceMeaning:
        """What the location of a serial in it means."""
        return place_in(self.code)

    @property
    def customer(self) -> Need:
        """Whether a serial in it is somebody's."""
        return customer_in(self.code)


def statuses() -> list[StatusLook]:
    """All statuses, the built-in ones first."""
    return [
        StatusLook(row.id, row.code, row.label, row.mark, row.colour, row.available, row.on_hand)
        for row in Status.select().order_by(Status.id)
    ]
