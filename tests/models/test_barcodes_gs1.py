"""GS1 element strings: every field whole, or the scan is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.barcodes.numbers import full_year
from models.barcodes.reader import read
from models.errors import Unreadable
from tests.support.barcodes import CARTON, GS, GTIN, OTHER_GTIN, SET_82, checked, message, refusal, said
from tests.support.cases import each

VALUES = {
    "01": ("gtin", st.text("0123456789", min_size=13, max_size=13).map(checked)),
    "10": ("lot", st.text(SET_82, min_size=1, max_size=20)),
    "17": ("expiry", st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}")),
    "21": ("serial", st.text(SET_82, min_size=1, max_size=20).filter(lambda text: not text.upper().startswith("XXSD"))),
    "37": ("count", st.text("0123456789", min_size=1, max_size=8)),
    "240": ("additional_id", st.text(SET_82, min_size=1, max_size=30)),
    "250": ("secondary_serial", st.text(SET_82, min_size=1, max_size=30)),
}
FIXED = {"01", "17"}
GMN = "1987654Ad4X4bL5ttr2310c2K"
"""A model number with its check character pair, the example of the General Specifications."""


@st.composite
def _labels(draw: st.DrawFn) -> list[tuple[str, str]]:
    chosen = draw(st.lists(st.sampled_from(sorted(set(VALUES) - {"01"})), unique=True))
    order = draw(st.permutations(["01", *chosen]))
    return [(identifier, draw(VALUES[identifier][1])) for identifier in order]


def _written(label: list[tuple[str, str]], separators: str) -> str:
    """A label's data; a GS is needed behind all but the last field of a length of its own, and allowed behind any."""
    text = ""
    for number, (identifier, value) in enumerate(label):
        needed = identifier not in FIXED and number < len(label) - 1
        text += identifier + value + (GS if needed or separators == "everywhere" else "")
    return text


@given(_labels(), st.sampled_from(["]C1", "]d2", "]Q3", "]e0", "]J1", GS]), st.sampled_from(["needed", "everywhere"]))
def test_a_label_says_exactly_the_parts_that_it_was_made_of(
    label: list[tuple[str, str]], front: str, separators: str
) -> None:
    scan = front + _written(label, separators)
    reading = read(scan)
    wanted = {VALUES[identifier][0]: value for identifier, value in label}
    if "expiry" in wanted:
        wanted["expiry"] = f"20{wanted['expiry'][:2]}-{wanted['expiry'][2:4]}-{wanted['expiry'][4:]}"
    assert reading.kind == "gs1"
    assert dict(reading.fields) == wanted
    assert reading.scan == scan


@given(st.text("0123456789", min_size=13, max_size=13).map(checked), st.integers(0, 13), st.integers(1, 9))
def test_no_digit_of_a_gtin_can_be_misread_unnoticed(gtin: str, place: int, change: int) -> None:
    wrong = str((int(gtin[place]) + change) % 10)
    assert refusal(f"]C101{gtin[:place]}{wrong}{gtin[place + 1 :]}21AB") == "bad_check_digit"


@given(st.text("0123456789", min_size=13, max_size=13).map(checked), st.integers(0, 15), st.sampled_from("-0123456789"))
def test_a_digit_too_many_or_too_few_never_gives_a_serial_to_another_product(gtin: str, place: int, added: str) -> None:
    right = "01" + gtin
    lost = right[:place] + right[place + 1 :] if added == "-" else right[:place] + added + right[place:]
    try:
        reading = read(f"]C1{lost}21ABC")
    except Unreadable:
        return
    assert reading.serial is None or reading.gtin == gtin


@each(
    ("data", "fields"),
    [
        (f"01{GTIN}{GS}21A", {"gtin": GTIN, "serial": "A"}),
        (f"01{GTIN}21A{GS}", {"gtin": GTIN, "serial": "A"}),
        (f"10L{GS}21A{GS}01{GTIN}", {"gtin": GTIN, "serial": "A", "lot": "L"}),
        (f"01{GTIN}21A{GS}423528", {"gtin": GTIN, "serial": "A", "other": [["423", "528"]]}),
        (f"01{GTIN}1726020010L", {"gtin": GTIN, "expiry": "2026-02-28", "lot": "L"}),
        (f"01{GTIN}17280200", {"gtin": GTIN, "expiry": "2028-02-29"}),
        (f"01{GTIN}11250101152512310", {"error": "unknown_ai"}),
        (f"01{GTIN}1125010115251231", {"gtin": GTIN, "prod_date": "2025-01-01", "best_before": "2025-12-31"}),
        (f"01{GTIN}235T1", {"gtin": GTIN, "tpx": "T1"}),
        (f"01{GTIN}21S{GS}2502ND", {"gtin": GTIN, "serial": "S", "secondary_serial": "2ND"}),
        (f"01{GTIN}21S{GS}240M", {"gtin": GTIN, "serial": "S", "additional_id": "M"}),
        (f"8003{checked('0950600013435')}A1", {"grai": checked("0950600013435"), "serial": "A1"}),
        (f"8003{checked('0950600013435')}", {"grai": checked("0950600013435")}),
        ("80040614141ABC", {"giai": "0614141ABC"}),
        (f"8006{GTIN}0202{GS}21X", {"itip_gtin": GTIN, "piece": 2, "total": 2, "serial": "X"}),
        (f"01{GTIN}3103000195", {"gtin": GTIN, "other": [["3103", "000195"]]}),
        (f"03{GTIN}21X", {"other": [["03", GTIN]], "serial": "X"}),
        (f"01{GTIN}10A{GS}10A", {"gtin": GTIN, "lot": "A"}),
        (f"01{GTIN}01{GTIN}21S{GS}99X{GS}21S{GS}99X", {"gtin": GTIN, "serial": "S", "other": [["99", "X"]]}),
        (f"01{GTIN}21S{GS}8030Ab-_9==", {"error": "bad_value"}),
        (f"01{GTIN}21S{GS}8030Ab-_9x", {"gtin": GTIN, "serial": "S", "other": [["8030", "Ab-_9x"]]}),
        (f"01{GTIN}21S{GS}8030Ab-_==", {"gtin": GTIN, "serial": "S", "other": [["8030", "Ab-_=="]]}),
        (f"8010061414155#1-2/{GS}801112", {"other": [["8010", "061414155#1-2/"], ["8011", "12"]]}),
        (f"8013{GMN}", {"other": [["8013", GMN]]}),
        (f"8018{CARTON}{GS}80197", {"other": [["8018", CARTON], ["8019", "7"]]}),
        (f"8026{GTIN}0102{GS}373", {"count": "3", "other": [["8026", f"{GTIN}0102"]]}),
        (f"253{checked('952606400002')}7", {"other": [["253", f"{checked('952606400002')}7"]]}),
        (f"01{GTIN}21S{GS}2502ND{GS}251SRC{GS}71012345678{GS}7023061414155",
         {"gtin": GTIN, "serial": "S", "secondary_serial": "2ND",
          "other": [["251", "SRC"], ["710", "12345678"], ["7023", "061414155"]]}),
    ],
)  # fmt: skip
def test_fields_are_named(data: str, fields: dict[str, object]) -> None:
    assert said("]C1" + data) == (fields if "error" in fields else {"kind": "gs1", **fields})


@each(
    ("data", "reason"),
    [
        (f"01{GTIN}10A{GS}10B", "repeated_ai"),
        (f"01{GTIN}01{OTHER_GTIN}", "repeated_ai"),
        (f"01{GTIN}10A{GS}99X{GS}10A{GS}10B", "repeated_ai"),
        (f"01{GTIN}21A{GS}8030Abc=", "bad_value"),
        (f"01{GTIN}21A{GS}8030A=b", "bad_value"),
        (f"01{GTIN}21A{GS}8030Ab:c", "bad_char"),
        (f"01{GTIN}21A{GS}8030{'Ab-_' * 23}", "too_long"),
        ("80100614141a", "bad_char"),
        ("8010061414155#12\x1d8011X", "bad_char"),
        (f"8013{GMN[:-1]}J", "bad_check_digit"),
        ("8013A", "bad_check_digit"),
        (f"8017{CARTON[:-1]}9", "bad_check_digit"),
        (f"8026{GTIN}0201{GS}373", "bad_piece"),
        (f"01{GTIN}21A{GS}235B", "invalid_pair"),
        ("21ABC", "needs_product"),
        (f"21ABC{GS}10L", "needs_product"),
        (f"01{GTIN}10{GS}21A", "truncated"),
        (f"01{GTIN}30", "truncated"),
        (f"01{GTIN}{GS}{GS}21A", "truncated"),
        (f"01123{GS}21A", "truncated"),
        (f"01{GTIN}1726", "truncated"),
        (f"01{GTIN}21{'A' * 21}", "too_long"),
        (f"01{GTIN}37123456789", "too_long"),
        (f"01{GTIN}4221234", "too_long"),
        (f"01{GTIN}42212", "truncated"),
        (f"01{GTIN}21A B", "bad_char"),
        (f"01{GTIN}21A#B", "bad_char"),
        (f"01{GTIN}371X", "bad_char"),
        ("010950600013435A21A", "bad_char"),
        (f"01{GTIN}21A\x1eB", "control_char"),
        (f"01{GTIN}\x1e21A", "control_char"),
        (f"01{GTIN}89A", "unknown_ai"),
        ("ABC", "unknown_ai"),
        (f"01{GTIN}17261301", "bad_date"),
        (f"01{GTIN}17260431", "bad_date"),
        (f"01{GTIN}17260001", "bad_date"),
        (f"01{GTIN}70032601000000", "bad_date"),
        (f"01{GTIN}70032601022460", "bad_date"),
        (f"8006{GTIN}0302", "bad_piece"),
        (f"8006{GTIN}0002", "bad_piece"),
        (f"8006{GTIN}02", "truncated"),
        (f"8006{GTIN[:-1]}00102", "bad_check_digit"),
        (f"8003{GTIN[:-1]}0A", "bad_check_digit"),
        (f"01{GTIN}4149520123456780", "bad_check_digit"),
        (GS, "empty"),
    ],
)
def test_a_field_that_is_not_whole_refuses_the_scan(data: str, reason: str) -> None:
    assert refusal("]C1" + data) == reason
    assert message("]C1" + data)


@each(
    ("scan", "fields"),
    [
        (f"01{GTIN}21A", {"kind": "gs1", "gtin": GTIN, "serial": "A"}),
        (f"{GS}21A{GS}01{GTIN}", {"kind": "gs1", "gtin": GTIN, "serial": "A"}),
        (f"00{CARTON}", {"kind": "sscc", "sscc": CARTON}),
        (f"01{GTIN[:-1]}321A", {"kind": "plain", "serial": f"01{GTIN[:-1]}321A"}),
        (f"01{GTIN[:-1]}3", {"kind": "plain", "serial": f"01{GTIN[:-1]}3"}),
        (f"00{CARTON}1", {"kind": "plain", "serial": f"00{CARTON}1"}),
        (f"00{CARTON[:-1]}9", {"kind": "plain", "serial": f"00{CARTON[:-1]}9"}),
        ("10LOT", {"kind": "plain", "serial": "10LOT"}),
        ("17261231", {"kind": "plain", "serial": "17261231"}),
        (f"]C001{GTIN}21A", {"kind": "plain", "serial": f"01{GTIN}21A"}),
        (f"]d101{GTIN}", {"kind": "plain", "serial": f"01{GTIN}"}),
        (f"10A{GS}01{GTIN}", {"error": "control_char"}),
        (f"01{GTIN}99", {"error": "truncated"}),
    ],
)
def test_without_an_identifier_only_a_gtin_a_carton_or_a_leading_separator_means_gs1(
    scan: str, fields: dict[str, object]
) -> None:
    assert said(scan) == fields


@each(
    ("data", "kind"),
    [
        (f"00{CARTON}", "sscc"),
        (f"00{CARTON}02{GTIN}3712{GS}10L", "sscc"),
        (f"02{GTIN}3712{GS}00{CARTON}", "sscc"),
        (f"00{CARTON}01{GTIN}", "gs1"),
        (f"02{GTIN}3712", "gs1"),
    ],
)
def test_a_carton_is_a_code_with_its_number_and_no_product(data: str, kind: str) -> None:
    assert said("]C1" + data)["kind"] == kind


def test_a_serial_alone_can_be_had_by_who_knows_the_product() -> None:
    with pytest.raises(Unreadable) as refused:
        read("]C121ABC")
    assert refused.value.reason == "needs_product"
    assert refused.value.details["reading"].serial == "ABC"
    assert "Scan the product" in refused.value.message


@each(
    ("data", "words"),
    [
        (f"02{GTIN}", "how many"),
        ("3712", "of what"),
        (f"01{GTIN}02{OTHER_GTIN}3712", "product and"),
        (f"01{GTIN}250A", "no serial"),
        ("235A", "no product"),
    ],
)
def test_an_odd_pair_is_taken_with_a_warning(data: str, words: str) -> None:
    (warning,) = read("]C1" + data).warnings
    assert words in warning


def test_a_sign_that_may_stand_for_the_separator_is_told_with_its_cure() -> None:
    assert "GS substitutes" in message(f"]C101{GTIN}10L|21A")


@each(
    ("digits", "this_year", "year"),
    [(26, 2026, 2026), (76, 2026, 2076), (77, 2026, 1977), (99, 2026, 1999), (0, 2026, 2000), (1, 2075, 2101),
     (26, 2075, 2026), (25, 2075, 2125), (49, 1999, 2049), (50, 1999, 1950)],
)  # fmt: skip
def test_a_year_of_two_digits_is_from_49_years_ago_to_50_ahead(digits: int, this_year: int, year: int) -> None:
    assert full_year(digits, this_year) == year
