"""CSV and TSV as people's programs write them."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import pytest

from models.errors import Cancelled
from models.importing.files import CHUNK
from models.importing.table import Row, open_table
from tests.support.cases import each
from tests.support.import_files import cells, read, refusal, written
from tests.support.sheets import write_xlsx

TABLE = "Serial Number{0}Lagerort{0}Notes\r\n00123{0}WH-1{0}Größe\r\n123456789012345678{0}{0}x\r\n"


@each("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"])
@each("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_encoding_are_told_apart(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = written(tmp_path, TABLE.format(delimiter), encoding=encoding)
    with open_table(path) as table:
        assert (table.kind, table.delimiter) == ("tsv" if delimiter == "\t" else "csv", delimiter)
        assert table.header == ("Serial Number", "Lagerort", "Notes")
        assert list(table.rows()) == [
            Row(2, ("00123", "WH-1", "Größe")),
            Row(3, ("123456789012345678", "", "x")),
        ]


def test_a_table_names_its_file_with_size_and_checksum(tmp_path: Path) -> None:
    content = TABLE.format(",").encode()
    with open_table(written(tmp_path, content, "May 4.csv")) as table:
        assert (table.name, table.size, table.sha256) == (
            "May 4.csv",
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        assert (table.sheets, table.sheet, table.notes) == ((), "", ())
        assert list(table.rows())
        assert table.share_read == 1


def test_the_bytes_0x80_to_0x9f_are_the_signs_of_windows(tmp_path: Path) -> None:
    assert cells(written(tmp_path, b"Serial;Notes\nA1;5 \x80 \x96 \x84x\x93\n")) == [("A1", "5 € – „x“")]


def test_a_row_is_numbered_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    content = '\r\nSerial,Notes\r\n\r\nA1,"one\r\ntwo\nthree"\r\n,\r\nA2,\r\n"A3",x'
    assert read(written(tmp_path, content))[1] == [
        Row(4, ("A1", "one\r\ntwo\nthree")), Row(8, ("A2", "")), Row(9, ("A3", "x")),
    ]  # fmt: skip


@each("end", ["\n", "\r\n", "\r"])
def test_every_usual_end_of_a_line_ends_one_and_nothing_else_does(tmp_path: Path, end: str) -> None:
    content = end.join(["Serial,Notes", "A1,x\x0by\x0cz\x1c\u2028\u2029\x85w", "A2,"])
    assert read(written(tmp_path, content))[1] == [
        Row(2, ("A1", "x\x0by\x0cz\x1c\u2028\u2029\x85w")), Row(3, ("A2", "")),
    ]  # fmt: skip


def test_an_end_of_line_may_fall_between_two_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = 'Serial,Notes\r\nA1,"a\r\nb"\r\nA2,ä\r\nA3,\r\n'.encode()
    path = written(tmp_path, content)
    whole = read(path)
    assert [row.number for row in whole[1]] == [2, 4, 5]
    for size in range(1, len(content)):
        monkeypatch.setattr("models.importing.files.CHUNK", size)
        assert read(path) == whole


def test_the_line_that_tells_excel_the_separator_is_no_header(tmp_path: Path) -> None:
    assert read(written(tmp_path, "sep=;\r\nSerial;Notes, long\r\nA1;b,c\r\n")) == (
        ("Serial", "Notes, long"), [Row(3, ("A1", "b,c"))],
    )  # fmt: skip


def test_the_delimiter_is_the_one_between_known_headings_and_even_rows(tmp_path: Path) -> None:
    assert cells(written(tmp_path, "Serial;Price, net, each;Place\nA1;1,5;B\nA2;2,75;C\n"))[0] == ("A1", "1,5", "B")
    assert cells(written(tmp_path, "a;b|c\n1;2|3\n4;5\n")) == [("1", "2|3"), ("4", "5")]
    assert cells(written(tmp_path, "Serial Number\nA;1\nA|2\n")) == [("A;1",), ("A|2",)]


def test_a_short_row_is_filled_up_and_a_long_one_keeps_its_cells(tmp_path: Path) -> None:
    assert read(written(tmp_path, "Serial,Item,,\nA1\nA2,B,,,\nA3,B,C\nA4,B,,D\n")) == (
        ("Serial", "Item"),
        [Row(2, ("A1", "")), Row(3, ("A2", "B")), Row(4, ("A3", "B", "C"), True), Row(5, ("A4", "B", "", "D"), True)],
    )


def test_outer_blanks_are_trimmed_and_quotes_read_as_usual(tmp_path: Path) -> None:
    content = ' Serial ,"Item\n no",\u00a0Notes\n "A,1" , b ,"say ""hi"""\n'
    assert read(written(tmp_path, content)) == (("Serial", "Item no", "Notes"), [Row(3, ("A,1", "b", 'say "hi"'))])


def test_a_quote_mark_before_a_formula_is_taken_off_once(tmp_path: Path) -> None:
    content = "Serial,Item,Notes\n'=1+1,''-x,'@\n'A,O'Brien,'''\n=1,-2,'\n"
    assert cells(written(tmp_path, content)) == [("=1+1", "'-x", "@"), ("'A", "O'Brien", "'''"), ("=1", "-2", "'")]


def test_what_is_odd_about_a_header_is_told(tmp_path: Path) -> None:
    with open_table(written(tmp_path, "Serial,,serial,Item\n1,2,3,4\n")) as table:
        assert table.header == ("Serial", "", "serial", "Item")
        assert table.notes == (
            "2 columns are named “Serial”; the first of them is taken unless you choose another.",
            "The column B has no name.",
        )


@each(
    ("content", "sentence"),
    [
        (b"", "serials.csv is empty."),
        (b" \r\n\t\n", "serials.csv is empty."),
        (b"\xef\xbb\xbf", "serials.csv is empty."),
        (b"\xff\xfe", "serials.csv is empty."),
        (b"Serial,Item\r\n\r\n,\r\n", "serials.csv has a header and no rows"),
        (b"Serial\nA1\nA\x002\n", "line 3 has a NUL byte"),
        ("Serial\nA1\nA\x002\n".encode("utf-16"), "line 3 has a NUL byte"),
        (b"Serial\rA1\r\nA2\nA\x002\r", "line 4 has a NUL byte"),
        (b"Serial,Notes\rA1,x\rA2,na\x8fve\r", "line 3 is “A2,naève” in mac_roman"),
        ("Serial\r\n".encode("utf-16") + "A1\r\nA\x002\n".encode("utf-16-le"), "line 3 has a NUL byte"),
        ("Serial\nA1\n".encode("utf-32-le"), "NUL byte"),
        ("Serial,Notes\nA1,Größe\nA2,G".encode() + b"r\xf6\n", "line 3 has a broken character"),
        ("Serial,Notes\nA1,Größe\nA2,ü".encode()[:-1], "line 3 has a broken character"),
        ("\ufeffSerial,Notes\nA1,G".encode() + b"\xf6", "line 2 has a broken character"),
        ("Serial,Notes\nA1,über".encode("cp850"), "line 2 is “A1,über” in cp850"),
        ("Serial\nA1\n".encode("utf-16")[:-1], "ends in the middle of a character"),
        (b"\xff\xfeS\0e\0\x00\xd8x\0", "broken character"),
        (b"\xff\xfeS\0e\0\n\0\x00\xd8", "line 2 has a broken character"),
        (b"<!DOCTYPE html><table>", "is a web page, whatever its name says"),
        (b"\n<TABLE><tr>", "is a web page"),
        ('<?xml version="1.0"?>'.encode("utf-16"), "is an XML file"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "of Excel 2003"),
        (
            b'<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">',
            "is a flat OpenDocument file (.fods)",
        ),
        (b'[{"serial": "A1"}]', "is a JSON file"),
        (b'{ "serials": []}', "is a JSON file"),
        (b'["Serial", "Item"]\n["A1", "B"]', "is a JSON file"),
        (b'Serial,Item\nA1,x\n"A2,x\nA3,x\n', "from line 3 on"),
        (b'Serial,Item\nA1,x\n"A2' + b"\nA3,x" * 100_000, "from line 3 on"),
        (b"Serial\n" + b"A1 " * 400_000, "a line of more than 1,048,576 characters"),
        (b'Serial\n"A\n"' + b',"A\n"' * 1_000_000, "from line 2 on"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert sentence in refusal(written(tmp_path, content))


@each(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7\n", "a.pdf is a PDF document. Export the table itself"),
        ("a.rtf", b"{\\rtf1", "is a text document (RTF)"),
        ("a.csv.gz", b"\x1f\x8b\x08\0", "is packed (gzip). Unpack it"),
        ("a.csv.bz2", b"BZh91AY", "is packed (bzip2)"),
        ("a.csv.xz", b"\xfd7zXZ\0", "is packed (xz)"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c\0", "is packed (7-Zip)"),
        ("a.rar", b"Rar!\x1a\x07\0", "is packed (RAR)"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "is a picture"),
        ("a.db", b"SQLite format 3\0", "is a database (SQLite)"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x04", "is an Excel file of before 1995"),
        (".~lock.May 4.ods#", b",clerk,desk,01.06.2026 10:00,file:///home/clerk;", "and choose it: May 4.ods."),
        ("~$y 4.xlsx", b"\x05clerk" + b" " * 159, "choose it: the file whose name ends with y 4.xlsx."),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    assert sentence in refusal(written(tmp_path, content, name))


def test_text_that_only_begins_like_another_kind_is_read(tmp_path: Path) -> None:
    assert cells(written(tmp_path, "[Serial],{Item}\nA1,B\n")) == [("A1", "B")]
    assert cells(written(tmp_path, "{Serial}\n[A1]\n")) == [("[A1]",)]


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    assert "has no sheets" in refusal(written(tmp_path, "Serial\nA1\n"), sheet="May")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Serial\nA1\nA2\n")
    with open_table(path) as table:
        rows = table.rows()
        assert next(rows).cells == ("A1",)
        with Path(path).open("a") as file:
            file.write("A3\n")
        with pytest.raises(Exception, match="was changed while it was read"):
            list(table.rows())


def test_a_cell_may_be_as_long_as_the_csv_module_lets_it(tmp_path: Path) -> None:
    long = "x" * csv.field_size_limit()
    assert cells(written(tmp_path, f"Serial,Notes\nA1,{long}\n")) == [("A1", long)]
    assert "or a cell is too long" in refusal(written(tmp_path, f"Serial,Notes\nA1,{long}x\n"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_how_far_the_look_at_a_file_is_is_told_in_bytes_and_it_can_be_stopped_there(tmp_path: Path, kind: str) -> None:
    rows = [("Serial", "Notes"), *((f"A-{number}", str(random.Random(number).random())) for number in range(40_000))]
    if kind == "xlsx":
        path = write_xlsx(tmp_path / "a.xlsx", rows)
    else:
        path = str(tmp_path / "a.csv")
        Path(path).write_text("".join(f"{','.join(row)}\n" for row in rows))
    size = Path(path).stat().st_size
    told: list[int] = []

    def note(done: int, total: int) -> None:
        assert total == size
        told.append(done)
        if len(told) == 3:
            raise Cancelled("It was stopped.")

    with pytest.raises(Cancelled):
        open_table(path, progress=note)
    assert told == [0, CHUNK, 2 * CHUNK]
    told = [0] * 4
    open_table(path, progress=note).close()
    assert told[-1] == size
