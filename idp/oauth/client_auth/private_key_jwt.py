"""An assertion signed with a key the client has published."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated
from idp.protocol import endpoints
from idp.protocol.client import Client
from idp.protocol.deferred import CIBA
from keys.errors import JoseError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_TYPES = (None, "JWT", "client-authentication+jwt")
"""The `typ` of an assertion: none or JWT as in RFC 7523, or that of its update; a token of another kind is not one."""
MOST_BYTES = 8 * 1024
LONGEST_LIFE_SECONDS = 600


class PrivateKeyJwt:
    """
    Source: RFC 7523 §3; OpenID Connect Core §9; FAPI 2.0 Security Profile §5.3.2.1. Stricter than RFC 7523: the only
    audience is our issuer, as a string and not in a list, since a looser rule lets one server's client assertion be
    carried to another (CVE-2025-27370, CVE-2025-27371); `jti` is required, and each is accepted once. The client's
    profile says which algorithms count. A client of the profile `oidc` may name our token endpoint instead (OpenID
    Connect Core §9, which the certification plans hold clients to), one of the backchannel also the backchannel
    endpoint (OpenID Connect CIBA Core 1.0 §7.1); it still names this server and no other.
    """

    name = "private_key_jwt"
    shows_itself = True

    def unverified_client_id(self, presented: Presented) -> str | None:
        assertion = presented.form.get("client_assertion")
        if assertion is None:
            return None
        if presented.form.get("client_assertion_type") != ASSERTION_TYPE:
            raise not_authenticated("client_assertion_type is not supported")
        subject = _unverified_subject(assertion)
        if presented.form.get("client_id", subject) != subject:
            raise not_authenticated("client_id is not the subject of the assertion")
        return subject

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        """
        1. Signature, issuer, times and audience, with the client's keys; once more with freshly fetched ones.
        2. The audience is a string; subject and issuer are the client.
        3. A jti and a bounded life, so that the record of spent ones is bounded too.
        """
        assertion = presented.form["client_assertion"]
        try:
            claims = self._verified(assertion, client, context, anew=False)
        except JoseError:
            if client.jwks_uri is None:
                raise not_authenticated("the assertion does not verify") from None
            try:
                claims = self._verified(assertion, client, context, anew=True)
            except JoseError:
                raise not_authenticated("the assertion does not verify") from None
        if claims.get("aud") not in _audiences(client, context):
            raise not_authenticated("aud must be the issuer, as a string")
        if claims.get("sub") != client.client_id:
            raise not_authenticated("sub must be the client")
        jti, expires_at = claims.get("jti"), claims.get("exp")
        if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
            raise not_authenticated("jti is missing or too long")
        if not isinstance(expires_at, int) or expires_at > context.now + LONGEST_LIFE_SECONDS:
            raise not_authenticated("exp is missing or too far away")
        return OneTime(f"{client.client_id}\0{jti}", expires_at + 60)

    def _verified(self, assertion: str, client: Client, context: AuthContext, *, anew: bool) -> dict[str, Any]:
        return context.keys.verify_jwt_with(
            assertion,
            context.keys_of(client, anew),
            algs=client.profile.algorithms,
            typ=ASSERTION_TYPES,
            issuer=client.client_id,
            audience=_audience(assertion, _audiences(client, context)),
        )


def _audiences(client: Client, context: AuthContext) -> tuple[str, ...]:
    """What an assertion of this client may name as its audience, our issuer first."""
    token_endpoint = () if client.profile.names_issuer else (context.issuer + endpoints.TOKEN,)
    return (context.issuer, *token_endpoint, *(context.addresses if CIBA in client.grant_types else ()))


def _audience(assertion: str, allowed: tuple[str, ...]) -> str:
    """The allowed audience that an assertion names; our issuer where it names none of them."""
    unverified = _unverified_claims(assertion).get("aud")
    return unverified if isinstance(unverified, str) and unverified in allowed else allowed[0]


def _unverified_subject(assertion: str) -> str:
    subject = _unverified_claims(assertion).get("sub")
    if not isinstance(subject, str):
        raise not_authenticated("the assertion is malformed")
    return subject


def _unverified_claims(assertion: str) -> dict[str, Any]:
    try:
        if len(assertion) > MOST_BYTES:
            raise ValueError("too long")
        body = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError, binascii.Error):
        raise not_authenticated("the assertion is malformed") from None
    if not isinstance(claims, dict):
        raise not_authenticated("the assertion is malformed")
    return claims
