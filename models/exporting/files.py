"""Files that are written: wholly or not at all, and never over another one unasked.

While a file is written it has no name, where the file system can do that: a kill leaves nothing behind. Elsewhere it
has a hidden name beside its own, which an error removes.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO, Final, NoReturn, Self

from models.errors import BadValue
from models.text import storable

STEP: Final = "Choose another name or folder."

_OPEN_FILES: Final = "/proc/self/fd"
"""Folder in which the system has a link to each open file of this process."""


class NewFile:
    """A file that is written in a `with` and gets its name at the end; an error inside leaves nothing.

    Args:
        path: where it shall be; `~` is not expanded.
        force: replace a file that is there; it stays if anything fails.

    Raises:
        BadValue: there is one already, or it cannot be written. `details["there"]` is true for the former.
    """

    def __init__(self, path: str, *, force: bool = False) -> None:
        self.path = path
        self._shown = storable(path)
        self._force = force
        try:
            self._target = os.path.realpath(path)  # of a link that is replaced, the file that it names
        except (OSError, ValueError):
            raise BadValue(f"{self._shown} is no name for a file. {STEP}", field="file") from None
        self._hidden = ""
        """The name that it has meanwhile; empty if it has none."""
        self.stream: BinaryIO
        """The open file, for writing bytes."""

    def __enter__(self) -> Self:
        self._refuse_what_is_there()
        folder = os.path.dirname(self._target)  # noqa: PTH120 - a path may have any characters
        try:
            self.stream = os.fdopen(self._opened(folder), "wb", buffering=1 << 18)
        except OSError as trouble:
            self._refuse(trouble)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._drop()
            # A broken pipe is not of this file: it is standard output, to which the caller writes meanwhile.
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                self._refuse(error)
            return
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())  # first: after a power cut no file of this name may be incomplete
            self._give_name()
            self.stream.close()
        except FileExistsError:
            self._drop()
            self._refuse_existing()
        except OSError as trouble:
            self._drop()
            self._refuse(trouble)
        except BaseException:
            self._drop()
            raise

    def _refuse_what_is_there(self) -> None:
        try:
            there = os.stat(self._target)  # noqa: PTH116 - a path may have any characters
        except FileNotFoundError:
            return
        except OSError as trouble:
            self._refuse(trouble)
        if stat.S_ISDIR(there.st_mode):
            raise BadValue(f"{self._shown} is a folder. Name a file in it.", field="file")
        if not stat.S_ISREG(there.st_mode):
            raise BadValue(f"{self._shown} is a device or a pipe, not a file. {STEP}", field="file")
        if not self._force:
            self._refuse_existing()

    def _opened(self, folder: str) -> int:
        """A new file in the folder, without a name if that can be."""
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and os.path.isdir(_OPEN_FILES):  # noqa: PTH112
            with suppress(OSError):  # the file system cannot do that; if nothing can be written, the next call says so
                return os.open(folder, nameless | os.O_WRONLY | os.O_CLOEXEC, 0o666)
        self._hidden = self._beside()
        return os.open(self._hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666)

    def _beside(self) -> str:
        folder, name = os.path.split(self._target)
        # Cut: with the number it may be longer than a name can be.
        return os.path.join(folder, f".{name[:200]}.{os.getpid()}")  # noqa: PTH118 - a path may have any characters

    def _give_name(self) -> None:
        if not self._force:
            self._name_new()
            return
        with suppress(OSError):  # the new file keeps the permissions of the old one
            os.fchmod(self.stream.fileno(), stat.S_IMODE(os.stat(self._target).st_mode))  # noqa: PTH116
        if not self._hidden:  # only a file with a name can take the place of another one in one step
            beside = self._beside()
            self._link(beside)
            self._hidden = beside
        os.replace(self._hidden, self._target)  # noqa: PTH105

    def _name_new(self) -> None:
        """Give the file its name, which no other file has."""
        if not self._hidden:
            self._link(self._target)
            return
        try:
            os.link(self._hidden, self._target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(self._target):
                raise FileExistsError from None
            os.rename(self._hidden, self._target)  # noqa: PTH104
        else:
            os.unlink(self._hidden)  # noqa: PTH108

    def _link(self, name: str) -> None:
        """Give a file without a name one that no other file has."""
        # Naming a folder makes Python call linkat, which alone follows the link in /proc to the file.
        folder = os.open(os.path.dirname(self._target), os.O_RDONLY | os.O_CLOEXEC)  # noqa: PTH120
        try:
            os.link(f"{_OPEN_FILES}/{self.stream.fileno()}", name, src_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)

    def _drop(self) -> None:
        stream = getattr(self, "stream", None)
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.close()
        if self._hidden:
            with suppress(OSError):
                os.unlink(self._hidden)  # noqa: PTH108

    def _refuse_existing(self) -> NoReturn:
        raise BadValue(
            f"{self._shown} is there already. Choose another name, or say that it may be replaced.",
            field="file",
            there=True,
        ) from None

    def _refuse(self, trouble: OSError) -> NoReturn:
        raise BadValue(f"{self._shown} cannot be written: {trouble.strerror}. {STEP}", field="file") from trouble
