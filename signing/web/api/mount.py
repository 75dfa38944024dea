"""Puts the table of operations onto the application: one route each, access checked before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from base.errors import AntinError
from base.web.csrf import csrf_exempt
from base.web.edge import CERTIFICATE
from signing.flows.api.access import Call, admit
from signing.flows.api.proof import fresh_nonce
from signing.flows.api.registration import SCOPES
from signing.flows.provider import issuer
from signing.services import SigningServices
from signing.web.api.openapi import document
from signing.web.api.operations import OPERATIONS, Operation
from signing.web.api.problems import of_error, of_http, of_unforeseen

METADATA = "/.well-known/oauth-protected-resource/api/signatures"


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the routes, the description of the API, and the metadata of the resource."""
    blueprint = flask.Blueprint("signature_api", __name__)
    for operation in OPERATIONS:
        blueprint.add_url_rule(operation.route, operation.name, _view(services, operation), methods=[operation.method])

    def openapi() -> flask.Response:
        """The description of this API, OpenAPI 3.1."""
        return flask.jsonify(document(services.base.base.issuer))

    def metadata() -> flask.Response:
        """What access tokens this API takes. Source: RFC 9728 §2."""
        return flask.jsonify(
            {
                "resource": services.api,
                "authorization_servers": [issuer(services)],
                "scopes_supported": list(SCOPES),
                "bearer_methods_supported": ["header"],
                "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
                "resource_name": "Signature API",
                "resource_documentation": f"{services.api}/openapi.json",
            }
        )

    blueprint.add_url_rule("/api/signatures/openapi.json", "openapi", openapi, methods=["GET"])
    blueprint.add_url_rule(METADATA, "metadata", metadata, methods=["GET"])
    blueprint.register_error_handler(AntinError, of_error)
    blueprint.register_error_handler(HTTPException, of_http)
    blueprint.register_error_handler(Exception, of_unforeseen)
    app.register_blueprint(blueprint)


def _view(services: SigningServices, operation: Operation) -> Callable[..., Any]:
    @csrf_exempt
    def view(**parts: str) -> Any:
        caller = admit(services, _call(services), operation.scopes)
        answer = operation.act(services, caller, **parts)
        answer.headers["Cache-Control"] = "no-store"
        if services.settings.api_dpop_nonce_required:
            answer.headers["DPoP-Nonce"] = fresh_nonce(services)
        return answer

    view.__doc__ = operation.summary
    return view


def _call(services: SigningServices) -> Call:
    request = flask.request
    return Call(
        method=request.method,
        address=services.base.base.issuer + request.path,
        authorization=request.headers.get("Authorization", ""),
        proof=request.headers.get("DPoP"),
        certificate=request.environ.get(CERTIFICATE),
    )
