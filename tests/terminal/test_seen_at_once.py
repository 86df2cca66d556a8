"""Two programs on one database: what one writes the other shows by itself, and while nobody writes it sends nothing."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES
from tests.support.journey import DOWN, ENTER, F3, F6, F10, Worker
from tests.support.terminal import Terminal

TURNS = 12
"""Turns of the processes' threads in which the database is looked at several times."""


def turns(terminal: Terminal) -> list[int]:
    """How often each thread of a process has waited for something and gone on (Linux)."""
    found = []
    for thread in Path(f"/proc/{terminal.pid}/task").iterdir():
        status = (thread / "status").read_text()
        found.append(int(status.partition("voluntary_ctxt_switches:")[2].split()[0]))
    return sorted(found)


def looks_several_times(terminal: Terminal) -> None:
    """Wait until the main thread and the database thread of an idle process have had several turns."""
    before = turns(terminal)
    terminal.wait_until(
        lambda: sum(now - then >= TURNS for now, then in zip(turns(terminal), before, strict=False)) >= 2
    )


@BOTH_ENGINES
def test_what_one_terminal_writes_the_other_shows_and_while_nobody_writes_not_one_byte_comes(
    stock: str, commands: Commands
) -> None:
    with Worker(stock) as here, Worker(stock) as there:
        here.opens_serials("LAP-14")
        here.sees("No serials yet.")
        there.opens_serials("LAP-14")
        there.presses(F6)
        there.sees("Add Serial")
        there.types(f"SN-1{ENTER}SN-2{ENTER}")
        here.sees("SN-1", "SN-2", "2 serials on hand")
        here.terminal.wait_until(lambda: here.terminal.received.count(b"~") >= 2)
        here.presses(DOWN)
        marks = here.terminal.received.count(b"~")
        there.types(f"SN-0{ENTER}{F3}")
        here.sees("SN-0", " ▸SN-2", "row 3 of 3")
        here.terminal.wait_until(lambda: here.terminal.received.count(b"~") > marks)
        here.terminal.wait_for(lambda screen: "~" not in screen)

        looks_several_times(here.terminal)
        before, clock = here.terminal.received, ""
        while here.terminal.lines[0] != clock:  # once more if the minute has changed in the title bar
            before, clock = here.terminal.received, here.terminal.lines[0]
            looks_several_times(here.terminal)
            commands.good("location", "add", f"SOUTH-{len(before)}")  # which is nowhere on the screen
            looks_several_times(here.terminal)
        assert here.terminal.received == before

        here.presses(ENTER)
        here.sees("History", "SN-2")
        there.sees("SN-0", "row 1 of 3")
        there.presses(DOWN)
        there.presses(DOWN)
        there.presses(ENTER)
        there.sees("History")
        there.presses(F6)
        there.sees("Note")
        there.types("seen at once")
        there.presses(F10)
        here.sees("seen at once")
        here.leaves()
        there.leaves()
