"""`serialdock drafts …`: what was scanned at stations and is not stock yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from models import clock, views
from models.station import drafts
from models.station.drafts import DraftRow
from models.station.lines import Line
from tui.cli.output import Column, counted, facts, minute, moment, table
from tui.cli.session import Session

MOST_NAMED: Final = 20
"""Serials of a list that text names; JSON has all."""


def list_drafts(session: Session) -> None:
    """Print the open drafts, the last changed first."""
    session.out.many([session.run(views.open_drafts, session.actor)], _row_data, _COLUMNS)


def show(session: Session, *, id: int) -> None:  # noqa: A002 - the argument's name is public
    """Print a draft with its lines."""
    found = session.run(views.draft, session.actor, id)
    row = found.row
    data = {
        **_row_data(row),
        "people": [{"user": login, "at": moment(at)} for login, at in found.people],
        "items": [
            {
                "item": item.sku,
                "expected": item.expected,
                "adds_quantity": item.adds_quantity,
                "missing": item.missing,
                "not_announced": item.unannounced,
            }
            for item in found.items
        ],
        "lines": [_line_data(line) for line in found.lines],
    }
    session.out.one(data, _text(found))


def _text(found: views.Draft) -> list[str]:
    row = found.row
    lines = list(
        facts(
            (
                ("Draft", f"{row.id}, {row.task}"),
                ("Location", row.location),
                ("Item", row.sku),
                ("Progress", row.progress),
                ("Problems", row.problems),
                ("In use", "yes" if row.is_in_use(clock.now()) else "no"),
                ("People", ", ".join(f"{login} since {minute(at)}" for login, at in found.people)),
                ("Last scan", minute(row.changed_at)),
            )
        )
    )
    for item in found.items:
        quantity = "adds to the quantity" if item.adds_quantity else "quantity stays"
        lines.append(f"{item.sku}: {item.expected or 'no number'} expected, {quantity}")
        lines += _by_name("missing", item.missing)
        lines += _by_name("not announced", item.unannounced)
    return [*lines, "", *table([found.lines], _LINE_COLUMNS)]


def _by_name(what: str, serials: Sequence[str]) -> list[str]:
    if not serials:
        return []
    more = f" and {len(serials) - MOST_NAMED:,} more" if len(serials) > MOST_NAMED else ""
    return [f"  {what}: {', '.join(serials[:MOST_NAMED])}{more}"]


def discard(session: Session, *, id: int) -> None:  # noqa: A002
    """Throw a draft away."""
    row = session.run(drafts.discard, session.actor, id)
    scanned = counted(row.good + row.problems, "scanned serial")
    session.out.one({**_row_data(row), "state": "discarded"}, [f"Discarded draft {row.id} with {scanned}."])


def take_over(session: Session, *, id: int) -> None:  # noqa: A002
    """Make a draft the acting user's, to be continued at a station."""
    before = session.run(drafts.claim_for, session.actor, id)
    row = session.run(drafts.find_draft, id)
    said = f"Draft {row.id} is {row.login}'s now. F7 on the list of items continues it."
    lost = f" {before.login}'s station will be told at its next scan." if before.is_in_use(clock.now()) else ""
    session.out.one(_row_data(row), [said + lost])


def hand_over(session: Session, *, id: int, to: str) -> None:  # noqa: A002
    """Give a draft to another user."""
    session.run(drafts.hand_over, session.actor, id, to)
    row = session.run(drafts.find_draft, id)
    session.out.one(_row_data(row), [f"Draft {row.id} is {row.login}'s now. F7 on the list of items continues it."])


def _row_data(row: DraftRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "task": row.task,
        "location": row.location or None,
        "item": row.sku or None,
        "good": row.good,
        "problems": row.problems,
        "expected": row.expected or None,
        "user": row.login,
        "started_by": row.started_by,
        "started_at": moment(row.started_at),
        "changed_at": moment(row.changed_at),
        "in_use": row.is_in_use(clock.now()),
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "line": line.position,
        "state": line.state,
        "serial_number": line.serial_number or None,
        "scan": line.scan,
        "how": line.how,
        "item": line.sku or None,
        "location": line.location or None,
        "at": moment(line.at),
        "user": line.login,
        "reason": line.reason or None,
        "message": line.message or None,
    }


_COLUMNS: Sequence[Column] = (
    Column("Id", lambda row: row.id, right=True),
    Column("Task", lambda row: row.task),
    Column("Location", lambda row: row.location),
    Column("Item", lambda row: row.sku),
    Column("Progress", lambda row: row.progress),
    Column("Problems", lambda row: row.problems, right=True),
    Column("By", lambda row: row.login),
    Column("Started by", lambda row: row.started_by),
    Column("Started", lambda row: minute(row.started_at)),
    Column("Last scan", lambda row: minute(row.changed_at)),
    Column("In use", lambda row: "yes" if row.is_in_use(clock.now()) else "no"),
)

_LINE_COLUMNS: Sequence[Column] = (
    Column("Line", lambda line: line.position, right=True),
    Column("State", lambda line: line.state),
    Column("Serial Number", lambda line: line.shown),
    Column("Item", lambda line: line.sku),
    Column("Location", lambda line: line.location),
    Column("When", lambda line: minute(line.at)),
    Column("Who", lambda line: line.login),
    Column("Message", lambda line: line.message),
)
