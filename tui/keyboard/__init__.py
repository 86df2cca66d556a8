"""From bytes to scans: decoding, keys in order, and the field that takes serial numbers."""
