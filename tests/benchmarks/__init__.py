"""Figures measured beside a baseline in the same run; no test asserts a time."""
