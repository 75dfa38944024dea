"""An assertion of an issuer we trust → an access token."""

from __future__ import annotations

from base.ids import new_id
from idp.errors import OAuthError
from idp.oauth.grants.base import Entitlement, Grant, Ticket, TokenRequest, aim, narrowed
from idp.protocol.authorization import Authorization, Proof
from idp.protocol.claims import SCOPES
from idp.protocol.trusted_issuers import GRANT, AssertionEvidence, TrustedIssuer, check_assertion

UNKNOWN_ACR = "0"
"""How the person signed in elsewhere we cannot say. Source: OpenID Connect Core §2, `acr`."""


class JwtBearer(Grant):
    """
    For a person (an authorization of her own, which ends with its access token) or for the client itself; no scope that
    opens a person's record here, no ID token, no refresh token (RFC 7521 §4.1).

    Source: RFC 7523 §2.1. Stricter: the client must authenticate, and be one the issuer's entry names.
    """

    name = GRANT
    needs_evidence = True

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        client, evidence = request.client, request.evidence
        if client.is_public:
            raise OAuthError("unauthorized_client", "a public client cannot present assertions")
        if "assertion" not in request.form:
            raise OAuthError("invalid_request", "assertion is missing")
        assert isinstance(evidence, AssertionEvidence)  # flows/errands.py gathers it for this grant
        assertion = check_assertion(evidence, client, request.issuer, request.now)
        issuer = evidence.issuer
        assert issuer is not None  # check_assertion() has refused it otherwise
        scope = narrowed(request, (client.scope & issuer.scope) - SCOPES.keys())
        target = aim(request, scope, None)
        return Entitlement(client, _authorization(request, evidence, issuer, assertion.auth_time), scope, aim=target)


def _authorization(
    request: TokenRequest, evidence: AssertionEvidence, issuer: TrustedIssuer, auth_time: int
) -> Authorization | None:
    if issuer.claim is None or evidence.user_id is None:
        return None
    return Authorization(
        id=new_id("grt"),
        client_id=request.client.client_id,
        user_id=evidence.user_id,
        session_id=None,
        scope=narrowed(request, (request.client.scope & issuer.scope) - SCOPES.keys()),
        proof=Proof(acr=UNKNOWN_ACR, amr=(), auth_time=auth_time, otp_time=None, sid=None),
        nonce=None,
        userinfo_claims=(),
        id_token_claims=(),
        details=(),
        expires_at=evidence.ends_at,
    )
