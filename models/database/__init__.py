"""Database access: addresses, connections, write transactions and bulk statements."""
