"""CSV, TSV and other text files: first the encoding (`scan_text`), then delimiter and rows (`Delimited`)."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import AnyStr, Final, Generic

from models.errors import BadValue
from models.importing.cells import GUARDED, unguarded
from models.importing.columns import known_fields
from models.importing.encodings import EncodingScan, Likely, around, certain
from models.importing.files import OpenedFile, Progress, bad_file
from models.importing.workbooks import RawRow

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before that of UTF-16, which is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKUP: Final = re.compile(r"\s*<(?:\?xml|!doctype|!--|html|table|workbook|office:document)", re.IGNORECASE)
_JSON: Final = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_MARKUPS: Final = (
    ("urn:schemas-microsoft-com:office:spreadsheet", "an XML file of Excel 2003"),
    ("urn:oasis:names:tc:opendocument", "a flat OpenDocument file (.fods)"),
    ("<html", "a web page"),
    ("<table", "a web page"),
    ("<!doctype html", "a web page"),
)
"""Words in the first lines of a file of markup, and the name of its kind."""
_HEAD: Final = 1 << 16
_SAVE: Final = "Save it as CSV in UTF-8 and choose that file."
_MOST_NAMED: Final = 4
"""Maximum number of encodings that a refusal names."""
_QUOTED: Final = 66
"""Characters of the file that it quotes in all of them together: with these it has less than 300."""


@dataclass(frozen=True, slots=True)
class FileScan:
    """Result of one pass over a file."""

    sha256: str
    """Checksum of all bytes, in hex."""
    encoding: str = ""
    """Codec name; empty for a file that is not text, or whose encoding is not certain."""
    skip: int = 0
    """Length of the byte order mark."""
    likely: tuple[Likely, ...] = ()
    """The encodings in which a file that is not UTF-8 can be read, best first; then `encoding` is the certain one."""
    line: int = 0
    """Then the first line that is not ASCII."""

    @property
    def is_marked(self) -> bool:
        """Whether the file says its encoding itself, by a byte order mark."""
        return self.skip > 0


def checksum(file: OpenedFile, progress: Progress | None = None) -> FileScan:
    """The pass over a workbook: checksum only."""
    digest = hashlib.sha256()
    for chunk in file.chunks(progress=progress):
        digest.update(chunk)
    return FileScan(digest.hexdigest())


def scan_text(file: OpenedFile, progress: Progress | None = None, *, encoding: str | None = None) -> FileScan:
    """The pass over a text file: checksum, and the encoding by all of its bytes.

    A file that is not UTF-8 or UTF-16 is read once more, to see which encodings its words can be in.

    Args:
        file: the file.
        progress: called with the bytes read and the total.
        encoding: the codec that a person chose; a byte order mark says more.

    Raises:
        BadValue: it is not text, or not in the chosen encoding.
    """
    head = file.read_at(0, _HEAD)
    found, skip = next(((name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), ("", 0))
    chosen = "" if found or encoding is None else encoding
    if not found:
        found = chosen or _utf16_without_mark(head) or "utf-8"
    if found.startswith("utf-16") and file.size % 2:  # the decoder would drop the last byte without a word
        raise bad_file(f"{file.name} ends in the middle of a character: a part of it is missing. Export it again.")
    _refuse_code(file, head[skip:].decode(found, "replace"))
    scan: _Utf8 | _Decoded
    if found == "utf-8" and not chosen:
        scan = _Utf8(file, marked=bool(skip))
    else:
        scan = _Decoded(file, found, is_chosen=bool(chosen))
    digest = hashlib.sha256()
    for number, chunk in enumerate(file.chunks(progress=progress)):
        digest.update(chunk)  # with the byte order mark: it is the checksum of the file
        scan.take(chunk[skip:] if not number else chunk)
    sha256 = digest.hexdigest()
    if found := scan.end():
        return FileScan(sha256, found, skip)
    scanned = EncodingScan()
    for chunk in file.chunks(progress=progress):
        scanned.take(chunk)
    likely = scanned.end()
    return FileScan(sha256, certain(likely) or "", 0, tuple(likely), scanned.number)


def _refuse_code(file: OpenedFile, text: str) -> None:
    """Refuse text that is meant for programs, not a table."""
    if _JSON.match(text):
        raise bad_file(f"{file.name} is a JSON file. Export the table as CSV and choose that file.")
    if _MARKUP.match(text):
        small = text.lower()
        what = next((what for word, what in _MARKUPS if word in small), "an XML file")
        raise bad_file(
            f"{file.name} is {what}, whatever its name says. Open it in a spreadsheet, save it as .xlsx and choose "
            "that file."
        )


def _utf16_without_mark(head: bytes) -> str:
    """Detect UTF-16 without a byte order mark: mostly Latin text has a zero in every second byte."""
    pairs = max(1, len(head) // 2)
    first, second = head[0::2].count(0), head[1::2].count(0)
    # Far more zeros in one of the two places than in the other: a binary file has them in both.
    if second > pairs / 4 and first * 4 < second:
        return "utf-16-le"
    if first > pairs / 4 and second * 4 < first:
        return "utf-16-be"
    return ""


class _LineEnds(Generic[AnyStr]):
    """Counts the ends of lines in pieces of a file: LF, CR LF, and CR as old Macs wrote them."""

    def __init__(self, lf: AnyStr, cr: AnyStr) -> None:
        self._lf: AnyStr = lf
        self._cr: AnyStr = cr
        self._line = 1
        self._ended_with_cr = False

    def at(self, piece: AnyStr, place: int) -> int:
        """The line of a place in the next piece."""
        lf, cr = self._lf, self._cr
        ends = piece.count(lf, 0, place) + piece.count(cr, 0, place) - piece.count(cr + lf, 0, place)
        # A CR LF that was cut between two pieces was counted with the CR.
        return self._line + ends - (self._ended_with_cr and place > 0 and piece.startswith(lf))

    def take(self, piece: AnyStr) -> None:
        """Go on behind a piece."""
        if piece:
            self._line = self.at(piece, len(piece))
            self._ended_with_cr = piece.endswith(self._cr)


class _Decoded:
    """UTF-16, or the encoding that a person chose."""

    def __init__(self, file: OpenedFile, encoding: str, *, is_chosen: bool) -> None:
        self._file = file
        self._encoding = encoding
        self._is_chosen = is_chosen
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._lines = _LineEnds("\n", "\r")

    def take(self, chunk: bytes) -> None:
        text = self._decoded(chunk)
        if "\0" in text:
            raise _no_text(self._file, self._lines.at(text, text.index("\0")))
        self._lines.take(text)

    def end(self) -> str:
        self._decoded(b"", final=True)
        return self._encoding

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(chunk, final=final)
        except UnicodeError as trouble:
            before = ""
            if self._is_chosen and isinstance(trouble, UnicodeDecodeError):
                before = trouble.object[: trouble.start].decode(self._encoding, "ignore")
            line = self._lines.at(before, len(before))
            if not self._is_chosen:
                raise _damaged(self._file, line) from None
            raise BadValue(
                f"{self._file.name} is not in {self._encoding}: line {line} cannot be read in it.",
                field="encoding",
                option="another --encoding",
            ) from None


class _Utf8:
    """UTF-8 if all bytes are valid; another encoding if most characters beyond ASCII are not valid UTF-8."""

    def __init__(self, file: OpenedFile, *, marked: bool) -> None:
        self._file = file
        self._marked = marked
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines = _LineEnds(b"\n", b"\r")
        self._broken_line = 0
        self._broken = self._whole = 0

    def take(self, chunk: bytes) -> None:
        if b"\0" in chunk:
            raise _no_text(self._file, self._lines.at(chunk, chunk.index(b"\0")))
        if not (chunk.isascii() and self._decoder.getstate()[0] == b""):
            self._take_letters(chunk)
        self._lines.take(chunk)

    def _take_letters(self, chunk: bytes) -> None:
        text = self._decoded(chunk)
        self._whole += len(text) - len(text.encode("ascii", "ignore"))
        if self._broken_line:
            broken = text.count("\ufffd")
            self._broken += broken
            self._whole -= broken

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(chunk, final=final)
        except UnicodeDecodeError as trouble:
            # The failed call left the decoder's state unchanged: decode again, and count broken characters from now on.
            self._broken_line = self._lines.at(trouble.object, trouble.start)
            pending = self._decoder.getstate()
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._decoder.setstate(pending)
            return self._decoder.decode(chunk, final=final)

    def end(self) -> str:
        rest = self._decoded(b"", final=True)
        self._broken += rest.count("\ufffd") if self._broken_line else 0
        if not self._broken_line:
            return "utf-8"
        if self._marked or self._broken <= self._whole:
            raise _damaged(self._file, self._broken_line)
        return ""


def uncertain(file: OpenedFile, seen: FileScan) -> BadValue:
    """The question in which encoding a file is, as a refusal."""
    named = ([one for one in seen.likely if one.fit] or list(seen.likely))[:_MOST_NAMED]
    most = _QUOTED // max(1, len(named))
    shown = " or ".join(f"“{around(one.example, most)}” in {one.name} ({one.label})" for one in named)
    return BadValue(
        f"{file.name} is not in UTF-8, and its encoding is not certain: line {seen.line} is {shown}.",
        field="file",
        encodings=tuple(seen.likely),
        option="--encoding NAME",
    )


def _no_text(file: OpenedFile, line: int) -> BadValue:
    return bad_file(
        f"{file.name} is no table that can be read: line {line} has a NUL byte, which no text has. "
        "Choose a CSV or TSV file or a workbook (XLSX, ODS, XLS, XLSB)."
    )


def _damaged(file: OpenedFile, line: int) -> BadValue:
    return bad_file(f"{file.name} mixes encodings or is damaged: line {line} has a broken character. {_SAVE}")


DELIMITERS: Final = (",", ";", "\t", "|")

LONGEST_LINE: Final = 1 << 20
"""Maximum characters of a line, so that a file without line ends does not fill the memory; no table has such lines."""

LONGEST_RECORD: Final = 1 << 22
"""Maximum characters of a row, including line ends inside its cells."""

_SEPARATOR_LINE: Final = re.compile(r'"?sep=([^\w"\'\r\n])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_SAMPLE_ROWS: Final = 100
_END: Final = "\0"
"""A sentinel line after the text. No text has a NUL, so a cell that contains it has an unclosed quote."""


class Delimited:
    """A text file as records of cells."""

    sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows = 0
    sheet = ""

    def __init__(self, file: OpenedFile, scanned: FileScan) -> None:
        self._file = file
        self._scanned = scanned
        self._taken = 0
        self.encoding = scanned.encoding
        """Codec of the text."""
        self.likely = scanned.likely
        self.is_marked = scanned.is_marked and scanned.encoding == "utf-8"
        """Whether the file begins with the mark of UTF-8, as the files of rejected rows do."""
        sample = next(self._decoded_chunks(), "")
        separator = _SEPARATOR_LINE.match(sample)
        self._first_line = 2 if separator else 1
        self.delimiter = separator[1] if separator else _delimiter(sample)
        self.kind = "tsv" if self.delimiter == "\t" else "csv"

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `records`, 0 to 1."""
        return min(1.0, self._taken / self._file.size)

    def close(self) -> None:
        """No resources to release; `FileTable` closes the file."""

    def filled(self) -> tuple[str, ...]:
        """A text file has no sheets."""
        return ()

    def records(self) -> Iterator[RawRow]:
        """The first line number of each record, and its cells without formula guards.

        Raises:
            BadValue: an unclosed quote, a line or record that is too long, or a file changed meanwhile.
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
                    raise self._unclosed_quote(begins)
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
                        raise self._unclosed_quote(begins)
                    return
                if guards:
                    cells = [unguarded(cell.strip()) for cell in cells]  # noqa: PLW2901
                yield RawRow(begins, cells)
                begins = before + reader.line_num + 1
        except csv.Error as trouble:
            raise self._unclosed_quote(begins) from trouble

    def _blocks(self) -> Iterator[str]:
        """The text in pieces that end at a line end."""
        rest = ""
        for text in self._decoded_chunks():
            end = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1  # never splits a CR LF
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

    def _decoded_chunks(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._scanned.encoding)()
        self._taken = self._scanned.skip
        for number, chunk in enumerate(self._file.chunks(self._scanned.skip)):
            try:
                text = decoder.decode(chunk)
                yield text.removeprefix("\ufeff") if not number else text
            except UnicodeDecodeError:
                self._file.check_unchanged()
                raise
            self._taken += len(chunk)

    def _unclosed_quote(self, line: int) -> BadValue:
        return bad_file(
            f"{self._file.name} cannot be read from line {line} on: a quote is opened there and never closed, or a "
            'cell is too long. Close the quote (one inside a cell is written twice, "") and try again.'
        )


def _delimiter(sample: str) -> str:
    """The delimiter that fits the first rows best: by known headings, then rows of equal width, then column count."""
    return max(DELIMITERS, key=lambda delimiter: _delimiter_score(sample, delimiter))


def _delimiter_score(sample: str, delimiter: str) -> tuple[int, float, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(islice(filter(any, reader), _SAMPLE_ROWS))
    widths = Counter(map(len, rows)).most_common(1)
    if not widths or widths[0][0] < 2:
        return 0, 0.0, 0
    width, even = widths[0]
    return max(len(known_fields(row)) for row in rows), even / len(rows), width
