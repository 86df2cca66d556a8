"""The page as PDF: rectangles and the standard font Helvetica, which every reader has (ISO 32000-1, 9.6.2.2)."""

from __future__ import annotations

from typing import Final

from tui.scanner_check.sheet import HEIGHT, WIDTH, Page

_POINTS: Final = 72 / 25.4
"""Points in a millimetre."""


def as_pdf(page: Page) -> bytes:
    """A page as a PDF document."""
    drawing = _drawing(page)
    fonts = "<< /F1 5 0 R /F2 6 0 R >>"
    size = f"{WIDTH * _POINTS:.3f} {HEIGHT * _POINTS:.3f}"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources << /Font {fonts} >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Title (Serialdock commands) >>",
    ]
    document = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += f"{number} 0 obj\n{content}\nendobj\n".encode("ascii")
    start = len(document)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    document += f"xref\n0 {count}\n0000000000 65535 f \n{table}".encode("ascii")
    document += f"trailer\n<< /Size {count} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
    return bytes(document)


def _drawing(page: Page) -> str:
    """The page's operators, in millimetres; the origin of a PDF is below on the left."""
    lines = [f"q {_POINTS:.6f} 0 0 {_POINTS:.6f} 0 0 cm", "0 g"]
    lines += [f"{bar.x:.3f} {HEIGHT - bar.y - bar.height:.3f} {bar.width:.3f} {bar.height:.3f} re" for bar in page.bars]
    lines += ["f"]
    for words in page.words:
        font = "F2" if words.bold else "F1"
        lines.append(
            f"BT /{font} {words.size:g} Tf {words.x:.3f} {HEIGHT - words.y:.3f} Td ({_text(words.text)}) Tj ET"
        )
    return "\n".join([*lines, "Q"])


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
