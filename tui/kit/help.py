"""The numbered menu of actions, and the help dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.kit.bars import MessageLine, Offered, bindings_of, key_name, offers_of, place_of
from tui.kit.changed_rows import CHANGED_SECONDS, CHANGED_SIGN
from tui.kit.dialog import TINY, Dialog
from tui.kit.form import Options, button
from tui.kit.page import Frame
from tui.scanning.fields import PlainInput
from tui.scanning.screens import AnswerField
from tui.text import clip, plain

KEYS_FROM: Final = 30
"""Width in cells from which on the menu shows keys beside the labels."""


class Act(NamedTuple):
    """One menu entry."""

    label: str
    key: str
    action: str
    node: Widget
    """The widget or screen on which the action runs."""


def acts_of(screen: Screen[Any], more: Sequence[Offered]) -> list[Act]:
    """All menu entries of a screen: its bindings, its other entries, and the themes."""
    acts: dict[tuple[str, Widget], Act] = {}
    for binding, node in sorted(offers_of(screen), key=lambda offer: place_of(offer.binding)):
        if binding.action not in ("app.actions", "nothing"):
            act = Act(binding.tooltip or binding.description, key_name(binding.key), binding.action, node)
            acts.setdefault((act.action, node), act)  # several keys may run the same action
    themes = [
        Act(f"Colours: {name}", "", f"app.colours({name!r})", screen)
        for name in sorted(screen.app.available_themes)
        if name in ("ansi", "dock", "daylight") and name != screen.app.theme
    ]
    return [*acts.values(), *(Act(one.label, one.key, one.action, screen) for one in more), *themes]


class ActionsDialog(Dialog[Act | None]):
    """The menu. Returns the entry chosen by its number and Enter, by typing a part of it, or with the arrows."""

    HELP = (
        "Type the number of a line, or a part of what it says, and press Enter: it does the line under the cursor, the "
        "best one first. Several parts, such as go cus, narrow the list more. Arrows and pages choose too."
    )
    WIDTH = 70

    def __init__(self, acts: Sequence[Act], title: str = "Menu") -> None:
        """Make the menu.

        Args:
            acts: its entries.
            title: any text.
        """
        super().__init__(title)
        self._acts = list(acts)
        self._listed: list[Act] = []
        self._word = ""
        """The text that narrowed the list."""

    def compose_fields(self) -> ComposeResult:
        """The search field and the list."""
        yield AnswerField(placeholder="number or word", id="narrow")
        yield Options(classes="options", id="acts", compact=True)

    def on_mount(self) -> None:
        """List all entries."""
        self.query_one("#acts", OptionList).can_focus = False
        self._list("")
        self.query_one("#narrow").focus()

    def on_resize(self) -> None:
        """Lay the entries out again after the layout, which sets the width of the list."""
        super().on_resize()
        self.call_after_refresh(self._lay_out)

    def fit(self) -> None:
        """Let the list have the rows that are left, so that it alone scrolls."""
        super().fit()
        room = self.query_one(".fields").styles.max_height
        if room is not None:
            self.query_one("#acts").styles.max_height = max(1, int(room.value) - 1)

    def _lay_out(self) -> None:
        highlighted = self.query_one("#acts", OptionList).highlighted
        self._list(self.query_one("#narrow", PlainInput).value)
        self.query_one("#acts", OptionList).highlighted = highlighted

    @on(Input.Changed, "#narrow")
    def _narrow(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _choose(self) -> None:
        highlighted = self.query_one("#acts", OptionList).highlighted
        if highlighted is None:
            self.say("Nothing here does that. Type another number or word.", "problem")
        else:
            self.dismiss(self._listed[highlighted])

    def typed(self, text: str) -> None:
        """Choose the entry under the cursor, among those that the text finds."""
        if text.strip().lower() != self._word:  # the field counts; its Changed message may still be queued
            self._list(text)
        self._choose()

    def typed_nothing(self) -> None:
        """Choose the entry under the cursor."""
        self._choose()

    @on(OptionList.OptionSelected, "#acts")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[event.option_index])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do not offer the menu in the menu."""
        return action != "app.actions" and super().check_action(action, parameters)

    def key_down(self) -> None:
        """Move down in the list; the field keeps the focus."""
        self.query_one("#acts", OptionList).action_cursor_down()

    def key_up(self) -> None:
        """Move up in the list; the field keeps the focus."""
        self.query_one("#acts", OptionList).action_cursor_up()

    def key_pagedown(self) -> None:
        """Move down a page."""
        self.query_one("#acts", OptionList).action_page_down()  # type: ignore[no-untyped-call]

    def key_pageup(self) -> None:
        """Move up a page."""
        self.query_one("#acts", OptionList).action_page_up()  # type: ignore[no-untyped-call]

    def _list(self, text: str) -> None:
        self._word = word = text.strip().lower()
        numbered = list(enumerate(self._acts, 1))
        if word.isdigit():
            found = [pair for pair in numbered if str(pair[0]) == word] or [
                pair for pair in numbered if str(pair[0]).startswith(word)
            ]
        else:
            found = _best_first(numbered, word)
        self._listed = [act for _, act in found]
        listing = self.query_one("#acts", OptionList)
        listing.clear_options()
        width = listing.content_size.width - 1  # minus the scrollbar
        keys = max((len(act.key) + 2 for _, act in found), default=0) if width >= KEYS_FROM else 0
        room = max(1, width - len("00  ") - keys)
        listing.add_options(
            Option(plain(f"{number:>2}  {clip(act.label, room):<{room}}{act.key if keys else '':>{keys}}"))
            for number, act in found
        )
        listing.highlighted = 0 if found else None


def _best_first(numbered: Sequence[tuple[int, Act]], word: str) -> list[tuple[int, Act]]:
    """The entries that say all parts of a text: those that begin with it, those with a word that does, the others."""
    parts = word.split()
    found = [pair for pair in numbered if all(part in pair[1].label.lower() for part in parts)]

    def rank(pair: tuple[int, Act]) -> int:
        label = pair[1].label.lower()
        return 0 if label.startswith(word) else 1 if f" {word}" in label else 2

    return sorted(found, key=rank)


_KEY: Final = 7
"""Width in cells of the column of keys."""


COPYING: Final = (
    "Copying: the key for it sends what it copies to the clipboard of your own terminal, through SSH and tmux too, if "
    "they allow it. With Shift held, the mouse selects any text, as without Serialdock."
)
"""How to copy, below the keys of every screen with a list."""


SEEN: Final = (
    f"What others write is shown by itself, within a second. For {CHANGED_SECONDS:.0f} seconds {CHANGED_SIGN} stands "
    "beside a row that somebody else has changed or added, with what is new in it underlined; on a record what is new "
    "is shown in reverse."
)
"""What marks mean that others have left, below the keys of every screen that shows them."""


def help_for(screen: Screen[Any]) -> str:
    """The help text of the focused widget, else of its nearest ancestor that has one.

    A message that is cut on the screen comes first, in full.
    """
    said = [f"{line.said}\n\n" for line in screen.query(MessageLine) if line.is_cut]
    return "".join([*said, _help_of(screen)])


def _help_of(screen: Screen[Any]) -> str:
    for node in (screen.focused or screen).ancestors_with_self:
        text = getattr(node, "help_text", "") or getattr(node, "HELP", "")
        if text:
            return str(text)
    return "Here you choose with the arrow keys and Enter."


class HelpDialog(Dialog[None]):
    """Help on the focused widget, and a table of keys."""

    WIDTH = 70

    def __init__(self, text: str, bindings: Sequence[Binding], below: str = "") -> None:
        """Make the dialog.

        Args:
            text: the help text.
            bindings: the bindings of the screen.
            below: further text below the keys.
        """
        super().__init__("Help")
        self._text, self._keys, self._below = text, list(bindings), below

    def compose_fields(self) -> ComposeResult:
        """The help text, the table of keys, and what stands below it."""
        yield Static(plain(self._text, lines=True), classes="question")
        yield Static(id="keys")
        if self._below:
            yield Static(plain(f"\n{self._below}", lines=True))

    def compose_buttons(self) -> ComposeResult:
        """Close."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Focus the button, so that Enter closes the dialog."""
        self.query_one("#close").focus()

    def on_resize(self) -> None:
        """Lay the keys out for the new width."""
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        """Each key with its description beside it, wrapped under the key on the smallest terminals."""
        keys = self.query_one("#keys", Static)
        room = keys.content_size.width
        lines: list[Content] = []
        for binding in self._keys:
            said, name = Content(binding.tooltip or binding.description), key_name(binding.key)
            if room < TINY:
                lines.append(Content.assemble((name, "bold $accent"), "  ", said))
                continue
            first, *rest = said.wrap(room - _KEY - 2)
            lines.append(Content.assemble((name.rjust(_KEY), "bold $accent"), "  ", first))
            lines += [Content(" " * (_KEY + 2)) + line for line in rest]
        keys.update(Content("\n").join(lines))

    def on_button_pressed(self) -> None:
        """Close the dialog."""
        self.dismiss(None)


def help_on(screen: Screen[Any]) -> HelpDialog | None:
    """The help on a screen; None if the screen is the help."""
    if isinstance(screen, HelpDialog):
        return None
    own = [Offered(*one) for one in screen.offered] if isinstance(screen, Frame) else []
    keyed = [Binding(one.key, one.action, one.label) for one in own if one.key]
    copies = isinstance(screen, Frame) and screen.check_action("copy", ())
    named = list(bindings_of(screen))
    functions = [binding for binding in named if place_of(binding)[0] == 0]
    # The digits of a record say more than the keys that every screen has.
    listed = [*functions, *keyed, *(binding for binding in named if binding not in functions)]
    follows = isinstance(screen, Frame) and screen.FOLLOWS
    return HelpDialog(help_for(screen), listed, "\n\n".join([COPYING] * bool(copies) + [SEEN] * follows))


def menu_of(screen: Screen[Any], more: Sequence[Offered]) -> ActionsDialog | None:
    """The menu of a screen; None if the screen is the menu.

    Args:
        screen: the screen in front.
        more: its entries that are no named bindings.
    """
    return None if isinstance(screen, ActionsDialog) else ActionsDialog(acts_of(screen, more))
