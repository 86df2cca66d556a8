"""Scans: recognised from keys and their times, by the same rules on every screen, in every dialog and field."""
