"""Findings of the check: faults, each with a stable code and a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from models.text import counted

LISTED = 20
"""Findings per code that are listed individually."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault."""

    code: str
    """Stable code of its kind."""
    message: str
    """A full sentence that names the record or object."""


class Findings:
    """A list of findings, limited to `LISTED` per code."""

    def __init__(self) -> None:
        self._listed: list[Finding] = []
        self._numbers: Counter[str] = Counter()

    def add(self, code: str, message: str) -> None:
        """Add a finding."""
        self._numbers[code] += 1
        if self._numbers[code] <= LISTED:
            self._listed.append(Finding(code, message))

    def all(self) -> tuple[Finding, ...]:
        """The listed findings in order, then the number of further ones for each code."""
        more = [
            Finding(
                code,
                f"There {'is' if number - LISTED == 1 else 'are'} {counted(number - LISTED, 'more finding')} of the "
                f"kind {code}.",
            )
            for code, number in self._numbers.items()
            if number > LISTED
        ]
        return (*self._listed, *more)
