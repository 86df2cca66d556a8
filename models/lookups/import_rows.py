"""The staged rows of a file as a list, in the order of the file; read on the connection that staged them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from models.importing import staging
from models.importing.columns import Field
from models.schema.base import bound


class Shown(Enum):
    """Which rows are in the list."""

    ALL = "true"
    ERRORS = f"state = {staging.ERROR}"
    """Those that cannot be imported."""
    WARNINGS = staging.WARNED
    """Those that can, and about which something is to be said."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What would become of one row."""

    row: int
    """Its number in the file."""
    is_new: bool
    """Whether it can be imported."""
    serial_number: str
    item: str
    """Its SKU; what stands in the file where there is no such item."""
    location: str
    status: str
    """The label."""
    customer: str
    date_received: str
    """ISO; empty where the row is wrong."""
    reason: str
    """Why it cannot be imported; empty where it can."""
    warning: str = ""
    """What looks odd about a row that can be imported; empty where nothing does."""

    @property
    def key(self) -> str:
        """The number, as text."""
        return str(self.row)


class ImportRowSource:
    """All rows, those in error or those with a warning; see `models.paging.RowSource`."""

    def __init__(self, mapping: Mapping[int, Field], shown: Shown = Shown.ALL) -> None:
        """Make it.

        Args:
            mapping: what each column of the file is.
            shown: which rows.
        """
        self._columns = {name: column for column, name in mapping.items()}
        self._where = f"WHERE {shown.value}"

    def count(self) -> int:
        """How many there are.

        Raises:
            Changed: the rows are gone with a broken connection.
        """
        staging.require()
        return int(bound.execute_sql(f"SELECT count(*) FROM {staging.TABLE} r {self._where}").fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[ImportRow]:
        """Read rows from the one at `offset` on."""
        staging.require()
        rows = bound.execute_sql(
            "SELECT r.row, r.state, r.serial_number, i.sku, l.code, t.label, r.customer, r.date_received, "
            f"trim(r.reason || ' ' || r.alike), "
            f"CASE r.state WHEN {staging.ERROR} THEN r.cells END FROM {staging.TABLE} r "
            "LEFT JOIN items i ON i.id = r.item_id LEFT JOIN locations l ON l.id = r.location_id "
            f"LEFT JOIN statuses t ON t.id = r.status_id {self._where} "
            f"ORDER BY r.row LIMIT {int(limit)} OFFSET {int(offset)}"
        )
        return [self._row(*row) for row in rows.fetchall()]

    def index_of(self, key: str) -> int | None:
        """How many rows stand before this one; None where it is not there."""
        staging.require()
        one, where = bound.param, f"FROM {staging.TABLE} r {self._where}"
        if bound.execute_sql(f"SELECT 1 {where} AND r.row = {one}", (int(key),)).fetchone() is None:
            return None
        return int(bound.execute_sql(f"SELECT count(*) {where} AND r.row < {one}", (int(key),)).fetchone()[0])

    def _row(
        self,
        row: int,
        state: int,
        serial: str,
        sku: str | None,
        place: str | None,
        status: str | None,
        customer: str,
        received: object,
        said: str,
        cells: str | None,
    ) -> ImportRow:
        given: list[str] = json.loads(cells) if cells else []

        def as_given(name: Field) -> str:
            column = self._columns.get(name, -1)
            return given[column] if 0 <= column < len(given) else ""

        return ImportRow(
            row,
            state == staging.NEW,
            serial,
            sku or as_given(Field.ITEM),
            place or as_given(Field.LOCATION),
            status or as_given(Field.STATUS),
            customer or as_given(Field.CUSTOMER),
            str(received) if received else as_given(Field.DATE_RECEIVED),
            "" if state == staging.NEW else said,
            said if state == staging.NEW else "",
        )
