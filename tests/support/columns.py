"""A further column for every list of serials, the condition notes, to test that a new column works everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.schema import Serial, bound
from models.serials.columns import COLUMNS, PLAIN, AlongIndex, Filter, FilterValue, SerialColumn


def _notes_of(item_id: int) -> list[FilterValue]:
    found = bound.execute_sql(
        f"SELECT condition_notes, count(*) FROM serials WHERE item_id = {bound.param} GROUP BY condition_notes "
        "ORDER BY condition_notes",
        (item_id,),
    )
    return [FilterValue(notes, notes, notes or "none", int(serials)) for notes, serials in found.fetchall()]


NOTES = SerialColumn[str](
    "condition_notes",
    ("s.condition_notes",),
    AlongIndex(("s.condition_notes", *PLAIN)),
    data=str.upper,
    text=lambda notes: notes or "-",
    filter=Filter("condition_notes", _notes_of, str, "only those with these notes"),
)


@contextmanager
def listed_notes() -> Iterator[None]:
    """Add the column to all lists for the duration of the block."""
    COLUMNS.append(NOTES)
    try:
        yield
    finally:
        COLUMNS.remove(NOTES)


def note(serial_id: int, notes: str) -> None:
    """Set a serial's notes directly, as the fastest way to rows with different notes."""
    Serial.update(condition_notes=notes).where(Serial.id == serial_id).execute()
