"""The bars of a screen: title, steps, message line, keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.css.scalar import Unit
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.context import Kind
from tui.scanning.fields import WaitsForEnd
from tui.text import clip, plain, visible

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


class ShownKey(NamedTuple):
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
        self._shown: list[ShownKey] = []

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
        shown: list[ShownKey] = []
        start = 0
        labels = fitting(offers, (*first, "help"), self.content_size.width)
        for offer, label in sorted(labels, key=lambda one: place_of(one[0].binding)):
            end = start + len(label)
            shown.append(ShownKey(label, offer, start, end))
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


class TitleBar(Widget):
    """One line; the right side gives way when there is no room."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; color: $foreground; background: $panel; text-wrap: nowrap; }
    """

    def __init__(self, title: str = "", place: str = "") -> None:
        """Make the line.

        Args:
            title: what is on the screen; any text.
            place: database and person, such as `demo · dock1`.
        """
        super().__init__()
        self._title, self._place, self._note = title, place, ""

    def on_mount(self) -> None:
        """Show the time, which changes once a minute and costs a few bytes then."""
        self.set_interval(60, self.refresh)

    def tell(self, title: str | None = None, place: str | None = None, *, note: str | None = None) -> None:
        """Change what it says; None keeps it.

        Args:
            title: any text.
            place: any text.
            note: a few words of the program's own behind the title, such as `* unsaved`; they are never cut off.
        """
        self._title = self._title if title is None else title
        self._place = self._place if place is None else place
        self._note = self._note if note is None else note
        self.refresh()

    def render(self) -> Content:
        """Lay out both sides in the line's width."""
        width = self.content_size.width
        right = f"{visible(self._place)} · {datetime.now().astimezone():%H:%M}" if self._place else ""
        note = f"  {self._note}" if self._note else ""
        if len(right) > width // 2 or len(right) + len(note) + Content(visible(self._title)).cell_length + 2 > width:
            right = ""
        left = clip(self._title, max(1, width - len(right) - len(note) - (2 if right else 0)))
        gap = " " * max(0, width - Content(left).cell_length - len(note) - Content(right).cell_length)
        return Content.assemble(
            (left, "bold"),
            (note, "bold $text-warning"),
            gap,
            (right, "$text-muted" if not self.app.native_ansi_color else "dim"),
        )


_LOOKS: dict[str, tuple[str, str]] = {
    "note": ("", ""),
    "done": ("✓ ", "$text-success"),
    "warning": ("! ", "$text-warning"),
    "problem": ("✗ ", "bold $text-error"),
}


_REST: Final = Content.assemble("… ", ("F1", "bold $accent"))
"""Stands at the end of a message that is longer than its lines: the key that shows all of it."""


class MessageLine(Static):
    """Stays until the next message; a long one takes up to three lines, and help shows all of it."""

    DEFAULT_CSS = """
    MessageLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = ""
        """The present message."""
        self.is_cut = False
        """Whether there is more of it than fits."""
        self._message = Content("")

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; an empty text clears the line.

        Args:
            text: any text; it is shown as it is.
            kind: a problem also rings the bell.
        """
        if text == self.said and kind != "problem":
            return
        self.said = text
        mark, style = _LOOKS[kind]
        self._message = Content.assemble((mark, style), plain(text, style)) if text else Content("")
        self._fit(layout=True)
        if kind == "problem":
            self.app.bell()

    def on_resize(self) -> None:
        """Cut the message to another width."""
        self._fit(layout=False)

    def _fit(self, *, layout: bool) -> None:
        """Show as much as fits, and that there is more."""
        width, most = self.content_size.width, self.styles.max_height
        lines = self._message.wrap(width) if width and self.said else []
        rows = int(most.value) if most is not None and most.unit is Unit.CELLS else len(lines)
        self.is_cut = len(lines) > rows
        shown = self._message
        if self.is_cut:
            room = width - _REST.cell_length - 1
            last = lines[rows - 1].rstrip()
            if last.cell_length > room:
                last = last.truncate(room)
                last = last[: max(last.plain.rfind(" "), 0) or len(last.plain)]  # no half word
            shown = Content("\n").join([*lines[: rows - 1], Content.assemble(last, " ", _REST)])
        self.update(shown, layout=layout)

    def tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Speak of a scan without an end, and no more once it is over."""
        if not event.is_over:
            self.say(event.sentence, "warning")
        elif self.said == event.sentence:
            self.say("")


class StepLine(Widget):
    """One line; where not all steps fit, the present one and how many there are."""

    DEFAULT_CSS = """
    StepLine { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, steps: Sequence[str]) -> None:
        """Make the line.

        Args:
            steps: texts of the program.
        """
        super().__init__()
        self._steps = list(steps)
        self._present = 0
        self._beside = ""

    def tell(self, present: int, beside: str) -> None:
        """Change what it says.

        Args:
            present: the step, from 0.
            beside: what it is about, at the right; any text.
        """
        self._present, self._beside = present, beside
        self.refresh()

    def render(self) -> Content:
        """Lay it out for the width."""
        width = self.content_size.width
        quiet = "dim" if self.app.native_ansi_color else "$quiet"
        parts: list[tuple[str, str]] = []
        for number, step in enumerate(self._steps):
            if number == self._present:
                parts.append((f" {number + 1} {step} ", "bold reverse"))
            else:
                parts.append((f" {'✓' if number < self._present else number + 1} {step} ", quiet))
        used = sum(cell_len(text) for text, _ in parts)
        if used > width:
            parts = [parts[self._present], (f" of {len(self._steps)}", quiet)]
            used = sum(cell_len(text) for text, _ in parts)
        room = width - used - 2
        if room >= 8 and self._beside:
            beside = clip(self._beside, room)
            parts.append((" " * (width - used - cell_len(beside)), ""))
            parts.append((beside, quiet))
        return Content.assemble(*parts)
