"""Which column of a table is what: recognised by its usual names, or mapped by the person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from models.errors import BadValue

REASON: Final = "Reason"
"""The last column of a file of rejected rows; no field, and no part of a header's key."""


class Field(StrEnum):
    """What a column can hold, in the order of the template."""

    SERIAL_NUMBER = "serial_number"
    ITEM = "item"
    LOCATION = "location"
    STATUS = "status"
    CONDITION_NOTES = "condition_notes"
    WARRANTY_START = "warranty_start"
    WARRANTY_END = "warranty_end"
    DATE_RECEIVED = "date_received"
    CUSTOMER = "customer"

    @property
    def label(self) -> str:
        """As it is written over a column: "Serial Number"."""
        return self.value.replace("_", " ").title()


_NAMES: Final[Mapping[Field, str]] = {
    Field.SERIAL_NUMBER: """
        serial number; serial; serials; serial no; serial nr; serial num; serial code; serial id; s/n; sn; s no; ser no;
        ser nr; item serial; item serial number; unit serial; unit serial number; device serial; device serial number;
        product serial number; equipment serial number; asset serial number; manufacturer serial number;
        mfr serial number; vendor serial number; lot/serial number; lot serial number; serial lot number;
        serial number (s/n); serial/lot number; imei; seriennummer; seriennr; serien nr; serien nummer;
        seriennummern; serialnummer; serialnr; serial nummer; gerätenummer; gerätenr; fabriknummer; fabriknr;
        fabrik nr; fabrikationsnummer; herstellnummer; herstellernummer; werknummer; snr; ser nummer
        """,
    Field.ITEM: """
        item; item code; item no; item number; item nr; item num; item id; item sku; item name; item #; sku; sku code;
        sku no; sku number; sku id; product; product code; product no; product number; product id; product sku;
        product name; part; part code; part no; part number; part id; p/n; pn; article; article code; article no;
        article number; article id; material; material code; material no; material number; stock item; stock code;
        stock no; stock number; model; model code; model no; model number; artikel; artikelnummer; artikelnr;
        artikel nummer; artikel nr; art nr; artnr; artikelcode; artikelbezeichnung; artikelname; produkt;
        produktnummer; produktnr; produktcode; materialnummer; materialnr; teilenummer; teilenr; teil; sachnummer;
        sachnr; modell
        """,
    Field.LOCATION: """
        location; location code; location name; location id; location no; loc; warehouse; warehouse code;
        warehouse name; warehouse id; warehouse location; whse; wh; bin; bin code; bin location; bin no; bin number;
        place; storage; storage location; storage bin; storage place; store; stock location; shelf; shelf location;
        rack; site; stored at; stored in; current location; ort; lagerort; lagerplatz; lager; lagerstandort;
        lagerfach; fach; standort; regal; regalplatz; platz; stellplatz; lagernummer; lagernr
        """,
    Field.STATUS: """
        status; state; serial status; item status; stock status; unit status; status code; current status;
        serial number status; inventory status; seriennummernstatus; bestandsstatus; lagerstatus; artikelstatus
        """,
    Field.CONDITION_NOTES: """
        condition notes; condition note; condition; notes; note; remark; remarks; comment; comments; memo;
        condition description; condition remarks; condition comments; item condition; zustand; zustandsnotiz;
        zustandsnotizen; zustandsbeschreibung; notiz; notizen; bemerkung; bemerkungen; anmerkung; anmerkungen;
        kommentar; kommentare; hinweis; hinweise
        """,
    Field.WARRANTY_START: """
        warranty start; warranty start date; warranty from; warranty begin; warranty begins; warranty begin date;
        warranty starts; warranty since; start of warranty; warranty valid from; guarantee start; guarantee from;
        guarantee start date; garantie von; garantie ab; garantie beginn; garantiebeginn; garantie start;
        garantiestart; beginn der garantie; gewährleistung von; gewährleistung ab; gewährleistungsbeginn
        """,
    Field.WARRANTY_END: """
        warranty end; warranty end date; warranty ends; warranty until; warranty till; warranty to; warranty expiry;
        warranty expiry date; warranty expiration; warranty expiration date; warranty expires; warranty expires on;
        warranty valid until; warranty valid to; warranty date; end of warranty; under warranty until; warranty;
        guarantee end; guarantee until; guarantee end date; guarantee expiry; garantie bis; garantie ende;
        garantieende; garantieablauf; ende der garantie; garantie gültig bis; garantie; gewährleistung bis;
        gewährleistungsende
        """,
    Field.DATE_RECEIVED: """
        date received; received; received date; received on; received at; receipt date; date of receipt;
        receiving date; receive date; date receive; goods receipt date; date in; in date; arrival date; arrived;
        arrived on; date of arrival; delivery date; date added; intake date; eingang; eingangsdatum;
        wareneingang; wareneingangsdatum; datum wareneingang; datum eingang; erhalten; erhalten am; empfangen;
        empfangen am; eingegangen; eingegangen am; zugang; zugangsdatum; lieferdatum
        """,
    Field.CUSTOMER: """
        customer; customer name; customer code; customer no; customer number; customer id; client; client name;
        client code; buyer; sold to; sold to party; sold to customer; purchaser; consumer; end customer; account;
        account name; kunde; kundenname; kundennummer; kundennr; kunden nr; kunden name; käufer; verkauft an; endkunde;
        abnehmer
        """,
}
"""The usual names, English and German. Case, blanks and signs do not count, and umlauts may be spelled out."""

_IGNORED: Final = ("", "-", "ignore", "none")
"""What stands for no field in a mapping."""

_LONGEST_KEY: Final = 200
"""Characters of a header's key."""


def recognise(header: Sequence[str]) -> dict[int, Field]:
    """The columns that have a usual name, by position from 0; of two that name one field the first."""
    found: dict[int, Field] = {}
    for column, name in enumerate(header):
        field = field_named(name)
        if field is not None and field not in found.values():
            found[column] = field
    return found


def check_mapping(mapping: Mapping[int, Field], *, item: str | None) -> None:
    """Refuse a mapping that cannot say which unit a row is.

    Raises:
        BadValue
    """
    named = list(mapping.values())
    if Field.SERIAL_NUMBER not in named:
        raise BadValue("No column is the serial number. Say which one is.", field="mapping")
    if Field.ITEM not in named and item is None:
        raise BadValue("No column is the item. Say which one is, or name one item for all rows.", field="mapping")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadValue(f"Two columns are {twice.label}. Leave one of them out.", field="mapping")


def field_named(name: str) -> Field | None:
    """The field that a column of this name holds, if it is a usual name."""
    return _FIELDS.get(_folded(name))


def parse_mapping(pairs: Sequence[str], header: Sequence[str]) -> dict[int, Field]:
    """What `--map COLUMN=FIELD` asks for, on top of what is recognised.

    A column is named by its heading, its number from 1 or its letter as in a spreadsheet, in this order. A field may be
    named as a column may; an empty one, `-` or `ignore` leaves the column out. A mapped field is taken from no other
    column.

    Returns:
        The whole mapping: the recognised columns with these changes.

    Raises:
        BadValue: no `=`, no such column or field, or one column or field twice.
    """
    asked: dict[int, Field | None] = {}
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        if not equals or not name.strip():
            raise _bad(f"“{pair}” is no mapping. Write COLUMN=FIELD, such as A={Field.SERIAL_NUMBER}.")
        column, field = _column(name.strip(), header), _field(value.strip())
        if column in asked:
            raise _bad(f"The column “{_title(header, column)}” is mapped twice. Name it once.")
        if field is not None and field in asked.values():
            raise _bad(f"Two columns are mapped to {field}. Choose one of them.")
        asked[column] = field
    taken = set(asked.values())
    kept = {column: field for column, field in recognise(header).items() if column not in asked and field not in taken}
    chosen = {column: field for column, field in asked.items() if field is not None}
    return dict(sorted((kept | chosen).items()))


def header_key(header: Sequence[str]) -> str:
    """The key under which a mapping for this header is remembered: its folded names, at most 200 characters.

    The reasons in a file of rejected rows do not count, so that its mapping is that of the file it came from.
    """
    names = [_folded(name) for name in header]
    if names and names[-1] == _folded(REASON):
        names.pop()
    key = "|".join(names)
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}#{digest}"


def column_letter(column: int) -> str:
    """The letter of a column, by position from 0, as a spreadsheet shows it: A … Z, AA …"""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(name: str, header: Sequence[str]) -> int:
    for same in (str.strip, _folded):
        found = [column for column, heading in enumerate(header) if same(heading) and same(heading) == same(name)]
        if len(found) > 1:
            letters = " and ".join(column_letter(column) for column in found)
            raise _bad(f"Several columns are named “{name}”: {letters}. Name one by its letter.")
        if found:
            return found[0]
    if name.isascii() and name.isdigit() and 1 <= int(name[:9]) <= len(header):
        return int(name) - 1
    for column in range(len(header)):
        if column_letter(column) == name.upper():
            return column
    shown = ", ".join(_title(header, column) for column in range(min(len(header), 30)))
    more = f" and {len(header) - 30} more" if len(header) > 30 else ""
    raise _bad(f"There is no column “{name}”. The columns are: {shown}{more}.")


def _title(header: Sequence[str], column: int) -> str:
    """How a column is named in a sentence: by its heading, or its letter where it has none."""
    return header[column].strip()[:40] or column_letter(column)


def _field(name: str) -> Field | None:
    if name.lower() in _IGNORED:
        return None
    field = field_named(name)
    if field is None:
        raise _bad(f"There is no field “{name}”. The fields are: {', '.join(Field)}.")
    return field


def _folded(name: str) -> str:
    """Letters and digits only, in one case, umlauts spelled out."""
    spelled = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(filter(str.isalnum, spelled))


def _bad(sentence: str) -> BadValue:
    return BadValue(sentence, field="map")


_FIELDS: Final[Mapping[str, Field]] = {
    _folded(name): field for field, names in _NAMES.items() for name in names.split(";")
}
