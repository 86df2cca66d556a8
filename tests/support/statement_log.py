"""Every statement that a PostgreSQL server gets for a database, as it logs them, and what each leaves in its session.

Behind a pooler in transaction mode the next transaction has another session, and another program gets this one. So
nothing may outlive a transaction: no setting, lock, prepared statement, cursor, temporary table or subscription.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

ENTRY: Final = re.compile(r"(\d+)\|([^|]*)\|([^|]*)\|([A-Z]+[0-9]*):  (.*)")
"""A line of the log, see `log_line_prefix` in `postgres_keeper`; further lines of an entry begin with a tab."""

_PIECE: Final = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|;|[^'"$;-]+|[$-]""", re.DOTALL)

_OUTLIVES: Final = (
    (re.compile(r"SET (?!LOCAL )"), "a setting of the session"),
    (re.compile(r"(RESET|DISCARD|LOAD|DO)\b"), "it changes the session"),
    (re.compile(r"(LISTEN|UNLISTEN|NOTIFY)\b"), "a subscription"),
    (re.compile(r"(PREPARE|EXECUTE|DEALLOCATE)\b"), "a prepared statement"),
    (re.compile(r".*\bWITH HOLD\b"), "a cursor that is held"),
    (re.compile(r".*\bSET_CONFIG ?\("), "a setting of the session"),
    (re.compile(r".*\bPG_(TRY_)?ADVISORY_(?!XACT_)"), "a lock of the session"),
)

_WITHOUT_TIME_OUT: Final = re.compile(r"VACUUM\b|SELECT PG_CURRENT_SNAPSHOT\(\)$")
"""What cannot share its message with settings, or reads no table."""

_TEMPORARY: Final = re.compile(
    r"(CREATE (LOCAL )?TEMP(ORARY)?\b|.*\bINTO TEMP|CREATE .*\bPG_TEMP\.)(?!.*ON COMMIT DROP)"
)


class Message(NamedTuple):
    """What the server got at once."""

    session: str
    program: str
    """The application name."""
    kind: str
    """`statement`, or `execute …` for one of the extended protocol."""
    text: str


class StatementLog:
    """The statements for one database, from now on.

    Args:
        session: of an administrator of the server.
        log: the server's log.
        database: its name; nobody may be connected to it yet.
    """

    def __init__(self, session: Any, log: Path, database: str) -> None:
        self._log, self._database = log, database
        self._start = log.stat().st_size
        session.execute(f"ALTER DATABASE \"{database}\" SET log_statement = 'all'")

    def messages(self) -> list[Message]:
        """All messages so far."""
        with self._log.open("rb") as file:
            file.seek(self._start)
            lines = file.read().decode(errors="replace").splitlines()
        found: list[Message] = []
        open_entry = False
        for line in lines:
            if entry := ENTRY.fullmatch(line):
                session, program, database, level, text = entry.groups()
                kind, _, statement = text.partition(": ")
                open_entry = level == "LOG" and database == self._database and kind.startswith(("statement", "execute"))
                if open_entry:
                    found.append(Message(session, program, kind, statement))
            elif open_entry and line.startswith("\t"):
                found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line[1:]}")
        return found


def outliving(messages: Iterable[Message], *, keeps: str = "") -> list[str]:
    """What would outlive its transaction, or has no time-out, each as a sentence.

    Args:
        messages: of all sessions, in order.
        keeps: name of the program that has sessions of its own, for temporary tables.
    """
    found: list[str] = []
    sessions: dict[str, _Session] = defaultdict(_Session)
    for message in messages:
        said = sessions[message.session].take(message, may_keep=message.program == keeps != "")
        found += [f"{what}: {message.text[:200]}" for what in said]
    return found


def _statements(text: str) -> list[str]:
    """The statements of a message, in capitals, without their texts and comments."""
    statements, parts = [], list[str]()
    for piece in _PIECE.finditer(f"{text}\n;"):
        if piece[0] != ";":
            parts.append("''" if piece[0][0] == "'" else "" if piece[0].startswith("--") else piece[0])
            continue
        statements.append(" ".join("".join(parts).upper().split()))
        parts.clear()
    return [statement for statement in statements if statement]


class _Session:
    """What is known of one session."""

    def __init__(self) -> None:
        self.in_transaction = False
        self.tables: list[str] = []
        """Temporary tables of the transaction that only a rollback removes."""

    def take(self, message: Message, *, may_keep: bool) -> Iterator[str]:
        """Look at what it got next."""
        statements = _statements(message.text)
        if message.kind != "statement":
            yield f"the extended protocol ({message.kind})"
        timed = any(statement.startswith("SET LOCAL STATEMENT_TIMEOUT") for statement in statements)
        if not (self.in_transaction or timed or _WITHOUT_TIME_OUT.match(statements[0])):
            yield "no time-out"
        for statement in statements:
            yield from (what for pattern, what in _OUTLIVES if pattern.match(statement))
            if statement.startswith("SET LOCAL") and not self.in_transaction and len(statements) == 1:
                yield "a local setting outside of a transaction"
            if statement.startswith(("BEGIN", "START TRANSACTION")):
                self.in_transaction = True
            elif _TEMPORARY.match(statement) and not may_keep:
                if not self.in_transaction:
                    yield "a temporary table"
                self.tables.append(statement)
            elif statement.startswith(("COMMIT", "END")):
                yield from (f"a temporary table ({table})" for table in self.tables)
                self._ended()
            elif re.match(r"(ROLLBACK|ABORT)(?! TO\b)", statement):
                self._ended()

    def _ended(self) -> None:
        self.in_transaction = False
        self.tables.clear()
