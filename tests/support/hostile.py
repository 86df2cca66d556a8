"""Hostile texts, which crash, mislead or control other apps, and checks that an app only displayed them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from textual.app import App

from tests.support.record_app import lines, strips
from tests.support.recording import RecordingDriver, data_sent_by

HOSTILE = {
    "a closing tag": "SN[/foo]1",
    "an action": "[@click=app.exit]x[/]",
    "control characters": (
        "e\x1b[7777z\x1b]0;owned\x07\x1bP1$r\x1b\\ \x1bc c\x9b7777z\x9d0;owned\x9c\x90q\x9c\x85\x8e "
        "a\rb\nc\td\x08e\x7ff\x1fg"
    ),
    "what nobody sees": (
        "b\u202egnp.exe\u202c\u2066l\u2069\u200f\u061c zero\u200bwidth\u200d\ufeff\u00ad\u2028\u2029 "
        "p\ue000\U000f0000\u0378\U000e0041\u3164\u115f\ufe0f"
    ),
    "marks, wide letters and length": (
        "\u65e5\u672c\u8a9e \U0001f469\u200d\U0001f4bb \uff76\uff9e z" + "\u0301" * 500 + " \u0301leading " + "L" * 3000
    ),
}
"""Texts that must only be displayed, by kind; none has a character that a database cannot store."""

BELL = "\x07"
"""The app itself sends this alone to signal a problem."""

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def nothing_acts(app: App[Any]) -> None:
    """Assert that no text on the screen became a clickable action."""
    for strip in strips(app):
        for segment in strip:
            assert "@click" not in (segment.style.meta if segment.style else {}), lines(app)


def sent_harmlessly(app: App[Any], *texts: str) -> bool:
    """Assert that an app with a RecordingDriver sent no control sequence of these texts to its terminal."""
    driver = app._driver
    assert isinstance(driver, RecordingDriver)
    driver.sent = [piece for piece in driver.sent if piece != BELL]
    raw = "".join(driver.sent)
    assert [piece for text in texts for piece in dangerous(text) if piece in raw] == []
    assert {character for character in data_sent_by(app) if unicodedata.category(character) in HIDDEN} == set()
    return True


def dangerous(text: str) -> Iterator[str]:
    """Each control or format character of a text, with the four characters after it."""
    for place, character in enumerate(text):
        if unicodedata.category(character) in HIDDEN:
            yield text[place : place + 5]
