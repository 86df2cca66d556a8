"""Small apps that stand in a real pseudo-terminal for the parts of Serialdock they use."""
