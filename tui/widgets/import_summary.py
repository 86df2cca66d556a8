"""What an import has done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from models.importing.imports import Imported
from models.importing.staging import Warned
from tui.scanning.fields import PlainInput
from tui.text import plain
from tui.widgets.import_preview import counted

WARNINGS_TOLD: Final = 5
"""Serials whose warning is told."""


class SummaryPane(VerticalScroll):
    """Says what went in and what was left out; empty while the import runs."""

    HELP = (
        "What the import has done. The rows that were left out are in a file beside the source, each with its reason "
        "in the last column: mend them there and import that file. Serials with a warning went in all the same: look "
        "at their labels. F6 begins another import, F3 leaves."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "another", "Another file", id="import.another", tooltip="Import another file"),
    ]

    @dataclass
    class WantsRejects(Message):
        """The rows that were left out shall be written to this file."""

        path: str

    class WantsAnother(Message):
        """Another file shall be imported."""

    def __init__(self) -> None:
        super().__init__(id="import-summary")
        self.is_done = False
        """Whether the import is over."""

    def compose(self) -> ComposeResult:
        """The facts, and where else to write what was left out."""
        yield Static("", classes="import-done")
        with HorizontalGroup(classes="row import-elsewhere hidden"):
            yield Static("Write to", classes="label")
            yield PlainInput(placeholder="a file in a folder of yours", id="elsewhere")

    def enter(self) -> None:
        """Take the keys."""
        self.focus()

    def begin(self, what: str) -> None:
        """Say what is being done."""
        self.is_done = False
        self.query_one(".import-elsewhere").add_class("hidden")
        self.query_one(".import-done", Static).update(plain(what))

    def show(
        self, imported: Imported, file: str, rejects: str | None, trouble: str = "", warned: Sequence[Warned] = ()
    ) -> None:
        """Say what was done.

        Args:
            imported: what went in.
            file: the name of the source.
            rejects: where the rows are that were left out, if anywhere.
            trouble: why they could not be written.
            warned: the first of those that went in with a warning, at most `WARNINGS_TOLD`.
        """
        self.is_done = True
        facts = [
            ("File", file),
            ("Quantity", f"{counted(imported.units, 'unit')} added" if imported.units else "not changed"),
        ]
        if imported.customers:
            facts.append(("Customers", f"{imported.customers:,} made"))
        lines: list[Content] = [
            Content.assemble(
                ("✓ ", "bold $text-success"),
                plain(f"{counted(imported.serials, 'serial')} imported, document {imported.document}.", "bold"),
            ),
            Content(""),
        ]
        if imported.left_out and not rejects:
            facts.append(("Left out", counted(imported.left_out, "row")))
        lines += [Content.assemble((f"{label:<12}", "$quiet"), plain(value)) for label, value in facts]
        if rejects:
            lines += [
                Content(""),
                plain(
                    f"{counted(imported.left_out, 'row')} left out, with the reasons. Mend this file, then import it:"
                ),
                plain(rejects, "bold"),
            ]
        elif trouble:
            lines += [Content(""), plain(f"! The import stands. {trouble}", "bold $text-warning")]
        if imported.warned:
            serials = counted(imported.warned, "serial")
            lines += [Content(""), plain(f"? {serials} went in with a warning. Look at the labels:", "$text-warning")]
            lines += [plain(f"Row {one.row:,}: {one.text}") for one in warned]
            if imported.warned > len(warned):
                lines.append(plain(f"… and {imported.warned - len(warned):,} more.", "$quiet"))
        self.query_one(".import-done", Static).update(Content("\n").join(lines))
        self.query_one(".import-elsewhere").set_class(not trouble, "hidden")
        if trouble:
            elsewhere = self.query_one("#elsewhere", PlainInput)
            elsewhere.value = f"~/{PurePath(file).stem} rejected.csv"
            elsewhere.focus()
        else:
            self.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another import when this one is over."""
        return self.is_done if action == "another" else super().check_action(action, parameters)

    def action_another(self) -> None:
        """Begin again with another file."""
        self.post_message(self.WantsAnother())

    @on(Input.Submitted, "#elsewhere")
    def _elsewhere(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.WantsRejects(event.value))
