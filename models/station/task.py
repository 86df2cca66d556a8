"""What a station can be used for, as data: one row for each task. What a task does with serials is a `Work`."""

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
    """What is scanned before the serials."""

    PLACE = "place"
    ITEM = "item"
    CUSTOMER = "customer"
    DOCUMENT = "document"


class Commit(Enum):
    """When a scan becomes part of the stock."""

    EACH_SCAN = auto()
    AT_DONE = auto()
    """Until then it is a line of a draft."""
    NEVER = auto()
    """It is only looked up."""


class Extra(StrEnum):
    """What a task offers besides scanning."""

    LISTS = "lists"
    """A range or a list of serials in one go."""
    EXPECTED = "expected"
    """A number, or an announced list, of what shall come."""
    QUANTITY = "quantity"
    """Whether the quantity goes up with the serials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWords:
    """How a task is spoken of."""

    title: str
    """What screens call it: Receive."""
    noun: str
    """What DONE writes: receipt."""
    verb: str
    """receive; with an s behind it where DONE does it."""
    to_do: str
    """What a refusal says that somebody may not do: receive serials."""
    steps: str
    """What is scanned, in one sentence with "Scan" before it: a place, an item, then its serials."""
    help: str
    """What F1 says at the station."""
    where: str = "at"
    """What stands before the place: at, to."""
    prompts: Mapping[First, str] = field(default_factory=dict)
    """What to scan next, where it is not "scan the place"."""

    def prompt(self, first: First) -> str:
        """What to scan next where this is missing."""
        return self.prompts.get(first, f"scan the {first}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One way to use scans."""

    verb: Verb
    """What happens to the serials."""
    words: TaskWords
    first: tuple[First, ...]
    """What it asks for before serials, in this order."""
    commits: Commit
    extras: frozenset[Extra] = frozenset()

    @property
    def code(self) -> str:
        """Stored in `drafts.task`: the code of its verb."""
        return self.verb.code

    @property
    def permission(self) -> Permission:
        """What it needs."""
        return self.verb.permission

    @property
    def command(self) -> CommandCode | None:
        """The barcode that chooses it at a station; None where it has a face of its own."""
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
"""Its face is a dialog of the item; see `models.serials.add.add_each`."""

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
            "waits under Problems, and the gun goes on. F3 leaves and keeps everything; F7 on the list of items brings "
            "it back."
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
            "transferred waits under Problems, and the gun goes on. Where several items have a serial, scan its item. "
            "F3 leaves and keeps everything; F7 on the list of items brings it back."
        ),
    ),
)

DRAFT_TASKS: Final[tuple[Task, ...]] = (RECEIVE, TRANSFER)
"""What a station can do, in the order in which it is offered; the first is the one that it opens with."""

TASKS: Final[Mapping[str, Task]] = MappingProxyType({task.code: task for task in (ADD, *DRAFT_TASKS)})
"""By code."""


def draft_task(code: str) -> Task:
    """The task of a draft.

    Raises:
        NotFound: of a later version of this program.
    """
    for task in DRAFT_TASKS:
        if task.code == code:
            return task
    raise NotFound(f"This version does not know the task {code}. Use the one with which the draft was begun.")


def chosen_by(command: CommandCode) -> Task | None:
    """The task that a command barcode chooses."""
    return next((task for task in DRAFT_TASKS if task.command is command), None)
