"""A file to which every scan is written at once, one JSON object a line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from models.errors import Refusal
from tui.scanning.bursts import How


class ScanLog:
    """An open file. What it does not take is kept and written before the next scan."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; what is in it stays.

        Args:
            path: where.

        Raises:
            Refusal: it cannot be written.
        """
        self.path = path
        """Where it is, as given."""
        self._waiting = b""
        self._count = 0
        try:
            # A pipe that nobody reads is refused at once, instead of waiting for a reader.
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
        except OSError as error:
            raise Refusal(f"The log {path} cannot be written: {error.strerror}. Name another file.") from error
        os.set_blocking(self._file, True)
        if not _ends_with_line_end(path):
            self._waiting = b"\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    @property
    def missing(self) -> int:
        """How many scans the file has not taken yet."""
        return self._count

    def complaint(self, error: OSError) -> str:
        """Say what it has not taken, and why."""
        scans = "1 scan is" if self.missing == 1 else f"{self.missing:,} scans are"
        return f"{scans} not in {self.path}: {error.strerror}."

    def write(self, scan: str, kind: str | None, how: How) -> None:
        """Append a scan.

        Args:
            scan: as it came.
            kind: what `models.barcodes.read` says it is; None where it refuses it.
            how: typed, scanned or pasted.

        Raises:
            OSError: the file takes nothing at present; the scan is kept.
        """
        line = json.dumps({"scan": scan, "kind": kind, "how": how}).replace("\x7f", "\\u007f")
        self._waiting += line.encode() + b"\n"
        self._count += 1
        self.flush()

    def flush(self) -> None:
        """Write what is kept.

        Raises:
            OSError: the file takes nothing at present.
        """
        while self._waiting:
            self._waiting = self._waiting[os.write(self._file, self._waiting) :]
            self._count = self._waiting.count(b"\n")


def _ends_with_line_end(path: Path) -> bool:
    """Whether the next line can begin; True where the file cannot be read, such as a device."""
    try:
        with path.open("rb") as file:
            if not file.seekable() or file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except OSError:
        return True
