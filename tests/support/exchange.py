"""Files that people keep their serials in, written for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadValue
from models.importing.table import Row, open_table


def written(folder: Path, content: bytes | str, name: str = "serials.csv", encoding: str = "utf-8") -> str:
    """The path of a file with some content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return str(path)


def read(path: str, *, sheet: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """The header and the rows of the table in a file; they are the same twice."""
    with open_table(path, sheet=sheet) as table:
        rows = list(table.rows())
        assert list(table.rows()) == rows
        return table.header, rows


def cells(path: str, *, sheet: str | None = None) -> list[tuple[str, ...]]:
    """The texts of the rows of the table in a file."""
    return [row.cells for row in read(path, sheet=sheet)[1]]


def refusal(path: str, *, sheet: str | None = None) -> str:
    """The sentence with which a file is refused, at once or further on."""
    with pytest.raises(BadValue) as refused, open_table(path, sheet=sheet) as table:
        for _ in table.rows():
            pass
    assert refused.value.details["field"] == ("file" if sheet is None else "sheet")
    assert refused.value.message.endswith(".")
    return refused.value.message


def outcome(path: str) -> list[Row] | str:
    """The rows that a file has, or why it is refused."""
    try:
        with open_table(path) as table:
            return list(table.rows())
    except BadValue as refused:
        return refused.message


def files(folder: Path) -> list[str]:
    """The names of what a test left in its folder; the home of the person who runs it is there already."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".home")
