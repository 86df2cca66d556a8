"""Workbooks of our own making: a few dozen features that real workbooks have, and what each must be read as.

Each is written by another program's library where one can write it, else by hand, part by part.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import openpyxl.styles
import openpyxl.worksheet.formula
import xlsxwriter
import xlwt

from tests.support.sheets import MAIN, ods_parts, packed, xlsx_parts

CALAMINE, OPENPYXL = "calamine", "openpyxl"

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
DATE = dt.date(2025, 3, 31)
MOMENT = dt.datetime(2025, 3, 31, 10, 30)  # noqa: DTZ001 - workbooks know no zone


class Case(NamedTuple):
    """A workbook."""

    name: str
    ending: str
    write: Callable[[Path], object]
    rows: Sequence[Sequence[str]]
    """What it is read as, without rows that have no text."""
    otherwise: Mapping[str, str] = {}
    """Other readers that read it otherwise, and why."""


def _case(
    name: str,
    write: Callable[[Path], object],
    *rows: Sequence[str] | str,
    ending: str = "xlsx",
    calamine: str = "",
    openpyxl: str = "",
) -> Case:
    otherwise = {reader: why for reader, why in ((CALAMINE, calamine), (OPENPYXL, openpyxl)) if why}
    return Case(name, ending, write, [[row] if isinstance(row, str) else row for row in rows], otherwise)


def _parts(rows: str, change: Callable[[dict[str, str]], dict[str, str]] | None = None, **more: str) -> Any:
    """A workbook made by hand of the XML of its rows."""

    def write(path: Path) -> None:
        parts = {name.replace("texts", "sharedStrings"): said.replace("texts.xml", "sharedStrings.xml")
                 for name, said in xlsx_parts(rows, **more).items()}  # fmt: skip
        types = {
            "xl/workbook.xml": "sheet.main",
            "xl/worksheets/a.xml": "worksheet",
            "xl/styles.xml": "styles",
            "xl/sharedStrings.xml": "sharedStrings",
        }
        overrides = "".join(
            f"<Override PartName='/{part}' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml."
            f"{kind}+xml'/>"
            for part, kind in types.items()
        )
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("/>", f">{overrides}</Types>")
        packed(path, change(parts) if change else parts)

    return write


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _rows(*cells: str) -> str:
    """Rows of one cell each."""
    return "".join(f'<row r="{number}">{cell}</row>' for number, cell in enumerate(cells, 1))


def _styles(*formats: str | int) -> str:
    """The styles of these number formats, by code or built-in number, from style 1 on."""
    codes = [code for code in formats if isinstance(code, str)]
    own = "".join(
        f"<numFmt numFmtId='{200 + number}' formatCode='{code.replace('<', '&lt;')}'/>"
        for number, code in enumerate(codes)
    )
    numbers = (200 + codes.index(code) if isinstance(code, str) else code for code in formats)
    used = "".join(f"<xf numFmtId='{number}' applyNumberFormat='1'/>" for number in (0, *numbers))
    return f"<numFmts count='{len(codes)}'>{own}</numFmts>{_LOOKS}<cellXfs count='1'>{used}</cellXfs>"


_LOOKS = (
    "<fonts count='1'><font><sz val='11'/></font></fonts>"
    "<fills count='1'><fill><patternFill patternType='none'/></fill></fills><borders count='1'><border/></borders>"
    "<cellStyleXfs count='1'><xf numFmtId='0'/></cellStyleXfs>"
)


def _numbers(*values: str) -> str:
    """A header and one number a row, each with the next style."""
    return _rows(_text("A1", "S"), *(f'<c r="A{at + 2}" s="{at + 1}"><v>{v}</v></c>' for at, v in enumerate(values)))


def _xlsxwriter(fill: Callable[[Any], object], **options: bool) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with xlsxwriter.Workbook(path, options) as book:
            fill(book)

    return write


def _openpyxl(fill: Callable[[Any], object]) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        fill(book.active)
        book.save(path)

    return write


def _xlwt(fill: Callable[[Any], object]) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        book = xlwt.Workbook(encoding="utf-8")
        fill(book)
        book.save(str(path))

    return write


# XLSX, written by libraries


def _plain(sheet: Any) -> None:
    for row in (["Serial", "Received"], ["007", DATE], [8, MOMENT], [True, 1.5]):
        sheet.append(row)


def _merged(sheet: Any) -> None:
    sheet["A1"], sheet["A2"], sheet["C3"] = "Serial", "A-1", "x"
    sheet.merge_cells("A2:B3")


def _errors(sheet: Any) -> None:
    for row in (["Serial"], ["#N/A"], ["#REF!"], ["A-1"]):
        sheet.append(row)


def _array(sheet: Any) -> None:
    sheet.append(["Serial"])
    sheet["A2"] = openpyxl.worksheet.formula.ArrayFormula("A2:A2", "=1+1")
    sheet["A3"] = "A-1"


def _rich(book: Any) -> None:
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.write_string(0, 0, "Serial")
    sheet.write_rich_string(1, 0, "SN-", bold, "00", " 7 ")
    sheet.write_string(2, 0, "two\nlines")
    sheet.write_string(3, 0, "Größe 😀 <&> _x0041_")


def _many_kinds(book: Any) -> None:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Serial", "Day", "Time", "Share", "Flag", "Formula", "Money"])
    sheet.write_row(1, 0, ["A-1"])
    sheet.write_datetime(1, 1, MOMENT, book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
    sheet.write_number(1, 2, 0.4375, book.add_format({"num_format": "h:mm AM/PM"}))
    sheet.write_number(1, 3, 0.125, book.add_format({"num_format": "0.00%"}))
    sheet.write_boolean(1, 4, False)
    sheet.write_formula(1, 5, '="A-"&1', None, "A-1")
    sheet.write_number(1, 6, 1234.5, book.add_format({"num_format": "#,##0.00 [$€-407]"}))


def _hidden_things(book: Any) -> None:
    for name in ("Chart data", "Secret", "May"):
        sheet = book.add_worksheet(name)
        sheet.write_column(0, 0, ["Serial", name, "A-2", "A-3"])
    sheet.activate()
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_column(0, 0, None, None, {"hidden": True})  # a hidden column is read
    book.get_worksheet_by_name("Chart data").hide()
    book.get_worksheet_by_name("Secret").very_hidden()


def _filtered(book: Any) -> None:
    sheet = book.add_worksheet()
    sheet.write_column(0, 0, ["Serial", "A-1", "B-1", "A-2"])
    sheet.autofilter("A1:A4")
    sheet.filter_column(0, "x == A*")
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.write_column(5, 0, ["B-2"])


def _more_than_cells(book: Any) -> None:
    chart = book.add_chartsheet("Chart")
    sheet = book.add_worksheet("May")
    sheet.add_table("B3:C5", {"columns": [{"header": "Serial"}, {"header": "Notes"}]})
    sheet.write_column(3, 1, ["A-1", "A-2"])
    sheet.write_url(3, 2, "https://example.com", string="link")
    sheet.write_comment(4, 1, "a comment")
    sheet.conditional_format("B4:B5", {"type": "duplicate"})
    sheet.data_validation("C4:C5", {"validate": "list", "source": ["x", "y"]})
    sheet.freeze_panes(3, 0)
    drawn = book.add_chart({"type": "line"})
    drawn.add_series({"values": "=May!$B$4:$B$5"})
    chart.set_chart(drawn)


# XLSX by hand

_STRINGS = (
    "<si><t>Serial</t></si><si><t xml:space='preserve'> A-1 </t></si>"
    "<si><r><rPr><b/></rPr><t>A</t></r>\n  <r><t xml:space='preserve'>-2</t></r></si>"
    "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/></si>"
    "<si><r><t>大</t></r><r><t>阪</t></r><rPh sb='0' eb='1'><t>オオ</t></rPh></si>"
    "<si><t>a_x000D_b_x005F_x0041_</t></si><si><t>&lt;&amp;&#65;&#x42;</t></si>"
)
_EMPTY_STRINGS = "<si/><si><t/></si>"
_SHARED = _rows(*(f'<c r="A{at + 1}" t="s"><v>{at}</v></c>' for at in range(7)))
_SEEN = ("Serial", "A-1", "A-2", "東京", "大阪", "a\rb_x0041_", "<&AB")

_RICH = (
    '<c r="A2" t="inlineStr"><is><r><t>東</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 京</t></r>'
    '<rPh sb="0" eb="1"><t>トウ</t></rPh></is></c>'
)

_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_DATE_1904 = (
    "<workbookPr date1904='1'/><extLst><ext uri='{140A7094}' xmlns:x15='http://schemas.microsoft.com/office/spreadsheetml/2010/11/main'>"
    "<x15:workbookPr chartTrackingRefBase='1'/></ext></extLst>"
)


def _strictly(parts: dict[str, str]) -> dict[str, str]:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    return {name: text.replace(MAIN, STRICT).replace(relations, strict) for name, text in parts.items()}


def _in_utf16(parts: dict[str, str]) -> Any:
    sheet = "<?xml version='1.0' encoding='UTF-16'?>" + parts["xl/worksheets/a.xml"]
    return {**parts, "xl/worksheets/a.xml": sheet.encode("utf-16")}


def _in_latin1(parts: dict[str, str]) -> Any:
    sheet = "<?xml version='1.0' encoding='ISO-8859-1'?>" + parts["xl/worksheets/a.xml"]
    return {**parts, "xl/worksheets/a.xml": sheet.encode("latin-1")}


def _with_windows_lines(parts: dict[str, str]) -> dict[str, str]:
    return {name: text.replace("><", ">\r\n  <") for name, text in parts.items()}


def _with_extensions(parts: dict[str, str]) -> dict[str, str]:
    more = (
        "</sheetData><conditionalFormatting sqref='A1'><cfRule type='dataBar' priority='1'/></conditionalFormatting>"
        f"<extLst><ext xmlns:x14='{_X14}' uri='x'><x14:sheetData><x14:row r='1'><x14:c r='A1'><x14:v>5</x14:v></x14:c>"
        "</x14:row></x14:sheetData></ext></extLst>"
    )
    return {name: text.replace("</sheetData>", more) for name, text in parts.items()}


def _elsewhere(parts: dict[str, str]) -> dict[str, str]:
    return {name.replace("xl/", "data/"): text.replace("xl/", "data/") for name, text in parts.items()}


def _other_case(parts: dict[str, str]) -> dict[str, str]:
    return {name.replace("worksheets/a", "Worksheets/A"): text for name, text in parts.items()}


def _placed(parts: dict[str, str]) -> dict[str, str]:
    """The sheet with a blank in its name and a roundabout target."""
    return {
        name.replace("a.xml", "a b.xml"): text.replace("worksheets/a.xml", "../xl/./worksheets/a%20b.xml")
        for name, text in parts.items()
    }


def _from_the_root(parts: dict[str, str]) -> dict[str, str]:
    return {name: text.replace('Target="worksheets/', 'Target="/xl/worksheets/') for name, text in parts.items()}


def _backslashes(parts: dict[str, str]) -> dict[str, str]:
    return {name.replace("/", "\\"): text for name, text in parts.items()}


_UNUSUAL = (
    "<row><c t='inlineStr'><is><t>Serial</t></is></c><c t='inlineStr'><is><t>Notes</t></is></c></row>"
    "<!-- a comment --><row r='4' spans='1:2'><c/><c t='str'><f>1+1</f><v><![CDATA[A-<1>]]></v></c><c s='9'/></row>"
    "<row><c r='B5'><v>1</v></c></row><row r='7' hidden='0'><c r='A7' s='1'/></row>"
    "<row r='8'><c r='A8' t='str'><v/></c><c r='C8' t='str'><v>x</v></c><c r='B8' t='str'><v>late</v></c></row>"
)
_FORMULAS = (
    _text("A1", "Serial"),
    '<c r="A2" t="str"><f t="shared" ref="A2:A3" si="0">"A-"&amp;ROW()</f><v>A-2</v></c>',
    '<c r="A3" t="str"><f t="shared" si="0"/><v>A-3</v></c>',
    '<c r="A4"><f>1/0</f><v/></c>',
    '<c r="A5" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    '<c r="A6"><f ca="1">6*7</f><v>42</v></c>',
    '<c r="A7" t="b"><f>TRUE</f><v>1</v></c>',
    '<c r="A8" t="d"><v>2025-03-31T10:30:00</v></c>',
)

_CALAMINE_ERRORS = "it gives errors as empty cells"
_CALAMINE_HIDDEN = "it does not tell which rows are hidden"
_OPENPYXL_HIDDEN = "it gives hidden rows, and the caller looks at their dimensions"
_STANDARD = "it takes the d of Standard for a day"
_NO_PART = "it looks for the parts by the usual names"

XLSX = (
    _case("openpyxl", _openpyxl(_plain), ["Serial", "Received"], ["007", "2025-03-31"], ["8", "2025-03-31 10:30:00"],
          ["TRUE", "1.5"]),
    _case("merged cells", _openpyxl(_merged), "Serial", "A-1", ["", "", "x"]),
    _case("error cells", _openpyxl(_errors), "Serial", "#N/A", "#REF!", "A-1", calamine=_CALAMINE_ERRORS),
    _case("array formula without a result", _openpyxl(_array), "Serial", "A-1"),
    _case("rich strings", _xlsxwriter(_rich), "Serial", "SN-00 7", "two\nlines", "Größe 😀 <&> _x0041_"),
    _case("inline strings", _xlsxwriter(_rich, constant_memory=True), "Serial", "SN-00 7", "two\nlines",
          "Größe 😀 <&> _x0041_", openpyxl="it decodes escapes of shared strings only"),
    _case("kinds of cells", _xlsxwriter(_many_kinds), ["Serial", "Day", "Time", "Share", "Flag", "Formula", "Money"],
          ["A-1", "2025-03-31 10:30:00", "10:30:00", "12.5%", "FALSE", "A-1", "1234.5"]),
    _case("days from 1904", _xlsxwriter(_many_kinds, date_1904=True),
          ["Serial", "Day", "Time", "Share", "Flag", "Formula", "Money"],
          ["A-1", "2025-03-31 10:30:00", "10:30:00", "12.5%", "FALSE", "A-1", "1234.5"]),
    _case("hidden things", _xlsxwriter(_hidden_things), "Serial", "May", "A-3", calamine=_CALAMINE_HIDDEN,
          openpyxl=_OPENPYXL_HIDDEN),
    _case("filtered rows", _xlsxwriter(_filtered), "Serial", "A-1", "A-2", "B-2", calamine=_CALAMINE_HIDDEN,
          openpyxl=_OPENPYXL_HIDDEN),
    _case("a chart, a table, a link and a comment", _xlsxwriter(_more_than_cells), ["", "Serial", "Notes"],
          ["", "A-1", "link"], ["", "A-2"]),
    _case("phonetic strings and escapes", _parts(_SHARED, strings=_STRINGS), *_SEEN,
          openpyxl="it decodes no line ends"),
    _case("empty strings", _parts(_rows('<c r="A1" t="s"><v>2</v></c>', '<c r="A2" t="s"><v>3</v></c>'),
          strings=_EMPTY_STRINGS + _STRINGS), "Serial", "A-1"),
    _case("strings in a part of another name", lambda path: packed(path, xlsx_parts(_SHARED, strings=_STRINGS)), *_SEEN,
          calamine=_NO_PART, openpyxl=_NO_PART),
    _case("the strict form", _parts(_SHARED, _strictly, strings=_STRINGS), *_SEEN,
          openpyxl="it knows the other namespace only"),
    _case("with a prefix", _parts(_rows(_text("A1", "Serial"), _text("A2", "A-1")).replace("<", "<x:").replace(
          "<x:/", "</x:"), prefix="x"), "Serial", "A-1"),
    _case("days from 1904 with a second workbookPr", _parts(_numbers("42735"), styles=_styles(14), before=_DATE_1904),
          "S", "2021-01-01"),
    _case("names of other namespaces", _parts(_rows(_text("A1", "Serial"), _text("A2", "A-1")), _with_extensions),
          "Serial", "A-1"),
    _case("UTF-16", _parts(_rows(_text("A1", "Serial"), _text("A2", "Größe")), _in_utf16), "Serial", "Größe",
          calamine="it reads UTF-8 only"),
    _case("Latin 1", _parts(_rows(_text("A1", "Serial"), _text("A2", "Größe")), _in_latin1), "Serial", "Größe",
          calamine="it reads UTF-8 only"),
    _case("pretty printed with Windows' line ends", _parts(_rows(_text("A1", "Serial"), _text("A2", "A-1"),
          "<c r='A3'><v>7</v></c>"), _with_windows_lines), "Serial", "A-1", "7"),
    _case("without places, out of order, with comments", _parts(_UNUSUAL), ["Serial", "Notes"], ["", "A-<1>"],
          ["", "1"], ["", "late", "x"], calamine="it leaves out CDATA",
          openpyxl="it refuses a style that is not there"),
    _case("formulas and their results", _parts(_rows(*_FORMULAS)), "Serial", "A-2", "A-3", "#DIV/0!", "42", "TRUE",
          "2025-03-31 10:30:00", calamine=_CALAMINE_ERRORS),
    _case("parts with backslashes", _parts(_rows(_text("A1", "S"), _text("A2", "1")), _backslashes), "S", "1",
          openpyxl=_NO_PART),
    _case("parts in another case", _parts(_rows(_text("A1", "S"), _text("A2", "1")), _other_case), "S", "1",
          openpyxl=_NO_PART),
    _case("parts in another folder", _parts(_rows(_text("A1", "S"), _text("A2", "1")), _elsewhere), "S", "1"),
    _case("padded numbers", _parts(_numbers("42", "42", "-42", "42", "123456789", "1.5", "42", "42"),
          styles=_styles("00000", "&quot;SN-&quot;000", "0000", "\\S\\N0000;[Red]-0000", "000-00-0000", "00000",
                         "[$-407]0000", "0000_)")),
          "S", "00042", "SN-042", "-0042", "SN0042", "123-45-6789", "1.5", "0042", "0042"),
    _case("numbers that only look padded", _parts(_numbers("42", "42", "1234", "0.5", "42"),
          styles=_styles("0", "0 &quot;days&quot;", "#,##0", "# ?/?", "[<100]0000;0")),
          "S", "42", "42", "1234", "0.5", "42"),
    _case("dates in many formats", _parts(_numbers(*["45747"] * 9), styles=_styles(
          14, 15, 22, "dd.mm.yyyy", "[$-407]d. mmmm yyyy", "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;",
          "[$-F800]dddd, mmmm dd, yyyy",
          "mmm-yy", "yyyy-mm-dd;@")), "S", *["2025-03-31"] * 9),
    _case("East Asian dates by number", _parts(_numbers(*["45747"] * 4), styles=_styles(27, 31, 50, 58)), "S",
          *["2025-03-31"] * 4, openpyxl="it takes these for numbers"),
    _case("times", _parts(_numbers("0.4375", "1.5", "0.5", "45747.4375", "0.25"), styles=_styles(
          20, "[h]:mm:ss", "mm:ss.0", "h:mm", 21)),
          "S", "10:30:00", "36:00:00", "12:00:00", "2025-03-31 10:30:00", "06:00:00"),
    _case("words with letters of dates", _parts(_numbers("7", "7", "7"), styles=_styles("General", "Standard",
          "0 &quot;days&quot;")), "S", "7", "7", "7", calamine=_STANDARD, openpyxl=_STANDARD),
    _case("the first days of 1900", _parts(_numbers("1", "59", "61", "0.5"), styles=_styles(14, 14, 14, 14)), "S",
          "1900-01-01", "1900-02-28", "1900-03-01", "12:00:00"),
    _case("long numbers", _parts(_numbers("123456789012345", "1.0E+2", "1E-3", "12345678901234567"), styles=_styles(
          0, 0, 0, 0)), "S", "123456789012345", "100", "0.001", "1.23456789012346E+16"),
    _case("a roundabout way to a part", _parts(_rows(_text("A1", "S"), _text("A2", "1")), _placed), "S", "1",
          calamine=_NO_PART, openpyxl=_NO_PART),
    _case("parts from the root", _parts(_rows(_text("A1", "S"), _text("A2", "1")), _from_the_root), "S", "1"),
    _case("rich inline strings with phonetics", _parts(_rows(_text("A1", "S"), _RICH)), "S", "東 京"),
    _case("formats of other languages", _parts(_numbers(*["45747"] * 6, "0.4375"), styles=_styles(
          "TT.MM.JJJJ", "jj/mm/aaaa", "[$-40C]d mmmm yyyy", "[$-410]d mmm yy;@",
          "[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;", "[$-804]yyyy\\-m\\-d", "[$-F400]h:mm:ss\\ AM/PM")),
          "S", *["2025-03-31"] * 6, "10:30:00"),
    _case("rows that are not there", _parts(
          _rows(_text("A1", "S")) + "<row r='5'/><row r='9999'><c r='A9999'><v>7</v></c></row>"), "S", "7"),
    _case("days and times as texts, the strict form", _parts(_rows(_text("A1", "S"),
          '<c r="A2" t="d"><v>2025-03-31</v></c>', '<c r="A3" t="d"><v>10:30:00</v></c>'), _strictly),
          "S", "2025-03-31", "10:30:00", openpyxl="it knows the other namespace only"),
    _case("a style that is not there", _parts(_rows(_text("A1", "S"), '<c r="A2" s="99"><v>7</v></c>')), "S", "7",
          openpyxl="it refuses the file"),
)  # fmt: skip


# ODS


def _ods(table: str, styles: str = "", change: Callable[[str], str] | None = None) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        parts = ods_parts(table, styles)
        if change:
            parts["content.xml"] = change(parts["content.xml"])
        packed(path, parts)

    return write


def _table(*rows: str, name: str = "May", style: str = "") -> str:
    return f"<table:table table:name='{name}' table:style-name='{style}'>{''.join(rows)}</table:table>"


def _row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def _cell(content: str = "", more: str = "office:value-type='string'", tag: str = "table:table-cell") -> str:
    return f"<{tag} {more}>{content}</{tag}>"


def _p(text: str, more: str = "office:value-type='string'") -> str:
    return _cell(f"<text:p>{text}</text:p>", more)


_S = _row(_p("Serial"))
_HIDDEN = (
    "<style:style style:name='h' style:family='table'><style:table-properties table:display='false'/></style:style>"
    "<style:style style:name='h' style:family='table-row'><style:table-row-properties/></style:style>"
)
_DRAWN = "<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame>"
_BEFORE = (
    "<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell "
    "office:value-type='string'><text:p>before</text:p></table:change-track-table-cell></table:previous>"
    f"</table:cell-content-change><table:deletion>{_row(_p('gone'))}</table:deletion></table:tracked-changes>"
    "<table:content-validations><table:content-validation table:name='v'><table:error-message><text:p>wrong</text:p>"
    "</table:error-message></table:content-validation></table:content-validations>"
)
_BEHIND = (
    _table("<table:table-source/>", _row(_p("elsewhere")), name="&apos;file:///x.ods&apos;#Sheet1", style="h")
    + f"<table:dde-links><table:dde-link><table:table>{_row(_p('linked'))}</table:table></table:dde-link>"
    + "</table:dde-links>"
)
"""Changes, messages, and tables that are copies of other files'."""
_VALUES = _row(
    _p("7,50 €", "office:value-type='currency' office:currency='EUR' office:value='7.5'"),
    _p("31.03.25", "office:value-type='date' office:date-value='2025-03-31'"),
    _p("31.03.25 10:30", "office:value-type='date' office:date-value='2025-03-31T10:30:00'"),
    _p("10:30", "office:value-type='time' office:time-value='PT10H30M00S'"),
    _p("12,5 %", "office:value-type='percentage' office:value='0.125'"),
    _p("WAHR", "office:value-type='boolean' office:boolean-value='true'"),
    _p("00042", "office:value-type='float' office:value='42'"),
    _p("SN-42", "office:value-type='float' office:value='42'"),
    _p("1.234", "office:value-type='float' office:value='1234'"),
    _p("x", "office:value-type='string' office:string-value='whole text'"),
)


def _prefixed(content: str) -> str:
    return content.replace("<table:", "<t:").replace("</table:", "</t:").replace(" table:", " t:").replace(
        "xmlns:table=", "xmlns:t=")  # fmt: skip


def _indented(content: str) -> str:
    return content.replace("><", ">\n    <")


ODS = (
    _case("repeats", _ods(_table(_S, _row(more="table:number-rows-repeated='3'"),
          _row(_cell(more="table:number-columns-repeated='2'"),
               _p("A-1", "office:value-type='string' table:number-columns-repeated='2'"),
               _cell(more="table:number-columns-repeated='1000'"), more="table:number-rows-repeated='2'"),
          _row(_cell(), more="table:number-rows-repeated='10000'"))),
          "Serial", ["", "", "A-1", "A-1"], ["", "", "A-1", "A-1"], ending="ods"),
    _case("values", _ods(_table(_row(*(_p(name) for name in "abcdefghij")), _VALUES)), list("abcdefghij"),
          ["7.5", "2025-03-31", "2025-03-31 10:30:00", "10:30:00", "12.5%", "TRUE", "00042", "SN-42", "1234",
           "whole text"], ending="ods"),
    _case("pretty printed", _ods(_table(_S, _row(_p("A-1"))), change=_indented), "Serial", "A-1", ending="ods",
          calamine="it refuses blanks between elements"),
    _case("another prefix", _ods(_table(_S, _row(_p("A-1"))), change=_prefixed), "Serial", "A-1", ending="ods",
          calamine="it knows the usual prefixes only"),
    _case("parts of a text", _ods(_table(_S,
          _row(_p("a<text:s text:c='2'/>b<text:span>c<text:a>d</text:a></text:span>")),
          _row(_p("a<text:line-break/>b<text:tab/>c")), _row(_cell("<text:p>a</text:p><text:p>b</text:p>")))),
          "Serial", "a  bcd", "a\nb\tc", "a\nb", ending="ods", calamine="it leaves out tabs and line breaks"),
    _case("notes and drawings", _ods(_table(_S, _row(_cell(
          "<office:annotation><text:p>note</text:p></office:annotation><text:p>A-1<draw:frame><text:p>no</text:p>"
          "</draw:frame></text:p>")))), "Serial", "A-1", ending="ods",
          calamine="it adds the text of a drawing"),
    _case("merged cells", _ods(_table(_S, _row(_p("A-1", "office:value-type='string' table:number-columns-spanned='2'"),
          _cell(tag="table:covered-table-cell", more=""), _p("x")))), "Serial", ["A-1", "", "x"], ending="ods"),
    _case("hidden sheet", _ods(_table(_S, _row(_p("old")), name="Old", style="h") + _table(_S, _row(_p("A-1"))),
          _HIDDEN), "Serial", "A-1", ending="ods"),
    _case("hidden rows", _ods(_table(_S, _row(_p("A-1"), more="table:visibility='filter'"),
          _row(_p("A-2"), more="table:visibility='collapse'"), _row(_p("A-3"), more="table:visibility='visible'"),
          "<table:table-row-group table:display='false'>", _row(_p("A-4")), "</table:table-row-group>")),
          "Serial", "A-3", ending="ods", calamine=_CALAMINE_HIDDEN),
    _case("header rows and groups", _ods(_table(f"<table:table-header-rows>{_S}</table:table-header-rows>",
          "<table:table-row-group>", _row(_p("A-1")), "</table:table-row-group>")), "Serial", "A-1", ending="ods"),
    _case("phonetic texts", _ods(_table(_S, _row(_p("<text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>"
          "とうきょう</text:ruby-text></text:ruby>")))), "Serial", "東京", ending="ods",
          calamine="it adds the phonetic text"),
    _case("long times and parts of seconds", _ods(_table(_S,
          _row(_p("36:00", "office:value-type='time' office:time-value='PT36H00M00S'")),
          _row(_p("x", "office:value-type='date' office:date-value='2025-03-31T10:30:00.25'")))), "Serial", "36:00:00",
          "2025-03-31 10:30:00", ending="ods", calamine="it gives these times as ISO texts"),
    _case("what is no table", _ods(_BEFORE + _table(f"<table:shapes>{_DRAWN}</table:shapes>", _S, _row(_p("A-1"))) +
          _BEHIND, _HIDDEN), "Serial", "A-1", ending="ods"),
    _case("padded and localised numbers", _ods(_table(_S,
          _row(_p("1.234,50", "office:value-type='float' office:value='1234.5'")),
          _row(_p("-007", "office:value-type='float' office:value='-7'")))), "Serial", "1234.5", "-007", ending="ods"),
    _case("error", _ods(_table(_S, _row(_p("#N/A", "office:value-type='string' office:string-value='' "
          "xmlns:calcext='urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0' "
          "calcext:value-type='error'")), _row(_p("A-1")))), "Serial", "#N/A", "A-1", ending="ods",
          calamine=_CALAMINE_ERRORS),
)  # fmt: skip


# XLS and XLSB


def _old(book: Any) -> None:
    book.dates_1904 = False
    hidden = book.add_sheet("Old")
    hidden.write(0, 0, "Serial")
    hidden.visibility = 1
    sheet = book.add_sheet("May")
    book.active_sheet = 1
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    sheet.write(2, 1, "Serial")
    sheet.write(2, 2, "Received")
    sheet.write(3, 1, "Größe 東京")
    sheet.write(3, 2, DATE, day)
    sheet.write(4, 1, 1e15)
    sheet.write(4, 2, MOMENT, xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM"))
    sheet.write(5, 1, True)
    sheet.write(5, 2, 0.5)
    sheet.write(7, 1, 123456789012345)


def _old_1904(book: Any) -> None:
    book.dates_1904 = True
    sheet = book.add_sheet("May")
    sheet.write(0, 0, "Serial")
    sheet.write(1, 0, DATE, xlwt.easyxf(num_format_str="YYYY-MM-DD"))


def _xlsb(path: Path) -> None:
    """A binary workbook with a text, a whole and a long number, a date and a truth, record by record."""

    def record(kind: int, content: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        size = len(content)
        return number + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + content

    def text(said: str) -> bytes:
        return struct.pack("<I", len(said)) + said.encode("utf-16-le")

    def cell(kind: int, content: bytes, style: int = 0) -> bytes:
        return record(kind, struct.pack("<II", 0, style) + content)

    def row(number: int, content: bytes) -> bytes:
        return record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0)) + content

    cells = [
        cell(6, text("Serial")), cell(6, text("A-1")), cell(5, struct.pack("<d", 123456789012345678.0)),
        cell(5, struct.pack("<d", 45747.0), style=1), cell(4, b"\x01"),
    ]  # fmt: skip
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(cells), 0, 0)) + record(145)
    sheet += b"".join(row(number, content) for number, content in enumerate(cells)) + record(146) + record(130)
    xf = "<HHHHHBBHH"
    styles = record(278) + record(617, struct.pack("<I", 2))
    for form in (0, 14):
        styles += record(47, struct.pack(xf, 0, form, 0, 0, 0, 0, 0, 0, 0)[:16])
    styles += record(618) + record(279)
    bundle = struct.pack("<II", 0, 1) + text("r0") + text("May")
    workbook = record(131) + record(153, struct.pack("<II", 0, 0) + text("")) + record(143) + record(156, bundle)
    workbook += record(144) + record(132)
    parts: dict[str, str | bytes] = {
        name.replace(".xml", ".bin") if name.startswith("xl/") and not name.endswith(".rels") else name: (
            said.replace("workbook.xml", "workbook.bin").replace("a.xml", "a.bin").replace("styles.xml", "styles.bin")
        )
        for name, said in xlsx_parts("").items()
        if "texts" not in name
    }
    parts["xl/_rels/workbook.bin.rels"] = str(parts.pop("xl/_rels/workbook.xml.rels")).replace("texts.xml", "no.bin")
    parts |= {"xl/workbook.bin": workbook, "xl/worksheets/a.bin": sheet, "xl/styles.bin": styles}
    packed(path, parts)


BINARY = (
    _case("an old workbook", _xlwt(_old), ["", "Serial", "Received"], ["", "Größe 東京", "2025-03-31"],
          ["", "1.00000000000000E+15", "2025-03-31 10:30:00"], ["", "TRUE", "0.5"], ["", "123456789012345"],
          ending="xls"),
    _case("an old workbook from 1904", _xlwt(_old_1904), "Serial", "2025-03-31", ending="xls"),
    _case("a binary workbook", _xlsb, "Serial", "A-1", "1.23456789012346E+17", "2025-03-31", "TRUE", ending="xlsb"),
)  # fmt: skip

CASES: Sequence[Case] = (*XLSX, *ODS, *BINARY)
