"""The rules that keep the house in order, checked on its files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.support.limits import LIMIT

ROOT = Path(__file__).parents[2]

SCREEN = ("textual", "rich", "tui")
"""What needs a terminal; `models` does not."""

LONGEST_MODULE = 900
"""Lines; a module is one whole subject."""

OUTERMOST_FRAMES = {
    "tui/cli/main.py",  # of the program: reports it
    "tui/terminal/database_thread.py",  # of the thread: hands it to who asked
    "tui/terminal/keys_in_order.py",  # of the task that types the keys: hands it to the app
}
"""The modules that may catch every error; everywhere else one that nobody expected must pass."""


def _modules(*floors: str) -> dict[str, str]:
    """The text of every module below some folders, by its path from the project's."""
    files = sorted(path for floor in floors for path in (ROOT / floor).rglob("*.py"))
    assert files
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _name(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _swallows_everything(node: ast.ExceptHandler) -> bool:
    """Whether it catches every error, alone or among others, and does not end by raising it again."""
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {None if kind is None else ast.unparse(kind) for kind in caught}
    last = node.body[-1]
    raised_again = isinstance(last, ast.Raise) and last.exc is None
    return bool(names & {None, "Exception", "BaseException"}) and not raised_again


def test_the_models_work_without_a_terminal() -> None:
    names = [_name(module) for module in _modules("models")]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*sorted(name for name in sys.modules if name.partition('.')[0] in {SCREEN!r}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.split() == []


def test_a_module_is_short_enough_to_be_read_at_once() -> None:
    lengths = {module: len(text.splitlines()) for module, text in _modules("models", "tui", "tests").items()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_a_module_says_what_it_is_for() -> None:
    modules = _modules("models", "tui")
    assert [module for module, text in modules.items() if not ast.get_docstring(ast.parse(text))] == []


def test_an_error_that_nobody_expected_reaches_the_outermost_frame() -> None:
    modules = _modules("models", "tui")
    swallowing = {
        f"{module}:{node.lineno}"
        for module, text in modules.items()
        if module not in OUTERMOST_FRAMES
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler) and _swallows_everything(node)
    }
    assert swallowing == set()


def test_every_folder_of_modules_is_a_package() -> None:
    modules = _modules("models", "tui")
    folders = {module.rpartition("/")[0] for module in modules}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in modules} == set()
