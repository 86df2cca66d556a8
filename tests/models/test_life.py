"""Every verb in every status, with and without its permission, against the table as it was written for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from models import clock
from models.check import check
from models.customers import list_customers
from models.documents import document, find_document
from models.errors import BadValue, Changed, NotAllowed, NotFound, NotPermitted, Refusal
from models.items.items import create_item, item_form, save_item
from models.locations import close_location
from models.permissions import Actor, Permission
from models.schema import Location, Serial, SerialAlias, SerialEvent, Setting, columns_of, is_sqlite
from models.serials.add import add_serials
from models.serials.corrections import change_item, change_warranty, correct, remove
from models.serials.grid import Selection, SerialSource, count_removed, serials_of
from models.serials.moves import Answers, Moved, move
from models.serials.possible import possible, possible_for
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.record import find_serial, serial_detail
from models.serials.void import void_document, void_last
from models.station.scan import find_scanned
from models.statuses import add_status
from models.verbs import MOVES, USUAL, VERBS, Ask, Need
from tests.support.cases import agree, case
from tests.support.life import BESIDE, COMING, DESTINED, ON_HAND, OTHERS, STATUSES, TABLE, Row
from tests.support.warehouse import Warehouse, events, open_warehouse, person, statements, stock, together

REACH: dict[str, list[tuple[str, dict[str, str]]]] = {
    "in_stock": [],
    "reserved": [("reserve", {"customer": "Kreis GmbH"})],
    "returned": [("sell", {}), ("return", {"place": "MAIN"})],
    "defective": [("defect", {})],
    "in_repair": [("repair", {})],
    "in_transit": [("dispatch", {"place": "SHOP"})],
    "sold": [("sell", {"customer": "Kreis GmbH"})],
    "lost": [("lose", {})],
    "scrapped": [("scrap", {})],
    "kept": [("change-status", {"status": "kept"})],
    "lent": [("change-status", {"status": "lent"})],
}
"""How a unit comes into a status, by verbs alone."""


class Life(NamedTuple):
    """The warehouse with its units, and people who may only do what a test says."""

    warehouse: Warehouse
    units: Iterator[int]
    people: dict[str, Actor]
    """Those of `somebody`, by login."""

    def somebody(self, login: str, *permissions: Permission) -> Actor:
        """A user with exactly these permissions, made at the first call."""
        if login not in self.people:
            self.people[login] = person(self.warehouse.boss, login, *permissions)
        return self.people[login]

    def unit(self, status: str) -> int:
        """A new unit in a status, received so that it is counted."""
        (serial_id,) = self.units_in(status, 1)
        return serial_id

    def units_in(self, status: str, number: int) -> list[int]:
        """New units that came into a status together."""
        texts = [f"U{next(self.units)}" for _ in range(number)]
        here = self.warehouse
        place = here.item.primary_location_id
        receive_serials(here.boss, [ReceiptLine(here.item.id, text, text, place) for text in texts])
        ids = [find_serial(text) for text in texts]
        if status == "removed":
            remove(here.boss, ids, "typed twice")
        for verb, answers in REACH.get(status, []):
            self.do(here.boss, verb, ids, answers)
        return ids

    def do(self, actor: Actor, verb: str, serials: int | list[int], answers: dict[str, str]) -> Moved:
        """Carry out a move with what it needs."""
        note = "because" if "note" in TABLE[verb].required else ""
        ids = serials if isinstance(serials, list) else [serials]
        return move(actor, MOVES[verb], ids, Answers(note=note, **answers))


def _with_two_statuses() -> None:
    warehouse = open_warehouse()
    add_status(warehouse.boss, "kept", "Kept", colour="green", mark="k", available=True, on_hand=True)
    add_status(warehouse.boss, "lent", "Lent", colour="blue", mark="l")


CONTENTS = {"life": _with_two_statuses}


@pytest.fixture
def life(warehouse: Warehouse) -> Life:
    return Life(warehouse, iter(range(1, 10_000)), {})


def _answers(verb: str, serial_id: int) -> list[dict[str, str]]:
    """What a verb is asked with, first what fits."""
    required = TABLE[verb].required
    if "place" in required:
        return [{"place": "DOCK"}, {"place": "NOWHERE"}]
    if "result" in required:
        return [{"result": "in_stock"}, {"result": "sold"}]
    if "status" in required:
        return [{"status": "kept"}, {"status": "in_stock"}]
    if "transfer" in required:
        sent = [paper.number for paper in serial_detail(serial_id).documents if paper.kind == "transfer"]
        return [{"transfer": number} for number in sent[-1:]]
    return [{}]


# ----- the table


def test_the_verbs_are_those_of_the_written_table() -> None:
    agree("TABLE of tests/support/life.py", TABLE, MOVES)
    agree("OTHERS of tests/support/life.py", {*TABLE, *OTHERS, *COMING, "note", "note-condition"}, VERBS)
    agree("_USUAL of models/verbs.py", [verb.code for verb in USUAL], {*TABLE, *OTHERS, "note"})
    agree("DESTINED of tests/support/life.py", DESTINED, [verb.code for verb in VERBS.values() if verb.destination])
    agree("BESIDE of tests/support/life.py", BESIDE, [verb.code for verb in VERBS.values() if verb.beside])


def test_a_verb_asks_and_writes_what_the_written_table_says() -> None:
    for code, row in {**TABLE, **OTHERS, **COMING}.items():
        verb = VERBS[code]
        assert str(verb.permission) == row.permission, code
        assert (verb.document.prefix if verb.document else "") == row.document, code
        needed = {ask for ask, need in verb.asks.items() if need is Need.REQUIRED}
        words = {"note" if ask in (Ask.REASON, Ask.NOTE) else str(ask) for ask in needed}
        assert words == set(row.required), code
        assert {str(ask) for ask, need in verb.asks.items() if need is Need.OPTIONAL} == set(row.optional), code


def test_every_verb_in_every_status_with_and_without_its_permission(life: Life) -> None:
    for status in STATUSES:
        units = life.units_in(status, len(TABLE))
        for (code, row), serial_id in zip(TABLE.items(), units, strict=True):
            with case(code, status):
                _try(life, code, row, status, serial_id)


def _try(life: Life, code: str, row: Row, status: str, serial_id: int) -> None:
    boss = life.warehouse.boss
    stranger = life.unit("in_transit") if code == "arrive" and status != "in_transit" else serial_id
    answers = _answers(code, stranger)[0]
    fits = status in row.before and not (code == "change-status" and status == "kept")
    assert (code in [verb.code for verb in possible(boss, serial_id)]) == (status in row.before)
    before = events()
    if not fits:
        with pytest.raises(NotAllowed) as refused:
            life.do(boss, code, serial_id, answers)
        text = serial_detail(serial_id).serial_number
        assert refused.value.message.startswith(f"{text} is ")
        assert refused.value.message.count(". ") >= 1, refused.value.message
        assert events() == before
        return
    needed = Permission(row.permission)
    almost = life.somebody(f"almost-{needed}", *(each for each in Permission if each != needed))
    with pytest.raises(NotPermitted, match=row.permission):
        life.do(almost, code, serial_id, answers)
    assert code not in [verb.code for verb in possible(almost, serial_id)]
    holder = life.somebody(f"holder-{needed}", needed)
    done = life.do(holder, code, serial_id, answers)
    assert (done.document or "")[:1] == row.document
    after = {"keep": status, "result": "in_stock", "status": "kept", "as before": "in_stock"}.get(row.after, row.after)
    detail = serial_detail(serial_id)
    assert detail.status.code == after
    assert detail.events[-1].kind == MOVES[code].kind
    if "place" in row.required:
        assert detail.location == "DOCK"
    keeps = after in ("reserved", "sold") or (after, status) == ("in_repair", "sold")
    assert (detail.customer is not None) == (keeps and status in ("reserved", "sold"))
    moved = detail.events[-1].from_location != detail.location
    crosses = (status in ON_HAND) != (after in ON_HAND)
    assert done.units == int(crosses or (moved and after in ON_HAND))
    assert abs(detail.events[-1].units or 0) == done.units


OTHER_DEEDS: dict[str, Callable[[Actor, int], Any]] = {
    "correct": lambda actor, serial_id: correct(actor, serial_id, f"NEW-{serial_id}"),
    "change-item": lambda actor, serial_id: change_item(actor, [serial_id], "SAW-2"),
    "remove": lambda actor, serial_id: remove(actor, [serial_id], "typed twice"),
    "warranty": lambda actor, serial_id: change_warranty(actor, [serial_id], to="2026-01-01..2026-12-31"),
    "void": lambda actor, serial_id: void_last(actor, [serial_id], "wrong"),
}


def test_every_verb_that_is_no_move_in_every_status_with_and_without_its_permission(life: Life) -> None:
    create_item(life.warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    for status in STATUSES:
        units = life.units_in(status, len(OTHERS))
        for (code, row), serial_id in zip(OTHERS.items(), units, strict=True):
            with case(code, status):
                _try_other(life, code, row, status, serial_id)


def _try_other(life: Life, code: str, row: Row, status: str, serial_id: int) -> None:
    boss, act = life.warehouse.boss, OTHER_DEEDS[code]
    back = {"in_stock": "removed", "returned": "sold"}.get(status, "in_stock")
    was_sold = code in ("change-item", "remove") and status == "returned"
    fits = status in row.before and not was_sold
    assert (code in [verb.code for verb in possible(boss, serial_id)]) == fits
    before = events()
    if not fits:
        with pytest.raises(NotAllowed, match=r"U\d+ .*\. [A-Z]"):
            act(boss, serial_id)
        assert events() == before
        return
    needed = Permission(row.permission)
    almost = life.somebody(f"almost-{needed}", *(each for each in Permission if each != needed))
    with pytest.raises(NotPermitted, match=row.permission):
        act(almost, serial_id)
    assert code not in [verb.code for verb in possible(almost, serial_id)]
    assert events() == before
    act(life.somebody(f"holder-{needed}", needed), serial_id)
    detail = serial_detail(serial_id)
    assert (detail.events[-1].document or "")[:1] == row.document
    assert detail.status.code == {"keep": status, "as it was": back}.get(row.after, row.after)
    assert detail.events[-1].kind == VERBS[code].kind


def test_a_place_that_there_is_not_that_is_closed_or_where_it_is_already_is_refused(life: Life) -> None:
    boss = life.warehouse.boss
    asking = {code: row for code, row in TABLE.items() if "place" in (*row.required, *row.optional)}
    units = {code: life.unit(row.before[0]) for code, row in asking.items()}
    close_location(boss, "SHOP")
    for code, row in asking.items():
        with case(code):
            asked = _answers(code, units[code])[0]
            for place, said in (("NOWHERE", r"There is no location NOWHERE\."), ("shop", "SHOP is closed")):
                with pytest.raises(Refusal, match=said):
                    life.do(boss, code, units[code], {**asked, "place": place})
            if "place" not in row.required:
                assert life.do(boss, code, units[code], {**asked, "place": "DOCK"}).location == "DOCK"
                continue
            with pytest.raises(BadValue, match="needs the place"):
                life.do(boss, code, units[code], {})
    for code in ("transfer", "dispatch"):
        text = serial_detail(units[code]).serial_number
        with pytest.raises(NotAllowed, match=rf"{text} is at MAIN already\. Choose another destination\."):
            life.do(boss, code, units[code], {"place": "main"})


def test_a_reason_that_is_required_must_be_given(life: Life) -> None:
    for code, row in TABLE.items():
        if "note" in row.required:
            with case(code), pytest.raises(BadValue, match=r"needs a reason\. Type one\."):
                move(life.warehouse.boss, MOVES[code], [life.unit(row.before[0])])


# ----- customers, repairs, transfers


def test_a_reserved_unit_goes_to_its_customer_and_to_nobody_else(life: Life) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("reserved")
    with pytest.raises(NotAllowed) as refused:
        life.do(boss, "sell", serial_id, {"customer": "Bergmann AG"})
    assert refused.value.message.endswith(
        ", for Kreis GmbH; it cannot be sold to somebody else. Sell it to Kreis GmbH, or release it first."
    )
    assert [row.name for row in list_customers()] == ["Kreis GmbH"]  # the refused one was not made
    assert life.do(boss, "sell", serial_id, {}).said == ("U1 goes to Kreis GmbH, for whom it was reserved.",)
    assert serial_detail(serial_id).customer == "Kreis GmbH"


def test_a_customers_unit_in_repair_goes_back_to_its_customer_only(life: Life) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("sold")
    life.do(boss, "repair", serial_id, {"repairer": "Bench", "reference": "RMA-7"})
    assert serial_detail(serial_id).customer == "Kreis GmbH"
    paper = find_document("W-000001")
    assert (paper.repairer, paper.reference, paper.customer.name) == ("Bench", "RMA-7", "Kreis GmbH")
    for code, answers in {"restock": {}, "defect": {}, "repaired": {"result": "returned"}}.items():
        with pytest.raises(
            NotAllowed, match=r"it was sold to Kreis GmbH before.* Take it back from repair as sold first"
        ):
            life.do(boss, code, serial_id, answers)
    assert {"restock", "defect"}.isdisjoint(verb.code for verb in possible(boss, serial_id))
    life.do(boss, "repaired", serial_id, {"result": "sold"})
    detail = serial_detail(serial_id)
    assert (detail.status.code, detail.customer) == ("sold", "Kreis GmbH")
    ours = life.unit("in_repair")
    with pytest.raises(NotAllowed, match="it was not sold before"):
        life.do(boss, "repaired", ours, {"result": "sold"})


def test_a_transfer_arrives_in_parts_and_strangers_are_named(life: Life) -> None:
    boss = life.warehouse.boss
    first, second, stranger = life.unit("reserved"), life.unit("kept"), life.unit("in_transit")
    sent = move(boss, MOVES["dispatch"], [first, second], Answers(place="SHOP")).document or ""
    with pytest.raises(NotAllowed, match=rf"U3 is In Transit to SHOP .*; it is not on {sent}\. Receive T-00000\d, the"):
        life.do(boss, "arrive", stranger, {"transfer": sent})
    done = life.do(boss, "arrive", first, {"transfer": sent})
    assert find_document(done.document or "").source_document.number == sent
    assert (serial_detail(first).status.code, serial_detail(first).customer) == ("reserved", "Kreis GmbH")
    assert serial_detail(second).status.code == "in_transit"
    life.do(boss, "arrive", second, {"transfer": sent})
    assert serial_detail(second).status.code == "kept"


def test_a_unit_that_was_lost_on_its_way_was_last_where_it_was_sent_from(life: Life) -> None:
    serial_id = life.unit("in_transit")
    life.do(life.warehouse.boss, "lose", serial_id, {})
    assert life.warehouse.where("U1") == ("lost", "MAIN")


def test_the_others_are_moved_and_the_refused_ones_named(life: Life, database: Any) -> None:
    boss = life.warehouse.boss
    good, sold, lost = life.unit("in_stock"), life.unit("sold"), life.unit("lost")
    ids = [sold, good, lost]
    with pytest.raises(NotAllowed) as refused:
        move(boss, MOVES["sell"], ids)
    assert "Nor can 1 more." in refused.value.message
    planned = move(boss, MOVES["sell"], ids, skip_errors=True, dry_run=True)
    before = events()
    done = move(boss, MOVES["sell"], ids, skip_errors=True)
    assert events() == before + 1
    assert planned.document is None
    assert (planned.serial_ids, planned.units, planned.refused) == (done.serial_ids, done.units, done.refused)
    assert [(one.serial_number, one.reason) for one in done.refused] == [("U2", "status"), ("U3", "status")]
    assert check(database).good


def test_a_serial_that_somebody_else_changed_is_not_moved(life: Life) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("in_stock")
    seen = {serial_id: serial_detail(serial_id).version}
    life.do(boss, "reserve", serial_id, {})
    with pytest.raises(Changed, match="U1 was reserved by boss at"):
        move(boss, MOVES["sell"], [serial_id], versions=seen)
    other = life.unit("in_stock")
    done = move(boss, MOVES["sell"], [serial_id, other], versions=seen, skip_errors=True)
    assert [(one.serial_number, one.reason) for one in done.refused] == [("U1", "changed")]


# ----- warranty


def test_a_sale_gives_the_items_warranty_and_voiding_it_takes_it_away(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("in_stock")
    save_item(boss, life.warehouse.item.id, warranty_term="24m")
    monkeypatch.setattr(clock, "today", lambda: date(2026, 3, 31))
    life.do(boss, "sell", serial_id, {})
    detail = serial_detail(serial_id)
    assert (detail.warranty_start, detail.warranty_end) == (date(2026, 3, 31), date(2028, 3, 30))
    void_last(boss, [serial_id], "wrong unit")
    assert serial_detail(serial_id).warranty_end is None
    life.do(boss, "sell", serial_id, {"warranty": "2026-01-01..2026-12-31"})
    change_warranty(boss, [serial_id], to="2y")
    void_last(boss, [serial_id], "wrong unit")
    detail = serial_detail(serial_id)
    assert detail.status.code == "in_stock"
    assert (detail.warranty_start, detail.warranty_end) == (None, date(2027, 12, 31))  # what was set since stays


def test_a_term_counts_from_the_sale_that_stands(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    boss, first, second = life.warehouse.boss, life.unit("in_stock"), life.unit("in_stock")
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    for serial_id in (first, second):
        life.do(boss, "sell", serial_id, {})
    void_last(boss, [second], "wrong unit")
    change_warranty(boss, [first, second], to="10d")
    day = later.astimezone().date()
    assert serial_detail(first).warranty_start == day
    assert serial_detail(second).warranty_start == serial_detail(second).date_received < day


def test_a_term_counts_from_the_start_else_the_sale_else_the_date_received(life: Life) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("in_stock")
    received = serial_detail(serial_id).date_received
    change_warranty(boss, [serial_id], to="10d")
    assert serial_detail(serial_id).warranty_start == received
    change_warranty(boss, [serial_id], to="2026-01-01..2026-06-30")
    change_warranty(boss, [serial_id], to="12m")
    assert serial_detail(serial_id).warranty_end == date(2026, 12, 31)
    change_warranty(boss, [serial_id], void="opened")
    assert serial_detail(serial_id).warranty_void == "opened"
    with pytest.raises(NotAllowed, match="U1 has this warranty already"):
        change_warranty(boss, [serial_id], void="opened")
    change_warranty(boss, [serial_id], to="none")
    with pytest.raises(NotAllowed, match="U1 has no warranty that could be void"):
        change_warranty(boss, [serial_id], void="opened")


def test_a_warranty_is_extended_from_its_last_day(life: Life) -> None:
    boss, serial_id, other = life.warehouse.boss, life.unit("in_stock"), life.unit("in_stock")
    with pytest.raises(NotAllowed, match=r"U1 has no warranty that could be extended\. Give it one first, or leave it"):
        change_warranty(boss, [serial_id], to="+12m")
    change_warranty(boss, [serial_id], to="2026-01-01..2026-12-31", void="opened")
    change_warranty(boss, [other], to="..2027-02-28")
    change_warranty(boss, [serial_id, other], to="+1y")
    detail = serial_detail(serial_id)
    assert (detail.warranty_start, detail.warranty_end) == (date(2026, 1, 1), date(2027, 12, 31))
    assert detail.warranty_void == "opened"  # longer, and void as before
    detail = serial_detail(other)
    assert (detail.warranty_start, detail.warranty_end) == (None, date(2028, 2, 29))
    change_warranty(boss, [serial_id], to="2026-01-01..2027-12-31 + 10d")
    detail = serial_detail(serial_id)
    assert (detail.warranty_end, detail.warranty_void) == (date(2028, 1, 10), None)  # set anew
    for wrong, said in (("+soon", "'soon' is not a warranty term"), ("24m+12m", "extends no dates. Write \\+12m")):
        with pytest.raises(BadValue, match=said):
            change_warranty(boss, [serial_id], to=wrong)
    with pytest.raises(BadValue, match="ends after the year 9999"):
        change_warranty(boss, [serial_id], to="+9999y")
    with pytest.raises(BadValue, match=r"'\+12m' is not a warranty term"):
        life.do(boss, "sell", serial_id, {"warranty": "+12m"})


# ----- corrections


def _listed(find: str) -> list[str]:
    """The serials that the grid and `serial list` find."""
    source = serials_of("SAW-1", {}, find=find)
    paged = source.fetch(0, source.count())
    assert sorted(row.id for row in paged) == sorted(row.id for row in source.after(None, 100))
    return [row.serial_number for row in paged]


def test_an_earlier_text_still_finds_the_serial_until_another_has_it(life: Life) -> None:
    boss, serial_id = life.warehouse.boss, life.unit("in_stock")
    correct(boss, serial_id, "NEW-1", note="misread")
    assert find_serial("u1") == find_serial("new-1", "SAW-1") == serial_id
    assert serial_detail(serial_id).earlier_texts == ("U1",)
    assert [_listed(text) for text in ("u1", "NEW", "1", "*w-1", "zz")] == [["NEW-1"]] * 4 + [[]]
    assert find_scanned("U1").hits[0].serial_id == serial_id
    source = SerialSource(Selection(life.warehouse.item.id, find="u1"))
    assert [row.earlier for row in source.fetch(0, source.count())] == ["U1"]
    (other,) = life.warehouse.add("U1")
    assert find_serial("U1") == other
    assert _listed("u1") == ["NEW-1", "U1"]
    assert [row.earlier for row in source.fetch(0, source.count())] == ["U1", ""]
    with pytest.raises(NotAllowed, match=r"SAW-1 has U1 already: In Stock at MAIN .*\. Check both labels\."):
        correct(boss, serial_id, "U1")
    with pytest.raises(NotAllowed, match="would get its earlier text or item back, which another serial has"):
        void_last(boss, [serial_id], "it was right")
    remove(boss, [other], "typed twice")
    with pytest.raises(NotAllowed, match="A removed record of SAW-1 has this text, U1; bring that one back"):
        correct(boss, serial_id, "U1")


def test_of_two_that_had_one_text_only_one_gets_it_back(life: Life, database: Any) -> None:
    boss, first = life.warehouse.boss, life.unit("in_stock")
    correct(boss, first, "NEW-1")
    (second,) = life.warehouse.add("U1")
    correct(boss, second, "NEW-2")
    with pytest.raises(NotAllowed) as refused:
        void_last(boss, [first, second], "both were right")
    assert refused.value.message == (
        "NEW-1 and NEW-2 would both be U1 again. Void only one of them, and correct the other."
    )
    assert void_last(boss, [first, second], "one was right", dry_run=True, skip_errors=True).serial_ids == (first,)
    done = void_last(boss, [second, first], "one was right", skip_errors=True)
    assert (done.serial_ids, [one.reason for one in done.refused]) == ((second,), ["exists"])
    assert find_serial("U1") == second
    for sku in ("SAW-2", "SAW-3"):
        create_item(boss, sku, sku, track_serials=True)
    change_item(boss, [second], "SAW-2")
    (third,) = life.warehouse.add("U1")
    change_item(boss, [third], "SAW-3")
    with pytest.raises(NotAllowed, match=r"U1 of SAW-2 and U1 of SAW-3 would both be U1 again\. Void only one"):
        void_last(boss, [second, third], "both were right")
    assert check(database).good


def test_a_unit_moves_to_another_item_with_its_quantity_unless_it_was_sold(life: Life) -> None:
    boss, serial_id, sold = life.warehouse.boss, life.unit("in_stock"), life.unit("returned")
    other = create_item(boss, "SAW-2", "Other saw", track_serials=True)
    done = change_item(boss, [serial_id, sold], "SAW-2", skip_errors=True)
    assert (done.units, [one.reason for one in done.refused]) == (1, ["sold_before"])
    assert item_form(other.id).on_hand == item_form(other.id).serials == 1
    with pytest.raises(NotAllowed, match="U1 is on SAW-2 already"):
        change_item(boss, [serial_id], "SAW-2")
    void_last(boss, [serial_id], "it was right")
    assert item_form(other.id).on_hand == 0


def test_a_removed_record_is_hidden_and_comes_back_with_its_history(life: Life, database: Any) -> None:
    boss, item = life.warehouse.boss, life.warehouse.item
    on_hand = item_form(item.id).on_hand
    serial_id = life.unit("in_stock")
    (added,) = add_serials(boss, item.id, ["BY-HAND"], notes="scratched").serial_ids
    remove(boss, [serial_id, added], "typed twice")
    form = item_form(item.id)
    assert (form.on_hand, form.records, form.removed) == (on_hand, 0, 2)  # what was added by hand had given nothing
    assert count_removed(item.id) == 2
    assert serials_of("SAW-1", {}).count() == 0
    assert serials_of("SAW-1", {}, removed=True).count() == serials_of("SAW-1", {"status": "removed"}).count() == 2
    place = Location.get(Location.code == "SHOP").id
    receive_serials(boss, [ReceiptLine(item.id, "by-hand", "BY-HAND", place), ReceiptLine(item.id, "N", "N", place)])
    assert add_serials(boss, item.id, ["U1"]).serial_ids == [serial_id]
    detail = serial_detail(added)
    assert (detail.serial_number, detail.location, detail.condition_notes) == ("BY-HAND", "SHOP", "")
    assert [event.kind for event in detail.events] == ["added", "removed", "received"]
    assert check(database).good


# ----- voiding


def test_a_document_is_voided_but_for_what_moved_on(life: Life, database: Any) -> None:
    boss, ids = life.warehouse.boss, [life.unit("in_stock") for _ in range(3)]
    before = life.warehouse.quantities()
    sale = move(boss, MOVES["sell"], ids, Answers(customer="Kreis GmbH")).document or ""
    life.do(boss, "return", ids[0], {"place": "SHOP"})
    with pytest.raises(NotAllowed) as refused:
        void_document(boss, sale, "wrong customer")
    assert refused.value.message == (
        "U1 moved on after S-000001: it was returned on B-000001. Void B-000001 first, or leave it out."
    )
    done = void_document(boss, sale.lower(), "wrong customer", skip_errors=True)
    assert find_document(done.document or "").source_document.number == sale
    assert [serial_detail(each).status.code for each in ids] == ["returned", "in_stock", "in_stock"]
    sold = document(find_document(sale).id)
    assert (sold.voided_by, sold.is_voided_in_part) == (done.document, True)
    assert void_last(boss, ids[:1], "not that one").said == ("Undoes: returned on B-000001.",)
    last = void_document(boss, sale, "the last one, too").document
    sold = document(sold.id)
    assert (sold.voided_by, sold.is_voided_in_part) == (last, False)
    assert life.warehouse.quantities() == before
    with pytest.raises(NotAllowed, match=f"S-000001 was voided already by {last}"):
        void_document(boss, sale, "again")
    with pytest.raises(NotAllowed, match="a void is not voided"):
        void_document(boss, done.document or "", "back")
    assert check(database).good


def test_voiding_a_receipt_removes_its_serials_and_takes_the_quantity_back(life: Life) -> None:
    boss, before = life.warehouse.boss, life.warehouse.quantities()
    serial_id = life.unit("in_stock")
    void_document(boss, "R-000001", "wrong delivery")
    assert serial_detail(serial_id).status.code == "removed"
    assert life.warehouse.quantities() == before


def test_voiding_takes_and_gives_no_unit_that_was_not_given_or_taken(life: Life, database: Any) -> None:
    boss, item = life.warehouse.boss, life.warehouse.item
    before = life.warehouse.quantities()
    (by_hand,) = add_serials(boss, item.id, ["BY-HAND"]).serial_ids
    (away,) = add_serials(boss, item.id, ["AWAY"], location="SHELF").serial_ids
    assert life.do(boss, "sell", away, {}).without_quantity == 1  # nothing was counted there
    void_last(boss, [away], "wrong unit")
    void_last(boss, [by_hand], "typed twice")
    assert [serial_detail(each).status.code for each in (away, by_hand)] == ["in_stock", "removed"]
    assert life.warehouse.quantities() == before
    assert check(database).good


def test_ones_own_document_may_be_undone_for_some_minutes(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = life.warehouse.boss
    first, second = life.unit("in_stock"), life.unit("in_stock")
    seller = person(boss, "seller", Permission.SELL_SERIAL, Permission.VIEW)
    other = person(boss, "other", Permission.SELL_SERIAL)
    sales = [life.do(seller, "sell", each, {}).document or "" for each in (first, second)]
    with pytest.raises(NotPermitted, match="To void what was done, other needs the permission INV_VOID_SERIAL_EVENT"):
        void_document(other, sales[0], "not mine")
    with pytest.raises(NotPermitted):
        void_document(other, "S-999999", "nobody learns whether there is one")
    assert "void" in [verb.code for verb in possible(seller, first)]
    void_document(seller, sales[0], "oops")
    Setting.update(value="0").where(Setting.name == "undo_minutes").execute()
    with pytest.raises(NotPermitted):
        void_document(seller, sales[1], "too late")
    assert "void" not in [verb.code for verb in possible(seller, second)]
    void_document(boss, sales[1], "for them")


# ----- several at once


def _counted(actor: Actor, ids: Sequence[int]) -> dict[str, int]:
    return {each.verb.code: each.serials for each in possible_for(actor, ids)}


def test_of_several_serials_each_verb_says_how_many_can(life: Life) -> None:
    boss = life.warehouse.boss
    ids = [life.unit(status) for status in ("in_stock", "in_stock", "reserved", "returned", "sold", "in_transit")]
    sent, back = life.unit("sold"), life.unit("sold")
    life.do(boss, "repair", sent, {})
    life.do(boss, "return", back, {"place": "DOCK"})
    life.do(boss, "restock", back, {})
    ids += [sent, back]
    can = _counted(boss, ids)
    assert list(can) == [verb.code for verb in USUAL if verb.code in can]  # the most usual first
    # To another item, or removed, go only those that were never sold.
    assert " ".join(f"{code}={count}" for code, count in can.items()) == (
        "sell=4 return=1 arrive=1 repaired=1 restock=1 release=1 transfer=6 reserve=3 dispatch=5 repair=5 defect=5 "
        "lose=7 scrap=5 note=8 warranty=8 change-status=5 change-item=3 remove=3 void=8"
    )
    assert "correct" in _counted(boss, ids[:1])  # a text of its own, so one at a time
    assert _counted(boss, [*ids, *ids]) == can
    seller = person(boss, "seller", Permission.VIEW, Permission.SELL_SERIAL)
    assert _counted(seller, ids) == {"sell": 4, "return": 1, "release": 1, "reserve": 3}
    own = life.do(seller, "sell", ids[0], {})
    assert own.document
    assert _counted(seller, ids)["void"] == 1
    with pytest.raises(NotFound, match="The serial is not there any more"):
        possible_for(boss, [*ids, 10**9])


def test_what_several_can_do_takes_as_many_statements_for_hundreds_as_for_a_few(life: Life, database: Any) -> None:
    boss = life.warehouse.boss
    ids = life.warehouse.add(*(f"A{number}" for number in range(400)))
    counts = []
    for size in (2, 400):
        with statements(database) as seen:
            assert _counted(boss, ids[:size])["sell"] == size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


# ----- hundreds


def test_a_move_takes_as_many_statements_for_hundreds_as_for_a_few(life: Life, database: Any) -> None:
    boss = life.warehouse.boss
    stock(life.warehouse, "MAIN", 3_000)
    for code in ("sell", "reserve", "dispatch", "lose"):
        counts = []
        for size in (20, 400):
            ids = life.warehouse.add(*(f"{code}-{size}-{number}" for number in range(size)))
            answers = {"place": "SHOP"} if code == "dispatch" else {}
            with statements(database) as seen:
                done = life.do(boss, code, ids, answers)
            counts.append(len(seen))
            if done.document:
                with statements(database) as seen:
                    void_document(boss, done.document, "wrong")
                counts.append(len(seen))
        half = len(counts) // 2
        assert counts[:half] == counts[half:], code
        assert max(counts) <= 32, code


def test_a_correction_takes_as_many_statements_for_hundreds_as_for_a_few(life: Life, database: Any) -> None:
    boss = life.warehouse.boss
    create_item(boss, "OTHER", "Other", track_serials=True)
    stock(life.warehouse, "MAIN", 1_000)
    counts: dict[int, list[int]] = {}
    for size in (20, 400):
        ids = life.warehouse.add(*(f"{size}-{number}" for number in range(size)))
        for deed in (
            lambda ids=ids: change_warranty(boss, ids, to="24m"),
            lambda ids=ids: change_item(boss, ids, "OTHER"),
            lambda ids=ids: remove(boss, ids, "typed twice"),
        ):
            with statements(database) as seen:
                deed()  # type: ignore[no-untyped-call]
            counts.setdefault(size, []).append(len(seen))
    assert counts[20] == counts[400]
    assert max(counts[20]) <= 32


# ----- what `check` finds


def _found(database: Any) -> set[str]:
    return {finding.code for finding in check(database).findings}


def test_check_finds_an_earlier_text_that_is_lost_and_one_that_never_was(life: Life, database: Any) -> None:
    serial_id = life.unit("in_stock")
    correct(life.warehouse.boss, serial_id, "NEW-1")
    assert _found(database) == set()
    SerialAlias.update(alias_key="NEVER").execute()
    assert _found(database) == {"serial_alias"}
    SerialAlias.delete().execute()
    assert _found(database) == {"serial_alias"}


@pytest.mark.parametrize("what", ["nothing", "itself", "twice", "another state"])
def test_check_finds_a_void_that_undoes_what_it_cannot(life: Life, database: Any, what: str) -> None:
    serial_id = life.unit("sold")
    done = void_last(life.warehouse.boss, [serial_id], "oops")
    (first, sold, void) = SerialEvent.select().where(SerialEvent.serial == serial_id).order_by(SerialEvent.number)
    voids_id = {"nothing": None, "itself": void.id + 1, "twice": sold.id, "another state": first.id}[what]
    values = {
        column: getattr(void, column)
        for column in columns_of(SerialEvent)
        if column not in ("id", "number", "voids_id", "from_customer_id", "from_status_id", "digest")
    }
    back = {"number": 4, "voids_id": voids_id, "from_status_id": void.to_status_id, "document_id": None}
    if is_sqlite():
        database.execute_sql("PRAGMA foreign_keys = 0")  # nothing else keeps an event from voiding one that is to come
    SerialEvent.create(**values | back)
    Serial.update(version=4).execute()
    assert done.document is not None
    assert "history_void" in _found(database)


# ----- two people at once


def test_of_two_people_at_once_one_wins_and_the_other_is_told(life: Life, database: Any) -> None:
    boss = life.warehouse.boss
    ways: dict[str, Callable[[list[int]], list[Callable[[], object]]]] = {
        "sell twice": lambda ids: [
            lambda: move(boss, MOVES["sell"], ids),
            lambda: move(boss, MOVES["sell"], ids[::-1]),
        ],
        "sell and lose": lambda ids: [
            lambda: move(boss, MOVES["sell"], ids),
            lambda: move(boss, MOVES["lose"], ids[::-1], Answers(note="gone")),
        ],
        "remove and sell": lambda ids: [
            lambda: remove(boss, ids, "typed twice"),
            lambda: move(boss, MOVES["sell"], ids),
        ],
        "void twice": lambda ids: [partial(void_document, boss, _receipt(ids), reason) for reason in ("a", "b")],
    }
    for way, works in ways.items():
        results = together(database, works(life.units_in("in_stock", 3)))
        lost = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in lost] == [NotAllowed], (way, results)
        assert check(database).good, way


def _receipt(ids: Sequence[int]) -> str:
    return serial_detail(ids[0]).events[0].document or ""


def test_a_removed_record_that_two_people_bring_back_comes_once(life: Life, database: Any) -> None:
    boss, item, serial_id = life.warehouse.boss, life.warehouse.item, life.unit("removed")
    results = together(database, [lambda: add_serials(boss, item.id, ["U1"])] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Added", "Duplicate"]
    assert [event.kind for event in serial_detail(serial_id).events] == ["received", "removed", "added"]
    assert check(database).good
