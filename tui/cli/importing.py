"""`serialdock import` and `import-template`: serials from a file, all or none, or all that can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Final

from models.database.bulk import BLOCK
from models.errors import Changed
from models.importing import staging
from models.importing.columns import parse_mapping
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
from models.importing.table import Table, open_table
from models.serials.judging import Reason
from tui.cli.command import GOOD, REFUSED
from tui.cli.output import Output, counted, minute, moment
from tui.cli.session import Session

MOST_TOLD: Final = 20
"""Rows about which text says why they are refused."""

MOST_WARNED: Final = 5
"""Rows about which text says what looks odd, unless all are wanted."""

MOST_LISTED: Final = 10_000
"""Rows of either sort that JSON lists; the file of rejected rows has all."""

TRIES: Final = 3
"""How often good rows are written anew because somebody else added a serial of them meanwhile."""


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
    """Import a file, and print what became of it."""
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
            code = _carry_out(
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


def _carry_out(
    session: Session,
    table: Table,
    staged: Staged,
    add_quantity: bool,
    *,
    skip_errors: bool,
    most_warned: int | None,
    dry_run: bool,
) -> int:
    out = session.out
    for note in _before(staged):
        out.warn(note)
    problem = session.run(_problem, staged)
    if problem and not (skip_errors and staged.counts.new):
        out.warn(problem)
        out.one({"error": "bad_value", "message": problem, **_data(session, staged, dry_run=dry_run)}, ())
        if not out.json:
            for line in chain(
                _told(session) if staged.counts.errors > 1 else (), _warned(session, staged.counts, most_warned)
            ):
                out.warn(line)
        return REFUSED
    imported, rejects = None, None
    if not dry_run:
        staged, imported = _import(session, staged, add_quantity, skip_errors=skip_errors)
        rejects = session.run(write_rejects, table) if staged.counts.errors else None
    data = _data(session, staged, imported, rejects, dry_run=dry_run)
    out.one(data, chain(_lines(session, staged, imported, rejects), _warned(session, staged.counts, most_warned)))
    return GOOD


def _import(session: Session, staged: Staged, add_quantity: bool, *, skip_errors: bool) -> tuple[Staged, Imported]:
    """Write what is good; what others took meanwhile is left out where errors are.

    Raises:
        SerialdockError
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


def _before(staged: Staged) -> Iterator[str]:
    for one in staged.before[:1]:
        more = f", and {len(staged.before) - 1} times before that" if len(staged.before) > 1 else ""
        yield (
            f"The same file was imported before: {one.document}, {counted(one.serials, 'serial')}, by {one.login} "
            f"at {minute(one.at)}{more}."
        )


def _data(
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
            {"document": one.document, "user": one.login, "at": moment(one.at), "serials": one.serials}
            for one in staged.before
        ],
        "warnings": _warnings(session),
        "errors": [{"row": one.row, "serial_number": one.serial_number, "message": one.reason} for one in listed],
    }


def _lines(session: Session, staged: Staged, imported: Imported | None, rejects: str | None) -> Iterator[str]:
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
        yield from _told(session)


def _told(session: Session) -> Iterator[str]:
    """Why rows are refused, the first ones by name."""
    listed = session.run(lambda: list(staging.rejected(MOST_TOLD + 1)))
    for one in islice(listed, MOST_TOLD):
        yield f"row {one.row:,}: {one.reason}"
    if len(listed) > MOST_TOLD:
        yield "… and more; --json lists them."


def _warned(session: Session, counts: Counts, most: int | None) -> Iterator[str]:
    """What looks odd about rows that can be imported.

    Args:
        session: the command's.
        counts: how the rows stand.
        most: of how many it is told; None is all.
    """
    if not counts.warned:
        return
    have = "row has" if counts.warned == 1 else "rows have"
    yield f"{counts.warned:,} {have} a warning; warnings refuse nothing."
    last, left = -1, counts.warned if most is None else most
    while rows := session.run(_listed, min(left, BLOCK), last):
        yield from (f"warning, row {one.row:,}: {one.text}" for one in rows)
        last, left = rows[-1].row, left - len(rows)
    if most is not None and counts.warned > most:
        yield f"… and {counts.warned - most:,} more; --all-warnings lists them."


def _listed(limit: int, after: int = -1) -> list[staging.Warned]:
    return list(staging.warned(limit, after=after))


def _warnings(session: Session) -> list[dict[str, Any]]:
    """An object for each warning; a row may have both."""
    return [
        {"row": one.row, "serial_number": one.serial_number, "reason": str(reason), "message": message}
        for one in session.run(_listed, MOST_LISTED)
        for reason, message in ((Reason.SHAPE, one.odd), (Reason.NEAR, one.alike))
        if message
    ]


def import_template(out: Output, *, url: str | None, user: str | None, file: str, force: bool) -> None:
    """Write a file to fill in.

    Args:
        out: where it says so.
        url: not used: no database is opened.
        user: not used.
        file: a path that ends with .csv or .xlsx.
        force: write over a file that is there.

    Raises:
        BadValue: it is there already, or cannot be written.
    """
    from models.importing.columns import write_template  # noqa: PLC0415 - for this command alone

    write_template(file, force=force)
    out.one({"file": file}, [f"Written: {file}. Fill it in, take the examples out, then: serialdock import {file}"])
