"""Arrivals of the demo's units: an old list, the list of a supplier, deliveries, and a few added by hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from models.database.bulk import blocks
from models.demo.catalogue import ARTICLES, BEST_SELLER, CUSTOMERS, STYLES
from models.demo.lives import (
    CONDITIONS,
    DELIVERED_SHARE,
    DISPATCHED_TO,
    FIXED_STORIES,
    IMPORTED,
    SHOPS,
    YEARS_BEFORE,
    warranty_from,
    week_of,
)
from models.documents import NamedSerials, find_document
from models.importing import staging
from models.importing.columns import Field, recognise
from models.importing.imports import import_staged, stage
from models.importing.table import open_table
from models.permissions import Actor
from models.verbs import StatusCode

SUPPLIER: Final = ("Holt Distribution", "NORTH-DOCK")
"""The supplier that sends a list of serials, and the location where its units arrive."""

BEST: Final = next(number for number, article in enumerate(ARTICLES) if article.sku == BEST_SELLER)

_LONGEST_LIST: Final = 50_000
"""Most rows of a file."""


class Arrived(NamedTuple):
    """Units at one place, In Stock, that a story can happen to."""

    ids: list[int]
    place: str


class Numbers:
    """The running number for an item's serial numbers."""

    def __init__(self, seed: str, place: int) -> None:
        article = ARTICLES[place]
        self._rng = Random(f"{seed}/{article.sku}/numbers")
        # All "sn" items start at the same number, as in reality: a serial number is unique only within its item.
        self._last = 0 if article.style == "sn" else self._rng.randrange(3_000, 60_000)
        self._style = STYLES.get(article.style, STYLES["sn"])

    def texts(self, count: int, day: date) -> list[str]:
        """Serial numbers of units made together: nearly consecutive."""
        draw, week = self._rng.random, week_of(day)
        number, texts = self._last + int(20 * self._rng.random()), []
        for _ in range(count):
            number += 1 if draw() < 0.92 else 2
            texts.append(self._style(number, week))
        self._last = number
        return texts


class Shares(NamedTuple):
    """Numbers of an item's units by their way of arrival."""

    before: int
    """With the list that the warehouse kept before."""
    listed: int
    """With the list of the supplier."""
    delivered: int


def shares_of(number: int, units: int) -> Shares:
    """The ways in which the units of an item come.

    Args:
        number: place of the item in `ARTICLES`.
    """
    if ARTICLES[number].on_hand is not None:  # its stories need units that were received
        delivered = min(units, sum(count for _, count in FIXED_STORIES))
        return Shares(units - delivered, 0, delivered)
    # Each second item comes with lists alone: a receipt costs the more the more items it has.
    delivered = round(units * DELIVERED_SHARE) if number % 2 == BEST % 2 else 0
    listed = (units - delivered) // 12 if number % 3 else 0
    return Shares(units - delivered - listed, listed, delivered)


Cells = tuple[str, ...]
"""A row of a list, in the order of `Field`."""


def rows_before(rng: Random, numbers: Sequence[Numbers], units: Sequence[int], opening: date) -> Iterator[Cells]:
    """Rows of the list that the warehouse kept before: most units in it are sold by now.

    Args:
        units: how many of each of `ARTICLES`.
        opening: the day of the import.
    """
    codes, weights = list(IMPORTED), list(accumulate(IMPORTED.values()))
    first = opening - timedelta(days=round(YEARS_BEFORE * 365))
    for article, own, count in zip(ARTICLES, numbers, units, strict=True):
        # In the order of the days, so that the serial numbers rise with the time, as those of a maker do.
        days = sorted(first + timedelta(days=rng.randrange((opening - first).days)) for _ in range(0, count, 30))
        left = count
        for day in days:
            lot = min(left, 30)
            left -= lot
            for turn, text in enumerate(own.texts(lot, day), 1):
                status = rng.choices(codes, cum_weights=weights)[0]
                if article.on_hand is not None:
                    status = StatusCode.SOLD
                elif not left and turn == lot:
                    status = StatusCode.IN_STOCK  # so that each item has one on hand, see `import_rows`
                yield _row(rng, article.sku, article.home, article.warranty, text, status, day, opening)


def _row(
    rng: Random, sku: str, home: str, years: int, text: str, status: StatusCode, received: date, opening: date
) -> Cells:
    place, customer, start, end, note = home, "", "", "", ""
    if status is StatusCode.SOLD:
        place = SHOPS[int(3 * rng.random())]
        sold = received + timedelta(days=int((opening - received).days * rng.random()))
        if rng.random() < 0.94:
            start, end = (day.isoformat() for day in warranty_from(sold, years))
    elif status is StatusCode.IN_STOCK and rng.random() < 0.1:
        place = DISPATCHED_TO[int(len(DISPATCHED_TO) * rng.random())]
    if status in (StatusCode.SOLD, StatusCode.RESERVED):
        customer = CUSTOMERS[int(len(CUSTOMERS) * rng.random() ** 2)]
    elif rng.random() < 0.03:
        note = CONDITIONS[int(len(CONDITIONS) * rng.random())]
    return (text, sku, place, status, note, start, end, received.isoformat(), customer)


def import_rows(owner: Actor, name: str, rows: Sequence[Cells]) -> list[Arrived]:
    """Write a file with these rows and import it; each serial on hand adds one to the quantity.

    Args:
        name: of the file, without its extension.

    Returns:
        The units that are In Stock, by place; the last one of each item is left out, so that it stays on hand.
    """
    found: list[Arrived] = []
    for turn, part in enumerate(blocks(rows, _LONGEST_LIST), 1):
        with TemporaryDirectory(prefix="serialdock-demo-") as folder:
            path = Path(folder) / f"{name}{f' {turn}' if turn > 1 else ''}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([[field.label for field in Field], *part])
            with open_table(str(path)) as table:
                staged = stage(owner, table, recognise(table.header), progress=_nothing)
                imported = import_staged(owner, staged.source, adds_quantity=True, progress=_nothing)
            staging.end()
        found += in_stock(find_document(imported.document).id, all_but_last=True)
    return found


def _nothing(done: int, total: int) -> None:
    """The rows are few."""


def in_stock(document_id: int, *, all_but_last: bool = False) -> list[Arrived]:
    """The units of a document that are In Stock, by place.

    Args:
        all_but_last: leave out the last one of each item.
    """
    source, by_place = NamedSerials(document_id), defaultdict[str, list[int]](list)
    rows = [row for row in source.fetch(0, source.count()) if row.status.code == StatusCode.IN_STOCK]
    last = {row.sku: row.id for row in rows}.values() if all_but_last else ()
    left_out = frozenset(last)
    for row in rows:
        if row.id not in left_out:
            by_place[row.location].append(row.id)
    return [Arrived(ids, place) for place, ids in by_place.items()]


class Delivery(NamedTuple):
    """Units that are received together, of items with the same home."""

    slot: int
    home: str
    units: list[tuple[int, int]]
    """Place in `ARTICLES`, and number of units."""


def deliveries(rng: Random, units: Sequence[int], slots: int, each: int) -> list[Delivery]:
    """All deliveries: items with the same home come together, and more often towards today.

    Args:
        units: how many of each of `ARTICLES`.
        slots: the slots of the calendar.
        each: about how many units one has.
    """
    found: list[Delivery] = []
    for home in sorted({article.home for article in ARTICLES}):
        own = [number for number, article in enumerate(ARTICLES) if article.home == home and units[number]]
        count = max(1, round(sum(units[number] for number in own) / each))
        parcels: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for number in own:
            parts = min(count, 1 + units[number] // (2 * each), units[number])
            for turn, place in enumerate(rng.sample(range(count), parts)):
                size = units[number] * (turn + 1) // parts - units[number] * turn // parts
                parcels[place].append((number, size))
        for place, parcel in enumerate(parcels):
            if parcel:
                slot = int(slots * (0.02 + 0.95 * ((place + rng.random()) / count) ** 0.7))
                found.append(Delivery(slot, home, parcel))
    return found
