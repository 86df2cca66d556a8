"""All classes of the program that are made from one, so that none is forgotten where all are tried."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

import tui


@cache
def classes_below(base: type) -> frozenset[type]:
    """The classes of `tui` made from this one, directly or not."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.startswith("tui.cli"):
            importlib.import_module(module.name)
    return frozenset(found for found in _below(base) if found.__module__.startswith("tui."))


def ends_below(base: type) -> frozenset[type]:
    """Those of `classes_below` that no other class is made from."""
    every = classes_below(base)
    return frozenset(one for one in every if not any(other is not one and issubclass(other, one) for other in every))


def _below(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)
