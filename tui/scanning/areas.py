"""The fields of some lines, apart from those of one: the first screen needs none, and they take a while to load."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Document, EditResult, Location
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Size
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tui.scanning.fields import HearsScans, TakesText
from tui.scanning.listener import Scanned
from tui.terminal.scanner_keys import LINE_END
from tui.text import glyphs

FOR_THE_SCREEN: Final = ("f6", "f7")
"""Keys with which a stock TextArea selects, and which do something on every screen here."""

MANY: Final = 2_000
"""Lines from which on none is wrapped: wrapping a hundred thousand holds up the screen for a second."""


class AreaState(NamedTuple):
    """What stands in a field of some lines."""

    text: str
    selection: Selection


class _Text(str):
    """A text whose lines end at CR, LF and CRLF only; `str.splitlines` also ends one at GS, which is part of a scan."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        assert not keepends
        lines = LINE_END.split(self)
        return lines if lines[-1] else lines[:-1]


class _PlainDocument(Document):
    """What stands in the field."""

    def __init__(self, text: str) -> None:
        super().__init__(_Text(text))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        return super().replace_range(start, end, _Text(text))

    def get_size(self, tab_width: int) -> Size:
        if self.line_count < MANY:
            return super().get_size(tab_width)
        return Size(max(map(len, self.lines)), self.line_count)  # measuring each takes longer than a key may


class PlainArea(TextArea, TakesText, inherit_bindings=False):
    """A TextArea without a blinking cursor, safe for any text; Tab leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if not (isinstance(binding, Binding) and binding.key in FOR_THE_SCREEN)
    ]

    def __init__(self, text: str = "", **kwargs: Any) -> None:
        """Make a field of some lines.

        Args:
            text: what is in it.
            **kwargs: as for Textual's TextArea; `compact` is on unless said otherwise.
        """
        kwargs.setdefault("compact", True)
        super().__init__(text, tab_behavior="focus", show_line_numbers=False, **kwargs)
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """What stands in it."""
        return self.text

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document("", language)
        self.document = _PlainDocument(text)
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._rewrap_and_refresh_virtual_size()

    async def _on_paste(self, event: events.Paste) -> None:
        """Stop wrapping before a long list comes; Textual then goes on with its own."""
        if event.text.count("\n") + event.text.count("\r") >= MANY:
            self.soft_wrap = False

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn: a visible sign for every character that has none."""
        return Text(glyphs(self.document.get_line(line_index)), end="", no_wrap=True)

    def put(self, text: str) -> None:
        """Insert text at the cursor, in place of what is selected."""
        self.replace(text, *self.selection)

    def remember(self) -> AreaState:
        """The text and what is selected of it."""
        return AreaState(self.text, self.selection)

    def restore(self, state: AreaState) -> None:
        """Put the text and the selection back."""
        self.replace(state.text, self.document.start, self.document.end)
        self.selection = state.selection


class LinesArea(HearsScans[AreaState], PlainArea):
    """A PlainArea for a list that may be scanned: every end of a scanner ends one line.

    TAB behind typing goes to the next field.
    """

    def add_line(self, text: str) -> None:
        """Put a line behind all others, and the cursor behind it.

        Args:
            text: without its end.
        """
        end = self.document.end
        begin = "\n" if self.document.get_line(end[0]) else ""
        self.replace(f"{begin}{text}\n", end, end)
        self.move_cursor(self.document.end)

    def hear_separator(self, separator: str) -> None:
        """Show it."""
        self.put(separator)

    async def hear_scan(self, scan: Scanned[AreaState]) -> None:
        """Begin the next line."""
        self.put("\n")

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()  # it has its place here
