"""The verbs of a serial's life: how many serials a second, voiding a long document, and 10,000 random steps checked."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.permissions import Actor
from models.schema import bound, is_sqlite
from models.serials.corrections import change_item, change_warranty, correct_many, remove
from models.serials.moves import Answers, move
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.record import find_on_item
from models.serials.void import void_document
from models.statuses import add_status
from models.text import serial_key
from models.verbs import MOVES
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.life_machine import LifeMachine

_RATE = Goal(5_000, at_most=False, unit="/s")

ROUNDS = 5
"""How often each verb is measured."""

LIFE: tuple[tuple[str, dict[str, str]], ...] = (
    ("reserve", {"customer": "Kreis GmbH"}),
    ("release", {}),
    ("transfer", {"place": "BENCH-DOCK"}),
    ("dispatch", {"place": "MAIN"}),
    ("arrive", {}),
    ("sell", {"customer": "Kreis GmbH", "warranty": "24m"}),
    ("return", {"place": "MAIN"}),
    ("restock", {}),
    ("repair", {}),
    ("repaired", {"result": "in_stock"}),
    ("change-status", {"status": "kept"}),
    ("lose", {}),
    ("found", {"place": "MAIN"}),
    ("defect", {}),
    ("scrap", {}),
    ("reactivate", {}),
)
"""Every move, in an order in which all serials allow it."""


def _rate(work: Callable[[], object], count: int) -> float:
    begun = perf_counter()
    work()
    return count / (perf_counter() - begun)


def _received(actor: Actor, item_id: int, place_id: int, name: str, count: int) -> list[int]:
    texts = [f"{name}-{number:05}" for number in range(count)]
    receive_serials(actor, [ReceiptLine(item_id, text, serial_key(text), place_id) for text in texts])
    return find_on_item(item_id, "LIFE", texts)


def _verbs(name: str, actor: Actor) -> Iterator[Figure]:
    """Each verb on 1,000 serials: the median of some rounds, each with serials of its own."""
    create_location(actor, "BENCH-DOCK")
    add_status(actor, "kept", "Kept", colour="green", mark="k", available=True, on_hand=True)
    item = create_item(actor, "LIFE", "Life", track_serials=True)
    create_item(actor, "OTHER", "Other", track_serials=True)
    rates = defaultdict[str, list[float]](list)
    for each in range(ROUNDS):
        ids, fresh = (_received(actor, item.id, item.primary_location_id, f"{kind}{each}", 1_000) for kind in "LC")
        _tidy()
        for code, rate in (*_moves(actor, ids), *_corrections(actor, ids, fresh)):
            rates[code].append(rate)
    for code, found in rates.items():
        yield Figure(f"verb: {code}", "1,000", name, Measure(median(found), "/s"), None, _RATE)
    many = _received(actor, item.id, item.primary_location_id, "M", 10_000)
    _tidy()
    sale = move(actor, MOVES["sell"], many, Answers(customer="Kreis GmbH")).document or ""
    rate = _rate(lambda: void_document(actor, sale, "benchmark"), len(many))
    yield Figure("void a document", "10,000", name, Measure(rate, "/s"), None, _RATE)


def _tidy() -> None:
    """Do what a server of PostgreSQL does by itself in the background, unless it is one for tests."""
    if not is_sqlite():
        bound.connection().execute("VACUUM ANALYZE")  # cannot share a message with settings


def _moves(actor: Actor, ids: list[int]) -> Iterator[tuple[str, float]]:
    """Every move of the same serials, and how many of them a second."""
    sent = ""
    for code, given in LIFE:
        answers = Answers(note="benchmark", transfer=sent if code == "arrive" else "", **given)
        done: list[str] = []

        def act(code: str = code, answers: Answers = answers, done: list[str] = done) -> None:
            done.append(move(actor, MOVES[code], ids, answers).document or "")

        rate = _rate(act, len(ids))
        sent = done[0] if code == "dispatch" else sent
        yield code, rate


def _corrections(actor: Actor, ids: list[int], fresh: list[int]) -> Iterator[tuple[str, float]]:
    """The verbs that are no moves; all but the first on serials that were never sold."""
    deeds: tuple[tuple[str, Callable[[], object]], ...] = (
        ("correct", lambda: correct_many(actor, [(each, f"X-{each}") for each in ids])),
        ("warranty", lambda: change_warranty(actor, fresh, to="24m")),
        ("change-item", lambda: change_item(actor, fresh, "OTHER")),
        ("remove", lambda: remove(actor, fresh, "benchmark")),
    )
    for code, deed in deeds:
        yield code, _rate(deed, len(ids))


def _steps(name: str, database: object, steps: int) -> Figure:
    """Random lives, each compared with the plain model and checked; an error ends the benchmark."""
    each = 50
    wanted = settings(
        max_examples=steps // each,
        stateful_step_count=each,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    LifeMachine.database = database
    begun = perf_counter()
    run_state_machine_as_test(LifeMachine, settings=wanted)
    return Figure("random lives agree with the model", f"{steps:,} steps", name, Measure(perf_counter() - begun, "s"))


def rows(quick: bool) -> list[Figure]:
    """Measure the verbs, which are the same with `quick`."""
    found: list[Figure] = []
    with both() as engines:
        for name, url in engines:
            with migrated(url):
                found += _verbs(name, sign_in("boss"))
    return found


def random_lives(quick: bool) -> list[Figure]:
    """Measure how long random lives take that agree with the model.

    Args:
        quick: fewer random steps.
    """
    found: list[Figure] = []
    with both() as engines:
        for name, url in engines:
            with migrated(url) as database:
                found.append(_steps(name, database, 500 if quick else 10_000))
    return found


if __name__ == "__main__":
    is_quick = "--quick" in sys.argv
    print(table([*rows(is_quick), *random_lives(is_quick)]))
