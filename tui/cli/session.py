"""A command's way to the database: open it, bring it up to date, sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from models.database import call, connect, disconnect, is_sqlite_url, leave_out_postgres_driver, open_database
from models.permissions import Actor
from tui.cli.output import Output

P = ParamSpec("P")
R = TypeVar("R")
