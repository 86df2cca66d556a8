"""Serialdock below the screen: what is true of every serial number and what is allowed. Knows nothing of a terminal."""
