"""Whether the text of a cell can be an item, a place, a customer, a date or the term of a warranty."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from models.errors import BadValue
from models.terms import Term, TermUnit
from models.text import LONGEST_NAME, readable

_LITERAL: Final = re.compile(r'=\s*"((?:[^"]|"")*)"')


def literal(text: str) -> str:
    """The text in `="0012"`, in which programs write digits that a spreadsheet must not read as a number."""
    found = _LITERAL.fullmatch(text)
    return found[1].replace('""', '"').strip() if found is not None else text


_TRUTH: Final = frozenset(
    ["yes", "no", "true", "false", "y", "n", "ja", "nein", "oui", "non", "si", "sí", "sì", "sim", "não", "nao", "nee"]
    + ["tak", "nie", "是", "否", "はい", "いいえ", "예", "아니오", "wahr", "falsch", "vrai", "faux"]
)
_MEASURE: Final = re.compile(
    r"[0-9]+(?:[.,][0-9]+)? ?"
    r"(?:[KMGTP]i?B\b.*|[KMG]?Hz|kg|g|lbs?|oz|[mck]?m|in|ft|k?W|m?V|m?Ah?|px|%|\"|″|pcs|€|\$|EUR|USD)",
    re.IGNORECASE,
)
_MONEY: Final = re.compile(r"[€$£¥₩]? ?-?[0-9]{1,3}(?:[ .,'][0-9]{3})*[.,][0-9]{1,2} ?[€$£¥₩]?|[€$£¥₩] ?[0-9]+")
_ADDRESS: Final = re.compile(r"https?://\S+|[^@\s]+@[^@\s]+\.[^@\s]+", re.IGNORECASE)
_WORD: Final = r"[^\W\d_]{3,}"
_TIME: Final = "(?:[T, ].*)?"
_LIKE_DATE: Final = re.compile(
    rf"[0-9]{{1,4}}(?:[-/.]|\. )[0-9]{{1,2}}(?:[-/.]|\. )[0-9]{{1,4}}{_TIME}|(?:19|20)[0-9]{{6}}|"
    rf"[0-9]{{1,2}}[-/. ]*{_WORD}[-/., ]*[0-9]{{2,4}}{_TIME}|"
    rf"(?:{_WORD},? )?{_WORD}[-/. ]+[0-9]{{1,2}}(?:st|nd|rd|th)?[-/., ]+[0-9]{{2,4}}{_TIME}|"
    r"[0-9]{4}\s?[年년]\s?[0-9]{1,2}\s?[月월]\s?[0-9]{1,2}\s?[日일]?.*",
    re.IGNORECASE,
)
_TERM: Final = re.compile(r"([0-9]{1,4})(?:[.,]([05]))? ?([^\W\d_]*)\.?", re.IGNORECASE)
MOST_MONTHS: Final = 240
"""Largest bare number that is the term of a warranty, and not a year."""


def may_be_serial(text: str) -> bool:
    """Whether a text can be a serial number, or the value that a spreadsheet made of one."""
    return text.casefold() not in _TRUTH


def may_be_item(text: str) -> bool:
    """Whether a text can name an item."""
    return text.casefold() not in _TRUTH and not _LIKE_DATE.fullmatch(text) and not _ADDRESS.fullmatch(text)


def may_be_place(text: str) -> bool:
    """Whether a text can name a location: no size of a disk, no price, no date."""
    return (
        may_be_item(text) and len(text) <= LONGEST_NAME and not _MEASURE.fullmatch(text) and not _MONEY.fullmatch(text)
    )


def may_be_customer(text: str) -> bool:
    """Whether a text can name a customer."""
    return may_be_item(text) and not _MONEY.fullmatch(text)


def may_be_date(text: str) -> bool:
    """Whether a text looks like a date, in any way of writing it."""
    return _LIKE_DATE.fullmatch(text) is not None


def may_be_term(text: str) -> bool:
    """Whether a text looks like the term of a warranty: 24, 24 months, 2 years."""
    try:
        read_term(text)
    except BadValue:
        return False
    return True


def read_term(text: str, unit: TermUnit = TermUnit.MONTHS) -> Term | None:
    """The term of a warranty: 24, 24 months, 2 years, 90d; None for 0.

    Args:
        unit: of a number without one.

    Raises:
        BadValue
    """
    found = _TERM.fullmatch(text.strip())
    named = _unit(found[3]) if found is not None and found[3] else unit
    if found is None or named is None or (not found[3] and int(found[1]) > MOST_MONTHS):
        raise BadValue(f"{readable(text, 30)} is no term. Write months, such as 24, or 2 years.", field="warranty")
    amount, half = int(found[1]), found[2] == "5"
    if half and named is TermUnit.YEARS:  # of months and days a half cannot be counted
        amount, named, half = amount * 12 + 6, TermUnit.MONTHS, False
    if half:
        raise BadValue(f"{readable(text, 30)} is no term: write it in days.", field="warranty")
    return Term(amount, named) if amount else None


def term_unit(heading: str) -> TermUnit:
    """The unit that the heading of a column of terms names; months if it names none."""
    bare = "".join(
        each for each in unicodedata.normalize("NFKD", heading.casefold()) if not unicodedata.combining(each)
    )
    words = re.split(r"[\W\d_]+", bare)
    if any(map(_is_month, words)):
        return TermUnit.MONTHS
    return next((unit for word in words if word and (unit := _unit(word)) is not None), TermUnit.MONTHS)


def _is_month(word: str) -> bool:
    return len(word) > 1 and _unit(word) is TermUnit.MONTHS


def _unit(word: str) -> TermUnit | None:
    """The unit that a word or its beginning names."""
    bare = unicodedata.normalize("NFC", word.casefold())
    for unit, names in _UNIT_NAMES.items():
        if bare in names.split():
            return unit
    return None


_UNIT_NAMES: Final[Mapping[TermUnit, str]] = {
    TermUnit.MONTHS: """
        m mo mos mon mth mths mnth mnths month months monat monate monaten mois mes meses mese mesi mês maand maanden
        mies miesiąc miesiące miesięcy miesiącach miesiac miesiace miesiecy miesiacach
        月 个月 個月 か月 ヶ月 カ月 ケ月 月数 개월 월
        """,
    TermUnit.YEARS: """
        y yr yrs year years jahr jahre jahren j an ans année années annee annees a año años ano anos anno anni jaar
        jaren rok lata lat 年 年間 年数 년
        """,
    TermUnit.DAYS: """
        d day days tag tage tagen t jour jours día días dia dias giorno giorni dag dagen dzień dni 天 日 日間 일
        """,
}
"""Words for the units of terms, as people write them."""
