from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widgets import Input, Static

from tests.support.recording import RecordingDriver, data_sent_by
from tui.terminal.changed_cells import ChangedCellsDisplay, ScreenMemory, written

WIDTH, HEIGHT = 24, 5
STYLES = [None, Style.parse("bold"), Style.parse("red on blue"), Style.parse("reverse"), Style.parse("dim #a0b0c0")]
BLANK = [part for y in range(HEIGHT) for part in (Control.move_to(0, y).segment, Segment(" " * WIDTH))]

texts = st.text(alphabet=st.sampled_from("ab C1 ─▸é·"), min_size=1, max_size=12)
pieces = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), texts, st.sampled_from(STYLES))
updates = st.lists(st.lists(pieces, min_size=1, max_size=6), min_size=1, max_size=8)


def stock(segments: list[Segment]) -> str:
    """What Textual itself would write."""
    parts = []
    for text, style, control in segments:
        parts.append(text if control or style is None else style.render(text, color_system=ColorSystem.TRUECOLOR))
    return "".join(parts)


def shown(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """All cells with their looks."""
    return [[tuple(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(deadline=None, max_examples=200)
@given(updates)
def test_the_terminal_shows_the_same_as_if_everything_were_written(
    drawn: list[list[tuple[int, int, str, Style | None]]],
) -> None:
    ours, theirs = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    our_stream, their_stream = pyte.Stream(ours), pyte.Stream(theirs)
    memory = ScreenMemory(Size(WIDTH, HEIGHT))
    frames = [BLANK]
    for update in drawn:
        frame: list[Segment] = []
        for x, y, text, style in update:
            frame += [Control.move_to(x, y).segment, Segment(text[: WIDTH - x], style)]
        frames.append(frame)
    for frame in frames:
        our_stream.feed(written(memory.take(frame, ColorSystem.TRUECOLOR)))
        their_stream.feed(stock(frame))
        assert shown(ours) == shown(theirs)


def test_what_is_there_already_is_not_written_again() -> None:
    memory = ScreenMemory(Size(WIDTH, HEIGHT))
    assert written(memory.take(BLANK, ColorSystem.TRUECOLOR))
    assert written(memory.take(BLANK, ColorSystem.TRUECOLOR)) == ""


def test_a_line_with_wide_characters_is_written_from_its_first_difference_to_its_end() -> None:
    memory = ScreenMemory(Size(WIDTH, HEIGHT))
    first = [Control.move_to(0, 0).segment, Segment("ab漢字cd".ljust(WIDTH - 2))]
    written(memory.take(first, ColorSystem.TRUECOLOR))
    second = [Control.move_to(0, 0).segment, Segment("ab漢語cd".ljust(WIDTH - 2))]
    assert written(memory.take(second, ColorSystem.TRUECOLOR)) == "\x1b[1;5H" + "語cd".ljust(WIDTH - 5)


class Page(ChangedCellsDisplay[None]):
    """Some lines and a field."""

    def compose(self) -> ComposeResult:
        yield Static("nothing changes here\n" * 10)
        yield Input(compact=True)


async def test_a_typed_letter_costs_the_bytes_of_a_letter_and_a_redraw_those_of_the_screen() -> None:
    app = Page(driver_class=RecordingDriver)
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        before = len(data_sent_by(app))
        await pilot.press("b")
        await pilot.pause()
        letter = len(data_sent_by(app)) - before
        app.redraw()
        await pilot.pause()
        assert 0 < letter < 200
        assert len(data_sent_by(app)) - before - letter > 1_000


async def test_after_a_resize_everything_is_written() -> None:
    app = Page(driver_class=RecordingDriver)
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await pilot.pause()
        before = len(data_sent_by(app))
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert "nothing changes here" in data_sent_by(app)[before:]
