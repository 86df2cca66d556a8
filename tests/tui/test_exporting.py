"""Out of the program: Ctrl+W writes what a list shows to a file, Ctrl+Y copies to the clipboard of the terminal."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models.config import Config
from models.customers import add_customer, find_customer
from models.documents import find_document
from models.exporting.lists import to_export
from models.items.items import create_item
from models.locations import find_location
from models.serials.moves import Answers, move
from models.serials.record import find_serial
from models.verbs import VERBS
from tests.support.app import at_rest, keys, open_item, opened, seen
from tests.support.classes import classes_below
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, open_warehouse
from tui.items.list import ItemsScreen
from tui.items.new import NewItemDialog
from tui.keymap import check_keymap
from tui.kit.bars import MessageLine
from tui.kit.record_table import RecordTable
from tui.records.exporting import ExportDialog
from tui.routes import (
    CustomerRecord,
    Customers,
    DocumentRecord,
    Documents,
    People,
    PlaceRecord,
    Places,
    Route,
    SerialRecord,
    Statuses,
    StockHistory,
)
from tui.station.screen import StationScreen


def _a_sale() -> None:
    """Serials, one of them sold, and another item."""
    warehouse = open_warehouse()
    ids = warehouse.add("SN-1", "SN-2", "SN-3", "=SN-4")
    move(warehouse.boss, VERBS["sell"], ids[:1], Answers(customer="Kreis GmbH"))
    create_item(warehouse.boss, "BIT-9", "Bits")


CONTENTS = {"warehouse": _a_sale}


@pytest.fixture
def warehouse(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """With a folder of its own to write to."""
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    return warehouse


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def message(pilot: Pilot[Any]) -> str:
    """The message of the screen in front; it may be broken over lines, wherever its path is long."""
    return pilot.app.screen.query_one(MessageLine).said


async def export(pilot: Pilot[Any], name: str) -> Path:
    """Press Ctrl+W, give the file a name, write it, and wait until the dialog is closed."""
    await keys(pilot, "ctrl+w")
    dialog = pilot.app.screen
    assert isinstance(dialog, ExportDialog)
    dialog.field.value = name
    await keys(pilot, "f10")
    await until(pilot, lambda: pilot.app.screen is not dialog, "the dialog stays")
    await at_rest(pilot)
    return Path.cwd() / name


async def test_every_list_is_exported_as_it_is_shown_and_what_find_leaves_of_it(
    database: Any, warehouse: Warehouse
) -> None:
    add_customer(warehouse.boss, "Maier")
    sold = find_serial("SN-1", "SAW-1")
    routes: dict[str, tuple[Route[None], str, list[str]]] = {
        "customers": (Customers(), "Name", ["Kreis GmbH", "Maier"]),
        "customer": (CustomerRecord(find_customer("Kreis GmbH").id), "Serial Number", ["SN-1"]),
        "documents": (Documents(), "Document", ["S-000001"]),
        "document": (DocumentRecord(find_document("S-000001").id), "Serial Number", ["SN-1"]),
        "places": (Places(), "Location", ["DOCK", "MAIN", "SHELF", "SHOP"]),
        "place": (PlaceRecord(find_location("MAIN").id), "SKU", ["SAW-1"]),
        "statuses": (Statuses(), "Code", ["in_stock", "reserved", "returned"]),
        "people": (People(), "User", [warehouse.boss.login]),
        "stock": (StockHistory(warehouse.item.id), "Units", ["-1", "10"]),
        "history": (SerialRecord(sold), "What", ["added", "sold"]),
    }
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, *"saw")
        path = await export(pilot, "found.csv")
        assert [row["SKU"] for row in rows(path)] == ["SAW-1"]
        await keys(pilot, "escape")
        assert [row["SKU"] for row in rows(await export(pilot, "items.csv"))] == ["BIT-9", "SAW-1"]
        for name, (route, heading, values) in routes.items():
            pilot.app.run_worker(pilot.app.open(route), group="open")  # type: ignore[attr-defined]
            await at_rest(pilot)
            path = await export(pilot, f"{name}.csv")
            assert [row[heading] for row in rows(path)][: len(values)] == values, name
            await keys(pilot, "f3")
        await open_item(pilot, "SAW-1", "ctrl+t")
        await keys(pilot, "home", "space", "end", "space")
        path = await export(pilot, "marked.jsonl")
        assert path.read_text().count("\n") == 2
        assert message(pilot).endswith("marked.jsonl, 2 rows.")
        await keys(pilot, "ctrl+u", "ctrl+t")
        assert [row["Document"] for row in rows(await export(pilot, "of-item.csv"))] == ["S-000001"]


async def test_format_question_and_refusals(database: Any, warehouse: Warehouse, tmp_path: Path) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "ctrl+w")
        dialog = pilot.app.screen
        assert isinstance(dialog, ExportDialog)
        assert dialog.field.value.startswith("items-")
        assert dialog.field.value.endswith(".csv")
        await keys(pilot, "f4", "down", "enter")
        assert dialog.field.value.endswith(".xlsx")
        await seen(pilot, "XLSX, for spreadsheets", "2 rows")
        dialog.field.value = ""
        await keys(pilot, "f10")
        await seen(pilot, "Give the file a name.")
        dialog.field.value = str(tmp_path)
        await keys(pilot, "f10")
        await until(pilot, lambda: "is a folder" in dialog.query_one("MessageLine").said, "nothing is said")  # type: ignore[attr-defined]
        dialog.field.value = "nowhere/a.csv"
        await keys(pilot, "f10")
        await until(pilot, lambda: "cannot be written" in dialog.query_one("MessageLine").said, "nothing is said")  # type: ignore[attr-defined]
        (tmp_path / "there.txt").write_text("mine")
        dialog.field.value = "../there.txt"
        await keys(pilot, "f10")
        await seen(pilot, "Replace the file?")
        await keys(pilot, "f3")
        await seen(pilot, "The file is as it was.")
        assert (tmp_path / "there.txt").read_text() == "mine"
        await keys(pilot, "f10")
        await seen(pilot, "Replace the file?")
        await keys(pilot, "f10")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog), "the dialog stays")
        await at_rest(pilot)
        assert "Circular saw" in (tmp_path / "there.txt").read_text()
        assert list(Path.cwd().iterdir()) == []
        # The folder is remembered for the next one.
        await keys(pilot, "ctrl+w")
        assert isinstance(pilot.app.screen, ExportDialog)
        assert pilot.app.screen._folder == str(tmp_path)


async def test_writing_can_be_stopped_and_a_document_is_printed_as_a_pdf_too(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    what = to_export(1)

    class Slow:
        """A list whose rows come until it is stopped."""

        name, rows, marked, hidden, source = what.name, 1, (), 0, 1

        def make(self) -> Any:
            return self

        columns = staticmethod(what.make().columns)

        def count(self) -> int:
            return 1

        def pages(self) -> Any:
            while True:
                yield []

    async with opened(database, warehouse.boss) as pilot:
        dialog = ExportDialog(Slow())  # type: ignore[arg-type]
        pilot.app.push_screen(dialog)
        await at_rest(pilot)
        dialog.action_write()
        await until(pilot, lambda: dialog._stop is not None and dialog._stop.total == 1, "it does not begin")
        await keys(pilot, "f12")
        await until(pilot, lambda: dialog._stop is None, "it goes on")
        await seen(pilot, "The export was stopped. No file was written.")
        assert list(Path.cwd().iterdir()) == []
        await keys(pilot, "f3")
        assert pilot.app.screen is not dialog

        route = DocumentRecord(find_document("S-000001").id)
        pilot.app.run_worker(pilot.app.open(route), group="open")  # type: ignore[attr-defined]
        await at_rest(pilot)
        await keys(pilot, "ctrl+w", "f4", *["down"] * 5, "enter")
        dialog = pilot.app.screen
        assert isinstance(dialog, ExportDialog)
        assert dialog.field.value.endswith(".pdf")
        await seen(pilot, "PDF with a barcode for each serial")
        dialog.field.value = "sale.pdf"
        await keys(pilot, "f10")
        await until(pilot, lambda: pilot.app.screen is not dialog, "the dialog stays")
        await at_rest(pilot)
        assert message(pilot).endswith("sale.pdf, 1 page.")
        assert (tmp_path / "out" / "sale.pdf").read_bytes().startswith(b"%PDF-")
        # Elsewhere a .pdf is no format.
        await keys(pilot, "f3", "ctrl+w")
        assert isinstance(pilot.app.screen, ExportDialog)
        assert not pilot.app.screen.is_pdf


async def test_a_key_copies_the_serial_then_the_row_and_all_marked_serials_unless_they_are_too_many(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1", "ctrl+t")
        await keys(pilot, "ctrl+k")
        with monkeypatch.context() as few:
            few.setattr("tui.kit.page.MOST_BYTES", 10)
            await keys(pilot, "ctrl+y")
            await seen(pilot, "These are 20 bytes, and terminals take about 10 at once.")
            few.setattr("tui.kit.page.MOST_COPIED", 3)
            await keys(pilot, "ctrl+y")
            await seen(pilot, "4 rows are marked, and at most 3 are copied together.")
            assert pilot.app.clipboard == ""
        await keys(pilot, "f3")

        await keys(pilot, "ctrl+y")
        assert pilot.app.clipboard == "BIT-9"
        await keys(pilot, *"saw", "ctrl+y")  # in Find, about the row under the cursor
        assert pilot.app.clipboard == "SAW-1"
        await open_item(pilot, "SAW-1", "ctrl+t")
        await keys(pilot, "home", "ctrl+y")
        assert pilot.app.clipboard == "=SN-4"
        await seen(pilot, "Copied =SN-4. Again copies the whole row.")
        await keys(pilot, "ctrl+y")
        assert pilot.app.clipboard.split("\t")[:3] == ["=SN-4", "+ In Stock", "MAIN"]
        await keys(pilot, "ctrl+k", "ctrl+y")
        assert pilot.app.clipboard == "=SN-4\nSN-1\nSN-2\nSN-3"
        await seen(pilot, "Copied 4 marked rows, a line each.")
        pilot.app.run_worker(pilot.app.open(SerialRecord(find_serial("SN-1", "SAW-1"))), group="open")  # type: ignore[attr-defined]
        await at_rest(pilot)
        await keys(pilot, "ctrl+y")
        assert pilot.app.clipboard == "SN-1"
        await keys(pilot, "f1", "pagedown", "pagedown")
        await seen(pilot, "With Shift held, the mouse selects any text")

        # No control character reaches the clipboard.
        create_item(warehouse.boss, "AAA", "two\u202ebits\u200b")
        while not isinstance(pilot.app.screen, ItemsScreen):
            await keys(pilot, "f3")
        await keys(pilot, "escape", "f5")
        await keys(pilot, "home", "ctrl+y", "ctrl+y")
        assert pilot.app.clipboard.startswith("AAA\ttwo")
        assert {"\u202e", "\u200b", "\x1b"} & set(pilot.app.clipboard) == set()


def test_every_list_of_records_is_offered_and_no_other() -> None:
    exporting = {table.__name__ for table in classes_below(RecordTable) if table.EXPORTS}
    assert exporting == {
        *("ItemsTable", "SerialsTable", "DocumentsTable", "NamedSerialsTable", "CustomersTable"),
        *("CustomerSerialsTable", "LocationsTable", "PlaceTable", "StatusesTable", "StockChangesTable"),
        *("LinesTable", "DraftsTable", "PeopleTable"),
    }
    with pytest.raises(TypeError, match="is not exported"):
        to_export(object())


async def test_settings_that_give_these_keys_to_other_actions_keep_working(database: Any, warehouse: Warehouse) -> None:
    given = {"items.refresh": "f5,ctrl+y", "items.new": "ctrl+w", "items.station": "ctrl+k"}
    keymap = check_keymap(given, "config.toml")
    async with opened(database, warehouse.boss, config=Config(theme="dock", keymap=keymap)) as pilot:
        await keys(pilot, "ctrl+y")
        assert pilot.app.clipboard == ""
        await keys(pilot, "ctrl+w")
        assert isinstance(pilot.app.screen, NewItemDialog)
        await keys(pilot, "f3", "down")
        await seen(pilot, "▸")  # in the list, whose own key it would be
        await keys(pilot, "ctrl+k")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await keys(pilot, "f3", "ctrl+g", *"mark all rows", "enter")
        await seen(pilot, "1 marked")
