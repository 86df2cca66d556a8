"""The scanner check screen, and the log of its scans.

The screen taps the raw bytes of the terminal, matches them with the line that the scan field read, and shows what
`models.barcodes.scanner_check` finds in them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import wrap
from time import monotonic
from types import TracebackType
from typing import ClassVar, Final, Literal, NamedTuple, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from models.barcodes.reader import read
from models.barcodes.reading import Reading
from models.barcodes.scanner_check import Arrival, Mark, ScannerFinding, ScannerReport, examine
from models.errors import Refusal, Unreadable
from tui.kit.page import Frame
from tui.kit.scrolled import Scrolled
from tui.routes import ScannerCheck
from tui.scanning.bursts import HAND_GAP, BurstFault, How
from tui.scanning.scan_field import ScanField
from tui.scanning.screens import Forwarded
from tui.terminal.driver import TerminalDriver
from tui.terminal.received_bytes import Wire
from tui.terminal.scanner_keys import LINE_ENDS, Span
from tui.text import plain, visible
from tui.themes import style_sheets


class ScanLog:
    """An open file of scans, one JSON object a line. What it cannot take now is written before the next scan."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending, or create it.

        Args:
            path: of the file.

        Raises:
            Refusal: it cannot be written.
        """
        self.path = path
        """The path, as given."""
        self._waiting = b""
        self._count = 0
        try:
            # Non-blocking, so that a pipe without a reader is refused at once instead of waiting for one.
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
        except OSError as error:
            raise Refusal(f"The log {path} cannot be written: {error.strerror}. Name another file.") from error
        os.set_blocking(self._file, True)
        if not _ends_with_line_end(path):
            self._waiting = b"\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    @property
    def missing(self) -> int:
        """Number of scans not written yet."""
        return self._count

    def complaint(self, error: OSError) -> str:
        """The message about scans that could not be written."""
        scans = "1 scan is" if self.missing == 1 else f"{self.missing:,} scans are"
        return f"{scans} not in {self.path}: {error.strerror}."

    def write(self, scan: str, kind: str | None, how: How) -> None:
        """Append a scan.

        Args:
            scan: the raw text.
            kind: the kind that `models.barcodes.read` found; None if it refused the scan.
            how: typed, scanned or pasted.

        Raises:
            OSError: the file cannot be written now; the scan is kept.
        """
        line = json.dumps({"scan": scan, "kind": kind, "how": how}).replace("\x7f", "\\u007f")
        self._waiting += line.encode() + b"\n"
        self._count += 1
        self.flush()

    def flush(self) -> None:
        """Write the scans that are kept.

        Raises:
            OSError: the file cannot be written now.
        """
        while self._waiting:
            # A write may be partial, such as to a full disk or pipe: keep the rest.
            self._waiting = self._waiting[os.write(self._file, self._waiting) :]
            self._count = self._waiting.count(b"\n")


def _ends_with_line_end(path: Path) -> bool:
    """Whether a new line can be appended; True if the file is empty or cannot be read, such as a device."""
    try:
        with path.open("rb") as file:
            if not file.seekable() or file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except OSError:
        return True


REST: Final = 0.15
"""Seconds between a scan and showing it: the LF of a CRLF may come a little later."""

UNFINISHED: Final = 0.7
"""Seconds without a key after which an unended scan counts as one without a suffix."""

_COLUMNS_FROM: Final = 36
"""Width in cells from which a value stands beside its name."""

_EMPTY: Final = "Ctrl+U empties the line."
_MARKS: Final = {Mark.GOOD: ("✓", "$text-success"), Mark.NOTE: ("·", ""), Mark.PROBLEM: ("✗", "bold $text-error")}
_KINDS: Final = {
    "plain": "plain text",
    "gs1": "GS1",
    "gs1_dl": "GS1 Digital Link",
    "iso15434": "ISO/IEC 15434",
    "hibc": "HIBC",
    "gtin": "GTIN, a product",
    "sscc": "SSCC, a carton",
    "imei": "IMEI",
    "mac": "MAC address",
    "vin": "VIN",
    "di": "data identifier",
}
_NAMES: Final = {"gtin": "GTIN", "sscc": "SSCC", "imei": "IMEI", "mac": "MAC", "vin": "VIN", "lic": "LIC", "uii": "UII"}

Look = Literal["ready", "good", "problem"]


class CheckedLine(NamedTuple):
    """A line to show: ended, refused or unfinished."""

    text: str
    how: How | None
    """None if the scan field did not accept the line."""
    arrival: Arrival
    unfinished: bool = False


class CheckVerdict(Static):
    """The verdict in one full-width line: a word to be read from a metre away, and its meaning."""

    def say(self, look: Look, word: str, text: str) -> None:
        """Show a verdict; any text."""
        self.set_classes(f"-{look}")
        self.update(Content.assemble((f" {word} ", "bold"), " ", plain(text)))


class ScannerCheckScreen(Frame[None]):
    """Shows the findings about the last scan, and what its code reads as."""

    TITLE_TEXT = "Scanner check"
    ROUTE = ScannerCheck()
    CATCHES = False
    HELP = (
        "Print the page that serialdock command-sheet writes, and scan its set-up code. Each line says what this "
        "scanner and this terminal send; below a problem stands the setting that mends it. Any other code shows what "
        "it reads as. Nothing is written to the database."
    )
    CSS_PATH = style_sheets("scanner_check")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "leave", "Leave", id="scanner-check.leave", tooltip="Leave the scanner check"),
        Binding("escape", "leave", "Leave", id="scanner-check.escape", tooltip="Leave the scanner check", show=False),
        Binding("up", "scroll(-1)", id="scanner-check.up", tooltip="Scroll up", show=False),
        Binding("down", "scroll(1)", id="scanner-check.down", tooltip="Scroll down", show=False),
        Binding("pageup", "scroll(-9)", id="scanner-check.page-up", tooltip="Scroll up by a page", show=False),
        Binding("pagedown", "scroll(9)", id="scanner-check.page-down", tooltip="Scroll down by a page", show=False),
    ]

    def __init__(self, log: ScanLog | None = None) -> None:
        """Make the screen.

        Args:
            log: receives every complete scan; None for no log.
        """
        super().__init__()
        self._scan_log = log
        self._wire = Wire()
        self._last: tuple[str, How | None, Span] | None = None
        self._show_later: Timer | None = None
        self._shown: CheckedLine | None = None
        self._last_time = 0.0
        self._look_later: Timer | None = None
        self._leave_later: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """The verdict, the findings and the scan field."""
        yield CheckVerdict(markup=False, id="verdict")
        with Scrolled(id="found", can_focus=False):
            yield Static(markup=False, id="findings")
        yield ScanField(id="scan", placeholder="scan here")

    def on_mount(self) -> None:
        """Tap the terminal's bytes, and focus the scan field."""
        if isinstance(driver := self.app._driver, TerminalDriver):
            driver.tap = self.came
        self.query_one(CheckVerdict).say("ready", "SCAN", "the set-up code, or any other")
        self.query_one("#findings", Static).update(
            plain(
                "The set-up code is on the page that\n  serialdock command-sheet\nwrites. Print it, and scan it here.",
                lines=True,
            )
        )
        if self._scan_log is not None:
            self.tell_title(f"{self.TITLE_TEXT} · {self._scan_log.path}")
        self.query_one("#scan").focus()

    def on_unmount(self) -> None:
        """Stop tapping the terminal."""
        if isinstance(driver := self.app._driver, TerminalDriver) and driver.tap == self.came:
            driver.tap = None

    def came(self, time: float, data: bytes) -> None:
        """Record bytes from the terminal.

        Args:
            time: of arrival, in seconds on the monotonic clock.
            data: the raw bytes, before keys are parsed from them.
        """
        self._wire.feed(time, data)
        self._last_time = monotonic()
        if self._look_later is None or self._leave_later is not None:
            self.call_later(self._more_came)

    @on(Input.Changed, "#scan")
    def _more_came(self) -> None:
        """Cancel a pending leave, whose key was part of a burst, and check later whether a suffix is missing."""
        if self._leave_later is not None:
            self._leave_later.stop()
            self._leave_later = None
        self._last_time = monotonic()
        if self._look_later is None:
            self._look_later = self.set_timer(UNFINISHED, self._look)

    def _look(self) -> None:
        """Report a missing suffix once nothing has come for `UNFINISHED` seconds."""
        rest = self._last_time + UNFINISHED - monotonic()
        self._look_later = self.set_timer(rest, self._look) if rest > 0 else None
        if self._look_later is None:
            self._show_unfinished()

    @on(ScanField.Scanned)
    def _scanned(self, event: ScanField.Scanned) -> None:
        self._examine(event.text, event.how, event.span, "")

    def _examine(self, text: str, how: How, span: Span, said: str) -> None:
        """Log and show a whole scan, with a message unless the log has one."""
        if self._scan_log is not None:
            reading = _read(text)
            try:
                self._scan_log.write(text, None if isinstance(reading, Unreadable) else reading.kind.value, how)
            except OSError as error:
                self.say(f"{self._scan_log.complaint(error)} The next scan tries again.", "problem")
        self._take(text, how, span)
        if self._scan_log is None or not self._scan_log.missing:
            self.say(said)

    @on(ScanField.Repeated)
    def _repeated(self, event: ScanField.Repeated) -> None:
        self.say("The same code within a second counts once.")
        self._take(event.text, "scanned", event.span)

    @on(ScanField.Refused)
    def _refused(self, event: ScanField.Refused) -> None:
        is_shown_below = event.span.end and event.reason is not BurstFault.BEHIND_TEXT
        self.say("Nothing was taken." if is_shown_below else event.reason.sentence, "problem")
        self._take(event.text, None, event.span)

    @on(ScanField.EmptyEnd)
    def _empty(self) -> None:
        self.say("Nothing came before that Enter.")

    def take_forwarded(self, event: Forwarded) -> None:
        """Take a scan that came while help or the menu was in front."""
        if isinstance(event, events.Paste):
            self.query_one(ScanField).post_message(events.Paste(event.text))
        elif isinstance(event, ScanField.Scanned):
            self._scanned(event)
        elif isinstance(event, ScanField.Refused):
            self._refused(event)
        else:
            self._repeated(event)

    @property
    def taker_of_scans(self) -> Callable[[Forwarded], object]:
        """Scans are examined even while help or the menu is in front."""
        return self.take_forwarded

    def action_scroll(self, lines: int) -> None:
        """Scroll the findings by some lines."""
        self.query_one("#found", Scrolled).step(lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no Find: every key is shown here, and there may be no database."""
        return False if action == "find_anywhere" else super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Leave after a short wait: if more keys follow at once, this one was part of a burst."""
        if self._leave_later is None:
            self._leave_later = self.set_timer(2 * HAND_GAP, self._leave)

    def _leave(self) -> None:
        if not self.context.keyboard.is_at_rest:  # keys that came with it are still queued
            self._leave_later = self.set_timer(2 * HAND_GAP, self._leave)
        elif self.is_current and self.app.screen_stack[0] is self:
            self.app.exit(0)
        elif self.is_current:
            self.dismiss()

    def _take(self, text: str, how: How | None, span: Span) -> None:
        """Show this line after `REST` seconds, or a newer one in its place."""
        self._more_came()
        self._last = (text, how, span)
        if self._show_later is None:
            self._show_later = self.set_timer(REST, self._show_last)

    def _show_last(self) -> None:
        if self.context.keyboard.waiting:  # finish reading the burst first
            self._show_later = self.set_timer(REST, self._show_last)
            return
        self._show_later = None
        if self._last is not None:
            text, how, span = self._last
            if how == "pasted":
                span = span._replace(end="")  # its last line may have been ended by hand
            arrival = self._wire.line(span)
            # Fewer bytes than text: the field was not empty when this line began.
            if arrival is not None and len(arrival.data) < len(text):
                self.say(f"What stood in the line before was taken with it. {_EMPTY}", "warning")
            self._show(CheckedLine(text, how, arrival or _as_keys_came(text, span)))

    def _show_unfinished(self) -> None:
        field = self.query_one(ScanField)
        arrival = self._wire.unfinished()
        if field.is_scanning and arrival is not None and examine(arrival).is_setup_code:
            self.say(_EMPTY)
            self._show(CheckedLine(field.value, None, arrival, unfinished=True))
        elif field.is_scanning:
            self.say(f"No Enter has come yet. Does the scanner send a suffix? {_EMPTY}")

    def on_resize(self) -> None:
        """Lay the findings out for the new width."""
        if self._shown is not None:
            self._show(self._shown)

    def _show(self, line: CheckedLine) -> None:
        self._shown = line
        report = examine(line.arrival)
        reading = None if line.how is None else _read(line.text)
        self._tell_verdict(line, report, reading)
        width = self.query_one("#findings").size.width
        found = [row for finding in report.findings for row in _found(finding, width)]
        if report.is_setup_code:
            body = [*found, *_said(line, None, width)]
        else:
            body = [*_said(line, reading, width), Content(""), *found]
        findings = self.query_one("#findings", Static)
        findings.update(Content("\n").join(body))
        self.query_one("#found").scroll_home(animate=False)

    def _tell_verdict(self, line: CheckedLine, report: ScannerReport, reading: Reading | Unreadable | None) -> None:
        verdict = self.query_one(CheckVerdict)
        things = "1 thing" if report.problems == 1 else f"{report.problems} things"
        if report.problems:
            verdict.say("problem", "PROBLEM", f"{things} to mend")
        elif report.is_setup_code:
            verdict.say("good", "OK", "the scanner is set up well")
        elif isinstance(reading, Unreadable):
            verdict.say("problem", "PROBLEM", "this code cannot be taken")
        elif reading is not None:
            verdict.say("good", "READ", f"as {_kind(reading)}")


def _as_keys_came(text: str, span: Span) -> Arrival:
    """A substitute for a line whose bytes are unknown: a paste, or input that did not come from a terminal."""
    end = LINE_ENDS.get(span.end, b"")
    return Arrival(text.encode("utf-8", "replace"), end, span.ended - span.began if end else 0.0, is_paste=not end)


def _read(scan: str) -> Reading | Unreadable:
    try:
        return read(scan)
    except Unreadable as refusal:
        return refusal


def _found(finding: ScannerFinding, width: int) -> Iterator[Content]:
    """The lines of one finding, with its remedy below."""
    yield from _fact(finding.what, finding.value, width, *_MARKS[finding.mark])
    for place, part in enumerate(wrap(finding.cure, max(8, width - 4))):
        yield Content.assemble("    " if place else "  → ", plain(part))


def _said(line: CheckedLine, reading: Reading | Unreadable | None, width: int) -> Iterator[Content]:
    """The lines of the scan and what it reads as."""
    how = line.how or ("unfinished" if line.unfinished else "refused")
    yield from _fact(how, line.text or line.arrival.text, width)
    if isinstance(reading, Unreadable):
        yield from _fact("no", reading.message, width, *_MARKS[Mark.PROBLEM])
    elif reading is not None:
        yield from _fact("kind", _kind(reading), width)
        for name, value in reading.fields.items():
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            yield from _fact(_NAMES.get(name, name.replace("_", " ")), shown, width)
        for warning in reading.warnings:
            yield from _fact("warning", warning, width, "!", "$text-warning")


def _fact(name: str, value: str, width: int, mark: str = " ", style: str = "") -> Iterator[Content]:
    """The lines of a name and its value: in two columns, or as `name: value` if narrow."""
    label, text = f"{name:10} ", visible(value)
    if width < _COLUMNS_FROM:
        label, text = "", f"{name}: {text}"
    first, *more = wrap(text, max(8, width - 2 - len(label)), drop_whitespace=False, break_on_hyphens=False) or [""]
    yield Content.assemble((f"{mark} ", style), (label, style), plain(first))
    for part in more:
        yield Content.assemble(" " * (2 + len(label)), plain(part))


def _kind(reading: Reading) -> str:
    return _KINDS.get(reading.kind.value, reading.kind.value)
