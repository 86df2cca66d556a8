"""Screens, dialogs, tables and fields that know nothing of the warehouse."""
