"""Workbooks built part by part, so that a test can corrupt any part."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
    for name, kind in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("draw", "drawing"),
        ("style", "style"),
    )
)

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>Serial Number</t></is></c></row>'


def packed(path: Path, parts: Mapping[str, str | bytes]) -> str:
    """Write a ZIP file of these parts and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return str(path)


def xlsx_parts(rows: str, *, styles: str = "", strings: str = "", before: str = "", prefix: str = "") -> dict[str, str]:
    """The parts of an XLSX workbook with one sheet, whose rows are given as XML."""
    related = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [("worksheet", "worksheets/a.xml"), ("styles", "/xl/styles.xml"), ("sharedStrings", "texts.xml")]
        )
    )
    name = f":{prefix}" if prefix else ""
    tag = f"{prefix}:" if prefix else ""
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{before}<sheets>'
        '<sheet name="May" sheetId="1" r:id="r0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/texts.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/a.xml": f'<{tag}worksheet xmlns{name}="{MAIN}"><{tag}sheetData>{rows}</{tag}sheetData>'
        f"</{tag}worksheet>",
    }


def ods_parts(tables: str, styles: str = "") -> dict[str, str]:
    """The parts of an ODS file, whose tables and automatic styles are given as XML."""
    return {
        "META-INF/manifest.xml": '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {_ODF}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>",
    }


def ods_table(rows: str, name: str = "May") -> str:
    """The XML of a table: a header with Serial and Notes, then rows given as XML."""
    header = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("Serial", "Notes"))
    return f"<table:table table:name={quoteattr(name)}><table:table-row>{header}</table:table-row>{rows}</table:table>"


def write_xlsx(path: Path, rows: Sequence[Sequence[str]], *, shared: bool = True) -> str:
    """Write a workbook with XlsxWriter, with shared or inline strings, and return its path."""
    with xlsxwriter.Workbook(path, {"constant_memory": not shared}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    return str(path)


def write_ods(path: Path, rows: Sequence[Sequence[str]]) -> str:
    """Write an ODS file, with blanks, tabs and line ends as ODF elements, and return its path."""
    cell = "<table:table-cell office:value-type='string'>{}</table:table-cell>"
    lines = "".join(
        f"<table:table-row>{''.join(cell.format(_paragraphs(text)) for text in row)}</table:table-row>" for row in rows
    )
    return packed(path, ods_parts(f'<table:table table:name="a">{lines}</table:table>'))


def _paragraphs(text: str) -> str:
    return "".join(
        "<text:p>" + escape(line).replace(" ", "<text:s/>").replace("\t", "<text:tab/>") + "</text:p>"
        for line in text.split("\n")
    )
