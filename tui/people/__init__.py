"""People: the list of those who may sign in, and one of them with roles and permissions."""
