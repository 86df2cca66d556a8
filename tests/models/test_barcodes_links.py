"""GS1 Digital Links are read; other addresses are no serials."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from models.barcodes.reader import read
from tests.support.barcodes import CARTON, GS, GTIN, SET_82, refusal, said
from tests.support.cases import each

LINK = f"https://id.gs1.org/01/{GTIN}"


@given(st.text(SET_82, min_size=1, max_size=20), st.text(SET_82, min_size=1, max_size=20))
def test_a_link_says_exactly_what_was_written_into_it(lot: str, serial: str) -> None:
    serial = "A" + serial[1:]
    fields = read(f"{LINK}/10/{quote(lot, safe='')}/21/{quote(serial, safe='')}?17=261231").fields
    assert dict(fields) == {"gtin": GTIN, "lot": lot, "serial": serial, "expiry": "2026-12-31"}


@each(
    ("scan", "fields"),
    [
        (f"http://a/01/{GTIN}", {"gtin": GTIN}),
        (f"HTTP://A.EXAMPLE:8080/some/stem/01/{GTIN}/21/A", {"gtin": GTIN, "serial": "A"}),
        (f"]d1{LINK}/21/A", {"gtin": GTIN, "serial": "A"}),
        (f"]Q1{LINK}/21/A#part", {"gtin": GTIN, "serial": "A"}),
        (f"{LINK}/21/a%2Db", {"gtin": GTIN, "serial": "a-b"}),
        (f"{LINK}/22/2A/10/L/21/S", {"gtin": GTIN, "lot": "L", "serial": "S", "other": [["22", "2A"]]}),
        (f"{LINK}/21/A+B", {"gtin": GTIN, "serial": "A+B"}),
        (f"{LINK}/235/T", {"gtin": GTIN, "tpx": "T"}),
        ("https://a/01/9520123456788", {"gtin": "09520123456788"}),
        ("https://a/01/416000336108", {"gtin": "00416000336108"}),
        ("https://a/01/02345673", {"gtin": "00000002345673"}),
        (f"https://a/01/x/01/{GTIN}", {"gtin": GTIN}),
        (f"{LINK}?&&17=261231&utm=1&single;15=261230",
         {"gtin": GTIN, "expiry": "2026-12-31", "best_before": "2026-12-30"}),
        (f"https://a/00/{CARTON}?02={GTIN}&37=25", {"sscc": CARTON, "content_gtin": GTIN, "count": "25"}),
        ("https://a/8004/0614141A%2F1", {"giai": "0614141A/1"}),
        (f"https://a/8006/{GTIN}0102/21/A", {"itip_gtin": GTIN, "piece": 1, "total": 2, "serial": "A"}),
        ("https://a/414/9520123456788/254/32a%2Fb", {"other": [["414", "9520123456788"], ["254", "32a/b"]]}),
    ],
)  # fmt: skip
def test_a_link_is_read_whoever_its_host_is(scan: str, fields: dict[str, object]) -> None:
    assert said(scan) == {"kind": "gs1_dl", **fields}


@each(
    ("scan", "reason"),
    [
        (f"{LINK[:-1]}3/21/A", "bad_check_digit"),
        ("https://a/01/9520123456789", "bad_check_digit"),
        (f"{LINK}/21", "truncated"),
        (f"{LINK}/21/", "truncated"),
        (f"{LINK}/", "truncated"),
        (f"{LINK}/21/A%2", "bad_char"),
        (f"{LINK}/21/A%zz", "bad_char"),
        (f"{LINK}/21/A%FF", "bad_char"),
        (f"{LINK}/21/A%00", "bad_char"),
        (f"{LINK}/21/A%20B", "bad_char"),
        (f"{LINK}/21/A B", "bad_char"),
        (f"{LINK}/21/A{GS}B", "control_char"),
        (f"{LINK}/21/{'A' * 21}", "too_long"),
        (f"{LINK}?17=261331", "bad_date"),
        (f"{LINK}?99=", "truncated"),
        (f"{LINK}?99=A&99=A", "repeated_ai"),
        (f"{LINK}/10/L?10=L", "repeated_ai"),
        (f"{LINK}?999=A", "unknown_ai"),
        (f"{LINK}/21/A?235=B", "invalid_pair"),
        (f"{LINK}/21/S/10/L", "url"),
        (f"{LINK}/99/A", "url"),
        ("https://a/01/index.html", "url"),
        ("https://a/gtin/09506000134352", "url"),
        ("https://id.gs1.org/ARFKk4XB0CDKWcnpq", "url"),
        (f"https:///01/{GTIN}", "url"),
        ("https://", "url"),
        ("ftp://example.com/01/09506000134352", "url"),
        ("mailto:dock@example.com", "url"),
        ("www.example.com/help", "url"),
        ("]Q1https://example.com", "url"),
    ],
)
def test_another_address_or_a_damaged_link_is_refused(scan: str, reason: str) -> None:
    assert refusal(scan) == reason


def test_a_field_behind_the_question_mark_is_taken_with_a_warning() -> None:
    reading = read(f"{LINK}?21=A")
    assert (reading.gtin, reading.serial) == (GTIN, "A")
    assert "(21) behind the question mark" in reading.warnings[0]


@each("scan", ["WWW-1", "HTTPS-01", "http:SN1", "telephone1", "A:/1"])
def test_a_serial_that_only_looks_a_little_like_an_address_is_one(scan: str) -> None:
    assert said(scan) == {"kind": "plain", "serial": scan}
