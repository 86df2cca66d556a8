"""`serialdock completion`: the script by which a shell completes commands and options."""

from __future__ import annotations

from typing import Final

import shtab

from models.errors import BadValue
from tui.cli.parser import Invocation, Opens, argument, command

SHELLS: Final = tuple(shtab.SUPPORTED_SHELLS)


@command(
    "completion",
    summary="print what completes commands and options in a shell",
    arguments=(argument("shell", metavar="SHELL", help=", ".join(SHELLS)),),
    examples=("serialdock completion bash > ~/.local/share/bash-completion/completions/serialdock",),
    opens=Opens.NOTHING,
)
def completion(invocation: Invocation, *, shell: str) -> None:
    """Print the completion script of a shell."""
    if shell not in SHELLS:
        raise BadValue(f"There is no completion for {shell}. There is for {', '.join(SHELLS)}.", field="shell")
    script = shtab.complete(invocation.whole_parser(), shell=shell)
    invocation.out.one({"shell": shell, "script": script}, script.splitlines())
