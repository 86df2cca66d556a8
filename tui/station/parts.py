"""The parts of the station screen: head, verdict, tape of scans, problems lane, open drafts."""

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
from models.station.left import WaitingScans
from models.station.lines import Line
from models.station.state import View
from models.station.task import draft_task
from tui.kit.form import Options
from tui.text import clip, plain, visible

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
"""Characters of the bar that fill none to eight eighths of a cell."""

_WIDEST_BAR: Final = 20
"""Most cells of the progress bar."""


class StationHead(Widget):
    """Item, count and progress bar in one line; the count is always shown at the right, the bar if there is room."""

    DEFAULT_CSS = """
    StationHead { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._view: View | None = None
        self._problems = 0
        self._no_item = ""
        self._has_quantity = False

    def tell(self, view: View, problems: int = 0, no_item: str = "No item yet", *, has_quantity: bool = False) -> None:
        """Show the state of a draft.

        Args:
            view: the draft.
            problems: number of problems; shown when the screen is too low to list them.
            no_item: the text before an item is scanned.
            has_quantity: whether the person can choose what becomes of the quantity.
        """
        before = (self._view, self._problems, self._no_item, self._has_quantity)
        # Called with every drawing of verdicts, though few of them change what stands here.
        if (view, problems, no_item, has_quantity) != before:
            self._view, self._problems, self._no_item, self._has_quantity = view, problems, no_item, has_quantity
            self.refresh()

    def render(self) -> Content:
        """The item at the left, count and bar at the right."""
        view = self._view
        if view is None:
            return Content("")
        width = self.content_size.width
        count = progress(view)
        quantity = ""
        if view.item is not None and (self._has_quantity or not view.adds_quantity):
            quantity = " · quantity goes up" if view.adds_quantity else " · quantity stays"
        bar = ""
        if view.expected and width >= 60:
            bar = " " + _bar(view.count, view.expected, min(_WIDEST_BAR, width // 4))
        elif width < 40:  # item and count need the whole line
            quantity = ""
        # On a flat screen there is no lane of problems, so their number stands here.
        problems = f" p{self._problems:,}" if self._problems and self.screen.has_class("-flat") else ""
        right = f"{count}{bar}{problems}"
        item = f"{view.item.sku} · {view.item.name}" if view.item else self._no_item
        room = max(1, width - len(right) - len(quantity) - 2)
        left = clip(item, room)
        gap = " " * max(1, width - Content(left).cell_length - len(quantity) - len(right))
        warns = "" if view.adds_quantity else "$text-warning"  # the default is that it goes up
        return Content.assemble((left, "bold" if view.item else "$quiet"), (quantity, warns or "$quiet"), gap, right)


def progress(view: View) -> str:
    """`137 of 200` or `137`; `(150 in all)` follows when the draft has serials of other items too."""
    count = f"{view.count:,} of {view.expected:,}" if view.expected else f"{view.count:,}"
    if view.item is not None and view.total != view.count:
        count += f" ({view.total:,} in all)"
    return count


def _bar(count: int, of: int, width: int) -> str:
    eighths = min(width * 8, count * width * 8 // of)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width, "·")


WORDS: Final = {
    Outcome.OK: "OK",
    Outcome.DUPLICATE: "DUP",
    Outcome.PROBLEM: "PROBLEM",
    Outcome.SET: "NOW",
    Outcome.OUT: "OUT",
    Outcome.ASK: "AGAIN?",
    Outcome.DONE: "DONE",
    Outcome.FOUND: "FOUND",
    Outcome.TELL: "NOTE",
}
"""The word of each outcome, shown first: colour alone is never enough."""

CLASSES: Final = {
    Outcome.OK: "-ok",
    Outcome.DONE: "-ok",
    Outcome.DUPLICATE: "-dup",
    Outcome.ASK: "-dup",
    Outcome.PROBLEM: "-problem",
}

_INDENT: Final = 1

_ROOM_FOR_PLACE: Final = 4
"""Height in lines from which on the place is shown below a verdict."""

_NARROW: Final = 40
"""Width in cells up to which the sentence drops its leading subject."""


class VerdictLine(Widget):
    """The last verdict: word and subject on one line, the sentence below; its height never changes."""

    DEFAULT_CSS = """
    VerdictLine { width: 1fr; padding: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._word, self._subject, self._message, self._aside = "", "", "", ""
        self._next = self._steps = self._about = ""
        self._outcome: Outcome | None = None

    def tell(self, verdict: Verdict, aside: str = "") -> None:
        """Show a verdict.

        Args:
            verdict: the verdict on the last scan.
            aside: a short text at the right end of the first line.
        """
        self._outcome = verdict.outcome
        self._word, self._subject = WORDS[verdict.outcome], verdict.subject
        self._message, self._aside = verdict.message, aside
        self._colour(CLASSES.get(verdict.outcome, "-set"))

    def say(self, subject: str, message: str = "") -> None:
        """Show something other than a verdict; any text. Without a subject, the sentence has all lines."""
        self._word, self._subject, self._message, self._aside = "", subject, message, ""
        self._outcome = None
        self._colour("")

    def tell_next(self, prompt: str, steps: str, about: str) -> None:
        """Say what to scan: in large while nothing else is said, below the verdict where no other line says it.

        Args:
            prompt: what is to be scanned now.
            steps: what the task is about.
            about: the place or customer; shown where there is no title bar.
        """
        # Called with every drawing of verdicts, as `StationHead.tell` is.
        if (prompt, steps, about) != (self._next, self._steps, self._about):
            self._next, self._steps, self._about = prompt, steps, about
            self.refresh()

    def _colour(self, name: str) -> None:
        for other in {*CLASSES.values(), "-set"}:
            self.set_class(other == name, other)
        self.refresh()

    def render(self) -> Content:
        """Lay the verdict out for the present width and height."""
        if not (self._word or self._subject or self._message):  # nothing was scanned yet: the prompt owns the eye
            return self._laid_out(self._next.upper(), self._steps, self.size.height)
        below = self._lines_below()
        verdict = self._laid_out(self._subject, self._message, self.size.height - len(below))
        return Content("\n").join([verdict, *below])

    def _lines_below(self) -> list[Content]:
        """Place and prompt, where no other line of a small screen says them."""
        if not self._has_prompt_below:
            return []
        width = self.size.width
        has_room = self.screen.has_class("-flat") and self.size.height >= _ROOM_FOR_PLACE
        said = [self._about] if has_room and self._about else []
        texts = [clip(text, max(1, width - 2 * _INDENT)) for text in (*said, self._next.upper())]
        lines = [Content.assemble(" " * _INDENT, (text, "bold")) for text in texts]
        return [line.pad_right(max(0, width - line.cell_length)) for line in lines]

    @property
    def _has_prompt_below(self) -> bool:
        """Whether no other line says what to scan; a problem, a question and a record need the line."""
        # Larger screens have the prompt beside the scan line.
        is_small = any(self.screen.has_class(name) for name in ("-tiny", "-narrow", "-flat"))
        needs_all = self._outcome in (Outcome.PROBLEM, Outcome.FOUND, Outcome.ASK)
        return is_small and not needs_all and self.size.height > 1 and bool(self._next)

    def _laid_out(self, what: str, message: str, height: int) -> Content:
        width = self.size.width
        room = max(1, width - 2 * _INDENT)
        word = f" {self._word} " if self._word else ""
        # 24 cells are room for a usual serial: the count beside it gives way first.
        aside = self._aside if len(self._aside) + len(word) + 24 <= room else ""
        beside = room - len(word) - (1 if word else 0)
        # A blank line above, where it takes no line from the sentence.
        above = 1 if height >= 5 else 0
        pad = " " * _INDENT
        if Content(visible(what)).cell_length > beside and height >= 3:  # in full, on a line of its own
            subject = clip(what, room)
            first = [Content.assemble(pad, (word, "bold reverse")), Content.assemble(pad, (subject, "bold"))]
            above = max(0, above - 1)
        else:
            subject = clip(what, max(1, beside - (len(aside) + 2 if aside else 0)))
            gap = " " * max(0, beside - Content(subject).cell_length - len(aside))
            line = (pad, (word, "bold reverse"), " " if word else "", (subject, "bold"), gap, aside, pad)
            first = [Content.assemble(*line)] if word or what else []
        said = message
        if width <= _NARROW:  # the subject is on the line above
            said = said.removeprefix(f"{what} ")
        below = [Content(f"{pad}{line}") for line in _wrap(visible(said), room, height - above - len(first))]
        lines = [*[Content("")] * above, *first, *below]
        lines += [Content("")] * (height - len(lines))
        # Padded to the edge: with the terminal's own colours, reverse video applies only to cells with text.
        return Content("\n").join([line.pad_right(max(0, width - line.cell_length)) for line in lines])


def _wrap(text: str, width: int, most: int) -> list[str]:
    """Wrap a text into at most `most` lines of `width` cells; one that does not fit is cut after a whole word."""
    lines: list[str] = []
    # Not `textwrap`: it counts characters, and wide ones take two cells.
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        end = " …" if len(lines) == most - 1 else ""
        while words and Content(f"{line} {words[0]}{end if len(words) > 1 else ''}").cell_length <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(clip(f"{line}{end}" if words else line, width))
    return lines


KEPT: Final = 60
"""Number of rows that the tape keeps: more than fit on usual screens."""

_TAPE_WORDS: Final = {
    Outcome.OK: "",
    Outcome.DUPLICATE: "dup",
    Outcome.PROBLEM: "problem",
    Outcome.SET: "now",
    Outcome.OUT: "out",
    Outcome.ASK: "",
    Outcome.DONE: "done",
    Outcome.FOUND: "",
    Outcome.TELL: "",
}
_TAPE_STYLES: Final = {
    Outcome.DUPLICATE: "$text-warning",
    Outcome.PROBLEM: "bold $text-error",
    Outcome.SET: "bold",
    Outcome.OUT: "dim",
}
_NUMBER: Final = 7
_WORD: Final = 9
_TIME: Final = 7
"""Widths in cells of the columns beside the text: number, word, time."""

_NOT_ON_TAPE: Final = (Outcome.TELL, Outcome.ASK)
"""Outcomes that are shown in the verdict only."""


class TapeRow(NamedTuple):
    """A scan on the tape."""

    outcome: Outcome
    position: int
    text: str
    at: datetime


class Tape(Widget):
    """The latest scans, newest first, as many as fit."""

    DEFAULT_CSS = """
    Tape { height: 1fr; width: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: deque[TapeRow] = deque(maxlen=KEPT)

    @property
    def texts(self) -> list[str]:
        """The texts on the tape, newest first."""
        return [row.text for row in self._rows]

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Add verdicts at the top, in the order given."""
        now = datetime.now().astimezone()
        for verdict in verdicts:
            if verdict.outcome not in _NOT_ON_TAPE:
                self._rows.appendleft(TapeRow(verdict.outcome, verdict.position, verdict.subject, now))
        self.refresh()

    def fill(self, lines: Iterable[Line]) -> None:
        """Show the lines of a draft that is continued.

        Args:
            lines: its lines, newest first.
        """
        self._rows.clear()
        for line in lines:
            self._rows.append(TapeRow(Outcome.OK, line.position, line.shown, line.at.astimezone()))
        self.refresh()

    def clear(self) -> None:
        """Remove all rows."""
        self._rows.clear()
        self.refresh()

    def render(self) -> Content:
        """The rows: number, text, word, time."""
        width, height = self.content_size.width, self.content_size.height
        return Content("\n").join([_tape_row(row, width) for row in list(self._rows)[: max(0, height)]])


def _tape_row(row: TapeRow, width: int) -> Content:
    """Lay out one row in columns common to all rows.

    A text that is too long for its column replaces the time of its row, then the number too.
    """
    word = f"  {_TAPE_WORDS[row.outcome]}".ljust(_WORD) if _TAPE_WORDS[row.outcome] else ""
    room = width - Content(visible(row.text)).cell_length - len(word)
    number = f"{row.position or '':>{_NUMBER - 2}}  " if room >= _NUMBER else ""
    time = f"  {row.at:%H:%M}" if room - len(number) >= _TIME else ""
    look = _TAPE_STYLES.get(row.outcome, "")
    text = clip(row.text, max(1, width - len(number) - len(time) - len(word)))
    gap = " " * max(0, width - len(number) - Content(text).cell_length - len(word) - len(time))
    return Content.assemble((number, "$quiet"), (text, look), gap, (word, look), (time, "$quiet"))


LISTED: Final = 200
"""Most problems of a draft that are listed; further ones appear as these are settled."""

WIDEST: Final = 64
"""Most cells of a scan that are shown; one that is no serial may have thousands."""


class ProblemsLane(Options, can_focus=False):
    """The problems lane, newest first; the scan line moves its cursor.

    The cursor stands on the newest problem until the person moves it; then nothing moves under it.
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._waiting: list[Line] = []

    @property
    def lines(self) -> Sequence[Line]:
        """The listed problems."""
        return self._waiting

    @property
    def chosen(self) -> Line | None:
        """The problem under the cursor."""
        place = self.highlighted
        return self._waiting[place] if place is not None and place < len(self._waiting) else None

    def fill(self, lines: Sequence[Line]) -> None:
        """Update the lines; when the one under the cursor is gone, the cursor is on the one in its place."""
        before, place, top = self.chosen, self.highlighted or 0, self.scroll_offset.y
        shown = self._waiting
        # abs: scans in no draft have negative numbers that fall.
        self._waiting = sorted(lines, key=lambda line: (line.at, abs(line.number)), reverse=True)
        if self._waiting == shown:  # nothing is drawn anew, and the cursor stays where it is
            return
        numbers = [line.number for line in self._waiting]
        known = {line.number for line in shown}
        # New problems come at the top. They are added first, so that their height is known, by which the rest moves
        # down.
        new = next((at for at, number in enumerate(numbers) if number in known), len(numbers))
        self.clear_options()
        self.add_options([_problem(line) for line in self._waiting[:new]])
        above = self.virtual_size.height if new and self.scrollable_content_region else 0
        self.add_options([_problem(line) for line in self._waiting[new:]])
        # On the newest problem the cursor was not moved by the person: it stays on the newest one, whichever that is.
        is_moved = place > 0 and before is not None
        self.scroll_to(y=top + above if is_moved else 0, animate=False, force=True)
        if before is not None and is_moved and before.number in numbers:
            self.highlighted = numbers.index(before.number)
        elif numbers:
            self.highlighted = min(place + new if is_moved else 0, len(numbers) - 1)


def _problem(line: Line) -> Option:
    shown = clip(line.shown, WIDEST)
    # Most messages begin with the serial, which stands in bold before them.
    message = line.message.removeprefix(line.shown).strip()
    return Option(Content.assemble(plain(shown, "bold"), "  ", plain(message)), id=str(line.number))


class OpenDrafts(Options, can_focus=False):
    """Scans that were left by an earlier process, then the open drafts, last changed first.

    The scan line moves its cursor.
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._drafts: list[DraftRow] = []
        self.left: Sequence[WaitingScans] = ()
        """The scans that were left."""

    @property
    def chosen(self) -> DraftRow | WaitingScans | None:
        """The draft, or the scans that were left, under the cursor."""
        every: list[DraftRow | WaitingScans] = [*self.left, *self._drafts]
        place = self.highlighted
        return every[place] if place is not None and place < len(every) else None

    @property
    def drafts(self) -> Sequence[DraftRow]:
        """The listed drafts."""
        return self._drafts

    @property
    def noun(self) -> str:
        """The noun of the task of all drafts, such as receipt; "draft" when they are of several tasks."""
        tasks = {row.task for row in self._drafts}
        return draft_task(tasks.pop()).words.noun if len(tasks) == 1 else "draft"

    def fill(self, drafts: Sequence[DraftRow], left: Sequence[WaitingScans] = ()) -> None:
        """Update the list; the cursor stays where it was."""
        before = _key(self.chosen)
        self._drafts, self.left = list(drafts), left
        now = clock.now()
        self.clear_options()
        self.add_options([Option(Content.assemble(plain(one.sentence, "bold"))) for one in left])
        self.add_options([_draft(row, now) for row in self._drafts])
        every: list[DraftRow | WaitingScans] = [*left, *self._drafts]
        keys = list(map(_key, every))
        if keys:
            self.highlighted = keys.index(before) if before in keys else 0


def _key(one: DraftRow | WaitingScans | None) -> object:
    """Identifies a line of `OpenDrafts` when it is read again."""
    return one.session if isinstance(one, WaitingScans) else one and one.id


def _draft(row: DraftRow, now: datetime) -> Option:
    in_use = Content.assemble("\n", plain("open at another station", "bold")) if row.is_in_use(now) else ""
    return Option(Content.assemble(plain(sentence(row)), in_use))
