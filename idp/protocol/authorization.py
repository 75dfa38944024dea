"""
An authorization: what a person granted a client, and under which proof. It is the head of a family of tokens.

Everything besides the columns of `grants` is kept in its `details` column as JSON with short, fixed names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """
    How the person had signed in when it was granted; it stays so for the whole family (a refresh proves nothing).

    otp_time: when the second factor was proven, None without one; sid: the session as this client knows it.
    """

    acr: str
    amr: tuple[str, ...]
    auth_time: int
    otp_time: int | None
    sid: str | None


@dataclass(frozen=True, slots=True)
class Authorization:
    """
    id, client_id, user_id, session_id, scope: as in the table `grants`; times in epoch seconds.

    nonce:              for the first ID token alone.
    userinfo_claims:    single claims granted for userinfo, besides those of the scopes.
    id_token_claims:    single claims granted for the ID token.
    details:            granted authorization details, as JSON.
    resources:          where its tokens may be for, if the request named any (RFC 8707 §2.1).
    """

    id: str
    client_id: str
    user_id: str
    session_id: str | None
    scope: frozenset[str]
    proof: Proof
    nonce: str | None
    userinfo_claims: tuple[str, ...]
    id_token_claims: tuple[str, ...]
    details: tuple[Mapping[str, Any], ...]
    expires_at: int
    resources: tuple[str, ...] = ()

    @property
    def is_offline(self) -> bool:
        """Whether it outlives the session it was granted in."""
        return "offline_access" in self.scope


def encode_details(authorization: Authorization) -> str:
    """What goes into the `details` column."""
    proof = authorization.proof
    return json.dumps(
        {
            "acr": proof.acr,
            "amr": proof.amr,
            "auth_time": proof.auth_time,
            "otp_time": proof.otp_time,
            "sid": proof.sid,
            "nonce": authorization.nonce,
            "userinfo": authorization.userinfo_claims,
            "id_token": authorization.id_token_claims,
            "details": authorization.details,
            "resources": authorization.resources,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def authorization_from(
    grant_id: str, client_id: str, user_id: str, session_id: str | None, scope: str, details: str, expires_at: int
) -> Authorization:
    """An Authorization of a row of `grants`."""
    kept = json.loads(details)
    return Authorization(
        id=grant_id,
        client_id=client_id,
        user_id=user_id,
        session_id=session_id,
        scope=frozenset(scope.split()),
        proof=Proof(kept["acr"], tuple(kept["amr"]), kept["auth_time"], kept["otp_time"], kept["sid"]),
        nonce=kept["nonce"],
        userinfo_claims=tuple(kept["userinfo"]),
        id_token_claims=tuple(kept["id_token"]),
        details=tuple(kept["details"]),
        expires_at=expires_at,
        resources=tuple(kept.get("resources", ())),  # rows of earlier versions have none
    )
