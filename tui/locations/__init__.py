"""Locations: the screen of the stock at one place."""
