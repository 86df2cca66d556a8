"""What the demo's serials stand on: locations, users, customers and items, and where their ids are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import bulk
from models.demo.catalogue import ARTICLES
from models.demo.numbering import gtin_13, gtin_14
from models.demo.places import CUSTOMERS, PLACES, ROLES, USERS
from models.demo.stories import OWNER
from models.permissions import Actor
from models.schema import Customer, Item, Location, Role, Status, User
from models.schema.base import moment_value
from models.words import fold


@dataclass(frozen=True, slots=True)
class Ground:
    """Ids by what things are called in the demo."""

    statuses: dict[str, int]
    places: dict[str, int]
    customers: list[int]
    """In the order of `CUSTOMERS`."""
    items: list[int]
    """In the order of `ARTICLES`."""
    users: dict[str, int]
    """By login; `stories.OWNER` is whoever made the demo."""


def make_ground(owner: Actor, begun: datetime) -> Ground:
    """Make everything but serials, documents and quantities; inside a transaction.

    Args:
        begun: when the demo's users and items were made.
    """
    statuses = {status.code: status.id for status in Status.select()}
    places = _places()
    users = _users(begun) | {OWNER: owner.user_id}
    bulk.insert("customers", ("name",), [(name,) for name in CUSTOMERS])
    customers = {row.name: row.id for row in Customer.select()}
    items = _items(places, owner, begun)
    return Ground(statuses, places, [customers[name] for name in CUSTOMERS], items, users)


def _places() -> dict[str, int]:
    ids = {row.code: row.id for row in Location.select()}
    for code, name, parent in PLACES:
        ids[code] = Location.create(code=code, name=name, parent=ids[parent] if parent else None).id
    return ids


def _users(begun: datetime) -> dict[str, int]:
    there = {row.login for row in User.select()}
    new = [login for login in USERS if login not in there]
    bulk.insert("users", ("login", "active", "created_at"), [(login, True, moment_value(begun)) for login in new])
    known = {row.name for row in Role.select()}
    bulk.insert("roles", ("name",), [(name,) for name in ROLES if name not in known])
    roles = {row.name: row.id for row in Role.select()}
    granted = [(roles[name], str(right)) for name, rights in ROLES.items() if name not in known for right in rights]
    bulk.insert("role_permissions", ("role_id", "permission"), granted)
    users = {row.login: row.id for row in User.select()}
    bulk.insert("user_roles", ("user_id", "role_id"), [(users[login], roles[USERS[login]]) for login in new])
    return {login: users[login] for login in USERS}


def _items(places: dict[str, int], owner: Actor, begun: datetime) -> list[int]:
    rows: list[tuple[Any, ...]] = []
    for article in ARTICLES:
        sku = (article.sku, fold(article.sku), article.name, article.name.upper())
        rows.append((*sku, places[article.home], bool(article.style), 1, moment_value(begun), owner.user_id))
    columns = ("sku", "sku_key", "name", "name_key", "primary_location_id", "track_serials", "version")
    bulk.insert("items", (*columns, "changed_at", "changed_by_id"), rows)
    ids = {row.sku: row.id for row in Item.select(Item.id, Item.sku)}
    items = [ids[article.sku] for article in ARTICLES]
    bulk.insert("item_barcodes", ("barcode", "item_id"), _barcodes(items))
    return items


def _barcodes(items: Sequence[int]) -> list[tuple[str, int]]:
    """A code for each unit's box, a second one for every fifth item, and those of cartons."""
    codes: list[tuple[str, int]] = []
    for number, (article, item) in enumerate(zip(ARTICLES, items, strict=True)):
        base = 104_200_010 + 37 * number
        codes.append((gtin_13(base), item))
        if number % 5 == 0:
            codes.append((gtin_13(base + 11), item))
        if article.cartons:
            codes.append((gtin_14(base), item))
            codes.append((gtin_14(base, 2), item))
    return codes
