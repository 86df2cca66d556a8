"""How often a screen is read again: for at most a twentieth of the time, and less and less while there is trouble."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from models.customers import add_customer
from models.errors import DatabaseTrouble
from tests.support.app import at_rest, opened, seen
from tests.support.record_app import until
from tests.support.warehouse import Warehouse
from tui.customers.list import CustomersScreen
from tui.kit import watcher
from tui.kit.watcher import PAUSES, SHARE
from tui.routes import Customers


class Readings:
    """Stands in the place of `CustomersScreen.follow`: counts, and takes as long as is said by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.takes, self.count = 1_000.0, 0.0, 0
        self.trouble: DatabaseTrouble | None = None
        read = CustomersScreen.follow

        async def follow(screen: CustomersScreen, *, marks: bool) -> None:
            self.count += 1
            self.now += self.takes
            if self.trouble is not None:
                raise self.trouble
            await read(screen, marks=marks)

        monkeypatch.setattr(CustomersScreen, "follow", follow)
        monkeypatch.setattr(watcher, "monotonic", lambda: self.now)

    async def after(self, pilot: Pilot[Any], seconds: float) -> int:
        """Let time pass and look; return how often the screen was read again."""
        before = self.count
        self.now += seconds
        await at_rest(pilot)
        pilot.app._watcher.look()  # type: ignore[attr-defined]
        await at_rest(pilot)
        return self.count - before


async def test_a_screen_is_read_again_for_a_twentieth_of_the_time_and_after_trouble_less_and_less(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings, boss = Readings(monkeypatch), warehouse.boss
    async with opened(database, boss) as pilot:
        app: Any = pilot.app
        app.run_worker(app.open(Customers()), group="open")
        await until(pilot, lambda: isinstance(app.screen, CustomersScreen))
        await readings.after(pilot, 1)  # what the screen was read at is known from here on
        assert await readings.after(pilot, 1) == 0, "nobody has written"

        readings.takes = 3.0
        add_customer(boss, "A AG")
        assert await readings.after(pilot, 1) == 1
        await seen(pilot, "A AG")
        add_customer(boss, "B AG")
        assert await readings.after(pilot, SHARE * 3.0 - 0.1) == 0, "it would be more than a twentieth"
        readings.takes = 0.0
        assert await readings.after(pilot, 0.2) == 1
        await seen(pilot, "B AG")
        add_customer(boss, "C AG")
        assert await readings.after(pilot, 0) == 1, "what takes no time is read at once"

        with monkeypatch.context() as opening:
            opening.setattr(app.screen.query_one(".list-rest"), "_is_mounted", False)
            add_customer(boss, "Cz AG")
            assert await readings.after(pilot, 0) == 0, "a screen that is still made is not read again"
        assert await readings.after(pilot, 0) == 1
        await seen(pilot, "Cz AG")

        readings.trouble = DatabaseTrouble("away")
        add_customer(boss, "D AG")
        assert await readings.after(pilot, 0) == 1
        for pause in (*PAUSES, PAUSES[-1]):
            assert await readings.after(pilot, pause - 0.1) == 0
            assert await readings.after(pilot, 0.2) == 1, "it is tried again"
        readings.trouble = None
        assert await readings.after(pilot, PAUSES[-1]) == 1
        await seen(pilot, "D AG")
        readings.trouble = DatabaseTrouble("away again")
        add_customer(boss, "E AG")
        assert await readings.after(pilot, 0) == 1
        assert await readings.after(pilot, PAUSES[0]) == 1, "the pauses begin anew"
