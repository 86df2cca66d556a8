"""Keys in the settings: what cannot work is refused at the start, with a sentence that names the setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.config import config_file
from models.errors import BadValue
from tests.support.commands import installed
from tui.keymap import PLACES, check_keymap, load_settings, named_bindings
from tui.terminal.key_names import FORBIDDEN

KEYS_PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


@pytest.mark.parametrize(
    ("name", "keys", "sentence"),
    [
        ("item.save", "ctrl+banana", "the key ctrl+banana, which no terminal sends. Names are like f10"),
        ("item.save", "F10", 'the key F10, which no terminal sends. Did you mean "f10"?'),
        ("item.save", "shift+f3", "which no terminal sends"),
        ("item.save", "ctrl+\u00e4", "the key ctrl+ä, which no terminal sends"),
        ("item.save", "", "no key. Name one"),
        ("item.save", "f10,", "no key. Name one"),
        ("item.save", "ctrl+s", "which scanners or terminals send or take"),
        ("item.save", "ctrl+right_square_bracket", "which scanners or terminals send or take"),
        ("item.save", "a", "the key a, which is typed or scanned as text"),
        ("item.save", "full_stop", "which is typed or scanned as text"),
        ("item.save", "space", "which is typed or scanned as text"),
        ("item.save", "enter", "which ends or edits a line"),
        ("item.save", "left", "moves the cursor"),
        ("item.save", "f5", "the key f5, which item.refresh has in the same place"),
        ("item.save", "f1", "the key f1, which screen.help has in the same place"),
        ("serials.add", "f1", "the key f1, which screen.help has in the same place"),
        ("serials.add", "ctrl+r", "the key ctrl+r, which serials.reverse has in the same place"),
        ("location.choose", "f10", "the key f10, which .* has in the same place"),
        ("item.list", "f5", "the key f5, which item.refresh has in the same place"),
        ("table.mark", "space,f8", "the key f8, which item.history has in the same place"),
        ("dialog.save", "f3", "the key f3, which dialog.leave has in the same place"),
        ("station.done", "f2,f8", "the key f2, which station.lines has|the key f8, which station.undo has"),
        ("item.safe", "f10", "item.safe, which is no key's name"),
    ],
)
def test_a_key_that_cannot_work_is_refused(name: str, keys: str, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence.replace("+", r"\+")) as refused:
        check_keymap({name: keys}, "config.toml")
    assert refused.value.message.startswith(
        f"In config.toml, [keys] {'has' if name == 'item.safe' else 'gives'} {name}"
    )


def test_two_actions_of_a_place_cannot_have_one_new_key() -> None:
    with pytest.raises(BadValue, match=r"item\.(save|refresh) the key ctrl\+y, which item\.(save|refresh) has"):
        check_keymap({"item.save": "ctrl+y", "item.refresh": "ctrl+y"}, "config.toml")


@pytest.mark.parametrize(
    "keymap",
    [
        {"item.save": "f10,ctrl+y"},
        {"item.save": "alt+s"},
        {"item.save": "f5", "item.refresh": "f10"},
        {"item.save": "ctrl+y", "serial.save": "ctrl+y"},
        {"items.leave": "ctrl+y"},
        {"conflict.theirs": "t"},
        {"table.mark": "space,ctrl+y"},
        {"import.next": "ctrl+y", "import.take": "ctrl+y"},
    ],
)
def test_a_key_that_can_work_is_taken(keymap: dict[str, str]) -> None:
    assert check_keymap(keymap, "config.toml") == keymap


def test_blanks_around_keys_mean_nothing() -> None:
    assert check_keymap({"item.save": " f10 , ctrl+y "}, "config.toml") == {"item.save": "f10,ctrl+y"}


def test_the_keys_of_the_program_are_keys_that_the_settings_may_give() -> None:
    names = {str(binding.id): binding.key for _, binding in named_bindings()}
    assert check_keymap(names, "config.toml") == names
    assert {name for classes in PLACES.values() for name in classes} <= {name for name, _ in named_bindings()}


def test_the_page_names_the_forbidden_keys() -> None:
    found = re.search(r"take: Ctrl with (.*?)\.\s", KEYS_PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    listed = set(re.split(r",\s+| or ", found[1]))
    signs = {"[": "left_square_bracket", "]": "right_square_bracket", "\\": "backslash"}
    signs |= {"^": "circumflex_accent", "_": "underscore"}
    assert {f"ctrl+{signs.get(key, key.lower())}" for key in listed} == FORBIDDEN


def test_the_start_refuses_settings_that_cannot_work() -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text('[keys]\n"item.save" = "ctrl+banana"\n')
    with pytest.raises(BadValue, match=r"ctrl\+banana"):
        load_settings()
    config_file().write_text('[keys]\n"item.save" = "f10 , ctrl+y"\n')
    assert load_settings().keymap == {"item.save": "f10,ctrl+y"}
    assert installed("item", "list").code == 3  # commands have no keys
