"""The result of reading a scan (`Reading`), the site's settings for it, and the command barcodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from models.text import COMMAND_PREFIX

PREFIX: Final = COMMAND_PREFIX
"""Prefix of every command barcode."""


class CommandCode(StrEnum):
    """A command, as written after `PREFIX` in its barcode.

    The code of a task has none of the letters A, M, Q, W, Y and Z: German and French keyboards have them elsewhere, and
    a scanner set to another layout than the computer's types others instead. Hence JUNK for scrap, and SHIFT for
    transfer.
    """

    DONE = "DONE"
    """Save the scanned serials."""
    UNDO = "UNDO"
    """Remove the last scan."""
    CANCEL = "CANCEL"
    """Discard the whole draft; must be scanned twice."""
    NEXT = "NEXT"
    """Finish the current item and its expected quantity; another location or item follows."""
    HELP = "HELP"
    """List the codes that can be scanned now."""
    LOOK_UP = "LOOK"
    """Switch to looking serials up."""
    RECEIVE = "RECEIVE"
    """Switch to receiving, as each of those below switches to the task of its verb."""
    SELL = "SELL"
    RESERVE = "RESERVE"
    RELEASE = "FREE"
    RETURN = "RETURN"
    RESTOCK = "RESTOCK"
    DEFECT = "DEFECT"
    REPAIR = "TOFIX"
    REPAIRED = "FIXED"
    TRANSFER = "SHIFT"
    DISPATCH = "SEND"
    ARRIVE = "DELIVER"
    LOSE = "LOST"
    FOUND = "FOUND"
    SCRAP = "JUNK"
    REACTIVATE = "REVIVE"

    @property
    def barcode(self) -> str:
        """The printed text."""
        return PREFIX + self.value


def is_command(text: str) -> bool:
    """Whether a scan has the command prefix, in either case, known command or not."""
    return text.upper().startswith(PREFIX)


def scanned_command(text: str) -> CommandCode | None:
    """The command whose barcode a scan is, in either case; None if it is none."""
    word = text.strip().upper().removeprefix(PREFIX) if is_command(text.strip()) else ""
    return next((code for code in CommandCode if word == code.value), None)


def bare_command(text: str) -> CommandCode | None:
    """The command that a text is the bare word of, in either case: DONE, undo; None if it is none."""
    word = "_".join(text.upper().split())
    return next((code for code in CommandCode if word in (code.value, code.name)), None)


SHOWN: Final = 24
"""Maximum characters of a scan quoted in a message, so that it fits a small screen."""


class Kind(StrEnum):
    """The format of a scan."""

    PLAIN = "plain"
    """Unstructured text: a serial number, or the code of a location or an item."""
    GS1 = "gs1"
    """GS1 element strings."""
    GS1_DL = "gs1_dl"
    """A GS1 Digital Link: GS1 data written as a web address."""
    ISO15434 = "iso15434"
    """An ISO/IEC 15434 envelope."""
    HIBC = "hibc"
    """A Health Industry Bar Code (supplier standard)."""
    GTIN = "gtin"
    """A product code, as in retail barcodes."""
    SSCC = "sscc"
    """The serial shipping container code of a carton or pallet."""
    IMEI = "imei"
    """The number of a mobile device, if the item's rule expects one."""
    MAC = "mac"
    """A network (MAC) address, if the item's rule expects one."""
    VIN = "vin"
    """A vehicle identification number, if the item's rule expects one."""
    DI = "di"
    """A serial number after a data identifier: `SN:`, or `S` if the settings say so."""
    COMMAND = "command"
    """A command barcode."""


ECI: Final = frozenset(
    f"]{letter}{modifier}"
    for letter, some in {"J": "345", "L": "1", "Q": "246", "U": "23", "d": "456", "z": "3459AB"}.items()
    for modifier in some
)
"""AIM identifiers of scanners that tell character sets inside the data, where they double each backslash."""

_ECI_SIGN: Final = re.compile(r"\\(?:[0-9]{6}|(\\))")


def without_eci(symbology: str, data: str) -> str:
    """Data without the signs for its character set (ISO/IEC 15424: a backslash and six digits, such as 26 for UTF-8).

    Args:
        symbology: the AIM identifier of the scan, which says whether the scanner tells character sets.
        data: what follows it.
    """
    signs = symbology in ECI and _ECI_SIGN.match(data)
    return _ECI_SIGN.sub(lambda found: found[1] or "", data) if signs else data


class Settings(NamedTuple):
    """Settings for reading scans, of the site and of the current item."""

    strip_di_s: bool = False
    """Whether a leading `S` is the MH10.8.2 data identifier. Off by default, as many serial numbers begin with S."""
    expect: str | None = None
    """Kind of the item's serial numbers: `imei`, `vin`, `mac`, or None for any text."""
    gs_substitutes: tuple[str, ...] = ()
    """Texts that may replace the separator GS; used only if a scan has no real one."""
    beyond_ascii: bool = False
    """Whether a plain serial may contain non-ASCII letters."""


class Reading(NamedTuple):
    """A successfully read scan."""

    kind: Kind
    fields: Mapping[str, Any]
    """The data, ready for JSON: `serial`, `gtin` (14 digits), `lot`, `expiry` (YYYY-MM-DD) …; fields without a name
    here are in `other`, as pairs of identifier and value."""
    scan: str
    """The scan as received."""
    symbology: str = ""
    """Its AIM identifier (ISO/IEC 15424), such as `]C1`; empty without one."""
    warnings: tuple[str, ...] = ()
    """Oddities that do not refuse the scan, in full sentences."""

    @property
    def text(self) -> str:
        """The scan without its AIM identifier and surrounding spaces; used to look up codes of any kind."""
        data = self.scan.strip(" ").removeprefix(self.symbology)
        return without_eci(self.symbology, data).strip(" ")

    @property
    def serial(self) -> str | None:
        """The serial number, if it has exactly one; else None."""
        found: str | None = self.fields.get("serial")
        return found

    @property
    def serials(self) -> tuple[str, ...]:
        """All its serial numbers, in scan order."""
        return (self.serial,) if self.serial is not None else tuple(self.fields.get("serials", ()))

    @property
    def gtin(self) -> str | None:
        """The product's GTIN, 14 digits with a valid check digit."""
        found: str | None = self.fields.get("gtin")
        return found

    @property
    def command(self) -> CommandCode | None:
        """The command, if it is a command barcode."""
        return CommandCode(self.fields["command"]) if self.kind is Kind.COMMAND else None

    @property
    def without_s(self) -> str | None:
        """A plain serial without a leading `S`, which may be a data identifier; look it up besides the serial."""
        serial = self.serial
        return serial[1:] if self.kind is Kind.PLAIN and serial and serial[0] == "S" and len(serial) > 1 else None


def with_serials(fields: dict[str, Any], serials: Iterable[str]) -> None:
    """Set `serial` in `fields`, or `serials` if there are several; duplicates are dropped."""
    found = list(dict.fromkeys(serials))
    if len(found) == 1:
        fields["serial"] = found[0]
    elif found:
        fields["serials"] = found


def shown(text: str) -> str:
    """A scan, or a part of one, shortened for a message; its case is kept."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
