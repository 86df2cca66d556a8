"""The command `serialdock`: every verb of the warehouse for scripts and other programs; alone it opens the app.

`commands` is the list of them, `parser` reads the command line, `main` runs one and answers with an exit code. The
modules named after their subjects carry them out and are imported only when one of their commands is given.
"""
