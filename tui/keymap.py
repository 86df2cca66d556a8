"""The settings as the app needs them: a theme that there is, and keys that its screens can have.

The `[keys]` of the settings name the bindings of all screens and dialogs, so that this stands above them. The screens
are imported only if the settings have keys.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from textual.binding import Binding

import tui
from models.config import Config, config_file, load_config
from models.errors import BadValue
from models.text import readable
from tui.terminal.key_names import NO_KEY, why_not
from tui.themes import THEMES

PLACES: Final[Mapping[str, Sequence[str]]] = {
    "Items": ("ItemsScreen",),
    "Item form": ("ItemScreen", "ItemPane", "LocationField"),
    "Serials tab": ("SerialsList", "SerialsPane", "SerialsTable"),
    "Serial Detail": ("SerialScreen",),
    "Add Serial": ("AddSerialDialog", "LocationField"),
    "Find": ("FindScreen",),
    "Customers": ("ListScreen", "CustomersScreen"),
    "Documents": ("ListScreen", "DocumentsScreen"),
    "Locations": ("ListScreen", "LocationsScreen"),
    "Statuses": ("ListScreen", "StatusesScreen"),
    "Station": ("StationScreen",),
    "Lines": ("ListScreen", "StationLinesScreen"),
    "Drafts": ("ListScreen", "DraftsScreen"),
    "People": ("ListScreen",),
    "Import": ("ImportScreen", "FilePane", "ColumnsPane", "PreviewPane", "SummaryPane"),
}
"""Places whose keys several classes declare; every other class with keys is a place of its own."""

GIVE_WAY: Final = frozenset(
    {
        *("screen.copy", "screen.export", "screen.order", "screen.reverse"),
        *("table.mark-to", "table.mark-all", "table.unmark"),
    }
)
"""Actions that lose a key to one that the settings give it: settings are older than these actions, which stand in the
menu too."""


def load_settings() -> Config:
    """Read `config.toml` and check its theme and keymap.

    Raises:
        BadValue: a setting cannot be used.
    """
    config = load_config()
    names = [theme.name for theme in THEMES]
    if config.theme is not None and config.theme not in names:
        raise BadValue(f"In {config_file()}, theme is '{readable(config.theme)}'. There are: {', '.join(names)}.")
    return config._replace(keymap=check_keymap(config.keymap, config_file()))


def named_bindings() -> Iterator[tuple[str, Binding]]:
    """Every binding with an id, and the name of the class that declares it. Imports all screens and dialogs."""
    for found, binding in _declared():
        yield found.__name__, binding


def _declared() -> Iterator[tuple[type, Binding]]:
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if module.name.startswith("tui.cli"):
            continue
        loaded = importlib.import_module(module.name)
        for found in vars(loaded).values():
            if isinstance(found, type) and found.__module__ == module.name:
                yield from _own_bindings(found)


def _own_bindings(found: type) -> Iterator[tuple[type, Binding]]:
    for binding in vars(found).get("BINDINGS", ()):
        if isinstance(binding, Binding) and binding.id:
            yield found, binding


def check_keymap(keymap: Mapping[str, str], file: object) -> dict[str, str]:
    """Refuse a keymap that cannot work.

    Args:
        keymap: binding id → keys.
        file: the settings file, for the message.

    Returns:
        The keymap without blanks around keys.

    Raises:
        BadValue: a name is unknown, a key is none or may not be used, or two actions of a place have one key.
    """
    if not keymap:
        return {}
    declared = list(_declared())
    defaults = {str(binding.id): _keys(binding.key) for _, binding in declared}
    given = {name: _keys(text) for name, text in keymap.items()}
    for name, keys in given.items():
        if name not in defaults:
            raise BadValue(f"In {file}, [keys] has {name}, which is no key's name. docs/keys.md has all names.")
        for key in keys:
            if wrong := why_not(key, defaults[name]):
                raise BadValue(f"In {file}, [keys] gives {name} {wrong}")
    _refuse_clashes(declared, defaults, given, file)
    # A table is nearer to the keys than its screen, so that what it gives way to would never get the key.
    lost = {name: NO_KEY for name in _giving_way(declared, defaults, given) if name.startswith("table.")}
    return {name: ",".join(keys) for name, keys in given.items()} | lost


def _giving_way(
    declared: Sequence[tuple[type, Binding]], defaults: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The actions of `GIVE_WAY` one of whose keys the settings give to another action of the same place."""
    for place in _places(declared):
        names = {str(binding.id) for binding in place}
        taken = {key for name in names & given.keys() for key in given[name]}
        yield from (name for name in names & GIVE_WAY - given.keys() if taken & set(defaults[name]))


def _keys(text: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in text.split(","))


def _refuse_clashes(
    declared: Sequence[tuple[type, Binding]],
    defaults: Mapping[str, Sequence[str]],
    given: Mapping[str, Sequence[str]],
    file: object,
) -> None:
    for place in _places(declared):
        for one, other in combinations(place, 2):
            first, second = str(one.id), str(other.id)
            if one.action == other.action or not {first, second} & given.keys():
                continue
            if {first, second} & GIVE_WAY - given.keys():
                continue
            # Keys that two actions share from the start are told apart by what has the focus.
            if set(defaults[first]) & set(defaults[second]):
                continue
            shared = set(given.get(first, defaults[first])) & set(given.get(second, defaults[second]))
            if shared:
                name, has = (first, second) if first in given else (second, first)
                raise BadValue(
                    f"In {file}, [keys] gives {name} the key {min(shared)}, which {has} has in the same place. "
                    "Give one of them another key."
                )


def _places(declared: Sequence[tuple[type, Binding]]) -> Iterator[list[Binding]]:
    """The named bindings of each place, with those that its classes inherit and those of every screen and table."""
    classes = {found.__name__: found for found, _ in declared}
    together = [names for names in PLACES.values() if len(names) > 1]
    for names in (*together, *((name,) for name in classes)):
        above = [each for name in names for each in classes[name].__mro__]
        is_of_screen = not any(each.__name__ == "Dialog" for each in above)
        # Widgets work with the keys of their screen, and screens with those of the table that has the focus.
        above += [classes["Frame"], classes["RecordTable"]] if is_of_screen else []
        yield [binding for each in dict.fromkeys(above) for _, binding in _own_bindings(each)]
