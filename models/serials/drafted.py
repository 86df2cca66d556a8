"""Warnings of serials that stand in open drafts of stations, for whoever takes them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from models.clock import short_time
from models.database import bulk
from models.errors import BadValue
from models.schema import DraftLine, bound, is_sqlite, read_moment
from models.serials.judging import Judged, Reason, asking
from models.text import near_key, serial_key, storable
from models.verbs import VERBS


class OtherDraft(NamedTuple):
    """Another open draft with a good line of a serial."""

    user_id: int
    login: str
    """The user who works on it or worked on it last."""
    task: str
    at: datetime
    """Time of the scan there."""

    def phrase(self, user_id: int | None) -> str:
        """`dock2's open sale since 09:12`; with the date if it is not today, and `yours` for this user."""
        noun = VERBS[self.task].noun if self.task in VERBS else "draft"
        whose = f"another open {noun} of yours" if self.user_id == user_id else f"{self.login}'s open {noun}"
        return f"{whose} since {short_time(self.at)}"

    def sentence(self, serial: str, user_id: int | None) -> str:
        """`SN-4 is in dock2's open sale since 09:12.`; see `phrase`."""
        return f"{serial} is in {self.phrase(user_id)}."


Others = Mapping[tuple[int | None, str], OtherDraft]
"""Other drafts by item id and folded key."""


def in_other_drafts(draft_id: int | None, nears: Iterable[str]) -> Others:
    """The serials with these near keys that stand in other open drafts: each in the one that has had it first."""
    found: dict[tuple[int | None, str], OtherDraft] = {}
    others = f"SELECT id FROM drafts WHERE state = 'open' AND id <> {bound.param}"
    # As an array PostgreSQL reads the drafts first: the index of near keys begins with the draft.
    of_others = f"IN ({others})" if is_sqlite() else f"= ANY (ARRAY({others}))"
    for part in bulk.blocks(sorted(set(nears)), 1_000):
        rows = bound.execute_sql(
            "SELECT l.item_id, l.serial_key, d.user_id, u.login, d.task, l.at, l.kind FROM draft_lines l "
            "JOIN drafts d ON d.id = l.draft_id JOIN users u ON u.id = d.user_id "
            f"WHERE l.draft_id {of_others} AND l.near_key IN ({bulk.placeholders(len(part))}) "
            f"AND l.state = 'good' AND {DraftLine.kind.may_be('serial', 'l.')} ORDER BY l.at, l.id",
            [draft_id or 0, *part],
        )
        for item_id, key, user_id, login, task, at, kind in rows.fetchall():
            DraftLine.kind.known(kind)
            found.setdefault((item_id, key), OtherDraft(user_id, login, task, read_moment(at)))
    return found


class DraftedRow(NamedTuple):
    """A row of a table, whose serial stands in an open draft."""

    row: int
    serial_number: str
    draft: OtherDraft
    """The one that has had it first."""


def drafted_rows(table: str, where: str) -> list[DraftedRow]:
    """The rows of a table whose serials stand in open drafts: one statement, which begins with the drafts.

    Args:
        table: it has `row`, `item_id`, `serial_key` and `serial_number`, and an index of item and key.
        where: a condition in SQL on its rows `r`, which that index may have.
    """
    # The cross join makes the lines of drafts the outer loop: they are fewer than the rows of a long file.
    rows = bound.execute_sql(
        "SELECT r.row, r.serial_number, d.user_id, u.login, d.task, l.at, l.kind FROM drafts d "
        "JOIN draft_lines l ON l.draft_id = d.id JOIN users u ON u.id = d.user_id "
        f"CROSS JOIN {table} r WHERE d.state = 'open' AND l.state = 'good' AND {DraftLine.kind.may_be('serial', 'l.')} "
        f"AND r.item_id = l.item_id AND r.serial_key = l.serial_key AND {where} ORDER BY l.at, l.id"
    )
    found: dict[int, DraftedRow] = {}
    for row, serial, user_id, login, task, at, kind in rows.fetchall():
        DraftLine.kind.known(kind)
        found.setdefault(row, DraftedRow(row, serial, OtherDraft(user_id, login, task, read_moment(at))))
    return list(found.values())


class DraftedSerial(NamedTuple):
    """A serial that is there and stands in an open draft."""

    serial_id: int
    serial_number: str
    draft: OtherDraft


def drafted_serials(serial_ids: Sequence[int]) -> list[DraftedSerial]:
    """Those of the serials that stand in open drafts, in the order given; one statement if no draft is open."""
    if bound.execute_sql("SELECT 1 FROM drafts WHERE state = 'open' LIMIT 1").fetchone() is None:
        return []
    found: dict[int, DraftedSerial] = {}
    for part in bulk.blocks(serial_ids, 1_000):
        those, ids = bulk.one_of("id", part)
        rows = bound.execute_sql(f"SELECT id, item_id, serial_key, serial_number FROM serials WHERE {those}", ids)
        serials = rows.fetchall()
        others = in_other_drafts(None, [near_key(row[2]) for row in serials])
        for serial_id, item_id, key, text in serials if others else ():
            if (item_id, key) in others:
                found[serial_id] = DraftedSerial(serial_id, text, others[item_id, key])
    return [found[serial_id] for serial_id in dict.fromkeys(serial_ids) if serial_id in found]


def draft_of(serial_id: int) -> OtherDraft | None:
    """The open draft in which a serial stands; the first one if there are several."""
    return next((one.draft for one in drafted_serials([serial_id])), None)


def said_of(found: Sequence[DraftedSerial], user_id: int | None) -> str:
    """A sentence about the first of these serials, and how many more there are; empty if there is none."""
    if not found:
        return ""
    first, more = found[0], len(found) - 1
    rest = f" {more:,} more {'is' if more == 1 else 'are'} in open drafts too." if more else ""
    return f"{first.draft.sentence(first.serial_number, user_id)}{rest}"


def draft_of_new(text: str) -> OtherDraft | None:
    """The open draft in which a text stands as a serial of any item, for a text that no serial has."""
    key = serial_key(storable(text))
    found = [draft for (_, drafted), draft in in_other_drafts(None, [near_key(key)]).items() if drafted == key]
    return min(found, key=lambda draft: draft.at, default=None)


def also_elsewhere(judged: Judged, item_id: int | None, others: Others, user_id: int | None) -> Judged:
    """A serial that could be taken, with a warning if it stands in another draft too.

    Args:
        user_id: who takes it.
    """
    other = others.get((item_id, judged.key)) if judged.good or judged.is_warning else None
    if other is None:
        return judged
    reason = Reason.OPEN_DRAFT if judged.good else Reason(judged.reason)
    said = other.sentence(judged.serial_number, user_id)
    return judged._replace(reason=reason, message=asking(reason, said if judged.good else f"{judged.sentence} {said}"))


def elsewhere(judged: Sequence[Judged], item_id: int, user_id: int | None) -> list[Judged]:
    """Serials of one item that could be taken, each with a warning if it stands in an open draft.

    Args:
        user_id: who takes them.
    """
    others = in_other_drafts(None, [one.near for one in judged if one.key])
    return [also_elsewhere(one, item_id, others, user_id) for one in judged] if others else list(judged)


def refuse_drafted(judged: Sequence[Judged], item_id: int, user_id: int | None) -> None:
    """Refuse serials that stand in an open draft, until they are confirmed; naming the first.

    Raises:
        BadValue: `details["reason"]` is `Reason.OPEN_DRAFT`.
    """
    for one in elsewhere(judged, item_id, user_id):
        if one.reason == Reason.OPEN_DRAFT:
            raise BadValue(one.message, field="serial_number", reason=Reason.OPEN_DRAFT)
