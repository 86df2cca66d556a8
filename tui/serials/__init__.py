"""Serials of an item."""
