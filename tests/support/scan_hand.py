"""An app with a scan field and a plain field, and a hand that presses keys at exact times."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tests.support.burst import a_hand_pressed_at, burst_to_the_end, hand_clock
from tui.scanning.scan_field import ScanField
from tui.terminal.keys_in_order import OrderedKeys
from tui.terminal.scanner_keys import Span


class Station(OrderedKeys[None], inherit_bindings=False):
    """An app with a scan field and a plain field; records the messages of both."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f3", "leave", "Leave"), Binding("ctrl+q", "leave", "Leave")]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heard: list[tuple[str, ...]] = []
        self.spans: list[Span] = []

    def compose(self) -> ComposeResult:
        yield ScanField(id="serial")
        yield Input(id="place")

    def action_leave(self) -> None:
        self.heard.append(("left",))

    def on_scan_field_scanned(self, message: ScanField.Scanned) -> None:
        assert message.control is message.field
        self.heard.append(("scanned", message.text, message.how))
        self.spans.append(message.span)

    def on_scan_field_repeated(self, message: ScanField.Repeated) -> None:
        assert message.control is message.field
        self.heard.append(("repeated", message.text))

    def on_scan_field_refused(self, message: ScanField.Refused) -> None:
        assert message.control is message.field
        self.heard.append(("refused", message.text, message.reason))
        self.spans.append(message.span)

    def on_scan_field_empty_end(self, message: ScanField.EmptyEnd) -> None:
        assert message.control is message.field
        self.heard.append(("empty end",))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        self.heard.append(("submitted", message.value))

    @property
    def field(self) -> ScanField:
        return self.query_one(ScanField)

    @property
    def scans(self) -> list[str]:
        return [message[1] for message in self.heard if message[0] == "scanned"]


class Hand:
    """Presses keys at exact times, in seconds on the clock of the keys."""

    def __init__(self, app: OrderedKeys[Any]) -> None:
        self.app = app
        self.now = hand_clock()

    async def press(self, text: str, gap: float = 0.15) -> None:
        """Press keys `gap` seconds apart; `<name>` is a named key, such as `<enter>`."""
        pressed: list[str | events.Event] = []
        while text:
            name, text = (text[1:].split(">", 1)) if text[0] == "<" else (text[0], text[1:])
            event = events.Key(name, None if len(name) > 1 else name)
            self.now += gap
            event.time = self.now
            pressed.append(event)
        await burst_to_the_end(self.app, *pressed)
        a_hand_pressed_at(self.now)

    async def scan(self, text: str) -> None:
        """Press keys 1 ms apart, as a scanner does."""
        await self.press(text, gap=0.001)

    async def paste(self, text: str, gap: float = 0.15) -> None:
        event = events.Paste(text)
        self.now += gap
        event.time = self.now
        await burst_to_the_end(self.app, event)
        a_hand_pressed_at(self.now)
