"""Marks for tests that run on other databases than the default of their folder.

`tests/models` runs on both engines. Screens and journeys run on SQLite: their data comes from `models`, which is tested
on both. `BOTH_ENGINES` marks one test of each screen with SQL of its own, and tests about the engine.
"""

from __future__ import annotations

from typing import Final

import pytest

ENGINES: Final = ("sqlite", "postgresql")

BOTH_ENGINES = pytest.mark.parametrize("engine", ENGINES, indirect=True)
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
