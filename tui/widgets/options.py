"""A list of options whose cursor is seen without colour."""

from __future__ import annotations

from dataclasses import replace

from textual.style import Style
from textual.widgets import OptionList


class Options(OptionList):
    """Textual's list leaves `reverse` out of its styles, and with it the cursor of terminals without colours."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """The style of a part, `reverse` included."""
        style = super().get_visual_style(*component_classes, partial=partial)
        reverse = any(self.get_component_styles(name).text_style.reverse for name in component_classes)
        return replace(style, reverse=True) if reverse else style
