"""The demo's data: items, locations, roles, users, customers, and the styles of serial numbers and barcodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.permissions import CLERK, VIEWER, Permission


@dataclass(frozen=True, slots=True)
class Article:
    """One item of the demo."""

    sku: str
    name: str
    home: str
    """Code of its primary location."""
    style: str
    """Style of its serial numbers, see `STYLES`; empty if the item does not track serials."""
    share: int = 0
    """Relative share of all serials except the best-seller's."""
    spare: int = 0
    """Units on hand without a serial; the whole stock if serials are not tracked."""
    warranty: int = 0
    """Warranty for buyers, in years."""
    cartons: bool = False
    """Whether it also comes in cartons with their own barcodes."""
    most: int | None = None
    """Maximum number of serials, however large the demo is."""
    on_hand: int | None = None
    """Exact number of serials on hand, if there are that many in total; None leaves it to chance."""


BEST_SELLER = "DRL-18-2B"
"""The item with a quarter of the serials of a small demo and most of a large one."""

_IT = (
    Article("LAP-14-I7", 'Laptop 14" i7 16 GB', "MAIN-A-03", "notebook", 40, 3, 1, most=24, on_hand=7),
    Article("LAP-15-R5", 'Laptop 15" R5 8 GB', "MAIN-A-03", "notebook", 120, 0, 2),
    Article("LAP-13-U5", 'Laptop 13" U5 16 GB, touch', "MAIN-A-03", "notebook", 70, 2, 3),
    Article("LAPDOCK-2", "Dock for laptops, USB-C", "MAIN-A-04", "", spare=55, cartons=True),
    Article("PC-MINI-I5", "Mini PC i5 16 GB", "MAIN-A-02", "notebook", 90, 4, 3, cartons=True),
    Article("WS-TOWER-64", "Workstation tower 64 GB", "MAIN-A-01", "notebook", 12, 0, 3),
    Article("SRV-1U-32", "Rack server 1U 32 cores", "MAIN-A-01", "letters", 9, 0, 5),
    Article("MON-24-FHD", 'Monitor 24" full HD', "MAIN-A-05", "letters", 260, 12, 3, cartons=True),
    Article("MON-27-QHD", 'Monitor 27" QHD', "MAIN-A-05", "letters", 180, 5, 3),
    Article("MON-34-UW", 'Monitor 34" ultra-wide, curved', "MAIN-A-05", "letters", 40, 0, 3),
    Article("TAB-10-LTE", 'Tablet 10" LTE 64 GB', "MAIN-A-04", "imei", 150, 3, 1),
    Article("PHN-6-128", 'Phone 6.1" 128 GB', "MAIN-A-04", "imei", 210, 0, 1),
    Article("HND-5-2D", 'Handheld computer 5" with 2D scanner', "MAIN-A-04", "imei", 60, 1, 3),
    Article("SCN-2D-USB", "Barcode scanner 2D, USB", "MAIN-A-04", "sn", 110, 9, 5, cartons=True),
    Article("SCN-2D-BT", "Barcode scanner 2D, Bluetooth, with cradle", "MAIN-A-04", "sn", 70, 0, 3),
    Article("PRN-LBL-4", "Label printer 4 inch, 203 dpi", "MAIN-A-02", "letters", 55, 2, 2),
    Article("PRN-LAS-A4", "Laser printer A4 duplex", "MAIN-A-02", "letters", 45, 0, 1),
    Article("SW-24-POE", "Switch 24 ports PoE+, managed", "MAIN-A-01", "mac", 65, 1, 5),
    Article("AP-AX-IN", "Access point Wi-Fi 6, indoor", "MAIN-A-01", "mac", 140, 8, 3, cartons=True),
    Article("FW-SMB-4", "Firewall for small offices, 4 ports", "MAIN-A-01", "mac", 18, 0, 3),
    Article("UPS-1500", "UPS 1500 VA line-interactive", "MAIN-A-01", "digits", 25, 0, 2),
    Article("SSD-1T-NV", "SSD 1 TB NVMe", "MAIN-A-06", "", spare=184, cartons=True),
    Article("KBD-US-W", "Keyboard, wireless, US", "MAIN-A-06", "", spare=73, cartons=True),
    Article("MSE-OPT-W", "Mouse, optical, wireless", "MAIN-A-06", "", spare=129, cartons=True),
    Article("CBL-C6-5M", "Patch cable Cat 6, 5 m", "MAIN-A-06", "", spare=640, cartons=True),
)

_TOOLS = (
    Article(BEST_SELLER, "Cordless drill 18 V, 2 batteries", "MAIN-B-01", "tool", 0, 18, 1, cartons=True),
    Article("DRL-12-1B", "Cordless drill 12 V, 1 battery", "MAIN-B-01", "tool", 130, 0, 2),
    Article("IMP-18-SET", "Impact driver 18 V, set", "MAIN-B-01", "tool", 160, 6, 2, cartons=True),
    Article("HAM-SDS-8", "Rotary hammer SDS-plus 800 W", "MAIN-B-02", "tool", 85, 0, 2),
    Article("HAM-SDS-MAX", "Demolition hammer SDS-max 1500 W", "MAIN-B-02", "tool", 20, 1, 1),
    Article("GRD-125", "Angle grinder 125 mm 1100 W", "MAIN-B-02", "tool", 145, 10, 1, cartons=True),
    Article("GRD-230", "Angle grinder 230 mm 2400 W", "MAIN-B-02", "tool", 38, 0, 2),
    Article("SAW-CIR-66", "Circular saw 66 mm with rail", "MAIN-B-03", "digits", 48, 0, 2),
    Article("SAW-JIG-90", "Jigsaw 90 mm, bow handle", "MAIN-B-03", "digits", 62, 2, 2),
    Article("SAW-MIT-254", "Mitre saw 254 mm, sliding", "MAIN-B-03", "digits", 16, 0, 2),
    Article("SAN-ECC-150", "Eccentric sander 150 mm", "MAIN-B-03", "digits", 58, 0, 2),
    Article("LAS-X3-GR", "Cross-line laser, green, 3 × 360°", "MAIN-B-04", "lower", 34, 0, 2),
    Article("DST-50-BT", "Laser distance meter 50 m, Bluetooth", "MAIN-B-04", "lower", 75, 5, 2),
    Article("MLT-TRMS", "Multimeter true RMS, CAT III", "MAIN-B-04", "lower", 52, 0, 3),
    Article("TRQ-340", "Torque wrench 60–340 Nm, calibrated", "MAIN-B-04", "sn", 22, 0, 1),
    Article("CMP-50-L", "Compressor 50 l 2.2 kW", "MAIN-B-05", "digits", 14, 1, 1),
    Article("GEN-3K", "Generator 3 kVA, petrol", "MAIN-B-05", "digits", 11, 0, 2),
    Article("WLD-200", "Welding inverter 200 A", "MAIN-B-05", "digits", 19, 0, 2),
    Article("CHG-18-RAP", "Rapid charger 18 V", "MAIN-B-06", "", spare=41),
    Article("BAT-18-5AH", "Battery 18 V 5 Ah", "MAIN-B-06", "", spare=96, cartons=True),
    Article("BIT-SET-32", "Bit set, 32 pieces", "MAIN-B-06", "", spare=215, cartons=True),
)

_APPLIANCES = (
    Article("WSH-8-A", "Washing machine 8 kg", "MAIN-C-01", "fd", 95, 2, 1),
    Article("WSH-9-PRO", "Washing machine 9 kg, commercial", "MAIN-C-01", "fd", 21, 0, 3),
    Article("DRY-8-HP", "Heat-pump dryer 8 kg", "MAIN-C-01", "fd", 57, 0, 2),
    Article("DSH-60-INT", "Dishwasher 60 cm, integrated", "MAIN-C-02", "fd", 88, 1, 2),
    Article("DSH-45-FS", "Dishwasher 45 cm, free-standing", "MAIN-C-02", "fd", 33, 0, 2),
    Article("FRG-186", "Fridge-freezer 186 cm, no frost", "MAIN-C-03", "fd", 72, 0, 2),
    Article("FRZ-CH-300", "Chest freezer 300 l", "MAIN-C-03", "fd", 17, 1, 2),
    Article("OVN-60-PYR", "Built-in oven 60 cm, pyrolytic", "MAIN-C-02", "fd", 44, 0, 2),
    Article("HOB-IND-80", "Induction hob 80 cm", "MAIN-C-02", "fd", 39, 0, 2),
    Article("MCW-25-C", "Microwave oven 25 l with grill", "MAIN-C-04", "sn", 66, 4, 1, cartons=True),
    Article("COF-AUTO-2", "Coffee machine, fully automatic", "MAIN-C-04", "sn", 81, 0, 2),
    Article("VAC-ROBOT", "Robot vacuum cleaner with station", "MAIN-C-04", "letters", 105, 3, 2),
    Article("KTL-17-SS", "Kettle 1.7 l, stainless steel", "MAIN-C-04", "", spare=58, cartons=True),
    Article("TST-2-BLK", "Toaster, 2 slices, black", "MAIN-C-04", "", spare=37, cartons=True),
    Article("FLT-CARB-5", "Carbon filters for hoods, pack of 5", "MAIN-C-04", "", spare=88),
)

ARTICLES: tuple[Article, ...] = (*_IT, *_TOOLS, *_APPLIANCES)
"""All items, in order of their ids."""

SMALL = 5_000
"""Number of serials up to which the shares stay the same."""

_REST_OF_SMALL = 3_800
"""Serials of a demo of `SMALL` serials that are not the best-seller's."""


def allot(total: int) -> list[int]:
    """Distribute `total` serials over `ARTICLES`; the sum is exact.

    Up to 5,000 the best-seller gets about a quarter. Above that the other items grow with the power 0.85 of the total,
    so that it gets two thirds of a million.
    """
    growth = total / SMALL
    rest = round(_REST_OF_SMALL * (growth if total <= SMALL else growth**0.85))
    numbers = _parts(rest, [article.share for article in ARTICLES])
    numbers = [
        number if article.most is None else min(number, article.most)
        for article, number in zip(ARTICLES, numbers, strict=True)
    ]
    best = next(place for place, article in enumerate(ARTICLES) if article.sku == BEST_SELLER)
    numbers[best] = total - sum(numbers)  # the rest, so that the sum is exact
    return numbers


def _parts(total: int, shares: Sequence[int]) -> list[int]:
    """Integers in the ratio of the shares, by the largest remainder method."""
    whole = sum(shares)
    numbers = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: -(total * shares[place] % whole))
    for place in by_remainder[: total - sum(numbers)]:
        numbers[place] += 1
    return numbers


PLACES: tuple[tuple[str, str, str | None], ...] = (
    ("MAIN-DOCK", "Dock, goods in", "MAIN"),
    ("MAIN-QC", "Quality check", "MAIN"),
    ("MAIN-REPAIR", "Repair bench", "MAIN"),
    ("MAIN-FRONT", "Front counter", "MAIN"),
    ("MAIN-A", "Aisle A, IT", "MAIN"),
    ("MAIN-A-01", "Servers and network, shelf 1", "MAIN-A"),
    ("MAIN-A-02", "Computers and printers, shelf 2", "MAIN-A"),
    ("MAIN-A-03", "Laptops, shelf 3", "MAIN-A"),
    ("MAIN-A-04", "Mobile devices, shelf 4", "MAIN-A"),
    ("MAIN-A-05", "Monitors, shelf 5", "MAIN-A"),
    ("MAIN-A-06", "Small parts, shelf 6", "MAIN-A"),
    ("MAIN-B", "Aisle B, tools", "MAIN"),
    ("MAIN-B-01", "Cordless tools, shelf 1", "MAIN-B"),
    ("MAIN-B-02", "Hammers and grinders, shelf 2", "MAIN-B"),
    ("MAIN-B-03", "Saws and sanders, shelf 3", "MAIN-B"),
    ("MAIN-B-04", "Measuring, shelf 4", "MAIN-B"),
    ("MAIN-B-05", "Heavy machines, floor", "MAIN-B"),
    ("MAIN-B-06", "Accessories, shelf 6", "MAIN-B"),
    ("MAIN-C", "Aisle C, appliances", "MAIN"),
    ("MAIN-C-01", "Laundry, row 1", "MAIN-C"),
    ("MAIN-C-02", "Kitchen, row 2", "MAIN-C"),
    ("MAIN-C-03", "Cooling, row 3", "MAIN-C"),
    ("MAIN-C-04", "Small appliances, shelf 4", "MAIN-C"),
    ("NORTH", "North depot", None),
    ("NORTH-DOCK", "North depot, dock", "NORTH"),
    ("NORTH-QC", "North depot, quality check", "NORTH"),
    ("NORTH-A", "North depot, aisle A", "NORTH"),
    ("NORTH-A-01", "North depot, shelf 1", "NORTH-A"),
    ("NORTH-A-02", "North depot, shelf 2", "NORTH-A"),
    ("NORTH-A-03", "North depot, shelf 3", "NORTH-A"),
    ("CITY", "City shop", None),
    ("CITY-FRONT", "City shop, sales floor", "CITY"),
    ("CITY-BACK", "City shop, back room", "CITY"),
)
"""Code, name and parent code of each location; MAIN exists in every new database."""

ROLES: dict[str, tuple[Permission, ...]] = {
    "dock": (Permission.VIEW, Permission.MANAGE_SERIALS, Permission.TRANSFER_SERIAL, Permission.COUNT_SERIALS),
    "front": (Permission.VIEW, Permission.TRANSFER_SERIAL, Permission.SELL_SERIAL),
    "workshop": (Permission.VIEW, Permission.MANAGE_SERIALS, Permission.SCRAP_SERIAL),
}
"""Additional roles of the demo, with their permissions."""

USERS: dict[str, str] = {
    "dock1": "dock",
    "dock2": "dock",
    "front1": "front",
    "front2": "front",
    "city1": "front",
    "north1": CLERK,
    "bench1": "workshop",
    "office1": VIEWER,
}
"""Login → role."""

CUSTOMERS: tuple[str, ...] = (
    "Bergmann AG",
    "Northfield Dental Group",
    "Ålund Elektro AB",
    "Harbour Street Café",
    "Castellon y Hijos S.L.",
    "Brightwater Schools Trust",
    "Delacour Menuiserie SARL",
    "Tallowmere Property Services",
    "Küchenstudio Weidenau",
    "Ostrava Montáže s.r.o.",
    "Kestrel Facilities Ltd",
    "Fjordlys Kraftservice AS",
    "Larkspur Hotels",
    "Molenkamp Techniek B.V.",
    "Pinewood Joinery",
    "Quarry Lane Garage",
    "Riverside Laundrette",
    "Sandoval Construcciones",
    "Silbersee Solartechnik GmbH",
    "Stonegate Veterinary Clinic",
    "Tern Island Ferries",
    "Uplands Community Hospital",
    "Vallebruna Ristorazione S.r.l.",
    "Wexcombe Parish Council",
    "Żuraw Instalacje Sp. z o.o.",
    "Amberley Lettings",
    "Birch & Rowan Interiors",
    "Copperfield Logistics",
    "Dunmore Agricultural Supplies",
    "Eastgate Training Centre",
    "Fenwick Marine Engineering",
    "Glenholm Bakery",
    "Hollowell Event Hire",
    "Ironbridge Restoration",
    "Juniper Road Surgery",
    "Kittiwake Boatyard",
    "Lomax Lift Maintenance",
    "Marchetti Impianti S.p.A.",
    "Nordlicht Veranstaltungstechnik",
    "Orchard End Care Homes",
)
"""Customer names; the first ones buy most."""


_NO_VOWELS = "0123456789BCDFGHJKLMNPQRSTVWXYZ"
"""Alphabet of serial numbers without vowels, so that no word appears by chance."""

EXAMPLE_PREFIX = "952"
"""GS1's prefix for demonstrations and examples; no real product has it."""

TEST_TAC = "004999"
"""Type allocation code of IMEIs that no real phone has: reporting body 00 is for tests."""


def gtin_13(number: int) -> str:
    """GTIN on the box of one unit, from a running number below 10⁹."""
    return _with_check_digit(f"{EXAMPLE_PREFIX}{number:09d}")


def gtin_14(number: int, level: int = 1) -> str:
    """GTIN on a carton of several units; `level` 1–8 is the packaging level."""
    return _with_check_digit(f"{level}{EXAMPLE_PREFIX}{number:09d}")


def check_digit(digits: str) -> int:
    """The check digit of a GTIN: from the right, every other digit has weight 3 (GS1 General Specifications)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def _with_check_digit(digits: str) -> str:
    return f"{digits}{check_digit(digits)}"


def _luhn(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return -total % 10


def _letters(number: int, width: int) -> str:
    text = ""
    while number or len(text) < width:
        number, place = divmod(number, len(_NO_VOWELS))
        text = _NO_VOWELS[place] + text
    return text


def _imei(number: int, _: str) -> str:
    digits = f"{TEST_TAC}{number:08d}"
    return f"{digits}{_luhn(digits)}"


STYLES: Mapping[str, Callable[[int, str], str]] = {
    "notebook": lambda number, week: f"5CG{week}{_letters(number, 4)}",
    "sn": lambda number, _: f"SN-{number:06d}",
    "digits": lambda number, _: f"{number:09d}",
    "tool": lambda number, week: f"{number:07d}{'YGH'[int(week) % 3]}",
    "fd": lambda number, week: f"FD {week}0 {number:06d}",
    "mac": lambda number, _: f"3C5282{number:06X}",
    "imei": _imei,
    "letters": lambda number, week: f"ZT{week}-{_letters(number, 5)}",
    "lower": lambda number, week: f"b{number:06x}-{week}",
}
"""Style → function of the maker's running number and the week (last digit of the year, two digits of the week).

Different running numbers give different serial keys, whatever the week.
"""
