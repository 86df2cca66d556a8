"""What a scan of the set-up code shows about a scanner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.barcodes.gate import NAMES, US, mix_ups, typed
from models.barcodes.reader import read
from models.barcodes.scanner_check import (
    DATA,
    FIRST,
    GS,
    PRINTED,
    SECOND,
    Arrival,
    Mark,
    ScannerReport,
    examine,
    is_setup_code,
)
from tests.support.cases import each

AIM = "]C1"
TOGETHER = FIRST + SECOND


def seen(text: str | bytes, end: bytes = b"\r", seconds: float = 0.03, *substitutes: str) -> ScannerReport:
    data = text if isinstance(text, bytes) else text.encode()
    return examine(Arrival(data, end, seconds), substitutes)


def problems(report: ScannerReport) -> dict[str, str]:
    return {finding.what: finding.value for finding in report.findings if finding.mark is Mark.PROBLEM}


def value(report: ScannerReport, what: str) -> str:
    (found,) = (finding.value for finding in report.findings if finding.what == what)
    return found


def test_the_set_up_code_names_no_serial_and_no_item() -> None:
    for scan in (DATA, AIM + DATA, GS + DATA):
        reading = read(AIM + DATA)
        assert is_setup_code(scan)
        assert (reading.serials, reading.gtin) == ((), None)
    assert PRINTED.replace("(", "").replace(")", "") == TOGETHER


@each(("end", "name"), [(b"\r", "CR (Enter)"), (b"\n", "LF"), (b"\r\n", "CR LF"), (b"\t", "TAB")])
def test_a_well_set_scanner_has_no_problem_whatever_its_suffix(end: bytes, name: str) -> None:
    report = seen(AIM + DATA, end)
    assert report.is_setup_code
    assert {finding.mark for finding in report.findings} == {Mark.GOOD}
    assert value(report, "Suffix") == name
    assert value(report, "GS") == "kept"
    assert value(report, "Prefix") == "none"


def test_a_scanner_without_aim_ids_works_and_is_told_about_them() -> None:
    for scan in (DATA, GS + DATA):
        (note,) = (finding for finding in seen(scan).findings if finding.mark is not Mark.GOOD)
        assert (note.what, note.mark) == ("AIM id", Mark.NOTE)
        assert "Switch AIM ids on" in note.cure


def test_no_suffix_is_a_problem_with_its_cure() -> None:
    report = seen(AIM + DATA, b"")
    assert problems(report) == {"Suffix": "none"}
    assert report.findings[0].cure == "Set the scanner's suffix to CR (Enter)."


def test_a_prefix_a_wrong_aim_id_and_an_addition_behind_are_found() -> None:
    assert problems(seen("QQ" + AIM + DATA)) == {"Prefix": "QQ"}
    assert problems(seen("QQ" + DATA)) == {"Prefix": "QQ"}
    assert problems(seen("]C0" + DATA)) == {"AIM id": "]C0 where ]C1 is right"}
    assert problems(seen(AIM + DATA + "!")) == {"Behind it": "!"}


@each("replacement", ["|", "~", "#", "^", "<GS>", "{GS}", "Alt029", "\N{LEFT RIGHT ARROW}"])
def test_a_replaced_gs_is_named_and_good_where_the_site_knows_it(replacement: str) -> None:
    scan = AIM + FIRST + replacement + SECOND
    report = seen(scan)
    assert problems(report) == {"GS": f"replaced by {replacement}"}
    assert f"put {replacement} into the site setting gs_substitutes" in report.findings[0].cure
    assert problems(seen(scan, b"\r", 0.03, replacement)) == {}


def test_a_lost_gs_and_one_that_is_sent_as_a_function_key_are_told_apart() -> None:
    assert problems(seen(AIM + TOGETHER)) == {"GS": "lost"}
    report = seen(AIM + FIRST + "\x1b[19~" + SECOND)
    assert problems(report) == {"GS": "replaced by F8"}
    assert "gs_substitutes" not in report.findings[0].cure


@each("host", NAMES[1:])
def test_a_us_scanner_is_found_on_the_host_of_every_country(host: str) -> None:
    report = seen(typed(AIM + TOGETHER, US, host))
    assert value(report, "Keyboard").startswith(f"a US scanner on a{'n' * (host == 'Italian')} {host} host")
    assert f"Set the scanner's keyboard country to {host}, or the host's keyboard to US." in {
        finding.cure for finding in report.findings
    }
    assert set(problems(report)) == {"Keyboard", "GS"}


@each("scanner", NAMES[1:])
def test_a_scanner_of_another_country_is_found_on_a_us_host(scanner: str) -> None:
    report = seen(typed(DATA, scanner, US))
    assert set(problems(report)) == {"Keyboard"}
    if scanner not in ("British", "Japanese"):  # which type the same there as a US scanner on a British host
        assert "Set the scanner's keyboard country to US" in report.findings[0].cure


@pytest.mark.parametrize(("first", "arrives"), [("German", "91AYqzß-öÄ"), ("French", "ç&QWay)!m%")])
def test_what_the_known_mix_ups_type_is_shown(first: str, arrives: str) -> None:
    assert f"arrives as {arrives}" in value(seen(typed(TOGETHER, US, first)), "Keyboard")


def test_every_mix_up_that_changes_the_code_is_seen_as_one() -> None:
    for pair in mix_ups():
        report = seen(typed(DATA, *pair))
        assert report.is_setup_code, pair
        assert ("Keyboard" in problems(report)) == (typed(DATA, *pair) != DATA), pair


def test_a_host_that_holds_accents_back_for_the_next_letter_is_recognised() -> None:
    report = seen(typed(TOGETHER, US, "Spanish").replace("¨", ""))
    assert value(report, "Keyboard").startswith("a US scanner on a Spanish host")


@each("host", [US, "German", "French"])
def test_caps_lock_is_told_from_a_conversion_and_from_shift_that_gets_lost(host: str) -> None:
    came = typed(TOGETHER, US, host)
    inverted = "".join(letter.swapcase() if len(letter.swapcase()) == 1 else letter for letter in came)
    assert problems(seen(inverted))["Capitals"].startswith("inverted")
    if host == US:
        assert problems(seen(came.upper()))["Capitals"].startswith("all capitals")
        assert problems(seen(came.lower()))["Capitals"].startswith("all small letters")
        assert problems(seen(came.replace("A", "a")))["Capitals"].startswith("come and go")
        assert problems(seen(came.lower().replace('"', "'")))["Capitals"].startswith("Shift does not arrive")


@each("width", [3, 4])
@each("keypad", [False, True])
def test_alt_mode_is_named_and_what_it_types_is_examined_too(width: int, keypad: bool) -> None:
    digits = "".join(f"{ord(character):0{width}}" for character in AIM + DATA)
    keys = "".join(f"\x1bO{chr(ord('p') + int(digit))}" if keypad else f"\x1b{digit}" for digit in digits)
    report = seen(keys)
    assert set(problems(report)) == {"Keys"}
    assert "Switch the scanner's ALT mode off" in report.findings[0].cure
    assert value(report, "GS") == "kept"


def test_bytes_that_are_not_utf8_are_shown_and_do_not_hide_a_layout() -> None:
    report = seen(typed(TOGETHER, US, "German").encode("latin-1"))
    assert problems(report)["Bytes"] == "not UTF-8: DF F6 C4 (ßöÄ in Latin-1)"
    assert "a US scanner on a German host" in problems(report)["Keyboard"]


def test_control_keys_around_and_inside_are_named() -> None:
    assert problems(seen("\x01" + AIM + DATA)) == {"Keys": "not only characters: \x01", "Prefix": "\x01"}
    report = seen(AIM + DATA[:4] + "\x1b[A" + DATA[4:])
    assert problems(report) == {"Keys": "not only characters: \x1b[A"}
    assert report.is_setup_code


def test_a_slow_scanner_is_told_that_it_passes_for_typing() -> None:
    report = seen(AIM + DATA, seconds=2.0)
    assert problems(report) == {}
    assert value(report, "Speed") == "20 characters in 2000 ms, one each 100.0 ms"
    assert value(seen(AIM + DATA, b"", 0.019), "Speed").endswith("one each 1.0 ms")


def test_a_set_up_code_with_lost_characters_is_not_taken_for_another_code() -> None:
    report = seen(DATA.replace("-/", ""))
    assert report.is_setup_code
    assert "Characters" in problems(report)


def test_of_another_code_only_what_can_be_seen_is_told() -> None:
    report = seen("SN0001")
    assert not report.is_setup_code
    assert [finding.what for finding in report.findings] == ["Suffix", "Speed"]
    assert problems(seen("SN\x1b[19~1")) == {"Keys": "not only characters: F8"}


def test_a_paste_shows_neither_suffix_nor_speed() -> None:
    report = examine(Arrival((AIM + DATA).encode(), b"", 0.0, is_paste=True))
    assert problems(report) == {}
    assert {finding.what for finding in report.findings if finding.mark is Mark.NOTE} == {"Keys", "Suffix"}


@given(st.binary(max_size=80), st.sampled_from([b"", b"\r", b"\n", b"\r\n", b"\t"]), st.floats(0, 10))
def test_whatever_comes_there_is_a_report(data: bytes, end: bytes, seconds: float) -> None:
    report = examine(Arrival(data, end, seconds))
    assert all(finding.cure for finding in report.findings if finding.mark is Mark.PROBLEM)
    assert "Suffix" in {finding.what for finding in report.findings}


@given(st.text(max_size=8), st.text(max_size=8))
def test_whatever_stands_around_the_set_up_code_it_is_found(before: str, after: str) -> None:
    assert examine(Arrival((before + DATA + after).encode("utf-8", "replace"), b"\r", 0.02)).is_setup_code
