"""A file to fill in: every field as a column, and examples to write over."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from models.exchange.values import guarded
from models.importing.columns import Field
from models.importing.files import bad_file, shown

EXAMPLES: Final = (
    ("SN-0001", "YOUR-ITEM", "YOUR-PLACE", "in_stock", "", "", "", "2025-03-31", ""),
    ("SN-0002", "YOUR-ITEM", "YOUR-PLACE", "defective", "Scratched lid", "2025-03-31", "2027-03-30", "2025-03-31", ""),
    ("SN-0003", "YOUR-ITEM", "", "sold", "", "2025-04-02", "2027-04-01", "2025-03-31", "YOUR-CUSTOMER"),
)
"""Rows that show what a cell may say; the names in them are nobody's, so that none goes in by mistake."""

KINDS: Final = (".csv", ".xlsx")
"""What a template's name may end with."""


def write_template(path: str, *, force: bool = False) -> None:
    """Write the template as CSV or XLSX, by the end of its name; the XLSX has all of its columns formatted as text.

    What cannot be written whole is taken away again, and with `force` the old file stays.

    Args:
        force: write over a file that is there.

    Raises:
        BadValue: another end of the name, a file that is there, or one that cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in KINDS:
        raise bad_file(f"{shown(path)} should end with .csv or .xlsx. Choose such a name.")
    content = _workbook() if suffix == ".xlsx" else _csv()
    try:
        _write(Path(path), content, force=force)
    except FileExistsError:
        raise bad_file(f"{shown(path)} is there already. Choose another name, or write over it with --force.") from None
    except (OSError, ValueError) as trouble:
        why = trouble.strerror if isinstance(trouble, OSError) else "no file can be named so"
        raise bad_file(f"{shown(path)} cannot be written: {why}. Choose another folder.") from trouble


def _write(path: Path, content: bytes, *, force: bool) -> None:
    written = path.with_name(f".{path.name}.{os.getpid()}") if force else path
    with written.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if force:
                written.replace(path)
        except BaseException:
            with suppress(OSError):
                written.unlink()
            raise


def _csv() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field.label for field in Field])
    writer.writerows(map(guarded, row) for row in EXAMPLES)
    return text.getvalue().encode("utf-8-sig")


def _workbook() -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - for this file alone

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    as_text = book.add_format({"num_format": "@"})
    heading = book.add_format({"num_format": "@", "bold": True})
    sheet = book.add_worksheet("Serial numbers")
    sheet.set_column(0, len(Field) - 1, 20, as_text)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [field.label for field in Field], heading)
    for number, row in enumerate(EXAMPLES, 1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, as_text)
    book.close()
    return file.getvalue()
