"""What all tests share: the databases, the usual warehouse, and nothing of the person who runs them.

A test in `tests/models` that uses `database_url`, `migrated_url`, `database` or `warehouse` runs on both engines, one
of a screen or a terminal on SQLite; `tests/support/engines.py` has the marks for those that differ.

A migrated database is a copy of one that was migrated once, and so is the usual warehouse in it. A module that needs
more in the warehouse has a fixture of the same name that adds to it.

The PostgreSQL server is started once a run: by the xdist controller, which tells its workers the socket, or
without xdist (`-n 0`) after collection, if a test asks for the fixture `engine` or `postgres`.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.support")

from tests.support.engines import ENGINES  # noqa: E402 - its asserts are rewritten from here on
from tests.support.postgres import PostgresServer  # noqa: E402
from tests.support.postgres_keeper import PostgresUnavailableError  # noqa: E402

settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("local")

SETTINGS_OF_THE_CALLER = ("SERIALDOCK_", "TEXTUAL_", "XDG_", "PG")
"""Environment variables that would change what a test sees begin so; $PG_BIN is for the tests and stays."""

SETTINGS_OF_THE_TERMINAL = ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR")

_server = pytest.StashKey[PostgresServer]()


def pytest_configure(config: pytest.Config) -> None:
    """Forget the caller's settings before anything that reads them is imported."""
    for name in list(os.environ):
        theirs = name.startswith(SETTINGS_OF_THE_CALLER) or name in SETTINGS_OF_THE_TERMINAL
        if theirs and name != "PG_BIN":
            del os.environ[name]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server before the xdist controller starts its workers."""
    if session.config.pluginmanager.hasplugin("dsession"):
        _start_server(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers a processor: a test of a screen waits more than half of its time."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)  # xdist's, in the controller, once for each worker
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_socket"] = str(node.config.stash[_server].socket)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Reach the controller's server in a worker; without xdist start one, if a test needs it."""
    # All tests and their modules stay to the end: without them a full collection takes a tenth of the time.
    gc.collect()
    gc.freeze()
    told = getattr(session.config, "workerinput", {}).get("postgres_socket")
    if told:
        session.config.stash[_server] = PostgresServer(Path(told))
        return
    needed = any({"engine", "postgres"} & set(getattr(item, "fixturenames", ())) for item in session.items)
    if needed and not session.config.option.collectonly:
        _start_server(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_server, None):
        server.stop()


def _start_server(config: pytest.Config) -> None:
    try:
        config.stash[_server] = PostgresServer.start()
    except PostgresUnavailableError as problem:
        raise pytest.UsageError(str(problem)) from None  # ends the run with this sentence and nothing else


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the person's files: home, configuration, data and state are new and empty."""
    home = tmp_path / ".home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """The run's PostgreSQL server."""
    return pytestconfig.stash[_server]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine under test; ask for it to run a test on every engine."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, tmp_path: Path, worker_id: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without tables; on SQLite the file is not there yet."""
    if engine == "sqlite":
        yield _sqlite_url(tmp_path / "stock.sqlite3")
    else:
        with request.getfixturevalue("postgres").database(f"empty_{worker_id}") as url:
            yield url


@pytest.fixture
def migrated_url(engine: str, tmp_path: Path, worker_id: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database as Serialdock's migrations leave it, with the usual warehouse for who asks for it."""
    stocked = "stocked_" if "warehouse" in request.fixturenames else ""
    template = request.getfixturevalue(f"{stocked}{engine}_template")
    if engine == "sqlite":
        file = tmp_path / "stock.sqlite3"
        shutil.copyfile(template, file)
        yield _sqlite_url(file)
    else:
        with request.getfixturevalue("postgres").database(f"stock_{worker_id}", template) as url:
            yield url


@pytest.fixture
def database(migrated_url: str) -> Iterator[Any]:
    """The models bound to a migrated database and connected, as the program has them."""
    with _connected(migrated_url) as opened:
        yield opened


@pytest.fixture
def warehouse(database: Any) -> Any:
    """The usual warehouse, which the database was copied with."""
    from tests.support.warehouse import open_warehouse

    return open_warehouse()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    return _sqlite_file(tmp_path_factory.mktemp("template") / "template.sqlite3", _migrate)


@pytest.fixture(scope="session")
def stocked_sqlite_template(sqlite_template: Path) -> Path:
    """A migrated SQLite file with the usual warehouse, to be copied."""
    file = sqlite_template.with_name("stocked.sqlite3")
    shutil.copyfile(sqlite_template, file)
    return _sqlite_file(file, _stock)


@pytest.fixture(scope="session")
def postgresql_template(postgres: PostgresServer, worker_id: str) -> str:
    """The name of a migrated PostgreSQL database, to be copied; each worker makes its own."""
    return postgres.template(f"template_{worker_id}", _migrate)


@pytest.fixture(scope="session")
def stocked_postgresql_template(postgres: PostgresServer, postgresql_template: str, worker_id: str) -> str:
    """The name of a migrated PostgreSQL database with the usual warehouse, to be copied."""
    return postgres.template(f"stocked_{worker_id}", _stock, postgresql_template)


def _sqlite_file(file: Path, fill: Callable[[str], None]) -> Path:
    fill(_sqlite_url(file))
    # Closing the last connection folds the write-ahead log into the file, which then is all there is.
    assert not file.with_name(f"{file.name}-wal").exists()
    return file


def _sqlite_url(file: Path) -> str:
    return f"sqlite:///{quote(str(file))}"


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    from models.database.connection import connect, disconnect, open_database

    database = open_database(url)
    connect(database)
    try:
        yield database
    finally:
        disconnect(database)


def _migrate(url: str) -> None:
    from models.migrations import migrate

    with _connected(url) as database:
        migrate(database)


def _stock(url: str) -> None:
    from tests.support.warehouse import open_warehouse

    with _connected(url):
        open_warehouse()
