"""The first stage of reading a scan: undoing and refusing changes by the scanner and the keyboard.

In this order: AIM identifiers, keyboard layouts, detection of a layout mismatch, allowed characters, replaced
separators.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from models.barcodes.numbers import begins_as_gs1, hibc_good, hibc_lines
from models.barcodes.reading import Settings, shown
from models.errors import Unreadable

KNOWN: Final = {
    "A": "0134578",  # Code 39
    "B": "0124",  # Telepen
    "C": "0124",  # Code 128
    "E": "01234",  # EAN and UPC
    "F": "0124",  # Codabar
    "G": "0123456789",  # Code 93
    "H": "0138",  # Code 11
    "I": "0137",  # Interleaved 2 of 5
    "J": "012345",  # DotCode
    "K": "0124",  # Code 16K
    "L": "0123456",  # PDF417
    "M": "0123",  # MSI
    "N": "0",  # Anker
    "O": "014567",  # Codablock
    "P": "0",  # Plessey
    "Q": "0123456",  # QR Code
    "R": "013",  # 2 of 5 with two bars at its ends
    "S": "0",  # 2 of 5 with three bars at its ends
    "T": "0124",  # Code 49
    "U": "0123",  # MaxiCode
    "X": "0123456789",  # others
    "Z": "0123456789",  # no barcode at all: typed, magnetic, radio
    "d": "0123456",  # Data Matrix
    "e": "0123",  # GS1 DataBar and composite symbols
    "g": "0123456789",  # Grid Matrix
    "h": "0123",  # Han Xin
    "o": "0123",  # printed letters
    "p": "0123456789",  # PosiCode
    "z": "0123456789ABC",  # Aztec
}
"""AIM code characters with their modifiers (ISO/IEC 15424). Code One (`]D`) and Channel Code (`]c`) are left out:
nobody prints them, and `]d2` and `]C1` look like them when Caps Lock is on."""

GS1: Final = frozenset(("]C1", "]d2", "]d5", "]Q3", "]Q4", "]e0", "]J1"))
"""AIM identifiers of GS1 element strings. `]d5` and `]Q4` are the symbols with a declared character set."""

RETAIL: Final = frozenset(("]E0", "]E1", "]E2", "]E3", "]E4"))
"""AIM identifiers of retail product symbols and their add-ons."""

_LOOKS_LIKE_ONE: Final = re.compile(r"\][A-Za-z][0-9]")
_CUT_OFF: Final = re.compile(r"\][A-Za-z]?")


def split_id(text: str) -> tuple[str, str]:
    """The AIM identifier of a scan, empty without one, and what follows it.

    Raises:
        Unreadable: the scan ends inside the identifier (`truncated`), or the identifier is unknown (`unknown_aim`).
    """
    if not text.startswith("]"):
        return "", text
    if len(text) >= 3 and text[2] in KNOWN.get(text[1], ""):
        return text[:3], text[3:]
    if _LOOKS_LIKE_ONE.match(text):
        raise _unknown(text[:3])
    if _CUT_OFF.fullmatch(text):
        raise Unreadable(
            "truncated", f"Only {text} arrived, the beginning of a scanner's symbol identifier. Scan the label again."
        )
    return "", text


def inverted_case(identifier: str) -> Unreadable:
    """The error for an AIM identifier with inverted case."""
    return Unreadable(
        "unknown_aim",
        f"The scan begins with {identifier} where {identifier.swapcase()} belongs: capitals and small letters are "
        "exchanged. Switch Caps Lock off and scan again.",
    )


def _unknown(identifier: str) -> Unreadable:
    letter, modifier = identifier[1].swapcase(), identifier[2]
    if modifier in KNOWN.get(letter, ""):
        return inverted_case(identifier)
    return Unreadable(
        "unknown_aim",
        f"The scan begins with {shown(identifier)}, which no kind of symbol has. Scan again; if it stays, check the "
        "scanner's settings for the AIM identifier.",
    )


US: Final = "US"

_NONE: Final = "\0"
"""Placeholder for a key that types nothing."""

_LETTERS_OF: Final = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjkl", "wxcvbn"),
}

# Layout of the letters, then the other keys of each row from the digits down, then the same rows with Shift.
_TABLE: Final = {
    US: ("qwerty", "`1234567890-=", "[]\\", ";'", ",./", "~!@#$%^&*()_+", "{}|", ':"', "<>?"),
    "British": ("qwerty", "`1234567890-=", "[]#", ";'", ",./", '¬!"£$%^&*()_+', "{}~", ":@", "<>?"),
    "German": ("qwertz", "^1234567890ß´", "ü+#", "öä", ",.-", '°!"§$%&/()=?`', "Ü*'", "ÖÄ", ";:_"),
    "Swiss": ("qwertz", "§1234567890'^", "ü¨$", "öä", ",.-", '°+"*ç%&/()=?`', "è!£", "éà", ";:_"),
    "French": ("azerty", "²&é\"'(-è_çà)=", "^$*", "mù", ",;:!", "~1234567890°+", "¨£µ", "M%", "?./§"),
    "Belgian": ("azerty", "²&é\"'(§è!çà)-", "^$µ", "mù", ",;:=", "³1234567890°_", "¨*£", "M%", "?./+"),
    "Italian": ("qwerty", "\\1234567890'ì", "è+ù", "òà", ",.-", '|!"£$%&/()=?^', "é*§", "ç°", ";:_"),
    "Spanish": ("qwerty", "º1234567890'¡", "`+ç", "ñ´", ",.-", 'ª!"·$%&/()=?¿', "^*Ç", "Ñ¨", ";:_"),
    "Portuguese": ("qwerty", "\\1234567890'«", "+´~", "çº", ",.-", '|!"#$%&/()=?»', "*`^", "Çª", ";:_"),
    "Brazilian": ("qwerty", "'1234567890-=", "´[]", "ç~", ",.;", '"!@#$%¨&*()_+', "`{}", "Ç^", "<>:"),
    "Swedish or Finnish": ("qwerty", "§1234567890+´", "å¨'", "öä", ",.-", '½!"#¤%&/()=?`', "Å^*", "ÖÄ", ";:_"),
    "Danish": ("qwerty", "½1234567890+´", "å¨'", "æø", ",.-", '§!"#¤%&/()=?`', "Å^*", "ÆØ", ";:_"),
    "Norwegian": ("qwerty", "|1234567890+\\", "å¨'", "øæ", ",.-", '§!"#¤%&/()=?`', "Å^*", "ØÆ", ";:_"),
    "Czech": ("qwertz", ";+ěščřžýáíé=´", "ú)¨", "ů§", ",.-", "°1234567890%ˇ", "/('", '"!', "?:_"),
    "Hungarian": ("qwertz", "0123456789öüó", "őúű", "éá", ",.-", "§'\"+!%/=()ÖÜÓ", "ŐÚŰ", "ÉÁ", "?:_"),
    "Turkish": ("qwerty", '"1234567890*-', "ğü,", "şi", "öç.", "é!'^+%&/()=?_", "ĞÜ;", "Şİ", "ÖÇ:"),
    "Canadian French": ("qwerty", "#1234567890-=", "^¸<", ";`", ",.é", '|!"/$%?&*()_+', "^¨>", ":`", "'.É"),
    "Japanese": (
        "qwerty",
        f"{_NONE}1234567890-^",
        "@[]",
        ";:",
        ",./",
        f"{_NONE}!\"#$%&'(){_NONE}=~",
        "`{}",
        "+*",
        "<>?",
    ),
}

NAMES: Final = tuple(_TABLE)
"""All layouts, by the country name that scanners and hosts use."""

DEAD: Final = frozenset("´`^¨~ˇ¸")
"""Dead keys: accents that many hosts combine with the next letter, or drop."""


def typed(text: str, scanner: str, host: str) -> str:
    """The text that arrives when a scanner set to one layout types on a host set to another.

    Args:
        text: the barcode's data.
        scanner: one of `NAMES`.
        host: one of `NAMES`.

    Returns:
        The text; control characters and characters on no key of the scanner's layout are unchanged.
    """
    return text.translate(_table(scanner, host))


def without_shift(text: str, host: str) -> str:
    """A text with every character replaced by that of its key without Shift."""
    return text.translate(_unshifted(host))


def mix_ups() -> Iterator[tuple[str, str]]:
    """Pairs of different scanner and host layouts, likely ones first: scanners are delivered with the US layout."""
    others = NAMES[1:]  # without the US layout
    yield from ((US, host) for host in others)
    yield from ((scanner, US) for scanner in others)
    yield from ((scanner, host) for scanner in others for host in others if scanner != host)


@cache
def _keys(layout: str) -> tuple[str, str]:
    letters, digits, beside_p, beside_l, beside_m, *shifted = _TABLE[layout]
    top, home, bottom = _LETTERS_OF[letters]
    if layout == "Turkish":  # its dotted i is a key beside the L
        top = top.replace("i", "ı")
    base = digits + top + beside_p + home + beside_l + bottom + beside_m
    upper = shifted[0] + top.upper() + shifted[1] + home.upper() + shifted[2] + bottom.upper() + shifted[3]
    return base, upper


@cache
def _table(scanner: str, host: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for scanned, arriving in zip("".join(_keys(scanner)), "".join(_keys(host)), strict=True):
        if scanned != _NONE:  # a character on two keys is typed with the first, the one without Shift
            table.setdefault(ord(scanned), "" if arriving == _NONE else arriving)
    return table


@cache
def _unshifted(host: str) -> dict[int, str]:
    base, upper = _keys(host)
    return {ord(shifted): plain for plain, shifted in zip(base, upper, strict=True) if _NONE not in (plain, shifted)}


_ENVELOPE: Final = "[)>"
_ADDRESSES: Final = ("https://", "http://", "HTTPS://", "HTTP://")
_EAN: Final = "]E0"


def refuse_mix_up(text: str) -> None:
    """Refuse a scan that begins like an AIM identifier, an envelope or a web address typed on another layout.

    An HIBC may begin like that too: a valid check character identifies it, unless a GTIN follows the presumed AIM
    identifier.

    Raises:
        Unreadable: the layouts differ (`keyboard_layout`).
    """
    if text[:1] in _first_characters() and (hosts := _hosts(text)):
        if (hibc_good(text) or hibc_lines(text)) and not begins_as_gs1(text[3:]):
            return
        raise refusal(text, hosts)


def refusal(text: str, hosts: tuple[str, ...]) -> Unreadable:
    """The error for a scan of a US scanner on a host with one of these layouts."""
    host = ", ".join(hosts[:2]) + (" …" if len(hosts) > 2 else "")
    return Unreadable(
        "keyboard_layout",
        f"The scan begins with {text[:8]}: the scanner types for a US keyboard and this computer has another layout "
        f"({host}). Set the scanner's keyboard country to this computer's.",
        hosts=hosts,
    )


def hint(character: str) -> str:
    """A sentence, with a leading space, on a likely layout mismatch behind a non-ASCII character; empty without one."""
    hosts = [host for host in NAMES[1:] if any(typed(sign, US, host) == character for sign in "-/0123456789_[];'")]
    if not hosts:
        return ""
    return f" Perhaps the scanner is set to a US keyboard and this computer to a {hosts[0]} one: make them the same."


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(host for host, begins in _beginnings() if begins.match(text))


@lru_cache(maxsize=1)
def _first_characters() -> frozenset[str]:
    of_signs = {typed(sign, US, host) for host in NAMES[1:] for sign in "[]"}
    return frozenset(of_signs | {"h", "H"})


@lru_cache(maxsize=1)
def _beginnings() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each host layout, with a pattern for scans changed by it."""
    patterns = ((host, _patterns(host)) for host in NAMES[1:])
    return tuple((host, re.compile("|".join(some))) for host, some in patterns if some)


def _patterns(host: str) -> list[str]:
    digit = "[" + re.escape(typed("0123456789", US, host)) + "]"
    changed = {sign: typed(sign, US, host) for sign in (*sorted(GS1), _EAN, _ENVELOPE, *_ADDRESSES)}
    changed = {sign: arrives for sign, arrives in changed.items() if arrives != sign}
    ids = [typed(f"]{letter}{modifier}", US, host) for letter, some in KNOWN.items() for modifier in some]
    any_id = f"(?:{'|'.join(map(re.escape, ids))})?"
    patterns = []
    for sign, arrives in changed.items():
        if sign in GS1:
            patterns.append(f"{re.escape(arrives)}{digit}{{2}}")
        elif sign == _EAN:
            patterns.append(f"{re.escape(arrives)}{digit}{{12,13}}$")
        elif sign == _ENVELOPE:
            patterns.append(f"{any_id}{re.escape(arrives)}(?:\x1e|{digit}{{2}})")
        else:
            patterns.append(any_id + re.escape(arrives))
    return patterns


LONGEST: Final = 8_192
"""Maximum characters of a scan; no symbol holds more (Aztec and QR Code: below 4,300 letters, 7,100 digits)."""

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"
SEPARATORS: Final = frozenset("\x04\x1c\x1d\x1e\x1f")
"""EOT, FS, GS, RS and US: control characters that some formats need."""

_PRINTABLE: Final = re.compile(r"[ -~]+")
_ADMITTED: Final = re.compile("[\x04\x1c-\x1f -~]+")
_NAMES: Final = {"\x04": "EOT", "\x1c": "FS", "\x1d": "GS", "\x1e": "RS", "\x1f": "US", "\x00": "NUL", "\x1b": "ESC"}


def admit(scan: str, settings: Settings) -> str:
    """Check the length and the characters of a scan; returns it without surrounding spaces.

    Separators pass here; each format refuses those that it does not use.

    Raises:
        Unreadable: `too_long`, `empty`, `keyboard_layout`, `control_char` or `bad_char`.
    """
    if len(scan) > LONGEST:
        raise Unreadable(
            "too_long",
            f"{len(scan):,} characters came at once, {LONGEST:,} is the most of any barcode. Scan one label at a time.",
        )
    text = scan.strip(" ")
    if not text:
        raise Unreadable("empty", "Nothing was scanned. Scan the label again.")
    refuse_mix_up(text)
    if not _ADMITTED.fullmatch(text):
        for character in text:
            if not _ADMITTED.match(character) and not (settings.beyond_ascii and is_letter(character)):
                raise _refusal(character, text)
    return text


def refuse_separators(text: str) -> None:
    """Refuse separators, for formats that have none.

    Raises:
        Unreadable: the text has one (`control_char`).
    """
    if not _PRINTABLE.fullmatch(text):
        for character in text:
            if character in SEPARATORS:
                raise Unreadable(
                    "control_char",
                    f"There is a separator ({_NAMES[character]}) in {shown(text)}, which is no GS1 or envelope code. "
                    "Scan again; if it is a GS1 label, switch AIM identifiers on in the scanner.",
                )


def is_letter(character: str) -> bool:
    """Whether a character is a non-ASCII letter or a combining accent."""
    return not character.isascii() and unicodedata.category(character)[0] in "LM"


def _refusal(character: str, text: str) -> Unreadable:
    code = ord(character)
    if unicodedata.category(character) == "Cc":
        name = _NAMES.get(character, f"0x{code:02x}")
        return Unreadable(
            "control_char",
            f"There is a control character ({name}) in the scan. Scan again; if it stays, run the scanner check.",
        )
    if character == "\ufffd":
        return Unreadable(
            "bad_char",
            "A part of the scan is not readable text. Scan again; if it stays, set scanner and terminal to UTF-8.",
        )
    named = f"{character} (U+{code:04X})" if character.isprintable() else f"U+{code:04X}"
    return Unreadable(
        "bad_char",
        f"Character {text.index(character) + 1} of the scan is {named}; serials have plain letters, digits and signs."
        f"{hint(character) or ' Scan again or type what is printed.'}",
    )


_SIBLINGS: Final = {"<GS>": ("<RS>", "<EOT>"), "{GS}": ("{RS}", "{EOT}"), "Alt029": ("Alt030", "Alt004")}
"""Substitutes for GS → those that the same scanners send for RS and EOT."""


def restored(body: str, substitutes: Sequence[str], *, is_gs1: bool) -> str:
    """Restore the separators of GS1 data or an ISO/IEC 15434 envelope that has no real GS.

    Args:
        body: the scan after its AIM identifier.
        substitutes: texts that may replace GS; longer ones are matched first.
        is_gs1: whether the AIM identifier is one of GS1.

    Returns:
        The text as printed on the label; text of other formats is unchanged.
    """
    known = tuple(sorted(filter(None, substitutes), key=len, reverse=True))
    if GS in body or not known:
        return body
    # Only data that is sure to be GS1 or an envelope: in another text a "~" may belong to the serial.
    begins = next((substitute for substitute in known if body.startswith(substitute)), "")
    if is_gs1 or begins_as_gs1(body) or (begins and begins_as_gs1(_replaced(body, known).removeprefix(GS))):
        return _replaced(body, known)
    return _replaced(body, known, siblings=True) if body.startswith("[)>") else body


def _replaced(body: str, known: tuple[str, ...], *, siblings: bool = False) -> str:
    meant = dict.fromkeys(known, GS)
    if siblings:
        for substitute in known:
            meant |= dict(zip(_SIBLINGS.get(substitute, ()), (RS, EOT), strict=False))
    return _pattern(tuple(meant)).sub(lambda found: meant[found[0]], body)


@lru_cache(maxsize=64)
def _pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)))
