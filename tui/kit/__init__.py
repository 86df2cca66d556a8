"""Screens, dialogs, tables, forms, bars, help and menu, independent of the warehouse."""
