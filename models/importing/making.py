"""The items and locations that an import makes because its rows name them and nobody has made them yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.codes import lock_codes, refuse_used
from models.database import bulk
from models.database.unit import Unit
from models.importing import staging
from models.importing.rows import KnownRecords
from models.importing.staging import NewRecord
from models.ledger_bulk import Totals
from models.locations import closed_among, first_open_location
from models.permissions import Permission, require
from models.schema import Item, Location, bound
from models.serials.judging import not_tracked, unfit
from models.text import fold, search_key


class MadeMeanwhile(Exception):
    """Somebody else made one of the records first; aborts the unit, so that theirs is used."""


def refer_to_existing() -> int:
    """Let the staged rows refer to the records that somebody made since the rows were judged.

    Returns:
        How many rows cannot be imported because of it.
    """
    new = staging.new_records()
    if not new:  # as of most imports
        return 0
    there = _existing(new)
    if not there:
        return 0
    staging.replace_new(there)
    items = [there[record.id] for record in new if record.kind == "item" and record.id in there]
    # Rows were judged as of items without rule, barcodes and serials; those that are there now may have any of them.
    refused = sum(map(_judge_again, items))
    return refused + staging.mark_existing()


def _judge_again(item_id: int) -> int:
    """Refuse the rows of an item that exists by now and does not take them."""
    sku = Item.get_by_id(item_id).sku
    records = KnownRecords()
    records.learn([sku], (), ())
    known = records.item(sku)
    assert known is not None, "it was found"
    said: list[tuple[str, int]] = []
    for key, serial in staging.rows_of(item_id):
        if not known.track_serials:
            said.append((not_tracked(sku), key))
        elif (why := unfit(known, serial)) is not None:
            said.append((why[1], key))
    for part in bulk.blocks(said):
        staging.refuse_rows(part)
    return len(said)


def _existing(new: Sequence[NewRecord]) -> dict[int, int]:
    """Ids of the records that exist by now, by those below 0."""
    found: dict[int, int] = {}
    for kind, column, table in (("location", "upper(code)", "locations"), ("item", "sku_key", "items")):
        by_key = {(fold if kind == "item" else str.upper)(each.code): each.id for each in new if each.kind == kind}
        for part in bulk.blocks(by_key):
            rows = bound.execute_sql(
                f"SELECT {column}, id FROM {table} WHERE {column} IN ({bulk.placeholders(len(part))})", part
            )
            found.update((by_key[key], record_id) for key, record_id in rows.fetchall())
    return found


class Made(NamedTuple):
    """The codes of the records that were made."""

    items: list[str]
    locations: list[str]

    def rows(self, document_id: int) -> list[tuple[int, str, str]]:
        """The rows that name it for the document."""
        kinds = (("item", self.items), ("location", self.locations))
        return [(document_id, kind, name) for kind, names in kinds for name in names]


def make_records(unit: Unit, new: Sequence[NewRecord], totals: Totals) -> tuple[Made, Totals]:
    """Make the records, in the transaction of the import; the rows of `ledger_bulk` refer to them then.

    Returns:
        Their codes, and the totals with their ids.

    Raises:
        NotPermitted
        Duplicate: a code is that of something else.
        NotAllowed: every location is closed.
        MadeMeanwhile
    """
    if not new:
        return Made([], []), totals
    first = new[0]
    require(unit.actor, Permission.EDIT_ITEMS, f"make the {first.kind} {first.code} of this file")
    items = [record for record in new if record.kind == "item"]
    if items:  # a new item tracks serials
        require(unit.actor, Permission.MANAGE_SERIALS, "track serials")
    lock_codes()  # from here on nobody else gives a code, so that the look below stays true
    if _existing(new):
        raise MadeMeanwhile
    real: dict[int, int] = {}
    places = [record for record in new if record.kind == "location"]
    for part in bulk.blocks(places, 250):
        refuse_used([record.code for record in part], kind="location", field="location")
    for record in places:
        real[record.id] = Location.create(code=record.code, name=record.name).id
    # After the locations: a new item may not have the code of one of these as its SKU.
    for part in bulk.blocks(items, 250):
        refuse_used([record.code for record in part], kind="item", field="item")
    real_places = real | _in_place_of_closed(items)
    for record in items:
        real[record.id] = _make_item(unit, record, real_places)
    staging.set_real(real)
    staging.refer_to_made()
    return Made([record.code for record in items], [record.code for record in places]), _referring(totals, real)


def _in_place_of_closed(items: Sequence[NewRecord]) -> dict[int, int]:
    """The first open location, by the id of each closed one that a row of these items names."""
    # A row may name a closed location if its unit was last seen there; no item may have it as its primary one.
    named = {record.location_id for record in items if record.location_id is not None and record.location_id > 0}
    shut = [place for part in bulk.blocks(sorted(named)) for place in closed_among(part)]
    return dict.fromkeys(shut, first_open_location().id) if shut else {}


def _make_item(unit: Unit, record: NewRecord, real_places: Mapping[int, int]) -> int:
    place = record.location_id
    assert place is not None, "each row has a place"
    item = Item.create(
        sku=record.code,
        sku_key=fold(record.code),
        name=record.code,
        name_key=search_key(record.code),
        primary_location=real_places.get(place, place),
        track_serials=True,
        changed_at=unit.at,
        changed_by=unit.actor.user_id,
    )
    return int(item.id)


def _referring(totals: Totals, real: Mapping[int, int]) -> Totals:
    counts = Counter[tuple[int, int, int]]()
    for item, place, status, number in totals.counts:
        counts[real.get(item, item), real.get(place, place), status] += number
    return totals._replace(counts=[(*key, number) for key, number in sorted(counts.items())])
