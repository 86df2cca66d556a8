"""What keeps the documentation true to the code."""
