"""The line about who is receiving or selling what at the stations, below the list of items and the serials of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.widget import Widget
from textual.widgets import Static

from models import clock
from models.station.working import Working, of_item
from tui.text import clip, plain

_IN_ITS_PLACE: Final = "-without-rule"
"""Class of a screen that shows this line in the place of its rule."""


class WorkingLine(Static):
    """One line about the open drafts, as much as fits; hidden where there is nothing to say.

    It stands in the place of the screen's rule, so that no row moves when it comes and goes.
    """

    DEFAULT_CSS = """
    WorkingLine { height: 1; padding: 0 1; color: $quiet; text-wrap: nowrap; }
    WorkingLine:ansi { text-style: dim; }
    """

    def __init__(self) -> None:
        super().__init__("", classes="hidden", markup=False)
        self._found: Sequence[Working] = ()
        self._item_id: int | None = None
        self._said = ""

    def tell(self, found: Sequence[Working] | None = None, *, item_id: int | None = None) -> None:
        """Show all that is done with an item, else what is done at the stations now.

        Args:
            found: everything that is open; None for what is known.
            item_id: the item that the person looks at.
        """
        self._found = self._found if found is None else found
        self._item_id = item_id
        said = in_words(self._found, item_id, self.app.size.width - 2)
        if said != self._said:  # else nothing is drawn
            self._said = said
            self.set_class(not said, "hidden")
            self.update(plain(said), layout=False)
            # On a tab that is not in front the rule stays; `on_show` takes its place later.
            if isinstance(self.parent, Widget) and self.parent.is_on_screen:
                self.screen.set_class(bool(said), _IN_ITS_PLACE)

    def on_show(self) -> None:
        """Take the place of the rule, also when its tab is in front again."""
        self.screen.add_class(_IN_ITS_PLACE)

    def on_hide(self) -> None:
        """Give the rule its place back."""
        self.screen.remove_class(_IN_ITS_PLACE)

    def on_resize(self) -> None:
        """Say as much as fits now."""
        self.tell(item_id=self._item_id)


def in_words(found: Sequence[Working], item_id: int | None, room: int) -> str:
    """The work at the stations in one line; empty if there is none.

    Args:
        found: everything that is open.
        item_id: the item that the person looks at; if there is work on it, only that is told, and all of it.
        room: width in cells.
    """
    mine = of_item(found, item_id) if item_id is not None else []
    shown = mine or [one for one in found if one.is_in_use(clock.now())]
    if not shown:
        return ""
    if mine:
        # The forms of each draft are from long to short; all drafts are said in the same one.
        forms = ["; ".join(each) for each in zip(*(one.forms for one in mine), strict=True)]
    else:
        more = f", and {len(shown) - 1:,} more" if len(shown) > 1 else ""
        forms = [f"{form}{more}" for form in shown[0].forms]
    return clip(next((form for form in forms if cell_len(form) <= room), forms[-1]), max(1, room))
