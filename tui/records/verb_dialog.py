"""The dialog of any verb: made from what the verb asks, for one or many serials, of one or several items.

Everything goes into one transaction and one document. Where some of the serials refuse, the person chooses between the
others and none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from models.barcodes.reading import CommandCode, Settings, scanned_command
from models.errors import BadValue, Changed, NotAllowed, NotFound, SerialdockError, Unreadable
from models.permissions import Actor
from models.serials.corrections import CORRECT
from models.serials.drafted import drafted_serials, said_of
from models.serials.grid import Holding
from models.serials.moves import TRANSFER, Answers, Moved
from models.serials.perform import VerbForm, form_of, perform, refused_before
from models.serials.record import NOTE, serial_detail, serial_numbers
from models.serials.refused import RefusedSerial
from models.serials.void import VOID, void_document
from models.station.scan import command_elsewhere, find_scanned
from models.terms import Extension, Term, WarrantyDates, warranty, warranty_change
from models.text import counted
from models.verbs import MOVES, Ask, Need, Verb
from tui.kit.dialog import Answer, ConfirmDialog, SavingDialog
from tui.kit.form import CodeInput, FormInput, Options
from tui.records.location_field import LocationField, told_on_screen
from tui.records.named_field import CustomerField, ItemField, NamedField
from tui.scanning.fields import HeardScan
from tui.text import plain
from tui.themes import style_sheets

MOST_NAMED: Final = 5
"""Number of refusing serials that a question names."""


TEACHES_FROM: Final = 60
"""Width of the terminal in cells from which the dialog says how a warranty is extended."""


class VerbDone(NamedTuple):
    """What a verb did."""

    said: str
    """The message for the person."""
    moved: Moved


class ChoiceList(Options):
    """Some values to choose from, all in sight; the one under the cursor is the answer."""

    HELP = "Up and Down choose, Enter goes on."

    def __init__(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Make the list.

        Args:
            name: its id.
            choices: pairs of value and label; the first one is chosen.
        """
        super().__init__(*(Option(plain(label)) for _, label in choices), classes="options", id=name, compact=True)
        self._values = [value for value, _ in choices]

    def on_mount(self) -> None:
        """Choose the first value."""
        self.highlighted = 0 if self._values else None

    @property
    def value(self) -> str:
        """The chosen value; empty if there is none to choose."""
        return self._values[self.highlighted] if self.highlighted is not None else ""

    def choose(self, value: str) -> bool:
        """Choose a value, in any case; return whether it is in the list."""
        places = [place for place, each in enumerate(self._values) if each.upper() == value.upper()]
        if places:
            self.highlighted = places[0]
        return bool(places)


_LABELS: Final[Mapping[Ask, tuple[str, str, str]]] = {
    Ask.NEW_SERIAL: ("new_serial", "New serial", "as its label says"),
    Ask.REPAIRER: ("repairer", "Repairer", "who repairs it"),
    Ask.REFERENCE: ("reference", "Reference", "their number, such as an order"),
    Ask.WARRANTY: ("term", "Warranty", "24m, 2y, 90d, first..last day, none"),
}
"""Id, label and hint of the fields for a plain text."""

_FIELDS: Final[Mapping[str, str]] = {
    "serial_number": "new_serial",
    "place": "location",
    "warranty": "term",
    "sku": "item",
}
"""Ids of fields that refusals name otherwise."""


class VerbDialog(SavingDialog[VerbDone]):
    """Carries out a verb and returns what it did."""

    CSS_PATH = style_sheets("records")
    HELP = (
        "What is asked here goes into the history. Enter goes to the next field, and saves behind the last; F10 saves "
        "at once. A scan is never text: a location, a customer or an item goes into its field, and a serial is one "
        "more to be done with."
    )
    SCAN_ELSEWHERE = "F3 leaves; then scan again."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "list", "List", id="verb.list", tooltip="Choose the value from a list", show=False),
    ]

    def __init__(
        self,
        form: VerbForm,
        *,
        versions: Mapping[int, int] | None = None,
        document: str = "",
        skips: bool = False,
    ) -> None:
        """Make the dialog.

        Args:
            form: the verb, the serials, and what is known of the answers.
            versions: the versions of the serials that the person saw, by id, if older than those of the form.
            document: number of the document that is voided; empty for serials.
            skips: whether serials of the document that moved on are left out.
        """
        self._form, self._document = form, document
        self._versions: dict[int, int] = {**form.versions, **(versions or {})}
        self._some: tuple[RefusedSerial, ...] = ()
        """Those that refused where others could be done with."""
        self._skips = skips
        self.SAVE_LABEL = form.verb.title
        self.WORK = tuple(self._texts_asked())
        super().__init__(self._heading())

    @property
    def verb(self) -> Verb:
        """The verb."""
        return self._form.verb

    @property
    def serial_ids(self) -> tuple[int, ...]:
        """The serials."""
        return self._form.serial_ids

    def _heading(self) -> str:
        count = len(self.serial_ids)
        return f"{self.verb.title} · {self._document or (f'{count:,} serials' if count > 1 else self._form.first)}"

    # ----- the fields

    def _texts_asked(self) -> Iterator[str]:
        """Ids of the fields whose text is laborious to type again."""
        yield from (_LABELS[ask][0] for ask in self.verb.asks if ask in (Ask.REPAIRER, Ask.REFERENCE))
        yield "note"

    def compose_fields(self) -> ComposeResult:
        """What it is about, and a field for each question."""
        yield Static("", classes="verb-about", markup=False)
        for ask in Ask:
            need = self.verb.asks.get(ask, Need.NO)
            if need is not Need.NO and ask not in (Ask.REASON, Ask.CONDITION, Ask.NOTE):
                yield from self._asked(ask, need)
        label = "Reason" if Ask.REASON in self.verb.asks else "Note"
        hint = "needed; for the history" if self.verb.needs_reason else "for the history"
        yield from self._row(label, FormInput(id="note", placeholder=hint))

    def _asked(self, ask: Ask, need: Need) -> ComposeResult:
        form = self._form
        optional = need is Need.OPTIONAL
        match ask:
            case Ask.PLACE:
                hint = "where it was" if optional else "type or scan"
                yield from self._row(self._place_label, LocationField(id="location", placeholder=hint))
            case Ask.CUSTOMER:
                hint = f"{form.customer}, for whom it is reserved" if form.customer else "type or scan"
                yield from self._row("Customer", CustomerField("customer", placeholder=hint))
            case Ask.ITEM:
                yield from self._row("To item", ItemField("item"))
            case Ask.STATUS | Ask.RESULT:
                choices = [(status.code, f"{status.mark} {status.label}") for status in form.targets]
                yield from self._row("Becomes", ChoiceList(ask.value, choices))
            case Ask.TRANSFER:
                listed = [(one.number, f"{one.number} to {one.to}, {one.serials:,} of them") for one in form.transfers]
                yield from self._row("Transfer", ChoiceList(ask.value, listed))
            case Ask.WARRANTY:
                yield from self._warranty()
            case _:
                name, label, hint = _LABELS[ask]
                field = CodeInput if ask is Ask.NEW_SERIAL else FormInput
                yield from self._row(label, field(id=name, placeholder=hint))

    def _warranty(self) -> ComposeResult:
        """Dates or a term, what comes of it, and for a change of warranties why they are void."""
        name, label, hint = _LABELS[Ask.WARRANTY]
        is_change = self.verb.asks[Ask.WARRANTY] is Need.REQUIRED
        hint = hint.replace("90d", "+12m") if is_change else hint
        value = self._form.warranty_now if is_change else ""
        yield from self._row(label, FormInput(value, id=name, placeholder=hint))
        yield from self._row("", Static("", classes="verb-dates", markup=False))
        if is_change:
            void = FormInput(self._form.warranty_void, id="warranty_void", placeholder="empty: it is not void")
            yield from self._row("Void because", void)

    @staticmethod
    def _row(label: str, field: Widget) -> ComposeResult:
        with HorizontalGroup(classes="row"):
            yield Static(label, classes="label")
            yield field

    @property
    def _place_label(self) -> str:
        return "Destination" if self.verb.destination else "Location"

    def on_mount(self) -> None:
        """Say what it is about, and focus the first field."""
        self._show_about()
        self._show_dates()
        super().on_mount()
        self.focus_chain[0].focus()

    # ----- what is shown

    def _show_about(self) -> None:
        form = self._form
        goes = self.verb.destination
        text = about(form, goes_along=goes and self.verb.after is None)
        told = plain(text, lines=True)
        if form.drafted:
            told = Content.assemble(told, "\n", plain(form.drafted, "bold"))
        self.query_one(".verb-about", Static).update(told)
        here = [each.location for each in form.held]
        for field in self.query(LocationField):
            field.exclude(frozenset(here if goes and len(here) == 1 else ()))

    def _ask_of(self, form: VerbForm) -> None:
        """Ask of other serials than before."""
        self._form = form
        self.heading = self._heading()
        self.query_one(".box").border_title = plain(self.heading)
        self._show_about()
        self._show_dates()

    @on(Input.Changed, "#term")
    def _show_dates(self) -> None:
        for dates in self.query(".verb-dates").results(Static):
            typed, now = self.query_one("#term", FormInput).value, self._form.warranty_now
            # Where there is little room it would break the line, and the dialog would grow and shrink while one types.
            is_there = self.verb.asks[Ask.WARRANTY] is Need.REQUIRED and now == typed != ""
            teaches = "; +12m extends it" if is_there and self.app.size.width >= TEACHES_FROM else ""
            dates.update(plain(warranty_in_words(self._form, typed) + teaches))

    # ----- scans

    async def scanned(self, scan: HeardScan) -> None:
        """Take a scan as the answer that it is, wherever the cursor is, or as one more serial."""
        refusal: SerialdockError | None = None
        for text in scan.texts:
            if (command := scanned_command(text)) is not None:
                scan.settle(text)
                raise self._no_command(command)
        for text in scan.texts:
            try:
                said = await self._taken(text, partial(scan.settle, text))
            except (NotFound, Unreadable) as none:
                refusal = refusal or none
                continue
            if said:
                self.say(said, "done")
                return
        field = scan.field
        if isinstance(field, FormInput) and field.id in _FREE and not field.value.strip() and not scan.is_mixed:
            field.value = scan.text.strip()
            self.say(f"The {field.id} is {field.value} now.", "done")
            self.focus_next()
        elif refusal is not None:
            raise refusal
        else:
            await super().scanned(scan)

    def _no_command(self, command: CommandCode) -> Unreadable:
        """The refusal of a command barcode, since no scan saves or leaves: what it does, where, and the keys here."""
        is_own = command is self.verb.barcode
        said = f"{command} has opened this already." if is_own else command_elsewhere(command)
        return Unreadable("command", f"{said} {self.verb.title} is open here: F10 saves it, F3 leaves it.")

    async def _taken(self, text: str, settle: Callable[[], object]) -> str:
        """Take one text of a scan; return what to say, or an empty text where it is no answer here.

        Args:
            settle: called once it is known to be the scan, before it is put into a field: the field where its keys
                came gets its earlier text.

        Raises:
            NotFound, Unreadable: it names nothing.
            SerialdockError: it names something that cannot be taken here.
        """
        for place in self.query(LocationField):
            if code := await place.take_scan(text):
                settle()
                return f"The {self._place_label.lower()} is {code} now."
        for field in self.query(NamedField):
            if named := await field.take_scan(text, settle):
                return f"The {'item' if isinstance(field, ItemField) else 'customer'} is {named} now."
        for choices in self.query(ChoiceList):
            if choices.choose(text.strip()):
                settle()
                return f"{text.strip().upper()} is chosen."
        if Ask.NEW_SERIAL in self.verb.asks:
            new = self.query_one("#new_serial", CodeInput)
            if not new.value.strip():
                settle()
                await new.take_code(text)
                return f"The new serial is {text.strip()}."
        if self._document or self.verb.code not in MOVES:
            return ""
        said = await self._take_one_more(text)
        settle()
        return said

    async def _take_one_more(self, text: str) -> str:
        to = next((field.code for field in self.query(LocationField)), "")
        settings = Settings(gs_substitutes=self.context.config.gs_substitutes)
        self._ask_of(await self.read(_with_one_more, self.context.actor, self._form, text, to, settings))
        newest = self.serial_ids[-1]
        self._versions[newest] = self._form.versions[newest]
        (serial,) = await self.read(serial_numbers, [newest])
        drafted = said_of(await self.read(drafted_serials, [newest]), self.context.actor.user_id)
        does = "moves" if self.verb is TRANSFER else "is in"  # the one verb after which nothing but the place differs
        return f"{serial} {does} too: {len(self.serial_ids):,} serials. {drafted}".rstrip()

    # ----- moving on

    @on(LocationField.Submitted)
    @on(OptionList.OptionSelected)
    def _answered(self) -> None:
        self._go_on()

    @on(LocationField.Changed)
    def _location_corrected(self, event: LocationField.Changed) -> None:
        self.corrected(event.control.id)

    def action_list(self) -> None:
        """Open the list of values from any field."""
        for field in (*self.query(LocationField), *self.query(NamedField)):
            field.focus()
            field.action_choose()
            return

    # ----- saving

    def told(self, refusal: SerialdockError) -> str:
        """The message of a refusal; a wrong location names the key of the list."""
        return told_on_screen(refusal)

    def _text(self, name: str) -> str:
        for field in self.query(f"#{name}").results(FormInput):
            return field.value
        return ""

    def _answers(self) -> Answers:
        chosen = {field.id: field.value for field in self.query(ChoiceList)}
        return Answers(
            place=next((field.code for field in self.query(LocationField)), ""),
            customer=self._text("customer").strip(),
            reference=self._text("reference"),
            repairer=self._text("repairer"),
            result=chosen.get(Ask.RESULT, ""),
            status=chosen.get(Ask.STATUS, ""),
            transfer=chosen.get(Ask.TRANSFER, ""),
            item=self._text("item").strip(),
            new_serial=self._text("new_serial"),
            note=self._text("note"),
            **self._warranty_answers(),
        )

    def _warranty_answers(self) -> dict[str, str]:
        """The warranty that is asked for. A void that nobody touched holds for new dates, too."""
        to, void = self._text("term").strip(), self._text("warranty_void").strip()
        if self.verb.asks.get(Ask.WARRANTY) is not Need.REQUIRED:
            return {"warranty": to}
        now, was_void = self._form.warranty_now, self._form.warranty_void
        if to == now and void != was_void and void:
            to = ""
        elif to.startswith("+") and was_void and not void:
            to = f"{now}{to}"  # set anew, since an extension leaves a void warranty void
        return {"warranty": to or ("" if void else "none" if now else ""), "warranty_void": void}

    async def save(self) -> VerbDone:
        """Carry out the verb."""
        for field in self.query(LocationField):
            await self._check_place(field)
        answers, context = self._answers(), self.context
        try:
            moved = await context.db.write(self._act(answers))
        except Changed as changed:
            raise await self._look_again(changed) from None
        except NotAllowed as refusal:
            refused = refusal.details.get("refused", ())
            self._some = tuple(refused) if 0 < len(refused) < len(self.serial_ids) else ()
            raise
        return VerbDone(outcome_in_words(self.verb, moved, self._form, self._document), moved)

    def _act(self, answers: Answers) -> Callable[[], Moved]:
        actor, versions = self.context.actor, dict(self._versions)
        if self._document:
            return partial(
                void_document, actor, self._document, answers.note, versions=versions, skip_errors=self._skips
            )
        return partial(perform, actor, self.verb, self.serial_ids, answers, versions=versions)

    async def _look_again(self, changed: Changed) -> SerialdockError:
        """Show the serials as they are now; return what to say: what changed, and why the verb cannot go on.

        Another F10 goes on from what is said here, and from nothing newer.
        """
        self._versions.update(changed.details["versions"])
        if self._document:
            return _said_here(changed, "F10 voids the others.")
        refused = await self.read(refused_before, self.context.actor, self.verb, self.serial_ids)
        if len(refused) < len(self.serial_ids):
            self._ask_of(await self.read(form_of, self.context.actor, self.verb, self.serial_ids))
        if refused and len(self.serial_ids) == 1:
            return _said_here(changed, refused[0].message.rpartition(". ")[2])
        return _said_here(changed, "F10 goes on all the same, F3 leaves.")

    async def _check_place(self, field: LocationField) -> None:
        if not field.code:
            if self.verb.asks[Ask.PLACE] is Need.REQUIRED:
                what = self._place_label.lower()
                how = "Type or scan a location's code, or choose it with F4."
                raise BadValue(f"There is no {what}. {how}", field="location")
            return
        if problem := await field.problem():
            raise BadValue(problem, field="location")

    def refused(self, refusal: SerialdockError) -> None:
        """Show a refusal; where only some refuse, ask whether to go on with the others."""
        if self._some:
            held = ExitStack()
            held.enter_context(self.context.keyboard.hold())  # here, before the worker has started
            self._ask_for_others(held)
            return
        super().refused(refusal)

    def field_of(self, refusal: SerialdockError) -> str:
        """The id of the field that a refusal is about."""
        named = super().field_of(refusal)
        return _FIELDS.get(named, named)

    @work(group="others")
    async def _ask_for_others(self, held: ExitStack) -> None:
        refused, self._some = self._some, ()
        held.close()
        count = len(self.serial_ids)
        if await self.context.ask(others_or_none(self.verb, count, refused)) != OTHERS:
            self.say("Nothing was written. F10 asks again, F3 leaves.")
            return
        left_out = {one.serial_id for one in refused}
        self._skips = True
        others = [one for one in self.serial_ids if one not in left_out]
        if not self._document:
            try:
                with self.context.keyboard.hold():
                    self._ask_of(await self.read(form_of, self.context.actor, self.verb, others))
            except SerialdockError as refusal:
                self.say(refusal.message, "problem")
                return
        self._save()


_FREE: Final = frozenset({"reference", "repairer"})
"""Fields into which a scan goes that names nothing here: somebody else's barcode."""


def _with_one_more(actor: Actor, form: VerbForm, text: str, to: str, settings: Settings) -> VerbForm:
    """The form with the serial that a scan names; for the database thread.

    Args:
        text: the scan.
        to: code of the place that is entered; empty for none.
        settings: how to read scans.

    Raises:
        NotFound, Unreadable: the scan names nothing.
        BadValue: it names no single serial, or one that is among them already, or at the destination.
        NotAllowed: the serial refuses the verb.
    """
    found = find_scanned(text, settings)
    if len(found.hits) != 1:
        what = f"{found.serial} is on {len(found.hits)} items" if found.hits else f"{text.strip()} is no serial"
        raise BadValue(f"{what}. Scan a serial of one item, or mark the serials in the grid.")
    serial_id = found.hits[0].serial_id
    if serial_id in form.serial_ids:
        raise BadValue(f"{found.serial} is among them already.")
    for refused in refused_before(actor, form.verb, [serial_id]):
        raise NotAllowed(refused.message, serial_id=serial_id)
    detail = serial_detail(serial_id)
    if to and form.verb.destination and detail.location.upper() == to.upper():
        raise BadValue(f"{detail.serial_number} is at {detail.location} already. Scan another serial.")
    return form_of(actor, form.verb, [*form.serial_ids, serial_id])


# ----- in words


def _said_here(changed: Changed, step: str) -> Changed:
    """A refusal with another next step."""
    head, _, _ = changed.message.rpartition(". ")
    return Changed(f"{head}. {step}", **changed.details)


OTHERS: Final = "others"


def others_or_none(verb: Verb, count: int, refused: Sequence[RefusedSerial]) -> ConfirmDialog:
    """The question whether to go on with those serials that do not refuse."""
    able = count - len(refused)
    rest = [one.serial_number for one in refused[1:]]
    more = f", and {len(rest) - MOST_NAMED:,} more" if len(rest) > MOST_NAMED else ""
    nor = f" Nor can {', '.join(rest[:MOST_NAMED])}{more}." if rest else ""
    question = f"{able:,} of {count:,} can be {verb.refusal}; {refused[0].message}{nor}"
    # The button of voiding says what it does, which may undo somebody else's work.
    label = f"Void the other {able:,}" if verb is VOID else f"These {able:,}" if able > 1 else "This one"
    return ConfirmDialog(
        f"{verb.title} {counted(count, 'serial')}",
        question,
        [
            Answer("none", "None", "f3"),
            Answer(OTHERS, label, "f10"),
        ],
    )


def about(form: VerbForm, *, goes_along: bool) -> str:
    """What a verb is about, in one or two lines.

    Args:
        goes_along: whether units of the quantity move along.
    """
    held: Sequence[Holding] = form.held
    serials, on_hand = sum(each.serials for each in held), sum(each.on_hand for each in held)
    where = ", ".join(f"{each.serials:,} at {each.location}" for each in held[:3])
    first = form.first
    if serials == 1:
        text = f"{first}, {form.stands} {held[0].location}."
    elif len(held) == 1:
        text = f"{first} and {serials - 1:,} more, {form.stands} {held[0].location}."
    else:
        more = f" and {len(held) - 3} more locations" if len(held) > 3 else ""
        text = f"{first} and {serials - 1:,} more: {where}{more}."
    if len(form.skus) > 1:
        text = f"{text[:-1]}, of {len(form.skus):,} items."
    if on_hand and goes_along:
        unit = "One unit" if on_hand == 1 else f"{on_hand:,} units"
        text += f"\n{unit} of the quantity on hand {'moves' if on_hand == 1 else 'move'} along."
    if form.undoes:
        text += f"\nUndoes: {form.undoes}."
    return text


def warranty_in_words(form: VerbForm, typed: str) -> str:
    """The warranty that comes of what is typed: its days, or what is wrong with it."""
    is_change = form.verb.asks[Ask.WARRANTY] is Need.REQUIRED
    if not typed.strip():
        if is_change:
            return "no warranty" if form.warranty_now else ""
        if len(form.terms) > 1:
            return "as each item says"
        term = next(iter(form.terms), None)
        return f"{_span(form.warranty_from, term)}, as the item says" if term else "none, as the item says"
    try:
        given = warranty_change(typed) if is_change else warranty(typed)
        if isinstance(given, Extension):
            return _longer(form, given)
        return _span(form.warranty_from, given)
    except BadValue as wrong:
        return wrong.message


def _longer(form: VerbForm, given: Extension) -> str:
    """The days of a warranty that is extended.

    Raises:
        BadValue
    """
    now = warranty(form.warranty_now) if form.warranty_now else None
    if isinstance(now, WarrantyDates):
        longer = WarrantyDates(now.start, given.term.extended(now.end))
        return f"{_span(None, longer)}, {given.term.text} more"
    if len(form.serial_ids) == 1:
        return "There is no warranty to extend. Give a term or dates."
    return f"{given.term.text} from the last day of each"


def _span(start: date | None, given: Term | WarrantyDates | None) -> str:
    """The days of a warranty.

    Args:
        start: the first day of a term; None if it differs.
        given: as `models.terms.warranty` reads it.
    """
    if given is None:
        return "no warranty"
    if isinstance(given, WarrantyDates):
        return f"{given.start} → {given.end}" if given.start else f"until {given.end}"
    return f"{start} → {given.last_day(start)}, {given.text}" if start else f"{given.text} from the start of each"


def outcome_in_words(verb: Verb, moved: Moved, form: VerbForm, document: str = "") -> str:
    """The message after a verb, in one line."""
    count = len(moved.serial_ids)
    serials = "1 serial" if count == 1 else f"{count:,} serials"
    head = f"{moved.document}: " if moved.document else ""
    if verb is NOTE and count == 1:
        return "The note is in the history."
    if moved.location and verb.destination:
        units = "1 unit" if moved.units == 1 else f"{moved.units:,} units"
        done = "moved" if verb is TRANSFER else verb.done
        text = f"{head}{serials} and {units} of the quantity {done} to {moved.location}."
    elif verb is CORRECT:
        text = ""  # `moved.said` names both texts
    else:
        named = form.first if count == 1 and len(form.serial_ids) == 1 else serials
        of = f" of {document}" if document else ""
        text = f"{head}{named}{of} {verb.done}."
    if moved.without_quantity:
        text += f" The old location showed no quantity for {moved.without_quantity:,}; only the serial moved."
    if moved.refused:
        left = len(moved.refused)
        text += f" {counted(left, 'serial')} stayed as {'it was' if left == 1 else 'they were'}."
    return " ".join(filter(None, (text, *moved.said)))
