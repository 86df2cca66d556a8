"""`serialdock item …` and `serialdock location …`: make, change, show and list items and locations."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from collections.abc import Iterator, Sequence
from typing import Any

from models import locations as places
from models.items import items as operations
from models.items.items import ItemForm, find_item, item_form
from models.items.list import ITEM_ORDERS, ItemRow, ItemSource
from models.items.rules import Rule, set_serial_rule
from models.items.stock import CHANGE_ORDERS, NEWEST_CHANGE_FIRST, StockChangeRow, StockChanges
from models.locations import PLACE_ORDERS, Place, PlaceSource, create_location, find_location, list_places
from models.orders import Sorting
from models.permissions import Permission
from models.text import counted
from tui.cli.output import MalformedError, OutputColumn, data_of, facts, local_time, table
from tui.cli.parser import Opens, argument, command, number
from tui.cli.session import Session, sort_argument


@command(
    "item add",
    summary="make an item",
    arguments=(
        argument("sku", metavar="SKU", help="its code, unique whatever the case"),
        argument("name", metavar="NAME", help="what it is"),
        argument("--location", metavar="CODE", help="its primary location (else the first open one)"),
        argument("--on-hand", metavar="N", type=number, default=0, help="units there now (else 0)"),
        argument("--track-serials", action=BooleanOptionalAction, help="whether its serials are tracked (else not)"),
    ),
    examples=('serialdock item add DR-1800 "Cordless drill 18 V" --on-hand 10 --track-serials',),
    opens=Opens.MADE,
)
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
    _print_item(session, session.run(item_form, item.id))


@command(
    "item set",
    summary="change an item; what is not named stays",
    arguments=(
        argument("sku", metavar="SKU", help="the item"),
        argument("--name", metavar="NAME", help="what it is"),
        argument("--location", metavar="CODE", help="its primary location"),
        argument(
            "--barcode",
            metavar="CODE",
            dest="barcodes",
            action="append",
            help="its barcode instead of those it has; again for more, '' for none",
        ),
        argument("--track-serials", action=BooleanOptionalAction, help="whether its serials are tracked; records stay"),
        argument("--warranty-term", metavar="TERM", help="the warranty that a sale gives: 24m, 2y, 90d; '' for none"),
        argument("--serial-pattern", metavar="REGEX", help="what its serials match; '' for anything"),
        argument("--serial-length", metavar="N-M", help="how long they are, 12 or 10-12; '' for any"),
        argument("--serial-characters", metavar="SORT", help="digits, letters, alphanumeric; '' for any"),
        argument("--serial-kind", metavar="KIND", help="imei, vin, mac; '' for any"),
        argument("--serial-strip", metavar="TEXT", help="what labels print before them, such as S; '' for nothing"),
    ),
    examples=("serialdock item set DR-1800 --track-serials", "serialdock item set DR-1800 --barcode 4006381333931"),
)
def set_item(
    session: Session,
    *,
    sku: str,
    name: str | None,
    location: str | None,
    barcodes: list[str] | None,
    track_serials: bool | None,
    warranty_term: str | None,
    serial_pattern: str | None,
    serial_length: str | None,
    serial_characters: str | None,
    serial_kind: str | None,
    serial_strip: str | None,
) -> None:
    """Change the given fields and print the item; when tracking ends, warn how many serial records are kept."""
    rule = (serial_pattern, serial_length, serial_characters, serial_kind, serial_strip)
    has_rule = any(value is not None for value in rule)
    has_more = any(value is not None for value in (name, location, barcodes, track_serials, warranty_term))
    # They are two operations, each a transaction: of one command, half could be done and half refused.
    if has_rule and has_more:
        raise MalformedError("The rule of the serials (--serial-…) is set in a command of its own.")
    if not (has_rule or has_more):
        raise MalformedError("item set changes nothing without an option. See serialdock item set --help.")
    # Tracking has a permission of its own, which clerks have; the refusal names the one that is missing.
    only_tracking = not has_rule and all(value is None for value in (name, location, barcodes, warranty_term))
    permission = Permission.MANAGE_SERIALS if only_tracking else Permission.EDIT_ITEMS
    to_do = "switch the tracking of serials" if only_tracking else "change items"
    before = session.find(permission, to_do, find_item, sku)
    if has_rule:
        session.run(
            set_serial_rule,
            session.actor,
            before.id,
            pattern=serial_pattern,
            length=serial_length,
            characters=serial_characters,
            expects=serial_kind,
            strip=serial_strip,
        )
        _print_item(session, session.run(item_form, before.id))
        return
    session.run(
        operations.save_item,
        session.actor,
        before.id,
        name=name,
        location=location,
        barcodes=barcodes,
        track_serials=track_serials,
        warranty_term=warranty_term,
    )
    form = session.run(item_form, before.id)
    # The form asks before it hides them; a command asks nothing, so it says how to bring them back.
    if before.track_serials and not form.track_serials and form.records:
        session.out.warn(
            f"{form.sku} does not track serials any more. {counted(form.records, 'serial record')} kept, "
            f"for when it does again: serialdock item set {form.sku} --track-serials"
        )
    _print_item(session, form)


@command(
    "item show",
    summary="show an item with its stock by place",
    arguments=(argument("sku", metavar="SKU", help="the item"),),
    examples=("serialdock item show DR-1800 --json",),
)
def show_item(session: Session, *, sku: str) -> None:
    """Print an item with its stock by place."""
    _print_item(session, session.look(lambda: item_form(find_item(sku).id)))


@command(
    "item list",
    summary="list all items",
    arguments=(sort_argument(ITEM_ORDERS),),
    examples=("serialdock item list --sort on_hand:desc",),
)
def list_items(session: Session, *, sort: Sorting | None) -> None:
    """Print all items."""
    session.out.many(session.pages(ItemSource(sorting=sort)), _item_data, _ITEM_COLUMNS)


@command(
    "item history",
    summary="list the changes of an item's quantity, newest first",
    arguments=(
        argument("sku", metavar="SKU", help="the item"),
        argument("--location", metavar="CODE", help="only those at this place"),
        sort_argument(CHANGE_ORDERS),
    ),
    examples=("serialdock item history DR-1800 --location DOCK-1 --json",),
)
def item_history(session: Session, *, sku: str, location: str | None, sort: Sorting | None) -> None:
    """Print the changes of an item's quantity."""

    def changes() -> StockChanges:
        item = find_item(sku)
        place_id = find_location(location).id if location is not None else None
        return StockChanges(item.id, place_id, sorting=sort or NEWEST_CHANGE_FIRST)

    session.out.many(session.pages(session.look(changes)), _change_data, _CHANGE_COLUMNS)


def _print_item(session: Session, form: ItemForm) -> None:
    session.out.one(_form_data(form), _form_lines(form))


def _item_data(row: ItemRow) -> dict[str, Any]:
    return data_of(row, "sku", "name", "location", "on_hand", "track_serials", "serials", "without")


def _form_data(form: ItemForm) -> dict[str, Any]:
    return data_of(form, "sku", "name", "location", "on_hand", "track_serials", "serials", "without") | {
        "barcodes": list(form.barcodes),
        "serial_rule": _rule_data(form.serial_rule),
        "warranty_term": form.warranty_term.code if form.warranty_term else None,
        "removed": form.removed,
        "places": [
            {
                "location": place.location,
                "name": place.location_name,
                "primary": place.primary,
                **data_of(place, "on_hand", "serials", "without"),
            }
            for place in form.places
        ],
    }


def _rule_data(rule: Rule | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "pattern": rule.pattern or None,
        "shortest": rule.shortest,
        "longest": rule.longest,
        "characters": rule.characters or None,
        "kind": rule.expects or None,
        "strip": rule.strip or None,
    }


def _rule_words(rule: Rule | None) -> str:
    """The rule for an item's serials, in a few words."""
    if rule is None:
        return "learned from those that are there"
    span = str(rule.shortest) if rule.shortest == rule.longest else f"{rule.shortest} to {rule.longest}"
    parts = [f"{span} character{'' if span == '1' else 's'}"]
    parts += [rule.characters] if rule.characters else []
    parts += [f"pattern {rule.pattern}"] if rule.pattern else []
    parts += [rule.expects] if rule.expects else []
    parts += [f"{rule.strip} before them is taken off"] if rule.strip else []
    return ", ".join(parts)


def _form_lines(form: ItemForm) -> Iterator[str]:
    stock = f"{form.on_hand:,} on hand"
    if form.track_serials:
        stock += f" · {counted(form.serials, 'serial')} on hand · {_missing(form.without, ' without serial')}"
        stock += f" · {form.removed:,} removed" if form.removed else ""
    kept = f" ({counted(form.records, 'serial record')} kept)" if form.records and not form.track_serials else ""
    yield from facts(
        (
            ("SKU", form.sku),
            ("Name", form.name),
            ("Primary location", _place(form.location, form.location_name)),
            ("Barcodes", ", ".join(form.barcodes)),
            ("Track Serials", ("yes" if form.track_serials else "no") + kept),
            *((("Serials look", _rule_words(form.serial_rule)),) if form.serial_rule else ()),
            *((("Warranty", form.warranty_term.text),) if form.warranty_term else ()),
            ("Stock", stock),
        )
    )
    yield ""
    yield from table([form.places], _PLACE_COLUMNS if form.track_serials else _PLACE_COLUMNS_UNTRACKED)


def _missing(without: int, word: str = "") -> str:
    """Number of units without a serial, or of serials over, in the app's words."""
    return f"{-without:,} over" if without < 0 else f"{without:,}{word}"


def _place(code: str, name: str) -> str:
    return f"{code}, {name}" if name else code


def _change_data(row: StockChangeRow) -> dict[str, Any]:
    return data_of(row, "at", "location", "units", "kind", "reason", "document", "user", "login_user")


_CHANGE_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("Date and time", lambda row: local_time(row.at)),
    OutputColumn("Location", lambda row: row.location),
    OutputColumn("Units", lambda row: f"{row.units:+,}", right=True),
    OutputColumn("Why", lambda row: row.why),
    OutputColumn("Document", lambda row: row.document),
    OutputColumn("By", lambda row: row.acted),
)

_ITEM_COLUMNS: Sequence[OutputColumn] = (
    OutputColumn("SKU", lambda row: row.sku),
    OutputColumn("On hand", lambda row: row.on_hand, right=True),
    OutputColumn("Serials on hand", lambda row: row.serials if row.track_serials else None, right=True),
    OutputColumn("Without serial", lambda row: _missing(row.without) if row.track_serials else None, right=True),
    OutputColumn("Location", lambda row: row.location),
    OutputColumn("Name", lambda row: row.name),
)

_PLACE_COLUMNS_UNTRACKED: Sequence[OutputColumn] = (
    OutputColumn("Location", lambda place: place.location),
    OutputColumn("On hand", lambda place: place.on_hand, right=True),
    OutputColumn("Name", lambda place: place.location_name),
)

_PLACE_COLUMNS: Sequence[OutputColumn] = (
    *_PLACE_COLUMNS_UNTRACKED[:2],
    OutputColumn("Serials on hand", lambda place: place.serials, right=True),
    OutputColumn("Without serial", lambda place: _missing(place.without), right=True),
    _PLACE_COLUMNS_UNTRACKED[2],
)


@command(
    "location add",
    summary="make a place that holds stock",
    arguments=(
        argument("code", metavar="CODE", help="what its label says, unique whatever the case"),
        argument("name", metavar="NAME", nargs="?", default="", help="what people call it"),
        argument("--parent", metavar="CODE", help="the place that it is in"),
    ),
    examples=('serialdock location add A-01-3 "Aisle 1, shelf 3" --parent A-01',),
    opens=Opens.MADE,
)
def add_location(session: Session, *, code: str, name: str, parent: str | None) -> None:
    """Make a location and print it."""
    made = session.run(create_location, session.actor, code, name, parent=parent)
    above = session.run(lambda: made.parent.code if made.parent else None)
    inside = f" in {above}" if above else ""
    data = {"code": made.code, "name": made.name, "parent": above, "closed": made.closed}
    session.out.one(data, [f"Location {made.code}{inside} is there now."])


@command(
    "location set",
    summary="change a place; what is not named stays",
    arguments=(
        argument("code", metavar="CODE", help="the place"),
        argument("--name", metavar="NAME", help="what people call it"),
        argument("--parent", metavar="CODE", help="the place that it is in; '' for none"),
        argument("--new-code", metavar="CODE", help="what its new label says"),
    ),
    examples=("serialdock location set A-01-3 --parent A-02",),
)
def set_location(session: Session, *, code: str, name: str | None, parent: str | None, new_code: str | None) -> None:
    """Change a location and print it."""
    changed = session.run(places.set_location, session.actor, code, name=name, parent=parent, new_code=new_code)
    _print_location(session, changed.id, "is changed.")


@command(
    "location close",
    summary="close an empty place; it takes nothing new",
    arguments=(argument("code", metavar="CODE", help="the place"),),
    examples=("serialdock location close A-01-3",),
)
def close_location(session: Session, *, code: str) -> None:
    """Close a location and print it."""
    _print_location(session, session.run(places.close_location, session.actor, code).id, "is closed.")


@command(
    "location open",
    summary="open a closed place again",
    arguments=(argument("code", metavar="CODE", help="the place"),),
)
def open_location(session: Session, *, code: str) -> None:
    """Open a location again and print it."""
    _print_location(session, session.run(places.reopen_location, session.actor, code).id, "is open.")


def _print_location(session: Session, location_id: int, said: str) -> None:
    place = session.run(places.place, location_id)
    inside = f" in {place.parent}" if place.parent else ""
    session.out.one(_location_data(place), [f"Location {place.code}{inside} {said}"])


@command(
    "location list",
    summary="list all places, each below the one that it is in",
    arguments=(sort_argument(PLACE_ORDERS),),
)
def list_locations(session: Session, *, sort: Sorting | None) -> None:
    """Print all locations, each below its parent unless a column orders them."""
    columns = (
        OutputColumn("Location", lambda place: "  " * place.depth + place.code),
        OutputColumn("Name", lambda place: f"{place.name} (closed)".lstrip() if place.closed else place.name),
    )
    if sort is None:  # the tree needs all of them; each other order is read by pages
        session.out.many([session.look(list_places)], _location_data, columns)
        return
    pages = session.ordered(PlaceSource(sorting=sort))
    session.out.many(([row.place for row in page] for page in pages), _location_data, columns)


def _location_data(place: Place) -> dict[str, Any]:
    return data_of(place, "code", "name", "parent", "closed")
