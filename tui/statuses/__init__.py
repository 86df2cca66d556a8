"""Statuses: the list of the built-in ones and of an administrator's own."""
