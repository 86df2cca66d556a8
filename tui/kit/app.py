"""What the apps have in common, with a database or without: they ask, help and offer a menu on every screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from textual import work
from textual.screen import Screen

from tui.context import Kind
from tui.dialogs.actions import ActionsDialog, Offered, acts_of
from tui.dialogs.help import HelpDialog, help_for
from tui.dialogs.passing import PassesScans
from tui.keyboard.ordered import KeysDropped
from tui.screens.frame import Frame
from tui.terminal_app import TerminalApp
from tui.widgets.key_bar import bindings_of

Result = TypeVar("Result")
AnyDialog = TypeVar("AnyDialog", bound=PassesScans[Any])


class ScreenApp(TerminalApp):
    """An app whose screens are Frames and Dialogs."""

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
            self._menu(self._before(screen, ActionsDialog(acts_of(screen, self.more_offered(screen)))))

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
