"""Hostile text in a file's name, its headings and its cells is only shown, at every step of an import."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models.config import Config
from models.schema import Item, ItemBarcode, Serial
from tests.support.app import at_rest, keys
from tests.support.hostile import HOSTILE, nothing_acts, sent_harmlessly
from tests.support.importing import comes_to, screen
from tests.support.record_app import until
from tests.support.recording import IdleRecordingDriver
from tests.support.warehouse import open_warehouse
from tui.app import SerialdockApp
from tui.importing.screen import ImportStep
from tui.items.list import ItemsScreen


def hostile_file(folder: Path, text: str) -> None:
    """A file whose name, headings and cells have the text, with a name beside it that is no text at all."""
    name = text.replace("/", "|")
    while len(name.encode()) > 200:
        name = name[:-1]
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Serial", "Item", f"One {text}", f"Two {text}", "Location", "Customer", "Status"])
        writer.writerow(["A-0", "SAW-1", "", text, "", "", ""])
        writer.writerow(["A-1", "SAW-1", text, text, "", "", ""])
        for number in range(2, 5):
            writer.writerow([text, text, text, text, text, text, text])
            writer.writerow([f"A-{number}", "SAW-1", text, text, "", text, "Sold"])
        writer.writerow(["BI", "SAW-1", "", "", "", "", ""])  # its warning has the item's SKU
    (folder / f"{name} folder").mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.csv")).write_text("x\n")


WALKS = [
    (("a closing tag", "an action", "what nobody sees"), (80, 24)),
    (("control characters",), (20, 8)),
    (("marks, wide letters and length",), (40, 16)),
]
"""Each text once, and each size."""


@pytest.mark.parametrize(
    ("kinds", "size"), WALKS, ids=[f"{' and '.join(kinds)} at {size[0]}x{size[1]}" for kinds, size in WALKS]
)
async def test_a_hostile_text_in_a_file_is_only_shown_at_every_step(
    size: tuple[int, int], kinds: tuple[str, ...], database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(HOSTILE[kind] for kind in kinds)
    warehouse = open_warehouse()
    warehouse.add("B-1")
    ItemBarcode.create(barcode="SAW-1", item=warehouse.item.id)
    Item.update(sku=text, sku_key=text).where(Item.id == warehouse.item.id).execute()
    folder = tmp_path / "files"
    folder.mkdir()
    hostile_file(folder, text)
    monkeypatch.chdir(folder)
    app = SerialdockApp(database, warehouse.boss, Config(theme="dock"), driver_class=IdleRecordingDriver)
    came_to_the_end = []

    async def presses(pilot: Pilot[Any], *pressed: str) -> None:
        for key in pressed:
            await keys(pilot, key)
            nothing_acts(app)

    async def walk(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.permissions and not app.workers)
        await presses(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        await presses(pilot, "f1", "f3", "down", "up", "down", "down", "up", "enter")
        await until(pilot, lambda: not screen(pilot).is_busy)
        while screen(pilot).step is ImportStep.FILE:  # the folder, or the name that is no text, came first
            await presses(pilot, "down", "enter")
            await until(pilot, lambda: not screen(pilot).is_busy)
            await at_rest(pilot)
            screen(pilot).file.field.value = ""
        await comes_to(pilot, ImportStep.COLUMNS)
        await presses(pilot, "down", "down", "f4", "f3", "f4", "c", "o", "n", "d", "enter", "down", "space", "f3")
        screen(pilot).columns.location.code = text
        await presses(pilot, "f10", "ctrl+g", "f3")
        await until(pilot, lambda: screen(pilot).step is ImportStep.COLUMNS)
        screen(pilot).columns.location.code = ""
        await presses(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await presses(pilot, "down", "enter", "f3", "down", "enter", "f3", "f4", "down", "f4", "end", "enter")
        assert screen(pilot).preview.table.cursor_record.warning.startswith("BI looks like B-1, which is on")
        await presses(pilot, "f3", "f4", "end", "f10")
        await presses(pilot, "f3", "f10", "f10")
        await until(pilot, lambda: screen(pilot).summary.is_done)
        await presses(pilot, "f1", "f3", "f6", "f3")
        await until(pilot, lambda: isinstance(app.screen, ItemsScreen))
        came_to_the_end.append(app.is_running)
        app.exit()

    await app.run_async(size=size, auto_pilot=walk)
    assert app._exception is None
    assert came_to_the_end == [True]
    assert sent_harmlessly(app, text)
    assert Serial.select().count() >= 2
