"""Settings that belong to the database."""

from __future__ import annotations

from typing import Any

import pytest

from models.database.connection import call
from models.errors import DamagedRow
from models.schema import Setting, is_sqlite
from models.settings import database_id, setting


def test_each_database_has_an_id_of_its_own(database: Any) -> None:
    first = call(database, database_id)
    assert len(first) == 32
    assert int(first, 16)
    Setting.delete().execute()
    with pytest.raises(DamagedRow, match="no row has the name database_id"):
        call(database, database_id)


def test_an_account_that_nobody_added_is_treated_by_the_engine(database: Any) -> None:
    assert call(database, setting, "new_people") == ("viewers" if is_sqlite() else "refused")
