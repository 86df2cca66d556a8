"""Check digits of numbers that are printed as barcodes."""

from __future__ import annotations

from typing import Final

_HIBC_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_HIBC_VALUES: Final = {character: value for value, character in enumerate(_HIBC_CHARACTERS)}

_VIN_VALUES: Final = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True)
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

GTIN_LENGTHS: Final = (8, 12, 13, 14)


def digits_only(text: str) -> bool:
    """Whether a text has plain digits and nothing else."""
    return text.isascii() and text.isdigit()


def gs1_good(number: str) -> bool:
    """Whether the last of some plain digits is GS1's check digit (General Specifications 7.9.1)."""
    digits = [int(digit) for digit in number]
    return (sum(digits[-1::-2]) + 3 * sum(digits[-2::-2])) % 10 == 0


def begins_as_gs1(body: str) -> bool:
    """Whether a text says by itself, without an AIM identifier, that it is GS1.

    A GTIN field with a right check digit does, and a carton's number that is all there is.
    """
    if body.startswith("01"):
        return len(body) >= 16 and digits_only(body[2:16]) and gs1_good(body[2:16])
    return body.startswith("00") and len(body) == 20 and digits_only(body) and gs1_good(body[2:])


def gtin_14(text: str) -> str | None:
    """A GTIN of 8, 12, 13 or 14 digits with its right check digit, as 14 digits; None if the text is none."""
    if len(text) in GTIN_LENGTHS and digits_only(text) and gs1_good(text):
        return text.zfill(14)
    return None


def upc_a(upc_e: str) -> str:
    """The 12 digits of a UPC-A that a UPC-E of 8 digits stands for (General Specifications 5.2.2.4.2)."""
    system, body, check = upc_e[0], upc_e[1:7], upc_e[7]
    last = body[5]
    if last in "012":
        inner = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        inner = body[:3] + "00000" + body[3:5]
    elif last == "4":
        inner = body[:4] + "00000" + body[4]
    else:
        inner = body[:5] + "0000" + last
    return system + inner + check


def luhn_good(number: str) -> bool:
    """Whether the last of some plain digits is Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in number]
    return (sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])) % 10 == 0


def hibc_good(text: str) -> bool:
    """Whether the last character is HIBC's check character, modulo 43 over all before it."""
    values = [_HIBC_VALUES.get(character, -1) for character in text]
    return len(values) > 1 and min(values) >= 0 and sum(values[:-1]) % 43 == values[-1]


def hibc_alphabet(text: str) -> bool:
    """Whether a text has only characters that HIBC knows."""
    return all(character in _HIBC_VALUES for character in text)


def vin_good(vin: str) -> bool:
    """Whether the ninth character of 17 capitals and digits is the check digit of 49 CFR 565.15."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11]
