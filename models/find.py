"""Find: serials, items, locations, customers and documents by any part of their texts.

What an index finds comes at once: whole texts, their beginnings, and the last characters of serials. Other parts of
serials are looked for in the blocks that can have them (`models.ngrams`), in steps of some milliseconds, so that a scan
never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any, Final, NamedTuple

from models.database.bulk import placeholders
from models.documents import number_text
from models.errors import BadValue
from models.ngrams import WITHIN, for_each, in_steps, listed, ranges_with
from models.permissions import Actor, Permission, require, require_in, rights_queries
from models.schema import Document, bound, is_sqlite
from models.statuses import LOOKS, StatusLook, looks_of, statuses
from models.text import LAST, composed, fold, narrow, prefix_end, reversed_sql, search_key, serial_key, storable
from models.verbs import DocumentKind, StatusCode

MOST: Final = 20
"""Hits of a kind unless the caller says otherwise: about a screen."""

TO_DO: Final = "find something"
"""The action, for the message of a missing permission."""

_FIRST_STEP: Final = 5_000
_STEP: Final = 40_000
"""Names, or ids of serials, that one step reads: the first, and each other."""


class FindKind(StrEnum):
    """The kinds of things that are found; the values are a public interface."""

    SERIAL = "serial"
    ITEM = "item"
    LOCATION = "location"
    CUSTOMER = "customer"
    DOCUMENT = "document"


class Match(StrEnum):
    """The kinds of matches, the best first; the values are a public interface."""

    EXACT = "exact"
    BEGINNING = "beginning"
    END = "end"
    """By its last characters; of a document, by its number without prefix and zeros."""
    EARLIER = "earlier"
    """A serial by a text that it had before it was corrected."""
    PART = "part"


_RANKS: Final = {match: rank for rank, match in enumerate(Match)}

_NAMES: Final = {
    FindKind.ITEM: (
        "SELECT i.id, i.sku, i.name, coalesce(b.barcode, ''), 0 FROM (SELECT id, sku, name FROM items WHERE {}) i "
        "LEFT JOIN item_barcodes b ON b.item_id = i.id ORDER BY i.id"
    ),
    FindKind.LOCATION: "SELECT id, code, name, '', closed FROM locations WHERE {}",
    FindKind.CUSTOMER: "SELECT id, name, coalesce(code, ''), '', 0 FROM customers WHERE {}",
}
"""Queries for ids, names, codes and barcodes of everything but serials, and whether it is closed."""

_PREFIX_ROWS: Final = {
    "i.sku_key": "'item' AS kind, i.id, i.sku, i.name, 0 AS closed, i.sku_key AS there FROM items i WHERE 1 = 1",
    "i.name_key": "'item' AS kind, i.id, i.sku, i.name, 0 AS closed, i.name_key AS there FROM items i WHERE 1 = 1",
    "upper(b.barcode)": (
        "'item' AS kind, i.id, i.sku, i.name, 0 AS closed, upper(b.barcode) AS there FROM item_barcodes b "
        "JOIN items i ON i.id = b.item_id WHERE 1 = 1"
    ),
    "upper(l.code)": (
        "'location' AS kind, l.id, l.code, l.name, CASE WHEN l.closed THEN 1 ELSE 0 END AS closed, "
        "upper(l.code) AS there FROM locations l WHERE 1 = 1"
    ),
    "c.name_key": (
        "'customer' AS kind, c.id, c.name, coalesce(c.code, ''), 0 AS closed, c.name_key AS there FROM customers c "
        "WHERE 1 = 1"
    ),
    "upper(c.code)": (
        "'customer' AS kind, c.id, c.name, coalesce(c.code, ''), 0 AS closed, upper(c.code) AS there FROM customers c "
        "WHERE c.code IS NOT NULL"
    ),
}
"""Queries for the rows that an index finds, by its expression, which becomes the column `there`."""

_HIGHEST: Final = 2**63 - 1


class _FindQuery(NamedTuple):
    """A query with the function that takes its rows."""

    sql: str
    values: Sequence[Any]
    note: Callable[[Sequence[tuple[Any, ...]]], None]
    """Takes the rows that were found."""


class _SerialQuery(NamedTuple):
    """A query for the ids of serials that match in one way."""

    match: Match
    """The kind of match of its rows, unless the text is the whole one."""
    ids: str
    """SQL for their ids, and a column `whole`: whether the text is the whole one."""
    values: Sequence[Any]


_NOT_WHOLE: Final = "1 = 0 AS whole"
"""The column `whole` of a query that finds no whole texts."""


class FindHit(NamedTuple):
    """Something that was found."""

    kind: FindKind
    id: int
    text: str
    """Serial number, SKU, code of a location, name of a customer or number of a document, as it is now."""
    match: Match
    is_whole: bool
    """Whether the text looked for is a whole one: that of now, an earlier one, a name, a barcode or a code."""
    item: str = ""
    """SKU of a serial's item."""
    about: str = ""
    """Location of a serial, name of an item or location, code of a customer, kind of a document."""
    status: StatusLook | None = None
    """The status of a serial."""
    is_closed: bool = False
    """Whether it is a location that takes nothing new."""

    @property
    def is_removed(self) -> bool:
        """Whether it is the record of a serial that was entered by mistake."""
        return self.status is not None and self.status.code == StatusCode.REMOVED

    @property
    def state(self) -> str:
        """Mark and label of a serial's status, or that a location is closed; empty for none."""
        if self.status is not None:
            return f"{self.status.mark} {self.status.label}"
        return "closed" if self.is_closed else ""

    @property
    def rank(self) -> tuple[bool, int, bool]:
        """Sorts the best first; removed records come after others that were found alike."""
        return not self.is_whole, _RANKS[self.match], self.is_removed or self.is_closed


class FindGroup(NamedTuple):
    """The hits of one kind, best first."""

    kind: FindKind
    hits: tuple[FindHit, ...]
    has_more: bool
    """Whether there are more hits than are listed."""


class Search:
    """One question, answered in steps: the first one by index, the others with parts of texts.

    Args:
        most: how many of each kind are listed.

    Raises:
        BadValue: there is nothing to look for.
    """

    def __init__(self, actor: Actor, text: str, *, most: int = MOST) -> None:
        self._actor = actor
        self._most = most
        self.text = " ".join(storable(text).split())
        if not self.text:
            raise BadValue("There is nothing to find. Type a serial, an item, a location, a customer or a document.")
        self._key = serial_key(composed(narrow(self.text)))
        self._hits: dict[FindKind, dict[int, FindHit]] = {kind: {} for kind in FindKind}
        self._looks: dict[int, StatusLook] = {}
        self._steps = self._parts()
        self._is_begun = False
        self.is_done = False
        """Whether all steps were taken."""

    def step(self) -> tuple[FindGroup, ...]:
        """Take the next step; call it in the database thread.

        Returns:
            All that was found so far, the group with the best hit first.

        Raises:
            NotPermitted
        """
        if not self._is_begun:
            self._by_index()
            self._is_begun = True  # afterwards, so that a step that failed is taken again
            return self.groups
        require(self._actor, Permission.VIEW, TO_DO)  # at each step: it may be taken away while somebody looks
        try:
            self.is_done = next(self._steps, True)
        except BaseException:
            self._steps = self._parts()  # it may be called again, after a lost connection
            raise
        return self.groups

    @property
    def groups(self) -> tuple[FindGroup, ...]:
        """The hits so far, the group with the best hit first."""
        groups = []
        for kind, found in self._hits.items():
            hits = sorted(found.values(), key=lambda hit: hit.rank)
            if hits:
                groups.append(FindGroup(kind, tuple(hits[: self._most]), len(hits) > self._most))
        return tuple(sorted(groups, key=lambda group: group.hits[0].rank))

    def only(self) -> FindHit | None:
        """The one thing that the whole text names; None if it names none or several."""
        whole = [hit for found in self._hits.values() for hit in found.values() if hit.is_whole]
        # An earlier text or a removed record counts only where nothing else has the text.
        present = [hit for hit in whole if hit.match is Match.EXACT and not hit.is_removed] or whole
        return present[0] if len(present) == 1 else None

    # ----- the steps

    def _by_index(self) -> None:
        """Ask for the permission and for all that an index answers in one message: a far server is waited for once."""
        rights, asked = rights_queries(self._actor), [_FindQuery(LOOKS, (), self._note_looks)]
        if self._key:
            asked.append(self._serials())
        asked += [self._names(text) for text in dict.fromkeys((self.text, composed(narrow(self.text))))]
        asked += self._documents()
        found = bound.rows_of([*rights, *((each.sql, each.values) for each in asked)])
        require_in(found[: len(rights)], self._actor, Permission.VIEW, TO_DO)
        for each, rows in zip(asked, found[len(rights) :], strict=True):
            each.note(rows)

    def _parts(self) -> Iterator[bool]:
        """Look for parts of texts; yields after each step whether it was the last one."""
        yield from self._parts_of_names()
        if self._key:
            yield from self._parts_of_serials()
            yield from self._parts_of_corrected()
        yield True

    def _ask(self, *asked: _FindQuery) -> None:
        """Send queries together, and note the rows of each."""
        for each, rows in zip(asked, bound.rows_of([(each.sql, each.values) for each in asked]), strict=True):
            each.note(rows)

    def _note(self, hit: FindHit) -> None:
        """Keep a hit, unless the same record was found in a better way."""
        known = self._hits[hit.kind].get(hit.id)
        if known is None or hit.rank < known.rank:
            self._hits[hit.kind][hit.id] = hit

    def _note_looks(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._looks = {look.id: look for look in looks_of(rows)}

    # ----- serials

    def _serials(self) -> _FindQuery:
        span, ends = (self._key, self._key, prefix_end(self._key)), self._ends()
        return self._found_serials(
            _SerialQuery(Match.BEGINNING, f"SELECT id, {self._beginning('serials', 'serial_key')}", span),
            _SerialQuery(Match.END, f"SELECT id, {self._ending('serials', 'serial_key')}", ends),
            _SerialQuery(
                Match.EARLIER, f"SELECT serial_id AS id, {self._beginning('serial_aliases', 'alias_key')}", span
            ),
            _SerialQuery(Match.EARLIER, f"SELECT serial_id AS id, {self._ending('serial_aliases', 'alias_key')}", ends),
        )

    def _beginning(self, table: str, column: str) -> str:
        """The rows of a table whose key begins with the text, the whole text first, as it is the first in the order."""
        one = bound.param
        return (
            f"{column} = {one} AS whole FROM {table} WHERE {column} >= {one} AND {column} < {one} "
            f"ORDER BY {column} LIMIT {self._most + 1}"
        )

    def _ending(self, table: str, column: str) -> str:
        """The rows of a table whose key ends with the text, and is not the text; `_ends` has the values."""
        one, backwards = bound.param, reversed_sql(column, sqlite=is_sqlite())
        # The index of SQLite has only the last characters, so the others are compared one by one.
        others = (
            f"substr({column}, -{len(self._key)}) = {one} AND " if is_sqlite() else f"right({column}, 1) = {one} AND "
        )
        return (
            f"{_NOT_WHOLE} FROM {table} WHERE {backwards} >= {one} AND {backwards} < {one} AND {others}"
            f"{column} <> {one} ORDER BY {backwards} LIMIT {self._most + 1}"
        )

    def _ends(self) -> tuple[str, str, str, str]:
        backwards = self._key[::-1]
        if is_sqlite():
            backwards = backwards[:LAST]
        return backwards, prefix_end(backwards), self._key if is_sqlite() else self._key[-1], self._key

    def _found_serials(self, *ways: _SerialQuery) -> _FindQuery:
        """Ask for serials, all by one statement."""
        found = " UNION ALL ".join(f"SELECT {at} AS way, w{at}.* FROM ({way.ids}) w{at}" for at, way in enumerate(ways))
        # Subqueries for the names: to consider joins takes PostgreSQL longer than to read the rows.
        sql = (
            "SELECT f.way, f.whole, s.id, s.serial_number, (SELECT i.sku FROM items i WHERE i.id = s.item_id) AS sku, "
            "(SELECT l.code FROM locations l WHERE l.id = s.location_id), s.status_id "
            f"FROM ({found}) f JOIN serials s ON s.id = f.id ORDER BY s.serial_key, sku, s.id"
        )

        def note(rows: Sequence[tuple[Any, ...]]) -> None:
            if any(row[6] not in self._looks for row in rows):  # a status that somebody has made since
                self._looks = {look.id: look for look in statuses()}
            for at, is_whole, serial_id, text, sku, place, status_id in rows:
                match, look = ways[at].match, self._looks[status_id]
                if is_whole and match is Match.BEGINNING:
                    match = Match.EXACT
                self._note(FindHit(FindKind.SERIAL, serial_id, text, match, bool(is_whole), sku, place, look))

        return _FindQuery(sql, [value for way in ways for value in way.values], note)

    def _contains(self, column: str) -> str:
        """The condition that a key has the text inside; an index finds those that begin or end so. See `_inside`."""
        one = bound.param
        if is_sqlite():
            return f"instr({column}, {one}) > 1 AND substr({column}, -{len(self._key)}) <> {one}"
        return f"strpos({column}, {one}) > 1 AND right({column}, {len(self._key)}) <> {one}"

    @property
    def _inside(self) -> tuple[str, str]:
        """The values of `_contains`."""
        return self._key, self._key

    def _parts_of_serials(self) -> Iterator[bool]:
        """Read the serials that can have the text, in order of id; within a step the hits are in that of their keys."""
        if len(self._hits[FindKind.SERIAL]) > self._most:
            return  # a part is worth less than what was found already
        within = f"{WITHIN} AND {self._contains('s.serial_key')}"
        # The first step is short, so that the first hits are on the screen soon.
        for ranges in in_steps(ranges_with(self._key), _FIRST_STEP, _STEP):
            table, values = listed(ranges)
            rows = for_each(table, within)
            ids = f"SELECT s.id, {_NOT_WHOLE} FROM {rows} ORDER BY s.serial_key LIMIT {self._most + 1}"
            self._ask(self._found_serials(_SerialQuery(Match.PART, ids, (*values, *self._inside))))
            if len(self._hits[FindKind.SERIAL]) > self._most:
                return
            yield False

    def _parts_of_corrected(self) -> Iterator[bool]:
        """Read the serials that once had another text: their present texts, and the earlier ones."""
        one, last, size = bound.param, 0, _FIRST_STEP
        following = f"SELECT serial_id FROM serial_aliases WHERE serial_id > {one} ORDER BY serial_id LIMIT 1 OFFSET"
        span = f"serial_id > {one} AND serial_id <= {one}"
        once = f"(SELECT DISTINCT serial_id FROM serial_aliases WHERE {span}) a"
        present = for_each(once, f"s.id = a.serial_id AND {self._contains('s.serial_key')}")
        limit = f"LIMIT {self._most + 1}"
        while len(self._hits[FindKind.SERIAL]) <= self._most:
            end = bound.execute_sql(f"{following} {size}", (last,)).fetchall()
            values = (last, until := end[0][0] if end else _HIGHEST, *self._inside)
            earlier = f"serial_aliases WHERE {span} AND {self._contains('alias_key')}"
            self._ask(
                self._found_serials(
                    _SerialQuery(Match.PART, f"SELECT s.id, {_NOT_WHOLE} FROM {present} {limit}", values),
                    _SerialQuery(
                        Match.EARLIER, f"SELECT DISTINCT serial_id AS id, {_NOT_WHOLE} FROM {earlier} {limit}", values
                    ),
                )
            )
            if not end:
                return
            last, size = until, _STEP
            yield False

    # ----- what has a name

    def _names(self, text: str) -> _FindQuery:
        """Items, locations and customers whose name or code begins with a text, all read by one statement."""
        key, upper = fold(text), storable(text).upper()
        wanted = {"i.name_key": search_key(text), "upper(l.code)": upper}
        parts, values = [], list[str]()
        for at, (column, rows) in enumerate(_PREFIX_ROWS.items()):
            begun = wanted.get(column, key)
            begins = f"{column} >= {bound.param} AND {column} < {bound.param} ORDER BY {column} LIMIT {self._most + 1}"
            parts.append(f"SELECT * FROM (SELECT {rows} AND {begins}) n{at}")
            values += (begun, prefix_end(begun))

        def note(found: Sequence[tuple[Any, ...]]) -> None:
            for kind, row_id, shown, about, is_closed, there in found:
                whole = there in (key, upper, wanted["i.name_key"])
                match = Match.EXACT if whole else Match.BEGINNING
                self._note(FindHit(FindKind(kind), row_id, shown, match, whole, about=about, is_closed=bool(is_closed)))

        return _FindQuery(" UNION ALL ".join(parts), values, note)

    def _parts_of_names(self) -> Iterator[bool]:
        """Read all names of items, locations and customers, in whatever width their letters are."""
        wanted = fold(narrow(self.text))
        last = {kind: 0 for kind in _NAMES if len(self._hits[kind]) <= self._most}
        """By kind that is not read to its end: the last id."""

        def following(kind: FindKind) -> _FindQuery:
            def note(rows: Sequence[tuple[Any, ...]]) -> None:
                if rows:
                    last[kind] = rows[-1][0]
                # All at once: it is most often in none of them, and to look at each takes ten times as long.
                if wanted in _folded(_TEXT_SEPARATOR.join(chain.from_iterable(row[1:4] for row in rows))):
                    compare(rows)
                if len(rows) < _FIRST_STEP or len(self._hits[kind]) > self._most:  # read to its end, or enough found
                    del last[kind]

            def compare(rows: Sequence[tuple[Any, ...]]) -> None:
                for row_id, text, about, more, is_closed in rows:
                    matches = [match for one in (text, about, more) if (match := _match_of(wanted, one)) is not None]
                    if matches:
                        best = min(matches, key=_RANKS.__getitem__)
                        whole = best is Match.EXACT
                        self._note(FindHit(kind, row_id, text, best, whole, about=about, is_closed=bool(is_closed)))

            return _FindQuery(
                _NAMES[kind].format(f"id > {bound.param} ORDER BY id LIMIT {_FIRST_STEP}"), (last[kind],), note
            )

        while last:
            self._ask(*(following(kind) for kind in last))
            yield False

    # ----- documents

    def _documents(self) -> Iterator[_FindQuery]:
        typed = "".join(narrow(self.text).split()).upper()
        prefix, dash, digits = typed.rpartition("-") if "-" in typed else (typed[:1], "", typed[1:])
        if typed.isdigit():
            prefix, dash, digits = "", "", typed
        if not (digits.isascii() and (digits.isdigit() or (dash and not digits))):
            return
        kinds = [kind for kind in DocumentKind if prefix in ("", kind.prefix)]
        if not kinds or (not prefix and dash):
            return
        # No number has 16 digits, and Python refuses to convert thousands of them.
        numbers = [number_text(kind, int(digits)) for kind in kinds if digits and len(digits) < 16]
        if not prefix:  # zeros are left out, not added
            numbers = [number for number in numbers if number.endswith(digits)]
        # Without any number an empty text, which no document has: SQL knows no empty list.
        yield self._found_documents(f"number IN ({placeholders(len(numbers) or 1)})", *(numbers or [""]), typed=typed)
        whole = number_text(kinds[0], 0)
        begun = f"{prefix}-{digits}"
        if prefix and len(begun) < len(whole):
            first, last = (begun.ljust(len(whole), each) for each in "09")
            one = bound.param
            yield self._found_documents(
                f"number BETWEEN {one} AND {one} AND length(number) = {len(whole)}", first, last
            )

    def _found_documents(self, where: str, *values: str, typed: str = "") -> _FindQuery:
        match = Match.BEGINNING if not typed else Match.END if typed.isdigit() else Match.EXACT

        def note(rows: Sequence[tuple[Any, ...]]) -> None:
            for document_id, number, kind in rows:
                about = Document.kind.known(kind)
                self._note(FindHit(FindKind.DOCUMENT, document_id, number, match, match is Match.EXACT, about=about))

        limit = f"ORDER BY number DESC LIMIT {self._most + 1}"
        return _FindQuery(f"SELECT id, number, kind FROM documents WHERE {where} {limit}", values, note)


def find(
    actor: Actor, text: str, *, most: int = MOST, stop: Callable[[int, int], None] | None = None
) -> Sequence[FindGroup]:
    """Find serials, items, locations, customers and documents, parts of their texts included.

    Args:
        text: a serial, its beginning, its last characters, any part of it or an earlier text; SKU, barcode or name of
            an item; code or name of a location or customer; number of a document, also without prefix and zeros. Case,
            width of letters and their composition play no part.
        most: how many of each kind.
        stop: called after each step with (steps taken, 0); an exception from it ends the search, see `errors.Stop`.

    Returns:
        The group with the best hit first, and in it the best hit first.

    Raises:
        NotPermitted
        BadValue: there is nothing to look for.
    """
    require(actor, Permission.VIEW, TO_DO)
    finding, steps = Search(actor, text, most=most), 0
    while not finding.is_done:
        finding.step()
        steps += 1
        if stop is not None:
            stop(steps, 0)
    return finding.groups


_TEXT_SEPARATOR: Final = "\x01"
"""Separator of texts that are searched together; no name has a control character."""


def _folded(text: str) -> str:
    """`fold(narrow(text))`; most texts are of ASCII alone, and it takes a fifth of the time."""
    return "".join(text.split()).upper() if text.isascii() else fold(narrow(text))


def _match_of(wanted: str, text: str) -> Match | None:
    """The kind of match of a name or code with a folded text; None if there is none."""
    key = _folded(text)
    if wanted not in key:
        return None
    if key.startswith(wanted):
        return Match.EXACT if key == wanted else Match.BEGINNING
    return Match.PART
