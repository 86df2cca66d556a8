"""`serialdock` with a look at itself: at its first rows it writes down what the start took, and goes on.

`python -m tests.support.apps.started REPORT [ARGUMENT …]`
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def main(report: Path, arguments: list[str]) -> int:
    """Run the program."""
    statements: list[str] = []
    parsed: Counter[str] = Counter()

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            statements.append(str(record.msg[0]))

    logger = logging.getLogger("peewee")
    logger.addHandler(Notes())
    logger.setLevel(logging.DEBUG)

    def write() -> None:
        modules = sorted(sys.modules)
        report.write_text(json.dumps({"modules": modules, "statements": statements, "parsed": parsed}), "utf-8")

    def observe() -> None:
        """Look on from where the app is made, so that nothing is imported before the program does so itself."""
        from textual.css import stylesheet

        import tui.app

        parse = stylesheet.parse

        def counted(scope: str, css: str, read_from: tuple[str, str], **options: Any) -> Any:
            if read_from[0].endswith(".tcss"):
                parsed[Path(read_from[0]).stem] += 1
            return parse(scope, css, read_from, **options)

        stylesheet.parse = counted
        first_screen = tui.app.SerialdockApp.first_screen

        def watched(app: tui.app.SerialdockApp) -> Any:
            screen: Any = first_screen(app)
            say = screen.say

            def said(*what: Any) -> None:
                """The list says something, be it nothing, whenever it has been read."""
                say(*what)
                screen.call_after_refresh(write)  # once the rows are drawn

            screen.say = said
            return screen

        tui.app.SerialdockApp.first_screen = watched  # type: ignore[method-assign]

    from tui.cli import main

    prepare = main.prepare_for

    def prepare_and_observe(url: str) -> None:
        prepare(url)
        observe()

    main.prepare_for = prepare_and_observe
    return main.main(arguments)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
