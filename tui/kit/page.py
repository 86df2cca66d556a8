"""The base class of screens: title bar, message line, key bar, help, menu, and access to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar, Final, ParamSpec, TypeVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from models.errors import NotAllowed, NotFound, SerialdockError, Unreadable
from models.paging import hidden_among
from models.text import counted
from tui.context import Context, Kind
from tui.kit.bars import FIRST, KeyBar, MessageLine, TitleBar
from tui.kit.record_table import RecordTable
from tui.routes import ChooseOrder, ExportList, Find, Route
from tui.scanning.bursts import SCANNER_LENGTH, ScanRun
from tui.scanning.everywhere import ListensEverywhere
from tui.scanning.fields import HeardScan, WaitsForEnd
from tui.scanning.listener import Refused, nothing
from tui.text import clip

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result")


MOST_COPIED: Final = 5_000
"""Most marked rows whose names are copied together."""

MOST_BYTES: Final = 50_000
"""Longest text that is copied, in bytes: with more, terminals ignore all of it."""


def _is_displayed(table: Widget) -> bool:
    return all(node.display for node in table.ancestors_with_self if isinstance(node, Widget))


def is_rather_typed(text: str) -> bool:
    """Whether a burst that names nothing was rather typed over a slow link: it is short, or has blanks."""
    return len(text) < SCANNER_LENGTH or " " in text.strip()


def told(hidden: int) -> str:
    """How many marked rows a filter hides, to follow what is said of all of them; empty for none."""
    return f"; the list hides {hidden:,} of them now" if hidden else ""


def is_shown(widget: Widget) -> bool:
    """Whether a screen or widget still has its parts.

    While it is removed it is attached a moment longer than its parts, and its last timers and listeners are called in
    that moment.
    """
    return widget.is_attached and not widget._pruning


class Frame(ListensEverywhere[Result]):
    """A full screen; subclasses compose the body between title and message line."""

    TITLE_TEXT: ClassVar[str] = ""
    """The initial title; `tell_title` changes it."""

    HELP: ClassVar[str] = ""
    """Help text for F1 when the focused widget has none."""

    KEYS_FIRST: ClassVar[tuple[str, ...]] = FIRST
    """Actions whose keys stay in the key bar when few fit."""

    ROUTE: ClassVar[Route[Any] | None] = None
    """The route of a screen that shows no certain record."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (30, "-narrow"),
        (60, "-normal"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (20, "-tall")]

    FORGETS: ClassVar[bool] = False
    """Whether the message is dropped when another full screen comes in front, where what it says may change."""

    FOLLOWS: ClassVar[bool] = False
    """Whether the screen is read again while it is in front, when others have written or a new day has begun."""

    CATCHES: bool = True
    """Whether scans are opened here; False for a screen with a scan line of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", "Help", id="screen.help", tooltip="Explain what the cursor is on, and list the keys"),
        Binding(
            "f2",
            "find_anywhere",
            "Find anything",
            id="screen.find",
            tooltip="Find anything by its name, its number or a part of them, wherever it is",
            show=False,
        ),
        Binding("f3", "leave", "Back", id="screen.leave", tooltip="Go back to where you came from"),
        Binding("escape", "leave", "Back", id="screen.escape", tooltip="Go back to where you came from", show=False),
        Binding(
            "ctrl+g",
            "app.actions",
            "Menu",
            id="screen.actions",
            tooltip="List everything that can be done here, and the way to other screens, by number",
        ),
        Binding(
            "ctrl+w",
            "export",
            "Export",
            id="screen.export",
            tooltip="Export the list, or its marked rows, to a file",
            show=False,
        ),
        Binding(
            "ctrl+y",
            "copy",
            "Copy",
            id="screen.copy",
            tooltip="Copy the name, again the whole row; or the names of all marked rows",
            show=False,
        ),
        Binding(
            "ctrl+o", "sort('choose')", "Order", id="screen.order", tooltip="Order the list by a column", show=False
        ),
        Binding(
            "ctrl+r", "sort('turn')", "Reverse", id="screen.reverse", tooltip="Turn the order of the list", show=False
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.closed: Callable[[], object] = nothing
        """Called when the person leaves this screen."""
        self._copied: list[str] = []
        """The row whose name was copied last."""
        self.is_of_scan = False
        """Whether a scan opened this screen."""
        self.scan_run = ScanRun()
        """Counts unseen scans; passed on to a screen that a scan opens."""
        self._is_styled = False
        """Whether it was shown before, so that styles may have changed meanwhile."""
        self.seen_at: Any = None
        """What it was read at last; only for `tui.kit.watcher`."""

    @property
    def context(self) -> Context:
        """The app, as the part of it that screens need."""
        return cast("Context", self.app)

    @property
    def gives_way(self) -> bool:
        """Whether the screen of the next scan may replace this one without losing anything."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go back.

        Args:
            result: as for every screen.
        """
        self.closed()
        return super().dismiss(result)

    def name_if_shown(self, route: Route[Any]) -> str:
        """The name of what a route leads to, if this screen shows it; else an empty text."""
        return self.TITLE_TEXT if route == self.ROUTE else ""

    @on(events.ScreenResume)
    def _style_once(self, event: events.ScreenResume) -> None:
        """Leave out Textual's second styling of a screen that is shown for the first time, as it was just styled."""
        event.refresh_styles = event.refresh_styles and self._is_styled
        self._is_styled = True

    @property
    def is_covered(self) -> bool:
        """Whether another full screen is in front."""
        return isinstance(self.app.screen, Frame) and self.app.screen is not self and self in self.app.screen_stack

    @on(events.ScreenSuspend)
    def _forget(self) -> None:
        if self.FORGETS and self.is_covered:
            self.say("")

    @contextmanager
    def scan_refusals_shown(self) -> Iterator[None]:
        """Catch a refusal, and show it with the sentence about unseen scans."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(self.scan_run.told(refusal.message), "problem")
            self.scan_run.shown()

    @property
    def listens(self) -> bool:
        """Whether keys are collected here; not on a screen with a scan line of its own."""
        return self.CATCHES and super().listens

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Open what the last of these scans names, or show why it cannot be opened."""
        held = ExitStack()
        held.enter_context(self.context.keyboard.hold())  # here, before the worker has started
        self._open_heard(scans, held)

    def take_unknown(self, scan: str) -> bool:
        """Act on a scan that names nothing; return whether this screen has a use for it."""
        return False

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Show why a scan was refused."""
        self.say(refused.reason.sentence, "problem")

    def hear_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Show that a scan has no end."""
        self.say(event.sentence, "problem")

    @work(group="scan")
    async def _open_heard(self, scans: Sequence[HeardScan], held: ExitStack) -> None:
        with held, self.scan_refusals_shown():
            for scan in scans:
                self.scan_run.begin(scan.span.ended)
            last = scans[-1]
            try:
                last.settle(await self.context.open_scanned(self, *last.texts))
            except (NotFound, Unreadable) as refusal:
                if isinstance(refusal, Unreadable) and refusal.reason == "command":
                    raise
                if isinstance(refusal, NotFound) and not last.is_mixed and self.take_unknown(last.text):
                    last.settle(last.text)
                    return
                if last.as_typed is not None and is_rather_typed(last.text):
                    last.as_typed()
                    return
                if last.field is self:
                    raise
                said = f"{refusal.message} It was not put into the field; if it was typed, type it again."
                self.say(self.scan_run.told(said), "problem")
                self.scan_run.shown()

    @property
    def offered(self) -> Sequence[tuple[str, ...]]:
        """Menu entries besides the named bindings: label, action of this screen, and the key that does it, if any."""
        return ()

    @property
    def keys_first(self) -> tuple[str, ...]:
        """The current `KEYS_FIRST`."""
        return self.KEYS_FIRST

    def compose(self) -> ComposeResult:
        """Title bar, body, rule, message line, key bar."""
        self._know_size()
        yield TitleBar(self.TITLE_TEXT, self.context.place)
        yield from self.compose_body()
        yield Static(classes="rule")
        yield MessageLine()
        yield KeyBar()

    def _know_size(self) -> None:
        """Set the breakpoint classes before there are widgets, so that each widget is styled only once.

        Textual sets them at the first resize, after everything was styled without them.
        """
        width, height = self.app.size
        for size, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(*self._get_breakpoint_classes(size, breakpoints), update=False)

    def compose_body(self) -> ComposeResult:
        """The body, between title and message line."""
        yield from ()

    def tell_title(self, title: str) -> None:
        """Change the title. It may contain any characters."""
        self.query_one(TitleBar).tell(title)

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message in the message line. `text` may contain any characters."""
        self.query_one(MessageLine).say(text, kind)

    @on(WaitsForEnd.Unfinished)
    def _tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        event.stop()
        self.query_one(MessageLine).tell_unfinished(event)

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Catch a refusal and show it in the message line."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")

    @contextmanager
    def said_done(self, done: str) -> Iterator[None]:
        """Catch trouble with reading again what was saved: the message says that it was saved, not that nothing was."""
        try:
            yield
        except SerialdockError as trouble:
            code = f" ({trouble.details['error']})" if "error" in trouble.details else ""
            self.say(f"{done} It cannot be read again now{code}; F5 tries it.".strip(), "warning")

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read from the database; the result is dropped when a newer worker replaces this one.

        Raises:
            SerialdockError
        """
        return await self.context.db.run(function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the database; once submitted, it is carried out even if this screen closes.

        Raises:
            SerialdockError
        """
        return await self.context.db.write(function, *args, **kwargs)

    async def follow(self, *, marks: bool) -> None:
        """Show what others have written, or what a new day changes: each list that is in sight is read again.

        Nothing moves under the person's hand, and what stands in the message line stays.

        Args:
            marks: whether to mark what has changed, for a moment.

        Raises:
            SerialdockError: it cannot be read now.
        """
        for table in self.query(RecordTable):
            if _is_displayed(table):
                await table.follow(marks=marks)

    # ----- out of the program

    @property
    def list_in_front(self) -> RecordTable[Any] | None:
        """The list with the focus, else the first one that is shown; None if there is none."""
        if isinstance(self.focused, RecordTable):
            return self.focused
        # Asked for each action of the key bar: a query would match a selector with every widget each time.
        return next((table for table in self.walk_children(RecordTable) if _is_displayed(table)), None)

    @property
    def exported(self) -> ExportList | None:
        """What can be exported here; None for nothing."""
        table = self.list_in_front
        if table is None or not table.EXPORTS or table.source is None:
            return None
        return ExportList(table.source, tuple(sorted(table.marked)))

    def line_to_copy(self) -> list[str]:
        """What the row under the cursor shows, its name first; empty without a row."""
        table = self.list_in_front
        row = table.cursor_record if table is not None else None
        return table.line_of(row) if table is not None and row is not None else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer export, copy and orders where there is a list."""
        if action == "export":
            return self.is_mounted and self.exported is not None
        if action == "copy":
            return self.is_mounted and (self.list_in_front is not None or bool(self.line_to_copy()))
        if action == "sort":
            table = self.list_in_front if self.is_mounted else None
            return table is not None and table.check_action(action, parameters)
        return super().check_action(action, parameters)

    def action_sort(self, how: str) -> None:
        """Order the list in front: `choose` the column, or `turn` the order round."""
        table = self.list_in_front
        if table is not None and how == "choose":
            self.run_worker(_choose_order(self.context, table), group="order", exclusive=True)
        elif table is not None:
            table.action_sort(how)

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Export what the list shows to a file."""
        if (route := self.exported) is None:
            return
        with self.refusals_shown():
            said = await self.context.open(route)
            if said:
                self.say(said, "done")

    @work(exclusive=True, group="copy")
    async def action_copy(self) -> None:
        """Copy what the row under the cursor is called, again the whole row, or what all marked rows are called."""
        table = self.list_in_front
        with self.refusals_shown():
            if table is not None and table.mark_count:
                if table.mark_count > MOST_COPIED:
                    raise NotAllowed(
                        f"{table.mark_count:,} rows are marked, and at most {MOST_COPIED:,} are copied together. "
                        "Export them: Ctrl+W."
                    )
                lines, source = await table.names_of_marked(), table.source
                hidden = await self.read(hidden_among, source, table.marked) if source is not None else 0
                self._copy("\n".join(lines), f"Copied {counted(len(lines), 'marked row')}, a line each{told(hidden)}.")
                return
            line = self.line_to_copy()
            if not line:
                self.say("There is no row to copy.", "warning")
            elif self._copied == line and len(line) > 1:
                self._copied = []
                self._copy("\t".join(line), "Copied the whole row.")
            else:
                self._copied = line
                again = " Again copies the whole row." if len(line) > 1 else ""
                self._copy(line[0], f"Copied {clip(line[0], 40)}.{again}")

    def _copy(self, text: str, said: str) -> None:
        """Send a text to the clipboard of the terminal.

        Raises:
            NotAllowed: it is longer than terminals take.
        """
        size = len(text.encode())
        if size > MOST_BYTES:
            raise NotAllowed(
                f"These are {size:,} bytes, and terminals take about {MOST_BYTES:,} at once. Mark fewer rows, or "
                "export them: Ctrl+W."
            )
        self.context.copy_to_clipboard(text)
        self.say(said, "done")

    def renew_keys(self) -> None:
        """Update the key bar after the available actions have changed."""
        self.query_one(KeyBar).renew()

    def action_find_anywhere(self) -> None:
        """Open Find."""
        self.look_everywhere("")

    @work(exclusive=True, group="find")
    async def look_everywhere(self, text: str) -> None:
        """Open Find, which looks for a text at once.

        Args:
            text: empty for nothing yet.
        """
        with self.refusals_shown():
            await self.context.open(Find(text))

    def action_leave(self) -> None:
        """Go back to the screen before."""
        self.dismiss()


class FramePart(Widget):
    """A part of a screen that knows app and screen by what it needs of them.

    It stands behind the container that a part is: Textual takes the styles of the first base only.
    """

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def frame(self) -> Frame[object]:
        """The screen, typed as a `Frame`."""
        return cast("Frame[object]", self.screen)


async def _choose_order(context: Context, table: RecordTable[Any]) -> None:
    """Ask for the column that orders a list; the present one turns it round."""
    orders, now = tuple((order.code, order.label) for order in table.ordering.orders), table.ordering.now
    if now is not None and (chosen := await context.open(ChooseOrder(orders, now.code, now.descending))) is not None:
        table.ordering.by(chosen)
