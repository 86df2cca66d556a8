"""What a barcode was read as, and the command barcodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from models.text import COMMAND_PREFIX

PREFIX: Final = COMMAND_PREFIX
"""What every command barcode begins with."""


class CommandCode(StrEnum):
    """A command, as it stands behind `PREFIX` in its barcode."""

    DONE = "DONE"
    """Write what was scanned."""
    UNDO = "UNDO"
    """Take the last scan out."""
    CANCEL = "CANCEL"
    """Throw the whole draft away; asks for the same scan again."""
    NEXT = "NEXT"
    """Go on to the next: the item and its expected number are settled, another place or item follows."""
    HELP = "HELP"
    """Say what can be scanned now."""
    RECEIVE = "RECEIVE"
    """Go over to receiving, where nothing was scanned yet."""
    TRANSFER = "SHIFT"
    """Go over to transfers; a barcode avoids letters that stand elsewhere on other keyboards."""

    @property
    def barcode(self) -> str:
        """What is printed."""
        return PREFIX + self.value


def is_command(text: str) -> bool:
    """Whether a scan claims to be a command, known or not."""
    return text.upper().startswith(PREFIX)


SHOWN: Final = 24
"""Most characters of a scan inside a message; it is read on a small screen."""

NAMES_OF_A_PRODUCT: Final = ("gtin", "itip_gtin", "part", "customer_part", "ppn", "pcn")
"""The fields that can say which item a scan belongs to."""


class Kind(StrEnum):
    """In which of the formats a scan is written."""

    PLAIN = "plain"
    """Text without a structure of its own: a serial, or the code of a place or an item."""
    GS1 = "gs1"
    """GS1 element strings."""
    GS1_DL = "gs1_dl"
    """A GS1 Digital Link: element strings written as a web address."""
    ISO15434 = "iso15434"
    """An ISO/IEC 15434 envelope."""
    HIBC = "hibc"
    """The Health Industry Bar Code for suppliers."""
    GTIN = "gtin"
    """The code of a product, as retail symbols carry it."""
    SSCC = "sscc"
    """The number of a carton or pallet."""
    IMEI = "imei"
    """The number of a mobile device, where the item's rule expects one."""
    MAC = "mac"
    """A network address, where the item's rule expects one."""
    VIN = "vin"
    """The number of a vehicle, where the item's rule expects one."""
    DI = "di"
    """One serial behind a data identifier: `SN:`, or `S` where the settings say so."""
    COMMAND = "command"
    """A command barcode."""


class Settings(NamedTuple):
    """How scans are to be understood at a site, and for the item at hand."""

    strip_di_s: bool = False
    """Whether a leading `S` is the data identifier of MH10.8.2; it never is by itself, many serials begin with S."""
    expect: str | None = None
    """What the item's serials are: `imei`, `vin`, `mac`, or None for any text."""
    gs_substitutes: tuple[str, ...] = ()
    """What may stand for the separator GS; used only where a scan has no real one."""
    beyond_ascii: bool = False
    """Whether a plain serial may have letters beyond ASCII."""


class Reading(NamedTuple):
    """A scan that was understood."""

    kind: Kind
    fields: Mapping[str, Any]
    """What it says, ready for JSON: `serial`, `gtin` (14 digits), `lot`, `expiry` (YYYY-MM-DD) …; what has no name of
    its own is in `other`, as pairs of identifier and value."""
    scan: str
    """As it came."""
    symbology: str = ""
    """The AIM identifier in front of it (ISO/IEC 15424), such as `]C1`; empty without."""
    warnings: tuple[str, ...] = ()
    """What is odd about it and refuses nothing, in whole sentences."""

    @property
    def text(self) -> str:
        """The scan without its AIM identifier and outer blanks: what a look-up of any code goes by."""
        return self.scan.strip(" ").removeprefix(self.symbology).strip(" ")

    @property
    def serial(self) -> str | None:
        """The one serial that it names; None where it names none or several."""
        found: str | None = self.fields.get("serial")
        return found

    @property
    def serials(self) -> tuple[str, ...]:
        """All serials that it names, in its order."""
        return (self.serial,) if self.serial is not None else tuple(self.fields.get("serials", ()))

    @property
    def gtin(self) -> str | None:
        """The product's GTIN, 14 digits with a right check digit."""
        found: str | None = self.fields.get("gtin")
        return found

    @property
    def command(self) -> CommandCode | None:
        """The command that it gives."""
        return CommandCode(self.fields["command"]) if self.kind is Kind.COMMAND else None

    @property
    def names_item(self) -> bool:
        """Whether it says of which product the serial is."""
        return any(name in self.fields for name in NAMES_OF_A_PRODUCT)

    @property
    def without_s(self) -> str | None:
        """A plain serial without its leading `S`, which may be a data identifier; to be looked up beside the serial."""
        serial = self.serial
        return serial[1:] if self.kind is Kind.PLAIN and serial and serial[0] == "S" and len(serial) > 1 else None


def with_serials(fields: dict[str, Any], serials: Iterable[str]) -> None:
    """Put what a format names as serials under `serial`, or under `serials` where they are several."""
    found = list(dict.fromkeys(serials))
    if len(found) == 1:
        fields["serial"] = found[0]
    elif found:
        fields["serials"] = found


def shown(text: str) -> str:
    """A scan, or a part of one, as messages show it: cut, never folded."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
