"""Scans that a process has left in its spool: into the draft that they belong to, or shown for a decision.

Exactly once: each scan of a session has a number, and the draft that takes it stores the number in the transaction that
takes it (`drafts.claim`). A replay under the same session name skips what is stored, however long ago the process
ended, and goes on where it stopped if it is ended itself. Serials of Add Serial are there or not: the database knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from models.barcodes.reading import CommandCode, Settings
from models.errors import BadValue, Changed, Duplicate, NotPermitted, Refusal, Unreachable, UnstorableValue
from models.items.rules import item_facts, place_facts
from models.permissions import Actor, require
from models.schema import User
from models.serials.add import AddResult, Wanted, add_each
from models.serials.judging import Outcome, Scan, Verdict
from models.settings import database_id
from models.spool import Left, SpooledScan, left_behind, read_records, spools
from models.station import drafts
from models.station.answers import Given, from_text, is_rather_serial, may_answer, named, typed_meaning
from models.station.engine import ScanStation
from models.station.left import TakenUp, WaitingScans
from models.station.scan import Meaning, understand
from models.station.task import First, Task


class TakenIn(NamedTuple):
    """What became of scans that a person has decided about."""

    scans: int
    good: int
    problems: int
    draft: drafts.DraftRow | None
    """The draft that they are in; None for Add Serial, and if none of them made a line."""
    messages: tuple[str, ...] = ()
    """Why single scans were not taken, or that a serial is there already."""
    say_again: str = ""
    """A sentence about answers that belonged to a draft which a command before the scans ended; empty for none."""


def take_up(actor: Actor, settings: Settings | None = None) -> TakenUp:
    """Take the scans left behind under this account into their drafts, if these are open and nobody else has them.

    They are judged in their order, in the name of who scanned them, whose permission is asked again. What is not so
    plain is left for a decision: `take_in`, `discard`.

    Args:
        settings: barcode settings; None means the defaults.

    Raises:
        Unreachable: the folder of the spools cannot be read.
        peewee.PeeweeException: a database error; nothing is lost, and nothing is taken twice.
    """
    taken, left = 0, list[WaitingScans]()
    for spool in _left_here():
        for group in _groups(spool):
            count = _replayed(actor, group, settings)
            taken += count
            if count < len(group.records):
                left.append(_group(spool.file, group.records[count:], (*group.before, *group.records[:count])))
        # Scans that were taken stay with later ones of their session, whose place and item they may have named.
        kept = {one.session for one in left if one.file == spool.file}
        _keep(spool, lambda record, kept=kept: record.session in kept)  # type: ignore[misc]
    return TakenUp(taken, left)


def waiting_scans() -> list[WaitingScans]:
    """All scans that are in a spool of this account and not in the database, also those of processes that live.

    Raises:
        Unreachable: the folder of the spools cannot be read.
    """
    with _spools_readable():
        return [group for file in spools() for group in _groups_of(file, read_records(file))]


def left_scans() -> list[WaitingScans]:
    """The scans left behind by processes that have ended, for this database; oldest first.

    Raises:
        Unreachable: the folder of the spools cannot be read.
    """
    return [group for spool in _left_here() for group in _groups(spool)]


def take_in(actor: Actor, wanted: WaitingScans, settings: Settings | None = None) -> TakenIn:
    """Take scans that were left behind: into their open draft, else into a new one; those of Add Serial are added.

    Those behind a command that ends a draft and was not carried out begin a new one: they belong to another delivery or
    customer. All are the actor's from now on, who decided about them. A scan that the database cannot store is told
    and, except for Add Serial, not kept.

    Raises:
        NotPermitted
        UnstorableValue: it can store none of them.
        NotFound: this version does not know their task.
        Changed: somebody else has settled them.
        peewee.PeeweeException: a database error; nothing is lost, and nothing is taken twice.
    """
    with _found(wanted) as (spool, group):
        parts = list(_parts(group))
        for part in parts:
            require(actor, part.task.permission, part.task.words.to_do)
        if group.commit_each:
            return _add(actor, spool, group)
        told: list[Verdict] = []
        messages: list[str] = []
        again: list[str] = []
        draft_id = None
        for part in parts:
            if draft_id is not None:
                messages.append(f"Those before {part.records[0].after} are in the open draft {draft_id}.")
            draft_id = _take_part(actor, part, settings, told, messages, again)
        _forget(spool, group)
        good = sum(verdict.outcome is Outcome.OK for verdict in told)
        problems = sum(verdict.outcome is Outcome.PROBLEM for verdict in told)
        draft = None if draft_id is None else drafts.find_draft(draft_id)
        return TakenIn(len(group.records), good, problems, draft, tuple(messages), " ".join(again))


def _take_part(
    actor: Actor,
    part: WaitingScans,
    settings: Settings | None,
    told: list[Verdict],
    messages: list[str],
    again: list[str],
) -> int | None:
    """Take scans of one draft; returns its id, None if none of them made a line."""
    station = ScanStation(part.task, part.session, settings)
    if station.resume() and part.draft_id is None:
        station.leave(actor)
        station = ScanStation(part.task, part.session, settings)
    ended: Sequence[First] = ()
    if station.view.draft_id is None:
        said = _said_before(part, settings)
        ended = said.ended
        station.scan(actor, _as_scans(said, settings), _nothing)
        for first, given in said.answers.items():
            station.answer(actor, first, given)
    taken: list[Verdict] = []
    cannot = _take(part.records, lambda some: station.scan(actor, _scans(some), taken.append), taken)
    told += taken
    messages += [f"{record.text} was not taken. {why}" for record, why in cannot]
    if missing := [first for first in ended if part.task.takes(first) and first not in station.view.given]:
        one = len(missing) == 1
        named_before = f"{' and '.join(missing)} named before it {'does' if one else 'do'} not count"
        again.append(
            f"These scans came after {part.records[0].after}: the {named_before}. Name {'it' if one else 'them'} again."
        )
    draft_id = station.view.draft_id
    station.leave(actor)
    return draft_id


def discard(actor: Actor, wanted: WaitingScans) -> int:
    """Throw scans away that were left behind.

    Returns:
        Their number.

    Raises:
        NotPermitted
        NotFound: this version does not know their task.
        Changed: somebody else has settled them.
    """
    with _found(wanted) as (spool, group):
        require(actor, group.task.permission, group.task.words.to_do)
        _forget(spool, group)
        return len(group.records)


# ----- spools


@contextmanager
def _spools_readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise Unreachable(f"The scans that wait on this machine cannot be read or settled: {why}.") from error


def _left_here() -> Iterator[Left]:
    """The spools left behind for this database, each locked until the next; empty ones are deleted."""
    here = database_id()
    with _spools_readable():
        for file in spools():
            with left_behind(file) as spool:
                if spool is None or not spool.is_known:
                    continue
                if not spool.records:
                    spool.keep(())
                elif all(record.database == here for record in spool.records):
                    yield spool


@contextmanager
def _found(wanted: WaitingScans) -> Iterator[tuple[Left, WaitingScans]]:
    """The scans as they are now, in their spool, locked.

    Raises:
        Changed
    """
    with _spools_readable(), left_behind(wanted.file) as spool:
        groups = _groups(spool) if spool is not None else []
        group = next((one for one in groups if one.session == wanted.session), None)
        if spool is None or group is None:
            raise Changed("Somebody else has settled these scans, or is doing it now. Look again.")
        yield spool, group


def _keep(spool: Left, is_kept: Callable[[SpooledScan], bool]) -> None:
    with _spools_readable():
        spool.keep([record for record in spool.records if is_kept(record)])


def _forget(spool: Left, group: WaitingScans) -> None:
    _keep(spool, lambda record: record.session != group.session)


def _groups(spool: Left) -> list[WaitingScans]:
    return _groups_of(spool.file, spool.records)


def _groups_of(file: Path, records: Sequence[SpooledScan]) -> list[WaitingScans]:
    """The scans of a spool for this database that it has not taken, by session."""
    here = database_id()
    sessions: dict[str, dict[int, SpooledScan]] = {}
    for record in records:
        if record.database == here:  # one that was written twice counts once
            sessions.setdefault(record.session, {}).setdefault(record.number, record)
    groups: list[WaitingScans] = []
    for session, found in sessions.items():
        taken = drafts.taken_of(session)
        in_order = [found[number] for number in sorted(found)]
        waiting = tuple(record for record in in_order if record.number > taken)
        before = tuple(record for record in in_order if record.number <= taken)
        if waiting:
            groups.append(_group(file, waiting, before))
    return groups


def _group(file: Path, waiting: tuple[SpooledScan, ...], before: tuple[SpooledScan, ...]) -> WaitingScans:
    """Waiting scans of a session, with the open draft that the first of them belongs to."""
    is_new = _begins_new(waiting[0], before)
    return WaitingScans(file, waiting, None if is_new else drafts.of_session(waiting[0].session), before)


def _begins_new(record: SpooledScan, before: Sequence[SpooledScan]) -> bool:
    """Whether a command that ends a draft stands between a scan and those before it."""
    return record.ended not in (0, before[-1].ended if before else 0)


def _parts(group: WaitingScans) -> Iterator[WaitingScans]:
    """The scans by the draft that they belong to; all but the first part begin a new one."""
    records, begin = group.records, 0
    for place in range(1, len(records) + 1):
        if place == len(records) or _begins_new(records[place], records[place - 1 : place]):
            before = (*group.before, *records[:begin])
            yield WaitingScans(group.file, records[begin:place], None if begin else group.draft_id, before)
            begin = place


# ----- replay


def _replayed(actor: Actor, group: WaitingScans, settings: Settings | None) -> int:
    """Take scans into their draft without a question, as far as that is plain; returns how many were settled."""
    plain = next((place for place, record in enumerate(group.records) if record.after), len(group.records))
    if group.draft_id is None or group.commit_each or not plain:
        return 0
    settled = 0

    def settle(_: Verdict) -> None:
        nonlocal settled
        settled += 1

    station = ScanStation(group.task, group.session, settings)
    if not station.resume():
        return 0
    try:
        for person, records in _by_person(group.records[:plain]):
            station.scan(_person(actor, person), _scans(records), settle)
    except (Refusal, UnstorableValue):  # a permission taken away, a draft taken over, a strange scan: a person decides
        return settled
    return settled


def _take(
    records: Sequence[SpooledScan], take: Callable[[Sequence[SpooledScan]], None], told: Sequence[object]
) -> list[tuple[SpooledScan, str]]:
    """Take scans, halving them where the database cannot store one, until that stands alone.

    Args:
        take: takes scans, and adds to `told` for each one that is saved.

    Returns:
        The scans that cannot be stored, and why.

    Raises:
        UnstorableValue: none can be stored.
    """
    cannot = list[tuple[SpooledScan, str]]()

    def part(some: Sequence[SpooledScan]) -> None:
        before = len(told)
        try:
            take(some)
        except UnstorableValue as trouble:
            rest = some[len(told) - before :]
            if len(rest) == 1:
                cannot.append((rest[0], trouble.message))
                if len(cannot) == len(records):
                    raise
                return
            part(rest[: len(rest) // 2])
            part(rest[len(rest) // 2 :])

    part(records)
    return cannot


def _by_person(records: Sequence[SpooledScan]) -> Iterator[tuple[SpooledScan, list[SpooledScan]]]:
    """Scans in their order, as runs of one person each; the first of a run names the person."""
    run: list[SpooledScan] = []
    for record in records:
        if run and (record.user_id, record.login_user_id) != (run[0].user_id, run[0].login_user_id):
            yield run[0], run
            run = []
        run.append(record)
    if run:
        yield run[0], run


def _person(actor: Actor, record: SpooledScan) -> Actor:
    """Who has scanned; only people who signed in with the account that has the spool.

    Raises:
        NotPermitted
    """
    account = record.login_user or record.login
    if account != (actor.login_user or actor.login):
        raise NotPermitted(f"{account} has scanned this, not {actor.login}.", permission="")
    for user_id, login in ((record.user_id, record.login), (record.login_user_id, record.login_user)):
        if user_id is not None and not User.select().where(User.id == user_id, User.login == login).exists():
            raise NotPermitted(f"There is no user {login} any more.", permission="")
    return Actor(record.user_id, record.login, record.login_user_id, record.login_user)


def _scans(records: Sequence[SpooledScan]) -> list[Scan]:
    return [Scan(record.text, record.how, record.number) for record in records]


class _Said(NamedTuple):
    """What a station had been told when a scan was made."""

    place: str
    """Code of the place; empty for none."""
    sku: str
    """SKU of the item; empty for none."""
    answers: dict[First, Given]
    ended: tuple[First, ...] = ()
    """What the draft before had been told, if a command that was not carried out ended that."""


def _said_before(group: WaitingScans, settings: Settings | None) -> _Said:
    """What had been said when the first of the scans was made.

    The old draft has taken the scans before it, which may have said more than was known when they were written.
    """
    task, until = group.task, (*group.before, group.records[0])
    every = [_Said(until[0].place, until[0].sku, _answers_known(until[0]))]
    known = dict[First, Given]()  # what was chosen from a list is no scan; it stands at a later scan
    ended = dict[First, Given]()
    customers = task.takes(First.CUSTOMER)
    meanings = understand([record.text for record in group.before], settings, customers=customers)
    for number, record in enumerate(until):
        if _begins_new(record, until[:number]):  # what comes next is another customer's
            ended = known | every[-1].answers | from_text(record.answers)
            every, known = [every[-1]._replace(answers={})], {}
        known = _answers_known(record) or known
        if CommandCode.UNDO == record.after != (until[number - 1].after if number else "") and len(every) > 1:
            every.pop()  # it was carried out meanwhile
        if number == len(meanings):
            break
        if (said := _told(task, every[-1], Scan(record.text, record.how), meanings[number])) is not None:
            every.append(said)
    return every[-1]._replace(answers=known | every[-1].answers, ended=tuple(ended))


def _answers_known(record: SpooledScan) -> dict[First, Given]:
    """What the draft of a scan had been told; behind a command that ends it, the station still had the old one's."""
    return {} if record.ended else from_text(record.answers)


def _told(task: Task, said: _Said, scan: Scan, read: Meaning) -> _Said | None:
    """What is said with a scan; None if the scan says nothing new about those after it."""
    meaning = typed_meaning(task, said.answers, read) if scan.how == "typed" else read
    first = may_answer(task, said.answers, scan, meaning)
    if first is not None and not is_rather_serial(first, scan, meaning):
        with suppress(BadValue):
            given = named(task, first, scan.text.strip())
            return None if given is None else said._replace(answers={**said.answers, first: given})
    if meaning.place_id is not None:
        return said._replace(place=place_facts(meaning.place_id).code)
    if meaning.item_id is not None and (First.ITEM in task.first or not meaning.serials):
        return said._replace(sku=item_facts(meaning.item_id).sku)
    if meaning.reading is not None and meaning.reading.command is CommandCode.NEXT:
        return said._replace(sku="")
    return None


def _as_scans(said: _Said, settings: Settings | None) -> list[Scan]:
    """Place and item as scans of a new draft."""
    # One that was deleted or renamed meanwhile would be taken for a serial.
    known = understand([text for text in (said.place, said.sku) if text], settings)
    return [Scan(one.text, "typed") for one in known if one.place_id is not None or one.item_id is not None]


def _nothing(_: Verdict) -> None:
    """Take the verdict on place or item, which nobody waits for."""


# ----- Add Serial


def _add(actor: Actor, spool: Left, group: WaitingScans) -> TakenIn:
    """Add serials one by one; those that are refused stay in the spool, unless they are there already."""
    refused: set[int] = set()
    counts: Counter[str] = Counter()
    messages: list[str] = []
    for item_id, records in _by_item(group.records):
        results: list[AddResult] = []
        cannot = _take(records, partial(_add_each, actor, item_id, results), results)
        for record, why in cannot:
            messages.append(f"{record.text} was not added. {why}")
            counts["problems"] += 1
            refused.add(record.number)
        saved = [record for record in records if record.number not in refused]
        for record, result in zip(saved, results, strict=True):
            if result.refusal is None:
                counts["good"] += 1
                continue
            messages.append(result.refusal.message)
            if not isinstance(result.refusal, Duplicate):
                counts["problems"] += 1
                refused.add(record.number)
    _keep(spool, lambda record: record.session != group.session or record.number in refused)
    return TakenIn(len(group.records), counts["good"], counts["problems"], None, tuple(messages))


def _add_each(actor: Actor, item_id: int, results: list[AddResult], records: Sequence[SpooledScan]) -> None:
    wanted = [Wanted(record.text, record.place or None, record.notes, record.confirmed) for record in records]
    add_each(actor, item_id, wanted, results.append)


def _by_item(records: Sequence[SpooledScan]) -> Iterator[tuple[int, list[SpooledScan]]]:
    """Serials of Add Serial by item, those scanned or typed twice once."""
    items: dict[int, dict[str, SpooledScan]] = {}
    for record in records:
        items.setdefault(record.item_id or 0, {}).setdefault(record.text.strip(), record)
    for item_id, found in items.items():
        yield item_id, list(found.values())
