"""
Counters for /metrics. Labels are enumerated words only, never an identifier or anything a visitor can choose.

With several server processes `PROMETHEUS_MULTIPROC_DIR` must name an empty folder before this module is imported;
`antin run` sees to it.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import Counter

REQUESTS = Counter("antin_requests", "Answers by endpoint and HTTP status.", ("endpoint", "status"))
SIGN_INS = Counter("antin_sign_ins", "Sign-in attempts by result.", ("result",))
TOKENS = Counter("antin_tokens", "Token requests by grant type and result.", ("grant", "result"))
SIGNATURES = Counter("antin_signatures", "Signatures by result.", ("result",))
VERIFICATIONS = Counter("antin_verifications", "Verified documents by verdict.", ("verdict",))
TIMESTAMPS = Counter("antin_timestamps", "Requests for time stamps by result.", ("result",))
ALARMS = Counter("antin_alarms", "What a person must look at, by kind.", ("kind",))
EXPIRING = Counter("antin_certificates_expiring", "Certificates whose end came within so many days.", ("days",))
OUTBOX = Counter("antin_outbox_deliveries", "Deliveries by kind and result.", ("kind", "result"))


def forget_own() -> None:
    """Take back what this process has counted: it will count no more, and forks of it begin at nothing."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        for file in Path(folder).glob(f"*_{os.getpid()}.db"):
            file.unlink()
