"""What tests of screens share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: SQLite, unless a test is marked `BOTH_ENGINES`."""
    return str(request.param)
