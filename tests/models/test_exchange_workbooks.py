"""XLSX and ODS: what a person sees in the sheet is the text of the cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
import xlsxwriter

from models.errors import BadValue
from models.importing.cells import mangled, read_date
from models.importing.table import Row, open_table
from tests.support.exchange import cells, read
from tests.support.sheets import HEADER, ods_parts, ods_table, packed, write_ods, write_xlsx, xlsx_parts

TABLES = Path(__file__).parents[1] / "cases" / "tables"
"""One workbook that LibreOffice saved in three formats."""

SEEN = {
    "zeros text": "00123", "int": "123", "15": "123456789012345", "18": "1.23456789012346E+17", "float": "0.3",
    "date": "2025-03-31", "datetime": "2025-03-31 10:30:00", "time": "10:30:05", "pct": "12.5%", "padded": "00123",
    "cur": "1234.5", "neg": "-5", "multi": "one\ntwo  three.", "uni": "Größe 😀 <&>", "lead": "x", "quote": "=1+1",
    "formula": "3", "err": "#N/A", "concat": "SN-1", "rich": "",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_of_libreoffice_is_read_as_it_is_seen(kind: str) -> None:
    with open_table(str(TABLES / f"libreoffice.{kind}")) as table:
        assert (table.kind, table.sheets, table.sheet, table.delimiter) == (kind, ("May", "June"), "May", ",")
        assert table.header == ("Serial Number", "Value")
        rows = list(table.rows())
        assert table.share_read == 1
    seen = {row.cells[0]: row.cells[1] for row in rows}
    assert {name: seen[name] for name in SEEN} == SEEN
    assert seen["bool"] == ("1" if kind == "ods" else "TRUE")  # LibreOffice made a number of it
    assert [row.number for row in rows] == [*range(2, 22), 24, 25]
    assert rows[-2] == Row(24, ("gap", "", "", "", "far"), is_ragged=True)
    assert mangled(seen["18"])
    assert mangled(seen["err"])
    assert read_date(seen["datetime"]) == read_date(seen["date"]) == dt.date(2025, 3, 31)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_another_sheet_is_read_by_its_name(kind: str) -> None:
    path = str(TABLES / f"libreoffice.{kind}")
    assert read(path, sheet="June") == read(path, sheet="june") == (("Serial",), [Row(2, ("J1",))])


def workbook(path: Path, sheets: Mapping[str, Sequence[str]], *hidden: str) -> str:
    """A workbook, by its ending, of sheets with one column each."""
    if path.suffix == ".ods":
        row = "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
        tables = (
            f"<table:table table:name={quoteattr(name)}>{''.join(map(row.format, texts))}</table:table>"
            for name, texts in sheets.items()
        )
        return packed(path, ods_parts("".join(tables)))
    with xlsxwriter.Workbook(path) as book:
        for name, texts in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, texts)
            if name in hidden:
                sheet.hide()
    return str(path)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("cover", [[], ["  "], ["Inventory 2026"]], ids=["empty", "a blank", "a title only"])
def test_a_workbook_whose_first_sheet_has_no_rows_names_those_that_have(
    tmp_path: Path, kind: str, cover: list[str]
) -> None:
    sheets = {"Cover": cover, "May": ["Serial", "A-1"], "Notes": ["one line"], "June <&>": ["Serial", "B-1", "B-2"]}
    path = workbook(tmp_path / f"list.{kind}", sheets)
    with pytest.raises(BadValue, match=r"The sheet “Cover” of list\.") as refused:
        open_table(path)
    assert refused.value.message.endswith("These have rows: “May”, “June <&>”.")
    assert refused.value.details["sheets"] == ("May", "June <&>")
    assert cells(path, sheet="may") == [("A-1",)]
    with pytest.raises(BadValue, match="The sheet “Notes” of list") as refused:
        open_table(path, sheet="Notes")
    assert refused.value.details["sheets"] == ("May", "June <&>")


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_without_rows_on_any_sheet_is_refused_as_a_whole(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / f"list.{kind}", {"Cover": [], "May": ["Serial"]})
    with pytest.raises(BadValue, match=r"No sheet of list\.\w+ has rows under a header") as refused:
        open_table(path)
    assert "sheets" not in refused.value.details
    alone = workbook(tmp_path / f"alone.{kind}", {"Cover": []})
    with pytest.raises(BadValue, match=r"^alone\.\w+ is empty\. Export it again"):
        open_table(alone)


def test_a_hidden_sheet_with_rows_is_named_too(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"Cover": [], "Data": ["Serial", "A-1"]}, "Data")
    with pytest.raises(BadValue, match=r"“Cover” of list\.xlsx is empty\. This one has rows: “Data”\."):
        open_table(path)


def test_every_kind_of_cell_of_excel_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        formats = {
            code: book.add_format({"num_format": code})
            for code in (
                "00000",
                '"SN-"000',
                "d/m/yy",
                "[h]:mm:ss",
                "0%",
                "0.00E+00",
                "[$-407]mmm yyyy",
                '#,##0 "days"',
            )
        }
        written = [
            (7, None, "7"), (0, None, "0"), (-1.5, None, "-1.5"), (1e14, None, "100000000000000"),
            (2.5e-7, None, "0.00000025"),
            (1e15, None, "1.00000000000000E+15"), (-123456789012345678, None, "-1.23456789012346E+17"),
            (42, "00000", "00042"), (42, '"SN-"000', "SN-042"), (1.5, "00000", "1.5"), (45747, "d/m/yy", "2025-03-31"),
            (45747.4375, "d/m/yy", "2025-03-31 10:30:00"), (1, "d/m/yy", "1900-01-01"), (61, "d/m/yy", "1900-03-01"),
            (-1, "d/m/yy", "-1"), (9e9, "d/m/yy", "9000000000"), (1.5, "[h]:mm:ss", "36:00:00"), (0.5, "0%", "50%"),
            (1.07, "0%", "107%"), (12345, "0.00E+00", "12345"), (45717, "[$-407]mmm yyyy", "2025-03-01"),
            (30, '#,##0 "days"', "30"), (True, None, "TRUE"), (False, None, "FALSE"),
        ]  # fmt: skip
        sheet.write_string(0, 0, "Serial")
        for number, (value, code, _) in enumerate(written, 1):
            sheet.write(number, 0, value, formats.get(code or ""))
    assert [row[0] for row in cells(str(path))] == [text for *_, text in written]
    assert [bool(mangled(text)) for *_, text in written].count(True) == 2


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "Received")
        sheet.write_datetime(1, 0, dt.date(2025, 3, 31), book.add_format({"num_format": 14}))
    assert cells(str(path)) == [("2025-03-31",)]


def test_the_first_sheet_that_is_not_hidden_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Lists", "May"):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, ["Serial", name])
        book.add_chartsheet("Chart")
        book.get_worksheet_by_name("Lists").hide()
        book.get_worksheet_by_name("May").activate()
    with open_table(str(path)) as table:
        assert (table.sheets, table.sheet) == (("Lists", "May"), "May")
    assert cells(str(path), sheet="Lists") == [("Lists",)]


@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_workbook_may_leave_out_what_it_need_not_say(tmp_path: Path, prefix: str) -> None:
    tag = f"{prefix}:" if prefix else ""
    rows = (
        "<#row><#c t='s'><#v>0</#v></#c><#c t='inlineStr'><#is><#t>No</#t><#t>tes</#t></#is></#c></#row>"
        "<#row r='4'><#c/><#c t='str'><#f>1+1</#f><#v>_x0041__x005F_x0042_</#v></#c><#c s='9'><#v> </#v></#c></#row>"
        "<#row><#c r='B5'><#f>A1</#f><#v>1</#v></#c></#row><#row r='6' spans='1:2'><#c r='A6' s='1'/></#row>"
        "<#row><#c t='s'><#v>1</#v></#c><#c t='d'><#v>2025-03-31T00:00:00</#v></#c></#row>"
    ).replace("#", tag)
    strings = (
        "<si><t>Serial</t></si>"
        "<si><r><t>A</t></r><r><rPr><b/></rPr><t xml:space='preserve'> 1</t></r><rPh sb='0' eb='1'><t>ei</t></rPh></si>"
    )
    path = packed(tmp_path / "a.xlsx", xlsx_parts(rows, strings=strings, prefix=prefix))
    assert read(path) == (
        ("Serial", "Notes"), [Row(4, ("", "A_x0042_")), Row(5, ("", "1")), Row(7, ("A 1", "2025-03-31"))],
    )  # fmt: skip


def test_a_workbook_of_openpyxl_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Serial", "Received"], ["007", dt.date(2025, 3, 31)], [8, dt.datetime(2025, 3, 31, 9, 5)]):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert cells(str(tmp_path / "a.xlsx")) == [("007", "2025-03-31"), ("8", "2025-03-31 09:05:00")]


def test_repeated_cells_and_rows_of_an_ods_are_counted(tmp_path: Path) -> None:
    table = ods_table(
        "<table:table-row-group><table:table-row table:number-rows-repeated='3'><table:table-cell "
        "table:number-columns-repeated='16384'/></table:table-row></table:table-row-group>"
        "<table:table-row table:number-rows-repeated='2'><table:table-cell table:number-columns-repeated='2'>"
        "<text:p>A1</text:p></table:table-cell><table:table-cell table:number-columns-repeated='16000'/>"
        "</table:table-row><table:table-row><table:covered-table-cell/><table:table-cell><text:p>x</text:p>"
        "</table:table-cell></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048569'><table:table-cell/></table:table-row>"
    )
    path = packed(tmp_path / "a.ods", ods_parts(table + ods_table("", "June")))
    assert read(path)[1] == [Row(5, ("A1", "A1")), Row(6, ("A1", "A1")), Row(7, ("", "x"))]


def test_the_text_of_an_ods_cell_is_what_it_shows_without_its_comment(tmp_path: Path) -> None:
    table = ods_table(
        "<table:table-row><table:table-cell office:value-type='float' office:value='7'><office:annotation><text:p>note"
        "</text:p></office:annotation><text:p>007</text:p></table:table-cell><table:table-cell><text:p> a\n  b<text:s "
        "text:c='2'/>c<text:tab/><text:span>d<text:a>e</text:a></text:span><text:line-break/>f<draw:frame><text:p>no"
        "</text:p></draw:frame></text:p><text:p>g</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell office:value-type='boolean' office:boolean-value='true'><text:p>WAHR"
        "</text:p></table:table-cell><table:table-cell office:value-type='float' office:value='1.5E3'><text:p>1.500,00"
        "</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell office:value-type='date' office:date-value='2025-03-31'><text:p>31.03.25"
        "</text:p></table:table-cell><table:table-cell office:value-type='percentage' office:value='0.07'/>"
        "</table:table-row>"
    )
    path = packed(tmp_path / "a.ods", ods_parts(table))
    assert cells(path) == [("007", "a b  c\tde\nf\ng"), ("TRUE", "1500"), ("2025-03-31", "7%")]


def test_the_kind_is_told_by_the_content_and_not_by_the_name(tmp_path: Path) -> None:
    for write, kind in ((write_xlsx, "xlsx"), (write_ods, "ods")):
        with open_table(write(tmp_path / f"{kind}.csv", [["Serial"], ["A1"]])) as table:
            assert (table.kind, table.header) == (kind, ("Serial",))


def test_a_row_without_a_cell_is_no_row(tmp_path: Path) -> None:
    rows = HEADER + "<row r='2'/><row r='9'><c r='A9' t='inlineStr'><is><t>A1</t></is></c></row>"
    assert read(packed(tmp_path / "a.xlsx", xlsx_parts(rows)))[1] == [Row(9, ("A1",))]
