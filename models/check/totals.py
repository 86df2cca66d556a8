"""Every count against what it counts, and what a working database always has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from models.check.findings import Findings
from models.check.names import Names
from models.database import bulk
from models.permissions import Permission, permissions_of
from models.schema import SerialCount, Status, Stock, User
from models.schema.base import bound
from models.transitions import S

BLOCK = 20_000
"""Documents that are looked at together."""

_BLOCK = "SELECT count(*), max(id) FROM (SELECT id FROM documents WHERE id > {one} ORDER BY id LIMIT {block}) AS d"

_DOCUMENTS = """
    SELECT d.id, d.number, d.serials FROM documents d LEFT JOIN (
        SELECT document_id, count(*) AS events FROM serial_events
        WHERE document_id > {one} AND document_id <= {one} GROUP BY document_id) e ON e.document_id = d.id
    WHERE d.id > {one} AND d.id <= {one} AND coalesce(e.events, 0) <> d.serials ORDER BY d.id"""


def counts(counted: Counter[tuple[int, ...]], findings: Findings) -> None:
    """Compare the kept counts of serials with the counted ones, by (item, location, status)."""
    names = Names()
    kept: dict[tuple[int, ...], int] = {
        (row.item_id, row.location_id, row.status_id): row.serials for row in SerialCount.select()
    }
    for key in sorted(kept.keys() | counted.keys()):
        says, are = kept.get(key, 0), counted.get(key, 0)
        if says != are:
            item, place, status = key
            findings.add(
                "count_wrong",
                f"The count of {names.item(item)} {names.status(status)} at {names.place(place)} says {says:,}, "
                f"but there {'is 1 serial' if are == 1 else f'are {are:,} serials'}.",
            )


def stock(findings: Findings) -> None:
    """No quantity is below zero."""
    names = Names()
    for row in Stock.select().where(Stock.on_hand < 0).order_by(Stock.item, Stock.location):
        findings.add(
            "stock_negative",
            f"The quantity of {names.item(row.item_id)} at {names.place(row.location_id)} is {row.on_hand:,}.",
        )


def documents(findings: Findings, progress: Callable[[int, int], None]) -> int:
    """Each document says how many serials its events name; an event is counted once for each serial.

    Returns:
        How many documents there are.
    """
    one = bound.param
    total = bound.execute_sql("SELECT count(*) FROM documents").fetchone()[0]
    done = start = 0
    while True:
        number, end = bound.execute_sql(_BLOCK.format(one=one, block=BLOCK), (start,)).fetchone()
        if not number:
            return int(total)
        rows = bound.execute_sql(_DOCUMENTS.format(one=one), (start, end, start, end)).fetchall()
        for part in bulk.blocks(rows):
            named = _named_serials([row[0] for row in part])
            for document_id, name, says in part:
                are = named.get(document_id, 0)
                if are != says:
                    findings.add(
                        "document_serials",
                        f"The document {name} says {says:,} serials, but {are:,} serials have events that name it.",
                    )
        start = end
        done += number
        progress(done, total)


def _named_serials(document_ids: list[int]) -> dict[int, int]:
    """How many serials have events that name a document; one that was sent and then arrived has two."""
    rows = bound.execute_sql(
        "SELECT document_id, count(DISTINCT serial_id) FROM serial_events "
        f"WHERE document_id IN ({bulk.placeholders(len(document_ids))}) GROUP BY document_id",
        document_ids,
    )
    return dict(rows.fetchall())


def statuses(findings: Findings) -> None:
    """The built-in statuses are there."""
    there = {row.code for row in Status.select(Status.code)}
    for code in S:
        if code not in there:
            findings.add("status_missing", f"The built-in status {code} is missing.")


def administrator(findings: Findings) -> None:
    """Somebody can manage users; in a database that nobody has opened yet, the first visitor will."""
    users = list(User.select())
    able = any(Permission.MANAGE_USERS in permissions_of(user.id) for user in users)
    if users and not able:
        findings.add(
            "no_administrator",
            f"No active user holds {Permission.MANAGE_USERS}, so nobody can manage users: there is no administrator.",
        )
