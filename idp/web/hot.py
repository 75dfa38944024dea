"""
The hot edge: a table of path → function from request to answer, without a framework.

wsgi.py puts it in front of Flask (base/web/edge.py: dispatcher); idp/web/oauth.py mounts the same functions in Flask,
and a contract test holds the two alike. Nothing a person sees belongs here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from base.ids import new_uuid
from base.web.edge import BadForm, EdgeRequest, EdgeResponse, FallThrough, Handler
from idp.errors import OAuthError
from idp.flows.authenticate_elsewhere import authenticate_elsewhere
from idp.flows.authorize_device import authorize_device
from idp.flows.check_bearer import PresentedToken, read_token
from idp.flows.discovery import discovery
from idp.flows.introspect import introspect, introspection_token
from idp.flows.prove_possession import nonces_at
from idp.flows.push_request import push_request
from idp.flows.resource_metadata import PROTECTED, metadata_address, resource_metadata
from idp.flows.revoke import revoke
from idp.flows.token import token
from idp.flows.userinfo import protected_userinfo, userinfo
from idp.flows.whoami import whoami
from idp.oauth.client_auth.base import Presented
from idp.protocol import endpoints
from idp.protocol.client import Client
from idp.protocol.client_certificate import ShownCertificate
from idp.protocol.profiles import FAPI2
from idp.protocol.resources import REPEATABLE
from idp.services import IdpServices
from idp.web.answers import (
    Content,
    Headers,
    Token,
    accepts,
    content_answer,
    document,
    error_answer,
    preflight,
    readable_by,
    readable_refusal,
    wrong_method,
)
from idp.web.authorize import authorize_endpoint
from keys.settings import KeysSettings

INTERACTION = re.compile(r"[0-9A-Za-z-]{1,64}")
JWKS_SECONDS = 300
"""Who keeps the key set this long has met the next key before it signs: never longer than keys are published ahead."""
JWT_TYPE = "application/jwt"
INTROSPECTION_TYPE = "application/token-introspection+jwt"
DISCOVERY_SECONDS = 3600


def protocol_endpoints(services: IdpServices) -> dict[str, Handler]:
    """Every protocol endpoint, by path, for whichever edge."""
    metadata = orjson.dumps(discovery(services.issuer, services.settings, services.keys.permitted))
    ahead = services.base.settings[KeysSettings].token_key_overlap_seconds
    about = partial(_document, lambda: metadata, DISCOVERY_SECONDS)
    return {
        endpoints.AUTHORIZE: partial(authorize_endpoint, services),
        endpoints.PAR: partial(_par, services),
        endpoints.DEVICE_AUTHORIZATION: partial(_device_authorization, services),
        endpoints.BACKCHANNEL_AUTHENTICATION: partial(_backchannel, services),
        endpoints.TOKEN: partial(_token, services),
        endpoints.INTROSPECT: partial(_introspect, services),
        endpoints.REVOKE: partial(_revoke, services),
        endpoints.USERINFO: partial(_resource, services, _userinfo),
        endpoints.WHOAMI: partial(_resource, services, whoami),
        endpoints.JWKS: partial(_document, services.keys.jwks, min(JWKS_SECONDS, ahead)),
        endpoints.JWKS_WITH_AKP: partial(_document, services.keys.jwks_with_akp, min(JWKS_SECONDS, ahead)),
        endpoints.OPENID_CONFIGURATION: about,
        endpoints.OAUTH_SERVER: about,
        **_resource_documents(services),
    }


def _resource_documents(services: IdpServices) -> dict[str, Handler]:
    """What our protected resources say about themselves, by address."""
    found: dict[str, Handler] = {}
    for path in PROTECTED:
        content = orjson.dumps(resource_metadata(services.issuer, services.settings, path, services.keys.permitted))
        found[endpoints.PROTECTED_RESOURCE + path] = partial(_document, partial(bytes, content), DISCOVERY_SECONDS)
    return found


def routes(services: IdpServices) -> dict[str, Handler]:
    """The table for the dispatcher."""
    table = protocol_endpoints(services)
    return {**table, endpoints.AUTHORIZE: partial(_redirects_only, table[endpoints.AUTHORIZE])}


def _redirects_only(handler: Handler, request: EdgeRequest) -> EdgeResponse:
    """Whatever is not an answer to a GET (a posted form, an error page, a fault) is Flask's to deal with."""
    if request.method != "GET":
        raise FallThrough
    try:
        return handler(request)
    except Exception:
        raise FallThrough from None


def _document(content: Callable[[], bytes], seconds: int, request: EdgeRequest) -> EdgeResponse:
    if request.method not in ("GET", "HEAD"):
        return preflight("GET") if request.method == "OPTIONS" else wrong_method("GET")
    return document(content(), seconds=seconds)


def _par(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    return _posted(services, request, lambda presented: push_request(services, presented), status=201)


def _device_authorization(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    return _posted(services, request, lambda presented: authorize_device(services, presented))


def _backchannel(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    return _posted(services, request, lambda presented: authenticate_elsewhere(services, presented))


def _token(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    return _posted(services, request, lambda presented: token(services, presented))


def _introspect(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    as_token = accepts(request.header("Accept"), INTROSPECTION_TYPE)

    def act(presented: Presented) -> Content:
        client, answer = introspect(services, presented)
        return Token(INTROSPECTION_TYPE, introspection_token(services, client, answer)) if as_token else answer

    return _posted(services, request, act)


def _revoke(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    def act(presented: Presented) -> Mapping[str, Any]:
        revoke(services, presented)
        return {}

    return _posted(services, request, act)


def _posted(
    services: IdpServices, request: EdgeRequest, act: Callable[[Presented], Content], *, status: int = 200
) -> EdgeResponse:
    """
    What the endpoints that authenticate clients share. Parameters count in the body alone (RFC 6749 §3.2).
    """
    if request.method != "POST":
        return preflight("POST") if request.method == "OPTIONS" else wrong_method("POST")
    try:
        form = request.form(joined=REPEATABLE)
    except BadForm as bad:
        return error_answer(OAuthError("invalid_request", f"the form cannot be read: {bad}"))
    readable = readable_by(request, _named_client(services, form.get("client_id")))
    presented = Presented(
        form,
        request.header("Authorization"),
        request.header("DPoP"),
        _address(services, request),
        shown_certificate(request),
    )
    try:
        return content_answer(status, act(presented), (*_nonce(services), *readable))
    except OAuthError as error:
        return error_answer(error, (*_nonce(services, error), *readable))


def shown_certificate(request: EdgeRequest) -> ShownCertificate | None:
    """What a trusted proxy said about the certificate of this connection, unread."""
    found = request.certificate
    return None if found is None else ShownCertificate(*found)


def _address(services: IdpServices, request: EdgeRequest) -> str:
    """Our public address of this endpoint: the issuer's, or that of mutual TLS where the request came to it."""
    other = services.settings.mtls_address
    if other and request.header("Host") == other.partition("://")[2].rstrip("/"):
        return other.rstrip("/") + request.path
    return services.issuer + request.path


def _nonce(services: IdpServices, error: OAuthError | None = None) -> Headers:
    """A fresh nonce for the next proof, wherever nonces are in use. Source: RFC 9449 §8.2."""
    if error is not None and error.nonce:
        return (("DPoP-Nonce", error.nonce),)
    if not services.settings.dpop_nonce_required:
        return ()
    return (("DPoP-Nonce", nonces_at(services, services.base.clock.now())[0]),)


Resource = Callable[[IdpServices, PresentedToken], tuple[str, Content]]


def _userinfo(services: IdpServices, presented: PresentedToken) -> tuple[str, Content]:
    client_id, claims = userinfo(services, presented)
    client = _named_client(services, client_id)
    token = None if client is None else protected_userinfo(services, client, claims)
    return client_id, claims if token is None else Token(JWT_TYPE, token)


def _resource(services: IdpServices, act: Resource, request: EdgeRequest) -> EdgeResponse:
    """What the endpoints share that are opened by an access token."""
    if request.method not in ("GET", "HEAD", "POST"):
        return preflight("GET, POST") if request.method == "OPTIONS" else wrong_method("GET, POST")
    try:
        has_form = request.method == "POST" and request.header("Content-Type") is not None
        form = request.form() if has_form else {}
        presented = read_token(
            request.header("Authorization"),
            form,
            proof=request.header("DPoP"),
            method=request.method,
            address=_address(services, request),
            certificate=shown_certificate(request),
        )
        client_id, content = act(services, presented)
    except BadForm as bad:
        return error_answer(OAuthError("invalid_request", f"the form cannot be read: {bad}"))
    except OAuthError as error:
        about = f', resource_metadata="{metadata_address(services.issuer, request.path)}"'
        headers = (*_nonce(services, error), *_interaction(request), *readable_refusal(request))
        return error_answer(error, headers, about)
    client = _named_client(services, client_id)
    headers = (*_nonce(services), *_interaction(request, client), *readable_by(request, client))
    return content_answer(200, content, headers)


def _interaction(request: EdgeRequest, client: Client | None = None) -> Headers:
    """
    The client's name for this exchange, said back so that both records meet. A client under FAPI that names it not, or
    not as a name can be, gets one from us.

    Source: FAPI 1.0 Baseline §6.2.1 no. 11.
    """
    given = request.header("x-fapi-interaction-id")
    if given and INTERACTION.fullmatch(given):
        return (("x-fapi-interaction-id", given),)
    return (("x-fapi-interaction-id", new_uuid()),) if client is not None and client.profile is FAPI2 else ()


def _named_client(services: IdpServices, client_id: str | None) -> Client | None:
    return services.clients.get(client_id) if client_id else None
