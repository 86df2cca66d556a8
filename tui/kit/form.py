"""Rows, fields, tick boxes, buttons and options of forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.reactive import var
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Button, Checkbox, OptionList, Static

from tui.scanning.areas import AreaState, PlainArea
from tui.scanning.fields import InputState, OpensScans, PlainInput
from tui.text import plain

CHANGED = "*"
"""Stands between the label and a field that was changed and is not saved."""


class FormRow(HorizontalGroup):
    """Labels of all rows are equally wide, so that the fields stand under each other."""

    def __init__(self, label: str, field: Widget, *, classes: str = "") -> None:
        """Make the line.

        Args:
            label: any text.
            field: the widget behind it.
            classes: as for every widget.
        """
        super().__init__(classes=f"row {classes}")
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        """Label, sign, field."""
        yield Static(plain(self._label), classes="label")
        yield Static("", classes="changed", markup=False)
        yield self._field

    def mark(self, *, changed: bool) -> None:
        """Show or clear the sign."""
        self.query_one(".changed", Static).update(CHANGED if changed else "")
        self.set_class(changed, "-changed")


class FormInput(OpensScans[InputState], PlainInput):
    """A PlainInput that can be made read-only without losing the focus or its text."""

    read_only: var[bool] = var(False, toggle_class="-read-only")
    """Whether typing, pasting and deleting leave the text as it is."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Change a part of the text, as every editing key does; nothing where the field is read-only.

        Args:
            text: What comes in.
            start: From this character on.
            end: Up to before this one.
        """
        if not self.read_only:
            super().replace(text, start, end)

    @property
    def is_closed(self) -> bool:
        """Whether the text can only be looked at."""
        return self.read_only

    async def end_line(self, key: str) -> None:
        """Submit behind Enter, go to the next field behind TAB; a line feed does nothing in a form."""
        if key == "enter":
            await self.action_submit()
        elif key == "tab":
            self.screen.focus_next()


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


def button(label: str, name: str, *, key: str = "", primary: bool = False) -> Button:
    """A button of one row; `key` is the key that does the same."""
    text = f"{label}  {key}" if key else label
    return Button(plain(text), id=name, compact=True, variant="primary" if primary else "default")


class Options(OptionList):
    """Textual's list leaves `reverse` out of its styles, and with it the cursor of terminals without colours."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """The style of a part, `reverse` included."""
        style = super().get_visual_style(*component_classes, partial=partial)
        reverse = any(self.get_component_styles(name).text_style.reverse for name in component_classes)
        return replace(style, reverse=True) if reverse else style


class NotesArea(OpensScans[AreaState], PlainArea):
    """Notes of some lines, on a screen where scans are understood."""

    async def end_line(self, key: str) -> None:
        """Begin a line behind Enter, go to the next field behind TAB; a line feed does nothing in a form."""
        if key == "enter":
            self.put("\n")
        elif key == "tab":
            self.screen.focus_next()
