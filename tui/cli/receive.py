"""`serialdock receive`: a list, a range, or a first serial and a count, received at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from models.items.items import find_item
from models.serials import ranges
from models.serials.receive import Report, Told, receive_list
from tui.cli.command import GOOD, REFUSED, MalformedError
from tui.cli.output import counted
from tui.cli.session import Session

MOST_TOLD: Final = 20
"""Serials about which text says something; JSON has all."""


def receive(
    session: Session,
    *,
    item: str,
    location: str,
    source: str | None,
    ranges_given: list[str] | None,
    first: str | None,
    count: int | None,
    expected: int | None,
    no_quantity: bool,
    skip_errors: bool,
    dry_run: bool,
) -> int:
    """Receive serials, and print what became of each."""
    if expected is not None and expected < 1:
        raise MalformedError(f"--expected takes a number above zero, not {expected}.")
    texts = _texts(source, ranges_given, first, count)
    found = session.run(find_item, item)
    report = session.run(
        receive_list,
        session.actor,
        found.id,
        texts,
        location=location,
        expected=expected,
        adds_quantity=not no_quantity,
        skip_errors=skip_errors,
        dry_run=dry_run,
    )
    out = session.out
    refused = bool(report.problem) and not (skip_errors and report.good)
    data = _data(report, dry_run=dry_run, refused=refused)
    if not refused:
        out.one(data, _lines(report, dry_run=dry_run, adds_quantity=not no_quantity, numbered=source is not None))
        return GOOD
    out.warn(report.problem)
    out.one(data, ())
    if not out.json and (len(report.refused) != 1 or report.warned):  # a single one was named by the problem
        for line in _told(report, numbered=source is not None):
            out.warn(line)
    return REFUSED


def _texts(source: str | None, ranges_given: list[str] | None, first: str | None, count: int | None) -> list[str]:
    """The serials of the one source that is given.

    Raises:
        MalformedError: there is none, or several.
        BadValue: it cannot be read.
    """
    if (first is None) != (count is None):
        raise MalformedError("--first and --count belong together. See serialdock receive --help.")
    given = [source is not None, bool(ranges_given), first is not None]
    if sum(given) != 1:
        raise MalformedError(
            "Name the serials in one way: --from FILE, --range A..B, or --first S --count N. "
            "See serialdock receive --help."
        )
    if source is not None:
        return _read(source)
    if ranges_given:
        return ranges.parse("\n".join(ranges_given)).serials()
    assert first is not None
    assert count is not None
    return list(ranges.counted(first, count).serials())


def _read(source: str) -> list[str]:
    """The lines of a file, or of standard input for `-`.

    Raises:
        BadValue: it cannot be read, is no text, or has nothing in it.
        MalformedError: it is no name.
    """
    name = "standard input" if source == "-" else source
    if not name:
        raise MalformedError("--from names no file. See serialdock receive --help.")
    try:
        if source == "-":
            stream = getattr(sys.stdin, "buffer", None)  # None where the program was started without
            raw = stream.read(ranges.LARGEST + 1) if stream else b""
        else:
            with Path(source).open("rb") as file:  # a pipe too, such as the shell makes of <(command)
                raw = file.read(ranges.LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ranges.unreadable(name, ranges.reason_of(error)) from None
    return ranges.decoded(raw, name)


def _data(report: Report, *, dry_run: bool, refused: bool) -> dict[str, Any]:
    said = {"error": report.code, "message": report.problem} if refused else {}
    good = len(report.good)
    return {
        **said,
        "document": report.document,
        "item": report.sku,
        "location": report.location,
        "dry_run": dry_run,
        "good": good,
        "received": good if report.document else 0,
        "refused": len(report.refused),
        "units_added": report.units,
        "mismatch": report.mismatch or None,
        "serials": [_serial(told) for told in report.serials],
    }


def _serial(told: Told) -> dict[str, Any]:
    return {
        "line": told.line,
        "serial_number": told.serial_number,
        "verdict": told.verdict,
        "reason": told.reason or None,
        "message": told.message or None,
    }


def _lines(report: Report, *, dry_run: bool, adds_quantity: bool, numbered: bool) -> Iterator[str]:
    serials = f"{counted(len(report.good), 'serial')} of {report.sku} at {report.location}"
    if dry_run:
        units = f"{len(report.good):,} would be added to the quantity" if adds_quantity else "no quantity would change"
        yield f"Would receive {serials}; {units}. Nothing was written."
    else:
        units = f"{report.units:,} added to the quantity" if report.units else "no quantity changed"
        yield f"Received {serials}, document {report.document}; {units}."
    if report.mismatch:
        yield report.mismatch
    yield from _told(report, numbered=numbered)


def _told(report: Report, *, numbered: bool) -> Iterator[str]:
    """What is to be said of single serials, the refused ones first, each with its line where it came from a file."""
    said = [*report.refused, *report.warned]
    for told in said[:MOST_TOLD]:
        where = f", line {told.line:,}" if numbered else ""
        yield f"{told.verdict}{where}: {told.message}"
    if len(said) > MOST_TOLD:
        yield f"… and {len(said) - MOST_TOLD:,} more; --json lists all."
