"""Condition notes, and remarks in a serial's history."""

from __future__ import annotations

from models import ledger
from models.database.unit import Unit, write
from models.errors import BadValue
from models.permissions import Actor, Permission, require
from models.words import clean_note


def set_condition_notes(actor: Actor, serial_id: int, notes: str, *, version: int | None = None) -> None:
    """Replace a serial's condition notes; the history keeps the old ones.

    Args:
        version: the version that the person looked at.

    Raises:
        NotPermitted, BadValue
        Changed: the serial was changed meanwhile.
    """
    notes = clean_note(notes, "condition note", field="condition_notes")

    def work(unit: Unit) -> None:
        require(actor, Permission.MANAGE_SERIALS, "change condition notes")
        states = ledger.lock([serial_id], None if version is None else {serial_id: version})
        if states[0].condition_notes != notes:
            ledger.change(unit, states, "condition_noted", fields={"condition_notes": notes})

    write(actor, work)


def add_note(actor: Actor, serial_id: int, note: str) -> None:
    """Write a remark into a serial's history; nothing else changes.

    Raises:
        NotPermitted, BadValue
    """
    note = clean_note(note)
    if not note:
        raise BadValue("The note is empty. Type one.", field="note")

    def work(unit: Unit) -> None:
        require(actor, Permission.MANAGE_SERIALS, "write notes")
        ledger.change(unit, ledger.lock([serial_id]), "noted", note=note)

    write(actor, work)
