"""The command that adds an optional part, such as the PostgreSQL driver, to the installation that runs."""

from __future__ import annotations

import re
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "serialdock"


def how_to_install(extra: str) -> str:
    """The shell command that installs the packages of an extra into this Python, wherever Serialdock came from.

    It names the packages themselves, because Serialdock may have been installed from a folder or a wheel, where
    `serialdock[extra]` would be looked for on an index.
    """
    packages = " ".join(shlex.quote(package) for package in packages_of(extra))
    if not packages:  # run from its sources without being installed
        return f"pip install '.[{extra}]' in Serialdock's source folder"
    if Path(sys.prefix).parent.name == "venvs" and Path(sys.prefix).name == PACKAGE:
        return f"pipx inject {PACKAGE} {packages}"
    python = shlex.quote(sys.executable)
    if find_spec("pip") is None:  # as in the environments that uv makes
        return f"uv pip install --python {python} {packages}"
    return f"{python} -m pip install {packages}"


def packages_of(extra: str) -> list[str]:
    """The requirements of an extra, such as `psycopg[binary]>=3.2`; none if Serialdock is not installed."""
    from importlib import metadata  # noqa: PLC0415 - 13 ms, and seldom needed

    try:
        found = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return []
    named = re.compile(rf"""(.*?)\s*;\s*extra\s*==\s*['"]{re.escape(extra)}['"]""")
    return [match[1] for match in map(named.fullmatch, found) if match]
