"""Stock by location: the figures in words, the table, and the dialog with one line per location."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from models.items.items import ItemForm, PlaceStock, item_form
from tui.kit.changed_rows import CHANGED_SECONDS, CHANGED_SIGN, ChangedRows
from tui.kit.dialog import Dialog
from tui.kit.form import button
from tui.text import clip, plain

PRIMARY = "◆"
"""Marks the primary location."""
_BETWEEN = " · "
_LEAST_FOR_NAMES = 46
"""Width in cells from which the names of locations are shown."""

_FIRST_WIDTH = 40
"""Width in cells for which the figures of `PlacesDialog` are laid out before it has one."""


def without_text(without: int) -> str:
    """Number of units without a serial, or of serials over: `3`, `2 over`."""
    return f"{-without:,} over" if without < 0 else f"{without:,}"


def head_text(on_hand: int, serials: int, without: int, removed: int = 0) -> str:
    """The figures of an item: `10 on hand · 7 serials on hand · 3 without serial · 2 removed`."""
    return _BETWEEN.join(_figures_in_words(on_hand, serials, without, removed))


def head_lines(on_hand: int, serials: int, without: int, removed: int, width: int) -> list[str]:
    """The figures of an item, broken into as many lines as they need.

    Args:
        on_hand: units of quantity.
        serials: on-hand serials.
        without: units without a serial; negative if there are more serials than units.
        removed: removed serials, which lists leave out.
        width: of a line, in cells.
    """
    # Each figure gets the room of the largest, so that lines do not rewrap while serials are added.
    digits = max(len(f"{abs(figure):,}") for figure in (on_hand, serials, without))
    lines: list[str] = []
    left = 0
    for words in _figures_in_words(on_hand, serials, without, removed):
        room = digits + len(words.partition(" ")[2]) + 1
        if lines and room + len(_BETWEEN) <= left:
            lines[-1] += _BETWEEN + words
            left -= room + len(_BETWEEN)
        else:
            lines.append(words)
            left = width - room
    return lines


def _figures_in_words(on_hand: int, serials: int, without: int, removed: int) -> list[str]:
    said = f"{-without:,} over" if without < 0 else f"{without:,} without serial"
    figures = [f"{on_hand:,} on hand", f"{serials:,} {'serial' if serials == 1 else 'serials'} on hand", said]
    return [*figures, f"{removed:,} removed ^F"] if removed else figures  # with the key that shows them


class StockTable(Widget):
    """A table with one line per location below two lines of headings; its height follows the number of locations."""

    DEFAULT_CSS = """
    StockTable { height: auto; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._places: tuple[PlaceStock, ...] = ()
        self._tracked = False
        self._changed = ChangedRows[PlaceStock]()

    def tell(self, places: Sequence[PlaceStock], *, tracked: bool, marks: bool = False) -> None:
        """Show the stock of an item.

        Args:
            places: the locations, in order.
            tracked: whether the item tracks serials; if not, only On hand is shown.
            marks: whether to mark the locations whose figures differ, for a moment.
        """
        if (tuple(places), tracked) != (self._places, self._tracked):
            if marks:
                before = {place.location: place for place in self._places}
                changed = {place.location: place for place in places if before.get(place.location) != place}
                self.set_timer(CHANGED_SECONDS, partial(self._end_marks, self._changed.add(changed)))
            self._places, self._tracked = tuple(places), tracked
            self.refresh(layout=True)

    def _end_marks(self, batch: int) -> None:
        self._changed.end(batch)
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The headings and one line per location."""
        return (2 if self._tracked else 1) + len(self._places)

    def render(self) -> Content:
        """All lines, laid out for the current width."""
        quiet = "bold" if self.app.native_ansi_color else "bold $quiet"
        above = ["", *(["Serials", "Without"] if self._tracked else [])]
        head = ["On hand", *(["on hand", "serial"] if self._tracked else [])]
        rows = [self._figures(place) for place in self._places]
        widths = [max(len(row[column]) for row in [above, head, *rows]) for column in range(len(head))]
        has_names = self.content_size.width >= _LEAST_FOR_NAMES
        gap = 2 if has_names else 1
        longest = max((len(place.location) for place in self._places), default=0)
        while len(head) > 1 and self.content_size.width < longest + 2 + sum(widths) + gap * len(widths):
            # Keep the code readable: the other figures are also in the form's totals.
            del above[1], head[1], widths[1]
            for row in rows:
                del row[1]
        room = max(self.content_size.width - sum(widths) - gap * len(widths), 8)
        # Codes get at most half of the room, however long they are.
        code_width = min(max(longest + 2, 12), room // 2) if has_names else room
        name_width = room - code_width - gap if has_names else 0
        widths = [code_width, *([name_width] if has_names else []), *widths]
        lines = [Content.styled(_line(["", ""][: 1 + has_names], above, widths, gap), quiet)] if self._tracked else []
        lines.append(Content.styled(_line(["  Location", "Name"][: 1 + has_names], head, widths, gap), quiet))
        for place, row in zip(self._places, rows, strict=True):
            is_changed = place.location in self._changed
            code = f"{PRIMARY if place.primary else ' '}{CHANGED_SIGN if is_changed else ' '}{place.location}"
            name = " · ".join(filter(None, [place.location_name, "primary" if place.primary else ""]))
            line = _line([code, name][: 1 + has_names], row, widths, gap)
            lines.append(Content.styled(line, "bold reverse") if is_changed else Content(line))
        return Content("\n").join(lines)

    def _figures(self, place: PlaceStock) -> list[str]:
        figures = [f"{place.on_hand:,}"]
        return [*figures, f"{place.serials:,}", without_text(place.without)] if self._tracked else figures


def _line(texts: Sequence[str], figures: Sequence[str], widths: Sequence[int], gap: int) -> str:
    """One line: texts aligned left, figures aligned right."""
    columns = [_padded(text, width) for text, width in zip(texts, widths, strict=False)]
    columns += [figure.rjust(width) for figure, width in zip(figures, widths[len(texts) :], strict=True)]
    return (" " * gap).join(columns)


def _padded(text: str, width: int) -> str:
    shown = clip(text, width)
    return shown + " " * (width - cell_len(shown))


class PlacesDialog(Dialog[None]):
    """The dialog with the stock by location: units, serials on hand, without serial; any leaving key closes it."""

    HELP = (
        "On hand is the quantity at the location, Serials on hand how many of these units have a serial number, "
        "Without serial how many have none yet; over means that there are more serials than units."
    )

    FOLLOWS = True

    def __init__(self, form: ItemForm) -> None:
        """Make the dialog.

        Args:
            form: the item.
        """
        super().__init__(f"{form.sku} by location")
        self._form = form
        self._changed = ChangedRows[PlaceStock]()

    def compose_fields(self) -> ComposeResult:
        """One line per location, and the total."""
        yield Static(self._lines(_FIRST_WIDTH), id="places")  # its height is right before the first resize

    def compose_buttons(self) -> ComposeResult:
        """The Close button."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Focus Close, so that Enter closes too."""
        self.query_one("#close").focus()

    async def follow(self, *, marks: bool) -> None:
        """Show the figures as they are now, and mark the lines that differ.

        Args:
            marks: as for every dialog.
        """
        form = await self.read(item_form, self._form.id)
        before, self._form = {place.location: place for place in self._form.places}, form
        changed = {place.location: place for place in form.places if before.get(place.location) != place}
        if marks and changed:
            self.set_timer(CHANGED_SECONDS, partial(self._end_marks, self._changed.add(changed)))
        self._show()

    def _end_marks(self, batch: int) -> None:
        self._changed.end(batch)
        self._show()

    def on_resize(self) -> None:
        """Lay the figures out for the width."""
        self._show()

    def _show(self) -> None:
        places = self.query_one("#places", Static)
        places.update(self._lines(places.content_region.width or _FIRST_WIDTH))

    def _lines(self, width: int) -> Content:
        codes = max(12, width) - 3 * 9  # each figure has nine cells, see `_place_line`
        form, lines = self._form, [_place_line("", "", "Serials", "Without", codes, "dim")]
        lines.append(_place_line("Location", "On hand", "on hand", "serial", codes, "dim"))
        for place in form.places:
            name = f"{place.location}  {place.location_name}" if place.location_name else place.location
            is_changed = place.location in self._changed
            name, style = (f"{CHANGED_SIGN} {name}", "bold reverse") if is_changed else (name, "")
            figures = (f"{place.on_hand:,}", f"{place.serials:,}", _without(place.without))
            lines.append(_place_line(name, *figures, codes, style))
        lines.append(
            _place_line("Together", f"{form.on_hand:,}", f"{form.serials:,}", _without(form.without), codes, "bold")
        )
        return Content("\n").join(lines)

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)


def _without(units: int) -> str:
    """As `without_text`, with a dot for none, so that what is missing catches the eye."""
    return f"{-units:,} over" if units < 0 else f"{units:,}" if units else "·"


def _place_line(name: str, on_hand: str, serials: str, without: str, width: int, style: str = "") -> Content:
    name = clip(name, max(3, width))
    blank = " " * max(0, width - Content(name).cell_length)
    return plain(f"{name}{blank}{on_hand:>9}{serials:>9}{without:>9}", style)
