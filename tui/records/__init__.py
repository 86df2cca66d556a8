"""Widgets for warehouse records that several subjects share."""
