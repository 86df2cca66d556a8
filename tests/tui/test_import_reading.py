"""What a file does not say itself is asked once: where its header is, its encoding, the order of its dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.importing.choices import NO_HEADER, NOTHING_CHOSEN
from models.schema import Serial
from tests.support.app import keys, resized, screen_text, seen, terminal_sends
from tests.support.importing import chooses, comes_to, importing, imports, message, screen
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep

TEXT = "Stock on hand;;\n\nSerial;Zustand;Came in\nA-1;정상 작동;03/04/2021\n"


def write(folder: Path, text: str, name: str = "list.csv") -> str:
    """A file in Korean; its path."""
    (folder / name).write_bytes(text.encode("cp949"))
    return str(folder / name)


async def test_encoding_header_and_dates_are_asked_once_and_the_next_file_is_read_in_the_same_way(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, write(tmp_path, TEXT))
        await seen(pilot, "Which one reads right?", "cp949", "A-1;정상 작동;03/04/2021", "gb18030")
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.FILE)
        await keys(pilot, "enter")
        await seen(pilot, "Which one reads right?")
        await terminal_sends(pilot, "cp949\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "Header 3 Serial │ Zustand │ Came in", "F5 ↑   1 Stock on hand")
        await seen(pilot, "F6 ↓   4 A-1 │ 정상 작동 │ 03/04/2021")
        assert message(pilot) == "The header is in row 3. The row above it is left out."
        await keys(pilot, "f6")
        await seen(pilot, "Header 4 A-1", "0 of 3 columns")
        await keys(pilot, "f6", "f5", "f5", "f5", "f5")  # it stops at either end
        await seen(pilot, "Header  none; columns are named by letters")
        assert screen(pilot).job.table.header_row == NO_HEADER
        await keys(pilot, "f6", "f6")
        await seen(pilot, "Header 3 Serial", "2 of 3 columns")
        await keys(pilot, "down", "down", "f4")
        await seen(pilot, "What is Came in?")
        await terminal_sends(pilot, "date rec\r")
        await seen(pilot, "→ Date Received")
        await keys(pilot, "f10")
        await seen(pilot, "Which dates are these?", "2021-04-03 with the day first", "Month first  F6")
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.COLUMNS)
        await keys(pilot, "f10")
        await seen(pilot, "Which dates are these?")
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.FILE)
        await chooses(pilot, write(tmp_path, f"Other title\n{TEXT}".replace("A-1", "A-2"), "next.csv"))
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "Header 4 Serial", "3 of 3 columns are mapped as the last time", "→ Date Received")
        await keys(pilot, "f8")
        await seen(pilot, "How are dates written?", "Each column decides")
        await terminal_sends(pilot, "day\r")
        await seen(pilot, "Dates: day first.")
        await keys(pilot, "f8")
        await terminal_sends(pilot, "each\r")
        await seen(pilot, "Each column of dates decides.")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert {(row.serial_number, str(row.date_received), row.condition_notes) for row in Serial.select()} == {
        ("A-1", "2021-03-04", "정상 작동"),
        ("A-2", "2021-03-04", "정상 작동"),
    }


async def test_the_encoding_is_chosen_and_a_column_without_a_header_is_imported_whole_at_any_size(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Serial,Notes\nA-1,Größe\n".encode("cp1252"))
    async with importing(database, warehouse, size=(40, 16)) as pilot:
        await chooses(pilot, str(path))
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "Header 1 Serial │ Notes")
        await keys(pilot, "f7")
        await seen(pilot, "Which one reads right?", "GrцЯe")
        await keys(pilot, "f3")
        await seen(pilot, "Header 1 Serial │ Notes")
        assert screen(pilot).job.choices == NOTHING_CHOSEN
        await keys(pilot, "f7")
        await terminal_sends(pilot, "cp1251\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "F6 ↓   2 A-1 │ GrцЯe")
        assert "encoding" not in screen_text(pilot).lower()
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.FILE)

        # A column of serials without a header, which is one at another size too.
        for number, size in enumerate(((80, 24), (20, 8))):
            await resized(pilot, *size)
            path = tmp_path / f"column{number}.csv"
            path.write_text(f"A{number}-0001\nA{number}-0002\n")
            await chooses(pilot, str(path))
            await comes_to(pilot, ImportStep.COLUMNS)
            assert "so there is no header" in message(pilot), size
            await keys(pilot, "f10")
            await comes_to(pilot, ImportStep.PREVIEW)
            await imports(pilot)
            await keys(pilot, "f6")
            await comes_to(pilot, ImportStep.FILE)
    assert [row.serial_number for row in Serial.select()] == ["A0-0001", "A0-0002", "A1-0001", "A1-0002"]
