"""How long tests wait before they fail."""

from __future__ import annotations

from typing import Final

LIMIT: Final = 120.0
"""Seconds that anything may take; it only bounds a failure, and on a busy machine everything takes its time."""
