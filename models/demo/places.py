"""Where the demo warehouse keeps things and who comes there: nested locations, users with their roles, customers."""

from __future__ import annotations

from models.permissions import CLERK, VIEWER, Permission

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
"""Code, name and the code of the place around it; MAIN is there in every new database."""

ROLES: dict[str, tuple[Permission, ...]] = {
    "dock": (Permission.VIEW, Permission.MANAGE_SERIALS, Permission.TRANSFER_SERIAL, Permission.COUNT_SERIALS),
    "front": (Permission.VIEW, Permission.TRANSFER_SERIAL, Permission.SELL_SERIAL),
    "workshop": (Permission.VIEW, Permission.MANAGE_SERIALS, Permission.SCRAP_SERIAL),
}
"""Roles of the demo's own, beside those of every database."""

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
"""Those at the head buy most."""
