"""`serialdock export …`."""

from __future__ import annotations

import csv
import io
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from tests.support.cases import each
from tests.support.commands import Commands, program
from tests.support.engines import BOTH_ENGINES
from tests.support.limits import LIMIT
from tests.support.terminal import Terminal


def _drills() -> None:
    me = sign_in()
    create_location(me, "SHELF", "Shelf")
    drill = create_item(me, "DR-1800", "Drill", track_serials=True)
    bit = create_item(me, "BIT-9", "Bits", track_serials=True)
    first, *_ = add_serials(me, drill.id, ["SN-1", "SN-2", "=SN-3"]).serial_ids
    add_serials(me, bit.id, ["B-1"])
    transfer_serials(me, [first], "SHELF")


CONTENTS = {"drills": _drills}


@pytest.fixture
def drills(commands: Commands) -> Commands:
    """Two items with serials, and a transfer."""
    return commands


def column(text: str, name: str) -> list[str]:
    return [row[name] for row in csv.DictReader(io.StringIO(text))]


@BOTH_ENGINES
def test_every_export_to_standard_output_has_the_filters_of_its_list(drills: Commands) -> None:
    assert column(drills.good("export", "serials", "--item", "dr-1800").out, "Serial Number") == [
        "'=SN-3",
        "SN-1",
        "SN-2",
    ]
    assert column(drills.good("export", "serials", "--location", "SHELF").out, "Serial Number") == ["SN-1"]
    assert column(drills.good("export", "serials").out, "Item") == ["BIT-9", "DR-1800", "DR-1800", "DR-1800"]
    assert column(drills.good("export", "items").out, "SKU") == ["BIT-9", "DR-1800"]
    assert column(drills.good("export", "locations").out, "Location") == ["MAIN", "SHELF"]
    assert drills.good("export", "customers").out.splitlines()[1:] == []
    assert column(drills.good("export", "documents", "--kind", "transfer").out, "Document") == ["T-000001"]
    assert column(drills.good("export", "documents", "--since", "2999-01-01").out, "Document") == []
    assert column(drills.good("export", "document", "t-000001").out, "Serial Number") == ["SN-1"]
    assert column(drills.good("export", "history", "SN-1").out, "What") == ["added", "transferred"]
    assert column(drills.good("export", "history", "--document", "T-000001").out, "Number") == ["1", "2"]
    rows = drills.rows("export", "serials", "--find", "sn-")
    assert [row["serial_number"] for row in rows] == ["SN-1", "SN-2"]
    listed = drills.rows("serial", "list", "--item", "DR-1800", "--find", "sn-")
    assert all(one.items() <= other.items() for one, other in zip(listed, rows, strict=True))
    text = drills.good("export", "serials", "--format", "text", "--item", "BIT-9").out
    assert text.splitlines()[1].split()[:4] == ["B-1", "BIT-9", "In", "Stock"]


def test_a_file_is_written_and_told_and_not_written_over_unasked(drills: Commands, tmp_path: Path) -> None:
    path = str(tmp_path / "serials.csv")
    assert drills.good("export", "serials", "--to", path).out == f"Written: {path}, 4 rows.\n"
    assert Path(path).read_bytes().startswith(b"\xef\xbb\xbfSerial Number,")
    refused = drills.refused("export", "items", "--to", path)
    assert refused["message"] == f"{path} is there already. Choose another name, or write over it with --force."
    told = drills.object("export", "items", "--to", path, "--force")
    assert told == {"file": path, "format": "csv", "rows": 2}
    told = drills.object("export", "items", "--to", str(tmp_path / "items"), "--format", "xlsx")
    assert (told["format"], (tmp_path / "items").read_bytes()[:2]) == ("xlsx", b"PK")
    assert drills.refused("export", "items", "--to", str(tmp_path / "a.doc"))["error"] == "bad_value"
    assert sorted(one.name for one in tmp_path.glob("*items*")) == ["items"]


@each(
    ("words", "code", "said"),
    [
        (("serials", "--item", "NOPE"), 1, "There is no item NOPE."),
        (("serials", "--status", "broken"), 1, "There is no status broken."),
        (("serials", "--customer", "nobody"), 1, "There is no customer nobody."),
        (("serials", "--customer", "nobody", "--item", "DR-1800"), 2, "--customer stands alone"),
        (("document", "S-9"), 1, "There is no document S-9."),
        (("history",), 2, "Name a serial"),
        (("history", "SN-1", "--document", "T-000001"), 2, "Name a serial"),
        (("history", "NOPE"), 1, "No item has the serial NOPE."),
        (("documents", "--kind", "letter"), 1, "There is no kind of document letter."),
        (("items", "--format", "pdf"), 2, "invalid choice"),
    ],
)
def test_what_is_not_there_or_not_meant_is_refused(
    drills: Commands, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = drills("export", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_json_is_json_lines_on_standard_output(drills: Commands) -> None:
    assert drills("--json", "export", "items", "--format", "csv").code == 2
    assert [row["sku"] for row in drills.rows("export", "items", "--format", "jsonl")] == ["BIT-9", "DR-1800"]


def test_a_workbook_goes_into_a_pipe(drills: Commands) -> None:
    words = [program(), "--database", drills.url, "export", "items", "--format", "xlsx"]
    done = subprocess.run(words, capture_output=True, check=True, timeout=LIMIT)
    assert (done.stdout[:2], done.stderr) == (b"PK", b"")


def test_a_key_sends_what_it_copies_to_the_clipboard_of_the_terminal(drills: Commands) -> None:
    with Terminal([program(), "--database", drills.url]) as terminal:
        terminal.wait_for("DR-1800")
        terminal.send("\x19")
        terminal.wait_for("Copied BIT-9.")
        assert b"\x1b]52;c;" + b64encode(b"BIT-9") + b"\a" in terminal.received
