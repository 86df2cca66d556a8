"""What messages tell to run exists: every command that a text of the program names can be called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tui.cli.main import OTHER_NAMES, SUBJECTS, all_commands

ROOT = Path(__file__).parents[1]

NAMED = re.compile(r"(?<!of )\bserialdock ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")


def _named() -> Iterator[tuple[str, str, str]]:
    """Each command named in a text: the file, and the two words behind the program's name."""
    for half in ("models", "tui"):
        for path in (ROOT / half).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for first, second in NAMED.findall(node.value):
                        yield str(path.relative_to(ROOT)), first, second


def test_every_command_that_a_text_names_exists() -> None:
    names = {command.name for command in all_commands()}
    found = list(_named())
    for file, first, second in found:
        assert OTHER_NAMES.get(first, first) in SUBJECTS, f"{file}: serialdock {first}"
        if first not in names and second:
            assert f"{first} {second}" in names, f"{file}: serialdock {first} {second}"
    assert len(found) > 50
    for command in all_commands():
        for example in command.examples:
            assert all(called[1] in SUBJECTS for called in NAMED.finditer(example)), example
