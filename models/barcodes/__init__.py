"""Parsing scans: AIM identifiers, GS1, Digital Link, ISO/IEC 15434, HIBC, retail codes, commands, plain serials.

`reader.read` is the entry point for scans. Typed text, command-line commands and imports take serial numbers literally
and do not use this package.
"""
