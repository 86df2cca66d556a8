"""Workbooks with the features of real ones, read with our readers, python-calamine and openpyxl: all read the same."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from models.importing.files import OpenedFile
from models.importing.number_formats import CellKind, number_text
from models.importing.sources import open_source
from tests.support.cases import each
from tests.support.workbook_cases import CALAMINE, CASES, OPENPYXL, Case

Cells = Mapping[tuple[int, int], Any]
"""Values by row and column, from 1 and 0; without those that are empty."""


def ours(path: Path) -> tuple[str, list[list[str]], dict[tuple[int, int], tuple[str, CellKind | None]]]:
    """The sheet that is read; its rows with text; its cells and their kinds."""
    file = OpenedFile(str(path))
    source, _ = open_source(file, sheet=None, hidden=False, progress=None)
    try:
        records = [record for record in source.records() if any(record.cells)]
        assert list(source.records()) == list(source.records())
        cells = {
            (record.number, column): (text, record.kinds.get(column))
            for record in records
            for column, text in enumerate(record.cells)
            if text
        }
        return source.sheet, [_shortened(record.cells) for record in records], cells
    finally:
        source.close()
        file.close()


def _shortened(cells: list[str]) -> list[str]:
    return cells[: max(column for column, text in enumerate(cells, 1) if text)]


def of_calamine(path: Path, sheet: str) -> Cells:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return {
        (number, column): value
        for number, row in enumerate(rows, 1)
        for column, value in enumerate(row)
        if not (isinstance(value, str) and not value.strip())
    }


def of_openpyxl(path: Path, sheet: str) -> Cells:
    with path.open("rb") as file, warnings.catch_warnings(action="ignore"):  # it warns that it uses its own styles
        cells = [cell for row in openpyxl.load_workbook(file, data_only=True)[sheet].iter_rows() for cell in row]
    return {
        (cell.row, cell.column - 1): cell.value for cell in cells if cell.value is not None and str(cell.value).strip()
    }


def seen(value: Any, kind: CellKind | None) -> str:
    """Another reader's value as ours says it; formats that others do not tell are known by our kind."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        number = number_text(repr(value))
        return f"{(Decimal(number) * 100).normalize():f}%" if kind is CellKind.PERCENT else number
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, dt.datetime):
        rounded = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.isoformat(" ").removesuffix(" 00:00:00")
    return value.strip() if isinstance(value, str) else value.isoformat()


def same(mine: tuple[str, CellKind | None], value: Any) -> bool:
    text, kind = mine
    other = seen(value, kind)
    if kind is CellKind.PADDED:
        digits = "".join(filter(str.isdigit, text)).lstrip("0")
        return bool(digits == other.lstrip("-").replace(".", "").lstrip("0"))
    return bool(text == other)


def told_apart(mine: Mapping[tuple[int, int], tuple[str, CellKind | None]], theirs: Cells) -> dict[Any, Any]:
    """The cells that are read otherwise: ours and theirs."""
    nothing = ("", None)
    return {
        at: (mine.get(at), theirs.get(at))
        for at in mine.keys() | theirs.keys()
        if at not in theirs or not same(mine.get(at, nothing), theirs[at])
    }


@each("case", CASES)
def test_a_workbook_is_read_as_other_libraries_read_it(tmp_path: Path, case: Case) -> None:
    path = tmp_path / f"a.{case.ending}"
    case.write(path)
    sheet, rows, cells = ours(path)
    assert rows == [list(row) for row in case.rows]
    readers = {CALAMINE: of_calamine, OPENPYXL: of_openpyxl} if case.ending == "xlsx" else {CALAMINE: of_calamine}
    for name, reader in readers.items():
        try:
            other = told_apart(cells, reader(path, sheet))
        except Exception as trouble:  # noqa: BLE001 - whatever a library raises for a file that it does not know
            other = {"refused": repr(trouble)}
        assert bool(other) == (name in case.otherwise), (name, other)
