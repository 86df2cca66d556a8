"""The installed `serialdock scanner-check` at a real pseudo-terminal."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.barcodes.scanner_check import DATA
from tests.support.commands import installed, program
from tests.support.fork_server import forked_program
from tests.support.terminal import Terminal

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "streams_public.jsonl").read_text().splitlines()
]
F3 = "\x1bOR"


@contextmanager
def checking(*words: str | Path, is_installed: bool = False) -> Iterator[Terminal]:
    """The command, ready for a scan, in an environment where no database can be opened."""
    env = {"SERIALDOCK_DATABASE": "postgresql://nobody@127.0.0.1:1/nothing"}
    line = ("scanner-check", *map(str, words))
    with Terminal([program(), *line] if is_installed else forked_program(*line), env=env) as terminal:
        terminal.wait_for("scan here")
        yield terminal


def logged(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_published_streams_are_logged_as_the_expected_scans(case: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "scans.jsonl"
    with checking("--log", log) as terminal:
        for wait, chunk in case["chunks"]:
            time.sleep(wait / 1000)
            terminal.send(chunk.encode("latin-1"))
        terminal.wait_until(lambda: len(log.read_text().splitlines()) >= len(case["expect"]["scans"]))
        terminal.wait_for_rest(0.5)
        assert [scan["scan"] for scan in logged(log)] == case["expect"]["scans"]
        assert "defect" not in terminal.text
        terminal.send(F3)
        assert terminal.wait_for_exit() == 0
        assert terminal.echoes()


def test_a_burst_of_four_hundred_scans_is_logged_whole_with_their_kinds(tmp_path: Path) -> None:
    log = tmp_path / "scans.jsonl"
    scans = [f"SN{number:06}" for number in range(400)]
    with checking("--log", log, is_installed=True) as terminal:
        terminal.send("".join(f"{scan}\r" for scan in scans))
        terminal.wait_until(lambda: len(log.read_text().splitlines()) >= 400)
    assert logged(log) == [{"scan": scan, "kind": "plain", "how": "scanned"} for scan in scans]


def test_what_is_logged_is_what_the_scan_line_took_whole(tmp_path: Path) -> None:
    log = tmp_path / "scans.jsonl"
    with checking("--log", log) as terminal:
        for sent in (
            "]C1010950600013435910AB\r",  # a wrong check digit: a scan, of no kind
            "AB\x1b[19~CD\r",  # a function key: dirty
            "x" * 9000 + "\r",
            "SN0001\rSN0001\r",  # a trigger pulled twice
            "\x1b[200~P1\rP1\rP2\r\x1b[201~",
            "4006381333931\r",
        ):
            terminal.send(sent)
            time.sleep(0.3)
        terminal.wait_until(lambda: "4006381333931" in log.read_text())
    assert [(scan["scan"], scan["kind"], scan["how"]) for scan in logged(log)] == [
        ("]C1010950600013435910AB", None, "scanned"),
        ("SN0001", "plain", "scanned"),
        ("P1", "plain", "pasted"),
        ("P1", "plain", "pasted"),
        ("P2", "plain", "pasted"),
        ("4006381333931", "gtin", "scanned"),
    ]


def test_the_set_up_code_with_crlf_is_recognised_byte_by_byte() -> None:
    with checking() as terminal:
        for byte in f"]C1{DATA}\r\n".encode():
            terminal.send(bytes([byte]))
            time.sleep(0.002)
        terminal.wait_for("the scanner is set up well")
        terminal.wait_for("CR LF")
        assert "kept" in terminal.text


def test_a_byte_that_is_not_utf8_is_named_and_the_app_lives() -> None:
    with checking() as terminal:
        terminal.send(b"AB\xe9CD\r")
        terminal.wait_for("not UTF-8: E9")
        terminal.send("SN0001\r")
        terminal.wait_for("plain text")


def test_escape_leaves_and_in_a_burst_it_does_not() -> None:
    with checking() as terminal:
        terminal.send("AB\x1bCD\r")
        terminal.wait_for("to mend")
        time.sleep(0.3)
        terminal.send("\x1b")
        assert terminal.wait_for_exit() == 0


def test_a_log_that_cannot_be_written_is_told_before_the_screen_opens(tmp_path: Path) -> None:
    with Terminal([program(), "scanner-check", "--log", tmp_path], columns=300) as terminal:
        terminal.wait_for(f"serialdock: The log {tmp_path} cannot be written: Is a directory. Name another file.")
        assert terminal.wait_for_exit() == 1
        assert b"\x1b[?1049h" not in terminal.received


def test_scans_that_the_log_never_took_are_told_at_the_end() -> None:
    with checking("--log", "/dev/full") as terminal:
        terminal.send("SN0001\r")
        terminal.wait_for("1 scan is not in /dev/full: No space left on device.")
        terminal.send(F3)
        terminal.wait_for("serialdock: 1 scan is not in /dev/full: No space left on device.")
        assert terminal.wait_for_exit() == 1


def test_a_closed_terminal_ends_it_and_the_scans_are_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "scans.jsonl"
    with checking("--log", log, is_installed=True) as terminal:
        terminal.send("SN0001\r")
        terminal.wait_until(lambda: log.read_text().count("\n") == 1)
        terminal.signal(signal.SIGHUP)
        assert terminal.wait_for_exit() == 129
    assert [scan["scan"] for scan in logged(log)] == ["SN0001"]


def test_it_needs_a_terminal_and_prints_no_json(tmp_path: Path) -> None:
    ran = installed("scanner-check", "--log", str(tmp_path / "log"))
    assert ran.code == 1
    assert "needs a terminal" in ran.err
    assert not (tmp_path / "log").exists()
    assert installed("scanner-check", "--json").code == 2
