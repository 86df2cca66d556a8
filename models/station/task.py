"""The tasks as data: one row per task, with its words. How a task handles serials is its `Work` (station/work.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final

from models.barcodes.reading import CommandCode
from models.errors import NotFound
from models.permissions import Permission
from models.verbs import VERBS, Verb


class First(StrEnum):
    """What a task asks for before the serials."""

    PLACE = "place"
    ITEM = "item"
    CUSTOMER = "customer"
    DOCUMENT = "document"


class Commit(Enum):
    """When a scan becomes stock."""

    EACH_SCAN = auto()
    AT_DONE = auto()
    """Until DONE, a scan is a line of a draft."""
    NEVER = auto()
    """Scans are only looked up."""


class Extra(StrEnum):
    """Extra functions of a task."""

    LISTS = "lists"
    """Enter a range or a list of serials at once."""
    EXPECTED = "expected"
    """Set an expected number or an announced list."""
    QUANTITY = "quantity"
    """Choose whether the quantity goes up with the serials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWords:
    """The words for a task in messages and on screens."""

    title: str
    """Name on screens: Receive."""
    noun: str
    """Name of the document that DONE writes: receipt."""
    verb: str
    """receive; messages add an s: DONE receives."""
    to_do: str
    """Names the action when the permission is missing: receive serials."""
    steps: str
    """What to scan, to follow "Scan": a place, an item, then its serials."""
    help: str
    """The F1 help text at the station."""
    where: str = "at"
    """Preposition before the place: at, to."""
    prompts: Mapping[First, str] = field(default_factory=dict)
    """Prompts that differ from the default "scan the place"."""

    def prompt(self, first: First) -> str:
        """The prompt to scan this first."""
        return self.prompts.get(first, f"scan the {first}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A task for which scans are used."""

    verb: Verb
    """What happens to the serials."""
    words: TaskWords
    first: tuple[First, ...]
    """What to scan before serials, in this order."""
    commits: Commit
    extras: frozenset[Extra] = frozenset()

    @property
    def code(self) -> str:
        """The code of its verb; stored in `drafts.task`."""
        return self.verb.code

    @property
    def permission(self) -> Permission:
        """The permission that it needs."""
        return self.verb.permission

    @property
    def command(self) -> CommandCode | None:
        """The barcode that chooses it at a station; None for a task with its own screen or dialog."""
        return CommandCode(self.verb.barcode) if self.commits is Commit.AT_DONE else None


ADD: Final = Task(
    verb=VERBS["add"],
    first=(First.ITEM, First.PLACE),
    commits=Commit.EACH_SCAN,
    words=TaskWords(
        title="Add Serial",
        noun="serial",
        verb="add",
        to_do="add serials",
        steps="serial numbers one after the other",
        help=(
            "Scan serial numbers one after the other, or type one and press Enter. Each is saved at once, In Stock, at "
            "the location below, which stays for the next one; the condition is that of the next serial only. No "
            "quantity changes."
        ),
    ),
)
"""Has a dialog of its own on the item; see `models.serials.add.add_each`."""

RECEIVE: Final = Task(
    verb=VERBS["receive"],
    first=(First.PLACE, First.ITEM),
    commits=Commit.AT_DONE,
    extras=frozenset(Extra),
    words=TaskWords(
        title="Receive",
        noun="receipt",
        verb="receive",
        to_do="receive serials",
        steps="a place, an item, then its serials",
        help=(
            "Scan a place, an item, then its serials, and DONE. Each scan is kept at once; what cannot be received "
            "waits under Problems, and scanning goes on. F3 leaves and keeps everything; F7 on the list of items "
            "brings it back."
        ),
    ),
)

TRANSFER: Final = Task(
    verb=VERBS["transfer"],
    first=(First.PLACE,),
    commits=Commit.AT_DONE,
    words=TaskWords(
        title="Transfer",
        noun="transfer",
        verb="transfer",
        to_do="transfer serials",
        steps="the destination, then the serials of any items",
        where="to",
        prompts={First.PLACE: "scan the destination"},
        help=(
            "Scan the destination, then the serials of any items, and DONE. Each scan is kept at once; what cannot be "
            "transferred waits under Problems, and scanning goes on. Where several items have a serial, scan its item. "
            "F3 leaves and keeps everything; F7 on the list of items brings it back."
        ),
    ),
)

DRAFT_TASKS: Final[tuple[Task, ...]] = (RECEIVE, TRANSFER)
"""The tasks of the scan station in menu order; the station opens with the first."""

TASKS: Final[Mapping[str, Task]] = MappingProxyType({task.code: task for task in (ADD, *DRAFT_TASKS)})
"""All tasks by code."""


def draft_task(code: str) -> Task:
    """The task of a draft.

    Raises:
        NotFound: the code is unknown, for example from a later version of the program.
    """
    for task in DRAFT_TASKS:
        if task.code == code:
            return task
    raise NotFound(f"This version does not know the task {code}. Use the one with which the draft was begun.")


def chosen_by(command: CommandCode) -> Task | None:
    """The task that a command barcode chooses, or None."""
    return next((task for task in DRAFT_TASKS if task.command is command), None)
