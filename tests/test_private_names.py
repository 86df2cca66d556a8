"""The private names of Textual, Rich and Peewee that we touch, held to the installed versions.

Each is a name that an upgrade may rename without a word. This is the whole list: one that is missing here, or stands
here and is used no more, fails too.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

PRIVATE = {
    "peewee.Database": ("_connect", "_initialize_connection", "_state"),
    "peewee.ModelBase": ("_meta",),
    "rich.console.Console": ("_color_system",),
    "rich.style.Style": ("_ansi",),
    "textual.app.App": (
        *(
            "_batch_count",
            "_display",
            "_driver",
            "_exception",
            "_exit",
            "_exit_renderables",
            "_fatal_error",
            "_loop",
            "_previous_cursor_position",
        ),
        "_handle_exception",
    ),
    "textual.dom.DOMNode": ("_bindings", "_pruning"),
    "textual.driver.Driver": ("_app", "_loop"),
    "textual.drivers._writer_thread.WriterThread": ("_queue",),
    "textual.drivers.linux_driver.LinuxDriver": (
        *("_disable_mouse_support", "_enable_mouse_support", "_get_terminal_size", "_mouse", "_writer_thread"),
        *("_query_in_band_window_resize", "_request_terminal_sync_mode_support"),
    ),
    "textual.message_pump.MessagePump": ("_close_messages_no_wait",),
    "textual.screen.Screen": ("_binding_chain", "_get_breakpoint_classes"),
    "textual.widgets.DataTable": (
        *("_clear_caches", "_column_locations", "_data", "_get_cell_region", "_get_row_region", "_get_row_renderables"),
        *(
            "_get_styles_to_render_cell",
            "_get_row_style",
            "_row_locations",
            "_show_hover_cursor",
            "_size_updated",
            "_y_offsets",
        ),
    ),
    "textual.widgets.Input": ("_cell_offset_to_index", "_on_key", "_on_paste", "_position_to_cell", "_value"),
    "textual.widgets.TextArea": ("_rewrap_and_refresh_virtual_size", "_set_document"),
    "textual.widgets._toggle_button.ToggleButton": ("_button",),
    "textual._xterm_parser.XTermParser": ("_sequence_to_key_events",),
}
"""By the class that has them."""

MODULES = {
    "textual._ansi_sequences": ("ANSI_SEQUENCES_KEYS",),
    "textual._compositor": ("CompositorUpdate",),
    "textual._context": ("active_message_pump",),
    "textual._xterm_parser": ("XTermParser",),
    "textual.document._document": ("Document", "EditResult", "Location"),
    "textual.document._document_navigator": ("DocumentNavigator",),
    "textual.document._wrapped_document": ("WrappedDocument",),
}
"""Private modules, and what we import from them."""

PUBLIC = {"_asdict", "_fields", "_make", "_replace"}
"""Of named tuples; documented in spite of their names."""

OURS = {
    "tui/items/form.py": ("_compared",),
    "tui/kit/lazy_table.py": ("_shared",),
    "tui/kit/record_table.py": ("_fit_columns", "_marks"),
}
"""Private names of our own that are used from outside their object, in the module of its class."""

LIBRARIES = ("peewee", "rich", "textual")


Nodes = list[ast.AST]
"""All of a syntax tree: walking one takes longer than all that is asked of it."""


@pytest.fixture(scope="module")
def trees() -> dict[Path, Nodes]:
    """The nodes of every module of the program, by its path; walked once and dropped after these tests."""
    files = sorted(path for half in ("models", "tui") for path in (ROOT / half).rglob("*.py"))
    return {path: list(ast.walk(ast.parse(path.read_text("utf-8")))) for path in files}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_" and name not in PUBLIC


@cache
def _names(kind: type) -> frozenset[str]:
    """What a class has: defined in it, annotated, or set by one of its methods."""
    set_by_methods = _set_by_methods(kind.__module__).get(kind.__name__, ())
    return frozenset((*vars(kind), *vars(kind).get("__annotations__", {}), *set_by_methods))


@cache
def _set_by_methods(module: str) -> dict[str, set[str]]:
    """The attributes that the methods of each class of a module set."""
    # Not inspect.getsource of each class: that parses the whole module for each.
    tree = ast.parse(inspect.getsource(import_module(module)))
    return {node.name: _attributes_set(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _attributes_set(tree: ast.ClassDef) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    }


def _parts(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)


def _own_names(nodes: Nodes) -> Iterator[str]:
    """Names that a module makes: functions, classes, variables, arguments, and attributes that it sets."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _used(nodes: Nodes) -> list[ast.Attribute]:
    return [
        node
        for node in nodes
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and ast.unparse(node) != "os._exit"
    ]


def _of_others(nodes: Nodes) -> set[str]:
    """Private names of anything but the object, or the class, whose method uses them."""
    return {node.attr for node in _used(nodes) if ast.unparse(node.value) not in ("self", "cls", "super()")}


def _shared_with_a_library(module: str, nodes: Nodes) -> Iterator[str]:
    """Private names that one of our classes uses or defines and that a class of a library above it has too."""
    used = _used(nodes)
    for node in nodes:
        kind = getattr(import_module(module), node.name, None) if isinstance(node, ast.ClassDef) else None
        if not isinstance(node, ast.ClassDef) or not inspect.isclass(kind):
            continue
        above = [base for base in kind.__mro__ if base.__module__.partition(".")[0] in LIBRARIES]
        defined = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
        end = node.end_lineno or node.lineno
        within = {each.attr for each in used if node.lineno <= each.lineno <= end}
        for name in filter(_is_private, within | defined):
            if any(name in _names(base) for base in above):
                yield name


def test_the_installed_versions_have_them() -> None:
    gone = [
        f"{owner} has no {name} any more"
        for owner, names in PRIVATE.items()
        for name in names
        if not any(name in _names(base) for base in _parts(owner).__mro__ if base is not object)
    ]
    assert gone == []


def test_the_installed_version_has_the_private_modules() -> None:
    gone = [
        f"{module} has no {name} any more"
        for module, names in MODULES.items()
        for name in names
        if not hasattr(import_module(module), name)
    ]
    assert gone == []


def test_no_other_private_name_is_touched(trees: dict[Path, Nodes]) -> None:
    of_others = {path.relative_to(ROOT).as_posix(): _of_others(nodes) for path, nodes in trees.items()}
    assert {module for module, names in OURS.items() if set(names) - of_others.get(module, set())} == set()
    own = {name for nodes in trees.values() for name in _own_names(nodes)}
    foreign = {node.attr for nodes in trees.values() for node in _used(nodes)} - own  # also of `self`, in a mixin
    foreign.update(*(names - set(OURS.get(module, ())) for module, names in of_others.items()))
    shared = {
        name
        for path, nodes in trees.items()
        for name in _shared_with_a_library(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), nodes
        )
    }
    assert foreign | shared == {name for names in PRIVATE.values() for name in names}


def test_no_other_private_module_is_imported(trees: dict[Path, Nodes]) -> None:
    found: dict[str, set[str]] = {}
    for nodes in trees.values():
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in LIBRARIES:
                private = any(_is_private(part) for part in node.module.split("."))
                names = [alias.name for alias in node.names if private or _is_private(alias.name)]
                if names:
                    found.setdefault(node.module, set()).update(names)
    assert found == {module: set(names) for module, names in MODULES.items()}


def test_textual_is_the_release_that_this_list_was_read_from() -> None:
    assert version("textual").startswith("8.2."), "read the list again, then pin the new release in pyproject.toml"
    assert '"textual~=8.2.8"' in (ROOT / "pyproject.toml").read_text("utf-8")
