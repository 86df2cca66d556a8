"""Keyboard layouts: a scanner presses keys, and the host decides what they type.

A scanner that is set to one country's keyboard on a host that is set to another types other characters than those in
the barcode. The tables name the 47 keys which a US keyboard has for characters, in its order, without and with Shift.
Characters which need AltGr are left out: of those that barcodes hold, few do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

US: Final = "US"

_NONE: Final = "\0"
"""Stands for a key that types nothing."""

_LETTERS_OF: Final = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjkl", "wxcvbn"),
}

# Arrangement of the letters, then the other keys of each row, and the same with Shift.
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
"""All layouts, by the country that scanners and hosts call them after."""

DEAD: Final = frozenset("´`^¨~ˇ¸")
"""Accents which many hosts hold back for the next letter, and then type together with it or not at all."""


def typed(text: str, scanner: str, host: str) -> str:
    """What arrives when a scanner set to one layout types on a host set to another.

    Args:
        text: what the barcode says.
        scanner: one of `NAMES`.
        host: one of `NAMES`.

    Returns:
        The text; characters that the scanner's layout has on no key stay as they are, as control characters do.
    """
    return text.translate(_table(scanner, host))


def without_shift(text: str, host: str) -> str:
    """A text with every character as its key types it without Shift."""
    return text.translate(_unshifted(host))


def mix_ups() -> Iterator[tuple[str, str]]:
    """Pairs of scanner and host that differ, the likely ones first: scanners are delivered with the US layout."""
    others = NAMES[1:]
    yield from ((US, host) for host in others)
    yield from ((scanner, US) for scanner in others)
    yield from ((scanner, host) for scanner in others for host in others if scanner != host)


@cache
def _keys(layout: str) -> tuple[str, str]:
    letters, digits, beside_p, beside_l, beside_m, *shifted = _TABLE[layout]
    top, home, bottom = _LETTERS_OF[letters]
    if layout == "Turkish":
        top = top.replace("i", "ı")
    base = digits + top + beside_p + home + beside_l + bottom + beside_m
    upper = shifted[0] + top.upper() + shifted[1] + home.upper() + shifted[2] + bottom.upper() + shifted[3]
    return base, upper


@cache
def _table(scanner: str, host: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for scanned, arriving in zip("".join(_keys(scanner)), "".join(_keys(host)), strict=True):
        if scanned != _NONE:
            table.setdefault(ord(scanned), "" if arriving == _NONE else arriving)
    return table


@cache
def _unshifted(host: str) -> dict[int, str]:
    base, upper = _keys(host)
    return {ord(shifted): plain for plain, shifted in zip(base, upper, strict=True) if _NONE not in (plain, shifted)}
