"""Places: by their code, and as a list of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import peewee

from models.errors import NotFound
from models.schema import Location
from models.words import storable

LIST_COMMAND: Final = "serialdock location list"
"""Shows on a command line what `list_places` returns."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location as a list of values shows it."""

    id: int
    code: str
    name: str
    parent: str | None
    """The code of the place that it is in."""
    depth: int
    """How many places it is in."""

    @property
    def key(self) -> str:
        """The code."""
        return self.code


def location_or_none(code: str) -> Location | None:
    """The location with this code, whatever the case, or None."""
    return Location.get_or_none(peewee.fn.upper(Location.code) == storable(code.strip()).upper())


def find_location(code: str) -> Location:
    """The location with this code, whatever the case.

    Raises:
        NotFound
    """
    found = location_or_none(code)
    if not code.strip():
        raise NotFound("No location is named. Choose one.", field="location")
    if found is None:
        raise NotFound(f"There is no location {code.strip()}.", field="location", command=LIST_COMMAND)
    return found


def list_places() -> list[Place]:
    """All locations, each place right after the one that it is in, by code."""
    rows = {row.id: row for row in Location.select().order_by(Location.code)}
    inside: dict[int | None, list[int]] = {}
    for row in rows.values():
        inside.setdefault(row.parent_id, []).append(row.id)
    places: list[Place] = []
    waiting = [(location_id, 0) for location_id in reversed(inside.get(None, []))]
    while waiting:
        location_id, depth = waiting.pop()
        row = rows[location_id]
        parent = rows[row.parent_id].code if row.parent_id else None
        places.append(Place(row.id, row.code, row.name, parent, depth))
        waiting += [(child, depth + 1) for child in reversed(inside.get(location_id, []))]
    return places
