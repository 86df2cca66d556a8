"""Checks of sums: counts of serials, quantities and their history, documents and their events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from models.check.findings import Findings
from models.check.rows import Names, first_digested
from models.database import bulk
from models.digests import digest
from models.documents import DOCUMENT_DIGESTED, number_text
from models.ledger import STOCK_DIGESTED, StockKind
from models.schema import SerialCount, Stock, bound
from models.text import counted
from models.verbs import BY_KIND, DocumentKind

TOTALS_BLOCK: Final = 20_000
"""Rows per block."""

_Row = Sequence[Any]


def counts(numbers: Counter[tuple[int, ...]], findings: Findings) -> None:
    """Compare the stored counts of serials with the counted ones, by (item, location, status)."""
    names = Names()
    kept: dict[tuple[int, ...], int] = {
        (row.item_id, row.location_id, row.status_id): row.serials for row in SerialCount.select()
    }
    for key in sorted(kept.keys() | numbers.keys()):
        says, are = kept.get(key, 0), numbers.get(key, 0)
        if says != are:
            item, place, status = key
            findings.add(
                "count_wrong",
                f"The count of {names.item(item)} {names.status(status)} at {names.place(place)} says {says:,}, "
                f"but there {'is 1 serial' if are == 1 else f'are {are:,} serials'}.",
            )


# ----- quantities

_CHANGES: Final = (
    f"SELECT {', '.join(STOCK_DIGESTED)}, digest, id FROM stock_changes "
    f"WHERE id > {{one}} ORDER BY id LIMIT {TOTALS_BLOCK}"
)
_ITEM, _PLACE, _UNITS, _KIND = (STOCK_DIGESTED.index(name) for name in ("item_id", "location_id", "units", "kind"))


def stock(findings: Findings) -> None:
    """Check that no quantity is below zero, and that each is the sum of its changes."""
    names = Names()
    quantities = {(row.item_id, row.location_id): row.on_hand for row in Stock.select()}
    changed = _changes(names, findings)
    for key in sorted(quantities.keys() | changed.keys()):
        says, adds_up = quantities.get(key, 0), changed[key]
        what = f"The quantity of {names.item(key[0])} at {names.place(key[1])} is {says:,}"
        if says < 0:
            findings.add("stock_negative", f"{what}.")
        if says != adds_up:
            findings.add("stock_sum", f"{what}, but its changes add up to {adds_up:,}.")


def _changes(names: Names, findings: Findings) -> Counter[tuple[int, int]]:
    """Check each change of a quantity; returns their sums by (item, location)."""
    sums: Counter[tuple[int, int]] = Counter()
    last = 0
    while rows := bound.execute_sql(_CHANGES.format(one=bound.param), (last,)).fetchall():
        for row in rows:
            sums[row[_ITEM], row[_PLACE]] += row[_UNITS]
            which = f"The change {row[-1]} of {names.item(row[_ITEM])} at {names.place(row[_PLACE])}"
            if row[-2] != digest(row[:-2]):
                findings.add("stock_digest", f"{which} is not as it was written: its digest differs.")
            if row[_KIND] not in BY_KIND and row[_KIND] not in set(StockKind):
                findings.add("stock_kind", f"{which} is of the unknown kind {row[_KIND]}.")
        last = rows[-1][-1]
    return sums


# ----- documents

_BLOCK = "SELECT count(*), max(id) FROM (SELECT id FROM documents WHERE id > {one} ORDER BY id LIMIT {block}) AS d"

_DOCUMENTS = (
    f"SELECT {', '.join(DOCUMENT_DIGESTED)}, digest, id FROM documents WHERE id > {{one}} AND id <= {{one}} ORDER BY id"
)

_SERIALS = """
    SELECT d.id, d.number, d.serials FROM documents d LEFT JOIN (
        SELECT document_id, count(*) AS events FROM serial_events
        WHERE document_id > {one} AND document_id <= {one} GROUP BY document_id) e ON e.document_id = d.id
    WHERE d.id > {one} AND d.id <= {one} AND coalesce(e.events, 0) <> d.serials ORDER BY d.id"""

_UNITS_OF_EVENTS = """
    SELECT document_id, item_id, place, sum(units) FROM (
        SELECT document_id, item_id, CASE WHEN units > 0 THEN to_location_id ELSE from_location_id END AS place, units
        FROM serial_events WHERE document_id > {one} AND document_id <= {one} AND units <> 0
        UNION ALL
        SELECT e.document_id, p.item_id, e.from_location_id, -e.units FROM serial_events e
        JOIN serial_events p ON p.serial_id = e.serial_id AND p.number = e.number - 1
        WHERE e.document_id > {one} AND e.document_id <= {one} AND e.units > 0
            AND (e.from_location_id <> e.to_location_id OR p.item_id <> e.item_id)
            AND e.from_status_id IN (SELECT id FROM statuses WHERE on_hand)
        UNION ALL
        SELECT document_id, item_id, location_id, -units FROM stock_changes
        WHERE document_id > {one} AND document_id <= {one}) AS parts
    GROUP BY document_id, item_id, place HAVING sum(units) <> 0 ORDER BY document_id, item_id, place LIMIT 100"""
"""Differences between the units of a document's events and its stock changes. A unit that was moved along was
taken at the place and item that it came from; one that came on hand there was not."""

_AGREE = """
    SELECT d.number, s.item_id, s.serial_number, e.number,
        CASE WHEN NOT (e.kind, d.kind) IN (VALUES {pairs}) THEN 'kind'
            WHEN e.at <> d.at THEN 'moment'
            WHEN e.user_id <> d.user_id OR coalesce(e.login_user_id, 0) <> coalesce(d.login_user_id, 0) THEN 'user'
            WHEN e.from_location_id <> d.from_location_id OR e.to_location_id <> d.to_location_id THEN 'place'
            ELSE 'customer' END
    FROM documents d JOIN serial_events e ON e.document_id = d.id LEFT JOIN serials s ON s.id = e.serial_id
    WHERE d.id > {one} AND d.id <= {one} AND e.kind IN ({kinds})
        AND NOT (e.kind = 'arrived' AND d.kind = 'transfer') AND (
        NOT (e.kind, d.kind) IN (VALUES {pairs}) OR e.at <> d.at OR e.user_id <> d.user_id
        OR coalesce(e.login_user_id, 0) <> coalesce(d.login_user_id, 0)
        OR e.from_location_id <> d.from_location_id OR e.to_location_id <> d.to_location_id
        OR d.customer_id NOT IN (coalesce(e.from_customer_id, 0), coalesce(e.to_customer_id, 0)))
    ORDER BY d.id, e.id LIMIT 100"""
"""Events that differ from the document that was written with them. Until arrivals had documents of their own, they
named the transfer."""


def documents(findings: Findings, progress: Callable[[int, int], None]) -> int:
    """Check each document against its events: fields, number of serials, units, who and when.

    Returns:
        The number of documents.
    """
    one = bound.param
    total = bound.execute_sql("SELECT count(*) FROM documents").fetchone()[0]
    fields = _Fields(findings)
    done = start = 0
    while True:
        number, end = bound.execute_sql(_BLOCK.format(one=one, block=TOTALS_BLOCK), (start,)).fetchone()
        if not number:
            return int(total)
        for row in bound.execute_sql(_DOCUMENTS.format(one=one), (start, end)).fetchall():
            fields.compare(row)
        _compare_serials(start, end, findings)
        _compare_units(start, end, findings)
        _compare_events(start, end, findings)
        start = end
        done += number
        progress(done, total)


class _Fields:
    """Checks the fields of documents: digest, kind, number."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._first_digested = first_digested("documents")
        self._last: Mapping[str, int] = dict(bound.execute_sql("SELECT kind, last FROM document_numbers").fetchall())

    def compare(self, row: _Row) -> None:
        """Check a document."""
        kind, number, stored, row_id = row[0], row[1], row[-2], row[-1]
        if stored is None and self._first_digested is not None and row_id > self._first_digested:
            self._add("document_digest", f"{number} has no digest, though older ones have one.")
        if stored is not None and stored != digest(row[:-2]):
            self._add("document_digest", f"{number} is not as it was written: its digest differs.")
        if kind not in set(DocumentKind):
            self._add("document_kind", f"{number} is of the unknown kind {kind}.")
            return
        given = DocumentKind(kind)
        digits = number.partition("-")[2]
        if not digits.isdecimal() or number_text(given, int(digits)) != number:
            self._add("document_number", f"{number} is a {kind}, whose numbers look like {number_text(given, 1)}.")
        elif int(digits) > self._last.get(kind, 0):
            last = self._last.get(kind, 0)
            self._add("document_number", f"{number} has a number that was never given: the last {kind} is {last}.")

    def _add(self, code: str, message: str) -> None:
        self._findings.add(code, f"The document {message}")


def _compare_serials(start: int, end: int, findings: Findings) -> None:
    """A fast query finds documents whose number of events differs; only for these the distinct serials are counted."""
    rows = bound.execute_sql(_SERIALS.format(one=bound.param), (start, end, start, end)).fetchall()
    # Older arrivals named their transfer, which so has two events of a serial: these are found here, and are right.
    for part in bulk.blocks(rows):
        named = _named_serials([row[0] for row in part])
        for document_id, name, says in part:
            are = named.get(document_id, 0)
            if are != says:
                have = "has" if are == 1 else "have"
                findings.add(
                    "document_serials",
                    f"The document {name} says {counted(says, 'serial')}, but {counted(are, 'serial')} {have} "
                    "events that name it.",
                )


def _named_serials(document_ids: list[int]) -> dict[int, int]:
    """Distinct serials per document; a serial dispatched and arrived has two events on one document."""
    rows = bound.execute_sql(
        "SELECT document_id, count(DISTINCT serial_id) FROM serial_events "
        f"WHERE document_id IN ({bulk.placeholders(len(document_ids))}) GROUP BY document_id",
        document_ids,
    )
    return dict(rows.fetchall())


def _compare_units(start: int, end: int, findings: Findings) -> None:
    names = Names()
    for document_id, item, place, over in bound.execute_sql(
        _UNITS_OF_EVENTS.format(one=bound.param), (start, end) * 3
    ).fetchall():
        findings.add(
            "document_units",
            f"The document {names.document(document_id)}: its events and the changes of the quantity of "
            f"{names.item(item)} at {names.place(place)} differ by {abs(over):,}.",
        )


def _compare_events(start: int, end: int, findings: Findings) -> None:
    written = [(verb.kind, str(verb.document)) for verb in BY_KIND.values() if verb.document is not None]
    sql = _AGREE.format(
        one=bound.param,
        pairs=", ".join(f"('{kind}', '{document}')" for kind, document in written),
        kinds=", ".join(f"'{kind}'" for kind, _ in written),
    )
    names = Names()
    for number, item, serial, event, what in bound.execute_sql(sql, (start, end)).fetchall():
        whose = names.serial(item, serial) if item is not None else "a serial that does not exist"
        findings.add("document_events", f"The document {number} and event {event} of {whose} differ in the {what}.")
