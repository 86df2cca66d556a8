"""Finding the header's row of a table among its first rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from models.importing.choices import NO_HEADER
from models.importing.columns import REASON, Field, column_letter, known_fields
from models.importing.workbooks import RawRow

_SHAPES: Final = ((re.compile("[0-9]+"), "9"), (re.compile("[A-Z]+"), "A"), (re.compile("[a-z]+"), "a"))
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,:/ -]*")
"""A number, a date or a time: never a heading."""
_BLANK: Final = re.compile(r"\s")
_CODE: Final = re.compile(r"\S*(?:[0-9]\S*){3}")
"""A text that is a code rather than a heading such as `Address2`: three digits or more, and no blank."""
_COMPARED: Final = 20
"""Number of rows below that a row is compared with."""


def find_header(rows: Sequence[RawRow]) -> int:
    """The number of the header's row, or `NO_HEADER`.

    It is the first row with the most known headings, the serial number before all; else the first row that is as wide
    as the table, unless it looks like the rows below.

    Args:
        rows: the first rows that are not blank, with cells without outer blanks.
    """
    if not rows:
        return NO_HEADER
    widths = Counter(map(filled, rows))
    usual = max(widths, key=lambda width: (widths[width], width))  # the wider one: titles and totals are narrow
    best, number = (False, 0, 0), 0
    for place, row in enumerate(rows):
        named = known_fields(row.cells)
        known = Field.SERIAL_NUMBER in named, len(named), min(filled(row), usual)
        if not named or known <= best or filled(row) * 2 < usual:
            continue
        # Rows of data may have a word that is a heading too; no unit above such a row may be lost.
        above = sum(1 for other in rows[:place] if filled(other) >= usual)
        is_sure = known[0] and (not above or known[1] > 1)
        if is_sure or not (above or _is_data(row, rows[place + 1 :][:_COMPARED])):
            best, number = known, row.number
    if number:
        return number
    wide = [row for row in rows if filled(row) >= usual]
    first = rows[0] if len(rows) < 3 or filled(rows[0]) * 2 > usual or not wide else wide[0]
    below = rows[rows.index(first) + 1 :][:_COMPARED]
    return NO_HEADER if _is_data(first, below) else first.number


def headings(row: RawRow) -> tuple[str, ...]:
    """The headings of a row, without empty ones at its end."""
    names = [" ".join(cell.split()) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def letters(rows: Sequence[RawRow]) -> tuple[str, ...]:
    """Headings for a table without a header: the letters of its columns."""
    return tuple(column_letter(column) for column in range(max((len(headings(row)) for row in rows), default=0)))


def is_lettered(header: Sequence[str]) -> bool:
    """Whether the columns are named by letters, the column of reasons aside."""
    names = header[:-1] if header and header[-1] == REASON else header
    return bool(names) and all(name == column_letter(column) for column, name in enumerate(names))


def filled(row: RawRow) -> int:
    """The number of cells with text."""
    return sum(1 for cell in row.cells if cell)


def _is_data(row: RawRow, below: Sequence[RawRow]) -> bool:
    """Whether a row looks like those below it: it has a number, or a code of their shape, and no word above codes."""
    found = False
    for column, cell in enumerate(row.cells):
        others = [other.cells[column] for other in below if column < len(other.cells) and other.cells[column]]
        codes = sum(1 for other in others if _has_digit(other) and not _BLANK.search(other))
        if not _has_digit(cell):
            if cell and codes == len(others) > 1:
                return False
        elif _NUMBER.fullmatch(cell) or (not below and not _BLANK.search(cell)):
            found = True
        else:
            alike = sum(1 for other in others if _shape(other) == _shape(cell) and abs(len(other) - len(cell)) <= 1)
            is_code = _CODE.fullmatch(cell) is not None
            found = found or (others != [] and max(alike, codes * is_code) * 2 >= len(others))
    return found


def _has_digit(text: str) -> bool:
    return any(sign.isdecimal() for sign in text)


def _shape(text: str) -> str:
    for run, sign in _SHAPES:
        text = run.sub(sign, text)
    return text
