"""A realistic demo warehouse: some 60 items and any number of serials, each with a consistent history.

All of it is invented. Barcodes have GS1's prefix for examples, IMEIs are from the test range. `catalogue` has the items
and locations, `lives` the stories of units; `seed_rows` creates all records but serials, `arrivals` brings units,
`load` plays everything.
"""

from models.demo.load import DemoSummary, load_demo

__all__ = ["DemoSummary", "load_demo"]
