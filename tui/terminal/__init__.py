"""The terminal: bytes in, keys in order, changed cells out; and the database thread."""
