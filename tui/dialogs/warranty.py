"""A serial's warranty: its dates, and why it is void."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Final

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.errors import BadValue, Changed
from models.serials.record import SerialDetail, serial_detail, set_warranty
from tui.dialogs.saving import SavingDialog
from tui.scanning.fields import PlainInput

_DATE: Final = re.compile(r"(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})|(\d{4})(\d{2})(\d{2})")


def read_day(text: str, what: str, field: str) -> date | None:
    """The date that a person typed: year, month, day; None where nothing stands there.

    Args:
        text: such as 2026-04-11, 2026/4/11 or 20260411.
        what: what the date is, as it stands after "The".
        field: the field's name, for the refusal.

    Raises:
        BadValue: says what such a date looks like, or how many days the month has.
    """
    text = text.strip()
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise BadValue(
            f"The {what} {text} is no date that can be read. Type year, month, day, such as 2026-04-11.", field=field
        )
    year, month, day = (int(part) for part in found.groups() if part is not None)
    if not 1 <= month <= 12 or year == 0:
        raise BadValue(f"The {what} {text} has no such month. Type year, month, day, such as 2026-04-11.", field=field)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise BadValue(f"The {what} {text} is not in the calendar: {year}-{month:02} has {last} days.", field=field)
    return date(year, month, day)


class WarrantyDialog(SavingDialog[str]):
    """Sets a warranty and returns what to say about it."""

    STYLE_SHEETS = ("serial_dialogs",)
    WORK = ("warranty_void", "note")
    HELP = (
        "The first and the last day under warranty, as year-month-day: 2026-04-11. The last day still counts. Both "
        "empty: no warranty. A reason under Void because makes it void, and keeps its dates."
    )

    def __init__(self, detail: SerialDetail) -> None:
        """Make it.

        Args:
            detail: the serial as it is shown; a change that somebody else made since is not overwritten.
        """
        super().__init__(f"Warranty · {detail.serial_number}")
        self._detail = detail

    def compose_fields(self) -> ComposeResult:
        """Two dates, a reason, a note."""
        start, end = self._detail.warranty_start, self._detail.warranty_end
        for label, name, value, hint in (
            ("First day", "warranty_start", start.isoformat() if start else "", "2026-04-11, or empty"),
            ("Last day", "warranty_end", end.isoformat() if end else "", "2028-04-10; empty: no warranty"),
            ("Void because", "warranty_void", self._detail.warranty_void or "", "empty: it is not void"),
            ("Note", "note", "", "for the history"),
        ):
            with HorizontalGroup(classes="row"):
                yield Static(label, classes="label")
                yield PlainInput(value, placeholder=hint, id=name)

    def on_mount(self) -> None:
        """Begin with the first day."""
        self.query_one("#warranty_start").focus()

    async def save(self) -> str:
        """Write the warranty."""
        texts = {field.id: field.value for field in self.query(PlainInput)}
        start = read_day(texts["warranty_start"], "first day", "warranty_start")
        end = read_day(texts["warranty_end"], "last day", "warranty_end")
        try:
            await self.context.db.write(
                set_warranty,
                self.context.actor,
                self._detail.id,
                start,
                end,
                void=texts["warranty_void"] if texts["warranty_void"].strip() else None,
                note=texts["note"],
                version=self._detail.version,
            )
        except Changed:
            self._detail = await self.read(serial_detail, self._detail.id)
            raise
        return "The warranty is set." if end else "The serial has no warranty now."
