"""Make a place that holds stock."""

from __future__ import annotations

from models.database.unit import Unit, write
from models.errors import Duplicate
from models.lookups.locations import find_location, location_or_none
from models.permissions import Actor, Permission, require
from models.schema import Location
from models.words import clean_code, clean_line


def create_location(actor: Actor, code: str, name: str = "", *, parent: str | None = None) -> Location:
    """Make a location.

    Args:
        code: what its label says; unique whatever the case.
        parent: the code of the place that it is in.

    Raises:
        NotPermitted, BadValue
        Duplicate: the code is used.
        NotFound: the parent.
    """
    code = clean_code(code, "location code", field="code")
    name = clean_line(name, "location's name", field="name", empty=True)

    def work(_: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "make locations")
        if there := location_or_none(code):
            raise Duplicate(f"The location {there.code} is there already. Choose another code.", field="code")
        return Location.create(code=code, name=name, parent=find_location(parent).id if parent else None)

    return write(actor, work)
