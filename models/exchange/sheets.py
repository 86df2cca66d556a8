"""Which sheet of a workbook is read, and what kind of workbook a package is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from models.errors import BadValue
from models.importing.files import OpenedFile, bad_file


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
    raise BadValue(f"{file.name} has no sheet “{asked}”. It has: {_named(sheets)}.", field="sheet")


def empty(file: OpenedFile, sheet: str, filled: Sequence[str], wrong: str) -> BadValue:
    """The refusal of a workbook whose sheet has no rows.

    Args:
        file: the workbook.
        sheet: the one that was read.
        filled: those that have rows.
        wrong: what is wrong with the sheet, such as "is empty".
    """
    if not filled:
        return bad_file(f"No sheet of {file.name} has rows under a header. Export it again, or choose another file.")
    have = "This one has" if len(filled) == 1 else "These have"
    return BadValue(
        f"The sheet “{sheet}” of {file.name} {wrong}. {have} rows: {_named(filled)}.",
        field="sheet",
        sheets=tuple(filled),
        option="--sheet",
    )


def has_rows(records: Iterable[tuple[int, Sequence[str]]]) -> bool:
    """Whether there is more than a header among the records of a sheet."""
    return len(list(islice((cells for _, cells in records if any(map(str.strip, cells))), 2))) > 1


def _named(sheets: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in sheets[:20]) + (" …" if len(sheets) > 20 else "")
