"""A serial number is text: kept as typed, compared without case and blanks, ordered as people count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadValue
from models.text import (
    LONGEST,
    clean_code,
    clean_line,
    clean_note,
    clean_serial,
    composed,
    counted,
    escaped,
    fold,
    named_character,
    prefix_end,
    readable,
    serial_key,
    sort_key,
    storable,
)
from tests.support.cases import each

SERIALS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
KEYS = SERIALS.map(serial_key).filter(bool)


@each(
    "serial",
    ["1", "00123", "0", "AF5-69H", "sn-9", "A B  C", "1.2E+10", "-1", "#7", "9" * 53, "x" * LONGEST, "'=1+1", "[/b]"],
)
def test_a_serial_is_kept_as_typed(serial: str) -> None:
    assert clean_serial(serial) == serial
    assert clean_serial(f"  {serial}\t\r\n") == serial


@each(
    ("text", "most", "shown"),
    [
        ("Ä1 日本 ß", None, "Ä1 日本 ß"),
        ("A\x1dB\u202eC\n", None, "A\\x1dB\\u202eC\\n"),
        ("Größe", 3, "Grö…"),
        ("Größe", 5, "Größe"),
    ],
)
def test_letters_of_any_language_are_quoted_as_they_are(text: str, most: int | None, shown: str) -> None:
    assert readable(text, most) == shown


@each(
    ("character", "named"),
    [
        ("Ä", "'Ä'"),
        ("\x1d", "the control character 0x1d"),
        ("\u0308", "U+0308 (combining diaeresis)"),
        ("\u00a0", "U+00A0 (no-break space)"),
        ("\u202e", "U+202E (right-to-left override)"),
        ("\ue000", "U+E000"),
    ],
)
def test_a_character_is_named_so_that_it_can_be_found(character: str, named: str) -> None:
    assert named_character(character) == named


def test_a_code_with_an_umlaut_is_quoted_readably() -> None:
    with pytest.raises(BadValue, match="The location code 'LÄGER' may have letters A-Z"):
        clean_code("LÄGER", "location code")


def test_counts_have_their_plural() -> None:
    assert [counted(count, "unit") for count in (0, 1, 2, 7000)] == ["0 units", "1 unit", "2 units", "7,000 units"]


@each(
    ("typed", "sentence"),
    [
        ("", "There is no serial number"),
        (" \t\r\n", "There is no serial number"),
        ("---", "--- has no letter or digit"),
        (". - _ /", "has no letter or digit"),
        ("x" * 65, "has 65 characters; 64 is the most"),
        ("A\x1dB", "Character 2 of the serial number A\\x1dB is the control character 0x1d"),
        ("A\tB", "Character 2 .* is the control character 0x09"),
        ("A\nB", "is the control character 0x0a"),
        ("\x1bA", "Character 1 .* is the control character 0x1b"),
        ("A\x7f", "is the control character 0x7f"),
        ("A\0", "is the control character 0x00"),
        ("A\x85", "is the control character 0x85"),
        ("Ä1", "Character 1 of the serial number Ä1 is 'Ä'; a serial number has letters A–Z"),
        ("1\u00a0", "Character 2"),
        ("\u06611", "Character 1"),
        ("A\u202e1", "Character 2"),
        ("A\ud800", "Character 2"),
        ("１２", "Character 1"),
    ],
)
def test_what_is_no_serial_is_refused_with_its_place(typed: str, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence.replace("\\x1d", r"\\x1d")) as refused:
        clean_serial(typed)
    assert refused.value.message.isprintable()
    assert refused.value.details["field"] == "serial_number"


def test_case_and_blanks_do_not_tell_serials_apart_and_zeros_do() -> None:
    assert serial_key(" sn 1 a") == serial_key("SN1A") == "SN1A"
    assert serial_key("00123") != serial_key("123")
    assert serial_key("A-1") != serial_key("A1")


def test_serials_stand_in_the_order_in_which_people_count() -> None:
    ordered = ["1", "9", "10", "SN-1", "SN-2", "SN-9", "SN-10", "SN-99-B", "SN-010", "SN-100-A", "T1"]
    shuffled = ordered[5:] + ordered[:5]
    assert sorted(shuffled, key=lambda serial: sort_key(serial_key(serial))) == ordered


@given(KEYS, KEYS)
def test_different_serials_have_different_places_in_the_order(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=96), max_size=5),
    st.integers(0, 10**50),
    st.integers(0, 10**50),
)
def test_numbers_are_ordered_by_their_size_however_long(before: str, one: int, other: int) -> None:
    before += "-"
    assert (sort_key(f"{before}{one}") < sort_key(f"{before}{other}")) == (one < other)


@given(st.text(min_size=1, max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_a_prefix_reaches_exactly_as_far_as_the_texts_that_begin_with_it(prefix: str, rest: str, other: str) -> None:
    def stored(text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    low, high = stored(prefix), stored(prefix_end(prefix))
    if not rest.startswith("\U0010ffff"):
        assert low <= stored(prefix + rest) < high
    if not other.startswith(prefix):
        assert not low <= stored(other) < high


# ----- names, codes and notes


def test_a_line_is_trimmed_and_its_blanks_are_made_one() -> None:
    assert clean_line("  Circular \t saw\r\n 7¼″ ", "item's name") == "Circular saw 7¼″"
    assert clean_line(" ", "note", empty=True) == ""


@each(
    ("text", "sentence"),
    [
        ("", "The item's name is empty. Type one."),
        (" \n", "The item's name is empty. Type one."),
        ("x" * 121, "The item's name has 121 characters; 120 is the most. Shorten it."),
        ("Saw\x1b[31m", "The item's name has a control character ('\\x1b') at place 4. Type it again without."),
        ("Saw\ud800", "The item's name has a control character ('\\ud800') at place 4. Type it again without."),
        ("Saw\0", "The item's name has a control character ('\\x00') at place 4. Type it again without."),
    ],
)
def test_a_line_that_cannot_be_stored_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadValue) as refused:
        clean_line(text, "item's name", field="name")
    assert refused.value.message == sentence
    assert refused.value.details["field"] == "name"


def test_a_note_keeps_its_lines() -> None:
    assert clean_note(" scratched \r\nlid\tloose\rbox gone \n\n") == "scratched\nlid loose\nbox gone"
    assert clean_note("") == ""
    assert len(clean_note("x" * 2_000)) == 2_000
    for wrong in ("x" * 2_001, "bell\a", "half\ud83d", "next\x85line"):
        with pytest.raises(BadValue):
            clean_note(wrong)


def test_a_code_is_printable_and_has_no_blanks() -> None:
    assert clean_code(" A-01/3 ", "location code") == "A-01/3"
    for wrong in ("", "A 1", "Ä1", "A\u00a01", "x" * 41, "A\x7f"):
        with pytest.raises(BadValue):
            clean_code(wrong, "location code")


@given(st.text())
def test_whatever_is_looked_up_can_be_sent_to_a_database(text: str) -> None:
    for sent in (storable(text), fold(text)):
        sent.encode()
        assert "\0" not in sent


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_what_can_be_stored_is_looked_up_composed_and_kept_as_it_is(text: str) -> None:
    assert storable(text) == composed(text)
    assert escaped(text) == text


def test_what_was_received_is_kept_readable_and_not_composed() -> None:
    assert escaped("A\0\udcffe\u0301") == "A\\x00\\udcffe\u0301"
