"""The parts of a form: rows, fields, tick boxes, buttons, option lists, notes."""

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

from tui.kit.shown import show
from tui.scanning.areas import AreaState, PlainArea
from tui.scanning.fields import HeardScan, HearsPastedScans, InputState, PlainInput, leave
from tui.scanning.listener import Scanned
from tui.text import plain

CHANGED = "*"
"""The sign between label and field of an unsaved change."""


class FormRow(HorizontalGroup):
    """A label and a field. All labels have the same width, so that the fields are aligned."""

    def __init__(self, label: str, field: Widget, *, classes: str = "") -> None:
        """Make the row.

        Args:
            label: any text.
            field: the widget after the label.
            classes: further CSS classes.
        """
        super().__init__(classes=f"row {classes}")
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        """Label, sign of a change, field."""
        yield Static(plain(self._label), classes="label")
        yield Static("", classes="changed", markup=False)
        yield self._field

    def mark(self, *, changed: bool) -> None:
        """Show or clear the sign of an unsaved change."""
        show(self.query_one(".changed", Static), CHANGED if changed else "")
        self.set_class(changed, "-changed")


class FormInput(HearsPastedScans[InputState], PlainInput):
    """A field for a free text, in which a scan is never text. It can be read-only without losing focus or text."""

    read_only: var[bool] = var(False, toggle_class="-read-only")
    """Whether typing, pasting and deleting leave the text as it is."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the text, unless the field is read-only. Every edit of an Input passes through here.

        Args:
            text: The new text.
            start: Index of the first character to replace.
            end: Index after the last one.
        """
        if not self.read_only:
            super().replace(text, start, end)

    def end_typed(self, key: str) -> None:
        """Go to the next field on Enter and TAB; a line feed does nothing in a form. It never saves."""
        if key != "ctrl+j":
            self.screen.focus_next()


class CodeInput(FormInput):
    """A field for a code that may be scanned: into the empty field, or in place of a code that was scanned before.

    A half-typed code stays, and the scan is refused.
    """

    _scanned = ""
    """The last scan that the field took."""

    async def hear_scan(self, scan: Scanned[InputState]) -> None:
        """Take a scan, and go to the next field."""
        self.restore(scan.behind_typing.before)
        if self.read_only or scan.is_mixed or self.value.strip() not in ("", self._scanned):
            self._give([HeardScan((scan.behind_typing.text,), scan.span, self, leave, scan.how)])
            return
        await self.take_code(scan.text)

    async def take_code(self, text: str) -> None:
        """Put a scanned code into the field, and go to the next one."""
        self.value = self._scanned = text.strip()
        self.action_end()
        self.screen.focus_next()


class TickBox(Checkbox):
    """A check box `[x] label` or `[ ] label`; Space or Enter toggles it."""

    def __init__(self, label: str, value: bool = False, **options: Any) -> None:
        """Make the box.

        Args:
            label: any text.
            value: whether it is ticked.
            **options: as for Textual's Checkbox.
        """
        super().__init__(plain(label), value, compact=True, **options)

    @property
    def _button(self) -> Content:
        return Content.styled("[x]" if self.value else "[ ]", self.get_visual_style("toggle--button"))


def button(label: str, name: str, *, key: str = "", primary: bool = False) -> Button:
    """A one-row button with id `name`; its label also shows `key`, which does the same."""
    text = f"{label}  {key}" if key else label
    return Button(plain(text), id=name, compact=True, variant="primary" if primary else "default")


class Options(OptionList):
    """An OptionList that keeps `reverse`, which Textual drops: without colours it is the only sign of the cursor."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """The style of a component, `reverse` included."""
        style = super().get_visual_style(*component_classes, partial=partial)
        reverse = any(self.get_component_styles(name).text_style.reverse for name in component_classes)
        return replace(style, reverse=True) if reverse else style


class NotesArea(HearsPastedScans[AreaState], PlainArea):
    """A field for notes of several lines, in which a scan is never text."""

    def end_typed(self, key: str) -> None:
        """Start a new line on Enter, go to the next field on TAB."""
        if key == "enter":
            self.put("\n")
        else:
            super().end_typed(key)
