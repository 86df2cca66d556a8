"""What stands in the cell of a serial number: several of them, what a spreadsheet made of one, none at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models import clock
from models.importing import staging
from models.importing.cell_values import literal, may_be_customer, may_be_date, may_be_item, may_be_place, read_term
from models.importing.choices import Choices
from models.importing.imports import (
    Remedy,
    Staged,
    import_staged,
    proposed,
    remember_mapping,
    remembered,
    stage,
    write_rejects,
)
from models.importing.serial_cells import Doubt, doubt_about, is_total, range_in, several
from models.importing.table import open_table
from models.schema import Serial
from models.serials.record import find_serial, serial_detail
from models.terms import Term, TermUnit
from tests.support.cases import each
from tests.support.importing import write_file
from tests.support.warehouse import Warehouse


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    staging.end()


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def staged(warehouse: Warehouse, path: str, **options: Any) -> Staged:
    """Stage a file of SAW-1 as it is proposed."""
    with open_table(path) as table:
        return stage(
            warehouse.boss, table, proposed(table).mapping, item="SAW-1", choices=Choices(**options), progress=quiet
        )


def told() -> dict[int, str]:
    """Why rows are refused, by their numbers."""
    return {one.row: one.reason for one in staging.rejected()}


def warned() -> dict[int, tuple[str, str]]:
    """The codes and texts of warnings, by the numbers of the rows."""
    return {one.row: (one.doubt, one.odd) for one in staging.warned()}


def column(folder: Path, *texts: str) -> str:
    """A file of one column."""
    return write_file(folder, *([text] for text in texts), header=["Serial Number"])


@each(
    ("cell", "parts"),
    [
        ("P1_64A0E00001, P1_65A08E0002", ["P1_64A0E00001", "P1_65A08E0002"]),
        ("0821-0001;0821-0002 ; 0821-0003", ["0821-0001", "0821-0002", "0821-0003"]),
        ("A1\nB2\r\nC3", ["A1", "B2", "C3"]),
        ("A1、B2，C3；D4", ["A1", "B2", "C3", "D4"]),
        ("CZ10001/CZ10002", ["CZ10001", "CZ10002"]),
        ("1000234|1000235", ["1000234", "1000235"]),
        ("A12345 / B99999", ["A12345", "B99999"]),
        ("A12345 and A12399", ["A12345", "A12399"]),
        ("PART12345678 SN123456789", ["PART12345678", "SN123456789"]),
        ("SN0001 SN0002 SN0003", ["SN0001", "SN0002", "SN0003"]),
    ],
)
def test_several_serial_numbers_in_a_cell_are_told_apart(cell: str, parts: list[str]) -> None:
    assert several(cell) == parts


@each(
    "cell",
    [
        "A-1",
        "A1,",
        "AB/123",
        "12345/67890",
        "03/04/2025",
        "35 123456 123456 1",
        "ABCD1 EFGH2 IJKL3",
        "SN 0001",
        "A|B",
        ", ;",
    ],
)
def test_one_serial_number_with_a_sign_in_it_is_one(cell: str) -> None:
    assert several(cell) == []


def test_a_range_has_dots() -> None:
    assert range_in("SN-1..SN-5") == range_in(" SN-1 … SN-5 ") == ("SN-1", "SN-5")
    assert [range_in(text) for text in ("SN-1-5", "V1.0", "A..B", "..", "SN-1..")] == [None] * 5


@each(
    ("doubt", "cells"),
    [
        (
            Doubt.PLACEHOLDER,
            "N/A;n.a.;none;To be filled by O.E.M.;Default string;00000000;0;000-000;123456789;xxxx;-;unknown;TBD;??",
        ),
        (
            Doubt.PLACEHOLDER,
            "unbekannt;aucun;sin número;nessuno;onbekend;brak;不明;없음;111111;To Be Filled By O.E.M",
        ),
        (Doubt.SPREADSHEET, "2025-03-04;04.03.2025;3/4/25;4-Mar;Mar-25;12:30;2025-03-04 00:00:00;50%;TRUE;falsch;VRAI"),
        (Doubt.RANGE, "SN-1 - SN-5;SN-1 to SN-5;A001~A009"),
    ],
)
def test_what_is_hardly_a_serial_number_is_doubted(doubt: Doubt, cells: str) -> None:
    for cell in cells.split(";"):
        found = doubt_about(cell)
        assert found is not None, cell
        assert (found[0], found[1].split(" ")[0]) == (doubt, cell.split(" ")[0])


def test_an_ordinary_serial_number_is_not_doubted() -> None:
    for cell in ("A-1", "00123", "SN-2025-001", "12DEC45", "1101", "12-1234", "NA123", "5E10", "TRUE1", "10-12-9"):
        assert doubt_about(cell) is None, cell


def test_totals_are_known_in_several_languages() -> None:
    texts = "Total;TOTAL:;Grand total: 12;Sum;Summe;Zwischensumme;Total général;Sous-total;Suma;Totale;Razem;合計;합계"
    assert all(map(is_total, texts.split(";")))
    assert not any(map(is_total, ("TOTAL-1", "Total station", "T-1", "", "12")))


def test_a_text_that_is_written_for_a_spreadsheet_is_the_text() -> None:
    assert [literal(text) for text in ('="0012"', '="a""b"', "=A1", '="', "0012")] == [
        "0012",
        'a"b',
        "=A1",
        '="',
        "0012",
    ]


def test_values_fit_a_field_or_not() -> None:
    assert not any(map(may_be_place, ("256 GB", "1TB NVMe", "3.5", "1,234.50 €", "2025-03-04", "yes", "a@b.example")))
    assert all(map(may_be_place, ("DOCK", "Room 101", "12", "A-01-03", "本社", "Am Markt 3")))
    assert all(
        map(may_be_date, ("5.31.2021", "1/23/23", "1/14/2021 16:59", "01/Mar/2021", "Jan 15 2024", "2024年3月1日"))
    )
    assert not any(map(may_be_date, ("14", "Yes", "24 months", "45747", "soon")))
    assert (may_be_item("No"), may_be_item("2025-01-01"), may_be_customer("12.50"), may_be_customer("3M")) == (
        False, False, False, True,
    )  # fmt: skip


@each(
    ("text", "term"),
    [
        ("24", Term(24, TermUnit.MONTHS)),
        ("24 months", Term(24, TermUnit.MONTHS)),
        ("36个月", Term(36, TermUnit.MONTHS)),
        ("12 Monate", Term(12, TermUnit.MONTHS)),
        ("2 years", Term(2, TermUnit.YEARS)),
        ("3Y", Term(3, TermUnit.YEARS)),
        ("1.5 years", Term(18, TermUnit.MONTHS)),
        ("90 days", Term(90, TermUnit.DAYS)),
        ("0", None),
    ],
)
def test_a_term_is_read_with_or_without_its_unit(text: str, term: Term | None) -> None:
    assert read_term(text) == term


def test_several_in_a_cell_are_refused_or_a_row_each(warehouse: Warehouse, tmp_path: Path) -> None:
    path = column(tmp_path, "A-1, A-2", "B-1..B-3", "C-1", "A-2;A-9", "D-1 .. E-5")
    one = staged(warehouse, path)
    assert (one.counts.new, one.rows_with("several")) == (1, 4)
    assert told()[2] == "The cell has 2 serial numbers: A-1, A-2. Give each a row of its own, or split such cells."
    assert told()[3].startswith("B-1..B-3 is a range of serial numbers.")
    split = staged(warehouse, path, split=True)
    assert (split.counts.rows, split.counts.new) == (9, 7)
    assert told()[5] == "A-2 is in row 2 already. Leave one of them out."
    assert told()[6].startswith("D-1..E-5 is no range")
    with open_table(path) as table:
        rejects = write_rejects(table)
    assert rejects is not None
    assert Path(rejects).read_text("utf-8-sig").splitlines()[1].startswith("A-2,A-2 is in row 2 already")
    assert import_staged(warehouse.boss, split.source, progress=quiet).serials == 7
    assert sorted(row.serial_number for row in Serial.select()) == ["A-1", "A-2", "A-9", "B-1", "B-2", "B-3", "C-1"]


def test_several_in_a_cell_are_taken_as_one_where_that_was_chosen(warehouse: Warehouse, tmp_path: Path) -> None:
    path = column(tmp_path, "A-1, A-2", "B-1..B-3", "C-1", "D\n1")
    as_one = staged(warehouse, path, split=False)
    assert [as_one.rows_with(kind) for kind in ("several", "split", "as_one")] == [0, 0, 3]
    assert warned() == {
        2: ("several", "A-1, A-2 looks like several serial numbers; it is taken as one."),
        3: ("several", "B-1..B-3 looks like several serial numbers; it is taken as one."),
    }
    assert list(told()) == [5]  # no serial number has a line end
    assert staged(warehouse, path, split=True).rows_with("split") == 3
    with open_table(path) as table:
        mapping = proposed(table).mapping
        for choice in (True, None, False, None, True):
            remember_mapping(warehouse.boss, table.header, mapping, Choices(split=choice))
            kept = remembered([table.header])[0].split
            assert kept is (choice if choice is not None else kept)
            table.remembered = Choices(split=kept)
            found = stage(warehouse.boss, table, mapping, item="SAW-1", progress=quiet)
            assert bool(found.rows_with("split")) is kept


def test_what_a_workbook_has_no_text_of_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cells: Sequence[Any] = (date(2025, 3, 4), True, 0.5, 12345, "JUN-5", "2025-03-04", 1.5)
    for row, cell in enumerate(["Serial Number", *cells], 1):
        book.active.cell(row, 1, cell)  # type: ignore[union-attr]
    book.active["A4"].number_format = "0%"  # type: ignore[index]
    path = str(tmp_path / "list.xlsx")
    book.save(path)
    assert staged(warehouse, path).counts.new == 4
    assert {row: reason.partition(",")[0] for row, reason in told().items()} == {
        2: "2025-03-04 is a date in the spreadsheet",
        3: "TRUE is true or false in the spreadsheet",
        4: "50% is a percentage in the spreadsheet",
    }
    assert {row: code for row, (code, _) in warned().items()} == {7: "spreadsheet", 8: "spreadsheet"}


def test_doubtful_texts_are_warned_of_and_placeholders_refused_on_request(warehouse: Warehouse, tmp_path: Path) -> None:
    path = column(tmp_path, "A-1", "N/A", '="0012"', "TRUE", "SN-1 - SN-5", "不明", "00000000")
    first = staged(warehouse, path)
    assert (first.counts.new, first.remedies) == (6, (Remedy("placeholder", 3),))
    assert {row: code for row, (code, _) in warned().items()} == {
        3: "placeholder", 5: "spreadsheet", 6: "range", 8: "placeholder",
    }  # fmt: skip
    assert told()[7].startswith("不明 stands for a serial number that nobody knows.")
    assert staged(warehouse, path, refuse_placeholders=True).counts.new == 4
    assert set(told()) == {3, 7, 8}
    import_staged(warehouse.boss, staged(warehouse, path).source, progress=quiet)
    assert find_serial("0012", "SAW-1")


def test_totals_and_repeated_headings_are_no_units(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [["T-1", "1"], ["Serial Number", "Quantity"], ["SN", ""], ["Total", "2"], ["", "Summe"], ["T-2", "1"]]
    assert staged(warehouse, write_file(tmp_path, *rows, header=["Serial Number", "Quantity"])).counts.new == 2
    assert told() == {
        3: "A heading that is repeated (Serial Number) is no unit.",
        4: "A heading that is repeated (SN) is no unit.",
        5: "A row of totals (Total) is no unit.",
        6: "A row of totals (Summe) is no unit.",
    }
    rows = [["Saw", "101"], ["Total", "2"], ["Total", "102345678"], ["Grand total:", ""]]
    assert staged(warehouse, write_file(tmp_path, *rows, header=["Maker", "Serial"])).counts.new == 2
    assert set(told()) == {3, 5}


def test_a_warranty_term_counts_from_its_start_or_the_date_received(warehouse: Warehouse, tmp_path: Path) -> None:
    header = ["Serial", "Garantie (Jahre)", "Warranty Start", "Received"]
    rows = [["A-1", "2", "", "2024-01-10"], ["A-2", "6 months", "2024-03-01", "2024-01-10"], ["A-3", "", "", ""]]
    rows += [["A-4", "long", "", ""], ["A-5", "1", "", ""], ["A-6", "0", "", ""]]
    path = write_file(tmp_path, *rows, header=header)
    assert staged(warehouse, path).counts.new == 5
    assert told() == {5: "The warranty term: long is no term. Write months, such as 24, or 2 years."}
    import_staged(warehouse.boss, staged(warehouse, path).source, progress=quiet)
    dates = {}
    for text in ("A-1", "A-2", "A-3", "A-5", "A-6"):
        serial = serial_detail(find_serial(text, "SAW-1"))
        dates[text] = (serial.warranty_start, serial.warranty_end)
    today = clock.today()
    assert dates == {
        "A-1": (date(2024, 1, 10), date(2026, 1, 9)),
        "A-2": (date(2024, 3, 1), date(2024, 8, 31)),
        "A-3": (None, None),
        "A-5": (today, Term(1, TermUnit.YEARS).last_day(today)),
        "A-6": (None, None),
    }


def test_another_item_in_the_rows_is_counted(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [["A-1", "SAW-1"], ["A-2", "Sage"], ["A-3", "Sage"]]
    one = staged(warehouse, write_file(tmp_path, *rows, header=["Serial", "Model"]))
    assert one.rows_with("other_item") == 2
    assert one.missing == ()
