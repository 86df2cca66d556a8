"""The columns of the serials grid at every width, and how their cells look.

Six columns in the order of the seed document, with its labels in full. Where they do not all fit, the ones left
out are said for the row under the cursor in a line beneath the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from rich.style import Style
from rich.text import Text

from models.ledger import LABELS, Warranty
from models.serials.grid import Order, SerialRow
from models.statuses import StatusLook
from tui.text import cell, clip
from tui.themes import status_style
from tui.widgets.record_columns import GUTTER_WIDTH, RecordColumn

GRID_LABELS: Final = {**LABELS, Warranty.VOID: LABELS[Warranty.NONE]}
"""What the grid says about a warranty: a void one is none."""

LABELS_OF: Final = {
    Order.SERIAL: "Serial Number",
    Order.STATUS: "Status",
    Order.LOCATION: "Location",
    Order.CUSTOMER: "Customer",
    Order.WARRANTY: "Warranty Status",
    Order.RECEIVED: "Date Received",
}
"""The headings, in their order."""

_DAY, _WARRANTY, _STATUS = 10, 14, 12
"""Cells that a date, the longest warranty word and the longest built-in status take."""


class Width(NamedTuple):
    """How wide one column is."""

    order: Order
    text: int
    """Cells for the text."""
    gap: int
    """Empty cells behind it."""


def layout(room: int) -> list[Width]:
    """Which columns fit, and how wide they are.

    Args:
        room: cells across the rows, gutter included, scrollbar excluded.
    """
    room -= GUTTER_WIDTH
    if room < 25:
        return [Width(Order.SERIAL, max(4, room - 3), 1), Width(Order.STATUS, 1, 1)]
    if room < 33:  # the word gives way to the place's code, and stands beneath for the row under the cursor
        place = max(10, (room - 4) * 4 // 10)
        return [
            Width(Order.SERIAL, room - 4 - place, 1),
            Width(Order.STATUS, 1, 2),
            Width(Order.LOCATION, place, 0),
        ]
    if room < 54:
        spare = room - _STATUS - 2
        place = max(9, min(14, spare * 4 // 10))
        return [Width(Order.SERIAL, spare - place, 1), Width(Order.STATUS, _STATUS, 1), Width(Order.LOCATION, place, 0)]
    gap = 1 if room < 100 else 2
    with_warranty = room >= 73
    # "Warranty Status" is one cell longer than the longest warranty: it gets two behind it to stand on one line.
    ends = [Width(Order.WARRANTY, _WARRANTY, max(2, gap))] if with_warranty else []
    ends.append(Width(Order.RECEIVED, _DAY, 0 if room < 100 else 5))
    spare = room - _STATUS - gap - sum(end.text + end.gap for end in ends) - 3 * gap
    serial = max(12, min(24, spare * 4 // 10))
    place = max(10, (spare - serial) * 45 // 100) if room < 100 else max(14, (spare - serial) // 3)
    return [
        Width(Order.SERIAL, serial, gap),
        Width(Order.STATUS, _STATUS, gap),
        Width(Order.LOCATION, place, gap),
        Width(Order.CUSTOMER, spare - serial - place, gap),
        *ends,
    ]


def columns(room: int, theme: str, order: Order, *, descending: bool) -> list[RecordColumn[SerialRow]]:
    """The columns for a width.

    Args:
        room: cells across the rows.
        theme: the name of the theme in use.
        order: by which column the rows are ordered.
        descending: whether the last come first.
    """
    made = []
    for width in layout(room):
        arrow = ("▼" if descending else "▲") if width.order is order else ""
        word = "" if width.text == 1 else LABELS_OF[width.order]  # a mark alone has no room for one
        label = heading(word + arrow, width.text + width.gap - (1 if width.gap else 0))
        made.append(
            RecordColumn[SerialRow](
                str(width.order), label, width.text + width.gap, _cell_of(width.order, width.text, theme)
            )
        )
    return made


def heading(label: str, width: int) -> str:
    """A heading that keeps an empty cell before the next one: broken at the blank that makes both lines shortest."""
    words = label.split(" ")
    if len(label) <= width or len(words) == 1:
        return label
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(halves, key=lambda half: max(map(len, half))))


def _cell_of(order: Order, width: int, theme: str) -> Callable[[SerialRow], Text]:
    makers: dict[Order, Callable[[SerialRow], Text]] = {
        Order.SERIAL: lambda row: cell(clip(row.serial_number, width)),
        Order.STATUS: lambda row: status_cell(row.status, theme, width),
        Order.LOCATION: lambda row: cell(clip(row.location, width)),
        Order.CUSTOMER: lambda row: cell(clip(row.customer or "", width)),
        Order.WARRANTY: partial(_warranty, theme=theme),
        Order.RECEIVED: lambda row: cell(row.date_received.isoformat()),
    }
    return makers[order]


def status_cell(status: StatusLook, theme: str, width: int) -> Text:
    """A status as mark, word and colour; the mark alone where there is room for no more."""
    said = status.mark if width < 3 else f"{status.mark} {status.label}"
    return cell(clip(said, max(1, width)), status_style(theme, status.colour))


def _warranty(row: SerialRow, theme: str) -> Text:
    styles = {Warranty.ACTIVE: status_style(theme, "green"), Warranty.EXPIRED: status_style(theme, "orange")}
    return cell(GRID_LABELS[row.warranty], styles.get(row.warranty, Style(dim=True)))


def left_out(row: SerialRow, shown: Sequence[str], width: int) -> str:
    """What the columns do not show of a row, in one line.

    Args:
        row: the row under the cursor.
        shown: the keys of the columns that show the whole of it.
        width: cells; a long customer gives way to what stands behind.
    """
    parts = {
        Order.STATUS: f"{row.status.mark} {row.status.label}",
        Order.LOCATION: row.location,
        Order.CUSTOMER: row.customer or "",
        Order.WARRANTY: GRID_LABELS[row.warranty],
        Order.RECEIVED: row.date_received.isoformat(),
    }
    hidden = {order: text for order, text in parts.items() if text and str(order) not in shown}
    if customer := hidden.get(Order.CUSTOMER):
        others = sum(len(text) + 3 for order, text in hidden.items() if order is not Order.CUSTOMER)
        hidden[Order.CUSTOMER] = clip(customer, max(8, width - others))
    return " · ".join(hidden.values())
