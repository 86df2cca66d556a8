"""Files that are broken at random, always in the same way for the same number."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

from models.errors import BadValue
from models.importing.table import open_table
from tests.support.workbook_cases import CASES, Case

_MARKUP = (b"<", b">", b"/>", b'"', b"&", b"&#0;", b"<!--", b"]]>", b"\0", b"\xff", b"-1", b"99999999999", b"</row>")


def whole(case: Case, folder: Path) -> bytes:
    """The bytes of a case as written."""
    path = folder / f"whole.{case.ending}"
    case.write(path)
    return path.read_bytes()


def mutated(content: bytes, number: int) -> bytes:
    """The file with a few bytes changed: in one of its parts, if it is a package, else or sometimes anywhere."""
    chance = random.Random(number)
    if not zipfile.is_zipfile(io.BytesIO(content)) or not chance.randrange(3):
        return _changed(content, chance, ())
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
    """What is wrong with how a file is read: empty for rows, or for a refusal in one sentence."""
    try:
        with open_table(str(path)) as table:
            for _ in table.rows():
                pass
    except BadValue as refused:
        sentence = refused.message
        return "" if sentence.endswith(".") and len(sentence) < 400 else f"no sentence: {sentence}"
    except Exception as other:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"{type(other).__name__}: {other}"
    return ""


def troubles(numbers: range, folder: Path, endings: Sequence[str]) -> list[str]:
    """What is wrong with how files of all cases of some endings are read that are broken in these ways."""
    cases = [(case, whole(case, folder)) for case in CASES if case.ending in endings]
    found = []
    for number in numbers:
        case, content = cases[number % len(cases)]
        path = folder / f"broken.{case.ending}"
        path.write_bytes(mutated(content, number))
        if wrong := trouble(path):
            found.append(f"{case.name}, {number}: {wrong}")
    return found
