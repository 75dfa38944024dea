"""The protocol endpoints mounted in Flask: the same functions as on the hot edge, and the pages they fall back on."""

from __future__ import annotations

import flask

from base.web.edge import as_view
from idp.protocol import endpoints
from idp.protocol.response_modes import Answer
from idp.services import IdpServices
from idp.web.hot import protocol_endpoints

ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def mount(app: flask.Flask, services: IdpServices) -> None:
    """Every method goes to the function, which knows which ones it has."""
    for path, handler in protocol_endpoints(services).items():
        methods = ["GET", "POST"] if path == endpoints.AUTHORIZE else ANY_METHOD
        app.add_url_rule(
            path,
            endpoint=f"idp_protocol{path.replace('/', '_').replace('.', '_')}",
            view_func=as_view(handler),
            methods=methods,
            provide_automatic_options=False,
        )


def as_response(answer: Answer) -> flask.Response:
    """An answer of a flow as a Flask response, for pages that end an interaction."""
    response = flask.Response(answer.body, status=answer.status)
    del response.headers["Content-Type"]
    response.headers.extend(list(answer.headers))
    return response
