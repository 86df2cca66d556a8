"""Lists of serials in files: what a line is, what a header is, what is opened, and what is said of a bad one."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from models.errors import BadValue
from models.importing.lists import (
    LARGEST,
    CorrectionList,
    SerialList,
    read_corrections,
    read_corrections_from,
    read_list,
    read_list_from,
)
from models.serials.ranges import ListLine, split_lines
from models.text import fold
from tests.support.cases import each

HEADED = b"Serial Number,Item,Location\r\nA-1,LAP-14,DOCK\r\n,LAP-14,\r\n'=A-2,lap-15,x\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write a file."""

    def written(content: bytes) -> Path:
        path = tmp_path / "list.txt"
        path.write_bytes(content)
        return path

    return written


def refusal(path: Path | str) -> str:
    with pytest.raises(BadValue) as refused:
        read_list(str(path))
    assert refused.value.details["field"] == "file"
    return refused.value.message


def lines(found: SerialList) -> list[tuple[int, str, str, str]]:
    return [(line.line, line.text, line.sku, line.reason) for line in found.lines]


def serials(found: SerialList) -> list[str]:
    return [line.text for line in found.lines if not line.message]


def test_a_pasted_line_ends_at_cr_lf_and_crlf_and_at_nothing_else() -> None:
    text = "A\r\nB\rC\n\nD\x1dE\x1eF\x1cG\x0bH\x0cI\x85J\u2028K"
    assert split_lines(text) == ["A", "B", "C", "", "D\x1dE\x1eF\x1cG\x0bH\x0cI\x85J\u2028K"]
    assert split_lines("A\n") == ["A"]
    assert split_lines("") == []


@each(
    ("content", "found"),
    [
        (b"\xef\xbb\xbfA1\r\n\r\n A2 \nA3", [(1, "A1"), (3, "A2"), (4, "A3")]),
        ("Größe-1\nA\u2028B\n".encode(), [(1, "Größe-1"), (2, "A\u2028B")]),
        ("A1\r\nA2\r\n".encode("utf-16"), [(1, "A1"), (2, "A2")]),
        (b"A1\rA2\r\x1dB\r", [(1, "A1"), (2, "A2"), (3, "\x1dB")]),
        (b'"A1"\n"A ""2"""\n5"\n', [(1, "A1"), (2, 'A "2"'), (3, '5"')]),
        (b"A1,\n,A2,,\nA3;\n", [(1, "A1"), (2, "A2"), (3, "A3;")]),
        (b"A|1\nA|2\n", [(1, "A|1"), (2, "A|2")]),
        (b"Serial Number\nR-1\nR-2\n", [(2, "R-1"), (3, "R-2")]),
        (b"sep=;\r\nS/N;Ort\r\nR-1;x\r\n", [(3, "R-1")]),
        ("Numéro de série;Prix\nR-1;3\n".encode(), [(2, "R-1")]),
        (b'="0012"\nSN / 12\nSN-1\n', [(1, "0012"), (2, "SN / 12"), (3, "SN-1")]),
        (b"SN-1 B\nA 1\n00012345\n", [(1, "SN-1 B"), (2, "A 1"), (3, "00012345")]),
    ],
)
def test_a_line_is_one_serial_and_a_known_heading_above_them_none(
    file: Callable[[bytes], Path], content: bytes, found: list[tuple[int, str]]
) -> None:
    listed = read_list(str(file(content)))
    assert [(line.line, line.text) for line in listed.lines if not line.message] == found
    assert lines(read_list_from(io.BytesIO(content), "standard input")) == lines(listed)


@each(
    ("content", "line", "said"),
    [
        (b"A1\nA2,A3\n", (2, "A2,A3", "", "several"), "A2,A3 has several values"),
        (b"A1;A2;A3\nA4;A5;A6\n", (1, "A1;A2;A3", "", "several"), "Give each serial a line of its own."),
        (b'A1\n"A2,A3"\n', (2, "A2,A3", "", "several"), "several values"),
        (b'A1\n"A2\nA3"\nA4\n', (2, "A2\nA3", "", "several"), "several values"),
        (b"CND1234567 CND1234568\n", (1, "CND1234567 CND1234568", "", "several"), "several values"),
        (b"A1\n1.23E+14\n", (2, "1.23E+14", "", "spreadsheet"), "its digits are lost"),
        (b"Serial Number,Item\nA-1,LAP\n,LAP\n", (3, "LAP", "LAP", "no_serial"), "LAP has no serial number. Fill it"),
        (b"Serial Number\nA-1;A-2\n", (2, "A-1;A-2", "", "several"), "several values"),
        (b"CZ10001|CZ10002\n", (1, "CZ10001|CZ10002", "", "several"), "several values"),
        (b"R-1\nSerial Number\n", (2, "Serial Number", "", "no_serial"), "is a heading that is repeated."),
        (b"Serial,Quantity\nR-1,1\nTotal,1\n", (3, "Total", "", "no_serial"), "Total is a row of totals."),
    ],
)
def test_a_line_with_several_values_or_none_is_refused_by_name(
    file: Callable[[bytes], Path], content: bytes, line: tuple[int, str, str, str], said: str
) -> None:
    (wrong,) = [one for one in read_list(str(file(content))).lines if one.line == line[0]]
    assert (wrong.line, wrong.text, wrong.sku, wrong.reason) == line
    assert said in wrong.message


def test_what_may_be_no_serial_is_doubted_and_an_encoding_can_be_named(file: Callable[[bytes], Path]) -> None:
    (line, *_) = read_list(str(file(b"N/A\nA-1\n"))).lines
    assert (line.message, line.doubt) == ("", ("placeholder", "N/A stands for a serial number that nobody knows."))
    path = file("A-1\n회색\n".encode("cp949"))
    with pytest.raises(BadValue, match="encoding is not certain") as refused:
        read_list(str(path))
    assert refused.value.details["option"] == "--encoding NAME"
    assert serials(read_list(str(path), "cp949")) == ["A-1", "회색"]


def test_an_item_stands_in_its_column_or_before_a_comma(file: Callable[[bytes], Path]) -> None:
    headed = read_list(str(file(HEADED)))
    assert lines(headed) == [
        (2, "A-1", "LAP-14", ""),
        (3, "LAP-14", "LAP-14", "no_serial"),
        (4, "=A-2", "lap-15", ""),
    ]
    assert headed.notes == ("Of list.txt only the serials are read, not Location.",)
    assert headed.items == {"LAP-14", "lap-15"}
    of_items = headed.of_items({fold("LAP-14")}, lambda line: f"no {line.sku}")
    assert [(line.reason, line.message) for line in of_items][::2] == [("", ""), ("item", "no lap-15")]
    bare = read_list(str(file(b"LAP-14,A-1\nlap-14, A-2\nX-1,A-3\nLAP-14,a;b\n")))
    assert bare.items == {"LAP-14", "lap-14", "X-1"}
    settled = bare.of_items({fold("LAP-14")}, lambda line: "")
    assert [line[:4] for line in settled] == [
        ListLine(1, "A-1", "LAP-14")[:4],
        ListLine(2, "A-2", "lap-14")[:4],
        ListLine(3, "X-1,A-3", "", "several")[:4],
        ListLine(4, "a;b", "LAP-14", "several")[:4],
    ]
    assert read_list(str(file(b"A-1\n\nLAP-14,A-2\n"))).announced("lap-14") == ["A-1", "", "A-2"]
    with pytest.raises(BadValue, match=r"^Line 3 and 1 more: X-1,A-3") as refused:
        bare.announced("LAP-14")
    assert refused.value.details["field"] == "file"
    with pytest.raises(BadValue, match=r"A-2 is of the item lap-15 in the list, and not of A-9\. Take it out\.$"):
        read_list(str(file(b"Serial Number,Item\nA-2,lap-15\n"))).announced("A-9")


@each("content", [b"Location\nA1\n", b"Item,Notes\nA1,x\n"])
def test_a_header_without_serials_is_refused_with_its_columns(file: Callable[[bytes], Path], content: bytes) -> None:
    path = file(content)
    columns = content.split(b"\n")[0].decode().replace(",", ", ")
    assert refusal(path) == (
        f"list.txt has a header in line 1, and none of its columns is the serial number: {columns}. "
        "Call that column Serial Number."
    )


def test_workbooks_are_read_like_text_and_keep_what_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Hidden").hide()
    sheet = book.add_worksheet("Serials")
    book.add_worksheet("More").write_string(0, 0, "B-1")
    sheet.activate()
    padded, day = book.add_format({"num_format": "00000"}), book.add_format({"num_format": "yyyy-mm-dd"})
    for row, (value, form) in enumerate(
        [("A-1", None), (42, padded), (45_000, day), (12345678901234567890, None), (True, None), ("A-2, A-3", None)]
    ):
        sheet.write(row, 1, value, form)
    sheet.write(6, 0, "LAP-14")
    sheet.write(6, 1, "A-9")
    sheet.write(7, 1, "A-10")
    sheet.set_row(7, None, None, {"hidden": True})
    book.close()
    found = read_list(str(path))
    assert [(line.line, line.text, line.reason) for line in found.lines] == [
        (1, "A-1", ""),
        (2, "00042", ""),
        (3, "2023-03-15", "spreadsheet"),
        (4, "1.23456789012346E+19", "spreadsheet"),
        (5, "TRUE", "spreadsheet"),
        (6, "A-2, A-3", "several"),
        (7, "LAP-14,A-9", "several"),
    ]
    assert "is a date in the spreadsheet" in found.lines[2].message
    assert found.lines[6].pair == ("LAP-14", "A-9")
    assert found.notes == (
        "1 hidden or filtered rows of list.xlsx are left out.",
        "Of list.xlsx the sheet Serials is read.",
    )
    with path.open("rb") as stream:
        assert lines(read_list_from(stream, "standard input")) == lines(found)


def test_a_table_of_other_columns_gives_its_serials(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book: Any = openpyxl.Workbook()
    for row in (("Modell", "Seriennummer", "Preis"), ("LAP-14", "A-1", 3), (), ("LAP-14", "A-2", 4)):
        book.active.append(row)
    book.save(path)
    found = read_list(str(path))
    old = xlwt.Workbook()
    old.add_sheet("May").write(0, 0, 42)
    old.save(str(path.with_suffix(".xls")))
    assert "00042 is 42." in read_list(str(path.with_suffix(".xls"))).notes[0]
    assert (serials(found), found.items) == (["A-1", "A-2"], {"LAP-14"})
    assert found.notes == ("Of list.xlsx only the serials are read, not Preis.",)


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero"):
        assert refusal(path).startswith(f"{path} is a device or a pipe, not a file.")
    assert refusal(tmp_path).startswith(f"{tmp_path} is a folder.")
    assert refusal(tmp_path / "none").startswith(f"There is no file {tmp_path / 'none'}.")
    assert refusal("A\0B").startswith("There is no file")


@each(
    ("content", "said"),
    [
        (b"", "has no serial in it. Give one serial a line."),
        (b" \r\n\t\n,,\n", "has no serial in it. Give one serial a line."),
        (b"Serial Number\n\n", "has no serial in it. Give one serial a line."),
        (b"A-10001\0B\n", "is no table that can be read: line 1 has a NUL byte"),
        (b"\xef\xbb\xbfA\rB\r\nC\xff\n", "mixes encodings or is damaged: line 3"),
        (b'A\n"B\nC\n', "cannot be read from line 2 on: a quote is opened there and never closed"),
        (b"\n".join([b"A"] * 100_001), "has more than 100,000 serials; 100,000 in one go is the most"),
        (b"PK\x03\x04....", "list.txt "),
    ],
)
def test_a_bad_file_gets_one_sentence(file: Callable[[bytes], Path], content: bytes, said: str) -> None:
    assert said in refusal(file(content))
    with pytest.raises(BadValue) as refused:
        read_list_from(io.BytesIO(content), "standard input")
    assert refused.value.message.startswith("standard input ")


def test_blank_lines_do_not_make_a_list_too_long(file: Callable[[bytes], Path]) -> None:
    assert lines(read_list(str(file(b"\n" * 200_000 + b"A\n")))) == [(200_001, "A", "", "")]


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    with file.open("wb") as large:
        large.truncate(LARGEST + 1)
    assert refusal(file) == "list.txt has more than 64 MB. Give the serials in parts."
    with file.open("rb") as stream, pytest.raises(BadValue, match="more than 64 MB"):
        read_list_from(stream, "a pipe")


# ----- corrections


def corrections(found: CorrectionList) -> list[tuple[int, str, str, str]]:
    """Line, item, old and new text; instead of the new text the reason why there is none."""
    lines = zip(found.old.lines, found.new, strict=True)
    return [(old.line, old.sku, old.text, new.reason or new.text) for old, new in lines]


@each(
    "header",
    [
        "Old,New",
        "old serial number,new serial number",
        "Serial Number,New Serial",
        "Wrong S/N,Right S/N",
        "Alte Seriennummer,Neue Nummer",
        "Numéro actuel,Numéro correct",
        "before,after",
        "Old,SN",
    ],
)
def test_a_header_says_which_texts_are_old_and_which_are_new(file: Callable[[bytes], Path], header: str) -> None:
    assert corrections(read_corrections(str(file(f"{header}\nA-1,B-1\n".encode())))) == [(2, "", "A-1", "B-1")]
    first, second = header.split(",")
    turned = read_corrections(str(file(f"Item;Note;{second};{first}\nSAW;x;B-1;A-1\n".encode())))
    assert corrections(turned) == [(2, "SAW", "A-1", "B-1")]
    assert turned.old.notes == ("Of list.txt only the serials are read, not Note.",)


@each("header", ["Serial Number,Item", "Old,Old serial", "New,Note", "Old,New,New text"])
def test_a_header_that_does_not_say_it_is_refused(file: Callable[[bytes], Path], header: str) -> None:
    with pytest.raises(
        BadValue, match=f"list.txt has a header in line 2 .*: {', '.join(header.split(','))}. Call them"
    ):
        read_corrections(str(file(f"\n{header}\nA-1,B-1\n".encode())))


def test_a_line_without_a_header_has_two_texts_or_an_item_and_two_texts(file: Callable[[bytes], Path]) -> None:
    content = b'A-1,B-1\nSAW,A-2,B-2\n,A-3,B-3,\n\nA-4\nA-5,\n,B-6\na,b,c,d\n="0012",0013\n"A,7","B;7"\n8,2025-03-04\n'
    found = read_corrections(str(file(content)))
    assert corrections(found) == [
        *((1, "", "A-1", "B-1"), (2, "SAW", "A-2", "B-2"), (3, "", "A-3", "B-3"), (5, "", "A-4", "no_serial")),
        *((6, "", "A-5", "no_serial"), (7, "", "B-6", "no_serial"), (8, "", "a,b,c,d", "several")),
        *((9, "", "0012", "0013"), (10, "", "A,7", "several"), (11, "", "8", "2025-03-04")),
    ]
    assert found.new[3].message == (
        "A-4 is no correction. Give a line the old and the new serial number, and their SKU before them."
    )
    assert found.new[5].message == "B-6 has no old serial number. Fill it in, or take the line out."
    assert found.new[-1].doubt
    assert corrections(read_corrections_from(io.BytesIO(content), "standard input")) == corrections(found)
    with pytest.raises(BadValue, match="has no serial in it"):
        read_corrections(str(file(b"Old,New\n")))
