"""Serials: the rules for accepting a serial, adding, receiving and moving serials, serial lists and records."""
