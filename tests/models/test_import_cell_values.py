"""What the text of a cell says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadValue
from models.importing.cells import guarded, mangled, unguarded
from models.importing.dates import read_date
from models.importing.serial_cells import marked, unmarked
from tests.support.cases import each


@each(
    "text",
    ["1.23E+14", "1,23E+14", "1.23457e+14", " 1.5E+10 ", "-1.2E+15", "1.5E-07", "12.5E+3", "1E+14", "5e+10", "####",
     "##", "#N/A", "#NV", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#WERT!", "#BEZUG!", "#ÜBERLAUF!", "#SPILL!", "#n/a",
     "#GETTING_DATA!", "#NOMBRE?", "Err:502"],
)  # fmt: skip
def test_what_a_spreadsheet_mangled_is_told_with_the_remedy(text: str) -> None:
    sentence = mangled(text)
    assert sentence is not None
    assert sentence.startswith(text.strip())
    assert sentence.endswith("export the file again.")


@each(
    "text",
    ["", "5E10", "12E4", "1E10", "1e5", "12E+4", "1E-05", "1E+5", "E+14", "1.23E14", "1.5", "1.2.3E+14", "1.23E+14A",
     "SN-1.23E+14", "00123", "123456789012345678", "#", "#1", "#A1", "A##", "N/A", "#1!", "Err:50", "1.E+14"],
)  # fmt: skip
def test_a_serial_number_that_looks_odd_is_not_mangled(text: str) -> None:
    assert mangled(text) is None


@each(
    "text",
    ["2025-03-31", " 2025-03-31 ", "2025-03-31 10:30:00", "2025-03-31T10:30", "2025-03-31T10:30:00Z", "31.03.2025",
     "31.3.2025", "31. 3. 2025", "31/03/2025", "03/31/2025", "3/31/2025", "2025/03/31", "2025/3/31", "2025.03.31",
     "31-03-2025", "3/31/25", "3.31.25", "20250331", "2025年3月31日", "2025. 3. 31.", "3/31/2025 4:59:10 PM",
     "31/03/2025 16:59", "3/31/25, 4:59 p. m.", "31/Mar/2025", "31-MAR-25", "Mar 31 2025", "Monday, March 31st, 2025",
     "31. März 2025", "lun. 31 mars 2025", "31 de marzo de 2025", "31 março 2025", "31 mrt 2025", "31 marca 2025",
     "1097928:00:00", "Mon 31/03/2025", "Mo., 31.03.2025", "Mon, 31 Mar 2025 10:30:00 +0100",
     "Mon Mar 31 10:30:00 2025"],
)  # fmt: skip
def test_a_day_is_read_in_every_way_that_can_be_read_in_one_way(text: str) -> None:
    assert read_date(text) == date(2025, 3, 31)


def test_a_day_that_is_its_own_month_can_be_read_in_one_way() -> None:
    assert read_date("05/05/2025") == date(2025, 5, 5)


@each(
    ("text", "sentence"),
    [
        ("03/04/2025", "03/04/2025 can be read as two dates. Write 2025-03-04 or 2025-04-03"),
        ("2025-02-30", "2025-02-30 is a day that does not exist"),
        ("31/02/2025", "31/02/2025 is a day that does not exist"),
        ("32.01.2025", "does not exist"),
        ("13/13/2025", "does not exist"),
        ("0000-01-01", "does not exist"),
        ("", "An empty cell is no date. Write it as YYYY-MM-DD"),
        ("45747", "45747 is no date"),
        ("31.03.25", "31.03.25 can be read as two dates. Write 2025-03-31 or 2031-03-25"),
        ("2025-03-31 noon", "is no date"),
        ("2025-03-31T25:00", "is no date"),
        ("Foo 31, 2025", "is no date"),
        ("jui 31, 2025", "is no date"),
        ("31/03/2025 25:00", "is no date"),
        ("٢٠٢٥-٠٣-٣١", "is no date"),
        ("\x1b[31m" + "x" * 100, "…"),
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadValue) as refused:
        read_date(text)
    assert sentence in refused.value.message
    assert "\x1b" not in refused.value.message
    assert refused.value.details["field"] == "date"


@given(st.one_of(st.text(), st.text("'=+-@\t\rA", max_size=6)))
def test_a_guarded_text_comes_back_and_is_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_only_what_needs_a_guard_has_one() -> None:
    assert [guarded(text) for text in ("A", "'A", "", "'", "-1", "'-1")] == ["A", "'A", "", "'", "'-1", "''-1"]


def test_a_serial_that_is_meant_as_it_stands_is_marked_where_it_would_be_doubted() -> None:
    assert [marked(text) for text in ("SN-1", "A,B", "'A,B", "'A", "1.23E+14", "Total")] == [
        *("SN-1", "'A,B", "''A,B", "'A", "'1.23E+14", "'Total")
    ]
    assert [unmarked(text) for text in ("'A,B", "A,B", "'A", "'" * 5_000)] == ["A,B", "A,B", "'A", "'" * 5_000]
