"""How a serial's history reads: newest first, one entry a line where the width allows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models.serials.record import Event
from tui.text import moment, visible

ONE_LINE = 64
"""Cells from which on an entry stands beside its date."""


DAYS_ONLY = 26
"""Cells under which an entry says what and its day, not the time and who."""


def history(events: Iterable[Event], labels: Mapping[str, str], width: int) -> RenderableType:
    """The events, newest first.

    Args:
        events: oldest first, as they are looked up.
        labels: the word for each status, by its code.
        width: cells.
    """
    rows = [(moment(event.at), event.done, what_happened(event, labels), who(event)) for event in events]
    return _entries(reversed(rows), width)


def who(event: Event) -> str:
    """Who did it, and who sat at the terminal where that was somebody else."""
    return f"{event.user} by {event.login_user}" if event.login_user else event.user


def what_happened(event: Event, labels: Mapping[str, str]) -> str:
    """From where to where, in words, with document and note; any text, not yet made visible."""
    parts = []
    if event.from_status is None:
        parts.append(f"{labels.get(event.to_status, event.to_status)} at {event.to_location}")
    else:
        if event.from_status != event.to_status:
            before, after = (labels.get(code, code) for code in (event.from_status, event.to_status))
            parts.append(f"{before} → {after}")
        if event.from_location != event.to_location:
            parts.append(f"{event.from_location} → {event.to_location}")
    if event.from_customer != event.to_customer:
        parts.append(f"to {event.to_customer}" if event.to_customer else f"from {event.from_customer}")
    if event.document:
        parts.append(event.document)
    parts += _changes(event.changes, is_new=event.from_status is None)
    if event.note:
        parts.append(f"“{event.note}”")
    return " · ".join(parts)


def _changes(changes: Mapping[str, list[Any]], *, is_new: bool) -> list[str]:
    parts = []
    if "condition_notes" in changes:
        before, after = changes["condition_notes"]
        parts.append(f"“{after}”" if after else "condition notes removed")
        if before and not is_new:
            parts.append(f"before “{before}”")
    parts += _warranty(changes)
    return parts


def _warranty(changes: Mapping[str, list[Any]]) -> list[str]:
    """What changed in a warranty, and what its dates were before."""
    parts = []
    start, end = changes.get("warranty_start", [None, None]), changes.get("warranty_end", [None, None])
    if "warranty_end" in changes:
        parts.append(f"warranty {_span(start[1], end[1])}" if end[1] else "warranty taken away")
        if end[0]:
            parts.append(f"before {_span(start[0], end[0])}")
    elif "warranty_start" in changes:
        parts.append(f"warranty from {start[1] or 'any day'}")
        if start[0]:
            parts.append(f"before from {start[0]}")
    if "warranty_void" in changes:
        reason = changes["warranty_void"][1]
        parts.append(f"void: {reason}" if reason else "no longer void")
    return parts


def _span(start: str | None, end: str) -> str:
    return f"{start} → {end}" if start else f"until {end}"


def _entries(rows: Iterable[tuple[str, str, str, str]], width: int) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    if width < ONE_LINE:
        table.add_column(overflow="fold")
        for at, what, text, user in rows:
            first = Text.assemble((at, "dim"), "  ", (visible(what), "bold"), "  ", (visible(user), "dim"))
            if width < DAYS_ONLY:
                first = Text.assemble((visible(what), "bold"), " ", (at.partition(" ")[0], "dim"))
            first.no_wrap, first.overflow = True, "ellipsis"
            table.add_row(first)
            if text:
                table.add_row(Padding(_text(text), (0, 0, 0, 2)))
        return table
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=20, overflow="ellipsis")
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True, max_width=18, overflow="ellipsis", justify="right")
    for at, what, text, user in rows:
        table.add_row(Text(at, "dim"), Text(visible(what), "bold"), _text(text), Text(visible(user), "dim"))
    return table


def _text(text: str) -> Text:
    return Text(visible(text, lines=True), overflow="fold")
