"""Files that are broken at random, always in the same way for the same number."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from models.errors import BadValue
from models.importing.lists import read_list
from models.importing.table import open_table
from tests.support.workbook_cases import CASES, Case

_MARKUP = (b"<", b">", b"/>", b'"', b"&", b"&#0;", b"<!--", b"]]>", b"\0", b"\xff", b"-1", b"99999999999", b"</row>")


_SIGNS: Final = (
    b'"',
    b";",
    b",",
    b"\t",
    b"\r",
    b"\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"'=",
    b"sep=|\n",
    b"{",
)

_TEXTS: Final = {
    "plain": b"Serial Number,Notes\nA-1,x\nA-2,y\n",
    "quoted, with a mark": '\ufeff"Seriennummer";"Ort"\r\n"A-1";"Größe ""L""\r\nx"\r\n\'=A-2;\r\n'.encode(),
    "tabs in UTF-16": "Serial\tStatus\r\nA-1\t東京\r\n".encode("utf-16"),
    "a named delimiter": b"sep=|\nSerial|Item\nA-1|LAP\nA-2|LAP\n",
    "Windows-1252, old Mac": "Serial;Notes\rA-1;Größe\rA-2;Maß\r".encode("cp1252"),
    "one column": b"A-1\n\nA-2\nA-3 \n",
}


def _text_cases() -> list[tuple[str, str, bytes]]:
    return [(name, "csv", content) for name, content in _TEXTS.items()]


def whole(case: Case, folder: Path) -> bytes:
    """The bytes of a case as written."""
    path = folder / f"whole.{case.ending}"
    case.write(path)
    return path.read_bytes()


def mutated(content: bytes, number: int) -> bytes:
    """The file with a few bytes changed: in one of its parts, if it is a package, else or sometimes anywhere."""
    chance = random.Random(number)
    if not zipfile.is_zipfile(io.BytesIO(content)) or not chance.randrange(3):
        return _changed(content, chance, _SIGNS if content in _TEXTS.values() else ())
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = _changed(parts[name], chance, _MARKUP)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for part, said in parts.items():
            package.writestr(part, said)
    return out.getvalue()


def _changed(content: bytes, chance: random.Random, pieces: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(changed) + 1)
        way = chance.randrange(4)
        if way == 0 and pieces:
            changed[at:at] = chance.choice(pieces)
        elif way == 1:
            del changed[at : at + chance.randrange(1, 200)]
        elif way == 2:
            changed[at : at + 4] = chance.randbytes(4)
        else:
            changed[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(changed)


def trouble(path: Path) -> str:
    """What is wrong with how a file is read, as a table and as a list: empty for rows or a refusal."""
    return _trouble(lambda: _read_table(path)) or _trouble(lambda: read_list(str(path)))


def _read_table(path: Path) -> None:
    with open_table(str(path)) as table:
        for _ in table.rows():
            pass


def _trouble(read: Callable[[], object]) -> str:
    try:
        read()
    except BadValue as refused:
        sentence = refused.message
        return "" if sentence.endswith(".") and len(sentence) < 400 else f"no sentence: {sentence}"
    except Exception as other:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"{type(other).__name__}: {other}"
    return ""


def troubles(numbers: range, folder: Path, endings: Sequence[str]) -> list[str]:
    """What is wrong with how files of all cases of some endings are read that are broken in these ways."""
    cases = [(case.name, case.ending, whole(case, folder)) for case in CASES if case.ending in endings]
    cases += _text_cases() if "csv" in endings else []
    found = []
    for number in numbers:
        name, ending, content = cases[number % len(cases)]
        path = folder / f"broken.{ending}"
        path.write_bytes(mutated(content, number))
        if wrong := trouble(path):
            found.append(f"{name}, {number}: {wrong}")
    return found
