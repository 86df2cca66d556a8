"""Dates as people's files write them: the readings of one text, and the one reading of a whole column.

`readings` says which days a text can mean. `DateColumn` looks at all values of a column first: one that can be read in
one way decides for the others. `FileDates` does that for all date columns of a file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from models import clock
from models.errors import BadValue
from models.importing.choices import DateOrder
from models.importing.columns import Field, column_letter
from models.text import readable

if TYPE_CHECKING:
    from models.importing.table import Row

WINDOW: Final = 70
"""Two-digit years from here on are of the 20th century: 70 is 1970, 69 is 2069."""

ORDER_WORDS: Final[Mapping[DateOrder, str]] = {
    DateOrder.DMY: "the day first",
    DateOrder.MDY: "the month first",
    DateOrder.YMD: "the year first",
}

_DMY, _MDY, _YMD = DateOrder
_DAY_OR_MONTH: Final = frozenset({_DMY, _MDY})
_MANY: Final = {2: "two", 3: "three"}
_NEAR_YEARS: Final = 10
"""Years before and after today in which dates of a warehouse mostly are."""
_MOST_SEEN: Final = 20_000
"""Maximum number of texts that a column keeps, so as not to read each again."""

_TIME: Final = re.compile(
    r"(?:(?<=[0-9])T|,? )(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?:[.,][0-9]+)?)?"
    r" ?(?P<half>[ap]\.? ?m\.?)?(?: ?(?:Z|UTC|GMT|Uhr|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)
_INNER_TIME: Final = re.compile(r" [0-9]{1,2}:[0-5][0-9]:[0-5][0-9](?: [A-Z]{2,5})?(?= [0-9]{4}$)")
"""The time in `Mon Mar 31 10:30:00 UTC 2025`."""
_BEFORE_NUMBER: Final = re.compile(r"([^\W\d_]+)\.?,? (?=[0-9])")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4}) ?[-/.年년] ?([0-9]{1,2}) ?[-/.月월] ?([0-9]{1,2}) ?[.日일]?")
_COMPACT: Final = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})(?P<sign>[-/.]) ?([0-9]{1,2})(?P=sign) ?([0-9]{4}|[0-9]{2})\.?")
_HOURS: Final = re.compile(r"([0-9]{6,7}):[0-9]{2}(?::[0-9]{2})?")
"""A date in a cell that counts hours: 1080007:00:00."""
_FIRST_DAY: Final = date(1899, 12, 30)
_WORDS: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_BETWEEN: Final = re.compile(r"[\s.,'’/-]*")

_MONTHS: Final = (
    "january januar janner janvier enero janeiro gennaio januari styczen stycznia",
    "february februar feber fevrier febrero fevereiro febbraio februari luty lutego",
    "march marz maerz mars marzo marco maart mrt marzec marca",
    "april avril abril aprile kwiecien kwietnia",
    "may mai mayo maio maggio mei maj maja",
    "june juni juin junio junho giugno czerwiec czerwca",
    "july juli juillet julio julho luglio lipiec lipca",
    "august aout agosto augustus sierpien sierpnia",
    "september septembre septiembre setiembre setembro settembre wrzesien wrzesnia",
    "october oktober octobre octubre outubro ottobre pazdziernik pazdziernika",
    "november novembre noviembre novembro listopad listopada",
    "december dezember decembre diciembre dezembro dicembre grudzien grudnia",
)
"""Names in English, German, French, Spanish, Portuguese, Italian, Dutch and Polish, without accents."""

_WEEKDAYS: Final = """
    monday montag lundi lunes lunedi segunda maandag poniedzialek tuesday dienstag mardi martes martedi terca dinsdag
    wtorek wednesday mittwoch mercredi miercoles mercoledi quarta woensdag sroda thursday donnerstag jeudi jueves
    giovedi quinta donderdag czwartek friday freitag vendredi viernes venerdi sexta vrijdag piatek saturday samstag
    sonnabend samedi sabado sabato zaterdag sobota sunday sonntag dimanche domingo domenica zondag niedziela
"""
_FILLERS: Final = frozenset(
    {"de", "del", "di", "of", "the", "der", "den", "le", "st", "nd", "rd", "th", "er", "º", "ª", "feira"}
)


def _prefixes(names: Iterable[str], shortest: int) -> set[str]:
    return {name[:length] for name in names for length in range(shortest, len(name) + 1)}


def _by_prefix() -> dict[str, int]:
    """Months by their names and all abbreviations of three letters or more that mean one month."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for month, names in enumerate(_MONTHS, 1):
        for prefix in _prefixes(names.split(), 3):
            if found.setdefault(prefix, month) != month:
                twice.add(prefix)
    return {prefix: month for prefix, month in found.items() if prefix not in twice}


_MONTH: Final = _by_prefix()
_WEEKDAY: Final = frozenset(_prefixes(_WEEKDAYS.split(), 2))


class Readings(NamedTuple):
    """The days that a text can mean."""

    days: Mapping[DateOrder, date]
    """The day in each order in which there is one; the same one in all three if the order does not matter."""
    has_dots: bool = False
    """Whether it is `31.3.2025`, whose day is first unless its column shows otherwise."""
    first: int = 0
    last: int = 0
    """First and last number of a date with a two-digit year."""

    @property
    def is_fixed(self) -> bool:
        """Whether the order does not matter."""
        return len(self.days) == len(DateOrder) and len(set(self.days.values())) == 1


_NONE: Final = Readings({})


def readings(text: str) -> Readings:
    """The days that a text can mean; a time of day is ignored.

    Raises:
        BadValue: it is no date.
    """
    plain = " ".join(text.split())
    if (match := _TIME.search(plain)) and match.end() == len(plain) and _is_time(match):
        plain = plain[: match.start()]
    plain = _INNER_TIME.sub("", plain)
    if (match := _BEFORE_NUMBER.match(plain)) and (day := _folded(match[1])) in _WEEKDAY and day not in _MONTH:
        plain = plain[match.end() :]
    if match := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return _fixed(*map(int, match.groups()))
    if match := _NUMBERS.fullmatch(plain):
        return _numbers(match)
    if match := _HOURS.fullmatch(text.strip()):
        days = _FIRST_DAY + timedelta(days=int(match[1]) // 24)
        return _fixed(days.year, days.month, days.day)
    if found := _named(plain):
        return found
    try:
        whole = (
            datetime.fromisoformat(plain) if plain[:4].isdecimal() and plain.isascii() and "-W" not in plain else None
        )
    except ValueError:
        whole = None
    if whole is not None and len(plain) > 10:
        return _fixed(whole.year, whole.month, whole.day)
    raise BadValue(f"{_shown(text)} is no date. Write it as YYYY-MM-DD, such as 2025-03-31.", field="date")


def read_date(text: str) -> date:
    """The date in a text that can be read in one way; `31.3.2025` has the day first.

    Raises:
        BadValue: not a date, one that does not exist, or an ambiguous one.
    """
    return DateColumn("").read(text)


class DateColumn:
    """The reading of the dates of one column.

    Args:
        heading: of the column.
        chosen: the order that a person chose for this file.
        usual: the order for a column that does not decide.
    """

    def __init__(self, heading: str, chosen: DateOrder | None = None, usual: DateOrder | None = None) -> None:
        self.heading = heading
        self._chosen, self._usual = chosen, usual
        self._left = set(DateOrder)
        self._first_unreadable: dict[DateOrder, tuple[int, str]] = {}
        """The first value that an order cannot read, by its row."""
        self._first_differing: dict[frozenset[DateOrder], tuple[int, str]] = {}
        """The first value that two orders read as different days; not day and month of a value with dots."""
        self._has_dots = False
        """Whether a value like `6.4.2025` can have either first: it is the day, if no other value decides."""
        self._odd_first = self._odd_last = False
        """Whether some date with a two-digit year would have a year far from now, with the year first or last."""
        self.seen: set[str] = set()
        """Values that were looked at."""

    @property
    def is_open(self) -> bool:
        """Whether the values seen so far can be read in several ways."""
        return self.order is None and not self.is_mixed and self._example() is not None

    @property
    def is_mixed(self) -> bool:
        """Whether no one order can read all values."""
        return not self._left and self._chosen is None

    @property
    def order(self) -> DateOrder | None:
        """The order of its dates; None while it is open, or mixed."""
        if self._chosen is not None:
            return self._chosen
        left = self._plausible()
        if len(left) == 1:
            return next(iter(left))
        return self._usual if self._usual in left else None

    def look(self, text: str, row: int) -> None:
        """Take one value into account; a text that is no date says nothing."""
        if len(self.seen) < _MOST_SEEN:  # a column of serial numbers that is mapped by mistake has no end of them
            self.seen.add(text)
        try:
            found = readings(text)
        except BadValue:
            return
        if not found.days or found.is_fixed:
            return
        for order in DateOrder:
            if order not in found.days:
                self._first_unreadable.setdefault(order, (row, text))
        self._left &= found.days.keys()
        self._note(found, (row, text))

    def _note(self, found: Readings, where: tuple[int, str]) -> None:
        for one, other in combinations(found.days, 2):
            if found.has_dots and {one, other} == _DAY_OR_MONTH:
                self._has_dots = True
            elif found.days[one] != found.days[other]:
                self._first_differing.setdefault(frozenset({one, other}), where)
        if _YMD in found.days:
            year = clock.today().year % 100
            self._odd_first = self._odd_first or abs(found.first - year) > _NEAR_YEARS
            self._odd_last = self._odd_last or abs(found.last - year) > _NEAR_YEARS

    def _plausible(self) -> set[DateOrder]:
        """The orders that are left: of 13/05/21 and 02/06/22, both ends near now, nobody would write the year first."""
        left = set(self._left)
        if len(left) > 1 and self._odd_first and not self._odd_last:  # as in the example above
            left.discard(_YMD)
        if left >= _DAY_OR_MONTH and self._has_dots and _DAY_OR_MONTH not in self._first_differing:
            left.discard(_MDY)
        return left

    def _example(self) -> tuple[int, str] | None:
        left = self._plausible()
        return next((where for orders, where in self._first_differing.items() if orders <= left), None)

    def undecided(self) -> BadValue:
        """The question that a person has to answer, as a refusal."""
        row, text = self._example() or (0, "")
        days = {order: day for order, day in readings(text).days.items() if order in self._plausible()}
        ways = " or ".join(f"{day} with {ORDER_WORDS[order]}" for order, day in days.items())
        return BadValue(
            f"The dates in the column {self.heading} can be read in {_MANY[len(days)]} ways: {text} in row {row:,} is "
            f"{ways}.",
            field="dates",
            column=self.heading,
            text=text,
            days=days,
            option=f"--dates {'|'.join(days)}",
        )

    def read(self, text: str) -> date:
        """The day of one value.

        Raises:
            BadValue: not a date, one that does not exist, or one that the reading of the column does not fit.
        """
        found = readings(text)
        if not found.days:
            raise BadValue(f"{text} is a day that does not exist. Correct it and write it as YYYY-MM-DD.", field="date")
        if self.is_mixed and not found.is_fixed:
            raise self._mixed(text)
        order = self.order
        # The year first says nothing of a date such as 31.3.2025, which has it last.
        if order is not None and (order in found.days or _YMD in found.days or order is not _YMD):
            if order in found.days:
                return found.days[order]
            raise BadValue(
                f"{text} is no date with {ORDER_WORDS[order]}, as the others of its column are read. "
                "Correct it and write it as YYYY-MM-DD.",
                field="date",
            )
        days = list(dict.fromkeys(found.days.values()))
        if found.has_dots and _YMD not in found.days and _DMY in found.days:
            days = [found.days[_DMY]]
        if len(days) > 1:
            some = " or ".join(map(str, sorted(days)))
            raise BadValue(
                f"{text} can be read as {_MANY[len(days)]} dates. Write {some}: the year, the month, the day.",
                field="date",
            )
        return days[0]

    def _mixed(self, text: str) -> BadValue:
        examples = dict.fromkeys(sorted(self._first_unreadable.values()))
        shown = ", ".join(f"{value} in row {row:,}" for row, value in examples)
        return BadValue(
            f"{text} cannot be read for certain, since the dates of its column are not all in one order: {shown}. "
            "Choose the order of the dates, or write them as YYYY-MM-DD.",
            field="date",
        )


DATE_FIELDS: Final = frozenset({Field.WARRANTY_START, Field.WARRANTY_END, Field.DATE_RECEIVED})


class FileDates:
    """The date columns of a file.

    Args:
        headings: the heading of each date column, by its position.
        chosen: the order that a person chose for this file.
        usual: the order for columns that do not decide.
    """

    def __init__(
        self, headings: Mapping[int, str], chosen: DateOrder | None = None, usual: DateOrder | None = None
    ) -> None:
        self.columns: Mapping[int, DateColumn] = {
            column: DateColumn(heading, chosen, usual) for column, heading in headings.items()
        }
        self._looks = {} if chosen is not None else self.columns  # a chosen order holds for all of them

    @classmethod
    def of(
        cls,
        mapping: Mapping[int, Field],
        header: Sequence[str] = (),
        chosen: DateOrder | None = None,
        usual: DateOrder | None = None,
    ) -> FileDates:
        """The date columns of a mapping."""
        places = [column for column, field in mapping.items() if field in DATE_FIELDS]
        headings = {column: header[column] if column < len(header) else "" for column in places}
        named = {column: heading or column_letter(column) for column, heading in headings.items()}
        return cls(named, chosen, usual)

    def look(self, rows: Sequence[Row]) -> bool:
        """Take rows into account; returns whether earlier rows may now be read otherwise."""
        if not self._looks:
            return False
        before = [(column.order, column.is_mixed, column.is_open) for column in self._looks.values()]
        for place, column in self._looks.items():
            look = column.look
            seen = column.seen
            for row in rows:
                text = row.cells[place]
                if text not in seen and text and text[4:5] != "-":  # an ISO date decides nothing
                    look(text, row.number)
        return before != [(column.order, column.is_mixed, column.is_open) for column in self._looks.values()]

    @property
    def is_open(self) -> bool:
        """Whether a column can be read in several ways."""
        return any(column.is_open for column in self.columns.values())

    def check(self) -> None:
        """Refuse an undecided column; call it when all rows were looked at.

        Raises:
            BadValue: the question which order its dates have.
        """
        for column in self.columns.values():
            if column.is_open:
                raise column.undecided()


def _is_time(match: re.Match[str]) -> bool:
    hour = int(match["hour"])
    return 1 <= hour <= 12 if match["half"] else hour < 24


def _fixed(year: int, month: int, day: int) -> Readings:
    found = _day(year, month, day)
    return Readings(dict.fromkeys(DateOrder, found)) if found else _NONE


def _numbers(match: re.Match[str]) -> Readings:
    texts = match[1], match[3], match[4]
    one, two, three = map(int, texts)
    days = {_DMY: _day(_year(texts[2]), two, one), _MDY: _day(_year(texts[2]), one, two)}
    is_short = len(texts[2]) == 2
    if is_short and len(texts[0]) == len(texts[1]) == 2:  # 21/3/5 has no year first: it would be 21/03/05
        days[_YMD] = _day(_year(texts[0]), two, three)
    found = {order: day for order, day in days.items() if day is not None}
    has_dots = match["sign"] == "."
    if not is_short and one == two:
        return Readings(dict.fromkeys(DateOrder, next(iter(found.values()))) if found else {})
    return Readings(found, has_dots, one, three) if is_short else Readings(found, has_dots)


def _named(text: str) -> Readings | None:
    """A date with the name of a month, in the order of most languages; None if it is none."""
    if _BETWEEN.fullmatch(_WORDS.sub("", text)) is None:
        return None
    numbers: list[str] = []
    months: list[int] = []
    words = [_folded(word) for word in _WORDS.findall(text)]
    # "mar" is a month and a weekday: it is the weekday where a month follows.
    if words and words[0] in _WEEKDAY and (words[0] not in _MONTH or any(word in _MONTH for word in words[1:])):
        del words[0]
    before = 0
    for word in words:
        if word.isdecimal() and word.isascii():
            numbers.append(word)
        elif word in _MONTH:
            months.append(_MONTH[word])
            before = len(numbers)
        elif word not in _FILLERS:
            return None
    if len(months) != 1 or len(numbers) != 2:
        return None
    first, last = numbers
    if len(first) == 4 or (before == 1 and len(first) == len(last) == 2 and int(first) > 31):
        first, last = last, first
    if len(first) > 2 or len(last) not in (2, 4):
        return None
    return _fixed(_year(last), months[0], int(first))


def _year(text: str) -> int:
    number = int(text)
    if len(text) > 2:
        return number
    return number + (1900 if number >= WINDOW else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _folded(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold()) if word not in "ºª" else word
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _shown(text: str) -> str:
    text = text.strip()
    return readable(text, 30) if text else "An empty cell"
