from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.fork_server import forked
from tests.support.limits import LIMIT
from tests.support.terminal import Terminal, python_app
from tui.lifeline import KEPT_REPORTS, crash_message, write_crash_report
from tui.terminal.driver import LONGEST_DISCARD

Start = Callable[..., Terminal]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def start(log: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts the app: a fork, unless it has to end within half a second, which a fork may exceed."""
    started: list[Terminal] = []

    def start(*options: str, ignores_hang_up: bool = False, loses_line: bool = False) -> Terminal:
        terminal = Terminal(
            python_app("long_shift", log, *options) if loses_line else forked("long_shift", log, *options),
            env={"XDG_STATE_HOME": str(tmp_path / "state")},
            ignores_hang_up=ignores_hang_up,
        )
        started.append(terminal)
        terminal.wait_until(lambda: log.exists() and log.read_text() == "ready")
        terminal.wait_until(lambda: terminal.bytes_received > (20_000 if "--restless" in options else 500))
        return terminal

    yield start
    for terminal in started:
        terminal.kill()


@pytest.mark.parametrize("options", [(), ("--restless",)])
@pytest.mark.parametrize("ignores_hang_up", [False, True])
def test_when_the_line_is_lost_the_app_ends_in_order(
    options: tuple[str, ...], ignores_hang_up: bool, start: Start, log: Path
) -> None:
    terminal = start(*options, ignores_hang_up=ignores_hang_up, loses_line=True)
    terminal.hang_up()
    assert terminal.wait_for_exit() == 129
    assert log.read_text() == "ended in order"


def test_under_a_shell_that_stays_the_app_notices_by_itself_that_the_terminal_is_gone(
    log: Path, tmp_path: Path
) -> None:
    command = " ".join(f"'{part}'" for part in python_app("long_shift", log))
    code = tmp_path / "code"
    with Terminal(["/bin/sh", "-c", f"trap '' HUP; {command}; echo $? > '{code}'"]) as terminal:
        terminal.wait_until(lambda: log.exists() and log.read_text() == "ready")
        terminal.wait_until(lambda: terminal.bytes_received > 500)
        terminal.hang_up()
        terminal.wait_until(lambda: code.exists() and code.read_text().endswith("\n"))
    assert code.read_text() == "129\n"
    assert log.read_text() == "ended in order"


def test_a_hang_up_signal_ends_the_app_even_though_the_terminal_is_still_there(start: Start, log: Path) -> None:
    terminal = start()
    terminal.signal(signal.SIGHUP)
    assert terminal.wait_for_exit() == 129
    assert log.read_text() == "ended in order"


@pytest.mark.parametrize("options", [(), ("--restless",)])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_end_the_app_restores_the_terminal(
    number: signal.Signals, code: int, options: tuple[str, ...], start: Start, log: Path
) -> None:
    terminal = start(*options)
    assert not terminal.echoes()
    terminal.signal(number)
    assert terminal.wait_for_exit() == code
    assert log.read_text() == "ended in order"
    assert terminal.echoes()
    for on, off in ((b"?1049h", b"?1049l"), (b"?2004h", b"?2004l"), (b"?1000h", b"?1000l"), (b"?25l", b"?25h")):
        assert terminal.received.rfind(b"\x1b[" + off) > terminal.received.rfind(b"\x1b[" + on)


@pytest.mark.parametrize(
    "end",
    [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, "\x1b[20~"],
    ids=["SIGTERM", "SIGHUP", "SIGQUIT", "a defect"],
)
def test_a_burst_that_goes_on_after_the_end_is_not_run_by_the_shell_behind_the_app(
    end: signal.Signals | str, log: Path, tmp_path: Path
) -> None:
    code, marker = tmp_path / "code", tmp_path / "run"
    command = " ".join(f"'{part}'" for part in python_app("long_shift", log))
    with Terminal(["/bin/sh", "-i"], env={"XDG_STATE_HOME": str(tmp_path / "state"), "PS1": "shell$ "}) as terminal:
        terminal.wait_for("shell$")
        terminal.send(f"{command}; echo $? > '{code}'\r")
        terminal.wait_until(lambda: log.exists() and log.read_text() == "ready")
        terminal.wait_until(lambda: b"?1049h" in terminal.received)
        for number in range(40):
            if number == 5 and isinstance(end, str):
                terminal.send(end)
            elif number == 5 and not isinstance(end, str):
                (app,) = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
                os.kill(int(app), end)
            terminal.send(f"touch '{marker}'\r")
            time.sleep(0.02)
        terminal.wait_until(lambda: code.exists() and code.read_text().endswith("\n"))
        assert code.read_text() == f"{1 if isinstance(end, str) else 128 + end}\n"
        terminal.send("echo it is quiet | tr a-z A-Z\r")
        terminal.wait_for("IT IS QUIET")
    assert not marker.exists()


def test_input_that_never_ends_does_not_keep_the_app_from_ending(start: Start) -> None:
    terminal = start()
    terminal.signal(signal.SIGTERM)
    begun = time.monotonic()
    while terminal.is_alive and time.monotonic() - begun < LIMIT:
        with suppress(OSError):
            terminal.send("x")
        time.sleep(0.05)
    assert terminal.wait_for_exit() == 143
    assert time.monotonic() - begun > LONGEST_DISCARD
    assert terminal.echoes()


@pytest.fixture
def waits(log: Path) -> Path:
    """A file that is there while the app can do nothing."""
    return log.with_name(f"{log.name}.waits")


def fill_the_link(terminal: Terminal, waits: Path) -> None:
    """Read nothing until the app can write nothing more and waits."""
    terminal.stall()
    terminal.wait_until(waits.exists)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_on_a_stalled_link_the_app_still_ends_in_order_when_it_is_asked_to(
    number: signal.Signals, start: Start, log: Path, waits: Path
) -> None:
    terminal = start("--restless")
    fill_the_link(terminal, waits)
    terminal.signal(number)
    assert terminal.wait_for_exit() == 128 + number
    assert log.read_text() == "ended in order"


def test_when_a_stalled_link_is_lost_the_app_ends_in_order(start: Start, log: Path, waits: Path) -> None:
    terminal = start("--restless", ignores_hang_up=True, loses_line=True)
    fill_the_link(terminal, waits)
    terminal.hang_up()
    assert terminal.wait_for_exit() == 129
    assert log.read_text() == "ended in order"


def test_a_link_that_stalls_for_a_while_and_comes_back_loses_nothing(start: Start, waits: Path) -> None:
    terminal = start("--restless")
    fill_the_link(terminal, waits)
    terminal.send("typed while it hung")
    terminal.go_on()
    terminal.wait_for("typed while it hung")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_app_that_does_not_answer_any_more_is_ended_all_the_same(
    number: signal.Signals, start: Start, log: Path, waits: Path
) -> None:
    terminal = start("--stuck")
    terminal.send("\x1b[17~")
    terminal.wait_until(waits.exists)
    terminal.signal(number)
    assert terminal.wait_for_exit() == 128 + number
    assert log.read_text() == "ready"


def test_an_app_that_ends_by_itself_has_its_own_exit_code(start: Start, log: Path) -> None:
    terminal = start()
    terminal.send("\x1b[21~")
    assert terminal.wait_for_exit() == 0
    assert log.read_text() == "ended in order"
    assert terminal.echoes()


@pytest.mark.parametrize("key", ["\x1b[20~", "\x1b[19~", "\x1b[18~"], ids=["key", "priority key", "worker"])
def test_a_defect_leaves_a_calm_screen_and_a_report(key: str, start: Start, tmp_path: Path) -> None:
    terminal = start()
    terminal.send(key)
    assert terminal.wait_for_exit() == 1
    assert "Serialdock has stopped because of a defect" in terminal.text
    assert "Traceback" not in terminal.text
    assert "ZeroDivisionError" not in terminal.text
    assert terminal.echoes()
    (report,) = (tmp_path / "state" / "serialdock").iterdir()
    assert report.name in terminal.text.replace("\n", "")
    written = report.read_text()
    assert "ZeroDivisionError: a defect with ␛[31mescapes in it" in written
    assert "in action_fail" in written
    assert "textual 8." in written
    assert report.stat().st_mode & 0o077 == 0


def test_a_report_goes_to_the_temporary_folder_when_the_state_folder_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    report = write_crash_report(ValueError("x"))
    assert report is not None
    assert report.parent == tmp_path / "tmp"
    assert str(report) in crash_message(report)
    monkeypatch.setattr("tempfile.tempdir", str(blocked))
    assert write_crash_report(ValueError("x")) is None
    assert "No report" in crash_message(None)


def test_only_the_latest_reports_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "serialdock"
    folder.mkdir()
    for n in range(30):
        (folder / f"crash-20200101-0000{n:02}-{os.getpid()}.txt").write_text("Serialdock crash report, old")
    report = write_crash_report(None)
    assert report is not None
    kept = sorted(folder.iterdir())
    assert len(kept) == KEPT_REPORTS
    assert kept[-1] == report
    assert (folder.stat().st_mode & 0o777, report.stat().st_mode & 0o777) == (0o755, 0o600)


def test_reports_of_the_same_second_are_in_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    paths = [write_crash_report(ValueError(str(number))) for number in range(3)]
    assert None not in paths
    assert len(set(paths)) == 3
    assert {path.parent for path in paths if path} == {tmp_path / "serialdock"}


def test_what_other_programs_have_in_the_temporary_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "blocked"))
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    theirs = {folder / f"crash-20200101-0000{n:02}-1.txt": "Theirs" for n in range(30)}
    theirs |= {folder / f"crash-2020{n:02}-x.txt": "Serialdock crash report, by its text only" for n in range(30)}
    for path, text in theirs.items():
        path.write_text(text)
    linked = folder / "crash-20200102-000000-1.txt"
    linked.symlink_to(tmp_path / "crash")
    (tmp_path / "crash").write_text("Serialdock crash report, of another folder")
    for n in range(KEPT_REPORTS + 3):
        (folder / f"crash-20200103-0000{n:02}-1.txt").write_text("Serialdock crash report, old")
    assert write_crash_report(None) is not None
    assert {path: path.read_text() for path in theirs} == theirs
    assert linked.exists()
    assert len(list(folder.iterdir())) == len(theirs) + 1 + KEPT_REPORTS


def test_a_report_of_another_account_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 4242)
    folder = tmp_path / "serialdock"
    folder.mkdir()
    for n in range(30):
        (folder / f"crash-20200101-0000{n:02}-1.txt").write_text("Serialdock crash report, old")
    assert write_crash_report(None) is not None
    assert len(list(folder.iterdir())) == 31


def test_a_report_is_private_and_shows_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    report = write_crash_report(ValueError("postgresql://me:hunter2@db/stock and password='hunter2'"))
    assert report is not None
    assert "ValueError: postgresql://me@db/stock and password=…" in report.read_text()
    assert "hunter2" not in report.read_text()
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "state", report.parent, report)]
    assert modes == [0o700, 0o700, 0o600]
