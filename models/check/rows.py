"""Checks of the data: each serial against its events (`Histories`), stored counts, quantities, documents, users."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from models.check.structure import Findings
from models.database import bulk
from models.ledger import NOTED, NOTHING_NOTED
from models.permissions import Permission, permissions_of
from models.schema import Customer, Item, Location, SerialCount, Status, Stock, User, bound, is_sqlite
from models.text import serial_key, sort_key
from models.verbs import BY_KIND, STATUSES


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
            found = table.get_or_none(table.id == row_id)
            kind = table.__name__.lower()
            self._known[key] = getattr(found, column) if found else f"{kind} {row_id} (which does not exist)"
        return self._known[key]


BLOCK: Final = 5_000
"""Serials per block."""

_SERIALS = """
    SELECT id, status_id, location_id, customer_id, item_id, serial_number, version, serial_key, sort_key,
        condition_notes, warranty_start, warranty_end, warranty_void, date_received
    FROM serials WHERE id > {one} ORDER BY id LIMIT {block}"""
_EVENTS = """
    SELECT serial_id, number, kind, from_status_id, from_location_id, from_customer_id,
        to_status_id, to_location_id, to_customer_id, item_id, serial_number, changes
    FROM serial_events WHERE serial_id > {one} AND serial_id <= {one} ORDER BY serial_id, number"""

_Row = Sequence[Any]
_Noted = tuple[Any, ...]
"""Values of the columns `NOTED`, with ISO dates."""

_NOWHERE = (None, None, None)
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
        self._statuses = {status.id: status for status in Status.select()}
        self._moves: dict[tuple[str, int | None, int], bool] = {}
        self.serials = 0
        self.events = 0
        self.counts: Counter[tuple[int, ...]] = Counter()
        """Number of serials by (item, location, status), as counted."""

    def compare(self) -> None:
        """Compare all serials, block by block: one query for the serials, one for their events."""
        one, sqlite = bound.param, is_sqlite()
        total = bound.execute_sql("SELECT count(*) FROM serials").fetchone()[0]
        last = 0
        while True:
            rows = bound.execute_sql(_SERIALS.format(one=one, block=BLOCK), (last,)).fetchall()
            # The last block reads to the highest id, so that events beyond the last serial are found as orphans.
            end = rows[-1][0] if len(rows) == BLOCK else _HIGHEST
            events: defaultdict[int, list[_Row]] = defaultdict(list)
            for event in bound.execute_sql(_EVENTS.format(one=one), (last, end)):
                events[event[0]].append(event)
            for row in rows if sqlite else map(_with_iso_dates, rows):
                self._serial(row, events.pop(row[0], ()))
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
        state: Sequence[Any] = _NOWHERE
        noted: _Noted = NOTHING_NOTED
        for number, event in enumerate(events, 1):
            if event[1] != number:
                self._add("history_numbers", row, f"has events {_numbers(events)}, not 1 to {len(events)}.")
                return  # further comparisons would pair the wrong events
            if event[3:6] != state:
                self._broken(row, event, state)
            move = (event[2], event[3], event[6])
            if not (self._moves[move] if move in self._moves else self._allows(move)):
                self._forbidden(row, event)
            state = event[6:9]
            if event[11] is not None:
                noted, problem = _fold(noted, event[11])
                if problem:
                    self._add("history_changes", row, f"has event {number} ({event[2]}) {problem}.")
        if state != row[1:4] or event[9:11] != row[4:6] or len(events) != row[6] or noted != row[9:14]:
            self._differs(row, event, noted)
        key = serial_key(row[5])
        if key != row[7] or sort_key(key) != row[8]:
            self._add("serial_key", row, f"is filed as {row[7]} / {row[8]}, not {key} / {sort_key(key)}.")

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
        came = f"has event {event[1]} ({event[2]}) from {self._names.state(event[3:6])}"
        left = f"event {event[1] - 1} left it {self._names.state(state)}" if event[1] > 1 else "it is the first"
        self._add("history_broken", row, f"{came}, but {left}.")

    def _forbidden(self, row: _Row, event: _Row) -> None:
        way = f"from {self._names.status(event[3])} to {self._names.status(event[6])}"
        self._add("history_move", row, f"has event {event[1]} ({event[2]}) {way}, a move that is not allowed.")

    def _differs(self, row: _Row, event: _Row, noted: _Noted) -> None:
        names, end = self._names, f"but its history ends with event {event[1]}"
        if event[6:9] != row[1:4]:
            self._add("serial_state", row, f"is {names.state(row[1:4])}, {end}, {names.state(event[6:9])}.")
        if event[9:11] != row[4:6]:
            self._add("serial_identity", row, f"is called that now, {end}, as {names.serial(event[9], event[10])}.")
        if event[1] != row[6]:
            self._add("serial_version", row, f"has version {row[6]}, {end}.")
        for column, told, now in zip(NOTED, noted, row[9:14], strict=True):
            if told != now:
                self._add("serial_fields", row, f"has {column} {_shown(now)}, {end}, {_shown(told)}.")


@lru_cache(maxsize=8_192)
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


def _with_iso_dates(row: _Row) -> _Row:
    start, end, void, received = row[10:14]
    dates = [day if day is None else day.isoformat() for day in (start, end, received)]
    return (*row[:10], dates[0], dates[1], void, dates[2])


def _numbers(events: Sequence[_Row]) -> str:
    numbers = [str(event[1]) for event in events]
    return ", ".join(numbers if len(numbers) <= 10 else [*numbers[:10], "…"])


def _shown(value: object) -> str:
    return "nothing" if value in (None, "") else repr(value)


TOTALS_BLOCK = 20_000
"""Documents per block."""

_BLOCK = "SELECT count(*), max(id) FROM (SELECT id FROM documents WHERE id > {one} ORDER BY id LIMIT {block}) AS d"

_DOCUMENTS = """
    SELECT d.id, d.number, d.serials FROM documents d LEFT JOIN (
        SELECT document_id, count(*) AS events FROM serial_events
        WHERE document_id > {one} AND document_id <= {one} GROUP BY document_id) e ON e.document_id = d.id
    WHERE d.id > {one} AND d.id <= {one} AND coalesce(e.events, 0) <> d.serials ORDER BY d.id"""


def counts(counted: Counter[tuple[int, ...]], findings: Findings) -> None:
    """Compare the stored counts of serials with the counted ones, by (item, location, status)."""
    names = Names()
    kept: dict[tuple[int, ...], int] = {
        (row.item_id, row.location_id, row.status_id): row.serials for row in SerialCount.select()
    }
    for key in sorted(kept.keys() | counted.keys()):
        says, are = kept.get(key, 0), counted.get(key, 0)
        if says != are:
            item, place, status = key
            findings.add(
                "count_wrong",
                f"The count of {names.item(item)} {names.status(status)} at {names.place(place)} says {says:,}, "
                f"but there {'is 1 serial' if are == 1 else f'are {are:,} serials'}.",
            )


def stock(findings: Findings) -> None:
    """Check that no quantity is below zero."""
    names = Names()
    for row in Stock.select().where(Stock.on_hand < 0).order_by(Stock.item, Stock.location):
        findings.add(
            "stock_negative",
            f"The quantity of {names.item(row.item_id)} at {names.place(row.location_id)} is {row.on_hand:,}.",
        )


def documents(findings: Findings, progress: Callable[[int, int], None]) -> int:
    """Check the serial count of each document against the distinct serials in its events.

    A fast query finds documents whose number of events differs; only for these the distinct serials are counted.

    Returns:
        The number of documents.
    """
    one = bound.param
    total = bound.execute_sql("SELECT count(*) FROM documents").fetchone()[0]
    done = start = 0
    while True:
        number, end = bound.execute_sql(_BLOCK.format(one=one, block=TOTALS_BLOCK), (start,)).fetchone()
        if not number:
            return int(total)
        rows = bound.execute_sql(_DOCUMENTS.format(one=one), (start, end, start, end)).fetchall()
        for part in bulk.blocks(rows):
            named = _named_serials([row[0] for row in part])
            for document_id, name, says in part:
                are = named.get(document_id, 0)
                if are != says:
                    findings.add(
                        "document_serials",
                        f"The document {name} says {says:,} serials, but {are:,} serials have events that name it.",
                    )
        start = end
        done += number
        progress(done, total)


def _named_serials(document_ids: list[int]) -> dict[int, int]:
    """Distinct serials per document; a serial dispatched and arrived has two events on one document."""
    rows = bound.execute_sql(
        "SELECT document_id, count(DISTINCT serial_id) FROM serial_events "
        f"WHERE document_id IN ({bulk.placeholders(len(document_ids))}) GROUP BY document_id",
        document_ids,
    )
    return dict(rows.fetchall())


def statuses(findings: Findings) -> None:
    """Check that the built-in statuses exist."""
    there = {row.code for row in Status.select(Status.code)}
    for code in STATUSES:
        if code not in there:
            findings.add("status_missing", f"The built-in status {code} is missing.")


def administrator(findings: Findings) -> None:
    """Check that somebody can manage users; without any users, the first one to sign in becomes administrator."""
    users = list(User.select())
    able = any(Permission.MANAGE_USERS in permissions_of(user.id) for user in users)
    if users and not able:
        findings.add(
            "no_administrator",
            f"No active user holds {Permission.MANAGE_USERS}, so nobody can manage users: there is no administrator.",
        )
