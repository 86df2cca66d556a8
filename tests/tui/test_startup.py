from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = """
import json, os, sys
from tui.startup import prepare_environment
problem = prepare_environment()
before = [name for name in ("textual", "rich") if name in sys.modules]
from textual import constants
print(json.dumps([problem, before, constants.DISABLE_KITTY_KEY, constants.TEXTUAL_ANIMATIONS, "COLUMNS" in os.environ]))
"""


def run(**changes: str) -> list[object]:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env={**os.environ, **changes}
    )
    answer: list[object] = json.loads(result.stdout)
    return answer


def test_the_environment_is_set_before_textual_reads_it() -> None:
    problem, before, is_kitty_off, animations, has_fixed_size = run(COLUMNS="40", TEXTUAL_DISABLE_KITTY_KEY="0")
    assert before == []
    assert is_kitty_off is True
    assert animations == "none"
    assert has_fixed_size is False
    assert "needs a terminal" in str(problem)


def test_a_user_who_wants_animations_gets_them() -> None:
    assert run(TEXTUAL_ANIMATIONS="full")[3] == "full"
