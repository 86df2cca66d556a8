"""A dialog that stays open until what it asked for is saved, so that nothing typed is lost to a refusal."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Input

from models.errors import SerialdockError
from tui.context import Kind
from tui.dialogs.frame import Dialog
from tui.scanning.fields import TakesText
from tui.widgets.buttons import button
from tui.widgets.pager import Pager

Result = TypeVar("Result")


class SavingDialog(Dialog[Result | None]):
    """Saves by F10, its button, or Enter in its last field; closes with the result when that has worked.

    The database thread finishes a save that has begun, whatever becomes of the dialog.
    """

    STYLE_SHEETS = ("fields",)
    SAVE_LABEL: ClassVar[str] = "Save"

    WORK: ClassVar[tuple[str, ...]] = ()
    """Ids of the fields whose text is asked about when the dialog is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", "Save", id="dialog.save", tooltip="Save this"),
    ]

    _refused_field = ""
    """Id of the field that the message refuses, while it does."""

    def on_mount(self) -> None:
        """Note what stands in the fields."""
        self._at_first = self._texts()

    def _texts(self) -> list[str]:
        fields = [self.query_one(f"#{name}") for name in self.WORK]
        return [field.typed.strip() for field in fields if isinstance(field, TakesText)]

    def has_unsaved(self) -> bool:
        """Whether something else stands in the fields than at first."""
        return any(now and now != at_first for now, at_first in zip(self._texts(), self._at_first, strict=True))

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields; any text."""
        self._refused_field = ""
        super().say(text, kind)

    def compose_buttons(self) -> ComposeResult:
        """Save or leave; where both do not fit, the key that saves is left to the menu."""
        has_room = len(f" {self.SAVE_LABEL}  F10  Leave  F3 ") <= self.app.size.width
        with HorizontalGroup(classes="buttons"):
            yield button(self.SAVE_LABEL, "save", key="F10" if has_room else "", primary=True)
            yield button("Leave", "leave", key="F3")

    @abstractmethod
    async def save(self) -> Result:
        """Write what the fields say.

        Raises:
            SerialdockError: the message is shown; `details["field"]` names the field that gets the focus.
        """

    @on(Input.Submitted)
    def _go_on(self) -> None:
        """Go to the next field; save behind the last."""
        fields = [node for node in self.focus_chain if not isinstance(node, (Button, Pager))]
        if fields and self.focused is fields[-1]:
            self.action_save()
        else:
            self.focus_next()

    @on(Input.Changed)
    def _input_corrected(self, event: Input.Changed) -> None:
        self.corrected(event.control.id)

    def corrected(self, field: str | None) -> None:
        """Take back what was said about a field once something else stands in it.

        Args:
            field: its id.
        """
        if self._refused_field and field == self._refused_field:
            self.say("")

    def told(self, refusal: SerialdockError) -> str:
        """A refusal in words for this dialog."""
        return refusal.message

    @on(Button.Pressed, "#leave")
    def _left(self) -> None:
        self.action_leave()

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save and close."""
        self._save()

    @work(exclusive=True, group="save")
    async def _save(self) -> None:
        with self.context.keyboard.hold():
            try:
                result = await self.save()
            except SerialdockError as refusal:
                self.say(self.told(refusal), "problem")
                for field in self.query(f"#{refusal.details.get('field', 'none')}"):
                    field.focus()
                    self._refused_field = field.id or ""
            else:
                self.dismiss(result)
