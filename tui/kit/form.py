"""One line of a form: a label, a sign where the value was changed, the field."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widget import Widget
from textual.widgets import Static

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
