"""A station without a screen: scans go straight to the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.serials.judging import Scan, Verdict
from models.serials.record import find_serials
from models.station.engine import ScanStation
from models.station.task import RECEIVE_TASK, Task
from tests.support.warehouse import Warehouse

GTIN = "09506000134352"
SERIALS = [f"5CG83{number:05}" for number in range(20)]


class Station:
    """A station and the user who scans there."""

    def __init__(self, warehouse: Warehouse, actor: Any = None, task: Task = RECEIVE_TASK) -> None:
        self.task = ScanStation(task)
        self.actor = actor or warehouse.boss

    def scan(self, *scans: str) -> list[Verdict]:
        """Scan codes that arrive together, and return their verdicts."""
        told: list[Verdict] = []
        self.task.scan(self.actor, [Scan(scan) for scan in scans], told.append)
        assert len(told) == len(scans)
        return told

    def one(self, scan: str) -> Verdict:
        (verdict,) = self.scan(scan)
        return verdict

    def words(self, *scans: str) -> list[str]:
        return [str(verdict.outcome) for verdict in self.scan(*scans)]


def received(texts: Iterable[str]) -> list[str]:
    return sorted(text for text in texts if find_serials(text))


def warehouse_database() -> Any:
    from models.schema import bound

    return bound.obj
