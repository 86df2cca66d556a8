"""Whatever comes, `read` answers: with a reading that alters nothing, or with a refusal that says why."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.barcodes.reader import read
from models.barcodes.reading import Kind, Reading, Settings
from models.errors import Unreadable
from tests.support.barcodes import CASES, outcome

SCANS = [case["scan"] for case in CASES]

BEGINNINGS = st.sampled_from(
    ["", "]C1", "]d2", "]Q1", "]E0", "]E3", "]I1", "\x1d", "01", "0109506000134352", "]C10109506000134352", "00", "+",
     "+$$", "+A123BJC5D6E71/", "[)>\x1e06\x1d", "[)>\x1e05\x1d", "[)>\x1e12\x1d", "https://a/01/09506000134352/",
     "http://", "SN:", "XXSD", "S", "ü=:", "+C1", "]", "urn:epc:id:sgtin:0614141.112345.", "urn:epc:", "+S", "*+A12345",
     "+/EU", "]E09506000134352]e0", "]C18030", "]C18013"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["\x1d", "\x1e", "\x04", "\x1c", "01", "21", "10", "17", "8006", "8003", "235", "/21/", "/10/", "?17=", "%2", "%41",
     "&", "S", "1P", "25S", "18S", "23S", "D", "14D", "$$", "$+", "/S", "/16D", "|", "0", "9", "A", "ß", "é", " "]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=80),
    st.binary(max_size=80).map(lambda data: data.decode("latin-1")),
    st.binary(max_size=80).map(lambda data: data.decode("utf-8", "replace")),
    st.binary(max_size=80).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.lists(PIECES, max_size=12).map("".join),
    st.sampled_from(SCANS),
)
ANY_SETTINGS = st.builds(
    Settings,
    strip_di_s=st.booleans(),
    expect=st.sampled_from([None, "imei", "vin", "mac"]),
    gs_substitutes=st.lists(st.sampled_from(["|", "~", "#", "<GS>", "{GS}", "Alt029", ""]), max_size=3).map(tuple),
    beyond_ascii=st.booleans(),
)
LONGEST_MESSAGE = 300
"""Characters; two sentences and what they quote."""


def _check(scan: str, answer: Reading | Unreadable, chosen: Settings) -> None:
    if isinstance(answer, Unreadable):
        assert answer.reason.replace("_", "").isalpha()
        assert answer.message.endswith(".")
        assert 20 < len(answer.message) <= LONGEST_MESSAGE
    else:
        _check_reading(scan, answer, chosen)


def _check_reading(scan: str, reading: Reading, chosen: Settings) -> None:
    assert reading.scan == scan
    json.dumps(dict(reading.fields))
    assert reading.text == scan.strip(" ").removeprefix(reading.symbology).strip(" ")
    assert all(warning.endswith(".") for warning in reading.warnings)
    assert ("serial" in reading.fields) + ("serials" in reading.fields) <= 1
    for serial in reading.serials:
        assert 0 < len(serial) <= 64
        assert chosen.gs_substitutes or reading.kind is Kind.GS1_DL or serial in scan
    if reading.kind is Kind.PLAIN:
        assert dict(reading.fields) == {"serial": reading.text}
    if reading.gtin is not None:
        assert len(reading.gtin) == 14
        assert sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reading.gtin)) % 10 == 0
    assert reading.kind is not Kind.COMMAND or reading.command is not None


@settings(max_examples=300)
@given(BEGINNINGS, TEXTS, ANY_SETTINGS)
@example("", "]", Settings())
@example("]C1", "01" + "0" * 14 + "\x1d" * 3, Settings())
@example("", "1" * 8_192, Settings())
def test_any_text_is_read_or_refused_with_a_reason_and_a_sentence(beginning: str, rest: str, chosen: Settings) -> None:
    scan = beginning + rest
    _check(scan, outcome(scan, chosen), chosen)


@settings(max_examples=150)
@given(st.sampled_from(SCANS), st.data())
def test_a_damaged_public_case_is_read_or_refused_as_well(scan: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(scan)))
    damaged = scan[:place] + data.draw(st.text(max_size=2)) + scan[place + data.draw(st.integers(0, 2)) :]
    _check(damaged, outcome(damaged), Settings())


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64).filter(str.strip))
def test_reading_a_reading_again_changes_nothing(scan: str) -> None:
    first = outcome(scan)
    if isinstance(first, Reading) and first.kind is Kind.PLAIN and first.serial is not None and not first.symbology:
        assert read(first.serial).fields == first.fields
