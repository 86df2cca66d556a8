"""Many sentences to read through, of which only those in sight are wrapped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.support.record_app import lines
from tui.kit.pager import MORE_ABOVE, MORE_BELOW, Pager


class PagerApp(App[None]):
    """A pager and nothing else."""

    def compose(self) -> ComposeResult:
        yield Pager()

    def on_mount(self) -> None:
        self.query_one(Pager).focus()


@asynccontextmanager
async def paging(*sentences: str, size: tuple[int, int] = (30, 6)) -> AsyncIterator[Pilot[Any]]:
    app = PagerApp()
    async with app.run_test(size=size) as pilot:
        app.query_one(Pager).fill(sentences)
        await pilot.pause()
        yield pilot


def rows(pilot: Pilot[Any]) -> list[str]:
    return [line.rstrip() for line in lines(pilot.app)]


async def test_arrows_and_pages_move_by_rows_and_stop_at_both_ends() -> None:
    async with paging("Already here: 20", *(f"  S-{number}" for number in range(20))) as pilot:
        assert rows(pilot)[0] == "Already here: 20"
        assert rows(pilot)[-1].split() == ["S-4", MORE_BELOW]
        await pilot.press("up", "pageup")
        assert rows(pilot)[0] == "Already here: 20"
        await pilot.press("down")
        assert rows(pilot)[0].split() == ["S-0", MORE_ABOVE]
        await pilot.press("pagedown")
        assert rows(pilot)[0].split() == ["S-5", MORE_ABOVE]
        await pilot.press(*["pagedown"] * 9)
        assert [row.split()[0] for row in rows(pilot)] == [f"S-{number}" for number in range(14, 20)]
        assert MORE_BELOW not in "".join(rows(pilot))
        await pilot.press("home")
        assert rows(pilot)[0] == "Already here: 20"
        await pilot.press("end", "up")
        assert rows(pilot)[-1].split() == ["S-18", MORE_BELOW]


async def test_a_long_sentence_is_wrapped_under_its_heading_and_read_row_by_row() -> None:
    async with paging("Bad: 1", "  " + "word " * 40, size=(20, 3)) as pilot:
        assert rows(pilot)[1] == "  word word word"
        seen = [rows(pilot)[1]]
        while MORE_BELOW in rows(pilot)[-1]:
            await pilot.press("down")
            seen.append(rows(pilot)[1])
        assert " ".join([*seen, rows(pilot)[2]]).count("word") == 40


async def test_what_fits_has_no_signs_and_does_not_move() -> None:
    async with paging("One.", "Two.") as pilot:
        for key in ("down", "end", "pagedown", "up", "home"):
            await pilot.press(key)
            assert rows(pilot) == ["One.", "Two.", "", "", "", ""]


async def test_an_empty_one_stays_empty() -> None:
    async with paging() as pilot:
        await pilot.press("end", "down", "pageup", "home")
        assert rows(pilot) == [""] * 6


async def test_another_size_wraps_anew_and_keeps_the_sentence_at_the_top() -> None:
    async with paging(*(f"Sentence {number} is rather long" for number in range(30)), size=(16, 6)) as pilot:
        await pilot.press(*["down"] * 20)
        top = int("".join(rows(pilot)[0:2]).split("Sentence ")[1].split()[0])
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert rows(pilot)[0].startswith(f"Sentence {top} is rather long")


async def test_only_what_is_seen_is_kept_of_a_hundred_thousand() -> None:
    async with paging(*(f"Sentence {number}" for number in range(100_000))) as pilot:
        await pilot.press(*["pagedown"] * 60, "end", *["pageup"] * 60)
        assert len(pilot.app.query_one(Pager)._wrapped) < 100


async def test_any_text_is_shown_as_it_is() -> None:
    async with paging("[red]A[/foo]\x1b[2J\x1dB") as pilot:
        assert rows(pilot)[0] == "[red]A[/foo]␛[2J␝B"
