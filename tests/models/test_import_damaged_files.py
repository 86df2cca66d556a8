"""Files that are no table, or a broken one: each is refused with one sentence and little memory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.errors import BadValue
from models.importing.table import open_table
from tests.support.cases import each
from tests.support.import_files import outcome, refusal, written
from tests.support.limits import LIMIT
from tests.support.mutations import troubles
from tests.support.sheets import HEADER, ods_parts, ods_table, packed, write_ods, write_xlsx, xlsx_parts

TABLES = Path(__file__).parents[1] / "cases" / "tables"

CELL = "<row r='2'><c r='A2' t='inlineStr'><is><t>A1</t></is></c></row>"

ODS_ROW = "<table:table-row {}><table:table-cell {}>{}</table:table-cell></table:table-row>"

BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples."""
    return tmp_path_factory.mktemp("broken")


def test_a_path_that_leads_to_no_file_is_said_to(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    assert "There is no file" in refusal(str(tmp_path / "none.csv"))
    assert "There is no file" in refusal(str(tmp_path / "pipe" / "none.csv"))
    assert "There is no file" in refusal(str(tmp_path / ("x" * 300)))
    assert "There is no file a\ufffdb" in refusal("a\0b")
    assert "is a folder" in refusal(str(tmp_path))
    assert "is a link that leads back to itself" in refusal(str(tmp_path / "loop"))
    assert "is a device or a pipe" in refusal(str(tmp_path / "pipe"))
    assert "is a device or a pipe" in refusal("/dev/zero")


def test_a_file_that_may_not_be_read_is_said_to(tmp_path: Path) -> None:
    path = written(tmp_path, "Serial\nA1\n")
    Path(path).chmod(0)
    tmp_path.chmod(0o755)
    program = (
        "import os, sys\n"
        "from models.importing.table import open_table\n"
        "from models.errors import BadValue\n"
        "os.geteuid() or os.seteuid(65534)\n"  # root reads all
        "try: open_table(sys.argv[1])\n"
        "except BadValue as refused: print(refused)"
    )
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    run = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True, timeout=LIMIT
    )
    assert "may not be read by you" in run.stdout


def test_a_name_that_no_database_takes_is_made_one_that_does(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"May\xff.csv")
    path.write_text("Serial\nA1\n")
    with open_table(str(path)) as table:
        assert table.name == "May\ufffd.csv"


def test_what_office_wraps_is_told_apart(tmp_path: Path) -> None:
    assert "is protected by a password" in refusal(str(TABLES / "password.xlsx"))
    old = (TABLES / "libreoffice.xls").read_bytes()
    first = old.index(b"\x09\x08\x10\x00") + 20
    protected = old[:first] + b"\x2f\x00" + old[first + 2 :]
    assert "is protected by a password" in refusal(written(tmp_path, protected, "a.xls"))
    assert "an old Excel file (.xls) that is damaged" in refusal(written(tmp_path, old[:5_000], "b.xls"))
    no_workbook = old.replace("Workbook".encode("utf-16-le"), b"Message " * 2)
    assert "is a file of an older Office program, but no workbook" in refusal(written(tmp_path, no_workbook, "a.msg"))


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are() -> None:
    for kind in ("xlsx", "ods"):
        sentence = refusal(str(TABLES / f"libreoffice.{kind}"), sheet="July")
        assert "has no sheet “July”. It has: “May”, “June”." in sentence


@each(
    ("rows", "sentence"),
    [
        ("", "is empty"),
        (HEADER, "has a header and no rows"),
        (HEADER + "<row r='2'>", "is damaged"),
        (HEADER + "<row r='2'><c r='A2' t='s'><v>5</v></c></row>", "is damaged"),
        (HEADER + "<row r='2'><c r='A2' t='s'><v>x</v></c></row>", "is damaged"),
        (HEADER + "<row r='2'><c r='XFE2'><v>1</v></c></row>", "is damaged"),
        (HEADER + "<row r='2'><c r='AAAAAAAAA2'><v>1</v></c></row>", "is damaged"),
        (HEADER + "<row r='2'><c r='A2'><v>1</v></c><c r='A2'><v>1</v></c></row>", "is damaged"),
        (HEADER + "<row r='2'><row r='3'/></row>", "is damaged"),
        (HEADER + "<row r='999999999999'><c r='A1'><v>1</v></c></row>", "is damaged"),
        (HEADER + "<row r='0'><c r='A1'><v>1</v></c></row>", "is damaged"),
    ],
)
def test_a_bad_sheet_is_refused(tmp_path: Path, rows: str, sentence: str) -> None:
    assert sentence in refusal(packed(tmp_path / "a.xlsx", xlsx_parts(rows)))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/texts.xml", "xl/worksheets/a.xml"])
def test_a_document_type_is_refused_before_its_entities_grow(tmp_path: Path, part: str) -> None:
    parts = xlsx_parts(HEADER + CELL)
    parts[part] = BOMB + " " * 200_000 + parts[part]
    assert "is damaged" in refusal(packed(tmp_path / "a.xlsx", parts))
    odf = ods_parts(ods_table(ODS_ROW.format("", "", "<text:p>&h;</text:p>")))
    odf["content.xml"] = BOMB + odf["content.xml"]
    assert "is damaged" in refusal(packed(tmp_path / "a.ods", odf))


@each(
    ("row", "cell"),
    [("table:number-rows-repeated='999999999'", ""), ("table:number-rows-repeated='-1'", ""),
     ("", "table:number-columns-repeated='99999'"), ("", "table:number-columns-repeated='x'"),
     ("", "><table:table table:is-sub-table='true'/></table:table-cell><table:table-cell")],
)  # fmt: skip
def test_an_ods_that_says_it_is_endless_is_refused(tmp_path: Path, row: str, cell: str) -> None:
    table = ods_table(ODS_ROW.format(row, cell, "<text:p>A</text:p>"))
    assert "is damaged" in refusal(packed(tmp_path / "a.ods", ods_parts(table)))


def test_a_protected_ods_is_said_to_be(tmp_path: Path) -> None:
    parts = ods_parts(ods_table("")) | {"META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}
    assert "is protected by a password" in refusal(packed(tmp_path / "a.ods", parts))


def test_a_part_that_unpacks_to_far_more_than_a_table_is_not_unpacked(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {**xlsx_parts(HEADER + CELL), "xl/media/a.png": bytes(80 << 20)}
    assert "is far larger unpacked than a table can be" in refusal(packed(tmp_path / "a.xlsx", parts))


def test_a_cell_or_a_tag_without_end_is_not_waited_for(tmp_path: Path) -> None:
    long = "A1 " * (2 << 20)
    for cell in (
        CELL.replace("A1", long),
        CELL.replace("<c ", f"<c x='{long}' "),
        CELL.replace("<t>", f"<t a='{long}'>"),
    ):
        assert "is damaged" in refusal(packed(tmp_path / "a.xlsx", xlsx_parts(HEADER + cell)))
    table = ods_table(ODS_ROW.format("", "", f"<text:p>{long}</text:p>"))
    assert "is damaged" in refusal(packed(tmp_path / "a.ods", ods_parts(table)))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/texts.xml", "xl/worksheets/a.xml"])
def test_elements_without_end_inside_each_other_are_not_read(tmp_path: Path, part: str) -> None:
    deep = "<a>" * 300_000 + "</a>" * 300_000
    parts = xlsx_parts(HEADER + CELL)
    before, end, after = parts[part].rpartition("</")
    parts[part] = before + deep + end + after
    assert "is damaged" in refusal(packed(tmp_path / "a.xlsx", parts))


def test_a_cell_of_elements_inside_each_other_is_refused(tmp_path: Path) -> None:
    deep = "<text:span>" * 300_000 + "x" + "</text:span>" * 300_000
    table = ods_table(ODS_ROW.format("", "", f"<text:p>{deep}</text:p>"))
    assert "is damaged" in refusal(packed(tmp_path / "a.ods", ods_parts(table)))
    nested = CELL.replace("<t>", "<a>" * 300_000 + "</a>" * 300_000 + "<t>")
    assert "is damaged" in refusal(packed(tmp_path / "a.xlsx", xlsx_parts(HEADER + nested)))


def test_a_part_never_gives_more_than_it_says(tmp_path: Path) -> None:
    path = Path(packed(tmp_path / "a.xlsx", xlsx_parts(HEADER + CELL * 1000)))
    with zipfile.ZipFile(path) as file:
        said = file.getinfo("xl/worksheets/a.xml").file_size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(said, (900).to_bytes(4, "little")))
    assert "is damaged" in refusal(str(path))


def test_a_zip_file_without_a_spreadsheet_is_said_to_be_one(tmp_path: Path) -> None:
    assert "is a ZIP file without a spreadsheet" in refusal(packed(tmp_path / "a.zip", {"a.csv": "Serial\nA1\n"}))
    assert "is a ZIP file without a spreadsheet" in refusal(packed(tmp_path / "b.zip", {}))
    for part, sentence in (
        ("Index/Document.iwa", "is a file of Apple Numbers. Export it there as Excel"),
        ("Index.zip", "is a file of Apple Numbers"),
        ("word/document.xml", "is a Word document"),
        ("ppt/presentation.xml", "is a presentation"),
    ):
        assert sentence in refusal(packed(tmp_path / "a", {part: ""}))
    parts = xlsx_parts(HEADER + CELL)
    del parts["xl/workbook.xml"]
    assert "is a ZIP file without a spreadsheet" in refusal(packed(tmp_path / "c.xlsx", parts))
    document = xlsx_parts("") | {"xl/workbook.xml": "<document/>", "word/styles.xml": ""}
    assert "is a Word document" in refusal(packed(tmp_path / "a.docx", document))


def test_a_workbook_of_charts_has_no_rows(tmp_path: Path) -> None:
    parts = xlsx_parts("")
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace('/worksheet"', '/chartsheet"')
    assert "has no sheet with rows and columns" in refusal(packed(tmp_path / "a.xlsx", parts))


def test_a_workbook_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    for write in (write_xlsx, write_ods):
        path = Path(write(tmp_path / "a", [["Serial"], ["A1"]]))
        content = path.read_bytes()
        for length in range(4, len(content), 97):
            path.write_bytes(content[:length])
            assert "is damaged" in refusal(str(path))


@pytest.mark.parametrize(("endings", "count"), [(("xlsx", "ods"), 60), (("xls", "xlsb"), 9), (("csv",), 120)])
def test_whatever_is_broken_in_a_file_it_is_read_or_refused(
    tmp_path: Path, endings: tuple[str, ...], count: int
) -> None:
    assert troubles(range(count), tmp_path, endings) == []


@settings(max_examples=40, deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=4))
@example(places=[(12, 0xEA), (17, 0xE6), (21, 0x97), (28, 0x29)])  # one long line, in four encodings
def test_whatever_is_broken_in_a_text_file_it_is_read_or_refused(folder: Path, places: list[tuple[int, int]]) -> None:
    content = bytearray("Serial;Notes\nA1;x\nA2;Größe\n".encode())
    for place, byte in places:
        content[place % len(content)] = byte
    answer = outcome(written(folder, bytes(content)))
    assert not isinstance(answer, str) or (answer.endswith(".") and len(answer) < 300)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/a.xml", "xl/texts.xml", "xl/styles.xml", "xl/workbook.xml", "content.xml"]
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_is_broken_in_a_part_it_is_read_or_refused(folder: Path, data: st.DataObject, part: str) -> None:
    path = folder / "a"
    styles = '<cellXfs><xf numFmtId="14"/><xf numFmtId="0"/></cellXfs>'
    parts: dict[str, str | bytes] = {**xlsx_parts(HEADER + CELL, styles=styles, strings="<si><t>A</t></si>")}
    if part == "content.xml":
        parts = {**ods_parts(ods_table(ODS_ROW.format("", "office:value-type='float' office:value='1'", "")))}
    content = bytearray(str(parts[part]).encode())
    for place in data.draw(st.lists(st.integers(0, 1 << 20), min_size=1, max_size=3)):
        content[place % len(content)] = data.draw(st.sampled_from(b"<>/\"'=0129:AZ &\x00\xff"))
    parts[part] = bytes(content)
    answer = outcome(packed(path, parts))
    assert not isinstance(answer, str) or answer.endswith(".")


def test_the_answer_to_a_bad_file_is_a_refusal_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadValue) as refused:
        open_table(written(tmp_path, "", "May 4.csv"))
    assert (refused.value.details["field"], refused.value.message[:9]) == ("file", "May 4.csv")
