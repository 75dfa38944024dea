"""The logos of services, from our own address: browsers ask no stranger for them."""

from __future__ import annotations

import flask

from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store.logos import logo_of_digest

YEAR_SECONDS = 31_536_000


def mount(app: flask.Flask, services: IdpServices) -> None:
    """GET /logo/<digest>.png: what is at an address never changes."""

    @app.get(f"{endpoints.LOGO}/<digest>.png")
    def client_logo(digest: str) -> flask.Response:
        with services.base.db.read() as connection:
            image = logo_of_digest(connection, digest) if len(digest) == 43 and digest.isascii() else None
        if image is None:
            flask.abort(404)
        response = flask.Response(image, content_type="image/png")
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
