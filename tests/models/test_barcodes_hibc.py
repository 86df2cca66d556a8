"""HIBC: products, lots, serials and dates of medical goods."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from models.barcodes.reader import read
from tests.support.barcodes import hibc, refusal, said
from tests.support.cases import each

PRODUCT = {"kind": "hibc", "lic": "A123", "pcn": "BJC5D6E7", "um": "1"}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEXTS = st.text(ALPHABET, min_size=1, max_size=18)


@given(TEXTS, TEXTS.filter(lambda text: not text.startswith("XXSD")))
@example("225BGJPQRSX", "225BGPQRSXJ")  # the check character is a space, and the code without it is whole too
def test_a_code_says_exactly_what_was_put_into_it(lot: str, serial: str) -> None:
    assert said(hibc(f"+A123BJC5D6E71/$$7{lot}/S{serial}")) == {**PRODUCT, "lot": lot, "serial": serial}


@each(
    ("second", "fields"),
    [
        ("$LOT1", {"lot": "LOT1"}),
        ("$+SER1", {"serial": "SER1"}),
        ("$$0926LOT1", {"expiry": "2026-09-30", "lot": "LOT1"}),
        ("$$1126LOT1", {"expiry": "2026-11-30", "lot": "LOT1"}),
        ("$$2092826LOT1", {"expiry": "2026-09-28", "lot": "LOT1"}),
        ("$$3260928LOT1", {"expiry": "2026-09-28", "lot": "LOT1"}),
        ("$$426092823LOT1", {"expiry": "2026-09-28", "expiry_hour": "23", "lot": "LOT1"}),
        ("$$526271LOT1", {"expiry": "2026-09-28", "lot": "LOT1"}),
        ("$$62627123LOT1", {"expiry": "2026-09-28", "expiry_hour": "23", "lot": "LOT1"}),
        ("$$7LOT1", {"lot": "LOT1"}),
        ("$$812LOT1", {"qty": "12", "lot": "LOT1"}),
        ("$$8127LOT1", {"qty": "12", "lot": "LOT1"}),
        ("$$8123260928LOT1", {"qty": "12", "expiry": "2026-09-28", "lot": "LOT1"}),
        ("$$900500526271LOT1", {"qty": "500", "expiry": "2026-09-28", "lot": "LOT1"}),
        ("$$+0926SER1", {"expiry": "2026-09-30", "serial": "SER1"}),
        ("$$+3260928SER1", {"expiry": "2026-09-28", "serial": "SER1"}),
        ("$$+7SER1", {"serial": "SER1"}),
        ("26271LOT1", {"expiry": "2026-09-28", "lot": "LOT1"}),
        ("26366", {"error": "bad_date"}),
        ("24366", {"expiry": "2024-12-31"}),
        ("$$526000", {"error": "bad_date"}),
        ("$LOT1/SSER1/14D20260928/16D20250102/Q500",
         {"lot": "LOT1", "serial": "SER1", "expiry": "2026-09-28", "prod_date": "2025-01-02", "qty": "500"}),
        ("$LOT1/$LOT1", {"lot": "LOT1"}),
        ("$", {}),
        ("$/Q12/SSER1", {"qty": "12", "serial": "SER1"}),
        ("$$/14D20260928", {"expiry": "2026-09-28"}),
        ("$$7LOT1/$$+3260928SER1", {"lot": "LOT1", "expiry": "2026-09-28", "serial": "SER1"}),
        ("$LOT1/9D26", {"lot": "LOT1", "other": [["9D", "26"]]}),
    ],
)  # fmt: skip
def test_what_stands_behind_a_product_is_read(second: str, fields: dict[str, str]) -> None:
    assert said(hibc(f"+A123BJC5D6E71/{second}")) == (fields if "error" in fields else {**PRODUCT, **fields})


def test_a_second_line_is_read_alone_and_with_the_first() -> None:
    first = hibc("+A123BJC5D6E71")
    second = hibc(f"+$$+526271SER1{first[-1]}")
    assert said(first) == PRODUCT
    assert said(second) == {"kind": "hibc", "expiry": "2026-09-28", "serial": "SER1"}
    assert said(first + second) == {**PRODUCT, "expiry": "2026-09-28", "serial": "SER1"}
    assert said(hibc(f"+26271LOT1{first[-1]}")) == {"kind": "hibc", "expiry": "2026-09-28", "lot": "LOT1"}
    assert refusal(first + hibc("+$$+526271SER1X")) == "bad_check_digit"


@each(
    ("line", "fields"),
    [
        ("+SSER-1", {"serial": "SER-1"}),
        ("+16D20250102", {"prod_date": "2025-01-02"}),
        ("+14D20260928", {"expiry": "2026-09-28"}),
        ("+Q500", {"qty": "500"}),
    ],
)
def test_a_third_line_is_read_alone_and_behind_the_others(line: str, fields: dict[str, str]) -> None:
    first = hibc("+J123AQ3451")  # the beginning is that of an AIM identifier on another layout too
    second, third = hibc(f"+26271LOT1{first[-1]}"), hibc(f"{line}{first[-1]}")
    product = {"kind": "hibc", "lic": "J123", "pcn": "AQ345", "um": "1"}
    assert said(third) == {"kind": "hibc", **fields}
    assert said(first + third) == {**product, **fields}
    assert said(first + second + third) == {**product, "expiry": "2026-09-28", "lot": "LOT1", **fields}
    assert said(third[:-1] + "!") == {"kind": "plain", "serial": third[:-1] + "!"}


def test_stars_around_a_code_are_not_of_it_and_a_serial_keeps_its_own() -> None:
    assert said(f"*{hibc('+A123BJC5D6E71')}*") == PRODUCT
    blank = next(
        code for code in (hibc(f"+A123B1/$7{one}{two}") for one in ALPHABET for two in ALPHABET) if code[-1] == " "
    )
    assert said(f"*{blank[:-1]}_*") == said(f"*{blank}*") == said(blank)
    assert refusal("*+A123BJC5D6E71H*") == "bad_check_digit"
    assert said("*SN1*") == {"kind": "plain", "serial": "*SN1*"}


def test_a_code_of_the_provider_standard_is_no_serial() -> None:
    read_as = {"kind": "hibc", "other": [["EU", "7200"], ["O", "52"], ["Z", "34"]]}
    assert said(hibc("+/EU7200/O52/Z34")) == read_as
    assert said("+/EU7200!") == {"kind": "plain", "serial": "+/EU7200!"}


@each("check", [*"0123456789AMZ-. $/+%"])
def test_every_check_character_is_understood(check: str) -> None:
    codes = (hibc(f"+A123B1/$7{first}{second}") for first in ALPHABET for second in ALPHABET)
    code = next(code for code in codes if code.endswith(check))
    reading = read(code)
    assert (reading.kind, reading.symbology) == ("hibc", "")
    assert reading.fields["lot"].startswith("7")


@each("front", ["]A0", "]C0", "]d1", "]Q0", "]zB"])
def test_it_is_one_in_every_symbol(front: str) -> None:
    assert said(front + hibc("+A123BJC5D6E71/S1"))["serial"] == "1"


@each(
    ("scan", "reason"),
    [
        ("+A123BJC5D6E71H", "bad_check_digit"),
        ("+A123BJC5D6E71/S1H", "bad_check_digit"),
        (hibc("+A123BJC5D6E71/S"), "truncated"),
        (hibc("+A123BJC5D6E71/$+"), "truncated"),
        (hibc("+$G"), "truncated"),
        (hibc("+A123BJC5D6E71/$$81"), "truncated"),
        (hibc("+A123BJC5D6E71/$$1326X"), "bad_date"),
        (hibc("+A123BJC5D6E71/$$2133126X"), "bad_date"),
        (hibc("+A123BJC5D6E71/$$426092824X"), "bad_date"),
        (hibc("+A123BJC5D6E71/$$+9X"), "bad_date"),
        (hibc("+A123BJC5D6E71/16D20261301"), "bad_date"),
        (hibc(f"+A123BJC5D6E71/S{'1' * 19}"), "too_long"),
        (hibc("+A123BJC5D6E71/S1/S2"), "repeated_ai"),
        (hibc("+A123BJC5D6E71/SXXSDDONE"), "unknown_command"),
    ],
)
def test_a_damaged_code_is_refused(scan: str, reason: str) -> None:
    assert refusal(scan) == reason


@each("scan", ["+49 30 1234", "+1", "+", "+abc", "+A1", "+12345678", "+A123b", "A+B"])
def test_a_serial_with_a_plus_is_not_taken_for_one(scan: str) -> None:
    assert said(scan) == {"kind": "plain", "serial": scan}
