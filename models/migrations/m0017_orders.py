"""Long lists of documents and customers are read along an index in each of their orders."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

COVERED = "customer_id IS NOT NULL AND warranty_end IS NOT NULL AND warranty_void IS NULL"

STATEMENTS = (
    "DROP INDEX documents_customer",
    "CREATE INDEX documents_customer ON documents (customer_id, id, kind)",
    "CREATE INDEX documents_from ON documents (from_location_id, id, kind)",
    "CREATE INDEX documents_to ON documents (to_location_id, id, kind)",
    "CREATE INDEX documents_by ON documents (user_id, id, kind)",
    "CREATE INDEX documents_serials ON documents (serials, id, kind)",
    "CREATE INDEX customers_uncoded ON customers (name_key) WHERE code IS NULL",
    "CREATE INDEX customers_reference ON customers ((upper(reference){collation}), name_key) WHERE reference <> ''",
    "CREATE INDEX customers_unreferred ON customers (name_key) WHERE reference = ''",
    f"CREATE INDEX serials_covered ON serials (customer_id, warranty_end, warranty_start) WHERE {COVERED}",
)
"""The kind comes last, by which lists of documents are filtered: then such a list reads the index alone too."""


def up(database: Any, dialect: Dialect) -> None:
    """Make the indexes."""
    for statement in STATEMENTS:
        database.execute_sql(statement.format(collation="" if dialect.sqlite else ' COLLATE "C"'))
