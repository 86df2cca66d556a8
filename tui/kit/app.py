"""The base of every Serialdock app, with or without a database: ordered keys, themes, help, menu, crash handling."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from models.config import Config, config_file, load_config
from models.errors import BadValue
from tui.context import Kind
from tui.kit.bars import bindings_of
from tui.kit.help import ActionsDialog, HelpDialog, Offered, acts_of, help_for
from tui.kit.page import Frame
from tui.lifeline import Lifeline, crash_message, write_crash_report
from tui.scanning.screens import PassesScans
from tui.terminal.changed_cells import ChangedCellsDisplay
from tui.terminal.driver import TerminalDriver
from tui.terminal.key_names import check_keymap
from tui.terminal.keys_in_order import KeysDropped, OrderedKeys
from tui.themes import THEMES, default_theme, style_sheets

Result = TypeVar("Result")
AnyDialog = TypeVar("AnyDialog", bound=PassesScans[Any])


class TerminalApp(ChangedCellsDisplay[int], OrderedKeys[int], inherit_bindings=False):
    """One person at one terminal."""

    CSS_PATH = style_sheets("kit")
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

    @property
    def place(self) -> str:
        """The text for the right corner of the title bar."""
        return ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Defaults of our own theme variables, for Textual's built-in themes."""
        return {"rule": "#808080", "quiet": "#808080", "field": "#303030", "field-focus": "#404040"}

    @abstractmethod
    def first_screen(self) -> Screen[Any]:
        """Make the screen that the app opens with."""

    def get_default_screen(self) -> Screen[Any]:
        """Use the first screen as Textual's default one: an empty screen below it would be drawn too."""
        return self.first_screen()

    def on_mount(self) -> None:
        """Apply the keymap."""
        self.set_keymap(dict(self.config.keymap))

    def action_colours(self, theme: str) -> None:
        """Change the theme until the app ends; `theme` in config.toml sets it for good."""
        self.theme = theme

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
        """Report keys that were dropped because a screen did not open in time."""
        if isinstance(self.screen, Frame):
            said = f"{event.count} keys typed while waiting were dropped. Look at the screen, then go on."
            self.screen.say(said, "problem")

    # ----- help and menu

    def more_offered(self, screen: Screen[Any]) -> Sequence[Offered]:
        """Menu entries for a screen in addition to its key bindings."""
        return ()

    def action_help(self) -> None:
        """Open the help on the focused widget and the keys; close it if it is open."""
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.dismiss(None)
        else:
            self._help(self._before(screen, HelpDialog(help_for(screen), list(bindings_of(screen)))))

    @work(group="help")
    async def _help(self, dialog: HelpDialog) -> None:
        await self.ask(dialog)

    def action_actions(self) -> None:
        """Open the numbered menu of all actions and run the chosen one; does nothing in the menu itself."""
        screen = self.screen
        if not isinstance(screen, ActionsDialog):
            own = [Offered(*one) for one in screen.offered] if isinstance(screen, Frame) else []
            self._menu(self._before(screen, ActionsDialog(acts_of(screen, [*own, *self.more_offered(screen)]))))

    @work(group="actions")
    async def _menu(self, dialog: ActionsDialog) -> None:
        chosen = await self.ask(dialog)
        if chosen is not None:
            await chosen.node.run_action(chosen.action)

    def _before(self, screen: Screen[Any], dialog: AnyDialog) -> AnyDialog:
        """Let a dialog pass scans on to the screen behind it, if that takes scans."""
        if isinstance(screen, Frame):
            dialog.pass_on = screen.taker_of_scans
        return dialog

    # ----- the end

    def _handle_exception(self, error: Exception) -> None:
        # A worker that resumes while the app closes finds its widgets removed; that is no defect.
        cause = getattr(error, "error", error)
        if self.is_running or not isinstance(cause, NoMatches):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Print a short message and write a crash report instead of a traceback; Textual calls it for a defect."""
        if not self._exit_renderables:
            report = write_crash_report(self._exception)
            self._exit_renderables.append(Text(crash_message(report)))
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Do nothing, for a key that scanners send."""


def load_settings() -> Config:
    """Read `config.toml` and check its theme and keymap.

    Raises:
        BadValue: a setting cannot be used.
    """
    config = load_config()
    names = [theme.name for theme in THEMES]
    if config.theme is not None and config.theme not in names:
        raise BadValue(f"In {config_file()}, theme is {config.theme!r}. There are: {', '.join(names)}.")
    if config.keymap:
        check_keymap(config.keymap, config_file())
    return config


def run_app(app: TerminalApp, finish: Callable[[], int] = int) -> NoReturn:
    """Run an app, then end the process.

    Args:
        app: the app.
        finish: called after the terminal is restored; returns the exit code to use when the app's is 0.

    Raises:
        SystemExit: with the program's exit code.
    """
    lifeline = Lifeline()
    with lifeline.guard(app):
        app.run(mouse=app.config.mouse)
    lifeline.leave(app.return_code or finish())
