"""What all tests share: the databases, the usual warehouse, and nothing of the person who runs them.

A test in `tests/models` that uses `database_url`, `migrated_url`, `database` or `warehouse` runs on both engines, one
of a screen or a terminal on SQLite; `tests/support/engines.py` has the marks for those that differ.

A migrated database is a copy of one that was migrated once, and so is the usual warehouse in it. A module that needs
more in the warehouse says in its `CONTENTS` what fills the database that is copied, or where few tests need it, has a
fixture of the same name that adds to it.

Temporary files are in memory where there is room, as the server's data are: on a disk each commit waits some
milliseconds. `--basetemp` names a folder instead; that of `.ci/run` is in memory too.

The PostgreSQL server is started once a run: by the xdist controller, which tells its workers the socket, or
without xdist (`-n 0`) after collection, if a test asks for the fixture `engine` or `postgres`.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

# Each worker would rewrite the asserts of all tests and of hypothesis anew, which takes seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from hypothesis import settings  # noqa: E402

pytest.register_assert_rewrite("tests.support")

from tests.support.engines import ENGINES  # noqa: E402 - its asserts are rewritten from here on
from tests.support.postgres import PostgresServer  # noqa: E402
from tests.support.postgres_keeper import PostgresUnavailableError, memory_for_tests  # noqa: E402

settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("local")

SETTINGS_OF_THE_CALLER = ("SERIALDOCK_", "TEXTUAL_", "XDG_", "PG")
"""Environment variables that would change what a test sees begin so; $PG_BIN is for the tests and stays."""

MOST_OBJECTS = 200_000
"""New objects, those of some screen tests, after which garbage is looked for."""

LONGEST = {
    *("test_hostile_text.py", "test_every_code.py", "test_import_hostile_text.py", "test_journey_import.py"),
    *("test_journey_life.py", "test_journey_scans.py", "test_record_screens.py", "test_private_names.py"),
}
"""Modules with single tests that take many seconds."""

SETTINGS_OF_THE_TERMINAL = ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR")

_server = pytest.StashKey[PostgresServer]()


def pytest_configure(config: pytest.Config) -> None:
    """Forget the caller's settings before anything that reads them is imported."""
    for name in list(os.environ):
        theirs = name.startswith(SETTINGS_OF_THE_CALLER) or name in SETTINGS_OF_THE_TERMINAL
        if theirs and name != "PG_BIN":
            del os.environ[name]
    if config.option.basetemp is None and (memory := memory_for_tests()):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


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
    # An app makes so many objects that Python's usual 700 cost a tenth of the time; see `pytest_runtest_logfinish`.
    gc.set_threshold(MOST_OBJECTS * 5, 20, 20)
    told = getattr(session.config, "workerinput", {}).get("postgres_socket")
    if told:
        session.config.stash[_server] = PostgresServer(Path(told))
        return
    needed = any({"engine", "postgres"} & set(getattr(item, "fixturenames", ())) for item in session.items)
    if needed and not session.config.option.collectonly:
        _start_server(session.config)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Look for garbage between two tests, when the apps of the last ones are garbage and no new one is there."""
    if gc.get_count()[0] > MOST_OBJECTS:
        gc.collect(1)


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


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> None:
    """Let the checks of databases share what they compare with."""
    from tests.support.made_once import make_once

    make_once()


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
def contents(request: pytest.FixtureRequest) -> Callable[[], object] | None:
    """What fills a connected, migrated database before a test gets its copy of it.

    A module's `CONTENTS` says what its fixtures find in the database, by their names. Such a function runs once a
    worker and engine, not once a test.
    """
    from tests.support.warehouse import open_warehouse

    by_fixture = {"warehouse": open_warehouse, **getattr(request.module, "CONTENTS", {})}
    found = [fill for fixture, fill in by_fixture.items() if fixture in request.fixturenames]
    return found[-1] if found else None


@pytest.fixture
def migrated_url(
    engine: str,
    contents: Callable[[], object] | None,
    templates: Templates,
    tmp_path: Path,
    worker_id: str,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """The address of a database as Serialdock's migrations leave it, with its `contents`."""
    if engine == "sqlite":
        file = tmp_path / "stock.sqlite3"
        shutil.copyfile(templates.file(contents), file)
        yield _sqlite_url(file)
    else:
        server = request.getfixturevalue("postgres")
        with server.database(f"stock_{worker_id}", templates.name(server, contents)) as url:
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


class Templates:
    """The migrated databases of one worker that those of its tests are copied from, by what fills them."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._folder = folder
        self._worker = worker
        self._files: dict[Callable[[], object] | None, Path] = {}
        self._names: dict[Callable[[], object] | None, str] = {}

    def file(self, fill: Callable[[], object] | None) -> Path:
        """An SQLite file."""
        if fill not in self._files:
            before = self.file(None) if fill is not None else None
            file = self._folder / f"{len(self._files)}.sqlite3"
            if before is not None:
                shutil.copyfile(before, file)
            _fill(_sqlite_url(file), fill)
            # Closing the last connection folds the write-ahead log into the file, which then is all there is.
            assert not file.with_name(f"{file.name}-wal").exists()
            self._files[fill] = file
        return self._files[fill]

    def name(self, server: PostgresServer, fill: Callable[[], object] | None) -> str:
        """The name of a PostgreSQL database."""
        if fill not in self._names:
            before = self.name(server, None) if fill is not None else "template0"
            name = f"template_{self._worker}_{len(self._names)}"
            self._names[fill] = server.template(name, lambda url: _fill(url, fill), before)
        return self._names[fill]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Templates:
    """The databases that those of tests are copied from."""
    return Templates(tmp_path_factory.mktemp("templates"), worker_id)


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


def _fill(url: str, fill: Callable[[], object] | None) -> None:
    """Migrate a database, or fill one that is migrated already."""
    from models.migrations import migrate

    with _connected(url) as database:
        if fill is None:
            migrate(database)
        else:
            fill()
