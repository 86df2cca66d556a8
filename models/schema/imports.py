"""Files that serials came from."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table
from models.schema.documents import Document
from models.schema.people import User


class ImportedFile(Table):
    """The file behind a document of the kind import."""

    document = peewee.ForeignKeyField(Document, primary_key=True)
    document_id: int
    name = peewee.TextField()
    """Without its folder."""
    size = peewee.BigIntegerField()
    """Bytes."""
    sha256 = peewee.TextField()
    """Hexadecimal; the same file twice is known by it."""
    left_out = peewee.BigIntegerField()
    """Rows that were not imported."""

    class Meta:
        table_name = "imported_files"


class ImportMapping(Table):
    """How somebody mapped the columns of a header; offered again for the next file that has the same."""

    header_key = peewee.TextField(primary_key=True)
    columns = peewee.TextField()
    """JSON: `{"0": "serial_number", …}`, by the column's place."""
    at = MomentField()
    user = peewee.ForeignKeyField(User)
    user_id: int

    class Meta:
        table_name = "import_mappings"
