"""The scanner check: examine how a scan arrives and recommend scanner settings.

`Arrival` is the raw scan, the set-up code a barcode with known content, and `examine` compares both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from models.barcodes.gate import DEAD, US, mix_ups, typed, without_shift

ALT_DIGITS: Final = 6
"""Minimum Alt+digit keys in a burst that mark a scanner in ALT mode; as many as two characters take."""

_ESCAPES: Final = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|O.|.|$)", re.DOTALL)
_CONTROLS: Final = re.compile("[\x00-\x03\x05-\x1b\x7f-\x9f]")
_ALT: Final = re.compile("(?:\x1b(?:[0-9]|O[p-y]))+")
_FUNCTION_KEYS: Final = {
    f"\x1b[{code}~": f"F{number}"
    for number, code in enumerate((11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24), start=1)
} | {f"\x1bO{letter}": f"F{number}" for number, letter in enumerate("PQRS", start=1)}
_OLD_CHARACTER_SETS: Final = ("cp1252", "cp850")


class Arrival(NamedTuple):
    """One scan as received from the terminal."""

    data: bytes
    """Bytes without the suffix."""
    end: bytes
    """The suffix: CR, LF, CRLF or TAB; empty if none came."""
    seconds: float
    """Duration from the first byte to the last, suffix included."""
    is_paste: bool = False
    """Whether it came as a bracketed paste; `end` and `seconds` mean nothing then."""

    @property
    def text(self) -> str:
        """The decoded text, with U+FFFD for invalid UTF-8."""
        return self.data.decode("utf-8", "replace")

    @property
    def foreign_bytes(self) -> bytes:
        """The bytes that are not UTF-8."""
        lost = bytearray()
        rest = self.data
        while rest:
            try:
                rest.decode("utf-8")
            except UnicodeDecodeError as error:
                lost += rest[error.start : error.end]
                rest = rest[error.end :]
            else:
                break
        return bytes(lost)

    @property
    def in_older_character_sets(self) -> tuple[str, ...]:
        """The text in the legacy character sets cp1252 and cp850; empty if it is valid UTF-8."""
        if not self.foreign_bytes:
            return ()
        return tuple(self.data.decode(name, "replace") for name in _OLD_CHARACTER_SETS)

    @property
    def alt_digits(self) -> str:
        """The digits of a scanner that types character codes with Alt; empty if there are too few."""
        digits = "".join(_digits(match.group()) for match in _ALT.finditer(self.text))
        return digits if len(digits) >= ALT_DIGITS else ""

    @property
    def in_alt_mode(self) -> tuple[str, ...]:
        """Possible texts of `alt_digits`, for character codes of three and of four digits."""
        digits = self.alt_digits
        found = []
        for width in (3, 4):
            numbers = [int(digits[at : at + width]) for at in range(0, len(digits), width)]
            if digits and len(digits) % width == 0 and max(numbers) < 256:
                found.append(bytes(numbers).decode("cp1252", "replace"))
        return tuple(found)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the non-character keys, in order, without repetition."""
        text = self.text
        names = [_FUNCTION_KEYS.get(found, found) for found in _ESCAPES.findall(text)]
        names += _CONTROLS.findall(_ESCAPES.sub("", text))
        return tuple(dict.fromkeys(names))

    @property
    def characters(self) -> str:
        """The text without non-character keys."""
        return _CONTROLS.sub("", _ESCAPES.sub("", self.text))


def key_names(text: str) -> str:
    """A text with the escape sequences of function keys replaced by their names."""
    return _ESCAPES.sub(lambda found: _FUNCTION_KEYS.get(found.group(), found.group()), text)


def _digits(keys: str) -> str:
    """The digits of Alt+digit keys; a keypad sends ESC O p for 0 to ESC O y for 9."""
    return "".join(key if key.isdigit() else str(ord(key) - ord("p")) for key in keys if key not in "\x1bO")


GS: Final = "\x1d"

FIRST: Final = '91AZqy-/;"'
"""First field of the set-up code, with its application identifier: the signs that keyboard layouts exchange."""

SECOND: Final = "921750"
"""Second field of the set-up code."""

AIM_ID: Final = "]C1"
"""Prefix of the set-up code from a scanner with AIM identifiers on."""

DATA: Final = FIRST + GS + SECOND
"""Data of the set-up code without AIM identifier and suffix; the barcode has FNC1 at the start and in place of GS."""

PRINTED: Final = f"({FIRST[:2]}){FIRST[2:]}({SECOND[:2]}){SECOND[2:]}"
"""Human-readable text below the bars."""


def is_setup_code(scan: str) -> bool:
    """Whether a scan is the set-up code, as sent by a correctly set scanner."""
    return scan.removeprefix(AIM_ID).removeprefix(GS) == DATA


SLOW: Final = 0.03
"""Seconds between two characters above which a scan is taken for typing."""

_LONGEST: Final = 400
"""Maximum length of a scan that is compared with the set-up code."""

_LONGEST_GAP: Final = 24
"""Maximum length of a text in place of GS."""

_ALIKE: Final = 0.6
"""Similarity to the set-up code (0 to 1) above which a scan counts as a damaged one."""

_ENDS: Final = {b"\r": "CR (Enter)", b"\n": "LF", b"\r\n": "CR LF", b"\t": "TAB"}


class Mark(StrEnum):
    """Rating of a finding."""

    GOOD = "good"
    NOTE = "note"
    """It works, with a remark."""
    PROBLEM = "problem"


class ScannerFinding(NamedTuple):
    """One finding of the scanner check."""

    what: str
    """The property, such as `Suffix`."""
    value: str
    """Its value; may quote the scan, so any character can occur."""
    mark: Mark = Mark.GOOD
    cure: str = ""
    """The setting that fixes it, as a sentence."""


class ScannerReport(NamedTuple):
    """Result of the scanner check."""

    is_setup_code: bool
    """Whether the set-up code was scanned; with any other code fewer properties can be checked."""
    findings: tuple[ScannerFinding, ...]
    """Problems first, in the recommended order of fixing."""

    @property
    def problems(self) -> int:
        """Number of problems."""
        return sum(finding.mark is Mark.PROBLEM for finding in self.findings)


class _Match(NamedTuple):
    """The set-up code as found in a scan."""

    pairs: tuple[tuple[str, str], ...]
    """Layouts of scanner and host that explain the text, the likeliest first."""
    before: str
    first: str
    between: str
    second: str
    after: str
    aim: str
    """The AIM identifier as it would arrive with these layouts."""

    @property
    def is_mixed_up(self) -> bool:
        """Whether scanner and host have different layouts."""
        return self.pairs[0] != (US, US)

    @property
    def wanted(self) -> str:
        """Both fields as these layouts type them."""
        return typed(FIRST + SECOND, *self.pairs[0])


def examine(arrival: Arrival, substitutes: Sequence[str] = ()) -> ScannerReport:
    """Check the scanner by one scan, preferably of the set-up code.

    Args:
        arrival: the raw scan.
        substitutes: texts that the site accepts for GS (its setting `gs_substitutes`).
    """
    match = _find(arrival)
    if match is not None:
        seen = [*_layout(match), _prefix(match), _aim_id(match), _gs(match, substitutes), *_behind(match)]
    elif SequenceMatcher(None, arrival.characters[:_LONGEST], FIRST + SECOND).ratio() > _ALIKE:
        cure = "Scan it again. If it stays so, let the scanner wait longer between characters."
        seen = [ScannerFinding("Characters", f"some are lost or changed: {arrival.characters}", Mark.PROBLEM, cure)]
    else:
        seen = []
    findings = [*_keys(arrival, match), *_bytes(arrival), *seen, _suffix(arrival), *_speed(arrival)]
    order = (Mark.PROBLEM, Mark.NOTE, Mark.GOOD)
    return ScannerReport(bool(seen), tuple(sorted(findings, key=lambda finding: order.index(finding.mark))))


def _find(arrival: Arrival) -> _Match | None:
    """Find the set-up code under every known distortion; the simplest explanation wins."""
    texts = (arrival.text, *arrival.in_older_character_sets, *arrival.in_alt_mode, arrival.characters)
    for text in dict.fromkeys(texts):
        if len(FIRST) <= len(text) <= _LONGEST:
            found = _find_exactly(text) or _find_without_accents(text) or _find_in_any_case(text)
            if found is not None:
                return found
    return None


def _find_exactly(text: str) -> _Match | None:
    pairs = [(US, US), *mix_ups()]
    found = [(pair, cut) for pair in pairs if (cut := _cut(text, *(typed(part, *pair) for part in (FIRST, SECOND))))]
    if not found:
        return None
    (pair, cut), *_ = found
    return _Match(tuple(pair for pair, other in found if other == cut), *cut, typed(AIM_ID, *pair))


def _find_without_accents(text: str) -> _Match | None:
    """Compare without accents: dead keys drop them or put them on the next letter."""
    bare = "".join(character for character in text if character not in DEAD)
    for pair in mix_ups():
        first, second = (
            "".join(character for character in typed(part, *pair) if character not in DEAD) for part in (FIRST, SECOND)
        )
        if len(first) < len(FIRST) and (cut := _cut(bare, first, second)):
            return _Match(
                (pair,), cut[0], typed(FIRST, *pair), cut[2], typed(SECOND, *pair), cut[4], typed(AIM_ID, *pair)
            )
    return None


def _find_in_any_case(text: str) -> _Match | None:
    for pair in [(US, US), *mix_ups()]:
        folded = without_shift(text, pair[1]).lower()
        parts = (without_shift(typed(part, *pair), pair[1]).lower() for part in (FIRST, SECOND))
        # Some capitals have small letters of two characters: the places in both texts would differ.
        if len(folded) == len(text) and (cut := _cut(folded, *parts)):
            ends = list(accumulate(map(len, cut)))
            before, first, between, second = (text[start:end] for start, end in pairwise([0, *ends[:4]]))
            return _Match((pair,), before, first, between, second, text[ends[3] :], typed(AIM_ID, *pair))
    return None


def _cut(text: str, first: str, second: str) -> tuple[str, str, str, str, str] | None:
    """Split a text around both fields; None unless both are in it, close to each other."""
    start = text.find(first)
    end = start + len(first)
    again = text.find(second, end, end + _LONGEST_GAP + len(second))
    if start < 0 or again < 0:
        return None
    return text[:start], first, text[end:again], second, text[again + len(second) :]


def _layout(match: _Match) -> Iterator[ScannerFinding]:
    if match.is_mixed_up:
        scanners, host = _names(match.pairs)
        cure = f"Set the scanner's keyboard country to {host}, or the host's keyboard to {scanners[0]}."
        value = f"{_a(' or '.join(scanners))} scanner on {_a(host)} host: {FIRST} arrives as {match.first}"
        yield ScannerFinding("Keyboard", value, Mark.PROBLEM, cure)
    else:
        yield ScannerFinding("Keyboard", "scanner and host have the same layout")
    yield _case(match)


def _names(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], str]:
    """The layouts to report: one or more candidates for the scanner, and that of the host."""
    _, host = pairs[0]
    scanners = [scanner for scanner, other in pairs if other == host]
    return ([*scanners[:2], "similar"] if len(scanners) > 2 else scanners), host


def _a(name: str) -> str:
    return f"an {name}" if name.startswith("Italian") else f"a {name}"


def _case(match: _Match) -> ScannerFinding:
    came, wanted = match.first + match.second, match.wanted
    if came == wanted:
        return ScannerFinding("Capitals", "as printed")
    host = match.pairs[0][1]
    # Without ß, whose capital is two letters.
    letters = [(came_, one) for came_, one in zip(came, wanted, strict=True) if one.isalpha() and len(one.upper()) == 1]
    if came == "".join(without_shift(one, host) for one in came):
        return ScannerFinding(
            "Capitals",
            f"Shift does not arrive: {came}",
            Mark.PROBLEM,
            "Let the scanner wait longer between characters, and switch its conversion to small letters off.",
        )
    if all(came_ == one.swapcase() for came_, one in letters):
        cure = "Switch Caps Lock off at the host, or tell the scanner that it is on (its Caps Lock setting)."
        return ScannerFinding("Capitals", f"inverted: {came}", Mark.PROBLEM, cure)
    for name, case in (("capitals", str.upper), ("small letters", str.lower)):
        if all(came_ == case(one) for came_, one in letters):
            cure = "Switch the scanner's conversion of letters off."
            return ScannerFinding("Capitals", f"all {name}: {came}", Mark.PROBLEM, cure)
    return ScannerFinding(
        "Capitals",
        f"come and go: {came}",
        Mark.PROBLEM,
        "Let the scanner wait longer between characters: Shift gets lost.",
    )


def _prefix(match: _Match) -> ScannerFinding:
    before = match.before.removesuffix(GS)
    at = before.rfind(match.aim[:1]) if match.aim else -1
    if at == len(before) - 3 >= 0 or before.endswith(match.aim):
        before = before[:at]
    if not before:
        return ScannerFinding("Prefix", "none")
    return ScannerFinding("Prefix", key_names(before), Mark.PROBLEM, "Switch the scanner's prefix off.")


def _aim_id(match: _Match) -> ScannerFinding:
    before = match.before.removesuffix(GS)
    if before.casefold().endswith(match.aim.casefold()):
        return ScannerFinding("AIM id", f"{AIM_ID}, as it should be for this code")
    if len(before) >= 3 and before[-3] == match.aim[0]:
        cure = "Set the scanner to read GS1-128, and its AIM ids to those of the standard."
        return ScannerFinding("AIM id", f"{before[-3:]} where {AIM_ID} is right", Mark.PROBLEM, cure)
    cure = "Switch AIM ids on (transmit AIM code id): then GS1 labels and serials are never mixed up."
    return ScannerFinding("AIM id", "not sent", Mark.NOTE, cure)


def _gs(match: _Match, substitutes: Sequence[str]) -> ScannerFinding:
    came = match.between
    if came == GS:
        return ScannerFinding("GS", "kept")
    if came in substitutes:
        return ScannerFinding("GS", f"arrives as {came}, which the site setting gs_substitutes knows")
    send = "Set the scanner to send FNC1 as GS (ASCII 29, Ctrl+])"
    if match.is_mixed_up:
        cure = "First mend the keyboard country: GS is typed as Ctrl+]."
    elif came and came.isprintable():
        cure = f"{send}, or put {came} into the site setting gs_substitutes."
    else:
        cure = f"{send}: fields run together without it."
    value = f"replaced by {key_names(came)}" if came else "lost"
    return ScannerFinding("GS", value, Mark.PROBLEM, cure)


def _behind(match: _Match) -> Iterator[ScannerFinding]:
    if match.after:
        cure = "Switch off what the scanner adds behind a code, but for CR (Enter)."
        yield ScannerFinding("Behind it", key_names(match.after), Mark.PROBLEM, cure)


def _keys(arrival: Arrival, match: _Match | None) -> Iterator[ScannerFinding]:
    if digits := arrival.alt_digits:
        cure = "Switch the scanner's ALT mode off (also called Alt code, keypad or universal emulation)."
        yield ScannerFinding("Keys", f"Alt with the digits {digits[:12]}…", Mark.PROBLEM, cure)
    elif arrival.keys and not arrival.is_paste:
        stands_for_gs = match is not None and match.between != GS and match.between in arrival.text
        if not (stands_for_gs and arrival.characters == arrival.text.replace(match.between if match else "", "")):
            cure = "Switch function keys and control keys off in the scanner: a scan with them is refused."
            yield ScannerFinding("Keys", f"not only characters: {' '.join(arrival.keys)}", Mark.PROBLEM, cure)
    elif arrival.is_paste:
        yield ScannerFinding("Keys", "it came as a paste: suffix and speed cannot be seen", Mark.NOTE)


def _bytes(arrival: Arrival) -> Iterator[ScannerFinding]:
    if lost := arrival.foreign_bytes:
        shown = f"{lost[:8].hex(' ').upper()} ({lost[:8].decode('latin-1')} in Latin-1)"
        cure = "Set terminal and host to UTF-8 (in PuTTY: Window, Translation)."
        yield ScannerFinding("Bytes", f"not UTF-8: {shown}", Mark.PROBLEM, cure)


def _suffix(arrival: Arrival) -> ScannerFinding:
    if arrival.is_paste:
        return ScannerFinding("Suffix", "not known behind a paste", Mark.NOTE)
    if not arrival.end:
        return ScannerFinding("Suffix", "none", Mark.PROBLEM, "Set the scanner's suffix to CR (Enter).")
    return ScannerFinding("Suffix", _ENDS[arrival.end])


def _speed(arrival: Arrival) -> Iterator[ScannerFinding]:
    count = len(arrival.characters)
    if arrival.is_paste or count < 2:
        return
    gap = arrival.seconds / (count - (not arrival.end))  # the suffix adds one interval
    value = f"{count} characters in {arrival.seconds * 1000:.0f} ms, one each {gap * 1000:.1f} ms"
    if gap <= SLOW:
        yield ScannerFinding("Speed", value)
    else:
        cure = f"Beyond {SLOW * 1000:.0f} ms a scan passes for typing: let the scanner wait less between characters."
        yield ScannerFinding("Speed", value, Mark.NOTE, cure)
