"""What is a scan: ends x kinds x widths in every place, on the listener alone, with times that are given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from tests.support.cases import each
from tui.scanning.bursts import MAX_LENGTH, SCANNER_LENGTH, SHORT_LENGTH, UNFINISHED_AFTER, BurstFault
from tui.scanning.listener import (
    EmptyEnd,
    KeyAdded,
    KeyTarget,
    Listener,
    LoneEnd,
    Part,
    Refused,
    Repeated,
    Scanned,
    Unfinished,
    UsedUp,
)
from tui.terminal.key_parser import KeyParser
from tui.terminal.scanner_keys import SEPARATORS, character_of

ROOT = Path(__file__).parents[2]

LINE, SCREEN = KeyTarget.LINE, KeyTarget.SCREEN
FAST, SLOW = 0.001, 0.15
"""Seconds between two keys of a scanner, and of a hand."""

KEYS = {"CR": ["enter"], "LF": ["ctrl+j"], "CRLF": ["enter", "ctrl+j"], "TAB": ["tab"]}
NAMES = {separator: key for key, separator in SEPARATORS.items()}

ENDS = each("end", KEYS)
WIDTHS = each("width", [1, 5, 6, 7, 20, 64, 300])
COMMANDS = ["f3", "up", "home", "ctrl+a", "ctrl+p", "ctrl+u", "escape", "alt+a", "backspace", "left"]
FIELDS = each("least", [SHORT_LENGTH, SCANNER_LENGTH])
"""Fields that expect scans, and fields into which people type."""


class Somewhere:
    """A place that gives its keys to a listener, and keeps the text that goes into it."""

    def __init__(self, place: KeyTarget, least: int = SHORT_LENGTH, *, ends_are_one: bool = True) -> None:
        self.text = ""
        self.now = 1000.0
        self.heard: list[Any] = []
        """What became of each key; None where it did what it always does."""
        line = (lambda: self.text) if place is LINE else None
        self.listener: Listener[str] = Listener(
            place,
            lambda: self.text,
            line=line,
            standing=lambda: self.text,
            least=lambda: least,
            ends_are_one=ends_are_one,
        )

    def press(self, keys: Iterable[str], gap: float) -> list[Any]:
        """Press keys so many seconds apart; what became of each."""
        heard = []
        for key in keys:
            self.now += gap
            name = NAMES.get(key, key)
            character = key if len(key) == 1 and key == name else None
            heard.append(self.listener.take(name, character, self.now))
            if (character and heard[-1] is None) or isinstance(heard[-1], KeyAdded):
                self.text += key
            elif isinstance(heard[-1], Scanned | Refused | Repeated | EmptyEnd) and self.listener._line:
                self.text = ""
        self.heard += heard
        return heard

    def scan(self, keys: Iterable[str]) -> list[Any]:
        return self.press(keys, FAST)

    def type(self, keys: Iterable[str]) -> list[Any]:
        return self.press(keys, SLOW)

    def paste(self, text: str) -> list[Any]:
        self.now += SLOW
        heard = []
        for event in self.listener.paste(text, self.now):
            if isinstance(event, KeyAdded):
                self.text += event.text
            elif isinstance(event, UsedUp):
                pass
            else:
                heard.append(event)
                self.text = ""
        return heard

    @property
    def scans(self) -> list[str]:
        return [event.text for event in self.heard if isinstance(event, Scanned)]


def code(width: int) -> str:
    """A code of so many characters, no two of which are alike for long."""
    return "".join(f"{number:X}" for number in range(1, width + 1))[:width]


def with_in_middle(width: int, character: str) -> str:
    text = code(width)
    return text[: width // 2] + character + text[width // 2 + 1 :]


def one_end(heard: list[Any]) -> Any:
    """What becomes of an end; the second half of CRLF is never anything."""
    first, *rest = heard
    assert rest in ([], [UsedUp()])
    return first


# ----- a scan line: every line is a scan


@ENDS
@WIDTHS
@each("kind", ["plain", "GS"])
def test_on_a_line_a_scan_is_taken_whole_whatever_ends_it(kind: str, width: int, end: str) -> None:
    place = Somewhere(LINE)
    text = code(width) if kind == "plain" else with_in_middle(width, "\x1d")
    began = place.now + FAST
    assert place.scan(text) == [KeyAdded(character) for character in text]
    ended = one_end(place.scan(KEYS[end]))
    assert isinstance(ended, Scanned)
    assert (ended.text, ended.how, ended.in_burst) == (text, "scanned" if width >= 6 else "typed", width > 1)
    assert ended.span == (pytest.approx(began), pytest.approx(began + width * FAST), KEYS[end][0])
    assert place.text == ""


@ENDS
@WIDTHS
def test_on_a_line_what_is_typed_is_taken_too_and_tab_moves_on(width: int, end: str) -> None:
    place = Somewhere(LINE)
    place.type(code(width))
    ended = one_end(place.type(KEYS[end]))
    if end == "TAB":
        assert (ended, place.text) == (None, code(width))
    else:
        assert ended[:2] == (code(width), "typed")
        assert not ended.in_burst


@each("end", ["\n", "\r", "\r\n"])
@WIDTHS
def test_on_a_line_every_line_of_a_paste_is_a_scan_and_the_last_one_waits(width: int, end: str) -> None:
    place = Somewhere(LINE)
    lines = [f"{code(width)}{number}" for number in range(30)]
    heard = place.paste(end.join([*lines, lines[-1], "", "  ", "rest"]))
    assert [(event.text, event.how) for event in heard[:31]] == [(line, "pasted") for line in [*lines, lines[-1]]]
    assert [event.counts for event in heard[31:]] == [False, False]
    assert place.text == "rest"
    assert place.type(["enter"])[0][:2] == ("rest", "pasted")


@ENDS
@WIDTHS
def test_on_a_line_a_scan_goes_on_behind_what_was_typed(width: int, end: str) -> None:
    place = Somewhere(LINE)
    place.type("xy")
    place.now += 0.5
    place.scan(code(width))
    ended = one_end(place.scan(KEYS[end]))
    if end == "TAB" and width == 1:
        assert (ended, place.text) == (None, "xy1")  # typing, as far as anybody can tell
    else:
        assert (ended.text, ended.in_burst) == (f"xy{code(width)}", width > 1)


@ENDS
@each("old", ["typed", "pasted", "unfinished"])
def test_on_a_line_a_scan_behind_a_text_that_stands_there_is_refused_and_the_text_stays(old: str, end: str) -> None:
    place = Somewhere(LINE)
    {"typed": place.type, "pasted": place.paste, "unfinished": place.scan}[old]("SN0009")
    place.now += 2.5
    place.scan("SN0001")
    ended = one_end(place.scan(KEYS[end]))
    assert ended == Refused("SN0001", BurstFault.BEHIND_TEXT, ended.span, True, "SN0009")


@ENDS
def test_on_a_line_a_burst_behind_several_typed_characters_is_no_part_of_them(end: str) -> None:
    place = Somewhere(LINE)
    place.type("xyz")
    place.now += 0.2
    place.scan("SN0001")
    ended = one_end(place.scan(KEYS[end]))
    assert ended == Refused("SN0001", BurstFault.BEHIND_TEXT, ended.span, True, "xyz")


@ENDS
@WIDTHS
def test_on_a_line_a_command_inside_a_burst_does_nothing_and_the_line_is_refused(width: int, end: str) -> None:
    place = Somewhere(LINE)
    for number, command in enumerate(COMMANDS):
        place.scan(code(width))
        assert place.scan([command, command]) == [UsedUp(), UsedUp()]
        assert place.listener.trouble is BurstFault.CONTROL_KEYS
        place.scan("9")
        assert one_end(place.scan(KEYS[end]))[:2] == (f"{code(width)}9", BurstFault.CONTROL_KEYS)
        place.scan(f"NEXT0{number}")
        assert one_end(place.scan(KEYS[end])).text == f"NEXT0{number}"


@WIDTHS
def test_on_a_line_an_unfinished_scan_is_told_after_a_while_and_waits_for_ever(width: int) -> None:
    place = Somewhere(LINE)
    place.scan(code(width))
    assert place.listener.unfinished(UNFINISHED_AFTER - 0.01) is None
    told = Unfinished(code(width)) if width >= 6 else None
    assert place.listener.unfinished(UNFINISHED_AFTER) == told
    place.now += 3600
    assert place.scan(["enter"])[0].text == code(width)


@ENDS
@each("more", [1, 300])
@each("is_pasted", [False, True])
def test_on_a_line_what_is_too_long_is_refused_whole(is_pasted: bool, more: int, end: str) -> None:
    place = Somewhere(LINE)
    text = code(MAX_LENGTH + more)
    if is_pasted:
        place.paste(text[:MAX_LENGTH])
        place.scan(text[MAX_LENGTH:])
    else:
        place.scan(text)
    assert one_end(place.scan(KEYS[end]))[:2] == (text[:MAX_LENGTH], BurstFault.TOO_LONG)
    place.scan("NEXT01")
    assert one_end(place.scan(KEYS[end])).text == "NEXT01"


@ENDS
@WIDTHS
def test_on_a_line_bytes_that_are_no_text_are_refused(width: int, end: str) -> None:
    place = Somewhere(LINE)
    text = with_in_middle(width, "\ufffd")
    place.scan(text)
    assert one_end(place.scan(KEYS[end]))[:2] == (text, BurstFault.UNREADABLE)


def test_on_a_line_a_paste_without_an_end_that_is_too_long_is_told_at_once() -> None:
    place = Somewhere(LINE)
    (ended,) = place.paste(code(MAX_LENGTH + 1))
    assert (ended.reason, place.text) == (BurstFault.TOO_LONG, "")
    assert place.scan([*"NEXT01", "enter"])[-1].text == "NEXT01"


@each("character", ["\t", "\x00", "\x1b", "\x7f", "\x9b"])
def test_on_a_line_what_no_barcode_holds_is_refused_and_the_next_line_taken(character: str) -> None:
    heard = Somewhere(LINE).paste(f"A{character}B\nNEXT\n")
    assert heard[0][:2] == (f"A{character}B", BurstFault.CONTROL_KEYS)
    assert heard[1][:2] == ("NEXT", "pasted")


def test_on_a_line_an_end_behind_nothing_is_told_once_and_never_behind_a_scan() -> None:
    place = Somewhere(LINE)
    assert place.scan(["enter", "enter"]) == [
        EmptyEnd(pytest.approx(1000.001)),
        EmptyEnd(pytest.approx(1000.002), False),
    ]
    assert place.type(["tab"]) == [None]
    assert place.type("   ") == [KeyAdded(" ")] * 3
    assert place.type(["enter"])[0].counts
    place.scan("SN0001")
    heard = place.scan(["enter", "enter", "ctrl+j", "tab"])
    assert [isinstance(event, EmptyEnd) and event.counts for event in heard] == [False] * 4


def test_on_a_line_the_same_code_counts_once_within_a_second() -> None:
    place = Somewhere(LINE)
    place.scan([*"SN0001", "enter", *"SN0001", "enter", *"SN0002", "enter", *"SN0001", "enter"])
    place.now += 1.5
    place.scan([*"SN0001", "enter"])
    ended = [event for event in place.heard if not isinstance(event, KeyAdded)]
    assert [(type(event), event.text[-1]) for event in ended] == [
        (Scanned, "1"), (Repeated, "1"), (Scanned, "2"), (Scanned, "1"), (Scanned, "1")
    ]  # fmt: skip


def test_on_a_line_a_scanner_in_alt_mode_is_refused_even_though_it_sends_no_text() -> None:
    place = Somewhere(LINE)
    place.scan(["alt+0", "alt+6", "alt+5"])
    assert place.scan(["enter"])[0][:2] == ("", BurstFault.CONTROL_KEYS)
    place.scan(["alt+0", "alt+6"])
    place.now += 1
    assert place.scan([*"SN0001", "enter"])[-1].text == "SN0001"


def test_on_a_line_text_right_behind_a_command_is_refused_and_after_a_rest_all_is_well() -> None:
    place = Somewhere(LINE)
    place.type(["home"])
    assert isinstance(place.scan([*"SN0001", "enter"])[-1], Refused)
    place.type(["home"])
    assert isinstance(place.type([*"SN0001", "enter"])[-1], Scanned)


def test_on_a_line_keys_at_hand_speed_edit_also_one_that_is_held_down() -> None:
    place = Somewhere(LINE)
    place.type("SN0001")
    assert place.type(["backspace", "left", "home", "ctrl+a", "ctrl+u", "f3"]) == [None] * 6
    assert place.press(["backspace", "backspace"], 0.03) == [None, None]


@each("stalled", [2, 5])
@each("stall", [0.2, 1.0, 1.9])
def test_on_a_line_a_stall_does_not_make_its_tab_move_on(stall: float, stalled: int) -> None:
    place = Somewhere(LINE)
    place.scan("SN0001"[:stalled])
    place.now += stall
    assert place.scan([*"SN0001"[stalled:], "tab"])[-1].text == "SN0001"


def test_a_line_that_nobody_shows_is_kept_by_the_listener_and_what_a_hand_typed_is_forgotten() -> None:
    listener = Listener(LINE, lambda: None)
    for number, key in enumerate("SN0001"):
        listener.take(key, key, 1 + number * FAST)
    assert listener.text == "SN0001"
    assert not listener.is_forgotten(60)
    assert listener.end(60)[:2] == ("SN0001", "scanned")
    listener.take("X", "X", 70)
    assert (listener.text, listener.is_forgotten(70.9), listener.is_forgotten(71.1)) == ("X", False, True)
    assert (listener.has_heard_since(69.9), listener.has_heard_since(70)) == (True, False)


# ----- a field that people type into


@FIELDS
@ENDS
@WIDTHS
@each("kind", ["plain", "GS", "unreadable"])
def test_in_a_field_a_burst_is_a_scan_and_what_stood_there_is_known(
    kind: str, width: int, end: str, least: int
) -> None:
    place = Somewhere(KeyTarget.TEXT, least)
    place.text = "before"
    middle = {"plain": code(width)[width // 2], "GS": "\x1d", "unreadable": "\ufffd"}[kind]
    text = with_in_middle(width, middle)
    assert set(place.scan(text)) <= {None, KeyAdded("\x1d")}
    ended = one_end(place.scan(KEYS[end]))
    if width >= least and kind == "unreadable":
        assert ended == Refused(text, BurstFault.UNREADABLE, ended.span, True, "before")
    elif width < least:
        assert ended == LoneEnd(KEYS[end][0], place.listener.last_time if end != "CRLF" else pytest.approx(ended.time))
    else:
        assert ended.parts == (Part(text, "before"),)
        assert (ended.text, ended.how, ended.in_burst) == (text, "scanned", True)


@FIELDS
@ENDS
@WIDTHS
def test_in_a_field_typing_is_no_scan_and_each_end_does_what_it_always_does(width: int, end: str, least: int) -> None:
    place = Somewhere(KeyTarget.TEXT, least)
    assert place.type(code(width)) == [None] * width
    assert one_end(place.type(KEYS[end])).key == KEYS[end][0]
    assert place.text == code(width)


@FIELDS
@ENDS
@WIDTHS
def test_in_a_field_a_paste_is_text_and_no_part_of_a_scan(width: int, end: str, least: int) -> None:
    place = Somewhere(KeyTarget.TEXT, least)
    place.scan("AB")
    assert place.paste(code(width)) == []
    ended = one_end(place.scan(KEYS[end]))
    assert ended == UsedUp() if end == "LF" else ended.key == KEYS[end][0]


@FIELDS
@ENDS
@WIDTHS
def test_in_a_field_a_scan_behind_typing_is_told_from_it(width: int, end: str, least: int) -> None:
    place = Somewhere(KeyTarget.TEXT, least)
    place.type("xy")
    place.now += 0.5
    place.scan(code(width))
    ended = one_end(place.scan(KEYS[end]))
    if width == 1:
        assert isinstance(ended, LoneEnd) or ended.text == "y1"  # one key is nobody's burst
    elif width < least:
        assert isinstance(ended, LoneEnd) or len(ended.text) >= least
    else:
        assert ended.parts[-1] == ended.behind_typing == Part(code(width), "xy")


@FIELDS
@ENDS
@WIDTHS
def test_in_a_field_a_command_inside_a_burst_does_nothing_and_the_scan_is_refused(
    width: int, end: str, least: int
) -> None:
    for command in COMMANDS:
        place = Somewhere(KeyTarget.TEXT, least)
        place.type("xyz")
        place.now += 0.5
        place.scan(code(width))
        if width == 1:
            assert place.scan([command]) == [None]  # behind a single character
            continue
        assert place.scan([command, command]) == [UsedUp(), UsedUp()]
        place.scan("9")
        ended = one_end(place.scan(KEYS[end]))
        assert ended == Refused(f"{code(width)}9", BurstFault.CONTROL_KEYS, ended.span, True, "xyz")
        place.scan("NEXT01")
        assert one_end(place.scan(KEYS[end])).text == "NEXT01"


@FIELDS
@ENDS
def test_in_a_field_a_command_at_hand_speed_acts_and_a_scan_begins_behind_it(end: str, least: int) -> None:
    for command in COMMANDS:
        place = Somewhere(KeyTarget.TEXT, least)
        place.type("AB")
        assert place.type([command]) == [None]
        place.scan("SN0001")
        assert one_end(place.scan(KEYS[end])).parts == (Part("SN0001", "AB"),)


@each("where", [KeyTarget.TEXT, SCREEN])
def test_a_dirty_burst_without_an_end_is_told_and_what_is_typed_then_is_none_of_it(where: KeyTarget) -> None:
    place = Somewhere(where)
    place.scan("SN00")
    assert place.scan(["f10"]) == [UsedUp()]
    assert place.listener.unfinished(UNFINISHED_AFTER) == Unfinished("SN00", BurstFault.CONTROL_KEYS)
    place.now += 3
    assert place.type(["enter"]) == [LoneEnd("enter", place.now)]


@WIDTHS
@each("where", [KeyTarget.TEXT, SCREEN])
def test_an_unfinished_scan_is_told_after_a_while_and_is_never_taken(where: KeyTarget, width: int) -> None:
    place = Somewhere(where)
    place.scan(code(width))
    assert place.listener.unfinished(UNFINISHED_AFTER - 0.01) is None
    assert place.listener.unfinished(UNFINISHED_AFTER) == (Unfinished(code(width)) if width >= 6 else None)
    place.now += 3600
    assert place.type(["enter"]) == [LoneEnd("enter", place.now)]
    assert place.listener.unfinished(UNFINISHED_AFTER) is None


@FIELDS
@ENDS
@each("more", [1, 300])
def test_in_a_field_what_is_too_long_is_refused_whole(more: int, end: str, least: int) -> None:
    place = Somewhere(KeyTarget.TEXT, least)
    place.text = "before"
    text = code(MAX_LENGTH + more)
    place.scan(text)
    ended = one_end(place.scan(KEYS[end]))
    assert ended == Refused(text[:MAX_LENGTH], BurstFault.TOO_LONG, ended.span, True, "before")
    place.scan("NEXT01")
    assert one_end(place.scan(KEYS[end])).parts[0].text == "NEXT01"


def test_in_a_field_a_line_feed_behind_nothing_does_nothing() -> None:
    place = Somewhere(KeyTarget.TEXT)
    assert place.scan(["ctrl+j"]) == [UsedUp()]
    place.type("abc")
    assert place.type(["ctrl+j"]) == [LoneEnd("ctrl+j", place.now)]


def test_ends_right_behind_each_other_are_one_but_in_a_form_they_may_be_typed_ahead() -> None:
    place = Somewhere(KeyTarget.TEXT)
    assert isinstance(place.scan([*"SN0001", "tab"])[-1], Scanned)
    assert place.scan(["enter", "enter"]) == [UsedUp(), UsedUp()]
    assert isinstance(place.type(["enter"])[0], LoneEnd)
    form = Somewhere(KeyTarget.TEXT, ends_are_one=False)
    assert isinstance(form.scan([*"SN0001", "enter"])[-1], Scanned)
    assert form.scan(["enter", "ctrl+j"]) == [UsedUp(), UsedUp()]
    assert [event.key for event in form.scan(["tab"]) + form.scan(["enter", "tab"])] == ["tab", "enter", "tab"]
    assert form.scan([*"SN0002", "enter", "ctrl+j"])[-1] == UsedUp()


# ----- a screen on which nothing takes text


@ENDS
@WIDTHS
@each("kind", ["plain", "GS", "leading GS"])
def test_on_a_screen_a_burst_is_a_scan_and_its_keys_do_nothing_else(kind: str, width: int, end: str) -> None:
    place = Somewhere(SCREEN)
    text = {"plain": code(width), "GS": with_in_middle(width, "\x1d"), "leading GS": "\x1d" + code(width)[1:]}[kind]
    assert place.scan(text) == [None, *(KeyAdded(character) for character in text[1:])]
    ended = one_end(place.scan(KEYS[end]))
    assert isinstance(ended, LoneEnd) if width == 1 else [part.text for part in ended.parts] == [text]
    if width > 1:
        assert place.scan(["tab", "enter", "enter"]) == [UsedUp()] * 3


@ENDS
@WIDTHS
def test_on_a_screen_single_keys_and_ends_do_what_they_do(width: int, end: str) -> None:
    place = Somewhere(SCREEN)
    assert place.type(code(width)) == [None] * width
    assert one_end(place.type(KEYS[end])).key == KEYS[end][0]
    assert place.scan([" "]) == [None]  # marks a row
    assert place.scan(["enter"])[0] == LoneEnd("enter", place.now)


@WIDTHS
@each("end", ["", "\n", "\r", "\r\n"])
def test_on_a_screen_each_pasted_line_is_a_scan(width: int, end: str) -> None:
    text = with_in_middle(width, "\x1d") if width > 1 else "A"
    assert [(event.text, event.how) for event in Somewhere(SCREEN).paste(text + end)] == [(text, "pasted")]
    assert len(Somewhere(SCREEN).paste(f"{text}\r\n\r\n  \r\n{text}{end}")) == 2
    assert Somewhere(SCREEN).paste(f"A\ufffd{text}")[0].reason is BurstFault.UNREADABLE
    assert Somewhere(SCREEN).paste("x" * (MAX_LENGTH + width))[0].reason is BurstFault.TOO_LONG


@ENDS
@WIDTHS
def test_on_a_screen_a_scan_behind_typing_is_told_from_it(width: int, end: str) -> None:
    place = Somewhere(SCREEN)
    assert place.type("xy") == [None, None]
    place.now += 0.5
    place.scan(code(width))
    ended = one_end(place.scan(KEYS[end]))
    assert ended.text == "y1" if width == 1 else ended.parts[-1].text == code(width)


@ENDS
@WIDTHS
def test_on_a_screen_a_command_inside_a_burst_does_nothing_and_the_scan_is_refused(width: int, end: str) -> None:
    for command in COMMANDS:
        place = Somewhere(SCREEN)
        place.scan(code(width))
        if width == 1:
            assert place.scan([command]) == [None]  # behind a single key, which has a use of its own
            continue
        assert place.scan([command, command]) == [UsedUp(), UsedUp()]
        assert place.scan("9") == [KeyAdded("9")]
        assert one_end(place.scan(KEYS[end]))[:2] == (f"{code(width)}9", BurstFault.CONTROL_KEYS)
        place.scan("NEXT01")
        assert one_end(place.scan(KEYS[end])).text == "NEXT01"


@ENDS
@WIDTHS
def test_on_a_screen_bytes_that_are_no_text_are_refused(width: int, end: str) -> None:
    place = Somewhere(SCREEN)
    text = with_in_middle(width, "\ufffd")
    place.scan(text)
    ended = one_end(place.scan(KEYS[end]))
    assert isinstance(ended, LoneEnd) if width == 1 else ended[:2] == (text, BurstFault.UNREADABLE)


@ENDS
@each("more", [1, 300])
def test_on_a_screen_what_is_too_long_is_refused_whole(more: int, end: str) -> None:
    place = Somewhere(SCREEN)
    text = code(MAX_LENGTH + more)
    place.scan(text)
    assert one_end(place.scan(KEYS[end]))[:2] == (text[:MAX_LENGTH], BurstFault.TOO_LONG)


def test_on_a_screen_a_scanner_in_alt_mode_presses_no_enter() -> None:
    place = Somewhere(SCREEN)
    assert place.scan(["alt+0", "alt+6", "alt+5"]) == [None, UsedUp(), UsedUp()]
    assert place.scan(["enter"])[0][:2] == ("", BurstFault.CONTROL_KEYS)


# ----- whatever comes, in whatever pieces


CASES = [json.loads(line) for line in (ROOT / "tests" / "cases" / "streams_public.jsonl").read_text().splitlines()]


def keys_of(text: str) -> list[str]:
    """What a terminal makes of some bytes, as `Somewhere.press` takes it."""
    pressed = [event for event in KeyParser().feed(text) if isinstance(event, events.Key)]
    return [character_of(event.key, event.character) or event.key for event in pressed]


PACED = [case for case in CASES if "\x1b[200~" not in str(case["chunks"])]


@each("case", PACED)
def test_published_streams_give_the_expected_scans_at_their_own_pace(case: dict[str, Any]) -> None:
    place = Somewhere(LINE)
    for wait, chunk in case["chunks"]:
        place.now += wait / 1000
        place.press(keys_of(chunk.encode("latin-1").decode("utf-8", errors="replace")), 0)
    assert place.scans == case["expect"]["scans"]


SCANS = st.lists(st.text("ABC123\x1d", min_size=6, max_size=20).filter(str.strip), min_size=1, max_size=6, unique=True)
STALLS = st.floats(0.06, 1.9)
"""Seconds for which a link may stall inside a scan."""


@settings(max_examples=300, deadline=None)
@given(SCANS, st.sampled_from(list(KEYS)), st.data())
def test_however_a_line_is_split_in_reads_its_scans_are_the_same(
    scans: list[str], end: str, data: st.DataObject
) -> None:
    for where in KeyTarget:
        place = Somewhere(where)
        for scan in scans:
            keys: list[str] = [*scan, *KEYS[end]]
            stalls = dict(data.draw(st.lists(st.tuples(st.integers(1, len(scan) - 1), STALLS), max_size=2)))
            place.now += 3
            for number, key in enumerate(keys):
                place.press([key], stalls.get(number, 0.0))
        assert place.scans == scans


PIECES = st.sampled_from(
    ["\r", "\n", "\r\n", "\t", "\x01", "\x11", "\x15", "\x1d", "\x7f", "\x1b[A", "\x1b[20~", "\ufffd"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.text("ABC123", min_size=1, max_size=8), PIECES), max_size=12))
def test_whatever_comes_in_one_read_no_scan_holds_a_part_of_another_or_anything_unreadable(pieces: list[str]) -> None:
    stream = "".join(pieces) + "\r"
    lines = [line.lstrip("\x7f") for line in stream.replace("\n", "\r").replace("\t", "\r").split("\r")]
    line, screen = Somewhere(LINE), Somewhere(SCREEN)
    line.press(keys_of(stream), 0)
    screen.press(keys_of(stream), 0)
    assert set(line.scans) <= set(lines)
    assert not [scan for scan in screen.scans if not any(one.endswith(scan) for one in lines)]  # a command may go first
    assert "\ufffd" not in "".join([*line.scans, *screen.scans])
    assert line.text == ""


def test_the_reason_of_a_refusal_is_a_sentence() -> None:
    assert [reason.sentence[-1] for reason in BurstFault] == ["."] * len(BurstFault)


def test_the_listener_needs_no_terminal() -> None:
    program = "import sys, tui.scanning.listener; print(*{'textual', 'rich'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
