"""Customers: the list of them, and the record of one with its serials and documents."""
