"""One draft in full, with its items and lines.

Apart from `drafts`, because the app opens with the list of drafts, which needs no lines and no rules for serials.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from models.station import expected, lines
from models.station.drafts import DraftRow, find_draft, people_of
from models.station.state import said_of


class DraftedItem(NamedTuple):
    """What was said about an item of a draft."""

    sku: str
    expected: int | None
    adds_quantity: bool
    missing: tuple[str, ...]
    """Announced serials that have not come, by name."""
    unannounced: tuple[str, ...]
    """Serials that have come and were not announced, by name; empty where nothing was announced."""


class WholeDraft(NamedTuple):
    """A draft with everything in it."""

    row: DraftRow
    people: tuple[tuple[str, datetime], ...]
    """Who worked on it, from when."""
    items: tuple[DraftedItem, ...]
    lines: tuple[lines.Line, ...]
    """Serials, in the order of the scans."""


def whole_draft(draft_id: int) -> WholeDraft:
    """One open draft with everything in it.

    Raises:
        NotFound
    """
    row = find_draft(draft_id)
    items = [
        DraftedItem(
            said.item.sku,
            said.expected,
            said.adds_quantity,
            tuple(expected.missing(draft_id, item_id, expected.MOST_EXPECTED)),
            tuple(expected.unannounced(draft_id, item_id, expected.MOST_EXPECTED))
            if expected.is_announced(draft_id, item_id)
            else (),
        )
        for item_id, said in said_of(draft_id).items()
    ]
    return WholeDraft(row, tuple(people_of(draft_id)), tuple(items), tuple(lines.every(draft_id)))
