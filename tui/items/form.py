"""The item form: its tabs and fields, saving, and the questions before data could be lost.

Top to bottom: the fields and the Item tab (`ItemPane`), the screen (`ItemScreen`), and its questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, HorizontalGroup, Vertical, VerticalGroup
from textual.content import Content
from textual.events import ScreenResume
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Checkbox, ContentSwitcher, Input, Static, TabbedContent, TabPane

from models.documents import DocumentSource, has_documents
from models.errors import BadValue, Changed, SerialdockError
from models.items.items import ItemForm, item_form, save_item
from models.permissions import Permission
from tui.context import Context
from tui.items.conflict import ConflictDialog, FieldDifference, Side
from tui.kit.bars import MessageLine, TitleBar
from tui.kit.changed_lines import changes_marked, mark_for_a_moment
from tui.kit.dialog import Answer, ConfirmDialog
from tui.kit.form import CodeInput, FormInput, FormRow, TickBox, button
from tui.kit.page import Frame
from tui.kit.scrolled import Scrolled
from tui.kit.shown import show
from tui.records.actions import scanned_verb
from tui.records.documents import DocumentsList
from tui.records.location_field import LocationField
from tui.records.stock import StockTable, head_text
from tui.routes import ItemRecord, NewLocation, Route, StockHistory
from tui.scanning.fields import HeardScan, InputState, leave
from tui.scanning.listener import Scanned
from tui.serials.list import SerialsChanged
from tui.serials.tab import SerialsPane
from tui.text import plain, visible
from tui.themes import style_sheets

LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "barcodes": "Barcodes",
    "location": "Primary location",
    "track_serials": "Track Serials",
}
"""Labels of the fields, keyed by the argument names of `save_item`, in form order."""


@dataclass(frozen=True, slots=True)
class ItemValues:
    """The values of the form's fields, either as saved or as edited."""

    name: str
    location: str
    """The code of the primary location."""
    barcodes: tuple[str, ...]
    track_serials: bool

    @classmethod
    def of(cls, form: ItemForm) -> ItemValues:
        """The saved values of an item."""
        return cls(form.name, form.location, form.barcodes, form.track_serials)

    def changed_from(self, other: ItemValues) -> list[str]:
        """Names of the fields that differ, in form order.

        Blanks that saving trims, the case of a location code and the order of barcodes do not count as differences.
        """
        return [field for field in LABELS if self._compared(field) != other._compared(field)]

    def only(self, fields: Iterable[str]) -> dict[str, Any]:
        """The values of some fields as keyword arguments for `save_item`."""
        return {field: getattr(self, field) for field in fields}

    def shown(self, field: str) -> str:
        """The value of a field as text for people."""
        value = getattr(self, field)
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, tuple):
            return "  ".join(value) or "none"
        return str(value) or "(empty)"

    def _compared(self, field: str) -> object:
        """A value as saving would store it, so that what is not changed is not asked about."""
        value = getattr(self, field)
        if field == "barcodes":
            return frozenset(value)
        if field == "location":
            return value.strip().upper()
        return " ".join(value.split()) if isinstance(value, str) else value


class BarcodesInput(CodeInput):
    """A field for several barcodes separated by blanks; no barcode contains a blank.

    Enter or a scanner's suffix after a code keeps the focus here, ready for the next code. Enter after a blank goes to
    the next field, as everywhere.
    """

    HELP = (
        "The codes printed on the item's box, with a blank between two. Scan one after the other; "
        "to take one away delete it. A scan of one of them finds the item."
    )

    def __init__(self, codes: Sequence[str] = (), **options: Any) -> None:
        """Make the field.

        Args:
            codes: the initial barcodes.
            **options: as for Textual's Input.
        """
        # Not selected: the first character typed would replace all codes.
        super().__init__(" ".join(codes), select_on_focus=False, **options)

    @property
    def codes(self) -> tuple[str, ...]:
        """The barcodes in order, without duplicates."""
        return tuple(dict.fromkeys(self.value.split()))

    @codes.setter
    def codes(self, codes: Sequence[str]) -> None:
        if tuple(codes) != self.codes:  # else the cursor, and the blank for the next scan, stay
            self.value = " ".join(codes)

    def on_focus(self) -> None:
        """Add a blank after the last code, so that a scan does not join it."""
        self._make_room()

    def on_blur(self) -> None:
        """Remove trailing blanks."""
        self.value = self.value.rstrip()

    async def action_submit(self) -> None:
        """Stay for the next code, or go to the next field."""
        if self.read_only or not self._make_room():
            await super().action_submit()

    async def hear_scan(self, scan: Scanned[InputState]) -> None:
        """Add a scan as a code of its own behind what stands here, half-typed or not."""
        self.restore(scan.behind_typing.before)
        # No barcode has a blank, and of a mixed text nobody here knows which part is the code.
        if self.read_only or scan.is_mixed or " " in scan.text.strip():
            self._give([HeardScan((scan.behind_typing.text,), scan.span, self, leave, scan.how)])
            return
        await self.take_code(scan.text)

    async def take_code(self, text: str) -> None:
        """Add a code, and stay for the next one."""
        self.value = f"{self.value.rstrip()} {text.strip()} ".lstrip()
        self.cursor_position = len(self.value)

    def _make_room(self) -> bool:
        """Add a blank after the last code; False if there is one already, or no code, or the field is read-only."""
        if self.read_only or not self.value or self.value[-1].isspace():
            return False
        self.value += " "
        self.cursor_position = len(self.value)
        return True


class NameInput(FormInput):
    """The item's name."""

    HELP = "What people call the item. It stands in every list beside the SKU."


class PrimaryLocation(LocationField):
    """The item's primary location."""

    HELP = (
        "Where the item usually lies: a new serial number is put there unless you say another place. Changing it moves "
        "no stock. Type or scan the code; F4 lists all locations."
    )


class TrackSerials(TickBox):
    """The switch for serial numbers."""

    HELP = (
        "Ticked, every unit of this item can have a serial number, and the form has a Serials tab. Quantities stay as "
        "they are. Taking the tick away hides the tab and keeps all serial numbers. Space changes it, F10 saves."
    )


class ItemPane(Vertical):
    """The Item tab: sections that scroll on a low terminal, and below them who saved last and the Save button."""

    HELP: ClassVar[str] = "The item. Tab goes from field to field, PgUp and PgDn scroll the stock; F10 saves."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "list", "List", id="item.list", tooltip="Choose the primary location from a list", show=False),
    ]

    class Edited(Message):
        """The value of a field was edited."""

    def __init__(self, form: ItemForm) -> None:
        """Make the pane.

        Args:
            form: the item to show.
        """
        super().__init__(classes="item-pane")
        self._form = form
        self._may_edit = self._may_track = False  # until `give_rights`

    def compose(self) -> ComposeResult:
        """Identification, stock by location, Item Settings, and the row with Save."""
        form = self._form
        with Scrolled(classes="page", can_focus=False), Container(classes="sections"):
            with VerticalGroup(id="identification"):
                yield Static("Identification", classes="heading")
                yield FormRow("SKU", Static(plain(form.sku), classes="fixed"), classes="fixed-row")
                yield FormRow(LABELS["name"], NameInput(form.name, select_on_focus=False, id="name"))
                yield FormRow(
                    LABELS["barcodes"], BarcodesInput(form.barcodes, placeholder="none: scan one", id="barcodes")
                )
            with VerticalGroup(id="stock"):
                with HorizontalGroup(classes="row stock-head"):
                    yield Static("Stock by location", classes="heading")
                    yield Static("", id="figures", classes="count", markup=False)
                yield FormRow(LABELS["location"], PrimaryLocation(form.location, id="location"))
                yield StockTable()
            with VerticalGroup(id="settings"):
                yield Static("Item Settings", classes="heading")
                yield FormRow(LABELS["track_serials"], TrackSerials("", form.track_serials, id="track_serials"))
        with HorizontalGroup(classes="foot"):
            yield Static("", id="saved", classes="beside", markup=False)
            yield button("Save", "save", key="F10", primary=True)

    def on_mount(self) -> None:
        """Show the figures, the stock table and who saved last."""
        self.tell(self._form)

    @property
    def values(self) -> ItemValues:
        """The current values of the fields."""
        return ItemValues(
            name=self.query_one(NameInput).value,
            location=self.query_one(PrimaryLocation).code,
            barcodes=self.query_one(BarcodesInput).codes,
            track_serials=self.query_one(TrackSerials).value,
        )

    @property
    def location(self) -> PrimaryLocation:
        """The field of the primary location."""
        return self.query_one(PrimaryLocation)

    @property
    def changed(self) -> list[str]:
        """Names of the fields that differ from the saved item."""
        return self.values.changed_from(ItemValues.of(self._form))

    def tell(self, form: ItemForm, *, keep: Sequence[str] = (), marks: bool = False) -> None:
        """Show a newer state of the item.

        Args:
            form: the item as saved now.
            keep: names of the fields whose edited values stay; the others are set to the saved values.
            marks: whether to mark what differs, for a moment.
        """
        values = ItemValues.of(form)
        changed = [field for field in values.changed_from(ItemValues.of(self._form)) if field not in keep]
        self._form = form
        name = self.query_one(NameInput)
        if "name" not in keep and name.value != values.name:
            name.value = values.name
        if "barcodes" not in keep:
            self.query_one(BarcodesInput).codes = values.barcodes
        if "location" not in keep:
            self.query_one(PrimaryLocation).code = values.location
        if "track_serials" not in keep:
            self.query_one(TrackSerials).value = values.track_serials
        if marks:
            rows = [row for row in self.query(FormRow) if any(row.query(f"#{field}") for field in changed)]
            mark_for_a_moment(label for row in rows for label in row.query(".label"))
        tracked = form.track_serials
        counted = head_text(form.on_hand, form.serials, form.without, form.removed)
        head = counted if tracked else f"{form.on_hand:,} on hand"
        with changes_marked(self, "#figures", marks=marks):
            show(self.query_one("#figures", Static), plain(head))
        self.query_one(StockTable).tell(form.places, tracked=tracked, marks=marks)
        self._show_state()

    def give_rights(self, *, edit: bool, track: bool) -> None:
        """Apply permissions: what the person may not change becomes read-only, or hidden in the case of Track Serials.

        Args:
            edit: whether name, barcodes and primary location may be changed.
            track: whether Track Serials may be changed.
        """
        self._may_edit, self._may_track = edit, track
        settings = self.query_one("#settings")
        box = self.query_one(TrackSerials)
        if not track:
            box.value = self._form.track_serials  # else a hidden change would be saved, and refused
            if box.has_focus:  # a hidden widget takes no keys
                self.query_one(NameInput).focus()
        settings.set_class(not track, "hidden")
        self.query_one(NameInput).read_only = not edit
        self.query_one(BarcodesInput).read_only = not edit
        self.query_one(PrimaryLocation).read_only = not edit
        self.query_one("#save").set_class(not (edit or track), "hidden")
        self._show_state()

    def key_pagedown(self) -> None:
        """Scroll the stock down where it scrolls by itself; elsewhere the page has the key."""
        self.query_one("#stock").scroll_page_down(animate=False)

    def key_pageup(self) -> None:
        """Scroll the stock up where it scrolls by itself."""
        self.query_one("#stock").scroll_page_up(animate=False)

    def look(self) -> None:
        """Focus the page instead of a field: arrows scroll, no scan goes into a field, TAB goes to the first one."""
        page = self.query_one(".page")
        page.can_focus = True  # not before: TAB would stop there
        page.focus()

    def go_to(self, field: str, *, to_correct: bool = False) -> None:
        """Focus a field.

        Args:
            field: one of `LABELS`.
            to_correct: select the refused text, so that typing or a scan replaces it.
        """
        self.query_one(f"#{field}").focus()
        if to_correct and field == "name":
            self.query_one(NameInput).select_all()
        elif to_correct and field == "location":
            self.location.input.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the list of locations only to people who may change the item."""
        return not self.location.read_only if action == "list" else super().check_action(action, parameters)

    def action_list(self) -> None:
        """Open the list of locations from any field."""
        self.location.focus()
        self.location.action_choose()

    @on(Input.Changed)
    @on(LocationField.Changed)
    @on(Checkbox.Changed)
    def _edited(self) -> None:
        self._show_state()
        self.post_message(self.Edited())

    @on(Input.Submitted)
    @on(LocationField.Submitted)
    def _go_on(self) -> None:
        self.screen.focus_next()

    def _show_state(self) -> None:
        changed = self.changed
        for row in self.walk_children(FormRow):
            row.mark(changed=any(widget.id in changed for widget in row.walk_children()))
        box = self.query_one(TrackSerials)
        box.label = self._tracking(box.value)
        show(self.query_one("#saved", Static), self._state(changed))

    def _tracking(self, on_: bool) -> Content:
        records = self._form.records
        word = "record" if records == 1 else "records"
        if on_:
            return plain(f"on · {records:,} {word}" if records else "on")
        return plain(f"off · {records:,} {word} kept" if records else "off")

    def _state(self, changed: list[str]) -> Content:
        if changed:
            names = ", ".join(LABELS[field] for field in changed)
            return Content.assemble(("* ", "bold $text-warning"), (f"Unsaved: {names}", "$text-warning"))
        if not self._may_edit:
            if self._may_track:
                return plain("Read only but Track Serials: the rest needs INV_EDIT_ITEMS.")
            return plain("Read only: to change items you need INV_EDIT_ITEMS. Ask your administrator.")
        at = self._form.changed_at.astimezone()
        return plain(f"Saved {at:%Y-%m-%d %H:%M} by {visible(self._form.changed_by)}")


ITEM, SERIALS, DOCUMENTS = TABS = "item", "serials-tab", "documents-tab"
"""Ids of the tabs, in order."""

WHY_NO_DOCUMENTS = "No document names a serial of this item yet. A transfer makes one."
"""Message of an empty Documents tab."""


class ItemScreen(Frame[None]):
    """The item form. Nothing is written before Save; leaving with unsaved changes asks first."""

    FOLLOWS = True
    CSS_PATH = style_sheets("records", "serials", "items")
    HELP = "One item. F10 saves what you changed, F3 goes back; Ctrl+T goes to the next tab."
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "save")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", "Save", id="item.save", tooltip="Save the changes of this item"),
        Binding("ctrl+t", "next_tab(1)", "Next tab", id="item.next-tab", tooltip="Go to the next tab"),
        Binding("f6", "new_location", "New location", id="item.new-location", tooltip="Make a new location"),
        Binding("f8", "history", "History", id="item.history", tooltip="Show every change of the quantities"),
        Binding("f5", "refresh", "Refresh", id="item.refresh", tooltip="Read the item again; what you typed stays"),
        Binding(
            "ctrl+pagedown", "next_tab(1)", "Next tab", id="item.tab-right", tooltip="Go to the next tab", show=False
        ),
        Binding(
            "ctrl+pageup", "next_tab(-1)", "Tab before", id="item.tab-left", tooltip="Go to the tab before", show=False
        ),
    ]

    def __init__(self, form: ItemForm) -> None:
        """Make the screen.

        Args:
            form: the item, as just read.
        """
        super().__init__()
        self.form = form
        """The last saved state that this screen knows; a save is based on its version."""
        self._focus_of: dict[str, Widget] = {}
        """The widget that had the focus last, by tab."""
        self._told_version = form.version
        """The newest version that this screen has shown or announced."""
        self._opened_by_scan = False
        """Whether a scan opened the form, so that no field has the focus."""

    def compose_body(self) -> ComposeResult:
        """The tabs; Serials and Documents are read when first opened."""
        with TabbedContent(id="tabs"):
            with TabPane("Item", id=ITEM):
                yield ItemPane(self.form)
            if self.form.track_serials:
                yield TabPane("Serials", id=SERIALS)
                yield TabPane("Documents", id=DOCUMENTS)

    def on_mount(self) -> None:
        """Focus the first field; no field if a scan opened the form, since another scan may follow."""
        # Textual's tab bar can take the focus; the keys of the open tab would not work then.
        self.query_one("#tabs ContentTabs").can_focus = False
        self._show_title()
        self._give_rights()  # as known so far; `_refresh` reads the permissions again
        self._opened_by_scan = self.is_of_scan and self.scan_run.is_scan
        self._enter(ITEM)
        self._refresh()

    @on(SerialsChanged)
    @on(ScreenResume)
    def _read_again(self) -> None:
        """Read the item again when this screen is in front again, or serials have changed."""
        if self.is_mounted:
            self._refresh()

    # ----- what is shown

    @property
    def pane(self) -> ItemPane:
        """The Item tab."""
        return self.query_one(ItemPane)

    @property
    def tabs(self) -> TabbedContent:
        """The tabs."""
        return self.query_one("#tabs", TabbedContent)

    @property
    def keys_first(self) -> tuple[str, ...]:
        """Actions whose keys stay in the key bar, for the open tab."""
        serials = self._serials if self.tabs.active == SERIALS else None
        return self.KEYS_FIRST if serials is None else serials.keys_first

    def name_if_shown(self, route: Route[Any]) -> str:
        """The SKU if the route leads to this item, else an empty string."""
        return self.form.sku if route == ItemRecord(self.form.id) else ""

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Carry out the verb of a command barcode on the Serials tab; open what any other scan names."""
        found = scanned_verb(scans[-1].texts) if self.tabs.active == SERIALS else None
        if found is not None and self._serials is not None:
            scans[-1].settle(found.text)
            self._serials.begin(found.verb)
        else:
            super().take_scans(scans)

    def take_unknown(self, scan: str) -> bool:
        """Add an unknown serial where the Serials tab is open and empty, which says so."""
        return self.tabs.active == SERIALS and self._serials is not None and self._serials.add_scanned(scan)

    @property
    def gives_way(self) -> bool:
        """Whether the next scan may replace this screen: nothing is unsaved, and the Serials tab was never opened."""
        return self._serials is None and not self.pane.changed

    @property
    def _serials(self) -> SerialsPane | None:
        return next(iter(self.query(SerialsPane)), None)

    @property
    def _documents(self) -> DocumentsList | None:
        return next(iter(self.query(DocumentsList)), None)

    async def _show(self, form: ItemForm, *, keep: Sequence[str] = (), marks: bool = False) -> None:
        """Show a newer state of the item in the same tab and field.

        Args:
            form: the item as saved now.
            keep: names of the fields whose edited values stay; if one of them was saved by somebody else, the version
                stays too that they are based on, so that Save asks whose to keep.
            marks: whether to mark what differs, for a moment.
        """
        if set(keep) & set(ItemValues.of(form).changed_from(ItemValues.of(self.form))):
            form = form._replace(version=self.form.version, **ItemValues.of(self.form).only(keep))
        self.form = form
        self.pane.tell(form, keep=keep, marks=marks)
        self._give_rights()
        await self._show_tab(SERIALS, "Serials", wanted=form.track_serials)
        # Records kept after tracking was switched off may still have documents.
        wanted = form.track_serials or (form.records > 0 and await self.read(has_documents, form.id))
        await self._show_tab(DOCUMENTS, "Documents", wanted=wanted)
        self._show_title()
        self.renew_keys()

    def _give_rights(self) -> None:
        may = self.context.may
        self.pane.give_rights(edit=may(Permission.EDIT_ITEMS), track=may(Permission.MANAGE_SERIALS))

    async def _show_tab(self, name: str, label: str, *, wanted: bool) -> None:
        """Add a tab in its place in the order, or remove it."""
        tabs = self._tabs_there
        if wanted and name not in tabs:
            after = [each for each in tabs if TABS.index(each) < TABS.index(name)][-1]
            await self.tabs.add_pane(TabPane(label, id=name), after=after)
        elif name in tabs and not wanted:
            if self.tabs.active == name:
                await self._open_tab(ITEM)
            await self.tabs.remove_pane(name)
            self._focus_of.pop(name, None)

    @property
    def _tabs_there(self) -> list[str]:
        panes = self.tabs.query_one(ContentSwitcher).children  # not a query for each id: every key bar asks for this
        there = {pane.id for pane in panes}
        return [name for name in TABS if name in there]

    def _show_title(self) -> None:
        unsaved = bool(self.pane.changed)
        title = f"{self.form.sku} · {self.form.name}"
        self.query_one(TitleBar).tell(title, note="* unsaved" if unsaved else "")

    @on(ItemPane.Edited)
    def _edited(self) -> None:
        self._show_title()
        # These two are not true any more; any other message is about something else and stays.
        if self.pane.changed and self.query_one(MessageLine).said.startswith(("Saved.", "Nothing is changed")):
            self.say("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions that the open tab and the permissions allow."""
        match action:
            case "new_location":
                return self.context.may(Permission.EDIT_ITEMS) and self.tabs.active == ITEM
            case "next_tab":
                return len(self._tabs_there) > 1
            case "save":
                return self.context.may(Permission.EDIT_ITEMS) or self.context.may(Permission.MANAGE_SERIALS)
        return super().check_action(action, parameters)

    # ----- tabs

    async def action_next_tab(self, step: int) -> None:
        """Go that many tabs forward, wrapping round; back if negative."""
        names = self._tabs_there
        self.say("")  # it was about the tab before
        await self._open_tab(names[(names.index(self.tabs.active) + step) % len(names)])

    async def _open_tab(self, name: str) -> None:
        if self.focused is not None:
            self._focus_of[self.tabs.active] = self.focused
        await self._fill(name)  # before it is shown: the focus goes into it
        self.tabs.active = name
        self._enter(name)

    @on(TabbedContent.TabActivated)
    async def _tab_opened(self, event: TabbedContent.TabActivated) -> None:
        """Fill a tab opened by a click and give it the focus."""
        name = event.pane.id or ITEM
        await self._fill(name)
        # Behind a key the focus is in the tab already: `_open_tab` has set it.
        if name == self.tabs.active and (self.focused is None or event.pane not in self.focused.ancestors):
            self._enter(name)

    async def _fill(self, name: str) -> None:
        if name == SERIALS and self._serials is None:
            await self.query_one(f"#{SERIALS}").mount(SerialsPane(self.form))
        elif name == DOCUMENTS and self._documents is None:
            listing = DocumentsList(
                DocumentSource(item_id=self.form.id),
                self.context.db.run,
                of=self.form.id,
                why_empty=WHY_NO_DOCUMENTS,
                remembered="item's documents",
            )
            await self.query_one(f"#{DOCUMENTS}").mount(listing)

    def _enter(self, name: str) -> None:
        """Restore the focus of this tab, so that the tab's keys work."""
        before = self._focus_of.get(name)
        if before is not None and before.is_attached and before.focusable:  # it may be gone since
            self.set_focus(before)
        elif name == SERIALS and self._serials is not None:
            self._serials.enter()
        elif name == DOCUMENTS and self._documents is not None:
            self._documents.enter()
        elif self._opened_by_scan:
            self.pane.look()
        else:
            self.pane.go_to("name")
        self.renew_keys()

    @work(exclusive=True, group="history")
    async def action_history(self) -> None:
        """Open the history of the item's quantities."""
        with self.refusals_shown():
            await self.context.open(StockHistory(self.form.id))

    # ----- refreshing

    def action_refresh(self) -> None:
        """Read the item again and redraw the whole screen."""
        self.context.redraw()
        self._refresh(told=True)

    @work(exclusive=True, group="refresh")
    async def _refresh(self, *, told: bool = False) -> None:
        with self.refusals_shown():
            await self.context.read_permissions()
            form = await self.read(item_form, self.form.id)
            if self not in self.app.screen_stack:
                return  # closed in the meantime
            kept = await self._show_newer(form)
            if told and self._serials is not None:
                self._serials.refresh_from(self.form)
            if told and self._documents is not None:
                self._documents.renew()
            if told and kept is not None:
                self.say("What you typed is kept, the rest is as saved." if kept else "This is as saved.")

    async def follow(self, *, marks: bool) -> None:
        """Show the changes of others; an edited field stays, and a message tells who saved the item."""
        form = await self.read(item_form, self.form.id)
        await self._show_newer(form, marks=marks)
        if self._serials is not None and self._serials.is_mounted:  # else it is about to show them
            self._serials.show_counts(self.form, marks=marks)
        await super().follow(marks=marks)

    async def _show_newer(self, form: ItemForm, *, marks: bool = False) -> list[str] | None:
        """Show the item as it is saved now, but for the fields that were edited, and say who has saved it.

        Returns:
            Names of the fields whose edited values stay; None if it was said that somebody else has saved the item.
        """
        by_another = form.version > self._told_version
        self._told_version = form.version
        # What is typed may be saved already: a save whose answer was lost, or somebody else's of the same.
        saved, values = ItemValues.of(form), self.pane.values
        unsaved = values.changed_from(saved)
        kept = [field for field in self.pane.changed if field in unsaved]
        # Both have changed these. What only one has changed is shown, or kept, without a question.
        in_conflict = [field for field in kept if field in saved.changed_from(ItemValues.of(self.form))]
        await self._show(form, keep=kept, marks=marks)
        if not by_another:
            return kept
        stays = f" Yours stays{'; Save will ask' if in_conflict else ''}." if kept else ""
        self.say(
            f"{form.changed_by} saved this item at {form.changed_at.astimezone():%Y-%m-%d %H:%M}.{stays}", "warning"
        )
        return None

    # ----- saving

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save the changes and stay."""
        self._save_and_stay()

    @work(exclusive=True, group="save")
    async def _save_and_stay(self) -> None:
        await self._save()

    async def _save(self) -> bool:
        """Save the changes; True if nothing unsaved is left."""
        values = self.pane.values
        changed = values.changed_from(ItemValues.of(self.form))
        if not changed:  # nothing is written, so that the version and "saved by" stay
            self.say("Nothing is changed, so there is nothing to save.")
            return True
        records = 0
        # Keys typed meanwhile belong to the dialog that may follow, or to the fields as saved.
        with self.context.keyboard.hold():
            try:
                if "location" in changed and (problem := await self.pane.location.problem()):
                    raise BadValue(problem, field="location")
                values = self.pane.values  # the look-up puts the location code into its stored spelling
                if "track_serials" in changed and not values.track_serials:
                    # Read now: the question says how many records are kept, and others may have added some.
                    records = (await self.read(item_form, self.form.id)).records
            except SerialdockError as refusal:
                self._refuse(refusal)
                return False
        # Outside the hold: keys now go to the question.
        if records and not await ask_to_hide(self.context, self.form.sku, records):
            self.say("Nothing was saved.")
            return False
        return await self._write(values, changed, self.form.version)

    async def _write(self, values: ItemValues, changed: Sequence[str], version: int) -> bool:
        """Write the changed fields, based on a version of the item; settle an edit conflict."""
        before = self.form  # a refresh may show the item as saved before `_show_saved` does
        with self.context.keyboard.hold():
            try:
                try:
                    await self.write(
                        save_item, self.context.actor, self.form.id, version=version, **values.only(changed)
                    )
                except Changed:
                    theirs = await self.read(item_form, self.form.id)
                else:
                    self._told_version = version + 1  # this save, of which nobody need be told
                    with self.said_done("Saved."):
                        await self._show_saved(before)
                    return True
            except SerialdockError as refusal:
                self._refuse(refusal)
                return False
        return await self._settle(theirs, values, changed)  # outside the hold: keys now go to its dialog

    async def _show_saved(self, before: ItemForm) -> None:
        """Show the saved item and report a change of Track Serials."""
        await self.context.read_permissions()
        after = await self.read(item_form, self.form.id)
        self._told_version = after.version
        await self._show(after)
        if self._serials is not None:
            self._serials.refresh_from(after)
        if after.track_serials and not before.track_serials:
            self.say("Saved. The Serials tab is there now: Ctrl+T goes to it.", "done")
        elif before.track_serials and not after.track_serials:
            self.say("Saved. Serials are not tracked any more; their records are kept.", "done")
        else:
            self.say("Saved.", "done")

    async def _settle(self, theirs: ItemForm, values: ItemValues, changed: Sequence[str]) -> bool:
        """Ask whose version to keep after an edit conflict; True if nothing unsaved is left."""
        self._told_version = theirs.version
        chosen = await ask_side(self.context, self.form, theirs, values, changed)
        if chosen == "mine":  # based on what was shown in the dialog; a third save asks again
            return await self._write(values, changed, theirs.version)
        if chosen == "theirs":
            with self.context.keyboard.hold():
                await self._show(theirs)
            self.say(f"This is as {theirs.changed_by} saved it.", "done")
            return True
        self.say("Nothing was saved; what you typed is still here.")
        return False

    def _refuse(self, refusal: SerialdockError) -> None:
        self.say(refusal.message, "problem")
        field = str(refusal.details.get("field", ""))
        if field in LABELS and self.tabs.active == ITEM:  # F10 saves from any tab; the focus stays there
            self.pane.go_to(field, to_correct=True)

    # ----- leaving, new location

    def action_leave(self) -> None:
        """Go back; ask first if there are unsaved changes."""
        if self.pane.changed:
            self._ask_and_leave()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        answer = await ask_to_leave(self.context, self.form.sku, self.pane.changed)
        # A save that is refused, or in conflict, stays: leaving would lose what was typed.
        if answer == "discard" or (answer == "save" and await self._save()):
            self.dismiss(None)

    @work(exclusive=True, group="new-location")
    async def action_new_location(self) -> None:
        """Make a new location; if Primary location has the focus, fill it in there."""
        code = await self.context.open(NewLocation())
        if code is None:
            return
        if self.focused is self.pane.location.input:
            self.pane.location.code = code
            self.say(f"The location {code} is made. Save makes it the primary location.", "done")
        else:
            self.say(f"The location {code} is made. F4 in Primary location lists it.", "done")


async def ask_to_hide(context: Context, sku: str, records: int) -> bool:
    """Ask whether to stop tracking an item that has serial records.

    Args:
        context: the app.
        sku: the item's SKU.
        records: number of serial records that are kept.
    """
    kept = "1 serial record is" if records == 1 else f"{records:,} serial records are"
    question = (
        f"{kept} kept and the Serials tab is hidden. Ticking Track Serials again brings everything back. "
        "Quantities stay as they are."
    )
    answers = [Answer("cancel", "Cancel", "f3"), Answer("save", "Save anyway", "f10")]
    return await context.ask(ConfirmDialog(f"{sku} without Track Serials", question, answers)) == "save"


async def ask_to_leave(context: Context, sku: str, changed: Sequence[str]) -> str | None:
    """Ask what to do with unsaved changes.

    Args:
        context: the app.
        sku: the item's SKU.
        changed: names of the changed fields.

    Returns:
        `save`, `discard`, or anything else to stay.
    """
    names = ", ".join(LABELS[field] for field in changed)
    answers = [Answer("stay", "Stay", "f3"), Answer("save", "Save", "f10"), Answer("discard", "Discard", "f8")]
    question = f"Not saved yet: {names}. Save before you leave?"
    return await context.ask(ConfirmDialog(f"Leave {sku}?", question, answers))


async def ask_side(
    context: Context, before: ItemForm, theirs: ItemForm, mine: ItemValues, changed: Sequence[str]
) -> Side | None:
    """Ask whose version to keep after an edit conflict.

    Args:
        context: the app.
        before: the item as it was when editing began.
        theirs: the item as saved now.
        mine: the edited values.
        changed: names of the fields edited here.

    Returns:
        The side to keep; None to go on editing.
    """
    there = ItemValues.of(theirs)
    changed_there = there.changed_from(ItemValues.of(before))
    differences = [
        FieldDifference(LABELS[field], there.shown(field), mine.shown(field), field in changed_there, field in changed)
        for field in LABELS
        if field in changed_there or field in changed
    ]
    moment = f"{theirs.changed_at.astimezone():%Y-%m-%d %H:%M}"
    return await context.ask(ConflictDialog(theirs.sku, theirs.changed_by, moment, differences))
