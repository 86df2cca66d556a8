"""The command `serialdock`: every verb of the warehouse for scripts and other programs; alone it opens the app.

A subject is a module, in which each command is declared above its function. `parser` makes the parser and the help
from the declarations, `main` imports the module of the given command, runs it and answers with an exit code.
"""
