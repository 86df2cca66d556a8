"""The warehouse's verbs, one module each: permission, check, one transaction, one event for each serial."""
