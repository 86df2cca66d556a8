"""An SQLite file that is removed, replaced or restored while it is open: nothing is written where nobody finds it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.check import check
from models.database.connection import call, disconnect, open_database
from models.database.unit import Unit, write
from models.errors import Damaged, Replaced, Unreachable
from models.migrations import migrate
from models.schema import Location, Serial, bound
from models.serials.add import add_serial
from tests.support.engines import ON_SQLITE
from tests.support.warehouse import Warehouse

pytestmark = ON_SQLITE


@pytest.fixture
def file(database: Any) -> Path:
    """The database's file."""
    return Path(database.database)


def backup(file: Path, to: Path) -> None:
    """Copy a database with all that is in its write-ahead log."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def add(database: Any, warehouse: Warehouse, serial: str) -> None:
    call(database, add_serial, warehouse.boss, warehouse.item.id, serial)


def serials(file: Path) -> list[str]:
    """The serials that whoever opens the file now finds."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT serial_number FROM serials ORDER BY id")]


def is_sound(database: Any) -> bool:
    return call(database, check, database).good


def test_a_removed_file_is_trouble_until_it_is_back(database: Any, warehouse: Warehouse, file: Path) -> None:
    add(database, warehouse, "S1")
    away = file.with_name("away.sqlite3")
    file.rename(away)
    for _ in range(2):
        with pytest.raises(Replaced, match=r"stock\.sqlite3 was removed while it was open\. Put it back"):
            add(database, warehouse, "S2")
        with pytest.raises(Replaced):
            call(database, Location.select().count)
    assert not file.exists(), "no empty database was made in its place"
    away.rename(file)
    add(database, warehouse, "S2")
    disconnect(database)
    assert serials(file) == ["S1", "S2"]


def test_another_database_in_its_place_is_trouble_and_stays_untouched(
    database: Any, warehouse: Warehouse, file: Path, tmp_path: Path
) -> None:
    add(database, warehouse, "S1")
    other, away = tmp_path / "other.sqlite3", tmp_path / "away.sqlite3"
    stranger = open_database(str(other))
    migrate(stranger)
    disconnect(stranger)
    bound.initialize(database)  # the tables are those of the first again
    file.rename(away)
    shutil.copyfile(other, file)
    before = file.read_bytes()
    for _ in range(2):
        with pytest.raises(Replaced, match=r"was replaced by another database\. Put the right one back"):
            add(database, warehouse, "S2")
    assert file.read_bytes() == before
    away.replace(file)
    add(database, warehouse, "S2")
    assert is_sound(database)
    disconnect(database)
    assert serials(file) == ["S1", "S2"]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_what_is_no_database_in_its_place_is_trouble(
    database: Any, warehouse: Warehouse, file: Path, content: bytes
) -> None:
    away = file.with_name("away.sqlite3")
    file.rename(away)
    file.write_bytes(content)
    with pytest.raises(Replaced, match="was replaced by another database"):
        add(database, warehouse, "S1")
    assert file.read_bytes() == content
    away.replace(file)
    add(database, warehouse, "S1")
    assert Serial.select().count() == 1


def test_a_restored_backup_is_opened_anew_without_the_log_of_the_file_before(
    database: Any, warehouse: Warehouse, file: Path, tmp_path: Path
) -> None:
    add(database, warehouse, "S1")
    backup(file, tmp_path / "backup.sqlite3")
    for number in range(2, 40):  # in the write-ahead log, which would be applied to the backup
        add(database, warehouse, f"S{number}")
    assert file.with_name(f"{file.name}-wal").stat().st_size
    (tmp_path / "backup.sqlite3").replace(file)
    add(database, warehouse, "NEW")
    assert is_sound(database)
    assert [row.serial_number for row in Serial.select().order_by(Serial.id)] == ["S1", "NEW"]
    disconnect(database)
    assert serials(file) == ["S1", "NEW"]
    assert len(list(tmp_path.glob("stock.sqlite3-wal-replaced-*"))) == 1, "what was in the old log is kept"


def test_a_backup_restored_with_its_log_removed_is_opened_anew(
    database: Any, warehouse: Warehouse, file: Path, tmp_path: Path
) -> None:
    add(database, warehouse, "S1")
    backup(file, tmp_path / "backup.sqlite3")
    add(database, warehouse, "S2")
    for name in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{name}").unlink()
    shutil.copyfile(tmp_path / "backup.sqlite3", file)
    add(database, warehouse, "NEW")
    assert is_sound(database)
    assert [row.serial_number for row in Serial.select().order_by(Serial.id)] == ["S1", "NEW"]


def test_a_file_that_is_replaced_between_check_and_commit_gets_the_unit_too(
    database: Any, warehouse: Warehouse, file: Path, tmp_path: Path
) -> None:
    backup(file, tmp_path / "backup.sqlite3")
    runs: list[int] = []

    def work(_: Unit) -> str:
        if not runs:
            (tmp_path / "backup.sqlite3").replace(file)
        runs.append(1)
        return str(Location.create(code="ONCE").code)

    assert call(database, write, warehouse.boss, work) == "ONCE"
    assert len(runs) == 2
    disconnect(database)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM locations WHERE code = 'ONCE'").fetchone() == (1,)


def test_a_file_that_was_opened_before_its_migrations_is_known_by_the_old_connection(
    database_url: str, tmp_path: Path
) -> None:
    database = open_database(database_url)
    migrate(database)
    file = Path(database.database)
    backup(file, tmp_path / "backup.sqlite3")
    (tmp_path / "backup.sqlite3").replace(file)
    assert call(database, Location.select().count) == 1
    disconnect(database)


def test_a_folder_that_cannot_be_read_any_more_is_trouble(database: Any, warehouse: Warehouse, file: Path) -> None:
    away = file.parent.with_name("away")
    file.parent.rename(away)
    file.parent.write_text("")  # no folder any more, which the super-user cannot enter either
    try:
        with pytest.raises(Unreachable, match="cannot be opened: Not a directory") as refused:
            add(database, warehouse, "S1")
        assert refused.value.error == "ENOTDIR"
    finally:
        file.parent.unlink()
        away.rename(file.parent)
    add(database, warehouse, "S1")


def test_a_damaged_file_is_not_written_to_until_a_backup_is_in_its_place(
    database: Any, warehouse: Warehouse, file: Path, tmp_path: Path
) -> None:
    add(database, warehouse, "S1")
    backup(file, tmp_path / "backup.sqlite3")
    disconnect(database)
    content = bytearray(file.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    file.write_bytes(content)
    for _ in range(2):
        with pytest.raises(Damaged, match=r"is damaged: .*Nothing more is written to it\. Restore a backup"):
            add(database, warehouse, "S2")
    assert file.read_bytes()[4096:] == bytes(len(content) - 4096)
    (tmp_path / "backup.sqlite3").replace(file)
    add(database, warehouse, "S2")
    assert is_sound(database)


def test_a_file_turned_read_only_is_written_to_as_soon_as_it_may_be(
    database: Any, warehouse: Warehouse, file: Path
) -> None:
    disconnect(database)
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        there = Path(name, "stock.sqlite3")
        shutil.copyfile(file, there)
        own = open_database(str(there))
        with somebody_else(there.parent, there), closing_at_end(own):
            add(own, warehouse, "S1")
            disconnect(own)
            there.chmod(0o444)
            there.parent.chmod(0o555)
            for _ in range(2):
                with pytest.raises(Unreachable, match=r"cannot be (written|read)"):
                    add(own, warehouse, "S2")
            there.chmod(0o644)
            there.parent.chmod(0o755)
            add(own, warehouse, "S2")
        assert serials(there) == ["S1", "S2"]


@contextmanager
def closing_at_end(database: Any) -> Iterator[None]:
    """Disconnect afterwards."""
    try:
        yield
    finally:
        disconnect(database)


@contextmanager
def somebody_else(*owned: Path) -> Iterator[None]:
    """Be an ordinary account meanwhile, which owns these files: no permission stops the super-user."""
    privileged = os.geteuid() == 0
    if privileged:
        for path in owned:
            os.chown(path, 65534, 65534)
        os.seteuid(65534)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)
