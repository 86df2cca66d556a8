"""The drafts that somebody left open, offered at an empty station."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.widgets.option_list import Option

from models import clock
from models.station.drafts import DraftRow, sentence
from tui.kit.form import Options
from tui.text import plain


class OpenDrafts(Options, can_focus=False):
    """The open drafts, the last changed first; the cursor is moved from the scan line."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._drafts: list[DraftRow] = []

    @property
    def chosen(self) -> DraftRow | None:
        """The one under the cursor."""
        place = self.highlighted
        return self._drafts[place] if place is not None and place < len(self._drafts) else None

    @property
    def drafts(self) -> Sequence[DraftRow]:
        """Those that are listed."""
        return self._drafts

    def fill(self, drafts: Sequence[DraftRow]) -> None:
        """List drafts."""
        before = self.chosen
        self._drafts = list(drafts)
        now = clock.now()
        self.clear_options()
        self.add_options([_option(row, now) for row in self._drafts])
        ids = [row.id for row in self._drafts]
        if ids:
            self.highlighted = ids.index(before.id) if before is not None and before.id in ids else 0


def _option(row: DraftRow, now: datetime) -> Option:
    in_use = Content.assemble("\n", plain("open at another station", "bold")) if row.is_in_use(now) else ""
    return Option(Content.assemble(plain(sentence(row)), in_use))
