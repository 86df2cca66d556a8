"""The base of every Serialdock app, with or without a database: ordered keys, themes, help, menu, crash handling."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from rich.text import Text
from textual import work
from textual._context import active_message_pump
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import NoActiveWorker, get_current_worker

from models.config import Config, keep_theme
from models.errors import BadValue
from models.text import counted
from tui.context import Kind, RememberedList
from tui.kit.bars import MessageLine, Offered, TitleBar
from tui.kit.page import Frame
from tui.lifeline import Lifeline, crash_message, write_crash_report
from tui.scanning.everywhere import ListensEverywhere
from tui.terminal.changed_cells import ChangedCellsDisplay
from tui.terminal.driver import TerminalDriver
from tui.terminal.keys_in_order import KeysDropped, OrderedKeys
from tui.text import visible
from tui.themes import THEMES, app_style_sheet, default_theme

if TYPE_CHECKING:
    from tui.kit.help import ActionsDialog, HelpDialog
    from tui.scanning.screens import ForwardsScans

Result = TypeVar("Result")
AnyDialog = TypeVar("AnyDialog", bound="ForwardsScans[Any]")


class TerminalApp(ChangedCellsDisplay[int], OrderedKeys[int], inherit_bindings=False):
    """One person at one terminal."""

    CSS_PATH = app_style_sheet()
    TITLE = "Serialdock"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "nothing", show=False),
    ]

    def __init__(self, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            config: the person's settings.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(**{"driver_class": TerminalDriver, **options})
        self.config = config or Config()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.config.theme or default_theme()
        self._remembered: dict[str, RememberedList] = defaultdict(RememberedList)
        self.waiting_words: Sequence[str] = ()
        """What waits, for the title bar; see `TitleBar.tell_waiting`."""

    def remembered(self, name: str) -> RememberedList:
        """How a kind of list was ordered and narrowed last, in this session."""
        return self._remembered[name]

    def tell_waiting(self, words: Sequence[str]) -> None:
        """Show in every title bar what waits.

        Args:
            words: as for `TitleBar.tell_waiting`; empty for nothing.
        """
        if words != self.waiting_words:
            self.waiting_words = words
            for screen in self.screen_stack if self.is_running else ():
                for bar in screen.query(TitleBar):
                    bar.tell_waiting(words)

    def keep(self) -> None:
        """Keep what is in memory only. Called from any thread when the process is about to end."""

    @property
    def farewell(self) -> str:
        """What to say after the terminal is restored; empty for nothing."""
        return ""

    @property
    def place(self) -> str:
        """The text for the right corner of the title bar."""
        return ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Defaults of our own theme variables, for Textual's built-in themes."""
        return {"rule": "#808080", "quiet": "#808080", "field": "#303030", "field-focus": "#404040"}

    def refresh_css(self, animate: bool = True) -> None:
        """Apply a changed theme to the screens.

        Textual asks for this before the first screen too, because the theme was set. No style sheet has been parsed by
        then, so the theme's colours are enough: parsing here would be parsing twice.
        """
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    @abstractmethod
    def first_screen(self) -> Screen[Any]:
        """Make the screen that the app opens with."""

    def get_default_screen(self) -> Screen[Any]:
        """Use the first screen as Textual's default one: an empty screen below it would be drawn too."""
        return self.first_screen()

    def on_mount(self) -> None:
        """Apply the keymap."""
        self.set_keymap(dict(self.config.keymap))

    @work(exclusive=True, group="colours")
    async def action_colours(self, theme: str) -> None:
        """Change the theme, for the next starts too."""
        self.theme = theme
        try:
            await asyncio.to_thread(keep_theme, theme)
        except BadValue as error:
            said = f"The colours are {theme} until Serialdock ends. {error.message}"
            self.notify(visible(said), severity="warning", markup=False)

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Open a new dialog and wait for its result; None when it was left. For workers.

        Keys typed before it is open wait for it. A worker that reads something first does so in its own hold and calls
        this directly after it.
        """
        answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

        def give(result: Result | None) -> None:
            if not answer.done():
                answer.set_result(result)

        with self.keyboard.hold():
            await self.push_screen(dialog, give)
        return await answer

    def tell(self, text: str, kind: Kind = "note") -> None:
        """Show a message on the topmost full screen, behind any dialog."""
        frames = [screen for screen in self.screen_stack if isinstance(screen, Frame)]
        if frames:
            frames[-1].say(text, kind)

    def on_keys_dropped(self, event: KeysDropped) -> None:
        """Report keys that were dropped because something took too long; a screen without a line for it only rings."""
        screen = self.screen
        if isinstance(screen, ListensEverywhere) and screen.query(MessageLine):
            keys, were = counted(event.count, "key"), "was" if event.count == 1 else "were"
            also = "Look at the screen, then type or scan again what is missing."
            screen.say(f"{keys}, typed or scanned while waiting, {were} dropped. {also}", "problem")
        else:
            self.bell()

    # ----- help and menu

    @abstractmethod
    def help_on(self, screen: Screen[Any]) -> HelpDialog | None:
        """Make the help on a screen, as `tui.kit.help` does; None if the screen is the help."""

    @abstractmethod
    def menu_of(self, screen: Screen[Any], more: Sequence[Offered]) -> ActionsDialog | None:
        """Make the menu of a screen with more entries, as `tui.kit.help` does; None if the screen is the menu."""

    def more_offered(self, screen: Screen[Any]) -> Sequence[Offered]:
        """Menu entries for a screen in addition to its key bindings."""
        return ()

    def action_help(self) -> None:
        """Open the help on the focused widget and the keys; close it if it is open."""
        screen = self.screen
        dialog = self.help_on(screen)
        if dialog is None:
            screen.dismiss(None)
        else:
            self._help(self._before(screen, dialog))

    @work(group="help")
    async def _help(self, dialog: HelpDialog) -> None:
        await self.ask(dialog)

    def action_actions(self) -> None:
        """Open the numbered menu of all actions and run the chosen one; does nothing in the menu itself."""
        screen = self.screen
        own = [Offered(*one) for one in screen.offered] if isinstance(screen, Frame) else []
        dialog = self.menu_of(screen, [*own, *self.more_offered(screen)])
        if dialog is not None:
            self._menu(self._before(screen, dialog))

    @work(group="actions")
    async def _menu(self, dialog: ActionsDialog) -> None:
        chosen = await self.ask(dialog)
        if chosen is not None:
            await chosen.node.run_action(chosen.action)

    def _before(self, screen: Screen[Any], dialog: AnyDialog) -> AnyDialog:
        """Let a dialog pass scans on to the screen behind it."""
        if isinstance(screen, ListensEverywhere):
            dialog.forward_to = screen.taker_of_scans
        return dialog

    # ----- the end

    def _handle_exception(self, error: Exception) -> None:
        # A worker or a timer that comes back while the app or its own screen closes finds its widgets removed; that is
        # no defect.
        cause = getattr(error, "error", error)
        if not isinstance(cause, NoMatches) or (self.is_running and not _runs_in_what_is_removed()):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Print a short message and write a crash report instead of a traceback; Textual calls it for a defect."""
        if not self._exit_renderables:
            report = write_crash_report(self._exception)
            self._exit_renderables.append(Text(crash_message(report)))
        if isinstance(self._driver, TerminalDriver):
            self._driver.hold_input()
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Do nothing, for a key that scanners send."""


def _runs_in_what_is_removed() -> bool:
    """Whether the code that runs now belongs to a widget that is being removed."""
    node: object = active_message_pump.get(None)
    if isinstance(node, TerminalApp):  # so it is in every worker, too
        with suppress(NoActiveWorker):
            node = get_current_worker().node
    return isinstance(node, DOMNode) and node._pruning


def run_app(app: TerminalApp, finish: Callable[[], int] = int) -> NoReturn:
    """Run an app, then end the process.

    Args:
        app: the app.
        finish: called after the terminal is restored; returns the exit code to use when the app's is 0.

    Raises:
        SystemExit: with the program's exit code.
    """
    lifeline = Lifeline(app.keep)
    with lifeline.guard(app):
        app.run(mouse=app.config.mouse)
        lifeline.say(app.farewell)
    lifeline.leave(app.return_code or finish())
