"""Lines of a record that other people have changed, marked for a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.kit import changed_rows

BY_OTHERS: Final = "-by-others"
"""CSS class of what somebody else has just changed; reverse video, which is seen without colour."""


def mark_for_a_moment(widgets: Iterable[Widget]) -> None:
    """Mark widgets, and take the mark away after a moment; one that is marked already stays so as long as the new ones.

    Args:
        widgets: what somebody else has changed.
    """
    for widget in widgets:
        widget.remove_class(BY_OTHERS, update=False)
        widget.add_class(BY_OTHERS)
        widget.set_timer(changed_rows.CHANGED_SECONDS, partial(widget.remove_class, BY_OTHERS))


@contextmanager
def changes_marked(place: Widget, selector: str, *, marks: bool) -> Iterator[None]:
    """Mark the texts that differ after this block.

    Args:
        place: where they are.
        selector: which they are, as in CSS.
        marks: False to mark nothing.
    """
    before = _texts(place, selector) if marks else {}
    yield
    if marks:
        after = _texts(place, selector)
        mark_for_a_moment(widget for widget, text in after.items() if text and text != before.get(widget, ""))


def _texts(place: Widget, selector: str) -> dict[Static, str]:
    shown = ((widget, widget.content) for widget in place.query(selector).results(Static))
    return {widget: str(text) for widget, text in shown if isinstance(text, str | Content)}
