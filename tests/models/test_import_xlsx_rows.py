"""Rows of XLSX are read in two ways, plain ones without a call for each element: both ways find the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.importing import workbooks, xlsx
from models.importing.files import OpenedFile
from models.importing.number_formats import CellKind, number_format
from models.importing.sources import open_source
from models.importing.workbooks import RawRow
from tests.support.cases import each
from tests.support.sheets import MAIN, packed, xlsx_parts
from tests.support.workbook_cases import XLSX, Case

CELLS = (
    '<c r="A{0}" t="s"><v>1</v></c><c r="B{0}" s="1"><v>45747</v></c>',
    '<c r="A{0}" t="inlineStr"><is><t xml:space="preserve"> a &amp; b </t></is></c><c r="D{0}"><v>7</v></c>',
    '<c r="A{0}" s="0" t="n"><v>4</v></c><c r="B{0}" s="2"/><c r="C{0}" t="str"><f>A&lt;1</f><v>x&#65;</v></c>',
    '<c r="A{0}" t="b"><v>1</v></c><c r="B{0}" t="e"><v>#N/A</v></c><c r="XFD{0}" s="2"><v>7</v></c>',
    '<c><v>1</v></c><c t="s"><v>0</v></c>',
    "",
)
ROWS = ('<row r="{0}" spans="1:9">{1}</row>', '<row r="{0}" hidden="1">{1}</row>', "<row>{1}</row>", '<row r="{0}"/>')


def sheet(rows: int = 40) -> bytes:
    """A sheet with rows of many kinds."""
    lines = [
        ROWS[number % 9 % 4].format(number, CELLS[number % len(CELLS)].format(number)) for number in range(1, rows + 1)
    ]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData><x/></worksheet>'.encode()


class Called(xlsx._Sheet):
    """The way of a call for each element."""

    ending = b""


class Counted(xlsx._Sheet):
    """Counts pieces that were plain."""

    plain_pieces = 0

    def accept(self, found: xlsx._PlainRows) -> None:
        self.plain_pieces += 1
        super().accept(found)


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def shared() -> xlsx._Cells:
    strings = xlsx._Strings()
    for text in ("", "A-1"):
        strings.append(text)
    formats = {"0": number_format(0, ""), "1": number_format(14, ""), "2": number_format(0, "00000")}
    return xlsx._Cells(strings, formats, False)


def found(reader: xlsx._Sheet, content: bytes, size: int) -> list[RawRow] | str:
    """The rows, and how many were hidden; or a word for damage."""
    rows: list[RawRow] = []
    try:
        for _ in reader.feed(chunks(content, size)):
            rows += reader.taken()
    except (ValueError, ExpatError, LookupError):
        return "damaged"
    return [*rows, RawRow(reader.hidden_rows, [])]


def test_rows_of_many_kinds_are_plain() -> None:
    reader = Counted(shared(), hidden=False)
    rows = found(reader, sheet(), 300)
    assert reader.plain_pieces > 5
    assert rows == found(Called(shared(), hidden=False), sheet(), 300)
    filled = [number for number in range(1, 41) if number % 6 != 5]
    assert [row.number for row in rows[:-1]] == [number for number in filled if number % 9 % 4 in (0, 2)]
    assert rows[-1].number == len([number for number in filled if number % 9 % 4 == 1])


PIECES = (
    *'<>"/&=; 0Ac', "'", "\r", "\n", "</row>", "<row>", '<row r="3">', "<row/>", "<c>", "</c>", "<v>", "</v>",
    '<c r="A1"/>', "<!--", "-->", "<![CDATA[", "]]>", "&#13;", "&amp;", "&x;", ' xmlns="x"', f' xmlns="{MAIN}"',
    ' xmlns:x="x"', "x:", ' r="2"', ' hidden="1"', ' hidden="0"', ' t="s"', ' s="1"', "<is>", "<t>", "<f>", "<f/>",
    "<?x?>", "\0", "\ud7ff", "</sheetData>",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(60, 900),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 12), st.sampled_from(PIECES)), max_size=4),
)
@example(size=300, changes=[(600, 0, "<!--"), (2000, 0, "-->")])
@example(size=300, changes=[(600, 0, "<![CDATA["), (2000, 0, "]]>")])
def test_both_ways_find_the_same_in_whatever_is_changed(size: int, changes: list[tuple[int, int, str]]) -> None:
    content = sheet()
    for place, count, piece in changes:
        at = place % len(content)
        content = content[:at] + piece.encode() + content[at + count :]
    assert found(xlsx._Sheet(shared(), hidden=False), content, size) == found(
        Called(shared(), hidden=False), content, size
    )


@each("case", XLSX)
def test_both_ways_find_the_same_in_other_workbooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    path = tmp_path / "a.xlsx"
    case.write(path)
    with monkeypatch.context() as patch:
        patch.setattr(workbooks, "_CHUNK", 100)
        in_pieces = records(path)
        patch.setattr(xlsx._Sheet, "ending", b"")
        patch.setattr(xlsx._SharedStrings, "ending", b"")
        assert in_pieces == records(path)


def records(path: Path) -> list[RawRow]:
    file = OpenedFile(str(path))
    source, _ = open_source(file, sheet=None, hidden=True, progress=None)
    try:
        return list(source.records())
    finally:
        source.close()
        file.close()


def test_many_strings_are_read_in_pieces(tmp_path: Path) -> None:
    texts = [f"A-{number}" if number % 100 else "<b>&amp;ß" for number in range(9_000)]
    strings = "".join(
        f"<si><t>{text.replace('<', '&lt;')}</t></si>" if number % 1000 else "<si><r><t>rich</t></r></si>"
        for number, text in enumerate(texts)
    )
    rows = "".join(f'<row r="{at + 1}"><c r="A{at + 1}" t="s"><v>{at}</v></c></row>' for at in range(9_000))
    found = records(Path(packed(tmp_path / "a.xlsx", xlsx_parts(rows, strings=strings))))
    assert [row.cells for row in found] == [
        ["rich"] if not number % 1000 else [text.replace("&amp;", "&")] for number, text in enumerate(texts)
    ]
    assert all(CellKind.NUMBER not in row.kinds.values() for row in found)
