"""The terminal: bytes in, keys in order, changed cells out."""
