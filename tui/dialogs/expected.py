"""What shall come of an item: a number, or an announced list, beside what has come."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.errors import BadValue
from tui.dialogs.saving import SavingDialog
from tui.keyboard.plain_area import PlainArea
from tui.keyboard.plain_input import PlainInput
from tui.text import plain

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a list."""


class Compared(NamedTuple):
    """What was announced against what has come."""

    expected: int | None
    announced: int
    received: int
    missing: list[str]
    """By name; at most as many as were read."""
    unannounced: list[str]

    @property
    def text(self) -> str:
        """As lines."""
        expected = f"Expected {self.expected:,}, " if self.expected else ""
        said = [f"{expected}{self.received:,} received."]
        if self.announced:
            said.append(f"Missing {len(self.missing):,}: {', '.join(self.missing) or 'none'}")
            said.append(f"Not announced {len(self.unannounced):,}: {', '.join(self.unannounced) or 'none'}")
        return "\n".join(said)


class Expected(NamedTuple):
    """What a person said."""

    units: int | None
    """None where nobody knows."""
    announced: list[str] | None
    """The list; None leaves the one that is there."""


class ExpectedDialog(SavingDialog[Expected]):
    """Returns what shall come."""

    HELP = (
        "How many units of this item shall come, or the list of serials that was announced: paste it, one a line, or "
        "name a file with one a line. Below stand the missing ones and those that nobody announced, by name."
    )

    def __init__(self, sku: str, compared: Compared) -> None:
        """Make it.

        Args:
            sku: of the item.
            compared: how it stands.
        """
        super().__init__(f"Expected · {sku}")
        self._compared = compared

    def compose_fields(self) -> ComposeResult:
        """Number, list, file, and how it stands."""
        with HorizontalGroup(classes="row"):
            yield Static("Units", classes="label")
            yield PlainInput(str(self._compared.expected or ""), id="units", type="integer", max_length=9)
        with HorizontalGroup(classes="row"):
            yield Static("List", classes="label")
            yield PlainArea(id="list")
        with HorizontalGroup(classes="row"):
            yield Static("or a file", classes="label")
            yield PlainInput(id="file", placeholder="path")
        yield Static(classes="gap")
        yield Static(plain(self._compared.text, lines=True))

    def on_mount(self) -> None:
        """Begin with the number."""
        self.query_one("#units").focus()

    async def save(self) -> Expected:
        """What the fields say.

        Raises:
            BadValue
        """
        pasted = self.query_one("#list", PlainArea).text
        path = self.query_one("#file", PlainInput).value.strip()
        units = self.query_one("#units", PlainInput).value.strip()
        if pasted.strip() and path:
            raise BadValue("A list and a file are given. Empty one of them.", field="file")
        text = read_list(path) if path else pasted
        announced = [line.strip() for line in text.splitlines() if line.strip()]
        if units and not units.isdecimal():
            raise BadValue(f"{units} is no number of units. Give a whole number above zero.", field="units")
        if not announced:
            return Expected(int(units) if units else None, None)
        return Expected(len(announced), announced)


def read_list(path: str) -> str:
    """The text of a file of serials, one a line.

    Raises:
        BadValue: it cannot be read.
    """
    file = Path(path).expanduser()
    try:
        if file.stat().st_size > LARGEST:
            raise BadValue(f"{path} has more than {LARGEST // 1024 // 1024} MB. Give a smaller list.", field="file")
        text = file.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        message = f"{path} cannot be read: {reason}. Name a text file with one serial a line."
        raise BadValue(message, field="file") from None
    if "\0" in text:
        raise BadValue(f"{path} is no text file. Name one with one serial a line.", field="file")
    return text
