"""What tests of screens share."""

from __future__ import annotations

import pytest

from tests.support.burst import tell_the_time_of_keys, wait_long_for_screens
from tests.support.idle import draw_when_idle, note_questions
from tests.support.looking import look_when_asked
from tests.support.parsed_styles import parse_styles_once
from tests.support.read_once import note_changes


@pytest.fixture(scope="session", autouse=True)
def _apps_are_cheap_and_patient() -> None:
    parse_styles_once()
    wait_long_for_screens()
    tell_the_time_of_keys()
    draw_when_idle()
    note_questions()
    look_when_asked()
    note_changes()


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: SQLite, unless a test is marked `BOTH_ENGINES`."""
    return str(request.param)
