"""A person's access token that this client received → one for the next service."""

from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.oauth.grants.base import Aim, Entitlement, Grant, Ticket, TokenRequest, narrowed
from idp.oauth.grants.native_sso import judge_native
from idp.protocol.claims import SCOPES
from idp.protocol.exchange import (
    ACCESS_TOKEN,
    GRANT,
    ExchangeEvidence,
    actor_of,
    check_subject,
    check_types,
    target_of,
)
from idp.protocol.native_sso import NativeEvidence
from idp.protocol.resources import scope_at


class TokenExchange(Grant):
    """
    Delegation only: the new token always says who acts (`act`). Nothing is stored, there is no refresh token, and a
    permission that is spent once (authorization details) is not handed on.

    Source: RFC 8693.
    """

    name = GRANT
    needs_evidence = True

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        """
        Two apps on one device are a case of their own (native_sso.py). Otherwise:

        1. The kinds of tokens that are sent and wanted.
        2. The subject token: a person's, live, and meant for this client.
        3. Who acts, and who acted before.
        4. Where to: what an operator has allowed this client.
        5. The scope: within the subject token's, the client's registration, and what belongs at the target.
        6. The end: the subject token's, at the latest.
        """
        client, form, evidence = request.client, request.form, request.evidence
        if isinstance(evidence, NativeEvidence):
            return judge_native(request, evidence)
        if client.is_public:
            raise OAuthError("unauthorized_client", "a public client cannot exchange tokens")
        assert isinstance(evidence, ExchangeEvidence)  # flows/errands.py gathers it for this grant
        check_types(form, opaque=client.opaque_tokens)
        claims, authorization = check_subject(evidence.subject, client, request.confirmation)
        act = actor_of(evidence, form, client, request.confirmation)
        target = target_of(form, client)
        possible = (frozenset(claims["scope"].split()) & client.scope) - SCOPES.keys()
        scope = narrowed(request, scope_at(request.resources, target, possible))
        if not scope:
            raise OAuthError("invalid_scope", "nothing of the scope may be handed on to this resource")
        handed_on = replace(
            authorization,
            client_id=client.client_id,
            details=(),
            id_token_claims=(),
            expires_at=min(claims["exp"], authorization.expires_at),
        )
        return Entitlement(client, handed_on, scope, aim=Aim(target, scope), act=act, issued_token_type=ACCESS_TOKEN)
