"""The command `serialdock`: the verbs of the warehouse for scripts and other programs; without a verb it opens the app.

One module a subject; each command is declared by a decorator on its function. `parser` builds the parser and the help
from these declarations; `main` imports the module of the given command, runs it and returns an exit code.
"""
