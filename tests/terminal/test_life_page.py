"""docs/life.md is a true story: its commands, one after the other, do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.commands import Commands

PAGE = Path(__file__).parents[2] / "docs" / "life.md"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_life_of_a_serial_can_be_lived_as_it_is_written(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("DOCK-1", "SHELF-2", "NORTH"):
        commands.good("location", "add", code)
    for sku in ("DR-1800", "DR-2000"):
        commands.good("item", "add", sku, "Drill", "--track-serials")
    monkeypatch.chdir(tmp_path)
    Path("delivery.txt").write_text("".join(f"SN-{number:04}\n" for number in range(1, 10)) + "SN-001O\n", "utf-8")
    Path("corrections.csv").write_text("SN-0006,SN-0007\nSN-0007,SN-0006\n", "utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 20
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "serialdock"
        commands.good(*words)

    now = {row["serial_number"]: row["status"] for row in commands.rows("serial", "list", "--item", "DR-1800")}
    assert now == {
        "SN-0001": "returned",  # its restocking was voided
        "SN-0002": "in_stock",
        "SN-0003": "reserved",  # its sale was voided
        **dict.fromkeys(("SN-0004", "SN-0005", "SN-0006", "SN-0007", "SN-0010"), "in_stock"),
    }
    shown = commands.object("serial", "show", "--item", "DR-1800", "SN-001O")
    assert (shown["serial_number"], shown["earlier_texts"]) == ("SN-0010", ["SN-001O"])
    assert [row["number"] for row in commands.rows("document", "list", "--kind", "void")] == ["V-000002", "V-000001"]
    assert commands.object("check")["ok"] is True
