"""Cell values: guards against formulas, values mangled by a spreadsheet."""

from __future__ import annotations

import re
from typing import Final

GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
"""Start of a guarded text, or of an original text that needs one more guard to survive the round trip."""

_UNSAFE: Final = re.compile(r"'*[=+\-@\t\r]")
"""Start of a text that a spreadsheet would execute as a formula, guarded or not."""

_SHORTENED: Final = re.compile(r"[+-]?(?:[0-9]+[.,][0-9]+E[+-][0-9]+|[0-9]E\+[0-9]{2,})", re.IGNORECASE)
"""A long number in a spreadsheet's notation: 1.23E+14. Not `5E10` or `12E4`, which may be serial numbers."""

_HASHES: Final = re.compile("#{2,}")
"""The signs that a spreadsheet shows for a number that is wider than its column."""

_ERROR: Final = re.compile(r"#N/A|#NV|#[A-ZÄÖÜÉÈÀÑ0-9/_ ]{2,30}[!?]|Err:[0-9]{3}", re.IGNORECASE)
"""A spreadsheet error: #REF!, #DIV/0!, #NAME?, Err:502, in any language."""


def mangled(text: str) -> str | None:
    """Why a cell lost its value in a spreadsheet (rounded number, `###`, formula error), or None if it is intact."""
    text = text.strip()
    if _SHORTENED.fullmatch(text):
        return (
            f"{text[:40]} is what a spreadsheet makes of a long number; its digits are lost. "
            "Format the column as text, fill in the whole number and export the file again."
        )
    if _HASHES.fullmatch(text):
        return (
            f"{text[:10]} is what a spreadsheet shows where a column is too narrow. "
            "Format the column as text, widen it and export the file again."
        )
    if _ERROR.fullmatch(text):
        return (
            f"{text[:40]} is what a spreadsheet shows for a formula without a result. "
            "Write the value itself into the cell, formatted as text, and export the file again."
        )
    return None


def guarded(text: str) -> str:
    """The text for a file, with a `'` before anything that a spreadsheet would execute as a formula.

    `unguarded` restores the text; a text that already begins with such a `'` gets another one.
    """
    return "'" + text if _UNSAFE.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell without one `'` that guards a leading `=`, `+`, `-`, `@`, TAB or CR."""
    return text[1:] if GUARDED.match(text) else text
