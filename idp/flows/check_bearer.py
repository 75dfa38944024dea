"""
Whose access token comes to an endpoint of ours, and may this sender use it?

A token without `cnf` is a bearer token. One that is bound to a key counts only with a fresh proof made with that key
for this very token, and never as a bearer token: that is what makes a stolen one worthless. One that is bound to a
certificate counts only on a connection that was made with it.

Source: RFC 6750 §2, §3; RFC 9449 §7.1, §7.2 (no downgrade); RFC 8705 §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import OAuthError
from idp.flows.access_tokens import genuine_claims
from idp.flows.authenticate_client import spend
from idp.flows.prove_possession import prove_possession
from idp.flows.read_certificate import thumbprint_of
from idp.flows.step_up import authentication_missing
from idp.protocol.client_certificate import ShownCertificate
from idp.protocol.dpop.facts import ALGORITHMS
from idp.protocol.sender_constraint import CERTIFICATE
from idp.services import IdpServices

NOTHING: Mapping[str, str] = {}
BEARER = 'Bearer realm="antin"'
DPOP = f'DPoP realm="antin", algs="{" ".join(ALGORITHMS)}"'


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """
    An access token as it came, unchecked.

    is_dpop: by the DPoP scheme; proof: the DPoP header; method, address: of the request, the address as we publish it.
    certificate: that the sender has used in TLS.
    """

    token: str
    is_dpop: bool
    proof: str | None
    method: str
    address: str
    certificate: ShownCertificate | None = None


def read_token(
    authorization: str | None,
    form: Mapping[str, str],
    *,
    proof: str | None,
    method: str,
    address: str,
    certificate: ShownCertificate | None = None,
) -> PresentedToken:
    """
    The token of a request, from one place only.

    Raises:  OAuthError("invalid_request"): two of them. OAuthError("invalid_token"): none; then the challenge holds no
             error, since the client may just not have known that it needs one (RFC 6750 §3.1).
    """
    scheme, _, value = (authorization or "").partition(" ")
    in_header = value.strip() if scheme.lower() in ("bearer", "dpop") else ""
    in_form = form.get("access_token")
    if in_form and in_header:
        raise refused("invalid_request", "the token is given twice", status=400)
    found = in_header or in_form
    if not found:
        raise OAuthError("invalid_token", "an access token is needed", status=401, challenge=BEARER)
    return PresentedToken(found, bool(in_header) and scheme.lower() == "dpop", proof, method, address, certificate)


def check_access_token(services: IdpServices, presented: PresentedToken) -> tuple[dict[str, Any], frozenset[str]]:
    """
    The claims of an access token for this server, and its scope; whether its sender may use it, and whether it was
    revoked, is still to be asked.

    Raises:  OAuthError("invalid_token"): not ours, expired, or for another audience.
    """
    dpop = presented.is_dpop
    claims = genuine_claims(services, presented.token)
    if claims is None:
        raise refused("invalid_token", "the access token is not valid or has expired", dpop=dpop)
    scope = frozenset(claims["scope"].split())
    if claims["aud"] != services.issuer:
        raise refused("invalid_token", "the access token is not for this endpoint", dpop=dpop)
    return claims, scope


def check_authentication(
    services: IdpServices, presented: PresentedToken, claims: Mapping[str, Any], scope: frozenset[str]
) -> None:
    """
    Whether the person has shown enough for what this token opens.

    Raises:  OAuthError("insufficient_user_authentication"), 401, with what is wanted.
    Source:  RFC 9470 §3.
    """
    wanted = authentication_missing(services, claims, scope, services.base.clock.now())
    if wanted:
        raise refused(
            "insufficient_user_authentication",
            "a stronger or more recent sign-in is needed",
            dpop=presented.is_dpop,
            wanted=wanted,
        )


def check_sender(services: IdpServices, presented: PresentedToken, claims: Mapping[str, Any]) -> None:
    """
    Whether this sender may use a genuine token. Uses up the proof.

    Raises:  OAuthError("invalid_token" | "invalid_dpop_proof" | "use_dpop_nonce"), 401.
    """
    confirmation = claims.get("cnf", {})
    bound_to = confirmation.get("jkt")
    _check_certificate(services, presented, confirmation.get(CERTIFICATE))
    if not presented.is_dpop:
        if bound_to is not None:
            raise refused("invalid_token", "the access token is bound to a key: use the DPoP scheme", dpop=True)
        return
    if bound_to is None:
        raise refused("invalid_token", "the access token is not bound to a key: use the Bearer scheme")
    if presented.proof is None:
        raise refused("invalid_dpop_proof", "the DPoP proof is missing", dpop=True)
    try:
        jkt, one_time = prove_possession(
            services,
            presented.proof,
            method=presented.method,
            address=presented.address,
            access_token=presented.token,
        )
        if jkt != bound_to:
            raise refused("invalid_token", "the access token is bound to another key", dpop=True)
        spend(services, one_time)
    except OAuthError as error:
        raise refused(error.code, error.description, dpop=True, nonce=error.nonce) from error


def _check_certificate(services: IdpServices, presented: PresentedToken, bound_to: str | None) -> None:
    """Source: RFC 8705 §3: 401 invalid_token when the certificate is missing or another."""
    if bound_to is None:
        return
    try:
        shown = thumbprint_of(services, presented.certificate)
    except OAuthError as error:
        raise refused("invalid_token", error.description, dpop=presented.is_dpop) from error
    if shown != bound_to:
        raise refused("invalid_token", "the access token is bound to another certificate", dpop=presented.is_dpop)


def refused(
    code: str,
    why: str,
    *,
    status: int = 401,
    dpop: bool = False,
    nonce: str = "",
    wanted: Mapping[str, str] = NOTHING,
) -> OAuthError:
    """A refusal with the challenge of RFC 6750 §3 or RFC 9449 §7.1; wanted: further parameters (RFC 9470 §3)."""
    more = "".join(f', {name}="{value}"' for name, value in wanted.items())
    challenge = f'{DPOP if dpop else BEARER}, error="{code}", error_description="{why}"{more}'
    return OAuthError(code, why, status=status, challenge=challenge, nonce=nonce)
