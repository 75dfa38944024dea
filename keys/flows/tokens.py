"""Verifying tokens, ours and others': signature by jose.py, then times, issuer and audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys.custody import Custody
from keys.errors import JoseError
from keys.jose import Types, verify_own, verify_with
from keys.keyring import Snapshot
from keys.token_claims import CLOCK_SKEW_SECONDS, check_audience, check_issuer, check_times


def verify_own_jwt(
    custody: Custody, token: str, *, typ: str, issuer: str, leeway: int, allow_expired: bool
) -> dict[str, Any]:
    """
    The claims of a token that we signed. Raises: JoseError.

    A key that another process has just made may be unknown here: then the key ring is asked to look, once.
    """
    ring = custody.ring
    snapshot = ring.current()
    try:
        claims = _genuine(snapshot, token, typ)
    except JoseError as error:
        if error.code != "key_unknown":
            raise
        newer = ring.after_unknown_kid(snapshot)
        if newer is snapshot:
            raise
        claims = _genuine(newer, token, typ)
    check_times(claims, now=custody.base.clock.now(), leeway=leeway, allow_expired=allow_expired)
    check_issuer(claims, issuer)
    return claims


def _genuine(snapshot: Snapshot, token: str, typ: str) -> dict[str, Any]:
    """The claims of a token that these keys signed as this type; a signature is checked once. Raises: JoseError."""
    claims = snapshot.verified.claims(token, typ)
    if claims is None:
        claims = verify_own(token, snapshot.segments, snapshot.verifiers, typ=typ)
        snapshot.verified.keep(token, typ, claims)
    return claims


def verify_jwt_with(
    custody: Custody,
    token: str,
    jwks: Mapping[str, Any],
    *,
    algs: Sequence[str],
    typ: Types,
    issuer: str,
    audience: str,
    at: int | None = None,
    needs_exp: bool = True,
) -> dict[str, Any]:
    """The claims of somebody else's token, in its time at `at` (None: now). Raises: JoseError."""
    claims = verify_with(token, jwks, algs=custody.permitted(algs), typ=typ)
    now = custody.base.clock.now() if at is None else at
    check_times(claims, now=now, leeway=CLOCK_SKEW_SECONDS, needs_exp=needs_exp)
    check_issuer(claims, issuer)
    check_audience(claims, audience)
    return claims
