"""Encodings of text that is not UTF-8: which ones its bytes can be, and whether one of them is certain.

The same bytes are text in many encodings, so only what nobody could read otherwise is taken without a question: each
word must be one of a language that the encoding is for, and no other encoding may give another text that could be one.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

WESTERN: Final = "cp1252"
"""The only encoding that is taken by its words alone: most files that are not UTF-8 are in it."""

_GERMAN, _TURKISH = "äöüßéàè", "çğıiöşüâîû"
_WEST: Final = (
    _GERMAN, "àâæçéèêëîïôœùûüÿ", "áéíóúüñ", "ãõáéíóúâêôçàü", "àèéìòóù", "ëïéèêöüáóç", "æøåéèêóô", "åäöéà", "áéíóúýþæðö",
)  # fmt: skip
"""Letters beyond A to Z: German, French, Spanish, Portuguese, Italian, Dutch, Danish, Swedish, Icelandic."""
_CENTRAL: Final = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čšžćđ", _GERMAN)
"""Polish, Czech, Slovak, Hungarian, Romanian, Croatian, German."""
_ODD_WEST: Final = re.compile(r"ñ(?![aeiouáéíóúü])|[aeiouéè]æ|æ[aeiou]|œ(?![uidts])|õ(?!e)|ã(?![oesi]|$)")
"""Letters in places where no Western language has them: only Spanish has ñ, before vowels."""
_ODD_CENTRAL: Final = re.compile(
    r"ń[aeiouyąęó]|ę[aeiouy]|(?<=[bcdfghjklmnpqstvwxz])[čřć](?=[bcdfghjklmnpqrstvwxz])"
    r"|[ŕĺ](?![bcdfghjklmnpqrstvwxz])|(?<![bcdfghjklmnpqrstvwxz])[ŕĺ]"
)
_BALTIC: Final = ("ąčęėįšųūž", "āčēģīķļņšūž", "äöüõšž")
_CYRILLIC: Final = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдђежзијклљмнњопрстћуфхцчџш",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
)  # fmt: skip
_GREEK: Final = ("αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ",)
_HEBREW: Final = ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",)
_LOW: Final = re.compile(rb"[\x80-\xaf]")
_WIDE: Final = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]{2}")
"""Two signs of East Asia together. Of Western text a wrong encoding makes single ones between letters."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding that files are in."""

    names: tuple[str, ...]
    """Codecs, the usual one first; a later one has more characters."""
    label: str
    alphabets: tuple[str, ...] = ()
    """Letters beyond A to Z of each of its languages; empty for thousands of letters."""
    scripts: tuple[str, ...] = ("LATIN",)
    """First words of the Unicode names of its letters."""
    odd: re.Pattern[str] | None = None
    """Sequences of small letters that no word of its languages has."""
    usual: re.Pattern[bytes] | None = None
    """Bytes of its usual letters; without any of them a file is hardly in it."""


_ENCODINGS: Final = (
    Encoding((WESTERN,), "Western European", _WEST, odd=_ODD_WEST),
    Encoding(("cp1250",), "Central European", _CENTRAL, odd=_ODD_CENTRAL),
    Encoding(("cp1251",), "Cyrillic", _CYRILLIC, ("CYRILLIC",)),
    Encoding(("cp1253",), "Greek", _GREEK, ("GREEK",)),
    Encoding(("cp1254",), "Turkish", (_TURKISH,)),
    Encoding(("cp1255",), "Hebrew", _HEBREW, ("HEBREW",)),
    Encoding(("cp1257",), "Baltic", _BALTIC),
    Encoding(("cp949",), "Korean", (), ("HANGUL", "CJK")),
    Encoding(("shift_jis", "cp932"), "Japanese", (), ("HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH", "KATAKANA-HIRAGANA")),
    Encoding(("euc_jp",), "Japanese, Unix", (), ("HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH", "KATAKANA-HIRAGANA")),
    Encoding(("gb18030",), "Chinese, simplified", (), ("CJK",)),
    Encoding(("big5", "cp950", "big5hkscs"), "Chinese, traditional", (), ("CJK",)),
    Encoding(("cp850",), "Western European, DOS", _WEST, odd=_ODD_WEST, usual=_LOW),
    Encoding(("cp852",), "Central European, DOS", _CENTRAL, odd=_ODD_CENTRAL, usual=_LOW),
    Encoding(("cp866",), "Cyrillic, DOS", _CYRILLIC, ("CYRILLIC",), usual=_LOW),
    Encoding(("koi8_r",), "Cyrillic, Unix", _CYRILLIC, ("CYRILLIC",)),
    Encoding(("mac_roman",), "Western European, Mac", _WEST, odd=_ODD_WEST, usual=re.compile(rb"[\x80-\x9f]")),
)

_CAN_BE_IN_WORD: Final = frozenset(range(0x30, 0x3A)) | frozenset(range(0x40, 0x7F)) | frozenset(range(0x80, 0x100))
"""Bytes of which the encodings make characters beyond ASCII; all others divide words."""
_DIVIDE: Final = bytes(byte if byte in _CAN_BE_IN_WORD else 0x20 for byte in range(256))
_LONGEST: Final = 10_000
"""Maximum bytes of a word, and of the example line."""
_FEW: Final = 20
"""One word of so many may be odd: an abbreviation, a mistake, a name."""
_GIVEN_UP: Final = 100
"""Number of odd words after which an encoding is given up, if most of its words are odd."""
_MOST_SEEN: Final = 50_000
"""Maximum number of words kept, so as not to look at each again."""
_LINE: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")

_LETTERS: Final = re.compile(r"[^\W\d_¹²³¼½¾]+")
_SIGNS: Final = frozenset("€£¥§©®™°±²³½¼¾·–—…“”„‘’‚«»‹›•¡¿ªº×µ†\xa0")
_INSIDE: Final = frozenset("–—’‘·×")
"""Signs that stand between two letters."""
_NEVER_ALONE: Final = frozenset("£³¹")
"""Signs that stand beside digits or letters. Alone they are rather the Polish letters Ł, ł and ą of a code."""
_ALONE: Final = frozenset("àéèòóáíäöüåøæµªº")
"""Letters beyond ASCII that are words."""
_VOWELS: Final = frozenset("aeiouyæœøı")
_SHOWN: Final = 60


class Likely(NamedTuple):
    """An encoding in which all of a file can be read."""

    name: str
    """Codec."""
    label: str
    example: str
    """The first line with a character beyond ASCII."""
    fit: int
    """The fit of its words: 0 none, 1 nearly each word is of one of its languages, 2 nearly all of the same one."""
    is_western: bool
    """Whether it gives the same text as `WESTERN`."""


def codec(name: str) -> str | None:
    """The usual name of a codec for text; None if there is none of this name."""
    try:
        "a".encode(name)  # refuses codecs that are not for text
        return codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError):
        return None


class _Candidate:
    """An encoding, and how well the words so far fit it."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.names = list(encoding.names)
        """Codecs that can read all words so far."""
        self._words = self._odd = 0
        """Number of words, and of those that could be none of its languages."""
        self.is_western = True
        """Whether all words are the same text as in `WESTERN`."""
        self._letters: set[str] = set()
        self._alphabets = [frozenset(alphabet) for alphabet in encoding.alphabets]
        self._is_usual = encoding.usual is None and bool(encoding.alphabets)

    @property
    def fit(self) -> int:
        """The fit of the words so far, as `Likely.fit`."""
        if self._odd * _FEW > self._words or not self._is_usual:
            return 0
        return 2 if not self._alphabets or any(self._letters <= alphabet for alphabet in self._alphabets) else 1

    def take(self, word: bytes, western: str | None) -> None:
        """Take one more word into account, which reads so in `WESTERN`."""
        text = self._text(word)
        if text is None:
            return
        self.is_western = self.is_western and text == western
        if self._odd > _GIVEN_UP and self._odd * 2 > self._words:  # it can be read in it, and still nobody would
            return
        self._words += 1
        used = _letters_used(self.encoding, text)
        if used is None or (self._alphabets and not any(used <= alphabet for alphabet in self._alphabets)):
            self._odd += 1
            return
        self._letters |= used
        if not self._is_usual:
            usual = self.encoding.usual
            self._is_usual = bool(usual.search(word)) if usual else bool(_WIDE.search(text))

    def _text(self, word: bytes) -> str | None:
        while self.names:
            try:
                text = word.decode(self.names[0])
            except UnicodeDecodeError:
                del self.names[0]
                continue
            if any(map(_is_no_text, text)):
                self.names.clear()
            else:
                return text
        return None


class EncodingScan:
    """Finds the likely encodings of a file by its words with bytes beyond ASCII, piece by piece."""

    def __init__(self) -> None:
        self.line = b""
        """The first line with such a byte, without its end."""
        self.number = 1
        """The number of that line."""
        self._candidates = [_Candidate(encoding) for encoding in _ENCODINGS]
        self._seen: set[bytes] = set()
        self._rest = self._begun = b""
        self._ended_cr = False

    def take(self, piece: bytes) -> None:
        """Take the next piece of the file into account."""
        if not self.line:
            self._find_line(piece)
        if piece.isascii() and not self._rest:  # most of a file; a word may have begun in the piece before
            return
        whole, _, self._rest = (self._rest + piece).translate(_DIVIDE).rpartition(b" ")
        if len(self._rest) > _LONGEST:
            whole, self._rest = whole + self._rest, b""
        self._add(whole)

    def end(self) -> list[Likely]:
        """The encodings in which all of the file can be read, those that fit best first."""
        self._add(self._rest)
        self.line, self._rest = self.line or self._begun, b""
        found = []
        for one in self._candidates:
            if one.names:
                example = around(self.line.decode(one.names[0], "replace"))
                found.append(Likely(one.names[0], one.encoding.label, example, one.fit, one.is_western))
        return sorted(found, key=lambda likely: -likely.fit)

    def _add(self, text: bytes) -> None:
        if text.isascii():
            return
        # Each word once: names of items and places repeat in every row.
        for word in {word for word in set(text.split()) - self._seen if not word.isascii()}:
            try:
                western = word.decode(WESTERN)
            except UnicodeDecodeError:
                western = None
            for one in self._candidates:
                if one.names:
                    one.take(word, western)
            if len(self._seen) < _MOST_SEEN:
                self._seen.add(word)

    def _find_line(self, piece: bytes) -> None:
        whole = self._begun + (piece.removeprefix(b"\n") if self._ended_cr else piece)
        found = _LINE.search(whole)
        before = whole[: found.start()] if found else whole
        self.number += before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
        self._ended_cr = not found and whole.endswith(b"\r")
        if found and found.end() < len(whole):
            self.line = found[0]
        elif found:
            self._begun = found[0][:_LONGEST]
        else:
            self._begun = whole[max(whole.rfind(b"\n"), whole.rfind(b"\r")) + 1 :][:_LONGEST]


def certain(found: Sequence[Likely]) -> str | None:
    """The encoding in which the text cannot be read otherwise; None if it takes a person to tell.

    Args:
        found: of `EncodingScan.end`.
    """
    fitting = [one for one in found if one.fit]
    if any(one.name == WESTERN for one in fitting) and all(one.is_western for one in fitting):
        return WESTERN
    return None


@cache
def _is_no_text(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs")


def _letters_used(encoding: Encoding, text: str) -> frozenset[str] | None:
    """The letters beyond ASCII of a word that could be one; None if it could not."""
    if text in _NEVER_ALONE and encoding.alphabets:
        return None
    for place, sign in enumerate(text):
        if sign.isascii() or sign.isalpha():
            continue
        around = text[max(0, place - 1) : place], text[place + 1 : place + 2]
        if sign not in _SIGNS and encoding.alphabets:
            return None
        if sign not in _INSIDE and all(near.isalpha() for near in around) and encoding.alphabets:
            return None
    found: set[str] = set()
    for run in _LETTERS.findall(text):
        beyond = [letter for letter in run if not letter.isascii()]
        if not beyond or run in ("µ", "ª", "º", "µm", "µs"):
            continue
        if not _is_word(encoding, run, beyond):
            return None
        found.update(letter for letter in "".join(beyond).lower() if letter.isalpha() and not letter.isascii())
    return frozenset(found)


def _is_word(encoding: Encoding, run: str, beyond: Sequence[str]) -> bool:
    if any(not _script(letter).startswith(encoding.scripts) for letter in beyond):
        return False
    if encoding.scripts != ("LATIN",):  # no letter of A to Z stands among those of another script
        inner = run.strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        mixed = any(letter.isascii() for letter in inner) or (inner != run and bool(encoding.alphabets))
        return not mixed and not (run[0].isascii() and run[-1].isascii()) and _has_case(run) and len(run) > 1
    if len(run) == 1:
        return run.lower() in _ALONE
    if encoding.odd is not None and encoding.odd.search(run.lower()):
        return False
    plain = unicodedata.normalize("NFKD", run.lower())
    return _has_case(run) and len(beyond) * 4 <= len(run) * 3 and any(letter in _VOWELS for letter in plain)


def _has_case(run: str) -> bool:
    """Whether the letters are small, large, or a large one before small ones."""
    run = run.replace("ß", "")
    return run[1:] in (run[1:].lower(), run[1:].upper()) and (run[1:].islower() or run[:1] == run[:1].upper())


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "")


def around(line: str, most: int = _SHOWN) -> str:
    """The part of a line around its first character beyond ASCII.

    Args:
        most: number of characters, without the ellipses for what is left out.
    """
    place = next((place for place, sign in enumerate(line) if not sign.isascii() and sign != "…"), 0)
    first = max(0, min(place - most // 3, len(line) - most))
    return f"{'…' if first else ''}{line[first : first + most]}{'…' if first + most < len(line) else ''}"
