"""Ranges and lists of serials as people type, paste or load them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Final

from models.errors import BadValue
from models.text import LONGEST, clean_serial, serial_key

MOST: Final = 100_000
"""Serials in one entry. They are written at once, which takes some seconds; on SQLite all others wait for that, and who
waits longer than `models.database.connection.LOCK_SECONDS` is refused."""

DOTS: Final = ".."

_NUMBER: Final = re.compile(r"[0-9]+")
_SEPARATORS: Final = re.compile(r"[\n\r\t;,]+")


@dataclass(frozen=True, slots=True)
class SerialSequence:
    """Serials that follow each other, or a single one."""

    first: str
    last: str
    count: int
    before: str = ""
    """What stands before the number that counts up."""
    start: int = 0
    width: int = 0
    """Digits that the number is filled up to with zeros; 0 where it is not."""
    after: str = ""

    def serials(self) -> Iterator[str]:
        """Each of them."""
        if self.count == 1:
            yield self.first
            return
        for number in range(self.start, self.start + self.count):
            yield f"{self.before}{number:0{self.width}d}{self.after}"

    @property
    def said(self) -> str:
        """`A0098 to A0103, 6 serials, 4 digits`."""
        if self.count == 1:
            return self.first
        digits = f", numbers of {self.width} digits" if self.width else ""
        return f"{self.first} to {self.last}, {self.count:,} serials{digits}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered."""

    runs: tuple[SerialSequence, ...]
    """In the order in which they were given."""

    @property
    def count(self) -> int:
        """How many serials all of them are."""
        return sum(run.count for run in self.runs)

    def serials(self) -> list[str]:
        """Each of them, in order."""
        return [serial for run in self.runs for serial in run.serials()]


def counted(first: str, count: int) -> SerialSequence:
    """A first serial and those that follow it.

    Raises:
        BadValue: it has no number to count up, or there would be too few or too many.
    """
    first = clean_serial(first)
    if count < 1:
        raise BadValue(f"The count is 1 to {MOST:,}, not {count:,}.", field="count")
    refuse_more(count, f"{first} and those that follow it are {count:,} serials", field="count")
    if count == 1:
        return SerialSequence(first, first, 1)
    before, number, after = _split(first)
    width = len(number) if number.startswith("0") else 0
    last = int(number) + count - 1
    text = f"{before}{last:0{width}d}{after}"
    if width and len(str(last)) > width:
        raise BadValue(
            f"{count:,} from {first} would end at {text}, which has more digits than {first}. Enter two runs.",
            field="count",
        )
    if len(text) > LONGEST:
        raise BadValue(f"{count:,} from {first} would grow longer than {LONGEST} characters.", field="count")
    return SerialSequence(first, text, count, before, int(number), width, after)


def between(first: str, last: str) -> SerialSequence:
    """From a first serial to a last one.

    Raises:
        BadValue: they do not differ in one number only, or it falls.
    """
    first, last = clean_serial(first), clean_serial(last)
    if first == last:
        return SerialSequence(first, first, 1)
    name = f"{first}{DOTS}{last}"
    before, number, after = _split(first)
    other_before, other_number, other_after = _split(last)
    if (before, after) != (other_before, other_after):
        raise BadValue(
            f"{name} is no range: only the last number may differ between {first} and {last}.", field="range"
        )
    padded = number.startswith("0") or other_number.startswith("0")
    if padded and len(number) != len(other_number):
        raise BadValue(
            f"{name} is no range: {number} has {len(number)} digits and {other_number} has {len(other_number)}. "
            "Write both with the same zeros.",
            field="range",
        )
    count = int(other_number) - int(number) + 1
    if count < 1:
        raise BadValue(
            f"{name} falls: {number} is more than {other_number}. Write the smaller one first.", field="range"
        )
    refuse_more(count, f"{name} makes {count:,} serials")
    return replace(counted(first, count), first=first, last=last)


def refuse_more(count: int, what: str, *, field: str = "range") -> None:
    """Refuse more than are written at once.

    Args:
        what: how the sentence begins.

    Raises:
        BadValue
    """
    if count > MOST:
        raise BadValue(f"{what}; {MOST:,} in one go is the most. Enter them in parts.", field=field)


def parse(text: str, *, expected: int | None = None, unseen: bool = False) -> Entry:
    """Read an entry: ranges and single serials, one a line or with commas or semicolons between them.

    Args:
        expected: how many there must be; None is any number.
        unseen: leave it to a preview to say of single serials what is wrong with them, and which are repeated.

    Raises:
        BadValue: one of them cannot be read, is repeated, or there are too few or too many; names the run and counts.
    """
    parts = [part for part in (part.strip(" ") for part in _SEPARATORS.split(text)) if part]
    if not parts:
        raise BadValue("Nothing was entered. Give serials, or a range such as A0098..A0103.", field="range")
    runs: list[SerialSequence] = []
    total = 0
    for part in parts:
        first, dots, last = part.partition(DOTS)
        if not dots:
            serial = part if unseen else clean_serial(part)
            run = SerialSequence(serial, serial, 1)
        elif not first.strip() or not last.strip():
            raise BadValue(
                f"{part[:40]} has no {'end' if first.strip() else 'start'}. Write A0098..A0103.", field="range"
            )
        else:
            run = between(first, last.strip("."))
        total += run.count
        runs.append(run)
    refuse_more(total, f"The entry makes {total:,} serials")
    entry = Entry(tuple(runs))
    if not unseen:
        refuse_repeated(entry)
    if expected is not None and total != expected:
        which = "many" if total > expected else "few"
        what = runs[0].said if len(runs) == 1 else f"{len(runs)} entries"
        raise BadValue(f"Too {which}: {what} make {total:,}, and {expected:,} are expected.", field="range")
    return entry


def no_line(text: str) -> str:
    """Why a line of a list is not taken: it reads as a range elsewhere, and might become one serial by mistake.

    Args:
        text: a line of a list, each of which is one serial.

    Returns:
        The sentence; empty where it is no range.
    """
    first, dots, last = (part.strip() for part in text.partition(DOTS))
    if not (dots and first and last.strip(".")):
        return ""
    return (
        f"{text.strip()} is a range, and a line of a list is one serial. Write each serial, or give the range by "
        "--range, or by F6 at the station."
    )


def _split(serial: str) -> tuple[str, str, str]:
    """What stands before the last number of a serial, that number, and what stands behind it.

    Raises:
        BadValue
    """
    numbers = list(_NUMBER.finditer(serial))
    if not numbers:
        raise BadValue(f"{serial} has no number that could count up.", field="range")
    last = numbers[-1]
    return serial[: last.start()], last[0], serial[last.end() :]


def refuse_repeated(entry: Entry) -> None:
    """Refuse a serial that two runs have.

    Raises:
        BadValue
    """
    seen: dict[str, SerialSequence] = {}
    for run in entry.runs:
        for serial in run.serials():
            other = seen.setdefault(serial_key(serial), run)
            if other is not run:
                raise BadValue(
                    f"{serial} is in {_short(run)} and in {_short(other)}. Give each serial once.", field="range"
                )


def _short(run: SerialSequence) -> str:
    return run.first if run.count == 1 else f"{run.first}{DOTS}{run.last}"


LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a list."""

BLANKS: Final = " \t\r\n"
"""What may stand around a serial, see `serial_text.clean_serial`; anything else is never taken away."""

_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def split_lines(text: str) -> list[str]:
    """The lines of a text, without their ends; CR, LF and CRLF end one, and nothing else does (GS is of a scan)."""
    return [line.rstrip("\n") for line in StringIO(text, newline=None)]


def decoded(raw: bytes, name: str) -> list[str]:
    """The lines of a list that was read.

    Args:
        raw: at most one byte more than `LARGEST`.
        name: of the list, for sentences.

    Raises:
        BadValue: it is too large, no text, has nothing in it or too much.
    """
    if len(raw) > LARGEST:
        raise BadValue(f"{name} has more than {LARGEST // 1024 // 1024} MB. Give the serials in parts.", field="file")
    if b"\0" in raw:
        raise BadValue(f"{name} is no text file. Name one with one serial a line, in UTF-8.", field="file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(split_lines(raw[: error.start].decode("utf-8-sig") + "."))
        message = f"{name} is not UTF-8 in line {line:,}. Save it as UTF-8, one serial a line."
        raise BadValue(message, field="file") from None
    lines = split_lines(text)
    count = sum(1 for line in lines if line.strip(BLANKS))
    if not count:
        raise BadValue(f"{name} has no serial in it. Give one serial a line.", field="file")
    refuse_more(count, f"{name} has {count:,} serials", field="file")
    return lines


def read_list(path: str) -> list[str]:
    """The lines of a file. Only regular files are opened: a pipe may never end, a device may do anything.

    Args:
        path: `~` is the person's home.

    Raises:
        BadValue: it cannot be read, see also `decoded`.
    """
    try:
        # O_NONBLOCK lets a pipe be opened that nobody writes to, so that what it is can be looked at.
        number = os.open(Path(path).expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(number).st_mode
            if not stat.S_ISREG(mode):
                raise unreadable(path, next((said for is_it, said in _KINDS if is_it(mode)), "it is no file"))
            with open(number, "rb", closefd=False) as file:
                raw = file.read(LARGEST + 1)
        finally:
            os.close(number)
    except (OSError, ValueError, RuntimeError) as error:
        raise unreadable(path, reason_of(error)) from None
    return decoded(raw, path)


def reason_of(error: Exception) -> str:
    """Why a file cannot be opened."""
    return (isinstance(error, OSError) and error.strerror) or "it is no file name"


def unreadable(name: str, reason: str) -> BadValue:
    """What is said of a list that cannot be read."""
    return BadValue(f"{name} cannot be read: {reason}. Name a text file with one serial a line.", field="file")
