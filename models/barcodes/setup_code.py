"""The set-up code: a barcode made to show what a scanner, a terminal and a keyboard layout make of it.

It is GS1-128, so that a scanner which sends AIM ids says `]C1`, with two fields of company information (AI 91 and 92)
and so a GS between them. Nothing in it names an item or a serial: scanned at a task it does no harm.

- `A Z q y`: both cases, and letters that stand elsewhere on French and German keyboards;
- `- / ; "`: signs that hardly any two layouts have on the same keys, the last one with Shift;
- digits, which French and Czech keyboards type with Shift.
"""

from __future__ import annotations

from typing import Final

GS: Final = "\x1d"

FIRST: Final = '91AZqy-/;"'
"""The first field, with its application identifier."""

SECOND: Final = "921750"
"""The second one."""

AIM_ID: Final = "]C1"
"""What a scanner sends before it, where AIM ids are switched on."""

DATA: Final = FIRST + GS + SECOND
"""What a well set scanner sends, without AIM id and suffix; in the barcode, an FNC1 stands in front and for GS."""

PRINTED: Final = f"({FIRST[:2]}){FIRST[2:]}({SECOND[:2]}){SECOND[2:]}"
"""The text below the bars."""


def is_setup_code(scan: str) -> bool:
    """Whether a scan is the set-up code, as a well set scanner sends it."""
    return scan.removeprefix(AIM_ID).removeprefix(GS) == DATA
