"""Scans for tests: what they say in a form that is easy to compare, and check digits to build them with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.barcodes import Reading, Settings, read
from models.errors import Unreadable

GS, RS, EOT = "\x1d", "\x1e", "\x04"
GTIN = "09506000134352"
OTHER_GTIN = "09521234543213"
CARTON = "106141412345678908"

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""What GS1 allows in lots and serials."""

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "cases/scans_public.jsonl").read_text("utf-8").splitlines()
]
"""The public cases."""

_DEFAULT = Settings()


def comes_out_right(case: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether a public case's scan was understood: all that is wanted is there, no other serial, GTIN or lot is."""
    return any(
        all(found.get(name) == value for name, value in wanted.items())
        and not ({"serial", "gtin", "lot"} - set(wanted)) & set(found)
        for wanted in [case["expect"], *case.get("also_ok", [])]
    )


def said(scan: str, **settings: Any) -> dict[str, Any]:
    """Kind and fields of a scan, or the reason why it is refused under `error`."""
    try:
        reading = read(scan, Settings(**settings))
    except Unreadable as refused:
        return {"error": refused.reason}
    return {"kind": reading.kind.value, **reading.fields}


def outcome(scan: str, settings: Settings = _DEFAULT) -> Reading | Unreadable:
    """What a scan says, or why it is refused; anything else that happens is a fault."""
    try:
        return read(scan, settings)
    except Unreadable as refused:
        return refused


def refusal(scan: str, **settings: Any) -> str:
    """The reason why a scan is refused; empty where it is not."""
    return str(said(scan, **settings).get("error", ""))


def message(scan: str, **settings: Any) -> str:
    """What a person is told about a refused scan; empty where it is not refused."""
    try:
        read(scan, Settings(**settings))
    except Unreadable as refused:
        return refused.message
    return ""


def checked(digits: str) -> str:
    """Digits with GS1's check digit behind them."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def envelope(*fields: str, form: str = "06") -> str:
    """An ISO/IEC 15434 message of one format."""
    return f"[)>{RS}{form}{GS}{GS.join(fields)}{RS}{EOT}"


def hibc(text: str) -> str:
    """An HIBC text with its check character."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
    return text + alphabet[sum(map(alphabet.index, text)) % 43]
