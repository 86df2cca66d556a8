"""`serialdock location …`: make and list places."""

from __future__ import annotations

from models import views
from models.locations import Place, create_location
from tui.cli.output import Column
from tui.cli.session import Session


def add_location(session: Session, *, code: str, name: str, parent: str | None) -> None:
    """Make a place and print it."""
    made = session.run(create_location, session.actor, code, name, parent=parent)
    above = session.run(lambda: made.parent.code if made.parent else None)
    inside = f" in {above}" if above else ""
    data = {"code": made.code, "name": made.name, "parent": above}
    session.out.one(data, [f"Location {made.code}{inside} is there now."])


def list_locations(session: Session) -> None:
    """Print all places."""
    columns = (
        Column("Location", lambda place: "  " * place.depth + place.code),
        Column("Name", lambda place: place.name),
    )
    session.out.many([session.run(views.places, session.actor)], _data, columns)


def _data(place: Place) -> dict[str, str | None]:
    return {"code": place.code, "name": place.name, "parent": place.parent}
