"""The whole app on a real database, with helpers to press keys, wait and read the screen.

```python
boss = sign_in()
create_item(boss, "LAP-14-I7", "Laptop", track_serials=True)
async with opened(database, boss) as pilot:
    await open_item(pilot, "LAP-14-I7")
    await keys(pilot, "f10")
    await seen(pilot, "Nothing is changed")
```
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from models.config import Config
from models.items.items import find_item, item_form
from models.people import add_role, add_user, grant
from models.permissions import Actor, Permission
from models.schema import User
from tests.support.burst import burst, burst_to_the_end, by_hand, nobody_presses
from tests.support.idle import draw_now, drawn, idle
from tests.support.limits import LIMIT
from tests.support.record_app import lines, shows, until
from tests.support.styles import lacks_no_style
from tui.app import SerialdockApp
from tui.items.form import ItemScreen

NAMED = {"enter": "\r", "space": " ", "tab": "\t"}
"""The characters of keys with names."""


def somebody(boss: Actor, login: str, *permissions: Permission) -> Actor:
    """Make a user with exactly these permissions, through a role of the same name.

    Args:
        boss: an administrator.
        login: the user's name.
        *permissions: of the role.
    """
    add_role(boss, login)
    for permission in permissions:
        grant(boss, login, permission)
    add_user(boss, login, [login])
    return Actor(User.get(User.login == login).id, login)


@asynccontextmanager
async def opened(
    database: Any, actor: Actor, size: tuple[int, int] = (80, 24), config: Config | None = None
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and wait for the list of items."""
    app = SerialdockApp(database, actor, config or Config(theme="dock"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.permissions and not app.workers, "the app did not start")
        yield pilot
        draw_now(app)


async def keys(pilot: Pilot[Any], *pressed: str) -> None:
    """Press keys one by one; with `wait:500`, half a second passes on the clock of the keys.

    Waits after each key until its effects are done, and within a typed word until the app has taken the letter.
    """
    assert isinstance(pilot.app, SerialdockApp)
    for name, following in zip_longest(pressed, pressed[1:], fillvalue=""):
        if name.startswith("wait:"):
            nobody_presses(int(name.removeprefix("wait:")) / 1000)
            continue
        async with by_hand():
            key = events.Key(_named(name), name if len(name) == 1 else NAMED.get(name))
            await burst_to_the_end(pilot.app, key)
            if not len(name) == len(following) == 1:
                await at_rest(pilot)


async def types(pilot: Pilot[Any], text: str) -> None:
    """Type a text by hand: in one burst it would be a scan. `\\r` is Enter."""
    await keys(pilot, *("enter" if character == "\r" else character for character in text))


async def terminal_sends(pilot: Pilot[Any], text: str) -> None:
    """Give the app bytes as one read from the terminal, and wait until their effects are done."""
    assert isinstance(pilot.app, SerialdockApp)
    async with by_hand():
        await burst_to_the_end(pilot.app, text)
        await at_rest(pilot)


async def at_rest(pilot: Pilot[Any]) -> None:
    """Wait until all keys and their effects are done, except what waits for an open dialog."""
    assert isinstance(pilot.app, SerialdockApp)
    async with asyncio.timeout(LIMIT):
        await pilot.app.keyboard.at_rest()
        await idle(pilot.app)
        await pilot.app.keyboard.at_rest()
    await drawn(pilot.app)
    lacks_no_style(pilot.app)


async def resized(pilot: Pilot[Any], width: int, height: int) -> None:
    """Give the terminal another size, which Textual takes a moment later, by a timer."""
    await pilot.resize_terminal(width, height)
    await until(pilot, lambda: pilot.app.screen.size == (width, height), "the screen has its old size")
    await at_rest(pilot)


def _named(key: str) -> str:
    return _character_to_key(key) if len(key) == 1 and not key.isalnum() else key


async def open_item(pilot: Pilot[Any], sku: str, *behind: str) -> None:
    """Open an item's form over the list of items, and press keys behind that."""
    app = pilot.app
    assert isinstance(app, SerialdockApp)
    with app.keyboard.hold():
        form = await app.db.run(lambda: item_form(find_item(sku).id))
        await app.push_screen(ItemScreen(form))
        for key in behind:
            await burst(app, events.Key(key, None))
    await at_rest(pilot)


async def seen(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until each of these texts is on the screen."""
    for text in texts:
        await until(pilot, lambda text=text: shows(pilot.app, text), f"{text!r} is not on the screen")  # type: ignore[misc]


async def path_seen(pilot: Pilot[Any], path: Path) -> None:
    """Wait until a complete path is on the screen, even if broken over several lines."""
    wanted = "".join(str(path).split())
    await until(pilot, lambda: wanted in "".join(screen_text(pilot).split()), f"{path} is not on the screen")


def screen_text(pilot: Pilot[Any]) -> str:
    """The screen as plain text."""
    return "\n".join(lines(pilot.app))
