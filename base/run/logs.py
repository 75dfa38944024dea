"""One log line per event on standard error; nothing that a stranger sends can start a new line or colour a terminal."""

from __future__ import annotations

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}


class OneLine(logging.Formatter):
    """Escapes control characters of the message; the lines of a stack trace are joined by ` | `."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n") if record.exc_info else [super().format(record)]
        return " | ".join(line.translate(_ESCAPES) for line in lines)


def set_up_logging(level: str) -> None:
    """Send everything of at least `level` to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
