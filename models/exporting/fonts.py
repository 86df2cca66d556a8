"""Fonts for printed documents: the one asked for, those of the system, and the standard one of every PDF.

A PDF keeps the letters that it shows, so any font that has them will do. For a letter that no font has a ? is printed,
and it is reported; so are scripts whose letters are joined, moved or read from right to left: here they are set one by
one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from models.errors import BadValue
from models.text import storable

FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")
"""Folders of fonts."""

FAMILIES: Final = (
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "FreeSans.ttf", "Arial.ttf", "arial.ttf"),
    *("Arial Unicode.ttf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "NanumGothic.ttf"),
    *("ipag.ttf", "ipaexg.ttf", "unifont.ttf", "NotoSansSymbols-Regular.ttf", "Symbola.ttf"),
)
"""File names of fonts with many letters, the best first."""

STANDARD: Final = "Helvetica"
"""The font of every PDF reader; it has the letters of western Europe."""

UNKNOWN: Final = "?"
"""Printed for a letter that no font has."""


class Piece(NamedTuple):
    """A part of a text in one font."""

    font: str
    text: str


class _Font(NamedTuple):
    """A font that was opened."""

    name: str
    """The name under which it is registered."""
    letters: frozenset[int] | None
    """Code points that it has; None for the standard font."""


class Fonts:
    """The fonts of one document; more of them are opened when a letter asks for one.

    Args:
        path: the font to use first; empty for those of the system.

    Raises:
        BadValue: that font cannot be used.
    """

    def __init__(self, path: str = "") -> None:
        self.missing: set[str] = set()
        """Letters that no font had."""
        self.unshaped: set[str] = set()
        """Letters of scripts that are not set as they are written."""
        self._fonts: list[_Font] = []
        self._known: dict[str, str | None] = {}
        self._candidates = _installed()  # a generator: folders are read only if a font of the system is needed
        if path:
            self._fonts.append(self._asked(path))
        elif not self._open_next():
            self._fonts.append(_Font(STANDARD, None))

    @property
    def first(self) -> str:
        """The font of most texts."""
        return self._fonts[0].name

    def pieces(self, text: str) -> list[Piece]:
        """A text in parts of one font each; a ? stands for letters that no font has."""
        found = [(self._font_of(letter), letter) for letter in text if unicodedata.category(letter) not in _HIDDEN]
        return [
            Piece(name or self.first, "".join(letter if name else UNKNOWN for _, letter in run))
            for name, run in groupby(found, key=lambda each: each[0])
        ]

    def width(self, text: str, size: float) -> float:
        """The width of a text, in the unit of the font's size."""
        from reportlab.pdfbase.pdfmetrics import stringWidth  # type: ignore[import-untyped]  # noqa: PLC0415

        return sum(float(stringWidth(piece.text, piece.font, size)) for piece in self.pieces(text))

    def _font_of(self, letter: str) -> str | None:
        if letter not in self._known:
            found = self._font_with(letter)
            self._known[letter] = found
            if found is None:
                self.missing.add(letter)
            elif _needs_shaping(letter):
                self.unshaped.add(letter)
        return self._known[letter]

    def _font_with(self, letter: str) -> str | None:
        for font in self._fonts:
            if _has(font, letter):
                return font.name
        while self._open_next():
            if _has(self._fonts[-1], letter):
                return self._fonts[-1].name
        return None

    def _open_next(self) -> bool:
        """Open the next font of the system; false if there is none that can be used."""
        for path in self._candidates:
            font = _opened(path)
            if font is not None:
                self._fonts.append(font)
                return True
        return False

    def _asked(self, path: str) -> _Font:
        font = _opened(Path(path))
        if font is None:
            raise BadValue(
                f"{storable(path)} is no font that can be printed with. Name a TrueType font (.ttf or .ttc).",
                field="font",
            )
        return font


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_SHAPED: Final = (range(0x0590, 0x0900), range(0x0900, 0x1100), range(0x1780, 0x1800), range(0xFB1D, 0xFE00))
"""Hebrew, Arabic and their relatives, the scripts of South and South-East Asia."""


def _needs_shaping(letter: str) -> bool:
    return any(ord(letter) in block for block in _SHAPED) and letter.isalpha()


def _has(font: _Font, letter: str) -> bool:
    if font.letters is not None:
        return ord(letter) in font.letters
    return all(ord(each) < 0x100 or each in "€–—‘’“”…" for each in letter)


def _installed() -> Iterator[Path]:
    """The fonts of the system that are in `FAMILIES`, the best first."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.tt[fc]")):
            found.setdefault(path.name, path)
    yield from (found[name] for name in FAMILIES if name in found)


def _opened(path: Path) -> _Font | None:
    """Register a TrueType font; None if it is none, or one that cannot be embedded."""
    from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import
    from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]  # noqa: PLC0415

    name = f"font {path}"
    try:
        font: Any = TTFont(name, str(path))
    except (TTFError, OSError, ValueError, KeyError, IndexError, ArithmeticError):
        return None
    pdfmetrics.registerFont(font)
    return _Font(name, frozenset(font.face.charToGlyph))
