"""All commands, in the order of the help. Their names and arguments are public: other programs call them."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import Final

from tui.cli.command import Command, Opens, argument, number

ITEM = argument("--item", metavar="SKU", required=True, help="the item that the serial belongs to")
ROLE = argument("role", metavar="ROLE", help="a role's name")
PERMISSION = argument("permission", metavar="PERMISSION", help="such as INV_MANAGE_SERIALS; see role list")
DASH = "A serial that begins with - stands after --, behind all options."

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "item add",
        "make an item",
        "items:add_item",
        (
            argument("sku", metavar="SKU", help="its code, unique whatever the case"),
            argument("name", metavar="NAME", help="what it is"),
            argument("--location", metavar="CODE", help="its primary location (else the first one of the database)"),
            argument("--on-hand", metavar="N", type=number, default=0, help="units there now (else 0)"),
            argument(
                "--track-serials", action=BooleanOptionalAction, help="whether its serials are tracked (else not)"
            ),
        ),
        ('serialdock item add DR-1800 "Cordless drill 18 V" --on-hand 10 --track-serials',),
    ),
    Command(
        "item set",
        "change an item; what is not named stays",
        "items:set_item",
        (
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
            argument(
                "--track-serials", action=BooleanOptionalAction, help="whether its serials are tracked; records stay"
            ),
            argument("--serial-pattern", metavar="REGEX", help="what its serials match; '' for anything"),
            argument("--serial-length", metavar="N-M", help="how long they are, 12 or 10-12; '' for any"),
            argument("--serial-characters", metavar="SORT", help="digits, letters, alphanumeric; '' for any"),
            argument("--serial-kind", metavar="KIND", help="imei, vin, mac; '' for any"),
            argument("--serial-strip", metavar="TEXT", help="what labels print before them, such as S; '' for nothing"),
        ),
        ("serialdock item set DR-1800 --track-serials", "serialdock item set DR-1800 --barcode 4006381333931"),
    ),
    Command(
        "item show",
        "show an item with its stock by place",
        "items:show_item",
        (argument("sku", metavar="SKU", help="the item"),),
        ("serialdock item show DR-1800 --json",),
    ),
    Command("item list", "list all items", "items:list_items"),
    Command(
        "location add",
        "make a place that holds stock",
        "locations:add_location",
        (
            argument("code", metavar="CODE", help="what its label says, unique whatever the case"),
            argument("name", metavar="NAME", nargs="?", default="", help="what people call it"),
            argument("--parent", metavar="CODE", help="the place that it is in"),
        ),
        ('serialdock location add A-01-3 "Aisle 1, shelf 3" --parent A-01',),
    ),
    Command("location list", "list all places, each below the one that it is in", "locations:list_locations"),
    Command(
        "serial add",
        "add a serial by hand, In Stock; no quantity changes",
        "serials:add",
        (
            ITEM,
            argument("serial", metavar="SERIAL", help="the serial number"),
            argument("--location", metavar="CODE", help="where it is (else the item's primary location)"),
            argument("--notes", metavar="TEXT", default="", help="its condition"),
        ),
        (
            "serialdock serial add --item DR-1800 SN-0001",
            'serialdock serial add --item DR-1800 --notes "box open" SN-2',
        ),
        note=DASH,
    ),
    Command(
        "serial list",
        "list the serials of an item, sold ones included",
        "serials:list_serials",
        (
            ITEM,
            argument("--status", metavar="CODE", help="only those in this status, such as in_stock"),
            argument("--location", metavar="CODE", help="only those at this place"),
            argument("--find", metavar="TEXT", default="", help="only those that begin with TEXT, or contain it"),
        ),
        ("serialdock serial list --item DR-1800 --json | jq -r .serial_number",),
    ),
    Command(
        "serial show",
        "show a serial, its warranty, history and documents",
        "serials:show",
        (
            argument("serial", metavar="SERIAL", help="the serial number"),
            argument("--item", metavar="SKU", help="its item, where several have this serial"),
        ),
        ("serialdock serial show SN-0001",),
        note=DASH,
    ),
    Command(
        "serial transfer",
        "move serials to another place, all or none",
        "serials:transfer",
        (
            ITEM,
            argument("serials", metavar="SERIAL", nargs="+", help="the serial numbers"),
            argument("--to", metavar="CODE", required=True, help="the destination"),
            argument("--notes", metavar="TEXT", default="", help="why, for the history"),
        ),
        ("serialdock serial transfer --item DR-1800 SN-0001 SN-0002 --to DOCK-1",),
        note=DASH,
    ),
    Command(
        "user add",
        "let somebody in",
        "people:add_user",
        (
            argument("name", metavar="NAME", help="the account's name on this host"),
            argument(
                "--role",
                metavar="ROLE",
                dest="roles",
                action="append",
                default=[],
                help="a role; again for more (else viewer)",
            ),
        ),
        ("serialdock user add jana --role clerk",),
    ),
    Command(
        "user set",
        "give a user these roles instead of those held",
        "people:set_user",
        (
            argument("name", metavar="NAME", help="the user"),
            argument(
                "--role", metavar="ROLE", dest="roles", action="append", required=True, help="a role; again for more"
            ),
        ),
        ("serialdock user set jana --role clerk --role auditor",),
    ),
    Command("user list", "list all users with their roles", "people:list_all_users"),
    Command(
        "user remove",
        "take a user's access away; history keeps the name",
        "people:remove_user",
        (argument("name", metavar="NAME", help="the user"),),
    ),
    Command(
        "role add",
        "make a role without permissions",
        "people:add_role",
        (ROLE,),
        ("serialdock role add auditor",),
    ),
    Command("role list", "list all roles with their permissions", "people:list_all_roles"),
    Command(
        "role grant",
        "let a role hold a permission",
        "people:grant",
        (ROLE, PERMISSION),
        ("serialdock role grant auditor INV_VIEW",),
    ),
    Command(
        "role revoke",
        "take a permission from a role",
        "people:revoke",
        (ROLE, PERMISSION),
        ("serialdock role revoke clerk INV_MANAGE_SERIALS",),
    ),
    Command(
        "receive",
        "receive serials of an item, all or none",
        "receive:receive",
        (
            ITEM,
            argument("--location", metavar="CODE", required=True, help="their place"),
            argument(
                "--from", metavar="FILE", dest="source", help="one serial a line, no ranges, UTF-8; - is standard input"
            ),
            argument("--range", metavar="A..B", dest="ranges_given", action="append", help="a range; again for more"),
            argument("--first", metavar="S", help="the first serial of --count"),
            argument("--count", metavar="N", type=number, help="how many, counted up from --first"),
            argument("--expected", metavar="N", type=number, help="refuse any other number"),
            argument("--no-quantity", action="store_true", help="the units are on hand already; no quantity changes"),
            argument("--skip-errors", action="store_true", help="leave out what cannot be received"),
            argument("--dry-run", action="store_true", help="write nothing, say what would happen"),
        ),
        (
            "serialdock receive --item DR-1800 --location DOCK --range A0098..A0103",
            "serialdock receive --item DR-1800 --location DOCK --first A0098 --count 6 --no-quantity",
            "serialdock receive --item DR-1800 --location DOCK --from list.txt --expected 200 --json",
        ),
        note="The serials come from --from, from --range, or from --first and --count. A hyphen is never a range.\n"
        "Without --skip-errors one refused serial keeps all from being written.",
    ),
    Command("drafts list", "list what was scanned at stations and is not stock yet", "drafts:list_drafts"),
    Command(
        "drafts show",
        "show a draft with its lines",
        "drafts:show",
        (argument("id", metavar="ID", type=number, help="its number in drafts list"),),
    ),
    Command(
        "drafts discard",
        "throw a draft away; nothing of it becomes stock",
        "drafts:discard",
        (argument("id", metavar="ID", type=number, help="its number in drafts list"),),
    ),
    Command(
        "drafts take-over",
        "make a draft yours; its station is told at its next scan",
        "drafts:take_over",
        (argument("id", metavar="ID", type=number, help="its number in drafts list"),),
    ),
    Command(
        "drafts hand-over",
        "give a draft to another user",
        "drafts:hand_over",
        (
            argument("id", metavar="ID", type=number, help="its number in drafts list"),
            argument("--to", metavar="NAME", required=True, help="the user"),
        ),
    ),
    Command(
        "import",
        "import serials from a CSV, TSV, XLSX or ODS file",
        "importing:import_file",
        (
            argument("file", metavar="FILE", help="its first row names the columns"),
            argument("--item", metavar="SKU", help="the item of all rows (else each row names its own)"),
            argument("--location", metavar="CODE", help="the place of rows that name none (else the item's own)"),
            argument("--sheet", metavar="NAME", help="the sheet of a workbook (else the first)"),
            argument(
                "--map",
                metavar="COLUMN=FIELD",
                dest="mapped",
                action="append",
                help="what a column is, by its heading, number or letter; again for more",
            ),
            argument("--add-quantity", action="store_true", help="the units are new; each adds one on hand"),
            argument("--skip-errors", action="store_true", help="leave out rows that cannot be imported"),
            argument("--all-warnings", action="store_true", help="list every warning, not the first five only"),
            argument("--dry-run", action="store_true", help="write nothing, say what would happen"),
        ),
        (
            "serialdock import serials.csv --dry-run",
            "serialdock import delivery.xlsx --item DR-1800 --location DOCK --map B=serial_number --skip-errors",
        ),
        note="Fields: serial_number, item, location, status, condition_notes, warranty_start, warranty_end,\n"
        "date_received, customer. Without --map columns are known by their names, or as they were mapped before.\n"
        "No serial that is there is changed. Without --skip-errors one wrong row keeps all from being written;\n"
        "with it, wrong rows go to a file beside FILE, each with its reason. A warning (a serial like another one, or\n"
        "unlike its item's others) keeps nothing from being imported. JSON lists the first 10,000 rows of either sort.",
    ),
    Command(
        "import-template",
        "write a file to fill in and import",
        "importing:import_template",
        (
            argument("file", metavar="FILE", help="a .csv or .xlsx"),
            argument("--force", action="store_true", help="write over a file that is there"),
        ),
        ("serialdock import-template serials.xlsx",),
        opens=Opens.NOTHING,
    ),
    Command(
        "decode",
        "say what scans say: lines of standard input to JSON",
        "scanner:decode",
        (argument("--jsonl", action="store_true", help="lines are objects with scan and config instead of scans"),),
        ("serialdock decode < scans.txt", "serialdock decode --jsonl < scans.jsonl"),
        opens=Opens.NOTHING,
        note="One JSON object for each line, at once and in order. A refused scan has error and message in it and is "
        "no failure; with --jsonl, exit code 1 says that a line was no object with a scan.",
    ),
    Command(
        "scanner-check",
        "see what a scanner really sends, and what mends it",
        "scanner_check:scanner_check",
        (argument("--log", metavar="FILE", help="append every scan to FILE at once, as a line of JSON"),),
        ("serialdock scanner-check --log scans.jsonl",),
        opens=Opens.NOTHING,
        note="It needs no database. Scan the set-up code of the page that command-sheet writes.",
    ),
    Command(
        "command-sheet",
        "write a page of barcodes to print: commands, set-up code",
        "command_sheet:command_sheet",
        (
            argument(
                "file",
                metavar="FILE",
                nargs="?",
                default="serialdock-commands.pdf",
                help="a .pdf or .svg, or - for SVG to standard output (else serialdock-commands.pdf)",
            ),
            argument("--force", action="store_true", help="write over a file that is there"),
        ),
        ("serialdock command-sheet", "serialdock command-sheet dock.svg --force"),
        opens=Opens.NOTHING,
        note="It fits A4 and Letter. Print it at actual size: then the thinnest bar is 0.42 mm wide.",
    ),
    Command(
        "check",
        "prove that the database is whole; else exit code 1",
        "check:check",
        opens=Opens.AS_IT_IS,
        note="Nothing is written. Every serial is compared with its events, every count with its serials.",
    ),
    Command("migrate", "bring the database up to date, as most commands do first", "migrate:migrate"),
    Command(
        "demo",
        "open the app on a believable warehouse",
        "demo:demo",
        (argument("--serials", metavar="N", type=number, default=5_000, help="how many serials (else 5000)"),),
        ("serialdock demo", "serialdock demo --serials 1000000 --database big.sqlite3"),
        opens=Opens.NOTHING,
        note="The database is thrown away at the end. With --database an empty one is filled and kept; "
        "with --json as well, it is only filled and the app stays closed.",
    ),
)

HEADINGS: Final = {
    "item": "Items",
    "location": "Locations",
    "serial": "Serials",
    "user": "People",
    "receive": "Stations",
    "drafts": "Stations",
    "import": "Files",
    "import-template": "Files",
    "decode": "Scanners",
    "scanner-check": "Scanners",
    "command-sheet": "Scanners",
    "": "The database",
}
"""Above which commands the help has a heading, by their first word; `role` stands with `user`, and commands of one word
under the last one where none is named."""
