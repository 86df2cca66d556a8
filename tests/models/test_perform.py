"""Any verb in one call, and what is known before it: `models.serials.perform`, voidable documents, warranty days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from models import clock
from models.customers import CustomerName, add_customer, customers_like, find_customer
from models.documents import document
from models.errors import BadValue, Changed, NotAllowed, NotPermitted
from models.items.items import create_item, save_item
from models.permissions import Actor, Permission
from models.serials.grid import Holding
from models.serials.moves import Answers, move
from models.serials.perform import OpenTransfer, form_of, perform, refused_before
from models.serials.record import find_serial, owner_of, serial_detail
from models.serials.void import VOID, may_void_document, void_last
from models.terms import WarrantyDates, read_day, warranty
from models.verbs import BY_BARCODE, MOVES, VERBS
from tests.support.cases import each
from tests.support.warehouse import Warehouse, person, put


@pytest.fixture
def three(warehouse: Warehouse) -> list[int]:
    """SN-1, SN-2 and SN-3, in stock at MAIN."""
    return warehouse.add("SN-1", "SN-2", "SN-3")


def now(serial: str, sku: str = "SAW-1") -> Any:
    return serial_detail(find_serial(serial, sku))


def done(boss: Actor, code: str, ids: Sequence[int], **answers: str) -> Any:
    return perform(boss, VERBS[code], ids, Answers(**answers))


def test_verbs_of_every_sort_are_carried_out_in_one_call(warehouse: Warehouse, three: list[int]) -> None:
    boss = warehouse.boss
    create_item(boss, "BIT-9", "Bits", track_serials=True)
    assert done(boss, "sell", three[:1], customer="Kreis GmbH").document == "S-000001"
    assert done(boss, "void", three[:1], note="wrong").document == "V-000001"
    assert done(boss, "note", three, note="seen").serial_ids == tuple(three)
    assert done(boss, "warranty", three[:1], warranty="..2031-01-01", warranty_void="opened").document is None
    assert (now("SN-1").warranty_end, now("SN-1").warranty_void) == (date(2031, 1, 1), "opened")
    assert done(boss, "correct", three[:1], new_serial="SN-9").said == (
        "SN-1 is SN-9 now; the old text still finds it.",
    )
    assert done(boss, "change-item", three[1:2], item="bit-9").serial_ids == (three[1],)
    assert done(boss, "remove", three[2:], note="typed twice").serial_ids == (three[2],)
    assert [event.kind for event in now("SN-2", "BIT-9").events] == ["added", "noted", "item_changed"]


def test_a_dry_run_of_any_verb_writes_nothing(warehouse: Warehouse, three: list[int]) -> None:
    for code, answers in (
        ("sell", Answers()),
        ("note", Answers(note="seen")),
        ("correct", Answers(new_serial="SN-9")),
        ("warranty", Answers(warranty="2y")),
        ("remove", Answers(note="twice")),
        ("void", Answers(note="wrong")),
    ):
        perform(warehouse.boss, VERBS[code], three[:1], answers, dry_run=True)
    assert [event.kind for event in now("SN-1").events] == ["added"]


@each(
    ("code", "answers", "message"),
    [
        ("correct", {"new_serial": "X-1"}, "one serial at a time"),
        ("change-item", {}, "Change item needs the other item."),
        ("warranty", {}, "Say what to do with the warranty"),
        ("note", {}, "The note is empty."),
    ],
)
def test_a_missing_answer_is_asked_for(
    warehouse: Warehouse, three: list[int], code: str, answers: dict[str, str], message: str
) -> None:
    with pytest.raises(BadValue, match=message):
        done(warehouse.boss, code, three, **answers)


def test_what_refuses_whatever_is_answered_is_known_before_anything_is_asked(
    warehouse: Warehouse, three: list[int]
) -> None:
    boss = warehouse.boss
    put(warehouse, "sold", three[0], customer="Kreis GmbH")
    move(boss, MOVES["repair"], three[:2])
    assert [(one.serial_number, one.reason) for one in refused_before(boss, VERBS["sell"], three)] == [
        ("SN-1", "status"),
        ("SN-2", "status"),
    ]
    (theirs,) = refused_before(boss, VERBS["restock"], three[:2])
    assert theirs.serial_number == "SN-1"
    assert "it was sold to Kreis GmbH before" in theirs.message
    assert refused_before(boss, VERBS["repaired"], three[:2]) == ()
    assert [one.reason for one in refused_before(boss, VERBS["remove"], three[:1])] == ["status"]
    assert refused_before(boss, VERBS["correct"], three) == ()
    done(boss, "void", three[2:], note="typed twice")
    assert [one.reason for one in refused_before(boss, VOID, three[2:])] == ["nothing"]


def test_the_form_of_a_verb_says_what_is_known_of_the_answers(warehouse: Warehouse, three: list[int]) -> None:
    boss = warehouse.boss
    save_item(boss, warehouse.item.id, warranty_term="24m")
    move(boss, MOVES["reserve"], three[:2], Answers(customer="Kreis GmbH"))
    form = form_of(boss, VERBS["sell"], three[:2])
    assert (form.first, form.customer, form.skus) == ("SN-1", "Kreis GmbH", ("SAW-1",))
    assert form.warranty_from == clock.today()
    assert form.held == [Holding("MAIN", 2, 2)]
    assert [term.code for term in form.terms if term] == ["24m"]
    assert form_of(boss, VERBS["sell"], three).customer == ""
    move(boss, MOVES["dispatch"], three[:2], Answers(place="SHOP"))
    move(boss, MOVES["dispatch"], three[2:], Answers(place="DOCK"))
    assert form_of(boss, VERBS["arrive"], three).transfers == (
        OpenTransfer("T-000001", "SHOP", 2),
        OpenTransfer("T-000002", "DOCK", 1),
    )
    done(boss, "warranty", three[:1], warranty="2026-01-01..2026-12-31", warranty_void="opened")
    dated = form_of(boss, VERBS["warranty"], three[:1])
    assert (dated.warranty_now, dated.warranty_void) == ("2026-01-01..2026-12-31", "opened")
    assert dated.warranty_from == date(2026, 1, 1)
    assert form_of(boss, VERBS["warranty"], three).warranty_now == ""


def test_the_form_asks_for_the_permission_first(warehouse: Warehouse, three: list[int]) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    with pytest.raises(NotPermitted):
        form_of(clerk, VERBS["scrap"], [999])
    with pytest.raises(NotPermitted):
        form_of(clerk, VOID, three)
    move(clerk, MOVES["sell"], three)
    form = form_of(clerk, VOID, three)
    assert (form.serial_ids, form.stands, form.undoes) == (tuple(three), "last at", "sold on S-000001")
    move(warehouse.boss, MOVES["return"], three[:1], Answers(place="DOCK"))
    form = form_of(warehouse.boss, VOID, three)
    assert (form.stands, form.undoes) == ("at", "what was done last to each")


def test_ones_own_document_may_be_voided_and_a_void_or_what_was_voided_may_not(
    warehouse: Warehouse, three: list[int]
) -> None:
    boss = warehouse.boss
    clerk = person(boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    mine, theirs = move(clerk, MOVES["sell"], three[:1]).document, move(boss, MOVES["sell"], three[1:]).document
    assert mine is not None
    assert theirs is not None
    assert may_void_document(clerk, mine)
    assert not may_void_document(clerk, theirs)
    assert may_void_document(boss, mine)
    void = done(clerk, "void", three[:1], note="wrong").document
    assert not may_void_document(boss, mine)
    assert not may_void_document(boss, void)


def test_who_may_void_some_only_is_told_which_and_voids_these(warehouse: Warehouse, three: list[int]) -> None:
    boss = warehouse.boss
    clerk = person(boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    move(clerk, MOVES["sell"], three[:1])
    move(boss, MOVES["sell"], three[1:2])
    move(boss, MOVES["reserve"], three[2:])
    needs = "to void that, tim needs the permission INV_VOID_SERIAL_EVENT. Ask your administrator for it."
    said = [f"SN-2 was sold on S-000002; {needs}", f"SN-3 was reserved; {needs}"]
    assert [(one.reason, one.message) for one in refused_before(clerk, VOID, three)] == [
        ("permission", one) for one in said
    ]
    assert refused_before(boss, VOID, three) == ()
    assert form_of(clerk, VOID, three[:1]).undoes == "sold on S-000001"
    with pytest.raises(NotAllowed) as refusal:
        done(clerk, "void", three, note="wrong")
    assert [one.message for one in refusal.value.details["refused"]] == said
    moved = perform(clerk, VOID, three, Answers(note="wrong"), skip_errors=True)
    assert (moved.serial_ids, [one.message for one in moved.refused]) == ((three[0],), said)
    assert document(moved.document_id or 0).source == "S-000001"  # of the voided one alone
    assert [now(f"SN-{number}").status.code for number in (1, 2, 3)] == ["in_stock", "sold", "reserved"]
    with pytest.raises(NotPermitted, match="tim needs the permission INV_VOID_SERIAL_EVENT"):
        done(clerk, "void", three, note="wrong")  # nothing is left that may be voided


def test_what_somebody_else_did_meanwhile_is_not_voided_unseen(warehouse: Warehouse, three: list[int]) -> None:
    boss = warehouse.boss
    move(boss, MOVES["sell"], three[:1])
    seen = {three[0]: now("SN-1").version}
    move(boss, MOVES["return"], three[:1], Answers(place="DOCK"))
    with pytest.raises(Changed, match="SN-1 was returned at DOCK by boss at"):
        void_last(boss, three[:1], "wrong", versions=seen)
    assert now("SN-1").status.code == "returned"


def test_some_refuse_the_answers_and_all_are_named(warehouse: Warehouse, three: list[int]) -> None:
    move(warehouse.boss, MOVES["reserve"], three[1:2], Answers(customer="Kreis GmbH"))
    with pytest.raises(NotAllowed) as refusal:
        done(warehouse.boss, "sell", three, customer="Bergmann AG")
    assert [one.serial_number for one in refusal.value.details["refused"]] == ["SN-2"]
    assert now("SN-1").status.code == "in_stock"


def test_whom_a_serial_belongs_to_or_who_returned_it(warehouse: Warehouse, three: list[int]) -> None:
    boss = warehouse.boss
    assert owner_of(now("SN-1")) is None
    move(boss, MOVES["reserve"], three[:1], Answers(customer="Kreis GmbH"))
    assert owner_of(now("SN-1"))[:2] == ("for", "Kreis GmbH")  # type: ignore[index]
    move(boss, MOVES["sell"], three[:1])
    assert owner_of(now("SN-1"))[:2] == ("to", "Kreis GmbH")  # type: ignore[index]
    move(boss, MOVES["return"], three[:1], Answers(place="DOCK"))
    owner = owner_of(now("SN-1"))
    assert owner is not None
    assert (owner.relation, owner.name, owner.day) == ("by", "Kreis GmbH", clock.today())
    move(boss, MOVES["restock"], three[:1])
    assert owner_of(now("SN-1")) is None


def test_customers_are_listed_by_a_part_of_their_name_or_the_beginning_of_their_code(warehouse: Warehouse) -> None:
    for name, code in (("Bergmann AG", "C-17"), ("Kreis GmbH", ""), ("Albers & Berg", "")):
        add_customer(warehouse.boss, name, code=code, reference="10001" if name == "Kreis GmbH" else "")
    bergmann = find_customer("C-17")
    assert [one.name for one in customers_like()] == ["Albers & Berg", "Bergmann AG", "Kreis GmbH"]
    assert [one.name for one in customers_like("berg")] == ["Albers & Berg", "Bergmann AG"]
    assert customers_like("c-1") == [CustomerName("Bergmann AG", "C-17", bergmann.id)]
    assert customers_like("100") == [CustomerName("Kreis GmbH", "", bergmann.id + 1)]  # as the list of customers finds
    assert len(customers_like(most=2)) == 2


def test_a_day_is_read_as_people_type_it() -> None:
    for text in ("2026-04-11", "2026/4/11", " 20260411 ", "2026.04.11"):
        assert read_day(text) == date(2026, 4, 11)
    assert warranty("2026/1/5..20261231") == WarrantyDates(date(2026, 1, 5), date(2026, 12, 31))
    for text, said in (("11.4.26", "no date that can be read"), ("2026-13-01", "no such month")):
        with pytest.raises(BadValue, match=said):
            read_day(text)
    with pytest.raises(BadValue, match="2026-02 has 28 days"):
        warranty("2026-02-30..2027-01-01")


def test_every_command_barcode_of_a_verb_is_its_own() -> None:
    assert BY_BARCODE["XXSDSELL"] is VERBS["sell"]
    assert len(BY_BARCODE) == sum(bool(verb.barcode) for verb in VERBS.values())
