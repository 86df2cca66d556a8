"""The text of a screen read once for each change of it: tests look for several texts, and again in loops.

Textual draws the whole screen for each look, which is as much work as a key that changes a field.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import ReferenceType, ref

from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.screen import Screen

_changes = [0]
"""How often a widget of any app became another one to look at, or came to another place."""

_read: list[tuple[ReferenceType[Screen[Any]], int, list[str]]] = []
"""The screen that was read last, the changes until then, and its text."""


def note_changes() -> None:
    """Count what changes the look of a screen: lines that widgets must draw anew, and places of widgets.

    A widget's own memory of its lines is emptied at each change, or the change would not reach a terminal either.
    """
    for owner, names in ((StylesCache, ("clear", "set_dirty")), (Compositor, ("reflow", "reflow_visible", "clear"))):
        for name in names:
            setattr(owner, name, _counted(getattr(owner, name)))


def read_once(screen: Screen[Any], read: Callable[[Screen[Any]], list[str]]) -> list[str]:
    """The text of a screen: as it was read before if nothing has changed since and `note_changes` was called."""
    before = _changes[0]
    if _read and (_read[0][0](), _read[0][1]) == (screen, before):
        return _read[0][2]
    text = read(screen)
    # What reading changes, such as a table that learns which rows are in sight, is read again.
    _read[:] = [(ref(screen), before, text)] if before and before == _changes[0] else []
    return text


def _counted(change: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(change)
    def counted(*args: Any, **options: Any) -> Any:
        _changes[0] += 1
        return change(*args, **options)

    return counted
