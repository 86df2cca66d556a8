"""`serialdock find`: serials, items, locations, customers and documents by a part of their text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from models.find import FindHit, FindKind, find
from tui.cli.output import GOOD, REFUSED, OutputColumn
from tui.cli.parser import argument, command, number
from tui.cli.session import Session

MOST: Final = 20
"""Hits of each kind that are printed unless --limit says more."""


@command(
    "find",
    summary="find anything by a part of its text; else exit code 1",
    arguments=(
        argument("text", metavar="TEXT", help="a serial or part of it, an item, a location, a customer, a document"),
        argument("--limit", metavar="N", type=number, default=MOST, help=f"at most N of a kind (else {MOST})"),
    ),
    examples=("serialdock find 4711", "serialdock find Bergmann --json"),
    note="Serials are found by their whole text, beginning, last characters, any part, or by a text that they had "
    "before it was corrected; items by SKU, name or barcode; locations and customers by name or code; documents by "
    "number. Case, width and composition of letters play no part. The best come first, and removed records are said to "
    "be so. The exit code is 1 if nothing is found.",
)
def find_anything(session: Session, *, text: str, limit: int) -> int:
    """Print what is found, by kind."""
    groups = session.run(find, session.actor, text, most=max(limit, 1))
    if not groups:
        session.out.warn(f"Nothing is found for {text.strip()}. Try a shorter part of it.")
        return REFUSED
    session.out.many([[hit for group in groups for hit in group.hits]], _data, _COLUMNS)
    for group in groups:
        if group.has_more:
            session.out.warn(f"There are more of the kind {group.kind}. Give more of the text, or a higher --limit.")
    return GOOD


def _data(hit: FindHit) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": hit.kind, "text": hit.text}
    match hit.kind:
        case FindKind.SERIAL:
            data["item"] = hit.item
        case FindKind.ITEM | FindKind.LOCATION:
            data["name"] = hit.about
        case FindKind.CUSTOMER:
            data["code"] = hit.about or None
    data["match"] = hit.match
    return data | ({"removed": True} if hit.is_removed else {}) | ({"closed": True} if hit.is_closed else {})


_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("What", lambda hit: hit.kind),
    OutputColumn("Text", lambda hit: hit.text),
    OutputColumn("Item", lambda hit: hit.item),
    OutputColumn("About", lambda hit: hit.about),
    OutputColumn("Status", lambda hit: hit.state),
    OutputColumn("Match", lambda hit: hit.match),
)
