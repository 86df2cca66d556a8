"""Locations: the list of them, and the screen of the stock at one."""
