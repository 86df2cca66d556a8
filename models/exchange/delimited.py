"""CSV and TSV: the delimiter told apart, quoted line ends, rows streamed at nearly the speed of the `csv` module."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Final

from models.errors import BadValue
from models.exchange.values import GUARDED, unguarded
from models.importing.columns import recognise
from models.importing.files import OpenedFile, bad_file
from models.importing.text_files import Look

DELIMITERS: Final = (",", ";", "\t", "|")

LONGEST_LINE: Final = 1 << 20
"""Characters; no row of a table has as many, and a file without line ends shall not fill the memory."""

LONGEST_RECORD: Final = 1 << 22
"""Characters of one row with all the line ends in its cells."""

_SEPARATOR_LINE: Final = re.compile(r'"?sep=([^\w"\'\r\n])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_SAMPLE_ROWS: Final = 100
_END: Final = "\0"
"""A last line of our own; no text has a NUL, so a cell that has it was never closed."""


class Delimited:
    """A text file as records of cells."""

    sheets: tuple[str, ...] = ()
    sheet = ""

    def __init__(self, file: OpenedFile, look: Look) -> None:
        self._file = file
        self._look = look
        self._taken = 0
        sample = next(self._texts(), "")
        separator = _SEPARATOR_LINE.match(sample)
        self._first_line = 2 if separator else 1
        self.delimiter = separator[1] if separator else _delimiter(sample)
        self.kind = "tsv" if self.delimiter == "\t" else "csv"

    @property
    def share_read(self) -> float:
        """How much of the file the latest `records` took, 0 to 1."""
        return min(1.0, self._taken / self._file.size)

    def close(self) -> None:
        """Nothing is held."""

    def filled(self) -> tuple[str, ...]:
        """No sheet at all."""
        return ()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The line on which each record begins, and its cells as they stand in the file, but for their guard.

        Raises:
            BadValue: a quote that never closes, a line or a record that is too long, a file that was changed.
        """
        before = self._first_line - 1
        begins = self._first_line
        ended = guards = False

        def blocks() -> Iterator[io.StringIO]:
            nonlocal ended, guards
            waiting, waited = begins, 0
            for block in self._blocks():
                waited = waited + len(block) if waiting == begins else len(block)
                waiting = begins
                if waited > LONGEST_RECORD:
                    raise self._endless(begins)
                guards = guards or ("'" in block and bool(GUARDED.search(block)))
                yield io.StringIO(block, newline="")
            ended = True
            yield io.StringIO(_END, newline="")

        lines = chain.from_iterable(blocks())
        if before:
            next(lines)
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
        try:
            for cells in reader:
                if ended:
                    if cells != [_END]:
                        raise self._endless(begins)
                    return
                if guards:
                    cells = [unguarded(cell.strip()) for cell in cells]  # noqa: PLW2901
                yield begins, cells
                begins = before + reader.line_num + 1
        except csv.Error as trouble:
            raise self._endless(begins) from trouble

    def _blocks(self) -> Iterator[str]:
        """The text in pieces that end where a line does."""
        rest = ""
        for text in self._texts():
            end = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1  # CR LF is not torn apart
            if end:
                yield rest + text[:end]
                rest = text[end:]
            else:
                rest += text
            if len(rest) > LONGEST_LINE:
                raise bad_file(
                    f"{self._file.name} has a line of more than {LONGEST_LINE:,} characters, so it is no table with "
                    "one row a line. Export it again as CSV."
                )
        yield rest

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._look.encoding)()
        self._taken = self._look.skip
        for chunk in self._file.chunks(self._look.skip):
            try:
                yield decoder.decode(chunk)
            except UnicodeDecodeError:
                self._file.check_unchanged()
                raise
            self._taken += len(chunk)

    def _endless(self, line: int) -> BadValue:
        return bad_file(
            f"{self._file.name} cannot be read from line {line} on: a quote is opened there and never closed, or a "
            'cell is too long. Close the quote (one inside a cell is written twice, "") and try again.'
        )


def _delimiter(sample: str) -> str:
    """The delimiter that makes most sense of the first rows: known headings, then rows of one width, then columns."""
    return max(DELIMITERS, key=lambda delimiter: _sense(sample, delimiter))


def _sense(sample: str, delimiter: str) -> tuple[int, float, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(islice(filter(any, reader), _SAMPLE_ROWS))
    if not rows or len(rows[0]) < 2:
        return 0, 0.0, 0
    width = len(rows[0])
    even = sum(len(row) == width for row in rows) / len(rows)
    return len(recognise(rows[0])), even, width
