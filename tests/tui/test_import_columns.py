"""The preview of an import shows fields of the file: their headings and values come from one list in each half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.importing.columns import Field
from models.importing.imports import mapping_for, stage
from models.importing.staging import PREVIEWED, ImportRow, ImportRowSource, Previewed
from models.importing.table import open_table
from tests.support.importing import write_file
from tests.support.warehouse import open_warehouse
from tui.importing import preview as import_rows
from tui.importing.preview import FIELDS, FieldColumn


def shown(row: ImportRow) -> dict[str, str]:
    """What a wide preview shows of a row, by heading."""
    columns = import_rows._columns(150, "ansi", 5, with_item=True)
    return {column.label: column.draw(row).plain for column in columns if column.label}


def staged_rows(folder: Path) -> list[ImportRow]:
    warehouse = open_warehouse()
    header = ("Serial", "Item", "Location", "Status", "Notes")
    path = write_file(
        folder, ("A-1", "saw-1", "dock", "in stock", "box open"), ("", "NOPE", "GONE", "x", "torn"), header=header
    )
    with open_table(path) as table:
        mapping = mapping_for(table.header)
        stage(warehouse.boss, table, mapping, progress=lambda done, total: None)
    return list(ImportRowSource(mapping).fetch(0, 9))


def test_the_screen_has_the_fields_that_are_read_under_the_headings_of_the_template(
    database: Any, tmp_path: Path
) -> None:
    good, wrong = staged_rows(tmp_path)
    assert [column.field for column in FIELDS] == list(PREVIEWED)
    assert list(shown(good)) == ["Row", "Result", *(field.label for field in PREVIEWED)]
    assert (shown(good)["Item"], shown(good)["Location"], shown(good)["Status"]) == ("SAW-1", "DOCK", "In Stock")
    assert (shown(wrong)["Item"], shown(wrong)["Location"], shown(wrong)["Status"]) == ("NOPE", "GONE", "x")


def test_a_field_that_is_previewed_too_is_read_and_shown(
    database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PREVIEWED, Field.CONDITION_NOTES, Previewed("r.condition_notes"))  # type: ignore[arg-type]
    monkeypatch.setattr(import_rows, "FIELDS", (*FIELDS, FieldColumn(Field.CONDITION_NOTES, 10, grow=1)))
    good, wrong = staged_rows(tmp_path)
    assert shown(good)["Condition Notes"] == good[Field.CONDITION_NOTES] == "box open"
    assert shown(wrong)["Condition Notes"] == "torn"
