"""The databases on servers that this account has used, so that an emptied one is not taken for a new one.

A backup is restored into an empty schema. A program that starts meanwhile would make its tables there, and the restore
would fail on them or mix with them. On the server nothing tells the two apart; only this account knows.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from platformdirs import user_state_path

from models.config import APP, make_private_folder


def note_used(address: str) -> None:
    """Remember a database that has tables; without a folder to write to, it is not remembered.

    Args:
        address: without its password.
    """
    file = _file_of(address)
    with suppress(OSError):
        if not file.exists():
            make_private_folder(file.parent)
            file.write_text(f"{address}\n", encoding="utf-8")


def was_used(address: str) -> bool:
    """Whether this account has used a database that had tables at this address."""
    try:
        return _file_of(address).exists()
    except OSError:
        return False


def _file_of(address: str) -> Path:
    return user_state_path(APP) / "servers" / sha256(address.encode()).hexdigest()[:32]
