"""Widgets, one a module, named as the user names them."""
