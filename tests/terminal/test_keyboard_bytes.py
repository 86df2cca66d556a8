from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.messages import TerminalSupportsSynchronizedOutput

from tests.support.cases import each
from tests.support.fork_server import forked
from tests.support.terminal import Terminal, python_app
from tui.terminal.key_parser import MAX_PASTE, KeyParser

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "streams_public.jsonl").read_text().splitlines()
]


class Station:
    """The scan station in a terminal, and what it wrote down."""

    def __init__(self, log: Path, *arguments: str, **terminal: Any) -> None:
        self.log = log
        self.terminal = Terminal(forked("scan_station", log, *arguments), **terminal)
        self.terminal.wait_until(lambda: self.heard() == [["ready"]])
        self.terminal.wait_for("0 scans")

    def heard(self) -> list[list[str]]:
        text = self.log.read_text() if self.log.exists() else ""
        return [json.loads(line) for line in text.splitlines() if text.endswith("\n")]

    def wait_for_heard(self, *expected: tuple[str, ...]) -> None:
        wanted = [["ready"], *([*message] for message in expected)]
        self.terminal.wait_until(lambda: len(self.heard()) >= len(wanted))
        assert self.heard() == wanted

    def scans(self) -> list[str]:
        return [message[1] for message in self.heard() if message[0] == "scanned"]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    started = Station(tmp_path / "heard")
    with started.terminal:
        yield started


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_published_streams_give_the_expected_scans(case: dict[str, Any], station: Station) -> None:
    for wait, chunk in case["chunks"]:
        time.sleep(wait / 1000)
        station.terminal.send(chunk.encode("latin-1"))
    station.terminal.send("\r")
    time.sleep(0.1)
    station.terminal.send("LASTSCAN\r")
    station.terminal.wait_until(lambda: station.scans()[-1:] == ["LASTSCAN"])
    assert station.scans()[:-1] == case["expect"]["scans"]
    assert station.terminal.is_alive


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\t"], ids=["CR", "LF", "CRLF", "TAB"])
@pytest.mark.parametrize("count", [30, 400])
def test_scans_in_one_write_come_out_right_and_in_order(count: int, end: str, station: Station) -> None:
    scans = [f"SN{n:010}" for n in range(count)]
    station.terminal.send("".join(scan + end for scan in scans))
    station.terminal.wait_until(lambda: len(station.heard()) > count)
    assert station.scans() == scans
    station.terminal.wait_for(f"{count} scans, last {scans[-1]}")


def test_scans_that_arrive_while_the_app_starts_are_not_lost(tmp_path: Path) -> None:
    log = tmp_path / "heard"
    with Terminal(forked("scan_station", log)) as terminal:
        terminal.wait_until(lambda: terminal.bytes_received > 0)
        terminal.send("SN0001\rSN0002\r")
        terminal.wait_for("2 scans, last SN0002")


@pytest.mark.parametrize("byte", [b"\xe9", b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80"])
def test_bytes_that_are_not_utf8_cost_one_scan_and_not_the_app(byte: bytes, station: Station) -> None:
    station.terminal.send(b"AB" + byte + b"CD\r")
    station.terminal.wait_until(lambda: len(station.heard()) == 2)
    station.terminal.send("NEXT01\r")
    station.terminal.wait_until(lambda: len(station.heard()) == 3)
    assert [message[0] for message in station.heard()] == ["ready", "refused", "scanned"]
    assert station.heard()[1][2] == "unreadable"


def test_a_letter_cut_in_two_by_the_link_is_still_a_letter(station: Station) -> None:
    station.terminal.send("SNÖ".encode()[:-1])
    time.sleep(0.2)
    station.terminal.send("SNÖ".encode()[-1:] + b"\r")
    station.wait_for_heard(("scanned", "SNÖ", "typed"))


def test_every_line_of_a_paste_is_a_scan_also_when_the_link_cuts_it_anywhere(station: Station) -> None:
    lines = [f"SN{n:04}" for n in range(30)]
    paste = "".join(["\x1b[200~", *(f"{line}\r" for line in lines), "\x1b[201~"]).encode()
    for start in range(0, len(paste), 5):
        station.terminal.send(paste[start : start + 5])
        time.sleep(0.002)
    station.wait_for_heard(*(("scanned", line, "pasted") for line in lines))


def test_a_paste_whose_end_is_lost_is_taken_and_what_comes_later_too(station: Station) -> None:
    station.terminal.send("\x1b[200~SN0001\rSN0002\r")
    station.wait_for_heard(("scanned", "SN0001", "pasted"), ("scanned", "SN0002", "pasted"))
    station.terminal.send("SN0003\r")
    station.terminal.wait_until(lambda: station.scans() == ["SN0001", "SN0002", "SN0003"])
    station.terminal.send("\x1b[17~")
    station.terminal.wait_until(lambda: station.heard()[-1] == ["new"])


def test_escapes_inside_a_paste_press_no_keys(station: Station) -> None:
    station.terminal.send("\x1b[200~A\x1b[17~B\x1b" + "x" * 40 + "\rSN0002\r\x1b[201~")
    station.terminal.wait_until(lambda: len(station.heard()) == 3)
    assert [message[0] for message in station.heard()] == ["ready", "refused", "scanned"]


def test_an_escape_sequence_cut_in_two_is_still_one_key(station: Station) -> None:
    station.terminal.send("\x1b[1")
    time.sleep(0.4)
    station.terminal.send("7~")
    station.wait_for_heard(("new",))
    time.sleep(0.2)
    station.terminal.send("SN0001\r")
    station.terminal.wait_until(lambda: station.scans() == ["SN0001"])


def test_keys_go_on_after_the_terminal_has_been_resized(station: Station) -> None:
    station.terminal.resize(40, 12)
    station.terminal.send("SN0001\r")
    station.terminal.wait_for("1 scans, last SN0001")
    station.terminal.send("\x1b[21~")
    assert station.terminal.wait_for_exit() == 7
    assert station.terminal.echoes()


def test_clicks_are_reported_but_neither_motion_nor_focus_nor_the_pointer_costs_bytes(station: Station) -> None:
    row = next(n for n, line in enumerate(station.terminal.lines) if "Click me" in line)
    column = station.terminal.lines[row].index("Click")
    station.terminal.send(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}mSN0001\r")
    station.wait_for_heard(("clicked",), ("scanned", "SN0001", "scanned"))
    received = station.terminal.received
    assert b"\x1b[?1000h" in received
    assert b"\x1b[?1006h" in received
    for unwanted in (b"?1003h", b"?1015h", b"?1004h", b"?1016h", b"?2048$p", b"\x1b]22;", b"\x1b[>"):
        assert unwanted not in received


def test_without_the_mouse_not_a_byte_is_about_it(tmp_path: Path) -> None:
    station = Station(tmp_path / "heard", "--no-mouse", env={"TERM": "linux"})
    with station.terminal:
        assert b"?100" not in station.terminal.received
        assert b"$p" not in station.terminal.received


def test_an_idle_field_sends_nothing(station: Station) -> None:
    station.terminal.send("SN0001")
    station.terminal.wait_for_rest()
    before = station.terminal.bytes_received
    time.sleep(1.2)
    assert station.terminal.bytes_received == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"TERM": "dumb"}, "export TERM="),
        ({"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}, "export LC_ALL=C.UTF-8"),
    ],
)
def test_a_terminal_that_cannot_show_the_app_is_told_what_to_set(
    changes: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with Terminal(python_app("scan_station", tmp_path / "heard"), env=changes, columns=200) as terminal:
        terminal.wait_for(sentence)
        assert terminal.wait_for_exit() == 1


@pytest.mark.parametrize("redirection", ["< /dev/null", "> /dev/null", "| cat"])
def test_without_a_terminal_the_app_says_so(redirection: str, tmp_path: Path) -> None:
    command = " ".join(f"'{part}'" for part in python_app("scan_station", tmp_path / "heard"))
    with Terminal(["/bin/sh", "-c", f"{command} {redirection}"], columns=200) as terminal:
        terminal.wait_for("needs a terminal")


def test_stopping_and_continuing_from_the_shell_keeps_the_app(station: Station) -> None:
    station.terminal.signal(signal.SIGTSTP)
    station.terminal.wait_until(lambda: station.terminal.is_stopped)
    station.terminal.signal(signal.SIGCONT)
    station.terminal.wait_until(lambda: station.terminal.received.count(b"\x1b[?1049h") == 2)
    station.terminal.send("SN0001\r")
    station.terminal.wait_for("1 scans, last SN0001")


def names(parser: KeyParser, text: str) -> list[str]:
    return [event.key if isinstance(event, events.Key) else type(event).__name__ for event in parser.feed(text)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@each(
    ("text", "keys"),
    [
        ("a\rb\nc\r\nd", ["a", "enter", "b", "ctrl+j", "c", "enter", "d"]),
        ("\x1b[A\x1bOP\x1b[15~\x1b[1;5C", ["up", "f1", "f5", "ctrl+right"]),
        ("\x1b[[A\x1b[[E\x1b[3$x", ["f1", "f5", "shift+delete", "x"]),
        ("\x1b0\x1b6\x1bx\x1b\r", ["alt+0", "alt+6", "alt+x", "alt+enter"]),
        ("\x1b\x1b[B", ["escape", "down"]),
        ("A\x1bXB", ["A", "alt+X", "B"]),
        ("\x1b[99;99qA\x1b[EB\x1b[5;13~", ["unknown", "A", "unknown", "B", "unknown"]),
        ("\x1b[1\x1b[A", ["unknown", "up"]),
        ("\x1b[1\rA", ["unknown", "enter", "A"]),
        ("\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<65;1;1M", ["MouseDown", "MouseUp", "MouseScrollDown"]),
        ("\x1b[M !!x\x1b[I\x1b[Oy", ["x", "y"]),
        ("\x1b[200~a\r\nb\x1b[31m\x1b[201~c", ["Paste", "c"]),
        ("\x1b[201~\x1b[200~\x1b[201~a", ["a"]),
        ("\x1b[?2048;0$yx", ["x"]),
    ],
)
def test_what_terminals_send_is_read_as_keys_in_one_piece_or_byte_by_byte(text: str, keys: list[str]) -> None:
    assert names(KeyParser(), text) == keys
    parser = KeyParser()
    assert [key for character in text for key in names(parser, character)] == keys


def test_alt_and_a_character_types_nothing() -> None:
    assert [event.character for event in KeyParser().feed("\x1b0\x1bx") if isinstance(event, events.Key)] == [
        None,
        None,
    ]


def test_the_keypad_in_application_mode_types_what_stands_on_its_keys() -> None:
    sent = "".join(f"\x1bO{key}" for key in "pqrstuvwxyjklmnoX ")
    typed = [event.character for event in KeyParser().feed(sent) if isinstance(event, events.Key)]
    assert "".join(filter(None, typed)) == "0123456789*+,-./= "
    assert names(KeyParser(), "\x1bOMa\x1bOI") == ["enter", "a", "tab"]


def test_the_terminals_offer_to_draw_without_tearing_is_taken() -> None:
    assert isinstance(KeyParser().feed("\x1b[?2026;2$y")[0], TerminalSupportsSynchronizedOutput)
    assert KeyParser().feed("\x1b[?2026;0$y") == []


def test_escape_alone_is_a_key_after_a_moment_and_half_a_sequence_is_nothing_after_a_second() -> None:
    clock = Clock()
    parser = KeyParser(clock)
    assert (parser.wait, names(parser, "\x1b")) == (None, [])
    assert parser.tick() == []
    clock.now += 0.2
    assert parser.wait == pytest.approx(0)
    assert [event.key for event in parser.tick() if isinstance(event, events.Key)] == ["escape"]
    assert (parser.wait, names(parser, "\x1b[1")) == (None, [])
    clock.now += 0.7
    assert parser.tick() == []
    clock.now += 0.7
    assert [event.key for event in parser.tick() if isinstance(event, events.Key)] == ["unknown"]
    assert names(parser, "ab") == ["a", "b"]


def test_a_paste_without_an_end_is_given_up_only_when_nothing_more_comes() -> None:
    clock = Clock()
    parser = KeyParser(clock)
    for piece in ("\x1b[200~one\r", "two\r", "three"):
        assert parser.feed(piece) == []
        clock.now += 0.7
        assert parser.tick() == []
    clock.now += 0.7
    (paste,) = parser.tick()
    assert isinstance(paste, events.Paste)
    assert paste.text == "one\rtwo\rthree"
    assert names(parser, "a\x1b[201~b") == ["a", "b"]


def test_a_paste_without_limit_does_not_fill_the_memory() -> None:
    parser = KeyParser()
    parser.feed("\x1b[200~")
    pieces = []
    for _ in range(5):
        pieces += parser.feed("x" * (MAX_PASTE // 2))
        assert len(parser._buffer) <= MAX_PASTE
    pieces += parser.feed("\x1b[201~")
    assert sum(len(piece.text) for piece in pieces if isinstance(piece, events.Paste)) == 5 * (MAX_PASTE // 2)


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"])),
            st.sampled_from(["\x1b", "\x1b[", "\x1b[200~", "\x1b[201~", "\x1bO", "\x1b[<", "\x1b[M", "\r\n"]),
        ),
        max_size=20,
    ),
    st.lists(st.integers(1, 8), min_size=1),
)
def test_any_input_gives_the_same_events_however_it_is_cut(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    whole = [repr(event) for event in KeyParser().feed(text)]
    parser = KeyParser()
    cut: list[str] = []
    position = n = 0
    while position < len(text):
        end = position + cuts[n % len(cuts)]
        cut += [repr(event) for event in parser.feed(text[position:end])]
        position, n = end, n + 1
    assert cut == whole
