"""Style sheets parsed once a process, not once for each app and screen: a tenth of the time of a short test."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

import tui
from models.config import Config
from tui.scanner_check.app import ScannerCheckApp
from tui.themes import THEMES

_parsed: dict[frozenset[tuple[str, str]], LRUCache[Any, Any]] = {}
"""Rules by the variables of the theme; Textual's own cache ends with its style sheet."""


def parse_styles_once() -> None:
    """Let all style sheets with the same variables share what was parsed."""
    make, change = Stylesheet.__init__, Stylesheet.set_variables

    def made(sheet: Stylesheet, *args: Any, **options: Any) -> None:
        make(sheet, *args, **options)
        _share(sheet)

    def changed(sheet: Stylesheet, variables: dict[str, str]) -> None:
        sheet._parse_cache = LRUCache(1)  # Textual clears it
        change(sheet, variables)
        _share(sheet)

    # A rule's hash is its identity; Python's own says so too, without a call for each rule and each widget.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
    Stylesheet.__init__ = made  # type: ignore[method-assign]
    Stylesheet.set_variables = changed  # type: ignore[method-assign]


def parse_all_styles() -> None:
    """Parse what the apps of this process and of its forks share: all style sheets of ours and of imported widgets."""
    for theme in THEMES:
        app = copy_context().run(ScannerCheckApp, None, Config(theme=theme.name))
        sheet = Stylesheet(variables=app.get_css_variables())
        sheet.read_all(sorted(Path(tui.__path__[0]).rglob("*.tcss")))
        for kind in _subclasses(DOMNode):
            for place, css, tie_breaker, scope in kind._get_default_css(object.__new__(kind)):
                sheet.add_source(css, place, is_default_css=True, tie_breaker=tie_breaker, scope=scope)
        sheet.parse()


def _subclasses(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _share(sheet: Stylesheet) -> None:
    sheet._parse_cache = _parsed.setdefault(frozenset(sheet._variables.items()), LRUCache(1000))
