"""Check that a screen has loaded every style sheet with a rule for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from textual.app import App
from textual.css.match import match
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

import tui
from tui.kit.app import TerminalApp

SHEETS = sorted(Path(tui.__path__[0]).rglob("*.tcss"))

_seen: set[tuple[type[Screen[Any]], frozenset[str]]] = set()


def lacks_no_style(app: App[Any]) -> None:
    """Fail if a style sheet that is not loaded has a rule for a widget of the current screen.

    Each screen class is checked once per set of size classes.
    """
    screen = app.screen
    look = (type(screen), frozenset(screen.classes))
    if not isinstance(app, TerminalApp) or look in _seen:
        return
    _seen.add(look)
    read = {path for path, _ in app.stylesheet.source}
    nodes = [(node, node._selector_names) for node in screen.walk_children(with_self=True)]
    names = set().union(*(own for _, own in nodes))
    variables = tuple(sorted(app.get_css_variables().items()))
    lacking = [
        f"{sheet.stem}.tcss: {rule.selectors}"
        for sheet in SHEETS
        if str(sheet) not in read
        for rule in _rules(sheet, variables)
        if not rule.selector_names.isdisjoint(names)
        and any(not rule.selector_names.isdisjoint(own) and match(rule.selector_set, node) for node, own in nodes)
    ]
    assert lacking == [], (
        f"{lacking}: {type(screen).__name__} has not read its styles; name their rooms in its CSS_PATH"
    )


@cache
def _rules(file: Path, variables: tuple[tuple[str, str], ...]) -> list[RuleSet]:
    sheet = Stylesheet(variables=dict(variables))
    sheet.read(file)
    return sheet.rules
