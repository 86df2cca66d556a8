"""What every app of Serialdock has, with a database or without: ordered keys, colours, help, menu, a calm end."""

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
from tui.terminal.changed_cells import FrugalDisplay
from tui.terminal.driver import TerminalDriver
from tui.terminal.key_names import check_keymap
from tui.terminal.keys_in_order import KeysDropped, OrderedKeys
from tui.themes import THEMES, default_theme, style_sheets

Result = TypeVar("Result")
AnyDialog = TypeVar("AnyDialog", bound=PassesScans[Any])


class TerminalApp(FrugalDisplay[int], OrderedKeys[int], inherit_bindings=False):
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
            config: what the person has set.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(**{"driver_class": TerminalDriver, **options})
        self.config = config or Config()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.config.theme or default_theme()

    @property
    def place(self) -> str:
        """What stands in the corner of a screen."""
        return ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return {"rule": "#808080", "quiet": "#808080", "field": "#303030", "field-focus": "#404040"}

    @abstractmethod
    def first_screen(self) -> Screen[Any]:
        """The screen that the app opens with."""

    def get_default_screen(self) -> Screen[Any]:
        """The first screen is the one at the bottom: an empty one of Textual's below it would be drawn too."""
        return self.first_screen()

    def on_mount(self) -> None:
        """Set the keys."""
        self.set_keymap(dict(self.config.keymap))

    def action_colours(self, theme: str) -> None:
        """Change the colours until the app is left; `theme` in config.toml keeps them."""
        self.theme = theme

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Open a new dialog, and wait for what it returns; None where it was left. For workers.

        Keys that were typed before it is there wait for it. A worker that reads something first does so in a hold of
        its own and calls this right after it.
        """
        answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

        def give(result: Result | None) -> None:
            if not answer.done():
                answer.set_result(result)

        with self.keyboard.hold():
            await self.push_screen(dialog, give)
        return await answer

    def tell(self, text: str, kind: Kind = "note") -> None:
        """Show a message on the uppermost whole screen, whatever dialog stands before it."""
        frames = [screen for screen in self.screen_stack if isinstance(screen, Frame)]
        if frames:
            frames[-1].say(text, kind)

    def on_keys_dropped(self, event: KeysDropped) -> None:
        """Say that keys were thrown away because a screen did not come in time."""
        if isinstance(self.screen, Frame):
            said = f"{event.count} keys typed while waiting were dropped. Look at the screen, then go on."
            self.screen.say(said, "problem")

    # ----- help and menu

    def more_offered(self, screen: Screen[Any]) -> Sequence[Offered]:
        """What the menu offers on a screen besides what its keys do."""
        return ()

    def action_help(self) -> None:
        """Explain the focused thing and list the keys; a second time it closes that."""
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.dismiss(None)
        else:
            self._help(self._before(screen, HelpDialog(help_for(screen), list(bindings_of(screen)))))

    @work(group="help")
    async def _help(self, dialog: HelpDialog) -> None:
        await self.ask(dialog)

    def action_actions(self) -> None:
        """Offer all actions as a numbered menu and do the chosen one; there is no menu of the menu."""
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
        """Let a dialog pass scans on to the screen behind it, where that takes them."""
        if isinstance(screen, Frame):
            dialog.pass_on = screen.taker_of_scans
        return dialog

    # ----- the end

    def _handle_exception(self, error: Exception) -> None:
        # A worker that comes back while the app closes finds its widgets gone; that is no defect.
        cause = getattr(error, "error", error)
        if self.is_running or not isinstance(cause, NoMatches):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave a calm sentence and a report instead of a traceback; called by Textual for a defect."""
        if not self._exit_renderables:
            report = write_crash_report(self._exception)
            self._exit_renderables.append(Text(crash_message(report)))
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Swallow a key that scanners send."""


def load_settings() -> Config:
    """Read `config.toml` and check what an app needs of it.

    Raises:
        BadValue: something in it cannot be used.
    """
    config = load_config()
    names = [theme.name for theme in THEMES]
    if config.theme is not None and config.theme not in names:
        raise BadValue(f"In {config_file()}, theme is {config.theme!r}. There are: {', '.join(names)}.")
    if config.keymap:
        check_keymap(config.keymap, config_file())
    return config


def run_app(app: TerminalApp, finish: Callable[[], int] = int) -> NoReturn:
    """Run an app, and end the process when the person has left.

    Args:
        app: the app.
        finish: called when the terminal is the shell's again; gives the exit code where the app's is 0.

    Raises:
        SystemExit: with the program's exit code.
    """
    lifeline = Lifeline()
    with lifeline.guard(app):
        app.run(mouse=app.config.mouse)
    lifeline.leave(app.return_code or finish())
