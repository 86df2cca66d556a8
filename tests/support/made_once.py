"""What `check` compares a database with, made once a process: two thirds of the time of a check of a small database.

The migrations make the same tables in every database of an engine. The first check of a process makes them, as the
program does at each; `made_anew` lets a test do the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from models.check import definitions, structure
from models.check.definitions import ExpectedDefinitions
from models.schema import is_sqlite

_make_definitions = definitions.expected
_make_structure = structure.expected

_made: dict[bool, ExpectedDefinitions] = {}
"""By whether it is SQLite; a run of the tests has one server."""


def make_once() -> None:
    """Let the checks of this process share what the first one makes."""
    definitions.expected = _definitions
    structure.expected = cache(_make_structure)


@contextmanager
def made_anew() -> Iterator[None]:
    """Let each check in the block make them."""
    shared = definitions.expected, structure.expected
    definitions.expected, structure.expected = _make_definitions, _make_structure
    try:
        yield
    finally:
        definitions.expected, structure.expected = shared


def _definitions(database: Any) -> ExpectedDefinitions:
    if is_sqlite() not in _made:
        _made[is_sqlite()] = _make_definitions(database)
    return _made[is_sqlite()]
