"""Cells of serial numbers: values that a spreadsheet changed, placeholders, totals, and several numbers in one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from models.errors import BadValue
from models.importing import headings
from models.importing.cell_values import literal
from models.importing.cells import mangled
from models.importing.columns import Field, field_named
from models.importing.number_formats import CellKind
from models.serials.ranges import between
from models.text import COMMAND_PREFIX, LONGEST, readable

MADE_OF: Final[Mapping[CellKind, str]] = {
    CellKind.DATE: "a date",
    CellKind.TIME: "a time",
    CellKind.BOOLEAN: "true or false",
    CellKind.PERCENT: "a percentage",
    CellKind.ERROR: "an error",
}
"""Words for the kinds of cells that cannot be serial numbers, as they are neither text nor numbers."""


def made_by_spreadsheet(text: str, kind: CellKind | None) -> str:
    """The sentence about a serial number that a spreadsheet has changed; empty if it may be intact."""
    if kind is not None and kind in MADE_OF:
        return (
            f"{readable(text, 40)} is {MADE_OF[kind]} in the spreadsheet, not the serial number that was typed. "
            "Format the column as text, fill in the serial number as it is printed and save the file again."
        )
    return mangled(text) or ""


class Doubt(StrEnum):
    """Why a serial number is hardly one; the values are public."""

    PLACEHOLDER = "placeholder"
    """It stands for a serial number that nobody knows."""
    SPREADSHEET = "spreadsheet"
    """It looks like a date or another value that a spreadsheet makes of a text."""
    RANGE = "range"
    """It looks like the first and the last of several."""
    SEVERAL = "several"
    """It looks like several serial numbers, and somebody chose that it is one."""


ORDINARY: Final = re.compile(
    rf"(?=[^0-9]*[0-9])(?!{''.join(f'[{letter}{letter.lower()}]' for letter in COMMAND_PREFIX)})"
    rf"[0-9A-Za-z][0-9A-Za-z_-]{{0,{LONGEST - 1}}}"
)
"""A serial number that needs no other look than `UNUSUAL`; a fast path for nearly all rows."""

_MONTH: Final = r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]|Ju[nl]|Aug|Sep|O[ck]t|Nov|De[cz])[a-z]{0,6}\.?"
_DATE: Final = (
    r"[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]|[0-3]?[0-9]-[01]?[0-9]-(?:[0-9]{2}|[12][0-9]{3})|"
    rf"[0-3]?[0-9][-. ]{_MONTH}(?:[-. ](?:[0-9]{{2}}|[0-9]{{4}}))?|{_MONTH}[-. ](?:[0-9]{{2}}|[0-9]{{4}})"
)

UNUSUAL: Final = re.compile(rf"0+(?:-0+)*|([0-9A-Za-z])\1{{5,}}|0?1234567890?|98765432?1?0?|{_DATE}", re.IGNORECASE)
"""Among ordinary serial numbers, those that need a closer look: placeholders and dates."""

_SPREADSHEET_VALUE: Final = re.compile(
    rf"(?:{_DATE}|[0-3]?[0-9]([./])[01]?[0-9]\1(?:[0-9]{{2}}|[12][0-9]{{3}})|"
    r"[12][0-9]{3}([./])[01]?[0-9]\2[0-3]?[0-9])"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AP]M)?)?|"
    r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?: ?[AP]M)?|"
    r"-?[0-9]+(?:[.,][0-9]+)? ?%|TRUE|FALSE|WAHR|FALSCH|VRAI|FAUX|VERDADERO|FALSO|VERDADEIRO|VERO|"
    r"WAAR|ONWAAR|PRAWDA|FAŁSZ",
    re.IGNORECASE,
)
"""Dates, times, percentages and truth values, as spreadsheets show them."""

_ALL_ONE: Final = re.compile(r"(\w)\1*", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[\W_]+")


def _words(texts: str) -> frozenset[str]:
    return frozenset(_SIGNS.sub("", text.casefold()) for text in texts.split(";")) - {""}


_PLACEHOLDERS: Final = _words(headings.PLACEHOLDERS)
_TOTALS: Final = _words(headings.TOTALS)
_NUMBERS: Final = re.compile(r"(?:\s|\s*[:=(：])\s*[0-9][\d\W_]*\Z")


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a serial number that nobody knows: N/A, 00000000, Default string."""
    bare = _SIGNS.sub("", text.casefold())
    if not bare:
        return bool(text)
    same = _ALL_ONE.fullmatch(bare) is not None
    return bare in _PLACEHOLDERS or (same and (bare[0] == "0" or len(bare) > 5 or (len(bare) > 2 and bare[0] == "x")))


def is_total(text: str) -> bool:
    """Whether a text begins a row of totals: Total, Grand total: 12, Summe."""
    return bool(text) and _SIGNS.sub("", _NUMBERS.sub("", text).casefold()) in _TOTALS


def doubt_about(text: str, kind: CellKind | None = None) -> tuple[Doubt, str] | None:
    """A warning about a serial number that a person wrote, which may be none; None if nothing is wrong with it."""
    if is_placeholder(text):
        return Doubt.PLACEHOLDER, f"{readable(text, 40)} stands for a serial number that nobody knows."
    if _SPREADSHEET_VALUE.fullmatch(text) or (kind is CellKind.NUMBER and "." in text):
        return (
            Doubt.SPREADSHEET,
            f"{text} looks like what a spreadsheet makes of a serial number. Compare it with the label.",
        )
    if ends := _RANGE.fullmatch(text):
        first, last = ends.groups()
        if _shape(first) == _shape(last) and _DIGIT.search(first):
            return (
                Doubt.RANGE,
                f"{text} looks like a range; it is one serial number here. Write {first}..{last} for a range.",
            )
    return None


def taken_as_one(text: str) -> tuple[Doubt, str] | None:
    """The warning about a serial number that looks like several, where somebody chose that it is one; else None."""
    if range_in(text) or several(text):
        return Doubt.SEVERAL, f"{readable(text, 40)} looks like several serial numbers; it is taken as one."
    return None


# ----- several serial numbers in one cell

_DIGIT: Final = re.compile(r"[0-9]")
_RANGE: Final = re.compile(
    r"(\S{2,})(?:\s+(?:-|to|bis|thru|through|until|a|al|au|do|tot)\s+|\s*~\s*)(\S{2,})", re.IGNORECASE
)
_DOTS: Final = re.compile(r"([^\s.]|[^\s.]\S*[^\s.])\s*(?:\.{2,3}|…)\s*([^\s.]\S*)")
_LIST: Final = re.compile(r"[,;\n\r、，；]")
_SPACED: Final = re.compile(r"\s+(?:[|/&+]|and|und|et|en|oraz)\s+", re.IGNORECASE)
_TIGHT: Final = re.compile(r"\s*[|/]\s*")
_LONG_CODE: Final = 8
"""Length from which two codes with a blank between them are two serial numbers."""
_CODE: Final = 5
"""Length from which they are if they begin alike and are written alike."""
_ALIKE: Final = 3
"""Number of equal characters at the beginning of codes that begin alike."""


def several(text: str) -> list[str]:
    """The serial numbers in a cell, if it clearly has several; else empty. A range is one of them: see `range_in`."""
    if _LIST.search(text):
        parts = [part.strip() for part in _LIST.split(text)]
        parts = [part for part in parts if any(map(str.isalnum, part))]
        return parts if len(parts) > 1 else []
    # The weaker the separator, the more the parts must look like serial numbers: one may have a slash or a blank in it.
    for separator, enough in ((_SPACED, _are_codes), (_TIGHT, _are_alike), (_BLANKS, _are_long)):
        parts = separator.split(text.strip())
        if len(parts) > 1 and enough(parts):
            return parts
    return []


def range_in(text: str) -> tuple[str, str] | None:
    """The first and the last serial number of a range `SN-1..SN-5`; None if it is none."""
    found = _DOTS.fullmatch(text.strip())
    if found is None or not all(map(_DIGIT.search, found.groups())):
        return None
    return found[1], found[2]


def serials_in(text: str) -> list[str]:
    """The serial numbers in a cell, ranges counted out.

    Raises:
        BadValue: a range that cannot be counted out.
    """
    serials: list[str] = []
    for part in several(text) or [text]:
        ends = range_in(part)
        serials += [part] if ends is None else between(*ends).serials()
        if len(serials) > MOST_IN_A_CELL:
            raise BadValue(
                f"The cell has more than {MOST_IN_A_CELL:,} serial numbers. Give each a row of its own.",
                field="serial_number",
            )
    return serials


MOST_IN_A_CELL: Final = 10_000
"""Maximum number of serials that one cell is split into."""

_BLANKS: Final = re.compile(r"\s+")


def _shape(code: str) -> str:
    """A code with 0 for each digit and A for each letter."""
    return "".join("0" if each.isdigit() else "A" if each.isalpha() else each for each in code)


def _are_codes(parts: list[str]) -> bool:
    return all(len(part) >= _CODE and _DIGIT.search(part) and not _BLANKS.search(part) for part in parts)


def _are_alike(parts: list[str]) -> bool:
    """Whether codes begin alike and are written alike: `CZ10001`, `CZ10002`."""
    return _are_codes(parts) and len(set(map(_shape, parts))) == 1 and len({part[:_ALIKE] for part in parts}) == 1


def _are_long(parts: list[str]) -> bool:
    return _are_alike(parts) or (_are_codes(parts) and all(len(part) >= _LONG_CODE for part in parts))


# ----- serial numbers that are meant as they stand


def marked(serial: str) -> str:
    """A serial number for a file that is imported again: with a `'` before it where it would be doubted."""
    return f"'{serial}" if not ORDINARY.fullmatch(serial) and _is_doubted(serial) else serial


def unmarked(text: str) -> str:
    """The serial number in a cell that is meant as it stands, without the `'` that says so; other texts as they are."""
    is_meant = text.startswith("'") and len(text) <= LONGEST + 1 and _is_doubted(text[1:])
    return text[1:] if is_meant else text


def _is_doubted(text: str) -> bool:
    """Whether an import would refuse, split or change a cell with this text, or with it behind some `'`."""
    if text.startswith("'") and _is_doubted(text[1:]):
        return True
    return bool(
        made_by_spreadsheet(text, None)
        or is_total(text)
        or range_in(text)
        or several(text)
        or literal(text) != text
        or field_named(text) is Field.SERIAL_NUMBER
    )
