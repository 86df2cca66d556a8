"""The README says what is true: its lines work, its tables are the code's, its pictures and variables exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from textual.binding import Binding

from docs import tables
from models import config
from models.config import load_config
from tui.cli.output import GOOD, MALFORMED, REFUSED
from tui.keyboard.named import named_bindings
from tui.themes import THEMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_tables_are_what_the_code_says() -> None:
    assert tables.readme() == README


def test_the_list_of_key_names_is_what_the_code_says() -> None:
    assert tables.keys_page() == tables.KEYS.read_text("utf-8")


def test_the_page_of_statuses_and_verbs_is_what_the_code_says() -> None:
    assert tables.verbs_page() == tables.VERBS_PAGE.read_text("utf-8")


def test_every_key_with_a_name_has_a_tooltip_and_none_is_a_key_that_scanners_send() -> None:
    forbidden = {f"ctrl+{key}" for key in "imjhsqcdpbaz"} | {"ctrl+left_square_bracket", "ctrl+right_square_bracket"}
    found: list[Binding] = [binding for _, binding in named_bindings()]
    assert len(found) > 20
    for binding in found:
        assert binding.tooltip, binding.id
        assert not forbidden & set(binding.key.split(",")), binding.id
        assert not binding.priority, binding.id


def test_every_key_has_a_name_of_its_own_place_and_action() -> None:
    names = [str(binding.id) for _, binding in named_bindings()]
    wrong = [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", name)]
    assert not wrong
    twice = [name for name, count in Counter(names).items() if count > 1]
    assert not twice


def test_the_readme_fits_its_first_two_lines_to_what_ci_does() -> None:
    first, second = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)[:2]
    assert "\n" not in first + second
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "pip install -q . " in first
    assert first.endswith("serialdock demo")
    assert "-e '.[dev]'" in second
    assert "-e '.[dev]'" in ci
    assert second.endswith("python -m pytest")
    assert "\npython -m pytest " in ci


def test_every_picture_and_page_the_readme_shows_is_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert any(target.endswith(".svg") for target in targets)
    for target in targets:
        assert (ROOT / target).is_file(), target


def test_the_pictures_need_nothing_from_elsewhere() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.svg"))
    assert pictures
    for picture in pictures:
        assert "url(http" not in picture.read_text("utf-8"), picture.name


def test_the_settings_in_the_readme_can_be_read_and_name_real_keys_and_themes(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example is not None
    file = tmp_path / "config.toml"
    file.write_text(example[1], "utf-8")
    settings = load_config(file)
    assert set(tomllib.loads(example[1])) == {"database", "theme", "mouse", "bell_on_good", "gs_substitutes", "keys"}
    assert settings.theme in {theme.name for theme in THEMES}
    assert set(settings.keymap) <= {binding.id for _, binding in named_bindings()}
    assert set(settings.keymap)


def test_the_readme_names_the_environment_variable_and_the_exit_codes_of_the_code() -> None:
    assert f"`{config.DATABASE_VARIABLE}`" in README
    assert f"{GOOD} good, {REFUSED} refused,\n{MALFORMED} malformed command line" in README


@pytest.mark.parametrize("words", [[], ["item", "add"], ["serial", "transfer"], ["demo"]])
def test_help_knows_the_common_options(words: list[str]) -> None:
    program = Path(sys.executable).with_name("serialdock")
    shown = subprocess.run([program, *words, "--help"], check=True, capture_output=True, text=True, timeout=60).stdout
    for option in ("--database", "--json", "--user"):
        assert option in shown
