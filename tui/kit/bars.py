"""The bars of a screen: key bar, title bar, message line, steps of a wizard."""

from __future__ import annotations

import re
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
from tui.terminal.key_names import NO_KEY
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
    NO_KEY: "",
}

FIRST = ("leave", "actions", "help")
"""Actions whose keys the key bar shows first when few fit; a screen may name its own in `keys_first`."""

KNOWN = ("leave", "help", "find", "refresh")
"""Actions whose keys are the same everywhere: when room is scarce, they are shown without their description."""

_GAP = 2
"""Blank cells between two keys."""


class Offer(NamedTuple):
    """A key binding that is active now."""

    binding: Binding
    node: Widget
    """The widget or screen on which the action runs."""


class Offered(NamedTuple):
    """A menu entry that is no named binding."""

    label: str
    action: str
    key: str = ""
    """A key that does the same now; empty for none."""


class ShownKey(NamedTuple):
    """A key in the bar."""

    label: str
    """Key, blank and description; or the key alone."""
    offer: Offer
    start: int
    """Its first column."""
    end: int


def key_name(key: str) -> str:
    """A key's display name: `f10` is F10, `ctrl+g` is ^G."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return "^" + key_name(key.removeprefix("ctrl+"))
    return key.upper() if len(key) < 4 else key.capitalize()


def offers_of(screen: Screen[Any]) -> list[Offer]:
    """The active bindings of a screen: the focused widget's first, then its ancestors', the screen's last.

    Keys are those of the keymap. A binding is left out when its action is refused now, or when a widget nearer to the
    focus uses its key.
    """
    taken: set[str] = set()
    named: set[str] = set()
    found: list[Offer] = []
    for node, bindings in screen._binding_chain:
        if not isinstance(node, Widget):  # the app, at the end of the chain: its own bindings are not offered
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
    """The bindings of `offers_of`, function keys first, by number."""
    yield from sorted((offer.binding for offer in offers_of(screen)), key=place_of)


def place_of(binding: Binding) -> tuple[int, int]:
    """Sort key of bindings: function keys by number, then the rest."""
    number = binding.key.removeprefix("f")
    return (0, int(number)) if binding.key.startswith("f") and number.isdigit() else (1, 0)


def fitting(offers: Sequence[Offer], first: Sequence[str], room: int) -> list[tuple[Offer, str]]:
    """The keys that fit into a line, each with its label.

    Args:
        offers: ordered from the focused widget outwards.
        first: actions that have priority, in this order.
        room: width in cells.
    """
    ranked = sorted((offer for offer in offers if _action(offer) in first), key=lambda one: first.index(_action(one)))
    rest = [offer for offer in offers if _action(offer) not in first]
    room += _GAP  # the last key has no gap behind it
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
    """The action's name, without arguments and without the `app.` prefix."""
    return offer.binding.action.partition("(")[0].removeprefix("app.")


def _labels(offer: Offer) -> list[str]:
    """The possible labels of a key, the preferred one first."""
    key = key_name(offer.binding.key)
    return [f"{key} {offer.binding.description}", *([key] if _action(offer) in KNOWN else [])]


class KeyBar(Widget):
    """The key bar: one line of keys and their descriptions, which can be clicked.

    When not all fit, those in the screen's `keys_first` stay, then those nearest to the focus. Keys that are the same
    everywhere lose their description before others are left out.
    """

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[ShownKey] = []

    def on_mount(self) -> None:
        """Lay the keys out now and whenever the focus changes."""
        self.watch(self.screen, "focused", self.renew)

    def on_resize(self) -> None:
        """Lay the keys out for the new width."""
        self.renew()

    def renew(self) -> None:
        """Read the screen's bindings again, after a change of permissions, tabs or keymap."""
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
        """Run the action of the key under the mouse."""
        column = event.x - self.gutter.left
        for shown in self._shown:
            if shown.start <= column < shown.end:
                await shown.offer.node.run_action(shown.offer.binding.action)


_SHORTEST: Final = 8
"""Cells of a title that stay when something else is said beside it."""


class TitleBar(Widget):
    """The title bar: one line; its right side is dropped when there is no room."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; color: $foreground; background: $panel; text-wrap: nowrap; }
    """

    def __init__(self, title: str = "", place: str = "") -> None:
        """Make the bar.

        Args:
            title: the screen's title; any text.
            place: database and person, such as `demo · dock1`.
        """
        super().__init__()
        self._title, self._place, self._note = title, place, ""
        self._waits: Sequence[str] = ()

    def on_mount(self) -> None:
        """Refresh the clock once a minute, which costs a few bytes."""
        self._waits = getattr(self.app, "waiting_words", ())
        self.set_interval(60, self.refresh)

    def tell_waiting(self, words: Sequence[str]) -> None:
        """Say what waits, until it is said that nothing does.

        Args:
            words: the same in several lengths, the longest first; the first that leaves room for a title is shown.
        """
        self._waits = words
        self.refresh()

    def tell(self, title: str | None = None, place: str | None = None, *, note: str | None = None) -> None:
        """Change title, place or note; None keeps the present one.

        Args:
            title: any text.
            place: any text.
            note: a short text of the program after the title, such as `* unsaved`; it is never cut off.
        """
        self._title = self._title if title is None else title
        self._place = self._place if place is None else place
        self._note = self._note if note is None else note
        self.refresh()

    def render(self) -> Content:
        """Lay out both sides for the present width."""
        width = self.content_size.width
        right = f"{visible(self._place)} · {datetime.now().astimezone():%H:%M}" if self._place else ""
        note = f"  {self._note}" if self._note else ""
        if self._waits:
            room = width - _SHORTEST - len(note)
            note += f"  {next((words for words in self._waits if len(words) + 2 <= room), self._waits[-1])}"
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
"""The end of a message that is cut: the key that shows it in full."""

_FOLDERS: Final = re.compile(r"(?<![\w:/])/(?:[^/\s]+/)+(?=[^/\s])")
"""The folders of an absolute path before its last name; not those of a URL, and not of a path with blanks."""


def _without_folders(message: Content) -> Content:
    """Cut the folders out of the paths: what is wrong stands behind them, and is what has to be read."""
    parts: list[str | Content] = []
    end = 0
    for found in _FOLDERS.finditer(message.plain):
        parts += [message[end : found.start()], "…/"]
        end = found.end()
    return Content.assemble(*parts, message[end:])


class MessageLine(Static):
    """The message line: up to three lines, kept until the next message; help shows a cut message in full."""

    DEFAULT_CSS = """
    MessageLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = ""
        """The current message."""
        self.is_cut = False
        """Whether the message does not fit."""
        self._message = Content("")
        self._rows = 1

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; an empty text clears the line.

        Args:
            text: any text; it is not parsed as markup.
            kind: a problem also rings the bell.
        """
        if text == self.said and kind != "problem":
            return
        self.said = text
        mark, style = _LOOKS[kind]
        self._message = Content.assemble((mark, style), plain(text, style)) if text else Content("")
        self._fit()
        if kind == "problem":
            self.app.bell()

    def on_resize(self) -> None:
        """Cut the message to the new width."""
        self._fit()

    def _fit(self) -> None:
        """Show as much as fits, without the folders of paths if it is cut, and `_REST` at the end of one still cut."""
        width, most = self.content_size.width, self.styles.max_height
        lines = self._message.wrap(width) if width and self.said else []
        rows = int(most.value) if most is not None and most.unit is Unit.CELLS else len(lines)
        self.is_cut = len(lines) > rows
        shown = self._message
        if self.is_cut:
            shown = _without_folders(shown)
            lines = shown.wrap(width)
        if len(lines) > rows:
            room = width - _REST.cell_length - 1
            last = lines[rows - 1].rstrip()
            if last.cell_length > room:
                last = last.truncate(room)
                last = last[: max(last.plain.rfind(" "), 0) or len(last.plain)]  # no half word
            shown = Content("\n").join([*lines[: rows - 1], Content.assemble(last, " ", _REST)])
        before, self._rows = self._rows, max(1, min(rows, len(lines)))
        self.update(shown, layout=self._rows != before or not width)

    def tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Show the report of a scan without an end, or remove it when it no longer applies."""
        if not event.is_over:
            self.say(event.sentence, "warning")
        elif self.said == event.sentence:
            self.say("")


class StepLine(Widget):
    """The steps of a wizard in one line; when not all fit, the current one and their number."""

    DEFAULT_CSS = """
    StepLine { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, steps: Sequence[str]) -> None:
        """Make the line.

        Args:
            steps: names of the steps; texts of the program, not data.
        """
        super().__init__()
        self._steps = list(steps)
        self._present = 0
        self._beside = ""

    def tell(self, present: int, beside: str) -> None:
        """Change step and text.

        Args:
            present: the current step, from 0.
            beside: the text at the right; any text.
        """
        self._present, self._beside = present, beside
        self.refresh()

    def render(self) -> Content:
        """Lay the steps out for the present width."""
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
