"""Edit conflicts of places, customers and statuses: changes by others since a person looked at one.

Each has a version, who changed it last, and when. A change names the version that the person saw, and is refused in
words if there is a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.clock import short_time
from models.errors import Changed
from models.schema import User

_SHOWN: Final = 40
"""Characters of a value that the refusal shows."""


class Value(NamedTuple):
    """A value of a record."""

    name: str
    seen: str
    """The value that the person saw; empty for none."""
    now: str
    """The present value."""

    @property
    def difference(self) -> str:
        """`the code is K-2, not K-1`."""
        seen, now = (text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…" for text in (self.seen, self.now))
        return f"the {self.name} is {now or 'empty'}" + (f", not {seen}" if seen else "")


def changes_by(user_id: int, at: datetime, version: int) -> dict[str, Any]:
    """The columns besides its values that a change of a record writes.

    Args:
        version: as it was before the change.
    """
    return {"version": version + 1, "changed_at": at, "changed_by": user_id}


def changed_meanwhile(name: str, row: Any, values: Sequence[Value]) -> Changed:
    """The refusal of an edit conflict, with the user, the time and the changed values.

    Args:
        name: as the person saw it.
        row: the record as stored, with `changed_by_id` and `changed_at`.
        values: what the person saw of it, and what it is now.
    """
    by = User.get_or_none(User.id == row.changed_by_id)
    who = f" by {by.login}" if by is not None else ""
    when = f" at {short_time(row.changed_at)}" if row.changed_at is not None else ""
    differences = "; ".join(value.difference for value in values if value.seen != value.now)
    which = f": {differences}" if differences else ""
    return Changed(
        f"{name} was changed{who}{when}, after you looked at it{which}. Look again and repeat.",
        by=by.login if by is not None else None,
        at=row.changed_at,
    )
