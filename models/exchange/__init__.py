"""Files in and out: tables that people keep in spreadsheets, read as text, row by row, and written again.

Nothing here knows the database: `tables.open_table` gives rows, `fields` says which column is what, `values` reads a
cell. What cannot be read is refused with one sentence, `BadValue` with `field="file"`.
"""
