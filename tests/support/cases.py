"""Many small cases in one test: a test of its own costs each of them some milliseconds, with a database fifty."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


@contextmanager
def case(*names: object) -> Iterator[None]:
    """Add the names of a case to what fails in the block."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"in the case of {', '.join(map(str, names))}")
        raise


def each(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with each of some cases, as `parametrize` does, but as one test: the fixtures are those of all cases.

    Args:
        names: the arguments that a case gives.
        cases: the values of one argument, or tuples of those of several.
    """
    given = (names,) if isinstance(names, str) else names
    values = [(one,) if isinstance(names, str) else tuple(one) for one in cases]
    assert values, "a test without cases cannot fail"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            for one in values:
                with case(*map(ascii, one)):
                    test(**fixtures, **dict(zip(given, one, strict=True)))

        signature = inspect.signature(test)
        fixtures = [kind for name, kind in signature.parameters.items() if name not in given]
        run.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return run

    return decorate


def agree(table: str, has: Iterable[object], needs: Iterable[object]) -> None:
    """Fail with what a table lacks, or has for nothing.

    Args:
        table: its name and file, for who adds a verb.
        has: the keys that it has.
        needs: those that it should have.
    """
    lacks, more = sorted(map(str, set(needs) - set(has))), sorted(map(str, set(has) - set(needs)))
    assert not lacks, f"{table} lacks {', '.join(lacks)}"
    assert not more, f"{table} has {', '.join(more)}, which {'is' if len(more) == 1 else 'are'} nowhere else"
