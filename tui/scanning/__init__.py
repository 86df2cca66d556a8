"""Recognising scans: what a burst is, where it ends, what was typed before it."""
