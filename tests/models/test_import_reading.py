"""How a file is read where it does not say so itself: its header row, its encoding, and the order of its dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from models.errors import BadValue
from models.importing import staging
from models.importing.choices import NO_HEADER, NOTHING_CHOSEN, Choices, DateOrder
from models.importing.columns import Field
from models.importing.dates import DateColumn
from models.importing.encodings import codec
from models.importing.imports import (
    Rejects,
    Staged,
    import_staged,
    mapping_for,
    remember_mapping,
    remembered,
    stage,
)
from models.importing.table import FileTable, open_table
from models.schema import Serial
from tests.support.cases import each
from tests.support.import_files import written
from tests.support.sheets import write_xlsx
from tests.support.warehouse import Warehouse


def header_of(folder: Path, content: str, **choices: Any) -> tuple[int, tuple[str, ...], int]:
    """The number of the header's row, the headings, and the number of rows below it."""
    with open_table(written(folder, content), choices=Choices(**choices)) as table:
        return table.header_row, table.header, len(list(table.rows()))


# ----- header row


@each(
    ("content", "number", "header", "rows"),
    [
        ("Serial,Item\nA1,B\n", 1, ("Serial", "Item"), 1),
        ("#made by X\n#keep the line below\nserial;name;location\nQ1;AP1;DOCK\nQ2;AP2;DOCK\n", 3,
         ("serial", "name", "location"), 2),
        ("Stock on hand\n\nFoo,Bar,Baz\nx,y,z\nu,v,w\n", 3, ("Foo", "Bar", "Baz"), 2),
        ("Serial numbers\nSerial,Item,Place\nA1,B,C\n", 2, ("Serial", "Item", "Place"), 1),
        ("Serial,Item\nA1,B\nSerial,Item\nA2,B\n", 1, ("Serial", "Item"), 3),
        ("Q3EB-AAAA-0001\nQ2EW-AAAA-0002\nQ2EW-AAAA-0003\n", NO_HEADER, ("A",), 3),
        ("A1;Warehouse\nA2;Warehouse\n", NO_HEADER, ("A", "B"), 2),
        ("Foo;Bar\nA1;x\nA2;Serial\n", 1, ("Foo", "Bar"), 2),
        ("SN-1\n", NO_HEADER, ("A",), 1),
        ("4711,x\n4712,y\n", NO_HEADER, ("A", "B"), 2),
        ("SN1001\nABX-2288\n99887\n", NO_HEADER, ("A",), 3),
        ("Ref,2024\nSN001,5\nSN002,6\n", 1, ("Ref", "2024"), 2),
        ("Serial numbers;\nSerial;Foo\nA1;x\nA2;y\n", 2, ("Serial", "Foo"), 2),
        ("Serial;\nA1;x\nA2;y\n", 1, ("Serial",), 2),
        ("IMEI 1,Address 2\n356938035643809,x\n356938035643817,y\n", 1, ("IMEI 1", "Address 2"), 2),
    ],
)  # fmt: skip
def test_the_header_is_the_row_with_known_names_or_the_first_whole_one_and_data_is_no_header(
    tmp_path: Path, content: str, number: int, header: tuple[str, ...], rows: int
) -> None:
    assert header_of(tmp_path, content) == (number, header, rows)


def test_the_header_row_can_be_chosen_and_moved(tmp_path: Path) -> None:
    content = "Serial,Item\nOld,Other\nA1,B\n"
    assert header_of(tmp_path, content, header_row=2) == (2, ("Old", "Other"), 1)
    assert header_of(tmp_path, content, header_row=NO_HEADER) == (NO_HEADER, ("A", "B"), 3)
    with pytest.raises(BadValue, match=r"There is no text in row 7 of serials\.csv\.") as refused:
        header_of(tmp_path, content, header_row=7)
    assert refused.value.details["field"] == "header_row"
    many = "".join(f"x{number},y\n" for number in range(300))
    assert header_of(tmp_path, f"{many}Serial,Item\nA1,B\n", header_row=301) == (301, ("Serial", "Item"), 1)
    path = write_xlsx(tmp_path / "a.xlsx", [("Title",), (), ("Serial", "Item"), ("A1", "B"), ("A2", "B")])
    with open_table(path) as table:
        assert (table.header_row, table.notes) == (3, ("The header is in row 3. The row above it is left out.",))
        table.take_header(4)
        assert (table.header, [row.number for row in table.rows()]) == (("A1", "B"), [5])
        with pytest.raises(BadValue):
            table.take_header(2)
        table.take_header(NO_HEADER)
        assert (table.header, [row.number for row in table.rows()]) == (("A", "B"), [1, 3, 4, 5])
        assert table.notes == ()
    with open_table(written(tmp_path, "A1\nA2\n")) as table:
        assert "so there is no header" in table.notes[0]


def test_rejected_rows_are_read_again_with_the_same_choices(tmp_path: Path) -> None:
    for choices, again in (
        (Choices(header_row=3), ("Serial", "Item", "Reason")),
        (Choices(NO_HEADER), ("A", "B", "Reason")),
    ):
        path = written(tmp_path, "a\nb\nSerial,Item\nA1,größer\nA2,x\n".encode("cp1252"))
        with open_table(path, choices=choices) as table, Rejects(table) as rejects:
            for row in table.rows():
                rejects.add(row, "Wrong.")
        assert rejects.path is not None
        chosen = Choices(choices.header_row, "cp949")  # the mark of UTF-8 at its beginning says more
        with open_table(rejects.path, choices=chosen) as table:
            assert (table.header, table.header_row) == (again, 1)
            assert [row.cells[1] for row in table.rows()][-2:] == ["größer", "x"]
        Path(rejects.path).unlink()
    assert mapping_for(("A", "Reason")) == {0: Field.SERIAL_NUMBER}


# ----- encodings


def encoding_of(folder: Path, content: bytes, **choices: Any) -> str:
    with open_table(written(folder, content), choices=Choices(**choices)) as table:
        return table.encoding


@each("text", ["Größe", "5 € – „x“", "Crème fenêtre française", "não, informação", "Ørsted, Åse",
                                  "10 m³ bei 20 °C", "N° 5", "ÄRGER", "Ubicación",
                                  "tamaño pequeño", "modèle, après", "qualità è già più", "beëindigd, één",
                                  "på lager, skärm", "ødelagt på værksted", "ábyrgð, þjónusta"])  # fmt: skip
def test_what_can_only_be_western_windows_is_read_without_a_question(tmp_path: Path, text: str) -> None:
    content = f"Serial,Notes\nA1,x\nA2,{text}\n".encode("cp1252")
    assert encoding_of(tmp_path, content) == "cp1252"


def test_one_odd_word_among_many_is_no_question(tmp_path: Path) -> None:
    words = [f"Gerät{'abcdefghijklmnopqrstuvwxyz'[number]}ön" for number in range(26)]
    content = "".join(f"A{number},{word}\n" for number, word in enumerate([*words, "Xäöüß"]))
    assert encoding_of(tmp_path, f"Serial,Notes\n{content}".encode("cp1252")) == "cp1252"
    with pytest.raises(BadValue):
        encoding_of(tmp_path, f"Serial,Notes\nA1,{words[0]}\nA2,Xäöüß\n".encode("cp1252"))


@each(
    ("text", "encoding"),
    [("정상 작동", "cp949"), ("倉庫 テスト", "shift_jis"), ("左侧 极限", "gb18030"), ("倉庫 測試", "big5"),
     ("Łódź książka", "cp1250"), ("naprawić", "cp1250"), ("Склад Москва", "cp1251"), ("naïve", "cp1252"),
     ("Größe", "mac_roman"), ("über", "cp850"), ("Αποθήκη", "cp1253"), ("①②", "cp932"),
     ("Poznań Pécs", "cp1250"), ("İstanbul Kadıköy", "cp1254"), ("Rīga bojāts", "cp1257"), ("Győr", "cp1250"),
     ("vadné zařízení", "cp1250"), ("części", "cp1250"), ("Ł-2", "cp1250")],
)  # fmt: skip
def test_what_can_be_read_in_several_encodings_is_asked_about_with_an_example_of_each(
    tmp_path: Path, text: str, encoding: str
) -> None:
    content = f"Serial,Notes\rA1,x\rA2,{text}\r".encode(encoding)
    with pytest.raises(BadValue) as refused:
        encoding_of(tmp_path, content)
    assert "serials.csv is not in UTF-8, and its encoding is not certain: line 3 is " in refused.value.message
    assert refused.value.details["option"] == "--encoding NAME"
    assert (encoding, f"A2,{text}") in [(one.name, one.example) for one in refused.value.details["encodings"]]
    path = written(tmp_path, content)
    with open_table(path, choices=Choices(encoding=encoding)) as table:
        assert [row.cells[1] for row in table.rows()] == ["x", text]


def test_known_headings_tell_the_encoding(tmp_path: Path) -> None:
    notes = "Serial;{}\nA1;Åber\n"
    assert encoding_of(tmp_path, notes.format("Gewährleistung bis").encode("mac_roman")) == "mac_roman"
    with pytest.raises(BadValue):
        encoding_of(tmp_path, notes.format("Foo").encode("mac_roman"))


def test_a_chosen_encoding_is_taken_as_it_is(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, "Serial\nA1\n".encode("utf-32-be"), encoding="utf-32-be") == "utf-32-be"
    assert encoding_of(tmp_path, "Serial\nA1\n".encode("cp037"), encoding="cp037") == "cp037"
    with pytest.raises(BadValue, match=r"serials\.csv is not in shift_jis: line 3 cannot be read in it\.") as refused:
        encoding_of(tmp_path, b"Serial\nA1\nA\xff\n", encoding="shift_jis")
    assert refused.value.details["field"] == "encoding"
    assert (codec("Windows-1252"), codec("latin1"), codec("base64"), codec("nope"), codec("a b\0")) == (
        "cp1252", "iso8859-1", None, None, None,
    )  # fmt: skip


# ----- dates


def days(*texts: str, chosen: DateOrder | None = None, usual: DateOrder | None = None) -> list[str]:
    """The days of a column, or how each is refused."""
    column = DateColumn("When", chosen, usual)
    for row, text in enumerate(texts, 2):
        column.look(text, row)
    if column.is_open:
        raise column.undecided()
    read: list[str] = []
    for text in texts:
        try:
            read.append(column.read(text).isoformat())
        except BadValue as refusal:
            read.append(refusal.message)
    return read


@each(
    ("texts", "expected"),
    [
        (["12/09/2021", "15/03/2022"], ["2021-09-12", "2022-03-15"]),
        (["6.04.2021", "5.31.2021"], ["2021-06-04", "2021-05-31"]),
        (["6.04.21", "5.31.21"], ["2021-06-04", "2021-05-31"]),
        (["6.04.2021"], ["2021-04-06"]),
        (["1/2/23", "1/23/23", "1/14/2021 16:59"], ["2023-01-02", "2023-01-23", "2021-01-14"]),
        (["12/09/21", "13/05/22"], ["2021-09-12", "2022-05-13"]),
        (["99/12/05", "25/01/15"], ["1999-12-05", "2025-01-15"]),
        (["02-03-2024", "2024-03-31", "3 März 2024", "28-03-2024"],
         ["2024-03-02", "2024-03-31", "2024-03-03", "2024-03-28"]),
        (["05/05/2025"], ["2025-05-05"]),
    ],
)  # fmt: skip
def test_a_column_decides_how_its_dates_are_read(texts: list[str], expected: list[str]) -> None:
    assert days(*texts) == expected


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_a_date_in_a_cell_that_counts_hours_is_a_date(tmp_path: Path, epoch_1904: bool) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": epoch_1904}) as book:
        sheet = book.add_worksheet()
        hours = book.add_format({"num_format": "[h]:mm:ss"})
        sheet.write_row(0, 0, ["Serial", "Came", "Ran"])
        sheet.write_string(1, 0, "A1")
        sheet.write_datetime(1, 1, datetime(2023, 3, 15, 7), hours)  # noqa: DTZ001 - a spreadsheet has no time zones
        sheet.write_number(1, 2, 30.5, hours)
    with open_table(str(path)) as table:
        assert next(table.rows()).cells == ("A1", "2023-03-15 07:00:00", "732:00:00")


def test_a_column_that_does_not_decide_is_asked_about() -> None:
    with pytest.raises(BadValue) as refused:
        days("2024-01-01", "12/09/2021", "05/05/2025")
    assert refused.value.message == (
        "The dates in the column When can be read in two ways: 12/09/2021 in row 3 is 2021-09-12 with the day first or "
        "2021-12-09 with the month first."
    )
    assert refused.value.details["days"] == {DateOrder.DMY: date(2021, 9, 12), DateOrder.MDY: date(2021, 12, 9)}
    assert refused.value.details["option"] == "--dates dmy|mdy"
    with pytest.raises(BadValue, match="2025-12-05 with the year first"):
        days("25/12/05")
    assert days("12/09/2021", chosen=DateOrder.MDY) == days("12/09/2021", usual=DateOrder.MDY) == ["2021-12-09"]
    assert days("12/09/2021", "13/09/2021", usual=DateOrder.MDY) == ["2021-09-12", "2021-09-13"]
    assert days("25/12/05", "12/09/2021", chosen=DateOrder.YMD)[0] == "2025-12-05"


def test_contradictory_dates_are_refused_and_a_choice_reads_those_that_fit() -> None:
    texts = ["13/01/2020", "01/13/2020", "03/04/2020", "2020-01-01"]
    read = days(*texts)
    assert all("are not all in one order: 13/01/2020 in row 2, 01/13/2020 in row 3." in text for text in read[:3])
    assert read[3] == "2020-01-01"
    read = days(*texts, chosen=DateOrder.DMY)
    assert (read[0], read[2], read[3]) == ("2020-01-13", "2020-04-03", "2020-01-01")
    assert read[1].startswith("01/13/2020 is no date with the day first, as the others of its column are read.")


# ----- together, on both engines


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    staging.end()


def opened(path: str, choices: Choices = NOTHING_CHOSEN) -> FileTable:
    return open_table(path, choices=choices, recall=remembered)


def staged(warehouse: Warehouse, table: FileTable, choices: Choices = NOTHING_CHOSEN) -> Staged:
    mapping = mapping_for(table.header)
    return stage(warehouse.boss, table, mapping, item="SAW-1", choices=choices, progress=lambda done, total: None)


def received() -> dict[str, str]:
    """The dates on which serials were received."""
    return {row.serial_number: row.date_received.isoformat() for row in Serial.select() if row.serial_number[0] == "A"}


def test_dates_far_down_decide_for_the_rows_above_them(warehouse: Warehouse, tmp_path: Path) -> None:
    many = "".join(f"A-{number},03/04/2021\n" for number in range(2_500))
    path = written(tmp_path, f"Serial,Date Received\n{many}A-X,13/04/2021\nA-Y,6.1.2021\n")
    with opened(path) as table:
        found = staged(warehouse, table)
        assert (found.counts.rows, found.counts.errors) == (2_502, 0)
    import_staged(warehouse.boss, found.source, progress=lambda done, total: None)
    dates = received()
    assert (dates["A-0"], dates["A-2499"], dates["A-X"], dates["A-Y"]) == (
        "2021-04-03", "2021-04-03", "2021-04-13", "2021-01-06",
    )  # fmt: skip
    mixed = f"Serial,Date Received\nB-X,13/04/2021\n{many.replace('A-', 'B-')}B-Y,04/13/2021\n"
    with opened(written(tmp_path, mixed)) as table:
        assert staged(warehouse, table).counts.new == 0


def test_what_was_chosen_is_remembered_with_the_header_and_wins(warehouse: Warehouse, tmp_path: Path) -> None:
    text = "Foo\nListe\n일련번호A,Zustand,Came,SN\nx,정상 작동,03/04/2021,A-1\n"
    path = written(tmp_path, text.encode("cp949"), "one.csv")
    with pytest.raises(BadValue):
        opened(path)
    chosen = Choices(3, "cp949", DateOrder.MDY, split=True)
    mapping = {3: Field.SERIAL_NUMBER, 1: Field.CONDITION_NOTES, 2: Field.DATE_RECEIVED}
    with opened(path, chosen) as table:
        assert table.remembered == NOTHING_CHOSEN
        found = stage(warehouse.boss, table, mapping, item="SAW-1", choices=chosen, progress=lambda done, total: None)
        import_staged(warehouse.boss, found.source, progress=lambda done, total: None)
        remember_mapping(warehouse.boss, table.header, mapping, chosen)
    # Other lines above it: the header is found by what is remembered, and with it the encoding and the rest.
    again = text.replace("Foo\n", "Foo\nBar\nSerial,Item,Place\n").replace("A-1", "A-2").encode("cp949")
    with opened(written(tmp_path, again, "two.csv")) as table:
        assert (table.encoding, table.header_row, table.remembered) == ("cp949", 5, chosen)
        assert mapping_for(table.header) == mapping
        found = staged(warehouse, table)
        import_staged(warehouse.boss, found.source, progress=lambda done, total: None)
    assert received() == {"A-1": "2021-03-04", "A-2": "2021-03-04"}
    # A column that decides needs no memory, and what is chosen now replaces it.
    with opened(written(tmp_path, again.replace(b"03/04/2021,A-2", b"13/04/2021,A-3"), "three.csv")) as table:
        assert staged(warehouse, table).counts.errors == 0
        remember_mapping(warehouse.boss, table.header, mapping, Choices(dates=DateOrder.DMY))
        assert remembered([table.header])[0] == Choices(3, "cp949", DateOrder.DMY, split=True)
    assert remembered([("Other",)]) == {}


def test_a_column_of_serials_without_a_header_loses_none(warehouse: Warehouse, tmp_path: Path) -> None:
    with opened(written(tmp_path, "Q3EB-AAAA-0001\nQ2EW-AAAA-0002\n")) as table:
        assert staged(warehouse, table).counts.new == 2
    with (
        opened(written(tmp_path, "Q3EB-AAAA-0001;x\nQ2EW-AAAA-0002;y\n")) as table,
        pytest.raises(BadValue, match=r"No column is the serial number\. The file has A, B\. Say which one is\."),
    ):
        staged(warehouse, table)
