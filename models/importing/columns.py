"""The columns of an import: header names and their fields, mappings given by the user, and the template file."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

from models.errors import BadValue
from models.importing.cells import guarded
from models.importing.files import bad_file, shown
from models.text import readable
from models.verbs import StatusCode

REASON: Final = "Reason"
"""Heading of the last column in a file of rejected rows; not a field, and not part of a header key."""


class Field(StrEnum):
    """A field that a column can hold, in template order."""

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
        """The column heading: "Serial Number"."""
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
"""Common headings, English and German. Case, spaces and punctuation are ignored; umlauts may be spelled out."""

_IGNORED: Final = ("", "-", "ignore", "none")
"""Values for "no field" in a mapping."""

_MOST_NAMED: Final = 20
"""Maximum number of columns that a refusal names."""

_LONGEST_KEY: Final = 200
"""Maximum length of a header key, in characters."""


def recognise(header: Sequence[str]) -> dict[int, Field]:
    """Map columns with a common heading, by position from 0; the first one wins if two mean the same field."""
    found: dict[int, Field] = {}
    for column, name in enumerate(header):
        field = field_named(name)
        if field is not None and field not in found.values():
            found[column] = field
    return found


def check_mapping(mapping: Mapping[int, Field], *, item: str | None, header: Sequence[str] = ()) -> None:
    """Refuse a mapping without a serial number or item, or with a field mapped twice.

    Args:
        mapping: field of each column.
        item: the item of all rows, if there is one.
        header: the headings, to be named.

    Raises:
        BadValue
    """
    named = list(mapping.values())
    if Field.SERIAL_NUMBER not in named:
        raise _not_named("No column is the serial number.", "Say which one is.", Field.SERIAL_NUMBER, header)
    if Field.ITEM not in named and item is None:
        say = "Say which one is, or name one item for all rows."
        raise _not_named("No column is the item.", say, Field.ITEM, header)
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadValue(f"Two columns are {twice.label}. Leave one of them out.", field="mapping")


def _not_named(wrong: str, say: str, field: Field, header: Sequence[str]) -> BadValue:
    names = [
        f"{column_letter(column)} “{readable(name, 30)}”"
        if name and name != column_letter(column)
        else column_letter(column)
        for column, name in enumerate(header)
    ]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    found = f" The file has {', '.join(names[:_MOST_NAMED])}{more}." if names else ""
    return BadValue(f"{wrong}{found} {say}", field="mapping", option=f"--map A={field}")


def field_named(name: str) -> Field | None:
    """The field for a heading, if it is a common one."""
    return _FIELDS.get(_folded(name))


def parse_mapping(pairs: Sequence[str], header: Sequence[str]) -> dict[int, Field]:
    """Parse `--map COLUMN=FIELD` options and apply them to the recognised mapping.

    A column is given by its heading, its number from 1 or its spreadsheet letter, tried in this order. A field is given
    by any of its common headings; an empty value, `-`, `ignore` or `none` leaves the column out. A field mapped here is
    not taken from another column.

    Returns:
        The complete mapping: the recognised columns with these changes.

    Raises:
        BadValue: no `=`, no such column or field, or a column or field given twice.
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
    """The key for storing a mapping by header: the folded headings, at most 200 characters (longer ones are hashed).

    The Reason column of a file of rejected rows is left out, so that the file gets the mapping of its source.
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
    """The spreadsheet letter of a column, by position from 0: A … Z, AA …"""
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
    """A column for messages: its heading, or its letter if it has none."""
    return header[column].strip()[:40] or column_letter(column)


def _field(name: str) -> Field | None:
    if name.lower() in _IGNORED:
        return None
    field = field_named(name)
    if field is None:
        raise _bad(f"There is no field “{name}”. The fields are: {', '.join(Field)}.")
    return field


def _folded(name: str) -> str:
    """A heading for comparison: letters and digits only, case-folded, umlauts spelled out."""
    spelled = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(filter(str.isalnum, spelled))


def _bad(sentence: str) -> BadValue:
    return BadValue(sentence, field="map")


_FIELDS: Final[Mapping[str, Field]] = {
    _folded(name): field for field, names in _NAMES.items() for name in names.split(";")
}


EXAMPLES: Final = (
    ("SN-0001", "YOUR-ITEM", "YOUR-PLACE", StatusCode.IN_STOCK, "", "", "", "2025-03-31", ""),
    (
        "SN-0002",
        "YOUR-ITEM",
        "YOUR-PLACE",
        StatusCode.DEFECTIVE,
        "Scratched lid",
        "2025-03-31",
        "2027-03-30",
        "2025-03-31",
        "",
    ),
    ("SN-0003", "YOUR-ITEM", "", StatusCode.SOLD, "", "2025-04-02", "2027-04-01", "2025-03-31", "YOUR-CUSTOMER"),
)
"""Example rows of the template; item and location are placeholders, so that none is imported by mistake."""

KINDS: Final = (".csv", ".xlsx")
"""Allowed extensions of a template."""


def write_template(path: str, *, force: bool = False) -> None:
    """Write the template as CSV or XLSX, by its extension; in the XLSX all columns are formatted as text.

    A partly written file is removed; with `force` the old file then stays.

    Args:
        force: overwrite an existing file.

    Raises:
        BadValue: another extension, an existing file, or a write error.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        raise bad_file(f"{shown(path)} should end with .csv or .xlsx. Choose such a name.")
    content = _workbook() if suffix == ".xlsx" else _csv()
    try:
        _write(Path(path), content, force=force)
    except FileExistsError:
        raise bad_file(f"{shown(path)} is there already. Choose another name, or write over it with --force.") from None
    except (OSError, ValueError) as trouble:
        why = trouble.strerror if isinstance(trouble, OSError) else "no file can be named so"
        raise bad_file(f"{shown(path)} cannot be written: {why}. Choose another folder.") from trouble


def _write(path: Path, content: bytes, *, force: bool) -> None:
    # Overwriting goes through a temporary file and an atomic rename, so that the old file survives a failure.
    written = path.with_name(f".{path.name}.{os.getpid()}") if force else path
    with written.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if force:
                written.replace(path)
        except BaseException:
            with suppress(OSError):
                written.unlink()
            raise


def _csv() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field.label for field in Field])
    writer.writerows(map(guarded, row) for row in EXAMPLES)
    return text.getvalue().encode("utf-8-sig")


def _workbook() -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - needed only here

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    as_text = book.add_format({"num_format": "@"})
    heading = book.add_format({"num_format": "@", "bold": True})
    sheet = book.add_worksheet("Serial numbers")
    sheet.set_column(0, len(Field) - 1, 20, as_text)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [field.label for field in Field], heading)
    for number, row in enumerate(EXAMPLES, 1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, as_text)
    book.close()
    return file.getvalue()
