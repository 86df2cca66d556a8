"""The named key bindings, whose keys the `[keys]` section of the settings can change."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from textual.binding import Binding

import tui
from models.errors import BadValue


def named_bindings() -> Iterator[tuple[str, Binding]]:
    """Every binding with an id, and the name of the class that declares it. Imports all screens and dialogs."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if module.name.startswith("tui.cli"):
            continue
        loaded = importlib.import_module(module.name)
        for name, found in vars(loaded).items():
            if isinstance(found, type) and found.__module__ == module.name:
                for binding in vars(found).get("BINDINGS", ()):
                    if isinstance(binding, Binding) and binding.id:
                        yield name, binding


def check_keymap(keymap: Mapping[str, str], file: object) -> None:
    """Refuse a keymap with unknown binding names.

    Args:
        keymap: binding id → keys.
        file: the settings file, for the message.

    Raises:
        BadValue: a name is unknown.
    """
    if not keymap:
        return
    known = {binding.id for _, binding in named_bindings()}
    for name in keymap:
        if name not in known:
            raise BadValue(f"In {file}, [keys] has {name}, which is no key's name. docs/keys.md has all names.")
