"""Which station has a draft: a name that tells whether its process still runs, where it runs on this host."""

from __future__ import annotations

import os
import socket
import uuid


def new_session() -> str:
    """A name for a station of this process."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"


def may_live(session: str) -> bool:
    """Whether the station may still be there; True where only its own host could tell."""
    host, _, rest = session.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another person's
        return True
    return True
