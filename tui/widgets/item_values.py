"""What can be changed in the item form, as plain values that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.items.items import ItemForm

LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "barcodes": "Barcodes",
    "location": "Primary location",
    "track_serials": "Track Serials",
}
"""The fields, by the name that `save_item` gives them, in the order of the form."""


@dataclass(frozen=True, slots=True)
class ItemValues:
    """The values of the fields, of an item as it is saved or as somebody has typed it."""

    name: str
    location: str
    """The code of the primary location."""
    barcodes: tuple[str, ...]
    track_serials: bool

    @classmethod
    def of(cls, form: ItemForm) -> ItemValues:
        """The values as they are saved."""
        return cls(form.name, form.location, form.barcodes, form.track_serials)

    def changed_from(self, other: ItemValues) -> list[str]:
        """The names of the fields that differ, in the order of the form.

        Blanks that saving trims, the case of a location's code and the order of barcodes are no differences.
        """
        return [field for field in LABELS if self._compared(field) != other._compared(field)]

    def only(self, fields: Iterable[str]) -> dict[str, Any]:
        """Some of the values, as `save_item` takes them."""
        return {field: getattr(self, field) for field in fields}

    def shown(self, field: str) -> str:
        """A value in words."""
        value = getattr(self, field)
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, tuple):
            return "  ".join(value) or "none"
        return str(value) or "(empty)"

    def _compared(self, field: str) -> object:
        value = getattr(self, field)
        if field == "barcodes":
            return frozenset(value)
        if field == "location":
            return value.strip().upper()
        return " ".join(value.split()) if isinstance(value, str) else value
