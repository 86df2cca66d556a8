"""The listener: decides which keys are a scan, where it ends, and what was typed before it.

It is the only code that knows. Keys with their times of reading go in, events come out; it needs neither a clock nor
a widget. Fields, dialogs and screens pass it their keys and act on the events.

A line end is CR, LF, CRLF as one, or TAB. Timing only tells a scan from typing; it never ends a scan and never takes
one: a scan without an end waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from tui.scanning.bursts import (
    FORGOTTEN_AFTER,
    HAND_GAP,
    LATE_END,
    MAX_LENGTH,
    MOST_STARTS,
    ONE_READ_GAP,
    PAUSE,
    REPEAT_WITHIN,
    SCANNER_GAP,
    SCANNER_LENGTH,
    SHORT_LENGTH,
    TYPED_SINGLY,
    UNFINISHED_AFTER,
    UNREADABLE_CHARACTER,
    BurstFault,
    How,
    burst_starts,
    is_burst,
    is_scanners_pace,
    trouble_in,
)
from tui.terminal.scanner_keys import LINE_END, NEVER, NO_SPAN, SEPARATORS, KeyKind, Span, character_of, kind_of

State = TypeVar("State")


class KeyTarget(Enum):
    """The kind of place where keys arrive, which decides what counts as a scan there."""

    LINE = auto()
    """A scan line: every line is a scan, typed ones too; command keys inside a burst make it dirty."""
    TEXT = auto()
    """A field that people type into: a burst is a scan, everything else is text; command keys inside a burst do nothing
    and make it dirty."""
    SCREEN = auto()
    """No text input: a burst is a scan, a single key is a command; command keys inside a burst make it dirty."""


class Part(NamedTuple, Generic[State]):
    """A text that may be a scan."""

    text: str
    """The text, separators included."""
    before: State
    """The state of the place before its first character."""


class KeyAdded(NamedTuple):
    """A character or a pasted line was added to a scan: the place keeps it, and the key does nothing else."""

    text: str


class UsedUp(NamedTuple):
    """A key without effect: the second half of a line end, or a command inside a burst."""


class LoneEnd(NamedTuple):
    """A line end after typing or after nothing: the key does what it usually does in the place."""

    key: str
    """`enter`, `ctrl+j` (a line feed) or `tab`."""
    time: float


class EmptyEnd(NamedTuple):
    """A scan line ended empty or with blanks only."""

    time: float
    counts: bool = True
    """False for an end directly after another one, and for an empty line of a paste."""


class Scanned(NamedTuple, Generic[State]):
    """A finished scan."""

    text: str
    """The text as received, separators included; never empty or blank. The longest one of several parts."""
    how: How
    """Typed (on a scan line only), scanned or pasted."""
    span: Span = NO_SPAN
    """When it was read."""
    in_burst: bool = False
    """Whether it came faster than by hand; also for scans too short to be labelled "scanned"."""
    parts: tuple[Part[State], ...] = ()
    """In a field and on a screen: the possible texts of the scan, the longest first, since a scan may directly follow
    typing, and the link may stall inside it. The one that names something is the scan."""

    @property
    def is_sure(self) -> bool:
        """Whether even the shortest part is too long to be typing over a slow link."""
        return len(self.parts[-1].text) >= SCANNER_LENGTH

    @property
    def behind_typing(self) -> Part[State]:
        """The best guess at the scan without the typing before it, where nothing can be looked up.

        Typed characters come one at a time, those of a stalled link do not.
        """
        return _behind_typing(self.parts)

    @property
    def is_mixed(self) -> bool:
        """Whether a part of it may be typing, so that nobody knows the scan unless one of its parts names something."""
        return self.behind_typing is not self.parts[0]


class Refused(NamedTuple, Generic[State]):
    """A finished line that cannot be a scan."""

    text: str
    """The first `MAX_LENGTH` characters of it."""
    reason: BurstFault
    span: Span = NO_SPAN
    in_burst: bool = False
    """Whether a scanner sent it; a typed line is refused too when an editing key comes too fast."""
    before: State | None = None
    """The state of the place before it, to be restored; None where nothing stood there."""


class Repeated(NamedTuple):
    """The same code again within `REPEAT_WITHIN` on a scan line: it counts once."""

    text: str
    span: Span = NO_SPAN


class Unfinished(NamedTuple):
    """A text came at a scanner's pace, and its end did not come within `UNFINISHED_AFTER`."""

    text: str
    reason: BurstFault | None = None
    """Why it will be refused when its end comes, if so."""


Ended: TypeAlias = "Scanned[State] | Refused[State] | Repeated | EmptyEnd"
"""The result of a finished line."""

Heard: TypeAlias = "KeyAdded | UsedUp | LoneEnd | Ended[State]"
"""The result of a key."""


class _Last(NamedTuple):
    """The previous key."""

    key: str = ""
    kind: KeyKind | None = None
    time: float = NEVER


def nothing() -> None:
    """A `remember` for places whose text is never restored."""


def _came_fast(span: Span, text: str) -> bool:
    """Whether a line came faster than by hand on average."""
    return span.ended - span.began <= HAND_GAP * max(1, len(text))


def _short() -> int:
    return SHORT_LENGTH


def _behind_typing(parts: Sequence[Part[State]]) -> Part[State]:
    scan = parts[0]
    for shorter in parts[1:]:
        if len(scan.text) - len(shorter.text) > 1:
            break
        scan = shorter
    return scan


class _Standing(NamedTuple, Generic[State]):
    """What stood in a scan line when characters began to follow it that may be a scan of their own."""

    state: State
    start: int
    """Index of the first of these characters among the times of the line."""
    least: int
    """How many of them make a scan."""
    gap: float
    """Longest gap between them."""


class Listener(Generic[State]):
    """Recognises scans among the keys of one place."""

    def __init__(
        self,
        place: KeyTarget,
        remember: Callable[[], State],
        *,
        line: Callable[[], str] | None = None,
        standing: Callable[[], str] = str,
        least: Callable[[], int] = _short,
        ends_are_one: bool = True,
    ) -> None:
        """Start with an empty line.

        Args:
            place: the kind of place.
            remember: returns the state of the place, so that the state before a scan can be restored.
            line: returns the text of a scan line that the place itself keeps and edits; emptied at each line end.
            standing: returns the part of that text that the next character would not replace.
            least: shortest burst in characters that counts as a scan in a field or on a screen; read at each line end.
            ends_are_one: whether a line end directly after another one belongs to it. False in a form, where keys that
                come together may have been typed ahead. An Enter directly after a scan belongs to it everywhere.
        """
        self._place = place
        self._remember = remember
        self._line = line
        self._standing_text = standing
        self._standing: _Standing[State] | None = None
        self._tail = ""
        self._least = least
        self._ends_are_one = ends_are_one
        self._text = ""
        self._times: list[float] = []
        self._starts: list[int] = []
        self._states: list[State] = []
        self._began: float | None = None
        self._is_pasted = False
        self._trouble: BurstFault | None = None
        self._last = _Last()
        self._command_time = NEVER
        self._text_time = NEVER
        self._last_scan = ("", NEVER)
        self._has_ended_scan = False

    # ----- state

    @property
    def text(self) -> str:
        """The unfinished line."""
        return self._text if self._line is None else self._line()

    @property
    def trouble(self) -> BurstFault | None:
        """Why the current line will be refused; None when it will not."""
        return self._trouble

    @property
    def last_time(self) -> float:
        """When the last key was read, in seconds."""
        return self._last.time

    @property
    def is_unfinished(self) -> bool:
        """Whether there is a text that came too fast to be typed and has no end yet."""
        if self._place is KeyTarget.LINE:
            return bool(self.text) and self._how() != "typed"
        return bool(self._times) and bool(self._parts(self._times[-1], SCANNER_LENGTH))

    @property
    def waits_for_end(self) -> bool:
        """Whether a burst is to be reported if its end does not come: one without an end, or one to be refused."""
        return self._trouble is not None or self.is_unfinished

    def unfinished(self, quiet: float) -> Unfinished | None:
        """The scan that waits for its end, if there is one.

        Args:
            quiet: seconds since the last key.
        """
        if quiet < UNFINISHED_AFTER or not self.waits_for_end:
            return None
        return Unfinished(self.text, self._trouble)

    def is_forgotten(self, time: float) -> bool:
        """Whether a typed line in a hidden field is so old that a key read at `time` does not belong to it."""
        return time - self._last.time > FORGOTTEN_AFTER and not self.is_unfinished

    def has_heard_since(self, time: float) -> bool:
        """Whether text was read after `time`."""
        return self._text_time > time

    # ----- keys

    def is_inside_burst(self, key: str, character: str | None, time: float) -> bool:
        """Whether a key that types nothing came directly behind a burst in a field; `take` makes that dirty then."""
        text = character_of(key, character)
        times = self._times[-SHORT_LENGTH:]
        is_fast = len(times) == SHORT_LENGTH and times[-1] - times[0] <= HAND_GAP
        is_command = text is None and kind_of(key, text) is not KeyKind.END
        return is_command and self._trouble is None and is_fast and time - self._last.time <= HAND_GAP

    def take(self, key: str, character: str | None, time: float) -> Heard[State] | None:
        """Take a key before anything else handles it.

        Args:
            key: Textual's name of the key.
            character: the character it types, if any.
            time: when it was read, in seconds.

        Returns:
            The result; None leaves the key to its usual handler.
        """
        text = character_of(key, character)
        last, gap = self._last, time - self._last.time
        kind = kind_of(key, text)
        self._last = _Last(key, kind, time)
        if kind is KeyKind.END:
            return self._end_of_line(last, gap) if self._place is KeyTarget.LINE else self._end(last, gap)
        if text is None:
            return self._command(last, gap)
        return self._add_to_line(text, gap) if self._place is KeyTarget.LINE else self._follow(text, gap)

    def paste(self, text: str, time: float) -> Iterator[Heard[State]]:
        """Take a paste: every line of it is a scan. In a field it is text, and no part of a scan.

        On a scan line, a last line without an end waits for it, unless it is too long for a scan. A generator, since
        the place has to keep each `KeyAdded` before the next event is computed.
        """
        self._text_time = time
        self._last = _Last("", None, time)
        if self._place is not KeyTarget.LINE:
            self.clear()
            if self._place is KeyTarget.SCREEN:
                yield from (self._pasted(line, time) for line in LINE_END.split(text) if line.strip())
            return
        *lines, rest = LINE_END.split(text)
        for line in lines:
            yield from self._add_pasted(line, time)
            yield self._end_line(time, "")
        if rest:
            yield from self._add_pasted(rest, time)
            if self._trouble is BurstFault.TOO_LONG:  # no end can make it a scan: tell it now
                yield self._end_line(time, "")

    def end(self, time: float) -> Ended[State]:
        """End the scan line, as Enter does."""
        return self._end_line(time, "")

    def follow_scan(self, key: str, time: float) -> None:
        """Note that a scan has ended elsewhere, so that its second line end is used up here.

        Args:
            key: its line end.
            time: when that was read, in seconds.
        """
        self._last, self._has_ended_scan = _Last(key, KeyKind.END, time), True

    def clear(self) -> None:
        """Start again with an empty line."""
        self._text = ""
        self._times.clear()
        self._starts.clear()
        self._states.clear()
        self._began = None
        self._is_pasted = False
        self._trouble = None
        self._standing = None
        self._tail = ""
        self._command_time = NEVER

    # ----- a scan line

    def _add_to_line(self, text: str, gap: float) -> Heard[State]:
        time = self._last.time
        if not (gap <= HAND_GAP or self.text):
            self.clear()
        elif time - self._command_time <= HAND_GAP:
            self._refuse(BurstFault.CONTROL_KEYS)
        self._look_what_stands(gap)
        self._times.append(time)
        self._text_time = time
        if self._standing is not None:
            self._tail += text
        return self._add(text, time)

    def _look_what_stands(self, gap: float) -> None:
        """Note the text that a character follows after a pause: a burst that begins with it is no part of that text."""
        if gap <= HAND_GAP or not self._standing_text():
            return
        count = len(self._times)
        if gap > PAUSE or not (count or self._is_pasted):
            self._standing = _Standing(self._remember(), count, SHORT_LENGTH, SCANNER_GAP)
        elif count >= TYPED_SINGLY and all(later - one > HAND_GAP for one, later in pairwise(self._times)):
            self._standing = _Standing(self._remember(), count, SCANNER_LENGTH, ONE_READ_GAP)
        elif self._standing is None:
            return
        self._tail = ""

    def _is_behind_text(self, time: float) -> bool:
        """Whether the line, ending at `time`, is a burst behind a text that stood there before."""
        if self._standing is None:
            return False
        times = self._times[self._standing.start :]
        gaps = [later - one for one, later in pairwise(times)]
        is_whole = len(times) >= self._standing.least and is_burst(times, time)
        return is_whole and all(gap <= self._standing.gap for gap in gaps)

    def _add_pasted(self, line: str, time: float) -> Iterator[Heard[State]]:
        self._is_pasted = True
        yield self._add(line, time)

    def _add(self, text: str, time: float) -> Heard[State]:
        if self._began is None:
            self._began = time
        if len(self.text) + len(text) > MAX_LENGTH:
            self._refuse(BurstFault.TOO_LONG)
            return UsedUp()
        if self._line is None:
            self._text += text
        return KeyAdded(text)

    def _end_of_line(self, last: _Last, gap: float) -> Heard[State] | None:
        key, _, time = self._last
        is_one_more = gap <= HAND_GAP and last.kind is KeyKind.END
        if key == "tab" and not (is_one_more or self._ends_burst(time)):
            return None  # TAB after typing moves the focus
        if (last.key, key) == ("enter", "ctrl+j"):  # the LF of a CRLF
            return UsedUp()
        return self._end_line(time, key, counts=not is_one_more)

    def _ends_burst(self, time: float) -> bool:
        return self._trouble is not None or (self.text != "" and is_burst(self._times, time))

    def _end_line(self, time: float, key: str, *, counts: bool = True) -> Ended[State]:
        text, how, trouble = self.text, self._how(), self._trouble
        in_burst = how == "scanned" or self._is_fast(text, time)
        span = Span(time if self._began is None else self._began, time, key)
        standing, tail = (self._standing, self._tail) if self._is_behind_text(time) else (None, "")
        self.clear()
        if standing is not None:
            reason = trouble or trouble_in(tail) or BurstFault.BEHIND_TEXT
            return Refused(tail, reason, span, True, standing.state)
        trouble = trouble or trouble_in(text)
        if trouble is not None:
            return Refused(text, trouble, span, _came_fast(span, text))
        if not text.strip(" "):
            return EmptyEnd(time, counts and how != "pasted")
        last_text, last_time = self._last_scan
        if how != "pasted" and text == last_text and time - last_time <= REPEAT_WITHIN:
            return Repeated(text, span)
        self._last_scan = (text, time)
        return Scanned(text, how, span, in_burst)

    def _is_fast(self, text: str, time: float) -> bool:
        """Whether the whole line, ending now, came faster than by hand."""
        if self._is_pasted:
            return self._began is not None and time - self._began <= HAND_GAP
        return len(self._times) >= max(SHORT_LENGTH, len(text)) and is_burst(self._times, time)

    def _how(self) -> How:
        if self._is_pasted:
            return "pasted"
        return "scanned" if is_scanners_pace(self._times) else "typed"

    # ----- a field, a screen

    def _follow(self, text: str, gap: float) -> Heard[State] | None:
        """Take a character that may be part of a scan."""
        key, _, time = self._last
        is_close = gap <= HAND_GAP and (self._text != "" or self._trouble is not None)
        if not is_close and (key == "ctrl+d" or (text == " " and self._place is KeyTarget.SCREEN and not self._text)):
            self.clear()  # no scan begins with EOT (Ctrl+D by hand deletes) or with a blank (by hand it marks a row)
            return None
        if gap > PAUSE:
            self.clear()
        if self._began is None:
            self._began = time
        self._text_time = time
        if len(self._text) >= MAX_LENGTH:
            self._refuse(BurstFault.TOO_LONG)
        else:
            if not is_close or not self._text:  # a scan may begin at each character that follows a pause
                self._starts.append(len(self._text))
                self._states.append(self._remember())
                del self._starts[:-MOST_STARTS], self._states[:-MOST_STARTS]  # a state holds the whole text
            self._text += text
            self._times.append(time)
        is_kept = is_close and (key in SEPARATORS or self._place is KeyTarget.SCREEN)
        return KeyAdded(text) if is_kept else None

    def _end(self, last: _Last, gap: float) -> Heard[State]:
        key, _, time = self._last
        text, trouble, parts = self._text, self._trouble, self._parts(time, self._least())
        began = time if self._began is None else self._began
        is_right_behind = last.kind is KeyKind.END and gap <= HAND_GAP
        # Enter may save something, so that directly behind a scan it never acts; TAB may have been typed ahead.
        is_suffix = self._has_ended_scan and (self._ends_are_one or key in ("enter", last.key))
        is_one_more = is_right_behind and (is_suffix or (self._ends_are_one and key != last.key))
        # Nobody presses Ctrl+J: after nothing it is the LF of a CRLF, whose CR may have gone to another place.
        if trouble is None and not text and (is_one_more or key == "ctrl+j"):
            return UsedUp()
        dirty = self._states[0] if self._states else None
        self.clear()
        self._has_ended_scan = False
        if trouble is not None:
            parts = []
        elif parts and UNREADABLE_CHARACTER in parts[-1].text:
            text, trouble, dirty = parts[-1].text, BurstFault.UNREADABLE, _behind_typing(parts).before
            parts = []
        if trouble is not None and gap <= LATE_END:
            self._has_ended_scan = True
            return Refused(text, trouble, Span(began, time, key), True, dirty)
        if not parts:
            return LoneEnd(key, time)
        self._has_ended_scan = True
        return Scanned(parts[0].text, "scanned", Span(began, time, key), True, tuple(parts))

    def _parts(self, end: float, least: int) -> list[Part[State]]:
        """The possible scans, the longest first, if a line end were read at `end`."""
        fast = set(burst_starts(self._times, end, self._starts))
        return [
            Part(self._text[start:], before)
            for start, before in zip(self._starts, self._states, strict=True)
            if start in fast and len(self._text) - start >= least
        ]

    def _pasted(self, line: str, time: float) -> Heard[State]:
        """The result of a line pasted where nothing takes text; some terminals send scans that way."""
        span = Span(time, time, "")
        reason = BurstFault.TOO_LONG if len(line) > MAX_LENGTH else trouble_in(line)
        if reason is not None:
            return Refused(line[:MAX_LENGTH], reason, span, True)
        return Scanned(line, "pasted", span, True, (Part(line, self._remember()),))

    # ----- all places

    def _command(self, last: _Last, gap: float) -> UsedUp | None:
        """Take a key that types nothing: inside a burst it makes the scan dirty, else it acts as usual."""
        key, kind, time = self._last
        if kind is KeyKind.COMMAND:
            self._command_time = time
        is_behind_text = last.kind is KeyKind.TEXT
        if self._place is KeyTarget.SCREEN:  # a single character there is a command
            is_behind_text = is_behind_text and len(self._text) >= SHORT_LENGTH
        elif self._place is KeyTarget.TEXT and is_behind_text and self._trouble is None:
            times = self._times[-SHORT_LENGTH:]
            is_fast = len(times) == SHORT_LENGTH and times[-1] - times[0] <= HAND_GAP
            parts = self._parts(time, SHORT_LENGTH) if is_fast else []
            is_behind_text = bool(parts)
            if parts and gap <= HAND_GAP:
                burst = _behind_typing(parts)  # what was typed before it stays
                start = len(self._text) - len(burst.text)
                self._text, self._times = burst.text, self._times[start:]
                self._starts, self._states = [0], [burst.before]
        is_alt_mode = last.key.startswith("alt+") and key.startswith("alt+")  # a scanner that types Alt codes
        if gap <= HAND_GAP and (is_behind_text or self._trouble is not None or is_alt_mode):
            if self._began is None:
                self._began = time
            self._refuse(BurstFault.CONTROL_KEYS)
            return UsedUp()
        if self._place is not KeyTarget.LINE:
            self.clear()
        return None

    def _refuse(self, reason: BurstFault) -> None:
        self._trouble = self._trouble or reason
