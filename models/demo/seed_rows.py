"""The seed rows of the demo, before its first serial: roles, people, locations, statuses, items and customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.customers import add_customer
from models.demo.catalogue import ARTICLES, CUSTOMERS, PLACES, ROLES, USERS, gtin_13, gtin_14
from models.demo.lives import OWNER
from models.items.items import create_item
from models.locations import create_location
from models.people import add_role, add_user, grant, list_roles, list_users, sign_in
from models.permissions import Actor
from models.schema import Location
from models.statuses import add_status

CODED_CUSTOMERS = 8
"""Customers with a code of their own; the others come with the first list or sale."""

SHOWROOM = "showroom"
"""A status of this warehouse's own."""


@dataclass(frozen=True, slots=True)
class SeedRows:
    """Ids of the demo's records, and its people."""

    items: Sequence[int]
    """In the order of `ARTICLES`."""
    places: Mapping[str, int]
    """By code."""
    people: Mapping[str, Actor]
    """By login; `lives.OWNER` is the user who loads the demo."""


def make_seed_rows(owner: Actor) -> SeedRows:
    """Create everything except serials; the caller makes it one unit."""
    people = {OWNER: owner, **_people(owner)}
    for code, name, parent in PLACES:
        create_location(owner, code, name=name, parent=parent)
    add_status(owner, SHOWROOM, "Showroom", colour="green", mark="S", available=True, on_hand=True)
    for number, name in enumerate(CUSTOMERS[:CODED_CUSTOMERS], 1):
        add_customer(owner, name, code=f"CU-{1000 + 7 * number}", reference=f"D{40_210 + 13 * number}")
    items = [_item(owner, number) for number in range(len(ARTICLES))]
    return SeedRows(items, {row.code: row.id for row in Location.select()}, people)


def _people(owner: Actor) -> dict[str, Actor]:
    roles = {row.name for row in list_roles()}
    for name, rights in ROLES.items():
        if name not in roles:
            add_role(owner, name)
            for right in rights:
                grant(owner, name, right)
    there = {row.login for row in list_users()}
    for login, role in USERS.items():
        if login not in there:
            add_user(owner, login, [role])
    return {login: sign_in(login) for login in USERS}


def _item(owner: Actor, number: int) -> int:
    article = ARTICLES[number]
    item = create_item(
        owner,
        article.sku,
        article.name,
        location=article.home,
        on_hand=article.spare,
        track_serials=bool(article.style),
        barcodes=_barcodes(number),
        warranty_term=f"{article.warranty}y" if article.warranty else "",
    )
    return int(item.id)


def _barcodes(number: int) -> list[str]:
    """Barcodes of an item: one, a second one for every fifth item, and those of cartons."""
    base = 104_200_010 + 37 * number
    codes = [gtin_13(base)]
    if number % 5 == 0:
        codes.append(gtin_13(base + 11))
    if ARTICLES[number].cartons:
        codes += [gtin_14(base), gtin_14(base, 2)]
    return codes
