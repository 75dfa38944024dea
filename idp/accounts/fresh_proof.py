"""Whether a person has proven who she is a moment ago, which she must have before she changes how she does it."""

from __future__ import annotations

from collections.abc import Mapping

FRESH_SECONDS = 300


def is_fresh(proven: Mapping[str, int], *, has_second_factor: bool, now: int) -> bool:
    """
    Whether every factor of the account was proven within FRESH_SECONDS.

    Reads:  the ledger of the session (RFC 8176 method → epoch seconds); now in epoch seconds.
    Source: OWASP ASVS 5.0 §7.5.1; NIST SP 800-63B-4 §4.1.2.
    """
    needed = ("pwd", "otp") if has_second_factor else ("pwd",)
    return all(0 <= now - proven[method] <= FRESH_SECONDS if method in proven else False for method in needed)
