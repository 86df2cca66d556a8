"""Exporting a list: permission, one snapshot, the rows in a format, and a file that is there wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from models.database.connection import snapshot
from models.errors import BadValue, Cancelled, Unreachable
from models.exporting.files import NewFile
from models.exporting.formats import ExportFormat, check_types, format_of, writer
from models.exporting.lists import RowsToExport
from models.permissions import Actor, Permission, require
from models.schema import bound

TO_DO: Final = "export"
"""The action, for the message of a missing permission."""

Progress = Callable[[int, int], None]
"""Called with the rows written and the rows in all; raises `Cancelled` to stop."""

Make = Callable[[], RowsToExport]
"""Makes the list to export. Called in the snapshot, as it may look something up."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The result of an export."""

    path: str
    """Empty for a stream."""
    form: ExportFormat
    rows: int


def chosen_format(path: str, form: ExportFormat | None) -> ExportFormat:
    """The format of a file: the one asked for, else the one that its name says.

    Raises:
        BadValue: neither.
    """
    found = form or format_of(path)
    if found is None:
        suffixes = ", ".join(one.suffix for one in ExportFormat)
        raise BadValue(f"The end of the name {path} says no format. Use one of {suffixes}.", field="file")
    return found


def export_file(
    actor: Actor, make: Make, path: str, form: ExportFormat | None = None, *, force: bool = False, progress: Progress
) -> Exported:
    """Write a list to a file.

    Args:
        actor: whoever exports; needs `INV_VIEW`.
        make: makes the list.
        path: of the file; `~` is not expanded.
        form: None for the one that the name of the file says.
        force: replace a file that is there.
        progress: called between pages.

    Raises:
        NotPermitted
        NotFound: from `make`.
        BadValue: no format, a file that is there already (`details["there"]`), or it cannot be written.
        Cancelled: `progress` stopped it. In all these cases nothing is left.
    """
    require(actor, Permission.VIEW, TO_DO)
    chosen = chosen_format(path, form)
    with NewFile(path, force=force) as file:
        rows = _write(make, file.stream, chosen, progress, is_file=True)
    return Exported(path, chosen, rows)


class StreamExport:
    """Writes a list to a stream, such as standard output, from which nothing can be taken back.

    Args:
        stream: where the bytes go.
        form: the format.
    """

    def __init__(self, stream: BinaryIO, form: ExportFormat) -> None:
        self._stream = stream
        self._form = form
        self._is_begun = False

    def __call__(self, actor: Actor, make: Make, *, progress: Progress) -> Exported:
        """Write it; the arguments and errors are those of `export_file`.

        Raises:
            Unreachable: the connection was lost after the first rows were written.
        """
        require(actor, Permission.VIEW, TO_DO)
        # It is called again after a lost connection; rows that a pipe has taken would come twice.
        if self._is_begun:
            raise Unreachable(
                "The connection to the database was lost while rows were written, so the output is incomplete. "
                "Export again."
            )

        def begun(done: int, total: int) -> None:
            self._is_begun = True
            progress(done, total)

        rows = _write(make, self._stream, self._form, begun, is_file=False)
        return Exported("", self._form, rows)


def _write(make: Make, stream: BinaryIO, form: ExportFormat, progress: Progress, *, is_file: bool) -> int:
    with snapshot(bound.obj), _stopped_in_words():
        listed = make()
        columns, total = listed.columns(), listed.count()
        progress(0, total)
        out = writer(form, stream, columns, total=total, title=listed.name, is_file=is_file)
        done = 0
        for rows in listed.pages():
            check_types(columns, rows)
            out.write(rows)
            done += len(rows)
            progress(done, max(done, total))
        out.end()
    return done


@contextmanager
def _stopped_in_words() -> Iterator[None]:
    try:
        yield
    except Cancelled as stopped:
        raise Cancelled("The export was stopped. No file was written.") from stopped
