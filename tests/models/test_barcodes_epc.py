"""Electronic Product Codes of RFID tags: the GS1 fields that they stand for, or why they are no serial."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.barcodes.reader import read
from tests.support.barcodes import CARTON, GTIN, SET_82, checked, message, refusal, said
from tests.support.cases import each

PRODUCT = f"urn:epc:id:sgtin:{GTIN[1:7]}.{GTIN[0]}{GTIN[7:13]}"
GLN = checked("950600013435")


@given(st.integers(6, 12), st.text(SET_82, min_size=1, max_size=20))
def test_a_tag_says_the_product_and_the_serial_that_it_was_made_of(company: int, serial: str) -> None:
    serial = "A" + serial[1:]
    written = "".join(f"%{ord(sign):02X}" if sign in '"%&/<>?' else sign for sign in serial)
    urn = f"urn:epc:id:sgtin:{GTIN[1 : company + 1]}.{GTIN[0]}{GTIN[company + 1 : 13]}.{written}"
    assert dict(read(urn).fields) == {"gtin": GTIN, "serial": serial}


@each(
    ("urn", "fields"),
    [
        (f"{PRODUCT}.7".upper(), {"gtin": GTIN, "serial": "7"}),
        (PRODUCT.replace(":id:sgtin:", ":tag:sgtin-96:3.") + ".7", {"gtin": GTIN, "serial": "7"}),
        (PRODUCT.replace(":id:sgtin:", ":tag:sgtin-198:3.") + ".A.7", {"gtin": GTIN, "serial": "A.7"}),
        (PRODUCT.replace(":id:", ":idpat:") + ".*", {"gtin": GTIN}),
        (PRODUCT.replace(":id:sgtin:", ":pat:sgtin-96:3.") + ".*", {"gtin": GTIN}),
        (PRODUCT.replace(":id:sgtin:", ":class:lgtin:") + ".L1", {"gtin": GTIN, "lot": "L1"}),
        (PRODUCT.replace("sgtin", "upui") + ".T1", {"gtin": GTIN, "tpx": "T1"}),
        (PRODUCT.replace("sgtin", "itip") + ".01.02.7", {"itip_gtin": GTIN, "piece": 1, "total": 2, "serial": "7"}),
        (f"urn:epc:id:sscc:{CARTON[1:8]}.{CARTON[0]}{CARTON[8:17]}", {"kind": "sscc", "sscc": CARTON}),
        ("urn:epc:id:sgln:950600013.435.32a%2Fb", {"other": [["414", GLN], ["254", "32a/b"]]}),
        ("urn:epc:id:sgln:950600013435..0", {"other": [["414", GLN]]}),
        ("urn:epc:id:pgln:950600013.435", {"other": [["417", GLN]]}),
        ("urn:epc:id:grai:950600013.435.A1", {"grai": f"0{GLN}", "serial": "A1"}),
        ("urn:epc:idpat:grai:950600013.435.*", {"grai": f"0{GLN}"}),
        ("urn:epc:id:giai:950600013.A.1", {"giai": "950600013A.1"}),
        ("urn:epc:id:gdti:950600013.435.7", {"other": [["253", f"{GLN}7"]]}),
        ("urn:epc:id:sgcn:950600013.435.7", {"other": [["255", f"{GLN}7"]]}),
        ("urn:epc:id:gsrn:0614141.1234567890", {"other": [["8018", checked("06141411234567890")]]}),
        ("urn:epc:id:gsrnp:0614141.1234567890", {"other": [["8017", checked("06141411234567890")]]}),
        ("urn:epc:id:gsin:0614141.123456789", {"other": [["402", checked("0614141123456789")]]}),
        ("urn:epc:id:ginc:0614141.AB12", {"other": [["401", "0614141AB12"]]}),
        ("urn:epc:id:cpi:0614141.12-A%23.7", {"other": [["8010", "061414112-A#"], ["8011", "7"]]}),
        ("urn:epc:id:usdod:1ABC2.7.5", {"cage": "1ABC2", "serial": "7.5"}),
        ("urn:epc:tag:usdod-96:1.1ABC2.7", {"cage": "1ABC2", "serial": "7"}),
        ("urn:epc:id:adi:1ABC2.PN-7.%23A1", {"cage": "1ABC2", "part": "PN-7", "serial": "#A1"}),
        ("urn:epc:tag:adi-var:0.1ABC2..A1", {"cage": "1ABC2", "serial": "A1"}),
    ],
)
def test_each_kind_is_read_as_the_fields_of_its_barcode(urn: str, fields: dict[str, object]) -> None:
    assert said(urn) == {"kind": "gs1", **fields}


@each(
    ("urn", "reason", "words"),
    [
        ("urn:epc:raw:96.x3034257BF7194E4000001A85", "bad_value", "raw content of a tag"),
        ("urn:epc:id:gid:95100000.12345.400", "bad_value", "not read"),
        ("urn:epc:id:", "bad_value", "not read"),
        (PRODUCT, "bad_value", "cut off"),
        (PRODUCT + ".", "truncated", "is empty"),
        (PRODUCT + ".%2", "bad_char", "a %"),
        (PRODUCT + ".A B", "bad_char", "a blank"),
        (f"{PRODUCT}.{'A' * 21}", "too_long", "20 is the most"),
        (PRODUCT.replace("sgtin:", "sgtin:1") + ".7", "bad_value", "13 digits"),
        ("urn:epc:id:sgtin:123.1234567.7", "bad_value", "company number 123"),
        ("urn:epc:idpat:sgtin:0614141.*.*", "bad_value", "many products"),
        (PRODUCT.replace(":id:sgtin:", ":pat:sgtin-96:3.") + ".[1-9]", "bad_value", "many products"),
        (PRODUCT.replace("sgtin", "itip") + ".03.02.7", "bad_piece", "piece 03 of 02"),
        ("urn:epc:idpat:usdod:1ABC2.*", "bad_value", "no serial"),
        (PRODUCT + ".7\x1d", "control_char", "separator"),
        ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "url", "no serial"),
    ],
)
def test_what_is_no_single_unit_or_not_whole_is_refused(urn: str, reason: str, words: str) -> None:
    assert refusal(urn) == reason
    assert words in message(urn)
