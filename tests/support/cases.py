"""Says which of several cases of one test failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(*names: object) -> Iterator[None]:
    """Add the names of a case to what fails in the block."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"in the case of {', '.join(map(str, names))}")
        raise
