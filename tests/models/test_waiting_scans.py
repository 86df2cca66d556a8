"""Scans that a process has left behind: into their draft exactly once, or for a decision, under today's permissions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.customers import add_customer
from models.errors import Changed, NotPermitted, Unreachable, UnstorableValue
from models.people import grant, remove_user, set_roles
from models.permissions import Actor, Permission
from models.schema import Draft, DraftLine, Location, Serial
from models.serials.add import add_serial
from models.serials.judging import Scan
from models.serials.moves import Answers, move
from models.settings import database_id
from models.spool import folder, left_behind, spools
from models.station import drafts, waiting
from models.station.answers import Given, to_text
from models.station.engine import ScanStation
from models.station.left import WaitingScans
from models.station.task import TASKS, First
from models.station.waiting import discard, left_scans, take_in, take_up, waiting_scans
from models.verbs import MOVES
from tests.support.app import somebody
from tests.support.barcodes import envelope
from tests.support.engines import ON_POSTGRESQL
from tests.support.limits import LIMIT
from tests.support.receiving import SERIALS
from tests.support.spools import leave_behind, records
from tests.support.warehouse import Warehouse

OTHERS = "another-host/1/x"
MANY = [f"5CG84{number:05}" for number in range(1_234)]


def good(draft_id: int | None = None) -> list[str]:
    """The good serials of the drafts, in the order of the scans."""
    lines = DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good")
    lines = lines.order_by(DraftLine.draft, DraftLine.number)
    return [line.serial_number for line in lines if draft_id in (None, line.draft_id)]


class Ended:
    """A station that took some scans; the process ends while others wait."""

    def __init__(self, actor: Actor, taken: Sequence[str] = ("DOCK", "SAW-1", SERIALS[0])) -> None:
        self.actor = actor
        self.job = ScanStation()
        scans = [Scan(text, "scanned", number) for number, text in enumerate(taken, 1)]
        self.job.scan(actor, scans, lambda _: None)
        self.draft_id = self.job.view.draft_id
        self.last = len(taken)

    def left(self, *texts: str, **more: Any) -> list[Any]:
        where = {"place": "DOCK", "sku": "SAW-1"} if self.draft_id else {}
        first = more.pop("first", self.last + 1)
        return records(self.actor, texts, first, session=self.job.session, draft_id=self.draft_id, **where, **more)


def only() -> WaitingScans:
    (found,) = left_scans()
    return found


@pytest.fixture
def clerk(warehouse: Warehouse) -> Actor:
    return somebody(warehouse.boss, "dock1", Permission.VIEW, Permission.MANAGE_SERIALS)


def test_they_go_into_their_draft_in_their_order_in_the_name_of_who_scanned_them(
    warehouse: Warehouse, clerk: Actor
) -> None:
    ended = Ended(clerk)
    leave_behind(ended.left(*SERIALS[1:4], "DRILL-9", *SERIALS[4:6]))
    assert take_up(clerk).taken == 6
    assert good()[:4] == SERIALS[:4]
    assert spools() == []
    assert {line.user_id for line in DraftLine.select()} == {clerk.user_id}
    (row,) = drafts.open_drafts()
    assert (row.session, row.login, row.id) == (ended.job.session, "dock1", ended.draft_id)
    assert waiting_scans() == left_scans() == []


def test_what_was_taken_before_the_end_is_not_taken_again_also_where_it_made_no_line(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    left = ended.left("DOCK", "SAW-1", SERIALS[0], SERIALS[0], SERIALS[1], first=1)
    leave_behind(left)
    lines = DraftLine.select().count()
    assert take_up(warehouse.boss).taken == 2
    assert (good(), DraftLine.select().count()) == (SERIALS[:2], lines + 1)


def test_a_scan_that_was_taken_out_stays_out_when_it_is_replayed(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    ended.job.undo(warehouse.boss)
    leave_behind(ended.left("DOCK", "SAW-1", SERIALS[0], SERIALS[1], first=1))
    assert take_up(warehouse.boss).taken == 1
    assert good() == SERIALS[1:2]


def test_a_replay_that_is_repeated_changes_nothing(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    left = ended.left(*SERIALS[1:4])
    for _ in range(2):
        leave_behind([*left, *left])
        take_up(warehouse.boss)
        assert (good(), spools()) == (SERIALS[:4], [])
    ended.job.done(warehouse.boss)
    leave_behind(left)
    assert take_up(warehouse.boss) == (0, [])
    assert spools() == []


def test_more_than_one_transaction_holds_are_taken_once_when_the_replay_is_ended_in_between(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Ended(warehouse.boss)
    leave_behind(ended.left(*MANY))
    claim, calls = drafts.claim, [0]

    def breaks(*args: Any, **more: Any) -> None:
        calls[0] += 1
        if calls[0] == 3:
            raise KeyboardInterrupt
        claim(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(drafts, "claim", breaks)
        with pytest.raises(KeyboardInterrupt):
            take_up(warehouse.boss)
    assert len(good()) == 1_001
    assert take_up(warehouse.boss).taken == 234
    assert good() == [SERIALS[0], *MANY]


def test_scans_that_made_no_draft_are_shown_and_make_a_new_one_with_their_place_and_item(
    warehouse: Warehouse, clerk: Actor
) -> None:
    leave_behind(records(clerk, SERIALS[:4], place="DOCK", sku="SAW-1"))
    assert take_up(clerk).taken == 0
    group = only()
    assert group.sentence.startswith("4 scans of dock1 for SAW-1 at DOCK, ")
    assert group.sentence.endswith(", that are in no receipt")
    settled = take_in(clerk, group)
    assert (settled.scans, settled.good, settled.problems) == (4, 4, 0)
    assert settled.draft is not None
    assert (settled.draft.location, settled.draft.sku, settled.draft.session) == ("DOCK", "SAW-1", None)
    assert good() == SERIALS[:4]
    assert spools() == []
    with pytest.raises(Changed, match="Somebody else has settled these scans"):
        take_in(clerk, group)
    assert good() == SERIALS[:4]


def test_a_place_and_an_item_among_them_count_from_where_they_were_scanned(warehouse: Warehouse) -> None:
    leave_behind(records(warehouse.boss, ["DOCK", "SAW-1", SERIALS[0], "MAIN", SERIALS[1]]))
    take_in(warehouse.boss, only())
    lines = DraftLine.select().where(DraftLine.kind == "serial").order_by(DraftLine.number)
    assert [(line.serial_number, line.location.code) for line in lines] == [(SERIALS[0], "DOCK"), (SERIALS[1], "MAIN")]


def test_a_draft_that_somebody_took_over_stays_theirs_and_the_rest_makes_a_new_one(
    warehouse: Warehouse, clerk: Actor
) -> None:
    ended = Ended(warehouse.boss, ["DOCK"])
    left = ended.left("SAW-1", *SERIALS[:3], first=2)
    ended.job.scan(warehouse.boss, [Scan(one.text, one.how, one.number) for one in left[:2]], lambda _: None)
    assert ended.draft_id is not None
    drafts.take_over(clerk, ended.draft_id, OTHERS)
    leave_behind(left)
    assert take_up(warehouse.boss).taken == 0
    group = only()
    assert ([one.text for one in group.records], group.draft_id) == (SERIALS[1:3], None)
    settled = take_in(warehouse.boss, group)
    assert settled.draft is not None
    assert settled.draft.id != ended.draft_id
    assert (settled.draft.location, settled.draft.sku) == ("DOCK", "SAW-1")
    assert (good(ended.draft_id), good(settled.draft.id)) == (SERIALS[:1], SERIALS[1:3])


def test_a_decision_that_is_interrupted_goes_on_by_itself_and_makes_one_draft(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_behind(records(warehouse.boss, MANY, place="DOCK", sku="SAW-1"))
    with monkeypatch.context() as patched:
        patched.setattr(ScanStation, "leave", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take_in(warehouse.boss, only())
    assert take_up(warehouse.boss) == (0, [])
    assert (good(), Draft.select().count(), spools()) == (MANY, 1, [])


def test_what_came_after_an_undo_that_was_not_carried_out_is_shown(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    left = ended.left(*SERIALS[1:4])
    leave_behind([left[0], *(replace(one, after="UNDO") for one in left[1:])])
    taken = take_up(warehouse.boss)
    assert (taken.taken, good()) == (1, SERIALS[:2])
    (group,) = taken.left
    assert group == only()
    assert group.sentence.endswith("that are not in its open receipt")
    take_in(warehouse.boss, group)
    assert (good(ended.draft_id), spools()) == (SERIALS[:4], [])


def behind(number: int, *records: Any, after: str = "DONE", **more: Any) -> list[Any]:
    """Scans behind a command that ends a draft and was not carried out."""
    return [replace(one, after=after, ended=number, **more) for one in records]


def test_what_came_after_a_done_that_was_not_carried_out_is_another_draft(warehouse: Warehouse) -> None:
    warehouse.add("S-1", "S-2", "S-3", "S-4", "S-5")
    for name in ("BERG", "STEIN", "WALD"):
        add_customer(warehouse.boss, f"{name} AG", code=name)
    left = records(warehouse.boss, ["BERG", "S-1", "S-2", "STEIN", "S-3", "S-4", "WALD", "S-5"], task="sell")
    job = ScanStation(TASKS["sell"], left[0].session)
    job.scan(warehouse.boss, [Scan(one.text, one.how, one.number) for one in left[:2]], lambda _: None)
    leave_behind([*left[:3], *behind(4, *left[3:6]), *behind(7, *left[6:], after="CANCEL")])
    taken = take_up(warehouse.boss)
    assert (taken.taken, good()) == (1, ["S-1", "S-2"])
    assert taken.left == [only()]
    assert only().sentence.endswith("that are in no sale")
    found = take_in(warehouse.boss, only())
    assert (found.scans, found.good, found.messages) == (5, 3, ("Those before CANCEL are in the open draft 2.",))
    assert [(row.answers[First.CUSTOMER], good(row.id)) for row in drafts.open_drafts()[::-1]] == [
        ("BERG AG", ["S-1", "S-2"]),
        ("STEIN AG", ["S-3", "S-4"]),
        ("WALD AG", ["S-5"]),
    ]
    assert spools() == []


def test_what_came_after_another_task_is_a_draft_of_that_task(warehouse: Warehouse) -> None:
    warehouse.add("S-1")
    ended = Ended(warehouse.boss)
    first, second = ended.left(SERIALS[1], "S-1")
    leave_behind([first, *behind(2, second, after="Sell", task="sell")])
    assert take_up(warehouse.boss).taken == 1
    found = take_in(warehouse.boss, only()).draft
    assert found is not None
    assert (found.task, good(found.id), good(ended.draft_id)) == ("sell", ["S-1"], SERIALS[:2])


def test_a_decision_about_what_came_after_done_that_is_interrupted_goes_on_in_its_new_draft(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Ended(warehouse.boss)
    leave_behind(behind(4, *ended.left(*MANY, first=5)))
    judge = ScanStation.scan

    def ends(job: ScanStation, actor: Actor, scans: Sequence[Scan], tell: Any) -> None:
        told: list[Any] = []
        judge(job, actor, scans[:500], told.append)
        if len(scans) > 500:
            raise KeyboardInterrupt
        for verdict in told:
            tell(verdict)

    with monkeypatch.context() as patch:
        patch.setattr(ScanStation, "scan", ends)
        with pytest.raises(KeyboardInterrupt):
            take_in(warehouse.boss, only())
    assert only().draft_id == 2
    assert len(only().records) == len(MANY) - 500
    take_in(warehouse.boss, only())
    assert (good(ended.draft_id), good(2), Draft.select().count()) == (SERIALS[:1], MANY, 2)


# ----- what the old draft had been told


def of_sale(warehouse: Warehouse, *texts: str, task: str = "sell", taken: int = 0, **more: Any) -> WaitingScans:
    """Scans of a draft of moves that were written before any was taken; the first ones are, and the draft is gone."""
    left = records(warehouse.boss, texts, task=task, **more)
    job = ScanStation(TASKS[task], left[0].session)
    job.scan(warehouse.boss, [Scan(one.text, one.how, one.number) for one in left[:taken]], lambda _: None)
    drafts.discard(warehouse.boss, job.view.draft_id or 0)
    leave_behind(left)
    return only()


def told_to(warehouse: Warehouse, group: WaitingScans) -> tuple[str, str, dict[str, str]]:
    """Take scans in; the place, the item and the answers of their new draft."""
    found = take_in(warehouse.boss, group).draft
    assert found is not None
    return found.location, found.sku, {str(first): said for first, said in found.answers.items()}


def test_the_customer_whom_the_old_draft_had_taken_is_that_of_the_new_one(warehouse: Warehouse) -> None:
    warehouse.add("S-1", "S-2", "S-3")
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    add_customer(warehouse.boss, "Bergstein", code="STEIN")
    group = of_sale(warehouse, "BERG", "S-1", "STEIN", "S-2", "S-3", taken=3)
    assert [one.text for one in group.records] == ["S-2", "S-3"]
    assert told_to(warehouse, group) == ("", "", {"customer": "Bergstein"})
    assert good(2) == ["S-2", "S-3"]


KILLED = """
import os, sys
from models.database.connection import connect, open_database
from models.people import sign_in
from models.serials.judging import Scan
from models.station.engine import ScanStation
from models.spool import Spool
from models.station.task import TASKS
from tests.support.spools import records
connect(open_database(sys.argv[1]))
boss = sign_in("boss")
job = ScanStation(TASKS["sell"])
left = records(boss, ["BERG", "S-1", "S-2"], session=job.session, task="sell")
Spool.open().append(left)
job.scan(boss, [Scan(left[0].text, left[0].how, left[0].number)], lambda _: os.kill(os.getpid(), 9))
"""


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_a_sale_that_was_killed_behind_its_customer_goes_on_to_that_customer(
    migrated_url: str, warehouse: Warehouse, clerk: Actor, is_taken_over: bool
) -> None:
    warehouse.add("S-1", "S-2")
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, migrated_url],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    if is_taken_over:
        grant(warehouse.boss, "dock1", Permission.SELL_SERIAL)
        drafts.take_over(clerk, 1, OTHERS)
        assert take_up(warehouse.boss).taken == 0
        assert told_to(warehouse, only())[2] == {"customer": "Bergmann AG"}
    else:
        assert take_up(warehouse.boss).taken == 2
    assert [row.answers for row in drafts.open_drafts()] == [{First.CUSTOMER: "Bergmann AG"}] * (1 + is_taken_over)
    assert good(1 + is_taken_over) == ["S-1", "S-2"]


@pytest.mark.parametrize(
    ("task", "first", "answers"),
    [
        ("scrap", "dropped", {"reason": "dropped"}),
        ("sell", "Bergmann ag", {"customer": "Bergmann AG"}),
        ("repaired", "in stock", {"result": "In Stock"}),
    ],
)
def test_a_typed_answer_is_read_again(warehouse: Warehouse, task: str, first: str, answers: dict[str, str]) -> None:
    warehouse.add("S-1", "S-2")
    add_customer(warehouse.boss, "Bergmann AG")
    assert told_to(warehouse, of_sale(warehouse, first, "S-1", "S-2", task=task, taken=2, how="typed"))[2] == answers


def test_the_transfer_that_arrives_and_the_place_are_told_again_and_a_code_of_a_unit_is_no_item(
    warehouse: Warehouse,
) -> None:
    ids = warehouse.add("S-1", "S-2")
    sent = move(warehouse.boss, MOVES["dispatch"], ids, Answers(place="SHOP")).document or ""
    group = of_sale(warehouse, sent, "S-1", "S-2", task="arrive", taken=2)
    assert told_to(warehouse, group)[2] == {"transfer": sent}
    unit = envelope("1PSAW-1", "SS-1")
    group = of_sale(warehouse, "DOCK", unit, "S-2", task="transfer", taken=2)
    assert told_to(warehouse, group) == ("DOCK", "", {})


def test_what_was_undone_or_belonged_to_a_finished_draft_is_not_told_again(warehouse: Warehouse) -> None:
    warehouse.add("S-1", "S-2")
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    add_customer(warehouse.boss, "Bergstein", code="STEIN")
    for after, answers in (("UNDO", {"customer": "Bergmann AG"}), ("DONE", {}), ("CANCEL", {})):
        group = of_sale(warehouse, "BERG", "STEIN", "S-2", taken=2)
        records_after = (replace(group.records[0], after=after, ended=0 if answers else 3),)
        leave_behind([*group.before, *records_after])
        group.file.unlink()
        again = take_in(warehouse.boss, only())
        assert again.draft is not None
        assert {str(first): said for first, said in again.draft.answers.items()} == answers, after
        told = f"These scans came after {after}: the customer named before it does not count. Name it again."
        assert again.say_again == ("" if answers else told)


def test_an_answer_chosen_from_a_list_stands_at_the_next_scan(warehouse: Warehouse) -> None:
    warehouse.add("S-1", "S-2")
    customer = add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    given = to_text({First.CUSTOMER: Given(str(customer.id), "Bergmann AG"), First.REFERENCE: Given("PO-7", "PO-7")})
    group = of_sale(warehouse, "S-1", "S-2", taken=1, answers=given)
    assert told_to(warehouse, group)[2] == {"customer": "Bergmann AG", "reference": "PO-7"}


# ----- who may


def test_without_the_permission_nothing_is_taken_and_nothing_thrown_away(warehouse: Warehouse, clerk: Actor) -> None:
    ended = Ended(clerk)
    leave_behind(ended.left(*SERIALS[1:4]))
    set_roles(warehouse.boss, "dock1", ["viewer"])
    (group,) = take_up(clerk).left
    for settle in (take_in, discard):
        with pytest.raises(NotPermitted, match="To receive serials, dock1 needs the permission INV_MANAGE_SERIALS"):
            settle(clerk, group)
    remove_user(warehouse.boss, "dock1")
    assert take_up(clerk).left == [group]
    assert good() == SERIALS[:1]
    set_roles_again = somebody(warehouse.boss, "dock2", Permission.VIEW, Permission.MANAGE_SERIALS)
    take_in(set_roles_again, group)
    assert good(ended.draft_id) == SERIALS[:4]


def test_an_account_does_not_write_in_the_name_of_another_one(warehouse: Warehouse, clerk: Actor) -> None:
    ended = Ended(clerk)
    leave_behind([replace(one, login="boss", user_id=warehouse.boss.user_id) for one in ended.left(SERIALS[1])])
    assert take_up(clerk).taken == 0
    take_in(clerk, only())
    assert {line.user_id for line in DraftLine.select()} == {clerk.user_id}


def test_who_stood_in_for_somebody_is_asked_for_again(warehouse: Warehouse, clerk: Actor) -> None:
    boss = warehouse.boss
    standing_in = Actor(clerk.user_id, clerk.login, boss.user_id, boss.login)
    ended = Ended(standing_in)
    leave_behind(ended.left(SERIALS[1]))
    assert take_up(boss).taken == 1
    assert {line.user_id for line in DraftLine.select()} == {clerk.user_id}


def test_another_database_is_none_of_our_business(warehouse: Warehouse) -> None:
    left = [replace(one, database="0" * 32) for one in Ended(warehouse.boss).left(SERIALS[1])]
    file = leave_behind(left)
    before = file.read_bytes()
    assert take_up(warehouse.boss) == (0, [])
    assert waiting_scans() == left_scans() == []
    assert (spools(), file.read_bytes()) == ([file], before)
    assert database_id() != "0" * 32


def test_the_scans_of_a_process_that_lives_are_counted_and_left_to_it(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    file = leave_behind(ended.left(*SERIALS[1:3]))
    with left_behind(file) as held:
        assert held is not None
        assert take_up(warehouse.boss) == (0, [])
        assert left_scans() == []
        (group,) = waiting_scans()
        assert len(group.records) == 2
        with pytest.raises(Changed):
            discard(warehouse.boss, group)
    assert take_up(warehouse.boss).taken == 2


def test_the_scans_of_several_sessions_of_a_spool_are_settled_one_by_one(warehouse: Warehouse) -> None:
    ended = Ended(warehouse.boss)
    mine = ended.left(SERIALS[1])
    first = records(warehouse.boss, SERIALS[2:4], session="host/1/first", place="DOCK", sku="SAW-1")
    second = records(warehouse.boss, SERIALS[4:6], session="host/1/second", task="transfer")
    leave_behind([first[0], mine[0], second[0], first[1], second[1]])
    assert take_up(warehouse.boss).taken == 1
    one, two = left_scans()
    assert discard(warehouse.boss, two) == 2
    assert left_scans() == [one]
    take_in(warehouse.boss, one)
    assert (good(ended.draft_id), spools()) == (SERIALS[:2], [])


def test_empty_and_torn_files_are_cleared_away(warehouse: Warehouse) -> None:
    leave_behind(records(warehouse.boss, SERIALS[:1])).write_bytes(bytes(64))
    leave_behind(records(warehouse.boss, SERIALS[:1])).write_bytes(b'{"v":1,"te' + bytes(64))
    assert take_up(warehouse.boss) == (0, [])
    assert spools() == []


def test_a_folder_that_cannot_be_read_is_said(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_: Path) -> Any:
        raise OSError(5, "Input/output error")

    leave_behind(Ended(warehouse.boss).left(SERIALS[1]))
    monkeypatch.setattr(waiting, "left_behind", fails)
    with pytest.raises(Unreachable, match=r"cannot be read or settled: Input/output error\."):
        take_up(warehouse.boss)


# ----- Add Serial


def adding(warehouse: Warehouse, *serials: str, **more: Any) -> Path:
    item = warehouse.item
    return leave_behind(
        records(warehouse.boss, serials, task="add", sku=item.sku, item_id=item.id, place="MAIN", **more)
    )


def test_serials_to_be_added_are_always_shown_and_then_added_once(warehouse: Warehouse) -> None:
    add_serial(warehouse.boss, warehouse.item.id, SERIALS[0])
    adding(warehouse, *SERIALS[:3], SERIALS[2], notes="new")
    (group,) = take_up(warehouse.boss).left
    assert group.sentence.startswith("4 scans of ")
    assert group.sentence.endswith("that are not added")
    settled = take_in(warehouse.boss, group)
    assert (settled.good, settled.problems, settled.draft) == (2, 0, None)
    assert len(settled.messages) == 1
    assert f"{SERIALS[0]} of SAW-1 is already here" in settled.messages[0]
    assert Serial.select().where(Serial.serial_number.in_(SERIALS[:3])).count() == 3
    assert spools() == []


def test_a_serial_that_is_refused_stays_for_a_decision(warehouse: Warehouse) -> None:
    adding(warehouse, *SERIALS[:2])
    Location.update(code="ELSEWHERE").where(Location.code == "MAIN").execute()
    settled = take_in(warehouse.boss, only())
    assert (settled.good, settled.problems) == (0, 2)
    assert len(only().records) == 2
    assert discard(warehouse.boss, only()) == 2
    assert list(folder().iterdir()) == []


@ON_POSTGRESQL
def test_a_scan_that_the_server_cannot_store_is_named_and_the_others_are_taken(
    database: Any, warehouse: Warehouse
) -> None:
    for table in ("draft_lines", "serials"):
        database.execute_sql(
            f"ALTER TABLE {table} ADD COLUMN narrow smallint "
            "GENERATED ALWAYS AS (CASE WHEN serial_number = 'STRANGE' THEN 40000 END) STORED"
        )
    ended = Ended(warehouse.boss)
    texts = [*SERIALS[1:4], "STRANGE", *SERIALS[4:6]]
    leave_behind(ended.left(*texts))
    assert take_up(warehouse.boss).taken == 0  # a person decides
    done = take_in(warehouse.boss, only())
    assert (done.scans, done.good, done.problems) == (6, 5, 0)
    (message,) = done.messages
    assert message.startswith("STRANGE was not taken. The database")
    assert "smallint out of range (22003)" in message
    assert (good(), spools()) == (SERIALS[:6], [])
    ended.job.resume()
    leave_behind(ended.left("STRANGE", first=20))
    with pytest.raises(UnstorableValue, match="22003"):  # nothing but that one
        take_in(warehouse.boss, only())
    assert discard(warehouse.boss, only()) == 1

    drafts.discard(warehouse.boss, ended.draft_id)  # else they stand in an open draft, which is asked about
    leave_behind(records(warehouse.boss, texts, task="add", item_id=warehouse.item.id))
    added = take_in(warehouse.boss, only())
    assert (added.good, added.problems) == (5, 1)
    assert added.messages[0].startswith("STRANGE was not added. The database")
    assert [record.text for record in only().records] == ["STRANGE"]
