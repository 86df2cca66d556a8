"""`serialdock` as other programs call it: inside the test's process, which is quick, or installed, which is real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.limits import LIMIT
from tui.cli.main import main
from tui.text import visible


class Ran(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object that it printed."""
        (line,) = self.out.splitlines()
        return dict(json.loads(line))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Commands:
    """Runs commands in this process on one database.

    Args:
        url: the database.
        capsys: what catches their output.
    """

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self._capsys = capsys

    def __call__(self, *words: str) -> Ran:
        """Run one command, whatever comes of it."""
        self._capsys.readouterr()
        code = main(["--database", self.url, *words])
        return Ran(code, *self._capsys.readouterr())

    def good(self, *words: str) -> Ran:
        """Run one command that succeeds without a word beside its answer."""
        ran = self(*words)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def object(self, *words: str) -> dict[str, Any]:
        """The JSON object of a command that succeeds."""
        return self.good("--json", *words).object

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON rows of a list."""
        return self.good("--json", *words).rows

    def refused(self, *words: str) -> dict[str, Any]:
        """The JSON of a refusal, which also says its message on standard error."""
        ran = self("--json", *words)
        assert ran.code == 1, ran
        assert ran.err == f"serialdock: {visible(ran.object['message'])}\n"
        return ran.object


def program() -> str:
    """The path of the installed command."""
    found = shutil.which("serialdock", path=str(Path(sys.executable).parent))
    assert found, "serialdock is not installed beside this Python"
    return found


def installed(*words: str | bytes, environ: Mapping[str, str] | None = None, **options: Any) -> Ran:
    """Run the installed command to its end."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | options
    ran = subprocess.run(
        [program(), *words],
        encoding="utf-8",
        check=False,
        timeout=LIMIT,
        env={**os.environ, **(environ or {})},
        **options,
    )
    return Ran(ran.returncode, ran.stdout or "", ran.stderr or "")
