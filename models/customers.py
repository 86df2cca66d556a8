"""Customers: find, list, make and change them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, NoReturn

import peewee

from models import clock
from models.codes import lock_codes, refuse_used
from models.database.bulk import blocks, placeholders
from models.database.unit import Unit, write
from models.documents import serials_like
from models.errors import Duplicate, NotFound
from models.meanwhile import Value, changed_meanwhile, changes_by
from models.orders import (
    BYTEWISE,
    TODAY,
    BlankLast,
    Condition,
    KeysetRows,
    Order,
    Sorting,
    as_compared,
    blank_last,
    order_with,
    usual,
)
from models.permissions import Actor, Permission, may, require
from models.schema import Customer, bound, is_sqlite, read_date
from models.statuses import StatusLook, own_last, statuses
from models.terms import Warranty, warranty_status
from models.text import clean_code, clean_line, clean_note, fold, prefix_end, storable

LIST_COMMAND: Final = "serialdock customer list"
"""The command that lists customers, for error messages."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list."""

    id: int
    name: str
    code: str | None
    reference: str
    notes: str
    serials: int
    """Number of serials that the customer has now: sold, reserved, or in repair after a sale."""
    under_warranty: int
    """Number of those that are under warranty today."""
    version: int = 1
    """Incremented by each change of the customer; its serials do not count."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)


class CustomerName(NamedTuple):
    """A customer to choose from."""

    name: str
    code: str
    """Empty for none."""
    id: int


def customers_like(find: str = "", *, most: int = 2_000) -> list[CustomerName]:
    """Customers by name, for a list of values.

    Args:
        find: as for `CustomerSource`.
        most: how many at most.
    """
    where, values = _like(find)
    rows = bound.execute_sql(
        f"SELECT c.name, coalesce(c.code, ''), c.id FROM customers c WHERE {where} "
        f"ORDER BY c.name_key, c.id LIMIT {most}",
        values,
    )
    return [CustomerName(*row) for row in rows.fetchall()]


def _like(find: str) -> tuple[str, tuple[Any, ...]]:
    """The condition, in any case, that a customer's name contains a text, or its code or reference begins with it."""
    text = storable(" ".join(find.split()))
    if not text:
        return "1 = 1", ()
    one, key = bound.param, fold(text)
    contains = "instr" if is_sqlite() else "strpos"
    # SQLite's upper() knows ASCII only: a reference with other letters is found as it is spelled, too.
    condition = (
        f"({contains}(c.name_key, {one}) > 0 OR {_begins('upper(c.code)')} "
        f"OR {_begins('upper(c.reference)')} OR {_begins('c.reference')})"
    )
    return condition, (key, key, prefix_end(key), key, prefix_end(key), text, prefix_end(text))


def _begins(text: str) -> str:
    """The condition that an SQL expression is in a range of texts; bytewise, since the range is that of a prefix."""
    compared = as_compared(f"{text}{BYTEWISE}")
    return f"({compared} >= {bound.param} AND {compared} < {bound.param})"


def customer_or_none(text: str) -> Customer | None:
    """The customer with this code, or with this name, in any case."""
    # The code first: in databases of earlier versions another customer may have it as its name.
    coded = Customer.get_or_none(peewee.fn.upper(Customer.code) == fold(text))
    return coded if coded is not None else Customer.get_or_none(Customer.name_key == fold(text))


class CustomerKnown(NamedTuple):
    """A customer named in a file or a list."""

    id: int
    name: str


def customers_by_key(keys: Collection[str]) -> dict[str, CustomerKnown]:
    """The customers with these folded codes or names, by key; of two, the one with the code."""
    found: dict[str, CustomerKnown] = {}
    for part in blocks(sorted(keys)):
        marks = placeholders(len(part))
        rows = bound.execute_sql(
            f"SELECT 0 AS coded, name_key AS named, id, name FROM customers WHERE name_key IN ({marks}) UNION ALL "
            f"SELECT 1, upper(code), id, name FROM customers WHERE code IS NOT NULL AND upper(code) IN ({marks}) "
            "ORDER BY coded",  # the last one of a key stays in `found`
            [*part, *part],
        )
        found.update((key, CustomerKnown(number, name)) for _, key, number, name in rows.fetchall())
    return found


def find_customer(text: str) -> Customer:
    """The customer with this code or name.

    Raises:
        NotFound
    """
    found = customer_or_none(text)
    if found is None:
        raise NotFound(f"There is no customer {text.strip()}.", field="customer", command=LIST_COMMAND)
    return found


def customer_for_sale(text: str) -> Customer:
    """The customer with this code or name, made if there is none: whoever may sell may make a customer.

    Call it in a transaction whose permission is checked.

    Raises:
        BadValue
    """
    found = customer_or_none(text)
    if found is not None:
        return found
    lock_codes()  # for somebody who gives this name to another customer as a code
    found = customer_or_none(text)  # or who has just made this customer
    return found or Customer.create(name=clean_line(text, "customer's name", field="customer"))


def add_customer(actor: Actor, name: str, *, code: str = "", reference: str = "", notes: str = "") -> Customer:
    """Make a customer.

    Args:
        code: printed as a barcode; unique among all codes; empty for none.
        reference: the customer's number elsewhere, such as in the accounts.

    Raises:
        NotPermitted, BadValue
        Duplicate: the name or the code is used.
    """
    values = _values(name=name, code=code, reference=reference, notes=notes)

    def work(_: Unit) -> Customer:
        _require(actor, "make customers")
        _refuse_used(values, None)
        return Customer.create(**values)

    return write(actor, work)


def set_customer(
    actor: Actor,
    customer: str | int | CustomerRow,
    *,
    name: str | None = None,
    code: str | None = None,
    reference: str | None = None,
    notes: str | None = None,
) -> Customer:
    """Change a customer; None leaves a value as it is, an empty code takes the code away.

    Args:
        customer: its code or name, its id, or the customer as the person saw it.

    Raises:
        NotPermitted, BadValue, NotFound
        Duplicate: the name or the code is used.
        Changed: somebody else changed it since the person saw it.
    """
    values = _values(name=name, code=code, reference=reference, notes=notes)

    def work(unit: Unit) -> Customer:
        require(actor, Permission.EDIT_ITEMS, "change customers")
        found = _locked(customer)
        _refuse_used(values, found)
        changed = {column: value for column, value in values.items() if getattr(found, column) != value}
        if changed:
            if "name" in changed:  # an UPDATE does not go through `Customer.save`, which sets the key
                changed["name_key"] = fold(changed["name"])
            changed |= changes_by(actor.user_id, unit.at, found.version)
            Customer.update(**changed).where(Customer.id == found.id).execute()
        return Customer.get_by_id(found.id)

    return write(actor, work)


_HELD: Final = "(SELECT count(*) FROM serials s WHERE s.customer_id = c.id)"
# With all conditions of the partial index on serials under warranty: the databases count along it then.
_COVERED: Final = (
    "(SELECT count(*) FROM serials s WHERE s.customer_id = c.id AND s.customer_id IS NOT NULL "
    f"AND s.warranty_void IS NULL AND s.warranty_end IS NOT NULL AND s.warranty_end >= {TODAY} "
    f"AND (s.warranty_start IS NULL OR s.warranty_start <= {TODAY}))"
)

_CODED: Final = BlankLast("c.code IS NOT NULL", "c.code IS NULL", ("upper(c.code)",), ("c.name_key",))
_BY_REFERENCE: Final = f"upper(c.reference){BYTEWISE}"
_REFERRED: Final = BlankLast("c.reference <> ''", "c.reference = ''", (_BY_REFERENCE, "c.name_key"), ("c.name_key",))

CUSTOMER_ORDERS: Final = (
    Order("name", "Name", ("c.name_key",)),
    Order("code", "Code", (*blank_last("upper(c.code)"), "c.name_key"), grouping=_CODED),
    Order(
        *("reference", "Reference", (*blank_last(f"nullif(upper(c.reference), ''){BYTEWISE}"), "c.name_key")),
        grouping=_REFERRED,
    ),
    Order("serials", "Serials", (_HELD, "c.name_key"), at_once=True),
    Order("warranty", "Under Warranty", (_COVERED, "c.name_key"), at_once=True),
)
"""The orders of the list of customers, the usual one first."""


class CustomerSource:
    """A `paging.RowSource` of `CustomerRow`; used only in the database thread.

    Args:
        find: finds customers whose name contains it, or whose code or reference begins with it; empty finds all.
        sorting: one of `CUSTOMER_ORDERS`; by name unless given.
    """

    orders = CUSTOMER_ORDERS

    def __init__(self, find: str = "", sorting: Sorting | None = None) -> None:
        self.find = find
        self.sorting = sorting = sorting or usual(CUSTOMER_ORDERS)
        order = order_with(CUSTOMER_ORDERS, sorting.code)
        self._pages = KeysetRows(Condition("customers c"), "c.id", order, descending=sorting.descending)

    def sorted_by(self, sorting: Sorting) -> CustomerSource:
        """The same customers in another order."""
        return CustomerSource(self.find, sorting)

    def found_by(self, find: str) -> CustomerSource:
        """The customers that another text finds, in the same order."""
        return CustomerSource(find, self.sorting)

    def count(self) -> int:
        """Count the customers."""
        return self._pages.count(self._condition)

    def fetch(self, offset: int, limit: int) -> Sequence[CustomerRow]:
        """Read a page of customers."""
        return _with_figures(self._pages.read(self._condition, offset, limit, Condition(_COLUMNS), _JOIN))

    def index_of(self, key: str) -> int | None:
        """The position of a customer in the list, or None."""
        return self._pages.rank(self._condition, int(key))

    @property
    def _condition(self) -> Condition:
        return Condition(*_like(self.find))


def list_customers() -> list[CustomerRow]:
    """All customers by name, in the usual order of `CUSTOMER_ORDERS`."""
    return _rows("ORDER BY c.name_key, c.id", ())


def customer(customer_id: int) -> CustomerRow:
    """One customer.

    Raises:
        NotFound
    """
    rows = _rows(f"WHERE c.id = {bound.param}", (customer_id,))
    return rows[0] if rows else _missing()


def _locked(which: str | int | CustomerRow) -> Customer:
    """A customer; nobody else changes it until the transaction ends.

    Raises:
        NotFound
        Changed: somebody else changed it since the person saw it.
    """
    customer_id = which.id if isinstance(which, CustomerRow) else which
    query = Customer.select().where(
        Customer.id == (find_customer(customer_id).id if isinstance(customer_id, str) else customer_id)
    )
    found: Customer = (query if is_sqlite() else query.for_update()).first() or _missing()
    if isinstance(which, CustomerRow) and found.version != which.version:
        seen = which.name, which.code or "", which.reference, which.notes
        now = found.name, found.code or "", found.reference, found.notes
        names = "name", "code", "reference", "note"
        raise changed_meanwhile(which.name, found, [Value(*each) for each in zip(names, seen, now, strict=True)])
    return found


def _missing() -> NoReturn:
    raise NotFound("The customer is not there any more. Go back to the list.")


_COLUMNS: Final = "c.id, c.name, c.code, c.reference, c.notes, c.version"
_JOIN: Final = "JOIN customers c ON c.id = p.id"


def _rows(tail: str, values: tuple[Any, ...]) -> list[CustomerRow]:
    return _with_figures(bound.execute_sql(f"SELECT {_COLUMNS} FROM customers c {tail}", values).fetchall())


def _with_figures(rows: Sequence[Sequence[Any]]) -> list[CustomerRow]:
    figures: dict[int, tuple[int, int]] = {}
    for start in range(0, len(rows), 1_000):
        figures |= _figures([row[0] for row in rows[start : start + 1_000]])
    none = 0, 0
    return [
        CustomerRow(number, name, code, reference, notes, *figures.get(number, none), version)
        for number, name, code, reference, notes, version in rows
    ]


def _figures(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Number of serials and of those under warranty today, by customer."""
    columns = f"c.id, {_HELD}, {as_compared(_COVERED)}"
    rows = bound.execute_sql(f"SELECT {columns} FROM customers c WHERE c.id IN ({placeholders(len(ids))})", ids)
    return {customer_id: (int(serials), int(covered)) for customer_id, serials, covered in rows.fetchall()}


@dataclass(frozen=True, slots=True)
class CustomerSerial:
    """A serial that a customer has now."""

    id: int
    serial_number: str
    sku: str
    item_name: str
    status: StatusLook
    warranty: Warranty
    warranty_end: date | None

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)


_STATE: Final = (
    "CASE WHEN s.warranty_end IS NULL OR s.warranty_void IS NOT NULL THEN 1 ELSE 0 END",
    "coalesce(s.warranty_end, '0001-01-01')",
)

_OF_ITEM: Final = "JOIN items i ON i.id = s.item_id"

HELD_ORDERS: Final = (
    Order("serial", "Serial Number", ("s.sort_key", "s.id")),
    Order("sku", "Item", ("i.sku_key", "s.sort_key", "s.id"), _OF_ITEM, at_once=True),
    Order("name", "Name", ("i.name_key", "s.sort_key", "s.id"), _OF_ITEM, at_once=True),
    Order("status", "Status", (own_last("s.status_id"), "s.status_id", "s.sort_key", "s.id"), at_once=True),
    Order("warranty", "Warranty", (*_STATE, "s.sort_key", "s.id"), at_once=True),
)
"""The orders of the serials that a customer has, the usual one first. By warranty: by the day when it ends."""


class CustomerSerials:
    """A `paging.RowSource` of `CustomerSerial`: the serials that a customer has now; used in the database thread.

    Args:
        customer_id: the customer.
        find: finds serials that contain it, and all of items whose SKU begins with it; empty finds all.
        sorting: one of `HELD_ORDERS`; by serial unless given.
    """

    orders = HELD_ORDERS

    def __init__(self, customer_id: int, find: str = "", sorting: Sorting | None = None) -> None:
        self._customer_id = customer_id
        self.find = find
        self.sorting = sorting = sorting or usual(HELD_ORDERS)
        order = order_with(HELD_ORDERS, sorting.code)
        self._pages = KeysetRows(Condition("serials s"), "s.id", order, descending=sorting.descending)
        self._statuses: dict[int, StatusLook] = {}

    def sorted_by(self, sorting: Sorting) -> CustomerSerials:
        """The same serials in another order."""
        return CustomerSerials(self._customer_id, self.find, sorting)

    def found_by(self, find: str) -> CustomerSerials:
        """The part of the same serials that a text finds."""
        return CustomerSerials(self._customer_id, find, self.sorting)

    def count(self) -> int:
        """Count the serials."""
        return self._pages.count(self._where)

    def fetch(self, offset: int, limit: int) -> Sequence[CustomerSerial]:
        """Read a page of serials."""
        select = "s.id, s.serial_number, i.sku, i.name, s.status_id, s.warranty_start, s.warranty_end, s.warranty_void"
        joins = "JOIN serials s ON s.id = p.id JOIN items i ON i.id = s.item_id"
        return [self._row(*row) for row in self._pages.read(self._where, offset, limit, Condition(select), joins)]

    def index_of(self, key: str) -> int | None:
        """The position of a serial in the list, or None."""
        return self._pages.rank(self._where, int(key))

    @property
    def _where(self) -> Condition:
        where = Condition(f"s.customer_id = {bound.param}", (self._customer_id,))
        return where.narrowed(serials_like(self.find)) if self.find.strip() else where

    def _row(
        self, number: int, serial: str, sku: str, name: str, status_id: int, start: Any, end: Any, void: str | None
    ) -> CustomerSerial:
        if status_id not in self._statuses:
            self._statuses = {status.id: status for status in statuses()}
        last = read_date(end)
        state = warranty_status(read_date(start), last, void, clock.today())
        return CustomerSerial(number, serial, sku, name, self._statuses[status_id], state, last)


def _require(actor: Actor, to_do: str) -> None:
    """Whoever may sell may make a customer, and whoever may edit items."""
    if may(actor, Permission.SELL_SERIAL):
        return
    require(actor, Permission.EDIT_ITEMS, to_do)


def _values(*, name: str | None, code: str | None, reference: str | None, notes: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_line(name, "customer's name", field="customer")
    if code is not None:
        values["code"] = clean_code(code, "customer's code", field="code") if code.strip() else None
    if reference is not None:
        values["reference"] = clean_line(reference, "reference", field="reference", empty=True)
    if notes is not None:
        values["notes"] = clean_note(notes, "note", field="notes")
    return values


def _refuse_used(values: dict[str, Any], mine: Customer | None) -> None:
    own = mine.id if mine is not None else None
    if values.get("code"):
        # Customers have a sentence of their own; `refuse_used` looks among the codes of everything else.
        there = Customer.get_or_none(peewee.fn.upper(Customer.code) == values["code"].upper())
        if there is not None and there.id != own:
            raise Duplicate(f"The code {there.code} is that of {there.name}. Choose another code.", field="code")
        refuse_used([values["code"]], kind="customer", field="code")
        _refuse_code_as_name(values["code"], own)
    if "name" in values:
        there = Customer.get_or_none(Customer.name_key == fold(values["name"]))
        if there is not None and there.id != own:
            raise Duplicate(f"The customer {there.name} is there already. Choose another name.", field="customer")
        _refuse_name_as_code(values["name"], own)


def _refuse_code_as_name(code: str, own: int | None) -> None:
    """Refuse a code that is another customer's name: commands and scans name customers by either."""
    named = Customer.get_or_none(Customer.name_key == fold(code))
    if named is not None and named.id != own:
        raise Duplicate(
            f"The code {code} is the name of another customer, {named.name}: it would mean both. Choose another code.",
            field="code",
        )


def _refuse_name_as_code(name: str, own: int | None) -> None:
    lock_codes()
    coded = Customer.get_or_none(peewee.fn.upper(Customer.code) == fold(name))
    if coded is not None and coded.id != own:
        raise Duplicate(
            f"The name {name} is the code of another customer, {coded.name}: it would mean both. Choose another name.",
            field="customer",
        )
