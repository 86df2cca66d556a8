"""What tests at the terminal share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.commands import Commands
from tests.support.warehouse import laptops

Contents = Callable[[], object] | None


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: SQLite, unless a test is marked `BOTH_ENGINES`."""
    return str(request.param)


@pytest.fixture
def commands(migrated_url: str, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on a migrated database."""
    return Commands(migrated_url, capsys)


@pytest.fixture
def contents(contents: Contents, request: pytest.FixtureRequest) -> Contents:
    """What fills a database before a test gets its copy of it."""
    return contents or (laptops if "stock" in request.fixturenames else None)


@pytest.fixture
def stock(commands: Commands) -> str:
    """The address of a warehouse: LAP-14, 10 on hand at SHELF, with Track Serials; DOCK is another location."""
    return commands.url
