"""The number of a session's last scan that is in its draft: what a replay may skip, whatever became of the draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from models import clock
from models.permissions import Permission
from models.schema import Draft, ScanMark
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts
from models.station.drafts import taken_of
from models.station.engine import ScanStation
from tests.support.app import somebody
from tests.support.receiving import SERIALS
from tests.support.warehouse import Warehouse

DONE, CANCEL, TRANSFER = "XXSDDONE", "XXSDCANCEL", "XXSDSHIFT"


class Numbered:
    """A station whose scans are numbered, as its queue numbers them."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.job = ScanStation()
        self.actor = warehouse.boss
        self.last = 0

    def scan(self, *texts: str) -> list[Verdict]:
        told: list[Verdict] = []
        self.job.scan(self.actor, self.numbered(texts), told.append)
        return told

    def numbered(self, texts: Sequence[str]) -> list[Scan]:
        first, self.last = self.last + 1, self.last + len(texts)
        return [Scan(text, "scanned", number) for number, text in enumerate(texts, first)]

    @property
    def taken(self) -> int:
        return taken_of(self.job.session)


def test_a_draft_knows_the_last_scan_that_is_in_it_also_one_that_made_no_line(warehouse: Warehouse) -> None:
    one = Numbered(warehouse)
    assert one.taken == 0
    one.scan("DOCK")
    assert one.taken == 1
    one.scan("SAW-1", *SERIALS[:3])
    assert one.taken == 5
    assert one.scan(SERIALS[0])[0].outcome is Outcome.DUPLICATE
    assert one.taken == 6
    assert Draft.select().count() == 1


def test_what_is_no_scan_leaves_the_number_as_it_is(warehouse: Warehouse) -> None:
    one = Numbered(warehouse)
    one.scan("DOCK", "SAW-1", *SERIALS[:3])
    one.job.undo(one.actor)
    assert one.taken == 5


def test_a_burst_that_stops_before_a_command_counts_up_to_there(warehouse: Warehouse) -> None:
    one = Numbered(warehouse)
    seen: list[int] = []
    scans = one.numbered(["DOCK", "SAW-1", SERIALS[0], TRANSFER, CANCEL, SERIALS[1]])
    one.job.scan(one.actor, scans, lambda _: seen.append(one.taken))
    assert seen == [3, 3, 3, 3, 5, 6]  # the choice of a task is no transaction of a draft
    assert one.taken == 6


def test_a_burst_that_begins_with_a_command_takes_nothing_before_it(warehouse: Warehouse) -> None:
    one = Numbered(warehouse)
    one.scan("DOCK", "SAW-1", SERIALS[0])
    seen: list[int] = []
    one.job.scan(one.actor, one.numbered([CANCEL, SERIALS[1]]), lambda _: seen.append(one.taken))
    assert seen == [4, 5]


def test_the_number_outlives_done_and_the_next_draft_goes_on_counting(warehouse: Warehouse) -> None:
    one = Numbered(warehouse)
    assert one.scan("DOCK", "SAW-1", *SERIALS[:3], DONE)[-1].outcome is Outcome.DONE
    assert (one.taken, Draft.get().session) == (6, None)
    one.scan("MAIN")
    assert one.taken == 7
    one.scan(CANCEL, CANCEL)
    assert one.taken == 9
    assert [(row.session, row.taken) for row in ScanMark.select()] == [(one.job.session, 9)]


def test_the_number_outlives_every_change_of_hands(warehouse: Warehouse) -> None:
    other = somebody(warehouse.boss, "dock1", Permission.VIEW, Permission.MANAGE_SERIALS)
    for change in (
        lambda draft: drafts.take_over(other, draft, "another-host/1/x"),
        lambda draft: drafts.claim_for(other, draft),
        lambda draft: drafts.hand_over(warehouse.boss, draft, "dock1"),
        lambda draft: drafts.discard(other, draft),
    ):
        one = Numbered(warehouse)
        one.scan("DOCK", "SAW-1", *SERIALS[:3])
        draft_id = one.job.view.draft_id
        assert draft_id is not None
        change(draft_id)
        assert one.taken == 5
        assert taken_of("another-host/1/x") == 0


def test_a_draft_that_was_left_and_continued_begins_with_the_numbers_of_its_new_session(warehouse: Warehouse) -> None:
    one, two = Numbered(warehouse), Numbered(warehouse)
    one.scan("DOCK", "SAW-1", *SERIALS[:3])
    draft_id = one.job.view.draft_id
    assert draft_id is not None
    one.job.leave(one.actor)
    two.job.continue_draft(two.actor, draft_id)
    assert (one.taken, two.taken) == (5, 0)
    two.scan(SERIALS[3])
    assert (one.taken, two.taken) == (5, 1)


def test_the_marks_of_sessions_that_began_long_ago_are_swept_and_no_others(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()

    def done_at(at: datetime) -> str:
        monkeypatch.setattr(clock, "now", lambda: at)
        one = Numbered(warehouse)
        one.scan("DOCK", "SAW-1", CANCEL, CANCEL)
        return one.job.session

    ScanMark.create(session=f"host/1/{uuid4().hex}", taken=7)  # of a version whose names have no time
    long_ago = done_at(now - drafts.KEEP_MARKS - timedelta(hours=1))
    weeks_ago = done_at(now - drafts.KEEP_MARKS + timedelta(hours=1))
    assert (taken_of(long_ago), taken_of(weeks_ago)) == (4, 4)
    today = done_at(now)
    assert [taken_of(session) for session in (long_ago, weeks_ago, today)] == [0, 4, 4]
    assert ScanMark.select().count() == 3
