"""What a benchmark says: ours beside a baseline of the same run, and whether that is good enough.

Absolute times drift between machines, so a baseline is always measured in the same run and the ratio is what
counts. A module of this package has `rows(quick: bool) -> list[Figure]`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple


class Measure(NamedTuple):
    """A quantity that was measured."""

    value: float
    """In the base unit: seconds, bytes, pieces per second."""
    unit: str
    """`"s"`, `"B"`, `"/s"` or any other word."""
    what: str = ""
    """What it is of, where the work does not say it: `"ours at 1,000 rows"`."""

    def __str__(self) -> str:
        value, unit = self.value, self.unit
        if unit == "s":
            value, unit = (value, "s") if value >= 1 else (value * 1e3, "ms") if value >= 1e-3 else (value * 1e6, "µs")
        elif unit == "B":
            value, unit = (value / 1e6, "MB") if value >= 1e6 else (value / 1e3, "kB") if value >= 1e4 else (value, "B")
        number = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        return f"{number}{'' if unit == '/s' else ' '}{unit}".rstrip()


class Goal(NamedTuple):
    """A limit for the ratio, or for our own measure where `unit` says so."""

    limit: float
    at_most: bool = True
    """Whether the limit is the highest good value, else the lowest."""
    unit: str | None = None
    """Unit of our measure, in which the limit is given; None when it limits the ratio."""

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        return f"{sign} {f'{self.limit:g}×' if self.unit is None else Measure(self.limit, self.unit)}"


class Figure(NamedTuple):
    """One row of the table."""

    work: str
    size: str
    """How much of it: `"1,000,000 rows"`."""
    engine: str
    """`"SQLite"`, `"PostgreSQL"`, or what else it ran on."""
    ours: Measure
    baseline: Measure | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the baseline."""
        return None if self.baseline is None else self.ours.value / self.baseline.value

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        value = self.ratio if self.goal.unit is None else self.ours.value
        if value is None:
            raise ValueError(f"{self.work}: a goal for a ratio needs a baseline")
        return value <= self.goal.limit if self.goal.at_most else value >= self.goal.limit


HEADINGS = ("work", "size", "engine", "ours", "baseline", "ratio", "goal", "")


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure as texts under `HEADINGS`."""
    baseline = "–"
    if figure.baseline is not None:
        baseline = f"{figure.baseline} {figure.baseline.what}".rstrip()
    return (
        figure.work,
        figure.size,
        figure.engine,
        str(figure.ours),
        baseline,
        "–" if figure.ratio is None else f"{figure.ratio:.2f}×",
        "–" if figure.goal is None else str(figure.goal),
        {None: "", True: "met", False: "MISSED"}[figure.met],
    )


def table(figures: Iterable[Figure]) -> str:
    """All figures as a Markdown table that also reads well as plain text."""
    rows = [HEADINGS, *map(cells, figures)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    numbers = {3, 5}

    def line(row: Sequence[str]) -> str:
        aligned = (
            text.rjust(width) if column in numbers else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, wide, strict=True))
        )
        return f"| {' | '.join(aligned)} |"

    rule = "|".join(f"{'-' * (width + 1)}{':' if column in numbers else '-'}" for column, width in enumerate(wide))
    return "\n".join([line(HEADINGS), f"|{rule}|", *map(line, rows[1:])])


def to_json(figures: Iterable[Figure]) -> str:
    """All figures with their numbers in base units, for another program."""

    def measure(found: Measure | None) -> dict[str, Any] | None:
        return None if found is None else found._asdict()

    return json.dumps(
        [
            {
                "work": figure.work,
                "size": figure.size,
                "engine": figure.engine,
                "ours": measure(figure.ours),
                "baseline": measure(figure.baseline),
                "ratio": figure.ratio,
                "goal": None if figure.goal is None else str(figure.goal),
                "met": figure.met,
            }
            for figure in figures
        ],
        indent=1,
        ensure_ascii=False,
    )


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of several runs of some work, in seconds."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return median(taken)
