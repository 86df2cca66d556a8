"""Checks of the small tables: statuses, roles and users, items, locations; and of the index of n-grams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import peewee

from models import ngrams
from models.check.findings import Findings
from models.people import administrators
from models.permissions import Permission, role_digest, user_digest
from models.schema import Customer, Item, Location, Role, RolePermission, User, bound
from models.text import fold, search_key
from models.verbs import STATUSES

_BUILT_IN: Final = ("label", "colour", "mark", "available", "on_hand")
"""The columns of a built-in status, as the program defines it."""


def statuses(findings: Findings) -> None:
    """Check that the built-in statuses exist and are unchanged."""
    rows = bound.execute_sql(f"SELECT code, {', '.join(_BUILT_IN)} FROM statuses").fetchall()
    there = {code: dict(zip(_BUILT_IN, values, strict=True)) for code, *values in rows}
    for code, status in STATUSES.items():
        row = there.get(code)
        if row is None:
            findings.add("status_missing", f"The built-in status {code} is missing.")
            continue
        for name, value in row.items():
            is_as_built_in = value == getattr(status, name)
            if not is_as_built_in:
                shown = bool(value) if name in ("available", "on_hand") else value
                findings.add(
                    "status_differs",
                    f"The built-in status {code} has the {name} {shown}, not {getattr(status, name)}.",
                )


def people(findings: Findings) -> None:
    """Check roles and users, and that somebody can manage users.

    Without any users, the first one to sign in becomes administrator.
    """
    users = list(User.select())
    if users and not administrators():
        findings.add(
            "no_administrator",
            f"No active user holds {Permission.MANAGE_USERS}, so nobody can manage users: there is no administrator.",
        )
    for role in Role.select():
        if role.digest != role_digest(role.id):
            findings.add("role_digest", f"The permissions of the role {role.name} are not those that were granted.")
    for user in users:
        if user.digest != user_digest(user.id):
            findings.add("user_digest", f"The user {user.login} or the roles of this user are not those given.")
    rows = bound.execute_sql("SELECT r.name, p.permission FROM role_permissions p JOIN roles r ON r.id = p.role_id")
    for role, permission in rows.fetchall():
        if not RolePermission.permission.has(permission):
            findings.add("permission_unknown", f"The role {role} has the unknown permission {permission}.")


def items(findings: Findings) -> None:
    """Check the keys by which items are found."""
    columns = (Item.sku, Item.sku_key, Item.name, Item.name_key)
    for sku, sku_key, name, name_key in Item.select(*columns).order_by(Item.id).tuples().iterator():
        if sku_key != fold(sku):
            findings.add("item_key", f"The item {sku} is filed as {sku_key}, not {fold(sku)}.")
        if name_key != search_key(name):
            findings.add("item_key", f"The name of the item {sku} is filed as {name_key}, not {search_key(name)}.")


def customers(findings: Findings) -> None:
    """Check the keys by which customers are found."""
    for name, name_key in Customer.select(Customer.name, Customer.name_key).order_by(Customer.id).tuples().iterator():
        if name_key != fold(name):
            findings.add("customer_key", f"The customer {name} is filed as {name_key}, not {fold(name)}.")


def names_that_are_codes() -> list[str]:
    """A sentence for each customer that has the code of another one as its name: the code finds that other one.

    Databases of earlier versions may have such names; new ones are refused.
    """
    other = Customer.alias()
    rows = (
        Customer.select(Customer.name, other.name)
        .join(other, on=(peewee.fn.upper(other.code) == Customer.name_key) & (other.id != Customer.id))
        .order_by(Customer.id)
    )
    return [
        f"The customer {name} has the code of another customer, {coded}, as its name, so that it finds {coded}. "
        "Give one of them another name or code."
        for name, coded in rows.tuples().execute()
    ]


def locations(findings: Findings) -> None:
    """Check that no location is inside itself."""
    rows = {row.id: row for row in Location.select().order_by(Location.code)}
    good: set[int] = set()
    for start in rows:
        way: list[int] = []
        here: int | None = start
        while here is not None and here in rows and here not in good and here not in way:
            way.append(here)
            here = rows[here].parent_id
        if here in way:
            circle = [rows[each].code for each in way[way.index(here) :]]
            findings.add("location_circle", f"The location {circle[0]} is inside itself: {' in '.join(circle)}.")
        good.update(way)  # each location is walked through once, and each circle is found once


def ngrams_of_serials(findings: Findings, progress: Callable[[int, int], None]) -> None:
    """Check that the index of n-grams has all serials that it has to have; it may have more.

    Args:
        progress: called after each segment with the segments done and their number.
    """
    segments = ngrams.complete()
    for number, segment in enumerate(segments, 1):
        there = ngrams.stored(segment)
        # A corrected serial is in it with the text that it had then.
        wanted = ngrams.bitmaps_of(segment, there, only="s.id NOT IN (SELECT serial_id FROM serial_aliases)")
        for bucket, bits in wanted.items():
            wants, has = (int.from_bytes(bitmap, "little") for bitmap in (bits, there.get(bucket, b"")))
            if wants & ~has:
                findings.add(
                    "serial_ngrams",
                    f"Find may miss serials with the ids {segment * ngrams.SEGMENT + 1:,} to "
                    f"{(segment + 1) * ngrams.SEGMENT:,} by a part of their text: their index lacks some. To have it "
                    f"written anew: DELETE FROM serial_segments WHERE segment = {segment}, then serialdock migrate.",
                )
                break
        progress(number, len(segments))
