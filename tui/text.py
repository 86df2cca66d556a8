"""Makes data safe to show: the only way by which data reaches the screen.

A serial number, a note or a file name may contain markup, escape sequences, bidi controls or invisible characters.
Here they become harmless glyphs that show what is there.

| where | use |
|---|---|
| Static, Label, Button, Tab, Option, border title | `plain(value)` |
| DataTable cell | `cell(value)` |
| `notify`, which takes only `str` | `notify(visible(value), markup=False)` |
| an Input's value, where every character keeps its place | `glyphs(value)` |
| a line on stdout or in a log | `visible(value)`, `clip(value, width)` |

`visible` and `glyphs` import neither Textual nor Rich.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rich.style import Style as RichStyle
    from rich.text import Text
    from textual.content import Content
    from textual.style import Style


MAX_MARKS: Final = 4
"""Most combining marks shown on one letter. Written languages need up to four; more overflow into other rows."""

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, format and bidi, surrogates, private use, unassigned, line and paragraph separators."""

_BLANK: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
"""Letters and marks by category that draw nothing (fillers, joiners, variation selectors): with them, two different
serial numbers could look the same."""

_JAMO: Final = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
"""Hangul vowels and finals: letters by category, but they combine with the letter before them and take no cell."""

_BASE: Final = "\N{DOTTED CIRCLE}"
"""Base for a mark without a letter, which would otherwise combine with whatever precedes the text."""

_CODE: Final = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}U+{:04X}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_COUNT: Final = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}+{}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_NO_GLYPH: Final = "\N{REPLACEMENT CHARACTER}"

_ASCII: Final = re.compile(r"[ -~]*")
_ASCII_LINES: Final = re.compile(r"[ -~\n]*")
_LINE_END: Final = re.compile(r"\r\n?")


def visible(text: str, *, lines: bool = False) -> str:
    """Make every character of a text visible, including those without a glyph.

    Letters of every script stay. C0 controls become control pictures (`␛`), DEL `␡`, and all other hidden characters
    their code in angle quotes (U+202E). Marks beyond `MAX_MARKS` on one letter are replaced by their number, also in
    angle quotes (+57).

    Args:
        text: Any text, lone surrogates included.
        lines: Keep line ends (CR, LF and CRLF, all as LF), for multi-line notes. Otherwise they become glyphs.

    Returns:
        Text without control, format or unassigned characters. It may be longer than the input.
    """
    if lines:
        text = _LINE_END.sub("\n", text)
    if (_ASCII_LINES if lines else _ASCII).fullmatch(text):  # nearly all texts: one match in place of a loop
        return text
    shown: list[str] = []
    marks = 0
    has_base = False
    for character in text:
        if _is_mark(character):
            if not has_base:
                shown.append(_BASE)
                has_base = True
            marks += 1
            if marks <= MAX_MARKS:
                shown.append(character)
            continue
        if marks > MAX_MARKS:
            shown.append(_COUNT.format(marks - MAX_MARKS))
        marks = 0
        if lines and character == "\n":
            has_base = False
            shown.append(character)
        else:
            has_base = True
            shown.append(_shown(character))
    if marks > MAX_MARKS:
        shown.append(_COUNT.format(marks - MAX_MARKS))
    return "".join(shown)


def glyphs(text: str) -> str:
    """Make a text visible with exactly one character for each of its characters, for fields with a cursor.

    Args:
        text: Any text.

    Returns:
        Text of the same length: control pictures for controls, U+FFFD for anything else that is not safe to show.
    """
    if _ASCII.fullmatch(text):
        return text
    shown: list[str] = []
    marks = MAX_MARKS  # so that a mark without a letter before it becomes U+FFFD
    for character in text:
        if _is_mark(character):
            marks += 1
            shown.append(character if marks <= MAX_MARKS else _NO_GLYPH)
        else:
            marks = 0
            glyph = _shown(character)
            shown.append(glyph if len(glyph) == 1 else _NO_GLYPH)
    return "".join(shown)


def clip(text: str, width: int) -> str:
    """Make a text visible in at most `width` cells, cut with an ellipsis.

    Args:
        text: Any text.
        width: Cells, 1 or more. A wide letter takes two.

    Returns:
        One line, at most `width` cells wide.
    """
    from rich.cells import cell_len, set_cell_size  # noqa: PLC0415 - 2 ms; commands without a table do without

    shown = visible(text)
    if cell_len(shown) <= width:
        return shown
    # Not a slice: a wide letter at the edge is left out whole.
    return set_cell_size(shown, width - 1).rstrip(" ") + "…"


def moment(at: datetime) -> str:
    """Date and time in the local time zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def plain(value: object, style: Style | str = "", *, lines: bool = False) -> Content:
    """Make content for a widget, a title, a tab or an option, without markup or hidden characters.

    Args:
        value: What to show; `None` shows as nothing.
        style: Style of the whole text.
        lines: Keep line ends, see `visible`.

    Returns:
        Content that Textual draws without parsing it.
    """
    from textual.content import Content  # noqa: PLC0415 - 100 ms; commands do without Textual

    return Content.styled(_as_text(value, lines=lines), style)


def cell(
    value: object,
    style: RichStyle | str = "",
    *,
    justify: Literal["default", "left", "center", "right", "full"] = "left",
) -> Text:
    """Make a one-line DataTable cell without markup or hidden characters, cut with an ellipsis.

    Args:
        value: What to show; `None` shows as nothing.
        style: Style of the whole cell.
        justify: Alignment in the column; `"right"` for numbers.

    Returns:
        Rich's Text, because DataTable measures and draws that.
    """
    from rich.text import Text  # noqa: PLC0415 - 16 ms; commands do without Rich

    return Text(_as_text(value, lines=False), style=style, justify=justify, overflow="ellipsis", no_wrap=True, end="")


def _as_text(value: object, *, lines: bool) -> str:
    return "" if value is None else visible(str(value), lines=lines)


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """Whether a character combines with the one before it and takes no cell of its own."""
    codepoint = ord(character)
    if codepoint in _BLANK:  # shown by its code, though many of these are marks
        return False
    return unicodedata.category(character) in {"Mn", "Me"} or any(first <= codepoint <= last for first, last in _JAMO)


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    codepoint = ord(character)
    if codepoint < 0x20:
        return chr(0x2400 + codepoint)
    if codepoint == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if codepoint in _BLANK or unicodedata.category(character) in _HIDDEN_CATEGORIES:
        return _CODE.format(codepoint)
    return character


_UNITS: Final = ("kB", "MB", "GB", "TB")


def size_in_words(size: int) -> str:
    """`999 B`, `1.2 kB`, `44 MB`."""
    if size < 1000:
        return f"{size} B"
    value, unit = size / 1000, 0
    # 999.5: it would be rounded to 1,000 kB.
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    # 9.95: it would be rounded to 10.0, with one digit more than the others.
    return f"{value:.1f} {_UNITS[unit]}" if value < 9.95 else f"{value:,.0f} {_UNITS[unit]}"
