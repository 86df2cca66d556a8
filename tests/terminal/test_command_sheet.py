"""The page of barcodes, read again as a scanner reads it."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from models.barcodes.reading import CommandCode
from models.barcodes.scanner_check import DATA, PRINTED
from models.barcodes.symbols import QUIET
from tests.support.commands import in_this_process, installed
from tests.support.limits import LIMIT
from tui.scanner_check.sheet import HEIGHT, MEANINGS, MODULE, WIDTH, Bar, Page, command_page

A4, LETTER = (210, 297), (215.9, 279.4)
CODES = {**{code.barcode.encode(): "]C0" for code in CommandCode}, DATA.encode(): "]C1"}
NAMES = [code.value for code in CommandCode]


def read_codes(pixels: bytes, width: int, height: int) -> dict[bytes, str]:
    """What a scanner finds in a grey picture: data, and the AIM id that it would send."""
    image = memoryview(pixels).cast("B", (height, width))
    found = zxingcpp.read_barcodes(image)
    assert {str(code.symbology) for code in found} == {"Code 128"}
    return {code.bytes: code.symbology_identifier for code in found}


def drawn(bars: list[tuple[float, float, float, float]], dots: int = 8) -> tuple[bytes, int, int]:
    """A picture of black bars, with some dots to a millimetre."""
    width, height = int(WIDTH * dots), int(HEIGHT * dots)
    rows = [bytearray(b"\xff" * width) for _ in range(height)]
    for x, y, wide, high in bars:
        left, right = round(x * dots), round((x + wide) * dots)
        for row in rows[round(y * dots) : round((y + high) * dots)]:
            row[left:right] = bytes(right - left)
    return b"".join(rows), width, height


def test_the_pdf_reads_as_all_commands_and_the_set_up_code(tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    ran = installed("command-sheet", str(file))
    assert (ran.code, ran.err) == (0, "")
    assert "actual size" in ran.out
    document = pypdfium2.PdfDocument(file)
    page = document[0]
    assert len(document) == 1
    assert [size / 72 * 25.4 for size in page.get_size()] == pytest.approx([WIDTH, HEIGHT], abs=0.01)
    picture = page.render(scale=3, grayscale=True)
    assert read_codes(bytes(picture.buffer), picture.stride, picture.height) == CODES
    text = page.get_textpage().get_text_range()
    for words in (*NAMES, *(code.barcode for code in CommandCode), *MEANINGS.values(), PRINTED, "SET-UP"):
        assert words in text
    document.close()


def test_the_svg_reads_as_all_commands_and_the_set_up_code(tmp_path: Path) -> None:
    file = tmp_path / "page.SVG"
    assert in_this_process("command-sheet", str(file)).code == 0
    svg = ET.parse(file).getroot()
    assert (svg.get("width"), svg.get("height")) == (f"{WIDTH:g}mm", f"{HEIGHT:g}mm")
    names = ("x", "y", "width", "height")
    bars = [tuple(float(bar.get(name, 0)) for name in names) for bar in svg.findall("{*}g/{*}rect")]
    assert read_codes(*drawn(bars)) == CODES  # type: ignore[arg-type]
    words = [text.text for text in svg.findall("{*}g/{*}text")]
    assert set(words) >= {*NAMES, PRINTED, "SET-UP"}
    assert "http" not in file.read_text().replace("http://www.w3.org/2000/svg", "")


def codes_on(page: Page) -> list[tuple[float, float]]:
    """From where to where the bars of each code go, in two columns."""
    columns: dict[tuple[float, bool], list[Bar]] = {}
    for bar in page.bars:
        columns.setdefault((bar.y, bar.x > WIDTH / 2), []).append(bar)
    return [(min(bar.x for bar in bars), max(bar.x + bar.width for bar in bars)) for bars in columns.values()]


def test_the_page_fits_a4_and_letter_with_margins_and_quiet_zones() -> None:
    page = command_page()
    assert min(A4[0], LETTER[0]) >= WIDTH
    assert min(A4[1], LETTER[1]) >= HEIGHT
    assert MODULE >= 0.4
    assert min(bar.width for bar in page.bars) == pytest.approx(MODULE)
    assert len(codes_on(page)) == len(CODES)
    printer_margin = 5
    quiet = QUIET * MODULE
    for start, end in codes_on(page):
        assert start - quiet > printer_margin
        assert end + quiet < WIDTH - printer_margin
        assert not start < WIDTH / 2 < end + quiet
    assert all(15 <= words.y <= HEIGHT - 15 and words.x >= 15 for words in page.words)


def test_a_dash_writes_svg_to_standard_output() -> None:
    ran = in_this_process("command-sheet", "-")
    assert (ran.code, ran.err) == (0, "")
    assert ET.fromstring(ran.out.encode()).tag == "{http://www.w3.org/2000/svg}svg"
    assert in_this_process("command-sheet", "-", "--json").code == 2


def test_the_default_is_a_pdf_here_and_json_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = in_this_process("command-sheet", "--json")
    assert ran.object == {"file": "serialdock-commands.pdf", "format": "pdf"}
    assert (tmp_path / "serialdock-commands.pdf").read_bytes().startswith(b"%PDF-")


def test_a_file_that_is_there_is_not_written_over_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    file.write_text("mine")
    ran = in_this_process("command-sheet", str(file))
    assert ran.code == 1
    assert ran.err == (f"serialdock: {file} is there already. Name another file, or give --force to write over it.\n")
    assert file.read_text() == "mine"
    assert in_this_process("command-sheet", str(file), "--force").code == 0
    assert file.read_bytes().startswith(b"%PDF-")


def test_a_file_that_cannot_be_written_or_has_another_suffix_is_refused(tmp_path: Path) -> None:
    ran = in_this_process("command-sheet", str(tmp_path / "none" / "page.pdf"))
    assert ran.code == 1
    assert "cannot be written: No such file or directory" in ran.err
    ran = in_this_process("command-sheet", str(tmp_path / "page.png"))
    assert ran.code == 2
    assert "neither a .pdf nor an .svg" in ran.err
    assert list(tmp_path.glob("page*")) == []


def test_the_places_in_the_pdfs_table_are_where_its_objects_are(tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    in_this_process("command-sheet", str(file))
    data = file.read_bytes()
    start = int(re.findall(rb"startxref\n(\d+)", data)[0])
    assert data[start:].startswith(b"xref\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", data), start=1):
        assert data[int(place) :].startswith(f"{number} 0 obj".encode())


def test_nothing_else_loads_the_library_that_makes_the_bars() -> None:
    program = (
        "import sys; from tui.cli.main import main; main(['--help']); import tui.app; print('barcode' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=LIMIT)
    assert ran.stdout.splitlines()[-1] == "False"


def test_codes_of_locations_and_customers_follow_on_request(tmp_path: Path) -> None:
    database, file = tmp_path / "stock.sqlite3", tmp_path / "page.pdf"
    long = "AISLE-7/SHELF-12/BOX-0042-OF-THE-NORTH-"
    for words in (("location", "add", "DOCK-1", "Dock"), ("location", "add", long)):
        assert in_this_process(*words, "--database", str(database)).code == 0
    assert in_this_process("customer", "add", "Bergmann AG", "--code", "BERG", "--database", str(database)).code == 0
    ran = in_this_process("command-sheet", str(file), "--locations", "--customers", "--database", str(database))
    assert (ran.code, ran.err) == (0, "")
    document = pypdfium2.PdfDocument(file)
    assert len(document) == 3
    read = {}
    for page in list(document)[1:]:
        picture = page.render(scale=3, grayscale=True)
        read |= read_codes(bytes(picture.buffer), picture.stride, picture.height)
    assert set(read) == {b"DOCK-1", b"MAIN", long.encode(), b"BERG"}
    assert "Bergmann AG" in document[2].get_textpage().get_text_range()
    document.close()
