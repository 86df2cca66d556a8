"""The journey by mouse, on small and odd terminals, without colours or function keys, and by clumsy hands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.commands import Commands, in_this_process
from tests.support.journey import (
    BACKSPACE,
    CLEAR,
    DOWN,
    ENTER,
    ESCAPE,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F9,
    F10,
    MENU,
    NEXT_TAB,
    SPACE,
    TAB,
    Worker,
    all_is_well,
    give,
    in_order_of_entry,
    listed,
    on_hand,
)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A believable warehouse, with serials in every status; nobody changes it."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    ran = in_this_process("demo", "--serials", "400", "--database", str(file), "--json")
    assert ran.code == 0, ran
    return str(file)


# ----- by mouse


def test_the_mouse_alone_ticks_the_box_saves_opens_the_tab_adds_and_opens_the_record(
    stock: str, commands: Commands
) -> None:
    commands.good("item", "add", "SAW-1", "Circular saw", "--location", "SHELF", "--on-hand", "4")
    with Worker(stock) as worker:
        worker.clicks("SAW-1", times=2)
        worker.sees("SAW-1 · Circular saw", "[ ] off")
        worker.clicks("[ ] off")
        worker.sees("[x] on", "* unsaved")
        worker.clicks("Save  F10")
        worker.sees("Saved. The Serials tab is there now")
        worker.clicks("Serials", line=1)
        worker.sees("4 on hand · 0 serials on hand · 4 without serial", "Status: all")
        worker.clicks("Add Serial")
        worker.sees("Add Serial · SAW-1")
        worker.types("SN-1")
        worker.clicks("Save  ⏎")
        worker.sees("+ SN-1 added, In Stock at SHELF")
        worker.types("SN-2")
        worker.clicks("Save  ⏎")
        worker.sees("+ SN-2 added")
        worker.clicks("Leave  F3")
        worker.sees("4 on hand · 2 serials on hand · 2 without serial", "row 2 of 2")
        worker.clicks("SN-1", times=2)
        worker.sees("+ IN STOCK", "SAW-1 · Circular saw", "History")
        worker.clicks("Documents")
        worker.sees("No document names this serial yet.")
        worker.clicks("F3 Back")
        worker.sees("row 1 of 2")
        worker.clicks("Serial Number")
        worker.sees("Serial Number▼", "Sort: Serial ▼")
        worker.clicks("Status: all")
        worker.sees("Show which status")
        worker.clicks("+ In Stock", beside="2 records")
        worker.sees("Status: + In Stock", "SN-1", "SN-2")
        worker.clicks("4 on hand")
        worker.sees("SAW-1 by location", "Together")
        worker.clicks("Close")
        worker.sees_no("Together")
        worker.clicks("Transfer F7")
        worker.sees("Transfer · SN-2", "Destination")
        worker.clicks("F4 ▾")
        worker.sees("Locations")
        worker.clicks("DOCK")
        worker.sees_no("Locations")
        worker.clicks("Transfer  F10", beside="Leave  F3")
        worker.sees("T-000001: 1 serial and 1 unit of the quantity moved to DOCK.")
        worker.clicks("^G Menu")
        worker.sees("number or word")
        worker.clicks("Show the numbers by location")
        worker.sees("Together")
        worker.clicks("Close")
        worker.sees_no("Together")
        worker.clicks("F3 Back")
        worker.sees("2 items")
        worker.clicks("F3 Leave")
        worker.clicks("Leave  F10")
        assert worker.terminal.wait_for_exit() == 0
    assert on_hand(stock, "SAW-1") == {"SHELF": 3, "DOCK": 1}
    all_is_well(stock)


# ----- small terminals


@pytest.mark.parametrize(("columns", "rows"), [(40, 16), (20, 8), (120, 40), (200, 60)])
def test_at_every_size_serials_are_added_looked_at_and_moved(
    columns: int, rows: int, stock: str, commands: Commands
) -> None:
    give(commands, "SN-1")
    with Worker(stock, columns=columns, rows=rows) as worker:
        worker.types(f"lap-14{ENTER}")
        worker.sees("LAP-14 ·")
        worker.presses(NEXT_TAB)
        worker.is_on("SN-1")
        worker.presses(F6)
        worker.sees("Add Serial")
        worker.types(f"SN-2{ENTER}")
        worker.sees("SN-2 a", "1 added")
        worker.types(f"SN-1{ENTER}")
        worker.sees("SN-1 of")
        worker.presses(F3)
        worker.is_on("SN-2")
        worker.presses(ENTER)
        worker.sees("+ IN STOCK")
        worker.presses(F7)
        worker.sees("Transfer")
        worker.types(f"DOCK{F10}")
        worker.sees("+ IN STOCK", "T-000001")
        worker.leaves()
    assert in_order_of_entry(stock) == ["SN-1", "SN-2"]
    assert on_hand(stock, "LAP-14") == {"SHELF": 9, "DOCK": 1}


def test_a_handheld_shows_serial_status_and_place_and_how_to_add(stock: str, commands: Commands) -> None:
    give(commands, "5CG8341K2T", "5CG8341K2V")
    with Worker(stock, columns=40, rows=16) as worker:
        worker.types(f"lap-14{ENTER}")
        worker.sees("LAP-14 ·")
        worker.presses(NEXT_TAB)
        worker.sees(
            "10 on hand · 2 serials on hand", "8 without serial", "F6 Add", "F7 Transfer", "^G Menu", "row 1 of 2"
        )
        line = next(line for line in worker.terminal.lines if "5CG8341K2V" in line)
        assert line.split() == ["5CG8341K2V", "+", "In", "Stock", "SHELF"]
        assert all(len(line) <= 40 for line in worker.terminal.lines)


def test_resizing_in_the_middle_of_adding_loses_nothing_and_draws_everything_again(stock: str) -> None:
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F6)
        worker.sees("Add Serial · LAP-14")
        for number, (columns, rows) in enumerate([(40, 16), (20, 8), (132, 43), (10, 4), (80, 24)]):
            worker.terminal.resize(columns, rows)
            worker.types(f"SN-{number}{ENTER}")
        worker.sees("5 added", "10 on hand · 5 serials on hand · 5 without serial")
        for columns, rows in ((30, 10), (80, 24)):  # there and back, before the app has seen the first
            worker.terminal.resize(columns, rows)
        worker.sees("Add Serial · LAP-14", "Save  ⏎", "Location: all", "F3 Back")
        worker.presses(F3)
        worker.sees("row 5 of 5")
        worker.leaves()
    assert in_order_of_entry(stock) == [f"SN-{number}" for number in range(5)]


# ----- colours, kinds of terminals, keys


def grey(parameters: str) -> bool:
    """Whether the colours that SGR parameters name are black, white or between; or it names none."""
    for red, green, blue in re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", parameters):
        if max(map(int, (red, green, blue))) - min(map(int, (red, green, blue))) > 2:
            return False
    rest = re.sub(r"[34]8;2;\d+;\d+;\d+", "", parameters)
    return not re.search(r"\b(3[1-6]|4[1-6]|9[1-6]|10[1-6])\b", rest)


@pytest.mark.parametrize("theme", ["ansi", "dock", "daylight"])
def test_without_colours_every_status_has_its_mark_and_word(theme: str, demo: str, tmp_path: Path) -> None:
    settings = tmp_path / ".home" / "config" / "serialdock" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'theme = "{theme}"\n')
    with Worker(demo, env={"NO_COLOR": "1", "COLORTERM": "truecolor"}, is_installed=theme == "dock") as worker:
        worker.types(f"drl-18-2b{ENTER}")
        worker.sees("DRL-18-2B ·")
        worker.presses(NEXT_TAB)
        worker.sees("row 1 of")
        worker.presses(F4)
        worker.sees("Show which status", "+ In Stock", "$ Sold")
        worker.presses(F3)
        worker.is_on("▸")
        worker.leaves()
        looks = set(re.findall(rb"\x1b\[([0-9;]*)m", worker.terminal.received))
    assert not [look for look in looks if not grey(look.decode())]


@pytest.mark.parametrize("term", ["linux", "vt220", "xterm", "screen", "screen-256color", "tmux"])
def test_every_kind_of_terminal_shows_words_and_adds_a_serial(term: str, stock: str) -> None:
    with Worker(stock, env={"TERM": term}, is_installed=term == "linux") as worker:
        worker.opens_serials("LAP-14")
        worker.sees(
            "10 on hand · 0 serials on hand · 10 without serial", "No serials yet. F6 adds one, F9 imports a file"
        )
        worker.presses(F6)
        worker.sees("Add Serial · LAP-14", "╭")
        worker.types(f"SN-1{ENTER}")
        worker.sees("+ SN-1 added")
        if term == "linux":  # whose first five function keys are its own
            worker.takes_a_breath()
            worker.presses("\x1b[[A")
            worker.sees("Help", "Close")
            worker.presses("\x1b[[C")
            worker.sees("Add Serial · LAP-14")
            worker.takes_a_breath()
            worker.presses("\x1b[[C")
            worker.sees("row 1 of 1")
        worker.leaves()
    assert listed(stock) == ["SN-1"]


def test_without_function_keys_the_menu_does_everything(stock: str) -> None:
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(MENU)
        worker.sees("number or word", "Add serials")
        worker.types_by_hand(f"add s{ENTER}")
        worker.sees("Add Serial · LAP-14")
        worker.types(f"SN-1{ENTER}")
        worker.sees("+ SN-1 added")
        worker.presses(MENU)
        worker.sees("number or word", "Close this")
        worker.types_by_hand(f"close{ENTER}")
        worker.sees("row 1 of 1")
        worker.sees_no("Add Serial · LAP-14")
        worker.presses(ENTER)
        worker.sees("IN STOCK")
        worker.presses(MENU)
        worker.sees("number or word")
        worker.types_by_hand(f"another{ENTER}")
        worker.sees("Transfer · SN-1")
        worker.types_by_hand(f"DOCK{ENTER}{ENTER}")
        worker.sees("T-000001: 1 serial and 1 unit")
        worker.presses(ESCAPE)
        worker.sees("row 1 of 1")
        worker.presses(ESCAPE)
        worker.sees("1 item")
        worker.presses(MENU)
        worker.sees("Leave Serialdock")
        worker.types_by_hand(f"leave{ENTER}")
        worker.sees("F10 leaves the program")
        worker.types_by_hand(f"\x1b[C{ENTER}")  # Right goes to the other answer
        assert worker.terminal.wait_for_exit() == 0
    assert on_hand(stock, "LAP-14") == {"SHELF": 9, "DOCK": 1}


# ----- clumsy hands


def test_hammered_keys_and_nonsense_do_no_harm(stock: str, commands: Commands) -> None:
    give(commands, "SN-1", "SN-2", "SN-3")
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.sees("row 1 of 3")
        keys = [
            F2,
            F4,
            F5,
            F6,
            F7,
            F9,
            ESCAPE,
            ENTER,
            TAB,
            SPACE,
            DOWN,
            MENU,
            BACKSPACE,
            CLEAR,
            "\x1b[24~",
            "\x1b[200~x",
        ]
        for start in range(len(keys)):
            worker.types("".join(keys[start:] + keys[:start]))
        worker.pastes(["not", "meant", "for", "this"])
        worker.terminal.send(b"\xff\xfe\x00\x80 \x1b]0;title\x07 \x1bP1$r0m\x1b\\ \xed\xa0\x80" + ESCAPE.encode())
        worker.terminal.wait_for_rest(1.0)
        assert worker.terminal.is_alive
        worker.terminal.resize(81, 24)
        worker.terminal.wait_for_rest(0.5)
    all_is_well(stock)
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
