"""What somebody sees in a plain text field."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from tests.support.record_app import lines
from tui.scanning.fields import PlainInput


class OneField(App[None]):
    CSS = "PlainInput { width: 12; border: none; padding: 0; }"

    def compose(self) -> ComposeResult:
        yield PlainInput()


async def test_typing_beyond_the_width_keeps_the_end_in_view_and_home_shows_the_beginning() -> None:
    app = OneField()
    async with app.run_test(size=(20, 3)) as pilot:
        app.query_one(PlainInput).focus()
        await pilot.press(*"ABCDEFGHIJKLMNOPQRST")
        await pilot.pause()
        assert lines(app)[0].endswith("PQRST")
        await pilot.press("home")
        await pilot.pause()
        assert lines(app)[0].startswith("ABCDEFGHIJKL")
        await pilot.press("end", *["backspace"] * 15)
        await pilot.pause()
        assert lines(app)[0] == "ABCDE"


async def test_a_typed_character_does_not_lay_the_screen_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = OneField()
    async with app.run_test(size=(20, 3)) as pilot:
        app.query_one(PlainInput).focus()
        await pilot.press("A")
        await pilot.pause()
        laid_out: list[object] = []
        refresh_layout = Screen._refresh_layout
        monkeypatch.setattr(
            Screen, "_refresh_layout", lambda *args, **named: (laid_out.append(args), refresh_layout(*args, **named))[1]
        )
        await pilot.press(*"BCDEF")
        await pilot.pause()
        assert lines(app)[0] == "ABCDEF"
        assert not laid_out
