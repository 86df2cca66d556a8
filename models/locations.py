"""Locations: find, list and create them; the stock at a location."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from models.codes import refuse_used
from models.database.bulk import blocks, placeholders, sums
from models.database.unit import Unit, write
from models.errors import Changed, Duplicate, NotAllowed, NotFound
from models.meanwhile import Value, changed_meanwhile, changes_by
from models.orders import Condition, KeysetRows, Order, Sorting, blank_last_key, order_with, usual
from models.permissions import Actor, Permission, require
from models.schema import Location, bound, is_sqlite, summed, whole_number
from models.text import clean_code, clean_line, fold, prefix_end, search_key, storable
from models.verbs import PlaceMeaning, StatusCode, place_in

LIST_COMMAND: Final = "serialdock location list"
"""The command that lists locations, for error messages."""

_LOCK: Final = 0x5E41A1D3
"""Number of the PostgreSQL advisory lock that serialises changes of locations."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location in a list."""

    id: int
    code: str
    name: str
    parent: str | None
    """Code of the enclosing location."""
    depth: int
    """Nesting depth: 0 for a top-level location."""
    closed: bool = False
    """Whether it takes nothing new."""
    version: int = 1
    """Incremented by each change."""

    @property
    def key(self) -> str:
        """The code."""
        return self.code


def location_or_none(code: str) -> Location | None:
    """The location with this code, in any case, or None."""
    return next(iter(Location.those(f"upper(code) = {bound.param}", storable(code.strip()).upper())), None)


def find_location(code: str) -> Location:
    """The location with this code, in any case.

    Raises:
        NotFound
    """
    found = location_or_none(code)
    if not code.strip():
        raise NotFound("No location is named. Choose one.", field="location")
    if found is None:
        raise NotFound(no_location(code.strip()), field="location", command=LIST_COMMAND)
    return found


def no_location(code: str) -> str:
    """The refusal of a code that no location has; screens and commands add how to list the locations."""
    return f"There is no location {code}."


def open_location(code: str) -> Location:
    """The location with this code, in any case, to put something there; it stays open until the transaction ends.

    Raises:
        NotFound
        NotAllowed: it is closed.
    """
    found = find_location(code)
    refuse_closed([found.id])
    return found


def first_open_location() -> Location:
    """The first location that is open, for an item without a named one; it stays open until the transaction ends.

    Raises:
        NotAllowed: every location is closed.
    """
    for found in Location.select().order_by(Location.id):
        if not closed_among([found.id]):  # read anew under the lock: it may have been closed since
            return found
    raise NotAllowed("Every location is closed. Open one again, or make another one.", field="location")


def refuse_closed(location_ids: Collection[int]) -> None:
    """Refuse closed places, and keep the others open until the transaction ends.

    Raises:
        NotAllowed
    """
    for code in closed_among(location_ids).values():  # the first one is named
        raise NotAllowed(closed(code), field="location")


def closed_among(location_ids: Collection[int]) -> dict[int, str]:
    """Codes of the closed places among these by id; the others stay open until the transaction ends."""
    ids = sorted(set(location_ids))
    if not ids:
        return {}
    # SQLite has no row locks and needs none: a unit holds the only write lock.
    lock = " FOR SHARE" if not is_sqlite() and bound.obj.in_transaction() else ""
    found = bound.execute_sql(
        f"SELECT id, code, closed FROM locations WHERE id IN ({placeholders(len(ids))}) ORDER BY id{lock}", ids
    )
    return {location_id: code for location_id, code, is_closed in found.fetchall() if is_closed}


def closed(code: str) -> str:
    """The refusal of a closed place."""
    return f"{code} is closed and takes nothing new. Choose another place, or open it again."


def list_places(*, descending: bool = False) -> list[Place]:
    """All locations as a tree in depth-first order; siblings are ordered by code, or from the last to the first."""
    found = bound.execute_sql(
        f"SELECT id, code, name, parent_id, closed, version FROM locations ORDER BY code{' DESC' if descending else ''}"
    ).fetchall()
    rows: dict[int, tuple[Any, ...]] = {row[0]: row for row in found}
    inside: dict[int | None, list[int]] = {}
    for location_id, _, _, above, *_ in found:
        inside.setdefault(above, []).append(location_id)
    places: list[Place] = []
    waiting = [(location_id, 0) for location_id in reversed(inside.get(None, []))]
    # Depth first with a stack; children are pushed in reverse, so that they are popped in code order.
    while waiting:
        location_id, depth = waiting.pop()
        _, code, name, above, is_closed, version = rows[location_id]
        parent = rows[above][1] if above else None
        places.append(Place(location_id, code, name, parent, depth, bool(is_closed), version))
        waiting += [(child, depth + 1) for child in reversed(inside.get(location_id, []))]
    return places


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A location in the list of locations, with its own stock, without that of the places inside it."""

    place: Place
    on_hand: int
    """Units, of all items."""
    serials: int
    """Number of on-hand serials."""

    @property
    def key(self) -> str:
        """The location's id as text."""
        return str(self.place.id)


_PLACE_KEYS: Final[Mapping[str, Callable[[PlaceRow], Any]]] = {
    "name": lambda row: blank_last_key(row.place.name),
    "parent": lambda row: blank_last_key(row.place.parent),
    "on_hand": lambda row: row.on_hand,
    "serials": lambda row: row.serials,
    "closed": lambda row: row.place.closed,
}
"""Sort keys of locations by order, for every order but the tree."""

PLACE_ORDERS: Final = (
    Order("code", "Location"),
    Order("name", "Name"),
    Order("parent", "Is in"),
    Order("on_hand", "On hand"),
    Order("serials", "Serials"),
    Order("closed", "Closed"),
)
"""The orders of the list of locations; the first one is the tree."""

TREE: Final = usual(PLACE_ORDERS)
"""The usual order of locations: each below the one that it is in."""


class PlaceSource:
    """A `paging.RowSource` of `PlaceRow`: the locations, as a tree unless ordered; used only in the database thread.

    Args:
        find: finds locations whose code or name contains it; empty finds all.
        sorting: one of `PLACE_ORDERS`.
    """

    orders = PLACE_ORDERS

    def __init__(self, find: str = "", sorting: Sorting = TREE) -> None:
        self.find = storable(" ".join(find.split()))
        self.sorting = sorting
        self._places: Sequence[Place] = ()

    def sorted_by(self, sorting: Sorting) -> PlaceSource:
        """The same locations in another order."""
        return PlaceSource(self.find, sorting)

    def found_by(self, find: str) -> PlaceSource:
        """The locations that another text finds, in the same order."""
        return PlaceSource(find, self.sorting)

    def count(self) -> int:
        """Read the tree and count the locations."""
        is_tree, down = self.sorting.code == TREE.code, self.sorting.descending
        found, key = list_places(descending=is_tree and down), search_key(self.find)
        if key:
            found = [place for place in found if key in place.code.upper() or key in search_key(place.name)]
        if not is_tree:
            rows = _with_stock([replace(place, depth=0) for place in found])  # no indent where no parent is above
            by = _PLACE_KEYS[self.sorting.code]
            rows.sort(key=lambda row: (by(row), row.place.code.upper()), reverse=down)
            found = [row.place for row in rows]
        self._places = found
        return len(found)

    def fetch(self, offset: int, limit: int) -> Sequence[PlaceRow]:
        """A page of locations, with their stock."""
        return _with_stock(self._places[offset : offset + limit])

    def index_of(self, key: str) -> int | None:
        """The position of a location in the list, or None."""
        return next((row for row, place in enumerate(self._places) if str(place.id) == key), None)


def _with_stock(places: Sequence[Place]) -> list[PlaceRow]:
    """The rows of locations, with the stock of each."""
    units, serials = dict[int, int](), dict[int, int]()
    for ids in blocks([place.id for place in places]):
        units |= sums(
            "stock",
            f"SELECT location_id, {summed('on_hand')} FROM stock WHERE location_id IN ({{}}) GROUP BY location_id",
            ids,
        )
        serials |= sums(
            "serial_counts",
            f"SELECT c.location_id, {summed('c.serials')} FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
            "WHERE t.on_hand AND c.location_id IN ({}) GROUP BY c.location_id",
            ids,
        )
    return [PlaceRow(place, units.get(place.id, 0), serials.get(place.id, 0)) for place in places]


@dataclass(frozen=True, slots=True)
class StockRow:
    """An item at a location."""

    item_id: int
    location_id: int
    sku: str
    name: str
    location: str
    """Location code."""
    on_hand: int
    serials: int
    """Number of on-hand serials there."""
    track_serials: bool

    @property
    def key(self) -> str:
        """`<item id>.<location id>`."""
        return f"{self.item_id}.{self.location_id}"


_UNTRACKED: Final = "CASE WHEN i.track_serials OR b.serials > 0 THEN 0 ELSE 1 END"
"""Items whose serials are not tracked show no number of serials, so they come last."""

STOCK_ORDERS: Final = (
    Order("location", "Location", ("l.code", "i.sku_key")),
    Order("sku", "SKU", ("i.sku_key", "l.code")),
    Order("name", "Name", ("i.name_key", "i.sku_key", "l.code")),
    Order("on_hand", "On hand", ("b.on_hand", "i.sku_key", "l.code")),
    Order("serials", "Serials on hand", (_UNTRACKED, "b.serials", "i.sku_key", "l.code")),
)
"""The orders of the stock at a location, the usual one first."""


class StockSource:
    """A `paging.RowSource` of `StockRow`: items with stock or on-hand serials at or inside a location.

    Args:
        location_id: the outer location.
        find: finds items whose SKU begins with it or whose name contains it, and locations whose code contains it.
        sorting: one of `STOCK_ORDERS`; by location and SKU unless given.
    """

    orders = STOCK_ORDERS

    def __init__(self, location_id: int, find: str = "", sorting: Sorting | None = None) -> None:
        self._location_id = location_id
        self.find = storable(" ".join(find.split()))
        self.sorting = sorting = sorting or usual(STOCK_ORDERS)
        order = order_with(STOCK_ORDERS, sorting.code)
        self._pages = KeysetRows(
            self._rows,
            "b.item_id || '.' || b.location_id",
            order,
            descending=sorting.descending,
            more=("b.item_id", "b.location_id", "b.on_hand", "b.serials"),
        )

    def sorted_by(self, sorting: Sorting) -> StockSource:
        """The same stock in another order."""
        return StockSource(self._location_id, self.find, sorting)

    def found_by(self, find: str) -> StockSource:
        """The part of the same stock that a text finds."""
        return StockSource(self._location_id, find, self.sorting)

    def count(self) -> int:
        """Count the rows."""
        return self._pages.count(self._where)

    def fetch(self, offset: int, limit: int) -> Sequence[StockRow]:
        """Read a page of rows."""
        columns = "p.id, i.id, l.id, i.sku, i.name, l.code, p.on_hand, p.serials, i.track_serials"
        joins = "JOIN items i ON i.id = p.item_id JOIN locations l ON l.id = p.location_id"
        rows = self._pages.read(self._where, offset, limit, Condition(columns), joins)
        return [
            StockRow(
                *(item_id, place_id, sku, name, code),
                whole_number(units, "stock"),
                whole_number(serials, "serial_counts"),
                bool(tracked),
            )
            for _, item_id, place_id, sku, name, code, units, serials, tracked in rows
        ]

    def index_of(self, key: str) -> int | None:
        """The position of a row in the list, or None."""
        return self._pages.rank(self._where, key)

    @property
    def _where(self) -> Condition:
        if not self.find:
            return Condition("1 = 1")
        one, key, sku = bound.param, search_key(self.find), fold(self.find)
        contains = "instr" if is_sqlite() else "strpos"
        return Condition(
            f"((i.sku_key >= {one} AND i.sku_key < {one}) OR {contains}(i.name_key, {one}) > 0 "
            f"OR {contains}(upper(l.code), {one}) > 0)",
            (sku, prefix_end(sku), key, key),
        )

    @property
    def _rows(self) -> Condition:
        # Numbers of NULL are damage, which `whole_number` reports: they are not left out as those of 0 are.
        # `inside`: the location and all below it; `b`: quantity and on-hand serials by item and location.
        return Condition(
            f"(WITH RECURSIVE inside (id) AS (SELECT id FROM locations WHERE id = {bound.param} "
            "UNION SELECT l.id FROM locations l JOIN inside ON l.parent_id = inside.id) "
            f"SELECT item_id, location_id, {summed('on_hand')} AS on_hand, {summed('serials')} AS serials FROM ("
            "SELECT q.item_id, q.location_id, q.on_hand, 0 AS serials FROM stock q "
            "JOIN inside ON inside.id = q.location_id WHERE coalesce(q.on_hand, 1) > 0 UNION ALL "
            "SELECT c.item_id, c.location_id, 0, c.serials FROM serial_counts c "
            "JOIN inside ON inside.id = c.location_id "
            "JOIN statuses t ON t.id = c.status_id WHERE t.on_hand AND coalesce(c.serials, 1) > 0) AS parts "
            "GROUP BY item_id, location_id) b JOIN items i ON i.id = b.item_id "
            "JOIN locations l ON l.id = b.location_id",
            (self._location_id,),
        )


def _gone() -> NotFound:
    """The refusal of a location that was there when the person chose it."""
    return NotFound("The location is not there any more. Go back to the list.")


def place(location_id: int) -> Place:
    """One location, for a screen heading; its depth is not computed (0).

    Raises:
        NotFound
    """
    found = Location.get_or_none(Location.id == location_id)
    if found is None:
        raise _gone()
    parent = Location.get_by_id(found.parent_id).code if found.parent_id else None
    return Place(found.id, found.code, found.name, parent, 0, found.closed, found.version)


def create_location(actor: Actor, code: str, name: str = "", *, parent: str | None = None) -> Location:
    """Create a location.

    Args:
        code: the code on its label; unique regardless of case.
        parent: code of the enclosing location; None for a top-level location.

    Raises:
        NotPermitted, BadValue
        Duplicate: the code is already used.
        NotFound: no such parent.
    """
    code = clean_code(code, "location code", field="code")
    name = clean_line(name, "location's name", field="name", empty=True)

    def work(_: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "make locations")
        if there := location_or_none(code):
            raise Duplicate(f"The location {there.code} is there already. Choose another code.", field="code")
        refuse_used([code], kind="location", field="code")
        above = open_location(parent).id if parent else None
        return Location.create(code=code, name=name, parent=above)

    return write(actor, work)


def set_location(
    actor: Actor, which: str | Place, *, name: str | None = None, parent: str | None = None, new_code: str | None = None
) -> Location:
    """Change a location; None leaves a value as it is.

    Args:
        which: its code, or the location as the person saw it.
        parent: code of the enclosing location; empty for none.
        new_code: the code on its new label.

    Raises:
        NotPermitted, BadValue
        NotFound: no such location or parent.
        NotAllowed: the parent is the location itself, or inside it.
        Duplicate: the new code is used.
        Changed: somebody else changed it since the person saw it.
    """
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_line(name, "location's name", field="name", empty=True)
    if new_code is not None:
        values["code"] = clean_code(new_code, "location code", field="code")

    def work(unit: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "change locations")
        place = _locked(which)
        if "code" in values and values["code"].upper() != place.code.upper():
            if there := location_or_none(values["code"]):
                raise Duplicate(f"The location {there.code} is there already. Choose another code.", field="code")
            refuse_used([values["code"]], kind="location", field="code")
        if parent is not None:  # in the lock: nobody else moves one of the places above meanwhile
            values["parent"] = _parent(place, parent).id if parent.strip() else None
        return _change(unit, place, values)

    return write(actor, work)


def _locked(which: str | Place) -> Location:
    """A location, named by its code or as a person saw it; nobody else changes it until the transaction ends.

    Raises:
        NotFound
        Changed: somebody else changed it since the person saw it.
    """
    if not is_sqlite():  # SQLite has one writer at a time anyway; two could put each place into the other
        bound.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    place_id = find_location(which).id if isinstance(which, str) else which.id
    query = Location.select().where(Location.id == place_id)
    place: Location | None = (query if is_sqlite() else query.for_update()).first()
    if place is None:
        raise _gone()
    if isinstance(which, Place) and place.version != which.version:
        raise _changed_meanwhile(which, place)
    return place


def _changed_meanwhile(seen: Place, now: Location) -> Changed:
    parent = Location.get_by_id(now.parent_id).code if now.parent_id else ""
    state = ["closed" if closed else "open" for closed in (seen.closed, now.closed)]
    values = (
        Value("code", seen.code, now.code),
        Value("name", seen.name, now.name),
        Value("place around it", seen.parent or "", parent),
        Value("state", *state),
    )
    return changed_meanwhile(seen.code, now, values)


def _change(unit: Unit, place: Location, values: Mapping[str, Any]) -> Location:
    """Write new values of a location that is locked, and who changed it."""
    changed = {column: value for column, value in values.items() if _present(place, column) != value}
    if changed:
        changed |= changes_by(unit.actor.user_id, unit.at, place.version)
        Location.update(**changed).where(Location.id == place.id).execute()
    return Location.get_by_id(place.id)


def _present(place: Location, column: str) -> Any:
    return place.parent_id if column == "parent" else getattr(place, column)


def _parent(place: Location, code: str) -> Location:
    """The location of this code, if `place` can be put into it."""
    found = open_location(code)
    above: Location | None = found
    while above is not None:
        if above.id == place.id:
            raise NotAllowed(
                f"{found.code} is inside {place.code}, so {place.code} cannot be put into it. Choose another place.",
                field="parent",
            )
        above = Location.get_by_id(above.parent_id) if above.parent_id else None
    return found


def close_location(actor: Actor, which: str | Place) -> Location:
    """Close a place, so that it takes nothing new.

    Args:
        which: its code, or the place as the person saw it.

    Raises:
        NotPermitted, NotFound
        NotAllowed: it holds something, something is on its way to it, a place inside it is open, or it is an item's
            primary place.
        Changed: somebody else changed it since the person saw it.
    """

    def work(unit: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "close locations")
        place = _locked(which)  # waits for those who put something there; later ones find it closed
        if why := _why_open(place):
            raise NotAllowed(f"{place.code} cannot be closed: {why}", field="location")
        return _change(unit, place, {"closed": True})

    return write(actor, work)


def reopen_location(actor: Actor, which: str | Place) -> Location:
    """Open a closed place again.

    Args:
        which: its code, or the place as the person saw it.

    Raises:
        NotPermitted, NotFound
        NotAllowed: it is inside a closed place.
        Changed: somebody else changed it since the person saw it.
    """

    def work(unit: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "open locations")
        place = _locked(which)
        if around := _closed_around(place):
            raise NotAllowed(
                f"{place.code} cannot be opened: it is inside {around}, which is closed. Open {around} first.",
                field="location",
            )
        return _change(unit, place, {"closed": False})

    return write(actor, work)


def _closed_around(place: Location) -> str:
    """The code of the outermost closed place around a place; empty if all are open, which they stay."""
    ids: list[int] = []
    above = place.parent_id
    while above is not None and above not in ids:  # a circle in damaged rows must not hang the program
        ids.append(above)
        above = Location.get_by_id(above).parent_id
    codes = closed_among(ids)
    return next((codes[each] for each in reversed(ids) if each in codes), "")


def _why_open(place: Location) -> str:
    """Why a place cannot be closed; empty if it can."""
    one = bound.param
    here = (place.id,)
    units = bound.execute_sql(
        "SELECT i.sku, q.on_hand FROM stock q JOIN items i ON i.id = q.item_id "
        f"WHERE q.location_id = {one} AND q.on_hand > 0 ORDER BY i.sku_key LIMIT 1",
        here,
    ).fetchone()
    if units:
        return f"it holds {units[1]:,} of {units[0]}. Transfer everything elsewhere first."
    there = [code for code in StatusCode if place_in(code) is not PlaceMeaning.LAST]
    held = bound.execute_sql(
        "SELECT i.sku, t.code, c.serials FROM serial_counts c JOIN items i ON i.id = c.item_id "
        f"JOIN statuses t ON t.id = c.status_id WHERE c.location_id = {one} AND c.serials > 0 "
        f"AND t.code NOT IN ({', '.join([one] * (len(StatusCode) - len(there)))}) ORDER BY i.sku_key, t.id LIMIT 1",
        (place.id, *(code for code in StatusCode if code not in there)),
    ).fetchone()
    if held:
        serials = f"{held[2]:,} serial{'' if held[2] == 1 else 's'} of {held[0]}"
        if held[1] == StatusCode.IN_TRANSIT:
            return f"{serials} {'is' if held[2] == 1 else 'are'} on the way to it. Receive the transfer first."
        return f"it holds {serials}. Transfer everything elsewhere first."
    item = bound.execute_sql(
        f"SELECT sku FROM items WHERE primary_location_id = {one} ORDER BY sku_key LIMIT 1", here
    ).fetchone()
    if item:
        return f"it is the primary place of {item[0]}. Give that item another one first."
    inside = Location.get_or_none(Location.parent == place.id, ~Location.closed)
    return f"{inside.code} inside it is open. Close that first." if inside is not None else ""
