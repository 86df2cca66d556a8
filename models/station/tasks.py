"""All tasks, by code. A new one is a module beside this and its name in this list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models.barcodes.reading import CommandCode
from models.errors import NotFound
from models.station.add import ADD
from models.station.receive import RECEIVE
from models.station.task import DraftTask, Task

DRAFT_TASKS: Final[tuple[DraftTask, ...]] = (RECEIVE,)
"""What a station can do, in the order in which it is offered; the first is the one that it opens with."""

TASKS: Final[Mapping[str, Task]] = MappingProxyType({task.code: task for task in (ADD, *DRAFT_TASKS)})


def draft_task(code: str) -> DraftTask:
    """The task of a draft.

    Raises:
        NotFound: of a later version of this program.
    """
    for task in DRAFT_TASKS:
        if task.code == code:
            return task
    raise NotFound(f"This version does not know the task {code}. Use the one with which the draft was begun.")


def chosen_by(command: CommandCode) -> DraftTask | None:
    """The task that a command barcode chooses."""
    return next((task for task in DRAFT_TASKS if task.command is command), None)
