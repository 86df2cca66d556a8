"""Intake: serials that are added to one item, one verdict each. It outlives the dialog that feeds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.errors import DatabaseTrouble, SerialdockError
from models.permissions import Actor
from models.serials.add import AddResult, Wanted, add_each
from tui.context import Context
from tui.scanning.queue import Act, ScanQueue


class Intake(ScanQueue[Wanted, AddResult]):
    """Adds serials to one item."""

    keeps_trying = False

    def __init__(self, context: Context, item_id: int) -> None:
        """Make it; it does nothing until something is put in.

        Args:
            context: the app, whose database thread saves.
            item_id: the item.
        """
        super().__init__(context)
        self._item_id = item_id
        self.problems: list[AddResult] = []
        """Those that were not added and that nobody has settled."""

    def take(self, actor: Actor, scans: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
        """Add serials; each is committed at once."""
        add_each(actor, self._item_id, scans, tell)

    def refused(self, one: Wanted | Act[AddResult], refusal: SerialdockError) -> AddResult:
        """The verdict on one that could not be saved."""
        assert isinstance(one, Wanted), "nothing else is put in"
        return AddResult(one, refusal=refusal)

    def told(self, verdicts: Sequence[AddResult]) -> None:
        """Tell verdicts, and keep those in sight that were not added; on the screen, when nobody listens any more."""
        refused = [verdict for verdict in verdicts if verdict.refusal is not None]
        self.problems += refused
        super().told(verdicts)
        if refused and not self._listeners:
            self._context.tell(problems_in_words(refused), "problem")

    def settle(self, verdict: AddResult) -> None:
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


def problems_in_words(refused: Sequence[AddResult]) -> str:
    """One sentence for serials that were not added."""
    first = refused[0]
    assert first.refusal is not None, "only refused ones are problems"
    if len(refused) == 1:
        return f"{first.wanted.serial} was not added. {first.refusal.message}"
    names = ", ".join(verdict.wanted.serial for verdict in refused[:3])
    more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
    return f"{names}{more} were not added. {first.refusal.message}"
