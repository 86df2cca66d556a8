"""Ranges and lists of serials, typed or pasted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Final, NamedTuple

from models.errors import BadValue
from models.text import LONGEST, clean_serial, serial_key

MOST: Final = 100_000
"""Maximum number of serials in one entry. They are written in one transaction of some seconds; on SQLite other writers
wait for it and are refused after `models.database.connection.LOCK_SECONDS`."""

DOTS: Final = ".."

NOTHING_ENTERED: Final = "Nothing was entered. Give serials, or a range such as A0098..A0103."

_NUMBER: Final = re.compile(r"[0-9]+")
_SEPARATORS: Final = re.compile(r"[\n\r\t;,]+")


@dataclass(frozen=True, slots=True)
class SerialSequence:
    """A run of consecutive serials, or a single serial."""

    first: str
    last: str
    count: int
    before: str = ""
    """The text before the number that counts up."""
    start: int = 0
    """The first number."""
    width: int = 0
    """Zero-padded to this many digits; 0 for no padding."""
    after: str = ""
    """The text after the number."""

    def serials(self) -> Iterator[str]:
        """All serials of the run, in order."""
        if self.count == 1:
            yield self.first
            return
        for number in range(self.start, self.start + self.count):
            yield f"{self.before}{number:0{self.width}d}{self.after}"

    @property
    def said(self) -> str:
        """The run in words: `A0098 to A0103, 6 serials, numbers of 4 digits`."""
        if self.count == 1:
            return self.first
        digits = f", numbers of {self.width} digits" if self.width else ""
        return f"{self.first} to {self.last}, {self.count:,} serials{digits}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed entry."""

    runs: tuple[SerialSequence, ...]
    """In the order given."""

    @property
    def count(self) -> int:
        """Number of serials in all runs."""
        return sum(run.count for run in self.runs)

    def serials(self) -> list[str]:
        """All serials, in order."""
        return [serial for run in self.runs for serial in run.serials()]


def counted(first: str, count: int) -> SerialSequence:
    """The run of `count` serials that begins with `first`.

    Raises:
        BadValue: `first` has no number to count up, `count` is out of range, or the last serial would get too long.
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


def typed_count(text: str) -> int:
    """The count that a person typed behind a first serial; 1 if nothing was typed.

    Raises:
        BadValue: it is no whole number; `counted` judges how large it is.
    """
    if text and not text.isdecimal():
        raise BadValue(f"{text} is no count. Give a whole number above zero.", field="count")
    return int(text or "1")


def between(first: str, last: str) -> SerialSequence:
    """The run from a first to a last serial.

    Raises:
        BadValue: they differ in more than the last number, are padded differently, or the number decreases.
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
    return replace(counted(first, count), first=first, last=last)  # both as they were written


def refuse_more(count: int, what: str, *, field: str = "range") -> None:
    """Refuse more than `MOST` serials.

    Args:
        what: the beginning of the sentence.

    Raises:
        BadValue
    """
    if count > MOST:
        raise BadValue(f"{what}; {MOST:,} in one go is the most. Enter them in parts.", field=field)


def parse(text: str, *, expected: int | None = None, unseen: bool = False) -> Entry:
    """Parse an entry: ranges and single serials, separated by line ends, tabs, commas or semicolons.

    Args:
        expected: the required number of serials; None means any.
        unseen: do not check single serials or repetitions; a preview does that later.

    Raises:
        BadValue: a part cannot be read, a serial is repeated, or the number is wrong; names the run and the numbers.
    """
    parts = [part for part in (part.strip(" ") for part in _SEPARATORS.split(text)) if part]
    if not parts:
        raise BadValue(NOTHING_ENTERED, field="range")
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
    """Why a line of a list is refused: it looks like a range, and would be stored as one serial by mistake.

    Args:
        text: a line of a list of single serials.

    Returns:
        The message; empty if the line is no range.
    """
    first, dots, last = (part.strip() for part in text.partition(DOTS))
    if not (dots and first and last.strip(".")):
        return ""
    return (
        f"{text.strip()} is a range, and a line of a list is one serial. Write each serial, or give the range by "
        "--range, or by F6 at the station."
    )


def _split(serial: str) -> tuple[str, str, str]:
    """Split a serial at its last number: (text before, number, text after).

    Raises:
        BadValue: it has no number.
    """
    numbers = list(_NUMBER.finditer(serial))
    if not numbers:
        raise BadValue(f"{serial} has no number that could count up.", field="range")
    last = numbers[-1]
    return serial[: last.start()], last[0], serial[last.end() :]


def refuse_repeated(entry: Entry) -> None:
    """Refuse a serial that occurs in two runs.

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


BLANKS: Final = " \t\r\n"
"""White space stripped around a serial, see `models.text.clean_serial`; nothing else is ever stripped."""


class ListLine(NamedTuple):
    """A line of a list of serials."""

    line: int
    """Its number, from 1; blank lines count."""
    text: str
    """The serial; everything in the line if that is refused."""
    sku: str = ""
    """Its item, if the list names one."""
    reason: str = ""
    """Why it is no serial, as a word; empty if it may be one."""
    message: str = ""
    """The sentence for `reason`."""
    pair: tuple[str, str] | None = None
    """The two values in it, which may be an item and a serial."""
    doubt: tuple[str, str] | None = None
    """A word and a sentence about a serial that may be none."""


def list_lines(texts: Iterable[str]) -> list[ListLine]:
    """The lines that are not blank."""
    return [ListLine(number, text) for number, text in enumerate(texts, 1) if text.strip(BLANKS)]


def first_wrong(wrong: Sequence[tuple[int, str]]) -> str:
    """The sentence about the first wrong line of a list, and how many more there are.

    Args:
        wrong: number of each wrong line, and what is wrong with it.
    """
    (number, message), rest = wrong[0], len(wrong) - 1
    more = f" and {rest:,} more" if rest else ""
    return f"Line {number:,}{more}: {message}"


def split_lines(text: str) -> list[str]:
    """Split a text at CR, LF and CRLF only, without `str.splitlines`, which also splits at the GS of a barcode."""
    return [line.rstrip("\n") for line in StringIO(text, newline=None)]
