"""The process that reads one binary workbook with python-calamine and answers with its rows.

A process of its own: a damaged file can make the library take all memory or end its process, and the program that asks
has scans that are not saved yet. It is started as a script, with the number of an open descriptor, and needs nothing of
Serialdock. Each line of its input is a request, each line of its output an answer, both in JSON. At an error it ends.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from collections.abc import Iterator
from itertools import dropwhile, islice
from typing import Any, Final

_MOST_MEMORY: Final = 2 << 30
_MOST_SECONDS: Final = 60
"""Processor time for all requests of one file."""
_BATCH: Final = 500
"""Rows of one answer."""


def main(descriptor: int) -> None:
    """Answer with the sheets, then each request for a sheet's rows from a certain one on."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no file with the person's data behind
    from python_calamine import (  # noqa: PLC0415 - optional, and its memory is limited now
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    with open(descriptor, "rb") as file:
        file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
    worksheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    _answer({"sheets": [(sheet.name, sheet.visible == SheetVisibleEnum.Visible) for sheet in worksheets]})
    sheet, reached = None, -1
    rows: Iterator[tuple[int, list[Any]]] = iter(())
    for line in sys.stdin:
        name, after = json.loads(line)
        if sheet is None or sheet.name != name:
            sheet, reached = book.get_sheet_by_name(name), -1
        if after != reached:
            rows = dropwhile(lambda row: row[0] <= after, _rows(sheet))  # noqa: B023 - used up before the next line
        batch = list(islice(rows, _BATCH))
        reached = batch[-1][0] if batch else after
        _answer({"rows": batch, "height": sheet.total_height})


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Number and cells of each row with a value; texts and numbers as they are, other values with their kind."""
    _, left = sheet.start or (0, 0)  # the library leaves out empty columns before the first cell, but no rows
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [*[""] * left, *map(_said, row)]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield number, cells


def _said(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return ["date", value.isoformat()]
    if isinstance(value, dt.time):
        return ["time", value.isoformat()]
    if isinstance(value, dt.timedelta):
        return ["duration", value.total_seconds()]
    return value


def _answer(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
