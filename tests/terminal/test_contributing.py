"""CONTRIBUTING.md, the Makefile, the hooks, the workflow and the pinned requirements name what is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ENGINES
from tests.support.commands import program
from tests.support.limits import LIMIT

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CI = ROOT / ".ci" / "run"
PROGRAMS = Path(sys.executable).parent
SHELL = {"python3", ".", "pip", "make"}
"""Programs that a virtual environment does not bring with the project, and a word of the shell."""


def documented() -> list[str]:
    """The command lines of CONTRIBUTING.md."""
    blocks = re.findall(r"```sh\n(.*?)```", CONTRIBUTING, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def recipes() -> dict[str, list[str]]:
    """The command lines of the Makefile by target, without the folder of the programs."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "Makefile").read_text("utf-8").splitlines():
        if target := re.fullmatch(r"([a-z]+):", line):
            found[target[1]] = lines = []
        elif line.startswith("\t"):
            lines.append(line.strip().replace("$(BIN)/", "").replace("$(PYTHON)", "python3"))
    return found


def plain(name: str) -> str:
    """The name of a distribution as packaging compares it."""
    return re.sub("[-_.]+", "-", name).lower()


def pins() -> dict[str, Version]:
    """The versions of requirements-dev.txt."""
    found = {}
    for line in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9a-z.]*)", line)
            assert pin, f"{line} is not an exact version"
            found[plain(pin[1])] = Version(pin[2])
    return found


def dependencies() -> Iterator[Requirement]:
    """What pyproject.toml asks for, extras included, but the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for text in [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]:
        requirement = Requirement(text)
        if requirement.name != project["name"]:
            yield requirement


def test_the_makefile_has_the_five_usual_commands_and_they_are_those_of_contributing() -> None:
    found = recipes()
    assert set(found) == {"setup", "test", "check", "bench", "demo"}
    assert all(f"`make {target}`" in CONTRIBUTING for target in found)
    known = [line.replace(".venv/bin/", "") for line in documented()]
    assert [line for lines in found.values() for line in lines if line not in known] == []
    assert all(found.values())


def test_every_command_of_contributing_is_there_and_so_is_every_file_that_it_names() -> None:
    for line in documented():
        program, *words = shlex.split(line)
        name = program.removeprefix(".venv/bin/")
        assert name in SHELL or (PROGRAMS / name).is_file() or (ROOT / name).is_file(), line
        if words[:1] == ["-m"]:
            assert words[1] == "venv" or find_spec(words[1]), line
        for word in words:
            if word.endswith((".py", ".txt")) or word.startswith("tests/"):
                assert (ROOT / word).exists(), line


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def modules_of(page: str) -> dict[str, list[Path]]:
    """The modules that a page names, by path or as a module of tests, and those that are there."""
    paths = {path: [*ROOT.glob(path)] for path in re.findall(r"`((?:models|tui|tests|docs)/[\w/*]+\.\w+)`", page)}
    return paths | {name: [*(ROOT / "tests").rglob(name)] for name in re.findall(r"`(test_[\w*]+\.py)`", page)}


def test_every_module_that_contributing_and_the_architecture_name_is_there() -> None:
    for page in (CONTRIBUTING, ARCHITECTURE):
        found = modules_of(page)
        assert len(found) > 20
        assert [name for name, files in found.items() if not files] == []


def test_every_name_in_the_architecture_is_in_the_code() -> None:
    named = {file for files in modules_of(ARCHITECTURE).values() for file in files}
    code = {*(ROOT / "models").rglob("*.py"), *(ROOT / "tui").rglob("*.py"), *named, ROOT / "pyproject.toml"}
    words = {word for file in code for word in re.findall(r"\w+", f"{file} {file.read_text('utf-8')}")}
    names = {
        name for name in re.findall(r"`([A-Za-z_][\w.]*)`", ARCHITECTURE) if not name.endswith((".jsonl", ".tcss"))
    }
    assert len(names) > 100
    assert {name for name in names if not set(re.findall(r"\w+", name)) <= words} == set()


def test_one_engine_is_chosen_by_the_names_of_the_engines() -> None:
    assert set(re.findall(r'-k "not ([a-z]+)"', CONTRIBUTING)) == set(ENGINES)


def test_the_folders_of_tests_are_those_that_contributing_explains() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert {folder for folder in folders if f"`{folder}`" not in CONTRIBUTING} == set()


def test_all_checks_of_the_makefile_and_of_the_hooks_are_those_of_ci() -> None:
    ci = CI.read_text("utf-8").splitlines()
    checks = recipes()["check"]
    assert [line for line in checks if line not in ci] == []
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [re.sub(" --force-exclude", "", hook) for hook in hooks] == [
        re.sub(r" (\.|--check)", "", check) for check in checks
    ]


def test_the_workflow_calls_ci_on_the_oldest_python() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert f"run: {CI.relative_to(ROOT)}\n" in workflow
    assert CI.stat().st_mode & 0o111
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert f'"{oldest.removeprefix(">=")}"' in workflow


def test_the_smoke_start_of_ci_finds_the_first_screen_and_leaves_as_a_person_would() -> None:
    ran = subprocess.run(
        [sys.executable, str(CI.with_name("first_screen.py")), program(), "demo", "--serials", "40"],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "items" in ran.stdout.splitlines()[1]


def test_every_dependency_is_pinned_to_a_version_that_the_project_allows() -> None:
    pinned = pins()
    wanted = list(dependencies())
    assert len(wanted) > 20
    for requirement in wanted:
        version = pinned[plain(requirement.name)]
        assert requirement.specifier.contains(version), requirement
