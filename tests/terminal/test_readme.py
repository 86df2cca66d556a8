"""The README and docs/ say what is true: command lines, tables, settings, variables, codes, links and pictures."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from docs import pictures, tables
from models import config
from models.config import Config, load_config
from models.errors import SerialdockError
from models.permissions import Permission
from tests.support.cases import each
from tests.support.commands import Commands, in_this_process
from tui.cli.output import BROKEN, GOOD, INTERRUPTED, MALFORMED, PIPE_CLOSED, REFUSED
from tui.keymap import named_bindings
from tui.scanner_check.sheet import MEANINGS
from tui.themes import THEMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
DATABASES = (ROOT / "docs" / "databases.md").read_text("utf-8")
PAGES = {path: path.read_text("utf-8") for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))}
"""Every page for people, with its text."""

LINK = re.compile(r"\]\(([^)\s]+)\)")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table that has this heading, without its first two lines."""
    lines = page[page.index(heading) :].splitlines()[2:]
    body = lines[: next((at for at, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    assert body
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def anchors(page: str) -> set[str]:
    """What a link to a page may name behind #, as GitHub makes it from the headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def resolved(path: Path) -> Iterator[tuple[str, Path, str]]:
    """The links of a page into this project: as written, the file that each names, and its anchor."""
    for link in LINK.findall(PAGES[path]):
        if "://" not in link:
            name, _, anchor = link.partition("#")
            yield link, (path.parent / name).resolve() if name else path, anchor


def all_errors(above: type[SerialdockError] = SerialdockError) -> Iterator[type[SerialdockError]]:
    """Every error that is meant for a person, but the root."""
    for error in above.__subclasses__():
        yield error
        yield from all_errors(error)


@each("path", tables.PAGES)
def test_the_tables_of_a_page_are_what_the_code_says(path: Path) -> None:
    assert tables.PAGES[path]() == path.read_text("utf-8"), f"python docs/tables.py writes {path.name} anew"


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
    assert re.search(r"^python -m pytest( --[a-z-]+=\S+)*( --basetemp=.*)?$", ci, re.MULTILINE)


def test_the_readme_is_one_screen_for_a_newcomer() -> None:
    assert len(README.splitlines()) < 150


@each("path", PAGES)
def test_every_link_names_a_file_and_a_heading_that_are_there(path: Path) -> None:
    for link, target, anchor in resolved(path):
        assert target.exists(), link
        assert not anchor or anchor in anchors(PAGES[target]), link


def test_every_page_is_reached_from_the_readme() -> None:
    found, new = set[Path](), {ROOT / "README.md"}
    while new:
        found |= new
        new = {target for path in new for _, target, _ in resolved(path) if target in PAGES} - found
    assert found == set(PAGES)


def test_every_picture_is_made_by_the_generator_shown_on_a_page_and_needs_nothing_from_elsewhere() -> None:
    there = {picture.stem: picture for picture in (ROOT / "docs" / "pictures").iterdir()}
    shown = {target.stem for path in PAGES for _, target, _ in resolved(path) if target.suffix == ".svg"}
    assert set(there) == shown == set(pictures.PICTURES)
    assert "docs/pictures/items.svg" in README
    for name, picture in there.items():
        assert "url(http" not in picture.read_text("utf-8"), name


def test_the_settings_in_the_docs_can_be_read_and_name_real_keys_and_themes(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DATABASES, re.DOTALL)
    assert example is not None
    file = tmp_path / "config.toml"
    file.write_text(example[1], "utf-8")
    settings = load_config(file)
    names = {"keys" if field == "keymap" else field for field in Config._fields}
    assert set(tomllib.loads(example[1])) == names
    assert settings.theme in {theme.name for theme in THEMES}
    assert set(settings.keymap) <= {binding.id for _, binding in named_bindings()}
    assert set(settings.keymap)


def test_the_docs_name_the_environment_variable_and_the_default_database() -> None:
    assert config.DATABASE_VARIABLE in [cell.strip("`") for cell, _ in rows(COMMANDS, "| variable |")]
    assert f"`{config.DATABASE_VARIABLE}`" in DATABASES
    assert f"`{config.default_database().name}`" in DATABASES
    assert f"`{config.config_file().name}`" in DATABASES


def test_the_docs_name_all_exit_codes() -> None:
    codes = {GOOD, REFUSED, MALFORMED, BROKEN, INTERRUPTED, PIPE_CLOSED} | {error.exit_code for error in all_errors()}
    assert [int(code) for code, _ in rows(COMMANDS, "| code |")] == sorted(codes)


def test_the_docs_name_all_codes_of_errors_with_their_exit_codes() -> None:
    codes = {f"`{error.code}`": str(error.exit_code) for error in all_errors()} | {"`fault`": str(BROKEN)}
    assert {code: exit_code for code, exit_code, _ in rows(COMMANDS, "| `error` |")} == codes


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_docs_name_the_roles_of_a_new_database_with_their_permissions(commands: Commands) -> None:
    documented = {role: set(re.findall("[A-Z]+_[A-Z_]+", held)) for role, held in rows(DATABASES, "| role |")}
    documented["administrator"] = {str(permission) for permission in Permission}  # the page says "all"
    assert documented == {role["name"]: set(role["permissions"]) for role in commands.rows("role", "list")}


def test_the_docs_name_the_command_barcodes_of_the_printed_page() -> None:
    station = (ROOT / "docs" / "station.md").read_text("utf-8")
    named = [
        row[0].strip("`") for heading in ("effect", "task") for row in rows(station, f"| barcode | typed | {heading} |")
    ]
    assert named == [code.barcode for code in MEANINGS]


@each("words", [[], ["item", "add"], ["serial", "transfer"], ["demo"]])
def test_help_knows_the_common_options(words: list[str]) -> None:
    shown = in_this_process(*words, "--help")
    assert shown.code == 0
    for option in ("--database", "--json", "--user"):
        assert option in shown.out
