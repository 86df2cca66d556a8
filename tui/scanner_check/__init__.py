"""The scanner check, and the command sheet to print."""
