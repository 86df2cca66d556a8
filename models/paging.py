"""Paging through lists of up to ten million rows.

`Pages` caches the pages around the screen and says which one to read next; a `RowSource` reads them; `read_window`
loads or reloads a list in one call on the database thread; `Anchors` remembers sort keys for keyset paging. `Pages`
belongs to the screen's thread, a source to the database thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from enum import Enum
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from models.errors import NotAllowed

PAGE_SIZE: Final = 200
"""Rows per page."""

KEEP_PAGES: Final = 12
"""Pages cached; the least recently viewed is evicted first."""

ATTEMPTS: Final = 3
"""Maximum attempts to read a list that keeps changing."""


class Keyed(Protocol):
    """Anything with a unique key; all other fields concern only its source and its columns."""

    @property
    def key(self) -> str:
        """Identifies the record, independent of filter and order."""


class Record(NamedTuple):
    """The simplest record: a key and a value for each column."""

    key: str
    """Identifies the record."""
    cells: Sequence[object]
    """Values in the order of the columns."""


R = TypeVar("R", bound=Keyed)
R_co = TypeVar("R_co", bound=Keyed, covariant=True)


class RowSource(Protocol[R_co]):
    """A list of records with one filter and one order; call it only on the database thread.

    A new filter or order is a new source. The list may change between two calls: a source answers from the current
    state of the database, and `Pages` detects the change.
    """

    def count(self) -> int:
        """Count the records. Always called first when the list is reloaded: drop cached state here."""

    def fetch(self, offset: int, limit: int) -> Sequence[R_co]:
        """Read `limit` records starting at `offset`; fewer only at the end of the list."""

    def index_of(self, key: str) -> int | None:
        """The position of a record from 0, or None when it is not in the list."""


class ListWindow(NamedTuple):
    """The part of a list to load first: the rows that will be on the screen."""

    row: int = 0
    """Fallback cursor row when none of the keys is in the list."""
    keys: Sequence[str] = ()
    """Candidates for the record under the cursor; the first one found in the list is taken."""
    above: int = 0
    """Lines of the screen above the cursor."""
    below: int = 0
    """Lines of the screen below the cursor."""


class Window(NamedTuple, Generic[R]):
    """A freshly loaded list: its length, the cursor row and whole pages around it."""

    total: int
    row: int
    """Row of the cursor; 0 in an empty list."""
    found: str | None
    """The key that was found, or None."""
    first_page: int
    records: Sequence[R]


def read_window(source: RowSource[R], place: ListWindow, size: int = PAGE_SIZE) -> Window[R]:
    """Load a list; runs on the database thread.

    Other users write meanwhile, so count, index and page may not match. Then the list is read again, at most
    `ATTEMPTS` times in all; after that the last result is used.

    Args:
        source: The list.
        place: The record or row to put under the cursor.
        size: Rows per page.

    Returns:
        A window that contains the record under its cursor, unless the list is empty or keeps shrinking.
    """
    window: Window[R] = Window(0, 0, found=None, first_page=0, records=())
    for _ in range(ATTEMPTS):
        total = source.count()
        key, index = _first_in(source, place.keys) if total else (None, None)
        row = _within(place.row if index is None else index, total)
        first_page = max(0, row - place.above) // size
        offset = first_page * size
        limit = min(((row + place.below) // size + 1) * size, total) - offset
        records = source.fetch(offset, limit)[:limit] if limit > 0 else ()
        whole = len(records) == max(0, limit)
        if not whole:
            total = offset + len(records)
            row = _within(row, total)
        here = records[row - offset].key if offset <= row < offset + len(records) else None
        # Rows that came or went between the statements: the cursor would be on another record.
        fits = whole and (key is None or key == here)
        window = Window(total, row, found=key if key == here else None, first_page=first_page, records=records)
        if fits:
            break
    return window


def read_again(
    source: RowSource[R], place: ListWindow, cursor: str | None, size: int = PAGE_SIZE
) -> tuple[Window[R], int | None]:
    """Load a list again around a row that stays where it is; runs on the database thread.

    Args:
        source: The list.
        place: The row, and the keys of its record and of those near it, of which the first one found takes its place.
        cursor: Key of the record under the cursor, if the cursor is in another row.
        size: Rows per page.

    Returns:
        The window, and the row of the cursor's record; None if it was not asked for or is not in the list.
    """
    window = read_window(source, place, size)
    return window, None if cursor is None or not window.total else source.index_of(cursor)


def records_of(source: RowSource[R], keys: Collection[str]) -> list[R]:
    """The records with these keys that are in a list, in its order; of many keys the whole list is read."""
    total = source.count()
    if len(keys) > MOST_PICKED:
        wanted, starts = set(keys), range(0, total, PAGE_SIZE)
        return [record for start in starts for record in source.fetch(start, PAGE_SIZE) if record.key in wanted]
    # First the positions of all, then the rows: their order is that of the list, not that in which they were picked.
    rows = sorted(row for key in keys if (row := source.index_of(key)) is not None)
    return [record for row in rows for record in source.fetch(row, 1)]


def in_order(source: RowSource[R], keys: Collection[str]) -> list[str]:
    """Those of these keys that are in a list, in its order; the list was counted."""
    if len(keys) <= MOST_PICKED:
        places = [(place, key) for key in dict.fromkeys(keys) if (place := source.index_of(key)) is not None]
        return [key for _, key in sorted(places)]
    wanted, found, start = set(keys), list[str](), 0
    while rows := source.fetch(start, READ_TOGETHER):
        found += [row.key for row in rows if row.key in wanted]
        start += READ_TOGETHER
    return found


def whole_list(source: RowSource[R]) -> RowSource[R]:
    """The same list in the same order, without its filter."""
    whole: RowSource[R] = source
    if hasattr(source, "whole"):
        whole = source.whole()
    elif hasattr(source, "found_by"):
        whole = source.found_by("")
    return whole


def hidden_among(source: RowSource[R], keys: Collection[str]) -> int:
    """The number of these keys that are not in a list."""
    source.count()
    return len(keys) - len(in_order(source, keys))


def all_keys(source: RowSource[R]) -> list[str]:
    """The keys of all rows, as the list is now.

    Raises:
        NotAllowed: there are more than `MOST_MARKED`.
    """
    # Not in the protocol: only the grid has it, whose rows cost more than their keys.
    if hasattr(source, "all_keys"):
        own: list[str] = source.all_keys()
        return own
    return _keys(source, 0, source.count())


def keys_between(source: RowSource[R], one: str | None, other: str) -> list[str]:
    """The keys of the rows from one to another, both included, as the list is now.

    Args:
        source: the list.
        one: None, or a key that is not in the list, is the other row.
        other: if it is not in the list, there are no such rows.

    Raises:
        NotAllowed: there are more than `MOST_MARKED`.
    """
    if hasattr(source, "keys_between"):
        own: list[str] = source.keys_between(one, other)
        return own
    source.count()
    end = source.index_of(other)
    if end is None:
        return []
    begin = source.index_of(one) if one is not None else None
    first, last = sorted((end if begin is None else begin, end))
    return _keys(source, first, last - first + 1)


def _keys(source: RowSource[R], offset: int, limit: int) -> list[str]:
    if limit > MOST_MARKED:
        raise NotAllowed(
            f"These are {limit:,} rows, and at most {MOST_MARKED:,} are marked together. Show fewer of them: type a "
            "part of what they have in common."
        )
    found: list[str] = []
    for start in range(offset, offset + limit, READ_TOGETHER):
        found += [row.key for row in source.fetch(start, min(READ_TOGETHER, offset + limit - start))]
    return found


MOST_PICKED: Final = 500
"""Most records that are looked up one by one."""

READ_TOGETHER: Final = 2_000
"""Records that are read at once where a list is read whole."""

MOST_MARKED: Final = 100_000
"""Most rows that are marked together."""


def _first_in(source: RowSource[R], keys: Sequence[str]) -> tuple[str, int] | tuple[None, None]:
    for key in keys:
        index = source.index_of(key)
        if index is not None:
            return key, index
    return None, None


def _within(row: int, total: int) -> int:
    return max(0, min(row, total - 1))


class Request(NamedTuple):
    """A page to read."""

    generation: int
    """The load of the list that it belongs to; see `Pages.generation`."""
    page: int
    offset: int
    limit: int


class PageOutcome(Enum):
    """Result of handing in a page."""

    STORED = "stored"
    STALE = "stale"
    """The list was reloaded meanwhile; the page was dropped."""
    SHORT = "short"
    """Rows are missing: the list has shrunk and must be reloaded."""


class Pages(Generic[R]):
    """Cache of the pages around the screen; says which page to read next.

    There is no queue. The next request is computed from the *current* scroll position, so pages that were scrolled
    past are never read, however fast the user scrolls. Use one request at a time: `next_request`, read it,
    `arrived`, repeat.
    """

    def __init__(self, size: int = PAGE_SIZE, keep: int = KEEP_PAGES) -> None:
        self.size: Final = size
        """Rows per page."""
        self.keep: Final = keep
        """Pages cached; more only while the screen needs more."""
        self.total = 0
        """Length of the list."""
        self.generation = 0
        """Number of loads of the list so far; marks older requests as stale."""
        self._pages: OrderedDict[int, Sequence[R]] = OrderedDict()
        self._view = range(0)
        self._cursor = 0
        self._downwards = True
        self._stalled = False

    def __len__(self) -> int:
        """Number of cached pages."""
        return len(self._pages)

    def begin(self, window: Window[R]) -> None:
        """Replace all pages by a freshly loaded list. Earlier requests become stale."""
        self.generation += 1
        self.total = window.total
        self._stalled = False
        self._pages.clear()
        for start in range(0, len(window.records), self.size):
            page = window.first_page + start // self.size
            self._pages[page] = window.records[start : start + self.size]

    def look_at(self, view: range, cursor: int) -> None:
        """Set the scroll position.

        Args:
            view: The rows on the screen; it may extend past the end of the list.
            cursor: The row under the cursor, which may be off the screen.
        """
        if view.start != self._view.start:
            self._downwards = view.start > self._view.start
        if view != self._view or cursor != self._cursor:
            self._stalled = False
        self._view, self._cursor = view, cursor
        for page in self._around():
            if page in self._pages:
                self._pages.move_to_end(page)

    def stall(self) -> None:
        """Stop requesting after the source has failed, until the screen moves or the list is reloaded.

        Without this, showing the failure redraws the screen, which would request, and fail, in an endless loop.
        """
        self._stalled = True

    def next_request(self) -> Request | None:
        """The most urgent missing page, or None."""
        if self._stalled:
            return None
        page = next((page for page in self._around() if page not in self._pages), None)
        if page is None:
            return None
        return Request(self.generation, page, page * self.size, self._length(page))

    def arrived(self, request: Request, records: Sequence[R]) -> PageOutcome:
        """Store a requested page."""
        if request.generation != self.generation:
            return PageOutcome.STALE
        if len(records) < request.limit:  # a page with a gap is not kept: the positions behind it would be wrong
            return PageOutcome.SHORT
        self._pages[request.page] = records[: request.limit]
        while len(self._pages) > max(self.keep, len(self._around())):
            self._pages.popitem(last=False)
        return PageOutcome.STORED

    def peek(self, index: int) -> R | None:
        """The record at a row, if cached."""
        page, offset = divmod(index, self.size)
        records = self._pages.get(page, ())
        return records[offset] if 0 <= offset < len(records) else None

    def find(self, key: str) -> int | None:
        """The row of a record, if cached."""
        for page, records in self._pages.items():
            for offset, record in enumerate(records):
                if record.key == key:
                    return page * self.size + offset
        return None

    def known_around(self, row: int) -> tuple[int, list[R]]:
        """The cached records around a row without a gap, and the number of the first; none if the row is not cached."""
        first = last = row // self.size
        if first not in self._pages:
            return row, []
        while first - 1 in self._pages:
            first -= 1
        while last + 1 in self._pages:
            last += 1
        return first * self.size, [record for page in range(first, last + 1) for record in self._pages[page]]

    def _around(self) -> list[int]:
        """The pages the screen needs, most urgent first: cursor, screen, look-ahead in the scroll direction."""
        if not self.total:
            return []
        ahead = self._view.stop - 1 + self.size // 2 if self._downwards else self._view.start - self.size // 2
        rows = [self._cursor, *self._view[:: self.size], *self._view[-1:]]
        if self._view:
            rows.append(ahead)
        return list(dict.fromkeys(_within(row, self.total) // self.size for row in rows))

    def _length(self, page: int) -> int:
        return min(self.size, self.total - page * self.size)


K = TypeVar("K")

KEEP_ANCHORS: Final = 128
"""Rows remembered; the oldest is dropped first."""


class Start(NamedTuple, Generic[K]):
    """A keyset query for some rows.

    Forwards: rows with a sort key from `position` on (from the first row when None), skip `skip`, take `limit`.
    Backwards: rows with a sort key below `position` (from the last row when None) in reverse order, skip `skip`, take
    `limit`, reverse the result.
    """

    position: K | None
    """Sort key to start at."""
    backwards: bool
    skip: int
    """Rows to skip, the OFFSET."""
    limit: int
    """Rows to read."""


class Anchors(Generic[K]):
    """Sort keys of rows already read, by row number; a start near the wanted page keeps its OFFSET small."""

    def __init__(self) -> None:
        self._positions: dict[int, K] = {}

    def forget(self) -> None:
        """Drop all rows: the list has changed or was counted again."""
        self._positions.clear()

    def note(self, row: int, position: K) -> None:
        """Remember the sort key of a row; useful for the ends of a page and for a record that was looked up."""
        self._positions.pop(row, None)  # so that it counts as the newest again
        self._positions[row] = position
        if len(self._positions) > KEEP_ANCHORS:
            del self._positions[next(iter(self._positions))]

    def start(self, offset: int, limit: int, total: int) -> Start[K]:
        """The query for a page that skips the fewest rows.

        A row that was read is preferred to an end of the list, though one more row is skipped from there: the next page
        then goes on where the last one ended, even if rows came meanwhile and the end is not where it was counted.

        Args:
            offset: Number of its first row.
            limit: Rows wanted; those past the end of the list are left out.
            total: Length of the list.
        """
        limit = max(0, min(limit, total - offset))
        end = offset + limit
        ways: list[Start[K]] = []
        for row, position in self._positions.items():
            if row <= offset:
                ways.append(Start(position, backwards=False, skip=offset - row, limit=limit))
            elif row >= end:
                ways.append(Start(position, backwards=True, skip=row - end, limit=limit))
        ways.append(Start(None, backwards=False, skip=offset, limit=limit))
        ways.append(Start(None, backwards=True, skip=total - end, limit=limit))
        return min(ways, key=lambda way: way.skip + (way.position is None))

    def ways(self, offset: int, limit: int, total: int) -> list[Start[K]]:
        """The queries for a page: two parts if a row inside it is known, such as that of a record looked up.

        Args:
            offset: As for `start`.
            limit: As for `start`.
            total: As for `start`.

        Returns:
            The queries in list order; empty past the end of the list.
        """
        whole = self.start(offset, limit, total)
        if not whole.limit:
            return []
        end = offset + whole.limit
        inside = next((row for row in self._positions if offset < row < end), None)
        if inside is None or not whole.skip:
            return [whole]
        position = self._positions[inside]
        before = Start(position, backwards=True, skip=0, limit=inside - offset)
        return [before, Start(position, backwards=False, skip=0, limit=end - inside)]
