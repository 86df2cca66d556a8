"""Who is receiving, selling or moving what at the stations now: the open drafts by item, for all who may look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from models import clock
from models.permissions import Actor, Permission, require
from models.schema import Draft, bound, read_moment, whole_number
from models.station.drafts import ALIVE, may_live
from models.station.task import First, draft_task


class Working(NamedTuple):
    """An open draft and one item of it; a draft without serials is there once, with its item if that was scanned."""

    draft_id: int
    task: str
    login: str
    """The user who works on it or worked on it last."""
    item_id: int | None
    sku: str
    """Empty if no item was scanned."""
    good: int
    """Number of good serials of the item, which DONE will carry out."""
    expected: int
    """Expected units of the item; 0 if none were given."""
    where: str
    """Place, customer or transfer that was named last; empty for none."""
    seen_at: datetime
    session: str | None

    def is_in_use(self, now: datetime) -> bool:
        """Whether a station has it open at this time."""
        return self.session is not None and now - self.seen_at <= ALIVE and may_live(self.session)

    @property
    def progress(self) -> str:
        """`137 of 200`, or `137 scanned`."""
        return f"{self.good:,} of {self.expected:,}" if self.expected else f"{self.good:,} scanned"

    @property
    def forms(self) -> tuple[str, str, str]:
        """What is done, from the whole sentence to what fits on the smallest screen; without full stops.

        `dock2 is receiving DRL-18-2B at DOCK, 137 of 200`, the same without the place, `dock2: receipt DRL-18-2B
        137/200`; where nobody is at it now, `dock2 left a receipt of DRL-18-2B at DOCK open, 137 of 200`.
        """
        words = draft_task(self.task).words
        about = words.about(self.where, {})
        if self.is_in_use(clock.now()):
            head, tail = f"{self.login} is {words.doing(self.sku)}", ""
        else:
            of = f" of {self.sku}" if self.sku else ""
            head, tail = f"{self.login} left {words.a_noun}{of}", " open"
        count = f"{self.good:,}/{self.expected:,}" if self.expected else f"{self.good:,}"
        short = " ".join(filter(None, (f"{self.login}:", words.noun, self.sku, count)))
        return f"{head}{about}{tail}, {self.progress}", f"{head}{tail}, {self.progress}", short


_OPEN: Final = "SELECT o.id FROM drafts o WHERE o.state = 'open'"

_WORKING: Final = f"""
SELECT d.id, d.task, u.login, i.id, coalesce(i.sku, ''), coalesce(c.good, 0), coalesce(c.expected, 0),
coalesce(p.code, (SELECT a.shown FROM draft_answers a WHERE a.draft_id = d.id AND NOT a.taken_back
AND a.ask IN ('{First.CUSTOMER}', '{First.TRANSFER}') ORDER BY a.number DESC LIMIT 1), ''), d.seen_at, d.session
FROM drafts d JOIN users u ON u.id = d.user_id LEFT JOIN locations p ON p.id = d.location_id
LEFT JOIN (SELECT draft_id, item_id, max(good) AS good, max(expected) AS expected FROM (
SELECT l.draft_id, l.item_id, count(*) AS good, 0 AS expected FROM draft_lines l
WHERE l.draft_id IN ({_OPEN}) AND l.kind = 'serial' AND l.state = 'good' GROUP BY l.draft_id, l.item_id
UNION ALL SELECT e.draft_id, e.item_id, 0, e.expected FROM draft_items e
WHERE e.draft_id IN ({_OPEN}) AND e.expected IS NOT NULL) parts GROUP BY draft_id, item_id) c ON c.draft_id = d.id
LEFT JOIN items i ON i.id = coalesce(c.item_id, d.item_id)
WHERE d.state = 'open' ORDER BY d.id, i.sku_key"""


def working(actor: Actor) -> list[Working]:
    """What is open at the stations, in one statement: those at which somebody is now come first, the oldest first.

    The order does not depend on who scanned last, so that what is shown of it stays in its place.

    Raises:
        NotPermitted
    """
    require(actor, Permission.VIEW, "see what is done at the stations")
    found = [_row(*row) for row in bound.execute_sql(_WORKING).fetchall()]
    now = clock.now()
    in_use = {one.draft_id: one.is_in_use(now) for one in found}
    return sorted(found, key=lambda one: not in_use[one.draft_id])


def of_item(found: Iterable[Working], item_id: int) -> list[Working]:
    """What is done with one item."""
    return [one for one in found if one.item_id == item_id]


def _row(
    draft_id: int,
    task: str,
    login: str,
    item_id: int | None,
    sku: str,
    good: object,
    expected: object,
    where: str,
    seen_at: object,
    session: str | None,
) -> Working:
    units = whole_number(good, "draft_lines"), whole_number(expected, "draft_items")
    return Working(draft_id, Draft.task.known(task), login, item_id, sku, *units, where, read_moment(seen_at), session)
