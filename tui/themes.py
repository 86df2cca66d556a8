"""Themes: two of our own and one with the terminal's colours; the styles of statuses; the style sheets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from rich.style import Style
from textual.theme import Theme

DOCK: Final = Theme(
    name="dock",
    primary="#5fafd7",
    secondary="#3a6f8f",
    accent="#ffb454",
    warning="#e5c07b",
    error="#ff6b6b",
    success="#7ec77e",
    foreground="#d8dee4",
    background="#11161c",
    surface="#161d25",
    panel="#1d2731",
    dark=True,
    variables={
        "block-cursor-background": "#2b5d7d",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-hover-background": "#1d2731",
        "rule": "#34424f",
        "quiet": "#8a97a3",
        "field": "#1f2a35",
        "field-focus": "#2a3a49",
    },
)

DAYLIGHT: Final = Theme(
    name="daylight",
    primary="#00609c",
    secondary="#4a7fa5",
    accent="#a85a00",
    warning="#8a6100",
    error="#b3261e",
    success="#1f7a33",
    foreground="#1c2228",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e9e6df",
    dark=False,
    variables={
        "block-cursor-background": "#cfe3f3",
        "block-cursor-foreground": "#0b1c2b",
        "block-cursor-text-style": "bold",
        "block-hover-background": "#edeae3",
        "rule": "#c9c4b8",
        "quiet": "#5f6870",
        "field": "#ebe8e1",
        "field-focus": "#ffffff",
    },
)

ANSI: Final = Theme(
    name="ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-text-style": "bold",
        "block-hover-background": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_default",
        "scrollbar-background": "ansi_default",
        "rule": "ansi_default",
        "quiet": "ansi_default",
        "field": "ansi_default",
        "field-focus": "ansi_default",
    },
)

THEMES: Final = (DOCK, DAYLIGHT, ANSI)
"""All themes: for a dark room, for daylight, for any terminal over SSH."""

# By names of colours, not by statuses: an administrator's own statuses choose one of these too.
_STATUS: Final[Mapping[str, Mapping[str, str]]] = {
    "dock": {
        "green": "#7ec77e",
        "blue": "#6cb6ff",
        "orange": "#ffa657",
        "red": "#ff7b72",
        "yellow": "#e3c25c",
        "purple": "#c49bf0",
        "gray": "#98a4af",
        "dark red": "#d0605c",
        "dim": "#74808a",
    },
    "daylight": {
        "green": "#1b7030",
        "blue": "#0b5cad",
        "orange": "#a34700",
        "red": "#b3261e",
        "yellow": "#7a5b00",
        "purple": "#7134a8",
        "gray": "#59636b",
        "dark red": "#7d1712",
        "dim": "#7b848b",
    },
    "ansi": {
        "green": "green",
        "blue": "bright_blue",
        "orange": "bright_red",
        "red": "bold red",
        "yellow": "yellow",
        "purple": "magenta",
        "gray": "dim",
        "dark red": "red",
        "dim": "dim",
    },
}


def status_style(theme: str, colour: str) -> Style:
    """The text style of a status in a theme.

    Args:
        theme: name of the theme in use.
        colour: the status's colour, from `models.schema.Status.colour`; unknown ones have no style.
    """
    return Style.parse(_STATUS.get(theme, _STATUS["ansi"]).get(colour, ""))


def default_theme() -> str:
    """The default theme: `ansi` over SSH and on terminals with few colours, else `dock`."""
    # Over a line every colour of 24 bits costs bytes in each cell; `ansi` has short codes.
    over_ssh = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    rich_colours = os.environ.get("COLORTERM", "") in ("truecolor", "24bit") or "256color" in os.environ.get("TERM", "")
    return "dock" if rich_colours and not over_ssh else "ansi"


def app_style_sheet() -> PurePath:
    """The style sheet that the app loads at its start, for its CSS_PATH: that of its first screen."""
    return _sheet("kit", "kit")


def style_sheets(*rooms: str) -> list[str | PurePath]:
    """The style sheets of any other screen, for its CSS_PATH: forms and dialogs first, then those of rooms.

    Args:
        *rooms: the rooms of `tui` of whose parts the screen is made, those of base classes first.
    """
    return [_sheet("kit", "forms"), *(_sheet(room, room) for room in rooms)]


def _sheet(room: str, name: str) -> PurePath:
    return Path(__file__).parent / room / f"{name}.tcss"
