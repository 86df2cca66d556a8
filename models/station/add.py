"""Add Serial: serials of one item by hand, each of them stock at once; its face is a dialog of the item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from models.barcodes.reading import CommandCode
from models.permissions import Actor
from models.serials.add import TO_DO, AddResult, Wanted, add_each
from models.station.task import Commit, First, Words
from models.verbs import VERBS

_VERB: Final = VERBS["add"]


class AddSerial:
    """Serials of units that are on hand already; no quantity changes."""

    code = _VERB.code
    command: CommandCode | None = None
    permission = _VERB.permission
    first: tuple[First, ...] = (First.ITEM, First.PLACE)
    commits = Commit.EACH_SCAN
    words = Words(
        title="Add Serial",
        noun="serial",
        verb="add",
        to_do=TO_DO,
        steps="serial numbers one after the other",
        help=(
            "Scan serial numbers one after the other, or type one and press Enter. Each is saved at once, In Stock, at "
            "the location below, which stays for the next one; the condition is that of the next serial only. No "
            "quantity changes."
        ),
    )

    def take(self, actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
        """Add serials in their order; a refused one stops no other. See `models.serials.add.add_each`."""
        add_each(actor, item_id, wanted, tell)


ADD: Final = AddSerial()
