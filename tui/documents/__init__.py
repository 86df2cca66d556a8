"""Documents: the screen of one document with its serials."""
