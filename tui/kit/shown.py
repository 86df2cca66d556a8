"""Texts in widgets, shown with no more work than a change needs."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


def show(shown: Static, text: str | Content) -> None:
    """Show a text in a widget.

    Textual lays out the whole screen for each text that a widget is given, which in a form takes longer than all else
    that a key does. Here the same text does nothing, and there is a layout only where the size follows from the text.

    Args:
        shown: the widget; its `markup` says whether a `str` is parsed.
        text: what it shows from now on.
    """
    before = shown.content
    if isinstance(before, Content) and isinstance(text, Content):
        if before.is_same(text):
            return
        grows = before.cell_length != text.cell_length
    else:
        if before == text and type(before) is type(text):
            return
        grows = True
    styles = shown.styles
    shown.update(text, layout=styles.is_auto_height or (styles.is_auto_width and grows))
