"""Files in and out: tables that people keep in spreadsheets, read as text, row by row, and written again.

`tables.open_table` gives rows, `fields` says which column is what, `values` reads a cell; none of them knows the
database. `validation` judges rows by what the database knows, `staging` keeps them until they are imported. What cannot
be read is refused with one sentence, `BadValue` with `field="file"`.
"""
