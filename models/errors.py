"""Everything that can be refused, as one tree of errors with stable codes.

A refusal is born once, here in `models`, with its whole message: it names the thing, says what is wrong and
what to do next. Screens and commands only show it. The code is a public face: commands print it with `--json`.

::

    SerialdockError
    ├── Refusal                 the request was understood and not carried out        exit code 1
    │   ├── BadValue            bad_value            a value that cannot be taken
    │   ├── Unreadable          unreadable           a scan that no barcode says, or a damaged one
    │   ├── NotFound            not_found            no such item, serial, location, user, role …
    │   ├── Ambiguous           ambiguous            a serial that several items carry
    │   ├── Duplicate           duplicate            it is there already
    │   ├── NotTracked          not_tracked          the item does not track serials
    │   ├── NotPermitted        not_permitted        the permission is missing
    │   ├── NotAllowed          not_allowed          the status or place forbids the move
    │   ├── Changed             changed              somebody else changed it meanwhile
    │   ├── Cancelled           cancelled            the person stopped it
    │   └── LastAdministrator   last_administrator   nobody could manage users any more
    └── DatabaseTrouble         the database cannot be used                           exit code 3
        ├── Unreachable         database_unreachable
        ├── WrongAddress        database_address
        ├── TooNew              database_too_new
        ├── NotReady            database_not_ready   the schema is missing or older than the program
        ├── Busy                database_busy        others hold a lock for too long
        └── DriverMissing       driver_missing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SerialdockError(Exception):
    """The root: an error that is meant for a person to read."""

    code: ClassVar[str] = "error"
    """Stable name, printed by commands with `--json`."""

    exit_code: ClassVar[int] = 1
    """What a command returns for it."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        """One or two whole sentences: the thing, what is wrong, what to do next."""
        self.details: Mapping[str, Any] = details
        """Facts for a screen that offers the next step, such as `serial_id` of the duplicate."""


class Refusal(SerialdockError):
    """The request was understood and not carried out; nothing was written."""

    code = "refused"


class BadValue(Refusal):
    """A value that cannot be taken; `details["field"]` names where it stood, if known.

    `details["option"]`, where it is there, chooses another: commands name it behind the message, and screens ask.
    """

    code = "bad_value"


class Unreadable(Refusal):
    """A scan that cannot be understood; `reason` says why in one word, `message` in a sentence."""

    code = "unreadable"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)
        self.reason = reason
        """A stable name such as `bad_check_digit`; `serialdock decode` prints it as `error`."""


class NotFound(Refusal):
    """No such item, serial, location, customer, user, role or permission.

    `details["command"]`, where it is there, lists what there is: commands name it behind the message, and screens name
    their own key.
    """

    code = "not_found"


class Ambiguous(Refusal):
    """A serial text that several items carry; `details["items"]` are their SKUs."""

    code = "ambiguous"


class Duplicate(Refusal):
    """It is there already; for a serial `details["serial_id"]` is the one that is."""

    code = "duplicate"


class NotTracked(Refusal):
    """The item does not track serials."""

    code = "not_tracked"


class NotPermitted(Refusal):
    """The permission `details["permission"]` is missing."""

    code = "not_permitted"


class NotAllowed(Refusal):
    """The status or the place of a serial forbids the move; `details["serial_id"]` is the first such serial."""

    code = "not_allowed"


class Changed(Refusal):
    """Somebody else changed the record since it was read; nothing of theirs was overwritten."""

    code = "changed"


class Cancelled(Refusal):
    """The person stopped it before it was done."""

    code = "cancelled"


class LastAdministrator(Refusal):
    """Carrying this out would leave nobody who can manage users."""

    code = "last_administrator"


class DatabaseTrouble(SerialdockError):
    """The database cannot be used."""

    code = "database"
    exit_code = 3


class Unreachable(DatabaseTrouble):
    """The server does not answer, or the file cannot be opened."""

    code = "database_unreachable"


class WrongAddress(DatabaseTrouble):
    """The database URL cannot be understood."""

    code = "database_address"


class TooNew(DatabaseTrouble):
    """The database was migrated by a newer Serialdock."""

    code = "database_too_new"


class NotReady(DatabaseTrouble):
    """The schema is missing or older than this program; `serialdock migrate` brings it up."""

    code = "database_not_ready"


class Busy(DatabaseTrouble):
    """Others held a lock for longer than the time-out; nothing was written."""

    code = "database_busy"


class DriverMissing(DatabaseTrouble):
    """The driver for this database is not installed."""

    code = "driver_missing"
