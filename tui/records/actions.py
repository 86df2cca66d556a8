"""Actions of screens on serials: list the possible verbs, carry one out, void a document.

The one way from a screen to the dialog of a verb; call it in a worker of the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from models.errors import SerialdockError
from models.permissions import Actor
from models.serials.perform import VerbForm, form_of, refused_before, require_verb
from models.serials.possible import Possible, possible_for
from models.serials.refused import RefusedSerial
from models.serials.void import VOID, void_document
from models.verbs import BY_BARCODE, Verb
from tui.kit.page import Frame
from tui.records.verb_dialog import OTHERS, VerbDialog, VerbDone, others_or_none
from tui.terminal.keys_in_order import WRITE_LIMIT


async def possible(screen: Frame[Any], serial_ids: Sequence[int]) -> list[Possible]:
    """The verbs that some of these serials, by this person, can do now, the most usual first.

    Raises:
        SerialdockError
    """
    return await screen.read(possible_for, screen.context.actor, serial_ids)


class ScannedVerb(NamedTuple):
    """A verb whose command barcode was scanned."""

    text: str
    """The text of the scan that is the barcode."""
    verb: Verb


def scanned_verb(texts: Sequence[str]) -> ScannedVerb | None:
    """The verb whose command barcode is one of the possible texts of a scan, in any case; none that makes serials."""
    for text in texts:
        verb = BY_BARCODE.get(text.strip().upper())
        if verb is not None and not verb.creates:
            return ScannedVerb(text, verb)
    return None


class _Begun(NamedTuple):
    """The state of the serials before the person is asked anything."""

    form: VerbForm | None
    """The form for the serials that do not refuse the verb; None if all do."""
    asked: int
    """Number of serials that were named."""
    refused: tuple[RefusedSerial, ...]
    """Those that refuse it."""


async def carry_out(
    screen: Frame[Any], verb: Verb, serial_ids: Sequence[int], *, versions: Mapping[int, int] | None = None
) -> VerbDone | None:
    """Ask for the answers of a verb, and carry it out on serials, in one transaction and with one document.

    A refusal of all is shown on the screen; of some, the person is asked whether to go on with the others. The caller
    shows `VerbDone.said` and reads again.

    Args:
        screen: the screen in front.
        verb: any verb on existing serials.
        serial_ids: the serials.
        versions: the versions that the person saw, by serial id; those of the database when None.

    Returns:
        What was done; None if nothing was.
    """
    context = screen.context
    screen.say("")  # it was about what was before
    with context.keyboard.hold():
        try:
            form, count, refused = await screen.read(_begin, context.actor, verb, serial_ids)
        except SerialdockError as refusal:
            screen.say(refusal.message, "problem")
            return None
    if form is None:
        # One sentence with its next step helps more than a hundred: they mostly refuse for the same reason.
        more = f" Nor can {count - 1:,} more." if count > 1 else ""
        screen.say(f"{refused[0].message}{more}", "problem")
        return None
    if refused and await context.ask(others_or_none(verb, count, refused)) != OTHERS:
        return None
    return await context.ask(VerbDialog(form, versions=versions))


async def void(screen: Frame[Any], document: str) -> VerbDone | None:
    """Ask why, and void what a document did to all its serials; see `carry_out`.

    Serials that moved on since are named, and the person chooses between the others and none.
    """
    context = screen.context
    screen.say("")
    # A dry run takes the locks of a write, and may have to wait for another one.
    with context.keyboard.hold(WRITE_LIMIT):
        try:
            form, asked, refused = await screen.write(_begin_void, context.actor, document)
        except SerialdockError as refusal:
            screen.say(refusal.message, "problem")
            return None
    assert form is not None, "where all refuse, the refusal was raised"
    if refused and await context.ask(others_or_none(VOID, asked, refused)) != OTHERS:
        return None
    return await context.ask(VerbDialog(form, document=document, skips=bool(refused)))


def _begin(actor: Actor, verb: Verb, serial_ids: Sequence[int]) -> _Begun:
    """Find out which of the serials refuse at once; for the database thread."""
    ids = list(dict.fromkeys(serial_ids))  # without repetitions, in the order given
    # The permission first: who may not do it learns nothing about the serials.
    require_verb(actor, verb, ids)
    refused = refused_before(actor, verb, ids)
    no = {one.serial_id for one in refused}
    others = [serial_id for serial_id in ids if serial_id not in no]
    return _Begun(form_of(actor, verb, others) if others else None, len(ids), refused)


def _begin_void(actor: Actor, document: str) -> _Begun:
    """Find out which serials of a document moved on; for the database thread."""
    would = void_document(actor, document, "not yet asked", skip_errors=True, dry_run=True)
    return _Begun(form_of(actor, VOID, would.serial_ids), len(would.serial_ids) + len(would.refused), would.refused)
