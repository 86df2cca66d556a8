"""Drafts: who works on which, continue one, take one over, throw one away.

A draft is written to by one station at a time, the one whose session it names. Taking it over changes the session, and
the station that had it is told at its next scan.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from models import clock
from models.database.bulk import placeholders
from models.database.unit import Unit, write
from models.errors import Changed, NotFound
from models.ledger import clock_time, day
from models.permissions import Actor, require
from models.schema import Draft, DraftPerson, User, bound, moment_value, read_moment
from models.station import expected, lines
from models.station.state import said_of
from models.station.task import DRAFT_TASKS, draft_task


def new_session() -> str:
    """A name for a station of this process."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"


def may_live(session: str) -> bool:
    """Whether the station may still be there; True where only its own host could tell."""
    host, _, rest = session.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another person's
        return True
    return True


ALIVE: Final = timedelta(seconds=90)
"""A station that was seen within this has the draft open on somebody's screen."""


class DraftRow(NamedTuple):
    """An open draft as a list shows it."""

    id: int
    task: str
    login: str
    """Who works on it, or did so last."""
    started_by: str
    started_at: datetime
    changed_at: datetime
    """The last scan."""
    seen_at: datetime
    session: str | None
    location: str
    """The code of its place; empty where none was scanned."""
    sku: str
    """Its item; empty where none was scanned."""
    good: int
    """Serials that DONE will take."""
    problems: int
    expected: int
    """Units that shall come, all items together; 0 where nobody said."""

    def is_in_use(self, now: datetime) -> bool:
        """Whether a station has it open now."""
        return self.session is not None and now - self.seen_at <= ALIVE and may_live(self.session)

    @property
    def progress(self) -> str:
        """`137 of 200`, or `137 scanned`."""
        return f"{self.good:,} of {self.expected:,}" if self.expected else f"{self.good:,} scanned"


class DraftedItem(NamedTuple):
    """What was said about an item of a draft."""

    sku: str
    expected: int | None
    adds_quantity: bool
    missing: tuple[str, ...]
    """Announced serials that have not come, by name."""
    unannounced: tuple[str, ...]
    """Serials that have come and were not announced, by name; empty where nothing was announced."""


class WholeDraft(NamedTuple):
    """A draft with everything in it."""

    row: DraftRow
    people: tuple[tuple[str, datetime], ...]
    """Who worked on it, from when."""
    items: tuple[DraftedItem, ...]
    lines: tuple[lines.Line, ...]
    """Serials, in the order of the scans."""


def require_for(actor: Actor, task: str) -> None:
    """Refuse a task at a station to who may not do it.

    Raises:
        NotPermitted
    """
    asked = draft_task(task)
    require(actor, asked.permission, asked.words.to_do)


def start(unit: Unit, task: str, session: str) -> Draft:
    """Make a draft and open it at a station."""
    draft = Draft.create(
        task=task,
        started_by=unit.actor.user_id,
        started_at=unit.at,
        user=unit.actor.user_id,
        session=session,
        changed_at=unit.at,
        seen_at=unit.at,
    )
    _note_person(unit, draft.id, 1)
    return draft


def claim(unit: Unit, draft_id: int, session: str, *, scanned: bool = True) -> None:
    """Make sure that the station still has the draft, and hold it until the transaction ends.

    Args:
        scanned: whether this counts as work on it, not only as a sign of life.

    Raises:
        Changed: another station has it, or it is done or thrown away; says who and when.
    """
    one, at = bound.param, moment_value(unit.at)
    also = f", changed_at = {one}" if scanned else ""
    found = bound.execute_sql(
        f"UPDATE drafts SET seen_at = {one}{also} WHERE id = {one} AND session = {one} AND state = 'open'",
        [at, *([at] if scanned else []), draft_id, session],
    ).rowcount
    if found != 1:
        raise _lost(draft_id)


def open_drafts(tasks: Sequence[str] | None = None) -> list[DraftRow]:
    """The open drafts, the last changed first.

    Args:
        tasks: of these tasks alone.
    """
    if tasks is None:
        return _rows("d.state = 'open'", [])
    return _rows(f"d.state = 'open' AND d.task IN ({placeholders(len(tasks))})", list(tasks)) if tasks else []


def find_draft(draft_id: int) -> DraftRow:
    """One open draft.

    Raises:
        NotFound: there is none, or it is done or thrown away.
    """
    found = _rows(f"d.state = 'open' AND d.id = {bound.param}", [draft_id])
    if not found:
        raise NotFound(f"There is no open draft {draft_id}. It was finished or discarded, or never was.")
    return found[0]


def whole_draft(draft_id: int) -> WholeDraft:
    """One open draft with everything in it.

    Raises:
        NotFound
    """
    row = find_draft(draft_id)
    items = [
        DraftedItem(
            said.item.sku,
            said.expected,
            said.adds_quantity,
            tuple(expected.missing(draft_id, item_id, expected.MOST_EXPECTED)),
            tuple(expected.unannounced(draft_id, item_id, expected.MOST_EXPECTED))
            if expected.is_announced(draft_id, item_id)
            else (),
        )
        for item_id, said in said_of(draft_id).items()
    ]
    return WholeDraft(row, tuple(people_of(draft_id)), tuple(items), tuple(lines.every(draft_id)))


def take_over(actor: Actor, draft_id: int, session: str) -> DraftRow:
    """Open a draft at this station; whichever had it loses it, and says so at its next scan.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "continue")
        Draft.update(user=actor.user_id, session=session, seen_at=unit.at).where(
            (Draft.id == draft_id) & (Draft.state == "open")
        ).execute()
        _note_if_new(unit, draft_id)
        return row

    return write(actor, work)


def claim_for(actor: Actor, draft_id: int) -> DraftRow:
    """Make a draft the actor's and take it from whichever station has it, which says so at its next scan.

    Returns:
        The draft as it was.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "take over")
        Draft.update(user=actor.user_id, session=None, seen_at=unit.at).where(Draft.id == draft_id).execute()
        _note_if_new(unit, draft_id)
        return row

    return write(actor, work)


def hand_over(actor: Actor, draft_id: int, login: str) -> DraftRow:
    """Give a draft to another user, who continues it at any station.

    Raises:
        NotPermitted: the actor may not, or the other user may not do the draft's task.
        NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "hand over")
        user = User.get_or_none((User.login == login) & User.active)
        if user is None:
            raise NotFound(f"There is no user {login}. See the list of users.", field="user")
        require_for(Actor(user.id, user.login), row.task)
        Draft.update(user=user.id, session=None, seen_at=unit.at).where(Draft.id == draft_id).execute()
        return row

    return write(actor, work)


def let_go(actor: Actor, draft_id: int, session: str) -> None:
    """Note that a station has left its draft; it stays open for anybody."""

    def work(unit: Unit) -> None:
        Draft.update(session=None, seen_at=unit.at).where((Draft.id == draft_id) & (Draft.session == session)).execute()

    write(actor, work)


def keep_alive(actor: Actor, draft_id: int, session: str) -> None:
    """Say that the station still has the draft open.

    Raises:
        Changed: it has not.
    """
    write(actor, lambda unit: claim(unit, draft_id, session, scanned=False))


def discard(actor: Actor, draft_id: int) -> DraftRow:
    """Throw an open draft away; nothing of it becomes stock. Its lines stay in the database.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "discard")
        discard_in(unit, draft_id)
        return row

    return write(actor, work)


def discard_in(unit: Unit, draft_id: int) -> None:
    """Throw a draft away that the unit holds."""
    Draft.update(state="discarded", session=None, user=unit.actor.user_id, seen_at=unit.at).where(
        Draft.id == draft_id
    ).execute()


def people_of(draft_id: int) -> list[tuple[str, datetime]]:
    """Who worked on a draft, from when, in that order."""
    query = (
        DraftPerson.select(User.login, DraftPerson.at)
        .join(User, on=(User.id == DraftPerson.user))
        .where(DraftPerson.draft == draft_id)
        .order_by(DraftPerson.number)
    )
    return list(query.tuples().execute())


def people_text(people: Sequence[tuple[str, datetime]]) -> str:
    """`started by dock1 at 10:42 on 2026-03-02, taken over by front2 at …`; empty where it was one person."""
    if len(people) < 2:
        return ""
    verbs = ["started by", *["taken over by"] * (len(people) - 1)]
    return ", ".join(f"{verb} {login} at {clock_time(at)}" for verb, (login, at) in zip(verbs, people, strict=True))


def sentence(row: DraftRow) -> str:
    """`Open receipt at DOCK-1, 137 of 200, by dock1, 10:42`; with the date where that is not today's."""
    words = next((task.words for task in DRAFT_TASKS if task.code == row.task), None)
    noun = words.noun if words is not None else row.task
    place = f" {words.where if words is not None else 'at'} {row.location}" if row.location else ""
    waiting = f", {row.problems:,} problem{'s' if row.problems > 1 else ''}" if row.problems else ""
    started = "" if row.started_by == row.login else f" (started by {row.started_by})"
    is_today = day(row.changed_at) == day(clock.now())
    when = f"{row.changed_at.astimezone():%H:%M}" if is_today else clock_time(row.changed_at)
    return f"Open {noun}{place}, {row.progress}{waiting}, by {row.login}{started}, {when}"


def _lost(draft_id: int) -> Changed:
    draft = Draft.get_by_id(draft_id)
    login, when = draft.user.login, clock_time(draft.seen_at)
    if draft.state == "done":
        message = f"{login} finished this draft at {when} as {draft.document.number if draft.document else '…'}."
    elif draft.state == "discarded":
        message = f"{login} discarded this draft at {when}."
    elif draft.session is None:
        message = f"This draft was handed to {login} at {when}."
    else:
        message = f"{login} took this draft over at {when}, at another station."
    return Changed(f"{message} Nothing more was taken here; leave, and start or continue one.", draft_id=draft_id)


def _hold(unit: Unit, draft_id: int, actor: Actor, verb: str) -> DraftRow:
    """An open draft, locked until the transaction ends, if the actor may do something with it.

    Raises:
        NotPermitted, NotFound
    """
    row = find_draft(draft_id)
    task = draft_task(row.task)
    require(actor, task.permission, f"{verb} a draft to {task.words.to_do}")
    one = bound.param
    held = bound.execute_sql(
        f"UPDATE drafts SET seen_at = {one} WHERE id = {one} AND state = 'open'", (moment_value(unit.at), draft_id)
    )
    if held.rowcount != 1:  # finished since it was read
        return find_draft(draft_id)
    return row


def _note_if_new(unit: Unit, draft_id: int) -> None:
    """Note who works on a draft from now on, unless it is the same person."""
    last = DraftPerson.select().where(DraftPerson.draft == draft_id).order_by(DraftPerson.number.desc()).get()
    if last.user_id != unit.actor.user_id:
        _note_person(unit, draft_id, last.number + 1)


def _note_person(unit: Unit, draft_id: int, number: int) -> None:
    DraftPerson.create(
        draft=draft_id, number=number, user=unit.actor.user_id, login_user=unit.actor.login_user_id, at=unit.at
    )


def _rows(condition: str, values: list[Any]) -> list[DraftRow]:
    rows = bound.execute_sql(
        "SELECT d.id, d.task, u.login, s.login, d.started_at, d.changed_at, d.seen_at, d.session, "
        "coalesce(p.code, ''), coalesce(i.sku, ''), "
        "(SELECT count(*) FROM draft_lines l WHERE l.draft_id = d.id AND l.state = 'good' AND l.kind = 'serial'), "
        "(SELECT count(*) FROM draft_lines l WHERE l.draft_id = d.id AND l.state = 'problem'), "
        "coalesce((SELECT sum(e.expected) FROM draft_items e WHERE e.draft_id = d.id), 0) "
        "FROM drafts d JOIN users u ON u.id = d.user_id JOIN users s ON s.id = d.started_by_id "
        "LEFT JOIN locations p ON p.id = d.location_id LEFT JOIN items i ON i.id = d.item_id "
        f"WHERE {condition} ORDER BY d.changed_at DESC, d.id DESC",
        values,
    ).fetchall()
    return [DraftRow._make((*row[:4], *map(read_moment, row[4:7]), *row[7:12], int(row[12]))) for row in rows]
