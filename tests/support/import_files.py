"""Files with serials to import, written and read by tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadValue
from models.importing.table import Row, open_table


def written(folder: Path, content: bytes | str, name: str = "serials.csv", encoding: str = "utf-8") -> str:
    """Write a file with this content and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return str(path)


def read(path: str, *, sheet: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Read the header and rows of a file's table; reading the rows twice must give the same."""
    with open_table(path, sheet=sheet) as table:
        rows = list(table.rows())
        assert list(table.rows()) == rows
        return table.header, rows


def cells(path: str, *, sheet: str | None = None) -> list[tuple[str, ...]]:
    """The cells of all rows of a file's table."""
    return [row.cells for row in read(path, sheet=sheet)[1]]


def refusal(path: str, *, sheet: str | None = None, ends: str = ".") -> str:
    """The message with which a file is refused, when opened or while its rows are read."""
    with pytest.raises(BadValue) as refused, open_table(path, sheet=sheet) as table:
        for _ in table.rows():
            pass
    assert refused.value.details["field"] == ("file" if sheet is None else "sheet")
    assert refused.value.message.endswith(ends)
    return refused.value.message


def outcome(path: str) -> list[Row] | str:
    """The rows of a file, or the message of its refusal."""
    try:
        with open_table(path) as table:
            return list(table.rows())
    except BadValue as refused:
        return refused.message


def files(folder: Path) -> list[str]:
    """Names of the files that a test left in its folder, without the home folder that is always there."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".home")
