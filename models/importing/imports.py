"""Importing serials: stage and judge a file's rows, write the good ones, export the rejected ones as CSV."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self, TextIO

from models import ledger
from models.codes import lock_codes
from models.customers import customers_by_key, find_customer
from models.database import bulk
from models.database.connection import tidying
from models.database.unit import Unit, write
from models.documents import new_document
from models.errors import BadValue, Changed, NotFound
from models.importing import staging
from models.importing.cell_values import literal
from models.importing.cells import guarded
from models.importing.choices import NOTHING_CHOSEN, Choices, DateOrder
from models.importing.columns import (
    LOOKED_AT,
    REASON,
    Field,
    FirstRows,
    Proposal,
    check_mapping,
    header_key,
    heading_of,
    propose,
    recognise,
)
from models.importing.dates import FileDates
from models.importing.files import bad_file, shown
from models.importing.headers import is_lettered
from models.importing.making import MadeMeanwhile, make_records, refer_to_existing
from models.importing.rows import IMPORT, NOTHING_MAPPED, KnownRecords, Validator
from models.importing.staging import Counts
from models.importing.table import FileTable, Row
from models.importing.text_files import DELIMITERS
from models.items.items import find_item
from models.ledger_bulk import Totals, add_staged, rename_customer
from models.locations import find_location, refuse_closed
from models.permissions import Actor, Permission, require
from models.schema import Document, ImportedFile, ImportMapping, Status, User, bound
from models.text import counted, fold
from models.verbs import DocumentKind, PlaceMeaning, place_in


class SourceFile(NamedTuple):
    """The identity of a file, stored with its document, and the number of rows left out of it."""

    name: str
    size: int
    """Size in bytes."""
    sha256: str
    hidden_rows: int = 0
    """Rows with texts that a spreadsheet does not show, and that were not read."""

    @property
    def hidden_said(self) -> str:
        """A sentence about the hidden rows; empty if there are none."""
        if not self.hidden_rows:
            return ""
        were = "was" if self.hidden_rows == 1 else "were"
        return f"{counted(self.hidden_rows, 'hidden or filtered row')} of {self.name} {were} left out."


class ImportedBefore(NamedTuple):
    """An earlier import of the same file."""

    document: str
    """Document number."""
    login: str
    at: datetime
    serials: int


class MissingRecord(NamedTuple):
    """An item, location, status or customer that rows name and that does not exist."""

    kind: str
    """item, location, status or customer."""
    name: str
    """As the file spells it first."""
    rows: int
    """Number of rows that name it; of one that is made, the good ones that need it."""
    is_made: bool = False
    """Whether the import makes it."""
    why_not: str = ""
    """Why it cannot be made although that was asked; else empty."""
    code: str = ""
    """SKU or location code of one that is made."""


class Remedy(NamedTuple):
    """A peculiarity of many rows, about which something can be done for all of them together."""

    kind: str
    """several, split, as_one, other_item, placeholder or dates."""
    rows: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A file with rows staged on this thread's connection."""

    source: SourceFile
    counts: Counts
    before: tuple[ImportedBefore, ...]
    """Earlier imports of the same file, latest first."""
    missing: tuple[MissingRecord, ...] = ()
    """Records that the rows name and that do not exist, by kind, the most frequent first."""
    remedies: tuple[Remedy, ...] = ()

    @property
    def customers(self) -> tuple[str, ...]:
        """Names of customers that the import would create."""
        return tuple(record.name for record in self.missing if record.kind == Field.CUSTOMER)

    def rows_with(self, kind: str) -> int:
        """Number of rows of a remedy."""
        return next((remedy.rows for remedy in self.remedies if remedy.kind == kind), 0)

    @property
    def problem(self) -> str:
        """Why the file is refused unless rejected rows are left out; empty if nothing is wrong."""
        if not self.counts.rows:
            return f"{self.source.name} has no rows under its header. Nothing was written."
        if not self.counts.errors:
            return ""
        first = next(staging.rejected(1))
        more = f" {self.counts.errors - 1:,} more cannot be imported." if self.counts.errors > 1 else ""
        return f"Row {first.row:,} of {self.source.name}: {first.reason}{more} Nothing was written."


def propose_for(table: FileTable) -> Proposal:
    """The stored mapping for the header of a file, else the one that its headings and first rows propose."""
    stored = stored_mapping(table.header)
    return proposed(table) if stored is None else Proposal(stored)


def stored_mapping(header: Sequence[str]) -> dict[int, Field] | None:
    """The mapping that was stored for a header; None if there is none."""
    found = ImportMapping.get_or_none(ImportMapping.header_key == header_key(header))
    if found is None or is_lettered(header):  # letters are the header of every file that has none
        return None
    known = {str(name) for name in Field}
    kept = {int(column): name for column, name in json.loads(found.columns).items()}
    return {column: Field(name) for column, name in kept.items() if name in known and column < len(header)}


def proposed(table: FileTable) -> Proposal:
    """The mapping that the headings and the first rows of a file propose."""
    if is_lettered(table.header):
        return Proposal(mapping_for(table.header))
    values: list[list[str]] = [[] for _ in table.header]
    for row in islice(table.rows(), LOOKED_AT):
        for column, cell in zip(values, row.cells, strict=False):
            if cell:
                column.append(literal(cell))
    known = KnownRecords()
    columns = range(len(values))
    items = {text for column in columns if heading_of(table.header[column]) is Field.ITEM for text in values[column]}
    places = {
        text for column in columns if heading_of(table.header[column]) is Field.LOCATION for text in values[column]
    }
    known.learn(items, places, ())
    return propose(
        table.header,
        FirstRows(
            values,
            frozenset(text for text in items if known.item(text) is not None),
            frozenset(text for text in places if known.place(text) is not None),
            frozenset(text for column in values for text in column if known.status(text) is not None),
        ),
    )


def mapping_for(header: Sequence[str]) -> dict[int, Field]:
    """The stored mapping for a header, else the one recognised from its headings."""
    if is_lettered(header):
        columns = [column for column, name in enumerate(header) if name != REASON]
        return {0: Field.SERIAL_NUMBER} if len(columns) == 1 else {}
    stored = stored_mapping(header)
    return recognise(header) if stored is None else stored


def remembered(headers: Sequence[Sequence[str]]) -> dict[int, Choices]:
    """The choices for earlier files with these headers, by the positions of the headers; see `sources.Recall`."""
    keys = [header_key(header) for header in headers]
    found: dict[str, Choices] = {}
    for part in bulk.blocks(sorted(set(keys) - {""})):
        for row in ImportMapping.select().where(ImportMapping.header_key.in_(part)):
            dates = DateOrder(row.dates) if row.dates is not None else None
            found[row.header_key] = Choices(
                row.header_row, row.encoding, dates, row.split or (False if row.as_one else None)
            )
    return {place: found[key] for place, key in enumerate(keys) if key in found}


def staged_state(source: SourceFile) -> Staged:
    """The current state of the staged rows.

    Raises:
        Changed: they were lost with the connection.
    """
    counts = staging.counts()
    found = staging.findings()
    missing = [
        *(MissingRecord(one.kind, one.name, one.rows, False, one.said) for one in found if one.name),
        *(MissingRecord(kind, name or code, rows, True, "", code) for kind, code, name, rows in staging.new_counts()),
        *(MissingRecord(Field.CUSTOMER, name, rows, True) for name, rows in staging.customers()),
    ]
    kinds = [Field.ITEM, Field.LOCATION, Field.STATUS, Field.CUSTOMER]
    missing.sort(key=lambda record: (kinds.index(Field(record.kind)), -record.rows, record.name))
    remedies = tuple(Remedy(one.kind, one.rows) for one in found if not one.name)
    return Staged(source, counts, imported_before(source.sha256), tuple(missing), remedies)


def imported_before(sha256: str) -> tuple[ImportedBefore, ...]:
    """The last ten imports of a file with this checksum, latest first."""
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
    """The id of the serial from the last good row, after `import_staged`."""
    staging.require()
    found = bound.execute_sql(
        f"SELECT s.id FROM {staging.TABLE} r JOIN serials s ON s.item_id = r.item_id AND s.serial_key = r.serial_key "
        f"WHERE r.row = (SELECT max(row) FROM {staging.TABLE} WHERE state = {staging.NEW})"
    ).fetchone()
    return int(found[0]) if found else None


TO_DO: Final = "import serials"
"""The action, for the message of a missing permission."""

TRIES: Final = 3
"""Attempts to write if others make the same items or locations meanwhile."""

MANY: Final = 10_000
"""Minimum serials of an import after which the server's statistics are updated at once."""

Progress = Callable[[int, int], None]
"""Callback with the rows done and the estimated total (0 while unknown); raises `Cancelled` to stop."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

    document: str
    """Document number."""
    serials: int
    left_out: int
    """Rows that were not imported."""
    units: int
    """Total increase of quantities."""
    customers: int
    """Number of customers created."""
    warned: int
    """Serials imported with a warning; `staging.warned` lists them."""
    items: int = 0
    """Number of items made."""
    locations: int = 0
    """Number of locations made."""


def remember_mapping(
    actor: Actor,
    header: Sequence[str],
    mapping: Mapping[int, Field],
    choices: Choices = NOTHING_CHOSEN,
    *,
    usual: Mapping[int, Field] | None = None,
) -> None:
    """Store a mapping and choices for the next file with this header; not those that would be found without it.

    Args:
        actor: who imported the file.
        header: of the file; one of letters only has nothing by which to find it again.
        mapping: field of each column.
        choices: what was chosen about the file.
        usual: the mapping that the file would get without it; None for that of the headings alone.

    Raises:
        NotPermitted
    """
    columns = json.dumps({str(column): str(name) for column, name in sorted(mapping.items())})

    def work(unit: Unit) -> None:
        require(actor, IMPORT.permission, TO_DO)
        if is_lettered(header):
            return
        key = header_key(header)
        kept = choices.over(remembered([header]).get(0, NOTHING_CHOSEN))
        ImportMapping.delete().where(ImportMapping.header_key == key).execute()
        if dict(mapping) != (recognise(header) if usual is None else usual) or kept != NOTHING_CHOSEN:
            ImportMapping.create(
                header_key=key,
                columns=columns,
                header_row=kept.header_row,
                encoding=kept.encoding,
                dates=kept.dates,
                split=kept.split is True,
                as_one=kept.split is False,
                at=unit.at,
                user=actor.user_id,
            )

    write(actor, work)


def stage(
    actor: Actor,
    table: FileTable,
    mapping: Mapping[int, Field],
    *,
    item: str | None = None,
    location: str | None = None,
    choices: Choices = NOTHING_CHOSEN,
    values: Mapping[Field, Mapping[str, str]] = NOTHING_MAPPED,
    progress: Progress,
) -> Staged:
    """Read a file's rows into the staging table and judge each; other users are not blocked and do not see them.

    Args:
        mapping: field of each column.
        item: SKU for all rows; None if each row names its own.
        location: location code for rows without one; None means each item's primary location.
        choices: what was chosen about the file, and what is made where it is unknown.
        values: names of existing records that texts of the file stand for, by folded text; see `parse_values`.
        progress: called with the rows read.

    Raises:
        NotPermitted: also if items or locations are to be made without the permission to make them.
        NotFound: the item or the location.
        BadValue: the mapping lacks a field, or the file cannot be read further; with `details["days"]` the dates of a
            column can be read in several ways, and `Choices.dates` says which.
        Cancelled: `progress` stopped it; nothing stays staged.
    """
    require(actor, IMPORT.permission, TO_DO)
    if choices.make:
        require(actor, Permission.EDIT_ITEMS, f"make the {' and '.join(sorted(choices.make))} of a file")
    check_mapping(mapping, item=item, header=table.header)
    if item is not None:
        item = find_item(item).sku
    if location is not None:
        location = find_location(location).code
    check_values(values)
    dates = FileDates.of(mapping, table.header, choices.dates, table.remembered.dates)
    if choices.split is None:
        choices = replace(choices, split=table.remembered.split)

    def judge() -> Validator | None:
        validator = Validator(
            mapping, header=table.header, item=item, location=location, dates=dates, choices=choices, values=values
        )
        return validator if _stage_rows(table, validator, dates, progress) else None

    try:
        while (validator := judge()) is None:  # dates further down changed how those of judged rows are read
            pass
        staging.judge_together(actor.user_id, against_items=validator.found_serials)
        staging.store_findings(validator.new, validator.found)
    except BaseException:  # a cancel and Ctrl+C too: no rows of half a file may be imported
        with tidying(bound.obj):
            staging.end()
        raise
    return staged_state(SourceFile(table.name, table.size, table.sha256, table.hidden_rows))


def _stage_rows(table: FileTable, validator: Validator, dates: FileDates, progress: Progress) -> bool:
    """Stage all rows in one pass; False if rows that were judged already have to be read with other dates."""
    staging.begin()
    done = 0
    blocks = map(validator.literal, bulk.blocks(validator.split_cells(table.rows())))
    for rows in blocks:
        share = table.share_read
        progress(done, int(done / share) if share else 0)
        is_new = dates.look(rows)
        if (is_new and done) or dates.is_open:
            # Rows further down decide; where good rows are staged already, all of the file is looked at, so that it
            # happens only once.
            for ahead in blocks:
                dates.look(ahead)
                progress(done, int(done / share) if share else 0)
                if not done and not dates.is_open:
                    break
            dates.check()
            return False
        staging.add(validator.judge(rows))
        done += len(rows)
    progress(done, done)
    return True


def check_values(values: Mapping[Field, Mapping[str, str]]) -> None:
    """Refuse texts that stand for a record that does not exist.

    Raises:
        NotFound
    """
    for name in values.get(Field.ITEM, {}).values():
        find_item(name)
    for name in values.get(Field.LOCATION, {}).values():
        find_location(name)
    for name in values.get(Field.CUSTOMER, {}).values():
        find_customer(name)
    if statuses := values.get(Field.STATUS):
        known = KnownRecords()
        for name in statuses.values():
            if known.status(name) is None:
                raise NotFound(f"There is no status {name}. There are: {known.labels}.", field="status")


def import_staged(actor: Actor, source: SourceFile, *, adds_quantity: bool = False, progress: Progress) -> Imported:
    """Write the good staged rows: serials, events, counts and a document, in one transaction.

    Args:
        adds_quantity: whether each serial on hand adds one to the quantity at its location; else no quantity changes.
        progress: called with the serials written; stopping there rolls everything back.

    Raises:
        NotPermitted
        BadValue: there is no good row.
        Changed: somebody else added one of the serials since the rows were judged; those rows are now rejected.
        Cancelled: `progress` stopped it; nothing was written.
    """
    progress(0, 0)  # a cancel that was asked for before counts
    for _ in range(TRIES):
        if refused := refer_to_existing():
            raise _added_meanwhile(refused)
        staging.warn_of_drafts(actor.user_id)  # those of the preview may be done, and others begun
        try:
            imported = _write(actor, source, adds_quantity=adds_quantity, progress=progress)
        except MadeMeanwhile:
            continue
        if imported.serials >= MANY:
            bulk.update_statistics("serials", "serial_events")
        return imported
    raise Changed("Others make the items and locations of the file at the same time. Nothing was written. Try again.")


def _added_meanwhile(rows: int) -> Changed:
    are = "serial of the file was" if rows == 1 else "serials of the file were"
    return Changed(f"{rows:,} {are} added by somebody else meanwhile. Nothing was written; look at the rows again.")


def _write(actor: Actor, source: SourceFile, *, adds_quantity: bool, progress: Progress) -> Imported:
    tries = 0
    # Before the unit: other writers of SQLite wait for as long as it runs.
    counts, staged, new = staging.counts(), staging.stage_serials(), staging.new_records()

    def work(unit: Unit) -> Imported:
        nonlocal tries
        tries += 1
        require(actor, IMPORT.permission, TO_DO)
        staging.require()
        if not counts.new:
            raise BadValue(f"No row of {source.name} can be imported. Mend the file, then import it again.")
        if tries > 1 and staging.has_existing():  # a retry after a constraint violation: another retry would fail too
            raise _AddedMeanwhile
        made, totals = make_records(unit, new, staged)
        _refuse_closed(totals)
        customers = _make_customers(actor, totals.customers)
        document = new_document(unit, DocumentKind.IMPORT, serials=counts.new, note=source.name)
        ImportedFile.create(
            document=document.id, name=source.name, size=source.size, sha256=source.sha256, left_out=counts.errors
        )
        rows = made.rows(document.id) + [(document.id, "customer", name) for name in customers]
        bulk.insert("import_made", ("document_id", "kind", "name"), rows)
        items = {item_id for item_id, *_ in totals.counts} if adds_quantity else set()
        units = add_staged(unit, IMPORT, document.id, totals, progress, adds_quantity=items)
        # At the end, since other writers wait for the rows of quantities; before the counts, as in all other units.
        unit.at_end.insert(0, lambda: ledger.add_stocks(unit, units, IMPORT.kind, document_id=document.id))
        return Imported(
            document.number,
            counts.new,
            counts.errors,
            sum(units.values()),
            len(customers),
            counts.warned,
            len(made.items),
            len(made.locations),
        )

    try:
        with bulk.large_page_cache():
            return write(actor, work, durable=True)
    except _AddedMeanwhile:
        # After the rollback: which rows are refused has to outlast the unit.
        raise _added_meanwhile(staging.mark_existing()) from None


class _AddedMeanwhile(Exception):
    """Another user added one of the serials first; aborts the unit before a useless retry."""


def _refuse_closed(totals: Totals) -> None:
    """Refuse an import to a closed place, except of units that were last seen there."""
    codes = {status.id: status.code for status in Status.select(Status.id, Status.code)}
    here = {place for _, place, status, _ in totals.counts if place_in(codes[status]) is not PlaceMeaning.LAST}
    for part in bulk.blocks(sorted(here)):
        refuse_closed(part)


def _make_customers(actor: Actor, wanted: Sequence[str]) -> list[str]:
    """Create missing customers; returns their names."""
    by_key = {fold(name): name for name in wanted}
    if by_key:
        lock_codes()  # for somebody who gives one of these names to another customer as a code
    known = customers_by_key(by_key)
    new = {key: name for key, name in by_key.items() if key not in known}
    if new:
        require(actor, Permission.EDIT_ITEMS, f"make the customer {next(iter(new.values()))} of this file")
        for part in bulk.blocks(new.items(), 250):
            values = ", ".join([f"({bulk.placeholders(2)})"] * len(part))
            bound.execute_sql(
                f"INSERT INTO customers (name_key, name) VALUES {values} ON CONFLICT DO NOTHING",
                [value for row in part for value in row],
            )
        # Somebody else may have made one of them meanwhile, spelled in another way.
        known |= customers_by_key(new)
    for key, name in by_key.items():
        if key in known and known[key].name != name:  # the staged rows find their customer by the exact name
            rename_customer(name, known[key].name)
    return list(new.values())


_REJECTS_STEM: Final = re.compile(r"(.*) rejected(?: [0-9]+)?")
_MOST: Final = 10_000
"""Maximum files of rejected rows beside one source."""


class _Writer(Protocol):
    def writerow(self, row: Any, /) -> object: ...


class Rejects:
    """A CSV of rejected rows beside the source: the same columns, and the reason in the last one.

    The file is created with the first row, under an unused name: `serials rejected.csv`, then `serials rejected 2.csv`.
    It is UTF-8 with a byte order mark, because spreadsheets need one, and uses the source's delimiter. Texts that a
    spreadsheet would execute as a formula get a leading `'`, which `open_table` removes again. If the last column of
    the source is a Reason column already, it is replaced. Use it in a `with`; an error inside removes the file.

    Args:
        table: the source.
        path: the file to write instead; it must not exist.
    """

    def __init__(self, table: FileTable, path: str | None = None) -> None:
        self._table = table
        self._asked = path
        self.path: str | None = None
        """Path of the file, once it is created."""
        self.count = 0
        """Rows written."""
        self._has_reasons = bool(table.header) and table.header[-1].casefold() == REASON.casefold()
        self._width = len(table.header) - self._has_reasons
        self._file: TextIO | None = None
        self._writer: _Writer | None = None

    def add(self, row: Row, reason: str) -> None:
        """Write one row; texts beyond the header's last column go after the reason, so that none is lost.

        Raises:
            BadValue: the file cannot be written.
        """
        try:
            writer = self._writer or self._begin()
            writer.writerow(self.texts(row, reason))
        except OSError as trouble:
            raise self._trouble(trouble) from trouble
        self.count += 1

    def texts(self, row: Row, reason: str) -> list[str]:
        """The texts of one row, with its reason."""
        beyond = [cell for cell in row.cells[len(self._table.header) :] if cell]
        return [guarded(cell) for cell in (*row.cells[: self._width], reason, *beyond)]

    def headings(self) -> list[str]:
        """The texts of the first row."""
        return [*map(guarded, self._table.header[: self._width]), REASON]

    def close(self) -> None:
        """Close the file.

        Raises:
            BadValue: the last data could not be written.
        """
        file, self._file, self._writer = self._file, None, None
        if file is not None:
            try:
                file.close()
            except OSError as trouble:
                raise self._trouble(trouble) from trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(BadValue):  # the error inside says more
            self.close()
        if self.path is not None:
            with suppress(OSError):
                Path(self.path).unlink()
            self.path = None

    def _begin(self) -> _Writer:
        self.path, self._file = self._created_file()
        delimiter = self._table.delimiter if self._table.delimiter in DELIMITERS else ","
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow(self.headings())
        return self._writer

    def _created_file(self) -> tuple[str, TextIO]:
        source = Path(self._table.path)
        before = _REJECTS_STEM.fullmatch(source.stem)
        stem = before[1] if before else source.stem
        for number in range(1, _MOST):
            name = f"{stem} rejected{f' {number}' if number > 1 else ''}.csv"
            path = self._asked or os.fspath(source.with_name(name))
            try:
                # Exclusive: a file that is there is never written over, not even one that was made just now.
                return path, open(path, "x", encoding="utf-8-sig", newline="")  # noqa: PTH123  closed by close
            except FileExistsError:
                if self._asked:
                    raise bad_file(f"{shown(path)} is there already. Choose another name, or remove it.") from None
            except OSError as trouble:
                self.path = path
                raise self._trouble(trouble) from trouble
        raise bad_file(f"There are {_MOST:,} files of rejected rows beside {self._table.name}. Remove some of them.")

    def _trouble(self, trouble: OSError) -> BadValue:
        return bad_file(
            f"The rejected rows cannot be written to {shown(self.path or '')}: {trouble.strerror}. "
            "Choose a folder that you may write to and that has room."
        )


def rejects_as_text(table: FileTable, rows: Iterable[staging.Rejected]) -> Iterator[str]:
    """Lines of CSV with rejected rows, for where their file cannot be written."""
    rejects = Rejects(table)
    texts = (rejects.texts(_as_given(row), row.reason) for row in rows)
    for line in chain([rejects.headings()], texts):
        written = StringIO()
        csv.writer(written, lineterminator="").writerow(line)
        yield written.getvalue()


def _as_given(rejected: staging.Rejected) -> Row:
    return Row(rejected.row, tuple(json.loads(rejected.cells)), is_ragged=False)


def write_rejects(table: FileTable, path: str | None = None) -> str | None:
    """Write the rejected rows with their reasons to a CSV, which can be corrected and imported.

    Args:
        table: the source of the rows.
        path: the new file; None creates one beside the source, under an unused name.

    Returns:
        Its path; None if no row was rejected.

    Raises:
        BadValue: it cannot be written; a partial file is removed.
        Changed: the rows were lost with the connection.
    """
    with Rejects(table, path) as rejects:
        for row in staging.rejected():
            rejects.add(_as_given(row), row.reason)
    return rejects.path
