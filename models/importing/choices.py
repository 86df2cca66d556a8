"""A person's choices for reading a file; all of them can be remembered with the file's header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NO_HEADER: Final = 0
"""Value of `Choices.header_row` for a table without a header: all rows are data, columns are named by letters."""


class DateOrder(StrEnum):
    """The order of day, month and year in dates written with numbers only."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices for reading one file; the defaults leave each decision to the content of the file."""

    header_row: int | None = None
    """Number of the header's row as in `Row.number`, the first being 1, or `NO_HEADER`; None: it is found."""
    encoding: str | None = None
    """Python codec of a text file; None: it is told by the bytes, or refused."""
    dates: DateOrder | None = None
    """Order of numeric dates; None: each column decides, or the file is refused."""
    split: bool | None = None
    """Whether a cell with several serials is one row for each, or else one serial as it stands; None: it is refused."""
    refuse_placeholders: bool = False
    """Whether serials such as `N/A` are refused; else they are warned of."""
    make: frozenset[str] = frozenset()
    """Kinds of unknown records to make with the import: `items`, `locations`."""

    def over(self, before: Choices) -> Choices:
        """The choices to remember: these, and those of an earlier file that none of these replaces."""
        return Choices(
            # `NO_HEADER` is 0 and never remembered: a table without a header has no key to find it again.
            header_row=self.header_row or before.header_row,
            encoding=self.encoding or before.encoding,
            dates=self.dates or before.dates,
            split=before.split if self.split is None else self.split,
        )


NOTHING_CHOSEN: Final = Choices()
