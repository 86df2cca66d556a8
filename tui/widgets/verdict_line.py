"""The verdict on the last scan: one band over the whole width, in words and in colour, readable from a metre."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

from models.serials.judging import Outcome, Verdict
from tui.text import clip, visible

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
