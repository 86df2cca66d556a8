"""Checks of the data: each serial against its events (`Histories`)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from models.check.findings import Findings
from models.digests import digest_sql, moment_sql
from models.ledger import EVENT_DIGESTED, NOTED, NOTHING_NOTED
from models.schema import Customer, Document, Item, Location, Status, bound, is_sqlite, read_moment
from models.text import readable, serial_key, sort_key
from models.verbs import BY_KIND, STATUSES, VERBS, StatusCode


class Names:
    """Names of records by id, for messages; a dangling id is shown as a number."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int | None], str] = {}

    def item(self, item_id: int) -> str:
        """An item's SKU."""
        return self._name(Item, item_id, "sku")

    def status(self, status_id: int | None) -> str:
        """A status's label."""
        return "nothing" if status_id is None else self._name(Status, status_id, "label")

    def place(self, location_id: int | None) -> str:
        """A location's code."""
        return "nowhere" if location_id is None else self._name(Location, location_id, "code")

    def document(self, document_id: int) -> str:
        """A document's number."""
        return self._name(Document, document_id, "number")

    def serial(self, item_id: int, text: str) -> str:
        """SKU and serial number."""
        return f"{self.item(item_id)} {text}"

    def state(self, state: Sequence[int | None]) -> str:
        """Status, location and customer."""
        status, place, customer = state
        if (status, place, customer) == (None, None, None):
            return "nothing"
        of = f" with {self._name(Customer, customer, 'name')}" if customer is not None else ""
        return f"{self.status(status)} at {self.place(place)}{of}"

    def _name(self, table: Any, row_id: int, column: str) -> str:
        key = (column, row_id)
        if key not in self._known:
            found = table.select(getattr(table, column)).where(table.id == row_id).first()
            kind = table.__name__.lower()
            self._known[key] = getattr(found, column) if found else f"{kind} {row_id} (which does not exist)"
        return self._known[key]


BLOCK: Final = 5_000
"""Serials per block."""

_SERIALS = """
    SELECT id, status_id, location_id, customer_id, item_id, serial_number, version, serial_key, sort_key,
        condition_notes, {start}, {end}, warranty_void, {received}
    FROM serials WHERE id > {one} ORDER BY id LIMIT {block}"""
_EVENTS = """
    SELECT {columns} FROM serial_events WHERE serial_id > {one} AND serial_id <= {one} ORDER BY serial_id, number"""

_READ: Final = (
    *("serial_id", "number", "kind", "at", "changes", "serial_number", "voids_id", "item_id"),
    *(
        "from_status_id",
        "from_location_id",
        "from_customer_id",
        "to_status_id",
        "to_location_id",
        "to_customer_id",
        "id",
    ),
)
"""Columns of events that are compared here; the database itself compares all others by digest, so that they need not
be sent."""

_SERIAL, _NUMBER, _KIND, _MOMENT, _CHANGES, _TEXT, _VOIDS, _ID = (
    _READ.index(name) for name in ("serial_id", "number", "kind", "at", "changes", "serial_number", "voids_id", "id")
)
_AS_WRITTEN, _WITHOUT = len(_READ), len(_READ) + 1
"""Whether the digest of an event is right, and whether it is missing."""
_VOID: Final = VERBS["void"].kind
_before = itemgetter(*(_READ.index(f"from_{part}_id") for part in ("status", "location", "customer")))
_after = itemgetter(*(_READ.index(f"to_{part}_id") for part in ("status", "location", "customer")))
_identity = itemgetter(_READ.index("item_id"), _READ.index("serial_number"))

CLOCKS_APART: Final = timedelta(minutes=10)
"""Tolerance for an event with an earlier time than the one before it: clocks differ, and writers wait."""

_Row = Sequence[Any]
_Noted = tuple[Any, ...]
"""Values of the columns `NOTED`, with ISO dates."""

_NO_STATE = (None, None, None)
"""Status, location and customer before the first event."""
_HIGHEST = 2**63 - 1


class Histories:
    """Compares each serial with its events, in order of id.

    Args:
        findings: receives the findings.
        progress: called after each block with the serials done and the total.
    """

    def __init__(self, findings: Findings, progress: Callable[[int, int], None]) -> None:
        self._findings = findings
        self._progress = progress
        self._names = Names()
        self._statuses = _statuses()
        self._moves: dict[tuple[str, int | None, int], bool] = {}
        self._first_digested: int | None = None
        self.serials = 0
        self.events = 0
        self.counts: Counter[tuple[int, ...]] = Counter()
        """Number of serials by (item, location, status), as counted."""

    def compare(self) -> None:
        """Compare all serials, block by block: one query for the serials, one for their events."""
        one = bound.param
        serials = _SERIALS.format(one=one, block=BLOCK, **_days("warranty_start", "warranty_end", "date_received"))
        history = _EVENTS.format(one=one, columns=_columns_of_events())
        total = bound.execute_sql("SELECT count(*) FROM serials").fetchone()[0]
        self._first_digested = first_digested("serial_events")
        last = 0
        while True:
            rows = bound.execute_sql(serials, (last,)).fetchall()
            # The last block reads to the highest id, so that events beyond the last serial are found as orphans.
            end = rows[-1][0] if len(rows) == BLOCK else _HIGHEST
            events: defaultdict[int, list[_Row]] = defaultdict(list)
            for event in bound.execute_sql(history, (last, end)).fetchall():
                events[event[_SERIAL]].append(event)
            aliases = self._aliases(last, end)
            for row in rows:
                own = events.pop(row[0], ())
                self._serial(row, own)
                self._earlier_texts(row, own, aliases.pop(row[0], set()))
                if any(event[_KIND] == _VOID or event[_VOIDS] is not None for event in own):
                    self._voids(row, own)
            for orphan, left in events.items():
                self.events += len(left)
                self._findings.add(
                    "event_orphan", f"There are events of a serial with the id {orphan}, but no such serial."
                )
            self.serials += len(rows)
            self._progress(self.serials, total)
            if len(rows) < BLOCK:
                return
            last = end

    def _serial(self, row: _Row, events: Sequence[_Row]) -> None:
        self.counts[row[4], row[2], row[1]] += 1
        self.events += len(events)
        if not events:
            self._add("history_missing", row, "has no event at all.")
            return
        state: Sequence[Any] = _NO_STATE
        noted: _Noted = NOTHING_NOTED
        before: Any = None  # the time of the event before
        for number, event in enumerate(events, 1):
            if event[_NUMBER] != number:
                self._add("history_numbers", row, f"has events {_numbers(events)}, not 1 to {len(events)}.")
                return  # further comparisons would pair the wrong events
            came, went = _before(event), _after(event)
            if came != state:
                self._broken(row, event, state)
            move = (event[_KIND], came[0], went[0])
            if not (self._moves[move] if move in self._moves else self._allows(move)):
                self._forbidden(row, event)
            state = went
            if event[_CHANGES] is not None:
                noted, problem = _fold(noted, event[_CHANGES])
                if problem:
                    self._add("history_changes", row, f"has event {number} ({event[_KIND]}) {problem}.")
            self._written(row, event, before)
            before = event[_MOMENT]
        if state != row[1:4] or _identity(event) != row[4:6] or len(events) != row[6] or noted != row[9:14]:
            self._differs(row, event, noted)
        key = serial_key(row[5])
        if key != row[7] or sort_key(key) != row[8]:
            self._add("serial_key", row, f"is filed as {row[7]} / {row[8]}, not {key} / {sort_key(key)}.")

    def _aliases(self, last: int, end: int) -> defaultdict[int, set[str]]:
        """The earlier texts by which the serials of a block are found: folded keys by serial id."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        one = bound.param
        sql = f"SELECT serial_id, alias_key FROM serial_aliases WHERE serial_id > {one} AND serial_id <= {one}"
        for serial_id, key in bound.execute_sql(sql, (last, end)).fetchall():
            found[serial_id].add(key)
        return found

    def _earlier_texts(self, row: _Row, events: Sequence[_Row], aliases: set[str]) -> None:
        """Check that a serial is found by its earlier texts, and by no others."""
        texts = {event[_TEXT] for event in events}
        had = {serial_key(text) for text in texts} - {row[7]} if len(texts) > 1 else set()
        if had != aliases:
            shown = ", ".join(sorted(had ^ aliases))
            self._add("serial_alias", row, f"is not found by its earlier texts alone: they differ in {shown}.")

    def _voids(self, row: _Row, events: Sequence[_Row]) -> None:
        """Check that each void undoes one earlier event of the serial and restores the state before it."""
        by_id = {event[_ID]: event for event in events}
        voided: set[int] = set()
        for event in events:
            if event[_VOIDS] is None and event[_KIND] != _VOID:
                continue
            undone = by_id.get(event[_VOIDS])
            if event[_KIND] != _VOID or undone is None or undone[_NUMBER] >= event[_NUMBER]:
                self._add("history_void", row, f"has {_event(event)} that voids no earlier event of it.")
            elif undone[_KIND] == _VOID or undone[_ID] in voided:
                self._add("history_void", row, f"has {_event(event)} that voids {_event(undone)} a second time.")
            elif not self._restores(event, undone, events):
                self._add("history_void", row, f"has {_event(event)} that does not bring back what was before it.")
            else:
                voided.add(undone[_ID])

    def _restores(self, event: _Row, undone: _Row, events: Sequence[_Row]) -> bool:
        if undone[_NUMBER] == 1:  # voiding the first event removes the record; its place stays
            status, place, customer = _after(event)
            code = self._statuses[status].code if status in self._statuses else ""
            return (code, place, customer) == (StatusCode.REMOVED, _before(event)[1], None)
        return bool(_after(event) == _before(undone) and _identity(event) == _identity(events[undone[_NUMBER] - 2]))

    def _allows(self, move: tuple[str, int | None, int]) -> bool:
        kind, before, after = move
        came, went = self._statuses.get(before), self._statuses.get(after)  # type: ignore[arg-type]
        own = any(status is not None and status.code not in STATUSES for status in (came, went))
        allowed = False
        if kind in BY_KIND and went is not None and (before is None or came is not None):
            allowed = own or BY_KIND[kind].allows(came, went)
        self._moves[move] = allowed
        return allowed

    # ----- messages

    def _add(self, code: str, row: _Row, message: str) -> None:
        self._findings.add(code, f"{self._names.serial(row[4], row[5])} {message}")

    def _broken(self, row: _Row, event: _Row, state: Sequence[Any]) -> None:
        number = event[_NUMBER]
        came = f"has event {number} ({event[_KIND]}) from {self._names.state(_before(event))}"
        left = f"event {number - 1} left it {self._names.state(state)}" if number > 1 else "it is the first"
        self._add("history_broken", row, f"{came}, but {left}.")

    def _forbidden(self, row: _Row, event: _Row) -> None:
        way = f"from {self._names.status(_before(event)[0])} to {self._names.status(_after(event)[0])}"
        self._add("history_move", row, f"has {_event(event)} {way}, a move that is not allowed.")

    def _written(self, row: _Row, event: _Row, before: Any) -> None:
        """Check that an event is unchanged and not earlier than the one before it."""
        if before is not None and event[_MOMENT] < before:
            self._earlier(row, event, before)
        if event[_AS_WRITTEN]:
            return
        if not event[_WITHOUT]:
            self._add("event_digest", row, f"has {_event(event)} that is not as it was written: its digest differs.")
        elif self._first_digested is not None and event[_ID] > self._first_digested:
            self._add("event_digest", row, f"has {_event(event)} without a digest, though older ones have one.")

    def _earlier(self, row: _Row, event: _Row, before: Any) -> None:
        if _moment(event[_MOMENT]) < _moment(before) - CLOCKS_APART:
            self._add("history_moments", row, f"has {_event(event)} that is older than the one before it.")

    def _differs(self, row: _Row, event: _Row, noted: _Noted) -> None:
        names, end = self._names, f"but its history ends with event {event[_NUMBER]}"
        if _after(event) != row[1:4]:
            self._add("serial_state", row, f"is {names.state(row[1:4])}, {end}, {names.state(_after(event))}.")
        if _identity(event) != row[4:6]:
            self._add("serial_identity", row, f"is called that now, {end}, as {names.serial(*_identity(event))}.")
        if event[_NUMBER] != row[6]:
            self._add("serial_version", row, f"has version {row[6]}, {end}.")
        for column, last, now in zip(NOTED, noted, row[9:14], strict=True):
            if last != now:
                self._add("serial_fields", row, f"has {column} {_shown(now)}, {end}, {_shown(last)}.")


@lru_cache(maxsize=8_192)  # most serials have the same few changes
def _fold(noted: _Noted, changes: str) -> tuple[_Noted, str | None]:
    """Apply an event's changes to the noted columns; returns them and a problem, or None."""
    try:
        pairs = json.loads(changes)
        after = dict(zip(NOTED, noted, strict=True))
        for column, (old, new) in pairs.items():
            if column not in after:
                return noted, f"that changes {column}, which no serial has"
            if after[column] != old:
                return noted, f"that changes {column} from {_shown(old)}, but it was {_shown(after[column])}"
            after[column] = new
    except (ValueError, TypeError, AttributeError):
        return noted, "whose changes cannot be read"
    return tuple(after.values()), None


class _StoredStatus(NamedTuple):
    """A status as stored, even with invalid words."""

    code: str
    available: bool
    on_hand: bool


def _statuses() -> dict[int, _StoredStatus]:
    rows = bound.execute_sql("SELECT id, code, available, on_hand FROM statuses").fetchall()
    return {row[0]: _StoredStatus(row[1], bool(row[2]), bool(row[3])) for row in rows}


def _days(start: str, end: str, received: str) -> dict[str, str]:
    """SQL for dates as SQLite stores them; a date object for each would be slower."""
    texts = [column if is_sqlite() else f"to_char({column}, 'YYYY-MM-DD')" for column in (start, end, received)]
    return dict(zip(("start", "end", "received"), texts, strict=True))


def _columns_of_events() -> str:
    """The columns that are read of an event."""
    is_as_written = digest_sql(
        EVENT_DIGESTED, {name: moment_sql(name) if name == "at" else name for name in EVENT_DIGESTED}
    )
    moment = "at" if is_sqlite() else "(extract(epoch FROM at) * 1000000)::bigint"
    columns = [moment if name == "at" else name for name in _READ]
    return ", ".join([*columns, f"digest = {is_as_written}", "digest IS NULL"])


def _moment(value: Any) -> datetime:
    """A time as it is read here: text on SQLite, microseconds since 1970 on PostgreSQL."""
    return read_moment(value) if isinstance(value, str) else datetime.fromtimestamp(value / 1_000_000, UTC)


def first_digested(table: str) -> int | None:
    """The id of the first row with a digest; older rows were written without one."""
    found: int | None = bound.execute_sql(f"SELECT min(id) FROM {table} WHERE digest IS NOT NULL").fetchone()[0]
    return found


def _event(event: _Row) -> str:
    return f"event {event[_NUMBER]} ({event[_KIND]})"


def _numbers(events: Sequence[_Row]) -> str:
    numbers = [str(event[_NUMBER]) for event in events]
    return ", ".join(numbers if len(numbers) <= 10 else [*numbers[:10], "…"])


def _shown(value: object) -> str:
    return "nothing" if value in (None, "") else f"'{readable(value)}'" if isinstance(value, str) else str(value)
