"""Rows that were not taken, in a file of their own that can be mended and imported again."""

from __future__ import annotations

import csv
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self, TextIO

from models.errors import BadValue
from models.exchange.delimited import DELIMITERS
from models.exchange.values import guarded
from models.importing import staging
from models.importing.columns import REASON
from models.importing.files import bad_file, shown
from models.importing.table import Row, Table

_NAME: Final = re.compile(r"(.*) rejected(?: [0-9]+)?")
_MOST: Final = 10_000
"""Files of rejected rows beside one source."""


class _Writer(Protocol):
    def writerow(self, row: Any, /) -> object: ...


class Rejects:
    """A CSV beside the source with the same columns and the reason in the last one.

    The file is there from the first row on, under a name that nothing had: `serials rejected.csv`, then
    `serials rejected 2.csv`. It is UTF-8 with a byte order mark, because spreadsheets need one, and has the source's
    delimiter. Texts that a spreadsheet would take for a formula get a `'` in front, which `open_table` takes off
    again. A column of reasons that the source has already, as its last one, is replaced. Use it in a `with`; an error
    inside removes the file.

    Args:
        table: the source.
        path: the file to write instead; it must not be there.
    """

    def __init__(self, table: Table, path: str | None = None) -> None:
        self._table = table
        self._asked = path
        self.path: str | None = None
        """The file, as soon as there is one."""
        self.count = 0
        """Rows written."""
        self._again = bool(table.header) and table.header[-1].casefold() == REASON.casefold()
        self._width = len(table.header) - self._again
        self._file: TextIO | None = None
        self._writer: _Writer | None = None

    def add(self, row: Row, reason: str) -> None:
        """Write one row, with the texts beyond the header's last column behind the reason, so that none is lost.

        Raises:
            BadValue: the file cannot be written.
        """
        cells = list(row.cells[: self._width])
        beyond = [cell for cell in row.cells[len(self._table.header) :] if cell]
        try:
            writer = self._writer or self._begin()
            writer.writerow([*map(guarded, cells), guarded(reason), *map(guarded, beyond)])
        except OSError as trouble:
            raise self._trouble(trouble) from trouble
        self.count += 1

    def close(self) -> None:
        """Finish the file.

        Raises:
            BadValue: the disk took not all of it.
        """
        file, self._file, self._writer = self._file, None, None
        if file is not None:
            try:
                file.close()
            except OSError as trouble:
                raise self._trouble(trouble) from trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(BadValue):
            self.close()
        if self.path is not None:
            with suppress(OSError):
                Path(self.path).unlink()
            self.path = None

    def _begin(self) -> _Writer:
        self.path, self._file = self._created()
        delimiter = self._table.delimiter if self._table.delimiter in DELIMITERS else ","
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow([*map(guarded, self._table.header[: self._width]), REASON])
        return self._writer

    def _created(self) -> tuple[str, TextIO]:
        source = Path(self._table.path)
        before = _NAME.fullmatch(source.stem)
        stem = before[1] if before else source.stem
        for number in range(1, _MOST):
            name = f"{stem} rejected{f' {number}' if number > 1 else ''}.csv"
            path = self._asked or os.fspath(source.with_name(name))
            try:
                return path, open(path, "x", encoding="utf-8-sig", newline="")  # noqa: PTH123  closed by close
            except FileExistsError:
                if self._asked:
                    raise bad_file(f"{shown(path)} is there already. Choose another name, or remove it.") from None
            except OSError as trouble:
                self.path = path
                raise self._trouble(trouble) from trouble
        raise bad_file(f"There are {_MOST:,} files of rejected rows beside {self._table.name}. Remove some of them.")

    def _trouble(self, trouble: OSError) -> BadValue:
        return bad_file(
            f"The rejected rows cannot be written to {shown(self.path or '')}: {trouble.strerror}. "
            "Choose a folder that you may write to and that has room."
        )


def write_rejects(table: Table, path: str | None = None) -> str | None:
    """Write the staged rows that cannot be imported, each with its reason, to a file that can be mended and imported.

    Args:
        table: the file that they are of.
        path: the new file; None makes one beside the source, under a name that nothing has.

    Returns:
        Its path; None where there is no such row.

    Raises:
        BadValue: it cannot be written; nothing is left of it.
        Changed: the rows are gone with a broken connection.
    """
    with Rejects(table, path) as rejects:
        for row in staging.rejected():
            rejects.add(Row(row.row, tuple(json.loads(row.cells)), is_ragged=False), row.reason)
    return rejects.path
