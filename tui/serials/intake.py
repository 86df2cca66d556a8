"""The queue of serials that are added to one item, each with a verdict. It outlives the dialog that fills it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.errors import SerialdockError
from models.permissions import Actor
from models.serials.add import AddResult, Wanted, add_each
from models.spool import SpooledScan
from models.station.drafts import new_session
from models.station.task import ADD_TASK
from tui.context import Context
from tui.scanning.queue import QueuedAction, QueuedScan, ScanQueue


class Intake(ScanQueue[Wanted, AddResult]):
    """The queue that adds serials to one item."""

    def __init__(self, context: Context, item_id: int, sku: str) -> None:
        """Make an empty queue.

        Args:
            context: the app, whose database thread saves the serials.
            item_id: the item.
            sku: its SKU.
        """
        super().__init__(context)
        self._item_id, self._sku = item_id, sku
        self._session = new_session()  # for the spool; no draft has it, since each serial is committed at once
        self.problems: list[AddResult] = []
        """Refused serials that are not settled yet."""

    def take(self, actor: Actor, scans: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
        """Add serials; each is committed at once."""
        add_each(actor, self._item_id, scans, tell)

    def record(self, one: Wanted, entry: QueuedScan[Wanted, AddResult], after: str) -> SpooledScan:
        """The serial with what was said about it in the form."""
        actor = entry.actor
        return SpooledScan(
            database=self._context.spool.database,
            session=self._session,
            number=entry.number,
            task=ADD_TASK.code,
            text=one.serial,
            how="scanned",  # `Wanted` does not tell typed ones apart; both are added alike
            at=entry.at.isoformat(),
            user_id=actor.user_id,
            login=actor.login,
            login_user_id=actor.login_user_id,
            login_user=actor.login_user,
            place=one.location or "",
            sku=self._sku,
            item_id=self._item_id,
            notes=one.notes,
            confirmed=one.confirmed,
            after=after,
        )

    def refused(self, one: Wanted | QueuedAction[AddResult], refusal: SerialdockError) -> AddResult:
        """The verdict on a serial that could not be saved."""
        assert isinstance(one, Wanted), "nothing else is put in"
        return AddResult(one, refusal=refusal)

    def told(self, verdicts: Sequence[AddResult]) -> None:
        """Pass verdicts to the listeners and keep the refused ones; without listeners the app reports those."""
        refused = [verdict for verdict in verdicts if verdict.refusal is not None]
        self.problems += refused
        super().told(verdicts)
        # Dialog and tab are closed; without a word nobody would know of them.
        if refused and not self._listeners:
            self._context.tell(problems_in_words(refused), "problem")

    def settle(self, verdict: AddResult) -> None:
        """Remove a problem from the list."""
        if verdict in self.problems:
            self.problems.remove(verdict)


def problems_in_words(refused: Sequence[AddResult]) -> str:
    """One message for serials that were not added, with the first one's reason."""
    first = refused[0]
    assert first.refusal is not None, "only refused ones are problems"
    if len(refused) == 1:
        return f"{first.wanted.serial} was not added. {first.refusal.message}"
    names = ", ".join(verdict.wanted.serial for verdict in refused[:3])
    more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
    return f"{names}{more} were not added. {first.refusal.message}"
