"""The dialog that transfers one or all marked serials to another location, in one transaction with one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.errors import BadValue, Changed
from models.serials.grid import Holding
from models.serials.moves import Transferred, transfer_serials
from tui.records.location_field import LocationDialog, LocationField
from tui.scanning.fields import PlainInput
from tui.text import plain
from tui.themes import style_sheets


class TransferDialog(LocationDialog[str]):
    """Transfers serials and returns the message: the document number and what moved."""

    CSS_PATH = style_sheets("records", "serials")
    WORK = ("notes",)
    HELP = (
        "Type or scan the code of the location where the serials go, or choose it with F4. Their status stays. One "
        "unit of the quantity moves along with each serial that is on hand, as far as its old location shows any."
    )
    SAVE_LABEL = "Transfer"

    def __init__(
        self,
        serial_ids: Sequence[int],
        held: Sequence[Holding],
        first: str,
        *,
        versions: Mapping[int, int] | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            serial_ids: the serials, at least one.
            held: their current locations; a single one is excluded as destination.
            first: the serial number of the first one.
            versions: version of each serial as shown to the person, by id, to detect edit conflicts.
        """
        count = len(serial_ids)
        super().__init__(f"Transfer · {count:,} serials" if count > 1 else f"Transfer · {first}")
        self._serial_ids, self._held, self._first = list(serial_ids), held, first
        self._versions = versions

    def compose_fields(self) -> ComposeResult:
        """What moves, the destination and the notes."""
        here = [each.location for each in self._held]
        yield Static(plain(moving(self._held, self._first), lines=True), classes="transfer-moves")
        with HorizontalGroup(classes="row"):
            yield Static("Destination", classes="label")
            yield LocationField(exclude=frozenset(here if len(here) == 1 else ()), id="location")
        with HorizontalGroup(classes="row"):
            yield Static("Notes", classes="label")
            yield PlainInput(id="notes", placeholder="for the history and the document")

    def on_mount(self) -> None:
        """Focus the destination."""
        self.query_one("#location", LocationField).focus()

    @on(LocationField.Submitted)
    def _to_notes(self) -> None:
        self.query_one("#notes").focus()

    async def save(self) -> str:
        """Move the serials."""
        field = self.query_one("#location", LocationField)
        if not field.code:
            raise BadValue(
                "There is no destination. Type or scan a location's code, or choose it with F4.", field="location"
            )
        if problem := await field.problem():
            raise BadValue(problem, field="location")
        try:
            done = await self.context.db.write(
                transfer_serials,
                self.context.actor,
                self._serial_ids,
                field.code,
                notes=self.query_one("#notes", PlainInput).value,
                versions=self._versions,
            )
        except Changed:
            self._versions = None  # the refusal shows the current state; a second F10 transfers from there
            raise
        return moved(done)


def moving(held: Sequence[Holding], first: str) -> str:
    """What will move, in one or two lines.

    Args:
        held: the current locations of the serials.
        first: the serial number of the first one.
    """
    serials, on_hand = sum(each.serials for each in held), sum(each.on_hand for each in held)
    where = ", ".join(f"{each.serials:,} at {each.location}" for each in held[:3])
    if serials == 1:
        text = f"{first}, now at {held[0].location}."
    elif len(held) == 1:
        text = f"{first} and {serials - 1:,} more, now at {held[0].location}."
    else:
        more = f" and {len(held) - 3} more locations" if len(held) > 3 else ""
        text = f"{first} and {serials - 1:,} more: {where}{more}."
    if on_hand:
        unit = "One unit" if on_hand == 1 else f"{on_hand:,} units"
        text += f"\n{unit} of the quantity on hand {'moves' if on_hand == 1 else 'move'} along."
    return text


def moved(done: Transferred) -> str:
    """The message after a transfer, in one line."""
    serials = "1 serial" if done.serials == 1 else f"{done.serials:,} serials"
    units = "1 unit" if done.units == 1 else f"{done.units:,} units"
    text = f"{done.document}: {serials} and {units} of the quantity moved to {done.location}."
    if done.without_quantity:
        text += f" The old location showed no quantity for {done.without_quantity:,}; only the serial moved."
    return text
