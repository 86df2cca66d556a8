"""What a station shows: the head, the verdict, what was scanned, what waits, and the drafts that were left open."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from textual.content import Content
from textual.widget import Widget
from textual.widgets.option_list import Option

from models import clock
from models.serials.judging import Outcome, Verdict
from models.station.drafts import DraftRow, sentence
from models.station.lines import Line
from models.station.state import View
from models.station.task import draft_task
from tui.kit.form import Options
from tui.text import clip, plain, visible

_PARTS: Final = " ▏▎▍▌▋▊▉█"
"""Eighths of a cell."""

_BAR: Final = 20
"""Most cells of the bar."""


class StationHead(Widget):
    """One line; the count always stands at the right, the bar only where there is room."""

    DEFAULT_CSS = """
    StationHead { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._view: View | None = None
        self._problems = 0
        self._no_item = ""

    def tell(self, view: View, problems: int = 0, no_item: str = "No item yet") -> None:
        """Show the state of a draft.

        Args:
            view: the draft.
            problems: how many wait; told where the screen is too low to list them.
            no_item: what stands there before an item is scanned.
        """
        if (view, problems, no_item) != (self._view, self._problems, self._no_item):
            self._view, self._problems, self._no_item = view, problems, no_item
            self.refresh()

    def render(self) -> Content:
        """Item left, count and bar right."""
        view = self._view
        if view is None:
            return Content("")
        width = self.content_size.width
        count = progress(view)
        quantity = "" if view.adds_quantity or view.item is None else " · quantity stays"
        bar = ""
        if view.expected and width >= 60:
            bar = " " + _bar(view.count, view.expected, min(_BAR, width // 4))
        elif width < 40:
            quantity = ""
        problems = f" p{self._problems:,}" if self._problems and self.screen.has_class("-flat") else ""
        right = f"{count}{bar}{problems}"
        item = f"{view.item.sku} · {view.item.name}" if view.item else self._no_item
        room = max(1, width - len(right) - len(quantity) - 2)
        left = clip(item, room)
        gap = " " * max(1, width - Content(left).cell_length - len(quantity) - len(right))
        return Content.assemble((left, "bold" if view.item else "$quiet"), (quantity, "$text-warning"), gap, right)


def progress(view: View) -> str:
    """`137 of 200`, `137`, and the problems behind it."""
    count = f"{view.count:,} of {view.expected:,}" if view.expected else f"{view.count:,}"
    if view.item is not None and view.total != view.count:
        count += f" ({view.total:,} in all)"
    return count


def _bar(count: int, of: int, width: int) -> str:
    eighths = min(width * 8, count * width * 8 // of)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_PARTS[part] if part else "")).ljust(width, "·")


WORDS: Final = {
    Outcome.OK: "OK",
    Outcome.DUPLICATE: "DUP",
    Outcome.PROBLEM: "PROBLEM",
    Outcome.SET: "NOW",
    Outcome.OUT: "OUT",
    Outcome.ASK: "AGAIN?",
    Outcome.DONE: "DONE",
    Outcome.TELL: "NOTE",
}
"""What stands first; never colour alone."""

CLASSES: Final = {
    Outcome.OK: "-ok",
    Outcome.DONE: "-ok",
    Outcome.DUPLICATE: "-dup",
    Outcome.ASK: "-dup",
    Outcome.PROBLEM: "-problem",
}

_INDENT: Final = 1

_NARROW: Final = 40
"""Cells up to which the sentence leaves out the subject that it begins with."""


class VerdictLine(Widget):
    """Word and subject on one line, the sentence below; its height never changes."""

    DEFAULT_CSS = """
    VerdictLine { width: 1fr; padding: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._word, self._subject, self._message, self._aside = "", "Ready", "", ""

    def tell(self, verdict: Verdict, aside: str = "") -> None:
        """Show a verdict.

        Args:
            verdict: of the last scan.
            aside: a few words at the right end of the first line.
        """
        self._word, self._subject = WORDS[verdict.outcome], verdict.subject
        self._message, self._aside = verdict.message, aside
        self._look(CLASSES.get(verdict.outcome, "-set"))

    def say(self, subject: str, message: str = "") -> None:
        """Show something that is no verdict; any text. Without a subject the sentence has all the room."""
        self._word, self._subject, self._message, self._aside = "", subject, message, ""
        self._look("")

    def _look(self, name: str) -> None:
        for other in {*CLASSES.values(), "-set"}:
            self.set_class(other == name, other)
        self.refresh()

    def render(self) -> Content:
        """Lay it out for the present width and height."""
        width, height = self.size.width, self.size.height
        room = max(1, width - 2 * _INDENT)
        word = f" {self._word} " if self._word else ""
        aside = self._aside if len(self._aside) + len(word) + 24 <= room else ""
        beside = room - len(word) - (1 if word else 0)
        above = 1 if height >= 5 else 0
        pad = " " * _INDENT
        if Content(visible(self._subject)).cell_length > beside and height >= 3:  # whole, on a line of its own
            subject = clip(self._subject, room)
            first = [Content.assemble(pad, (word, "bold reverse")), Content.assemble(pad, (subject, "bold"))]
            above = max(0, above - 1)
        else:
            subject = clip(self._subject, max(1, beside - (len(aside) + 2 if aside else 0)))
            gap = " " * max(0, beside - Content(subject).cell_length - len(aside))
            line = (pad, (word, "bold reverse"), " " if word else "", (subject, "bold"), gap, aside, pad)
            first = [Content.assemble(*line)] if word or self._subject else []
        said = self._message
        if width <= _NARROW:  # the subject stands right above
            said = said.removeprefix(f"{self._subject} ")
        below = [Content(f"{pad}{line}") for line in _wrap(visible(said), room, height - above - len(first))]
        lines = [*[Content("")] * above, *first, *below]
        lines += [Content("")] * (height - len(lines))
        # Filled to the edge, since a terminal's own colours are turned round only where something stands.
        return Content("\n").join([line.pad_right(max(0, width - line.cell_length)) for line in lines])


def _wrap(text: str, width: int, most: int) -> list[str]:
    """A text in at most `most` lines of `width` cells; one that does not fit ends behind a whole word."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        end = " …" if len(lines) == most - 1 else ""
        while words and Content(f"{line} {words[0]}{end if len(words) > 1 else ''}").cell_length <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(clip(f"{line}{end}" if words else line, width))
    return lines


KEPT: Final = 60
"""Rows that are kept; more than any screen shows."""

_SAID: Final = {
    Outcome.OK: "",
    Outcome.DUPLICATE: "dup",
    Outcome.PROBLEM: "problem",
    Outcome.SET: "now",
    Outcome.OUT: "out",
    Outcome.ASK: "",
    Outcome.DONE: "done",
    Outcome.TELL: "",
}
_LOOKS: Final = {
    Outcome.DUPLICATE: "$text-warning",
    Outcome.PROBLEM: "bold $text-error",
    Outcome.SET: "bold",
    Outcome.OUT: "dim",
}
_NUMBER: Final = 7
_WORD: Final = 9
_TIME: Final = 7
"""Cells of the columns beside the text."""

_QUIET: Final = (Outcome.TELL, Outcome.ASK)
"""What is only shown in the verdict."""


class TapeRow(NamedTuple):
    """One scan."""

    outcome: Outcome
    position: int
    text: str
    at: datetime


class Tape(Widget):
    """As many of the last scans as fit; old ones leave at the bottom."""

    DEFAULT_CSS = """
    Tape { height: 1fr; width: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: deque[TapeRow] = deque(maxlen=KEPT)

    @property
    def texts(self) -> list[str]:
        """What stands on it, the newest first."""
        return [row.text for row in self._rows]

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Put verdicts on top, in their order."""
        now = datetime.now().astimezone()
        for verdict in verdicts:
            if verdict.outcome not in _QUIET:
                self._rows.appendleft(TapeRow(verdict.outcome, verdict.position, verdict.subject, now))
        self.refresh()

    def fill(self, lines: Iterable[Line]) -> None:
        """Show the lines of a draft that is opened again.

        Args:
            lines: the newest first.
        """
        self._rows.clear()
        for line in lines:
            self._rows.append(TapeRow(Outcome.OK, line.position, line.shown, line.at.astimezone()))
        self.refresh()

    def clear(self) -> None:
        """Show nothing."""
        self._rows.clear()
        self.refresh()

    def render(self) -> Content:
        """Number, serial, what it was, when."""
        width, height = self.content_size.width, self.content_size.height
        return Content("\n").join([_tape_row(row, width) for row in list(self._rows)[: max(0, height)]])


def _tape_row(row: TapeRow, width: int) -> Content:
    """Lay out one row in columns that are the same for all.

    A text that is too long for its column takes the place of its own row's time, then of its number.
    """
    word = f"  {_SAID[row.outcome]}".ljust(_WORD) if _SAID[row.outcome] else ""
    room = width - Content(visible(row.text)).cell_length - len(word)
    number = f"{row.position or '':>{_NUMBER - 2}}  " if room >= _NUMBER else ""
    time = f"  {row.at:%H:%M}" if room - len(number) >= _TIME else ""
    look = _LOOKS.get(row.outcome, "")
    text = clip(row.text, max(1, width - len(number) - len(time) - len(word)))
    gap = " " * max(0, width - len(number) - Content(text).cell_length - len(word) - len(time))
    return Content.assemble((number, "$quiet"), (text, look), gap, (word, look), (time, "$quiet"))


LISTED: Final = 200
"""Problems of a draft that are listed; the others come up as these are settled."""

WIDEST: Final = 64
"""Cells of a scan that are shown; one that is no serial may have thousands."""


class ProblemsLane(Options, can_focus=False):
    """The waiting lines; the cursor is moved from the scan line. New ones come to the end, so that nothing moves."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._waiting: list[Line] = []

    @property
    def lines(self) -> Sequence[Line]:
        """Those that are listed."""
        return self._waiting

    @property
    def chosen(self) -> Line | None:
        """The one under the cursor."""
        place = self.highlighted
        return self._waiting[place] if place is not None and place < len(self._waiting) else None

    def fill(self, lines: Sequence[Line]) -> None:
        """Show other lines.

        Those that are listed stay where they are. The cursor stays on its line while that is there, and then goes to
        the one that comes into its place.
        """
        before, place, top = self.chosen, self.highlighted or 0, self.scroll_offset.y
        shown, places = self._waiting, {line.number: place for place, line in enumerate(self._waiting)}
        self._waiting = sorted(lines, key=lambda line: places.get(line.number, len(places)))
        if self._waiting[: len(shown)] == shown:
            self.add_options([_problem(line) for line in self._waiting[len(shown) :]])
        else:
            self.clear_options()
            self.add_options([_problem(line) for line in self._waiting])
            self.scroll_to(y=top, animate=False, force=True)
        numbers = [line.number for line in self._waiting]
        if before is not None and before.number in numbers:
            self.highlighted = numbers.index(before.number)
        elif numbers:
            self.highlighted = min(place, len(numbers) - 1)


def _problem(line: Line) -> Option:
    shown = clip(line.shown, WIDEST)
    message = line.message.removeprefix(line.shown).strip()
    return Option(Content.assemble(plain(shown, "bold"), "  ", plain(message)), id=str(line.number))


class OpenDrafts(Options, can_focus=False):
    """The open drafts, the last changed first; the cursor is moved from the scan line."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._drafts: list[DraftRow] = []

    @property
    def chosen(self) -> DraftRow | None:
        """The one under the cursor."""
        place = self.highlighted
        return self._drafts[place] if place is not None and place < len(self._drafts) else None

    @property
    def drafts(self) -> Sequence[DraftRow]:
        """Those that are listed."""
        return self._drafts

    @property
    def noun(self) -> str:
        """What they are called: receipt, or draft where they are of several tasks."""
        tasks = {row.task for row in self._drafts}
        return draft_task(tasks.pop()).words.noun if len(tasks) == 1 else "draft"

    def fill(self, drafts: Sequence[DraftRow]) -> None:
        """List drafts."""
        before = self.chosen
        self._drafts = list(drafts)
        now = clock.now()
        self.clear_options()
        self.add_options([_draft(row, now) for row in self._drafts])
        ids = [row.id for row in self._drafts]
        if ids:
            self.highlighted = ids.index(before.id) if before is not None and before.id in ids else 0


def _draft(row: DraftRow, now: datetime) -> Option:
    in_use = Content.assemble("\n", plain("open at another station", "bold")) if row.is_in_use(now) else ""
    return Option(Content.assemble(plain(sentence(row)), in_use))
