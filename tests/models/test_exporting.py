"""Lists in files: every format, imported again without a mapping, and never half a file."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models import clock
from models.customers import CustomerSource, add_customer
from models.database.connection import call, connect, disconnect, open_database
from models.documents import EveryDocument
from models.errors import BadValue, Cancelled, DamagedRow, NotPermitted, Stop, Unreachable
from models.exporting import lists
from models.exporting.export import Exported, Make, StreamExport, export_file
from models.exporting.formats import ExportFormat
from models.importing import staging
from models.importing.cells import guarded
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.serial_cells import marked
from models.importing.table import open_table
from models.items.items import create_item
from models.items.list import ItemSource
from models.items.stock import StockChanges
from models.locations import PlaceSource, StockSource, find_location
from models.permissions import Actor, Permission
from models.schema import Serial, bound
from models.serials.add import add_serials
from models.serials.columns import LOCATION, RECEIVED, STATUS
from models.serials.grid import Selection, SerialSource
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_serial
from models.statuses import StatusSource
from models.text import clean_serial, serial_key
from models.verbs import VERBS
from tests.support.warehouse import Warehouse, open_warehouse, person, statements


def export(warehouse: Warehouse, make: Make, path: Path, **options: Any) -> Exported:
    """Export to a file, as the screens and commands do."""
    actor = options.pop("actor", warehouse.boss)
    options = {"progress": Stop()} | options
    return call(bound.obj, export_file, actor, make, str(path), **options)


def all_serials() -> lists.SerialsExport:
    return lists.every_serial(None, {})


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def read_sheet(path: Path) -> Any:
    return openpyxl.load_workbook(path).worksheets[0]


def take_in(warehouse: Warehouse, path: Path) -> int:
    """Import a file as its header is understood; every row must be good."""
    try:
        with open_table(str(path)) as table:
            staged = stage(warehouse.boss, table, mapping_for(table.header), progress=Stop())
        assert staged.problem == ""
        return import_staged(warehouse.boss, staged.source, progress=Stop()).serials
    finally:
        staging.end()


@pytest.fixture
def elsewhere(
    database: Any, engine: str, templates: Any, tmp_path: Path, worker_id: str, request: pytest.FixtureRequest
) -> Callable[[str], Any]:
    """Opens another database with the usual warehouse, and then the first one again."""

    @contextmanager
    def opened(name: str) -> Iterator[Warehouse]:
        if engine == "sqlite":
            file = tmp_path / f"{name}.sqlite3"
            shutil.copyfile(templates.file(open_warehouse), file)
            with at(f"sqlite:///{file}") as warehouse:
                yield warehouse
        else:
            server = request.getfixturevalue("postgres")
            with (
                server.database(f"{name}_{worker_id}", templates.name(server, open_warehouse)) as url,
                at(url) as warehouse,
            ):
                yield warehouse

    @contextmanager
    def at(url: str) -> Iterator[Warehouse]:
        other = open_database(url)
        try:
            connect(other)
            yield open_warehouse()
        finally:
            disconnect(other)
            bound.initialize(database)

    return opened


# ----- there and back


def hostile_serials(count: int) -> list[str]:
    """Serials of every printable character, those that spreadsheets run, cut or change among them."""
    chosen = random.Random(7)
    characters = [chr(code) for code in range(32, 127)]
    found = ["=1+1", "+49", "-5", "@SUM(A1)", "'=1", "''A", "'A", "00012", "1E5", "12345678901234567890", "TRUE", "A,B"]
    found += ['A"B', "A;B", "A\\B", "_x0041_", "A_x000D_B", "<b>&amp;</b>", "{1}", "2025-03-04", "1/2", "50%", "A  B"]
    found += ["1.23E+14", "'1.23E+14", "#REF1!", "Total", "'Total", "Serial Number", "SN-1..SN-5", "N/A", '="0012"']
    found += ['\'="0012"', "CZ10001 CZ10002", "000000", "''A,B"]
    seen = {serial_key(text) for text in found}
    while len(found) < count:
        text = "".join(chosen.choices(characters, k=chosen.randint(1, 64))).strip()
        if chosen.random() < 0.3:
            text = chosen.choice("=+-@'") + text
        try:
            text = clean_serial(text)
        except BadValue:
            continue
        if serial_key(text) not in seen:
            seen.add(serial_key(text))
            found.append(text)
    return found


NOTES = ("=cmd|'/c calc'!A1", 'zwei\nZeilen, "so"', "日本語 Ä Ünü 😀", "-", "'quoted", "@x", "")
STATES = ("In Stock", "Defective", "Sold", "Reserved", "In Repair", "Returned", "Lost", "Scrapped")


def foreign_file(path: Path, serials: Sequence[str]) -> None:
    """A file with serials in every status that can be imported, with notes, warranties and customers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["Serial", "Item", "Place", "Status", "Customer", "Notes", "Warranty from", "Warranty to", "Date in"]
        )
        for number, serial in enumerate(serials):
            state = STATES[number % len(STATES)]
            buyer = ("Größe & Söhne", "=Kreis", "'ACME")[number % 3] if state in ("Sold", "Reserved") else ""
            covered = ("2025-01-01", "2031-12-31") if number % 4 == 0 else ("", "2020-02-29" if number % 4 == 1 else "")
            place = ("DOCK", "SHELF", "SHOP", "")[number % 4]
            note = NOTES[number % len(NOTES)]
            row = [marked(serial), "SAW-1", place, state, buyer, note, *covered, "2019-08-07"]
            out.writerow(map(guarded, row))


def test_an_export_of_serials_is_imported_again_without_a_mapping(
    warehouse: Warehouse, elsewhere: Callable[[str], Any], engine: str, tmp_path: Path
) -> None:
    # Ten thousand once: reading them takes most of the time, and both engines read with the same code.
    serials = hostile_serials(10_000 if engine == "sqlite" else 1_000)
    foreign_file(tmp_path / "given.csv", serials)
    assert take_in(warehouse, tmp_path / "given.csv") == len(serials)
    files = {form: tmp_path / f"first{form.suffix}" for form in ExportFormat}
    for path in files.values():
        assert export(warehouse, all_serials, path).rows == len(serials)
    # What was written is what is there, by other readers than our own.
    book = openpyxl.load_workbook(files[ExportFormat.XLSX], read_only=True)
    rows = list(book.worksheets[0].iter_rows(min_row=2, max_row=1_001, max_col=7, values_only=True))
    book.close()
    objects = [json.loads(line) for line in files[ExportFormat.JSONL].read_text("ascii").splitlines()]
    assert sorted(row["serial_number"] for row in objects) == sorted(serials)
    assert [guarded(marked(one["serial_number"])) for one in objects] == [
        one["Serial Number"] for one in read_csv(files[ExportFormat.CSV])
    ]
    texts = [one["serial_number"] for one in objects[:1_000]]
    kept = [f"'{text}" if re.match(r"'+[=+@-]", text) else text for text in map(marked, texts)]
    assert [row[0].replace("_x005F_", "_") for row in rows] == kept  # openpyxl leaves this escape as it is
    assert {row[6].date() for row in rows} == {date(2019, 8, 7)}
    # And our own reads all of it back: the database made from it exports the same bytes.
    for form in (ExportFormat.XLSX,) if engine == "sqlite" else (ExportFormat.CSV, ExportFormat.XLSX):
        with elsewhere(f"again_{form}") as other:
            assert take_in(other, files[form]) == len(serials)
            again = tmp_path / f"again_{form}.csv"
            export(other, all_serials, again)
            assert again.read_bytes() == files[ExportFormat.CSV].read_bytes()


# ----- what a list shows


@pytest.fixture
def stocked(warehouse: Warehouse) -> Warehouse:
    """Five serials in three statuses at three places, and one of another item."""
    ids = warehouse.add("SN-9", "SN-10", "SN-11", "XX-1", "XX-2")
    create_item(warehouse.boss, "BIT-9", "Bits", location="DOCK", track_serials=True)
    transfer_serials(warehouse.boss, [ids[2]], "SHELF")
    move(warehouse.boss, VERBS["sell"], ids[:2], Answers(customer="Kreis GmbH"))
    return warehouse


def numbers(path: Path) -> list[str]:
    return [row["Serial Number"] for row in read_csv(path)]


def test_filter_order_and_marks_of_a_list_are_those_of_its_file(stocked: Warehouse, tmp_path: Path) -> None:
    item = stocked.item.id

    def exported(name: str, selection: Selection, keys: Sequence[str] | None = None) -> list[str]:
        path = tmp_path / f"{name}.csv"
        export(stocked, lambda: lists.SerialsExport(SerialSource(selection), keys=keys), path)
        return numbers(path)

    assert exported("natural", Selection(item)) == ["SN-9", "SN-10", "SN-11", "XX-1", "XX-2"]
    assert exported("falling", Selection(item, descending=True)) == ["XX-2", "XX-1", "SN-11", "SN-10", "SN-9"]
    assert exported("found", Selection(item, find="xx")) == ["XX-1", "XX-2"]
    by_status = Selection(item, order=STATUS, descending=True)
    assert exported("status", by_status) == ["SN-10", "SN-9", "XX-2", "XX-1", "SN-11"]
    place = find_location("SHELF").id
    assert exported("place", Selection(item, {LOCATION: place}, order=RECEIVED)) == ["SN-11"]
    marks = [str(find_serial(text)) for text in ("XX-2", "SN-9")]
    assert exported("marked", by_status, [*marks, "999999"]) == ["SN-9", "XX-2"]


def test_serials_of_a_customer_and_of_a_document_have_the_columns_of_all(stocked: Warehouse, tmp_path: Path) -> None:
    export(stocked, lambda: lists.serials_of_customer("kreis gmbh"), tmp_path / "customer.csv")
    assert numbers(tmp_path / "customer.csv") == ["SN-9", "SN-10"]
    done = export(stocked, lambda: lists.serials_of_document("s-000001"), tmp_path / "document.jsonl")
    assert (done.rows, done.form) == (2, ExportFormat.JSONL)
    first = json.loads((tmp_path / "document.jsonl").read_text().splitlines()[0])
    assert first == {
        "serial_number": "SN-9",
        "item": "SAW-1",
        "status": "sold",
        "location": "MAIN",
        "customer": "Kreis GmbH",
        "warranty_status": "none",
        "date_received": clock.today().isoformat(),
        "condition_notes": "",
        "warranty_start": None,
        "warranty_end": None,
        "warranty_void": None,
    }


def test_the_history_of_a_serial_and_of_all_serials_of_a_document(stocked: Warehouse, tmp_path: Path) -> None:
    export(stocked, lambda: lists.history_of("sn-9", "SAW-1"), tmp_path / "one.csv")
    one = read_csv(tmp_path / "one.csv")
    assert [(row["Number"], row["What"], row["Document"], row["Status After"]) for row in one] == [
        ("1", "added", "", "In Stock"),
        ("2", "sold", "S-000001", "Sold"),
    ]
    assert one[1]["Customer After"] == "Kreis GmbH"
    done = export(stocked, lambda: lists.history_of_document("S-000001"), tmp_path / "all.jsonl")
    told = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert done.rows == len(told) == 4
    assert [(row["serial_number"], row["kind"]) for row in told] == [
        ("SN-9", "added"),
        ("SN-9", "sold"),
        ("SN-10", "added"),
        ("SN-10", "sold"),
    ]
    assert all(row["at"].endswith("Z") for row in told)


def test_every_other_list_in_every_format(stocked: Warehouse, tmp_path: Path) -> None:
    add_customer(stocked.boss, "=Risk()", notes="two\nlines")
    makes: dict[str, tuple[Make, int]] = {
        "items": (lambda: lists.items(ItemSource()), 2),
        "locations": (lambda: lists.locations(PlaceSource()), 4),
        "stock": (lambda: lists.stock(StockSource(find_location("MAIN").id)), 1),
        "customers": (lambda: lists.customers(CustomerSource()), 2),
        "documents": (lambda: lists.documents(EveryDocument()), 2),
        "quantities": (lambda: lists.stock_changes(StockChanges(stocked.item.id)), 4),
        "statuses": (lambda: lists.status_list(StatusSource()), 10),
        "none": (lambda: lists.documents(EveryDocument("void")), 0),
    }
    for name, (make, rows) in makes.items():
        for form in ExportFormat:
            path = tmp_path / f"{name}{form.suffix}"
            assert export(stocked, make, path).rows == rows, name
            lines = path.read_bytes().splitlines()
            if form is ExportFormat.XLSX:
                sheet = read_sheet(path)
                assert (sheet.max_row, sheet.freeze_panes) == (rows + 1, "A2")
                assert sheet.auto_filter.ref.endswith(str(rows + 1))
            elif name != "customers" or form is not ExportFormat.CSV:  # a note of two lines
                assert len(lines) == rows + (form is not ExportFormat.JSONL), name
    assert [row["Name"] for row in read_csv(tmp_path / "customers.csv")] == ["'=Risk()", "Kreis GmbH"]
    assert "two / lines" in (tmp_path / "customers.txt").read_text()
    sheet = read_sheet(tmp_path / "items.xlsx")
    assert [cell.value for cell in sheet[3]][:6] == ["SAW-1", "Circular saw", "MAIN", 10 - 2, "yes", 3]


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(
    stocked: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.exporting.formats.MOST_ROWS", 2)
    export(stocked, all_serials, tmp_path / "long.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "long.xlsx").worksheets
    assert [(sheet.title, sheet.max_row) for sheet in sheets] == [("serials", 3), ("serials 2", 3), ("serials 3", 2)]
    assert [sheet["A2"].value for sheet in sheets] == ["SN-9", "SN-11", "XX-2"]


def test_statements_do_not_depend_on_the_rows_of_a_page(stocked: Warehouse, database: Any, tmp_path: Path) -> None:
    with statements(database) as few:
        export(stocked, all_serials, tmp_path / "few.csv")
    stocked.add(*(f"N-{number}" for number in range(500)))
    with statements(database) as many:
        export(stocked, all_serials, tmp_path / "many.csv")
    assert len(numbers(tmp_path / "many.csv")) == 505
    assert len(many) == len(few)


# ----- nothing half, nothing unasked


def test_who_may_not_look_exports_nothing(stocked: Warehouse, tmp_path: Path) -> None:
    blind = person(stocked.boss, "blind", Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted, match="INV_VIEW"):
        export(stocked, all_serials, tmp_path / "a.csv", actor=blind)
    with pytest.raises(NotPermitted, match="INV_VIEW"):
        call(bound.obj, StreamExport(io.BytesIO(), ExportFormat.CSV), blind, all_serials, progress=Stop())
    assert list(tmp_path.glob("a*")) == []


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(stocked: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    path.chmod(0o640)
    with pytest.raises(BadValue, match=r"a\.csv is there already") as refused:
        export(stocked, all_serials, path)
    assert refused.value.details["there"]
    assert path.read_text() == "mine"
    (tmp_path / "link.csv").symlink_to(path)
    export(stocked, all_serials, tmp_path / "link.csv", force=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert len(numbers(path)) == 5
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("has_nameless_files", [True, False])
def test_a_cancel_or_a_fault_leaves_nothing_and_what_was_there(
    stocked: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_nameless_files: bool
) -> None:
    if not has_nameless_files:  # as on a file system or a system that has none
        monkeypatch.setattr(os, "O_TMPFILE", 0)
    folder = tmp_path / "out"
    folder.mkdir()
    stopped = Stop()
    stopped.wanted = True
    for form in ExportFormat:
        with pytest.raises(Cancelled):
            export(stocked, all_serials, folder / f"a{form.suffix}", progress=stopped)
    (folder / "old.csv").write_text("old")
    with pytest.raises(Cancelled, match="No file was written"):
        export(stocked, all_serials, folder / "old.csv", force=True, progress=stopped)
    assert [path.name for path in folder.iterdir()] == ["old.csv"]
    assert (folder / "old.csv").read_text() == "old"
    export(stocked, all_serials, folder / "old.csv", force=True)
    export(stocked, all_serials, folder / "new.csv")
    with pytest.raises(BadValue, match="is there already"):
        export(stocked, all_serials, folder / "new.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["new.csv", "old.csv"]
    assert (folder / "new.csv").read_bytes() == (folder / "old.csv").read_bytes()


def test_a_file_that_cannot_be_written_is_refused_in_words(stocked: Warehouse, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, said in (
        (tmp_path / "nowhere" / "a.csv", "No such file or directory"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe.csv", "is a device or a pipe"),
        (tmp_path / f"{'n' * 300}.csv", "File name too long"),
    ):
        with pytest.raises(BadValue, match=said):
            export(stocked, all_serials, path, form=ExportFormat.CSV)
    with pytest.raises(BadValue, match="says no format"):
        export(stocked, all_serials, tmp_path / "a.pdf")


def test_a_kill_leaves_nothing(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from models.exporting.files import NewFile
        with NewFile(sys.argv[1]) as file:
            file.stream.write(b"half")
            file.stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    folder = tmp_path / "out"
    folder.mkdir()
    code = textwrap.dedent(program)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder / "a.csv")], check=False, cwd=Path(__file__).parents[2]
    )
    assert ran.returncode == -signal.SIGKILL
    assert list(folder.iterdir()) == []


def test_a_stream_is_not_begun_anew_after_a_lost_connection(stocked: Warehouse) -> None:
    stream = io.BytesIO()
    export_it = StreamExport(stream, ExportFormat.CSV)
    call(bound.obj, export_it, stocked.boss, all_serials, progress=Stop())
    before = stream.getvalue()
    assert before.startswith(b"Serial Number,")
    with pytest.raises(Unreachable, match="the output is incomplete"):
        call(bound.obj, export_it, stocked.boss, all_serials, progress=Stop())
    assert stream.getvalue() == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_damaged_value_is_named_and_no_file_is_made(stocked: Warehouse, tmp_path: Path) -> None:
    bound.execute_sql("UPDATE serials SET condition_notes = CAST('x' AS BLOB) WHERE serial_key = 'SN-10'")
    with pytest.raises(DamagedRow, match="serials"):
        export(stocked, all_serials, tmp_path / "a.csv")
    assert list(tmp_path.glob("*a.csv*")) == []


def test_all_is_of_one_moment(stocked: Warehouse, database: Any, tmp_path: Path) -> None:
    """Others add while it is written: what was there at the begin is exported, no row twice, none left out."""
    stocked.add(*(f"N-{number:05}" for number in range(4_000)))
    before = Serial.select().count()
    added: list[Any] = []

    def progress(done: int, total: int) -> None:
        if done and not added:
            added.append(_add_elsewhere(database, stocked.boss, stocked.item.id))

    path = tmp_path / "a.csv"
    assert export(stocked, all_serials, path, progress=progress).rows == before
    assert len(set(numbers(path))) == before
    assert Serial.select().count() == before + 1


def _add_elsewhere(database: Any, boss: Actor, item_id: int) -> None:
    """Add a serial that comes early in the list, by another connection."""

    def work() -> None:
        connect(database)
        try:
            add_serials(boss, item_id, ["A-FIRST"])
        finally:
            disconnect(database)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
