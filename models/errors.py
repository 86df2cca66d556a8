"""The error tree: refusals and database failures, each with a stable code.

A refusal is created in `models` with its full message: the thing, what is wrong and what to do next. Screens and
commands only show it. Codes are a public interface: commands print them with `--json`.

::

    SerialdockError
    ├── Refusal                 the request was understood and not carried out        exit code 1
    │   ├── BadValue            bad_value            an invalid value
    │   ├── Unreadable          unreadable           a scan in no known format, or a damaged one
    │   ├── NotFound            not_found            no such item, serial, location, user, role …
    │   ├── Ambiguous           ambiguous            a serial number that several items have
    │   ├── Duplicate           duplicate            it exists already
    │   ├── NotTracked          not_tracked          the item does not track serials
    │   ├── NotPermitted        not_permitted        the permission is missing
    │   ├── NotAllowed          not_allowed          the status or place forbids the move
    │   ├── Changed             changed              somebody else changed it meanwhile
    │   ├── Cancelled           cancelled            the user stopped it
    │   ├── Constrained         constraint           a constraint of the database forbids it
    │   └── LastAdministrator   last_administrator   nobody could manage users afterwards
    └── DatabaseTrouble         the database cannot be used                           exit code 3
        ├── Unreachable         database_unreachable
        ├── WrongAddress        database_address
        ├── TooNew              database_too_new
        ├── NotReady            database_not_ready   the schema is missing or older than the program
        ├── Busy                database_busy        another user holds a lock for too long
        ├── Damaged             database_damaged     the file or the server's storage is corrupt
        │   └── DamagedRow      database_damaged     one row cannot be read; the others can
        ├── ProgramFault        database_fault       a statement of this program is wrong
        │   └── UnstorableValue database_fault       a value that the database cannot take; others can be written
        ├── Replaced            database_replaced    it was removed, or replaced by another database
        ├── WrongEncoding       database_encoding    the server's database does not store UTF-8
        ├── DriverMissing       driver_missing
        └── NotSaved            not_saved            neither the database nor the disk takes a scan

Any other error of a database is a plain DatabaseTrouble, with the code `database`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SerialdockError(Exception):
    """Base class: an error whose message is shown to the user."""

    code: ClassVar[str] = "error"
    """Stable name, printed by commands with `--json`."""

    exit_code: ClassVar[int] = 1
    """Exit code of a command that fails with this error."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        """One or two full sentences: the thing, the problem, the next step."""
        self.details: Mapping[str, Any] = details
        """Data for a screen that offers the next step, such as `serial_id` of the duplicate."""

    @property
    def what(self) -> str:
        """The message without the next step."""
        return f"{self.message.partition('. ')[0].rstrip('.')}."


class Refusal(SerialdockError):
    """The request was understood and not carried out; nothing was written."""

    code = "refused"


class BadValue(Refusal):
    """An invalid value; `details["field"]` names the input field, if known.

    `details["option"]`, if present, is the command-line option that chooses another value: commands name it after the
    message, and screens ask.
    """

    code = "bad_value"


class Unreadable(Refusal):
    """A scan that cannot be read; `reason` is a stable one-word cause, `message` the sentence."""

    code = "unreadable"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)
        self.reason = reason
        """A stable code such as `bad_check_digit`; `serialdock decode` prints it as `error`."""


class NotFound(Refusal):
    """No such item, serial, location, customer, user, role or permission.

    `details["command"]`, if present, is the command that lists the existing ones: commands name it after the message,
    and screens name their own key.
    """

    code = "not_found"


class Ambiguous(Refusal):
    """A serial number that several items have; `details["items"]` are their SKUs."""

    code = "ambiguous"


class Duplicate(Refusal):
    """The record exists already; for a serial, `details["serial_id"]` is the existing one."""

    code = "duplicate"


class NotTracked(Refusal):
    """The item does not track serials."""

    code = "not_tracked"


class NotPermitted(Refusal):
    """The permission `details["permission"]` is missing."""

    code = "not_permitted"


class NotAllowed(Refusal):
    """The status or location of a serial forbids the move; `details["serial_id"]` is the first such serial."""

    code = "not_allowed"


class Changed(Refusal):
    """Edit conflict: somebody else changed the record since it was read; their change was not overwritten."""

    code = "changed"


class Cancelled(Refusal):
    """The user stopped the operation before it was done."""

    code = "cancelled"


class LastAdministrator(Refusal):
    """The operation would leave nobody who can manage users."""

    code = "last_administrator"


class Constrained(Refusal):
    """A constraint of the database forbids it, although the checks before did not."""

    code = "constraint"


class DatabaseTrouble(SerialdockError):
    """The database cannot be used.

    `details["error"]`, if present, is the database's own code: SQLite's extended name of the result or the server's
    SQLSTATE.
    """

    code = "database"
    exit_code = 3
    passes: ClassVar[bool] = True
    """Whether the same request can succeed later, so that scans wait for it."""
    needs_report: ClassVar[bool] = False
    """Whether a report for the maintainers is written at once."""

    @property
    def error(self) -> str:
        """The database's own code; empty if it gave none."""
        return str(self.details.get("error", ""))

    def add(self, sentence: str, **details: Any) -> None:
        """Add a sentence to the message, and details."""
        self.message = f"{self.message} {sentence}"
        self.details = {**self.details, **details}
        self.args = (self.message,)


class Unreachable(DatabaseTrouble):
    """The server does not answer, or the file cannot be opened."""

    code = "database_unreachable"


class WrongAddress(DatabaseTrouble):
    """The database URL is invalid."""

    code = "database_address"


class TooNew(DatabaseTrouble):
    """The database was migrated by a newer Serialdock."""

    code = "database_too_new"


class NotReady(DatabaseTrouble):
    """The schema is missing or older than this program; `serialdock migrate` updates it."""

    code = "database_not_ready"


class Busy(DatabaseTrouble):
    """Another user held a lock for longer than the time-out; nothing was written."""

    code = "database_busy"


class Damaged(DatabaseTrouble):
    """The database is corrupt. This process does not write to it any more, until another file is in its place."""

    code = "database_damaged"
    needs_report = True


class DamagedRow(Damaged):
    """A row has an invalid value, such as a moment that is no date; other rows can be read and written."""

    passes = False


class ProgramFault(DatabaseTrouble):
    """The database did not understand this program: a wrong statement, a wrong type, a misuse of the driver."""

    code = "database_fault"
    needs_report = True


class UnstorableValue(ProgramFault):
    """The database cannot take a value, such as a number that its column is too small for; others can be written."""


class Replaced(DatabaseTrouble):
    """The database that was opened is not there any more, or another one has taken its place."""

    code = "database_replaced"


class WrongEncoding(DatabaseTrouble):
    """The server stores the texts of this database in an encoding other than UTF-8."""

    code = "database_encoding"


class DriverMissing(DatabaseTrouble):
    """The driver for this database is not installed."""

    code = "driver_missing"


class NotSaved(DatabaseTrouble):
    """Neither the database nor the disk of this machine can take a scan now."""

    code = "not_saved"


class Stop:
    """A progress callback that stores the progress and can stop the work from another thread."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        """Serials done, and serials in total."""
        self.wanted = False
        """Set to True to stop the work at its next progress report."""

    def __call__(self, done: int, total: int) -> None:
        """Store the progress; stop the work if wanted.

        Raises:
            Cancelled
        """
        self.done, self.total = done, total
        if self.wanted:  # read without a lock: at worst the next report stops the work
            raise Cancelled("It was stopped. Nothing was written.")
