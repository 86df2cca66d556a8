"""Serials: whether one may come in, and everything that is done with them."""
