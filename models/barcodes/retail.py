"""Symbols of products in shops: EAN, UPC and ITF-14."""

from __future__ import annotations

from typing import Any, Final

from models.barcodes.checks import digits_only, gtin_14, upc_a
from models.barcodes.reading import shown
from models.errors import Unreadable

_ADD_ON: Final = (2, 5)
_LENGTHS: Final = {"]E0": (13, 12, 8), "]E3": (13, 12, 8), "]E4": (8,), "]I1": (14,)}


def read_retail(symbology: str, body: str) -> dict[str, Any]:
    """The product that a retail symbol names.

    Args:
        symbology: `]E0` to `]E4`, or `]I1` for an ITF-14.
        body: its digits. UPC-E is taken with 8 digits, in which it stands for a UPC-A of 12.

    Raises:
        Unreadable: `bad_char`, `truncated`, `too_long` or `bad_check_digit`.
    """
    if not digits_only(body):
        raise Unreadable(
            "bad_char",
            f"{shown(body)} came from a product's symbol ({symbology}), which has digits only. Scan again; if it "
            "stays, run the scanner check.",
        )
    if symbology in ("]E1", "]E2"):
        raise Unreadable(
            "truncated", f"{shown(body)} is only what stands beside a product's symbol. Scan the symbol itself as well."
        )
    digits, add_on = _parted(symbology, body)
    allowed = _LENGTHS[symbology]
    if len(digits) not in allowed:
        short = len(digits) < max(allowed)
        raise Unreadable(
            "truncated" if short else "too_long",
            f"{shown(body)} has {len(digits)} digits; a product's symbol ({symbology}) has {_listed(allowed)}. "
            "Scan the symbol again.",
        )
    gtin = _upc_e(digits) if symbology != "]E4" and len(digits) == 8 else gtin_14(digits)
    if gtin is None:
        raise Unreadable(
            "bad_check_digit",
            f"The check digit of the product code {digits} is wrong, so it was misread. Scan the symbol again.",
        )
    return {"gtin": gtin} | ({"add_on": add_on} if add_on else {})


def _parted(symbology: str, body: str) -> tuple[str, str]:
    """The main symbol's digits and those of the small one beside it."""
    if symbology == "]E3":
        for length in _LENGTHS[symbology]:
            if len(body) - length in _ADD_ON:
                return body[:length], body[length:]
    return body, ""


def _upc_e(digits: str) -> str | None:
    """The GTIN of a UPC-E; of an EAN-8 where no UPC-E begins so."""
    return gtin_14(upc_a(digits) if digits[0] in "01" else digits)


def _listed(lengths: tuple[int, ...]) -> str:
    return " or ".join(map(str, lengths))
