"""Folders of files to import, and paths as people type, paste and drag them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.errors import BadValue
from models.importing.files import is_folder, is_path, list_folder, meant_path
from tests.support.cases import each


def test_a_folder_lists_the_way_up_then_folders_then_importable_files(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    for name in ("b.CSV", "A.xlsx", "notes.pdf", ".hidden.csv", "c.ods", "no suffix", "d.tsv"):
        (folder / name).write_text("12345")
    (folder / "Zoo").mkdir()
    (folder / "apes").mkdir()
    (folder / ".cache").mkdir()
    (folder / "gone.csv").symlink_to(folder / "nowhere")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text("x")
    found = list_folder(str(folder))
    assert [entry.name for entry in found] == ["..", "apes", "Zoo", "A.xlsx", "b.CSV", "c.ods", "d.tsv", "\udcff.csv"]
    assert [entry.is_folder for entry in found] == [True] * 3 + [False] * 5
    assert found[3].size == 5
    assert found[3].changed is not None


@each("folder", ["nowhere", "a file", "a\0b"])
def test_what_cannot_be_listed_is_refused_in_a_sentence(folder: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(BadValue, match=r"^The folder .* cannot be listed: .*\. Choose another\.$"):
        list_folder(f"{tmp_path}/{folder}")
    assert not is_folder(f"{tmp_path}/{folder}")


@each(
    ("typed", "meant"),
    [
        ("/srv/list.csv", "/srv/list.csv"),
        (" '/srv/my list.csv' ", "/srv/my list.csv"),
        ('"/srv/my list.csv"', "/srv/my list.csv"),
        ("file:///srv/my%20list%20%C3%A4.csv", "/srv/my list ä.csv"),
        (r"/srv/my\ list\ \(2\).csv ", "/srv/my list (2).csv"),
        ("list.csv", "/here/list.csv"),
        ("../list.csv", "/list.csv"),
        ("sub/./list.csv", "/here/sub/list.csv"),
        ("/srv/it's.csv", "/srv/it's.csv"),
        ("/srv/\\", "/srv/\\"),
    ],
)
def test_a_path_is_understood_as_it_is_typed_pasted_or_dragged(typed: str, meant: str) -> None:
    assert meant_path(typed, "/here") == meant


def test_the_tilde_is_the_home_and_a_file_that_has_a_backslash_in_its_name_is_found(tmp_path: Path) -> None:
    assert meant_path("~/x.csv", "/here") == f"{Path.home()}/x.csv"
    odd = tmp_path / "a\\ b.csv"
    odd.write_text("")
    assert meant_path(str(odd), "/here") == str(odd)


@each(
    ("text", "expected"),
    [("serials", False), ("serials 2026.csv", False), ("/", True), ("~", True), ("'/a b", True), ("a/b", True)],
)
def test_a_path_is_told_from_a_part_of_a_name(text: str, expected: bool) -> None:
    assert is_path(text) is expected
