"""
The operator's log: one JSON object per event and line on standard error.

Nothing that a stranger sends can start a new line, colour a terminal or turn text around: JSON escapes control
characters, and the rest (C1, line separators, direction marks) are escaped here. What looks like a secret is hidden,
whoever logged it: a bearer token in a library's debug line must not outlive the request.

Source: OWASP ASVS 5.0 §16.2.5, §16.4.1.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

HIDDEN = "[hidden]"
QUIET = ("alembic", "authlib", "urllib3", "requests", "fontTools", "pyhanko", "pyhanko_certvalidator", "PIL", "asyncio")
"""Libraries whose debug and info lines carry tokens or noise; only their warnings are kept."""

_NAMES = "password|passwd|secret|client_secret|token|access_token|refresh_token|id_token|id_token_hint|logout_token"
_NAMES += "|code_verifier|client_assertion|assertion|authorization|cookie|set-cookie|csrf|master_key"
_SHORT_NAMES = "code|tx|otp|pin|state|nonce|request|assertion|sig"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.S), HIDDEN),
    (re.compile(r"\beyJ[\w-]+\.[\w-]*\.?[\w-]*"), HIDDEN),  # a JWT
    (re.compile(r"\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]+", re.I), rf"\1 {HIDDEN}"),
    (re.compile(rf"(?i)\b({_NAMES})\b([\"']?\s*[=:]\s*[\"']?)[^\s\"'&;,)}}\]]+"), rf"\1\2{HIDDEN}"),
    (re.compile(rf"(?i)\b({_SHORT_NAMES})=[^\s\"'&;,)}}\]]+"), rf"\1={HIDDEN}"),
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), rf"\1{HIDDEN}@"),  # the password of a database address
    (re.compile(r"\b(?=[A-Z2-7]*[A-Z])[A-Z2-7]{32,}\b"), HIDDEN),  # a TOTP secret in base32
    # An opaque secret: 43 base64url characters or more, capitals and small letters. Hexadecimal digests stay readable.
    (re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43,}(?![\w-])", re.ASCII), HIDDEN),
)
_UNSAFE = (0x7F, *range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F))
_ESCAPES = {code: f"\\u{code:04x}" for code in (*_UNSAFE, *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000))}


def hide_secrets(message: str) -> str:
    """The message with whatever looks like a secret replaced by `[hidden]`."""
    for pattern, replacement in _PATTERNS:
        message = pattern.sub(replacement, message)
    return message


class JsonLine(logging.Formatter):
    """Formats a record as one line: {at, level, logger, message, process, exception?}; `at` is UTC, RFC 3339."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        event: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": hide_secrets(_message(record)),
            "process": os.getpid(),
        }
        if record.exc_info:
            event["exception"] = hide_secrets(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=False).translate(_ESCAPES)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args}"  # a wrong format string must not lose the event


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send everything of at least `level` (DEBUG, INFO, WARNING, ERROR) to standard error, one JSON line per event."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    threading.excepthook = _thread_died


def _thread_died(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "unknown"
    value = args.exc_value
    trace = (args.exc_type, value, args.exc_traceback) if value is not None else None
    logging.getLogger("antin.thread").error("thread %s died", name, exc_info=trace)
