"""`serialdock document print`: the text, and the PDF read again as people and scanners read it."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from models.items.items import create_item
from models.people import sign_in
from models.serials.add import add_serials
from models.serials.moves import Answers, move
from models.verbs import VERBS
from tests.support.commands import Commands

SERIALS = [*(f"5CG83{number:05}K" for number in range(60)), "X" * 63 + "9", "=A B"]
CUSTOMER = "Größe & Söhne €"


def _sold() -> None:
    me = sign_in()
    drill = create_item(me, "DR-1800", "Drill " + "with a long name " * 6, track_serials=True)
    ids = add_serials(me, drill.id, SERIALS).serial_ids
    move(me, VERBS["sell"], ids, Answers(customer=CUSTOMER, note="by hand\nall " + "words " * 40))
    ids = add_serials(me, drill.id, ["W-1"]).serial_ids
    move(me, VERBS["sell"], ids, Answers(customer="日本 שלום 😀"))


CONTENTS = {"sold": _sold}


@pytest.fixture
def sold(commands: Commands) -> Commands:
    """A sale of many serials, and one to a customer whose name few fonts have."""
    return commands


def texts(path: Path) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def barcodes(path: Path) -> list[str]:
    """What a scanner finds on the pages, from the top down."""
    found: list[str] = []
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            picture = page.render(scale=5, grayscale=True)
            image = memoryview(bytes(picture.buffer)).cast("B", (picture.height, picture.stride))
            codes = zxingcpp.read_barcodes(image)
            found += [code.text for code in sorted(codes, key=lambda code: code.position.top_left.y)]
    return found


def test_the_text_has_what_the_document_says_and_every_serial(sold: Commands) -> None:
    lines = sold.good("document", "print", "s-000001").out.splitlines()
    assert lines[0] == "Sale S-000001"
    assert f"Customer  {CUSTOMER}" in lines
    assert [line.split()[1] for line in lines if line.endswith("name")] == [*SERIALS[:-1], "=A"]
    assert sold.object("document", "print", "S-000001")["lines"] == lines


def test_the_pdf_has_every_serial_on_pages_for_a4_and_letter(sold: Commands, tmp_path: Path) -> None:
    path = tmp_path / "sale.pdf"
    told = sold.object("document", "print", "S-000001", "--pdf", str(path))
    pages = texts(path)
    assert told == {"file": str(path), "pages": len(pages), "serials": len(SERIALS), "warnings": []}
    whole = "\n".join(pages)
    assert all(serial in whole for serial in SERIALS)
    assert CUSTOMER in whole
    assert "by hand" in whole
    assert all(f"page {number}" in page for number, page in enumerate(pages, 1))
    with pypdfium2.PdfDocument(path) as document:
        assert {tuple(round(size / 72 * 25.4) for size in page.get_size()) for page in document} == {(210, 279)}
    refused = sold.refused("document", "print", "S-000001", "--pdf", str(path))
    assert refused["message"].endswith("write over it with --force.")
    assert sold("document", "print", "S-000002", "--pdf", str(path), "--force").code == 0
    assert "Sale S-000002" in texts(path)[0]


def test_a_scanner_reads_the_barcodes_of_the_document_and_its_serials(sold: Commands, tmp_path: Path) -> None:
    path = tmp_path / "sale.pdf"
    sold.good("document", "print", "S-000001", "--pdf", str(path), "--barcodes")
    assert barcodes(path) == ["S-000001", *SERIALS]


def test_letters_that_no_font_has_are_named(sold: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.exporting.fonts.FOLDERS", ())  # only the standard font of every PDF is left
    ran = sold("document", "print", "S-000002", "--pdf", str(tmp_path / "a.pdf"))
    assert ran.code == 0
    assert "No font here has these characters, so a ? stands for each: ו ל ם ש 日 本 😀." in ran.err
    assert "?? ???? ?" in texts(tmp_path / "a.pdf")[0]
    assert sold("document", "print", "S-000001", "--pdf", str(tmp_path / "b.pdf")).err == ""
    assert CUSTOMER in texts(tmp_path / "b.pdf")[0]


def test_a_font_that_is_none_and_options_without_a_pdf_are_refused(sold: Commands, tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    said = sold.refused(
        "document", "print", "S-000001", "--pdf", str(tmp_path / "a.pdf"), "--font", str(tmp_path / "font.ttf")
    )
    assert "is no font that can be printed with" in said["message"]
    assert list(tmp_path.glob("*a.pdf*")) == []
    assert sold("document", "print", "S-000001", "--barcodes").code == 2
    assert sold.refused("document", "print", "S-9")["error"] == "not_found"
