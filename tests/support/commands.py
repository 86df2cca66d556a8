"""`serialdock` as other programs call it: in the test's process, which is fast, or the installed command."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.limits import LIMIT
from tui.cli.main import main
from tui.text import visible


class Ran(NamedTuple):
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The only JSON object printed."""
        (line,) = self.out.splitlines()
        return dict(json.loads(line))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Commands:
    """Runs commands in this process on one database.

    Args:
        url: the database.
        capsys: captures their output.
    """

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self._capsys = capsys

    def __call__(self, *words: str) -> Ran:
        """Run one command, with any result."""
        self._capsys.readouterr()
        code = main(["--database", self.url, *words])
        return Ran(code, *self._capsys.readouterr())

    def good(self, *words: str) -> Ran:
        """Run one command that must succeed with nothing on standard error."""
        ran = self(*words)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def object(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed, and return its JSON object."""
        return self.good("--json", *words).object

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Run a list command that must succeed, and return its JSON rows."""
        return self.good("--json", *words).rows

    def refused(self, *words: str) -> dict[str, Any]:
        """Run a command that must be refused, with its message on standard error too; return the JSON."""
        ran = self("--json", *words)
        assert ran.code == 1, ran
        assert ran.err == f"serialdock: {visible(ran.object['message'])}\n"
        return ran.object


def in_this_process(*words: str, stdin: bytes = b"") -> Ran:
    """Run a command in this process, where pytest need not capture its output: in journeys, or with input."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(words)
            out.flush()
            err.flush()
    finally:
        sys.stdin = before
    return Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


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
