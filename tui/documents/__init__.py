"""Documents: the list of all, and the screen of one with its serials."""
