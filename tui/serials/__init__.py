"""Serials on the screen: the tab of an item, its columns and filters."""
