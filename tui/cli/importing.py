"""`serialdock import` and `import-template`: import serials from a file, and write a file to fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Final

from models.database.bulk import BLOCK
from models.errors import Changed
from models.importing import staging
from models.importing.columns import parse_mapping, write_template
from models.importing.imports import (
    Imported,
    Staged,
    import_staged,
    look,
    mapping_for,
    remember_mapping,
    stage,
    write_rejects,
)
from models.importing.staging import Counts
from models.importing.table import FileTable, open_table
from models.serials.judging import Reason
from tui.cli.output import GOOD, REFUSED, Output, counted, iso_time, local_time
from tui.cli.parser import Invocation, Opens, argument, command
from tui.cli.session import Session

MOST_SHOWN: Final = 20
"""Number of refused rows that the text output lists."""

MOST_WARNED: Final = 5
"""Number of warnings that the text output lists without --all-warnings."""

MOST_LISTED: Final = 10_000
"""Number of refused rows, and of rows with warnings, in JSON; the file of rejected rows has all refused ones."""

TRIES: Final = 3
"""Attempts to write the good rows if others add some of their serials meanwhile."""


@command(
    "import",
    summary="import serials from a CSV, TSV, XLSX or ODS file",
    arguments=(
        argument("file", metavar="FILE", help="its first row names the columns"),
        argument("--item", metavar="SKU", help="the item of all rows (else each row names its own)"),
        argument("--location", metavar="CODE", help="the place of rows that name none (else the item's own)"),
        argument("--sheet", metavar="NAME", help="the sheet of a workbook (else the first)"),
        argument(
            "--map",
            metavar="COLUMN=FIELD",
            dest="mapped",
            action="append",
            help="what a column is, by its heading, number or letter; again for more",
        ),
        argument("--add-quantity", action="store_true", help="the units are new; each adds one on hand"),
        argument("--skip-errors", action="store_true", help="leave out rows that cannot be imported"),
        argument("--all-warnings", action="store_true", help="list every warning, not the first five only"),
        argument("--dry-run", action="store_true", help="write nothing, say what would happen"),
    ),
    examples=(
        "serialdock import serials.csv --dry-run",
        "serialdock import delivery.xlsx --item DR-1800 --location DOCK --map B=serial_number --skip-errors",
    ),
    note=(
        "Fields: serial_number, item, location, status, condition_notes, warranty_start, warranty_end,\n"
        "date_received, customer. Without --map columns are known by their names, or as they were mapped before.\n"
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
    mapped: list[str] | None,
    add_quantity: bool,
    skip_errors: bool,
    all_warnings: bool,
    dry_run: bool,
) -> int:
    """Import a file and print the result."""
    looking = _progress(session.out, "Looking at the file")
    with open_table(file, sheet=sheet, progress=looking) as table:
        mapping = parse_mapping(mapped, table.header) if mapped else session.run(mapping_for, table.header)
        staged = session.run(
            stage,
            session.actor,
            table,
            mapping,
            item=item,
            location=location,
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
            if mapped and code == GOOD and not dry_run:
                session.run(remember_mapping, session.actor, table.header, mapping)
            return code
        finally:
            session.run(staging.end)


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
    for note in _earlier_imports(staged):
        out.warn(note)
    problem = session.run(_problem, staged)
    if problem and not (skip_errors and staged.counts.new):
        out.warn(problem)
        out.one({"error": "bad_value", "message": problem, **_result_data(session, staged, dry_run=dry_run)}, ())
        if not out.json:
            for line in chain(
                _refused_lines(session) if staged.counts.errors > 1 else (),
                _warning_lines(session, staged.counts, most_warned),
            ):
                out.warn(line)
        return REFUSED
    imported, rejects = None, None
    if not dry_run:
        staged, imported = _import(session, staged, add_quantity, skip_errors=skip_errors)
        rejects = session.run(write_rejects, table) if staged.counts.errors else None
    data = _result_data(session, staged, imported, rejects, dry_run=dry_run)
    out.one(
        data,
        chain(_result_lines(session, staged, imported, rejects), _warning_lines(session, staged.counts, most_warned)),
    )
    return GOOD


def _import(session: Session, staged: Staged, add_quantity: bool, *, skip_errors: bool) -> tuple[Staged, Imported]:
    """Write the good rows; with --skip-errors, retry without the serials that others added meanwhile.

    Raises:
        SerialdockError: nothing was written.
    """
    for turn in range(1, TRIES + 1):
        try:
            progress = _progress(session.out, "Importing")
            imported = session.run(
                import_staged, session.actor, staged.source, adds_quantity=add_quantity, progress=progress
            )
        except Changed:
            if not skip_errors or turn == TRIES:
                raise
            staged = session.run(look, staged.source)
        else:
            return staged, imported
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
        more = f", and {len(staged.before) - 1} times before that" if len(staged.before) > 1 else ""
        yield (
            f"The same file was imported before: {one.document}, {counted(one.serials, 'serial')}, by {one.login} "
            f"at {local_time(one.at)}{more}."
        )


def _result_data(
    session: Session,
    staged: Staged,
    imported: Imported | None = None,
    rejects: str | None = None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    counts, source = staged.counts, staged.source
    listed = session.run(lambda: list(staging.rejected(MOST_LISTED)))
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
        "units_added": imported.units if imported else 0,
        "customers_added": imported.customers if imported else 0,
        "rejected_file": rejects,
        "imported_before": [
            {"document": one.document, "user": one.login, "at": iso_time(one.at), "serials": one.serials}
            for one in staged.before
        ],
        "warnings": _warnings(session),
        "errors": [{"row": one.row, "serial_number": one.serial_number, "message": one.reason} for one in listed],
    }


def _result_lines(session: Session, staged: Staged, imported: Imported | None, rejects: str | None) -> Iterator[str]:
    counts = staged.counts
    if imported is None:
        yield f"Would import {counted(counts.new, 'serial')} from {staged.source.name}. Nothing was written."
        if staged.customers:
            yield f"Would make {counted(len(staged.customers), 'customer')}: {', '.join(staged.customers[:5])}."
    else:
        units = f"{imported.units:,} added to the quantity" if imported.units else "no quantity changed"
        serials = counted(imported.serials, "serial")
        yield f"Imported {serials} from {staged.source.name}, document {imported.document}; {units}."
        if imported.customers:
            yield f"{counted(imported.customers, 'customer')} made."
    if counts.errors:
        where = f" They are in {rejects}, each with its reason." if rejects else ""
        yield f"{counted(counts.errors, 'row')} left out.{where}"
        yield from _refused_lines(session)


def _refused_lines(session: Session) -> Iterator[str]:
    """The first refused rows, each with its reason."""
    listed = session.run(lambda: list(staging.rejected(MOST_SHOWN + 1)))
    for one in islice(listed, MOST_SHOWN):
        yield f"row {one.row:,}: {one.reason}"
    if len(listed) > MOST_SHOWN:
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
    last, left = -1, counts.warned if most is None else most
    while rows := session.run(_warning_rows, min(left, BLOCK), last):
        yield from (f"warning, row {one.row:,}: {one.text}" for one in rows)
        last, left = rows[-1].row, left - len(rows)
    if most is not None and counts.warned > most:
        yield f"… and {counts.warned - most:,} more; --all-warnings lists them."


def _warning_rows(limit: int, after: int = -1) -> list[staging.Warned]:
    return list(staging.warned(limit, after=after))


def _warnings(session: Session) -> list[dict[str, Any]]:
    """A JSON object per warning; a row may have one of each reason."""
    return [
        {"row": one.row, "serial_number": one.serial_number, "reason": str(reason), "message": message}
        for one in session.run(_warning_rows, MOST_LISTED)
        for reason, message in ((Reason.SHAPE, one.odd), (Reason.NEAR, one.alike))
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
