"""`serialdock item …`: make, change, show and list items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from models import views
from models.lookups.items import ItemForm, ItemRow, find_item, item_form
from models.operations import items as operations
from tui.cli.command import MalformedError
from tui.cli.output import Column, counted, facts, table
from tui.cli.session import Session


def add_item(
    session: Session, *, sku: str, name: str, location: str | None, on_hand: int, track_serials: bool | None
) -> None:
    """Make an item and print it."""
    item = session.run(
        operations.create_item,
        session.actor,
        sku,
        name,
        location=location,
        on_hand=on_hand,
        track_serials=bool(track_serials),
    )
    _print(session, session.run(item_form, item.id))


def set_item(
    session: Session,
    *,
    sku: str,
    name: str | None,
    location: str | None,
    barcodes: list[str] | None,
    track_serials: bool | None,
) -> None:
    """Change what is named and print the item; say how many serial records stay when tracking ends."""
    if all(value is None for value in (name, location, barcodes, track_serials)):
        raise MalformedError("item set changes nothing without an option. See serialdock item set --help.")
    before = session.run(find_item, sku)
    session.run(
        operations.save_item,
        session.actor,
        before.id,
        name=name,
        location=location,
        barcodes=barcodes,
        track_serials=track_serials,
    )
    form = session.run(item_form, before.id)
    if before.track_serials and not form.track_serials and form.records:
        session.out.warn(
            f"{form.sku} does not track serials any more. {counted(form.records, 'serial record')} kept, "
            f"for when it does again: serialdock item set {form.sku} --track-serials"
        )
    _print(session, form)


def show_item(session: Session, *, sku: str) -> None:
    """Print an item with its stock by place."""
    _print(session, session.run(views.item, session.actor, sku))


def list_items(session: Session) -> None:
    """Print all items."""
    session.out.many(session.pages(partial(views.item_rows, session.actor)), _row_data, _COLUMNS)


def _print(session: Session, form: ItemForm) -> None:
    session.out.one(_form_data(form), _form_lines(form))


def _row_data(row: ItemRow) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "name": row.name,
        "location": row.location,
        "on_hand": row.on_hand,
        "track_serials": row.track_serials,
        "serials": row.serials,
        "without": row.without,
    }


def _form_data(form: ItemForm) -> dict[str, Any]:
    return {
        "sku": form.sku,
        "name": form.name,
        "location": form.location,
        "on_hand": form.on_hand,
        "track_serials": form.track_serials,
        "serials": form.serials,
        "without": form.without,
        "barcodes": list(form.barcodes),
        "places": [
            {
                "location": place.location,
                "name": place.location_name,
                "primary": place.primary,
                "on_hand": place.on_hand,
                "serials": place.serials,
                "without": place.without,
            }
            for place in form.places
        ],
    }


def _form_lines(form: ItemForm) -> Iterator[str]:
    stock = f"{form.on_hand:,} on hand"
    if form.track_serials:
        stock += f" · {counted(form.serials, 'serial')} · {form.without:,} without"
    kept = f" ({counted(form.records, 'serial record')} kept)" if form.records and not form.track_serials else ""
    yield from facts(
        (
            ("SKU", form.sku),
            ("Name", form.name),
            ("Primary location", _place(form.location, form.location_name)),
            ("Barcodes", ", ".join(form.barcodes)),
            ("Track Serials", ("yes" if form.track_serials else "no") + kept),
            ("Stock", stock),
        )
    )
    yield ""
    yield from table([form.places], _PLACE_COLUMNS if form.track_serials else _PLACE_COLUMNS_UNTRACKED)


def _place(code: str, name: str) -> str:
    return f"{code}, {name}" if name else code


_COLUMNS: Sequence[Column] = (
    Column("SKU", lambda row: row.sku),
    Column("On hand", lambda row: row.on_hand, right=True),
    Column("Serials", lambda row: row.serials if row.track_serials else None, right=True),
    Column("Without", lambda row: row.without if row.track_serials else None, right=True),
    Column("Location", lambda row: row.location),
    Column("Name", lambda row: row.name),
)

_PLACE_COLUMNS_UNTRACKED: Sequence[Column] = (
    Column("Location", lambda place: place.location),
    Column("On hand", lambda place: place.on_hand, right=True),
    Column("Name", lambda place: place.location_name),
)

_PLACE_COLUMNS: Sequence[Column] = (
    *_PLACE_COLUMNS_UNTRACKED[:2],
    Column("Serials", lambda place: place.serials, right=True),
    Column("Without", lambda place: place.without, right=True),
    _PLACE_COLUMNS_UNTRACKED[2],
)
