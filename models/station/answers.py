"""What a draft was told besides place and item: customer, transfer, result, reason, warranty …; found, kept, read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from models import clock
from models.customers import customer_or_none
from models.database.unit import Unit
from models.errors import NotFound
from models.schema import Customer, Document, DraftAnswer, bound
from models.serials.judging import Scan
from models.serials.moves import Answers, on_the_way
from models.serials.record import find_serials
from models.station.scan import Meaning, typed_command
from models.station.task import ANSWERS, TEXTS, First, Task, chosen_by
from models.statuses import stored_statuses
from models.terms import Term, warranty
from models.text import clean_line, clean_note, escaped, fold, storable
from models.verbs import DocumentKind

LONGEST: Final = 80
"""Most characters of a repairer and of a reference."""


TRANSFER_NUMBER: Final = re.compile(f"{DocumentKind.TRANSFER.prefix}-[0-9]{{6,}}", re.IGNORECASE)
"""What may be the number of a transfer."""


def no_answer(first: First) -> str:
    """Reason code of a text that is no answer."""
    return f"no_{first}"


class Given(NamedTuple):
    """An answer."""

    value: str
    """As stored, see `models.schema.DraftAnswer`."""
    shown: str
    """The words for the person."""


def named(task: Task, first: First, text: str) -> Given | None:
    """What a text names in full, in any case; None if nothing has this name.

    Raises:
        BadValue: it is none that can be stored.
    """
    if first is First.CUSTOMER:
        customer = customer_or_none(storable(text))  # also a scan that cannot be read is looked up
        return None if customer is None else of_customer(customer)
    if first is First.TRANSFER:
        found = Document.get_or_none(Document.number == fold(text))
        return Given(found.number, found.number) if found and found.kind == DocumentKind.TRANSFER else None
    if first is First.RESULT:
        wanted = fold(text.replace("_", " "))
        return next(
            (one for one in results(task) if wanted in (fold(one.value.replace("_", " ")), fold(one.shown))), None
        )
    if first is First.WARRANTY:
        return _warranty(text)
    if first is First.REASON:
        return _text(clean_note(text, "reason", field="reason"))
    return _text(clean_line(text, str(first), longest=LONGEST, field=str(first), empty=True))


def _text(text: str) -> Given | None:
    return Given(text, text) if text else None


def _warranty(text: str) -> Given | None:
    """A warranty as it is written: 24m, none, 2026-03-02..2028-03-01."""
    if not text.strip():
        return None
    found = warranty(text)
    if isinstance(found, Term):
        found.last_day(clock.today())  # refuses one that no calendar has
        return _text(found.code)
    start = found.start or "" if found is not None else ""
    return _text("none" if found is None else f"{start}..{found.end}")


def of_customer(customer: Customer) -> Given:
    """A customer as an answer."""
    return Given(str(customer.id), customer.name)


def results(task: Task) -> list[Given]:
    """The statuses that the task's verb may lead to, for a person to choose from."""
    after, as_before = task.verb.after, task.verb.as_before
    rows = stored_statuses().values()
    return [Given(row.code, row.label) for row in rows if (after is not None and row in after) or row in as_before]


def no_such(task: Task, first: First, text: str) -> str:
    """The sentence about a text that names nothing."""
    if first is First.CUSTOMER:
        return f"There is no customer {text}. Choose one from the list, or make a new one."
    if first is First.TRANSFER:
        return f"There is no transfer {text}. Scan its number, or choose it from the list."
    shown = [one.shown for one in results(task)]
    return f"{text} is no result. Type one of: {', '.join(shown)}."


# ----- which scan is an answer


def pending(task: Task, given: Mapping[First, Given]) -> First | None:
    """The answer that the task asks for now; None if it is the place, the item or a serial."""
    return next((first for first in task.first if first in ANSWERS and first not in given), None)


def typed_meaning(task: Task, given: Mapping[First, Given], read: Meaning) -> Meaning:
    """The meaning of a typed text. While a reason is asked for, "lost" is one and chooses no task."""
    meaning = typed_command(read)
    command = meaning.reading.command if meaning.reading is not None else None
    chooses = command is not None and chosen_by(command) is not None
    return read if chooses and pending(task, given) in TEXTS else meaning


def may_answer(task: Task, given: Mapping[First, Given], scan: Scan, meaning: Meaning) -> First | None:
    """What a scan may be an answer to; few of the scans that come together, since each is looked up alone."""
    is_command = meaning.reading is not None and meaning.reading.command is not None
    if is_command or meaning.place_id is not None or meaning.item_id is not None:
        return None
    if meaning.customer_id is not None and task.takes(First.CUSTOMER):
        return First.CUSTOMER
    text, now = scan.text.strip(), pending(task, given)
    if task.takes(First.TRANSFER) and TRANSFER_NUMBER.fullmatch(text):
        return First.TRANSFER
    is_typed, may_be_a_name = scan.how == "typed", meaning.is_name or meaning.refusal is not None
    if task.takes(First.CUSTOMER) and may_be_a_name and (is_typed or now is First.CUSTOMER):
        return First.CUSTOMER
    if is_typed:
        return now
    is_word = text.replace("_", "").replace(" ", "").isalpha()
    return now if now is First.RESULT and is_word else None


def is_rather_serial(first: First, scan: Scan, meaning: Meaning) -> bool:
    """Whether what may be an answer is a serial of the warehouse and stays one: a typed text, or a customer's name."""
    is_weak = (scan.how == "typed" or first is First.CUSTOMER) and meaning.customer_id is None
    return is_weak and is_serial(meaning)


def is_serial(meaning: Meaning) -> bool:
    """Whether a serial of the warehouse has the scanned text."""
    return any(find_serials(serial) for serial in meaning.serials)


# ----- kept with the draft


def write_answer(unit: Unit, draft_id: int, number: int, first: First, given: Given, scan: str) -> None:
    """Keep an answer; it replaces an earlier one."""
    DraftAnswer.create(
        draft=draft_id,
        number=number,
        ask=str(first),
        value=given.value,
        shown=given.shown,
        scan=escaped(scan),
        user=unit.actor.user_id,
        at=unit.at,
    )


def last_answer(draft_id: int) -> DraftAnswer | None:
    """The newest answer that was not taken back."""
    those = DraftAnswer.select().where((DraftAnswer.draft == draft_id) & ~DraftAnswer.taken_back)
    found: DraftAnswer | None = those.order_by(DraftAnswer.number.desc()).first()
    return found


def take_back(draft_id: int, number: int) -> None:
    """Take an answer back; an earlier one counts again."""
    DraftAnswer.update(taken_back=True).where(
        (DraftAnswer.draft == draft_id) & (DraftAnswer.number == number)
    ).execute()


def answers_of(draft_id: int) -> tuple[int, dict[First, Given]]:
    """The highest number among the answers of a draft, and the present answers.

    Raises:
        WrongValueError: a row is damaged.
    """
    rows = bound.execute_sql(
        "SELECT number, ask, value, shown, taken_back FROM draft_answers "
        f"WHERE draft_id = {bound.param} ORDER BY number",
        (draft_id,),
    ).fetchall()
    given = {First(DraftAnswer.ask.known(ask)): Given(value, shown) for _, ask, value, shown, out in rows if not out}
    return max((int(row[0]) for row in rows), default=0), given


def awaited(given: Mapping[First, Given]) -> int:
    """How many serials are still on their way on the transfer that was named; 0 if none was."""
    return len(on_the_way(given[First.TRANSFER].value)) if First.TRANSFER in given else 0


def to_text(given: Mapping[First, Given]) -> str:
    """Answers as text, for scans that wait; empty for none."""
    return json.dumps({str(first): list(one) for first, one in given.items()}) if given else ""


def from_text(text: str) -> dict[First, Given]:
    """Answers of a scan that waited; none where somebody has changed the text."""
    try:
        found = json.loads(text) if text else {}
        return {First(first): Given(str(value), str(shown)) for first, (value, shown) in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


# ----- for the move


def customer_of(given: Mapping[First, Given]) -> Customer | None:
    """The customer that was named.

    Raises:
        NotFound: there is no such customer any more.
    """
    if First.CUSTOMER not in given:
        return None
    value, shown = given[First.CUSTOMER]
    found = next(iter(Customer.those(f"id = {bound.param}", int(value))), None)
    if found is None:
        raise NotFound(f"The customer {shown} is not there any more. Scan another one.", field="customer")
    return found


def as_answers(given: Mapping[First, Given]) -> Answers:
    """The answers for `moves`, without place and customer."""
    said = {first: one.value for first, one in given.items()}
    return Answers(
        transfer=said.get(First.TRANSFER, ""),
        result=said.get(First.RESULT, ""),
        repairer=said.get(First.REPAIRER, ""),
        reference=said.get(First.REFERENCE, ""),
        warranty=said.get(First.WARRANTY, ""),
        note=said.get(First.REASON, ""),
    )
