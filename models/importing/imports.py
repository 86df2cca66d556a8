"""Import serials from a file: staged and judged row by row, then written wholly or not at all, with one document.

An existing serial is never changed by a file. Quantities stay unless the person asks for more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models import ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.documents import Kind, new_document
from models.errors import BadValue, Changed
from models.importing import staging
from models.importing.columns import Field, check_mapping, header_key, recognise
from models.importing.rows import KIND, Validator
from models.importing.table import Table
from models.items.items import find_item
from models.ledger_ready import add_ready
from models.lookups.imports import Source, Staged, look
from models.lookups.locations import find_location
from models.permissions import Actor, Permission, require
from models.schema import Customer, ImportedFile, ImportMapping
from models.schema.base import bound

TO_DO: Final = "import serials"

MANY: Final = 10_000
"""Serials of one import from which on the server should look at them before people do."""

Progress = Callable[[int, int], None]
"""Is told how many rows are done and about how many there are (0 while nobody knows); raises `Cancelled` to stop."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    document: str
    """Its number."""
    serials: int
    left_out: int
    """Rows that were not imported."""
    units: int
    """By how much quantities went up."""
    customers: int
    """How many were made."""
    warned: int
    """Serials that went in with a warning; `staging.warned` has them."""


def remember_mapping(actor: Actor, header: Sequence[str], mapping: Mapping[int, Field]) -> None:
    """Keep a mapping for the next file with the same header; one that names tell by themselves is not kept.

    Raises:
        NotPermitted
    """
    columns = json.dumps({str(column): str(name) for column, name in sorted(mapping.items())})

    def work(unit: Unit) -> None:
        require(actor, Permission.MANAGE_SERIALS, TO_DO)
        key = header_key(header)
        ImportMapping.delete().where(ImportMapping.header_key == key).execute()
        if dict(mapping) != recognise(header):
            ImportMapping.create(header_key=key, columns=columns, at=unit.at, user=actor.user_id)

    write(actor, work)


def stage(
    actor: Actor,
    table: Table,
    mapping: Mapping[int, Field],
    *,
    item: str | None = None,
    location: str | None = None,
    progress: Progress,
) -> Staged:
    """Read a file's rows into a table of this connection and judge each; nobody else waits for it or sees it.

    Args:
        mapping: what each column is.
        item: the SKU of all rows; None where each names its own.
        location: the code of the place of rows that name none; None is each item's primary location.
        progress: is told how many rows are read.

    Raises:
        NotPermitted
        NotFound: the item or the location.
        BadValue: the mapping lacks a column, or the file cannot be read on.
        Cancelled: `progress` stopped it; nothing is staged then.
    """
    require(actor, Permission.MANAGE_SERIALS, TO_DO)
    check_mapping(mapping, item=item)
    if item is not None:
        item = find_item(item).sku
    if location is not None:
        location = find_location(location).code
    validator = Validator(mapping, item=item, location=location, width=len(table.header))
    staging.begin()
    try:
        done = 0
        for rows in bulk.blocks(table.rows()):
            share = table.share_read
            progress(done, int(done / share) if share else 0)
            staging.add(validator.judge(rows))
            done += len(rows)
        progress(done, done)
        staging.judge_together(against_items=validator.found_serials)
    except BaseException:
        staging.end()
        raise
    return look(Source(table.name, table.size, table.sha256))


def import_staged(actor: Actor, source: Source, *, adds_quantity: bool = False, progress: Progress) -> Imported:
    """Write the good rows that are staged: serials, events, counts and a document, in one transaction.

    Args:
        adds_quantity: whether each serial that counts as on hand adds a unit to its place; else no quantity changes.
        progress: is told how many serials are written; stopping there takes everything back.

    Raises:
        NotPermitted
        BadValue: no row is good.
        Changed: somebody else added one of the serials since the rows were judged; they are judged anew by then.
        Cancelled: `progress` stopped it; nothing was written.
    """
    tries = 0
    progress(0, 0)
    counts, totals = staging.counts(), staging.make_ready()

    def work(unit: Unit) -> Imported:
        nonlocal tries
        tries += 1
        require(actor, Permission.MANAGE_SERIALS, TO_DO)
        staging.require()
        if not counts.new:
            raise BadValue(f"No row of {source.name} can be imported. Mend the file, then import it again.")
        if tries > 1 and staging.has_existing():  # a constraint has refused it
            raise _Overtaken
        made = _make_customers(actor, totals.customers)
        document = new_document(unit, Kind.IMPORT, serials=counts.new, note=source.name)
        ImportedFile.create(
            document=document.id, name=source.name, size=source.size, sha256=source.sha256, left_out=counts.errors
        )
        on_hand = add_ready(unit, KIND, document.id, totals, progress)
        units: dict[tuple[int, ...], int] = {key: number for key, number in on_hand.items() if adds_quantity}
        unit.at_end.insert(0, lambda: ledger.add_stocks(units))
        return Imported(document.number, counts.new, counts.errors, sum(units.values()), made, counts.warned)

    try:
        with bulk.roomy():
            imported = write(actor, work)
    except _Overtaken:
        overtaken = staging.mark_existing()
        are = "serial of the file was" if overtaken == 1 else "serials of the file were"
        raise Changed(
            f"{overtaken:,} {are} added by somebody else meanwhile. Nothing was written; look at the rows again."
        ) from None
    if imported.serials >= MANY:
        bulk.look_at("serials", "serial_events")
    return imported


class _Overtaken(Exception):
    """Somebody else was quicker with a serial; ends the unit before it is tried in vain again."""


def _make_customers(actor: Actor, wanted: Sequence[str]) -> int:
    """Make the customers that nobody made yet; how many those were."""
    names = [name for part in bulk.blocks(wanted, 500) for name in _unknown(part)]
    if names:
        require(actor, Permission.EDIT_ITEMS, f"make the customer {names[0]} of this file")
        for part in bulk.blocks(names, 500):
            values = ", ".join([f"({bound.param})"] * len(part))
            bound.execute_sql(f"INSERT INTO customers (name) VALUES {values} ON CONFLICT (name) DO NOTHING", part)
    return len(names)


def _unknown(names: Sequence[str]) -> list[str]:
    known = {customer.name for customer in Customer.select(Customer.name).where(Customer.name.in_(names))}
    return [name for name in names if name not in known]
