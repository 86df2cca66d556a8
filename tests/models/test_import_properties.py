"""Whatever texts are written into a file, they are read back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from models.errors import BadValue
from models.importing.cells import guarded
from models.importing.choices import Choices
from models.importing.table import open_table
from models.importing.text_files import DELIMITERS
from tests.support.sheets import write_ods, write_xlsx

HEADER = ("Serial Number", "Item", "Größe", "Notes")

PRINTABLE = st.characters(exclude_categories=["C", "Zl", "Zp"])
SPECIAL = st.text("""ab01',;|\t"\n =+-@_x""", max_size=12)
ESCAPES = st.sampled_from(
    ["_x000D_", "_x005F_", "x005F_", "_x0041", "&amp;", "<a>", "]]>", "=1+1", "0012", "1E+14", "#N/A"]
)
TEXT = st.one_of(st.text(PRINTABLE, max_size=20), SPECIAL, ESCAPES).map(str.strip)
LATIN = (
    st.one_of(st.text(st.characters(codec="cp1252", exclude_categories=["C"]), max_size=20), SPECIAL)
    .map(str.strip)
    .filter(lambda text: not re.search(rb"[\xc2-\xf4][\x80-\xbf]", text.encode("cp1252")))  # may be UTF-8 as well
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def tables(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, ...]]]:
    """Rows of a serial number and three texts."""
    serial = st.text("AB01-", min_size=1, max_size=8)
    return st.lists(st.tuples(serial, text, text, text), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all examples."""
    return tmp_path_factory.mktemp("read back") / "a.ods"  # a name by which calamine tells the kind; we do not


def delimited(rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: int) -> str:
    """The rows below the header, as the csv module writes them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([HEADER, *(map(guarded, row) for row in rows)])
    return text.getvalue()


DIALECT = {
    "delimiter": st.sampled_from(DELIMITERS),
    "end": st.sampled_from(["\n", "\r\n"]),
    "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
}


@settings(deadline=None)
@given(rows=tables(TEXT), encoding=st.sampled_from(ENCODINGS), **DIALECT)
@example(rows=[("A", "'=", '"', "a\nb")], encoding="utf-16", delimiter="\t", end="\r\n", quoting=csv.QUOTE_MINIMAL)
def test_delimited_texts_are_read_back(
    path: Path, rows: list[tuple[str, ...]], encoding: str, delimiter: str, end: str, quoting: int
) -> None:
    path.write_bytes(delimited(rows, delimiter, end, quoting).encode(encoding))
    with open_table(str(path)) as table:
        assert (table.header, table.delimiter) == (HEADER, delimiter)
        assert [row.cells for row in table.rows()] == rows


@settings(deadline=None)
@given(rows=tables(LATIN), **DIALECT)
@example(rows=[("0", "", "¡", "|")], delimiter="|", end="\n", quoting=csv.QUOTE_MINIMAL)  # ¡| is one sign of Big5
def test_texts_of_western_windows_are_read_back_or_asked_about(
    path: Path, rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: int
) -> None:
    path.write_bytes(delimited(rows, delimiter, end, quoting).encode("cp1252"))
    with open_table(str(path), choices=Choices(encoding="cp1252")) as table:
        assert [row.cells for row in table.rows()] == rows
    try:
        with open_table(str(path)) as table:
            assert [row.cells for row in table.rows()] == rows
    except BadValue as refused:
        assert "cp1252" in {one.name for one in refused.details["encodings"]}  # noqa: PT017


@settings(deadline=None)
@given(rows=tables(TEXT), shared=st.booleans())
def test_the_texts_of_a_workbook_are_read_back(path: Path, rows: list[tuple[str, ...]], shared: bool) -> None:
    write_xlsx(path, [HEADER, *(tuple(map(guarded, row)) for row in rows)], shared=shared)
    with open_table(str(path)) as table:
        assert table.header == HEADER
        assert [row.cells for row in table.rows()] == rows


@settings(deadline=None)
@given(rows=tables(TEXT))
def test_the_texts_of_an_ods_are_read_back_as_calamine_reads_them(path: Path, rows: list[tuple[str, ...]]) -> None:
    write_ods(path, [HEADER, *(tuple(map(guarded, row)) for row in rows)])
    with open_table(str(path)) as table:
        assert table.header == HEADER
        assert [row.cells for row in table.rows()] == rows
    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    without_tabs = [[guarded(text).replace("\t", "") for text in row] for row in rows]  # calamine leaves them out
    assert [list(map(str, row)) for row in theirs[1:]] == without_tabs
