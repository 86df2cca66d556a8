"""`serialdock command-sheet`: print the command barcodes.

A module of its own: the page names every task, which loads more than `decode` may wait for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.config import database_url
from models.customers import list_customers
from models.errors import Refusal
from models.locations import list_places
from tui.cli.output import MalformedError, Output, OutputError
from tui.cli.parser import Invocation, Opens, argument, command
from tui.cli.session import opened
from tui.scanner_check.sheet import Page, SheetCode, as_pdf, as_svg, code_pages, command_page

STDOUT: Final = "-"


@command(
    "command-sheet",
    summary="write a page of barcodes to print: commands, set-up code",
    arguments=(
        argument(
            "file",
            metavar="FILE",
            nargs="?",
            default="serialdock-commands.pdf",
            help="a .pdf or .svg, or - for SVG to standard output (else serialdock-commands.pdf)",
        ),
        argument("--locations", action="store_true", help="add pages with the codes of all open locations"),
        argument("--customers", action="store_true", help="add pages with the codes of the customers that have one"),
        argument("--force", action="store_true", help="write over a file that is there"),
    ),
    examples=("serialdock command-sheet", "serialdock command-sheet dock.pdf --locations --customers --force"),
    opens=Opens.NOTHING,
    note="It fits A4 and Letter. Print it at actual size: then the thinnest bar is 0.42 mm wide.",
)
def command_sheet(invocation: Invocation, *, file: str, locations: bool, customers: bool, force: bool) -> None:
    """Write the page of command barcodes.

    Args:
        invocation: of the command.
        file: a path whose suffix chooses the format, or `-` for SVG on standard output.
        locations: add the codes of the open locations.
        customers: add the codes of the customers.
        force: overwrite an existing file.

    Raises:
        MalformedError: the suffix is neither .pdf nor .svg, or JSON is asked for on standard output.
        Refusal: the file exists already, or cannot be written.
    """
    out = invocation.out
    pages = [command_page(), *(_code_pages(invocation, locations, customers) if locations or customers else ())]
    if file == STDOUT:
        _print_sheet(out, pages)
        return
    path = Path(file)
    write = _writer(path, pages)  # before the file is made: an unknown suffix leaves none behind
    try:
        with path.open("wb" if force else "xb") as opened:  # x: nobody can make it between a look and the writing
            opened.write(write())
    except FileExistsError:
        raise Refusal(f"{path} is there already. Name another file, or give --force to write over it.") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    data = {"file": str(path), "format": path.suffix[1:].lower()}
    out.one(data, [f"Written: {path}. Print it at actual size (100 %), without fitting it to the page."])


def _code_pages(invocation: Invocation, locations: bool, customers: bool) -> list[Page]:
    """Pages with the codes of the warehouse."""
    pages: list[Page] = []
    # Only here: the page of commands alone needs no database, and is printed before there is one.
    with opened(database_url(invocation.database), invocation.user, invocation.out) as session:
        if locations:
            places = session.look(list_places)
            codes = [SheetCode(place.code, place.name, place.code) for place in places if not place.closed]
            pages += code_pages("Locations", codes)
        if customers:
            rows = session.look(list_customers)
            codes = [SheetCode(row.code, row.name, row.code) for row in rows if row.code]
            pages += code_pages("Customers", codes)
    return pages


def _writer(path: Path, pages: Sequence[Page]) -> Callable[[], bytes]:
    writers: dict[str, Callable[[], bytes]] = {
        ".pdf": lambda: as_pdf(pages),
        ".svg": lambda: as_svg(pages).encode(),
    }
    if path.suffix.lower() not in writers:
        raise MalformedError(f"{path} is neither a .pdf nor an .svg. Its suffix says what to write.")
    return writers[path.suffix.lower()]


def _print_sheet(out: Output, pages: Sequence[Page]) -> None:
    if out.json:
        raise MalformedError("Standard output is the page itself; --json needs a file.")
    try:
        sys.stdout.write(as_svg(pages))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"The page cannot be written: {error.strerror}.") from error
