"""Intake: serials on their way into the database, in the order in which they were scanned.

It outlives the dialog that feeds it. Each serial is handed to the database thread at once and is saved there even
when dialog, screen and app close; while one transaction commits, what arrives meanwhile is gathered for the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from models.errors import DatabaseTrouble, SerialdockError
from models.serials.add import Verdict, Wanted, add_each
from tui.context import Context

MOST: Final = 500
"""Serials in one go, so that look-ups do not wait long behind a paste of thousands."""

Listener: TypeAlias = Callable[[Sequence[Verdict]], None]
"""Is told verdicts in the order of the scans."""


class Intake:
    """Adds serials to one item, one verdict each."""

    def __init__(self, context: Context, item_id: int) -> None:
        """Make it; it does nothing until something is put in.

        Args:
            context: the app, whose database thread saves.
            item_id: the item.
        """
        self._context = context
        self._item_id = item_id
        self._arrived: deque[Wanted] = deque()
        self._is_asked = False
        self._listeners: list[Listener] = []
        self.waiting = 0
        """How many have no verdict yet."""
        self.problems: list[Verdict] = []
        """Those that were not added and that nobody has settled."""

    def listen(self, listener: Listener) -> None:
        """Tell verdicts to somebody from now on."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Listener) -> None:
        """Tell this one no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def put(self, wanted: Wanted) -> None:
        """Save one more serial behind the others."""
        self.waiting += 1
        self._arrived.append(wanted)
        # The flag falls before the database thread takes what has arrived, so whoever sees it set is in that take.
        if not self._is_asked:
            self._ask()

    def settle(self, verdict: Verdict) -> None:
        """Take a problem off the list."""
        if verdict in self.problems:
            self.problems.remove(verdict)

    def retry(self) -> int:
        """Save those again that failed because the database could not be used.

        Returns:
            How many.
        """
        failed = [verdict for verdict in self.problems if isinstance(verdict.refusal, DatabaseTrouble)]
        for verdict in failed:
            self.settle(verdict)
            self.put(verdict.wanted)
        return len(failed)

    def _ask(self) -> None:
        self._is_asked = True
        self._context.run_worker(self._save(), group="intake", name="save scanned serials")

    async def _save(self) -> None:
        taken: list[Wanted] = []
        verdicts: list[Verdict] = []

        def work() -> None:
            # Runs a second time when the connection was lost before anything was written.
            if not taken:
                self._is_asked = False
                taken.extend(self._take())
            if taken[len(verdicts) :]:
                add_each(self._context.actor, self._item_id, taken[len(verdicts) :], verdicts.append)

        try:
            await self._context.db.write(work)
        except SerialdockError as trouble:
            if not taken:
                self._is_asked = False
                taken.extend(self._take())
            verdicts += [Verdict(one, refusal=trouble) for one in taken[len(verdicts) :]]
        if self._arrived and not self._is_asked:
            self._ask()
        if verdicts:
            self._tell(verdicts)

    def _take(self) -> list[Wanted]:
        taken: list[Wanted] = []
        while self._arrived and len(taken) < MOST:
            taken.append(self._arrived.popleft())
        return taken

    def _tell(self, verdicts: Sequence[Verdict]) -> None:
        self.waiting -= len(verdicts)
        refused = [verdict for verdict in verdicts if verdict.refusal is not None]
        self.problems += refused
        for listener in list(self._listeners):
            listener(verdicts)
        if refused and not self._listeners:
            self._context.tell(problems_in_words(refused), "problem")


def problems_in_words(refused: Sequence[Verdict]) -> str:
    """One sentence for serials that were not added."""
    first = refused[0]
    assert first.refusal is not None, "only refused ones are problems"
    if len(refused) == 1:
        return f"{first.wanted.serial} was not added. {first.refusal.message}"
    names = ", ".join(verdict.wanted.serial for verdict in refused[:3])
    more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
    return f"{names}{more} were not added. {first.refusal.message}"
