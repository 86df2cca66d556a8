"""Opening a database: whatever is wrong with the address, one clear sentence says it, and no password is shown."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models import extras
from models.config import default_database, make_private_folder
from models.database.address import hide_passwords, is_sqlite_url, sqlite_path, without_password
from models.database.connection import (
    address,
    call,
    connect,
    disconnect,
    open_database,
)
from models.errors import Damaged, DriverMissing, Unreachable, WrongAddress
from models.extras import packages_of
from models.migrations import migrate
from models.people import sign_in
from tests.support.cases import each
from tests.support.limits import LIMIT

ROOT = Path(__file__).parents[2]


def _migrated(url: str) -> Any:
    database = open_database(url)
    connect(database)
    assert migrate(database)
    disconnect(database)
    return database


def _python(program: str, *words: str) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


# ----- files


@pytest.mark.parametrize("name", ["with blank.db", "späte Ware.sqlite3", "100%.db", "a#b.db", "it's.db", 'say "x".db'])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    database = _migrated(str(tmp_path / name))
    assert (tmp_path / name).is_file()
    assert address(database) == str(tmp_path / name)


def test_a_url_names_a_file_with_its_signs_encoded(tmp_path: Path) -> None:
    _migrated(f"sqlite:///{tmp_path}/with%20blank%3F.db")
    assert (tmp_path / "with blank?.db").is_file()


def test_a_path_may_be_relative_or_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _migrated("here.db")
    _migrated("sqlite:///there.db")
    _migrated("~/at home.db")
    assert (tmp_path / "here.db").is_file()
    assert (tmp_path / "there.db").is_file()
    assert Path("~/at home.db").expanduser().is_file()


def test_the_default_databases_folder_is_made() -> None:
    assert not default_database().parent.exists()
    _migrated(str(default_database()))
    assert default_database().is_file()


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_default_database_and_the_folders_made_for_it_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = open_database(str(default_database()))
        migrate(database)
        assert {path.name: _mode(path) for path in default_database().parent.iterdir()} == {
            "stock.sqlite3": 0o600,
            "stock.sqlite3-shm": 0o600,
            "stock.sqlite3-wal": 0o600,
        }
        disconnect(database)
        made = default_database().parent
        while made != tmp_path / ".home":
            assert _mode(made) == 0o700, made
            made = made.parent
    finally:
        os.umask(before)


def test_a_database_that_is_named_has_the_permissions_of_its_makers_umask(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        _migrated(str(tmp_path / "shared.db"))
    finally:
        os.umask(before)
    assert _mode(tmp_path / "shared.db") == 0o644


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")
    assert [_mode(tmp_path / name) for name in ("", "a", "a/b")] == [0o755, 0o700, 0o700]


@each(
    ("url", "sentence"),
    [
        ("", "An empty text names no file"),
        ("  ", "names no file"),
        (":memory:", ":memory: names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///a%00b", "names no file"),
        ("sqlite://stock.db", r"Write sqlite:///path/to/file or just the path"),
        ("sqlite:stock.db", r"Write sqlite:///path/to/file or just the path"),
        ("sqlite:///stock.db?mode=ro", "has options, which SQLite addresses do not take"),
        ("~nobody-knows-me/stock.db", "begins with a person whom this machine does not know"),
        (" host=db password=hunter2", "no path of a database file. Write a server's address as postgresql"),
        ("password = 'hunter 2' sslmode=require", "no path of a database file"),
        ("stock.db password=hunter2", "no path of a database file"),
        ("sqlite:///dbname=stock pwd=hunter2", "no path of a database file"),
        ("sqlite:host=db password=hunter2", "sqlite:host=db password=… is no database address"),
        ("sqlite:///stock.db?password=hunter2", "sqlite:///stock.db has options"),
        ("postgresql:me:hunter2@db/stock", "no path of a database file"),
        ("Postgres:/me:hunter2@db/stock", "no path of a database file"),
        ("jdbc:postgresql:me:hunter2@db/stock", "no path of a database file"),
        ("me:hunter2@db/stock", "no path of a database file"),
        ("me:a/hunter2@db/stock", "no path of a database file"),
        ("me@db:5432/stock", "no path of a database file"),
        ("file:stock.db?mode=ro", "no path of a database file"),
        (" postgresql://me:hunter2@db/stock", " postgresql://me@db/stock is no database address"),
        ("postgresql://me:12/hunter2@db/stock", "postgresql://… is no database address"),
        ("postgresql://me:hunter2", "postgresql://… is no database address"),
        ("postgresql://me:a@hunter2@db/stock", "postgresql://me@db/stock is no database address. .*@ as %40"),
        ("postgresql://db?password=a@hunter2", "postgresql://… is no database address"),
        ("host=db user=me password=hunter2", "no path of a database file. Write a server's address as postgresql"),
        ("mysql://me:hunter2@db/stock", r"mysql://me@db/stock is no database address"),
        ("postgresql://me:hunter2%zz@db/stock", r"postgresql://me@db/stock is no database address. .*@ as %40"),
        ("postgresql://me:hunter2@[::1/stock", r"postgresql://me@\[::1/stock is no database address"),
        ("postgresql://me:hun/ter2@db/stock?sslmode=%zz", "postgresql://… is no database address"),
        ("postgresql://db/stock?colour=green&password=hunter2", r"postgresql://db/stock\?colour=green is no database"),
    ],
)
def test_a_wrong_address_is_explained(url: str, sentence: str) -> None:
    with pytest.raises(WrongAddress, match=sentence) as refused:
        open_database(url)
    assert "hun" not in refused.value.message


def test_a_folder_a_pipe_and_a_missing_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is a folder, not a database file"):
        open_database(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreachable, match="is a device or a pipe, not a database file"):
        open_database(str(tmp_path / "pipe"))
    with pytest.raises(Unreachable, match=r"The folder .*nowhere does not exist, .* Make it first\."):
        open_database(str(tmp_path / "nowhere" / "stock.db"))
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match=r"cannot be opened: |does not exist"):
        open_database(str(tmp_path / "file" / "stock.db"))
    with pytest.raises(Unreachable, match="cannot be opened: File name too long"):
        open_database(str(tmp_path / ("x" * 300)))


def test_a_missing_file_is_not_made_where_it_shall_only_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"There is no database at .* or run serialdock migrate to make one"):
        open_database(str(tmp_path / "stock.db"), create=False)
    assert not (tmp_path / "stock.db").exists()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "stock.db"
    _migrated(str(file))
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\0\xff" * ((len(whole) - 100) // 2))
    database = open_database(str(file))
    with pytest.raises(Damaged, match=r"stock\.db is damaged: database disk image is malformed \(SQLITE_CORRUPT"):
        call(database, migrate, database)
    disconnect(database)


def _refusal(file: Path) -> str:
    with pytest.raises(Unreachable) as refused:
        call(open_database(str(file)), sign_in, "somebody")
    return refused.value.message


@contextmanager
def _somebody_else() -> Iterator[None]:
    """Be an ordinary account meanwhile: no permission stops the super-user."""
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(65534)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)


def test_a_file_that_this_account_may_not_open_or_write_is_named(tmp_path: Path) -> None:
    made = tmp_path / "stock.db"
    _migrated(str(made))
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder, file = Path(name), Path(name, "stock.db")
        shutil.copyfile(made, file)
        folder.chmod(0o555)
        file.chmod(0o444)
        with _somebody_else():
            assert "stock.db cannot be written. Ask your administrator for write access to it" in _refusal(file)
        file.chmod(0o000)
        with _somebody_else():
            assert "stock.db cannot be read: unable to open database file. Check the file, its" in _refusal(file)
        folder.chmod(0o000)
        with _somebody_else():
            assert "stock.db cannot be opened: Permission denied." in _refusal(file)
        folder.chmod(0o700)


# ----- servers


def test_a_server_may_be_named_in_every_way_that_libpq_takes(postgres: Any, worker_id: str) -> None:
    with postgres.database(f"ways_{worker_id}") as url:
        name = url.partition("@/")[2].partition("?")[0]
        folder = str(postgres.socket)
        ways = [
            url,
            url.replace("postgresql:", "postgres:"),
            f"postgresql:///{name}?host={folder}&user=postgres",
            f"postgresql://postgres@nowhere.invalid:1,localhost:2/{name}?host={folder},{folder}&port=5432,5432",
            f"postgresql://postgres:any%20%40%2F%3Aword@/{name}?host={folder}&connect_timeout=3&application_name=x",
        ]
        for way in ways:
            database = open_database(way)
            connect(database)
            try:
                assert database.execute_sql("SELECT current_database()").fetchone() == (name,)
                assert database.execute_sql("SHOW statement_timeout").fetchone() == ("1min",)
            finally:
                disconnect(database)


def test_what_a_server_says_is_passed_on_without_the_password(postgres: Any, worker_id: str) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        folder = postgres.socket
        cases = {
            f"postgresql://me:hunter2@127.0.0.1:{port}/stock": "Connection refused",
            f"postgresql://postgres:hunter2@/no_such_database?host={folder}": 'database "no_such_database" does not',
            f"postgresql://nobody_{worker_id}:hunter2@/postgres?host={folder}": f'role "nobody_{worker_id}" does not',
            "postgresql://me:hunter2@no-such-host.invalid/stock": "resolve",
            "postgresql://me@/stock?host=/nowhere&password=hunter2": "No such file or directory",
        }
        for url, sentence in cases.items():
            database = open_database(url)
            with pytest.raises(Unreachable) as refused:
                connect(database)
            assert refused.value.message.startswith("The database postgresql://")
            assert sentence in refused.value.message
            assert "cannot be reached" in refused.value.message
            assert "hunter2" not in refused.value.message
            assert "\n" not in refused.value.message


@each(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db:5432/stock", "postgresql://me@db:5432/stock"),
        ("postgresql://me:se@cret@db/stock", "postgresql://me@db/stock"),
        ("postgresql://me:se?cret@db/stock", "postgresql://me@db/stock"),
        ("postgresql://me:se/cret@db/stock", "postgresql://…"),
        ("postgresql://me@db/stock", "postgresql://me@db/stock"),
        ("postgresql://db1:1,db2:2/stock", "postgresql://db1:1,db2:2/stock"),
        ("postgresql://[::1]:5432/stock?user=a@b", "postgresql://[::1]:5432/stock?user=a@b"),
        ("postgresql:///stock?host=/run&password=secret", "postgresql:///stock?host=/run"),
        ("postgresql:///stock?PASSWORD=secret", "postgresql:///stock"),
        ("postgresql:///stock?pass%77ord=secret&sslpassword=secret&host=x", "postgresql:///stock?host=x"),
        ("postgresql://db?password=se@cret", "postgresql://…"),
        ("postgresql://db/stock#password=secret", "postgresql://…"),
        ("postgresql://db/stock?scram_client_key=secret&oauth_client_secret=secret", "postgresql://db/stock"),
        ("password=secret", "password=…"),
        ("/var/lib/stock.db", "/var/lib/stock.db"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
    assert "cret" not in shown


def test_passwords_in_the_middle_of_a_text_are_hidden_and_nothing_else_is() -> None:
    text = (
        "No: 'postgresql://me:secret@db/stock', postgresql:me:secret@db/stock or PASSWORD = 'sec\\'ret 2' pwd=secret; "
        "the password of https://example.org/a?b=c#d and stock.db stays."
    )
    assert hide_passwords(text) == (
        "No: 'postgresql://me@db/stock', postgresql:…db/stock or PASSWORD = … pwd=… "
        "the password of https://example.org/a?b=c#d and stock.db stays."
    )


@each("name", ["./me:a@b.db", "/srv/user=5/stock.db", "a@b.db", "C:stock.db", "my stock.db", "/srv//me:a@b.db"])
def test_a_path_that_only_resembles_an_address_is_a_path(name: str) -> None:
    assert sqlite_path(name) == Path(name)


@each("name", ["postgres//me:secret@db/stock", "postgresql;//me:sec/ret@db/stock", "db//me:secret@x"])
def test_half_a_scheme_makes_no_path_of_an_address(name: str) -> None:
    with pytest.raises(WrongAddress) as refused:
        sqlite_path(name)
    assert "cret" not in refused.value.message


def test_what_is_a_file_and_what_a_server() -> None:
    assert [is_sqlite_url(url) for url in ("stock.db", "sqlite:///x", "postgresql://x", "postgres://x", "C:x")] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert sqlite_path("sqlite:////abs/x.db") == Path("/abs/x.db")


# ----- the driver


def test_without_the_driver_a_server_cannot_be_opened_and_a_file_can(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['psycopg'] = None\n"
        "from models.database.connection import open_database\n"
        "from models.errors import DriverMissing\n"
        "try:\n"
        "    open_database('postgresql://db/stock')\n"
        "except DriverMissing as missing:\n"
        "    print(missing.message)\n"
        "open_database(sys.argv[1])"
    )
    said = _python(program, str(tmp_path / "stock.db"))
    command = f"{sys.executable} -m pip install 'psycopg[binary]>=3.2'"
    assert said == f"The PostgreSQL driver is not installed. Install it with: {command}"


@pytest.mark.parametrize(
    ("prefix", "has_pip", "command"),
    [
        ("/home/me/.local/share/pipx/venvs/serialdock", True, "pipx inject serialdock 'psycopg[binary]>=3.2'"),
        ("/srv/my tools", True, "'/srv/my tools/bin/python' -m pip install 'psycopg[binary]>=3.2'"),
        ("/home/me/uv", False, "uv pip install --python /home/me/uv/bin/python 'psycopg[binary]>=3.2'"),
    ],
)
def test_the_advice_how_to_install_fits_the_installation(
    prefix: str, has_pip: bool, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(sys, "executable", f"{prefix}/bin/python")
    if not has_pip:
        monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert extras.how_to_install("postgres") == command


def test_the_advice_for_sources_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "PACKAGE", "serialdock-that-is-not-installed")
    assert extras.how_to_install("postgres") == "pip install '.[postgres]' in Serialdock's source folder"


def test_every_extra_has_packages_to_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = set(project["optional-dependencies"]) - {"dev"}
    assert named
    for extra in named:
        assert len(packages_of(extra)) == len(project["optional-dependencies"][extra])


def test_a_program_that_needs_no_server_does_not_import_the_driver(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from models.database.address import leave_out_postgres_driver\n"
        "leave_out_postgres_driver()\n"
        "from models.database.connection import connect, open_database\n"
        "database = open_database(sys.argv[1])\n"
        "connect(database)\n"
        "from models.migrations import migrate\n"
        "migrate(database)\n"
        "from models.people import sign_in\n"
        "print(sign_in('somebody').login, 'psycopg' in sys.modules)\n"
        "try:\n"
        "    open_database('postgresql://db/stock')\n"
        "except Exception as error:\n"
        "    print(error.code, error)"
    )
    assert _python(program, str(tmp_path / "stock.db")).splitlines() == [
        "somebody False",
        "driver_missing The PostgreSQL driver was left out of this process. Start another one for this database.",
    ]


def test_a_program_that_needs_a_server_has_the_driver(postgres: Any, worker_id: str) -> None:
    with postgres.database(f"driver_{worker_id}") as url:
        program = (
            "import sys\n"
            "from models.database.connection import connect, open_database\n"
            "database = open_database(sys.argv[1])\n"
            "connect(database)\n"
            "print(database.execute_sql('SELECT 7').fetchone()[0])"
        )
        assert _python(program, url) == "7"


def test_the_driver_missing_is_exit_code_three() -> None:
    assert DriverMissing.exit_code == 3
