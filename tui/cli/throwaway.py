"""A folder that is gone when the program is, however it ends."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_REMOVE: Final = 'trap "" HUP INT TERM QUIT; cat >/dev/null; rm -rf -- "$1"'
"""Waits for the end of its standard input, which only the program holds: it ends with the program, killed or not."""

_PATIENCE: Final = 10.0
"""Seconds that removing may take before the program goes on to its end without it."""


@contextmanager
def throwaway_folder(prefix: str = "serialdock-") -> Iterator[Path]:
    """Make a folder for files that nobody wants afterwards.

    A small process removes it once this one has let go of it, by leaving the block or by dying.

    Args:
        prefix: what the folder's name begins with.

    Yields:
        The folder, which only its owner may enter.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    remover = subprocess.Popen(
        ["/bin/sh", "-c", _REMOVE, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # the terminal's signals are for the program alone
        cwd="/",
    )
    try:
        yield folder
    finally:
        assert remover.stdin is not None
        remover.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            remover.wait(_PATIENCE)
