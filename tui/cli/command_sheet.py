"""`serialdock command-sheet`: a page of barcodes to print."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from models.errors import Refusal
from tui.cli.command import MalformedError
from tui.cli.output import Output, OutputError

STDOUT: Final = "-"


def command_sheet(out: Output, *, url: str | None, user: str | None, file: str, force: bool) -> None:
    """Write the page.

    Args:
        out: where it says so.
        url: not used: no database is opened.
        user: not used.
        file: a path whose suffix says the format, or `-`.
        force: write over a file that is there.

    Raises:
        MalformedError: the suffix is neither .pdf nor .svg.
        Refusal: the file is there already, or cannot be written.
    """
    if file == STDOUT:
        _print(out)
        return
    path = Path(file)
    write = _writer(path)
    try:
        with path.open("wb" if force else "xb") as opened:
            opened.write(write())
    except FileExistsError:
        raise Refusal(f"{path} is there already. Name another file, or give --force to write over it.") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    data = {"file": str(path), "format": path.suffix[1:].lower()}
    out.one(data, [f"Written: {path}. Print it at actual size (100 %), without fitting it to the page."])


def _writer(path: Path) -> Callable[[], bytes]:
    from tui.sheet.page import command_page  # noqa: PLC0415 - for this command alone
    from tui.sheet.pdf import as_pdf  # noqa: PLC0415
    from tui.sheet.svg import as_svg  # noqa: PLC0415

    writers: dict[str, Callable[[], bytes]] = {
        ".pdf": lambda: as_pdf(command_page()),
        ".svg": lambda: as_svg(command_page()).encode(),
    }
    if path.suffix.lower() not in writers:
        raise MalformedError(f"{path} is neither a .pdf nor an .svg. Its suffix says what to write.")
    return writers[path.suffix.lower()]


def _print(out: Output) -> None:
    if out.json:
        raise MalformedError("Standard output is the page itself; --json needs a file.")
    from tui.sheet.page import command_page  # noqa: PLC0415
    from tui.sheet.svg import as_svg  # noqa: PLC0415

    try:
        sys.stdout.write(as_svg(command_page()))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"The page cannot be written: {error.strerror}.") from error
