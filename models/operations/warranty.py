"""A serial's warranty: start and end dates, or void with a reason."""

from __future__ import annotations

from datetime import date

from models import ledger
from models.database.unit import Unit, write
from models.errors import BadValue
from models.permissions import Actor, Permission, require
from models.words import clean_line


def set_warranty(
    actor: Actor,
    serial_id: int,
    start: date | None,
    end: date | None,
    *,
    void: str | None = None,
    note: str = "",
    version: int | None = None,
) -> None:
    """Set a serial's warranty; both dates None take it away.

    Args:
        start: the first day under warranty; None begins it at any time.
        end: the last day under warranty.
        void: why the warranty is void; None where it is not.
        version: the version that the person looked at.

    Raises:
        NotPermitted
        BadValue: the end is before the start, a start without an end, or void without dates or a reason.
        Changed: the serial was changed meanwhile.
    """
    if start and end is None:
        raise BadValue("The warranty has a start and no end. Give the last day too.", field="warranty_end")
    if start and end and end < start:
        raise BadValue(
            f"The warranty would end on {end}, before it starts on {start}. Correct one of the dates.",
            field="warranty_end",
        )
    if void is not None:
        void = clean_line(void, "reason why the warranty is void", longest=200, field="warranty_void")
        if end is None:
            raise BadValue("There is no warranty that could be void. Give its dates too.", field="warranty_end")
    note = clean_line(note, "note", longest=200, field="note", empty=True)
    fields = {"warranty_start": start, "warranty_end": end, "warranty_void": void}

    def work(unit: Unit) -> None:
        require(actor, Permission.MANAGE_SERIALS, "change warranties")
        states = ledger.lock([serial_id], None if version is None else {serial_id: version})
        if any(getattr(states[0], column) != value for column, value in fields.items()):
            ledger.change(unit, states, "warranty_set", fields=fields, note=note)

    write(actor, work)
