"""What the serials grid shows and in which order, and the lists of values to choose it from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from models.errors import SerialdockError
from models.serials.grid import SERIAL, FilterValue, Selection, SerialColumn, SerialSource, column_with, filter_of
from models.text import serial_key
from tui.context import Context
from tui.dialogs.choose import Choice, ChooseDialog
from tui.serials.columns import GRID, GridColumn, grid_column
from tui.text import visible

T = TypeVar("T")

ALL: Final = ""
"""The value of "all" in a list."""

ORDER: Final = "order"
"""Names the control of the order."""


def filtering() -> list[GridColumn[Any]]:
    """The columns that the grid is filtered by, each with a control of its own."""
    return [look for look in GRID if look.filter is not None]


class SerialFilter:
    """A choice of an item's serials."""

    def __init__(self, item_id: int) -> None:
        self._item_id = item_id
        self._only: dict[str, FilterValue] = {}
        """What a column must have, by its code."""
        self.find = ""
        """As typed, without outer blanks."""
        self.order: SerialColumn[Any] = SERIAL
        """The column that orders the grid."""
        self.descending = False
        """Whether the last come first."""

    def source(self) -> SerialSource:
        """The list that shows this choice, new."""
        only = {column_with(code): value.value for code, value in self._only.items()}
        return SerialSource(Selection(self._item_id, only, self.find, self.order, self.descending))

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.find or self._only)

    def labels(self, *, short: bool = False) -> dict[str, str]:
        """What the controls say: those of filters by the codes of their columns, the last of the order.

        Args:
            short: whether there is room for little.
        """
        said: dict[str, str] = {}
        for look in filtering():
            value = self._only.get(look.code)
            if short:
                said[look.code] = f"{value.text if value else look.short_heading} ▾"
            else:
                said[look.code] = f"{look.short_heading}: {value.text if value else 'all'} ▾"
        order = grid_column(self.order.code).short_heading + (" ▼" if self.descending else " ▲")
        return {**said, ORDER: order if short else f"Sort: {order}"}

    @property
    def in_words(self) -> str:
        """The choice as it stands after "No serial"."""
        words = [f"has {self.find.lstrip('*')} in it"] if self.find else []
        words += [
            f"{look.filter.chosen} {self._only[look.code].label}"
            for look in GRID
            if look.filter is not None and look.code in self._only
        ]
        return " and ".join(words)

    def clear(self) -> None:
        """Show everything again, in the same order."""
        self.find = ""
        self._only.clear()

    def order_by(self, order: SerialColumn[Any]) -> None:
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

    async def choose(self, context: Context, look: GridColumn[Any]) -> bool:
        """Ask for the value of a column; whether one was chosen."""
        assert look.filter is not None, "it has a list of values"
        values = await _read(context, partial(filter_of(look.column).values, self._item_id))
        if values is None:
            return False
        total = sum(value.serials for value in values)
        choices = [(ALL, "all", _serials(total, total))]
        choices += [(value.code, value.text, f"{_serials(value.serials, total)}  {value.name}") for value in values]
        present = self._only.get(look.code)
        chosen = await _choose(context, look.filter.title, choices, present.code if present else ALL)
        if chosen is not None:
            self._only.pop(look.code, None)
            if chosen != ALL:
                self._only[look.code] = next(value for value in values if value.code == chosen)
        return chosen is not None

    async def choose_order(self, context: Context) -> bool:
        """Ask for a column; whether one was chosen."""
        choices = [(look.code, f"{number} {look.heading}", self._way(look)) for number, look in enumerate(GRID, 1)]
        chosen = await _choose(context, "Sort by", choices, self.order.code)
        if chosen is not None:
            self.order_by(column_with(chosen))
        return chosen is not None

    def _way(self, look: GridColumn[Any]) -> str:
        if look.column is not self.order:
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
