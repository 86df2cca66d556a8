"""What the demo warehouse keeps: tools, IT and appliances, how they are numbered, where they lie, how many come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One item of the demo."""

    sku: str
    name: str
    home: str
    """The code of its primary location."""
    style: str
    """How its maker numbers units, see `numbering.STYLES`; empty where the item does not track serials."""
    share: int = 0
    """Its part of all serials but the best-seller's; only ratios count."""
    spare: int = 0
    """Units on hand without a serial; the whole stock where serials are not tracked."""
    warranty: int = 0
    """Years of warranty that a buyer gets."""
    cartons: bool = False
    """Whether it also comes in cartons with a code of their own."""
    most: int | None = None
    """No more serials than so many, however large the demo is."""
    on_hand: int | None = None
    """Exactly so many serials on hand, as far as there are so many; None leaves it to chance."""


BEST_SELLER = "DRL-18-2B"
"""A quarter of a small demo and most of a large one."""

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
"""Every item, in the order in which their ids are given."""

SMALL = 5_000
"""Serials up to which the parts stay the same."""

_REST_OF_SMALL = 3_800
"""Serials of a small demo that are not the best-seller's."""


def allot(total: int) -> list[int]:
    """How many of `total` serials each of `ARTICLES` gets; the sum is exact.

    Up to 5,000 the best-seller has about a quarter. Beyond, the others grow by the power 0.85 of the total, so that of
    a million it has two thirds.
    """
    growth = total / SMALL
    rest = round(_REST_OF_SMALL * (growth if total <= SMALL else growth**0.85))
    numbers = _parts(rest, [article.share for article in ARTICLES])
    numbers = [
        number if article.most is None else min(number, article.most)
        for article, number in zip(ARTICLES, numbers, strict=True)
    ]
    best = next(place for place, article in enumerate(ARTICLES) if article.sku == BEST_SELLER)
    numbers[best] = total - sum(numbers)
    return numbers


def _parts(total: int, shares: Sequence[int]) -> list[int]:
    """Whole numbers in the ratio of the shares, by largest remainders."""
    whole = sum(shares)
    numbers = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: -(total * shares[place] % whole))
    for place in by_remainder[: total - sum(numbers)]:
        numbers[place] += 1
    return numbers
