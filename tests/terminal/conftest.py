"""What tests at the terminal share."""

from __future__ import annotations

import pytest

from tests.support.commands import Commands


@pytest.fixture
def commands(migrated_url: str, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on a migrated database, on every engine."""
    return Commands(migrated_url, capsys)
