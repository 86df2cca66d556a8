"""The spool: a file for scans that the database has not taken yet, so that no end of the process loses them.

Each process has one, in the account's state folder, readable by nobody else. It is made and given room when the app
starts, since a disk that is full later has none. Each record is a line of JSON; the zeros behind the last one are room,
and a record that was torn by the end of the machine is no record. The file stays locked while its process lives, so a
file that can be locked was left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from platformdirs import user_state_path

from models import clock
from models.config import APP

ROOM: Final = 64 * 1024
"""Bytes that are reserved when the file is made, and kept for good."""

SUFFIX: Final = ".scans"

_VERSION: Final = 1
"""Of the format; a record of another version is left alone."""


@dataclass(frozen=True, slots=True)
class SpooledScan:
    """A scan that waits for the database."""

    database: str
    """Id of the database; see `models.settings.database_id`."""
    session: str
    """Session name of its station, or of the queue that adds serials."""
    number: int
    """1, 2, 3 … in the session."""
    task: str
    """Code of the station's task; `add` for Add Serial."""
    text: str
    """The raw scan."""
    how: str
    """scanned, typed, pasted or range."""
    at: str
    """When it was scanned: ISO 8601, UTC."""
    user_id: int
    login: str
    login_user_id: int | None = None
    login_user: str | None = None
    """The administrator at the terminal, when acting for `login`."""
    place: str = ""
    """Code of the place at the station, or of the serial to be added; empty for none."""
    sku: str = ""
    """SKU of the item at the station, or of the serial to be added; empty for none."""
    draft_id: int | None = None
    """The draft of the station; None before its first line."""
    item_id: int | None = None
    """The item, for Add Serial."""
    notes: str = ""
    """The condition note, for Add Serial."""
    confirmed: bool = False
    """Whether the person has confirmed a warning about the serial, for Add Serial."""
    answers: str = ""
    """What was answered at the station; see `models.station.answers.to_text`."""
    after: str = ""
    """The command before it in the queue that is not kept, such as DONE; empty for none."""
    ended: int = 0
    """Number of the last command before it that ends a draft and is not kept, DONE, CANCEL or a task; 0 for none."""

    @property
    def moment(self) -> datetime:
        """When it was scanned; now, if somebody has changed the file and that is no moment."""
        try:
            at = datetime.fromisoformat(self.at)
        except ValueError:
            return clock.now()
        return at if at.tzinfo is not None else clock.now()


_KINDS: Final[dict[object, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "int | None": (int, type(None)),
    "str | None": (str, type(None)),
}

_TYPES: Final = {field.name: _KINDS[field.type] for field in fields(SpooledScan)}


def folder() -> Path:
    """The folder of the spools of this account."""
    return user_state_path(APP) / "scans"


class Spool:
    """The open spool of this process. Its methods may be called from any thread."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self.file: Final = file
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._end = 0

    @classmethod
    def open(cls) -> Self:
        """Make a new spool with room, locked by this process.

        Raises:
            OSError: it cannot be made, or there is no room.
        """
        where = folder()
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.chmod(0o700)
        file = where / f"{os.getpid()}-{uuid.uuid4().hex[:8]}{SUFFIX}"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _reserve(descriptor)
            os.fsync(descriptor)
            _sync_folder(where)
        except OSError:
            file.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        return cls(file, descriptor)

    def append(self, records: Sequence[SpooledScan]) -> None:
        """Write records; they are on the disk when this returns.

        Raises:
            OSError: none of them is.
        """
        data = b"".join(map(_line, records))
        with self._lock:
            try:
                _write(self._descriptor, data, self._end)
                os.fdatasync(self._descriptor)
            except OSError:
                with suppress(OSError):  # a part that was written must not be read as a record later
                    _write(self._descriptor, bytes(min(len(data), _size(self._descriptor) - self._end)), self._end)
                raise
            self._end += len(data)

    def rewind(self) -> None:
        """Forget all records; the file keeps its room, which a full disk would not give back.

        Raises:
            OSError
        """
        with self._lock:
            _write(self._descriptor, bytes(min(self._end, ROOM)), 0)
            if self._end > ROOM:
                os.ftruncate(self._descriptor, ROOM)
            os.fdatasync(self._descriptor)
            self._end = 0

    def close(self) -> None:
        """Release the file for the next start; delete it if it is empty."""
        with self._lock:
            if not self._end:
                self.file.unlink(missing_ok=True)
            os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class Left:
    """A spool that a process has left behind, locked by this one."""

    file: Path
    records: tuple[SpooledScan, ...]
    is_known: bool
    """False if a later version of the program has written records in it, so that it must be left alone."""

    def keep(self, records: Sequence[SpooledScan]) -> None:
        """Replace its records, in their order; without any the file is deleted.

        Raises:
            OSError: it is as it was before.
        """
        if not records:
            self.file.unlink(missing_ok=True)
        elif tuple(records) != self.records:
            # A new file takes the place of the old one at once, so that no end of the machine loses a record.
            new = self.file.with_name(f"{self.file.stem}.{os.getpid()}.new")
            try:
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                try:
                    _write(descriptor, b"".join(map(_line, records)), 0)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                new.replace(self.file)
            except OSError:
                new.unlink(missing_ok=True)
                raise
        _sync_folder(self.file.parent)


def read_records(file: Path) -> tuple[SpooledScan, ...]:
    """The records of a spool, whether or not its process lives; empty if the file is gone.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return _records(file.read_bytes())[0]
    except FileNotFoundError:
        return ()


def spools() -> list[Path]:
    """The spools of this account, the oldest first.

    Raises:
        OSError: the folder cannot be read.
    """
    found: list[tuple[int, Path]] = []
    for file in folder().glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            found.append((file.stat().st_mtime_ns, file))
    return [file for _, file in sorted(found)]


def scans_are_left() -> bool:
    """Whether an ended process has left a spool with scans in it; empty ones are deleted.

    Raises:
        OSError: they cannot be read.
    """
    found = False
    for file in spools():
        with left_behind(file) as spool:  # not those of processes that live, and so not our own
            if spool is not None and spool.records:
                found = True
            elif spool is not None and spool.is_known:
                spool.keep(())
    return found


@contextmanager
def left_behind(file: Path) -> Iterator[Left | None]:
    """Lock a spool that was left behind; None if its process lives, another one is at it, or it is gone.

    Raises:
        OSError: it cannot be read.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield _locked(file, descriptor)
    finally:
        os.close(descriptor)


def _locked(file: Path, descriptor: int) -> Left | None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    try:  # whoever had the lock before may have put another file in its place
        if not os.path.samestat(file.stat(), os.fstat(descriptor)):
            return None
    except FileNotFoundError:
        return None
    return Left(file, *_records(file.read_bytes()))


def _line(record: SpooledScan) -> bytes:
    # The text may hold anything that a keyboard can send; JSON in ASCII has no zero byte and no line end inside.
    values = {name: value for name in _TYPES if (value := getattr(record, name)) not in ("", None)}
    return json.dumps({"v": _VERSION, **values}, separators=(",", ":")).encode("ascii") + b"\n"


def _records(data: bytes) -> tuple[tuple[SpooledScan, ...], bool]:
    """The records before the first zero byte or torn record, and whether all of them are of a known version."""
    found: list[SpooledScan] = []
    for line in data.partition(b"\0")[0].split(b"\n")[:-1]:
        values = _values(line)
        if values.pop("v", _VERSION) != _VERSION:
            return (), False
        try:
            record = SpooledScan(**values)
        except TypeError:
            break
        if not all(isinstance(getattr(record, name), kinds) for name, kinds in _TYPES.items()):
            break
        found.append(record)
    return tuple(found), True


def _values(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        return {}
    return {"text": "", **values} if isinstance(values, dict) else {}


def _reserve(descriptor: int) -> None:
    try:
        os.posix_fallocate(descriptor, 0, ROOM)
    except OSError:  # not every file system can; then zeros are written, which need the room too
        _write(descriptor, bytes(ROOM), 0)


def _write(descriptor: int, data: bytes, at: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _sync_folder(path: Path) -> None:
    """Make a new name in a folder last; file systems that cannot are left alone."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
