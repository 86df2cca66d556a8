"""One item: its form, and its serials on a tab of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, TabbedContent, TabPane

from models.documents import DocumentSource, has_documents
from models.errors import BadValue, Changed, SerialdockError
from models.items.items import ItemForm, item_form, save_item
from models.permissions import Permission
from tui.dialogs.item_questions import leaving, may_hide, whose
from tui.routes import ItemRecord, NewLocation, Route
from tui.screens.frame import Frame
from tui.widgets.documents_list import DocumentsList
from tui.widgets.item_pane import ItemPane
from tui.widgets.item_values import LABELS, ItemValues
from tui.widgets.serials_pane import SerialsPane
from tui.widgets.title_bar import TitleBar

ITEM, SERIALS, DOCUMENTS = TABS = "item", "serials-tab", "documents-tab"
"""The ids of the tabs, in their order."""

WHY_NO_DOCUMENTS = "No document names a serial of this item yet. A transfer makes one."
"""What an empty Documents tab says."""


class ItemScreen(Frame[None]):
    """The item form. Nothing is written before Save; leaving asks about what is not saved."""

    STYLE_SHEETS = ("fields", "item", "serials", "documents")
    HELP = "One item. F10 saves what you changed, F3 goes back; Ctrl+T goes to the next tab."
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "save")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", "Save", id="item.save", tooltip="Save the changes of this item"),
        Binding("ctrl+t", "next_tab(1)", "Next tab", id="item.next-tab", tooltip="Go to the next tab"),
        Binding("f6", "new_location", "New location", id="item.new-location", tooltip="Make a new location"),
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
        """The item as it is saved, as far as this screen knows; the version that a save is made on."""
        self._focus_of: dict[str, Widget] = {}
        self._told_version = form.version
        """The newest version that this screen has shown or told of."""
        self._is_looked_at = False

    def compose_body(self) -> ComposeResult:
        """The tabs; serials and documents are read when their tab is first opened."""
        with TabbedContent(id="tabs"):
            with TabPane("Item", id=ITEM):
                yield ItemPane(self.form)
            if self.form.track_serials:
                yield TabPane("Serials", id=SERIALS)
                yield TabPane("Documents", id=DOCUMENTS)

    def on_mount(self) -> None:
        """Begin in the first field; behind a scan in none, since another one may follow."""
        # Tabs have keys of their own; with the focus on them, the keys of the open tab would not work.
        self.query_one("#tabs ContentTabs").can_focus = False
        self._show_title()
        self._give_rights()  # as far as known; what is read now may change them
        self._is_looked_at = self.is_of_scan and self.scan_run.is_scan
        self._enter(ITEM)
        self._refresh()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was in front."""
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
        """Those of the open tab."""
        serials = self._serials if self.tabs.active == SERIALS else None
        return self.KEYS_FIRST if serials is None else serials.keys_first

    def name_if_shown(self, route: Route[Any]) -> str:
        """The SKU, where the route leads to this item."""
        return self.form.sku if route == ItemRecord(self.form.id) else ""

    @property
    def gives_way(self) -> bool:
        """Unless something is not saved, or the serials are being worked with."""
        return self._serials is None and not self.pane.changed

    @property
    def _serials(self) -> SerialsPane | None:
        return next(iter(self.query(SerialsPane)), None)

    @property
    def _documents(self) -> DocumentsList | None:
        return next(iter(self.query(DocumentsList)), None)

    async def _show(self, form: ItemForm, *, keep: bool = False) -> None:
        """Show a newer state of the item where one is: the same tab, the same field.

        Args:
            form: what is saved now.
            keep: leave what was typed, and the version that it was typed on.
        """
        if keep:
            form = self.form._replace(places=form.places, records=form.records)
        self.form = form
        self.pane.tell(form, keep=keep)
        self._give_rights()
        await self._show_tab(SERIALS, "Serials", wanted=form.track_serials)
        # Without tracking there may still be documents of the records that were kept.
        wanted = form.track_serials or (form.records > 0 and await self.read(has_documents, form.id))
        await self._show_tab(DOCUMENTS, "Documents", wanted=wanted)
        self._show_title()
        self.renew_keys()

    def _give_rights(self) -> None:
        may = self.context.may
        self.pane.give_rights(edit=may(Permission.EDIT_ITEMS), track=may(Permission.MANAGE_SERIALS))

    async def _show_tab(self, name: str, label: str, *, wanted: bool) -> None:
        """Put a tab to its place, or take it away."""
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
        return [name for name in TABS if self.query(f"#{name}")]

    def _show_title(self) -> None:
        unsaved = bool(self.pane.changed)
        title = f"{self.form.sku} · {self.form.name}"
        self.query_one(TitleBar).tell(title, note="* unsaved" if unsaved else "")

    @on(ItemPane.Edited)
    def _edited(self) -> None:
        self._show_title()

    @on(SerialsPane.Changed)
    def _serials_changed(self) -> None:
        self._refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done on this tab, with these permissions."""
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
        """Go to the tab that many places on."""
        names = self._tabs_there
        await self._open_tab(names[(names.index(self.tabs.active) + step) % len(names)])

    async def _open_tab(self, name: str) -> None:
        if self.focused is not None:
            self._focus_of[self.tabs.active] = self.focused
        await self._fill(name)
        self.tabs.active = name
        self._enter(name)

    @on(TabbedContent.TabActivated)
    async def _tab_opened(self, event: TabbedContent.TabActivated) -> None:
        """Follow a click on a tab."""
        name = event.pane.id or ITEM
        await self._fill(name)
        if name == self.tabs.active and (self.focused is None or event.pane not in self.focused.ancestors):
            self._enter(name)

    async def _fill(self, name: str) -> None:
        if name == SERIALS and self._serials is None:
            await self.query_one(f"#{SERIALS}").mount(SerialsPane(self.form))
        elif name == DOCUMENTS and self._documents is None:
            listing = DocumentsList(DocumentSource(item_id=self.form.id), WHY_NO_DOCUMENTS)
            await self.query_one(f"#{DOCUMENTS}").mount(listing)

    def _enter(self, name: str) -> None:
        """Give the focus to where it was in this tab, so that the tab's keys work."""
        before = self._focus_of.get(name)
        if before is not None and before.is_attached and before.focusable:
            self.set_focus(before)
        elif name == SERIALS and self._serials is not None:
            self._serials.enter()
        elif name == DOCUMENTS and self._documents is not None:
            self._documents.enter()
        elif self._is_looked_at:
            self.pane.look()
        else:
            self.pane.go_to("name")
        self.renew_keys()

    # ----- reading again

    def action_refresh(self) -> None:
        """Read the item again, and draw the whole screen."""
        self.context.redraw()
        self._refresh(told=True)

    @work(exclusive=True, group="refresh")
    async def _refresh(self, *, told: bool = False) -> None:
        with self.refusals_shown():
            await self.context.read_permissions()
            form = await self.read(item_form, self.form.id)
            if self not in self.app.screen_stack:
                return  # left meanwhile
            by_another = form.version > self._told_version
            self._told_version = form.version
            is_unsaved = bool(self.pane.changed)
            await self._show(form, keep=is_unsaved)
            if told and self._serials is not None:
                self._serials.refresh_from(self.form)
            if told and self._documents is not None:
                self._documents.renew()
            if by_another:
                kept = " Yours stays; Save will ask." if is_unsaved else ""
                self.say(
                    f"{form.changed_by} saved this item at {form.changed_at.astimezone():%Y-%m-%d %H:%M}.{kept}",
                    "warning",
                )
            elif told:
                self.say("What you typed is kept, the rest is as saved." if is_unsaved else "This is as saved.")

    # ----- saving

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Save what was changed."""
        self._save_and_stay()

    @work(exclusive=True, group="save")
    async def _save_and_stay(self) -> None:
        await self._save()

    async def _save(self) -> bool:
        """Save what was changed; True when nothing unsaved is left."""
        values = self.pane.values
        changed = values.changed_from(ItemValues.of(self.form))
        if not changed:
            self.say("Nothing is changed, so there is nothing to save.")
            return True
        records = 0
        with self.context.keyboard.hold():
            try:
                if "location" in changed and (problem := await self.pane.location.problem()):
                    raise BadValue(problem, field="location")
                values = self.pane.values
                if "track_serials" in changed and not values.track_serials:
                    records = (await self.read(item_form, self.form.id)).records
            except SerialdockError as refusal:
                self._refuse(refusal)
                return False
        if records and not await may_hide(self.context, self.form.sku, records):
            self.say("Nothing was saved.")
            return False
        return await self._write(values, changed, self.form.version)

    async def _write(self, values: ItemValues, changed: Sequence[str], version: int) -> bool:
        """Write the changed fields over a version of the item; ask where somebody was faster."""
        with self.context.keyboard.hold():
            try:
                try:
                    await self.write(
                        save_item, self.context.actor, self.form.id, version=version, **values.only(changed)
                    )
                except Changed:
                    theirs = await self.read(item_form, self.form.id)
                else:
                    await self._show_saved()
                    return True
            except SerialdockError as refusal:
                self._refuse(refusal)
                return False
        return await self._settle(theirs, values, changed)

    async def _show_saved(self) -> None:
        """Show what is saved now, and say what has changed with it."""
        await self.context.read_permissions()
        before, after = self.form, await self.read(item_form, self.form.id)
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
        """Let the person choose between what somebody else has saved and what was typed."""
        self._told_version = theirs.version
        chosen = await whose(self.context, self.form, theirs, values, changed)
        if chosen == "mine":
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
        if field in LABELS and self.tabs.active == ITEM:
            self.pane.go_to(field, to_correct=True)

    # ----- leaving, and making a location

    def action_leave(self) -> None:
        """Go back; ask first where something is not saved."""
        if self.pane.changed:
            self._ask_and_leave()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        answer = await leaving(self.context, self.form.sku, self.pane.changed)
        if answer == "discard" or (answer == "save" and await self._save()):
            self.dismiss(None)

    @work(exclusive=True, group="new-location")
    async def action_new_location(self) -> None:
        """Make a new location; it goes into the field where the cursor is in that of the primary location."""
        code = await self.context.open(NewLocation())
        if code is None:
            return
        if self.focused is self.pane.location.input:
            self.pane.location.code = code
            self.say(f"The location {code} is made. Save makes it the primary location.", "done")
        else:
            self.say(f"The location {code} is made. F4 in Primary location lists it.", "done")
