"""A small warehouse for tests, with helpers to change and examine it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import ledger
from models.database.connection import connect, disconnect
from models.database.unit import Unit, write
from models.items.items import create_item, item_form
from models.locations import create_location
from models.people import add_user, sign_in
from models.permissions import Actor, Permission, seal_role, seal_user
from models.schema import (
    Customer,
    Item,
    Location,
    Role,
    RolePermission,
    Serial,
    SerialEvent,
    Status,
    User,
    UserRole,
    bound,
)
from models.serials.add import add_serials
from models.serials.corrections import change_warranty
from models.serials.record import find_serial, serial_detail
from models.verbs import STATUSES, VERBS
from tests.support.limits import LIMIT


@dataclass(frozen=True)
class Warehouse:
    """A tracked item, three locations beside MAIN, and an administrator."""

    boss: Actor
    """The administrator."""
    item: Item
    """SAW-1: 10 on hand at MAIN, its primary location, no serials."""

    def add(self, *serials: str, location: str | None = None) -> list[int]:
        """Add serials and return their ids."""
        return add_serials(self.boss, self.item.id, serials, location=location).serial_ids

    def quantities(self) -> dict[str, int]:
        """Units on hand by location code, without empty locations."""
        return {place.location: place.on_hand for place in item_form(self.item.id).places if place.on_hand}

    def where(self, serial: str) -> tuple[str, str]:
        """A serial's status code and location code."""
        detail = serial_detail(find_serial(serial, self.item.sku))
        return detail.status.code, detail.location


def open_warehouse() -> Warehouse:
    """Fill a migrated, connected database, unless it was copied from a template that has the warehouse already."""
    boss = sign_in("boss")
    if item := Item.get_or_none(Item.sku == "SAW-1"):
        return Warehouse(boss, item)
    for code in ("DOCK", "SHELF", "SHOP"):
        create_location(boss, code)
    return Warehouse(boss, create_item(boss, "SAW-1", "Circular saw", on_hand=10, track_serials=True))


def laptops() -> Actor:
    """LAP-14, 10 on hand at SHELF, with Track Serials; DOCK is another location. Returns the administrator."""
    me = sign_in()
    create_location(me, "SHELF", "Laptops, shelf 3")
    create_location(me, "DOCK", "Loading dock")
    create_item(me, "LAP-14", "Laptop 14 inch", location="SHELF", on_hand=10, track_serials=True)
    return me


def put(warehouse: Warehouse, status: str, *serials: int, customer: str | None = None) -> None:
    """Bring serials into a built-in status directly through the ledger, without the operation that normally does so."""
    verb = next(verb for verb in VERBS.values() if verb.after and STATUSES[status] in verb.after and not verb.creates)
    status_id = ledger.status_ids()[status]
    buyer = Customer.get_or_create(name=customer)[0].id if customer else ledger.KEEP

    def work(unit: Unit) -> None:
        ledger.change(unit, ledger.lock(serials), verb, status_id=status_id, customer_id=buyer)

    write(warehouse.boss, work)


def stock(warehouse: Warehouse, location: str, units: int) -> None:
    """Add units of the item to the quantity at a location."""
    place = Location.get(Location.code == location).id
    write(warehouse.boss, lambda unit: ledger.add_stocks(unit, {(warehouse.item.id, place): units}, "received"))


def set_warranty(
    actor: Actor, serial_id: int, start: date | None, end: date | None, *, void: str | None = None, note: str = ""
) -> None:
    """Set a serial's warranty; without an end it has none."""
    change_warranty(actor, [serial_id], to=f"{start or ''}..{end}" if end else "none", void=void or "", note=note)


def own_status(warehouse: Warehouse, code: str, serial_id: int, *, on_hand: bool) -> None:
    """Make an administrator's own status and give it to a serial."""
    status = Status.create(code=code, label=code.title(), colour="green", mark="*", available=True, on_hand=on_hand)
    item_id, location_id = Serial.select(Serial.item, Serial.location).where(Serial.id == serial_id).tuples().get()
    one = bound.param
    bound.execute_sql(f"UPDATE serials SET status_id = {one} WHERE id = {one}", (status.id, serial_id))
    bound.execute_sql(
        f"INSERT INTO serial_counts (item_id, location_id, status_id, serials) VALUES ({one}, {one}, {one}, 1)",
        (item_id, location_id, status.id),
    )


def newcomer(boss: Actor, login: str) -> Actor:
    """Add a user as a viewer, and sign in."""
    add_user(boss, login)
    return sign_in(login)


def person(boss: Actor, login: str, *permissions: Permission) -> Actor:
    """Make a user with exactly these permissions, and sign in."""

    def work(unit: Unit) -> None:
        # Not by `grant`, which is a unit for each permission: `test_people` is about that.
        role = Role.create(name=f"role of {login}")
        RolePermission.insert_many([{"role": role, "permission": str(each)} for each in permissions]).execute()
        seal_role(role.id)
        user = User.create(login=login, active=True, created_at=unit.at)
        UserRole.create(user=user, role=role)
        seal_user(user.id)

    write(boss, work)
    return sign_in(login)


def events() -> int:
    """Total number of events."""
    return int(SerialEvent.select().count())


def fingerprint() -> dict[str, list[tuple[Any, ...]]]:
    """The contents of all tables except `work_units`, for comparison."""
    return {
        table: sorted(bound.execute_sql(f"SELECT * FROM {table}").fetchall(), key=repr)
        for table in bound.get_tables()
        if not table.startswith("sqlite_") and table != "work_units"
    }


def without_settings(sql: str) -> str:
    """A statement without the settings that are sent before it on PostgreSQL."""
    return re.sub(r"\A(SET LOCAL [^;]*; )*", "", sql)


@contextmanager
def statements(database: Any) -> Iterator[list[str]]:
    """Record the statements executed in the block, without settings before them; bulk rows are not included."""
    seen: list[str] = []

    def note(event: Any) -> None:
        seen.append(without_settings(event.sql))

    database.query_hooks.append(note)
    try:
        yield seen
    finally:
        database.query_hooks.remove(note)


def together(database: Any, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run functions at the same time, each in a thread with its own connection.

    Returns:
        The result of each function, or the exception that it raised.
    """
    start = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            connect(database)
            start.wait(LIMIT)
            results[number] = work()
        except Exception as error:  # noqa: BLE001 - the test examines it
            results[number] = error
        finally:
            disconnect(database)

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results
