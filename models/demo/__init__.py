"""A believable warehouse for trying Serialdock out: some 60 items and as many serials as wanted, each with a true history.

Everything here is invented; company names, barcodes (GS1's prefix for examples) and IMEIs (the test range) belong to nobody.
"""

from models.demo.load import DemoSummary, load_demo

__all__ = ["DemoSummary", "load_demo"]
