"""The order of a table's rows: chosen by key or by a click on a heading, and remembered for the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from models.orders import NamedOrder, Sorting
from models.paging import RowSource
from tui.context import RememberedList
from tui.kit.lazy_table import ORDER_SIGNS, RecordColumn

_STEPS: Final = {"before": -1, "turn": 0, "after": 1}


class TableOrder:
    """The order of one table. A source that can be ordered has `orders`, `sorting` and `sorted_by`.

    Args:
        source: returns the table's source.
        changed: called after the person has chosen another order.
    """

    def __init__(self, source: Callable[[], RowSource[Any] | None], changed: Callable[[], object]) -> None:
        self._source, self._changed = source, changed
        self._memory = RememberedList()
        self._chosen: Sorting | None = None

    def remember(self, memory: RememberedList) -> None:
        """Take the order that was chosen last, and remember from now on which one is chosen."""
        self._memory, self._chosen = memory, memory.sorting

    @property
    def orders(self) -> Sequence[NamedOrder]:
        """The orders of the list; empty if it has but one."""
        return getattr(self._source(), "orders", ())

    @property
    def now(self) -> Sorting | None:
        """How the list is ordered; None if it has but one order."""
        return getattr(self._source(), "sorting", None)

    def applied(self, source: RowSource[Any]) -> RowSource[Any]:
        """A source in the order that was chosen."""
        if self._chosen is None or getattr(source, "sorting", self._chosen) == self._chosen:
            return source
        found: RowSource[Any] = source.sorted_by(self._chosen)  # type: ignore[attr-defined]
        return found

    def by(self, code: str) -> None:
        """Order the list by a column, or turn it round if it is ordered by that already; anything else does nothing.

        Args:
            code: of the order.
        """
        now = self.now
        if now is not None and code in [order.code for order in self.orders]:
            self._chosen = Sorting(code, descending=code == now.code and not now.descending)
            self._memory.sorting = self._chosen
            self._changed()

    def step(self, how: str) -> None:
        """Order the list by the column `before` or `after` the present one, or `turn` it round."""
        if (now := self.now) is not None:
            codes = [order.code for order in self.orders]
            self.by(codes[(codes.index(now.code) + _STEPS[how]) % len(codes)])

    def heading(self, column: RecordColumn[Any]) -> str:
        """The heading of a column, with a sign at the one that orders the list."""
        now = self.now
        if now is None or now.code != (column.order or column.key):
            return column.label
        return f"{column.label}{ORDER_SIGNS[now.descending]}"

    def unseen(self, columns: Sequence[RecordColumn[Any]]) -> str:
        """The order in words if none of these columns shows it and the person has chosen it; else empty."""
        now = self.now
        if self._chosen is None or now is None or now.code in [column.order or column.key for column in columns]:
            return ""
        label = next(order.label for order in self.orders if order.code == now.code)
        return f"by {label} {ORDER_SIGNS[now.descending]}"
