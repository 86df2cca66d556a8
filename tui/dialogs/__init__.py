"""The dialogs, one a module; each returns a typed result."""
