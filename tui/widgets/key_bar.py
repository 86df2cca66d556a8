"""The last line: the keys of this screen. It is drawn once, not at every move of the focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

_NAMES = {
    "enter": "⏎",
    "escape": "Esc",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "ctrl+g": "^G",
    "delete": "Del",
    "plus": "+",
    "minus": "-",
}


class Shown(NamedTuple):
    """A key in the bar."""

    key: str
    label: str
    action: str
    start: int
    """Its first column."""
    end: int


def key_name(key: str) -> str:
    """A key as people read it: `f10` is F10, `ctrl+g` is ^G."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return key.upper() if len(key) < 4 else key.capitalize()


def bindings_of(screen: Screen[object]) -> Iterator[Binding]:
    """The bindings that a screen declares, as the keymap has changed them, those of function keys in their order.

    A binding whose action the screen refuses at present is left out.
    """
    seen: set[str] = set()
    found: list[Binding] = []
    for bindings in screen._bindings.key_to_bindings.values():  # noqa: SLF001 - the public map needs the focus
        for binding in bindings:
            name = binding.id or binding.action
            if name in seen or not binding.description or binding.system:
                continue
            if screen.check_action(binding.action.partition("(")[0], ()) is False:
                continue
            seen.add(name)
            found.append(binding)
    yield from sorted(found, key=_place)


def _place(binding: Binding) -> tuple[int, int]:
    number = binding.key.removeprefix("f")
    return (0, int(number)) if binding.key.startswith("f") and number.isdigit() else (1, 0)


class KeyBar(Widget):
    """One line of keys and what they do; a click does it too."""

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Shown] = []

    def on_mount(self) -> None:
        """Lay the keys out for the first time."""
        self.renew()

    def on_resize(self) -> None:
        """Lay the keys out for another width."""
        self.renew()

    def renew(self) -> None:
        """Read the screen's keys again: after permissions, tabs or the keymap have changed."""
        width, start = self.content_size.width, 0
        shown: list[Shown] = []
        for binding in bindings_of(self.screen):
            if not binding.show:
                continue
            name = key_name(binding.key)
            end = start + len(name) + 1 + len(binding.description)
            if end > width:
                continue
            shown.append(Shown(name, binding.description, binding.action, start, end))
            start = end + 2
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """The keys in one line."""
        parts: list[tuple[str, str] | str] = []
        for place, shown in enumerate(self._shown):
            parts += ["  " if place else "", (shown.key, "bold $accent"), f" {shown.label}"]
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        column = event.x - self.gutter.left
        for shown in self._shown:
            if shown.start <= column < shown.end:
                await self.screen.run_action(shown.action)
