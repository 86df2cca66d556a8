"""Scans: recognised from keys and their times, alike on every screen, in every dialog and in every field."""
