"""Texts of many serials corrected together: swaps, chains, refusals, races, and as many statements as for a few."""

from __future__ import annotations

from typing import Any

import pytest

from models.check import check
from models.errors import BadValue, Changed, NotAllowed, NotFound, NotPermitted, NotTracked
from models.items.items import create_item
from models.items.rules import set_serial_rule
from models.permissions import Permission
from models.schema import Item, Serial, SerialAlias, SerialEvent
from models.serials.add import add_serial, add_serials
from models.serials.corrections import change_item, correct, correct_many, remove
from models.serials.moves import Answers, Moved, move
from models.serials.perform import perform
from models.serials.record import find_serial, serial_detail, serial_numbers
from models.serials.void import void_last
from models.verbs import MOVES, VERBS
from tests.support.warehouse import Warehouse, events, fingerprint, person, statements, together


def _texts(*serial_ids: int) -> list[str]:
    return serial_numbers(serial_ids)


def _corrected(warehouse: Warehouse, pairs: dict[int, str], **how: Any) -> Moved:
    return correct_many(warehouse.boss, list(pairs.items()), **how)


# ----- one takes over the text of another


def test_serials_take_over_each_others_texts_and_void_gives_them_back(database: Any, warehouse: Warehouse) -> None:
    a, b, c, d, e = warehouse.add("A", "B", "C", "D", "E")
    done = _corrected(warehouse, {a: "B", b: "a", c: "D", d: "E", e: "F"}, note="labels mixed up")
    assert (done.serial_ids, done.document, done.units, done.refused) == ((a, b, c, d, e), None, 0, ())
    assert _texts(a, b, c, d, e) == ["B", "a", "D", "E", "F"]
    assert [serial_detail(each).earlier_texts for each in (a, b, c, d, e)] == [("A",), ("B",), ("C",), ("D",), ("E",)]
    assert [find_serial(text) for text in "ABCDEF"] == [b, a, c, c, d, e]  # the present text before an earlier one
    (event,) = SerialEvent.select().where(SerialEvent.kind == "corrected", SerialEvent.serial == a)
    assert (event.serial_number, event.note, event.units, event.number) == ("B", "labels mixed up", 0, 2)
    assert check(database).good
    with pytest.raises(NotAllowed, match="B would get its earlier text or item back, which another serial has"):
        void_last(warehouse.boss, [a], "only one")
    kept = void_last(warehouse.boss, [a, c, d], "half of it", skip_errors=True, dry_run=True)
    assert [one.serial_id for one in kept.refused] == [a]
    void_last(warehouse.boss, [e, d, c, b, a], "they were right")
    assert _texts(a, b, c, d, e) == ["A", "B", "C", "D", "E"]
    assert SerialAlias.select().count() == 5  # the texts that were corrected still find them
    assert check(database).good


def test_an_earlier_text_comes_back_and_look_alikes_are_those_of_the_new_texts(warehouse: Warehouse) -> None:
    first, second = warehouse.add("SN-00I0", "SN-0020")
    _corrected(warehouse, {first: "SN-0030", second: "SN-0040"})
    _corrected(warehouse, {first: "SN-00I0", second: "sn-0040"})
    assert [serial_detail(each).earlier_texts for each in (first, second)] == [("SN-0030",), ("SN-0020",)]
    boss, item = warehouse.boss, warehouse.item
    warned = {text: add_serial(boss, item.id, text).warnings for text in ("SN-0010", "SN-OO4O", "SN-OO20")}
    assert {text: [str(reason) for reason, _ in found] for text, found in warned.items()} == {
        "SN-0010": ["near_duplicate"],
        "SN-OO4O": ["near_duplicate"],
        "SN-OO20": [],
    }


# ----- who refuses


def _refused(moved: Moved) -> dict[str, str]:
    return {f"{one.serial_number} {one.reason}": one.message for one in moved.refused}


def test_each_serial_that_refuses_says_why_and_the_others_are_corrected(warehouse: Warehouse, database: Any) -> None:
    boss = warehouse.boss
    a, b, c, d, e, f, g, h = warehouse.add(*"ABCDEFGH")
    kept, gone = warehouse.add("KEPT", "GONE")
    remove(boss, [gone], "typed twice")
    stray = create_item(boss, "PLAIN", "Plain", track_serials=True)
    (other,) = add_serials(boss, stray.id, ["A"]).serial_ids
    Item.update(track_serials=False).where(Item.id == stray.id).execute()
    wanted = [
        *((a, "KEPT"), (b, "gone"), (c, "C"), (d, "D-1"), (d, "D-2"), (e, "SAME"), (f, "same "), (g, "\x07")),
        *((other, "NEW"), (h, "H-1"), (h, " H-1")),
    ]
    before = fingerprint()
    with pytest.raises(NotAllowed) as all_or_none:
        correct_many(boss, wanted)
    assert all_or_none.value.message.startswith("SAW-1 has KEPT already: In Stock at MAIN since ")
    assert all_or_none.value.message.endswith(
        " Nor can 1 more. Check both labels. 6 more cannot either, for other reasons."
    )
    dry = correct_many(boss, wanted, skip_errors=True, dry_run=True)
    assert fingerprint() == before
    done = correct_many(boss, wanted, skip_errors=True)
    assert (done.serial_ids, dry.serial_ids, _texts(h, kept)) == ((h,), (h,), ["H-1", "KEPT"])
    assert _refused(done) == _refused(dry)
    said = _refused(done)
    assert said.pop("A exists").startswith("SAW-1 has KEPT already: In Stock at MAIN since ")
    assert said.pop("G unfit").startswith("Character 1 of the serial number \\x07 is the control character 0x07;")
    assert said == {
        "B exists": "A removed record of SAW-1 has this text, gone; bring that one back: add it again.",
        "C there": "C is its text already. Give another one.",
        "D twice": "D is given two new texts, D-1 and D-2. Leave one of them out.",
        "E twice": "SAME is given to E and to F. Check both labels.",
        "F twice": "same is given to F and to E. Check both labels.",
        "A not_tracked": "PLAIN does not track serials. Check Track Serials in its Item Settings and save, then go on.",
    }
    assert check(database).good
    with pytest.raises(NotAllowed):
        correct_many(boss, wanted[:3], skip_errors=True)  # none is left
    with pytest.raises(NotTracked):
        correct(boss, other, "NEW")


def test_who_waits_for_the_text_of_one_that_is_refused_is_refused_too(warehouse: Warehouse) -> None:
    a, b, c, d, e = warehouse.add("A", "B", "C", "D", "E")
    set_serial_rule(warehouse.boss, warehouse.item.id, characters="letters")
    done = _corrected(warehouse, {a: "B", b: "C", c: "C1", d: "E", e: "DD"}, skip_errors=True)
    assert done.serial_ids == (d, e)
    assert [f"{one.serial_number} {one.reason}" for one in done.refused] == ["A exists", "B exists", "C unfit"]
    assert _texts(a, b, c, d, e) == ["A", "B", "C", "E", "DD"]
    with pytest.raises(BadValue) as alone:
        correct(warehouse.boss, c, "C1")
    assert alone.value.details["field"] == "serial_number"
    assert [one.message for one in alone.value.details["refused"]] == [alone.value.message]


def test_a_text_belongs_to_its_item(warehouse: Warehouse, database: Any) -> None:
    boss = warehouse.boss
    (a,) = warehouse.add("A")
    other = create_item(boss, "SAW-2", "Other", track_serials=True)
    (b, c) = add_serials(boss, other.id, ["B", "C"]).serial_ids
    assert _corrected(warehouse, {a: "B", b: "A"}).serial_ids == (a, b)
    with pytest.raises(NotAllowed, match="SAW-2 has C already"):
        _corrected(warehouse, {a: "C", b: "C"})
    change_item(boss, [c], "SAW-1")
    assert _texts(a, b, c) == ["B", "A", "C"]
    assert check(database).good


# ----- who may, and who was first


def test_permission_first_then_versions(warehouse: Warehouse) -> None:
    a, b = warehouse.add("A", "B")
    clerk = person(warehouse.boss, "clerk", Permission.VIEW, Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted):
        correct_many(clerk, [(a, "\x07"), (99_999, "X")])
    with pytest.raises(NotFound):
        correct_many(warehouse.boss, [(a, "X"), (99_999, "Y")])
    with pytest.raises(BadValue, match="There is no serial to correct"):
        correct_many(warehouse.boss, [])
    with pytest.raises(BadValue, match="one serial at a time"):
        perform(warehouse.boss, VERBS["correct"], [a, b], Answers(new_serial="X"))
    move(warehouse.boss, MOVES["reserve"], [b])
    seen = {a: 1, b: 1}
    with pytest.raises(Changed, match="B was "):
        _corrected(warehouse, {a: "B", b: "A"}, versions=seen)
    before = events()
    with pytest.raises(NotAllowed):
        _corrected(warehouse, {a: "B", b: "A"}, versions=seen, skip_errors=True)  # B keeps its text, so none is left
    assert events() == before
    done = _corrected(warehouse, {a: "C", b: "A"}, versions=seen, skip_errors=True)
    assert (done.serial_ids, [one.reason for one in done.refused]) == ((a,), ["changed"])


def test_of_two_people_who_correct_at_once_one_wins(warehouse: Warehouse, database: Any) -> None:
    boss, ids = warehouse.boss, warehouse.add(*(f"A{number}" for number in range(20)))
    pairs = list(zip(ids, [f"A{(number + 1) % 20}" for number in range(20)], strict=True))  # a ring
    versions = dict.fromkeys(ids, 1)
    results = together(
        database,
        [
            lambda: correct_many(boss, pairs, versions=versions),
            lambda: correct_many(boss, pairs[::-1], versions=versions),
            lambda: add_serials(boss, warehouse.item.id, ["B-1"]),
        ],
    )
    assert sorted(type(result).__name__ for result in results[:2]) == ["Changed", "Moved"], results
    assert _texts(*ids) == [text for _, text in pairs]
    results = together(
        database,
        [lambda: correct_many(boss, [(ids[0], "NEW"), (ids[1], "A1")]), lambda: warehouse.add("NEW")],
    )
    assert sorted(isinstance(result, Exception) for result in results) == [False, True], results
    assert Serial.select().where(Serial.serial_key == "NEW").count() == 1
    assert check(database).good


# ----- many


def test_as_many_statements_for_hundreds_as_for_a_few(warehouse: Warehouse, database: Any) -> None:
    boss = warehouse.boss
    counts: dict[int, list[int]] = {}
    for size in (20, 600):
        ids = warehouse.add(*(f"{size}-{number}" for number in range(size)))
        for number in range(size // 20):
            item = create_item(boss, f"I{size}-{number}", "Thing", track_serials=True)
            ids += add_serials(boss, item.id, ["X", "Y"]).serial_ids
        texts = _texts(*ids)
        swapped = [(each, texts[number ^ 1]) for number, each in enumerate(ids)]
        for pairs in (swapped, [(each, f"N{each}") for each in ids], [(each, f"M{each}") for each in ids]):
            with statements(database) as seen:
                correct_many(boss, pairs)
            counts.setdefault(size, []).append(len(seen))
        with statements(database) as seen:
            void_last(boss, ids, "all wrong")
        counts[size].append(len(seen))
    assert counts[20] == counts[600]
    assert max(counts[20]) <= 20
    assert _texts(*ids[:2]) == [f"N{each}" for each in ids[:2]]
    assert check(database).good
