"""The first line of every screen: where one is on the left, who and when on the right."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from tui.text import clip, visible


class TitleBar(Widget):
    """One line; the right side gives way when there is no room."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; color: $foreground; background: $panel; text-wrap: nowrap; }
    """

    def __init__(self, title: str = "", place: str = "") -> None:
        """Make the line.

        Args:
            title: what is on the screen; any text.
            place: database and person, such as `demo · dock1`.
        """
        super().__init__()
        self._title, self._place, self._note = title, place, ""

    def on_mount(self) -> None:
        """Show the time, which changes once a minute and costs a few bytes then."""
        self.set_interval(60, self.refresh)

    def tell(self, title: str | None = None, place: str | None = None, *, note: str | None = None) -> None:
        """Change what it says; None keeps it.

        Args:
            title: any text.
            place: any text.
            note: a few words of the program's own behind the title, such as `* unsaved`; they are never cut off.
        """
        self._title = self._title if title is None else title
        self._place = self._place if place is None else place
        self._note = self._note if note is None else note
        self.refresh()

    def render(self) -> Content:
        """Lay out both sides in the line's width."""
        width = self.content_size.width
        right = f"{visible(self._place)} · {datetime.now().astimezone():%H:%M}" if self._place else ""
        note = f"  {self._note}" if self._note else ""
        if len(right) > width // 2 or len(right) + len(note) + Content(visible(self._title)).cell_length + 2 > width:
            right = ""
        left = clip(self._title, max(1, width - len(right) - len(note) - (2 if right else 0)))
        gap = " " * max(0, width - Content(left).cell_length - len(note) - Content(right).cell_length)
        return Content.assemble(
            (left, "bold"),
            (note, "bold $text-warning"),
            gap,
            (right, "$text-muted" if not self.app.native_ansi_color else "dim"),
        )
