"""The settings file, and which database is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.config import Config, config_file, database_url, default_database, import_database, keep_theme, load_config
from models.errors import BadValue


def _settings(text: str) -> Path:
    file = config_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_without_a_settings_file_everything_has_its_default() -> None:
    assert load_config() == Config(database=None, theme=None, mouse=True, keymap={})
    assert database_url(None) == str(default_database())
    assert default_database().name == "stock.sqlite3"


def test_settings_are_read_and_unknown_ones_left_alone() -> None:
    _settings(
        'database = "postgresql://db/stock"\ntheme = "ansi"\nmouse = false\nlater = 1\n[keys]\nsave = "f10,ctrl+x"'
    )
    assert load_config() == Config("postgresql://db/stock", "ansi", mouse=False, keymap={"save": "f10,ctrl+x"})


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _settings('database = "file.db"')
    assert database_url(None) == database_url("") == "file.db"
    monkeypatch.setenv("SERIALDOCK_DATABASE", "environment.db")
    assert database_url(None) == "environment.db"
    assert database_url("given.db") == "given.db"
    monkeypatch.setenv("SERIALDOCK_DATABASE", "")
    assert database_url(None) == "file.db"


def test_another_address_for_imports_comes_from_the_environment_or_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert import_database() is None
    _settings('import_database = "postgresql://db/stock"')
    assert import_database() == "postgresql://db/stock"
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", "postgresql://other/stock")
    assert import_database() == "postgresql://other/stock"


def test_settings_that_are_not_needed_are_not_read() -> None:
    _settings("not toml at all")
    assert database_url("given.db") == "given.db"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("database = ", "cannot be read: .*Mend or remove it"),
        ("database = 7", "database takes a text, not 7"),
        ('import_database = " "', "import_database is empty"),
        ("theme = true", "theme takes a text, not True"),
        ('mouse = "no"', "mouse takes true or false, not 'no'"),
        ("mouse = 0", "mouse takes true or false, not 0"),
        ("keys = 1", "keys takes a table, not 1"),
        ("[keys]\nsave = 10", r"\[keys\] takes a text for each key name"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(text: str, sentence: str) -> None:
    file = _settings(text)
    with pytest.raises(BadValue, match=sentence) as refused:
        load_config()
    assert str(file) in refused.value.message


def test_settings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'theme = "\xe4"')
    for path in (tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(BadValue, match=f"The settings file {path} cannot be read"):
            load_config(path)
    assert load_config(tmp_path / "missing.toml") == Config()
    assert os.environ["HOME"] in str(config_file())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('database = " "', "database is empty. Give an address"),
        ('database = ["postgresql://me:hunter2@db/stock"]', "database takes a text, not a list"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(text: str, sentence: str) -> None:
    _settings(text)
    with pytest.raises(BadValue, match=sentence):
        load_config()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "ansi"\n'),
        ("theme='dock' # by day\nmouse = false\n", 'theme="ansi" # by day\nmouse = false\n'),
        ('mouse = false\n[keys]\ntheme = "f9"\n', 'theme = "ansi"\nmouse = false\n[keys]\ntheme = "f9"\n'),
    ],
)
def test_a_chosen_theme_is_stored_and_the_rest_stays(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "mine" / "config.toml"
    if before:
        path.parent.mkdir()
        path.write_text(before)
        path.chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(path)
    keep_theme("ansi", link)
    assert path.read_text() == after
    assert link.is_symlink()
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]
    assert load_config(path).theme == "ansi"
    if before:
        assert path.stat().st_mode & 0o777 == 0o640


def test_a_theme_that_cannot_be_stored_is_said_and_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    for text in ('theme = """dock"""\n', '"theme" = "dock"\n', "theme = 7\n", "theme ="):
        path.write_text(text)
        with pytest.raises(BadValue, match=r"theme|cannot be read"):
            keep_theme("ansi", path)
        assert path.read_text() == text
    path.unlink()
    path.mkdir()
    with pytest.raises(BadValue, match="cannot be read"):
        keep_theme("ansi", path)
