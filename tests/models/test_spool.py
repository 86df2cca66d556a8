"""The file of the scans that wait: what is in it after a torn write, a full disk, a rewind, and while it is locked."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from models.spool import ROOM, Spool, SpooledScan, folder, left_behind, read_records, scans_are_left, spools
from tests.support.cases import each

ROOT = Path(__file__).parents[2]

ONE = SpooledScan("d" * 32, "host/1/x", 1, "receive", "5CG8300001", "scanned", "2026-03-02T10:42:00+00:00", 1, "dock1")

HOSTILE = ("", " ", "\0", "a\nb", "\x1d01\x1b[31m", "Ä\u202e", "\ud800", '"\\', "x" * 8_000)


def made(count: int, first: int = 1) -> list[SpooledScan]:
    return [replace(ONE, number=number) for number in range(first, first + count)]


@pytest.fixture
def spool() -> Iterator[Spool]:
    opened = Spool.open()
    yield opened
    opened.close()


def test_only_its_account_may_read_it_and_it_has_its_room_from_the_start(spool: Spool) -> None:
    assert folder().stat().st_mode & 0o777 == 0o700
    assert spool.file.stat().st_mode & 0o777 == 0o600
    assert spool.file.stat().st_size == ROOM
    assert spool.file.stat().st_blocks * 512 >= ROOM
    assert read_records(spool.file) == ()


@each("text", HOSTILE)
def test_what_is_appended_is_read_as_it_was(spool: Spool, text: str) -> None:
    every = [
        replace(ONE, text=text),
        SpooledScan("d", "s", 2, "add", text, "typed", "m", 3, "a", 4, "b", "MAIN", "SAW-1", 7, 8, text, True, "DONE"),
    ]
    spool.append(every[:1])
    spool.append(every[1:])
    assert list(read_records(spool.file)) == every
    spool.rewind()


@pytest.mark.parametrize("count", [3, 400])
def test_a_rewind_leaves_nothing_but_the_room(spool: Spool, count: int) -> None:
    spool.append(made(count))
    spool.rewind()
    assert read_records(spool.file) == ()
    assert spool.file.read_bytes() == bytes(ROOM)
    spool.append(made(2, 1_000))
    assert [record.number for record in read_records(spool.file)] == [1_000, 1_001]


def test_a_record_that_was_torn_anywhere_is_no_record_and_those_before_it_are(spool: Spool) -> None:
    spool.append(made(3))
    whole = spool.file.read_bytes().rstrip(b"\0")
    second = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for end in range(second, len(whole)):
        spool.file.write_bytes(whole[:end] + bytes(ROOM - end))
        assert len(read_records(spool.file)) == 2


@pytest.mark.parametrize(
    "line",
    ["{}", "[]", "7", "{", '{"v":1}', '{"v":1,"number":"x"}', "\xff", json.dumps({"v": 1, "unknown": 1})],
)
def test_what_is_no_record_ends_the_records(spool: Spool, line: str) -> None:
    spool.append(made(2))
    whole = spool.file.read_bytes().rstrip(b"\0")
    spool.file.write_bytes(whole + line.encode("latin-1") + b"\n" + whole)
    assert len(read_records(spool.file)) == 2


def test_a_record_with_a_wrong_type_is_none(spool: Spool) -> None:
    spool.append([ONE, replace(ONE, number="2"), replace(ONE, number=3)])  # type: ignore[arg-type]
    assert list(read_records(spool.file)) == [ONE]


def test_a_spool_of_a_later_version_is_left_alone() -> None:
    spool = Spool.open()
    spool.append(made(2))
    spool.close()
    spool.file.write_bytes(spool.file.read_bytes().replace(b'{"v":1', b'{"v":9', 1))
    with left_behind(spool.file) as left:
        assert left is not None
        assert (left.is_known, left.records) == (False, ())


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a full disk: writes past a size fail."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_the_room_is_there_and_what_does_not_fit_is_refused_whole(spool: Spool) -> None:
    with no_file_longer_than(ROOM):
        spool.append(made(100))
        with pytest.raises(OSError, match="File too large"):
            spool.append(made(1_000, 101))
        assert len(read_records(spool.file)) == 100
        spool.append(made(5, 101))
        assert len(read_records(spool.file)) == 105
    spool.append(made(1_000, 106))
    assert [record.number for record in read_records(spool.file)] == list(range(1, 1_106))


def test_where_no_room_can_be_reserved_zeros_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", cannot)
    spool = Spool.open()
    assert spool.file.read_bytes() == bytes(ROOM)
    spool.close()


def test_without_room_there_is_no_file() -> None:
    with no_file_longer_than(ROOM // 2), pytest.raises(OSError, match="File too large"):
        Spool.open()
    assert spools() == []


def test_an_empty_one_goes_with_its_process_and_one_with_scans_stays() -> None:
    empty, full = Spool.open(), Spool.open()
    full.append(made(1))
    empty.close()
    full.close()
    assert spools() == [full.file]


def test_only_records_of_ended_processes_are_something_that_is_left(spool: Spool) -> None:
    spool.append(made(1))  # its process lives
    ended = folder() / "1-ended.scans"
    ended.write_bytes(bytes(ROOM))
    assert not scans_are_left()
    assert spools() == [spool.file], "one that was left empty is deleted"
    for line, is_left in ((read_line(spool.file), True), (b'{"v":99}\n', False)):
        ended.write_bytes(line + bytes(ROOM - len(line)))
        assert scans_are_left() is is_left
        assert ended in spools(), "what a later version of the program has written is left alone"


def read_line(file: Path) -> bytes:
    return file.read_bytes().partition(b"\n")[0] + b"\n"


def test_while_its_process_lives_nobody_else_gets_it_and_afterwards_one_at_a_time() -> None:
    program = (
        "import sys\nfrom models.spool import Spool\nfrom tests.models.test_spool import made\n"
        "spool = Spool.open()\nspool.append(made(3))\nprint(spool.file, flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        file = Path(process.stdout.readline().strip())
        with left_behind(file) as left:
            assert left is None
        assert len(read_records(file)) == 3
        process.kill()
        process.wait()
    with left_behind(file) as left, left_behind(file) as other:
        assert left is not None
        assert len(left.records) == 3
        assert other is None
    with left_behind(file.with_name("gone.scans")) as left:
        assert left is None


def test_some_of_the_records_can_be_kept() -> None:
    spool = Spool.open()
    spool.append(made(3))
    spool.close()
    with left_behind(spool.file) as left, left_behind(spool.file) as other:
        assert left is not None
        left.keep(left.records[1:])
        assert other is None
    assert [record.number for record in read_records(spool.file)] == [2, 3]
    assert [file.name for file in folder().iterdir()] == [spool.file.name]
    assert spool.file.stat().st_mode & 0o777 == 0o600
    with left_behind(spool.file) as left:
        assert left is not None
        left.keep(())
    assert list(folder().iterdir()) == []
