"""What keeps the process small and its start short: what it does not load, and when garbage is collected."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from typing import Any, Final

SWEPT_AFTER: Final = 0.5
"""Seconds after the first rows until their garbage is collected: a first key shall not wait for it."""

OWN_HASHES: Final = (("_md5",), ("_sha1",), ("_sha256", "_sha2"), ("_sha512", "_sha2"), ("_sha3",), ("_blake2",))
"""Modules that Python calculates checksums with by itself, under their names before and since 3.12."""

START_OBJECTS = 300_000
"""Objects that may be made before the first collection. A start makes about 130,000, and nearly all of them stay."""

EARLY = 700
"""Objects made between two collections of the youngest; Python's own value."""

FULL_COLLECTION_AFTER = 2
"""Collections of the middle generation before a full one; Python's own value is 10."""


def leave_out_openssl() -> None:
    """Import asyncio and hashlib without OpenSSL, which they use where it is there: 5 MB and a twentieth of a start.

    Nothing in the app speaks TLS through asyncio, and a server's driver brings its own. Some systems have checksums by
    OpenSSL only; there hashlib keeps it. Whoever imports `ssl` later gets it. Call it before anything else imports
    asyncio or hashlib, and only in a process that opens an app.
    """
    if "asyncio" in sys.modules or "hashlib" in sys.modules:
        return
    left_out = ["ssl"]
    if all(any(map(find_spec, names)) for names in OWN_HASHES):
        left_out.append("_hashlib")
    modules: dict[str, Any] = sys.modules
    left_out = [name for name in left_out if name not in modules]
    modules.update(dict.fromkeys(left_out))  # a module that is None raises ImportError
    try:
        import asyncio  # noqa: F401, PLC0415 - both for their effect, while OpenSSL is hidden
        import hashlib  # noqa: F401, PLC0415
    finally:
        for name in left_out:
            del modules[name]


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
    2 MB, is left out too until `sweep`. Call it once, when the first screen is up.
    """
    gc.freeze()
    gc.set_threshold(EARLY, gc.get_threshold()[1], FULL_COLLECTION_AFTER)


def sweep() -> None:
    """Free what the start has left, so that the next screens take its place; 40 ms. Call it once after `settle`."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
