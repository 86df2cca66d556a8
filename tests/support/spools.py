"""Spools as a process leaves them behind when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models import clock
from models.permissions import Actor
from models.settings import database_id
from models.spool import Spool, SpooledScan
from models.station.drafts import new_session

FIRST = 1


def record(actor: Actor, text: str, **more: object) -> SpooledScan:
    """A scan of the receiving station, by somebody at the account of the same name."""
    values: dict[str, object] = {"session": "host/1/x", "number": FIRST, "task": "receive", "how": "scanned", **more}
    person = {"user_id": actor.user_id, "login": actor.login}
    standing_in = {"login_user_id": actor.login_user_id, "login_user": actor.login_user}
    at = clock.now().isoformat()
    return SpooledScan(**{"database": database_id(), "text": text, "at": at, **person, **standing_in, **values})  # type: ignore[arg-type]


def records(actor: Actor, texts: Sequence[str], first: int = FIRST, **more: object) -> list[SpooledScan]:
    """Scans of one session, numbered in their order."""
    session = more.pop("session", None) or new_session()
    one = record(actor, "", session=session, **more)
    return [replace(one, text=text, number=number) for number, text in enumerate(texts, first)]


def leave_behind(left: Sequence[SpooledScan]) -> Path:
    """Write a spool and leave it as the end of a process does."""
    spool = Spool.open()
    spool.append(left)
    spool.close()
    return spool.file
