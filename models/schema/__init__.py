"""The tables, one module per subject. Only `models` uses them; the ledger alone writes serials and events."""

from models.schema.base import Table, bound
from models.schema.documents import Document, DocumentNumber
from models.schema.items import Customer, Item, ItemBarcode, Location, Stock
from models.schema.people import Role, RolePermission, User, UserRole
from models.schema.serials import Serial, SerialCount, SerialEvent, Status

TABLES: tuple[type[Table], ...] = (
    User,
    Role,
    RolePermission,
    UserRole,
    Location,
    Customer,
    Item,
    ItemBarcode,
    Stock,
    Document,
    DocumentNumber,
    Status,
    Serial,
    SerialEvent,
    SerialCount,
)
"""Every table, in an order in which each comes after those it refers to."""

__all__ = [
    "TABLES",
    "Customer",
    "Document",
    "DocumentNumber",
    "Item",
    "ItemBarcode",
    "Location",
    "Role",
    "RolePermission",
    "Serial",
    "SerialCount",
    "SerialEvent",
    "Status",
    "Stock",
    "Table",
    "User",
    "UserRole",
    "bound",
]
