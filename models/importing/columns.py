"""The columns of an import: which field each is, by its heading and its values or as mapped, and the template file."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from models.errors import BadValue
from models.importing import cell_values, headings
from models.importing.cells import guarded
from models.importing.files import bad_file, shown
from models.text import fold, readable
from models.verbs import StatusCode

REASON: Final = "Reason"
"""Heading of the last column in a file of rejected rows; not a field, and not part of a header key."""


class Field(StrEnum):
    """A field that a column can hold, in template order."""

    SERIAL_NUMBER = "serial_number"
    ITEM = "item"
    LOCATION = "location"
    STATUS = "status"
    CONDITION_NOTES = "condition_notes"
    WARRANTY_START = "warranty_start"
    WARRANTY_END = "warranty_end"
    DATE_RECEIVED = "date_received"
    CUSTOMER = "customer"
    WARRANTY_TERM = "warranty_term"
    """The length of the warranty, from its start or the date received; the template has no column for it."""

    @property
    def label(self) -> str:
        """The column heading: "Serial Number"."""
        return self.value.replace("_", " ").title()


_IGNORED: Final = ("", "-", "ignore", "none")
"""Values for "no field" in a mapping."""

_MOST_NAMED: Final = 20
"""Maximum number of columns that a refusal names."""

_LONGEST_KEY: Final = 200
"""Maximum length of a header key, in characters."""


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The values in the first rows of a file, and which of them the database knows."""

    values: Sequence[Sequence[str]]
    """The texts of each column that are not empty, at most `LOOKED_AT`."""
    items: Set[str] = frozenset()
    """The texts that name an item of the database."""
    places: Set[str] = frozenset()
    """The texts that name a location."""
    statuses: Set[str] = frozenset()
    """The texts that name a status."""


LOOKED_AT: Final = 100
"""Number of first rows whose values are compared with their headings."""


class Hint(NamedTuple):
    """A note about the proposed mapping, with the option that changes it."""

    text: str
    """A whole sentence."""
    option: str
    """The option of the command that changes it, as a whole sentence; screens name their own key."""
    column: int
    """The column that it is about."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which field each column seems to be."""

    mapping: dict[int, Field]
    """By position from 0."""
    hints: tuple[Hint, ...] = ()
    """Notes on choices between columns, and on columns that are left out because of their values."""


def recognise(header: Sequence[str]) -> dict[int, Field]:
    """Map columns with a usual heading, by position from 0, without a look at their values."""
    return propose(header).mapping


def propose(header: Sequence[str], first: FirstRows | None = None) -> Proposal:
    """Map columns by their headings, where their values fit.

    Of several columns for a field one is taken: whose values the database knows, then whose heading is the better name
    for it, then the first.

    Args:
        first: the first rows; None proposes by the headings alone.
    """
    builder = _ProposalBuilder(header, first)
    builder.decide()
    return Proposal(dict(sorted(builder.found.items())), tuple(builder.hints))


class _ProposalBuilder:
    """Builds the proposal for one file."""

    def __init__(self, header: Sequence[str], first: FirstRows | None) -> None:
        self._header = header
        self._first = first
        self._is_rejects = bool(header) and _folded(header[-1]) == _folded(REASON)
        """Whether it is a file of rejected rows: it has the columns of its source, whatever their values are."""
        self._named = [_match_heading(name) for name in header]
        self.found: dict[int, Field] = {}
        self.hints: list[Hint] = []
        self._hinted: set[int] = set()

    def decide(self) -> None:
        """Choose a column for each field, the serial number first."""
        self._decide_serial()
        # The end before the term: a heading such as "Warranty" names the end, unless its values are terms.
        for field in (*_MAIN_FIELDS, Field.WARRANTY_END, Field.WARRANTY_TERM):
            self._decide(field)
        # Without a status each row is In Stock, and each one with a customer would be refused.
        if Field.CUSTOMER in self.found.values() and Field.STATUS not in self.found.values() and self._first:
            self._leave_customers_out()

    def _decide_serial(self) -> None:
        candidates = self._candidates(Field.SERIAL_NUMBER)
        candidates = [column for column in candidates if self._fits(column, Field.SERIAL_NUMBER)]
        counters = [column for column in candidates if self._counts_rows(column)]
        candidates = [column for column in candidates if column not in counters]  # they are the last resort, below
        if all(self._group(column, Field.SERIAL_NUMBER) == _OWN_NUMBERS for column in candidates):
            others = self._unusual_serial_headings() if self._first is not None else []
            candidates = others if len(others) == 1 else candidates or counters[:1]
        if not candidates:
            return
        taken = self._best(candidates, Field.SERIAL_NUMBER)
        self.found[taken] = Field.SERIAL_NUMBER
        group = self._group(taken, Field.SERIAL_NUMBER)
        rivals = [
            column for column in candidates if column != taken and self._group(column, Field.SERIAL_NUMBER) == group
        ]
        if rivals:
            names = " and ".join(f"“{self._title(column)}”" for column in sorted([taken, *rivals])[:4])
            count = "Two" if len(rivals) == 1 else f"{len(rivals) + 1:,}"
            self.hints.append(
                Hint(
                    f"{count} columns look like the serial number: {names}. “{self._title(taken)}” is taken.",
                    f"--map “{self._title(rivals[0])}=serial_number” takes another.",
                    taken,
                )
            )

    def _unusual_serial_headings(self) -> list[int]:
        """The columns whose unusual headings have a word for a serial number."""
        return [
            column
            for column, name in enumerate(self._header)
            if self._named[column] is None and _sounds_like_serial(name) and self._fits(column, Field.SERIAL_NUMBER)
        ]

    def _decide(self, field: Field) -> None:
        candidates = self._candidates(field)
        fitting = [column for column in candidates if self._fits(column, field)]
        if fitting:
            self.found[self._best(fitting, field)] = field
        elif candidates and not any(self._fits(candidates[0], other) for other in _INTERCHANGED.get(field, ())):
            column = candidates[0]
            is_vague = field is Field.ITEM and (field, self._group(column, field)) in _VAGUE
            if column in self._hinted or is_vague or not self._values(column):
                return
            self._hinted.add(column)
            values = ", ".join(readable(value, 20) for value in dict.fromkeys(self._values(column)[:20]))
            self.hints.append(
                Hint(
                    f"The column “{self._title(column)}” is left out: its values ({readable(values, 40)}) are "
                    f"{_NO_VALUES[field]}.",
                    f"--map “{self._title(column)}={field}” takes it all the same.",
                    column,
                )
            )

    def _leave_customers_out(self) -> None:
        column = next(column for column, field in self.found.items() if field is Field.CUSTOMER)
        if not self._values(column):
            return
        del self.found[column]
        self.hints.append(
            Hint(
                f"The column “{self._title(column)}” is left out: without a column for the status no unit has a "
                "customer.",
                f"--map “{self._title(column)}=customer” takes it all the same.",
                column,
            )
        )

    def _candidates(self, field: Field) -> list[int]:
        """The columns whose headings name a field, and that are not another one already."""
        fields = (field, *_INTERCHANGED.get(field, ()))
        return [
            column
            for column, named in enumerate(self._named)
            if named is not None and named.field in fields and column not in self.found
        ]

    def _best(self, columns: Sequence[int], field: Field) -> int:
        return min(
            columns,
            key=lambda column: (
                -round(self._known_share(column, field), 1),  # a few unknown values more decide nothing
                self._group(column, field),
                self._first is not None and not self._values(column),
                column,
            ),
        )

    def _group(self, column: int, field: Field) -> int:
        named = self._named[column]
        return named.group if named is not None and named.field is field else _LAST_GROUP

    def _known_share(self, column: int, field: Field) -> float:
        """The share of a column's values that the database has as items or places."""
        values = self._values(column)
        if self._first is None or not values:
            return 0
        known = {Field.ITEM: self._first.items, Field.LOCATION: self._first.places}.get(field, frozenset())
        return sum(value in known for value in values) / len(values)

    def _values(self, column: int) -> Sequence[str]:
        return self._first.values[column] if self._first is not None and column < len(self._first.values) else ()

    def _counts_rows(self, column: int) -> bool:
        """Whether a column called “S. No.” has the number of each row: 1, 2, 3 …"""
        values = self._values(column)
        rows = list(takewhile(str.isdecimal, values))  # below them may be totals
        return (
            len(rows) > max(1, len(values) - 3)
            and _normalised(self._header[column]) in _COUNTERS
            and rows == [str(number) for number in range(1, len(rows) + 1)]
        )

    def _fits(self, column: int, field: Field) -> bool:
        """Whether most values of a column can be values of a field."""
        values = self._values(column)
        named = self._named[column]
        if self._first is None or not values:
            return named is None or named.field is field
        if self._is_rejects and named is not None and named.group == 0:
            return named.field is field
        if (field, self._group(column, field)) in _VAGUE:
            return self._known_share(column, field) >= _FITTING_SHARE
        if field is Field.STATUS:
            fitting = sum(value in self._first.statuses for value in values)
        else:
            fitting = sum(map(FITS.get(field, bool), values))
        return fitting / len(values) >= _FITTING_SHARE

    def _title(self, column: int) -> str:
        return _title(self._header, column)


def check_mapping(mapping: Mapping[int, Field], *, item: str | None, header: Sequence[str] = ()) -> None:
    """Refuse a mapping without a serial number or item, or with a field mapped twice.

    Args:
        mapping: field of each column.
        item: the item of all rows, if there is one.
        header: the headings, to be named.

    Raises:
        BadValue
    """
    named = list(mapping.values())
    if Field.SERIAL_NUMBER not in named:
        raise _not_named("No column is the serial number.", "Say which one is.", Field.SERIAL_NUMBER, header)
    if Field.ITEM not in named and item is None:
        say = "Say which one is, or name one item for all rows."
        raise _not_named("No column is the item.", say, Field.ITEM, header)
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadValue(f"Two columns are {twice.label}. Leave one of them out.", field="mapping")


def _not_named(wrong: str, say: str, field: Field, header: Sequence[str]) -> BadValue:
    names = [
        f"{column_letter(column)} “{readable(name, 30)}”"
        if name and name != column_letter(column)
        else column_letter(column)
        for column, name in enumerate(header)
    ]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    found = f" The file has {', '.join(names[:_MOST_NAMED])}{more}." if names else ""
    return BadValue(f"{wrong}{found} {say}", field="mapping", option=f"--map A={field}")


def field_named(name: str) -> Field | None:
    """The field for a heading, if it is a common one."""
    known = _FIELDS.get(_normalised(name))
    return known.field if known is not None else None


def known_fields(cells: Sequence[str]) -> frozenset[Field]:
    """The fields that the cells of a row name by common headings."""
    return frozenset(field for field in map(field_named, cells) if field is not None)


def heading_of(name: str) -> Field | None:
    """The field that a heading of a file seems to name."""
    found = _match_heading(name)
    return found.field if found is not None else None


def parse_mapping(
    pairs: Sequence[str], header: Sequence[str], known: Mapping[int, Field] | None = None
) -> dict[int, Field]:
    """Parse `--map COLUMN=FIELD` options and apply them to the recognised mapping.

    A column is given by its heading, its number from 1 or its spreadsheet letter, tried in this order. A field is given
    by any of its common headings; an empty value, `-`, `ignore` or `none` leaves the column out. A field mapped here is
    not taken from another column.

    Args:
        known: the mapping to change; None takes what the headings say.

    Returns:
        The complete mapping: the recognised columns with these changes.

    Raises:
        BadValue: no `=`, no such column or field, or a column or field given twice.
    """
    asked: dict[int, Field | None] = {}
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        if not equals or not name.strip():
            raise _bad(f"“{pair}” is no mapping. Write COLUMN=FIELD, such as A={Field.SERIAL_NUMBER}.")
        column, field = _column(name.strip(), header), _field(value.strip())
        if column in asked:
            raise _bad(f"The column “{_title(header, column)}” is mapped twice. Name it once.")
        if field is not None and field in asked.values():
            raise _bad(f"Two columns are mapped to {field}. Choose one of them.")
        asked[column] = field
    taken = set(asked.values())
    if known is None:
        known = recognise(header)
    kept = {column: field for column, field in known.items() if column not in asked and field not in taken}
    chosen = {column: field for column, field in asked.items() if field is not None}
    return dict(sorted((kept | chosen).items()))


def named_columns(pairs: Sequence[str], header: Sequence[str]) -> set[int]:
    """The columns that `--map COLUMN=FIELD` options name; `parse_mapping` has accepted them."""
    return {_column(pair.rpartition("=")[0].strip(), header) for pair in pairs}


VALUES_OF: Final[Mapping[str, Field]] = {
    "item": Field.ITEM,
    "location": Field.LOCATION,
    "status": Field.STATUS,
    "customer": Field.CUSTOMER,
}
"""Fields whose texts can stand for existing records, by the words of `--map-value`."""


def parse_values(pairs: Sequence[str]) -> dict[Field, dict[str, str]]:
    """Parse `--map-value FIELD:TEXT=NAME` options: records for texts of the file.

    Returns:
        By field, names by folded text.

    Raises:
        BadValue
    """
    values: dict[Field, dict[str, str]] = {}
    for pair in pairs:
        word, colon, rest = pair.partition(":")
        text, equals, name = rest.rpartition("=")
        field = VALUES_OF.get(word.strip().lower())
        if field is None or not colon or not equals or not text.strip() or not name.strip():
            raise BadValue(
                f"“{pair}” does not say what a text stands for. Write FIELD:TEXT=NAME, such as item:Notebook=NB-1; "
                f"FIELD is one of {', '.join(VALUES_OF)}.",
                field="map_value",
            )
        if values.setdefault(field, {}).setdefault(fold(text), name.strip()) != name.strip():
            raise BadValue(f"The {word} “{text.strip()}” stands for two names. Choose one.", field="map_value")
    return values


def header_key(header: Sequence[str]) -> str:
    """The key for storing a mapping by header: the folded headings, at most 200 characters (longer ones are hashed).

    The Reason column of a file of rejected rows is left out, so that the file gets the mapping of its source.
    """
    names = [_folded(name) for name in header]
    if names and names[-1] == _folded(REASON):
        names.pop()
    key = "|".join(names)
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()  # headings may have lone surrogates
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}#{digest}"


def column_letter(column: int) -> str:
    """The spreadsheet letter of a column, by position from 0: A … Z, AA …"""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(name: str, header: Sequence[str]) -> int:
    for same in (str.strip, _folded):  # the exact heading first: folded, two of them may be the same
        found = [column for column, heading in enumerate(header) if same(heading) and same(heading) == same(name)]
        if len(found) > 1:
            letters = " and ".join(column_letter(column) for column in found)
            raise _bad(f"Several columns are named “{name}”: {letters}. Name one by its letter.")
        if found:
            return found[0]
    # At most nine digits: Python refuses to convert thousands of them.
    if name.isascii() and name.isdigit() and 1 <= int(name[:9]) <= len(header):
        return int(name) - 1
    for column in range(len(header)):
        if column_letter(column) == name.upper():
            return column
    raise _bad(f"There is no column “{name}”. The columns are: {_titles(header)}.")


def _titles(header: Sequence[str]) -> str:
    """The columns, for messages."""
    names = ", ".join(_title(header, column) for column in range(min(len(header), 30)))
    return f"{names} and {len(header) - 30} more" if len(header) > 30 else names


def _title(header: Sequence[str], column: int) -> str:
    """A column for messages: its heading, or its letter if it has none."""
    return header[column].strip()[:40] or column_letter(column)


def _field(name: str) -> Field | None:
    if name.lower() in _IGNORED:
        return None
    field = field_named(name)
    if field is None:
        raise _bad(f"There is no field “{name}”. The fields are: {', '.join(Field)}.")
    return field


def _folded(name: str) -> str:
    """A heading for comparison: letters and digits only, case-folded, umlauts spelled out."""
    spelled = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(filter(str.isalnum, spelled))


def _normalised(name: str) -> str:
    """A heading for comparison with the usual ones: as `_folded`, and without accents, in the usual width."""
    spelled = unicodedata.normalize("NFKD", name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))
    return "".join(filter(str.isalnum, spelled.casefold().replace("ł", "l")))


def _bad(sentence: str) -> BadValue:
    return BadValue(sentence, field="map")


class _HeadingMatch(NamedTuple):
    """A field that a heading names."""

    field: Field
    group: int
    """Its group in `headings.HEADINGS`, from 0."""


def _usual_headings() -> dict[str, _HeadingMatch]:
    # A heading that stands in several groups means the first one.
    known: dict[str, _HeadingMatch] = {}
    for field in Field:
        for group, names in enumerate(headings.HEADINGS[field]):
            for name in names.split(";"):
                known.setdefault(_normalised(name), _HeadingMatch(field, group))
        known.setdefault(_normalised(field), _HeadingMatch(field, 0))
    for before in headings.UNITS.split(";"):
        for end in headings.SERIAL_ENDS.split(";"):
            known.setdefault(_normalised(before + end), _HeadingMatch(Field.SERIAL_NUMBER, 0))
    known.pop("", None)  # headings of signs alone, such as "#", have nothing left to be compared
    return known


_FIELDS: Final[Mapping[str, _HeadingMatch]] = _usual_headings()
_COUNTERS: Final = {_normalised(name) for name in headings.COUNTERS.split(";")}
_OWN_NUMBERS: Final = 2
"""Group of the numbers that the owner gives: an unusual heading with a word for a serial number is better."""
_LAST_GROUP: Final = 9
"""Group of a column whose heading names another field, and whose values are of this one."""
_FITTING_SHARE: Final = 0.5
"""Share of the values that must fit."""
_VAGUE: Final = {(Field.LOCATION, 1), (Field.ITEM, 3)}
"""Fields and groups of headings that mean a field only where its values exist here."""
_MAIN_FIELDS: Final = (
    Field.ITEM, Field.LOCATION, Field.STATUS, Field.CONDITION_NOTES, Field.WARRANTY_START, Field.DATE_RECEIVED,
    Field.CUSTOMER,
)  # fmt: skip
_INTERCHANGED: Final[Mapping[Field, tuple[Field, ...]]] = {
    Field.WARRANTY_END: (Field.WARRANTY_TERM,),
    Field.WARRANTY_TERM: (Field.WARRANTY_END,),
}
"""Fields whose headings are used for one another: the values decide."""
_NO_VALUES: Final[Mapping[Field, str]] = {
    Field.SERIAL_NUMBER: "no serial numbers",
    Field.ITEM: "no items",
    Field.LOCATION: "no places",
    Field.STATUS: "no statuses",
    Field.CONDITION_NOTES: "no notes",
    Field.WARRANTY_START: "no dates",
    Field.WARRANTY_END: "no dates",
    Field.DATE_RECEIVED: "no dates",
    Field.CUSTOMER: "no customers",
    Field.WARRANTY_TERM: "no terms",
}
FITS: Final[Mapping[Field, Callable[[str], bool]]] = {
    Field.SERIAL_NUMBER: cell_values.may_be_serial,
    Field.ITEM: cell_values.may_be_item,
    Field.LOCATION: cell_values.may_be_place,
    Field.WARRANTY_START: cell_values.may_be_date,
    Field.WARRANTY_END: cell_values.may_be_date,
    Field.DATE_RECEIVED: cell_values.may_be_date,
    Field.WARRANTY_TERM: cell_values.may_be_term,
    Field.CUSTOMER: cell_values.may_be_customer,
}
"""Whether a text can be a value of a field, without a look into the database; any text fits the other fields."""

_BRACKETED: Final = re.compile(r"[(\[（【].*?[)\]）】]")
_SEPARATORS: Final = re.compile(r"[/|\n]")
_WORDS: Final = re.compile(r"[^\W_]+(?:/[^\W_])?")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _match_heading(name: str) -> _HeadingMatch | None:
    """The field for a heading of a file: as a whole, without its text in brackets, or by one of its parts."""
    texts = [name]
    # A text with digits is rather a value, such as the serial number SN/123.
    if len(name) < _LONGEST_KEY and not any(map(str.isdecimal, name)):
        texts += [_BRACKETED.sub("", name), *(aside.strip("()[]（）【】") for aside in _BRACKETED.findall(name))]
        texts += _SEPARATORS.split(name)
    return next((known for text in texts if (known := _FIELDS.get(_normalised(text))) is not None), None)


def _sounds_like_serial(name: str) -> bool:
    """Whether an unusual heading seems to be that of a serial number, by a word in it."""
    words = [_normalised(word) for word in _WORDS.findall(_CAMEL.sub(" ", name))]
    return any(word in headings.SERIAL_WORDS for word in words) or any(
        _normalised(part) in word for word in words if word != "series" for part in headings.SERIAL_PARTS
    )


TEMPLATE: Final = tuple(field for field in Field if field is not Field.WARRANTY_TERM)
"""The columns of the template."""

EXAMPLES: Final = (
    ("SN-0001", "YOUR-ITEM", "YOUR-PLACE", StatusCode.IN_STOCK, "", "", "", "2025-03-31", ""),
    (
        "SN-0002",
        "YOUR-ITEM",
        "YOUR-PLACE",
        StatusCode.DEFECTIVE,
        "Scratched lid",
        "2025-03-31",
        "2027-03-30",
        "2025-03-31",
        "",
    ),
    ("SN-0003", "YOUR-ITEM", "", StatusCode.SOLD, "", "2025-04-02", "2027-04-01", "2025-03-31", "YOUR-CUSTOMER"),
)
"""Example rows of the template; item and location are placeholders, so that none is imported by mistake."""

KINDS: Final = (".csv", ".xlsx")
"""Allowed extensions of a template."""


def write_template(path: str, *, force: bool = False) -> None:
    """Write the template as CSV or XLSX, by its extension; in the XLSX all columns are formatted as text.

    A partly written file is removed; with `force` the old file then stays.

    Args:
        force: overwrite an existing file.

    Raises:
        BadValue: another extension, an existing file, or a write error.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        raise bad_file(f"{shown(path)} should end with .csv or .xlsx. Choose such a name.")
    content = _workbook() if suffix == ".xlsx" else _csv()
    try:
        _write(Path(path), content, force=force)
    except FileExistsError:
        raise bad_file(f"{shown(path)} is there already. Choose another name, or write over it with --force.") from None
    except (OSError, ValueError) as trouble:
        why = trouble.strerror if isinstance(trouble, OSError) else "no file can be named so"
        raise bad_file(f"{shown(path)} cannot be written: {why}. Choose another folder.") from trouble


def _write(path: Path, content: bytes, *, force: bool) -> None:
    # Overwriting goes through a temporary file and an atomic rename, so that the old file survives a failure.
    written = path.with_name(f".{path.name}.{os.getpid()}") if force else path
    with written.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if force:
                written.replace(path)
        except BaseException:
            with suppress(OSError):
                written.unlink()
            raise


def _csv() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field.label for field in TEMPLATE])
    writer.writerows(map(guarded, row) for row in EXAMPLES)
    return text.getvalue().encode("utf-8-sig")  # spreadsheets know UTF-8 by its mark alone


def _workbook() -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - needed only here

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    as_text = book.add_format({"num_format": "@"})
    heading = book.add_format({"num_format": "@", "bold": True})
    sheet = book.add_worksheet("Serial numbers")
    sheet.set_column(0, len(TEMPLATE) - 1, 20, as_text)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [field.label for field in TEMPLATE], heading)
    for number, row in enumerate(EXAMPLES, 1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, as_text)  # `write` would make numbers and dates of some
    book.close()
    return file.getvalue()
