"""The second app of an agency on a device: device secret and ID token of the first → tokens of its own."""

from __future__ import annotations

from dataclasses import replace

from base.ids import new_id
from idp.oauth.grants.base import Entitlement, TokenRequest, aim, first_refresh_token
from idp.protocol.exchange import ACCESS_TOKEN
from idp.protocol.native_sso import NativeEvidence, check_native, scope_of


def judge_native(request: TokenRequest, evidence: NativeEvidence) -> Entitlement:
    """
    An authorization of the second app's own: in the same session and with the same proof, ending no later than the
    first one's. Pure; flows/native_sso.py writes it.

    Raises:  OAuthError.
    """
    client, form = request.client, request.form
    first = check_native(evidence, form, client, request.issuer)
    scope = scope_of(evidence, first, client, form.get("scope"))
    own = replace(
        first,
        id=new_id("grt"),
        client_id=client.client_id,
        scope=scope,
        proof=replace(first.proof, sid=evidence.sid),
        nonce=None,
        userinfo_claims=(),
        id_token_claims=(),
        details=(),
        resources=(),
    )
    successor = first_refresh_token(request, own)
    return Entitlement(client, own, scope, None, successor, aim(request, scope, own), issued_token_type=ACCESS_TOKEN)
