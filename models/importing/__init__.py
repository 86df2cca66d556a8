"""Importing serials from files of other systems: files → cells → columns → rows → staging → imports."""
