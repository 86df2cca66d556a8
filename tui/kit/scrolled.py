"""Pages that scroll by key, a step for each key, however many come together."""

from __future__ import annotations

from textual.actions import SkipAction
from textual.containers import VerticalScroll


class Scrolled(VerticalScroll):
    """A page that scrolls by the arrow keys and by Page Up and Page Down.

    Textual counts each step from where the page was drawn last, so that of several keys in one read, as a slow link
    sends them, only one would count.
    """

    def step(self, lines: int) -> None:
        """Scroll by some lines now.

        Args:
            lines: how many; up if negative.
        """
        self.scroll_to(y=self.scroll_target_y + lines, animate=False, immediate=True)

    def page(self, pages: int) -> None:
        """Scroll by some pages now.

        Args:
            pages: how many; up if negative.
        """
        self.step(pages * self.scrollable_content_region.height)

    def action_scroll_down(self) -> None:
        """Scroll down a line."""
        self._require_room()
        self.step(1)

    def action_scroll_up(self) -> None:
        """Scroll up a line."""
        self._require_room()
        self.step(-1)

    def action_page_down(self) -> None:
        """Scroll down a page."""
        self._require_room()
        self.page(1)

    def action_page_up(self) -> None:
        """Scroll up a page."""
        self._require_room()
        self.page(-1)

    def _require_room(self) -> None:
        """Leave the key to what is around this page, if all of it is in sight."""
        if not self.allow_vertical_scroll:
            raise SkipAction
