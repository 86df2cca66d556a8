"""What a scan finds, wherever it was made: an item, a place, a serial."""

from __future__ import annotations

from typing import NamedTuple

from models.barcodes import Settings
from models.errors import NotFound, Unreadable
from models.serials.record import find_serials
from models.station.scan import understand


class Hit(NamedTuple):
    """A serial with the text that was scanned."""

    serial_id: int
    sku: str


class Found(NamedTuple):
    """What to open; exactly one of them is there."""

    item_id: int | None = None
    place_id: int | None = None
    hits: tuple[Hit, ...] = ()
    """The serials with this text; one is opened, of several somebody has to choose."""
    serial: str = ""
    """The text of the hits."""


def find_scanned(scan: str, settings: Settings | None = None) -> Found:
    """What a scan names.

    Args:
        settings: of the site; None is the ordinary ones.

    Raises:
        Unreadable: it cannot be understood.
        NotFound: nothing has this code; says what it was taken for.
    """
    (meaning,) = understand([scan], settings)
    if meaning.refusal is not None:
        raise meaning.refusal
    assert meaning.reading is not None
    if (command := meaning.reading.command) is not None:
        raise Unreadable("command", f"{command} is for a station. Open it, then scan the command there.")
    without_s = meaning.reading.without_s if meaning.serials else None
    for text in (*meaning.serials, *filter(None, [without_s])):
        hits = [Hit(*found) for found in find_serials(text)]
        if meaning.item_id is not None:
            hits = [hit for hit in hits if hit.serial_id in _of_item(meaning.item_id, hits)]
        if hits:
            return Found(hits=tuple(hits), serial=text)
    if meaning.place_id is not None and meaning.item_id is None:
        return Found(place_id=meaning.place_id)
    if meaning.item_id is not None:
        return Found(item_id=meaning.item_id)
    if meaning.place_id is not None:
        return Found(place_id=meaning.place_id)
    what = f"serial {meaning.serials[0]}" if meaning.serials else f"code {meaning.product or meaning.reading.text}"
    raise NotFound(f"Nothing here has the {what[:80]}. Look at the label, or find it by a part of its text.")


def _of_item(item_id: int, hits: list[Hit]) -> set[int]:
    from models.schema import Serial  # noqa: PLC0415 - only for codes that name an item and a serial

    rows = Serial.select(Serial.id).where((Serial.id.in_([hit.serial_id for hit in hits])) & (Serial.item == item_id))
    return {row.id for row in rows}
