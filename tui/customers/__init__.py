"""Customers: the list of them, and the record of one with what it has."""
