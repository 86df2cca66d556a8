"""Scans of a US scanner on a host with another keyboard layout, told by how they begin."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from models.barcodes.aim import GS1, KNOWN
from models.barcodes.checks import begins_as_gs1, hibc_good
from models.barcodes.layouts import NAMES, US, typed
from models.errors import Unreadable

_ENVELOPE: Final = "[)>"
_ADDRESSES: Final = ("https://", "http://", "HTTPS://", "HTTP://")
_EAN: Final = "]E0"


def refuse_mix_up(text: str) -> None:
    """Refuse a scan that begins as a symbol identifier, an envelope or a web address does on another layout.

    An HIBC may begin so too: a right check character says that it is one, unless a GTIN stands behind what would be the
    identifier.

    Raises:
        Unreadable: it does (`keyboard_layout`).
    """
    if text[:1] in _first_characters() and (hosts := _hosts(text)):
        if hibc_good(text) and not begins_as_gs1(text[3:]):
            return
        raise refusal(text, hosts)


def refusal(text: str, hosts: tuple[str, ...]) -> Unreadable:
    """The refusal of a scan that these hosts make of a US scanner's keys."""
    host = ", ".join(hosts[:2]) + (" …" if len(hosts) > 2 else "")
    return Unreadable(
        "keyboard_layout",
        f"The scan begins with {text[:8]}: the scanner types for a US keyboard and this computer has another layout "
        f"({host}). Set the scanner's keyboard country to this computer's.",
        hosts=hosts,
    )


def hint(character: str) -> str:
    """What a character beyond ASCII may come from, a sentence behind a blank, or empty."""
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
    """Each layout, with what tells a scan that went through it."""
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
