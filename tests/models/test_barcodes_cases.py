"""The public cases: scans with what they say, or why they are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.barcodes import CASES, comes_out_right, said
from tests.support.cases import each
from tests.support.limits import LIMIT

ROOT = Path(__file__).parents[2]


@each("case", CASES)
def test_a_public_case_comes_out_right(case: dict[str, Any]) -> None:
    config = {
        name: tuple(value) if isinstance(value, list) else value for name, value in case.get("config", {}).items()
    }
    found = said(case["scan"], **config)
    assert comes_out_right(case, found), found


def test_the_public_cases_are_all_there() -> None:
    assert len(CASES) == 59 + 5


def test_plain_scans_load_neither_the_gs1_tables_nor_a_database() -> None:
    program = (
        "import sys\n"
        "from models.barcodes.reader import read\n"
        "read('SN-1'), read('4006381333931'), read('[)>\\x1e06\\x1dS1\\x1e\\x04')\n"
        "print(*{'biip', 'peewee', 'textual'} & set(sys.modules))\n"
        "read(']C10109506000134352')\n"
        "print('biip' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert (ran.stderr, ran.stdout) == ("", "\nTrue\n")
