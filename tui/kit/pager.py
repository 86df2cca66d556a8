"""A scrolling list of many sentences; only the visible ones are wrapped and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.widget import Widget

from tui.text import plain

MORE_ABOVE, MORE_BELOW = "▲", "▼"


class Pager(Widget, can_focus=True):
    """Scrolls by rows and pages; signs at its right edge show that there is more above or below."""

    DEFAULT_CSS = """
    Pager { height: 1fr; width: 1fr; }
    """

    HELP: ClassVar[str] = "Up, Down, PgUp, PgDn, Home and End move through the list; ▲ and ▼ say that there is more."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as Textual names it
        """Make an empty pager."""
        super().__init__(id=id)
        self._sentences: Sequence[str] = ()
        self._top = (0, 0)
        """Position of the first visible row: index of the sentence, and row within it."""
        self._wrapped: dict[int, list[Content]] = {}
        """Cache of wrapped sentences near the visible ones, by index."""

    def fill(self, sentences: Sequence[str], *, stay: bool = False) -> None:
        """Show new sentences, from the top.

        Args:
            sentences: any texts. One without leading blanks is a bold heading; those with two are indented under it.
            stay: stay at the sentence that is at the top now.
        """
        top = min(self._top[0], max(0, len(sentences) - 1)) if stay else 0
        self._sentences, self._top = sentences, (top, 0)
        self._wrapped.clear()
        self.move(0)

    def on_resize(self) -> None:
        """Wrap again; the same sentence stays at the top."""
        self._wrapped.clear()
        self._top = (self._top[0], 0)
        self.move(0)

    def render(self) -> Content:
        """The visible rows."""
        height, width = self.size.height, self.size.width
        rows = [self._rows(at)[row] for at, row in self._from(self._top, height + 1)]
        has_above, has_below = self._top > (0, 0), len(rows) > height
        shown = rows[:height]
        for number, sign, is_there in ((0, MORE_ABOVE, has_above), (len(shown) - 1, MORE_BELOW, has_below)):
            if is_there and shown:
                row = shown[number]
                shown[number] = Content.assemble(row.pad_right(max(0, width - 1 - row.cell_length)), sign)
        return Content("\n").join(shown)

    # ----- moving

    def move(self, rows: int) -> None:
        """Scroll down by rows, or up for a negative number; not past the end of the list."""
        if rows > 0:
            below = self._from(self._top, self.size.height + rows)
            self._top = below[max(0, min(rows, len(below) - self.size.height))] if below else (0, 0)
        for _ in range(-rows):
            self._top = self._before(self._top)
        self._stay_in_sight()
        self.refresh()

    def _stay_in_sight(self) -> None:
        """Scroll up while there are empty rows at the bottom and more rows above."""
        missing = self.size.height - len(self._from(self._top, self.size.height))
        for _ in range(missing):
            self._top = self._before(self._top)

    def key_down(self, event: events.Key) -> None:
        """Scroll down."""
        self._moved(event, 1)

    def key_up(self, event: events.Key) -> None:
        """Scroll up."""
        self._moved(event, -1)

    def key_pagedown(self, event: events.Key) -> None:
        """Scroll down a page, keeping one row."""
        self._moved(event, max(1, self.size.height - 1))

    def key_pageup(self, event: events.Key) -> None:
        """Scroll up a page, keeping one row."""
        self._moved(event, -max(1, self.size.height - 1))

    def key_home(self, event: events.Key) -> None:
        """Scroll to the top."""
        self._top = (0, 0)
        self._moved(event, 0)

    def key_end(self, event: events.Key) -> None:
        """Scroll to the bottom."""
        if self._sentences:
            last = len(self._sentences) - 1
            self._top = (last, len(self._rows(last)) - 1)
        self._moved(event, 0)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        self._moved(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        self._moved(event, -1)

    def _moved(self, event: events.Event, rows: int) -> None:
        event.stop()
        self.move(rows)

    # ----- rows

    def _rows(self, at: int) -> list[Content]:
        found = self._wrapped.get(at)
        if found is None:
            if len(self._wrapped) > 4 * max(16, self.size.height):
                self._wrapped.clear()
            sentence = self._sentences[at]
            indent, style = ("  ", "") if sentence.startswith("  ") else ("", "bold")
            width = max(1, self.size.width - 2 - len(indent))
            rows = plain(sentence.strip(" ")).wrap(width)
            found = [Content.styled(f"{indent}{row.plain}", style) for row in rows]
            self._wrapped[at] = found = found or [Content("")]
        return found

    def _from(self, top: tuple[int, int], count: int) -> list[tuple[int, int]]:
        """Positions of up to `count` rows from `top` on."""
        at, row = top
        found: list[tuple[int, int]] = []
        while len(found) < count and at < len(self._sentences):
            rows = len(self._rows(at))
            found += [(at, number) for number in range(min(row, rows - 1), rows)]
            at, row = at + 1, 0
        return found[:count]

    def _before(self, place: tuple[int, int]) -> tuple[int, int]:
        at, row = place
        if row > 0:
            return at, row - 1
        return (at - 1, len(self._rows(at - 1)) - 1) if at > 0 else place
