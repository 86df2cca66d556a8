"""What tests at the terminal share."""

from __future__ import annotations

import pytest

from tests.support.commands import Commands


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: SQLite, unless a test is marked `BOTH_ENGINES`."""
    return str(request.param)


@pytest.fixture
def commands(migrated_url: str, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on a migrated database."""
    return Commands(migrated_url, capsys)


@pytest.fixture
def stock(commands: Commands) -> str:
    """The address of a warehouse: LAP-14, 10 on hand at SHELF, with Track Serials; DOCK is another location."""
    commands.good("location", "add", "SHELF", "Laptops, shelf 3")
    commands.good("location", "add", "DOCK", "Loading dock")
    commands.good(
        "item", "add", "LAP-14", "Laptop 14 inch", "--location", "SHELF", "--on-hand", "10", "--track-serials"
    )
    return commands.url
