"""`serialdock import` and `import-template`: import serials from a file, and write a file to fill in."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from models.database.bulk import BLOCK
from models.errors import Changed, DatabaseTrouble, SerialdockError
from models.importing import staging
from models.importing.choices import NO_HEADER, NOTHING_CHOSEN, Choices, DateOrder
from models.importing.columns import Field, named_columns, parse_mapping, parse_values, write_template
from models.importing.imports import (
    Imported,
    Remedy,
    Staged,
    import_staged,
    propose_for,
    proposed,
    rejects_as_text,
    remember_mapping,
    remembered,
    stage,
    staged_state,
    write_rejects,
)
from models.importing.rows import MAKES
from models.importing.staging import Counts
from models.importing.table import FileTable, open_table
from models.ngrams import SEGMENT
from models.serials.judging import Reason
from models.text import counted, readable
from tui.cli.lists import encoding_name
from tui.cli.output import GOOD, REFUSED, MalformedError, Output, iso_time, local_time
from tui.cli.parser import Invocation, Opens, argument, command
from tui.cli.session import Session
from tui.text import visible

MOST_SHOWN: Final = 20
"""Number of refused rows that the text output lists."""

MOST_WARNED: Final = 5
"""Number of warnings that the text output lists without --all-warnings."""

MOST_LISTED: Final = 10_000
"""Number of refused rows, and of rows with warnings, in JSON; the file of rejected rows has all refused ones."""

MOST_MISSING: Final = 100
"""Number of unknown items, and of other unknown names, that the text output lists."""

MOST_MADE_NAMED: Final = 5
"""Number of items, and of others that would be made, that a dry run names."""

MADE_KINDS: Final = ("item", "location", "customer")
UNKNOWN: Final = {"item": "items", "location": "locations", "status": "statuses"}

REMEDIES: Final = {
    "several": "with several serial numbers in a cell: --split makes a row of each, --no-split one row.",
    "dates": "with dates of a column that has them in several orders: --dates dmy, mdy or ymd says which order it is.",
    "other_item": "of another item than --item names: --map COLUMN=ignore leaves the column out.",
    "placeholder": "with a placeholder for a serial number: --refuse-placeholders refuses them.",
}
"""Remedies for many rows, by the kind of `Remedy`; kinds that are not here have no option."""

TRIES: Final = 3
"""Attempts to write the good rows if others add some of their serials meanwhile."""


def header_row(value: str) -> int:
    """An argument type: the number of a row, or `none`.

    Raises:
        argparse.ArgumentTypeError: anything else.
    """
    if value.lower() == "none":
        return NO_HEADER
    if re.fullmatch("[0-9]{1,9}", value) is None or not int(value):
        raise ArgumentTypeError(f"'{readable(value)}' is neither a row, counted from 1, nor none")
    return int(value)


@command(
    "import",
    summary="import serials from a CSV or TSV file or a workbook",
    arguments=(
        argument("file", metavar="FILE", help="a row of it names the columns"),
        argument("--item", metavar="SKU", help="the item of all rows (else each row names its own)"),
        argument("--location", metavar="CODE", help="the place of rows that name none (else the item's own)"),
        argument("--sheet", metavar="NAME", help="the sheet of a workbook (else the first that is not hidden)"),
        argument(
            "--header-row",
            metavar="N|none",
            type=header_row,
            help="the row of the headings, or none (else it is found; rows above it are left out)",
        ),
        argument(
            "--encoding",
            metavar="NAME",
            type=encoding_name,
            help="the encoding of a text file, such as cp1252 or shift_jis (else it is told by its bytes)",
        ),
        argument(
            "--dates",
            choices=tuple(DateOrder),
            metavar="|".join(DateOrder),
            help="the order of dates such as 03/04/2025: day, month or year first (else each column decides)",
        ),
        argument("--hidden", choices=("include",), help="include: hidden and filtered rows are rows too"),
        argument(
            "--map",
            metavar="COLUMN=FIELD",
            dest="mapped",
            action="append",
            help="what a column is, by its heading, number or letter; again for more",
        ),
        argument(
            "--map-value",
            metavar="FIELD:TEXT=NAME",
            dest="values",
            action="append",
            help="what an unknown item, location, status or customer of the file is here; again for more",
        ),
        argument("--make", metavar="KINDS", help="make unknown items, locations, or both: items,locations"),
        argument(
            "--split",
            action=BooleanOptionalAction,
            help="several serials in a cell, or a range, are a row each, or else one serial (else the row is refused)",
        ),
        argument("--refuse-placeholders", action="store_true", help="N/A, 00000000 and the like are no serials"),
        argument("--add-quantity", action="store_true", help="the units are new; each adds one on hand"),
        argument("--skip-errors", action="store_true", help="leave out rows that cannot be imported"),
        argument("--all-warnings", action="store_true", help="list every warning, not the first five only"),
        argument("--dry-run", action="store_true", help="write nothing, say what would happen"),
    ),
    examples=(
        "serialdock import serials.csv --dry-run",
        "serialdock import old.csv --header-row 4 --encoding cp949 --dates dmy",
        "serialdock import delivery.xlsx --item DR-1800 --location DOCK --map B=serial_number --skip-errors",
        'serialdock import assets.csv --make items,locations --map-value "status:Deployed=In Stock"',
    ),
    note=(
        "Fields: serial_number, item, location, status, condition_notes, warranty_start, warranty_end,\n"
        "date_received, customer, warranty_term. Without --map columns are known by names and values, or as they were\n"
        "mapped before; --map COLUMN=ignore leaves one out. What --make makes needs the permission INV_EDIT_ITEMS.\n"
        "Header row, encoding, dates, columns and split are remembered for the next file with this header, if chosen.\n"
        "No serial that is there is changed. Without --skip-errors one wrong row keeps all from being written;\n"
        "with it, wrong rows go to a file beside FILE, each with its reason. A warning (a serial like another one, or\n"
        "unlike its item's others) keeps nothing from being imported. JSON lists the first 10,000 rows of either sort."
    ),
)
def import_file(
    session: Session,
    *,
    file: str,
    item: str | None,
    location: str | None,
    sheet: str | None,
    header_row: int | None,
    encoding: str | None,
    dates: str | None,
    hidden: str | None,
    mapped: list[str] | None,
    values: list[str] | None,
    make: str | None,
    split: bool | None,
    refuse_placeholders: bool,
    add_quantity: bool,
    skip_errors: bool,
    all_warnings: bool,
    dry_run: bool,
) -> int:
    """Import a file and print the result."""
    order = DateOrder(dates) if dates else None
    choices = Choices(header_row, encoding, order, split, refuse_placeholders, _kinds(make))
    with open_table(
        file,
        sheet=sheet,
        hidden=hidden is not None,
        choices=choices,
        recall=lambda headers: session.run(remembered, headers),
        progress=_progress(session.out, "Looking at the file"),
    ) as table:
        mapping = _mapping(session, table, mapped or ())
        staged = session.run(
            stage,
            session.actor,
            table,
            mapping,
            item=item,
            location=location,
            choices=choices,
            values=parse_values(values or ()),
            progress=_progress(session.out, "Reading"),
        )
        try:
            code = _import_and_print(
                session,
                table,
                staged,
                add_quantity,
                skip_errors=skip_errors,
                most_warned=None if all_warnings else MOST_WARNED,
                dry_run=dry_run,
            )
            if (mapped or choices != NOTHING_CHOSEN) and code == GOOD and not dry_run:
                _remember(session, table, mapping, choices)
            return code
        finally:
            with suppress(DatabaseTrouble):  # then the rows go with the connection
                session.run(staging.end)


def _mapping(session: Session, table: FileTable, mapped: Sequence[str]) -> dict[int, Field]:
    """The field of each column, with a hint for each that was decided by its values.

    Raises:
        BadValue
    """
    # With --map the mapping of an earlier file plays no part.
    proposal = session.run(proposed if mapped else propose_for, table)
    mapping = parse_mapping(mapped, table.header, proposal.mapping)
    named = named_columns(mapped, table.header)
    for hint in proposal.hints:  # of columns that --map decides, nothing is proposed any more
        if hint.column not in named and mapping.get(hint.column) == proposal.mapping.get(hint.column):
            session.out.warn(f"{hint.text} {hint.option}")
    return mapping


def _remember(session: Session, table: FileTable, mapping: dict[int, Field], choices: Choices) -> None:
    """Remember what was chosen for the next file with this header."""
    with _warned_about(session, "The columns are not remembered"):
        usual = session.run(proposed, table).mapping  # only what differs from it was chosen
        session.run(remember_mapping, session.actor, table.header, mapping, choices, usual=usual)


def _kinds(make: str | None) -> frozenset[str]:
    """The kinds of records to make.

    Raises:
        MalformedError
    """
    kinds = frozenset(word.strip().lower() for word in make.split(",")) if make is not None else frozenset()
    if wrong := kinds - MAKES.keys():
        raise MalformedError(f"--make {', '.join(sorted(wrong))}: what can be made is {' and '.join(MAKES)}.")
    return kinds


def _import_and_print(
    session: Session,
    table: FileTable,
    staged: Staged,
    add_quantity: bool,
    *,
    skip_errors: bool,
    most_warned: int | None,
    dry_run: bool,
) -> int:
    out = session.out
    for note in chain(table.notes, _earlier_imports(staged)):
        out.warn(note)
    if said := staged.source.hidden_said:
        out.warn(f"{said} --hidden include takes them too.")
    problem = session.run(_problem, staged)  # in the database: it may read the first rejected row
    if problem and not (skip_errors and staged.counts.new):
        listed = session.run(_listed, out)
        out.warn(problem)
        out.one({"error": "bad_value", "message": problem, **_result_data(staged, listed, dry_run=dry_run)}, ())
        if not out.json:
            for line in chain(
                _missing_lines(staged),
                _remedy_lines(staged),
                _refused_lines(listed) if staged.counts.errors > 1 else (),
                _warning_lines(session, staged.counts, most_warned),
            ):
                out.warn(line)
        return REFUSED
    imported, rejects = None, None
    if dry_run:
        listed = session.run(_listed, out)
    else:
        staged, listed, imported = _import(session, staged, add_quantity, skip_errors=skip_errors)
        # Behind the import: a full disk must not keep good rows out.
        rejects = _write_rejects(session, table, listed) if staged.counts.errors else None
    data = _result_data(staged, listed, imported, rejects, dry_run=dry_run)
    out.one(data, _result_lines(staged, listed, imported, rejects))
    if not out.json:
        with _warned_about(session, "Not all warnings can be listed"):
            out.one({}, _warning_lines(session, staged.counts, most_warned))
    if imported is not None:
        # As many segments as the import can have filled; what was missing before is for `migrate`.
        with suppress(SerialdockError):  # all is found without it, only later
            session.index(most=imported.serials // SEGMENT + 1)
    return GOOD


class ReadBefore(NamedTuple):
    """Rejected rows and warnings, read before the import: afterwards connection and staged rows may be lost."""

    rejected: list[staging.Rejected]
    """The first rejected ones."""
    warnings: list[dict[str, Any]]
    """JSON objects; empty unless the output is JSON."""


def _listed(out: Output) -> ReadBefore:
    return ReadBefore(list(staging.rejected(MOST_LISTED)), _warnings() if out.json else [])


@contextmanager
def _warned_about(session: Session, what: str) -> Iterator[None]:
    """Warn about trouble after the import was committed: the command has done what it was asked to do."""
    try:
        yield
    except (DatabaseTrouble, Changed) as trouble:
        session.out.warn(f"{what}: {trouble.what}")


def _write_rejects(session: Session, table: FileTable, listed: ReadBefore) -> str | None:
    """Write the file of rejected rows after the import; if that cannot be, print them on standard error."""
    try:
        return session.run(write_rejects, table)
    except SerialdockError as trouble:
        session.out.warn(f"The import is done. {trouble.what} The rows that were left out follow.")
    rows = listed.rejected
    with suppress(SerialdockError):  # else the first ones, which were read before
        rows = session.run(lambda: list(staging.rejected()))
    for line in rejects_as_text(table, rows):
        print(visible(line), file=sys.stderr)
    return None


def _import(
    session: Session, staged: Staged, add_quantity: bool, *, skip_errors: bool
) -> tuple[Staged, ReadBefore, Imported]:
    """Write the good rows; with --skip-errors, retry without the serials that others added meanwhile.

    Raises:
        SerialdockError: nothing was written.
    """
    for turn in range(1, TRIES + 1):
        try:
            listed = session.run(_listed, session.out)
            progress = _progress(session.out, "Importing")
            imported = session.run(
                import_staged, session.actor, staged.source, adds_quantity=add_quantity, progress=progress
            )
        except Changed:
            if not skip_errors or turn == TRIES:  # without it all rows are asked for, so fewer would be wrong
                raise
            staged = session.run(staged_state, staged.source)
        else:
            return staged, listed, imported
    raise AssertionError("unreachable")  # pragma: no cover


def _problem(staged: Staged) -> str:
    return staged.problem


def _progress(out: Output, what: str) -> Callable[[int, int], None]:
    show = out.progress()
    if show is None:
        return lambda done, total: None
    return lambda done, total: show(what, done, max(total, 1))


def _earlier_imports(staged: Staged) -> Iterator[str]:
    for one in staged.before[:1]:
        times = len(staged.before) - 1
        more = f", and {counted(times, 'time')} before that" if times else ""
        yield (
            f"The same file was imported before: {one.document}, {counted(one.serials, 'serial')}, by {one.login} "
            f"at {local_time(one.at)}{more}."
        )


def _result_data(
    staged: Staged,
    listed: ReadBefore,
    imported: Imported | None = None,
    rejects: str | None = None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    counts, source = staged.counts, staged.source
    return {
        "document": imported.document if imported else None,
        "file": source.name,
        "size": source.size,
        "sha256": source.sha256,
        "dry_run": dry_run,
        "rows": counts.rows,
        "good": counts.new,
        "imported": imported.serials if imported else 0,
        "warned": counts.warned,
        "refused": counts.errors,
        "hidden": source.hidden_rows,
        "units_added": imported.units if imported else 0,
        "customers_added": imported.customers if imported else 0,
        "rejected_file": rejects,
        "items_added": imported.items if imported else 0,
        "locations_added": imported.locations if imported else 0,
        "missing": [
            {
                "kind": one.kind,
                "name": one.name,
                "rows": one.rows,
                "made": one.is_made,
                "code": one.code or None,
                "message": one.why_not or None,
            }
            for one in staged.missing[:MOST_LISTED]
        ],
        "remedies": [{"reason": one.kind, "rows": one.rows} for one in _remedies(staged)],
        "imported_before": [
            {"document": one.document, "user": one.login, "at": iso_time(one.at), "serials": one.serials}
            for one in staged.before
        ],
        "warnings": listed.warnings,
        "errors": [
            {"row": one.row, "serial_number": one.serial_number, "message": one.reason} for one in listed.rejected
        ],
    }


def _result_lines(staged: Staged, listed: ReadBefore, imported: Imported | None, rejects: str | None) -> Iterator[str]:
    counts = staged.counts
    if imported is None:
        yield f"Would import {counted(counts.new, 'serial')} from {staged.source.name}. Nothing was written."
        for kind in MADE_KINDS:
            if names := [one.code or one.name for one in staged.missing if one.is_made and one.kind == kind]:
                more = f" and {len(names) - MOST_MADE_NAMED:,} more" if len(names) > MOST_MADE_NAMED else ""
                yield f"Would make {counted(len(names), kind)}: {', '.join(names[:MOST_MADE_NAMED])}{more}."
    else:
        units = f"{imported.units:,} added to the quantity" if imported.units else "no quantity changed"
        serials = counted(imported.serials, "serial")
        yield f"Imported {serials} from {staged.source.name}, document {imported.document}; {units}."
        numbers = zip((imported.items, imported.locations, imported.customers), MADE_KINDS, strict=True)
        if made := [counted(number, kind) for number, kind in numbers if number]:
            yield f"{', '.join(made)} made."
    yield from _missing_lines(staged)
    yield from _remedy_lines(staged)
    if counts.errors:
        where = f" They are in {rejects}, each with its reason." if rejects else ""
        yield f"{counted(counts.errors, 'row')} left out.{where}"
        yield from _refused_lines(listed)


def _missing_lines(staged: Staged) -> Iterator[str]:
    """The names that rows have and that nothing here has, with the number of their rows."""
    for kind, noun in UNKNOWN.items():
        unknown = [record for record in staged.missing if record.kind == kind and not record.is_made]
        if not unknown:
            continue
        rows = counted(sum(record.rows for record in unknown), "row")
        makes = f"--make {noun} makes them, " if noun in MAKES else ""
        also = f" --map-value {kind}:TEXT=NAME says what one is here." if makes else ""
        how = f"{makes.removesuffix(', ')}.{also}" if makes else f"--map-value {kind}:TEXT=NAME says what one is here."
        yield f"Unknown {noun}: {len(unknown):,}, in {rows}. {how}"
        for record in unknown[:MOST_MISSING]:
            why = f" ({record.why_not})" if record.why_not else ""
            yield f"  {record.name}: {counted(record.rows, 'row')}{why}"
        if len(unknown) > MOST_MISSING:
            yield f"  … and {len(unknown) - MOST_MISSING:,} more; --json lists them."


def _remedies(staged: Staged) -> Iterator[Remedy]:
    return (remedy for remedy in staged.remedies if remedy.kind in REMEDIES)


def _remedy_lines(staged: Staged) -> Iterator[str]:
    """Remedies for many rows at once."""
    for remedy in _remedies(staged):
        yield f"{counted(remedy.rows, 'row')} {REMEDIES[remedy.kind]}"


def _refused_lines(listed: ReadBefore) -> Iterator[str]:
    """The first refused rows, each with its reason."""
    for one in islice(listed.rejected, MOST_SHOWN):
        yield f"row {one.row:,}: {one.reason}"
    if len(listed.rejected) > MOST_SHOWN:
        yield "… and more; --json lists them."


def _warning_lines(session: Session, counts: Counts, most: int | None) -> Iterator[str]:
    """The warnings of rows that can be imported.

    Args:
        session: of the command.
        counts: of the rows.
        most: number of warnings to list; None for all.
    """
    if not counts.warned:
        return
    have = "row has" if counts.warned == 1 else "rows have"
    yield f"{counts.warned:,} {have} a warning; warnings refuse nothing."
    # In blocks: a million warnings are printed as they are read.
    last, left = -1, counts.warned if most is None else most
    while rows := session.run(_warning_rows, min(left, BLOCK), last):
        yield from (f"warning, row {one.row:,}: {one.text}" for one in rows)
        last, left = rows[-1].key, left - len(rows)
    if most is not None and counts.warned > most:
        yield f"… and {counts.warned - most:,} more; --all-warnings lists them."


def _warning_rows(limit: int, after: int = -1) -> list[staging.Warned]:
    return list(staging.warned(limit, after=after))


def _warnings() -> list[dict[str, Any]]:
    """A JSON object per warning; a row may have one about itself, one about another serial, and one about a draft."""
    return [
        {"row": one.row, "serial_number": one.serial_number, "reason": str(reason), "message": message}
        for one in _warning_rows(MOST_LISTED)
        for reason, message in ((one.doubt, one.odd), (Reason.NEAR, one.alike), (Reason.OPEN_DRAFT, one.drafted))
        if message
    ]


@command(
    "import-template",
    summary="write a file to fill in and import",
    arguments=(
        argument("file", metavar="FILE", help="a .csv or .xlsx"),
        argument("--force", action="store_true", help="write over a file that is there"),
    ),
    examples=("serialdock import-template serials.xlsx",),
    opens=Opens.NOTHING,
)
def import_template(invocation: Invocation, *, file: str, force: bool) -> None:
    """Write a file to fill in; its suffix chooses the format, and `force` overwrites an existing file.

    Raises:
        BadValue: it exists already, or cannot be written.
    """
    write_template(file, force=force)
    said = f"Written: {file}. Fill it in, take the examples out, then: serialdock import {file}"
    invocation.out.one({"file": file}, [said])
