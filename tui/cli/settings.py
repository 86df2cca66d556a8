"""`serialdock setting …`: settings of the database, shared by everybody who uses it."""

from __future__ import annotations

from typing import Any, Final

from models.settings import NewPeople, SettingRow, list_settings, set_new_people, set_undo_minutes
from models.text import counted
from tui.cli.output import OutputColumn
from tui.cli.parser import Opens, argument, command, number
from tui.cli.session import Session

_MEANINGS: Final = {
    NewPeople.VIEWERS: "An account that nobody added becomes a viewer.",
    NewPeople.REFUSED: "An account that nobody added is refused; serialdock user add lets it in.",
}


@command(
    "setting new-people",
    summary="what happens to an account that nobody added",
    arguments=(
        argument(
            "policy",
            metavar="viewers|refused",
            choices=[str(policy) for policy in NewPeople],
            help="it becomes a viewer, or is refused until an administrator adds it",
        ),
    ),
    examples=("serialdock setting new-people refused",),
    opens=Opens.MADE,
    note="Users that are there stay. A new SQLite database has viewers, one on PostgreSQL refused.",
)
def change_new_people(session: Session, *, policy: str) -> None:
    """Set the policy for accounts that nobody added, and print it."""
    chosen = NewPeople(policy)
    row = session.run(set_new_people, session.actor, chosen)
    session.out.one(_data(row), [_MEANINGS[chosen]])


@command(
    "setting undo-minutes",
    summary="how long people may void their own documents",
    arguments=(argument("minutes", metavar="N", type=number, help="minutes; 0 for not at all"),),
    examples=("serialdock setting undo-minutes 30",),
    opens=Opens.MADE,
    note="Who has INV_VOID_SERIAL_EVENT may void any document at any time.",
)
def change_undo_minutes(session: Session, *, minutes: int) -> None:
    """Set the time in which people may void their own documents, and print it."""
    row = session.run(set_undo_minutes, session.actor, minutes)
    meaning = f"for {counted(minutes, 'minute')}" if minutes else "only with the permission INV_VOID_SERIAL_EVENT"
    session.out.one(_data(row), [f"People may void their own documents {meaning}."])


@command("setting list", summary="list the settings of the database")
def list_all_settings(session: Session) -> None:
    """Print all settings of the database."""
    columns = (OutputColumn("Setting", lambda row: row.name), OutputColumn("Value", lambda row: row.value))
    session.out.many([session.look(list_settings)], _data, columns)


def _data(row: SettingRow) -> dict[str, Any]:
    return {"name": row.name, "value": row.value}
