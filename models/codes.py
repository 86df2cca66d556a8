"""Codes that are printed as barcodes: those of customers, places, SKUs and item barcodes are unique among all four."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from models.errors import Duplicate
from models.schema import bound, is_sqlite
from models.text import fold

_LOCK: Final = 0x5E41A1D2
"""Number of the PostgreSQL advisory lock that serialises new codes, SKUs, barcodes and names of customers."""


class CodeOwner(NamedTuple):
    """The item, barcode, location or customer that has a code."""

    kind: str
    """item, barcode, location or customer."""
    code: str
    """As stored."""
    id: int
    """The id of the item, the location or the customer."""
    name: str
    """SKU, location code or customer name."""

    @property
    def words(self) -> str:
        """The use of the code in words: `a barcode of the item LAMP-1`."""
        match self.kind:
            case "item":
                return f"the SKU of the item {self.name}"
            case "barcode":
                return f"a barcode of the item {self.name}"
            case "location":
                return f"the code of the location {self.name}"
            case _:
                return f"the code of the customer {self.name}"


_OWNERS: Final = (
    ("item", "sku, id, sku FROM items WHERE sku_key IN ({keys})"),
    (
        "barcode",
        (
            "b.barcode, i.id, i.sku FROM item_barcodes b JOIN items i ON i.id = b.item_id "
            "WHERE upper(b.barcode) IN ({keys})"
        ),
    ),
    ("location", "code, id, code FROM locations WHERE upper(code) IN ({keys})"),
    ("customer", "code, id, name FROM customers WHERE code IS NOT NULL AND upper(code) IN ({keys})"),
)


def owners(codes: Sequence[str]) -> list[CodeOwner]:
    """The owners of these codes, in any case."""
    keys = sorted({fold(code) for code in codes})
    if not keys:
        return []
    marks = ", ".join([bound.param] * len(keys))
    together = " UNION ALL ".join(f"SELECT '{kind}', {sql.format(keys=marks)}" for kind, sql in _OWNERS)
    return [CodeOwner(*row) for row in bound.execute_sql(together, keys * len(_OWNERS)).fetchall()]


def lock_codes() -> None:
    """Serialise new codes, SKUs, barcodes and names of customers, which are unique across several tables.

    SQLite has one writer at a time anyway.
    """
    if not is_sqlite():
        bound.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def refuse_used(codes: Sequence[str], *, kind: str, field: str, owner_id: int | None = None) -> None:
    """Refuse codes that something of another kind has already; call it in the transaction that gives them.

    Whether something of the same kind has them, the caller checks, who has words for it.

    Args:
        kind: item, barcode, location or customer.
        field: the input field, for the refusal.
        owner_id: the item that gets the codes; its SKU may be one of its barcodes, too.

    Raises:
        Duplicate: `details["kind"]` and `details["id"]` say what has the code.
    """
    lock_codes()  # before the look: what is free then stays free until the transaction ends
    for owner in owners(codes):
        own_item = owner.id == owner_id and {owner.kind, kind} == {"item", "barcode"}
        if owner.kind != kind and not own_item:
            raise Duplicate(
                f"{owner.code} is {owner.words} already. Choose another code.",
                field=field,
                kind=owner.kind,
                id=owner.id,
            )
