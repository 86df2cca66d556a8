"""What a person types into."""

from __future__ import annotations


class TakesText:
    """A field that keeps what is typed, so that no screen takes it for a scan or a command; a base of every one."""

    __slots__ = ()

    @property
    def typed(self) -> str:
        """What stands in it."""
        raise NotImplementedError
