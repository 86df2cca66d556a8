"""A checkbox that shows its state by a sign, not by the colour of one."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.widgets import Checkbox

from tui.text import plain


class TickBox(Checkbox):
    """`[x] label` or `[ ] label`; Space or Enter changes it."""

    def __init__(self, label: str, value: bool = False, **options: Any) -> None:
        """Make the box.

        Args:
            label: what it stands for; any text.
            value: whether it is ticked.
            **options: as for Textual's Checkbox.
        """
        super().__init__(plain(label), value, compact=True, **options)

    @property
    def _button(self) -> Content:
        return Content.styled("[x]" if self.value else "[ ]", self.get_visual_style("toggle--button"))
