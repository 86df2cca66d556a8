"""When garbage is collected: not while the program starts, and often from then on, so that the process stays small."""

from __future__ import annotations

import gc

START_OBJECTS = 300_000
"""Objects that may be made before the first collection. A start makes about 130,000, and nearly all of them stay."""

EARLY = 700
"""Objects made between two collections of the youngest; Python's own value."""

FULL_COLLECTION_AFTER = 2
"""Collections of the middle generation before a full one; Python's own value is 10."""


def make_haste() -> None:
    """Keep the garbage collector from looking through all that a start makes, again and again, for nothing.

    That was a tenth of the start. Call it before the app is imported, and `settle` when the first screen is up.
    """
    gc.set_threshold(START_OBJECTS, *gc.get_threshold()[1:])


def settle() -> None:
    """Set everything that is loaded apart from the garbage collector, and let it collect more often.

    Drawing a screen leaves some 2,000 objects that only a full collection frees, and Python puts that off
    while it has much to look through. When what was there before is left out, a full collection is quick: a
    walk through a long list peaks at 46 MB instead of 50, in the same time. The start's own garbage, less than
    2 MB, is left out too: to find it would take 40 ms in which a first key waits. Call it once, when the first
    screen is up.
    """
    gc.freeze()
    gc.set_threshold(EARLY, gc.get_threshold()[1], FULL_COLLECTION_AFTER)
