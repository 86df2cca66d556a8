"""Missing records: the names in a file that nothing here has, and the existing records that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from models.customers import customers_like
from models.importing.columns import Field
from models.importing.imports import MissingRecord
from models.importing.rows import IMPORT
from models.items.list import ItemSource
from models.locations import list_places
from models.statuses import stored_statuses
from models.text import counted, fold
from tui.context import Context
from tui.kit.choose import Choice, ChooseDialog

MOST_LISTED: Final = 2_000
"""Number of existing items and customers that are listed."""

MOST_ALIKE: Final = 50
"""Number of them that are listed first because they have a word of the missing name."""

_AS_IT_IS: Final = "\x00as it is"
"""The choice that a name stands for nothing here; no record has such a name."""

Values = dict[Field, dict[str, str]]
"""Meanings of texts of a file: by field, the name of an existing record by folded text."""


async def ask_meanings(context: Context, missing: Sequence[MissingRecord], values: Values) -> Values | None:
    """List what is missing, and ask for each that is chosen what it is here; for workers.

    Args:
        context: the app.
        missing: what does not exist.
        values: what was said before.

    Returns:
        What texts stand for now; None if nothing was changed.

    Raises:
        SerialdockError: the database cannot be read.
    """
    # Copies: the values are taken over only when the list is left, and compared with those of before.
    said: Values = {field: dict(names) for field, names in values.items()}
    listed = [*sorted(missing, key=lambda one: one.is_made), *_said_before(missing, values)]
    present: str | None = None
    while True:
        choices = [Choice(str(place), one.name, _beside(one, said)) for place, one in enumerate(listed)]
        present = await context.ask(ChooseDialog("Not here: Enter says what it is", choices, present=present))
        if present is None:
            return said if said != values else None
        await _ask_meaning(context, listed[int(present)], said)


def _said_before(missing: Sequence[MissingRecord], values: Mapping[Field, Mapping[str, str]]) -> list[MissingRecord]:
    """Names that stand for an existing record already, so that this can be changed."""
    there = {(one.kind, fold(one.name)) for one in missing}
    return [
        MissingRecord(field, text, 0) for field, names in values.items() for text in names if (field, text) not in there
    ]


def _beside(one: MissingRecord, said: Values) -> str:
    stands_for = said.get(Field(one.kind), {}).get(fold(one.name))
    rows = f" · {counted(one.rows, 'row')}" if one.rows else ""
    if stands_for:
        return f"{one.kind}{rows} → {stands_for}"
    will = " · will be made" if one.is_made else f" · {one.why_not}" if one.why_not else ""
    return f"{one.kind}{rows}{will}"


async def _ask_meaning(context: Context, one: MissingRecord, said: Values) -> None:
    """Ask what a name stands for, and note it in `said`."""
    field = Field(one.kind)
    names = said.setdefault(field, {})
    with context.keyboard.hold():
        existing = await context.db.run(_existing, field, one.name)
    choices = [Choice(_AS_IT_IS, "as it is", "not here"), *existing]
    chosen = await context.ask(
        ChooseDialog(f"What is {one.name} here?", choices, present=names.get(fold(one.name), _AS_IT_IS))
    )
    if chosen == _AS_IT_IS:
        names.pop(fold(one.name), None)
    elif chosen is not None:
        names[fold(one.name)] = chosen
    if not names:  # else `said` would differ from the values of before, and all rows would be read again
        del said[field]


def _existing(field: Field, name: str) -> list[Choice]:
    """The records that a text can stand for, those with a word of it first; for the database thread."""
    word = max(name.split(), key=len, default="")  # short ones, such as units, are in many names
    match field:
        case Field.ITEM:
            rows = [*ItemSource(word).fetch(0, MOST_ALIKE), *ItemSource().fetch(0, MOST_LISTED)]
            return _without_repeats([Choice(row.sku, row.sku, row.name) for row in rows if row.track_serials])
        case Field.LOCATION:
            return [Choice(place.code, place.code, place.name, place.depth) for place in list_places()]
        case Field.STATUS:
            rows_of = stored_statuses().values()
            return [Choice(row.code, row.label) for row in rows_of if IMPORT.allows(None, row)]
        case _:
            found = [*customers_like(word, most=MOST_ALIKE), *customers_like(most=MOST_LISTED)]
            return _without_repeats([Choice(one.name, one.name, one.code) for one in found])


def _without_repeats(choices: Sequence[Choice]) -> list[Choice]:
    return list({choice.value: choice for choice in choices}.values())
