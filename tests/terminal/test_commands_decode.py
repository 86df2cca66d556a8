"""`serialdock decode`: scans in, one JSON object a line out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.support.barcodes import CASES, comes_out_right
from tests.support.cases import each
from tests.support.commands import Ran, in_this_process, program
from tests.support.limits import LIMIT

LABEL = b"\x1d010950600013435210L\x1d21A"


def _decode(scans: bytes, *words: str) -> Ran:
    ran = subprocess.run([program(), "decode", *words], input=scans, capture_output=True, check=False, timeout=LIMIT)
    return Ran(ran.returncode, ran.stdout.decode("ascii"), ran.stderr.decode())


def test_every_line_is_answered_in_its_order() -> None:
    ran = _decode(b"SN-1\r\n" + LABEL + b"\n\nXXSDDONE\nSN-2\r\n  00 1 \n4006381333931")
    assert (ran.code, ran.err) == (0, "")
    assert [tuple(row.items()) for row in ran.rows] == [
        (("kind", "plain"), ("serial", "SN-1")),
        (("kind", "gs1"), ("gtin", "09506000134352"), ("lot", "L"), ("serial", "A")),
        (("error", "empty"), ("message", "Nothing was scanned. Scan the label again.")),
        (("kind", "command"), ("command", "DONE")),
        (("kind", "plain"), ("serial", "SN-2")),
        (("kind", "plain"), ("serial", "00 1")),
        (("kind", "gtin"), ("gtin", "04006381333931")),
    ]


def test_a_refused_scan_is_an_answer_and_no_failure() -> None:
    ran = _decode(b"https://example.com\nAB\xe9CD\nA\x1b[2J\nSN1\rSN2\n]C121A\n\xed\xa0\x80\n")
    assert ran.code == 0
    assert [row["error"] for row in ran.rows] == [
        "url", "bad_char", "control_char", "control_char", "needs_product", "bad_char",
    ]  # fmt: skip
    assert all(row["message"] for row in ran.rows)


def test_warnings_come_with_the_answer() -> None:
    (row,) = _decode(b"[)>\x1e06\x1dSA\n").rows
    assert row["serial"] == "A"
    assert "end of this code is missing" in row["warnings"][0]


def test_no_scans_give_no_answers() -> None:
    assert _decode(b"") == _decode(b"", "--jsonl") == (0, "", "")
    closed = subprocess.run(
        ["/bin/sh", "-c", '"$1" decode <&-', "sh", program()], capture_output=True, check=False, timeout=LIMIT
    )
    assert (closed.returncode, closed.stdout, closed.stderr) == (0, b"", b"")


def test_the_case_file_itself_comes_out_right() -> None:
    ran = _decode("\n".join(map(json.dumps, CASES)).encode(), "--jsonl")
    assert (ran.code, len(ran.rows)) == (0, len(CASES))
    for case, row in zip(CASES, ran.rows, strict=True):
        assert comes_out_right(case, row), (case, row)


def test_a_config_is_followed() -> None:
    config: list[dict[str, Any] | None] = [
        {"strip_di_s": True}, {"expect": "imei"}, {"gs_substitutes": ["|"]}, {"beyond_ascii": True}, {"expect": None},
        {}, None,
    ]  # fmt: skip
    scans = ["SC02", "490154203237519", "010950600013435210L|21A", "Größe", "SC02", "S", "S2"]
    lines = [json.dumps({"scan": scan, "config": given}) for scan, given in zip(scans, config, strict=True)]
    rows = _decode("\n".join(lines).encode(), "--jsonl").rows
    assert [row.get("serial", row.get("error")) for row in rows] == [
        "C02",
        "bad_check_digit",
        "A",
        "Größe",
        "SC02",
        "S",
        "S2",
    ]


@each(
    ("line", "words"),
    [
        ("SN-1", "not JSON"),
        ("", "not JSON"),
        ('{"scan": "SN-1"', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        ('"SN-1"', "no scan"),
        ("[]", "no scan"),
        ('{"scan": 1}', "no scan"),
        ('{"sca": "SN-1"}', "no scan"),
        ('{"scan": "SN-1", "config": []}', "not an object"),
        ('{"scan": "SN-1", "config": {"strip": true}}', "no setting 'strip'"),
        ('{"scan": "SN-1", "config": {"strip_di_s": 1}}', "true or false"),
        ('{"scan": "SN-1", "config": {"expect": "ean"}}', "imei, mac, vin"),
        ('{"scan": "SN-1", "config": {"expect": ["imei"]}}', "imei, mac, vin"),
        ('{"scan": "SN-1", "config": {"gs_substitutes": "|"}}', "list of texts"),
        ('{"scan": "SN-1", "config": {"gs_substitutes": [""]}}', "list of texts"),
    ],
)
def test_a_malformed_line_is_told_and_the_next_one_answered(line: str, words: str) -> None:
    ran = in_this_process("decode", "--jsonl", stdin=f'{line}\n{{"scan": "SN-2"}}\n'.encode())
    assert ran.code == 1
    bad, good = ran.rows
    assert bad["error"] == "bad_line"
    assert words in bad["message"]
    assert good == {"kind": "plain", "serial": "SN-2"}


def test_a_line_without_end_is_refused_and_does_not_fill_the_memory() -> None:
    rows = _decode(b"A" * 5_000_000 + b"\nSN-2\n").rows
    assert [row.get("error", row.get("serial")) for row in rows] == ["too_long", "SN-2"]


def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_its_first_scan() -> None:
    assert _decode(b"\xef\xbb\xbfSN-1\n").rows == [{"kind": "plain", "serial": "SN-1"}]
    assert _decode(b'\xef\xbb\xbf{"scan": "SN-1"}\n', "--jsonl").rows == [{"kind": "plain", "serial": "SN-1"}]


def test_a_scan_is_answered_before_the_next_one_comes() -> None:
    with subprocess.Popen([program(), "decode"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        for serial in ("SN-1", "SN-2"):
            command.stdin.write(f"{serial}\n".encode())
            command.stdin.flush()
            assert json.loads(command.stdout.readline()) == {"kind": "plain", "serial": serial}
        command.stdin.close()
        assert command.wait(60) == 0


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    with subprocess.Popen(
        [program(), "decode"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdin.write(b"SN-1\n")
        command.stdin.flush()
        command.stdout.readline()
        command.stdout.close()
        command.stdin.write(b"SN-2\n")
        command.stdin.close()
        assert (command.wait(60), command.stderr.read()) == (141, b"")


def test_it_needs_neither_a_database_nor_a_terminal_library() -> None:
    line = "import sys; from tui.cli.main import main; print(main(['decode']), *sys.modules, file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", line],
        input="SN-1\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
        env=os.environ,
    )
    code, *modules = ran.stderr.split()
    assert (code, json.loads(ran.stdout)) == ("0", {"kind": "plain", "serial": "SN-1"})
    assert {name.partition(".")[0] for name in modules} & {"peewee", "textual", "rich", "biip"} == set()
