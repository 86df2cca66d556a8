"""Drafts: list, start, continue, take over, hand over and discard; who worked on a draft.

Only one station at a time writes to a draft: the one whose session the draft row names. Taking a draft over changes the
session; the station that had it gets a `Changed` error at its next scan.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from models import clock
from models.clock import clock_time, short_time
from models.database.bulk import placeholders
from models.database.unit import Unit, write
from models.errors import Changed, NotFound
from models.orders import MemoryRows, Order, Sorting, blank_last_key, usual
from models.permissions import Actor, may, require
from models.schema import (
    Draft,
    DraftAnswer,
    DraftLine,
    DraftPerson,
    User,
    bound,
    is_sqlite,
    moment_value,
    read_moment,
    summed,
    whole_number,
)
from models.station.task import DRAFT_TASKS, First, draft_task
from models.text import search_key

_CLOSED: Final = "'done', 'discarded'"
"""States of drafts that nobody works on any more, as SQL. Conditions name them and not `open`, so that a draft whose
state is damaged is met, and named, not taken for one that is not there."""

KEEP_MARKS: Final = timedelta(days=400)
"""How long after its begin the marks of a session are kept: scans on a disk are found again within that time."""

_SWEEP_EVERY: Final = timedelta(days=1)
"""Time between two deletions of old marks by one process."""

_VERSION: Final = "7"
"""What follows the time in a session's name, as in a UUID of version 7; older names have a 4 there, and no time."""

_DIGITS: Final = 32
"""Hexadecimal digits at the end of a session's name, the first `_OF_TIME` of them milliseconds since 1970."""

_OF_TIME: Final = 12


def new_session() -> str:
    """A new session name for a station of this process: host/pid/time and random hex."""
    random = secrets.token_hex(_DIGITS)[: _DIGITS - _OF_TIME - len(_VERSION)]
    return f"{socket.gethostname()}/{os.getpid()}/{_digits_of(clock.now())}{_VERSION}{random}"


def _digits_of(at: datetime) -> str:
    return f"{int(at.timestamp() * 1000):0{_OF_TIME}x}"


def may_live(session: str) -> bool:
    """Whether the process of a station may still run; True if it runs on another host, which cannot be checked here."""
    host, _, rest = session.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it exists and belongs to another account
        return True
    return True


ALIVE: Final = timedelta(seconds=90)
"""A draft counts as in use if its station was seen within this time."""


class DraftRow(NamedTuple):
    """An open draft in a list."""

    id: int
    task: str
    login: str
    """The user who works on it or worked on it last."""
    started_by: str
    started_at: datetime
    changed_at: datetime
    """Time of the last scan."""
    seen_at: datetime
    session: str | None
    location: str
    """Code of its place; empty if none was scanned."""
    sku: str
    """SKU of its item; empty if none was scanned."""
    good: int
    """Number of good serials, which DONE will carry out."""
    problems: int
    expected: int
    """Expected units of all items together; 0 if none were given."""
    answers: Mapping[First, str] = MappingProxyType({})
    """What was answered besides place and item, in words."""

    def is_in_use(self, now: datetime) -> bool:
        """Whether a station has it open at this time."""
        return self.session is not None and now - self.seen_at <= ALIVE and may_live(self.session)

    @property
    def progress(self) -> str:
        """`137 of 200`, or `137 scanned`."""
        return f"{self.good:,} of {self.expected:,}" if self.expected else f"{self.good:,} scanned"


def require_for(actor: Actor, task: str) -> None:
    """Require the permission of a station task.

    Raises:
        NotPermitted
    """
    asked = draft_task(task)
    require(actor, asked.permission, asked.words.to_do)


def start(unit: Unit, task: str, session: str, taken: int = 0) -> Draft:
    """Create a draft and open it at a station.

    Args:
        taken: as for `claim`.
    """
    draft = Draft.create(
        task=task,
        started_by=unit.actor.user_id,
        started_at=unit.at,
        user=unit.actor.user_id,
        session=session,
        changed_at=unit.at,
        seen_at=unit.at,
        taken=taken,
    )
    _note_person(unit, draft.id, 1)
    return draft


def claim(unit: Unit, draft_id: int, session: str, *, scanned: bool = True, taken: int = 0) -> None:
    """Check that the station still has the draft, and lock the draft until the transaction ends.

    Args:
        scanned: counts as work on the draft; False counts only as a heartbeat.
        taken: number of the last scan of the session that this transaction takes; 0 for none.

    Raises:
        Changed: another station has it, or it was finished or discarded; says who and when.
    """
    one, at = bound.param, moment_value(unit.at)
    also = f", changed_at = {one}" if scanned else ""
    also += f", taken = {one}" if taken else ""
    # One UPDATE checks and locks: it finds no row if another station has the draft.
    found = bound.execute_sql(
        f"UPDATE drafts SET seen_at = {one}{also} WHERE id = {one} AND session = {one} AND state = 'open'",
        [at, *([at] if scanned else []), *([taken] if taken else []), draft_id, session],
    ).rowcount
    if found != 1:
        raise _lost(draft_id)


def correct_taken(draft_id: int, taken: int) -> None:
    """Store that a transaction takes fewer scans than it has claimed: only those up to this number."""
    Draft.update(taken=taken).where(Draft.id == draft_id).execute()


def taken_of(session: str) -> int:
    """Number of the last scan of a session that is in the database; 0 for none."""
    one = bound.param
    found = bound.execute_sql(
        f"SELECT max(taken) FROM (SELECT taken FROM drafts WHERE session = {one} "
        f"UNION ALL SELECT taken FROM scan_marks WHERE session = {one}) numbers",
        (session, session),
    ).fetchone()
    return 0 if found[0] is None else whole_number(found[0], "drafts")


def of_session(session: str) -> int | None:
    """Id of the open draft that a session has; None if it has none."""
    found = (
        Draft.select(Draft.id, Draft.state)
        .where((Draft.session == session) & Draft.state.not_in(["done", "discarded"]))
        .first()
    )
    return None if found is None else int(found.id)


def _mark(unit: Unit, draft_id: int) -> None:
    """Keep how far the scans of a draft's session are in it; call it before the draft's session changes."""
    _sweep(unit.at)
    bound.execute_sql(
        "INSERT INTO scan_marks (session, taken) SELECT session, taken FROM drafts "
        f"WHERE id = {bound.param} AND session IS NOT NULL AND taken > 0 "
        "ON CONFLICT (session) DO UPDATE SET taken = excluded.taken WHERE excluded.taken > scan_marks.taken",
        (draft_id,),
    )


_last_sweep = datetime.min.replace(tzinfo=UTC)


def _sweep(at: datetime) -> None:
    """Delete the marks of sessions that began longer than `KEEP_MARKS` ago."""
    global _last_sweep  # noqa: PLW0603 - one sweep timer per process
    if timedelta(0) <= at - _last_sweep < _SWEEP_EVERY:  # a clock that was put back does not stop it
        return
    _last_sweep = at
    one = bound.param
    # Two processes that sweep at the same time must not wait for each other.
    others = "" if is_sqlite() else " FOR UPDATE SKIP LOCKED"
    begin = f"length(session) - {_DIGITS - 1}"
    bound.execute_sql(
        "DELETE FROM scan_marks WHERE session IN (SELECT session FROM scan_marks "
        f"WHERE substr(session, {begin}, {_OF_TIME}) < {one} AND substr(session, {begin} + {_OF_TIME}, 1) = {one}"
        f"{others})",
        (_digits_of(at - KEEP_MARKS), _VERSION),
    )


def open_drafts(tasks: Sequence[str] | None = None) -> list[DraftRow]:
    """The open drafts, most recently changed first.

    Args:
        tasks: only drafts of these task codes; None means all.
    """
    return [row for row in _rows("1 = 1", []) if tasks is None or row.task in tasks]


@dataclass(frozen=True, slots=True)
class DraftLook:
    """A draft in the list of drafts, equal to another one if both look the same: a heartbeat changes nothing."""

    row: DraftRow = field(compare=False)
    in_use: bool
    """Whether a station has it open."""
    _shown: DraftRow = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shown = self.row._replace(seen_at=self.row.changed_at, session=None)
        object.__setattr__(self, "_shown", shown)

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.row.id)

    @property
    def title(self) -> str:
        """What is done: the title of its task."""
        return draft_task(self.row.task).words.title

    @property
    def said(self) -> str:
        """What was answered besides place and item: `customer Bergmann AG, reference 4711`."""
        return ", ".join(f"{first} {shown}" for first, shown in self.row.answers.items())


_DRAFT_KEYS: Final[Mapping[str, Callable[[DraftLook], Any]]] = {
    "changed": lambda look: look.row.changed_at,
    "id": lambda look: look.row.id,
    "task": lambda look: look.title,
    "location": lambda look: blank_last_key(look.row.location),
    "item": lambda look: blank_last_key(look.row.sku),
    "good": lambda look: look.row.good,
    "problems": lambda look: look.row.problems,
    "by": lambda look: look.row.login.upper(),
    "started": lambda look: look.row.started_at,
    "in_use": lambda look: look.in_use,
}
"""By what drafts are compared in each order."""

DRAFT_ORDERS: Final = (
    Order("changed", "Last scan"),
    Order("id", "Draft"),
    Order("task", "Task"),
    Order("location", "Where"),
    Order("item", "Item"),
    Order("good", "Good"),
    Order("problems", "Problems"),
    Order("by", "By"),
    Order("started", "Started"),
    Order("in_use", "State"),
)
"""The orders of the list of drafts; usually what was scanned last comes first."""


class DraftSource(MemoryRows[DraftLook]):
    """The list of open drafts, found by a part of task, place, item, answers or people; last changed first."""

    orders = DRAFT_ORDERS

    def __init__(self, find: str = "", sorting: Sorting | None = None) -> None:
        super().__init__(find, sorting or usual(DRAFT_ORDERS, descending=True))

    def read(self) -> list[DraftLook]:
        """Read the drafts that the text finds, in their order."""
        now, key, by = clock.now(), search_key(self.find), _DRAFT_KEYS[self.sorting.code]
        looks = [DraftLook(row, row.is_in_use(now)) for row in open_drafts()]
        found = [look for look in looks if key in search_key(_in_words(look))]
        return sorted(found, key=lambda look: (by(look), look.row.id), reverse=self.sorting.descending)


def _in_words(look: DraftLook) -> str:
    """What the list shows of a draft, to be looked in."""
    row = look.row
    noun = draft_task(row.task).words.noun
    return f"{look.key} {look.title} {noun} {row.location} {row.sku} {look.said} {row.login} {row.started_by}"


def find_draft(draft_id: int) -> DraftRow:
    """One open draft.

    Raises:
        NotFound: no such draft, or it was finished or discarded.
    """
    found = _rows(f"d.id = {bound.param}", [draft_id])
    if not found:
        raise NotFound(f"There is no open draft {draft_id}. It was finished or discarded, or never was.")
    return found[0]


def take_over(actor: Actor, draft_id: int, session: str) -> DraftRow:
    """Open a draft at this station; the station that had it loses it and says so at its next scan.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "continue")
        _mark(unit, draft_id)
        Draft.update(user=actor.user_id, session=session, seen_at=unit.at, taken=0).where(
            (Draft.id == draft_id) & (Draft.state == "open")
        ).execute()
        _note_if_new(unit, draft_id)
        return row

    return write(actor, work)


def claim_for(actor: Actor, draft_id: int) -> DraftRow:
    """Assign a draft to the actor and take it from the station that has it, which says so at its next scan.

    Returns:
        The draft as it was before.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "take over")
        _mark(unit, draft_id)
        Draft.update(user=actor.user_id, session=None, seen_at=unit.at, taken=0).where(Draft.id == draft_id).execute()
        _note_if_new(unit, draft_id)
        return row

    return write(actor, work)


def hand_over(actor: Actor, draft_id: int, login: str) -> DraftRow:
    """Give a draft to another user, who can continue it at any station.

    Returns:
        The draft as it was before.

    Raises:
        NotPermitted: the actor or the other user may not do the draft's task.
        NotFound: no such open draft, or no such user.
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "hand over")
        user = User.get_or_none((User.login == login) & User.active)
        if user is None:
            raise NotFound(f"There is no user {login}. See the list of users.", field="user")
        require_for(Actor(user.id, user.login), row.task)
        _mark(unit, draft_id)
        Draft.update(user=user.id, session=None, seen_at=unit.at, taken=0).where(Draft.id == draft_id).execute()
        return row

    return write(actor, work)


def let_go(actor: Actor, draft_id: int, session: str) -> None:
    """Release a draft from its station; it stays open and anybody can continue it."""

    def work(unit: Unit) -> None:
        ours = (Draft.id == draft_id) & (Draft.session == session)
        # The update comes first to lock the row: a heartbeat or a take-over may come at the same time.
        if Draft.update(seen_at=unit.at).where(ours).execute():
            _mark(unit, draft_id)
            Draft.update(session=None, taken=0).where(ours).execute()

    write(actor, work)


def keep_alive(actor: Actor, draft_id: int, session: str) -> None:
    """Heartbeat: record that the station still has the draft open.

    Raises:
        Changed: the station no longer has it.
    """
    write(actor, lambda unit: claim(unit, draft_id, session, scanned=False))


def require_here(draft_id: int, session: str) -> None:
    """Refuse where a station has lost its draft; a look that writes nothing.

    Raises:
        Changed: another station has it, or it was finished or discarded; says who and when.
    """
    one = bound.param
    found = bound.execute_sql(
        f"SELECT 1 FROM drafts WHERE id = {one} AND session = {one} AND state = 'open'", (draft_id, session)
    )
    if found.fetchone() is None:
        raise _lost(draft_id)


def discard(actor: Actor, draft_id: int) -> DraftRow:
    """Discard an open draft; nothing of it becomes stock. Its lines stay in the database.

    Raises:
        NotPermitted, NotFound
    """

    def work(unit: Unit) -> DraftRow:
        row = _hold(unit, draft_id, actor, "discard")
        discard_in(unit, draft_id)
        return row

    return write(actor, work)


def discard_in(unit: Unit, draft_id: int) -> None:
    """Discard a draft that this transaction has locked."""
    _mark(unit, draft_id)
    Draft.update(state="discarded", session=None, user=unit.actor.user_id, seen_at=unit.at).where(
        Draft.id == draft_id
    ).execute()


def finish_in(unit: Unit, draft_id: int, document_id: int | None) -> None:
    """Mark a draft that this transaction has locked as done."""
    _mark(unit, draft_id)
    Draft.update(state="done", session=None, document=document_id, seen_at=unit.at).where(
        Draft.id == draft_id
    ).execute()


def people_of(draft_id: int) -> list[tuple[str, datetime]]:
    """Who worked on a draft, oldest first: (login, since when)."""
    query = (
        DraftPerson.select(User.login, DraftPerson.at)
        .join(User, on=(User.id == DraftPerson.user))
        .where(DraftPerson.draft == draft_id)
        .order_by(DraftPerson.number)
    )
    return list(query.tuples().execute())


def people_text(people: Sequence[tuple[str, datetime]]) -> str:
    """`started by dock1 at 10:42 on 2026-03-02, taken over by front2 at …`; empty if only one person worked on it."""
    if len(people) < 2:
        return ""
    verbs = ["started by", *["taken over by"] * (len(people) - 1)]
    return ", ".join(f"{verb} {login} at {clock_time(at)}" for verb, (login, at) in zip(verbs, people, strict=True))


def sentence(row: DraftRow) -> str:
    """`Open receipt at DOCK-1, 137 of 200, by dock1, 10:42`; with the date if it is not today."""
    words = draft_task(row.task).words
    place = words.about(row.location, row.answers)
    waiting = f", {row.problems:,} problem{'s' if row.problems > 1 else ''}" if row.problems else ""
    started = "" if row.started_by == row.login else f" (started by {row.started_by})"
    when = short_time(row.changed_at)
    return f"Open {words.noun}{place}, {row.progress}{waiting}, by {row.login}{started}, {when}"


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
    """Lock an open draft until the transaction ends, after checking the actor's permission for its task.

    Args:
        verb: what the actor wants to do with the draft, for the refusal.

    Raises:
        NotPermitted, NotFound
    """
    if not any(may(actor, task.permission) for task in DRAFT_TASKS):
        require(actor, DRAFT_TASKS[0].permission, f"{verb} drafts")
    row = find_draft(draft_id)
    task = draft_task(row.task)
    require(actor, task.permission, f"{verb} a draft to {task.words.to_do}")
    one = bound.param
    held = bound.execute_sql(
        f"UPDATE drafts SET seen_at = {one} WHERE id = {one} AND state = 'open'", (moment_value(unit.at), draft_id)
    )
    if held.rowcount != 1:  # finished or discarded since it was read: raises NotFound
        return find_draft(draft_id)
    return row


def _note_if_new(unit: Unit, draft_id: int) -> None:
    """Record the actor as the person who works on a draft from now on, unless it is the same person."""
    last = DraftPerson.select().where(DraftPerson.draft == draft_id).order_by(DraftPerson.number.desc()).get()
    if last.user_id != unit.actor.user_id:
        _note_person(unit, draft_id, last.number + 1)


def _note_person(unit: Unit, draft_id: int, number: int) -> None:
    DraftPerson.create(
        draft=draft_id, number=number, user=unit.actor.user_id, login_user=unit.actor.login_user_id, at=unit.at
    )


def _rows(condition: str, values: list[Any]) -> list[DraftRow]:
    """The open drafts of a condition.

    Raises:
        ValueError, TypeError: a row is damaged.
    """
    rows = bound.execute_sql(
        "SELECT d.id, d.task, u.login, s.login, d.started_at, d.changed_at, d.seen_at, d.session, "
        "coalesce(p.code, ''), coalesce(i.sku, ''), d.state "
        "FROM drafts d JOIN users u ON u.id = d.user_id JOIN users s ON s.id = d.started_by_id "
        "LEFT JOIN locations p ON p.id = d.location_id LEFT JOIN items i ON i.id = d.item_id "
        f"WHERE d.state NOT IN ({_CLOSED}) AND {condition} ORDER BY d.changed_at DESC, d.id DESC",
        values,
    ).fetchall()
    ids = [row[0] for row in rows]
    said, counts, expected = _said(ids), _counts(ids), _expected(ids)
    for row in rows:
        Draft.task.known(row[1])
        Draft.state.known(row[10])
    return [
        DraftRow._make(
            (
                *(*row[:4], *map(read_moment, row[4:7]), *row[7:10]),
                *(counts[row[0], "good"], counts[row[0], "problem"], expected.get(row[0], 0), said.get(row[0], {})),
            )
        )
        for row in rows
    ]


def _counts(draft_ids: Sequence[int]) -> Counter[tuple[int, str]]:
    """The numbers of good serials and of problems, by draft and state."""
    found: Counter[tuple[int, str]] = Counter()
    if draft_ids:
        rows = bound.execute_sql(
            "SELECT draft_id, kind, state, count(*) FROM draft_lines "
            f"WHERE draft_id IN ({placeholders(len(draft_ids))}) GROUP BY draft_id, kind, state",
            list(draft_ids),
        )
        for draft_id, kind, state, count in rows.fetchall():
            if DraftLine.kind.known(kind) == "serial" or DraftLine.state.known(state) == "problem":
                found[draft_id, DraftLine.state.known(state)] += count
    return found


def _expected(draft_ids: Sequence[int]) -> dict[int, int]:
    """The expected units of drafts, of all items together."""
    if not draft_ids:
        return {}
    rows = bound.execute_sql(
        f"SELECT draft_id, {summed('expected')} FROM draft_items WHERE draft_id IN ({placeholders(len(draft_ids))}) "
        "AND expected IS NOT NULL GROUP BY draft_id",
        list(draft_ids),
    )
    return {draft_id: whole_number(units, "draft_items") for draft_id, units in rows.fetchall()}


def _said(draft_ids: Sequence[int]) -> dict[int, dict[First, str]]:
    """What was answered in drafts, in words."""
    said: dict[int, dict[First, str]] = {}
    if draft_ids:
        rows = bound.execute_sql(
            "SELECT draft_id, ask, shown FROM draft_answers WHERE NOT taken_back "
            f"AND draft_id IN ({placeholders(len(draft_ids))}) ORDER BY number",
            list(draft_ids),
        )
        for draft_id, ask, shown in rows.fetchall():
            said.setdefault(draft_id, {})[First(DraftAnswer.ask.known(ask))] = shown
    return said
