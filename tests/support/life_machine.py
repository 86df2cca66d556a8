"""Random verbs by random people with random permissions, against the plain model of `life`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from models.check import check
from models.errors import NotAllowed, NotPermitted
from models.items.items import create_item, item_form
from models.locations import create_location, location_or_none
from models.people import add_role, add_user, grant, sign_in
from models.permissions import Actor, Permission
from models.schema import Document, StockChange, bound
from models.serials.add import add_serials
from models.serials.corrections import change_item, correct, correct_many, remove
from models.serials.moves import Answers, Moved, move
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.void import void_document, void_last
from models.statuses import add_status
from models.text import serial_key
from models.verbs import MOVES
from tests.support.life import OTHERS, RESULTS, TABLE, Past, State, Unit, World

PLACES = ("MAIN", "DOCK", "SHOP")
CUSTOMERS = ("Bergmann AG", "Kreis GmbH")
_names = count(1)


class LifeMachine(RuleBasedStateMachine):
    """A warehouse and its model; each run has items of its own, so that runs share a database."""

    database: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.steps = 0

    @initialize(rights=st.lists(st.sets(st.sampled_from(sorted(Permission))), min_size=2, max_size=2))
    def open(self, rights: list[set[Permission]]) -> None:
        """Two items, the places, an administrator and two people with some permissions."""
        self.boss = sign_in("boss")
        for code in PLACES:
            if location_or_none(code) is None:
                create_location(self.boss, code)
        own = {row[0] for row in bound.execute_sql("SELECT code FROM statuses").fetchall()}
        if "kept" not in own:
            add_status(self.boss, "kept", "Kept", colour="green", mark="k", available=True, on_hand=True)
        if "lent" not in own:
            add_status(self.boss, "lent", "Lent", colour="blue", mark="l")
        run = next(_names)
        self.items = {
            f"LIFE-{run}-{each}": create_item(
                self.boss, f"LIFE-{run}-{each}", "Thing", on_hand=2, location="MAIN", track_serials=True
            ).id
            for each in "AB"
        }
        self.world.quantities = {(sku, "MAIN"): 2 for sku in self.items}
        self.people: list[tuple[Actor, set[str]]] = [(self.boss, set(Permission))] * 3
        for each, held in enumerate(rights):
            name = f"person{run}-{each}"
            add_role(self.boss, name)
            for permission in held:
                grant(self.boss, name, permission)
            add_user(self.boss, name, [name])
            self.people.append((sign_in(name), set(held)))

    # ----- how serials come

    @rule(data=st.data(), number=st.integers(1, 3))
    def add(self, data: st.DataObject, number: int) -> None:
        """Add by hand: no quantity changes."""
        actor, held = data.draw(st.sampled_from(self.people))
        sku, place = data.draw(st.sampled_from(sorted(self.items))), data.draw(st.sampled_from(PLACES))
        texts = [f"N{next(_names)}" for _ in range(number)]
        if "INV_MANAGE_SERIALS" not in held:
            self._not_permitted(lambda: add_serials(actor, self.items[sku], texts, location=place))
            return
        ids = add_serials(actor, self.items[sku], texts, location=place).serial_ids
        self._came(ids, texts, "added", State("in_stock", place, "", sku, ""), "", units=0)

    @rule(data=st.data(), number=st.integers(1, 3))
    def receive(self, data: st.DataObject, number: int) -> None:
        """Receive: the quantity goes up; removed records come back."""
        sku, place = data.draw(st.sampled_from(sorted(self.items))), data.draw(st.sampled_from(PLACES))
        texts = [f"N{next(_names)}" for _ in range(number)]
        back = [unit for unit in self.world.units.values() if unit.state.status == "removed" and unit.state.item == sku]
        if back:
            texts.append(data.draw(st.sampled_from(sorted(unit.state.text for unit in back))))
        place_id = bound.execute_sql(f"SELECT id FROM locations WHERE code = {bound.param}", (place,)).fetchone()[0]
        lines = [ReceiptLine(self.items[sku], text, serial_key(text), place_id) for text in texts]
        done = receive_serials(self.boss, lines)
        ids = self._ids(sku, texts)
        self._came(ids, texts, "received", State("in_stock", place, "", sku, ""), done.document, units=1)

    def _ids(self, sku: str, texts: Sequence[str]) -> list[int]:
        marks = ", ".join([bound.param] * len(texts))
        sql = f"SELECT serial_number, id FROM serials WHERE item_id = {bound.param} AND serial_number IN ({marks})"
        found = dict(bound.execute_sql(sql, [self.items[sku], *texts]).fetchall())
        return [found[text] for text in texts]

    def _came(
        self, ids: Sequence[int], texts: Sequence[str], kind: str, after: State, document: str, *, units: int
    ) -> None:
        for serial_id, text in zip(ids, texts, strict=True):
            unit = self.world.units.setdefault(serial_id, Unit(serial_id, State("", "", "", "", "")))
            self.world.put(unit, kind, after._replace(text=text), document, units=units or None if units else 0)

    # ----- moves

    @precondition(lambda self: self.world.units)
    @rule(data=st.data(), moves=st.integers(3, 8))
    def move(self, data: st.DataObject, moves: int) -> None:
        """Some moves, of units that allow them and of some that do not."""
        for _ in range(moves):
            there = {unit.state.status for unit in self.world.units.values()}
            likely = sorted(verb for verb, row in TABLE.items() if there & set(row.before))
            verb = data.draw(st.sampled_from(likely if likely and data.draw(st.integers(0, 4)) else sorted(TABLE)))
            self._move(data, verb, skip=data.draw(st.booleans()), dry=data.draw(st.integers(0, 9)))

    def _move(self, data: st.DataObject, verb: str, *, skip: bool, dry: int) -> None:
        row, world = TABLE[verb], self.world
        fitting = sorted(each for each, unit in world.units.items() if unit.state.status in row.before)
        pool = fitting if fitting and data.draw(st.integers(0, 3)) else sorted(world.units)
        ids = data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4, unique=True))
        actor, held = data.draw(st.sampled_from(self.people))
        answers = self._answers(data, verb, ids)
        if answers is None:
            return

        def act() -> Moved:
            return move(actor, MOVES[verb], ids, Answers(**answers), skip_errors=skip, dry_run=not dry)

        if row.permission not in held:
            self._not_permitted(act)
            return
        reasons = {each: world.refuses(verb, world.units[each], answers) for each in ids}
        refused = {each: reason for each, reason in reasons.items() if reason}
        if refused and (not skip or len(refused) == len(ids)):
            self._refused(act, refused)
            return
        done = act()
        assert {one.serial_id: one.reason for one in done.refused} == refused
        good = [each for each in ids if each not in refused]
        assert list(done.serial_ids) == good
        if not dry:
            assert done.document is None
            return
        assert (done.document or "")[:1] == row.document
        for each in good:
            unit = world.units[each]
            after = world.after(verb, unit, answers)
            world.put(unit, MOVES[verb].kind, after, done.document or "")
        if verb == "dispatch":
            world.transfers[done.document or ""] = answers["place"]
        assert done.units == sum(abs(world.units[each].past[-1].units) for each in good)
        self._compare(ids)

    def _answers(self, data: st.DataObject, verb: str, ids: Sequence[int]) -> dict[str, str] | None:
        row = TABLE[verb]
        answers = {"note": "because"} if "note" in row.required else {}
        if "place" in row.required or (verb in ("restock", "repaired") and data.draw(st.booleans())):
            answers["place"] = data.draw(st.sampled_from(PLACES))
        if verb in ("sell", "reserve") and data.draw(st.booleans()):
            answers["customer"] = data.draw(st.sampled_from(CUSTOMERS))
        if "result" in row.required:
            answers["result"] = data.draw(st.sampled_from(RESULTS))
        if "status" in row.required:
            answers["status"] = data.draw(st.sampled_from(("in_stock", "kept", "lent")))
        if "transfer" in row.required:
            if not self.world.transfers:
                return None
            own = [self.world.units[each].past[-1].document for each in ids]
            mine = [number for number in own if number in self.world.transfers]
            answers["transfer"] = mine[0] if mine else data.draw(st.sampled_from(sorted(self.world.transfers)))
        return answers

    # ----- what is no move

    @precondition(lambda self: self.world.units)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """Remove a record: it takes back what the event that made it gave."""
        unit = self._unit(data, OTHERS["remove"].before)
        actor, held = data.draw(st.sampled_from(self.people))

        def act() -> Moved:
            return remove(actor, [unit.id], "twice")

        if OTHERS["remove"].permission not in held:
            self._not_permitted(act)
        elif reason := self._not_on_hand(unit, "remove"):
            self._refused(act, {unit.id: reason})
        else:
            act()
            made = [past for past in unit.past if past.kind in ("added", "received") and not past.voided]
            after = unit.state._replace(status="removed", customer="")
            self.world.put(unit, "removed", after, "", units=None if made and made[-1].units else 0)
            self._compare([unit.id])

    @precondition(lambda self: self.world.units)
    @rule(data=st.data())
    def change_item(self, data: st.DataObject) -> None:
        """Move a unit to the other item."""
        unit = self._unit(data, OTHERS["change-item"].before)
        sku = data.draw(st.sampled_from(sorted(self.items)))

        def act() -> Moved:
            return change_item(self.boss, [unit.id], sku)

        reason = self._not_on_hand(unit, "change-item") or ("there" if sku == unit.state.item else "")
        reason = reason or ("exists" if self.world.holder(sku, unit.state.text) else "")
        if reason:
            self._refused(act, {unit.id: reason})
            return
        act()
        self.world.put(unit, "item_changed", unit.state._replace(item=sku), "")
        self._compare([unit.id])

    def _not_on_hand(self, unit: Unit, verb: str) -> str:
        if unit.state.status not in OTHERS[verb].before:
            return "status"
        return "sold_before" if unit.was_sold() else ""

    @precondition(lambda self: self.world.units)
    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        """Correct a text; the old one still finds the unit."""
        unit, text = self._unit(data, ()), f"C{next(_names)}"
        old = unit.state.text
        correct(self.boss, unit.id, text)
        self.world.put(unit, "corrected", unit.state._replace(text=text), "")
        self._compare([unit.id])
        sql = f"SELECT serial_id FROM serial_aliases WHERE alias_key = {bound.param}"
        assert (unit.id,) in bound.execute_sql(sql, (serial_key(old),)).fetchall()

    @precondition(lambda self: len(self.world.units) > 1)
    @rule(data=st.data(), skip=st.booleans())
    def correct_many(self, data: st.DataObject, skip: bool) -> None:
        """Correct several texts at once, some of them to those of others."""
        world = self.world
        ids = data.draw(st.lists(st.sampled_from(sorted(world.units)), min_size=1, max_size=5, unique=True))
        pool = ids if data.draw(st.integers(0, 3)) else sorted(world.units)
        actor, held = data.draw(st.sampled_from(self.people))
        new = {
            each: world.units[data.draw(st.sampled_from(pool))].state.text
            if data.draw(st.integers(0, 3))
            else f"C{next(_names)}"
            for each in ids
        }

        def act() -> Moved:
            return correct_many(actor, list(new.items()), skip_errors=skip)

        refused = world.refuse_texts(new)
        if OTHERS["correct"].permission not in held:
            self._not_permitted(act)
        elif refused and (not skip or len(refused) == len(ids)):
            self._refused(act, refused, names=False)
        else:
            assert {one.serial_id: one.reason for one in act().refused} == refused
            for each in ids:
                if each not in refused:
                    unit = world.units[each]
                    world.put(unit, "corrected", unit.state._replace(text=new[each]), "")
            self._compare(ids)

    @precondition(lambda self: self.world.units)
    @rule(data=st.data())
    def void_unit(self, data: st.DataObject) -> None:
        """Void the last event of a unit."""
        unit = self._unit(data, ())
        actor, held = data.draw(st.sampled_from(self.people))
        event = unit.standing()

        def act() -> Moved:
            return void_last(actor, [unit.id], "oops")

        if not self._may_void(actor, held, [event] if event else []):
            self._not_permitted(act)
        elif event is None:
            self._refused(act, {unit.id: "nothing"})
        elif (back := event.before).text and self.world.holder(back.item, back.text) not in (None, unit):
            self._refused(act, {unit.id: "exists"})
        else:
            done = act()
            assert (done.document or "").startswith("V-")
            self.world.void(unit, done.document or "")
            self._compare([unit.id])

    @precondition(lambda self: any(past.document for unit in self.world.units.values() for past in unit.past))
    @rule(data=st.data(), skip=st.booleans())
    def void_document(self, data: st.DataObject, skip: bool) -> None:
        """Void a document: units that moved on are named."""
        units = self.world.units.values()
        numbers = sorted({past.document for unit in units for past in unit.past if past.document})
        number = data.draw(st.sampled_from(numbers))
        actor, held = data.draw(st.sampled_from(self.people))

        def act() -> Moved:
            return void_document(actor, number, "wrong", skip_errors=skip)

        on_it = [
            unit
            for unit in units
            if any(past.document == number and not past.voided and not past.is_void for past in unit.past)
        ]
        if OTHERS["void"].permission not in held and Document.get(Document.number == number).user_id != actor.user_id:
            self._not_permitted(act)
            return
        if number.startswith("V") or not on_it:
            with pytest.raises(NotAllowed):
                act()
            return
        last = [unit for unit in on_it if (event := unit.standing()) and event.document == number]
        if not self._may_void(actor, held, [unit.standing() for unit in last], number):
            self._not_permitted(act)
            return
        moved_on = {unit.id: "moved_on" for unit in on_it if unit not in last}
        if moved_on and (not skip or not last):
            self._refused(act, moved_on)
            return
        done = act()
        assert {one.serial_id: one.reason for one in done.refused} == moved_on
        for unit in sorted(last, key=lambda each: each.id):
            self.world.void(unit, done.document or "")
        assert Document.get(Document.number == done.document).source_document.number == number
        self._compare([unit.id for unit in on_it])

    def _may_void(self, actor: Actor, held: set[str], events: Sequence[Past | None], number: str = "") -> bool:
        if OTHERS["void"].permission in held:
            return True
        numbers = [number] if number else [event.document if event else "" for event in events]
        if not numbers or "" in numbers:
            return False
        own = all(Document.get(Document.number == each).user_id == actor.user_id for each in numbers)
        permissions = {row.permission for event in events for row in TABLE.values() if event and _is(row, event)}
        made = any(event and event.kind in ("received", "added") for event in events)
        return own and permissions <= held and (not made or "INV_MANAGE_SERIALS" in held)

    # ----- comparing

    def _unit(self, data: st.DataObject, statuses: Sequence[str]) -> Unit:
        fitting = sorted(each for each, unit in self.world.units.items() if unit.state.status in statuses)
        pool = fitting if fitting and data.draw(st.integers(0, 3)) else sorted(self.world.units)
        return self.world.units[data.draw(st.sampled_from(pool))]

    def _not_permitted(self, act: Callable[[], object]) -> None:
        with pytest.raises(NotPermitted):
            act()

    def _refused(self, act: Callable[[], object], expected: dict[int, str], *, names: bool = True) -> None:
        before = self._events()
        with pytest.raises(NotAllowed) as refusal:
            act()
        refused = refusal.value.details["refused"]
        assert {one.serial_id: one.reason for one in refused} == expected
        assert all(one.serial_number in one.message for one in refused if names)
        assert self._events() == before

    def _events(self) -> int:
        return int(bound.execute_sql("SELECT count(*) FROM serial_events").fetchone()[0])

    def _compare(self, ids: Sequence[int]) -> None:
        self.steps += 1
        for each in ids:
            unit = self.world.units[each]
            assert _stored(each) == unit.state
            rows = bound.execute_sql(
                "SELECT e.kind, e.units, coalesce(d.number, '') FROM serial_events e "
                f"LEFT JOIN documents d ON d.id = e.document_id WHERE e.serial_id = {bound.param} ORDER BY e.number",
                (each,),
            ).fetchall()
            assert [tuple(row) for row in rows] == [(past.kind, past.units, past.document) for past in unit.past]
        for sku, item_id in self.items.items():
            stock = {place.location: place.on_hand for place in item_form(item_id).places if place.on_hand}
            mine = {place: units for (item, place), units in self.world.quantities.items() if item == sku and units}
            assert stock == mine

    def teardown(self) -> None:
        """Everything once more, the history of quantities, the counts, and the whole database by `check`."""
        if not self.world.units:
            return
        self._compare(sorted(self.world.units))
        for sku, item_id in self.items.items():
            changed: Counter[str] = Counter()
            for row in StockChange.select().where(StockChange.item == item_id):
                changed[row.location.code] += row.units
            assert +changed == Counter({p: n for (s, p), n in self.world.quantities.items() if s == sku and n})
            counted = {unit.id for unit in self.world.units.values() if unit.state.item == sku}
            sql = f"SELECT coalesce(sum(serials), 0) FROM serial_counts WHERE item_id = {bound.param}"
            assert bound.execute_sql(sql, (item_id,)).fetchone()[0] == len(counted)
        assert check(self.database).findings == ()


def _is(row: Any, event: Past) -> bool:
    return any(TABLE[code] is row and MOVES[code].kind == event.kind for code in TABLE)


def _stored(serial_id: int) -> State:
    row = bound.execute_sql(
        "SELECT t.code, l.code, coalesce(c.name, ''), i.sku, s.serial_number FROM serials s "
        "JOIN statuses t ON t.id = s.status_id JOIN locations l ON l.id = s.location_id "
        f"JOIN items i ON i.id = s.item_id LEFT JOIN customers c ON c.id = s.customer_id WHERE s.id = {bound.param}",
        (serial_id,),
    ).fetchone()
    return State(*row)
