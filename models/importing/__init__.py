"""Importing: from a file of another system to serials."""
