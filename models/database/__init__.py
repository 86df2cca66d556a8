"""The database: connections, one transaction at a time, rows in bulk."""
