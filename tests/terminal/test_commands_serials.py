"""`serialdock serial …`."""

from __future__ import annotations

import re
from datetime import date

import pytest

from models import ledger
from models.clock import today
from models.database.unit import Unit, write
from models.items.items import create_item, find_item
from models.locations import create_location
from models.people import account_name, sign_in
from models.schema import Customer
from models.serials.add import add_serials
from models.verbs import VERBS
from tests.support.cases import each
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES
from tests.support.warehouse import set_warranty

ROW = ["serial_number", "status", "location", "customer", "warranty_status", "date_received"]


def _hammer_and_dock() -> None:
    me = sign_in()
    create_item(me, "HT-1", "Hammer", on_hand=1, track_serials=True)
    create_location(me, "DOCK-1", "Dock")


def _one_sold() -> None:
    _hammer_and_dock()
    me = sign_in()
    serial_id, _ = add_serials(me, find_item("HT-1").id, ["SN-1", "SN-2"]).serial_ids
    set_warranty(me, serial_id, date(2020, 1, 1), date(2021, 12, 31), void="opened by the customer")

    def work(unit: Unit) -> None:
        customer = Customer.create(name="Bergmann\x1b[31m AG")
        ledger.change(
            unit,
            ledger.lock([serial_id]),
            VERBS["sell"],
            status_id=ledger.status_ids()["sold"],
            customer_id=customer.id,
        )

    write(me, work)


CONTENTS = {"hammer": _hammer_and_dock, "sold": _one_sold}


@pytest.fixture
def hammer(commands: Commands) -> Commands:
    """A database with one tracked item with one unit on hand, and a second place."""
    return commands


@pytest.fixture
def sold(hammer: Commands) -> Commands:
    """A serial that was sold with a warranty, and one in stock."""
    return hammer


def test_a_serial_is_added_in_stock_and_no_quantity_changes(hammer: Commands) -> None:
    added = hammer.object("serial", "add", "--item", "HT-1", " sn 1 ", "--location", "dock-1", "--notes", "box open")
    assert list(added) == [
        *ROW,
        "item",
        "condition_notes",
        "warranty",
        "events",
        "documents",
        "can",
        "earlier_texts",
        "earlier_items",
        "draft",
        "warnings",
    ]
    assert {name: added[name] for name in ROW} == {
        "serial_number": "sn 1",
        "status": "in_stock",
        "location": "DOCK-1",
        "customer": None,
        "warranty_status": "none",
        "date_received": today().isoformat(),
    }
    assert (added["item"], added["condition_notes"], added["documents"]) == ("HT-1", "box open", [])
    item = hammer.object("item", "show", "HT-1")
    assert (item["on_hand"], item["serials"], item["without"]) == (1, 1, 0)
    assert hammer.good("serial", "add", "--item", "HT-1", "SN-2").out == "SN-2 is on HT-1 now: + In Stock at MAIN.\n"


def test_an_odd_serial_is_added_and_told_and_another_item_is_not_asked(hammer: Commands) -> None:
    hammer.good("receive", "--item", "HT-1", "--location", "DOCK-1", "--first", "CZ0001", "--count", "20")
    out = hammer.good("serial", "add", "--item", "HT-1", "CZ-0OO7").out
    assert out.splitlines()[1:] == [
        "warning: CZ-0OO7 has 7 characters where the other 20 have 6.",
        "warning: CZ-0OO7 looks like CZ0007, which is on HT-1 already.",
    ]
    added = hammer.object("serial", "add", "--item", "HT-1", "CZOO08")
    assert (added["serial_number"], added["status"]) == ("CZOO08", "in_stock")
    assert added["warnings"] == [
        {"reason": "near_duplicate", "message": "CZOO08 looks like CZ0008, which is on HT-1 already."}
    ]
    assert hammer.object("serial", "add", "--item", "HT-1", "CZ0099")["warnings"] == []
    assert hammer.refused("serial", "add", "--item", "HT-1", "CZ0007")["error"] == "duplicate"


@each("serial", ["", "  ", "---", "SN-é", "SN\x1b[31m", "x" * 65, "1,2\n3"])
def test_what_is_no_serial_number_is_refused(hammer: Commands, serial: str) -> None:
    assert hammer.refused("serial", "add", "--item", "HT-1", "--", serial)["error"] == "bad_value"
    assert hammer.rows("serial", "list", "--item", "HT-1") == []


def test_a_serial_may_begin_with_a_hyphen(hammer: Commands) -> None:
    assert hammer("serial", "add", "--item", "HT-1", "-9A").code == 2
    ran = hammer("serial", "add", "--item", "HT-1", "--json", "--", "-9A")
    assert ran.object["serial_number"] == "-9A"


def test_an_item_that_does_not_track_serials_gets_none(hammer: Commands) -> None:
    hammer.good("item", "add", "HT-2", "Saw")
    assert hammer.refused("serial", "add", "--item", "HT-2", "SN-1")["error"] == "not_tracked"
    assert hammer.refused("serial", "add", "--item", "HT-3", "SN-1")["error"] == "not_found"


@BOTH_ENGINES
def test_every_serial_is_listed_in_natural_order_sold_ones_included(sold: Commands) -> None:
    sold.good("serial", "add", "--item", "HT-1", "SN-10")
    rows = sold.rows("serial", "list", "--item", "ht-1")
    assert [list(row) for row in rows] == [ROW] * 3
    assert [row["serial_number"] for row in rows] == ["SN-1", "SN-2", "SN-10"]
    assert [row["status"] for row in rows] == ["sold", "in_stock", "in_stock"]
    assert [row["customer"] for row in rows] == ["Bergmann\x1b[31m AG", None, None]
    assert [row["warranty_status"] for row in rows] == ["void", "none", "none"]

    day = today().isoformat()
    assert sold.good("serial", "list", "--item", "HT-1").out == (
        "Serial Number  Status      Location  Customer          Warranty Status  Date Received\n"
        f"SN-1           $ Sold      MAIN      Bergmann␛[31m AG  void             {day}\n"
        f"SN-2           + In Stock  MAIN                        no warranty      {day}\n"
        f"SN-10          + In Stock  MAIN                        no warranty      {day}\n"
    )


@BOTH_ENGINES
def test_a_list_can_be_narrowed(sold: Commands) -> None:
    def listed(*words: str) -> list[str]:
        return [row["serial_number"] for row in sold.rows("serial", "list", "--item", "HT-1", *words)]

    sold.good("serial", "add", "--item", "HT-1", "AB-1", "--location", "DOCK-1")
    assert listed("--status", "sold") == ["SN-1"]
    assert listed("--location", "dock-1") == ["AB-1"]
    assert listed("--find", "sn") == ["SN-1", "SN-2"]
    assert listed("--find", "-1") == ["AB-1", "SN-1"]
    assert listed("--find", "SN", "--status", "in_stock") == ["SN-2"]
    assert (
        "There is no status new. There are: in_stock, "
        in sold.refused(*("serial", "list", "--item", "HT-1", "--status", "new"))["message"]
    )


@BOTH_ENGINES
def test_a_serial_is_shown_with_all_that_happened_to_it(sold: Commands) -> None:
    sold.good("serial", "transfer", "--item", "HT-1", "SN-2", "--to", "DOCK-1", "--notes", "to the van")
    shown = sold.object("serial", "show", "SN-1")
    assert shown["warranty"] == {
        "status": "void",
        "start": "2020-01-01",
        "end": "2021-12-31",
        "void_reason": "opened by the customer",
    }
    assert [event["number"] for event in shown["events"]] == [1, 2, 3]
    last = shown["events"][-1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", last.pop("at"))
    assert last == {
        "number": 3,
        "kind": "sold",
        "user": account_name(),
        "login_user": None,
        "document": None,
        "from_status": "in_stock",
        "to_status": "sold",
        "from_location": "MAIN",
        "to_location": "MAIN",
        "from_customer": None,
        "to_customer": "Bergmann\x1b[31m AG",
        "changes": {},
        "units": 0,
        "voids": None,
        "reference": "",
        "note": "",
        "item": "HT-1",
        "serial_number": "SN-1",
    }
    assert shown["events"][1]["changes"] == {
        "warranty_start": [None, "2020-01-01"],
        "warranty_end": [None, "2021-12-31"],
        "warranty_void": [None, "opened by the customer"],
    }

    moved = sold.object("serial", "show", "sn-2", "--item", "HT-1")
    (document,) = moved["documents"]
    assert document.pop("at") == moved["events"][-1]["at"]
    assert document == {
        "number": "T-000001",
        "kind": "transfer",
        "user": account_name(),
        "from_location": "MAIN",
        "to_location": "DOCK-1",
        "customer": None,
        "serials": 1,
        "note": "to the van",
    }


def test_people_read_a_serial_in_words(sold: Commands) -> None:
    text = sold.good("serial", "show", "SN-1").out
    lines = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "WHEN", line).rstrip() for line in text.splitlines()]
    assert "Status           $ Sold" in lines
    assert "Customer         Bergmann␛[31m AG" in lines
    assert "Warranty         void, 2020-01-01 to 2021-12-31: opened by the customer" in lines
    assert lines[-1].startswith(f"3  WHEN  {account_name()}  sold")
    assert lines[-1].endswith("In Stock → Sold; customer Bergmann␛[31m AG")
    assert "\x1b" not in text


def test_notes_of_several_lines_stay_several_lines(hammer: Commands) -> None:
    hammer.good("serial", "add", "--item", "HT-1", "SN-1", "--notes", "box open\nscratched")
    text = hammer.good("serial", "show", "SN-1").out
    assert "Condition notes  box open\n                 scratched\n" in text


def test_a_serial_on_several_items_must_be_named_with_its_item(hammer: Commands) -> None:
    hammer.good("item", "add", "HT-2", "Saw", "--track-serials")
    for sku in ("HT-1", "HT-2"):
        hammer.good("serial", "add", "--item", sku, "0001")
    refusal = hammer.refused("serial", "show", "0001")
    assert refusal["error"] == "ambiguous"
    assert "HT-1, HT-2" in refusal["message"]
    assert hammer.object("serial", "show", "0001", "--item", "HT-2")["item"] == "HT-2"
    assert hammer.refused("serial", "show", "0002")["error"] == "not_found"


def test_a_transfer_says_what_moved_with_the_serials(hammer: Commands) -> None:
    for serial in ("SN-1", "SN-2"):
        hammer.good("serial", "add", "--item", "HT-1", serial)
    moved = hammer.object("serial", "transfer", "--item", "HT-1", "sn-2", "SN-1", "sn-1", "--to", "dock-1")
    assert moved == {
        "document": "T-000001",
        "location": "DOCK-1",
        "serials": ["SN-2", "SN-1"],
        "units_moved": 1,
        "without_quantity": 1,
    }
    assert hammer.good("serial", "transfer", "--item", "HT-1", "SN-1", "SN-2", "--to", "MAIN").out == (
        "Transferred 2 serials of HT-1 to MAIN, document T-000002.\n"
        "No quantity moved for 1 of them: their old place showed none.\n"
    )


def test_a_transfer_moves_all_or_none(sold: Commands) -> None:
    def refused(*serials: str) -> str:
        refusal = sold.refused("serial", "transfer", "--item", "HT-1", *serials, "--to", "DOCK-1")
        return f"{refusal['error']}: {refusal['message']}"

    assert refused("SN-2", "SN-1").startswith("not_allowed: SN-1 is Sold to ")
    assert refused("SN-2", "SN-3") == "not_found: HT-1 has no serial SN-3. Check the number, or add it first."
    assert [row["location"] for row in sold.rows("serial", "list", "--item", "HT-1")] == ["MAIN", "MAIN"]
