"""The rules that keep the house in order, checked on its files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest
import textual

ROOT = Path(__file__).parents[1]

SCREEN = ("textual", "rich", "tui")
"""What needs a terminal; `models` does not."""

LONGEST_MODULE = 900
"""Lines; a module is one whole subject."""

LONGEST_FUNCTION = 60
"""Lines."""

MOST_METHODS = 40
"""Of one class."""

SHORTEST_MODULE = 60
"""Lines; a shorter one is a part of another one's subject, or stands in `SHORT`."""

SHORT = {
    "models/barcodes/symbols.py": "the only user of python-barcode, for paper and for the screen",
    "models/changes.py": "what watching asks of a connection; `connection` says how one is made, kept and ended",
    "models/check/findings.py": "what all parts of the check report with",
    "models/clock.py": "the time, which tests set; everything may import it",
    "models/database/used_servers.py": "a note on this account's disk; nothing of it is in a database",
    "models/extras.py": "how the running program was installed, asked by connections and by readers of workbooks",
    "models/importing/cells.py": "what spreadsheets do to a text, for both directions: import and export",
    "models/importing/choices.py": "the lowest floor of an import: what a person can say about a file",
    "models/station/record.py": "a draft in full, apart from `drafts`, with which the app opens",
    "tui/cli/completion.py": "a command alone imports what only it needs",
    "tui/kit/changed_lines.py": "for records; `changed_rows` is read at the start, with the tables",
    "tui/kit/link.py": "a widget of its own; the first screen has none",
    "tui/kit/scrolled.py": "a widget of its own, in dialogs and in screens",
    "tui/kit/shown.py": "how any widget gets another text; below all of them",
    "tui/records/new_customer.py": "a dialog of its own, opened from three rooms",
    "tui/records/status.py": "how a status looks, in every list",
    "tui/terminal/key_names.py": "which keys an action can have, by what terminals and scanners send",
    "tui/startup.py": "runs before Textual is imported, and imports nothing of ours",
}
"""Modules that are short, and why. Migrations and the docstrings of packages are as short as they are."""

ONE_SUBCLASS = {
    "ChangedCellsDisplay": "all that is changed in how Textual draws",
    "LazyTable": "all that is changed in Textual's DataTable; a record table adds reading, orders and marks",
    "OrderedKeys": "all that is changed in how Textual delivers keys",
    "TakesRuns": "what the keyboard asks of a field of a room above it",
}
"""Bases of one class, and why they are not merged into it."""

LAZY = {"tui/navigation.py", "tui/cli/main.py"}
"""Modules that import our own inside functions, so that a start loads no screen and no command that nobody opens."""

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


class Parsed:
    """A module as all these rules look at it: walking a syntax tree takes longer than all that is asked of it."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.nodes = list(ast.walk(self.tree))
        self.functions = [node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        self.classes = [node for node in self.nodes if isinstance(node, ast.ClassDef)]
        self.imports = [node for node in self.nodes if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.fixture(scope="module")
def program() -> dict[str, Parsed]:
    """Every module of the program, by its path; parsed once and dropped after these tests."""
    return {module: Parsed(text) for module, text in _modules("models", "tui").items()}


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
    importing = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*sorted(name for name in sys.modules if name.partition('.')[0] in {SCREEN!r}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", importing], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.split() == []


def test_a_module_is_short_enough_to_be_read_at_once() -> None:
    lengths = {module: len(text.splitlines()) for module, text in _modules("models", "tui", "tests").items()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_a_short_module_has_a_reason() -> None:
    texts = _modules("models", "tui")
    short = {
        module
        for module, text in texts.items()
        if len(text.splitlines()) < SHORTEST_MODULE
        and not module.startswith("models/migrations/m0")
        and not module.endswith("/__init__.py")
    }
    assert short - SHORT.keys() == set()
    assert SHORT.keys() - texts.keys() == set()


def _imported(imports: Iterable[ast.Import | ast.ImportFrom], known: Collection[str]) -> set[str]:
    """Which of our own modules are imported, for types alone too."""
    found: set[str] = set()
    for node in imports:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found.update(names)
            found.add(node.module)  # a package too: importing a module of it runs its __init__ first
    return found & set(known)


def test_a_function_is_short_enough_to_be_read_at_once(program: dict[str, Parsed]) -> None:
    lengths = {
        f"{module}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module, parsed in program.items()
        for function in parsed.functions
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_a_class_has_no_more_methods_than_somebody_can_know(program: dict[str, Parsed]) -> None:
    methods = {
        f"{module}:{kind.lineno} {kind.name}": sum(
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in kind.body
        )
        for module, parsed in program.items()
        for kind in parsed.classes
    }
    assert {name: count for name, count in methods.items() if count > MOST_METHODS} == {}


def _is_named_in_its_class(nested: ast.ClassDef) -> bool:
    """Whether it is a message, which Textual nests in its widget (`FilePane.Chosen`), or the Meta of a Peewee model."""
    bases = {ast.unparse(base) for base in nested.bases}
    return nested.name == "Meta" or any(base.endswith("Message") for base in bases)


def test_no_class_name_means_two_things(program: dict[str, Parsed]) -> None:
    """Nor is an alias of a type called like a class."""
    places = defaultdict(list)
    for module, parsed in program.items():
        for kind in parsed.classes:
            if kind in parsed.tree.body or not _is_named_in_its_class(kind):
                places[kind.name].append(module)
        for node in parsed.tree.body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
                places[ast.unparse(node.target)].append(module)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def _base_names(kind: ast.ClassDef) -> Iterator[ast.Name]:
    for base in kind.bases:
        inner = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(inner, ast.Name):
            yield inner


def test_a_base_class_has_more_than_one_subclass(program: dict[str, Parsed]) -> None:
    """A class that is there only to be another one's base is merged into that one.

    It is there for more if the program makes one of it, or another module names it otherwise than as a base.
    """
    defined, subclasses, used = {}, defaultdict(set), defaultdict(set)
    for module, parsed in program.items():
        bases = set()
        for kind in parsed.classes:
            defined[kind.name] = module
            for base in _base_names(kind):
                subclasses[base.id].add(kind.name)
                bases.add(base)
        for node in parsed.nodes:
            if isinstance(node, ast.Name) and node not in bases:
                used[node.id].add(module)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                used[node.func.id].add("made")
    lonely = {name for name in defined if len(subclasses[name]) == 1 and not used[name] - {defined[name]}}
    assert lonely == ONE_SUBCLASS.keys()


def _top_names(tree: ast.Module) -> Iterator[str]:
    """What a module defines at its top, without what a decorator registers somewhere."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.decorator_list:
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_no_name_is_there_for_tests_alone(program: dict[str, Parsed]) -> None:
    """A function, class or constant of a module is named somewhere else in the program, or in what makes its docs."""
    texts = _modules("models", "tui", "docs").values()
    words = Counter(chain.from_iterable(re.findall(r"\w+", text) for text in texts))
    unused = {
        f"{module}:{name}" for module, parsed in program.items() for name in _top_names(parsed.tree) if words[name] == 1
    }
    assert unused == set()


def _within(
    function: ast.FunctionDef | ast.AsyncFunctionDef, imports: Iterable[ast.Import | ast.ImportFrom]
) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in imports if function.lineno <= node.lineno <= (function.end_lineno or 0))


def test_what_a_module_needs_is_imported_at_its_top(program: dict[str, Parsed]) -> None:
    known = {_name(module) for module in program}
    inside = {
        f"{module}:{function.lineno} {function.name}": sorted(imported)
        for module, parsed in program.items()
        if module not in LAZY
        for function in parsed.functions
        if (imported := _imported(_within(function, parsed.imports), known))
    }
    assert inside == {}


def test_no_modules_import_each_other_in_a_circle(program: dict[str, Parsed]) -> None:
    """Imports inside functions and for types count too."""
    known = {_name(module) for module in program}
    needs = {_name(module): _imported(parsed.imports, known) - {_name(module)} for module, parsed in program.items()}
    while free := {module for module, needed in needs.items() if not needed & needs.keys()}:
        for module in free:
            del needs[module]
    assert {module: sorted(needed & needs.keys()) for module, needed in needs.items()} == {}


def test_a_module_says_what_it_is_for(program: dict[str, Parsed]) -> None:
    assert [module for module, parsed in program.items() if not ast.get_docstring(parsed.tree)] == []


def test_an_error_that_nobody_expected_reaches_the_outermost_frame(program: dict[str, Parsed]) -> None:
    swallowing = {
        f"{module}:{node.lineno}"
        for module, parsed in program.items()
        if module not in OUTERMOST_FRAMES
        for node in parsed.nodes
        if isinstance(node, ast.ExceptHandler) and _swallows_everything(node)
    }
    assert swallowing == set()


def _documented_rooms(half: str) -> list[str]:
    """The rooms that docs/architecture.md lists for one half, from the uppermost down."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = page.partition(f"\n### {half}/\n")[2].partition("\n#")[0]
    return re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize("half", ["models", "tui"])
def test_the_architecture_page_lists_every_room_in_the_order_of_the_layers(half: str) -> None:
    there = {path.stem for path in (ROOT / half).iterdir() if (path / "__init__.py").is_file() or path.suffix == ".py"}
    rooms = _documented_rooms(half)
    assert sorted(rooms) == sorted(there - {"__init__"})
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [half]
    )
    rank = {room.strip(): number for number, layer in enumerate(layers) for room in layer.split("|")}
    assert rooms == sorted(rooms, key=lambda room: rank[room])


def test_every_folder_of_modules_is_a_package() -> None:
    modules = _modules("models", "tui")
    folders = {module.rpartition("/")[0] for module in modules}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in modules} == set()


THREADS_OF_TEXTUAL = ("linux_driver.py", "_writer_thread.py")
"""The drivers of Textual in which the threads of the terminal are started."""


def _threads(parsed: Parsed, kinds: Collection[str]) -> Iterator[str]:
    """The names of the threads that a module starts; empty for one without a name of its own.

    Args:
        parsed: the module.
        kinds: classes that are a thread each.
    """
    for node in parsed.nodes:
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        named = {keyword.arg: ast.unparse(keyword.value).strip("'") for keyword in node.keywords}
        if called in ("to_thread", "run_in_executor", "ThreadPoolExecutor", "start_new_thread"):
            yield "asyncio" if called == "to_thread" else called
        elif called in kinds and named.get("name") != "self.name":  # that of the class, which its callers give
            yield named.get("name", "" if called in ("Thread", "Timer") else "database")
        elif called == "work" and named.get("thread") == "True":
            yield "work"


def test_the_architecture_page_lists_every_thread(program: dict[str, Parsed]) -> None:
    kinds = {"Thread", "Timer", "DatabaseThread"}
    for parsed in program.values():
        bases = {kind.name: {ast.unparse(base).rpartition(".")[2] for base in kind.bases} for kind in parsed.classes}
        kinds |= {name for name, above in bases.items() if kinds & above}
    ours = {name for parsed in program.values() for name in _threads(parsed, kinds)}
    folder = Path(textual.__file__).parent / "drivers"
    theirs = {
        name
        for file in THREADS_OF_TEXTUAL
        for name in re.findall('name="(textual-[a-z]+)"', (folder / file).read_text())
    }
    assert len(theirs) == len(THREADS_OF_TEXTUAL)
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    documented = re.findall(
        r"^\| `([a-z-]+)` \|", page.partition("\n## Threads\n")[2].partition("\n#")[0], re.MULTILINE
    )
    assert sorted(documented) == sorted({"main", *ours, *theirs})
