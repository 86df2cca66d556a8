"""What a check finds, gathered without growing: some of each kind in words, the rest as a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

LISTED = 20
"""Findings of one code that are told one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    code: str
    """Stable name of its kind."""
    message: str
    """A whole sentence that names the thing."""


class Findings:
    """A list of findings that never becomes long."""

    def __init__(self) -> None:
        self._listed: list[Finding] = []
        self._numbers: Counter[str] = Counter()

    def add(self, code: str, message: str) -> None:
        """Note a finding."""
        self._numbers[code] += 1
        if self._numbers[code] <= LISTED:
            self._listed.append(Finding(code, message))

    def all(self) -> tuple[Finding, ...]:
        """The findings in the order in which they were made, then how many more there are of each code."""
        more = [
            Finding(code, f"There are {number - LISTED:,} more findings of the kind {code}.")
            for code, number in self._numbers.items()
            if number > LISTED
        ]
        return (*self._listed, *more)
