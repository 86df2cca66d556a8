"""User settings, such as the database to open: `config.toml` in the platform's config folder.

Reads files and the environment only; it opens no database and imports no driver.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import platformdirs

from models.errors import BadValue

APP = "serialdock"
DATABASE_VARIABLE = "SERIALDOCK_DATABASE"
IMPORT_VARIABLE = "SERIALDOCK_IMPORT_DATABASE"


class Config(NamedTuple):
    """The contents of `config.toml`; every field has a default, the file may be missing."""

    database: str | None = None
    """A database URL or path, used when neither `--database` nor `SERIALDOCK_DATABASE` is given."""
    theme: str | None = None
    """Theme name; None chooses by the terminal."""
    mouse: bool = True
    """False leaves the mouse to the terminal, so its own text selection works, and saves traffic."""
    bell_on_good: bool = False
    """Whether a good scan rings the bell too; a problem always does."""
    gs_substitutes: tuple[str, ...] = ()
    """Texts that the site's scanners send in place of the GS1 separator GS, such as `~`."""
    keymap: Mapping[str, str] = MappingProxyType({})
    """Binding id → comma-separated keys, from the `[keys]` table."""
    import_database: str | None = None
    """Another address of the same database for imports, where the usual one is a pooler in transaction mode."""


def config_file() -> Path:
    """The path of `config.toml`, existing or not."""
    return platformdirs.user_config_path(APP) / "config.toml"


def default_database() -> Path:
    """The default database: an SQLite file in the platform's data folder."""
    return platformdirs.user_data_path(APP) / "stock.sqlite3"


def make_private_folder(folder: Path) -> None:
    """Make a folder, and missing ones above it, that only this account can open; existing ones stay as they are."""
    missing = [folder, *folder.parents]
    for each in reversed(missing[: next((at for at, one in enumerate(missing) if one.exists()), len(missing))]):
        each.mkdir(mode=0o700, exist_ok=True)


def load_config(path: Path | None = None) -> Config:
    """Read `config.toml`.

    Raises:
        BadValue: the file cannot be read, is not TOML, or a setting has the wrong type.
    """
    path = path or config_file()
    try:
        text = path.read_text("utf-8")
        import tomllib  # noqa: PLC0415 - 2 ms of a start, and most people have no settings

        data = tomllib.loads(text)
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:  # ValueError covers invalid UTF-8 and invalid TOML
        raise BadValue(f"The settings file {path} cannot be read: {error}. Mend or remove it.") from error
    keys = _setting(data, "keys", dict, {}, path)
    if not all(isinstance(value, str) for value in keys.values()):
        raise BadValue(f'In {path}, [keys] takes a text for each key name, such as save = "f10".')
    substitutes = _setting(data, "gs_substitutes", list, [], path)
    if not all(isinstance(value, str) and value for value in substitutes):
        raise BadValue(f'In {path}, gs_substitutes takes a list of texts, such as ["~", "<GS>"].')
    addresses = {name: _setting(data, name, str, None, path) for name in ("database", "import_database")}
    for name, address in addresses.items():
        if address is not None and not address.strip():
            raise BadValue(f"In {path}, {name} is empty. Give an address, or take the line away.")
    return Config(
        **addresses,
        theme=_setting(data, "theme", str, None, path),
        mouse=_setting(data, "mouse", bool, True, path),
        bell_on_good=_setting(data, "bell_on_good", bool, False, path),
        gs_substitutes=tuple(substitutes),
        keymap=keys,
    )


_THEME = re.compile(r"""^(\s*theme\s*=\s*)("[^"]*"|'[^']*')(.*)$""")


def keep_theme(theme: str, path: Path | None = None) -> None:
    """Store a theme in `config.toml`, which is made if it is missing; everything else in it stays as it is.

    Raises:
        BadValue: the file cannot be read or written, or has its theme where this does not find it.
    """
    path = (path or config_file()).resolve()  # a link stays a link
    load_config(path)
    try:
        new = _with_theme(path.read_text("utf-8") if path.exists() else "", theme)
        make_private_folder(path.parent)
        spare = path.with_name(f"{path.name}.new")
        spare.write_text(new, "utf-8")
        if path.exists():  # it may hold a password: its permissions stay as they were set
            shutil.copymode(path, spare)
        spare.replace(path)
    except (OSError, ValueError) as error:
        raise BadValue(f'The theme cannot be stored in {path}: {error}. Write theme = "{theme}" there.') from error


def _with_theme(text: str, theme: str) -> str:
    """The text of a settings file with another theme.

    Raises:
        ValueError: its theme is written in a way that this does not find.
    """
    import tomllib  # noqa: PLC0415 - 2 ms of a start, and most people have no settings

    lines = text.splitlines(keepends=True)
    table = next((at for at, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    at = next((at for at in range(table) if _THEME.match(lines[at])), None)
    if at is None:
        lines.insert(0, f'theme = "{theme}"\n')
    else:
        lines[at] = _THEME.sub(rf'\g<1>"{theme}"\g<3>', lines[at])
    new = "".join(lines)
    if tomllib.loads(new) != {**tomllib.loads(text), "theme": theme}:
        raise ValueError("its theme is written in another way")
    return new


def database_url(given: str | None, config: Config | None = None) -> str:
    """The database to open: `given` (from `--database`), else the environment, the config file or the default file."""
    for candidate in (given, os.environ.get(DATABASE_VARIABLE)):
        if candidate:
            return candidate
    config = config or load_config()
    return config.database or str(default_database())


def import_database() -> str | None:
    """Another address of the database for imports: from the environment or the config file; None if none is named."""
    return os.environ.get(IMPORT_VARIABLE) or load_config().import_database


_KINDS = {str: "a text", bool: "true or false", dict: "a table", list: "a list"}


def _setting(data: dict[str, Any], name: str, kind: type, default: Any, path: Path) -> Any:
    value = data.get(name, default)
    if value is not None and not isinstance(value, kind):
        wanted = _KINDS[kind]
        shown = f"'{value}'" if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
        given = shown or _KINDS.get(type(value), "that")
        raise BadValue(f"In {path}, {name} takes {wanted}, not {given}.")
    return value
