"""Interprets scans: `understand` for the station, `find_scanned` for all other screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from models.barcodes.reader import read
from models.barcodes.reading import CommandCode, Kind, Reading, Settings, bare_command
from models.database import bulk
from models.errors import NotFound, Unreadable
from models.schema import Serial, bound
from models.serials.drafted import draft_of_new
from models.serials.record import find_serials
from models.station.task import MOVING, chosen_by
from models.text import fold, storable

_SYMBOLS_OF_PRODUCTS = ("]E", "]I")
"""AIM identifiers of retail symbologies: their codes are product codes, never serials."""


class Meaning(NamedTuple):
    """The meaning of one scan."""

    text: str
    """The raw scan."""
    reading: Reading | None
    """None if the scan is unreadable."""
    refusal: Unreadable | None = None
    place_id: int | None = None
    """The place with this code."""
    item_id: int | None = None
    """The item named by the scan, alone or with serials."""
    product: str = ""
    """The product code in the scan, whether or not an item has it."""
    serials: tuple[str, ...] = ()
    """The serials in the scan; a plain text that is neither a place nor an item counts as a serial."""
    customer_id: int | None = None
    """The customer with this code, if customers were looked for; it counts as a serial all the same."""
    is_name: bool = False
    """Whether it is the name of a customer, if customers were looked for."""

    @property
    def is_strict(self) -> bool:
        """Whether its product code is binding: the serial must not be taken for another item if the code is unknown."""
        return self.reading is not None and self.reading.gtin is not None and self.reading.kind is not Kind.GTIN


def understand(scans: Sequence[str], settings: Settings | None = None, *, customers: bool = False) -> list[Meaning]:
    """Interpret scans, in order. Plain texts that match no place and no item are taken as serials.

    Args:
        settings: barcode settings of the site and of the item; None means the defaults.
        customers: whether to look for customers too.
    """
    read_so = settings or Settings()
    readings: list[Reading | Unreadable] = []
    for scan in scans:
        try:
            readings.append(read(scan, read_so))
        except Unreadable as refusal:  # GS1 with a serial but no product is usable: its item is scanned separately
            alone = refusal.details.get("reading")
            readings.append(alone if isinstance(alone, Reading) else refusal)
    codes = _look_up({text for one in readings if isinstance(one, tuple) for text in _candidates(one)}, customers)
    return [
        Meaning(scan, None, one) if isinstance(one, Unreadable) else _meaning(one, codes)
        for scan, one in zip(scans, readings, strict=True)
    ]


def typed_command(meaning: Meaning) -> Meaning:
    """The meaning of a typed text: a bare command word is the command, unless a place or an item has that code."""
    command = bare_command(meaning.text)
    if command is None or meaning.place_id is not None or meaning.item_id is not None:
        return meaning
    return Meaning(meaning.text, Reading(Kind.COMMAND, {"command": command.value}, meaning.text))


def product_codes(gtin: str) -> tuple[str, ...]:
    """A 14-digit GTIN in all lengths (14, 13, 12, 8) in which an item may store it."""
    lengths = (14, 13, 12, 8)
    return tuple(gtin[-length:] for length in lengths if set(gtin[:-length]) <= {"0"})


def _candidates(reading: Reading) -> list[str]:
    """The texts to look up among the codes of places and items."""
    if reading.command is not None:
        return []
    texts: list[str] = []
    if reading.gtin is not None:
        texts += product_codes(reading.gtin)
    for field in ("part", "customer_part", "pcn"):
        if field in reading.fields:
            texts.append(str(reading.fields[field]))
    if reading.kind in (Kind.PLAIN, Kind.GTIN):
        texts.append(reading.text)
    return texts


class _Codes(NamedTuple):
    """Places and items found by their codes."""

    places: dict[str, int]
    """Location ids by upper-case code."""
    skus: dict[str, int]
    """Item ids by folded SKU."""
    barcodes: dict[str, int]
    """Item ids by barcode; case-sensitive."""
    customers: dict[str, int]
    """Customer ids by upper-case code."""
    names: dict[str, int]
    """Customer ids by folded name."""

    def item(self, text: str) -> int | None:
        """The item with this code; a barcode has priority over a SKU."""
        found = self.barcodes.get(text)
        return self.skus.get(fold(text)) if found is None else found


def _look_up(texts: set[str], customers: bool) -> _Codes:
    codes = _Codes({}, {}, {}, {}, {})
    for part in bulk.blocks(sorted(texts), 1_000):
        upper, folded = sorted({text.upper() for text in part}), sorted({fold(text) for text in part})
        # One statement for all kinds; the first column is the index of the field in `_Codes`.
        sql = (
            f"SELECT 0, id, upper(code) FROM locations WHERE upper(code) IN ({bulk.placeholders(len(upper))}) "
            f"UNION ALL SELECT 1, id, sku_key FROM items WHERE sku_key IN ({bulk.placeholders(len(folded))}) "
            f"UNION ALL SELECT 2, item_id, barcode FROM item_barcodes "
            f"WHERE barcode IN ({bulk.placeholders(len(part))})"
        )
        values = [*upper, *folded, *part]
        if customers:
            sql += (
                " UNION ALL SELECT 3, id, upper(code) FROM customers "
                f"WHERE code IS NOT NULL AND upper(code) IN ({bulk.placeholders(len(upper))}) "
                f"UNION ALL SELECT 4, id, name_key FROM customers WHERE name_key IN ({bulk.placeholders(len(folded))})"
            )
            values += [*upper, *folded]
        for kind, found, text in bound.execute_sql(sql, values).fetchall():
            codes[kind][text] = found
    return codes


def _meaning(reading: Reading, codes: _Codes) -> Meaning:
    text = reading.text
    product = reading.gtin or next(
        (str(reading.fields[field]) for field in ("part", "customer_part", "pcn") if field in reading.fields), ""
    )
    item_id = next((found for one in _candidates(reading) if (found := codes.item(one)) is not None), None)
    is_plain = reading.kind in (Kind.PLAIN, Kind.GTIN)
    place_id = codes.places.get(text.upper()) if is_plain else None
    serials = reading.serials
    if reading.kind is Kind.GTIN:
        bare = not reading.symbology.startswith(_SYMBOLS_OF_PRODUCTS)
        serials = (text,) if bare and item_id is None and place_id is None else ()
    elif is_plain and (place_id is not None or item_id is not None):
        serials = ()
    customer_id = codes.customers.get(text.upper()) if is_plain else None
    is_name = is_plain and fold(text) in codes.names
    return Meaning(reading.scan, reading, None, place_id, item_id, product, serials, customer_id, is_name)


class Hit(NamedTuple):
    """A serial that has the scanned text."""

    serial_id: int
    sku: str


class Found(NamedTuple):
    """The record that a scan names: an item, a place, one or more serials, a customer or a document."""

    item_id: int | None = None
    place_id: int | None = None
    hits: tuple[Hit, ...] = ()
    """The serials with this text; with several hits, the person has to choose."""
    serial: str = ""
    """The text of the hits."""
    customer_id: int | None = None
    document_id: int | None = None


def find_scanned(scan: str, settings: Settings | None = None) -> Found:
    """Find the record that a scan names.

    Args:
        settings: barcode settings of the site; None means the defaults.

    Raises:
        Unreadable: the scan cannot be read, or is a command barcode.
        NotFound: no record has this code; says what the scan was taken for.
    """
    (meaning,) = understand([scan], settings)
    if meaning.refusal is not None:
        raise meaning.refusal
    assert meaning.reading is not None
    if (command := meaning.reading.command) is not None:
        raise Unreadable("command", command_elsewhere(command))
    # A leading S may be the data identifier of a label: try the text as scanned, then without it.
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
    if (other := _other_record(meaning.reading.text)) is not None:
        return other
    raise _nothing(meaning, meaning.reading)


def _nothing(meaning: Meaning, reading: Reading) -> NotFound:
    """The refusal of a scan that no record has; it may stand in an open receipt."""
    for text in meaning.serials:
        if (draft := draft_of_new(text)) is not None:
            return NotFound(f"{text} is in {draft.phrase(None)} and not in stock yet. Look again when that is done.")
    what = f"serial {meaning.serials[0]}" if meaning.serials else f"code {meaning.product or reading.text}"
    return NotFound(f"Nothing here has the {what[:80]}. Look at the label, or find it by a part of its text.")


_AT_A_STATION: Final[Mapping[CommandCode, str]] = MappingProxyType(
    {
        CommandCode.DONE: "writes what was scanned",
        CommandCode.UNDO: "takes the last scan out",
        CommandCode.CANCEL: "throws away what was scanned",
        CommandCode.NEXT: "goes on to another item",
        CommandCode.HELP: "says what to scan",
    }
)
"""What commands do at a station, besides choosing a task."""


def command_elsewhere(command: CommandCode) -> str:
    """What a command barcode does and where it works, for a screen on which it does nothing."""
    task = chosen_by(command)
    if task in MOVING:
        where = "on a serial's record, in an item's Serials tab, or at a station"
        return f"{command} begins {task.words.title}. Scan it {where}."
    does = _AT_A_STATION[command] if task is None else f"chooses {task.words.title}"
    return f"{command} is for a station; it {does} there. Open it, then scan the command there."


def _other_record(text: str) -> Found | None:
    """The customer with this code, or the document with this number."""
    one, wanted = bound.param, storable(text.strip()).upper()
    rows = bound.execute_sql(
        f"SELECT 0, id FROM customers WHERE code IS NOT NULL AND upper(code) = {one} "
        f"UNION ALL SELECT 1, id FROM documents WHERE number = {one} ORDER BY 1 LIMIT 1",
        (wanted, wanted),
    ).fetchall()
    for kind, found in rows:
        return Found(document_id=found) if kind else Found(customer_id=found)
    return None


def _of_item(item_id: int, hits: list[Hit]) -> set[int]:
    rows = Serial.select(Serial.id).where((Serial.id.in_([hit.serial_id for hit in hits])) & (Serial.item == item_id))
    return {row.id for row in rows}
