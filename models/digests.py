"""Digests of rows that never change: events, stock changes and documents.

A digest is made of all other columns of its row and stored with it, so that `check` finds a row that was changed with
the database's own tools. It is no signature: whoever can write the database can compute it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from models.schema import bound, is_sqlite

SEPARATOR: Final = "\x1f"
"""Between two values. NULL and the empty text are the same, and empty values at the end are left out: so a column that
a later version adds at the end of a table leaves the digests of older rows as they are."""

SIZE: Final = 16
"""Bytes that are kept of the SHA-256; nobody finds another text for the same 16 by chance."""

_FUNCTION: Final = "row_digest"
"""Name of the function that is added to SQLite, which has none."""


def digest(values: Iterable[Any]) -> bytes:
    """The digest of a row.

    Args:
        values: as stored, or as given to the driver, in the order of the columns, without those that are not digested.
    """
    # Texts, numbers and nothing are the most frequent values; a call for each would double the time.
    texts = [
        value if (kind := type(value)) is str else "" if value is None else str(value) if kind is int else _text(value)
        for value in values
    ]
    return _digest_of_text(SEPARATOR.join(texts).rstrip(SEPARATOR))


def digested(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows, each with its digest appended."""
    return [(*row, digest(row)) for row in rows]


def digest_sql(columns: Sequence[str], values: Mapping[str, str], *, is_new: bool = False) -> str:
    """The SQL expression of a row's digest, for rows that the database itself puts together.

    Args:
        columns: the digested columns in order.
        values: SQL expressions by column. Moments are given as text, see `moment_text`.
        is_new: no text holds a zero character, as the texts of rows that were judged before they are written.
    """
    parts = [values[column] for column in columns]
    if is_sqlite():
        # printf does in one go what else takes forty operators, but would hide what stands behind a zero character.
        text = (
            f"printf('{SEPARATOR.join(['%s'] * len(parts))}', {', '.join(parts)})"
            if is_new
            else " || char(31) || ".join(f"coalesce(CAST({part} AS text), '')" for part in parts)
        )
        bound.connection().create_function(_FUNCTION, 1, _digest_of_text, deterministic=True)
        return f"{_FUNCTION}(rtrim({text}, char(31)))"
    # One concat instead of many operators: it takes NULL for an empty text, and copies nothing twice.
    text = f"concat({', chr(31), '.join(parts)})"
    return f"substring(sha256(convert_to(rtrim({text}, chr(31)), 'UTF8')) from 1 for {SIZE})"


def moment_sql(column: str) -> str:
    """The SQL expression of a stored moment as `digest_sql` takes it."""
    return column if is_sqlite() else f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00'"


@lru_cache(maxsize=64)  # all rows of a transaction have the same
def moment_text(at: datetime) -> str:
    """A moment as digests have it: as SQLite stores it."""
    return at.astimezone(UTC).isoformat(" ", "microseconds")


def _digest_of_text(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[:SIZE]


def _text(value: Any) -> str:
    return moment_text(value) if isinstance(value, datetime) else str(value)
