"""ISO/IEC 15434 envelopes: `[)>` RS, formats with their fields between GS, RS, EOT."""

from __future__ import annotations

from typing import Any, Final

from models.barcodes import gs1, identifiers
from models.barcodes.gate import EOT, GS, RS
from models.barcodes.reading import shown
from models.errors import Unreadable

HEADER: Final = "[)>"

_GS1: Final = "05"
_SPLIT: Final = {
    "06": identifiers.split_identifier,
    "12": identifiers.split_text_identifier,
    "DD": identifiers.split_text_identifier,
}
"""Formats of identified fields; DD is what format 12 was called before it had a number."""


def read_envelope(text: str) -> tuple[dict[str, Any], list[str]]:
    """What an envelope says, by name, and what is odd about it.

    Raises:
        Unreadable: `bad_envelope`: it is not whole, or has no format that names parts and serials; else what is wrong
            with a field.
    """
    if text[3:4] != RS:
        raise Unreadable(
            "bad_envelope",
            "The separators (RS, GS) of this label's code are lost, so its fields run together. Set the scanner to "
            "send control characters; the scanner check shows it.",
        )
    oddities: list[str] = []
    content = text[4:]
    if content.endswith(RS + EOT):
        content = content[:-2]
    else:
        content = content.removesuffix(EOT).removesuffix(RS)
        oddities.append("The end of this code is missing; compare its last field with the label.")
    if EOT in content:
        raise Unreadable("bad_envelope", "Two codes ran together in this scan. Scan one label at a time.")
    fields, more = _read_formats(content.split(RS))
    return fields, oddities + more


def _read_formats(formats: list[str]) -> tuple[dict[str, Any], list[str]]:
    of_gs1: list[gs1.Element] = []
    identified: list[tuple[str, str]] = []
    oddities: list[str] = []
    for written in formats:
        header, sign, data = written[:2], written[2:3], written[3:]
        if header != _GS1 and header not in _SPLIT:
            oddities.append(f"A part of this code in format {shown(header) or 'none'} was left out.")
        elif sign != GS or "\x1c" in data or "\x1f" in data:
            raise Unreadable(
                "bad_envelope", f"The code's format {header} is damaged: a separator is wrong. Scan the label again."
            )
        elif header == _GS1:
            of_gs1 += gs1.elements(data)
        else:
            identified += map(_SPLIT[header], filter(None, data.split(GS)))
    gs1.refuse_repeated(of_gs1)
    fields, more = identifiers.meaning(identified)
    theirs, oddities_of_gs1 = gs1.meaning(of_gs1)
    fields = _joined(fields, theirs)
    if not fields:
        raise Unreadable(
            "bad_envelope",
            "This label's code has no field that names an item or a serial. Scan the label's other codes, or type.",
        )
    return fields, oddities + more + oddities_of_gs1


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Fields of both kinds of format; a contradiction is refused.

    Raises:
        Unreadable: `repeated_ai`.
    """
    other = [*first.pop("other", ()), *second.pop("other", ())]
    for name, value in second.items():
        if first.setdefault(name, value) != value:
            raise Unreadable(
                "repeated_ai",
                f"This code names two: {name} {shown(str(first[name]))} and {shown(str(value))}. Type what is meant.",
            )
    return first | ({"other": other} if other else {})
