"""What a scan says: AIM identifiers, GS1, Digital Link, ISO/IEC 15434, HIBC, retail codes, commands, plain serials.

`read` is all that a scan needs. Typed text, commands and imports take serials as they are and do not come here.
"""

from models.barcodes.reader import read
from models.barcodes.reading import Kind, Reading, Settings

__all__ = ["Kind", "Reading", "Settings", "read"]
