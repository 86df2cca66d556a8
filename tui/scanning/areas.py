"""Multi-line fields. Not in `fields`, since TextArea is slow to import and the first screen needs none."""

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
from tui.terminal.scanner_keys import LINE_END
from tui.text import glyphs

FOR_THE_SCREEN: Final = ("f6", "f7")
"""Selection keys of Textual's TextArea that screens use for actions of their own."""

MANY: Final = 2_000
"""Lines from which on wrapping is off: wrapping 100,000 lines blocks the screen for a second."""


class AreaState(NamedTuple):
    """Where something is typed in a multi-line field; its text may be too long to be copied at every key."""

    selection: Selection
    selected: str
    """The text that is replaced."""


class _Text(str):
    """A text with line ends at CR, LF and CRLF only; `str.splitlines` also splits at GS, which is part of barcodes."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        assert not keepends
        lines = LINE_END.split(self)
        return lines if lines[-1] else lines[:-1]


class _PlainDocument(Document):
    """A document that splits its text only at CR, LF and CRLF."""

    def __init__(self, text: str) -> None:
        super().__init__(_Text(text))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        return super().replace_range(start, end, _Text(text))

    def get_size(self, tab_width: int) -> Size:
        if self.line_count < MANY:
            return super().get_size(tab_width)
        return Size(max(map(len, self.lines)), self.line_count)  # measuring each line would delay every key


class PlainArea(TextArea, TakesText, inherit_bindings=False):
    """A TextArea without a blinking cursor, safe for any text; TAB moves the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if not (isinstance(binding, Binding) and binding.key in FOR_THE_SCREEN)
    ]

    def __init__(self, text: str = "", **kwargs: Any) -> None:
        """Make a multi-line field.

        Args:
            text: the initial text.
            **kwargs: as for Textual's TextArea; `compact` defaults to True.
        """
        kwargs.setdefault("compact", True)
        super().__init__(text, tab_behavior="focus", show_line_numbers=False, **kwargs)
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """The text in the field."""
        return self.text

    def _set_document(self, text: str, language: str | None) -> None:
        # Private method of Textual, which always makes a stock Document.
        super()._set_document("", language)
        self.document = _PlainDocument(text)
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._rewrap_and_refresh_virtual_size()

    async def _on_paste(self, event: events.Paste) -> None:
        """Turn wrapping off before a long list; Textual then calls its own handler."""
        if event.text.count("\n") + event.text.count("\r") >= MANY:
            self.soft_wrap = False

    def get_line(self, line_index: int) -> Text:
        """A line as drawn, with a visible glyph for every hidden character."""
        return Text(glyphs(self.document.get_line(line_index)), end="", no_wrap=True)

    def put(self, text: str) -> None:
        """Insert text at the cursor, replacing the selection."""
        self.replace(text, *self.selection)

    def remember(self) -> AreaState:
        """The selection and its text."""
        return AreaState(self.selection, self.selected_text)

    def restore(self, state: AreaState) -> None:
        """Put back what was typed over since."""
        self.replace(state.selected, min(state.selection), self.cursor_location)
        self.selection = state.selection


class LinesArea(HearsScans[AreaState], PlainArea):
    """A PlainArea for a list of scans: each is a line of its own, whatever is half typed.

    Enter after typing ends a line; TAB goes to the next field.
    """

    def add_line(self, text: str) -> None:
        """Append a line and move the cursor behind it.

        Args:
            text: the line without its end.
        """
        end = self.document.end
        begin = "\n" if self.document.get_line(end[0]) else ""
        self.replace(f"{begin}{text}\n", end, end)
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()  # or the screen would take the paste for scans
