from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Button, Input, ListItem, ListView, Static

from tests.support.burst import burst, burst_to_the_end, queued
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tui.terminal import keys_in_order
from tui.terminal.keys_in_order import KeysDropped, OrderedKeys

SCANS = [f"SN{n:010}" for n in range(30)]
PASTE = "\x1b[200~{}\x1b[201~"


class Recorder(OrderedKeys[None]):
    """Keeps what was saved."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []
        self.dropped = 0

    def on_keys_dropped(self, message: KeysDropped) -> None:
        self.dropped += message.count


class OneField(Recorder):
    """Saves and clears on Enter, the way Textual's guide does it."""

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        self.saved.append(message.value)
        message.input.clear()


async def test_thirty_scans_in_one_read_are_saved_one_by_one() -> None:
    app = OneField()
    async with app.run_test():
        await burst_to_the_end(app, "".join(f"{scan}\r" for scan in SCANS))
        assert app.saved == SCANS


class TwoFields(Recorder):
    """Enter moves on, and saves at the end."""

    def compose(self) -> ComposeResult:
        yield Input(id="serial")
        yield Input(id="place")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        if message.input.id == "serial":
            self.query_one("#place").focus()
        else:
            serial, place = self.query(Input)
            self.saved.append(f"{serial.value}@{place.value}")
            serial.clear()
            place.clear()
            serial.focus()


async def test_enter_moves_to_the_next_field_before_the_next_character() -> None:
    app = TwoFields()
    async with app.run_test():
        await burst_to_the_end(app, "".join(f"{scan}\rA{n}\r" for n, scan in enumerate(SCANS)))
        assert app.saved == [f"{scan}@A{n}" for n, scan in enumerate(SCANS)]


async def test_tab_moves_the_focus_before_the_next_character() -> None:
    app = TwoFields()
    async with app.run_test():
        await burst_to_the_end(app, "one\ttwo")
        assert [field.value for field in app.query(Input)] == ["one", "two"]


class ScanDialog(ModalScreen[str]):
    """Takes one serial number."""

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        self.dismiss(message.value)


class DialogForEach(Recorder):
    """Opens a dialog with a hotkey."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "add", "Add")]

    def compose(self) -> ComposeResult:
        yield Static("stock")

    def action_add(self) -> None:
        self.push_screen(ScanDialog(), self.keep)

    def keep(self, serial: str | None) -> None:
        self.saved.append(serial or "")


async def test_a_hotkey_opens_the_dialog_before_the_scan_and_enter_closes_it_before_the_next_hotkey() -> None:
    app = DialogForEach()
    async with app.run_test():
        await burst_to_the_end(app, "".join(f"n{scan}\r" for scan in SCANS))
        assert app.saved == SCANS
        assert len(app.screen_stack) == 1


class Form(Screen[None]):
    """Opened for an item; Esc leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen", "Leave")]

    def __init__(self, item: str) -> None:
        super().__init__()
        self.item = item

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        app = self.app
        assert isinstance(app, Recorder)
        app.saved.append(f"{self.item}:{message.value}")
        message.input.clear()


class ItemList(Recorder):
    """Enter loads the item in a worker and then opens its form."""

    loading = 0.2
    limit = 5.0
    form: type[Form] = Form

    def compose(self) -> ComposeResult:
        yield ListView(*(ListItem(Static(name), name=name) for name in ("drill", "saw", "laptop")))

    def on_list_view_selected(self, message: ListView.Selected) -> None:
        self.open_item(message.item.name or "")

    @work(exclusive=True)
    async def open_item(self, name: str) -> None:
        with self.keyboard.hold(self.limit):
            await asyncio.sleep(self.loading)
            await self.push_screen(self.form(name))


async def test_what_is_typed_behind_enter_goes_to_the_form_that_a_worker_opens() -> None:
    app = ItemList()
    async with app.run_test():
        await burst_to_the_end(app, "\x1b[B\r" + "".join(f"{scan}\r" for scan in SCANS[:5]))
        assert app.saved == [f"saw:{scan}" for scan in SCANS[:5]]
        assert app.dropped == 0


async def test_keys_for_a_form_that_does_not_come_in_time_are_dropped_and_told() -> None:
    app = ItemList()
    app.limit = 0.05
    app.loading = 30.0
    async with app.run_test():
        await burst_to_the_end(app, "\r" + "abc")
        await asyncio.sleep(0)
        assert app.dropped == 3
        app.workers.cancel_all()


async def test_keys_typed_after_others_were_dropped_arrive() -> None:
    app = OneField()
    async with app.run_test():
        with app.keyboard.hold(0.5):
            queued(app, "SN1\r")
            await app.keyboard.at_rest()
            assert (app.saved, app.dropped) == ([], 4)
            await burst_to_the_end(app, "SN2\r")
        assert (app.saved, app.dropped) == (["SN2"], 4)


async def test_keys_behind_two_holds_are_dropped_with_the_first_that_runs_out_and_the_other_still_holds() -> None:
    app = OneField()
    async with app.run_test() as pilot:
        with app.keyboard.hold() as longer, app.keyboard.hold(0.5):
            queued(app, "SN1\r")
            longer.release()
            await app.keyboard.at_rest()
            assert (app.saved, app.dropped) == ([], 4)
        with app.keyboard.hold(0.5), app.keyboard.hold() as longer:
            queued(app, "SN2\r")
            await until(pilot, lambda: app.dropped == 8)
            await burst(app, "SN3\r")
            assert (app.saved, app.keyboard.waiting) == ([], 4)
            longer.release()
            await app.keyboard.at_rest()
        assert (app.saved, app.dropped) == (["SN3"], 8)


async def test_a_hold_that_ran_out_while_nobody_typed_drops_nothing() -> None:
    app = OneField()
    async with app.run_test():
        with app.keyboard.hold(0.01):
            await asyncio.sleep(0.05)
            await burst_to_the_end(app, "SN1\r")
        assert (app.saved, app.dropped) == (["SN1"], 0)


async def test_keys_wait_for_a_hold_to_end_or_to_be_released_early() -> None:
    app = OneField()
    async with app.run_test():
        with app.keyboard.hold():
            await burst(app, "SN1\r")
            await asyncio.sleep(0.02)
            assert (app.saved, app.keyboard.waiting) == ([], 4)
        await app.keyboard.at_rest()
        with app.keyboard.hold() as hold:
            await burst(app, "SN2\r")
            await asyncio.sleep(0.02)
            assert app.saved == ["SN1"]
            hold.release()
            await app.keyboard.at_rest()
            assert app.saved == ["SN1", "SN2"]


class LateFocusForm(Form):
    """Gives its field the focus only after something else that opening it has set off."""

    AUTO_FOCUS = ""

    def on_mount(self) -> None:
        self.app.call_later(self.give_focus)

    async def give_focus(self) -> None:
        await asyncio.sleep(0.05)
        self.query_one(Input).focus()


async def test_what_waited_for_a_new_screen_goes_to_its_field_even_when_the_focus_comes_late() -> None:
    app = ItemList()
    app.form = LateFocusForm
    async with app.run_test():
        await burst_to_the_end(app, "\rSN1\r")
        assert app.saved == ["drill:SN1"]


async def test_leaving_a_screen_and_working_on_the_one_below_in_one_read() -> None:
    app = ItemList()
    app.loading = 0.0
    async with app.run_test():
        await burst_to_the_end(app, "\rA\r")
        for item in ("saw", "laptop"):
            app.saved.clear()
            # Esc and what follows it in the same read would be an Alt key, so it is given as a key.
            await burst_to_the_end(app, events.Key("escape", "\x1b"), "\x1b[B\rX\r")
            assert app.saved == [f"{item}:X"]


class Chain(Recorder):
    """Enter presses a button, whose handler moves the focus: a message that sets off another one."""

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Button("Save", id="save")
        yield Input(id="second")

    def on_input_submitted(self) -> None:
        self.query_one(Button).press()

    def on_button_pressed(self) -> None:
        self.query_one("#second").focus()


async def test_a_message_that_sets_off_another_one_is_waited_for_too() -> None:
    app = Chain()
    async with app.run_test():
        await burst_to_the_end(app, "one\rtwo")
        assert [field.value for field in app.query(Input)] == ["one", "two"]


async def test_pastes_and_clicks_keep_their_place_between_keys() -> None:
    app = Chain()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        x, y = (value + 1 for value in app.query_one("#second").region.offset)
        click = f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m"
        await burst_to_the_end(app, "a" + PASTE.format("pasted") + "b" + click + "c" + PASTE.format("again") + "d")
        assert [field.value for field in app.query(Input)] == ["apastedb", "cagaind"]


class SlowBox(Vertical):
    """Has a handler that does not end before it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def on_input_submitted(self) -> None:
        await self.may_end.wait()
        app = self.app
        assert isinstance(app, Recorder)
        app.saved.append("at last")
        self.has_ended.set()


class Stuck(Recorder):
    """Has a field in a slow box."""

    def compose(self) -> ComposeResult:
        with SlowBox():
            yield Input()


async def test_a_key_that_hangs_does_not_stop_the_keyboard_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_in_order, "KEY_LIMIT", 0.05)
    app = Stuck()
    async with app.run_test():
        await burst_to_the_end(app, "\rab")
        assert app.saved == []
        assert app.query_one(Input).value == "ab"
        box = app.query_one(SlowBox)
        box.may_end.set()
        async with asyncio.timeout(LIMIT):
            await box.has_ended.wait()
        assert app.saved == ["at last"]


class Breaks(Recorder):
    """Has a key with a defect in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "fail", "Fail", priority=True)]

    def action_fail(self) -> None:
        raise ZeroDivisionError


async def test_a_defect_behind_a_priority_key_ends_the_app_like_any_other() -> None:
    app = Breaks()

    async def press(pilot: Any) -> None:
        await burst(app, "\x1b[20~")

    async with asyncio.timeout(LIMIT):
        await app.run_async(headless=True, auto_pilot=press)
    assert isinstance(app._exception, ZeroDivisionError)
    assert app.return_code == 1


class Quits(OneField):
    """Has a key that ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f3", "quit", "Leave")]


@pytest.mark.parametrize("behind", ["", "abc\r\x1b[B", PASTE.format("x")])
async def test_keys_behind_the_one_that_quits_do_no_harm(behind: str) -> None:
    app = Quits()

    async def press(pilot: Any) -> None:
        await burst(app, "a\x1bOR" + behind)

    async with asyncio.timeout(LIMIT):
        await app.run_async(headless=True, auto_pilot=press)
    assert app.return_code == 0
    assert app.saved == []
