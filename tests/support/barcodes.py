"""Scans for tests: readings in a form that is easy to compare, and functions to build valid scans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.barcodes.reader import read
from models.barcodes.reading import Reading, Settings
from models.errors import Unreadable

GS, RS, EOT = "\x1d", "\x1e", "\x04"
GTIN = "09506000134352"
OTHER_GTIN = "09521234543213"
CARTON = "106141412345678908"

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Characters that GS1 allows in lots and serials."""

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for name in ("scans_public", "scans_missed")
    for line in (Path(__file__).parents[1] / f"cases/{name}.jsonl").read_text("utf-8").splitlines()
]
"""The public test cases, one JSON object each; those of the second file were once read wrongly."""

_DEFAULT = Settings()


def comes_out_right(case: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether a case's scan was read as expected: with all wanted fields, and no other serial, GTIN or lot."""
    return any(
        all(found.get(name) == value for name, value in wanted.items())
        and not ({"serial", "gtin", "lot"} - set(wanted)) & set(found)
        for wanted in [case["expect"], *case.get("also_ok", [])]
    )


def said(scan: str, **settings: Any) -> dict[str, Any]:
    """Kind and fields of a scan, or the reason of its refusal under `error`."""
    try:
        reading = read(scan, Settings(**settings))
    except Unreadable as refused:
        return {"error": refused.reason}
    return {"kind": reading.kind.value, **reading.fields}


def outcome(scan: str, settings: Settings = _DEFAULT) -> Reading | Unreadable:
    """The reading of a scan, or its refusal; any other exception is a fault and is raised."""
    try:
        return read(scan, settings)
    except Unreadable as refused:
        return refused


def refusal(scan: str, **settings: Any) -> str:
    """The reason of a scan's refusal; empty if it is accepted."""
    return str(said(scan, **settings).get("error", ""))


def message(scan: str, **settings: Any) -> str:
    """The message about a refused scan; empty if it is accepted."""
    try:
        read(scan, Settings(**settings))
    except Unreadable as refused:
        return refused.message
    return ""


def checked(digits: str) -> str:
    """Digits followed by their GS1 check digit."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def envelope(*fields: str, form: str = "06") -> str:
    """An ISO/IEC 15434 message in one format envelope."""
    return f"[)>{RS}{form}{GS}{GS.join(fields)}{RS}{EOT}"


def hibc(text: str) -> str:
    """An HIBC text followed by its check character."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
    return text + alphabet[sum(map(alphabet.index, text)) % 43]
