"""Whether anything was committed since the last look, at the price of a look that reads no table.

A screen that shows rows compares two marks and reads its rows again when they differ. The order makes it exact: the
mark is taken before the rows are read, so what is committed in between makes the next mark differ.
"""

from __future__ import annotations

from typing import Any

from models.database.connection import is_sqlite_url_of


def change_mark(database: Any) -> str:
    """A text that differs from that of an earlier look if another connection has committed anything in between.

    It may also differ where nothing changed that this connection could see: after a rollback, after a commit of its
    own, on PostgreSQL after a transaction in another database of the server, on SQLite after a new connection.

    It needs no table, no session state and no transaction of its own, and so works behind a pooler in transaction mode.

    Args:
        database: connected in this thread.

    Returns:
        A text to be compared with those of the same process only.
    """
    if is_sqlite_url_of(database):
        # The number counts within one connection; another connection may begin with the same.
        version = database.connection().execute("PRAGMA data_version").fetchone()[0]
        return f"{database.opened}.{version}"
    # Transactions that are running, and the number after the last one that ended: each end changes one of the two.
    return str(database.glance("SELECT pg_current_snapshot()")[0])
