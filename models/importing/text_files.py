"""What a file's bytes are: one pass over all of them gives its checksum and the encoding of its text."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from models.errors import BadValue
from models.importing.files import OpenedFile, Progress, bad_file

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""What stands for nothing in Windows-1252, which is Latin-1 with signs in place of control codes."""
_MARKUP: Final = re.compile(r"\s*<(?:\?xml|!doctype|!--|html|table|workbook)", re.IGNORECASE)
_HEAD: Final = 1 << 16
_SAVE: Final = "Save it as CSV in UTF-8 and choose that file."


@dataclass(frozen=True, slots=True)
class Look:
    """What one pass over a file found."""

    sha256: str
    """Of all its bytes, in hex."""
    encoding: str = ""
    """A codec's name; empty for a file that is no text."""
    skip: int = 0
    """Bytes of the byte order mark."""


def checksum(file: OpenedFile, progress: Progress | None = None) -> Look:
    """The pass over a file whose content others check."""
    digest = hashlib.sha256()
    for chunk in file.chunks(progress=progress):
        digest.update(chunk)
    return Look(digest.hexdigest())


def look(file: OpenedFile, progress: Progress | None = None) -> Look:
    """The pass over a text file: UTF-8, UTF-16 and Windows-1252 are told apart by all of its bytes.

    Raises:
        BadValue: it is no text, or in no encoding that can be told.
    """
    head = file.read_at(0, _HEAD)
    encoding, skip = next(((name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), ("", 0))
    if not encoding:
        encoding = _utf16_without_mark(head) or "utf-8"
    if encoding != "utf-8" and file.size % 2:
        raise bad_file(f"{file.name} ends in the middle of a character: a part of it is missing. Export it again.")
    if _MARKUP.match(head[skip:].decode(encoding, "replace")):
        raise bad_file(f"{file.name} is a web page or an XML file, whatever its name says. {_SAVE}")
    scan = _Utf16(file, encoding) if encoding != "utf-8" else _Utf8(file, marked=bool(skip))
    digest = hashlib.sha256()
    for number, chunk in enumerate(file.chunks(progress=progress)):
        digest.update(chunk)
        scan.take(chunk[skip:] if not number else chunk)
    return Look(digest.hexdigest(), scan.end(), skip)


def _utf16_without_mark(head: bytes) -> str:
    """Text of mostly Latin letters has a zero in every second byte."""
    pairs = max(1, len(head) // 2)
    first, second = head[0::2].count(0), head[1::2].count(0)
    if second > pairs / 4 and first * 4 < second:
        return "utf-16-le"
    if first > pairs / 4 and second * 4 < first:
        return "utf-16-be"
    return ""


class _Utf16:
    def __init__(self, file: OpenedFile, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._lines = 1

    def take(self, chunk: bytes) -> None:
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError:
            raise _damaged(self._file, self._lines) from None
        if "\0" in text:
            raise _no_text(self._file, self._lines + text.partition("\0")[0].count("\n"))
        self._lines += text.count("\n")

    def end(self) -> str:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise _damaged(self._file, self._lines) from None
        return self._encoding


class _Utf8:
    """UTF-8 if all of it is, else Windows-1252 where that is what most of the letters beyond ASCII can be."""

    def __init__(self, file: OpenedFile, *, marked: bool) -> None:
        self._file = file
        self._marked = marked
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines = 1
        self._broken_line = 0
        self._broken = self._whole = 0
        self._undefined_line = 0

    def take(self, chunk: bytes) -> None:
        if b"\0" in chunk:
            raise _no_text(self._file, self._lines + chunk.partition(b"\0")[0].count(b"\n"))
        if not (chunk.isascii() and self._decoder.getstate()[0] == b""):
            self._take_letters(chunk)
        self._lines += chunk.count(b"\n")

    def _take_letters(self, chunk: bytes) -> None:
        text = self._decoded(chunk)
        self._whole += len(text) - len(text.encode("ascii", "ignore"))
        if self._broken_line:
            broken = text.count("\ufffd")
            self._broken += broken
            self._whole -= broken
        if not self._undefined_line and (undefined := _UNDEFINED.search(chunk)):
            self._undefined_line = self._lines + chunk.count(b"\n", 0, undefined.start())

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(chunk, final=final)
        except UnicodeDecodeError as trouble:
            # The decoder kept its state; the text before was whole, from here on what is broken is counted.
            self._broken_line = self._lines + trouble.object.count(b"\n", 0, trouble.start)
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
        if self._undefined_line:
            raise bad_file(
                f"{self._file.name} is in an encoding that cannot be told (line {self._undefined_line}). {_SAVE}"
            )
        return "cp1252"


def _no_text(file: OpenedFile, line: int) -> BadValue:
    return bad_file(
        f"{file.name} is no table that can be read: line {line} has a NUL byte, which no text has. "
        "Choose a CSV, TSV, XLSX or ODS file."
    )


def _damaged(file: OpenedFile, line: int) -> BadValue:
    return bad_file(f"{file.name} mixes encodings or is damaged: line {line} has a broken character. {_SAVE}")
