"""What is known of a file before, while and after it is imported; the staged rows are those of this connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.importing import staging
from models.importing.columns import Field, header_key, recognise
from models.importing.staging import Counts
from models.schema import Document, ImportedFile, ImportMapping, User
from models.schema.base import bound


class Source(NamedTuple):
    """A file, as its document names it."""

    name: str
    size: int
    """Bytes."""
    sha256: str


class ImportedBefore(NamedTuple):
    """An earlier import of the same file."""

    document: str
    """Its number."""
    login: str
    at: datetime
    serials: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A file whose rows are staged on this thread's connection."""

    source: Source
    counts: Counts
    before: tuple[ImportedBefore, ...]
    """Earlier imports of the same file, the last first."""
    customers: tuple[str, ...]
    """Names that the import would make."""

    @property
    def problem(self) -> str:
        """Why the file is refused unless its errors are left out; empty where nothing is wrong."""
        if not self.counts.rows:
            return f"{self.source.name} has no rows under its header. Nothing was written."
        if not self.counts.errors:
            return ""
        first = next(staging.rejected(1))
        more = f" {self.counts.errors - 1:,} more cannot be imported." if self.counts.errors > 1 else ""
        return f"Row {first.row:,} of {self.source.name}: {first.reason}{more} Nothing was written."


def mapping_for(header: Sequence[str]) -> dict[int, Field]:
    """What each column of a header is: as somebody mapped it the last time, else by its name."""
    found = ImportMapping.get_or_none(ImportMapping.header_key == header_key(header))
    if found is None:
        return recognise(header)
    known = {str(name) for name in Field}
    kept = {int(column): name for column, name in json.loads(found.columns).items()}
    return {column: Field(name) for column, name in kept.items() if name in known and column < len(header)}


def look(source: Source) -> Staged:
    """How the staged rows stand now.

    Raises:
        Changed: they are gone with a broken connection.
    """
    counts = staging.counts()
    return Staged(source, counts, imported_before(source.sha256), tuple(staging.customers()))


def imported_before(sha256: str) -> tuple[ImportedBefore, ...]:
    """Imports of a file with this checksum, the last first."""
    query = (
        ImportedFile.select(Document.number, User.login, Document.at, Document.serials)
        .join(Document)
        .join(User, on=(Document.user == User.id))
        .where(ImportedFile.sha256 == sha256)
        .order_by(Document.id.desc())
        .limit(10)
    )
    return tuple(map(ImportedBefore._make, query.tuples().execute()))


def last_imported() -> int | None:
    """The serial that the last good row has become, after `import_staged`."""
    staging.require()
    found = bound.execute_sql(
        f"SELECT s.id FROM {staging.TABLE} r JOIN serials s ON s.item_id = r.item_id AND s.serial_key = r.serial_key "
        f"WHERE r.row = (SELECT max(row) FROM {staging.TABLE} WHERE state = {staging.NEW})"
    ).fetchone()
    return int(found[0]) if found else None
