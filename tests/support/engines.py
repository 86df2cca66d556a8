"""On which databases a test runs, where it is not what its folder says.

`tests/models` runs on both. Screens and journeys run on SQLite: what they show comes from `models`, whose tests have
seen it on both. One test of each screen that reads by SQL of its own is marked `BOTH_ENGINES`, and so is what is about
the engine.
"""

from __future__ import annotations

from typing import Final

import pytest

ENGINES: Final = ("sqlite", "postgresql")

BOTH_ENGINES = pytest.mark.parametrize("engine", ENGINES, indirect=True)
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
