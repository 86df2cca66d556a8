"""Reading a long list a page at a time: what to ask the database for, what to keep, what to forget.

A screen shows some rows of a list that may be ten million long. `Pages` holds the few pages around the screen
and says which one to read next; a `RowSource` reads them; `read_window` begins a list, or begins it again, in
one visit to the database. `Pages` belongs to the thread of the screen, a source to the thread of the database.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from enum import Enum
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

PAGE_SIZE: Final = 200
"""Rows a page."""

KEEP_PAGES: Final = 12
"""Pages kept; the one looked at longest ago goes first."""

ATTEMPTS: Final = 3
"""How often a list that changes while it is read is read again."""


class Keyed(Protocol):
    """Anything with a key of its own; all else about a record is between its source and its columns."""

    @property
    def key(self) -> str:
        """Names this record, in this list and in every other order or selection of it."""


class Record(NamedTuple):
    """The plainest record: a key and a value for each column."""

    key: str
    """Names the record."""
    cells: Sequence[object]
    """Values in the order of the columns."""


R = TypeVar("R", bound=Keyed)
R_co = TypeVar("R_co", bound=Keyed, covariant=True)


class RowSource(Protocol[R_co]):
    """One selection of records in one order, read on the thread of the database only.

    A new filter or order is a new source. The list may change between two calls: a source answers from the
    database as it is now, and `Pages` notices.
    """

    def count(self) -> int:
        """Count the records. Always called first when the list is begun again: forget what was remembered."""

    def fetch(self, offset: int, limit: int) -> Sequence[R_co]:
        """Read `limit` records from the one at `offset` on; fewer only where the list ends."""

    def index_of(self, key: str) -> int | None:
        """Say how many records stand before this one, or None when it is not in the list."""


class ListWindow(NamedTuple):
    """Where on the screen a list is begun, so that everything seen at once is read at once."""

    row: int = 0
    """The row under the cursor when none of the keys is in the list."""
    keys: Sequence[str] = ()
    """The record that shall be under the cursor; where it is not in the list, the next of these."""
    above: int = 0
    """Lines of the screen above the cursor."""
    below: int = 0
    """Lines of the screen below the cursor."""


class Window(NamedTuple, Generic[R]):
    """The beginning of a list: its length, where the cursor belongs, and whole pages around it."""

    total: int
    row: int
    """Where the cursor belongs; 0 in an empty list."""
    found: str | None
    """Which of the keys is there, or None."""
    first_page: int
    records: Sequence[R]


def read_window(source: RowSource[R], place: ListWindow, size: int = PAGE_SIZE) -> Window[R]:
    """Begin a list, on the thread of the database.

    Others write meanwhile, so what was counted, found and fetched need not fit together. Then it is read
    again; a list that keeps changing is taken as it was read last.

    Args:
        source: The list.
        place: What to bring under the cursor.
        size: Rows a page.

    Returns:
        A window that holds the record under its cursor, unless the list is empty or shrinks all the time.
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
        fits = whole and (key is None or key == here)
        window = Window(total, row, found=key if key == here else None, first_page=first_page, records=records)
        if fits:
            break
    return window


def _first_in(source: RowSource[R], keys: Sequence[str]) -> tuple[str, int] | tuple[None, None]:
    for key in keys:
        index = source.index_of(key)
        if index is not None:
            return key, index
    return None, None


def _within(row: int, total: int) -> int:
    return max(0, min(row, total - 1))


class Request(NamedTuple):
    """A page to be read."""

    generation: int
    """Which beginning of the list it belongs to."""
    page: int
    offset: int
    limit: int


class PageOutcome(Enum):
    """What became of a page that was read."""

    STORED = "stored"
    STALE = "stale"
    """The list was begun again meanwhile: the page is of no use."""
    SHORT = "short"
    """Rows are missing, so the list has shrunk and must be begun again."""


class Pages(Generic[R]):
    """The pages around the screen, and which one is wanted next.

    Nothing is queued. What is wanted follows from where the screen is *now*, so a request that has left the
    neighbourhood of the screen is never made, however fast somebody scrolls. One request at a time is enough:
    ask for it, read it, hand it in, ask again.
    """

    def __init__(self, size: int = PAGE_SIZE, keep: int = KEEP_PAGES) -> None:
        self.size: Final = size
        """Rows a page."""
        self.keep: Final = keep
        """Pages kept; more only while the screen shows more."""
        self.total = 0
        """Length of the list."""
        self.generation = 0
        """How often the list was begun."""
        self._pages: OrderedDict[int, Sequence[R]] = OrderedDict()
        self._view = range(0)
        self._cursor = 0
        self._downwards = True
        self._stalled = False

    def __len__(self) -> int:
        """How many pages are here."""
        return len(self._pages)

    def begin(self, window: Window[R]) -> None:
        """Replace everything by the beginning of a list. Requests made before this are stale."""
        self.generation += 1
        self.total = window.total
        self._stalled = False
        self._pages.clear()
        for start in range(0, len(window.records), self.size):
            page = window.first_page + start // self.size
            self._pages[page] = window.records[start : start + self.size]

    def look_at(self, view: range, cursor: int) -> None:
        """Say where the screen is.

        Args:
            view: The rows on the screen; it may reach over the end of the list.
            cursor: The row under the cursor, which need not be on the screen.
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
        """Ask for nothing until the screen moves or the list is begun again: the source has failed.

        Without this a screen that redraws because it shows the failure would ask, and fail, for ever.
        """
        self._stalled = True

    def next_request(self) -> Request | None:
        """The page that is missed most now, or None."""
        if self._stalled:
            return None
        page = next((page for page in self._around() if page not in self._pages), None)
        if page is None:
            return None
        return Request(self.generation, page, page * self.size, self._length(page))

    def arrived(self, request: Request, records: Sequence[R]) -> PageOutcome:
        """Take in a page that was asked for."""
        if request.generation != self.generation:
            return PageOutcome.STALE
        if len(records) < request.limit:
            return PageOutcome.SHORT
        self._pages[request.page] = records[: request.limit]
        while len(self._pages) > max(self.keep, len(self._around())):
            self._pages.popitem(last=False)
        return PageOutcome.STORED

    def peek(self, index: int) -> R | None:
        """The record at this row if it is here."""
        page, offset = divmod(index, self.size)
        records = self._pages.get(page, ())
        return records[offset] if 0 <= offset < len(records) else None

    def find(self, key: str) -> int | None:
        """The row of a record if it is here."""
        for page, records in self._pages.items():
            for offset, record in enumerate(records):
                if record.key == key:
                    return page * self.size + offset
        return None

    def _around(self) -> list[int]:
        """The pages the screen needs, the most urgent first: cursor, screen, look-ahead in the direction of travel."""
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
"""Rows remembered; the oldest goes first."""


class Start(NamedTuple, Generic[K]):
    """How to read some rows.

    Forwards: rows with a sort key from `position` on (from the first row when None), skip some, take `limit`.
    Backwards: rows with a sort key below `position` (from the last row when None) in reverse order, skip
    some, take `limit`, turn them round.
    """

    position: K | None
    """Sort key to begin at."""
    backwards: bool
    skip: int
    """Rows to walk over before those that are wanted, the OFFSET."""
    limit: int
    """Rows to read."""


class Anchors(Generic[K]):
    """Sort keys of rows that were seen, by their number in the list."""

    def __init__(self) -> None:
        self._positions: dict[int, K] = {}

    def forget(self) -> None:
        """Forget all rows: the list has changed, or is counted anew."""
        self._positions.clear()

    def note(self, row: int, position: K) -> None:
        """Remember the sort key of a row; worth while for the ends of a page and for a record that was looked for."""
        self._positions.pop(row, None)
        self._positions[row] = position
        if len(self._positions) > KEEP_ANCHORS:
            del self._positions[next(iter(self._positions))]

    def start(self, offset: int, limit: int, total: int) -> Start[K]:
        """Find the way to a page that walks over the fewest rows.

        Args:
            offset: Number of its first row.
            limit: Rows wanted; those behind the end of the list are left out.
            total: Length of the list.
        """
        limit = max(0, min(limit, total - offset))
        end = offset + limit
        ways = [Start[K](None, backwards=False, skip=offset, limit=limit)]
        ways.append(Start(None, backwards=True, skip=total - end, limit=limit))
        for row, position in self._positions.items():
            if row <= offset:
                ways.append(Start(position, backwards=False, skip=offset - row, limit=limit))
            elif row >= end:
                ways.append(Start(position, backwards=True, skip=row - end, limit=limit))
        return min(ways, key=lambda way: way.skip)

    def ways(self, offset: int, limit: int, total: int) -> list[Start[K]]:
        """Find the way to a page, in two parts if a row in its middle was seen: that of a record looked for.

        Args:
            offset: As for `start`.
            limit: As for `start`.
            total: As for `start`.

        Returns:
            What to read, in the order of the list; nothing behind its end.
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
