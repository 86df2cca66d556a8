"""A serial's whole life at a real terminal: in, sold, back, repaired, corrected, voided; the keys of each step counted.

A step that needs more keys than it did is seen here: scans are no keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.commands import Commands
from tests.support.journey import BACK_TAB, ENTER, F3, F7, F8, F10, Worker, all_is_well, answer, listed, on_hand

SERIALS = [f"5CG8341{number:04}" for number in range(20)]
TYPO, RIGHT = "5CG834I0019", SERIALS[19]
"""The last label was typed by hand, with an I for a 1."""


@contextmanager
def step(worker: Worker, what: str, most: int) -> Iterator[None]:
    """A step of the journey that needs at most so many keys."""
    before = worker.keys
    yield
    used = worker.keys - before
    assert used <= most, f"{what} took {used} keys, and took {most} before"


def test_in_sold_back_repaired_corrected_and_voided_with_hardly_a_key(stock: str, commands: Commands) -> None:
    commands.good("customer", "add", "Bergmann AG", "--code", "BERG")
    with Worker(stock) as worker:
        with step(worker, "receive 20", 1):
            worker.presses(F7)
            worker.sees("Scan the place")
            worker.scans("DOCK", "LAP-14", *SERIALS[:19], TYPO, "XXSDDONE")
            worker.sees("DONE", "R-000001", "20 serials received", "20 added to the quantity")
        with step(worker, "sell 12 to a customer", 0):
            worker.scans("XXSDSELL", "BERG", *SERIALS[:12], "XXSDDONE")
            worker.sees("DONE", "S-000001", "12 serials sold, 12 units less on hand.")
        with step(worker, "take one back", 0):
            worker.scans("XXSDRETURN", "DOCK", SERIALS[0], "XXSDDONE")
            worker.sees("DONE", "B-000001", "1 serial returned")
        with step(worker, "restock it", 0):
            worker.scans("XXSDRESTOCK", SERIALS[0], "XXSDDONE")
            worker.sees("DONE", "1 serial restocked")
        with step(worker, "send one to repair", 0):
            worker.scans("XXSDTOFIX", SERIALS[12], "XXSDDONE")
            worker.sees("DONE", "W-000001", "1 serial sent to repair")
        with step(worker, "take it back from repair", 0):
            worker.scans("XXSDFIXED", "IN_STOCK", "SHELF", SERIALS[12], "XXSDDONE")
            worker.sees("DONE", "W-000002", "1 serial taken back from repair")
        with step(worker, "correct a typo", 3):
            worker.presses(F3)
            worker.sees("1 item")
            worker.scans(TYPO)
            worker.sees("IN STOCK", "9 Correct")
            worker.presses("9")
            worker.sees("Correct · ", "New serial")
            worker.scans(RIGHT)
            worker.sees(f"New serial {RIGHT}")
            worker.presses(F10)
            worker.sees("corrected", RIGHT)
        with step(worker, "void the sale, all but the unit that came back", 17):
            worker.scans("S-000001")
            worker.sees("S-000001 · sale", "Bergmann AG", "serial 1 of 12")
            worker.presses(F8)
            worker.sees("Void 12 serials", "Void the other 11")
            worker.presses(F10)
            worker.sees("Void · S-000001", "Reason")
            worker.types_by_hand("wrong customer")
            worker.presses(F10)
            worker.sees("V-000001", "11 serials of S-000001 voided", "Voided by")
        with step(worker, "show its document", 2):
            worker.presses(BACK_TAB)
            worker.takes_a_breath()
            worker.presses(ENTER)
            worker.sees("V-000001 · void", "Voids", "S-000001", "wrong customer", "serial 1 of 11")
        worker.leaves()
    _is_as_told(stock)


def _is_as_told(url: str) -> None:
    """What the commands say of it afterwards."""
    assert listed(url) == SERIALS
    assert on_hand(url, "LAP-14") == {"SHELF": 11, "DOCK": 19}
    kinds = {serial: [event["kind"] for event in answer(url, "serial", "show", serial)["events"]] for serial in SERIALS}
    assert kinds[SERIALS[0]] == ["received", "sold", "returned", "restocked"]
    assert kinds[SERIALS[1]] == ["received", "sold", "voided"]
    assert kinds[SERIALS[12]] == ["received", "sent_to_repair", "repaired"]
    assert kinds[RIGHT] == ["received", "corrected"]
    assert answer(url, "serial", "show", TYPO)["serial_number"] == RIGHT
    all_is_well(url)
