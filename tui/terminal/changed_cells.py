"""Writes only the cells that changed, so that opening a dialog costs a slow link few bytes.

Textual repaints whole regions: a dialog, a tab or a new focus rewrites most of the screen, often with what is already
there. `ChangedCellsDisplay` remembers what each cell of the terminal shows and writes the difference. Lines with wide
or combining characters, on whose width terminals disagree, are written from their first difference to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console, ConsoleRenderable, RenderableType
from rich.segment import ControlType, Segment
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

ReturnType = TypeVar("ReturnType")

SMALL_GAP = 6
"""Unchanged cells that cost no more to rewrite than to jump over with a cursor move."""

CELLS_KEPT = 4_096
"""Size of the cell cache: equal cells are one object. A screen has a few hundred different ones."""


class Cell(NamedTuple):
    """What one cell of the terminal shows."""

    text: str
    """A character with its combining marks; empty for the second half of a wide one."""
    look: str
    """Colours and attributes, as SGR parameters."""
    is_even: bool
    """Whether every terminal draws it one cell wide."""


@lru_cache(CELLS_KEPT)
def _cell(text: str, look: str) -> Cell:
    return Cell(text, look, is_even=text.isascii() and text != "")


UNKNOWN = Cell("", "?", is_even=False)
"""A cell whose content on the terminal is not known."""


class CellRun(NamedTuple):
    """Adjacent cells of one line, written together."""

    x: int
    y: int
    cells: list[Cell]


class ScreenMemory:
    """What each cell of the terminal shows, as far as known."""

    def __init__(self, size: Size) -> None:
        """Start with every cell unknown.

        Args:
            size: of the terminal, in cells.
        """
        self.size = size
        """Size of the terminal, in cells."""
        self._rows = [[UNKNOWN] * size.width for _ in range(size.height)]

    def take(self, segments: Iterable[Segment], colours: ColorSystem) -> Iterator[CellRun]:
        """Record what an update writes, and yield the part of it that the terminal does not show yet.

        Args:
            segments: text, line ends and absolute cursor moves, as rendered by a compositor update.
            colours: the terminal's colour system.

        Yields:
            Each run of cells that differ from the recorded ones.
        """
        changed: dict[int, list[int]] = {}
        uneven: set[int] = set()
        for start, y, cells in _placed(segments, colours):
            if y >= self.size.height:
                continue
            row = self._rows[y]
            if row[start : start + len(cells)] == cells:
                continue
            for x, cell in enumerate(cells[: max(0, self.size.width - start)], start):
                before = row[x]
                if cell != before:
                    row[x] = cell
                    changed.setdefault(y, []).append(x)
                    if not (cell.is_even and (before.is_even or before is UNKNOWN)):
                        uneven.add(y)
        for line, columns in changed.items():
            yield from self._uneven_runs(line, columns) if line in uneven else self._runs(line, columns)

    def _runs(self, line: int, columns: list[int]) -> Iterator[CellRun]:
        row = self._rows[line]
        columns = sorted(set(columns))
        start = 0
        for place in range(1, len(columns) + 1):
            if place < len(columns):
                before, after = columns[place - 1], columns[place]
                if after == before + 1 or self._joins(row, before, after):
                    continue
            yield CellRun(columns[start], line, row[columns[start] : columns[place - 1] + 1])
            start = place

    def _uneven_runs(self, line: int, columns: list[int]) -> Iterator[CellRun]:
        """One run from the first difference to the end of the known part of the line."""
        row = self._rows[line]
        first = min(columns)
        while first and row[first].text == "" and row[first] is not UNKNOWN:  # never begin inside a wide character
            first -= 1
        known = next((place for place in range(first, len(row)) if row[place] is UNKNOWN), len(row))
        yield CellRun(first, line, row[first:known])
        yield from self._runs(line, [column for column in columns if column >= known])

    def _joins(self, row: list[Cell], before: int, after: int) -> bool:
        """Whether the unchanged cells between two changed ones are cheaper to rewrite than to jump over."""
        between = row[before + 1 : after]
        return len(between) <= SMALL_GAP and all(cell.look == row[before].look for cell in between)


def written(runs: Iterable[CellRun]) -> str:
    """The escape sequences and text that write these runs; SGR attributes are off before and after."""
    parts: list[str] = []
    look = ""
    for x, y, cells in runs:
        parts.append(f"\x1b[{y + 1};{x + 1}H")
        for cell in cells:
            if cell.look != look:
                look = cell.look
                parts.append(f"\x1b[0;{look}m" if look else "\x1b[0m")
            parts.append(cell.text)
    if look:
        parts.append("\x1b[0m")
    return "".join(parts)


def _placed(segments: Iterable[Segment], colours: ColorSystem) -> Iterator[tuple[int, int, list[Cell]]]:
    """The cells that segments write, with the column and row of the first."""
    x = y = 0
    for text, style, control in segments:
        if control:
            moves = [code for code in control if code[0] is ControlType.CURSOR_MOVE_TO]
            if moves:
                _, x, y = cast("tuple[ControlType, int, int]", moves[-1])
        elif text == "\n":
            x, y = 0, y + 1
        else:
            look = "" if style is None else style._ansi or Strip.render_ansi(style, colours)
            cells = _cells(text, look)
            yield x, y, cells
            x += len(cells)


def _cells(text: str, look: str) -> list[Cell]:
    if text.isascii():
        return [_cell(character, look) for character in text]
    cells: list[Cell] = []
    waiting = ""
    for character in text:
        if waiting and not character.isascii() and cell_len(character) == 0:
            waiting += character
            continue
        cells += _wide(waiting, look)
        waiting = character
    cells += _wide(waiting, look)
    return cells


@lru_cache(CELLS_KEPT)
def _wide(text: str, look: str) -> tuple[Cell, ...]:
    """The cells of one character: two, if it is a wide one."""
    return (_cell(text, look), *[_cell("", look)] * (cell_len(text) - 1)) if text else ()


class Difference(CompositorUpdate):
    """A compositor update without the cells that the terminal shows already."""

    def __init__(self, update: CompositorUpdate, memory: ScreenMemory) -> None:
        """Wrap an update.

        Args:
            update: as Textual made it.
            memory: what the terminal shows.
        """
        self._update, self._memory = update, memory
        self._written: str | None = None

    def render_segments(self, console: Console) -> str:
        """The changed cells as terminal output; empty if there are none."""
        if self._written is None:
            self._written = self._render(console)
        return self._written

    def _render(self, console: Console) -> str:
        update = cast("ConsoleRenderable", self._update)
        segments = cast("Iterable[Segment]", update.__rich_console__(console, console.options))
        colours = console._color_system or ColorSystem.TRUECOLOR
        return written(self._memory.take(segments, colours))


class ChangedCellsDisplay(App[ReturnType]):
    """An app that writes only changed cells to the terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shown: ScreenMemory | None = None

    def on_resize(self) -> None:
        """Redraw everything: a terminal shrunk and enlarged between two resize events has lost its content."""
        if self.screen_stack:
            self.redraw()

    def redraw(self) -> None:
        """Rewrite the whole screen, for a terminal whose content is wrong."""
        self._shown = None
        self.screen.refresh(layout=True)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        # Private method of Textual, through which every screen update passes once and in order.
        if not self._batch_count and renderable is not None:
            if isinstance(renderable, CompositorUpdate):
                if self._shown is None or self._shown.size != self.size:
                    self._shown = ScreenMemory(self.size)
                difference = Difference(renderable, self._shown)
                if self._is_there_already(difference):
                    return
                renderable = cast("RenderableType", difference)
            else:
                self._shown = None
        super()._display(screen, renderable)

    def _is_there_already(self, difference: Difference) -> bool:
        """Whether the terminal shows all of an update, with its cursor in place: then it gets not one byte."""
        if not self.is_running or self.is_headless or self._driver is None or not self.screen_stack:
            return False
        place = self.screen.outer_size.clamp_offset(self.cursor_position)
        return place == self._previous_cursor_position and not difference.render_segments(self.console)
