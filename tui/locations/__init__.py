"""Locations: stock by place, what is at one place."""
