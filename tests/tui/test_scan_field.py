from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.burst import burst_to_the_end
from tests.support.recording import RecordingDriver, data_sent_by
from tests.support.scan_hand import Hand, Station
from tui.scanning.bursts import MAX_LENGTH, BurstFault
from tui.scanning.scan_field import ScanField

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "streams_public.jsonl").read_text().splitlines()
]
PASTE = "\x1b[200~{}\x1b[201~"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_published_streams_give_the_expected_scans(case: dict[str, Any]) -> None:
    app = Station()
    async with app.run_test():
        for _wait, chunk in case["chunks"]:
            await burst_to_the_end(app, chunk.encode("latin-1").decode("utf-8", errors="replace"))
        assert app.scans == case["expect"]["scans"]


@pytest.mark.parametrize("end", ["<enter><ctrl+j>", "<tab>"])
async def test_four_hundred_scans_in_one_read_come_out_right(end: str) -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        scans = [f"SN{n:08}" for n in range(400)]
        await hand.scan("".join(scan + end for scan in scans))
        assert app.heard == [("scanned", scan, "scanned") for scan in scans]
        assert app.field.value == ""
        assert app.focused is app.field


async def test_a_line_tells_when_it_began_when_it_ended_and_by_which_key() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        start = hand.now
        for end in ("enter", "ctrl+j", "tab"):
            await hand.scan(f"SN0001{end[0]}<{end}>")
        await hand.scan("A<f3>B<enter>")
        await hand.paste("P1\n")
        spans = app.spans
        assert [span.end for span in spans] == ["enter", "ctrl+j", "tab", "enter", ""]
        assert [round((span.ended - span.began) * 1000) for span in spans] == [7, 7, 7, 3, 0]
        assert spans[0].began == pytest.approx(start + 0.001)
        assert not app.field.is_scanning


async def test_tab_behind_typing_moves_on_and_keeps_what_was_typed() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.press("SN0001<tab>")
        assert app.heard == []
        assert app.field.value == "SN0001"
        assert app.focused is app.query_one("#place")


async def test_an_unfinished_scan_waits_in_the_field_for_ever() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.scan("SN0001")
        hand.now += 3600
        assert (app.heard, app.field.value) == ([], "SN0001")
        await hand.press("<enter>")
        assert app.scans == ["SN0001"]


async def test_separators_of_barcodes_are_kept_and_shown_as_glyphs() -> None:
    app = Station()
    async with app.run_test():
        code = "[)>\x1e06\x1dS123\x1c\x1f\x1e\x04"
        await burst_to_the_end(app, code)
        assert app.field.render_line(0).text.startswith("[)>␞06␝S123␜␟␞␄")
        await burst_to_the_end(app, "\r")
        assert app.scans == [code]


@pytest.mark.parametrize("command", ["f3", "ctrl+u"], ids=["a key of the screen", "a key of the field"])
async def test_a_command_key_inside_a_burst_does_nothing_and_the_line_is_refused(command: str) -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.scan(f"AB<{command}>CD<{command}><enter>")
        await hand.scan("NEXT01<enter>")
        assert app.heard == [("refused", "ABCD", BurstFault.CONTROL_KEYS), ("scanned", "NEXT01", "scanned")]
        assert not app.field.has_class("-refused")


async def test_a_backspace_between_a_command_and_text_does_not_hide_the_command() -> None:
    app = Station()
    async with app.run_test():
        await burst_to_the_end(app, "\x01\x7fSN1\r")
        assert app.scans == []
        assert app.heard[-1][0] == "refused"
        await burst_to_the_end(app, "\x01\rSN2\r")
        assert app.scans == ["SN2"]


async def test_editing_keys_edit_at_hand_speed() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.press("SN12<backspace>3<home>X<right><delete><end>!<ctrl+a><delete><enter>")
        assert app.heard == [("scanned", "S13!", "typed")]
        await hand.press("abc<ctrl+u>")
        assert app.field.value == ""
        await hand.press("<f3>")
        assert app.heard[1:] == [("left",)]


async def test_enter_in_the_empty_field_is_told_once_and_never_behind_a_scan() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.press("<enter>")
        await hand.scan("<enter><enter>")
        assert app.heard == [("empty end",)]
        await hand.press("   <enter>")
        assert app.heard == [("empty end",), ("empty end",)]
        app.heard.clear()
        await hand.scan("SN0001<enter><enter><ctrl+j>")
        assert app.heard == [("scanned", "SN0001", "scanned")]


async def test_a_trigger_pulled_twice_counts_once_and_later_it_counts_again() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.scan("SN0001<enter>SN0001<enter>SN0002<enter>SN0001<enter>")
        hand.now += 1.5
        await hand.scan("SN0001<enter>")
        assert [message[:2] for message in app.heard] == [
            ("scanned", "SN0001"),
            ("repeated", "SN0001"),
            ("scanned", "SN0002"),
            ("scanned", "SN0001"),
            ("scanned", "SN0001"),
        ]


async def test_every_line_of_a_paste_is_a_scan_and_the_last_one_stays() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        lines = [f"SN{n // 2}" for n in range(30)]
        await hand.paste("\r\n".join([*lines, "rest"]))
        assert app.heard == [("scanned", line, "pasted") for line in lines]
        assert app.field.value == "rest"
        await hand.press("<enter>")
        assert app.heard[-1] == ("scanned", "rest", "pasted")


async def test_a_paste_goes_on_from_what_is_in_the_field_and_its_empty_lines_are_nothing() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.press("SN")
        await hand.paste("1\n\n  \nSN2\n")
        assert app.heard == [("scanned", "SN1", "pasted"), ("scanned", "SN2", "pasted")]


async def test_a_paste_of_the_apps_own_clipboard_is_a_paste_too() -> None:
    app = Station()
    async with app.run_test():
        app.copy_to_clipboard("SN1\nSN2")
        await Hand(app).press("<ctrl+v>")
        assert (app.scans, app.field.value) == (["SN1"], "SN2")


async def test_a_scan_that_is_too_long_is_refused_whole() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        fits = "x" * MAX_LENGTH
        await hand.paste(f"{fits}\n{fits}x\nNEXT\n")
        assert app.heard == [
            ("scanned", fits, "pasted"),
            ("refused", "", BurstFault.TOO_LONG),
            ("scanned", "NEXT", "pasted"),
        ]
        await hand.paste(fits)
        await hand.scan("1234<enter>NEXT01<enter>")
        assert app.heard[3:] == [("refused", fits, BurstFault.TOO_LONG), ("scanned", "NEXT01", "scanned")]


async def test_a_refused_number_is_offered_for_correction_and_the_next_scan_replaces_it() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        assert app.field.offer("SN0001")
        await hand.scan("SN0002<enter>")
        assert app.scans == ["SN0002"]
        assert app.field.offer("SN0001")
        await hand.press("<right>X<enter>")
        assert app.scans == ["SN0002", "SN0001X"]
        await hand.press("half")
        assert not app.field.offer("SN0001")
        assert app.field.value == "half"


async def test_coming_back_to_half_a_scan_goes_on_behind_it() -> None:
    app = Station()
    async with app.run_test():
        hand = Hand(app)
        await hand.press("SN<tab><shift+tab>1<enter>")
        assert app.scans == ["SN1"]


async def test_what_is_in_the_field_never_reaches_the_terminal_raw() -> None:
    app = Station(driver_class=RecordingDriver)
    text = "\x1b]0;x\x07\x1b[2J\u202eabc\x9b \u200b" + "a" + "\u0301" * 30

    async def paste(pilot: Any) -> None:
        await Hand(app).paste(text)
        await pilot.pause()
        app.field.cursor_position = 3
        await pilot.pause()
        app.exit()

    await app.run_async(size=(80, 10), auto_pilot=paste)
    shown = data_sent_by(app)
    assert "␛]0;x␇" in shown
    assert not set(shown) & set("\x1b\x07\u202e\x9b\u200b")


async def test_a_click_puts_the_cursor_on_the_glyph_that_was_clicked() -> None:
    app = Station()
    async with app.run_test() as pilot:
        await Hand(app).paste("a\x1d日b")
        for x, position in enumerate([0, 1, 2, 2, 3, 4]):
            await pilot.click(ScanField, offset=(x, 0))
            assert app.field.cursor_position == position
