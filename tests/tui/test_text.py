from __future__ import annotations

import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Button, DataTable, Input, Label, OptionList, Select, Static, Tab, Tabs

from tests.support.recording import RecordingDriver, data_sent_by
from tui.text import MAX_MARKS, cell, clip, glyphs, plain, visible

HOSTILE = [
    "SN[/]1",
    "[@click=app.quit]SN[/]",
    "[red]not red",
    r"\[escaped",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\link",
    "\x9b2J\x85\x90q\x9c",
    "a\rb\nc\td\x00e\x07f\x08g\x7f",
    "\u202egnp.exe\u202c",
    "\u2066left\u2069 \u200fright\u200e \u061c",
    "zero\u200bwidth\u200d\u200c\ufeff\u00ad",
    "line\u2028sep\u2029",
    "lone \ud800 surrogate \udcff",
    "private \ue000 \U000f0000 unassigned \u0378 \U000e0fff",
    "tags \U000e0041\U000e0042",
    "z" + "\u0301" * 500,
    "\u0301leading mark",
    "\ufe0f\u3164\u115f",
    "日本語 シリアル 한국어",
]
"""Strings that end or mislead an app which shows them as they are."""


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in text)


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SN-0001", "SN-0001"),
        ("a\x1b[31m", "a␛[31m"),
        ("0109\x1d21", "0109␝21"),
        ("a\nb\tc\x00", "a␊b␉c␀"),
        ("\x7f", "␡"),
        ("\x85", "\u2039U+0085\u203a"),
        ("\u202eabc", "\u2039U+202E\u203aabc"),
        ("\udcff", "\u2039U+DCFF\u203a"),
        ("\U000e0041", "\u2039U+E0041\u203a"),
        ("Größe Ж 日本 ไทย नमस्ते", "Größe Ж 日本 ไทย नमस्ते"),
        ("e\u0301", "e\u0301"),
        ("\u0301", "\u25cc\u0301"),
        ("a" + "\u0301" * 10 + "b", "a" + "\u0301" * 4 + "\u2039+6\u203ab"),
    ],
)
def test_hidden_characters_are_shown_and_letters_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_note_of_several_lines_keeps_its_lines_and_nothing_else() -> None:
    assert visible("one\r\ntwo\rthree\n\u0301four\x1b", lines=True) == "one\ntwo\nthree\n\u25cc\u0301four␛"


@given(st.text(st.characters(), max_size=60))
def test_no_text_at_all_stays_dangerous(text: str) -> None:
    shown = visible(text)
    assert is_safe(shown)
    assert longest_run_of_marks(shown) <= MAX_MARKS
    assert visible(shown) == shown
    assert all(is_safe(line) for line in visible(text, lines=True).split("\n"))
    assert "\n" not in shown
    shown.encode()


@given(st.text(st.characters(), max_size=60))
def test_a_field_with_a_cursor_shows_one_glyph_for_each_character(text: str) -> None:
    assert len(glyphs(text)) == len(text)
    assert is_safe(glyphs(text))


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_clipped_text_never_takes_more_cells_than_it_may(text: str, width: int) -> None:
    shown = clip(text, width)
    assert cell_len(shown) <= width
    assert is_safe(shown)
    if cell_len(visible(text)) > width:
        assert shown.endswith("…")


def test_widget_text_is_literal_and_styled() -> None:
    content = plain("SN[/]1\x1b", "bold")
    assert content.plain == "SN[/]1␛"
    assert [span.style for span in content.spans] == ["bold"]
    assert plain(None).plain == ""
    assert plain(12).plain == "12"


def test_cell_text_is_one_line_and_literal() -> None:
    text = cell("SN[/]1\nx", "red", justify="right")
    assert (text.plain, text.no_wrap, text.overflow, text.end) == ("SN[/]1␊x", True, "ellipsis", "")
    assert (text.style, text.justify) == ("red", "right")
    assert cell(None).plain == ""


def test_commands_can_show_text_without_loading_textual_or_rich() -> None:
    program = (
        "import sys; from tui.text import visible, glyphs; visible('\\x1b'); glyphs('\\x1b');"
        "print([m for m in ('textual', 'rich') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


class Everything(App[str]):
    """Shows one text in every kind of place."""

    def __init__(self, text: str) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.text = text

    def compose(self) -> ComposeResult:
        text = self.text
        with Vertical() as box:
            box.border_title = plain(text)
            box.styles.border = ("round", "white")
            yield Static(plain(text))
            yield Label(plain(text, lines=True))
            yield Button(plain(text), compact=True)
            yield Tabs(Tab(plain(text)))
            yield OptionList(plain(text), compact=True)
            yield Select([(plain(text), 1)], value=1, compact=True)
            yield Input(glyphs(text), compact=True)
            yield DataTable()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_column(cell(self.text), key="serial")
        table.add_row(cell(self.text))
        self.notify(visible(self.text), title=visible(self.text), markup=False)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_nothing_hidden_in_data_reaches_the_terminal(text: str) -> None:
    app = Everything(text)

    async def look_and_leave(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        app.exit("seen")

    assert await app.run_async(size=(120, 40), auto_pilot=look_and_leave) == "seen"
    data = data_sent_by(app)
    assert visible(text)[:3] in data
    assert is_safe(data)
