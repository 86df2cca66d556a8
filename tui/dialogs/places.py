"""An item's numbers by location."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from models.items.items import ItemForm
from tui.kit.dialog import Dialog
from tui.text import clip, plain
from tui.widgets.buttons import button


class PlacesDialog(Dialog[None]):
    """Shows on hand, serials and what is without one for each place; any leaving key closes it."""

    HELP = (
        "On hand is the quantity at the location. Serials counts those of its units that have a serial number. "
        "Without is how many have none yet; over means that there are more serials than units."
    )

    def __init__(self, form: ItemForm) -> None:
        """Make it.

        Args:
            form: the item.
        """
        super().__init__(f"{form.sku} by location")
        self._form = form

    def compose_fields(self) -> ComposeResult:
        """One line for each place, and the total."""
        yield Static("", id="places")

    def compose_buttons(self) -> ComposeResult:
        """One way out."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Let Enter close it too."""
        self.query_one("#close").focus()

    def on_resize(self) -> None:
        """Lay the numbers out for the width."""
        places = self.query_one("#places", Static)
        width = max(12, places.content_region.width or 40)
        codes = width - 3 * 9
        form, lines = self._form, [_line("Location", "On hand", "Serials", "Without", codes, "dim")]
        for place in form.places:
            name = f"{place.location}  {place.location_name}" if place.location_name else place.location
            lines.append(_line(name, f"{place.on_hand:,}", f"{place.serials:,}", _without(place.without), codes))
        lines.append(_line("Together", f"{form.on_hand:,}", f"{form.serials:,}", _without(form.without), codes, "bold"))
        places.update(Content("\n").join(lines))

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)


def _without(units: int) -> str:
    return f"{-units:,} over" if units < 0 else f"{units:,}" if units else "·"


def _line(name: str, on_hand: str, serials: str, without: str, width: int, style: str = "") -> Content:
    name = clip(name, max(3, width))
    blank = " " * max(0, width - Content(name).cell_length)
    return plain(f"{name}{blank}{on_hand:>9}{serials:>9}{without:>9}", style)
