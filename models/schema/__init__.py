"""The tables, one module per subject. Only `models` uses them; the ledger alone writes serials and events."""

from models.schema.base import Table, bound
from models.schema.documents import Document, DocumentNumber
from models.schema.drafts import Draft, DraftAnnounced, DraftItem, DraftLine, DraftPerson
from models.schema.imports import ImportedFile, ImportMapping
from models.schema.items import Customer, Item, ItemBarcode, Location, SerialRule, Stock
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
    SerialRule,
    Stock,
    Document,
    DocumentNumber,
    Status,
    Serial,
    SerialEvent,
    SerialCount,
    Draft,
    DraftPerson,
    DraftItem,
    DraftAnnounced,
    DraftLine,
    ImportedFile,
    ImportMapping,
)
"""Every table, in an order in which each comes after those it refers to."""

__all__ = [
    "TABLES",
    "Customer",
    "Document",
    "DocumentNumber",
    "Draft",
    "DraftAnnounced",
    "DraftItem",
    "DraftLine",
    "DraftPerson",
    "ImportMapping",
    "ImportedFile",
    "Item",
    "ItemBarcode",
    "Location",
    "Role",
    "RolePermission",
    "Serial",
    "SerialCount",
    "SerialEvent",
    "SerialRule",
    "Status",
    "Stock",
    "Table",
    "User",
    "UserRole",
    "bound",
]
