"""Serialdock at the terminal: screens, dialogs, keys and commands over `models`."""
