"""Documents: one with its serials."""
