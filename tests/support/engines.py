"""Marks for tests that run on other databases than the default of their folder.

`tests/models` runs on both engines. Screens and journeys run on SQLite: their data comes from `models`, which is tested
on both. `BOTH_ENGINES` marks one test of each screen with SQL of its own, and tests about the engine.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

ENGINES: Final = ("sqlite", "postgresql")

BOTH_ENGINES = pytest.mark.parametrize("engine", ENGINES, indirect=True)
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

UNUSUAL: Final = {
    "datestyle": "'German, DMY'",
    "timezone": "'Asia/Kathmandu'",
    "client_encoding": "'latin1'",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "intervalstyle": "postgres_verbose",
    "extra_float_digits": "-15",
    "default_transaction_isolation": "'serializable'",
    "quote_all_identifiers": "on",
    "transform_null_equals": "on",
}
"""Settings of a server that are seldom otherwise, and then for other programs."""


def make_unusual(session: Any, name: str) -> None:
    """Give a database of PostgreSQL all `UNUSUAL` settings, for those who connect from now on."""
    for setting, value in UNUSUAL.items():
        session.execute(f'ALTER DATABASE "{name}" SET {setting} = {value}')
