"""Files that are written: the template, and rejected rows that are mended and imported again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from models.errors import BadValue
from models.importing.cells import mangled
from models.importing.columns import EXAMPLES, TEMPLATE, header_key, recognise, write_template
from models.importing.dates import read_date
from models.importing.imports import Rejects
from models.importing.table import FileTable, Row, open_table
from tests.support.import_files import cells, files, read, written
from tests.support.sheets import write_xlsx


def reject(source: str, reason: str = "Why, oh why?", path: str | None = None) -> str:
    """The file of rejected rows of a table of which none is taken."""
    with open_table(source) as table, Rejects(table, path) as rejects:
        for row in table.rows():
            rejects.add(row, reason)
        assert rejects.path
        return rejects.path


def broken(table: FileTable) -> None:
    """An import that breaks after a row was rejected."""
    with Rejects(table) as rejects:
        rejects.add(Row(2, ("A1",)), "No.")
        raise BadValue("The database is gone.")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "A.XLSX"])
def test_a_template_has_every_field_and_examples_that_can_be_read(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    write_template(path)
    header, rows = read(path)
    assert recognise(header) == dict(enumerate(TEMPLATE))
    assert [row.cells for row in rows] == list(EXAMPLES)
    for row in rows:
        assert not any(map(mangled, row.cells))
        assert [read_date(cell) for cell in row.cells[5:8] if cell]


def test_the_workbook_keeps_what_is_typed_as_text(tmp_path: Path) -> None:
    write_template(str(tmp_path / "a.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert {cell.number_format for row in sheet["A1:I4"] for cell in row} == {"@"}
    assert sheet.column_dimensions["A"].number_format == "@"
    assert (sheet.column_dimensions["A"].min, sheet.column_dimensions["A"].max) == (1, len(TEMPLATE))


def test_a_template_is_not_written_over_a_file_unless_asked(tmp_path: Path) -> None:
    path = Path(written(tmp_path, "mine"))
    with pytest.raises(BadValue, match="is there already"):
        write_template(str(path))
    assert path.read_text() == "mine"
    write_template(str(path), force=True)
    assert read(str(path))[1]
    assert files(tmp_path) == ["serials.csv"]


@pytest.mark.parametrize(
    ("name", "force", "sentence"),
    [
        ("a.ods", False, "should end with .csv or .xlsx"),
        ("a", False, "should end with"),
        ("none/a.csv", False, "cannot be written: No such file or directory"),
        ("a\0.csv", False, "cannot be written: no file can be named so"),
        ("folder.csv", False, "is there already"),
        ("folder.csv", True, "cannot be written: Is a directory"),
    ],
)
def test_a_template_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, name: str, force: bool, sentence: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadValue) as refused:
        write_template(str(tmp_path / name), force=force)
    assert sentence in refused.value.message
    assert files(tmp_path) == ["folder.csv"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rejected_rows_come_back_as_they_were(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ("=1+1", "'-x", 'say "hi"'), ("'A", "@b", "one\ntwo"), ("00123", "+49", "a,b;c|d"), ("", "x", "Größe 😀"),
        ("''=1", "'", "-"),
    ]  # fmt: skip
    source = tmp_path / "May 4.csv"
    quoted = (delimiter.join(f'"{_doubled(cell)}"' for cell in row) for row in [("S/N", "Item", "Notes"), *rows])
    source.write_text("\n".join(quoted))
    before = cells(str(source))
    path = reject(str(source))
    assert Path(path) == tmp_path / "May 4 rejected.csv"
    header, again = read(path)
    assert header == ("S/N", "Item", "Notes", "Reason")
    assert [row.cells for row in again] == [(*row, "Why, oh why?") for row in before]
    assert (recognise(header), header_key(header)) == (recognise(header[:3]), header_key(header[:3]))
    assert Path(path).read_bytes().startswith(b"\xef\xbb\xbf")
    with open_table(path) as table:
        assert table.delimiter == delimiter


def test_rejected_rows_that_are_rejected_again_have_one_reason_and_a_file_of_their_own(tmp_path: Path) -> None:
    first = reject(written(tmp_path, "S/N,Item\nA1,B\n"))
    second = reject(first, "Still not.")
    third = reject(second, "=No.")
    assert [Path(path).name for path in (first, second, third)] == [
        "serials rejected.csv", "serials rejected 2.csv", "serials rejected 3.csv",
    ]  # fmt: skip
    assert read(third) == (("S/N", "Item", "Reason"), [Row(2, ("A1", "B", "=No."))])


def test_a_row_that_is_too_long_keeps_its_texts_behind_the_reason(tmp_path: Path) -> None:
    path = reject(written(tmp_path, "S/N,Item\nA1,B,C,,D\n"), "Too long.")
    assert read(path)[1] == [Row(2, ("A1", "B", "Too long.", "C", "D"), is_ragged=True)]
    assert read(reject(path, "Again."))[1] == [Row(2, ("A1", "B", "Again.", "C", "D"), is_ragged=True)]


def test_the_rejected_rows_of_a_workbook_are_a_csv(tmp_path: Path) -> None:
    path = reject(write_xlsx(tmp_path / "a.xlsx", [["S/N", "Notes"], ["=1", "x"], ["007", ""]]))
    assert Path(path).name == "a rejected.csv"
    assert cells(path) == [("=1", "x", "Why, oh why?"), ("007", "", "Why, oh why?")]


def test_where_nothing_is_rejected_there_is_no_file(tmp_path: Path) -> None:
    with open_table(written(tmp_path, "S/N\nA1\n")) as table, Rejects(table) as rejects:
        pass
    assert (rejects.path, rejects.count) == (None, 0)
    assert files(tmp_path) == ["serials.csv"]


def test_rejected_rows_of_an_import_that_broke_are_no_file(tmp_path: Path) -> None:
    with open_table(written(tmp_path, "S/N\nA1\n")) as table, pytest.raises(BadValue, match="gone"):
        broken(table)
    assert files(tmp_path) == ["serials.csv"]


def test_rejected_rows_go_where_they_are_wanted_but_over_no_file(tmp_path: Path) -> None:
    source = written(tmp_path, "S/N\nA1\n")
    assert reject(source, path=str(tmp_path / "x")) == str(tmp_path / "x")
    with pytest.raises(BadValue, match="is there already"):
        reject(source, path=str(tmp_path / "x"))
    with pytest.raises(BadValue, match=r"cannot be written to .*none/x: No such file"):
        reject(source, path=str(tmp_path / "none" / "x"))
    assert cells(str(tmp_path / "x")) == [("A1", "Why, oh why?")]


def test_a_full_disk_is_said_to_be_one(tmp_path: Path) -> None:
    source = written(tmp_path, "S/N\nA1\n")
    with open_table(source) as table, Path("/dev/full").open("w") as full:
        rejects = Rejects(table)
        rejects._created_file = lambda: ("full", full)  # type: ignore[method-assign]
        rejects.add(Row(2, ("A1",)), "No.")
        with pytest.raises(BadValue, match="cannot be written to full: No space left on device"):
            rejects.close()


def _doubled(text: str) -> str:
    return text.replace('"', '""')
