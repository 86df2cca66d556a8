"""Textual's hello world, the least that an app can cost."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """Says it and waits."""

    def compose(self) -> ComposeResult:
        yield Static("hello, world")


if __name__ == "__main__":
    Hello().run()
