"""Ends of the app at random instants while somebody scans, on PostgreSQL: no scan that was shown is lost, none doubled.

`python -m tests.benchmarks.kills 100` makes a hundred ends, by signals and by a terminal that is closed, half of them
while another session locks the drafts. After each, the app is started again, and what is in the draft is compared with
what the screen had shown. It is no part of the tests: a round starts the app twice.
"""

from __future__ import annotations

import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from models.database.connection import call
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from tests.benchmarks.engines import migrated
from tests.support.commands import program
from tests.support.journey import F7
from tests.support.postgres import PostgresServer
from tests.support.terminal import Terminal

ENDS: Final = ("KILL", "HUP", "TERM", "CLOSE")
"""Signals, and a closed terminal."""

LONGEST: Final = 2.5
"""Seconds from the first scan to the end, at most."""

LIMIT: Final = 120.0
"""Seconds for an app to start or end."""


class Round(NamedTuple):
    """What became of the scans of a round."""

    shown: int
    """Scans that the screen showed as taken, or counted as waiting."""
    lost: int
    """Scans that were shown and are not in the draft, or that are missing among those that are."""
    doubled: int
    left: int
    """Scans that are still in a spool."""


def _stock() -> None:
    boss = sign_in()
    create_location(boss, "DOCK")
    create_item(boss, "SAW-1", "Saw", track_serials=True)


@contextmanager
def _locked(url: str, is_locked: bool) -> Iterator[None]:
    """The drafts cannot be written meanwhile, if that is wanted."""
    with closing(psycopg.connect(url)) as session:
        if is_locked:
            session.execute("LOCK TABLE draft_lines IN ACCESS EXCLUSIVE MODE")
        yield
        session.rollback()


def _scans_a_while(terminal: Terminal, chance: random.Random) -> set[str]:
    """Scan for a random time; returns the serials that the screen showed as taken."""
    sent, shown = 0, set[str]()
    until = time.monotonic() + chance.uniform(0.0, LONGEST)
    while time.monotonic() < until:
        terminal.send("".join(f"B{sent + number:06}\r" for number in range(3)))
        sent += 3
        time.sleep(chance.uniform(0.01, 0.2))
        shown |= set(re.findall(r"OK +(B\d{6})", terminal.text))
    return shown


def _ends(terminal: Terminal, end: str) -> None:
    if end == "CLOSE":
        terminal.hang_up()
    else:
        terminal.signal(getattr(signal, f"SIG{end}"))
    terminal.wait_for_exit(LIMIT)


def _waiting(text: str) -> int:
    found = re.search(r"(\d+) (?:scans? )?waits? since", text)
    return int(found[1]) if found else 0


def _round(url: str, folder: Path, end: str, chance: random.Random, *, is_locked: bool) -> Round:
    argv = [program(), "--database", url]
    names = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME")
    env = dict.fromkeys(names, str(folder))
    with Terminal(argv, env=env) as terminal:
        terminal.wait_for("SAW-1", timeout=LIMIT)
        terminal.send(F7)
        terminal.wait_for("Scan the place", timeout=LIMIT)
        terminal.send("DOCK\rSAW-1\rA000000\r")
        terminal.wait_for("OK", timeout=LIMIT)
        with _locked(url, is_locked):
            shown = _scans_a_while(terminal, chance)
            waiting = _waiting(terminal.text)
            _ends(terminal, end)
    with Terminal(argv, env=env) as terminal:
        terminal.wait_for("SAW-1", timeout=LIMIT)
        spools = folder / "serialdock" / "scans"
        until = time.monotonic() + 30
        while len(list(spools.glob("*.scans"))) > 1 and time.monotonic() < until:
            time.sleep(0.05)
        terminal.send("\x1bOR\x1bOR")
        terminal.signal(signal.SIGTERM)
        terminal.wait_for_exit(LIMIT)
    with closing(psycopg.connect(url)) as session:
        sql = "SELECT serial_number FROM draft_lines WHERE kind = 'serial' AND state = 'good' ORDER BY number"
        there = [row[0] for row in session.execute(sql) if row[0].startswith("B")]
    wanted = {f"B{number:06}" for number in range(max(len(there), waiting))} | shown
    doubled = sum(count - 1 for count in Counter(there).values())
    return Round(len(shown) + waiting, len(wanted - set(there)), doubled, len(list(spools.glob("*.scans"))))


def run(rounds: int, seed: int) -> list[Round]:
    """Make the ends, and print each round and the sums."""
    chance, made = random.Random(seed), list[Round]()
    server = PostgresServer.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            template: Any = server.create("kills")
            with migrated(template) as database:
                call(database, _stock)
            for number in range(rounds):
                end, is_locked = ENDS[number % len(ENDS)], number % 8 >= len(ENDS)
                place = Path(folder) / str(number)
                place.mkdir()
                url = server.create(f"kills_{number}", "kills")
                found = _round(url, place, end, chance, is_locked=is_locked)
                made.append(found)
                print(number, end, "locked" if is_locked else "free", *found, flush=True)
    finally:
        server.stop()
    shown, lost, doubled, left = (sum(column) for column in zip(*made, strict=True))
    print(f"{rounds} ends: {shown} scans shown, {lost} lost, {doubled} doubled, {left} spools left")
    return made


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
