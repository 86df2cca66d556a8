"""Which sheet of a workbook is read, and what kind of workbook a package is."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import BadValue
from models.exchange.opened import OpenedFile, bad_file


def chosen(file: OpenedFile, sheets: Sequence[str], hidden: Sequence[str], asked: str | None) -> str:
    """The name of the sheet that was asked for, else of the first that is not hidden.

    Raises:
        BadValue: there is none.
    """
    if not sheets:
        raise bad_file(f"{file.name} has no sheet with rows and columns. Choose another file.")
    if asked is None:
        return next((name for name in sheets if name not in hidden), sheets[0])
    for same in (str, str.casefold):
        for name in sheets:
            if same(name) == same(asked):
                return name
    names = ", ".join(f"“{name}”" for name in sheets[:20]) + (" …" if len(sheets) > 20 else "")
    raise BadValue(f"{file.name} has no sheet “{asked}”. It has: {names}.", field="sheet")
