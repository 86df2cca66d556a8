"""Serials: an item's grid, one record, adding, moving."""
