"""The timeout of tests."""

from __future__ import annotations

from typing import Final

LIMIT: Final = 120.0
"""Timeout in seconds for any single wait. It only bounds failures, so it is generous for busy machines."""
