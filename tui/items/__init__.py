"""Items: the list, the form, a new one."""
