"""Separators that arrive replaced, as a site's scanners send them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from models.barcodes.checks import begins_as_gs1
from models.barcodes.gate import EOT, GS, RS

_SIBLINGS: Final = {"<GS>": ("<RS>", "<EOT>"), "{GS}": ("{RS}", "{EOT}"), "Alt029": ("Alt030", "Alt004")}
"""What the same scanner then sends for RS and EOT."""


def restored(body: str, substitutes: Sequence[str], *, is_gs1: bool) -> str:
    """A text with its separators, where it is GS1 or an ISO/IEC 15434 envelope and has no real GS.

    Args:
        body: what follows the AIM identifier.
        substitutes: what may stand for GS; the longest is looked for first.
        is_gs1: the AIM identifier says so.

    Returns:
        The text as the label has it; any other text unchanged, whatever is in it.
    """
    known = tuple(sorted(filter(None, substitutes), key=len, reverse=True))
    if GS in body or not known:
        return body
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
