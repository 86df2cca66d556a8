"""Every way in for a serial asks the same rule book and says the same sentence, which is written once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.errors import Refusal, Stop
from models.importing import staging
from models.importing.imports import mapping_for, stage
from models.importing.table import open_table
from models.items.items import save_item
from models.items.rules import set_serial_rule
from models.serials.add import add_serial, add_serials
from models.serials.receive import ReceiptLine, receive_list, receive_serials
from models.station.preview import add_many, preview
from models.text import serial_key
from models.verbs import STATUSES, VERBS, StatusCode
from tests.support.cases import each
from tests.support.import_files import written
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, put

ROOT = Path(__file__).parents[2]

OWN_CODE = "4006381333931"


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """One whose item has a barcode; what a test has staged is dropped."""
    save_item(warehouse.boss, warehouse.item.id, barcodes=[OWN_CODE])
    yield warehouse
    staging.end()


def _stage(here: Warehouse, folder: Path, serial: str) -> None:
    """Stage a file with one serial."""
    path = written(folder, f"serial,item\n{serial},SAW-1\n")
    with open_table(path) as table:
        stage(here.boss, table, mapping_for(table.header), progress=Stop())


def _refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.message


def _added(here: Warehouse, serial: str, _: Path) -> str:
    return _refusal(lambda: add_serials(here.boss, here.item.id, [serial]))


def _many_added(here: Warehouse, serial: str, _: Path) -> str:
    return _refusal(lambda: add_many(here.boss, here.item.id, [serial], location="MAIN", progress=Stop()))


def _previewed(here: Warehouse, serial: str, _: Path) -> str:
    found = preview(here.item.id, [serial], Stop())
    (said,) = [*found.there.sentences, *found.bad.sentences, *found.warned.sentences]
    return said


def _received(here: Warehouse, serial: str, _: Path) -> str:
    line = ReceiptLine(here.item.id, serial, serial_key(serial), here.item.primary_location_id)
    return _refusal(lambda: receive_serials(here.boss, [line]))


def _list_received(here: Warehouse, serial: str, _: Path) -> str:
    (told,) = receive_list(here.boss, here.item.id, [serial], location="MAIN", dry_run=True).serials
    return told.message


def _scanned(here: Warehouse, serial: str, _: Path) -> str:
    station = Station(here)
    station.scan("MAIN", "SAW-1")
    return station.one(serial).message


def _imported(here: Warehouse, serial: str, folder: Path) -> str:
    _stage(here, folder, serial)
    (row,) = staging.rejected()
    assert json.loads(row.cells) == [serial, "SAW-1"]
    return row.reason


WAYS_IN = (_added, _many_added, _previewed, _received, _list_received, _scanned, _imported)


@each("status", sorted(set(STATUSES) - {StatusCode.REMOVED}))  # which comes back
def test_a_serial_that_is_there_is_refused_in_the_same_words_everywhere(
    warehouse: Warehouse, tmp_path: Path, status: str
) -> None:
    text = f"SN-{status}"
    (serial,) = warehouse.add(text)
    if status == StatusCode.RETURNED:
        put(warehouse, StatusCode.SOLD, serial)
    if status != StatusCode.IN_STOCK:
        put(warehouse, status, serial, customer="Bergmann AG" if status == StatusCode.SOLD else None)
    (said,) = {way(warehouse, text.lower(), tmp_path) for way in WAYS_IN}
    assert said.startswith(f"{text} of SAW-1 is ")
    assert STATUSES[status].label in said
    assert said.endswith(f". {VERBS['add'].next_step(status)}")
    assert ("already here" in said) == (status not in (StatusCode.SOLD, StatusCode.LOST))
    assert ("to Bergmann AG" in said) == (status == StatusCode.SOLD)


def test_the_items_own_barcode_is_refused_in_the_same_words_everywhere(warehouse: Warehouse, tmp_path: Path) -> None:
    # The station reads the code as that of the item, as it should.
    ways = [way for way in WAYS_IN if way is not _scanned]
    assert {way(warehouse, OWN_CODE, tmp_path) for way in ways} == {
        f"{OWN_CODE} is the barcode of SAW-1 itself. Scan or type the unit's serial."
    }


def test_a_broken_rule_is_said_in_the_same_words_everywhere(warehouse: Warehouse, tmp_path: Path) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, length="5")
    assert {way(warehouse, "SN-77X", tmp_path) for way in WAYS_IN} == {
        "SN-77X has 6 characters; this item's serials have 5. Check the label, or change the rule of SAW-1."
    }


def test_an_item_that_is_not_tracked_is_refused_in_the_same_words_everywhere(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    sentence = "SAW-1 does not track serials. Check Track Serials in its Item Settings and save, then go on."
    refused = [
        _refusal(lambda: preview(warehouse.item.id, ["SN-1"], Stop())),
        _refusal(lambda: receive_list(warehouse.boss, warehouse.item.id, ["SN-1"], location="MAIN")),
        *(way(warehouse, "SN-1", tmp_path) for way in (_added, _many_added, _received, _imported)),
    ]
    assert set(refused) == {sentence}
    station = Station(warehouse)
    assert station.scan("MAIN", "SAW-1")[1].message == sentence


def test_a_look_alike_is_said_in_the_same_words_everywhere(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add("CZ0007")
    sentence = "CZOO07 looks like CZ0007, which is on SAW-1 already."
    assert _previewed(warehouse, "CZOO07", tmp_path) == sentence
    assert _list_received(warehouse, "CZOO07", tmp_path) == sentence
    assert _scanned(warehouse, "CZOO07", tmp_path) == f"{sentence} Scan it again to keep it."
    _stage(warehouse, tmp_path, "CZOO07")
    (row,) = staging.warned()
    assert row.alike == sentence
    added = add_serial(warehouse.boss, warehouse.item.id, "CZOO07")
    assert added.warnings == (("near_duplicate", sentence),)


def test_adding_receiving_and_importing_have_the_same_next_steps() -> None:
    steps = [(dict(VERBS[code].why_not), VERBS[code].otherwise) for code in ("add", "receive", "import")]
    assert steps == [steps[0]] * 3


@each(
    "words",
    [
        *("does not track serials. ", "is the barcode of ", "or change the rule of ", "already here: "),
        *(" looks like {other}", " is given twice. ", "Leave it out, or open it.", "Take it back as a return."),
    ],
)
def test_a_sentence_of_the_rule_book_is_written_once(words: str) -> None:
    files = [path for folder in ("models", "tui") for path in (ROOT / folder).rglob("*.py")]
    written = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count(words) for path in files}
    assert sum(written.values()) == 1, {file: count for file, count in written.items() if count}
