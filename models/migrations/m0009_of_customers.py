"""A customer's serials and documents are found by an index."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect


def up(database: Any, dialect: Dialect) -> None:
    """Add the indexes."""
    database.execute_sql(
        "CREATE INDEX serials_of_customer ON serials (customer_id, sort_key, id) WHERE customer_id IS NOT NULL"
    )
    database.execute_sql("CREATE INDEX documents_customer ON documents (customer_id, id) WHERE customer_id IS NOT NULL")
