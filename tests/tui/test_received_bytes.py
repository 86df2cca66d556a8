"""Which bytes of the terminal belong to which line."""

from __future__ import annotations

from models.barcodes.scanner_check import Arrival
from tui.terminal.received_bytes import KEPT, Wire
from tui.terminal.scanner_keys import Span


def wire(*pieces: tuple[float, bytes]) -> Wire:
    made = Wire()
    for time, data in pieces:
        made.feed(time, data)
    return made


def test_a_line_is_what_stands_between_two_ends() -> None:
    sent = wire((1.0, b"SN1\rSN2\n"), (1.1, b"SN3\t"))
    assert sent.line(Span(1.0, 1.0, "enter")) == Arrival(b"SN1", b"\r", 0.0)
    assert sent.line(Span(1.0, 1.0, "ctrl+j")) == Arrival(b"SN2", b"\n", 0.0)
    assert sent.line(Span(1.1, 1.1, "tab")) == Arrival(b"SN3", b"\t", 0.0)


def test_the_second_half_of_crlf_belongs_to_the_end_whenever_it_comes() -> None:
    sent = wire((1.0, b"SN1\r"))
    assert sent.line(Span(1.0, 1.0, "enter")) == Arrival(b"SN1", b"\r", 0.0)
    sent.feed(1.01, b"\n")
    assert sent.line(Span(1.0, 1.0, "enter")) == Arrival(b"SN1", b"\r\n", 0.0)
    sent.feed(1.5, b"SN2\r\n")
    assert sent.line(Span(1.5, 1.5, "enter")) == Arrival(b"SN2", b"\r\n", 0.0)


def test_the_time_of_a_line_is_from_its_first_byte_to_its_end() -> None:
    sent = wire((5.0, b"S"), (5.25, b"N"), (5.5, b"\r"))
    assert sent.line(Span(5.0, 5.5, "enter")) == Arrival(b"SN", b"\r", 0.5)


def test_keys_just_before_a_line_belong_to_it_and_older_ones_do_not() -> None:
    assert wire((5.0, b"\x01"), (5.1, b"SN1\r")).line(Span(5.1, 5.1, "enter")) == Arrival(b"\x01SN1", b"\r", 5.1 - 5.0)
    assert wire((5.0, b"\x1bOP"), (9.0, b"SN1\r")).line(Span(9.0, 9.0, "enter")) == Arrival(b"SN1", b"\r", 0.0)


def test_what_was_left_in_the_line_long_before_is_not_part_of_the_scan() -> None:
    sent = wire((1.0, b"OLD"), (9.0, b"SN1\r"))
    assert sent.line(Span(1.0, 9.0, "enter")) == Arrival(b"SN1", b"\r", 0.0)


def test_behind_the_last_end_is_what_is_unfinished() -> None:
    assert wire().unfinished() is None
    assert wire((1.0, b"SN1\r\n")).unfinished() is None
    assert wire((1.0, b"SN1\rSN2"), (1.5, b"3")).unfinished() == Arrival(b"SN23", b"", 0.5)
    assert wire((1.0, b"SN1"), (9.0, b"SN2")).unfinished() == Arrival(b"SN2", b"", 0.0)
    assert wire((1.0, b"\x1b[200~SN1")).unfinished() is None


def test_a_line_that_is_not_known_any_more_is_none() -> None:
    sent = wire((1.0, b"SN1\r"), (2.0, b"x" * KEPT))
    assert sent.line(Span(1.0, 1.0, "enter")) is None
    assert sent.line(Span(2.0, 2.0, "")) is None
