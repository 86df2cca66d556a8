"""The page as SVG."""

from __future__ import annotations

from html import escape

from tui.scanner_check.sheet import HEIGHT, WIDTH, Page


def as_svg(page: Page) -> str:
    """A page as an SVG document that needs nothing from elsewhere; its unit is the millimetre."""
    size = f'width="{WIDTH:g}mm" height="{HEIGHT:g}mm" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        "<title>Serialdock commands</title>",
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>',
        '<g fill="#000" shape-rendering="crispEdges">',
        *(
            f'<rect x="{bar.x:.3f}" y="{bar.y:.3f}" width="{bar.width:.3f}" height="{bar.height:.3f}"/>'
            for bar in page.bars
        ),
        "</g>",
        '<g fill="#000" font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif">',
        *(
            f'<text x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size:g}" '
            f'font-weight="{"bold" if words.bold else "normal"}">{escape(words.text)}</text>'
            for words in page.words
        ),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
