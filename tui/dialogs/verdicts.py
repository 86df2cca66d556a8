"""What is said about a serial that was added or refused."""

from __future__ import annotations

from rich.cells import cell_len

from models.errors import DatabaseTrouble
from models.serials.add import AddResult
from models.verbs import STATUSES, StatusCode
from tui.text import clip


def field_of(verdict: AddResult) -> str:
    """Id of the field whose value was refused, or an empty text."""
    details = verdict.refusal.details if verdict.refusal else {}
    return str(details.get("field", "serial_number" if "serial_id" in details else ""))


def can_retry(verdict: AddResult) -> bool:
    """Whether the same serial may be added as it is, later or elsewhere."""
    return isinstance(verdict.refusal, DatabaseTrouble) or field_of(verdict) == "location"


def added_in_words(verdict: AddResult, width: int) -> str:
    """As much as there is room for, first of all the serial."""
    serial, location = verdict.serial_number, verdict.location
    status = STATUSES[StatusCode.IN_STOCK].label
    for said in (f"+ {serial} added, {status} at {location}", f"+ {serial} added at {location}", f"+ {serial} added"):
        if cell_len(said) <= width:
            return said
    return clip(f"+ {serial}", max(1, width))


def in_list(verdict: AddResult) -> str:
    """A problem in one line, which begins with the serial."""
    message = verdict.refusal.message if verdict.refusal else ""
    serial = verdict.wanted.serial
    return f"✗ {message}" if message.startswith(serial) else f"✗ {serial}  {message}"
