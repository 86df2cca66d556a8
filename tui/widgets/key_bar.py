"""The last line: the keys that work here. It is drawn again only where the focus comes to other keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

_NAMES = {
    "enter": "⏎",
    "escape": "Esc",
    "space": "Space",
    "end": "End",
    "up": "Up",
    "shift+down": "Sh↓",
    "shift+up": "Sh↑",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "ctrl+g": "^G",
    "delete": "Del",
    "plus": "+",
    "minus": "-",
}

FIRST = ("leave", "actions", "help")
"""Actions whose keys are shown even where few fit; a screen may name its own in `keys_first`."""

KNOWN = ("leave", "help", "find", "refresh")
"""Actions whose keys are the same everywhere: where room is scarce these stand without their words."""

_GAP = 2
"""Blank columns between two keys."""


class Offer(NamedTuple):
    """A key that does something at present."""

    binding: Binding
    node: Widget
    """The widget or screen that does it: actions run there."""


class Shown(NamedTuple):
    """A key in the bar."""

    label: str
    """The key, a blank, and what it does; or the key alone."""
    offer: Offer
    start: int
    """Its first column."""
    end: int


def key_name(key: str) -> str:
    """A key as people read it: `f10` is F10, `ctrl+g` is ^G."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return "^" + key_name(key.removeprefix("ctrl+"))
    return key.upper() if len(key) < 4 else key.capitalize()


def offers_of(screen: Screen[Any]) -> list[Offer]:
    """What the keys do here: those of the focused widget first, then of all around it, the screen's last.

    Keys are as the keymap has changed them. A key whose action is refused at present is left out, and so is one
    that something nearer to the focus uses.
    """
    taken: set[str] = set()
    named: set[str] = set()
    found: list[Offer] = []
    for node, bindings in screen._binding_chain:
        if not isinstance(node, Widget):
            break
        for key, held in bindings.key_to_bindings.items():
            for binding in held:
                if key in taken or node.check_action(binding.action.partition("(")[0], ()) is False:
                    continue
                taken.add(key)
                if binding.id is None or not binding.description or binding.id in named:
                    continue
                named.add(binding.id)
                found.append(Offer(binding, node))
    return found


def bindings_of(screen: Screen[Any]) -> Iterator[Binding]:
    """The bindings of `offers_of`, those of function keys in their order."""
    yield from sorted((offer.binding for offer in offers_of(screen)), key=place_of)


def place_of(binding: Binding) -> tuple[int, int]:
    """Where a binding stands among others: function keys by number, then the rest."""
    number = binding.key.removeprefix("f")
    return (0, int(number)) if binding.key.startswith("f") and number.isdigit() else (1, 0)


def fitting(offers: Sequence[Offer], first: Sequence[str], room: int) -> list[tuple[Offer, str]]:
    """Those keys that fit into a line, each with its label.

    Args:
        offers: in the order of their nearness to the focus.
        first: actions that go before the others, in their order.
        room: cells.
    """
    ranked = sorted((offer for offer in offers if _action(offer) in first), key=lambda one: first.index(_action(one)))
    rest = [offer for offer in offers if _action(offer) not in first]
    room += _GAP
    labels: list[tuple[Offer, str]] = []

    def take(offer: Offer, label: str) -> bool:
        nonlocal room
        if len(label) + _GAP > room:
            return False
        room -= len(label) + _GAP
        labels.append((offer, label))
        return True

    for offer in ranked:
        take(offer, _labels(offer)[-1])
    for place, (offer, label) in enumerate(labels):
        words = _labels(offer)[0]
        if (more := len(words) - len(label)) <= room:
            room -= more
            labels[place] = offer, words
    for offer in rest:
        any(take(offer, label) for label in _labels(offer))
    return labels


def _action(offer: Offer) -> str:
    """The action's name, without its arguments and without saying that it is the app's."""
    return offer.binding.action.partition("(")[0].removeprefix("app.")


def _labels(offer: Offer) -> list[str]:
    """How a key may stand in the bar, the better first."""
    key = key_name(offer.binding.key)
    return [f"{key} {offer.binding.description}", *([key] if _action(offer) in KNOWN else [])]


class KeyBar(Widget):
    """One line of keys and what they do; a click does it too.

    Where not all fit, those that the screen names first stay, then those nearest to the focus. Keys that are the same
    everywhere give their words up before others are left out.
    """

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Shown] = []

    def on_mount(self) -> None:
        """Lay the keys out, and again when another widget's keys take their place."""
        self.watch(self.screen, "focused", self.renew)

    def on_resize(self) -> None:
        """Lay the keys out for another width."""
        self.renew()

    def renew(self) -> None:
        """Read the screen's keys again: after permissions, tabs or the keymap have changed."""
        offers = [offer for offer in offers_of(self.screen) if offer.binding.show]
        first = getattr(self.screen, "keys_first", FIRST)
        shown: list[Shown] = []
        start = 0
        labels = fitting(offers, (*first, "help"), self.content_size.width)
        for offer, label in sorted(labels, key=lambda one: place_of(one[0].binding)):
            end = start + len(label)
            shown.append(Shown(label, offer, start, end))
            start = end + _GAP
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """The keys in one line."""
        parts: list[tuple[str, str] | str] = []
        for place, shown in enumerate(self._shown):
            key, blank, words = shown.label.partition(" ")
            parts += ["  " if place else "", (key, "bold $accent"), f"{blank}{words}"]
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        column = event.x - self.gutter.left
        for shown in self._shown:
            if shown.start <= column < shown.end:
                await shown.offer.node.run_action(shown.offer.binding.action)
