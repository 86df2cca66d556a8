"""XLSX and ODS: what a person sees in the sheet is the text of the cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
import xlsxwriter

from models.errors import BadValue
from models.extras import how_to_install
from models.importing import binary_workbooks
from models.importing.cells import mangled
from models.importing.dates import read_date
from models.importing.number_formats import CellKind
from models.importing.table import Row, open_table
from tests.support.cases import each
from tests.support.import_files import cells, read, refusal
from tests.support.sheets import HEADER, MAIN, ods_parts, ods_table, packed, write_ods, write_xlsx, xlsx_parts

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
    kinds = {row.cells[0]: row.kinds[1] for row in rows if 1 in row.kinds}
    assert kinds == dict.fromkeys(("int", "15", "18", "float", "cur", "neg", "formula"), CellKind.NUMBER) | {
        "date": CellKind.DATE, "datetime": CellKind.DATE, "time": CellKind.TIME, "pct": CellKind.PERCENT,
        "padded": CellKind.PADDED, "bool": CellKind.NUMBER if kind == "ods" else CellKind.BOOLEAN,
        "err": CellKind.ERROR,
    }  # fmt: skip
    assert mangled(seen["18"])
    assert mangled(seen["err"])
    assert read_date(seen["datetime"]) == read_date(seen["date"]) == dt.date(2025, 3, 31)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_another_sheet_is_read_by_its_name(kind: str) -> None:
    path = str(TABLES / f"libreoffice.{kind}")
    assert read(path, sheet="June") == read(path, sheet="june") == (("Serial",), [Row(2, ("J1",))])


HIDDEN = (
    "<style:style style:name='ta1' style:family='table'><style:table-properties table:display='true'/></style:style>"
    "<style:style style:name='ta2' style:family='table'><style:table-properties table:display='false'/></style:style>"
)
"""Styles of a sheet that is shown, and of one that is not."""


def workbook(path: Path, sheets: Mapping[str, Sequence[str]], *hidden: str) -> str:
    """A workbook, by its ending, of sheets with one column each."""
    if path.suffix == ".ods":
        row = "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
        tables = (
            f"<table:table table:name={quoteattr(name)} table:style-name='ta{2 if name in hidden else 1}'>"
            f"{''.join(map(row.format, texts))}</table:table>"
            for name, texts in sheets.items()
        )
        return packed(path, ods_parts("".join(tables), HIDDEN))
    with xlsxwriter.Workbook(path) as book:
        for name, texts in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, texts)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
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


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_hidden_sheet_is_passed_over_and_marked(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / f"list.{kind}", {"Old": ["Serial", "O-1"], "May": ["Serial", "A-1"]}, "Old")
    with open_table(path) as table:
        assert (table.sheets, table.hidden_sheets, table.sheet) == (("Old", "May"), ("Old",), "May")
    assert cells(path, sheet="Old") == [("O-1",)]
    assert "It has: “Old” (hidden), “May”." in refusal(path, sheet="June")
    path = workbook(tmp_path / f"list.{kind}", {"Cover": [], "Data": ["Serial", "A-1"]}, "Data")
    with pytest.raises(BadValue, match=r"“Cover” of list\.\w+ is empty\. This one has rows: “Data” \(hidden\)\."):
        open_table(path)


def hidden_rows(kind: str, folder: Path, hidden: str) -> str:
    """A workbook whose rows are Serial, A-1 to A-5, of which those in `hidden` are hidden or filtered out."""
    path = folder / f"a.{kind}"
    if kind == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, text in enumerate(["Serial", *(f"A-{number}" for number in range(1, 6))]):
                sheet.write_string(number, 0, text)
                if str(number) in hidden:
                    sheet.set_row(number, None, None, {"hidden": True})
        return str(path)
    row = "<table:table-row {}><table:table-cell><text:p>A-{}</text:p></table:table-cell></table:table-row>"
    ways = ("table:visibility='filter'", "table:visibility='collapse'")
    rows = "".join(row.format(ways[number % 2] if str(number) in hidden else "", number) for number in range(1, 6))
    return packed(path, ods_parts(ods_table(rows)))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_rows_that_are_hidden_or_filtered_out_are_left_out_and_counted(tmp_path: Path, kind: str) -> None:
    path = hidden_rows(kind, tmp_path, "235")
    with open_table(path) as table:
        assert [(row.number, row.cells[0]) for row in table.rows()] == [(2, "A-1"), (5, "A-4")]
        assert table.hidden_rows == 3
    with open_table(path, hidden=True) as table:
        assert [row.number for row in table.rows()] == [2, 3, 4, 5, 6]
        assert table.hidden_rows == 0
    with pytest.raises(BadValue, match="shows no rows under a header: 5 are hidden or filtered out") as refused:
        open_table(hidden_rows(kind, tmp_path, "12345"))
    assert refused.value.details["option"] == "--hidden include"


def test_rows_in_a_closed_group_of_an_ods_are_hidden(tmp_path: Path) -> None:
    row = "<table:table-row {}><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
    group = "<table:table-row-group {}>{}</table:table-row-group>"
    closed = group.format("table:display='false'", row.format("table:number-rows-repeated='4'", "A-1"))
    rows = group.format("", closed + row.format("", "A-2")) + "<table:table-row table:visibility='collapse'/>"
    with open_table(packed(tmp_path / "a.ods", ods_parts(ods_table(rows)))) as table:
        assert [row.cells[0] for row in table.rows()] == ["A-2"]
        assert table.hidden_rows == 4


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
        ("Serial", "Notes"),
        [
            Row(4, ("", "A_x0042_")),
            Row(5, ("", "1"), kinds={1: CellKind.NUMBER}),
            Row(7, ("A 1", "2025-03-31"), kinds={1: CellKind.DATE}),
        ],
    )


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


def test_names_count_in_the_namespace_of_their_document(tmp_path: Path) -> None:
    other = "urn:example:other"
    before = (
        f"<workbookPr date1904='1'/><x:ext xmlns:x='{other}'><x:workbookPr date1904='0'/>"
        "<x:sheet name='No' r:id='r0'/></x:ext>"
    )
    styles = (
        f"<x:cellXfs xmlns:x='{other}'><x:xf numFmtId='0'/></x:cellXfs><cellXfs><xf numFmtId='0'/>"
        f"<x:xf xmlns:x='{other}' numFmtId='9'/><xf numFmtId='14'/></cellXfs>"
    )
    rows = (
        "<row r='1'><c r='A1' t='inlineStr'><is><t>Received</t></is></c></row>"
        f"<row r='2'><x:c xmlns:x='{other}' r='A2'><v>9</v></x:c><c r='A2' s='1'><v>42735</v></c></row>"
        f"<x:row xmlns:x='{other}' r='3'><c r='A3'><v>9</v></c></x:row>"
    )
    path = packed(tmp_path / "a.xlsx", xlsx_parts(rows, styles=styles, before=before))
    assert read(path) == (("Received",), [Row(2, ("2021-01-01",), kinds={0: CellKind.DATE})])
    bare = {name: text.replace(MAIN, "") for name, text in xlsx_parts(rows, styles=styles).items()}
    assert cells(packed(tmp_path / "b.xlsx", bare)) == [("2016-12-31",)]


def renamed(parts: Mapping[str, str], rename: Callable[[str], str]) -> dict[str, str]:
    """The parts with other names in the ZIP file, and the same ones in what they say."""
    return {rename(name): text for name, text in parts.items()}


@each(
    "change",
    [
        lambda parts: renamed(parts, lambda name: name.replace("/", "\\")),
        lambda parts: renamed(parts, str.upper),
        lambda parts: renamed(parts, lambda name: f"/{name}"),
        lambda parts: renamed(parts, lambda name: f"./{name}".replace("worksheets/a", "worksheets/%61")),
        lambda parts: {name: text.replace("worksheets/a", "worksheets\\a") for name, text in parts.items()},
        lambda parts: {name: text.replace("/xl/styles", "../xl/./STYLES") for name, text in parts.items()},
        lambda parts: {
            name.replace("xl/", "content/book/"): text.replace("xl/", "content/book/") for name, text in parts.items()
        },
        lambda parts: {name.removeprefix("xl/"): text.replace("xl/", "") for name, text in parts.items()},
        lambda parts: {name: text for name, text in parts.items() if name != "_rels/.rels"},
        lambda parts: (
            {name.replace("workbook", "book"): text for name, text in parts.items() if name != "_rels/.rels"}
            | {
                "[Content_Types].xml": "<Types><Override PartName='/xl/book.xml' ContentType='application/"
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>"
            }
        ),
    ],
)
def test_parts_are_found_whatever_their_case_slash_or_folder(
    tmp_path: Path, change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    rows = HEADER + "<row r='2'><c r='A2' t='s' s='0'><v>0</v></c><c r='B2' s='0'><v>45747</v></c></row>"
    parts = xlsx_parts(rows, styles="<cellXfs><xf numFmtId='14'/></cellXfs>", strings="<si><t>A1</t></si>")
    assert cells(packed(tmp_path / "a.xlsx", change(parts))) == [("A1", "2025-03-31")]


XLS = {"pct": "0.125", "padded": "123", "err": None, "concat": "0", "bool": "TRUE"}
"""Where an XLS is read otherwise: no number formats, no errors; this one has no result of the formula."""


def test_an_old_excel_file_is_read_with_its_dates_and_lost_digits() -> None:
    path = str(TABLES / "libreoffice.xls")
    with open_table(path) as table:
        assert (table.kind, table.sheets, table.sheet) == ("xls", ("May", "June"), "May")
        assert "one that is shown as 00042 is 42" in table.notes[0]
        rows = list(table.rows())
        assert (list(table.rows()), table.share_read) == (rows, 1)
    seen = {row.cells[0]: row.cells[1] for row in rows}
    assert {name: seen[name] for name in SEEN} == {name: XLS.get(name, text) or "" for name, text in SEEN.items()}
    assert [row.number for row in rows] == [*range(2, 22), 24, 25]
    assert {row.cells[0] for row in rows if row.kinds.get(1) is CellKind.DATE} == {"date", "datetime"}
    assert read(path, sheet="june") == (("Serial",), [Row(2, ("J1",))])
    assert "has no sheet “July”. It has: “May”, “June”." in refusal(path, sheet="July")


def test_without_its_package_an_old_excel_file_is_refused_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary_workbooks, "find_spec", lambda name: None)
    sentence = refusal(str(TABLES / "libreoffice.xls"), ends="")
    assert sentence.startswith("libreoffice.xls is an old Excel file (.xls). Open it, save it as .xlsx and choose")
    assert sentence.endswith(how_to_install("xls"))
    parts = {name: text.replace("workbook.xml", "workbook.bin") for name, text in xlsx_parts("").items()}
    binary = packed(tmp_path / "a.xlsb", renamed(parts, lambda name: name.replace("workbook.xml", "workbook.bin")))
    assert refusal(binary, ends="").startswith("a.xlsb is a binary workbook (.xlsb)")


def test_the_kind_is_told_by_the_content_and_not_by_the_name(tmp_path: Path) -> None:
    for write, kind in ((write_xlsx, "xlsx"), (write_ods, "ods")):
        with open_table(write(tmp_path / f"{kind}.csv", [["Serial"], ["A1"]])) as table:
            assert (table.kind, table.header) == (kind, ("Serial",))


def test_a_row_without_a_cell_is_no_row(tmp_path: Path) -> None:
    rows = HEADER + "<row r='2'/><row r='9'><c r='A9' t='inlineStr'><is><t>A1</t></is></c></row>"
    assert read(packed(tmp_path / "a.xlsx", xlsx_parts(rows)))[1] == [Row(9, ("A1",))]
