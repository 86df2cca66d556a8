"""The scanner check and the printed command sheet."""
