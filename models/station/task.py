"""The tasks as data: one row per task, with its words. How a task handles serials is its `Work` (station/work.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final, NamedTuple

from models.barcodes.reading import CommandCode
from models.errors import NotFound
from models.permissions import Permission
from models.schema import Draft, DraftAnswer
from models.verbs import MOVES, VERBS, Ask, Need, Verb


class First(StrEnum):
    """What a task asks for besides the serials."""

    PLACE = "place"
    ITEM = "item"
    CUSTOMER = "customer"
    TRANSFER = "transfer"
    RESULT = "result"
    REASON = "reason"
    REPAIRER = "repairer"
    REFERENCE = "reference"
    WARRANTY = "warranty"


_DOUBLES: Final = re.compile("[^aeiou][aeiou][^aeiouwxy]$")
"""Ends of verbs whose last letter is doubled: scrapping, transferring."""

ASK_OF: Final[Mapping[First, Ask]] = MappingProxyType(
    {first: Ask(first.value) for first in First if first is not First.ITEM}
)
"""What a verb calls it."""

ANSWERS: Final = tuple(first for first in First if first not in (First.PLACE, First.ITEM))
"""What is kept as an answer of the draft; place and item are columns of it, since they change while it is scanned."""

TEXTS: Final = frozenset({First.REASON, First.REPAIRER, First.REFERENCE, First.WARRANTY})
"""Answers that can only be typed."""


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
    ARRIVED = "arrived"
    """Compare what has come with what is on its way."""
    GROUPS = "groups"
    """Take all serials at a place or of a document at once."""


class TaskWords(NamedTuple):
    """The words for a task in messages and on screens."""

    title: str
    """Name on screens: Receive."""
    noun: str
    """Name of the document that DONE writes: receipt."""
    verb: str
    """receive; its object comes behind the first word: mark defective, mark them defective."""
    to_do: str
    """Names the action when the permission is missing: receive serials."""
    steps: str
    """What to do: scan a place, an item, then its serials."""
    help: str
    """The F1 help text at the station."""
    where: str = "at"
    """Preposition before the place, the customer or the transfer: at, to, of."""
    prompts: Mapping[First, str] = MappingProxyType({})
    """Prompts that differ from those of `PROMPTS`."""

    def prompt(self, first: First) -> str:
        """The prompt to scan or type this first."""
        return self.prompts.get(first, PROMPTS[first])

    @property
    def a_noun(self) -> str:
        """The noun with its article: a receipt, an arrival."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    @property
    def whole_steps(self) -> str:
        """What to do, as the beginning of a sentence."""
        return f"{self.steps[0].upper()}{self.steps[1:]}"

    def about(self, place: str, answers: Mapping[First, str]) -> str:
        """What was said so far, to follow the title or the noun: ` at DOCK`, ` to Bergmann AG`, `: dropped`."""
        named = place or answers.get(First.CUSTOMER, "") or answers.get(First.TRANSFER, "")
        told = next((answers[first] for first in (First.RESULT, First.REASON, First.REPAIRER) if first in answers), "")
        return (f" {self.where} {named}" if named else "") + (f": {told}" if told else "")

    def does(self, what: str) -> str:
        """The verb with an object: receives them, marks the other 3 defective."""
        verb, _, rest = self.verb.partition(" ")
        ends = "es" if verb.endswith(("s", "x", "ch", "sh")) else "s"
        return f"{verb}{ends} {what} {rest}".rstrip()

    def doing(self, what: str) -> str:
        """The verb with an object, while it is done: receiving LAP, marking LAP defective."""
        verb, _, rest = self.verb.partition(" ")
        stem = verb.removesuffix("e") + (verb[-1] if _DOUBLES.search(verb) else "")
        return " ".join(filter(None, (f"{stem}ing", what, rest)))


PROMPTS: Final[Mapping[First, str]] = MappingProxyType(
    {
        First.PLACE: "scan the place",
        First.ITEM: "scan the item",
        First.CUSTOMER: "scan the customer, or type a name",
        First.TRANSFER: "scan the transfer's number",
        First.RESULT: "type the result",
        First.REASON: "type the reason",
        First.REPAIRER: "type the repairer",
        First.REFERENCE: "type the reference",
        First.WARRANTY: "type the warranty: 24m, none, or first and last day",
    }
)
"""What to do for each answer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A task for which scans are used."""

    code: str
    """That of its verb, if it has one; stored in `drafts.task`."""
    permission: Permission
    """The permission that it needs."""
    command: CommandCode | None
    """The barcode that chooses it at a station; None for a task with its own screen or dialog."""
    does: Verb | None = None
    """What it does to the serials; None if it only looks."""
    words: TaskWords
    first: tuple[First, ...]
    """What to scan before serials, in this order."""
    commits: Commit
    extras: frozenset[Extra] = frozenset()

    @property
    def verb(self) -> Verb:
        """What it does to the serials, for a task that does something to them."""
        assert self.does is not None, self.code
        return self.does

    def takes(self, first: First) -> bool:
        """Whether it asks for this, at once or only when the person says it."""
        is_asked = self.does is not None and first in ASK_OF and ASK_OF[first] in self.does.asks
        return first in self.first or is_asked

    def needs(self, first: First) -> bool:
        """Whether DONE needs it."""
        return first is First.ITEM or self.verb.asks.get(ASK_OF[first]) is Need.REQUIRED

    @property
    def answers(self) -> tuple[First, ...]:
        """The answers that it takes besides place and item, those that it asks at once first."""
        return tuple(sorted(filter(self.takes, ANSWERS), key=lambda first: first not in self.first))


def _task(verb: Verb, words: TaskWords, commits: Commit, first: tuple[First, ...], *extras: Extra) -> Task:
    """The task of a verb."""
    return Task(
        code=verb.code,
        permission=verb.permission,
        command=verb.barcode,
        does=verb,
        words=words,
        first=first,
        commits=commits,
        extras=frozenset(extras),
    )


ADD_TASK: Final = _task(
    VERBS["add"],
    TaskWords(
        title="Add Serial",
        noun="serial",
        verb="add",
        to_do="add serials",
        steps="scan serial numbers one after the other",
        help=(
            "Scan serial numbers one after the other, or type one and press Enter. Each is saved at once, In Stock, at "
            "the location below, which stays for the next one; the condition is that of the next serial only. No "
            "quantity changes."
        ),
    ),
    Commit.EACH_SCAN,
    (First.ITEM, First.PLACE),
)
"""Has a dialog of its own on the item; see `models.serials.add.add_each`."""

RECEIVE_TASK: Final = _task(
    VERBS["receive"],
    TaskWords(
        title="Receive",
        noun=VERBS["receive"].noun,
        verb="receive",
        to_do="receive serials",
        steps="scan a place, an item, then its serials",
        help=(
            "Scan a place, an item, then its serials, and DONE. Each scan is kept at once; what cannot be received "
            "waits under Problems, and scanning goes on. F3 leaves and keeps everything; F7 on the list of items "
            "brings it back."
        ),
    ),
    Commit.AT_DONE,
    (First.PLACE, First.ITEM),
    *(Extra.LISTS, Extra.EXPECTED, Extra.QUANTITY),
)


def _moves(
    code: str,
    steps: str,
    first: tuple[First, ...] = (),
    *,
    verb: str = "",
    where: str = "at",
    prompts: Mapping[First, str] = MappingProxyType({}),
    extra: Extra | None = None,
) -> Task:
    """The task of a move: what it does, whom it needs and which barcode it has stand in the row of its verb."""
    row = MOVES[code]
    if row.destination:
        where, prompts = "to", {First.PLACE: "scan the destination", **prompts}
    helps = (
        f"{steps[0].upper()}{steps[1:]}, and DONE. Each scan is kept at once; what cannot be {row.refusal} waits under "
        "Problems, and scanning goes on. Where several items have a serial, scan its item. F9 chooses what is asked, "
        "Ctrl+T another task. F3 leaves and keeps everything; F7 on the list of items brings it back."
    )
    words = TaskWords(row.title, row.noun, verb or row.title.lower(), row.to_do, steps, helps, where, prompts)
    return _task(row, words, Commit.AT_DONE, first, *([extra] if extra else []))


_ANY: Final = "then scan the serials of any items"

TRANSFER_TASK: Final = _moves(
    "transfer", "scan the destination, then the serials of any items", (First.PLACE,), extra=Extra.GROUPS
)

MOVING: Final = (
    _moves("sell", f"scan the customer, {_ANY}", (First.CUSTOMER,), where="to"),
    _moves("return", f"scan the place where they are now, {_ANY}", (First.PLACE,), verb="take back"),
    TRANSFER_TASK,
    _moves("dispatch", f"scan the destination, {_ANY}", (First.PLACE,), extra=Extra.GROUPS),
    _moves(
        "arrive",
        f"scan the transfer's number, {_ANY}",
        (First.TRANSFER,),
        verb="receive",
        where="of",
        extra=Extra.ARRIVED,
    ),
    _moves("reserve", f"scan the customer, {_ANY}", (First.CUSTOMER,), where="for"),
    _moves("release", "scan the serials of any items"),
    _moves("restock", "scan the serials of any items, and a place for those that go to it"),
    _moves("defect", f"type the reason, {_ANY}", (First.REASON,)),
    _moves("repair", "scan the serials of any items"),
    _moves(
        *("repaired", f"type the result and scan the place, {_ANY}"),
        (First.RESULT, First.PLACE),
        verb="take back from repair",
        prompts={First.RESULT: "type the result: in stock, returned, defective or sold"},
    ),
    _moves("lose", f"type the reason, {_ANY}", (First.REASON,)),
    _moves("found", f"scan the place where they are, {_ANY}", (First.PLACE,)),
    _moves("scrap", f"type the reason, {_ANY}", (First.REASON,)),
    _moves("reactivate", f"type the reason, {_ANY}", (First.REASON,)),
)
"""The moves in menu order, a row each."""

DRAFT_TASKS: Final[tuple[Task, ...]] = (RECEIVE_TASK, *MOVING)
"""The tasks whose scans are lines of a draft; the station opens with the first."""

Draft.task.words = frozenset(task.code for task in DRAFT_TASKS)
DraftAnswer.ask.words = frozenset(map(str, ANSWERS))

LOOK_UP: Final = Task(
    code="look-up",
    permission=Permission.VIEW,
    command=CommandCode.LOOK_UP,
    first=(),
    commits=Commit.NEVER,
    words=TaskWords(
        title="Look up",
        noun="look-up",
        verb="look up",
        to_do="see items and serials",
        steps="scan serials, items or places",
        help=(
            "Scan a serial: the band says what it is, where it is and what can happen to it now. Nothing is changed. "
            "F4 opens its record. A command barcode, or Ctrl+T, chooses what to do."
        ),
    ),
)

STATION_TASKS: Final[tuple[Task, ...]] = (*DRAFT_TASKS, LOOK_UP)
"""The tasks of the station in menu order."""

TASKS: Final[Mapping[str, Task]] = MappingProxyType({task.code: task for task in (ADD_TASK, *STATION_TASKS)})
"""All tasks by code."""


def draft_task(code: str) -> Task:
    """The task of a draft.

    Raises:
        NotFound: the code is unknown, for example from a later version of the program.
    """
    task = TASKS.get(code)
    if task is None or task.commits is not Commit.AT_DONE:
        raise NotFound(f"This version does not know the task {code}. Use the one with which the draft was begun.")
    return task


def chosen_by(command: CommandCode) -> Task | None:
    """The task that a command barcode chooses, or None."""
    return next((task for task in STATION_TASKS if task.command is command), None)
