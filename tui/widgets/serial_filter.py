"""What the serials grid shows and in which order, and the lists of values to choose it from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from models.errors import SerialdockError
from models.serials.grid import Order, PlaceCount, Selection, SerialSource, count_by_place, count_by_status
from models.statuses import StatusLook, statuses
from models.text import serial_key
from tui.context import Context
from tui.dialogs.choose import Choice, ChooseDialog
from tui.text import visible
from tui.widgets.serial_columns import LABELS_OF

T = TypeVar("T")

ALL: Final = ""
"""The value of "all" in a list."""

SHORT: Final = {
    Order.SERIAL: "Serial",
    Order.STATUS: "Status",
    Order.LOCATION: "Location",
    Order.CUSTOMER: "Customer",
    Order.WARRANTY: "Warranty",
    Order.RECEIVED: "Received",
}
"""The columns where there is little room."""


class SerialFilter:
    """A choice of an item's serials."""

    def __init__(self, item_id: int) -> None:
        self._item_id = item_id
        self._status: StatusLook | None = None
        self._place: PlaceCount | None = None
        self.find = ""
        """As typed, without outer blanks."""
        self.order = Order.SERIAL
        """The column that orders the grid."""
        self.descending = False
        """Whether the last come first."""

    def source(self) -> SerialSource:
        """The list that shows this choice, new."""
        return SerialSource(
            Selection(
                self._item_id,
                self._status.id if self._status else None,
                self._place.id if self._place else None,
                self.find,
                self.order,
                self.descending,
            )
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.find or self._status or self._place)

    def labels(self, *, short: bool = False) -> dict[str, str]:
        """What the controls say, by their names.

        Args:
            short: whether there is room for little.
        """
        status = f"{self._status.mark} {self._status.label}" if self._status else "" if short else "all"
        place = self._place.code if self._place else "" if short else "all"
        order = SHORT[self.order] + (" ▼" if self.descending else " ▲")
        if short:
            return {"status": f"{status or 'Status'} ▾", "location": f"{place or 'Location'} ▾", "order": order}
        return {"status": f"Status: {status} ▾", "location": f"Location: {place} ▾", "order": f"Sort: {order}"}

    @property
    def in_words(self) -> str:
        """The choice as it stands after "No serial"."""
        words = [f"has {self.find.lstrip('*')} in it"] if self.find else []
        words += [f"is {self._status.label}"] if self._status else []
        words += [f"is at {self._place.code}"] if self._place else []
        return " and ".join(words)

    def clear(self) -> None:
        """Show everything again, in the same order."""
        self.find, self._status, self._place = "", None, None

    def order_by(self, order: Order) -> None:
        """Order by a column; the one that does already turns round."""
        self.descending = order is self.order and not self.descending
        self.order = order

    def exact(self, *texts: str) -> int | None:
        """The serial with exactly the first of these texts that one has, filtered out or not; database thread."""
        for text in texts:
            found = SerialSource(Selection(self._item_id, find=text))
            # The exact one comes first in natural order: whatever else begins so is longer.
            rows = found.fetch(0, 1) if found.count() else []
            if rows and serial_key(rows[0].serial_number) == serial_key(text):
                return rows[0].id
        return None

    def only_hit(self) -> int | None:
        """The serial that is listed, where it is the only one; for the database thread."""
        listed = self.source()
        hits = listed.fetch(0, 1) if listed.count() == 1 else []
        return hits[0].id if hits else None

    async def choose_status(self, context: Context) -> bool:
        """Ask for a status; whether one was chosen."""
        read = await _read(context, lambda: (statuses(), count_by_status(self._item_id)))
        if read is None:
            return False
        looks, counts = read
        total = sum(counts.values())
        choices = [(ALL, "all", _serials(total, total))]
        choices += [
            (look.code, f"{look.mark} {look.label}", _serials(counts[look.id], total))
            for look in looks
            if look.id in counts
        ]
        present = self._status.code if self._status else ALL
        chosen = await _choose(context, "Show which status", choices, present)
        if chosen is not None:
            self._status = next((look for look in looks if look.code == chosen), None)
        return chosen is not None

    async def choose_location(self, context: Context) -> bool:
        """Ask for a location; whether one was chosen."""
        places = await _read(context, lambda: count_by_place(self._item_id))
        if places is None:
            return False
        total = sum(place.serials for place in places)
        choices = [(ALL, "all", _serials(total, total))]
        choices += [(place.code, place.code, f"{_serials(place.serials, total)}  {place.name}") for place in places]
        present = self._place.code if self._place else ALL
        chosen = await _choose(context, "Show which location", choices, present)
        if chosen is not None:
            self._place = next((place for place in places if place.code == chosen), None)
        return chosen is not None

    async def choose_order(self, context: Context) -> bool:
        """Ask for a column; whether one was chosen."""
        choices = [
            (str(order), f"{number} {LABELS_OF[order]}", self._way(order)) for number, order in enumerate(Order, 1)
        ]
        chosen = await _choose(context, "Sort by", choices, str(self.order))
        if chosen is not None:
            self.order_by(Order(chosen))
        return chosen is not None

    def _way(self, order: Order) -> str:
        if order is not self.order:
            return ""
        return "now; last comes first" if not self.descending else "now turned round"


async def _choose(context: Context, title: str, choices: Sequence[tuple[str, str, str]], present: str) -> str | None:
    return await context.ask(ChooseDialog(title, [Choice(*choice) for choice in choices], present=present))


def _serials(count: int, total: int) -> str:
    """A count in the room of the largest, so that counts and what stands behind them are in columns."""
    return f"{count:>{len(f'{total:,}')},} {'serial ' if count == 1 else 'serials'}"


async def _read(context: Context, function: Callable[[], T]) -> T | None:
    """Read what a list of values shows, the keys waiting meanwhile; None where that fails, which is said."""
    with context.keyboard.hold():
        try:
            return await context.db.run(function)
        except SerialdockError as trouble:
            context.notify(visible(trouble.message), markup=False, severity="error")
            return None
