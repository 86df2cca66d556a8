"""ISO/IEC 15434 envelopes with data identifiers, text identifiers and GS1 fields."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.barcodes.reader import read
from tests.support.barcodes import EOT, GS, GTIN, RS, envelope, message, refusal, said
from tests.support.cases import each

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@given(PRINTABLE, PRINTABLE.filter(lambda text: not text.upper().startswith("XXSD")), PRINTABLE)
def test_an_envelope_says_exactly_what_was_put_into_it(part: str, serial: str, lot: str) -> None:
    fields = read(envelope(f"1P{part}", f"S{serial}", f"1T{lot}")).fields
    assert dict(fields) == {"part": part, "serial": serial, "lot": lot}


@each(
    ("fields", "said_fields"),
    [
        (["S1"], {"serial": "1"}),
        (["S1", "S2", "S3"], {"serials": ["1", "2", "3"]}),
        (["S1", "S1"], {"serial": "1"}),
        (["PABC", "1PXYZ", "Q5", "S0"], {"customer_part": "ABC", "part": "XYZ", "qty": "5", "serial": "0"}),
        (["18S1ABC2SER9"], {"cage": "1ABC2", "serial": "SER9"}),
        (["17V1ABC2", "1PX", "SSER9"], {"cage": "1ABC2", "part": "X", "serial": "SER9"}),
        (["25SUN194532636AH9"], {"uii": "UN194532636AH9", "serial": "UN194532636AH9"}),
        (["25SUN194532636AH9", "SAH9"], {"uii": "UN194532636AH9", "serial": "AH9"}),
        (["23S00-1a-2B-3C-4D-5E"], {"mac": "001A2B3C4D5E"}),
        (["43S8991101200003204510", "SA"], {"iccid": "8991101200003204510", "serial": "A"}),
        (["9N111234568408", "D261200", "SA"], {"ppn": "111234568408", "expiry": "2026-12-31", "serial": "A"}),
        (["14D20261231", "16D20250102", "SA"], {"expiry": "2026-12-31", "prod_date": "2025-01-02", "serial": "A"}),
        (["8P09506000134352", "SA"], {"gtin": GTIN, "serial": "A"}),
        (["4LMX", "SA"], {"serial": "A", "other": [["4L", "MX"]]}),
        (["1SBOX", "3SPKG", "SA"], {"serial": "A", "other": [["1S", "BOX"], ["3S", "PKG"]]}),
        (["30PX", "1PY", "K7", "12ZZ", "SA"],
         {"part": "Y", "serial": "A", "other": [["30P", "X"], ["K", "7"], ["12Z", "Z"]]}),
        (["D2412", "SA"], {"serial": "A", "other": [["D", "2412"]]}),
        (["1T", "K", "SA", ""], {"serial": "A"}),
        (["3SPKG1", "SA"], {"serial": "A", "other": [["3S", "PKG1"]]}),
    ],
)  # fmt: skip
def test_data_identifiers_are_named(fields: list[str], said_fields: dict[str, object]) -> None:
    assert said(envelope(*fields)) == {"kind": "iso15434", **said_fields}


@each("front", ["", "]d1", "]Q1", "]L0"])
def test_an_envelope_is_one_in_every_symbol(front: str) -> None:
    assert said(front + envelope("SA"))["serial"] == "A"


def test_text_identifiers_and_gs1_fields_are_read_as_well() -> None:
    assert said(envelope("MFR 1ABC2", "SER 9", "PNO X-1", "LOT L", "ICN 7", form="12")) == {
        "kind": "iso15434", "cage": "1ABC2", "serial": "9", "part": "X-1", "lot": "L", "other": [["ICN", "7"]],
    }  # fmt: skip
    assert said(envelope("UID D1ABC29", form="12"))["uii"] == "D1ABC29"
    assert said(envelope(f"01{GTIN}", "10L", "21A", form="05")) == {
        "kind": "iso15434", "gtin": GTIN, "lot": "L", "serial": "A",
    }  # fmt: skip


def test_several_formats_in_one_envelope_are_read_together() -> None:
    both = f"[)>{RS}05{GS}01{GTIN}{RS}06{GS}SA{GS}4LDE{RS}{EOT}"
    assert said(both) == {"kind": "iso15434", "gtin": GTIN, "serial": "A", "other": [["4L", "DE"]]}
    two = f"[)>{RS}06{GS}SA{RS}06{GS}SB{RS}{EOT}"
    assert said(two) == {"kind": "iso15434", "serials": ["A", "B"]}
    same = f"[)>{RS}05{GS}01{GTIN}{GS}21A{RS}05{GS}01{GTIN}{GS}10L{RS}{EOT}"
    assert said(same) == {"kind": "iso15434", "gtin": GTIN, "serial": "A", "lot": "L"}
    foreign = read(f"[)>{RS}07free text{RS}06{GS}SA{RS}{EOT}")
    assert foreign.serial == "A"
    assert "format 07 was left out" in foreign.warnings[0]


@each("missing", [EOT, RS + EOT])
def test_a_missing_end_is_a_warning(missing: str) -> None:
    reading = read(envelope("1PX", "SA").removesuffix(missing))
    assert (reading.serial, reading.fields["part"]) == ("A", "X")
    (warning,) = reading.warnings
    assert "end of this code is missing" in warning


def test_values_that_contradict_each_other_are_not_taken() -> None:
    reading = read(envelope("1TA", "1TB", "S1"))
    assert dict(reading.fields) == {"serial": "1", "other": [["lot", "A"], ["lot", "B"]]}
    assert "several values for lot" in reading.warnings[0]


def test_a_field_without_an_identifier_and_a_wrong_sim_number_are_warned_of() -> None:
    assert "without saying what it is" in read(envelope("SA", "123")).warnings[0]
    assert "SIM card" in read(envelope("SA", "43S8991101200003204511")).warnings[0]


@each(
    ("scan", "reason"),
    [
        ("[)>061PABC-1S12345", "bad_envelope"),
        (f"[)>06{GS}SA", "bad_envelope"),
        ("[)>", "bad_envelope"),
        (f"[)>{RS}{EOT}", "bad_envelope"),
        (f"[)>{RS}06{GS}{RS}{EOT}", "bad_envelope"),
        (f"[)>{RS}06SA{RS}{EOT}", "bad_envelope"),
        (f"[)>{RS}01{GS}961Z{RS}{EOT}", "bad_envelope"),
        (envelope("SA") + envelope("SB"), "bad_envelope"),
        (envelope("SA\x1cB"), "bad_envelope"),
        (envelope("S"), "truncated"),
        (envelope("18S1ABC2"), "truncated"),
        (envelope("18S1ab"), "truncated"),
        (envelope("S" + "A" * 65), "too_long"),
        (envelope("SXXSDDONE"), "unknown_command"),
        (envelope("D261301"), "bad_date"),
        (envelope("D26AB00"), "bad_date"),
        (envelope("9N111234568415", "SA"), "bad_check_digit"),
        (envelope("9N1112", "SA"), "bad_check_digit"),
        (envelope("14D20260230"), "bad_date"),
        (envelope("23S001A2B3C4D5"), "bad_char"),
        (envelope("8P09506000134353"), "bad_check_digit"),
        (envelope(f"01{GTIN[:-1]}3", form="05"), "bad_check_digit"),
        (envelope("21A", "21B", form="05"), "repeated_ai"),
        (f"[)>{RS}05{GS}21A{RS}06{GS}SB{RS}{EOT}", "repeated_ai"),
        (envelope("SA\x00"), "control_char"),
    ],
)
def test_a_damaged_envelope_is_refused(scan: str, reason: str) -> None:
    assert refusal(scan) == reason
    assert message(scan)
