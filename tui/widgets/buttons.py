"""Buttons, of screens and of dialogs."""

from __future__ import annotations

from textual.widgets import Button

from tui.text import plain


def button(label: str, name: str, *, key: str = "", primary: bool = False) -> Button:
    """A button of one row; `key` is the key that does the same."""
    text = f"{label}  {key}" if key else label
    return Button(plain(text), id=name, compact=True, variant="primary" if primary else "default")
