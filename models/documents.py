"""Documents: the numbered papers that moves of serials belong to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from models.schema import Document
from models.schema.base import bound

if TYPE_CHECKING:
    from models.database.unit import Unit


class Kind(StrEnum):
    """What a document is for."""

    RECEIPT = "receipt"
    SALE = "sale"
    RETURN = "return"
    TRANSFER = "transfer"
    IMPORT = "import"


PREFIXES: Mapping[Kind, str] = {
    Kind.RECEIPT: "R",
    Kind.SALE: "S",
    Kind.RETURN: "B",
    Kind.TRANSFER: "T",
    Kind.IMPORT: "I",
}
"""What a number begins with."""


def reserve_numbers(kind: Kind, count: int = 1) -> list[str]:
    """The next `count` numbers of a kind, such as T-000214; inside a transaction."""
    return [number_text(kind, number) for number in reserve_range(kind, count)]


def reserve_range(kind: Kind, count: int) -> range:
    """The next `count` numbers of a kind, without their prefix; inside a transaction."""
    one = bound.param
    # Two statements: RETURNING needs SQLite 3.35. The first holds the row until the transaction ends.
    bound.execute_sql(
        f"INSERT INTO document_numbers (kind, last) VALUES ({one}, {one}) "
        "ON CONFLICT (kind) DO UPDATE SET last = document_numbers.last + excluded.last",
        (str(kind), count),
    )
    found = bound.execute_sql(f"SELECT last FROM document_numbers WHERE kind = {one}", (str(kind),))
    last = int(found.fetchone()[0])
    return range(last - count + 1, last + 1)


def number_text(kind: Kind, number: int) -> str:
    """A document's number as it stands on the paper."""
    return f"{PREFIXES[kind]}-{number:06d}"


def new_document(
    unit: Unit,
    kind: Kind,
    *,
    serials: int,
    from_location_id: int | None = None,
    to_location_id: int | None = None,
    customer_id: int | None = None,
    note: str = "",
) -> Document:
    """Make a document in the unit's transaction.

    Args:
        serials: how many serials it names.
        from_location_id: None also where the units came from several places.
    """
    return Document.create(
        kind=str(kind),
        number=reserve_numbers(kind)[0],
        at=unit.at,
        user=unit.actor.user_id,
        login_user=unit.actor.login_user_id,
        from_location=from_location_id,
        to_location=to_location_id,
        customer=customer_id,
        serials=serials,
        note=note,
    )
