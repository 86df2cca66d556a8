"""A believable warehouse to try Serialdock with: some 60 items, as many serials as wanted, each with a true history.

Everything in it is invented. Barcodes have GS1's prefix for examples, IMEIs are from the range for tests.
"""

from models.demo.load import DemoSummary, load_demo

__all__ = ["DemoSummary", "load_demo"]
