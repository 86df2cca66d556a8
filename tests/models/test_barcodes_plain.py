"""The gate, symbol identifiers, keyboard layouts, products, commands, expected numbers, and serials as they are."""

from __future__ import annotations

from typing import Any

from models.barcodes.gate import KNOWN, NAMES, US, typed
from models.barcodes.reader import read
from models.barcodes.reading import CommandCode, Kind, Settings
from tests.support.barcodes import EOT, GS, GTIN, RS, envelope, hibc, message, refusal, said
from tests.support.cases import each


@each(
    "serial",
    ["1", "0", "000", "aBc", "S", "SN", "SN-1", "S1", "a b  c", "#1|2~3^4", "<GS>", "{GS}1", "Alt029", "'=1+1", "-1",
     "@x", "1.2E+10", "x" * 64, "[b]", "[)", "][", "]zZ", "]1A", "]AB1", "()", "+", "XXS", "490154203237519",
     "1M8GDM9AXKP042789", "00:1A:2B:3C:4D:5G", "4006381333932", "12345678901", "$C1", "[C1", "http", "H"],
)  # fmt: skip
def test_a_plain_serial_is_taken_as_it_is(serial: str) -> None:
    for scan in (serial, f"  {serial} ", f"]C0{serial}", f"]A0{serial} "):
        reading = read(scan)
        assert (reading.kind, dict(reading.fields), reading.text) == (Kind.PLAIN, {"serial": serial}, serial)
        assert (reading.scan, reading.warnings) == (scan, ())


@each(
    ("scan", "reason"),
    [
        ("", "empty"), ("   ", "empty"), ("]C1", "empty"), ("]C0  ", "empty"), (GS, "empty"),
        ("A" * 65, "too_long"), ("A" * 8_193, "too_long"), (" " * 8_193, "too_long"), ("\x00" * 9_000, "too_long"),
        ("A\tB", "control_char"), ("SN1\r", "control_char"), ("A\x7f", "control_char"), ("A\x85", "control_char"),
        ("A\x08B", "control_char"), (f"A{GS}B", "control_char"), (f"A{RS}", "control_char"), (EOT, "control_char"),
        ("A\ufffdB", "bad_char"), ("A\u00a0", "bad_char"), ("A\u202e1", "bad_char"), ("A\ud800", "bad_char"),
        ("\uff11\uff12", "bad_char"), ("\u0661", "bad_char"), ("A\u20ac", "bad_char"), ("\ufeffSN1", "bad_char"),
        ("]", "truncated"), ("]C", "truncated"),
        ("]C9A", "unknown_aim"), ("]D2010", "unknown_aim"), ("]c101", "unknown_aim"), ("]q3A", "unknown_aim"),
        ("]a0ABC", "unknown_aim"), ("]E9A", "unknown_aim"), ("]e4A", "unknown_aim"), ("]W1A", "unknown_aim"),
    ],
)  # fmt: skip
def test_what_cannot_come_in_is_refused(scan: str, reason: str) -> None:
    assert refusal(scan) == reason


def test_every_known_symbol_may_carry_a_plain_serial_or_its_own_format() -> None:
    for letter, modifiers in KNOWN.items():
        for modifier in modifiers:
            assert (
                read(f"]{letter}{modifier}01{GTIN}21A" if letter != "E" else "]E09506000134352").symbology[1] == letter
            )


@each(
    ("scan", "fields"),
    [
        ("]Q2\\000026SN-1", {"kind": "plain", "serial": "SN-1"}),
        ("]d4\\000003A\\\\B\\000026C", {"kind": "plain", "serial": "A\\BC"}),
        (f"]zA\\000026{envelope('SA')}", {"kind": "iso15434", "serial": "A"}),
        ("]Q2A\\\\B", {"kind": "plain", "serial": "A\\\\B"}),
        ("]Q1\\000026A", {"kind": "plain", "serial": "\\000026A"}),
        (f"]E0{GTIN[1:]}|]e010L{GS}21A", {"kind": "gs1", "gtin": GTIN, "lot": "L", "serial": "A"}),
        (f"]E0{GTIN[1:]}]e021A", {"kind": "gs1", "gtin": GTIN, "serial": "A"}),
        (f"]E0{GTIN[1:]}]e0", {"error": "empty"}),
        (f"]E0{GTIN[1:]}]e001{GTIN[:-1]}3", {"error": "bad_check_digit"}),
        (f"]E0{GTIN[1:-1]}3]e021A", {"error": "bad_check_digit"}),
    ],
)
def test_what_a_symbol_says_beside_its_data_is_told_from_it(scan: str, fields: dict[str, object]) -> None:
    assert said(scan) == fields


@each(
    ("scan", "words"),
    [("]c10109506000134352", "Caps Lock"), ("]E00109506000134352", "Caps Lock"), ("]e09506000134352", "Caps Lock"),
     ("SNß1", "German"), ("Réf", "French"), ("СN1", "U+0421"), ("A\x1bB", "ESC"), ("A\tB", "0x09")],
)  # fmt: skip
def test_a_refusal_names_the_cause_and_the_cure(scan: str, words: str) -> None:
    assert words in message(scan)


def test_letters_beyond_ascii_come_in_where_the_site_wants_them() -> None:
    assert said("Größe-1", beyond_ascii=True) == {"kind": "plain", "serial": "Größe-1"}
    assert said("Ärger", beyond_ascii=False) == {"error": "bad_char"}
    assert refusal("A\u202e", beyond_ascii=True) == refusal("A\ufffd", beyond_ascii=True) == "bad_char"
    assert refusal("\u0661", beyond_ascii=True) == refusal("\u20ac1", beyond_ascii=True) == "bad_char"
    assert refusal(f"]C101{GTIN}21Ä", beyond_ascii=True) == "bad_char"


@each("host", [name for name in NAMES if name not in (US, "British")])
@each("scan", [f"]C101{GTIN}21A", f"]d201{GTIN}", f"]e001{GTIN}", envelope("SA"), "https://a/01/1"])
def test_a_us_scanner_on_another_layout_is_told_so(scan: str, host: str) -> None:
    arrives = typed(scan, US, host)
    same = arrives[:8] == scan[:8]
    assert said(arrives) == ({"error": "url"} if same else {"error": "keyboard_layout"})
    assert same or "keyboard country" in message(arrives)


@each("scan", ["httpsÖ--example.com", "HTTPÖ--A", "ü=:06", f"ü=:{RS}06", "+Q1httpsÖ--a", "+E09506000134352"])
def test_german_beginnings_are_known(scan: str) -> None:
    assert refusal(scan) == "keyboard_layout"


def test_a_good_hibc_is_not_taken_for_another_layout() -> None:
    assert said(hibc("+C10112345671"))["kind"] == "hibc"


@each(
    ("scan", "fields"),
    [
        ("]E09781492053743", {"gtin": "09781492053743"}),
        ("]E0042100005264", {"gtin": "00042100005264"}),
        ("]E004252614", {"gtin": "00042100005264"}),
        ("]E004252615", {"error": "bad_check_digit"}),
        ("]E402345673", {"gtin": "00000002345673"}),
        ("]E3978149205374312", {"gtin": "09781492053743", "add_on": "12"}),
        ("]E3978149205374351299", {"gtin": "09781492053743", "add_on": "51299"}),
        ("]I109506000134352", {"gtin": GTIN}),
        ("9781492053743", {"gtin": "09781492053743"}),
        ("042100005264", {"gtin": "00042100005264"}),
        ("02345673", {"gtin": "00000002345673"}),
        (GTIN, {"gtin": GTIN}),
        ("]E09781492053744", {"error": "bad_check_digit"}),
        ("]E097814920537", {"error": "truncated"}),
        ("]E4023456731", {"error": "too_long"}),
        ("]E0978149205374X", {"error": "bad_char"}),
        ("]E112", {"error": "truncated"}),
        ("]I109506000134353", {"error": "bad_check_digit"}),
    ],
)
def test_a_retail_symbol_or_a_valid_bare_number_is_a_product(scan: str, fields: dict[str, str]) -> None:
    assert said(scan) == (fields if "error" in fields else {"kind": "gtin", **fields})
    if "gtin" in fields:
        assert read(scan).text == scan.removeprefix(scan[:3] if scan[0] == "]" else "")


def test_digits_from_another_symbol_are_a_serial() -> None:
    for front in ("]C0", "]A0", "]d1", "]X0", "]I0"):
        assert said(f"{front}9781492053743") == {"kind": "plain", "serial": "9781492053743"}
    assert said("]I1123456") == {"kind": "plain", "serial": "123456"}


@each(
    ("expect", "scan", "fields"),
    [
        ("imei", "490154203237518", {"kind": "imei", "serial": "490154203237518"}),
        ("imei", "]C0490154203237518", {"kind": "imei", "serial": "490154203237518"}),
        ("imei", "490154203237519", {"error": "bad_check_digit"}),
        ("imei", "49015420323752", {"error": "truncated"}),
        ("imei", "4901542032375180", {"error": "too_long"}),
        ("imei", "9781492053743", {"kind": "gtin", "gtin": "09781492053743"}),
        ("imei", "XXSDDONE", {"kind": "command", "command": "DONE"}),
        ("vin", "1M8GDM9AXKP042788", {"kind": "vin", "serial": "1M8GDM9AXKP042788"}),
        ("vin", "1m8gdm9axkp042788", {"kind": "vin", "serial": "1m8gdm9axkp042788"}),
        ("vin", "1M8GDM9A1KP042788", {"error": "bad_check_digit"}),
        ("vin", "1M8GDM9AXKPO42788", {"error": "bad_char"}),
        ("mac", "00:1A:2B:3C:4D:5E", {"kind": "mac", "serial": "00:1A:2B:3C:4D:5E", "mac": "001A2B3C4D5E"}),
        ("mac", "00-1a-2b-3c-4d-5e", {"kind": "mac", "serial": "00-1a-2b-3c-4d-5e", "mac": "001A2B3C4D5E"}),
        ("mac", "001a.2b3c.4d5e", {"kind": "mac", "serial": "001a.2b3c.4d5e", "mac": "001A2B3C4D5E"}),
        ("mac", "001A2B3C4D5E", {"kind": "mac", "serial": "001A2B3C4D5E", "mac": "001A2B3C4D5E"}),
        ("mac", "042100005264", {"kind": "mac", "serial": "042100005264", "mac": "042100005264"}),
        ("mac", "00:1A:2B:3C:4D:5G", {"error": "bad_char"}),
        ("mac", "00:1A:2B:3C:4D", {"error": "truncated"}),
        ("mac", "00:1A:2B:3C:4D:5E:6F", {"error": "too_long"}),
        (None, "490154203237518", {"kind": "plain", "serial": "490154203237518"}),
        (None, "00:1A:2B:3C:4D:5E", {"kind": "plain", "serial": "00:1A:2B:3C:4D:5E"}),
    ],
)
def test_numbers_with_a_form_are_known_where_the_item_expects_them(
    expect: str | None, scan: str, fields: dict[str, str]
) -> None:
    assert said(scan, expect=expect) == fields


def test_something_else_than_expected_is_taken_with_a_warning() -> None:
    for expect, words in (("imei", "15 digits"), ("vin", "17 letters"), ("mac", "12 hexadecimal")):
        reading = read("DOCK-1", Settings(expect=expect))
        assert (reading.kind, reading.serial) == (Kind.PLAIN, "DOCK-1")
        assert words in reading.warnings[0]
    european = read("WVWZZZ1JZ3W386752", Settings(expect="vin"))
    assert european.kind == Kind.VIN
    assert "no check digit" in european.warnings[0]


@each("code", CommandCode)
def test_every_command_is_understood_in_every_symbol(code: CommandCode) -> None:
    for scan in (code.barcode, f"]C0{code.barcode}", f" {code.barcode} "):
        reading = read(scan)
        assert (reading.kind, dict(reading.fields), reading.command) == (Kind.COMMAND, {"command": code.value}, code)
        assert reading.serial is None
    assert "Caps Lock" in message(code.barcode.lower())


@each("scan", ["XXSD", "XXSDFOO", "XXSDDone", "xxsdDONE", "XXSDDONE1", "XXSD DONE", "XXsDundo"])
def test_an_unknown_command_is_refused_aloud(scan: str) -> None:
    assert refusal(scan) == "unknown_command"


@each(
    ("scan", "settings", "fields"),
    [
        ("SN:ABC123", {}, {"kind": "di", "serial": "ABC123"}),
        ("SN: 0012 ", {}, {"kind": "di", "serial": "0012"}),
        ("]Q1SN:ABC123", {}, {"kind": "di", "serial": "ABC123"}),
        ("SN:", {}, {"error": "truncated"}),
        ("SN:XXSDDONE", {}, {"error": "unknown_command"}),
        ("SN:" + "A" * 65, {}, {"error": "too_long"}),
        ("SN-1", {}, {"kind": "plain", "serial": "SN-1"}),
        ("sn:1", {}, {"kind": "plain", "serial": "sn:1"}),
        ("SC02", {"strip_di_s": True}, {"kind": "di", "serial": "C02"}),
        ("sC02", {"strip_di_s": True}, {"kind": "plain", "serial": "sC02"}),
        ("C02", {"strip_di_s": True}, {"kind": "plain", "serial": "C02"}),
        ("SN:C02", {"strip_di_s": True}, {"kind": "di", "serial": "C02"}),
        ("S", {"strip_di_s": True}, {"error": "truncated"}),
        ("SXXSDUNDO", {"strip_di_s": True}, {"error": "unknown_command"}),
    ],
)
def test_an_identifier_is_taken_off_only_where_it_surely_is_one(
    scan: str, settings: dict[str, Any], fields: dict[str, str]
) -> None:
    assert said(scan, **settings) == fields


def test_a_serial_with_a_leading_s_has_a_second_form_to_look_for() -> None:
    assert read("SGH327SZYD").without_s == "GH327SZYD"
    assert [read(scan).without_s for scan in ("S", "GH3", "SN:S1", "XXSDDONE", "9781492053743")] == [None] * 5


LABEL = f"01{GTIN}10L{GS}21A"
SAID = {"kind": "gs1", "gtin": GTIN, "lot": "L", "serial": "A"}


@each("substitute", ["|", "~", "#", "^", "<GS>", "{GS}", "Alt029"])
def test_a_replaced_separator_is_put_back_where_the_code_is_gs1_or_an_envelope(substitute: str) -> None:
    known = ("|", "~", "#", "^", "<GS>", "{GS}", "Alt029")
    for scan in (f"]C1{LABEL}", LABEL, f"{GS}{LABEL}"):
        replaced = scan.replace(GS, substitute)
        assert said(replaced, gs_substitutes=known) == SAID
        assert read(replaced, Settings(gs_substitutes=known)).scan == replaced
    label = envelope("1PX", "SA").replace(GS, substitute)
    assert said(label, gs_substitutes=known) == {"kind": "iso15434", "part": "X", "serial": "A"}


def test_a_scanner_that_names_its_separators_names_all_of_them() -> None:
    named = envelope("1PX", "SA").replace(GS, "{GS}").replace(RS, "{RS}").replace(EOT, "{EOT}")
    assert said(named, gs_substitutes=("{GS}",)) == {"kind": "iso15434", "part": "X", "serial": "A"}


@each(
    ("scan", "substitutes", "fields"),
    [
        ("SN#1", ("#",), {"kind": "plain", "serial": "SN#1"}),
        ("#1234", ("#",), {"kind": "plain", "serial": "#1234"}),
        ("|0109506000134353", ("|",), {"kind": "plain", "serial": "|0109506000134353"}),
        ("]C0A|B", ("|",), {"kind": "plain", "serial": "A|B"}),
        ("A<GS>B", ("<GS>",), {"kind": "plain", "serial": "A<GS>B"}),
        (f"]C1{LABEL}|X", ("|",), {"error": "bad_char"}),
        (f"]C1{LABEL}|X", (), {"error": "bad_char"}),
        (f"]C101{GTIN}21A<GS>B", (), {"kind": "gs1", "gtin": GTIN, "serial": "A<GS>B"}),
        (f"]C101{GTIN}21A||10L", ("|", "||"), {"kind": "gs1", "gtin": GTIN, "serial": "A", "lot": "L"}),
        (f"https://a/01/{GTIN}/21/A~B", ("~",), {"error": "bad_char"}),
        (f"]C101{GTIN}21A|10L", ("", "|"), {"kind": "gs1", "gtin": GTIN, "serial": "A", "lot": "L"}),
        (envelope("SA|B"), ("|",), {"kind": "iso15434", "serial": "A|B"}),
    ],
)
def test_nothing_else_is_altered_by_substitutes(
    scan: str, substitutes: tuple[str, ...], fields: dict[str, str]
) -> None:
    assert said(scan, gs_substitutes=substitutes) == fields
