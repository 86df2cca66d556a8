"""Lists of serials from outside: what ends a line, what is opened, and what is said of a bad one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from models.errors import BadValue
from models.serials.ranges import LARGEST, read_list, split_lines


def refusal(path: Path | str) -> str:
    with pytest.raises(BadValue) as refused:
        read_list(str(path))
    assert refused.value.details["field"] == "file"
    return refused.value.message


def test_a_line_ends_at_cr_lf_and_crlf_and_at_nothing_else() -> None:
    text = "A\r\nB\rC\n\nD\x1dE\x1eF\x1cG\x0bH\x0cI\x85J\u2028K"
    assert split_lines(text) == ["A", "B", "C", "", "D\x1dE\x1eF\x1cG\x0bH\x0cI\x85J\u2028K"]
    assert split_lines("A\n") == ["A"]
    assert split_lines("") == []


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    for mark in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(mark + b"A1\r\n\r\n A2 \nA3")
        assert read_list(str(file)) == ["A1", "", " A2 ", "A3"]


def test_a_file_in_the_persons_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "list.txt").write_text("A1\n")
    assert read_list("~/list.txt") == ["A1"]


def test_what_is_no_file_is_never_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has 107 bytes at most, so it is given without its folder
    pipe, talk = tmp_path / "pipe", Path("socket")
    os.mkfifo(pipe)
    says = "Name a text file with one serial a line."
    assert refusal(pipe) == f"{pipe} cannot be read: it is a pipe. {says}"
    assert refusal(tmp_path) == f"{tmp_path} cannot be read: it is a folder. {says}"
    assert refusal("/dev/zero") == f"/dev/zero cannot be read: it is a device. {says}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(talk))
        assert refusal(talk) == f"{talk} cannot be read: No such device or address. {says}"
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'} cannot be read: No such file or directory. {says}"
    assert refusal("A\0B").startswith("A\0B cannot be read: it is no file name.")
    assert refusal("~nobody-of-this-name/list").endswith(says)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no serial in it. Give one serial a line."),
        (b" \r\n\t\n", "has no serial in it. Give one serial a line."),
        (b"A\0B\n", "is no text file. Name one with one serial a line, in UTF-8."),
        (b"A\rB\r\nC\xff\n", "is not UTF-8 in line 3. Save it as UTF-8, one serial a line."),
        (b"\n".join([b"A"] * 100_001), "has 100,001 serials; 100,000 in one go is the most"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes(content)
    assert refusal(file).startswith(f"{file} {said}")


def test_blank_lines_do_not_make_a_list_too_long(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\n" * 200_000 + "A\n")
    assert len(read_list(str(file))) == 200_001


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    with file.open("wb") as large:
        large.truncate(LARGEST + 1)
    assert refusal(file) == f"{file} has more than 64 MB. Give the serials in parts."
