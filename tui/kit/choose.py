"""The dialog behind F4: choose from a list of values, narrowed by typing or scanning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from models.text import search_key
from tui.kit.dialog import Dialog
from tui.kit.form import Options, button
from tui.scanning.fields import SHOWN, FindField, PlainInput
from tui.scanning.screens import AnswerField
from tui.text import clip, plain

NEW = "\x00new"
"""Result for "make a new one"; no value equals it."""


_TYPE: Final = "type a part of it"


class Choice(NamedTuple):
    """A value in the list."""

    value: str
    """The result of the dialog."""
    label: str
    """The value as people type or scan it."""
    more: str = ""
    """Further text beside the label; searched too."""
    depth: int = 0
    """Level of indentation."""


class ChooseDialog(Dialog[str | None]):
    """Returns the chosen value, `NEW`, or None."""

    HELP = (
        "Type a part of the code or the name to narrow the list, or scan the code. "
        "Up and Down move, Enter takes the line."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "new", "New", id="choose.new", tooltip="Make a new one"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        present: str | None = None,
        new: bool = False,
        have_labels: bool = False,
    ) -> None:
        """Make the dialog.

        Args:
            title: any text.
            choices: all values, in order.
            present: the value that the cursor starts on.
            new: whether F6 offers to make a new one.
            have_labels: whether the values are on labels, so that the field offers to scan one.
        """
        super().__init__(title)
        self._choices = list(choices)
        self._listed: list[Choice] = []
        self._present, self._new = present, new
        self._hint = "type or scan" if have_labels else _TYPE

    def compose_fields(self) -> ComposeResult:
        """The search field and the list."""
        if self.forward_to is None:
            yield FindField(placeholder=self._hint, id="narrow")
        else:
            yield AnswerField(placeholder=_TYPE, id="narrow")
        yield Options(classes="options", id="values", compact=True)

    def compose_buttons(self) -> ComposeResult:
        """Take, New and Leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Take", "take", key="⏎", primary=True)
            if self._new:
                yield button("New", "new", key="F6")
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """List all values, with the cursor on the present one."""
        self.query_one("#values", OptionList).can_focus = False
        self._list("")
        for place, choice in enumerate(self._listed):
            if choice.value == self._present:
                self.query_one("#values", OptionList).highlighted = place
        self.query_one("#narrow").focus()

    @on(Input.Changed, "#narrow")
    def _narrow(self, event: Input.Changed) -> None:
        self._list(event.value)

    @on(Input.Submitted, "#narrow")
    def _ended(self, event: Input.Submitted) -> None:
        field = event.input
        if not (isinstance(field, FindField) and field.scans):
            self._take()
        elif not self._take_scanned(field.scans):
            field.value = field.before[field.scans[-1]]

    def _take_scanned(self, scans: Sequence[str]) -> bool:
        """Close with the value that a scan names, or the only one that contains it; return whether there is one.

        Args:
            scans: possible texts of the scan, the longest first.
        """
        for scan in scans:
            for choice in self._choices:
                if search_key(choice.label) == search_key(scan.strip()):
                    self.dismiss(choice.value)
                    return True
        self._list(scans[-1])
        if len(self._listed) == 1:
            return self._take_like(scans[-1])
        said = "Scan a whole one, or take a line." if self._listed else "It was not taken. Scan another one."
        self.say(f"No code here is {clip(scans[-1], SHOWN)}. {said}", "problem")
        return False

    @on(Button.Pressed, "#take")
    def _take(self) -> None:
        self._take_like(self.query_one("#narrow", PlainInput).value)

    def typed(self, text: str) -> None:
        """Close with the value that the text finds."""
        self._take_like(text)

    def typed_nothing(self) -> None:
        """Close with the value under the cursor."""
        self._take()

    def _take_like(self, text: str) -> bool:
        """Close with the value that a text finds; return whether there is one."""
        self._list(text)  # the field counts; its Changed message may still be queued
        highlighted = self.query_one("#values", OptionList).highlighted
        if highlighted is None:
            self.say("There is none like that. Type another part of it.", "problem")
            return False
        self.dismiss(self._listed[highlighted].value)
        return True

    @on(Button.Pressed, "#new")
    def action_new(self) -> None:
        """Close with `NEW`."""
        if self._new:
            self.dismiss(NEW)

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    @on(OptionList.OptionSelected, "#values")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[event.option_index].value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer New only if the caller allows it."""
        return self._new if action == "new" else super().check_action(action, parameters)

    def key_down(self) -> None:
        """Move down in the list; the field keeps the focus."""
        self.query_one("#values", OptionList).action_cursor_down()

    def key_up(self) -> None:
        """Move up in the list; the field keeps the focus."""
        self.query_one("#values", OptionList).action_cursor_up()

    def key_pagedown(self) -> None:
        """Move down a page."""
        self.query_one("#values", OptionList).action_page_down()  # type: ignore[no-untyped-call]

    def key_pageup(self) -> None:
        """Move up a page."""
        self.query_one("#values", OptionList).action_page_up()  # type: ignore[no-untyped-call]

    def _list(self, text: str) -> None:
        word = search_key(text.strip())
        listing = self.query_one("#values", OptionList)
        before = self._listed[listing.highlighted].value if listing.highlighted is not None and self._listed else None
        exact = [choice for choice in self._choices if search_key(choice.label) == word]
        starting = [choice for choice in self._choices if search_key(choice.label).startswith(word)]
        inside = [choice for choice in self._choices if word in search_key(f"{choice.label} {choice.more}")]
        found = list(dict.fromkeys([*exact, *starting, *inside])) if word else self._choices
        if found == self._listed:
            return
        self._listed = found
        width = max((len(choice.label) + 2 * choice.depth for choice in found), default=0)
        listing.clear_options()
        listing.add_options(
            Option(
                Content.assemble(
                    "" if word else "  " * choice.depth,
                    plain(choice.label.ljust(width - (0 if word else 2 * choice.depth))),
                    "  ",
                    plain(choice.more, "dim"),
                )
            )
            for choice in found
        )
        places = [place for place, choice in enumerate(found) if choice.value == before and not word]
        listing.highlighted = places[0] if places else 0 if found else None
