"""Random lives of serials agree with a plain model of them, on both databases."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.life_machine import LifeMachine

FEW = settings(max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


def test_random_lives_agree_with_the_model(database: Any) -> None:
    LifeMachine.database = database
    run_state_machine_as_test(LifeMachine, settings=FEW)
