"""Scans that an ended process has left in its spool, as a person decides about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from models import clock
from models.barcodes.reading import CommandCode
from models.clock import clock_time, day
from models.spool import SpooledScan
from models.station.task import TASKS, Commit, Task, draft_task

NEVER_KEPT: Final = (CommandCode.DONE, CommandCode.UNDO, CommandCode.CANCEL)
"""Commands that are never written: nobody shall find out later that one was carried out by itself."""


@dataclass(frozen=True, slots=True)
class WaitingScans:
    """Scans of one session that are in a spool and not in the database."""

    file: Path
    records: tuple[SpooledScan, ...]
    """In the order of scanning; never empty."""
    draft_id: int | None
    """The open draft that still has their session; None if there is none."""
    before: tuple[SpooledScan, ...] = ()
    """Earlier scans of the session that stand in the spool and were taken: they may have named place and item."""

    @property
    def session(self) -> str:
        """Their session."""
        return self.records[0].session

    @property
    def task(self) -> Task:
        """Their task.

        Raises:
            NotFound: a later version of the program has it.
        """
        code = self.records[0].task
        return TASKS[code] if self.commit_each else draft_task(code)

    @property
    def commit_each(self) -> bool:
        """Whether each of them becomes stock by itself, without a draft: those of Add Serial."""
        task = TASKS.get(self.records[0].task)
        return task is not None and task.commits is Commit.EACH_SCAN

    @property
    def since(self) -> datetime:
        """When the first of them was scanned."""
        return self.records[0].moment

    @property
    def noun(self) -> str:
        """What the task makes: receipt."""
        task = TASKS.get(self.records[0].task)
        return task.words.noun if task is not None else "draft"

    @property
    def sentence(self) -> str:
        """`4 scans of dock1 for R at DOCK-1, 10:42, that are in no receipt`."""
        first, count = self.records[0], len(self.records)
        item = f" for {first.sku}" if first.sku else ""
        place = f" at {first.place}" if first.place else ""
        at = self.since
        when = f"{at.astimezone():%H:%M}" if day(at) == day(clock.now()) else clock_time(at)
        that = "that is" if count == 1 else "that are"
        if self.commit_each:
            end = f"{that} not {self.task.verb.done}"
        elif self.draft_id is not None:
            end = f"{that} not in its open {self.noun}"
        else:
            end = f"{that} in no {self.noun}"
        return f"{count:,} scan{'' if count == 1 else 's'} of {first.login}{item}{place}, {when}, {end}"


class TakenUp(NamedTuple):
    """What became of the scans that were left behind."""

    taken: int
    """Scans that are now in the drafts that they belong to."""
    left: list[WaitingScans]
    """Those that a person has to decide about."""
