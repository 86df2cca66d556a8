"""An empty database of each engine, for measuring without a screen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.database.connection import connect, disconnect, open_database
from models.migrations import migrate
from tests.support.postgres import PostgresServer


@contextmanager
def both() -> Iterator[list[tuple[str, str]]]:
    """Name and address of an empty database of each engine."""
    server = PostgresServer.start("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on")
    try:
        with tempfile.TemporaryDirectory() as folder, server.database("bench") as url:
            yield [("SQLite", str(Path(folder) / "bench.sqlite3")), ("PostgreSQL", url)]
    finally:
        server.stop()


@contextmanager
def migrated(url: str) -> Iterator[Any]:
    """The database at an address, made and connected."""
    database: Any = open_database(url)
    migrate(database)
    connect(database)
    try:
        yield database
    finally:
        disconnect(database)
