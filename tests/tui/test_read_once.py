"""What tests read of a screen is what it shows now, though it is read once for each change only."""

from __future__ import annotations

from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.support.record_app import lines, until


class Wall(App[None]):
    """Twenty lines, of which eight are in sight."""

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for number in range(20):
                yield Static(f"line {number}")


class Before(ModalScreen[None]):
    """A screen through which another one is seen."""

    def compose(self) -> ComposeResult:
        yield Static("in front")


async def test_each_kind_of_change_is_seen_and_nothing_is_drawn_again_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Any] = []
    render = Compositor.render_strips

    def counted(compositor: Compositor, *args: Any) -> Any:
        drawn.append(compositor)
        return render(compositor, *args)

    monkeypatch.setattr(Compositor, "render_strips", counted)
    app = Wall()

    async def sees(*texts: str) -> None:
        await until(pilot, lambda: [line.split("  ")[0] for line in lines(app) if line][: len(texts)] == list(texts))

    async with app.run_test(size=(20, 8)) as pilot:
        wall = app.query_one(VerticalScroll)
        await sees("line 0", "line 1")
        lines(app)  # what the first drawing brought about is over
        many = len(drawn)
        assert lines(app) == lines(app)
        assert len(drawn) == many
        wall.query(Static)[0].update("another")
        await sees("another", "line 1")
        wall.query(Static)[0].display = False
        await sees("line 1", "line 2")
        wall.query(Static)[1].styles.visibility = "hidden"
        await sees("line 2", "line 3")
        await wall.query(Static)[1].remove()
        await sees("line 2", "line 3")
        wall.scroll_to(y=2, animate=False)
        await sees("line 4", "line 5")
        wall.border_title = "title"
        wall.styles.border = ("ascii", "red")
        await until(pilot, lambda: lines(app)[0].startswith("+- title"))
        wall.border_title = "another title"
        await until(pilot, lambda: lines(app)[0].startswith("+- another"))
        await pilot.resize_terminal(20, 4)
        await until(pilot, lambda: len(lines(app)) == 4)
        await app.push_screen(Before())
        await sees("in front")
        wall.query(Static)[2].update("seen behind")
        app.pop_screen()
        await until(pilot, lambda: "seen behind" in "".join(lines(app)) or wall.scroll_y)
        wall.query(Static).first().remove()
        await until(pilot, lambda: "line 2" not in "".join(lines(app)))
