"""`serialdock receive`: a list, a range, or a first serial and a count, received at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from models.errors import BadValue
from models.lookups.items import find_item
from models.operations.receive_list import REFUSED, WARNING, Report, Told, receive_list
from models.tasks import ranges
from tui.cli.command import GOOD, MalformedError
from tui.cli.command import REFUSED as CODE_REFUSED
from tui.cli.output import counted
from tui.cli.session import Session

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a list."""

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
    texts = _texts(source, ranges_given, first, count)
    if expected is not None and expected < 1:
        raise MalformedError(f"--expected takes a number above zero, not {expected}.")
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
    refused = bool(report.problem) and not skip_errors
    if refused:
        session.out.warn(report.problem)
    data = _data(report, refused=refused)
    session.out.one(data, () if refused else _lines(report, dry_run=dry_run))
    if refused and not session.out.json and len(report.refused) > 1:
        for line in _told(report):
            session.out.warn(line)
    return CODE_REFUSED if refused or not report.good else GOOD


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
    """The lines of a file, or of standard input for `-`, blank ones left out.

    Raises:
        BadValue
    """
    name = "standard input" if source == "-" else source
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(source).open("rb") as file:
                raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file name"
        raise BadValue(f"{name} cannot be read: {reason}. Name a text file with one serial a line.") from None
    if len(raw) > LARGEST:
        raise BadValue(f"{name} has more than {LARGEST // 1024 // 1024} MB. Give the serials in parts.")
    if b"\0" in raw:
        raise BadValue(f"{name} is no text file. Name one with one serial a line, in UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadValue(f"{name} is not UTF-8 in line {line:,}. Save it as UTF-8, one serial a line.") from None
    lines = [line for line in map(str.strip, text.replace("\r", "\n").split("\n")) if line]
    if not lines:
        raise BadValue(f"{name} has no serial in it. Give one serial a line.")
    return lines


def _data(report: Report, *, refused: bool) -> dict[str, Any]:
    good = report.good
    said = {"error": report.code, "message": report.problem} if refused else {}
    return {
        **said,
        "document": report.document,
        "item": report.sku,
        "location": report.location,
        "received": len(good) if report.document else 0,
        "refused": len(report.refused),
        "units_added": report.units,
        "serials": [_serial(told) for told in report.serials],
    }


def _serial(told: Told) -> dict[str, Any]:
    return {
        "serial_number": told.serial_number,
        "verdict": told.verdict,
        "reason": told.reason or None,
        "message": told.message or None,
    }


def _lines(report: Report, *, dry_run: bool) -> Iterator[str]:
    serials = counted(len(report.good), "serial")
    place = f"of {report.sku} at {report.location}"
    if report.document:
        units = f"{report.units:,} added to the quantity" if report.units else "no quantity changed"
        yield f"Received {serials} {place}, document {report.document}; {units}."
    elif dry_run:
        yield f"Would receive {serials} {place}. Nothing was written."
    else:
        yield f"Nothing to receive {place}. Nothing was written."
    if report.mismatch:
        yield report.mismatch.removesuffix(" Nothing was written.")
    yield from _told(report)


def _told(report: Report) -> Iterator[str]:
    """What is to be said of single serials."""
    said = [told for told in report.serials if told.verdict in (REFUSED, WARNING)]
    for told in said[:MOST_TOLD]:
        yield f"{told.verdict}: {told.message}"
    if len(said) > MOST_TOLD:
        yield f"… and {len(said) - MOST_TOLD:,} more; --json lists all."
