"""XLS and XLSB: the rows of one sheet, read by python-calamine in a process of its own (`calamine_process`).

The library tells neither number formats nor hidden rows: a number that is shown as `00042` is `42` here, and an error
is an empty cell.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from models.errors import BadValue
from models.extras import how_to_install
from models.importing.cells import unguarded
from models.importing.files import OpenedFile, bad_file, with_password
from models.importing.number_formats import CellKind, number_text
from models.importing.workbooks import MOST_COLUMNS, NO_KINDS, RawRow, chosen, has_rows

EXTRA: Final = "xls"
_NAMES: Final = {"xls": "an old Excel file (.xls)", "xlsb": "a binary workbook (.xlsb)"}
_PROTECTED: Final = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""The first records of an XLS file that is encrypted."""
_PROGRAM: Final = Path(__file__).with_name("calamine_process.py")


class BinaryWorkbook:
    """Reader for one sheet of an XLS or XLSB file.

    Args:
        file: the file.
        kind: `xls` or `xlsb`.
        sheet: the name of a sheet; None takes the first visible one.

    Raises:
        BadValue: it is damaged or protected, the sheet does not exist, or python-calamine is not installed.
    """

    delimiter = ","
    encoding = ""
    likely = ()
    is_marked = False
    hidden_rows = 0

    def __init__(self, file: OpenedFile, kind: str, sheet: str | None) -> None:
        if find_spec("python_calamine") is None:
            raise bad_file(
                f"{file.name} is {_NAMES[kind]}. Open it, save it as .xlsx and choose that file; or add what reads "
                f"such files, and start Serialdock again: {how_to_install(EXTRA)}"
            )
        self._file = file
        self.kind = kind
        self.share_read = 0.0
        self._process = self._started()
        try:
            sheets = [(str(name), bool(is_visible)) for name, is_visible in self._answer()["sheets"]]
            self.sheets = tuple(name for name, _ in sheets)
            self.hidden_sheets = tuple(name for name, is_visible in sheets if not is_visible)
            self.sheet = chosen(file, self.sheets, self.hidden_sheets, sheet)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # a request that was not read
                    pipe.close()
        self._process.wait()

    def records(self) -> Iterator[RawRow]:
        """Number and cells of each row with a value.

        Raises:
            BadValue: it is damaged.
        """
        self.share_read = 0.0
        for height, record in self._records(self.sheet):
            self.share_read = min(1.0, record.number / max(1, height))
            yield record
        self.share_read = 1.0
        self._file.check_unchanged()

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header.

        Raises:
            BadValue: one of them is damaged.
        """
        return tuple(name for name in self.sheets if has_rows(record for _, record in self._records(name)))

    def _records(self, sheet: str) -> Iterator[tuple[int, RawRow]]:
        last = 0
        while True:
            answer = self._asked([sheet, last])
            for number, cells in answer["rows"]:
                last = number
                yield answer["height"], _record(number, cells)
            if not answer["rows"]:
                return

    def _started(self) -> subprocess.Popen[bytes]:
        descriptor = self._file.descriptor
        try:
            return subprocess.Popen(
                # -P: the modules beside the program must not be found in place of others with such a name.
                [sys.executable, "-P", str(_PROGRAM), str(descriptor)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(descriptor,),
            )  # fmt: skip
        except OSError as trouble:
            raise bad_file(
                f"{self._file.name} cannot be read: no process can be started for it ({trouble.strerror}). Try again "
                "when the machine is less busy."
            ) from trouble

    def _asked(self, request: object) -> Any:
        pipe = self._process.stdin
        with suppress(BrokenPipeError):  # it has ended: the answer says so
            if pipe is not None:
                pipe.write(f"{json.dumps(request)}\n".encode())
                pipe.flush()
        return self._answer()

    def _answer(self) -> Any:
        pipe = self._process.stdout
        line = pipe.readline() if pipe is not None else b""
        if not line.endswith(b"\n"):  # the process has ended, maybe in the middle of an answer
            self._file.check_unchanged()
            raise self._damaged()
        return json.loads(line)

    def _damaged(self) -> BadValue:
        if self.kind == "xls" and any(_PROTECTED.search(chunk) for chunk in self._file.chunks()):
            return with_password(self._file)
        return bad_file(
            f"{self._file.name} is {_NAMES[self.kind]} that is damaged or too large to be read. Open it in a "
            "spreadsheet, save it as .xlsx and choose that file."
        )


def _record(number: int, values: list[Any]) -> RawRow:
    kinds: dict[int, CellKind] = {}
    cells: list[str] = []
    for column, value in enumerate(values[:MOST_COLUMNS]):
        text, kind = _shown(value)
        cells.append(text)
        if kind is not None:
            kinds[column] = kind
    return RawRow(number, cells, kinds or NO_KINDS)


def _shown(value: Any) -> tuple[str, CellKind | None]:
    if isinstance(value, str):
        return unguarded(value.strip()), None
    if isinstance(value, bool):
        return str(value).upper(), CellKind.BOOLEAN
    if isinstance(value, int | float):
        return number_text(repr(value)), CellKind.NUMBER
    kind, said = value
    if kind == "date":
        return said.partition(".")[0].removesuffix("T00:00:00").replace("T", " "), CellKind.DATE
    if kind == "time":
        return said.partition(".")[0], CellKind.TIME
    seconds = round(said)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}", CellKind.TIME
